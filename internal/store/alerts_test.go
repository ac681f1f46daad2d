// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/alert"
	"greenroom/internal/analytics"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
)

// plain seals nothing, and notes nothing.
type plain struct{}

func (plain) Seal(secret []byte, place string) (string, error) {
	return place + "|" + string(secret), nil
}

func (plain) Open(sealed, place string) ([]byte, error) {
	text, ok := strings.CutPrefix(sealed, place+"|")
	if !ok {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "it belongs elsewhere")
	}
	return []byte(text), nil
}
func (plain) Audit(context.Context, string, string, string, string) error { return nil }

// bells are alerts over a store, at a time that tests move on.
type bells struct {
	*alert.Service

	t     *testing.T
	s     *store.Store
	clock *time.Time
	n     int
}

func ringing(t *testing.T, s *store.Store, clock *time.Time, edits ...func(*alert.Config)) *bells {
	t.Helper()
	c := alert.Config{
		Store: s, Lists: s, Destinations: s, Seal: plain{}, Audit: plain{}, Base: "https://greenroom.example.org", Wake: func() {}, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return *clock }, Zone: func() *time.Location { return time.UTC },
		Team: func(context.Context) ([]string, error) { return []string{"ana@example.org", "ben@example.org"}, nil },
	}
	for _, edit := range edits {
		edit(&c)
	}
	return &bells{Service: alert.New(c), t: t, s: s, clock: clock}
}

func (b *bells) add(d alert.Draft) alert.Alert {
	b.t.Helper()
	if len(d.Destinations) == 0 {
		all, err := b.s.Destinations(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		if len(all) == 0 {
			made, err := b.s.AddDestination(b.t.Context(), outbox.Destination{Name: "hook", Channel: outbox.Webhook, Secret: "x", Shown: "x", CreatedBy: "ana", CreatedAt: *b.clock})
			if err != nil {
				b.t.Fatal(err)
			}
			all = append(all, made)
		}
		d.Destinations = []int64{all[0].ID}
	}
	a, err := b.Add(b.t.Context(), d, "ana")
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// says has members write now: "who thread text"; a thread that is - is a new one.
func (b *bells) says(all ...string) {
	b.t.Helper()
	b.saysAt(*b.clock, all...)
}

func (b *bells) saysAt(when time.Time, all ...string) {
	b.t.Helper()
	tell(b.t, b.s, "chat", func(out *connector.Sink) {
		for _, text := range all {
			parts := strings.SplitN(text, " ", 3)
			b.n++
			id := fmt.Sprint("m", b.n)
			person(out, parts[0], strings.ToUpper(parts[0][:1])+parts[0][1:])
			kind, thread := greenroom.KindReply, parts[1]
			if thread == "-" {
				kind, thread = greenroom.KindMessage, id
			}
			out.Activity(connector.Activity{ExternalID: id, Kind: kind, Author: parts[0], Thread: thread, OccurredAt: when, Body: parts[2]})
		}
	})
}

// look looks, and gives the titles with counts and states of what fired since the last time, the oldest first.
func (b *bells) look(of alert.Alert) string {
	b.t.Helper()
	if err := b.Look(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	all, err := b.Firings(b.t.Context(), alert.Filter{Alert: of.ID})
	if err != nil {
		b.t.Fatal(err)
	}
	var texts []string
	for _, f := range slices.Backward(all) {
		text := f.Title
		if f.Count > 1 {
			text += fmt.Sprintf(" ×%d", f.Count)
		}
		if f.State != alert.Sent {
			text += " " + f.State
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

func (b *bells) messages() []outbox.Message {
	b.t.Helper()
	all, err := b.s.MessageList(b.t.Context(), outbox.Filter{Origin: alert.Origin, Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

func keysOf(all []outbox.Message) []string {
	var keys []string
	for i := range all {
		keys = append(keys, all[i].Key)
	}
	return keys
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q; want %q", what, got, want)
	}
}

// Messages fire once, together where they belong together; what happened before, long ago or by bots does not. Two processes
// that look at once tell nothing twice.
func TestAlertsOnActivities(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		b := ringing(t, s, clock)
		b.says("ana - Why is it so?")
		a := b.add(alert.Draft{Name: "Asks", Watch: alert.Activities, Query: "is:question", Group: alert.GroupMember, GroupMinutes: 60, People: []string{"*"}})
		expect(t, "before it was made", b.look(a), "")
		b.says("ana - How do I do it?", "ana - And where do I find it?", "ben - It works.", "cleo - Who can help me?")
		b.saysAt(clock.AddDate(0, 0, -2), "dora - What was that?")
		other := ringing(t, s, clock)
		for range 2 {
			if err := other.Follow(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, "what is new", b.look(a), "Ana asks on chat ×2; Cleo asks on chat")
		*clock = clock.Add(59 * time.Minute)
		b.says("ana - When will it come?")
		expect(t, "within the hour", b.look(a), "Ana asks on chat ×3; Cleo asks on chat")
		*clock = clock.Add(2 * time.Minute)
		b.says("ana - When then does it come?")
		expect(t, "later", b.look(a), "Ana asks on chat ×3; Cleo asks on chat; Ana asks on chat")
		all := b.messages()
		if len(all) != 3 || all[0].Key != "alert 1 activity 2 to 1" || all[0].Origin != (outbox.Origin{Kind: "alert", ID: 1, Run: 1, Step: "now"}) {
			t.Fatalf("%d messages: %q", len(all), keysOf(all))
		}
		var e alert.Event
		if err := json.Unmarshal(all[0].Data, &e); err != nil || e.Key != all[0].Key || e.Firings[0].Subject.Text != "How do I do it?" || e.Firings[0].Subject.Member.Name != "Ana" {
			t.Errorf("%+v, %v", e, err)
		}
		f := e.Firings[0]
		if f.Links.Open != "https://greenroom.example.org/conversations/2" || !strings.HasPrefix(f.Links.Useful, "https://greenroom.example.org/alerts/answer?t=") {
			t.Errorf("the links are %+v", f.Links)
		}
		notices, err := s.Notices(t.Context(), "ben@example.org", true, 0, 10)
		if err != nil || len(notices) != 3 || notices[2].Title != "Asks: Ana asks on chat" || notices[2].Link != "/conversations/2" {
			t.Errorf("%+v, %v", notices, err)
		}
		if _, err := b.Mute(t.Context(), a.ID, time.Hour, "ana"); err != nil {
			t.Fatal(err)
		}
		b.says("eva - Does it really do that?")
		before := b.look(a)
		*clock = clock.Add(2 * time.Hour)
		expect(t, "what happened while it was muted", b.look(a), before)
	})
}

// What falls into quiet hours is told together in the morning, once.
func TestAlertsAtNight(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		b := ringing(t, s, clock)
		a := b.add(alert.Draft{Name: "Asks", Watch: alert.Activities, Query: "is:question", Quiet: alert.Quiet{From: 20, To: 8}})
		*clock = clock.Add(10 * time.Hour)
		b.says("ana - How do I do it?", "ben - Why does it do that?")
		expect(t, "at night", b.look(a), "Ana asks on chat held; Ben asks on chat held")
		if n := len(b.messages()); n > 0 {
			t.Errorf("%d messages at night", n)
		}
		*clock = clock.Add(10 * time.Hour)
		expect(t, "in the morning", b.look(a), "Ana asks on chat; Ben asks on chat")
		b.look(a)
		all := b.messages()
		if len(all) != 1 || all[0].Subject != "Asks: 2 times" || all[0].Origin.Step != "digest" {
			t.Errorf("%q", keysOf(all))
		}
	})
}

// Conversations and members fire when they come to fit, not when the alert is made, and again only after they did not.
func TestAlertsOnSets(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		b := ringing(t, s, clock)
		b.says("ana - How do I do it?")
		*clock = clock.Add(5 * time.Hour)
		wait := b.add(alert.Draft{Name: "Waits", Watch: alert.Conversations, Query: "is:question waiting:>4h", AgainHours: 1})
		busy := b.add(alert.Draft{Name: "Busy", Watch: alert.Members, Query: "activities:>=2"})
		expect(t, "what fits already", b.look(wait)+b.look(busy), "")
		b.says("ben - Why does it do that?", "ben - It works.")
		*clock = clock.Add(time.Minute)
		expect(t, "a member", b.look(busy), "Ben")
		expect(t, "not yet", b.look(wait), "")
		*clock = clock.Add(5 * time.Hour)
		expect(t, "a conversation", b.look(wait), "Why does it do that? on chat")
		*clock = clock.Add(5 * time.Hour)
		expect(t, "as before", b.look(wait)+"; "+b.look(busy), "Why does it do that? on chat; Ben")
		if _, err := b.Edit(t.Context(), busy.ID, alert.Draft{Name: "Busy", Watch: alert.Members, Query: "activities:>=1"}, "ana"); err != nil {
			t.Fatal(err)
		}
		*clock = clock.Add(time.Minute)
		expect(t, "with another query", b.look(busy), "Ben")
	})
}

// numbers is a metric of which each week has a figure.
type numbers []float64

func (n numbers) Compute(_ context.Context, r analytics.Request) (*analytics.Result, error) {
	res := &analytics.Result{}
	for at := r.From; at.Before(r.To); at = r.Granularity.Step(at, 1) {
		v := n[int(at.Unix()/(7*24*3600))%len(n)]
		res.Series = append(res.Series, analytics.Point{From: at, To: r.Granularity.Step(at, 1), Value: &v})
	}
	return res, nil
}

// A figure fires once for each period that is over, a source when it begins to fail.
func TestAlertsOnFiguresAndSources(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		var wrong []alert.Trouble
		b := ringing(t, s, clock, func(c *alert.Config) {
			c.Figures = numbers{10, 20}
			c.Troubles = func(context.Context) ([]alert.Trouble, error) { return wrong, nil }
		})
		low := b.add(alert.Draft{Name: "Low", Watch: alert.Metric, Condition: &alert.Condition{Metric: "active_members", By: analytics.Week, When: alert.WhenBelow, Value: 15}})
		source := b.add(alert.Draft{Name: "Sources", Watch: alert.Source, AgainHours: 1})
		expect(t, "at first", b.look(low)+b.look(source), "")
		fired := 0
		for range 4 {
			*clock = clock.AddDate(0, 0, 7)
			b.look(low)
			all, err := b.Firings(t.Context(), alert.Filter{Alert: low.ID})
			if err != nil || len(all) < fired || len(all) > fired+1 {
				t.Fatalf("%d firings after %d, %v", len(all), fired, err)
			}
			fired = len(all)
		}
		expect(t, "in four weeks", b.look(low), "Active members: 10; Active members: 10")
		wrong = []alert.Trouble{{SourceID: 4, Source: "slack", State: "failing", Says: "The last read failed"}}
		*clock = clock.Add(time.Minute)
		expect(t, "a source", b.look(source), "slack: The last read failed")
		wrong = nil
		*clock = clock.Add(time.Minute)
		b.look(source)
		wrong = []alert.Trouble{{SourceID: 4, Source: "slack", State: "late", Says: "It is late"}}
		*clock = clock.Add(time.Minute)
		expect(t, "too soon", b.look(source), "slack: The last read failed")
		p, err := b.Preview(t.Context(), low.Draft)
		if err != nil || p.Times != 3 && p.Times != 2 {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// The judged firings make the precision, and lead to the term that would have kept the useful ones; a link says which firing
// it judges. What is told of a member is given out with their data, and erased with them.
func TestAlertsJudged(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		b := ringing(t, s, clock)
		a := b.add(alert.Draft{Name: "Asks", Watch: alert.Activities, Query: "is:question", People: []string{"ana@example.org"}})
		for i := range 6 {
			b.says(fmt.Sprintf("p%d - How do I do number %d?", i, i))
		}
		b.says("ana help-1 Why is that so?", "ana help-2 Where do I find it?", "ana help-3 When does it come?")
		b.look(a)
		all, err := b.Firings(t.Context(), alert.Filter{Alert: a.ID})
		if err != nil || len(all) != 9 {
			t.Fatalf("%d firings, %v", len(all), err)
		}
		if v, err := b.Suggest(t.Context(), a.ID); v != nil || err != nil {
			t.Errorf("before anything is judged: %+v, %v", v, err)
		}
		for i := range all {
			token, err := plain{}.Seal(fmt.Appendf(nil, "%d %s", all[i].ID, map[bool]string{true: "useful", false: "not"}[i >= 3]), "alert/answer")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Answer(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Answer(t.Context(), "destination/x|1 useful"); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("a token for something else: %v", err)
		}
		tallies, err := b.Tallies(t.Context())
		tally := tallies[a.ID]
		if p := tally.Precision(); err != nil || tally.Useful != 6 || tally.Useless != 3 || p.Low < .35 || p.Low > .36 || p.High < .87 || p.High > .88 {
			t.Errorf("%+v, %+v, %v", tally, p, err)
		}
		v, err := b.Suggest(t.Context(), a.ID)
		if err != nil || v == nil || v.Term != "kind:message" || v.Kept != 6 || v.Dropped != 3 || v.Query != "is:question kind:message" {
			t.Fatalf("%+v, %v", v, err)
		}
		preview, err := b.Preview(t.Context(), alert.Draft{Watch: alert.Activities, Query: v.Query})
		if err != nil || preview.Times != 6 || preview.Firings[0].Title != "P5 asks on chat" {
			t.Errorf("%+v, %v", preview, err)
		}

		id := all[0].MemberID
		var out bytes.Buffer
		if err := s.ExportMember(t.Context(), id, &out); err != nil || !strings.Contains(out.String(), "Ana asks on chat") {
			t.Errorf("their data: %v, %s", err, &out)
		}
		if err := s.EraseMember(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		for _, m := range b.messages() {
			if strings.Contains(m.Text+m.Subject+string(m.Data), "Ana") {
				t.Errorf("message %d still says %s", m.ID, m.Subject)
			}
		}
		if notices, err := s.Notices(t.Context(), "ana@example.org", false, 0, 100); err != nil || len(notices) != 6 {
			t.Errorf("%d notices, %v; want those of the others", len(notices), err)
		}
		if got := b.look(a); strings.Contains(got, "Ana") {
			t.Errorf("what fired still says %s", got)
		}
	})
}
