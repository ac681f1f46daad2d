// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/auth"
	"greenroom/internal/inbox"
	"greenroom/internal/ingest"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
	"greenroom/internal/task"
)

// desk is a store with questions, three people of the team, and a clock that a test moves.
type desk struct {
	t   *testing.T
	s   *store.Store
	box *inbox.Service
	now time.Time
}

const (
	ana = "ana@team.example"
	ben = "ben@team.example"
)

// atDesk runs a test on both stores. Cleo and Dora asked on 2 March 2026 at 8, 9 and 10; Eve answered before.
func atDesk(t *testing.T, f func(d *desk)) {
	t.Helper()
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "greenroom.db") },
		"postgres": postgresDSN,
	} {
		t.Run(name, func(t *testing.T) {
			d := &desk{t: t, now: at(12)}
			clock := func() time.Time { return d.now }
			d.s = openAt(t, dsn(t), clock)
			log := slog.New(slog.NewTextHandler(t.Output(), nil))
			d.box = inbox.New(d.s, noAudit{}, log, clock, func() *time.Location { return time.UTC })
			people := auth.New(d.s, log, clock, strings.NewReader(strings.Repeat("0123456789abcdef", 1000)))
			for _, u := range []auth.NewUser{{Email: ana, Name: "Ana", Role: auth.RoleOwner}, {Email: ben, Name: "Ben", Role: auth.RoleManager}} {
				if _, err := people.AddUser(t.Context(), auth.CommandLine(), u); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.s.SetTeamDomains(t.Context(), []string{"team.example"}); err != nil {
				t.Fatal(err)
			}
			d.tells("slack", func(out *connector.Sink) {
				out.Channel(connector.Channel{ExternalID: "C1", Name: "help"})
				person(out, "cleo", "Cleo")
				person(out, "dora", "Dora")
				person(out, "eve", "Eve")
				person(out, "ben", "Ben", ben)
				d.asks(out, "old1", "cleo", -200, "How do I rotate the signing key?")
				d.answers(out, "old1a", "eve", "old1", -199)
				d.asks(out, "old2", "cleo", -180, "Where are the logs of the importer?")
				d.answers(out, "old2a", "ben", "old2", -179)
				d.asks(out, "q1", "cleo", 0, "How can I rotate signing keys without downtime?")
				d.asks(out, "q2", "dora", 1, "Why does the importer drop rows?")
				d.asks(out, "q3", "dora", 2, "Does the importer lose rows for you, too?")
			})
			f(d)
		})
	}
}

func (d *desk) tells(kind string, f func(*connector.Sink)) {
	d.t.Helper()
	spec := connector.Spec{Kind: kind, Title: "Script", Platform: kind, New: func(connector.Env, connector.Values) (connector.Source, error) { return script(f), nil }}
	if _, _, err := ingest.New(d.s, slog.New(slog.DiscardHandler), func() time.Time { return d.now }, nil, nil).Import(d.t.Context(), ingest.Request{Spec: spec, Name: "chat"}); err != nil {
		d.t.Fatal(err)
	}
	derive(d.t, d.s, 1000)
}

func (d *desk) asks(out *connector.Sink, id, who string, hours int, body string) {
	out.Activity(connector.Activity{ExternalID: id, Kind: greenroom.KindMessage, Author: who, Channel: "C1", Thread: id, OccurredAt: at(hours), Body: body})
}

func (d *desk) answers(out *connector.Sink, id, who, thread string, hours int) {
	out.Activity(connector.Activity{ExternalID: id, Kind: greenroom.KindReply, Author: who, Channel: "C1", Thread: thread, OccurredAt: at(hours), Body: "Like this."})
}

// id finds a conversation by a part of its title.
func (d *desk) id(title string) int64 {
	d.t.Helper()
	all := conversations(d.t, d.s, `title:"`+title+`"`)
	if len(all) != 1 {
		d.t.Fatalf("%d conversations are called %s", len(all), title)
	}
	return all[0].ID
}

// titles are the first words of what a view lists.
func (d *desk) titles(v inbox.View, person string) []string {
	d.t.Helper()
	p, err := d.box.Queue(d.t.Context(), inbox.Filter{View: v, Person: person})
	if err != nil {
		d.t.Fatal(err)
	}
	list := []string{}
	for i := range p.Items {
		list = append(list, strings.Join(strings.Fields(p.Items[i].Conversation.Title)[:2], " "))
	}
	if p.Total != p.Counts.Of(v) {
		d.t.Errorf("%s lists %d and counts %d", v, p.Total, p.Counts.Of(v))
	}
	return list
}

func (d *desk) want(v inbox.View, person string, want ...string) {
	d.t.Helper()
	if diff := gocmp.Diff(append([]string{}, want...), d.titles(v, person)); diff != "" {
		d.t.Errorf("%s of %s: %s", v, person, diff)
	}
}

// did makes sure that a change was made.
func (d *desk) did(e inbox.Event, err error) inbox.Event {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return e
}

func (d *desk) refused(code greenroom.Code, err error) {
	d.t.Helper()
	if greenroom.ErrorCode(err) != code {
		d.t.Errorf("%v, want %s", err, code)
	}
}

func (d *desk) told(person string) []string {
	d.t.Helper()
	all, err := d.s.Notices(d.t.Context(), person, false, 0, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	list := []string{}
	for i := range all {
		list = append(list, all[i].Kind)
	}
	return list
}

func TestInbox(t *testing.T) {
	atDesk(t, func(d *desk) {
		ctx := d.t.Context()
		q1, q2, q3 := d.id("rotate signing keys"), d.id("drop rows"), d.id("lose rows")
		d.want(inbox.ViewWaiting, "", "How can", "Why does", "Does the")
		d.want(inbox.ViewOverdue, "")

		// Targets: the first rule that fits decides, and orders the queue.
		set := inbox.Usual()
		set.Rules = []inbox.Rule{{Query: "title:lose", Hours: 1}, {Query: "by:dora", Hours: 100}}
		set.Rotation = []string{ben, ana}
		if _, err := d.box.SetSettings(ctx, set, ana); err != nil {
			t.Fatal(err)
		}
		d.want(inbox.ViewWaiting, "", "Does the", "How can", "Why does")
		d.want(inbox.ViewOverdue, "", "Does the")
		it, err := d.box.Item(ctx, q3)
		if err != nil || it.LateHours != 9 || it.Target.Rule != "title:lose" || it.Status != inbox.Waiting {
			t.Errorf("%+v %v", it.Item, err)
		}

		// Whose it is, by hand, by turn, by what they answered; and back.
		d.did(d.box.Assign(ctx, q1, ana, ana))
		d.want(inbox.ViewMine, ana, "How can")
		d.want(inbox.ViewUnassigned, ana, "Does the", "Why does")
		first := d.did(d.box.Assign(ctx, q1, inbox.ByTurn, ana))
		second := d.did(d.box.Assign(ctx, q2, inbox.ByTurn, ana))
		if first.Detail != "to Ben: it was their turn" || second.Detail != "to Ana: it was their turn" {
			t.Errorf("%q, %q", first.Detail, second.Detail)
		}
		if e := d.did(d.box.Assign(ctx, q3, inbox.ByExpertise, ana)); e.Detail != "to Ben: answered 1 in help" {
			t.Errorf("%q", e.Detail)
		}
		d.want(inbox.ViewMine, ben, "Does the", "How can")
		if diff := gocmp.Diff([]string{"assigned", "assigned"}, d.told(ben)); diff != "" {
			t.Error(diff)
		}
		if _, err := d.box.Undo(ctx, first.ID, ana); err != nil {
			t.Error(err)
		}
		d.want(inbox.ViewMine, ana, "How can", "Why does")
		_, err = d.box.Undo(ctx, first.ID, ana)
		d.refused(greenroom.CodeConflict, err)
		_, err = d.box.Assign(ctx, q1, "nobody@example.org", ana)
		if field, text := greenroom.ErrorField(err), greenroom.ErrorMessage(err); field != "to" || text != `nobody of the team has the mail address "nobody@example.org"; there is Ana (ana@team.example) and Ben (ben@team.example)` {
			t.Errorf("whom there is none of is refused of %q: %s", field, text)
		}
		_, err = d.box.Bulk(ctx, inbox.Bulk{Do: inbox.DoAssign, IDs: []int64{q1, q2}, To: "nobody@example.org"}, ana)
		d.refused(greenroom.CodeInvalid, err)
		_, err = d.box.Assign(ctx, 99999, ana, ana)
		d.refused(greenroom.CodeNotFound, err)

		// Snooze: until a time, and until somebody writes.
		d.did(d.box.Snooze(ctx, q3, d.now.Add(3*time.Hour), false, ana))
		d.did(d.box.Snooze(ctx, q2, time.Time{}, true, ana))
		d.want(inbox.ViewSnoozed, "", "Does the", "Why does")
		_, err = d.box.Snooze(ctx, q1, d.now, false, ana)
		d.refused(greenroom.CodeInvalid, err)
		d.now = d.now.Add(4 * time.Hour)
		d.want(inbox.ViewSnoozed, "", "Why does")
		d.tells("slack", func(out *connector.Sink) { d.answers(out, "q2a", "dora", "q2", 15) })
		d.want(inbox.ViewSnoozed, "")
		for range 2 {
			if err := d.box.Watch(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if diff := gocmp.Diff([]string{"back", "assigned"}, d.told(ben)); diff != "" {
			t.Error(diff)
		}

		// Notes tell those whom they name; taken back, they say nothing more.
		note := d.did(d.box.Note(ctx, q1, "@ben you know keys, @nobody does not", ana))
		if diff := gocmp.Diff([]string{"mention", "back", "assigned"}, d.told(ben)); diff != "" || note.Detail != "for Ben" {
			t.Errorf("%s %q", diff, note.Detail)
		}
		d.did(d.box.Undo(ctx, note.ID, ana))
		if diff := gocmp.Diff([]string{"back", "assigned"}, d.told(ben)); diff != "" {
			t.Error(diff)
		}

		// Duplicates, done, reopened.
		merge := d.did(d.box.Merge(ctx, q3, q2, ana))
		if it, err := d.box.Item(ctx, q2); err != nil || !gocmp.Equal(it.Duplicates, []int64{q3}) {
			t.Errorf("%+v %v", it.Duplicates, err)
		}
		_, err = d.box.Merge(ctx, q2, q3, ana)
		d.refused(greenroom.CodeInvalid, err)
		d.want(inbox.ViewWaiting, "", "How can", "Why does")
		d.did(d.box.Undo(ctx, merge.ID, ana))
		done := d.did(d.box.Finish(ctx, q3, "https://docs.example.org/rows", ana))
		_, err = d.box.Finish(ctx, q2, "javascript:alert(1)", ana)
		d.refused(greenroom.CodeInvalid, err)
		d.want(inbox.ViewDone, "", "Does the")
		d.did(d.box.Undo(ctx, done.ID, ana))
		d.did(d.box.Finish(ctx, q3, "", ana))
		reopened := d.did(d.box.Reopen(ctx, d.id("logs of the importer"), ana))
		d.want(inbox.ViewWaiting, "", "How can", "Where are", "Why does")

		// Everything stands after derived state was thrown away.
		if err := d.s.ForgetDerived(ctx); err != nil {
			t.Fatal(err)
		}
		derive(t, d.s, 3)
		d.want(inbox.ViewWaiting, "", "How can", "Where are", "Why does")
		d.want(inbox.ViewDone, "", "Does the")
		d.did(d.box.Undo(ctx, reopened.ID, ana))
		d.want(inbox.ViewWaiting, "", "How can", "Why does")

		// Who could answer, and what was asked before.
		h, err := d.box.Help(ctx, q1)
		if err != nil || len(h.Team) != 1 || h.Team[0].Person != ben || len(h.Members) != 1 || h.Members[0].Name != "Eve" || len(h.Similar) == 0 || h.Similar[0].Conversation.ID != d.id("rotate the signing key") {
			t.Errorf("%+v %v", h, err)
		}
		d.did(d.box.Ask(ctx, q1, h.Members[0].MemberID, "Could you look at this?", ana))
		_, err = d.box.Ask(ctx, q1, h.Members[0].MemberID, "And now?", ana)
		d.refused(greenroom.CodeConflict, err)
	})
}

func TestInboxReplies(t *testing.T) {
	atDesk(t, func(d *desk) {
		ctx := d.t.Context()
		q1, q2 := d.id("rotate signing keys"), d.id("drop rows")
		e := d.did(d.box.Reply(ctx, q1, "Give both keys for a day.", ana))
		all, err := d.s.MessageList(ctx, outbox.Filter{Origin: "inbox", ID: q1})
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v %v", all, err)
		}
		m := all[0]
		if m.Channel != outbox.Slack || m.To != "C1" || m.Thread != "q1" || m.Source != "chat" || m.Sender != ana || m.State != outbox.Queued || m.Member != "Cleo" || !m.NextAt.Equal(d.now.Add(inbox.UndoTime)) || m.ID != e.MessageID {
			t.Errorf("%+v", m)
		}
		d.want(inbox.ViewDone, "", "How can")
		d.did(d.box.Undo(ctx, e.ID, ana))
		if m, err = d.s.Message(ctx, m.ID); err != nil || m.State != outbox.Skipped {
			t.Errorf("%s %v", m.State, err)
		}
		if err := d.box.Watch(ctx); err != nil {
			t.Fatal(err)
		}
		if got := d.told(ana); len(got) > 0 {
			t.Errorf("%v: what was taken back is no failure", got)
		}

		// A reply that is refused brings the conversation back, once.
		e = d.did(d.box.Reply(ctx, q2, "It does not.", ana))
		if _, err := d.s.MoveMessages(ctx, []int64{e.MessageID}, []outbox.State{outbox.Queued}, outbox.Failed, "the channel is archived", ""); err != nil {
			t.Fatal(err)
		}
		_, err = d.box.Undo(ctx, e.ID, ana)
		d.refused(greenroom.CodeConflict, err)
		for range 2 {
			if err := d.box.Watch(ctx); err != nil {
				t.Fatal(err)
			}
		}
		d.want(inbox.ViewWaiting, "", "How can", "Why does", "Does the")
		if diff := gocmp.Diff([]string{"failed"}, d.told(ana)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestInboxEscalates(t *testing.T) {
	atDesk(t, func(d *desk) {
		ctx := d.t.Context()
		set := inbox.Usual()
		set.Usual = 5
		place, err := d.s.AddDestination(ctx, outbox.Destination{Name: "#team", Channel: outbox.Slack, Secret: "x", Shown: "hooks.example.org", CreatedBy: ana, CreatedAt: d.now})
		if err != nil {
			t.Fatal(err)
		}
		set.Escalations = []inbox.Escalation{{After: 5, Query: "by:dora", Notify: []string{ana}, Assign: ben, DestinationID: place.ID}}
		d.now = at(11) // q1 has been past it for an hour
		if set, err = d.box.SetSettings(ctx, set, ana); err != nil {
			t.Fatal(err)
		}
		d.now = at(11).Add(30 * time.Minute)
		for range 3 {
			if err := d.box.Watch(ctx); err != nil {
				t.Fatal(err)
			}
		}
		d.want(inbox.ViewMine, ben, "Why does")
		if diff := gocmp.Diff([]string{"overdue"}, d.told(ana)); diff != "" {
			t.Error(diff)
		}
		all, err := d.s.MessageList(ctx, outbox.Filter{Origin: "inbox"})
		if err != nil || len(all) != 1 || all[0].Destination != place.ID || !strings.Contains(all[0].Text, "drop rows") {
			t.Errorf("%+v %v", all, err)
		}
		// Another change of the settings does not begin it again.
		set.Usual = 4
		if _, err = d.box.SetSettings(ctx, set, ana); err != nil {
			t.Fatal(err)
		}
		if err := d.box.Watch(ctx); err != nil {
			t.Fatal(err)
		}
		d.want(inbox.ViewMine, ben, "Why does", "Does the")
		if diff := gocmp.Diff([]string{"overdue", "overdue"}, d.told(ana)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestInboxGivesOut has what comes in given to people by turn, each conversation once.
func TestInboxGivesOut(t *testing.T) {
	atDesk(t, func(d *desk) {
		ctx := d.t.Context()
		set := inbox.Usual()
		set.Assign = inbox.ByTurn
		_, err := d.box.SetSettings(ctx, set, ana)
		d.refused(greenroom.CodeInvalid, err) // nobody takes turns
		set.Rotation = []string{ana, ben}
		if _, err := d.box.SetSettings(ctx, set, ana); err != nil {
			t.Fatal(err)
		}
		d.tells("slack", func(out *connector.Sink) {
			d.asks(out, "q4", "cleo", 13, "Which port does it use?")
			d.asks(out, "q5", "cleo", 14, "When is the next release?")
		})
		d.now = at(15)
		for range 2 {
			if err := d.box.Watch(ctx); err != nil {
				t.Fatal(err)
			}
		}
		d.want(inbox.ViewMine, ana, "Which port")
		d.want(inbox.ViewMine, ben, "When is")
		d.want(inbox.ViewUnassigned, "", "How can", "Why does", "Does the")
		d.did(d.box.Assign(ctx, d.id("Which port"), "", ana))
		if err := d.box.Watch(ctx); err != nil {
			t.Fatal(err)
		}
		d.want(inbox.ViewMine, ana)
	})
}

// TestInboxOfLeavers has somebody leave to whom items, tasks and an escalation point: they keep what is theirs, get nothing
// more, and the rest of the rule holds.
func TestInboxOfLeavers(t *testing.T) {
	atDesk(t, func(d *desk) {
		ctx := d.t.Context()
		q1, q2 := d.id("rotate signing"), d.id("drop rows")
		set := inbox.Usual()
		set.Usual, set.Escalations = 1, []inbox.Escalation{{After: 20, Notify: []string{ana}, Assign: ben}, {After: 21, Assign: ana}}
		if _, err := d.box.SetSettings(ctx, set, ana); err != nil {
			t.Fatal(err)
		}
		work := task.New(d.s, noAudit{}, func() time.Time { return d.now })
		made, err := work.Add(ctx, task.Draft{Title: "Answer Cleo", Owner: "BEN@team.example"}, ana)
		if err != nil || made.Owner != ben {
			t.Fatalf("%+v %v", made, err)
		}
		d.did(d.box.Assign(ctx, q1, ben, ana))
		users, err := d.s.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range users {
			if users[i].Email != ben {
				continue
			}
			if _, err := d.s.EditUser(ctx, users[i].ID, func(u *auth.User) (auth.Entry, bool) {
				u.Disabled = true
				return auth.Entry{Action: "user.edit", Target: ben, At: d.now}, true
			}); err != nil {
				t.Fatal(err)
			}
		}

		_, err = d.box.Assign(ctx, q2, ben, ana)
		d.refused(greenroom.CodeInvalid, err)
		d.did(d.box.Assign(ctx, q1, ben, ana)) // what is theirs already
		d.want(inbox.ViewMine, ben, "How can")
		title, gone := "Answer Cleo today", "zed@team.example"
		if made, err = work.Edit(ctx, made.ID, task.Patch{Title: &title}, ana); err != nil || made.Owner != ben {
			t.Errorf("a task of who has left is changed to %+v, %v", made, err)
		}
		for _, refused := range []error{
			func() error { _, err := work.Edit(ctx, made.ID, task.Patch{Owner: &gone}, ana); return err }(),
			func() error { _, err := work.Add(ctx, task.Draft{Title: "x", Owner: ben}, ana); return err }(),
		} {
			if greenroom.ErrorField(refused) != "owner" || !strings.Contains(greenroom.ErrorMessage(refused), "there is Ana (ana@team.example)") {
				t.Errorf("a task's owner is refused: %v", refused)
			}
		}

		d.now = at(40)
		if err := d.box.Watch(ctx); err != nil {
			t.Fatal(err)
		}
		if got := d.told(ana); !slices.Contains(got, "overdue") {
			t.Errorf("Ana is told %v, not of what is late", got)
		}
		d.want(inbox.ViewMine, ana, "Why does", "Does the") // by the second rule
	})
}

// TestInboxForgets erases somebody who asked, and a source.
func TestInboxForgets(t *testing.T) {
	atDesk(t, func(d *desk) {
		ctx := d.t.Context()
		q2 := d.id("drop rows")
		set := inbox.Usual()
		set.Usual, set.Escalations = 1, []inbox.Escalation{{After: 20, Notify: []string{ana}}}
		if _, err := d.box.SetSettings(ctx, set, ana); err != nil {
			t.Fatal(err)
		}
		d.now = at(30)
		if err := d.box.Watch(ctx); err != nil {
			t.Fatal(err)
		}
		d.did(d.box.Reply(ctx, q2, "Rows are not dropped, Dora.", ana))
		var dora int64
		for _, m := range members(t, d.s, "name:dora") {
			dora = m.ID
		}
		var told bytes.Buffer
		if err := d.s.ExportMember(ctx, dora, &told); err != nil || !strings.Contains(told.String(), `"what": "reply"`) {
			t.Errorf("%v: what is kept of them does not tell of the reply", err)
		}
		if err := d.s.EraseMember(ctx, dora); err != nil {
			t.Fatal(err)
		}
		notices, err := d.s.Notices(ctx, ana, false, 0, 10)
		if err != nil || len(notices) != 3 {
			t.Fatalf("%+v %v", notices, err)
		}
		for i := range notices {
			if strings.Contains(notices[i].Text, "rows") {
				t.Errorf("%+v: what they wrote is still there", notices[i])
			}
		}
		all, err := d.s.MessageList(ctx, outbox.Filter{Origin: "inbox", ID: q2})
		if err != nil || len(all) != 1 || all[0].Text != "" || all[0].State != outbox.Skipped {
			t.Errorf("%+v %v", all, err)
		}
		d.want(inbox.ViewWaiting, "", "How can")
		if events, err := d.s.InboxEvents(ctx, q2); err != nil || len(events) == 0 {
			t.Errorf("what the team did is gone: %v", err)
		}
	})
}
