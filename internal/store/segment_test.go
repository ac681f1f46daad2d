// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/store"
)

// club is a store with segments and a clock that a test moves.
type club struct {
	t   *testing.T
	s   *store.Store
	g   *segment.Service
	now time.Time
	n   int // posts
}

type noAudit struct{}

func (noAudit) Audit(context.Context, string, string, string, string) error { return nil }

// inClub runs a test on both stores. It begins on 1 June 2026 at noon.
func inClub(t *testing.T, f func(c *club)) {
	t.Helper()
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "greenroom.db") },
		"postgres": postgresDSN,
	} {
		t.Run(name, func(t *testing.T) {
			c := &club{t: t, now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
			c.s = openAt(t, dsn(t), func() time.Time { return c.now })
			c.g = segment.New(c.s, noAudit{}, slog.New(slog.NewTextHandler(t.Output(), nil)), func() time.Time { return c.now })
			f(c)
		})
	}
}

// says has people write now.
func (c *club) says(who ...string) {
	c.t.Helper()
	tell(c.t, c.s, "chat", func(out *connector.Sink) {
		for _, w := range who {
			person(out, w, strings.ToUpper(w[:1])+w[1:])
			c.n++
			out.Activity(connector.Activity{ExternalID: fmt.Sprintf("p%d", c.n), Kind: greenroom.KindMessage, Author: w, Thread: fmt.Sprintf("p%d", c.n), OccurredAt: c.now.Add(-time.Minute), Body: "hello"})
		}
	})
}

// later moves the clock and evaluates.
func (c *club) later(d time.Duration) {
	c.t.Helper()
	c.now = c.now.Add(d)
	c.follow()
}

func (c *club) follow() {
	c.t.Helper()
	if err := c.g.Follow(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *club) add(name, q string) segment.Segment {
	c.t.Helper()
	g, err := c.g.Add(c.t.Context(), segment.Draft{Name: name, Query: q}, "ana")
	if err != nil {
		c.t.Fatal(err)
	}
	return g
}

// in lists the names of those whom a query over members gives.
func (c *club) in(q string) string {
	c.t.Helper()
	var names []string
	for _, m := range members(c.t, c.s, q) {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (c *club) id(name string) int64 {
	c.t.Helper()
	for _, m := range members(c.t, c.s, "name:"+name) {
		return m.ID
	}
	c.t.Fatalf("there is no %s", name)
	return 0
}

// story is the history of a segment in words, the oldest first.
func (c *club) story(key string) []string {
	c.t.Helper()
	events, err := c.g.Events(c.t.Context(), key, segment.Filter{Limit: 100})
	if err != nil {
		c.t.Fatal(err)
	}
	slices.Reverse(events)
	var all []string
	for _, e := range events {
		sign := "-"
		if e.Entered {
			sign = "+"
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s%s %s %s: %s", sign, e.Member, e.At.Format("2.1."), e.Cause, e.Reason)))
	}
	return all
}

func (c *club) wantStory(key string, want ...string) {
	c.t.Helper()
	if diff := gocmp.Diff(want, c.story(key)); diff != "" {
		c.t.Errorf("history of %s (-want +got)\n%s", key, diff)
	}
}

const day = 24 * time.Hour

func TestSegmentHistory(t *testing.T) {
	inClub(t, func(c *club) {
		c.says("ana", "ben")
		c.add("Lively", "last_active:<30d -is:staff")
		c.add("Champions", "tag:champion")
		c.later(20 * day)
		c.says("ben", "cleo")
		c.later(time.Minute)
		c.later(15 * day) // ana's last activity is 35 days ago
		edit := func(who string, e member.Edit) {
			t.Helper()
			if err := c.s.EditMember(t.Context(), c.id(who), e); err != nil {
				t.Fatal(err)
			}
			c.later(time.Minute)
		}
		yes := true
		edit("Ben", member.Edit{AddTags: []string{"champion"}})
		edit("Ben", member.Edit{RemoveTags: []string{"champion"}})
		edit("Cleo", member.Edit{Staff: &yes})
		c.says("ana")
		c.later(time.Minute)
		c.wantStory("lively",
			"+Ana 1.6. made:", "+Ben 1.6. made:",
			"+Cleo 21.6. facts: last active is within the last 30 days",
			"-Ana 6.7. time: last active is now over 30 days ago",
			"-Cleo 6.7. facts: is staff now",
			"+Ana 6.7. facts: last active is within the last 30 days")
		c.wantStory("champions", "+Ben 6.7. facts: tag champion was added", "-Ben 6.7. facts: tag champion was removed")
		for q, want := range map[string]string{
			"segment:lively": "Ana Ben", "segment:Lively": "Ana Ben", "-segment:lively": "Cleo", "has:segment": "Ana Ben",
			"segment:lively@2026-06-01": "Ana Ben", "segment:lively@2026-06-21": "Ana Ben Cleo", "segment:lively@2026-05-01": "", "segment:champions,lively": "Ana Ben",
		} {
			if got := c.in(q); got != want {
				t.Errorf("%s gives %q, want %q", q, got, want)
			}
		}
		var feed []int64
		for after := int64(0); ; {
			some, err := c.g.Feed(t.Context(), after, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(some) == 0 {
				break
			}
			for _, e := range some {
				feed, after = append(feed, e.ID), e.ID
			}
		}
		if len(feed) != 8 || !slices.IsSorted(feed) {
			t.Errorf("the feed has %v; want 8 events in order", feed)
		}
	})
}

func TestSegmentsOfActivities(t *testing.T) {
	inClub(t, func(c *club) {
		c.says("ana", "ben", "ben")
		c.add("B", "name:ben")
		q := func(e query.Entity) *query.Query {
			q, err := query.Parse(query.NewSchema(e, nil), "segment:b")
			if err != nil {
				t.Fatal(err)
			}
			return q
		}
		activities, err := c.s.ListActivities(t.Context(), list.Request{Query: q(query.Activities), Count: true})
		if err != nil || activities.Total != 2 {
			t.Errorf("segment:b gives %d activities (%v), want 2", activities.Total, err)
		}
		talks, err := c.s.ListConversations(t.Context(), list.Request{Query: q(query.Conversations), Count: true})
		if err != nil || talks.Total != 2 {
			t.Errorf("segment:b gives %d conversations (%v), want 2", talks.Total, err)
		}
		ids, err := c.s.IdentitySet(t.Context(), q(query.Activities).Root)
		if err != nil || len(ids) != 1 {
			t.Errorf("segment:b has the accounts %v (%v), want one", ids, err)
		}
	})
}

// TestSegmentOfMergedMembers: who becomes part of another member, or is split off, has not come or gone.
func TestSegmentOfMergedMembers(t *testing.T) {
	inClub(t, func(c *club) {
		c.says("ana", "ben", "cleo")
		c.add("Tagged", "tag:vip")
		for _, who := range []string{"Ana", "Ben"} {
			if err := c.s.EditMember(t.Context(), c.id(who), member.Edit{AddTags: []string{"vip"}}); err != nil {
				t.Fatal(err)
			}
		}
		c.later(time.Hour)
		ana, ben, cleo := c.id("Ana"), c.id("Ben"), c.id("Cleo")
		if _, err := c.s.MergeMembers(t.Context(), ana, ben, "same", "test"); err != nil {
			t.Fatal(err)
		}
		c.later(time.Hour)
		decision, err := c.s.MergeMembers(t.Context(), cleo, ana, "same", "test") // cleo has no tag of her own; the person has
		if err != nil {
			t.Fatal(err)
		}
		c.later(time.Hour)
		if got := c.in("segment:tagged"); got != c.in(fmt.Sprintf("id:%d", cleo)) {
			t.Errorf("after the merges %q are in the segment", got)
		}
		if got, err := c.g.AsOf(t.Context(), "tagged", c.now.Add(-90*time.Minute)); err != nil || !slices.Equal(got, []int64{cleo}) {
			t.Errorf("before the merges %v were in it (%v); want %d, who they are now", got, err, cleo)
		}
		if _, err := c.s.UndoDecision(t.Context(), decision, "test"); err != nil {
			t.Fatal(err)
		}
		c.later(time.Hour)
		for _, line := range c.story("tagged")[2:] {
			if !strings.Contains(line, "merged:") && !strings.Contains(line, "split:") && !strings.Contains(line, "-Cleo") {
				t.Errorf("a merge looks like a coming or going: %s", line)
			}
		}
		if err := c.s.EraseMember(t.Context(), ana); err != nil {
			t.Fatal(err)
		}
		c.later(time.Hour)
		g, err := c.g.Get(t.Context(), "tagged")
		if err != nil || g.Size != 0 || g.Problem != "" {
			t.Errorf("after erasing: %+v (%v)", g, err)
		}
		for _, line := range c.story("tagged") {
			if !strings.Contains(line, "Cleo") {
				t.Errorf("an erased member is in the history: %s", line)
			}
		}
	})
}

func TestSegmentsOfSegments(t *testing.T) {
	inClub(t, func(c *club) {
		c.says("ana", "ben")
		c.add("A", "name:ana")
		c.add("B", "segment:A or name:ben")
		c.add("C", "segment:b -segment:a")
		if got := c.in("segment:c"); got != "Ben" {
			t.Errorf("c has %q, want Ben", got)
		}
		circle := "segment:c"
		_, err := c.g.Edit(t.Context(), "a", segment.Change{Query: &circle}, "ana")
		if want := "A → C → B → A"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a circle gives %v, want one that names %s", err, want)
		}
		name, all := "Aha", "name:ana or name:ben"
		if _, err := c.g.Edit(t.Context(), "a", segment.Change{Name: &name, Query: &all}, "ana"); err != nil {
			t.Fatal(err)
		}
		if got := c.in("segment:c"); got != "" {
			t.Errorf("after a changed, c has %q", got)
		}
		c.wantStory("c", "+Ben 1.6. made:", "-Ben 1.6. segment: entered segment a")
		o, err := c.g.Compare(t.Context(), "b", "a")
		if err != nil || o.Both.Members != 2 || o.OnlyA.Members != 0 || o.OnlyB.Members != 0 {
			t.Errorf("overlap: %+v (%v)", o, err)
		}
		if _, err := c.g.Archive(t.Context(), "a", "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("archiving what others name gives %v", err)
		}
		if _, err := c.g.Archive(t.Context(), "c", "ana"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.g.Restore(t.Context(), "c", "ana"); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []segment.Draft{
			{Name: "aha", Query: "is:new"}, {Name: "", Query: "is:new"}, {Name: "x", Query: ""}, {Name: "x", Query: "segment:nowhere"}, {Name: "x", Query: "is:purple"}, {Name: "x", Query: "is:new", Key: "No Key"}, {Name: "x", Query: "is:new", Color: "mud"},
		} {
			if _, err := c.g.Add(t.Context(), wrong, "ana"); err == nil {
				t.Errorf("%+v was taken", wrong)
			}
		}
	})
}

// TestSegmentPast: a new segment's last weeks are what evaluating it then would have found.
func TestSegmentPast(t *testing.T) {
	inClub(t, func(c *club) {
		queries := []string{"is:new", "is:quiet", "is:active", "did:message since:20d count:>=2", "activities:>=2 last_active:>10d", "-last_active:<15d", "first_active:<40d or activities:>3"}
		keys := make([]string, len(queries))
		c.says("zoe")
		for i, q := range queries {
			keys[i] = c.add(fmt.Sprintf("then %d", i), q).Key
		}
		who := []string{"ana", "ben", "cleo", "dan"}
		c.now = time.Date(2026, 6, 8, 0, 0, 0, 0, time.UTC)
		for week := range 12 {
			c.now = c.now.Add(time.Hour)
			c.says(who[week%4], who[(week*week+1)%4])
			c.now = c.now.Add(7*day - time.Hour)
			c.follow()
		}
		for i, q := range queries {
			g := c.add(fmt.Sprintf("now %d", i), q)
			for at := c.now.Add(-60 * day); at.Before(c.now); at = at.Add(day) {
				if at.Weekday() != time.Monday || !at.Equal(at.Truncate(day)) {
					continue
				}
				then, err := c.g.AsOf(t.Context(), keys[i], at)
				if err != nil {
					t.Fatal(err)
				}
				now, err := c.g.AsOf(t.Context(), g.Key, at)
				if err != nil {
					t.Fatal(err)
				}
				if diff := gocmp.Diff(then, now); diff != "" {
					t.Errorf("%s on %s (-evaluated then +worked out)\n%s", q, at.Format(time.DateOnly), diff)
				}
			}
		}
	})
}

// TestSegmentEventsReplay: applying the events in order gives who was in a segment at any time, whatever happened.
func TestSegmentEventsReplay(t *testing.T) {
	c := &club{t: t, now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	s := openAt(t, filepath.Join(t.TempDir(), "greenroom.db"), func() time.Time { return c.now })
	c.s, c.g = s, segment.New(s, noAudit{}, slog.New(slog.DiscardHandler), func() time.Time { return c.now })
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		key := fmt.Sprintf("s%d", round)
		var people []string
		for i := range 5 {
			people = append(people, fmt.Sprintf("p%d-%d", round, i))
		}
		c.says(people...)
		made := c.add(key, rapid.SampledFrom([]string{"last_active:<20d", "is:quiet or tag:x", "did:message since:15d count:>=2", "-tag:x activities:>1"}).Draw(rt, "query"))
		known := map[time.Time]string{} // who was in it after each evaluation
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			who := rapid.SampledFrom(people).Draw(rt, "who")
			c.now = c.now.Add(time.Minute)
			switch rapid.IntRange(0, 4).Draw(rt, "what") {
			case 0, 1:
				c.says(who)
			case 2:
				tag := rapid.SampledFrom([]member.Edit{{AddTags: []string{"x"}}, {RemoveTags: []string{"x"}}}).Draw(rt, "tag")
				if found := members(t, s, "name:"+who); len(found) > 0 {
					if err := s.EditMember(t.Context(), found[0].ID, tag); err != nil {
						rt.Fatal(err)
					}
				}
			case 3:
				all := members(t, s, fmt.Sprintf("name:P%d-*", round))
				if len(all) > 1 {
					if _, err := s.MergeMembers(t.Context(), all[0].ID, all[1].ID, "same", "test"); err != nil {
						rt.Fatal(err)
					}
				}
			case 4:
				q := rapid.SampledFrom([]string{"last_active:<10d", "tag:x", "activities:>=2"}).Draw(rt, "changed")
				if _, err := c.g.Edit(t.Context(), key, segment.Change{Query: &q}, "test"); err != nil {
					rt.Fatal(err)
				}
			}
			c.later(time.Duration(rapid.IntRange(1, 15*24).Draw(rt, "hours")) * time.Hour)
			in, err := s.SegmentMembers(t.Context(), made.ID)
			if err != nil {
				rt.Fatal(err)
			}
			known[c.now] = sortedIDs(in)
			if g, err := c.g.Get(t.Context(), key); err != nil || g.Size != int64(len(in)) {
				rt.Fatalf("the size is %d (%v), %d members are in it", g.Size, err, len(in))
			}
		}
		if _, err := c.g.Archive(t.Context(), key, "test"); err != nil { // the next round has one of its own
			rt.Fatal(err)
		}
		events, err := s.SegmentEventsOf(t.Context(), segment.Filter{Segment: made.ID, Limit: 100_000})
		if err != nil {
			rt.Fatal(err)
		}
		slices.SortFunc(events, func(a, b segment.Event) int { return cmp.Or(a.At.Compare(b.At), int(a.ID-b.ID)) })
		for at, want := range known {
			in := make(map[int64]time.Time)
			for _, e := range events {
				if e.At.After(at) {
					break
				}
				_, was := in[e.MemberID]
				if was == e.Entered {
					rt.Fatalf("member %d enters or leaves twice in a row", e.MemberID)
				}
				if e.Entered {
					in[e.MemberID] = e.At
				} else {
					delete(in, e.MemberID)
				}
			}
			if got := sortedIDs(in); got != want {
				rt.Fatalf("at %s the events say %s, but %s were in it", at, got, want)
			}
		}
	})
}

func sortedIDs(in map[int64]time.Time) string {
	var ids []int64
	for id := range in {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return fmt.Sprint(ids)
}
