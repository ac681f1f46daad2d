// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/ingest"
	"greenroom/internal/matching"
	"greenroom/internal/member"
	"greenroom/internal/store"
)

// told is one fact of a made-up source: an identity, and what it posts if it does.
type told struct {
	Identity connector.Identity
	Post     string // external id; "" = nothing
	Thread   string
	Hour     int
}

// feed is a source that can be read from any of its facts on.
type feed []told

func (f feed) Read(_ context.Context, from connector.Cursor, out *connector.Sink) error {
	start := 0
	if from != "" {
		var err error
		if start, err = strconv.Atoi(string(from)); err != nil {
			return err
		}
	}
	for i := start; i < len(f); i++ {
		out.Read(1)
		out.Identity(f[i].Identity)
		if f[i].Post != "" {
			post(out, f[i].Post, f[i].Identity.ExternalID, f[i].Thread, f[i].Hour, "How do I rotate keys?")
		}
		if err := out.Checkpoint(connector.Cursor(strconv.Itoa(i+1)), connector.Progress{Done: int64(i + 1), Total: int64(len(f)), Unit: "records"}); err != nil {
			return err
		}
	}
	return nil
}

// deed is what a person does after a source was imported: x and y are members by an account of each.
type deed struct {
	After          int // source
	What           string
	XSource, YFrom int
	X, Y           string
}

// world is a community and what its team does.
type world struct {
	Feeds []feed
	Deeds []deed
}

func draws[T any](t *rapid.T, name string, from ...T) T { return rapid.SampledFrom(from).Draw(t, name) }

// drawWorld draws small communities in which most accounts have something in common with others, and some mailboxes turn
// out to be shared only after a while. One company is enough: organizations get their numbers while facts are stored, in
// the order in which a batch tells them.
func drawWorld(t *rapid.T, withDeeds bool) world {
	var w world
	sources := rapid.IntRange(1, 3).Draw(t, "sources")
	for s := range sources {
		var f feed
		for i := range rapid.IntRange(1, 9).Draw(t, "facts") {
			id := connector.Identity{
				ExternalID: draws(t, "account", "u1", "u2", "u3", "u4", "u5"),
				Name:       draws(t, "name", "", "ann", "Ann Lee", "Lee Ann", "Bob Stone", "Carl Moss", "Dana Reed"),
				Handle:     draws(t, "handle", "", "ann", "bobby"),
				AvatarURL:  draws(t, "avatar", "", "https://a.example/1", "https://a.example/2"),
				JobTitle:   draws(t, "title", "", "Engineer", "Writer"),
				Bot:        draws(t, "bot", false, false, false, true),
			}
			for _, e := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x@acme.io", "y@acme.io", "z@gmail.com", "w@beta.io"}), 0, 2, rapid.ID[string]).Draw(t, "emails") {
				id.Emails = append(id.Emails, greenroom.Email{Address: e, Verified: draws(t, "verified", false, true)})
			}
			if own := draws(t, "own profile", "", "https://github.com/a", "https://github.com/b"); own != "" && s == 0 {
				id.ProfileURL = own
			}
			if link := draws(t, "link", "", "", "https://github.com/a", "https://github.com/b", "https://gitlab.com/c"); link != "" {
				id.Links = []string{link}
			}
			if tag := draws(t, "tag", "", "", "speaker", "beta"); tag != "" {
				id.Tags = []string{tag}
			}
			n := told{Identity: id, Hour: s*100 + i}
			if rapid.Bool().Draw(t, "posts") {
				n.Post, n.Thread = fmt.Sprintf("%d-%d", s, i), fmt.Sprintf("%d-%d", s, rapid.IntRange(0, i).Draw(t, "thread"))
			}
			f = append(f, n)
		}
		w.Feeds = append(w.Feeds, f)
		for range rapid.IntRange(0, 3).Draw(t, "deeds") {
			if withDeeds {
				account := func(name string) (int, string) {
					from := rapid.IntRange(0, s).Draw(t, name+" source")
					return from, rapid.SampledFrom(w.Feeds[from]).Draw(t, name).Identity.ExternalID
				}
				d := deed{After: s, What: draws(t, "deed", "join or part", "join or part", "undo", "tag", "staff", "domain")}
				d.XSource, d.X = account("x")
				d.YFrom, d.Y = account("y")
				w.Deeds = append(w.Deeds, d)
			}
		}
	}
	return w
}

// life is how the facts of a world come into a store.
type life struct {
	batch  int   // facts at once
	window int   // activities derived at once
	deaths []int // after how many batches the process dies, each time
	after  bool  // after the batch was stored
	every  bool  // derive after each death
}

// live brings a world into a store.
func live(t *testing.T, r rapid.TB, s *store.Store, w world, l life, order []int) {
	t.Helper()
	var decisions []int64
	for _, i := range order {
		spec := connector.Spec{Kind: "feed", Title: "Feed", Platform: "feed", New: func(connector.Env, connector.Values) (connector.Source, error) { return w.Feeds[i], nil }}
		req := ingest.Request{Spec: spec, Name: "s" + strconv.Itoa(i), Batch: l.batch}
		for _, kill := range l.deaths {
			_, _, err := ingest.New(&dying{Store: s, left: kill, after: l.after}, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), req)
			if err == nil {
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			if l.every {
				derive(t, s, l.window)
			}
		}
		if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		for _, d := range w.Deeds {
			if d.After == i {
				settle(t, s, l.window)
				decisions = do(t, r, s, d, decisions)
			}
		}
	}
	settle(t, s, l.window)
}

// settle derives everything, with what the identity model finds.
func settle(t *testing.T, s *store.Store, window int) {
	t.Helper()
	m := matching.New(s, slog.New(slog.DiscardHandler), clock)
	for changed := true; changed; {
		derive(t, s, window)
		var err error
		if changed, err = m.Match(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
}

// do does what a person does, and returns the decisions that can be undone then.
func do(t *testing.T, r rapid.TB, s *store.Store, d deed, decisions []int64) []int64 {
	t.Helper()
	xid, x := accountOf(t, s, d.XSource, d.X)
	yid, y := accountOf(t, s, d.YFrom, d.Y)
	var err error
	var decision int64
	switch {
	case d.What == "tag":
		err = s.EditMember(t.Context(), x.ID, member.Edit{AddTags: []string{"vip"}, RemoveTags: []string{"beta"}})
	case d.What == "staff":
		yes := true
		err = s.EditMember(t.Context(), x.ID, member.Edit{Staff: &yes})
	case d.What == "domain":
		err = s.SetTeamDomains(t.Context(), []string{"acme.io"})
	case d.What == "undo":
		if len(decisions) == 0 {
			return nil
		}
		last := decisions[len(decisions)-1]
		if _, err = s.UndoDecision(t.Context(), last, "test"); greenroom.ErrorCode(err) == greenroom.CodeConflict {
			err = nil
		}
		decisions = decisions[:len(decisions)-1]
	case x.ID != y.ID:
		if decision, err = s.MergeMembers(t.Context(), x.ID, y.ID, "same", "test"); err == nil {
			if _, now := accountOf(t, s, d.YFrom, d.Y); now.ID != x.ID {
				r.Errorf("after the merge into %d account %d is in %d", x.ID, yid, now.ID)
			}
		}
	case xid != yid:
		var created int64
		if decision, created, err = s.SplitMember(t.Context(), x.ID, []int64{yid}, "two", "test"); err == nil {
			if _, now := accountOf(t, s, d.YFrom, d.Y); now.ID != created {
				r.Errorf("after the split account %d is in %d, want %d", yid, now.ID, created)
			}
		}
	}
	if err != nil {
		r.Fatalf("%+v: %v", d, err)
	}
	if decision > 0 {
		decisions = append(decisions, decision)
	}
	return decisions
}

func accountOf(t *testing.T, s *store.Store, source int, external string) (int64, greenroom.Member) {
	t.Helper()
	for _, m := range members(t, s, "is:hidden or -is:hidden or is:contact") {
		for _, id := range m.Identities {
			if id.Source == "s"+strconv.Itoa(source) && id.ExternalID == external {
				return id.ID, m
			}
		}
	}
	t.Fatalf("there is no account %s", external)
	return 0, greenroom.Member{}
}

// people is who is one member and what is said of them, without any id, so that it can be compared between stores whose
// sources came in another order.
func people(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	for _, m := range members(t, s, "is:hidden or -is:hidden or is:contact") {
		m.ID, m.OrganizationID = 0, 0
		for i := range m.Identities {
			m.Identities[i].ID, m.Identities[i].Reason = 0, ""
		}
		slices.SortFunc(m.Identities, func(x, y greenroom.IdentityRef) int {
			return strings.Compare(x.Source+x.ExternalID, y.Source+y.ExternalID)
		})
		slices.Sort(m.Emails)
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	slices.Sort(all)
	return all
}

// eachWorld runs a check on worlds that rapid draws, and shrinks what fails; on PostgreSQL, where a database takes a
// while to make, on some of them only.
func eachWorld(t *testing.T, check func(t *testing.T, r *rapid.T, store func() *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			check(t, r, func() *store.Store {
				s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "greenroom.db"), slog.New(slog.DiscardHandler), clock)
				if err != nil {
					t.Fatal(err)
				}
				r.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				})
				return s
			})
		})
	})
	t.Run("postgres", func(t *testing.T) {
		done := 0
		rapid.Check(t, func(r *rapid.T) {
			if done++; done <= onPostgres {
				check(t, r, func() *store.Store { return openPostgres(t) })
			}
		})
	})
}

// onPostgres is how many worlds are tried on PostgreSQL.
const onPostgres = 10

// TestMembersDoNotDependOnBatches brings the same facts and the same decisions into stores in other batches and windows,
// with processes that die, and wants the same exports to the byte.
func TestMembersDoNotDependOnBatches(t *testing.T) {
	eachWorld(t, func(t *testing.T, r *rapid.T, store func() *store.Store) {
		w := drawWorld(r, true)
		l := life{
			batch: rapid.IntRange(1, 4).Draw(r, "batch"), window: rapid.IntRange(1, 6).Draw(r, "window"), after: rapid.Bool().Draw(r, "after"),
			every: rapid.Bool().Draw(r, "every"), deaths: rapid.SliceOfN(rapid.IntRange(1, 3), 0, 4).Draw(r, "deaths"),
		}
		whole, cut := store(), store()
		live(t, r, whole, w, life{window: 1_000_000}, w.order())
		live(t, r, cut, w, l, w.order())
		differ(r, everything(t, whole), everything(t, cut))
		if err := whole.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		settle(t, whole, l.window)
		differ(r, everything(t, cut), everything(t, whole))
	})
}

// TestMembersDoNotDependOnTheOrderOfSources imports sources in another order and wants the same people.
func TestMembersDoNotDependOnTheOrderOfSources(t *testing.T) {
	eachWorld(t, func(t *testing.T, r *rapid.T, store func() *store.Store) {
		w := drawWorld(r, false)
		order := rapid.Permutation(w.order()).Draw(r, "order")
		one, other := store(), store()
		live(t, r, one, w, life{window: 1000}, w.order())
		live(t, r, other, w, life{window: 7}, order)
		differ(r, strings.Join(people(t, one), "\n"), strings.Join(people(t, other), "\n"))
	})
}

// order is the sources in the order of their numbers.
func (w *world) order() []int {
	order := make([]int, len(w.Feeds))
	for i := range order {
		order[i] = i
	}
	return order
}

// differ fails with the lines in which two exports differ.
func differ(r rapid.TB, want, got string) {
	r.Helper()
	if want == got {
		return
	}
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, l := range w {
		if !slices.Contains(g, l) {
			r.Log("-" + l)
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			r.Log("+" + l)
		}
	}
	r.Fatal("the exports differ")
}
