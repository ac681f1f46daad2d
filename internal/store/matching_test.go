// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/identity"
	"greenroom/internal/ingest"
	"greenroom/internal/matching"
	"greenroom/internal/member"
	"greenroom/internal/store"
)

// workplace is a store with the services of who is who over it.
type workplace struct {
	*store.Store
	t       *testing.T
	members *member.Service
	reviews *matching.Reviewer
	matcher *matching.Matcher
}

func newWorkplace(t *testing.T, s *store.Store) *workplace {
	t.Helper()
	w := &workplace{Store: s, t: t, members: member.New(s, noAudit{}, func() {}), matcher: matching.New(s, slog.New(slog.DiscardHandler), clock)}
	w.reviews = matching.NewReviewer(w.matcher, s, s, w.members, noAudit{}, func() {})
	return w
}

// in imports accounts of a source and looks at everybody.
func (w *workplace) in(source string, accounts ...connector.Identity) {
	w.t.Helper()
	var f feed
	for i := range accounts {
		f = append(f, told{Identity: accounts[i]})
	}
	spec := connector.Spec{Kind: "feed", Title: "Feed", Platform: "feed", New: func(connector.Env, connector.Values) (connector.Source, error) { return f, nil }}
	if _, _, err := ingest.New(w.Store, slog.New(slog.DiscardHandler), clock, nil, nil).Import(w.t.Context(), ingest.Request{Spec: spec, Name: source}); err != nil {
		w.t.Fatal(err)
	}
	settle(w.t, w.Store, 1000)
}

// careful lets the model join only what it is all but certain of.
func (w *workplace) careful() {
	w.t.Helper()
	if err := w.reviews.Apply(w.t.Context(), .99, .1); err != nil {
		w.t.Fatal(err)
	}
}

// who lists members as their accounts, each set in order, sets in order.
func (w *workplace) who() string {
	w.t.Helper()
	var all []string
	for _, m := range members(w.t, w.Store, "is:hidden or -is:hidden") {
		var of []string
		for _, id := range m.Identities {
			of = append(of, id.Source+"/"+id.ExternalID)
		}
		slices.Sort(of)
		all = append(all, strings.Join(of, "+"))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (w *workplace) want(step, who string) {
	w.t.Helper()
	if got := w.who(); got != who {
		w.t.Errorf("%s: %s, want %s", step, got, who)
	}
}

// crowd is enough people for names to be rare or common.
func crowd(n int) []connector.Identity {
	given := []string{"Ana", "Bruno", "Chidi", "Dina", "Emre", "Farah", "Goran", "Hana", "Ines", "Jonas"}
	family := []string{"Duarte", "Okafor", "Lindqvist", "Moreau", "Tanaka", "Petrov", "Castellano", "Weiss", "Halloran", "Nakamura"}
	all := make([]connector.Identity, 0, n)
	for i := range n {
		g, f := given[i%10], family[(i/10+i)%10]
		all = append(all, connector.Identity{ExternalID: "c" + strconv.Itoa(i), Name: g + " " + f, Handle: strings.ToLower(g[:1]+f) + strconv.Itoa(i)})
	}
	return all
}

// TestModelJoinsAndPeopleDecide follows one pair that the model is sure of: it joins them and says why; whoever undoes
// that is obeyed for good, also when everything is imported and computed anew.
func TestModelJoinsAndPeopleDecide(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		w := newWorkplace(t, s)
		w.in("chat", connector.Identity{ExternalID: "a", Name: "Zuzanna Brzezicka", Handle: "zuzbrzezicka"})
		w.in("forum", connector.Identity{ExternalID: "b", Name: "Zuzanna Brzezicka", Handle: "zuzbrzezicka"})
		w.want("the same rare name and handle", "chat/a+forum/b")
		m := members(t, s, "name:zuzanna")[0]
		history, err := s.Decisions(t.Context(), m.ID)
		if err != nil || len(history) != 1 || history[0].By != matching.ModelName(identity.ModelVersion) || !strings.Contains(history[0].Reason, "same name") {
			t.Fatalf("the history says %+v, %v", history, err)
		}
		if _, err := w.members.Undo(t.Context(), history[0].ID, "ana"); err != nil {
			t.Fatal(err)
		}
		w.want("undone", "chat/a forum/b")
		settle(t, s, 1000)
		w.want("looked at again", "chat/a forum/b")
		w.in("forum", connector.Identity{ExternalID: "b", Name: "Zuzanna Brzezicka", Handle: "zuzbrzezicka"}, connector.Identity{ExternalID: "d", Name: "Dina Weiss"})
		if err := s.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		settle(t, s, 3)
		w.want("imported and computed anew", "chat/a forum/b forum/d")
	})
}

// TestSuggestions judges what the model leaves to people, in each way, and takes it back.
func TestSuggestions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		w := newWorkplace(t, s)
		w.in("chat", append(crowd(40), connector.Identity{ExternalID: "a", Name: "Ludmila Vostrikova"})...)
		w.in("forum", connector.Identity{ExternalID: "b", Handle: "ludmila"})
		w.careful()
		all, total, err := w.reviews.Suggestions(t.Context(), matching.Query{})
		if err != nil || total == 0 {
			t.Fatalf("%d suggestions, %v", total, err)
		}
		pair := all[0]
		if got := pair.Left.Member.Name + " " + pair.Right.Identities[0].Handle; got != "Ludmila Vostrikova ludmila" || len(pair.Evidence) == 0 {
			t.Fatalf("suggested first is %q with %v", got, pair.Evidence)
		}
		before := w.who()
		for verdict, want := range map[matching.Verdict]bool{matching.Same: true, matching.Other: false, matching.Later: false} {
			id, err := w.reviews.Judge(t.Context(), pair.A, pair.B, verdict, "ana")
			if err != nil {
				t.Fatal(verdict, err)
			}
			settle(t, s, 1000)
			if joined := strings.Contains(w.who(), "chat/a+forum/b"); joined != want {
				t.Errorf("%s: joined is %t", verdict, joined)
			}
			if _, left, err := w.reviews.Suggestions(t.Context(), matching.Query{}); err != nil || left != total-1 {
				t.Errorf("%s: %d suggestions are left of %d, %v", verdict, left, total, err)
			}
			if err := w.reviews.Undo(t.Context(), id, "ana"); err != nil {
				t.Fatal(verdict, err)
			}
			if first, _, err := w.reviews.Suggestions(t.Context(), matching.Query{}); verdict != matching.Same && (err != nil || len(first) == 0 || first[0].A != pair.A || first[0].B != pair.B) {
				t.Errorf("%s, undone: it is not suggested again at once, %v", verdict, err)
			}
			settle(t, s, 1000)
			w.want(string(verdict)+", undone", before)
			if _, back, err := w.reviews.Suggestions(t.Context(), matching.Query{}); err != nil || back != total {
				t.Errorf("%s, undone: %d suggestions, want %d, %v", verdict, back, total, err)
			}
			if err := w.reviews.Undo(t.Context(), id, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
				t.Errorf("undone twice: %v", err)
			}
		}
		if _, err := w.reviews.Judge(t.Context(), pair.A, pair.B, "maybe", "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("a verdict that there is not: %v", err)
		}
		n, _, batch, err := w.reviews.JudgeAll(t.Context(), matching.Query{AtLeast: pair.Probability}, "ana")
		if err != nil || n == 0 {
			t.Fatalf("accepted %d at once, %v", n, err)
		}
		settle(t, s, 1000)
		if !strings.Contains(w.who(), "chat/a+forum/b") {
			t.Error("accepted at once, and not joined")
		}
		if err := w.reviews.Undo(t.Context(), batch, "ana"); err != nil {
			t.Fatal(err)
		}
		settle(t, s, 1000)
		w.want("accepted at once, undone", before)
	})
}

// TestCheckingTheModel draws joins of the model, takes a wrong one apart, and counts.
func TestCheckingTheModel(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		w := newWorkplace(t, s)
		names := []string{"Zuzanna Brzezicka", "Thandiwe Sithebula", "Orla Wainscott"}
		for _, source := range []string{"chat", "forum"} {
			var all []connector.Identity
			for i, name := range names {
				all = append(all, connector.Identity{ExternalID: strconv.Itoa(i), Name: name, Handle: strings.ToLower(strings.ReplaceAll(name, " ", ""))})
			}
			w.in(source, all...)
		}
		w.want("three people", "chat/0+forum/0 chat/1+forum/1 chat/2+forum/2")
		drawn, err := w.reviews.Unchecked(t.Context(), 10)
		if err != nil || len(drawn) != 3 {
			t.Fatalf("%d to be checked, %v", len(drawn), err)
		}
		for i, d := range drawn {
			if _, err := w.reviews.Check(t.Context(), d.A, d.B, i > 0, "ana"); err != nil {
				t.Fatal(err)
			}
		}
		settle(t, s, 1000)
		q, err := w.reviews.Quality(t.Context())
		if err != nil || q.CheckedRight != 2 || q.CheckedWrong != 1 || q.Precision == nil || *q.Precision < .66 || *q.Precision > .67 {
			t.Errorf("quality is %+v, %v", q, err)
		}
		if n := len(strings.Fields(w.who())); n != 4 {
			t.Errorf("there are %d people, want 4: %s", n, w.who())
		}
	})
}

// TestThresholds previews other thresholds and applies them.
func TestThresholds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		w := newWorkplace(t, s)
		w.in("chat", append(crowd(40), connector.Identity{ExternalID: "a", Name: "Ludmila Vostrikova"})...)
		w.in("forum", connector.Identity{ExternalID: "b", Handle: "vostrikova"})
		w.careful()
		all, _, err := w.reviews.Suggestions(t.Context(), matching.Query{})
		if err != nil || len(all) == 0 || all[0].Probability < .5 {
			t.Fatalf("%+v, %v", all, err)
		}
		bold := all[0].Probability - .01
		p, err := w.reviews.Preview(t.Context(), bold, .1)
		if err != nil || p.Joins == 0 || p.Parts != 0 {
			t.Fatalf("a bolder model would join %+v, %v", p, err)
		}
		before := w.who()
		settle(t, s, 1000)
		w.want("only a preview", before)
		if err := w.reviews.Apply(t.Context(), bold, .1); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(w.who(), "chat/a+forum/b") {
			t.Error("applied, and not joined")
		}
		if err := w.reviews.Apply(t.Context(), .99999, .1); err != nil {
			t.Fatal(err)
		}
		w.want("timid again", before)
		if err := w.reviews.Apply(t.Context(), .2, .1); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("a threshold that makes no sense: %v", err)
		}
	})
}
