// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/event"
	"greenroom/internal/ingest"
	"greenroom/internal/query"
	"greenroom/internal/store"
	"greenroom/internal/task"
)

// plainSeal seals nothing, so that a test can read it.
type plainSeal struct{}

func (plainSeal) Seal(secret []byte, place string) (string, error) {
	return place + "/" + string(secret), nil
}

func (plainSeal) Open(sealed, place string) ([]byte, error) {
	secret, ok := strings.CutPrefix(sealed, place+"/")
	if !ok {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "it was not sealed here")
	}
	return []byte(secret), nil
}

// events makes the service over a store; what it tells is ingested and derived at once.
func eventsOver(t *testing.T, s *store.Store, now func() time.Time) *event.Service {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	im := ingest.New(s, log, now, nil, nil)
	return event.New(event.Config{
		Store: s, Audit: noAudit{}, Seal: plainSeal{}, Log: log, Now: now, Zone: func() *time.Location { return time.UTC }, Team: func(context.Context) ([]string, error) { return []string{"ana@acme.example"}, nil },
		Sync: func(ctx context.Context) error {
			if _, _, err := im.Import(ctx, ingest.Request{Spec: event.Spec(s), Name: event.SourceName}); err != nil {
				return err
			}
			settle(t, s, 100) //nolint:contextcheck // it has the test's
			return nil
		},
		Fetch: func(context.Context, string, time.Time, time.Time) ([]event.Entry, error) {
			return []event.Entry{{UID: "x", Title: "A conference", From: now().Add(time.Hour), To: now().Add(2 * time.Hour)}}, nil
		},
	})
}

// attended are the members who came to some event, as every list and figure counts them.
func attended(t *testing.T, s *store.Store, now time.Time) []int64 {
	t.Helper()
	q, err := query.Parse(query.NewSchema(query.Members, []string{"attendance"}), "did:attendance")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := s.SegmentFits(t.Context(), q.Root, now)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestEvent goes the way of an event: registered for, taken place, attendance imported twice, corrected, erased.
func TestEvent(t *testing.T) {
	inPrograms(t, func(t *testing.T, s *store.Store, now *time.Time) {
		ids := somebody(t, s)
		v := eventsOver(t, s, func() time.Time { return *now })
		e, err := v.Add(t.Context(), event.Draft{Title: "Keys, rotated", State: event.Announced, Start: now.Add(48 * time.Hour), Capacity: 2, Link: "https://acme.example/events/keys", Speakers: []event.Speaker{{MemberID: ids[3], Talk: "Locks"}}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		var regs []event.Registration
		for _, p := range []event.Person{{MemberID: ids[0]}, {Address: "DAN@dan.example", Name: "Dan"}, {Address: "gus@gus.example", Name: "Gus", Origin: "page"}, {Address: "dan@dan.example"}} {
			r, err := v.Register(t.Context(), e.ID, p)
			if err != nil {
				t.Fatal(err)
			}
			regs = append(regs, r)
		}
		if regs[1].MemberID != ids[1] || regs[3].ID != regs[1].ID || regs[2].State != event.Waiting || regs[2].MemberID != 0 {
			t.Fatalf("%+v", regs)
		}
		if _, err := v.Cancel(t.Context(), regs[0].ID, "ana"); err != nil {
			t.Fatal(err)
		}
		if r, err := s.EventPerson(t.Context(), regs[2].ID); err != nil || r.State != event.Registered {
			t.Errorf("who waited is %s: %v", r.State, err)
		}
		if _, err := v.Attend(t.Context(), regs[0].ID, false, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("who canceled missed it: %v", err)
		}

		*now = e.End.Add(time.Hour)
		list := "Email,Name,Join time\ncora@cora.example,Cora," + e.Start.Format("2006-01-02 15:04") + "\ngus@gus.example,Gus,\nbroken,,\n"
		for range 2 {
			im, err := v.Import(t.Context(), e.ID, "list.csv", strings.NewReader(list), true, "ana")
			if err != nil || im.Came != 2 || im.BadAll != 1 || im.Lines != 3 {
				t.Fatalf("%+v %v", im, err)
			}
		}
		if e, err = v.Get(t.Context(), e.ID); err != nil || e.Counts != (event.Counts{Attended: 2, Missed: 1, Members: 2}) {
			t.Errorf("%+v %v", e.Counts, err)
		}
		came := members(t, s, "source:Events sort:name")
		if len(came) != 2 {
			t.Fatalf("%d members came by the source of events", len(came))
		}
		found := somebody(t, s)
		if len(found) != len(ids)+1 { // Gus is new, Cora is not
			t.Errorf("there are %d members; there were %d", len(found), len(ids))
		}
		f, err := v.Figures(t.Context(), e.ID)
		if err != nil || f.New != 1 || f.Share == nil || *f.Share < 0.66 || f.Talk == nil || *f.Talk != 0 {
			t.Errorf("%+v %v", f, err)
		}
		tell(t, s, "chat", func(out *connector.Sink) {
			out.Activity(connector.Activity{ExternalID: "99", Kind: greenroom.KindMessage, Author: "dan", OccurredAt: *now, Thread: "99", Body: "The recording of keys, rotated is up"})
		})
		settle(t, s, 100)
		if f, err = v.Figures(t.Context(), e.ID); err != nil || *f.Talk != 1 {
			t.Errorf("%d speak of it: %v", *f.Talk, err)
		}

		// Gus was not there after all.
		if _, err := v.Attend(t.Context(), regs[2].ID, false, "ana"); err != nil {
			t.Fatal(err)
		}
		if got := len(attended(t, s, *now)); got != 1 {
			t.Errorf("%d members attended", got)
		}
		*now = now.Add(time.Minute)
		if _, err := v.Attend(t.Context(), regs[2].ID, true, "ana"); err != nil {
			t.Fatal(err)
		}
		if got := len(attended(t, s, *now)); got != 2 {
			t.Errorf("%d members attended, after that was taken back", got)
		}
		if n, err := v.FollowUp(t.Context(), e.ID, "ana"); err != nil || n != 6 {
			t.Errorf("%d tasks: %v", n, err)
		}
		if n, err := v.FollowUp(t.Context(), e.ID, "ana"); err != nil || n != 0 {
			t.Errorf("%d tasks again: %v", n, err)
		}
		if todo, err := s.Tasks(t.Context(), task.Filter{Origin: "event", OriginID: e.ID}); err != nil || len(todo) != 6 {
			t.Errorf("%d tasks: %v", len(todo), err)
		}
		var data bytes.Buffer
		if err := s.ExportMember(t.Context(), ids[0], &data); err != nil || !strings.Contains(data.String(), "cora@cora.example") || !strings.Contains(data.String(), `"state": "attended"`) {
			t.Errorf("the export of a member leaves events out: %v\n%s", err, data.String())
		}
		for _, id := range ids {
			if err := s.EraseMember(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		left, err := v.People(t.Context(), event.PeopleFilter{Event: e.ID})
		if err != nil || len(left) != 1 || left[0].Name != "Gus" {
			t.Errorf("after erasing: %+v %v", left, err)
		}
		if e, err = v.Get(t.Context(), e.ID); err != nil || len(e.Speakers) != 0 {
			t.Errorf("after erasing: %+v %v", e.Speakers, err)
		}
	})
}

// TestContent moves content along and puts it in the calendar, with events, and lets others read that.
func TestContent(t *testing.T) {
	inPrograms(t, func(t *testing.T, s *store.Store, now *time.Time) {
		v := eventsOver(t, s, func() time.Time { return *now })
		c, err := v.AddContent(t.Context(), event.Piece{Title: "How keys rotate", Channel: "Blog", Owner: "ana@acme.example"}, "ana@acme.example")
		if err != nil {
			t.Fatal(err)
		}
		move := func(to event.Status, want greenroom.Code) {
			t.Helper()
			if _, err := v.MoveContent(t.Context(), c.ID, to, "ana"); err != nil && greenroom.ErrorCode(err) != want || err == nil && want != "" {
				t.Errorf("to %s: %v", to, err)
			}
		}
		move(event.Published, greenroom.CodeConflict)
		move(event.Drafted, "")
		move(event.InReview, "")
		move(event.Scheduled, greenroom.CodeInvalid) // it has no time
		if _, err := v.EditContent(t.Context(), c.ID, event.Piece{Title: c.Title, Channel: "Blog", At: now.Add(24 * time.Hour), Link: "https://acme.example/blog"}, "ana"); err != nil {
			t.Fatal(err)
		}
		move(event.Scheduled, "")
		if _, err := v.Add(t.Context(), event.Draft{Title: "Call", State: event.Announced, Start: now.Add(time.Hour)}, "ben"); err != nil {
			t.Fatal(err)
		}
		if _, err := v.AddOutside(t.Context(), "Conferences", "webcal://other.example/x.ics", "ana"); err != nil {
			t.Fatal(err)
		}
		all, err := v.Entries(t.Context(), *now, now.AddDate(0, 0, 7))
		var kinds []string
		for _, e := range all {
			kinds = append(kinds, e.Kind)
		}
		if diff := cmp.Diff([]string{"event", "outside", "content"}, kinds); diff != "" || err != nil {
			t.Errorf("%s %v", diff, err)
		}
		feed := func(who string) (string, string) {
			t.Helper()
			token, err := v.FeedToken(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := v.Feed(t.Context(), token, &out); err != nil {
				return token, err.Error()
			}
			return token, out.String()
		}
		team, text := feed("")
		if strings.Count(text, "BEGIN:VEVENT") != 2 || !strings.Contains(text, "SEQUENCE:4\r\n") {
			t.Errorf("the team reads %s", text)
		}
		if _, text := feed("ana@acme.example"); strings.Count(text, "BEGIN:VEVENT") != 2 {
			t.Errorf("Ana reads %s", text)
		}
		if _, text := feed("zoe@acme.example"); !strings.Contains(text, "does not work any more") {
			t.Errorf("somebody who is not of the team reads %s", text)
		}
		if err := v.RenewFeeds(t.Context(), "ana"); err != nil {
			t.Fatal(err)
		}
		if err := v.Feed(t.Context(), team, &bytes.Buffer{}); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("an old address still works: %v", err)
		}
		move(event.Published, "")
		if moves, err := v.ContentMoves(t.Context(), c.ID); err != nil || len(moves) != 5 || moves[0].To != event.Published {
			t.Errorf("%+v %v", moves, err)
		}
	})
}

// TestPresences registers, cancels, attends and imports in any order, and checks that nobody is on an event twice, that no
// more have a place than there are, and that presences go only as they may.
func TestPresences(t *testing.T) {
	now := clock()
	s := openAt(t, sqliteFile(t), func() time.Time { return now })
	clubhouse(t, s)
	ids := somebody(t, s)
	v := eventsOver(t, s, func() time.Time { return now })
	v.Sync = nil
	rapid.Check(t, func(r *rapid.T) {
		e, err := v.Add(t.Context(), event.Draft{Title: "x", State: event.Announced, Start: now.Add(time.Hour), Capacity: 2}, "ana")
		if err != nil {
			r.Fatal(err)
		}
		known := make(map[int64]event.Presence)
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			switch rapid.IntRange(0, 3).Draw(r, "what") {
			case 0:
				p := event.Person{MemberID: rapid.SampledFrom(ids).Draw(r, "member")}
				if rapid.Bool().Draw(r, "by address") {
					p = event.Person{Address: fmt.Sprintf("p%d@x.example", rapid.IntRange(0, 3).Draw(r, "n"))}
				}
				got, err := v.Register(t.Context(), e.ID, p)
				if err != nil {
					r.Fatal(err)
				}
				if was, ok := known[got.ID]; ok && was != got.State && was != event.Gone {
					r.Fatalf("registering again went from %s to %s", was, got.State)
				}
				known[got.ID] = got.State
			case 1, 2:
				for id, was := range known {
					to := rapid.SampledFrom([]event.Presence{event.Gone, event.Attended, event.Missed}).Draw(r, "to")
					_, err := s.MoveRegistration(t.Context(), id, to, now)
					if (err == nil) != was.May(to) {
						r.Fatalf("from %s to %s: %v", was, to, err)
					}
					break
				}
			case 3:
				if _, err := v.Import(t.Context(), e.ID, "x", strings.NewReader("email,attended\np0@x.example,yes\np1@x.example,no\n"), false, "ana"); err != nil {
					r.Fatal(err)
				}
			}
			all, err := v.People(t.Context(), event.PeopleFilter{Event: e.ID})
			if err != nil {
				r.Fatal(err)
			}
			seen, registered := make(map[string]bool), 0
			for i := range all {
				key := fmt.Sprint(all[i].MemberID, all[i].Address)
				if seen[key] {
					r.Fatalf("%s is on the event twice", key)
				}
				seen[key] = true
				if all[i].State == event.Registered {
					registered++
				}
				known[all[i].ID] = all[i].State
			}
			if registered > 2 {
				r.Fatalf("%d have a place where there are 2", registered)
			}
		}
	})
}
