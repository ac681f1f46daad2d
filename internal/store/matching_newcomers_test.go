// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/ingest"
	"greenroom/internal/matching"
	"greenroom/internal/store"
)

// server is a matcher as a server has it, at a time of its own.
type server struct {
	*workplace
	at time.Time
}

func newServer(t *testing.T, s *store.Store) *server {
	t.Helper()
	v := &server{workplace: newWorkplace(t, s), at: clock()}
	v.matcher = matching.New(s, slog.New(slog.DiscardHandler), func() time.Time { return v.at })
	v.reviews = matching.NewReviewer(v.matcher, s, s, v.members, noAudit{}, func() {})
	return v
}

// come imports accounts and has them derived and matched as a server does, without hurry.
func (v *server) come(source string, accounts ...connector.Identity) {
	v.t.Helper()
	var f feed
	for i := range accounts {
		f = append(f, told{Identity: accounts[i]})
	}
	spec := connector.Spec{Kind: "feed", Title: "Feed", Platform: "feed", New: func(connector.Env, connector.Values) (connector.Source, error) { return f, nil }}
	if _, _, err := ingest.New(v.Store, slog.New(slog.DiscardHandler), clock, nil, nil).Import(v.t.Context(), ingest.Request{Spec: spec, Name: source}); err != nil {
		v.t.Fatal(err)
	}
	v.match()
}

func (v *server) match() {
	v.t.Helper()
	derive(v.t, v.Store, 1000)
	if _, err := v.matcher.Match(v.t.Context(), false); err != nil {
		v.t.Fatal(err)
	}
	derive(v.t, v.Store, 1000)
}

// later lets the time of the next look at everybody come.
func (v *server) later() {
	v.t.Helper()
	v.at = v.at.Add(time.Hour)
	v.match()
}

// found tells everything that the model found.
func (v *server) found() string {
	v.t.Helper()
	var text strings.Builder
	fmt.Fprintln(&text, v.who())
	links, err := v.Links(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	for _, l := range links {
		fmt.Fprintln(&text, l.A, l.B, l.Probability, l.Evidence)
	}
	waiting, _, err := v.Suggestions(v.t.Context(), matching.Query{Limit: 1000})
	if err != nil {
		v.t.Fatal(err)
	}
	for _, s := range waiting {
		fmt.Fprintln(&text, s.A, s.B, s.Probability, s.Value, s.Evidence)
	}
	return text.String()
}

// TestNewcomersAtOnce checks that accounts which come between two looks are joined and suggested without waiting for the
// next one, and that what people decided holds for them.
func TestNewcomersAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		v := newServer(t, s)
		v.come("chat", append(crowd(40), connector.Identity{ExternalID: "a", Name: "Zuzanna Brzezicka", Handle: "zuzbrzezicka"},
			connector.Identity{ExternalID: "l", Name: "Ludmila Vostrikova"})...)
		_, before, err := s.MatchSettings(t.Context())
		if err != nil || before.Identities != 42 {
			t.Fatalf("the first look was at %+v, %v", before, err)
		}
		v.come("forum", connector.Identity{ExternalID: "b", Name: "Zuzanna Brzezicka", Handle: "zuzbrzezicka"}, connector.Identity{ExternalID: "m", Handle: "ludmila"})
		if got := v.who(); !strings.Contains(got, "chat/a+forum/b") {
			t.Errorf("a newcomer of a rare name: %s", got)
		}
		waiting, _, err := v.reviews.Suggestions(t.Context(), matching.Query{})
		if err != nil || len(waiting) != 1 || waiting[0].Left.Member.Name+" "+waiting[0].Right.Identities[0].Handle != "Ludmila Vostrikova ludmila" {
			t.Errorf("a newcomer by a given name: %+v, %v", waiting, err)
		}
		if _, after, err := s.MatchSettings(t.Context()); err != nil || after != before {
			t.Errorf("the last look was at %+v, want that of before: %+v, %v", after, before, err)
		}
		history, err := s.Decisions(t.Context(), members(t, s, "name:zuzanna")[0].ID)
		if err != nil || len(history) != 1 {
			t.Fatalf("the history says %+v, %v", history, err)
		}
		if _, err := v.members.Undo(t.Context(), history[0].ID, "ana"); err != nil {
			t.Fatal(err)
		}
		v.come("forum", connector.Identity{ExternalID: "n", Name: "Dina Zeglarska"})
		if got := v.who(); !strings.Contains(got, "chat/a chat/") || strings.Contains(got, "+forum/b") {
			t.Errorf("undone: %s", got)
		}
		v.later()
		if got := v.who(); strings.Contains(got, "+forum/b") {
			t.Errorf("undone, and looked at everybody: %s", got)
		}
	})
}

// TestNewcomersAndTheWhole checks that it makes no difference in the end whether accounts came one after the other, placed
// among those that were there, or were all looked at together: who is who, links, suggestions and evidence.
func TestNewcomersAndTheWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		v := newServer(t, s)
		random := rand.New(rand.NewPCG(8, 1))
		all := map[string][]connector.Identity{}
		for i, c := range crowd(60) {
			all["chat"] = append(all["chat"], c)
			given, family, _ := strings.Cut(c.Name, " ")
			switch i % 5 {
			case 0:
				all["forum"] = append(all["forum"], connector.Identity{ExternalID: c.ExternalID, Name: c.Name, Handle: c.Handle})
			case 1:
				all["code"] = append(all["code"], connector.Identity{ExternalID: c.ExternalID, Handle: strings.ToLower(given + "." + family)})
			case 2:
				all["code"] = append(all["code"], connector.Identity{ExternalID: c.ExternalID, Name: given, Emails: []greenroom.Email{{Address: c.Handle + "@x" + c.ExternalID + ".org", Verified: true}}})
			}
		}
		looks := map[int]bool{4: true, 9: true}
		for step, done := 0, map[string]int{}; step < 16; step++ {
			for _, source := range []string{"chat", "forum", "code"} {
				if n := min(len(all[source]), done[source]+random.IntN(8)); n > done[source] || step == 15 {
					if step == 15 {
						n = len(all[source])
					}
					v.come(source, all[source][done[source]:n]...)
					done[source] = n
				}
			}
			if looks[step] {
				v.later()
			}
		}
		soon := v.who()
		v.later()
		v.later()
		placed := v.found()
		if who, _, _ := strings.Cut(placed, "\n"); different(soon, who) > 3 {
			t.Errorf("placed one by one and then all together differ in more than 3 members:\n%s\n%s", soon, who)
		}
		if err := s.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		settle(t, s, 1000)
		if whole := v.found(); whole != placed {
			t.Errorf("looked at together:\n%s\none by one:\n%s", whole, placed)
		}
	})
}

// different counts the members of one list that the other lacks.
func different(a, b string) int {
	have := map[string]bool{}
	for _, m := range strings.Fields(b) {
		have[m] = true
	}
	n := 0
	for _, m := range strings.Fields(a) {
		if !have[m] {
			n++
		}
	}
	return n
}
