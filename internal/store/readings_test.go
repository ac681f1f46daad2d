// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
	"greenroom/internal/text"
	"greenroom/internal/topic"
	"greenroom/internal/understand"
	"greenroom/internal/understand/understandtest"
)

func reader(t *testing.T, s *store.Store, version string) *understand.Service {
	t.Helper()
	return understand.New(s, understandtest.School{Version: version}, slog.New(slog.NewTextHandler(t.Output(), nil)), clock)
}

// outspoken is a community whose messages say clearly what they are.
func outspoken(t *testing.T, s *store.Store) {
	t.Helper()
	tell(t, s, "chat", func(out *connector.Sink) {
		person(out, "ana", "Ana Moss")
		person(out, "ben", "Ben Stone")
		post(out, "m1", "ana", "m1", 1, "The export is broken since the outage")
		post(out, "m2", "ben", "m1", 2, "Thank you for telling us")
		post(out, "m3", "ben", "m3", 3, "Where do I find the keys?")
		post(out, "m4", "ana", "m4", 4, "Please add a dark mode")
		post(out, "m5", "ana", "m5", 5, "Straße frei heute alle")
		post(out, "m6", "ben", "m6", 6, "ok")
	})
	catchUp(t, s)
}

func catchUp(t *testing.T, s *store.Store) {
	t.Helper()
	for more := true; more; {
		var err error
		if _, more, err = s.Derive(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
	}
}

func readAll(t *testing.T, u *understand.Service) {
	t.Helper()
	if err := u.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// said lists the activities that fit a query, oldest first, as what their text begins with.
func said(t *testing.T, s *store.Store, text string) string {
	t.Helper()
	p, err := s.ListActivities(t.Context(), list.Request{Query: parsed(t, query.Activities, text+" sort:occurred"), Limit: 50})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var all []string
	for _, a := range p.Items {
		all = append(all, a.ExternalID)
	}
	return strings.Join(all, " ")
}

func idOf(t *testing.T, s *store.Store, external string) int64 {
	t.Helper()
	p, err := s.ListActivities(t.Context(), list.Request{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(p.Items, func(a greenroom.Activity) bool { return a.ExternalID == external })
	if i < 0 {
		t.Fatalf("there is no activity %s", external)
	}
	return p.Items[i].ID
}

func TestReadingsAnswerQueries(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		outspoken(t, s)
		readAll(t, reader(t, s, "1"))
		for text, want := range map[string]string{
			"category:bug": "m1", "category:question,feature": "m3 m4", "category:other": "m5", "category:unsure": "m6", "category:praise": "m2", "-category:bug,other": "m2 m3 m4 m6",
			"sentiment:negative": "m1", "sentiment:positive": "m2", "sentiment:neutral": "m3 m4 m5 m6", "urgency:now": "m1", "urgency:none sentiment:positive": "m2",
			"language:de": "m5", "language:en category:bug": "m1", "language:de,fr or urgency:now,soon": "m1 m5", "has:category": "m1 m2 m3 m4 m5", "has:urgency": "m1", "category:job": "",
		} {
			if got := said(t, s, text); got != want {
				t.Errorf("%s gives %q, want %q", text, got, want)
			}
		}
		for text, want := range map[string]int{"category:bug": 1, "category:praise": 0, "sentiment:neutral": 4, "urgency:now": 1, "-category:bug": 4, "language:de": 1} {
			if got := conversations(t, s, text); len(got) != want {
				t.Errorf("%s gives %d conversations, want %d", text, len(got), want)
			}
		}
		topics := topic.New(s, s, slog.New(slog.NewTextHandler(t.Output(), nil)), clock, utc)
		all, err := topics.Add(t.Context(), "All of it", "kind:message,reply", nil)
		if err != nil {
			t.Fatal(err)
		}
		mix, err := s.Mix(t.Context(), []int64{all.ID, all.ID + 1}, time.Unix(1, 0), clock().AddDate(1, 0, 0))
		want := topic.Mix{
			Read:       6,
			Categories: []topic.MixPart{{Label: "bug", Count: 1}, {Label: "feature", Count: 1}, {Label: "other", Count: 1}, {Label: "praise", Count: 1}, {Label: "question", Count: 1}, {Label: "unsure", Count: 1}},
			Sentiments: []topic.MixPart{{Label: "neutral", Count: 4}, {Label: "negative", Count: 1}, {Label: "positive", Count: 1}},
		}
		if diff := cmp.Diff(want, mix); diff != "" || err != nil {
			t.Errorf("what a topic's messages were read as (-want +got), %v:\n%s", err, diff)
		}
		for text, want := range map[string]string{
			"did:* category:bug": "Ana Moss", "did:* category:bug,praise": "Ana Moss Ben Stone", "did:message category:praise sentiment:negative": "", "-did:* category:bug": "Ben Stone",
			"did:* sentiment:neutral count:>=3": "", "did:* sentiment:neutral count:2": "Ana Moss Ben Stone", "did:* category:feature count:0": "Ben Stone", "did:* in:nowhere category:bug": "",
		} {
			p, err := s.ListMembers(t.Context(), list.Request{Query: parsed(t, query.Members, text+" sort:name"), Limit: 9})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for i := range p.Items {
				names = append(names, p.Items[i].Name)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%s gives %q, want %q", text, got, want)
			}
		}
	})
}

func TestCorrectionsHold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		outspoken(t, s)
		u := reader(t, s, "1")
		readAll(t, u)
		ctx := t.Context()
		correct := func(message string, c text.Category, f text.Sentiment) int64 {
			id, err := u.Correct(t.Context(), idOf(t, s, message), c, f, "ana@example.org")
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		first := correct("m1", text.CategoryQuestion, 0)
		second := correct("m1", 0, text.SentimentPositive)
		check := func(when, questions, positive, bugs string) {
			t.Helper()
			got := []string{said(t, s, "category:question"), said(t, s, "sentiment:positive"), said(t, s, "category:bug")}
			if d := cmp.Diff([]string{questions, positive, bugs}, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", when, d)
			}
		}
		check("corrected", "m1 m3", "m1 m2", "")
		if n := len(conversations(t, s, "category:question")); n != 2 {
			t.Errorf("%d conversations begin with a question, want 2", n)
		}
		if err := s.ForgetDerived(ctx); err != nil {
			t.Fatal(err)
		}
		catchUp(t, s)
		readAll(t, u)
		check("built again", "m1 m3", "m1 m2", "")
		readAll(t, reader(t, s, "2"))
		check("read by another judge", "m1 m3", "m1 m2", "")
		got, err := u.Readings(ctx, []int64{idOf(t, s, "m1")})
		if err != nil {
			t.Fatal(err)
		}
		r := got[idOf(t, s, "m1")]
		if r.Read.Category != text.CategoryBug || r.Read.Judge != "rules-2" || r.Correction == nil || r.Correction.By != "ana@example.org" {
			t.Errorf("the reading is %+v with %+v", r, r.Correction)
		}
		if _, err := u.Undo(ctx, second); err != nil {
			t.Fatal(err)
		}
		check("the second undone", "m1 m3", "m2", "")
		if _, err := u.Undo(ctx, second); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("undone twice: %v", err)
		}
		if _, err := u.Undo(ctx, first); err != nil {
			t.Fatal(err)
		}
		check("both undone", "m3", "m2", "m1")
		if _, err := u.Correct(ctx, 999, text.CategoryBug, 0, "ana"); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("of no activity: %v", err)
		}
	})
}

// TestReadingsFollowTheFacts edits, deletes and erases, and reads in portions that are cut off.
func TestReadingsFollowTheFacts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		u := reader(t, s, "1")
		outspoken(t, s)
		readAll(t, u)
		for _, m := range []string{"m1", "m2", "m4"} {
			if _, err := u.Correct(ctx, idOf(t, s, m), text.CategoryAnnouncement, 0, "ana"); err != nil {
				t.Fatal(err)
			}
		}
		m4 := idOf(t, s, "m4")
		tell(t, s, "chat", func(out *connector.Sink) {
			post(out, "m3", "ben", "m3", 3, "It all works, I love it")
			out.Activity(connector.Activity{ExternalID: "m4", Kind: greenroom.KindMessage, Author: "ana", Thread: "m4", OccurredAt: at(4), Deleted: true})
			post(out, "m7", "ben", "m7", 7, "And another crash of it")
		})
		catchUp(t, s)
		readAll(t, u)
		if got := said(t, s, "category:praise"); got != "m3" {
			t.Errorf("after an edit %q is praise, want m3", got)
		}
		if got := said(t, s, "category:bug"); got != "m7" {
			t.Errorf("after an edit %q is a bug, want m7", got)
		}
		if got, err := u.Readings(ctx, []int64{m4}); err != nil || len(got) != 0 {
			t.Errorf("a deleted message still has %v (%v)", got, err)
		}
		var data bytes.Buffer
		ben := members(t, s, "name:Ben")[0].ID
		if err := s.ExportMember(ctx, ben, &data); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(data.String(), `"by": "ana"`) || !strings.Contains(data.String(), `"category": "praise"`) {
			t.Errorf("the export of a member has no readings or corrections: %s", data.String())
		}
		m2 := idOf(t, s, "m2")
		if err := s.EraseMember(ctx, ben); err != nil {
			t.Fatal(err)
		}
		readAll(t, u)
		if got, err := u.Readings(ctx, []int64{m2}); err != nil || len(got) != 0 {
			t.Errorf("an erased message still has %v (%v)", got, err)
		}
		all, err := s.CorrectedTexts(ctx, 10)
		if err != nil || len(all) != 1 || all[0].Body != "The export is broken since the outage" {
			t.Errorf("corrections that are left: %+v, %v", all, err)
		}
	})
}

func TestTrainingReadsAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		u := reader(t, s, "1")
		tell(t, s, "chat", func(out *connector.Sink) {
			person(out, "ana", "Ana Moss")
			for i := range 4100 { // more than two portions
				post(out, fmt.Sprintf("m%04d", i), "ana", fmt.Sprintf("m%04d", i), i%500, "The zeppelin has landed on the field")
			}
		})
		catchUp(t, s)
		readAll(t, u)
		if _, err := u.Train(ctx, "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("trained on nothing: %v", err)
		}
		if _, err := u.Correct(ctx, 7, text.CategoryIntroduction, text.SentimentPositive, "ana"); err != nil {
			t.Fatal(err)
		}
		m, err := u.Train(ctx, "ana")
		if err != nil {
			t.Fatal(err)
		}
		count := func(text string) int64 {
			p, err := s.ListActivities(ctx, list.Request{Query: parsed(t, query.Activities, text), Count: true})
			if err != nil {
				t.Fatal(err)
			}
			return p.Total
		}
		if n := count("category:introduction"); n != 1 {
			t.Errorf("before anything was read again %d are introductions, want 1", n)
		}
		readAll(t, u)
		if n := count("category:introduction"); n != 4100 {
			t.Errorf("after the training %d are introductions, want 4100", n)
		}
		r, err := u.Report(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if r.Left != 0 || r.Corrections != 1 || r.Model == nil || r.Model.ID != m.ID || r.Model.Gain.Category.Before.Accuracy != 0 || r.Model.Gain.Category.After.Accuracy != 1 || r.Base.Category.N != 1 {
			t.Errorf("the report says %+v", r)
		}
		if err := u.Activate(ctx, 0); err != nil {
			t.Fatal(err)
		}
		readAll(t, u)
		if n := count("category:introduction"); n != 1 {
			t.Errorf("read by the base model %d are introductions, want the corrected one", n)
		}
		if got, err := u.Uncertain(ctx, 2); err != nil || len(got) != 1 || got[0] != 4100 { // they all say the same
			t.Errorf("uncertain are %v (%v)", got, err)
		}
	})
}
