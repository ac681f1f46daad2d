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

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/recognition"
	"greenroom/internal/request"
	"greenroom/internal/store"
	"greenroom/internal/task"
	"greenroom/internal/text"
	"greenroom/internal/understand"
)

// doors makes links that say what they open.
type doors struct{}

func (doors) Testimonial(_ context.Context, id int64) (string, error) {
	return fmt.Sprintf("https://x.example/t/%d", id), nil
}

func (doors) Requests(_ context.Context, member, id int64) (string, error) {
	return fmt.Sprintf("https://x.example/r/%d?m=%d", id, member), nil
}

func (doors) ConfirmVote(_ context.Context, id int64, address string) (string, error) {
	return fmt.Sprintf("https://x.example/v/%d/%s", id, address), nil
}

func recognizing(s *store.Store, clock *time.Time) *recognition.Service {
	return recognition.New(s, doors{}, silent{}, slog.New(slog.DiscardHandler), func() time.Time { return *clock }, utc)
}

func requesting(s *store.Store, clock *time.Time) *request.Service {
	return request.New(s, doors{}, silent{}, func() time.Time { return *clock })
}

// read says what messages are, as a person who corrects them does.
func read(t *testing.T, s *store.Store, external string, c text.Category, feel text.Sentiment) int64 {
	t.Helper()
	id := idOf(t, s, external)
	if _, err := s.CorrectReading(t.Context(), understand.Correction{ActivityID: id, Category: c, Sentiment: feel, By: "test"}); err != nil {
		t.Fatal(err)
	}
	return id
}

// helpers is a community in which Ana asks, Ben and Cleo help, and Ida is of the team.
func helpers(t *testing.T, s *store.Store) {
	t.Helper()
	tell(t, s, "chat", func(out *connector.Sink) {
		person(out, "ana", "Ana Silva", "ana@acme.example")
		person(out, "ben", "Ben Stone", "ben@other.example")
		person(out, "cleo", "Cleo Park") // nobody knows an address of hers
		out.Identity(connector.Identity{ExternalID: "ida", Handle: "ida", Name: "Ida Team", Staff: true})
		for i, q := range []string{"q1", "q2", "q3", "q4", "q5"} {
			post(out, q, "ana", q, 10*i, "How do I rotate the key of number "+q+"?")
		}
		post(out, "a1", "ben", "q1", 1, "Use the rotate command.")  // nobody thanks
		post(out, "a2", "ben", "q2", 11, "Use the rotate command.") // Ana thanks
		post(out, "t2", "ana", "q2", 12, "Thank you Ben, that was it!")
		post(out, "a3", "cleo", "q3", 21, "Use the rotate command.") // somebody reacts
		out.Activity(connector.Activity{ExternalID: "r3", Kind: greenroom.KindReaction, Author: "ana", Thread: "q3", ReplyTo: "a3", OccurredAt: at(21), Body: "heart"})
		post(out, "a4", "ida", "q4", 31, "The team answers.") // staff is not thanked
		post(out, "b5", "ben", "q5", 41, "Which version do you have?")
		post(out, "a5", "cleo", "q5", 42, "Use the rotate command.") // the first that helps
		out.Activity(connector.Activity{ExternalID: "r5", Kind: greenroom.KindReaction, Author: "cleo", Thread: "q5", ReplyTo: "a5", OccurredAt: at(42), Body: "heart"})
		post(out, "p1", "ben", "p1", 60, "I love how fast Lumen is, we moved all our dashboards over in a day.")
	})
	read(t, s, "t2", text.CategoryPraise, text.SentimentPositive)
	read(t, s, "p1", text.CategoryPraise, text.SentimentPositive)
}

// TestThanks finds help that nobody thanked for, and remembers what was done about it.
func TestThanks(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		helpers(t, s)
		*clock = at(24 * 10)
		r := recognizing(s, clock)
		unthanked := func() (found []string) {
			t.Helper()
			all, err := r.Unthanked(t.Context(), 30)
			if err != nil {
				t.Fatal(err)
			}
			for i := range all {
				a, err := s.Activity(t.Context(), all[i].ActivityID)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, a.ExternalID+" "+all[i].Helper.Name+" for "+all[i].Asker.Name)
			}
			return found
		}
		if diff := cmp.Diff([]string{"a5 Cleo Park for Ana Silva", "a1 Ben Stone for Ana Silva"}, unthanked()); diff != "" {
			t.Errorf("help without thanks (-want +got):\n%s", diff)
		}
		a1, a5 := idOf(t, s, "a1"), idOf(t, s, "a5")
		if _, err := r.Thank(t.Context(), a5, recognition.Drafted, "ida"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("drafting to somebody without an address: %v", err)
		}
		if _, err := r.Thank(t.Context(), a5, recognition.Marked, "ida"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Thank(t.Context(), a1, recognition.Drafted, "ida"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Thank(t.Context(), a1, recognition.Drafted, "ida"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("thanking twice: %v", err)
		}
		if got := unthanked(); got != nil {
			t.Errorf("after thanking, there is %v", got)
		}
		drafts, err := s.MessageList(t.Context(), outbox.Filter{})
		if err != nil || len(drafts) != 1 {
			t.Fatalf("%d messages, %v", len(drafts), err)
		}
		if m := drafts[0]; m.State != outbox.Draft || m.Purpose != consent.Care || m.To != "ben@other.example" || !strings.Contains(m.Text, "Hi Ben,") || !strings.Contains(m.Text, "Ana Silva") {
			t.Errorf("the draft is %+v", m)
		}
		if err := r.Unthank(t.Context(), a1, "ida"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("taking back a draft: %v", err)
		}
		if err := r.Unthank(t.Context(), a5, "ida"); err != nil || len(unthanked()) != 1 {
			t.Errorf("taking back a mark: %v, %v", err, unthanked())
		}
	})
}

// TestMilestones finds what members reached in the weeks that are looked at, and remembers who has seen to it, also when
// members are merged.
func TestMilestones(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		helpers(t, s)
		*clock = at(24 * 6)
		r := recognizing(s, clock)
		set := recognition.Usual()
		set.Levels = map[recognition.Kind][]int64{recognition.Answers: {1, 3}, recognition.Contributions: {4}, recognition.Years: {1}}
		if err := r.SetSettings(t.Context(), set, "ida"); err != nil {
			t.Fatal(err)
		}
		list := func(weeks int) (found []string) {
			t.Helper()
			all, err := r.Milestones(t.Context(), weeks)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range all {
				for _, m := range w.Items {
					found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", w.From.Format(time.DateOnly), m.Member.Name, m.Text(), m.Outcome)))
				}
			}
			return found
		}
		// Ben answers three times: two answers, and one question back. Ana's fourth message was on the second day.
		want := []string{
			"2026-03-02 Ben Stone: 4 contributions", "2026-03-02 Ana Silva: 4 contributions", "2026-03-02 Ben Stone: 3 answers",
			"2026-03-02 Cleo Park: First answer", "2026-03-02 Ben Stone: First answer",
		}
		if diff := cmp.Diff(want, list(1)); diff != "" {
			t.Errorf("milestones (-want +got):\n%s", diff)
		}
		ben := members(t, s, "name:Ben")[0].ID
		if _, err := r.SeeTo(t.Context(), ben, recognition.Answers, 3, recognition.Drafted, "ida"); err != nil {
			t.Fatal(err)
		}
		if _, err := r.SeeTo(t.Context(), ben, recognition.Answers, 3, recognition.Marked, "ida"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("seeing to it twice: %v", err)
		}
		if _, err := r.SeeTo(t.Context(), ben, recognition.Answers, 7, recognition.Marked, "ida"); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("what was not reached: %v", err)
		}
		if got := strings.Join(list(1), "\n"); !strings.Contains(got, "Ben Stone: 3 answers drafted") {
			t.Errorf("after seeing to it:\n%s", got)
		}
		*clock = at(24 * 366)
		if got := list(1); len(got) != 0 {
			t.Errorf("who is quiet has no anniversary, but %v", got)
		}
		tell(t, s, "later", func(out *connector.Sink) {
			person(out, "ben2", "Ben Stone", "ben@other.example")
			post(out, "z", "ben2", "z", 24*360, "Still here.")
		})
		if got := list(1); len(got) != 1 || !strings.HasSuffix(got[0], "Ben Stone: One year with us") {
			t.Errorf("the anniversary is %v", got)
		}
	})
}

// TestTestimonials follows what somebody wrote from a candidate to a quote and back, with its proof.
func TestTestimonials(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		helpers(t, s)
		*clock = at(24 * 10)
		r := recognizing(s, clock)
		set := recognition.Usual()
		set.Products = []string{"Lumen"}
		if err := r.SetSettings(t.Context(), set, "ida"); err != nil {
			t.Fatal(err)
		}
		list := func(f recognition.Filter) []recognition.Testimonial {
			t.Helper()
			all, err := r.Testimonials(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		found := list(recognition.Filter{State: recognition.Candidate})
		if len(found) != 1 || found[0].Member.Name != "Ben Stone" || found[0].ID != 0 || !cmp.Equal(found[0].Products, []string{"Lumen"}) {
			t.Fatalf("the candidates are %+v", found)
		}
		activity := found[0].ActivityID
		asked, err := r.Ask(t.Context(), activity, "ida")
		if err != nil || asked.State != recognition.Asked {
			t.Fatalf("asking: %+v, %v", asked, err)
		}
		if _, err := r.Ask(t.Context(), activity, "ida"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("asking twice: %v", err)
		}
		m, err := s.Message(t.Context(), asked.MessageID)
		if err != nil || m.State != outbox.Draft || !strings.Contains(m.Text, fmt.Sprintf("https://x.example/t/%d", asked.ID)) || !strings.Contains(m.Text, "> I love how fast Lumen is") {
			t.Errorf("the message is %+v, %v", m, err)
		}
		if len(list(recognition.Filter{State: recognition.Candidate})) != 0 {
			t.Error("who was asked is a candidate still")
		}
		if _, err := r.Use(t.Context(), asked.ID, "https://x.example", "", time.Time{}, "ida"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("using what was not granted: %v", err)
		}

		*clock = clock.AddDate(0, 0, 61)
		if got := list(recognition.Filter{State: recognition.Expired}); len(got) != 1 {
			t.Errorf("after 61 days, expired are %+v", got)
		}
		if asked, err = r.Ask(t.Context(), activity, "ida"); err != nil || asked.Asks != 2 {
			t.Errorf("asking again after that: %+v, %v", asked, err)
		}
		grant := recognition.Grant{Quote: "Lumen is fast.", Naming: "Ben S.", Statement: "I agree", Link: "digest"}
		if err := r.Grant(t.Context(), asked.ID, grant); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Use(t.Context(), asked.ID, "https://x.example/customers", "front page", time.Time{}, "ida"); err != nil {
			t.Fatal(err)
		}
		for what, f := range map[string]recognition.Filter{"text": {Text: "IS FAST"}, "name": {Text: "stone"}, "product": {Product: "lumen"}, "state": {State: recognition.Granted}} {
			if len(list(f)) != 1 {
				t.Errorf("not found by %s", what)
			}
		}
		for what, f := range map[string]recognition.Filter{"text": {Text: "slow"}, "product": {Product: "lum"}, "segment": {Segment: "helpers"}, "topic": {Topic: "keys"}} {
			if len(list(f)) != 0 {
				t.Errorf("found by %s", what)
			}
		}
		var sheet bytes.Buffer
		if err := r.WriteCSV(t.Context(), &sheet, recognition.Filter{}); err != nil || !strings.Contains(sheet.String(), "Lumen is fast.,Ben S.,") || strings.Contains(sheet.String(), "Stone") {
			t.Errorf("the sheet is %s, %v", sheet.String(), err)
		}

		grant.Quote = "Lumen is very fast."
		if err := r.Grant(t.Context(), asked.ID, grant); err != nil {
			t.Fatal(err)
		}
		if err := r.Decline(t.Context(), asked.ID, "digest"); err != nil {
			t.Fatal(err)
		}
		one, err := r.Testimonial(t.Context(), asked.ID)
		var proof []string
		for _, e := range one.Proof {
			proof = append(proof, strings.TrimSpace(e.What+" "+e.Link+" "+e.Naming))
		}
		if diff := cmp.Diff([]string{"asked", "asked", "granted digest Ben S.", "granted digest Ben S.", "withdrawn digest"}, proof); err != nil || one.State != recognition.Withdrawn || diff != "" {
			t.Errorf("%s, %v, the proof (-want +got):\n%s", one.State, err, diff)
		}
		tasks, err := s.Tasks(t.Context(), task.Filter{Origin: "recognition"})
		if err != nil || len(tasks) != 2 || !strings.Contains(tasks[0].Note, "https://x.example/customers") {
			t.Errorf("the team's tasks are %+v, %v", tasks, err)
		}
		sheet.Reset()
		if err := r.WriteCSV(t.Context(), &sheet, recognition.Filter{}); err != nil || strings.Contains(sheet.String(), "fast") {
			t.Errorf("after withdrawing, the sheet is %s, %v", sheet.String(), err)
		}
	})
}

// TestRequests makes requests of messages and proposals, counts everybody once, and tells them once what became of it.
func TestRequests(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		helpers(t, s)
		tell(t, s, "crm", func(out *connector.Sink) {
			out.Organization(connector.Organization{ExternalID: "acme", Name: "Acme", Domains: []string{"acme.example"}, Lifecycle: "customer"})
			out.Record(connector.Record{ExternalID: "d1", Type: "deal", Name: "Big", Organization: "acme", Amount: 900, Currency: "EUR", OpenedAt: at(1)})
		})
		tell(t, s, "forum", func(out *connector.Sink) {
			post(out, "w1", "zoe", "w1", 70, "I wish dashboards had a dark mode. It is so bright.")
			post(out, "w2", "yan", "w2", 71, "Please add a dark mode to dashboards")
		})
		w1, w2 := read(t, s, "w1", text.CategoryFeature, text.SentimentNeutral), read(t, s, "w2", text.CategoryFeature, text.SentimentNeutral)
		*clock = at(24 * 10)
		r := requesting(s, clock)
		if err := r.SetSettings(t.Context(), request.Settings{Board: true}, "ida"); err != nil {
			t.Fatal(err)
		}
		one, err := r.Add(t.Context(), request.Draft{ActivityID: w1}, "ida")
		if err != nil || one.Title != "I wish dashboards had a dark mode" || one.Votes != 1 || one.Messages != 1 {
			t.Fatalf("made %+v, %v", one, err)
		}
		wishes, err := r.Candidates(t.Context())
		if err != nil || len(wishes) != 1 || wishes[0].ActivityID != w2 || len(wishes[0].Like) != 1 || wishes[0].Like[0].ID != one.ID {
			t.Fatalf("the candidates are %+v, %v", wishes, err)
		}
		if err := r.Link(t.Context(), w2, one.ID, "ida"); err != nil {
			t.Fatal(err)
		}
		// Ana votes by her address, and again by a link of her own; a stranger votes, on a request that is merged later.
		ana := members(t, s, "name:Ana")[0].ID
		for range 2 {
			if _, err := r.Confirm(t.Context(), one.ID, "ana@acme.example", true); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.VoteAs(t.Context(), one.ID, ana, true); err != nil {
			t.Fatal(err)
		}
		if err := r.Propose(t.Context(), request.Draft{Title: "Night colors"}, "Stranger@Far.example"); err != nil {
			t.Fatal(err)
		}
		if all, err := r.List(t.Context(), request.Filter{}); err != nil || len(all) != 1 {
			t.Fatalf("what was not confirmed is listed: %+v, %v", all, err)
		}
		mails, err := s.MessageList(t.Context(), outbox.Filter{})
		if err != nil || len(mails) != 1 || mails[0].To != "stranger@far.example" || strings.Contains(mails[0].Text, "Night") || !strings.Contains(mails[0].Text, "/v/2/") {
			t.Fatalf("the mails are %+v, %v", mails, err)
		}
		two, err := r.Confirm(t.Context(), 2, "stranger@far.example", true)
		if err != nil || !two.Review || two.Unconfirmed || two.Votes != 1 {
			t.Fatalf("confirmed: %+v, %v", two, err)
		}
		if _, _, err := r.OnBoard(t.Context(), two.ID); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("a proposal that nobody looked at is on the board: %v", err)
		}
		merged, err := r.Merge(t.Context(), two.ID, one.ID, "ida")
		if err != nil || merged.ID != one.ID || merged.Votes != 4 || merged.Messages != 2 {
			t.Fatalf("merged: %+v, %v", merged, err)
		}
		want := request.Weight{Organizations: 1, Lifecycles: map[string]int64{"customer": 1}, Deals: []request.Amount{{Currency: "EUR", Amount: 900}}}
		if diff := cmp.Diff(want, merged.Weight); diff != "" {
			t.Errorf("the weight (-want +got):\n%s", diff)
		}

		moved, told, err := r.Move(t.Context(), one.ID, request.Planned, "In spring.", true, "ida")
		if err != nil || moved.State != request.Planned || told != (request.Told{Messages: 2, Unreachable: 2}) {
			t.Fatalf("moved: %+v, %+v, %v", moved, told, err)
		}
		if _, told, err = r.Move(t.Context(), one.ID, request.Planned, "In spring.", true, "ida"); err != nil || told.Messages != 0 {
			t.Errorf("moving where it is: %+v, %v", told, err)
		}
		mails, err = s.MessageList(t.Context(), outbox.Filter{States: []outbox.State{outbox.Draft}})
		if err != nil || len(mails) != 2 {
			t.Fatalf("the drafts are %+v, %v", mails, err)
		}
		for _, m := range mails {
			if m.Purpose != consent.Answer || !strings.Contains(m.Text, "In spring.") || !strings.Contains(m.Text, fmt.Sprintf("/r/%d?m=%d", one.ID, m.MemberID)) {
				t.Errorf("the draft is %+v", m)
			}
		}
		if back, err := r.Unmerge(t.Context(), two.ID, "ida"); err != nil || back.Votes != 1 || back.MergedInto != 0 {
			t.Errorf("taken apart: %+v, %v", back, err)
		}
		if _, err := r.Confirm(t.Context(), one.ID, "ana@acme.example", false); err != nil {
			t.Fatal(err)
		}
		if one, err = r.Get(t.Context(), one.ID); err != nil || one.Votes != 2 {
			t.Errorf("after taking back a vote: %+v, %v", one, err)
		}
	})
}

// TestUnrecognize erases what is kept of a member, and leaves what they asked for without their name.
func TestUnrecognize(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		helpers(t, s)
		*clock = at(24 * 10)
		r, q := recognizing(s, clock), requesting(s, clock)
		if err := q.SetSettings(t.Context(), request.Settings{Board: true}, "ida"); err != nil {
			t.Fatal(err)
		}
		asked, err := r.Ask(t.Context(), idOf(t, s, "p1"), "ida")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Grant(t.Context(), asked.ID, recognition.Grant{Quote: "Fast walrus.", Naming: "Ben Stone", Statement: "yes", Link: "l"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Use(t.Context(), asked.ID, "https://x.example/customers", "", time.Time{}, "ida"); err != nil {
			t.Fatal(err)
		}
		if err := q.Propose(t.Context(), request.Draft{Title: "Walrus mode"}, "ben@other.example"); err != nil {
			t.Fatal(err)
		}
		one, err := q.Confirm(t.Context(), 1, "ben@other.example", true)
		ben := members(t, s, "name:Ben")[0].ID
		if err != nil || one.MemberID != ben || one.Votes != 1 {
			t.Fatalf("proposed: %+v, %v", one, err)
		}
		var all bytes.Buffer
		if err := s.ExportMember(t.Context(), ben, &all); err != nil || !strings.Contains(all.String(), "Fast walrus.") || !strings.Contains(all.String(), "Walrus mode") {
			t.Errorf("what is known of Ben lacks a testimonial or a request: %v", err)
		}
		if err := s.EraseMember(t.Context(), ben); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Testimonial(t.Context(), asked.ID); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("the testimonial of somebody who was erased: %v", err)
		}
		one, err = q.Get(t.Context(), one.ID)
		if err != nil || one.MemberID != 0 || one.Votes != 0 || one.Title != "Walrus mode" {
			t.Errorf("what they asked for is %+v, %v", one, err)
		}
		if tasks, err := s.Tasks(t.Context(), task.Filter{Origin: "recognition"}); err != nil || len(tasks) != 1 || !strings.Contains(tasks[0].Note, "customers") {
			t.Errorf("the team's tasks are %+v, %v", tasks, err)
		}
		if !s.Postgres() {
			assertNotInFiles(t, s.Path(), "Fast walrus", "ben@other")
		}
	})
}
