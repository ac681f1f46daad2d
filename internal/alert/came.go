// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom/internal/query"
)

// Saved is a query over members of which it is kept who came to fit when: a segment's.
type Saved struct {
	Key, Name, Query string
	Since            time.Time // from when on that is known of this query; zero = it is not
}

// Coming is that a member came to fit a saved query.
type Coming struct {
	Member int64 // as they are known today
	At     time.Time
	Worked bool // worked out from what is known today, to the week
}

// Comings keeps who came to fit queries over members.
type Comings interface {
	SavedQueries(ctx context.Context) ([]Saved, error)
	// CameToFit gives who came to fit one by its key since a time, in order of time, the newest limit of them.
	CameToFit(ctx context.Context, key string, since time.Time, limit int) ([]Coming, error)
}

// What a preview rests on.
const (
	BasisPast    = "past"    // what happened was gone through
	BasisHistory = "history" // a segment's history says who came to fit
	BasisNow     = "now"     // only what fits now is known
)

// cameTo finds the saved query that says who came to fit a query over members; nil = none does. Whom of the team and the
// bots the query leaves out is asked of the members themselves, so it makes no difference here as long as the saved one
// has them.
func (s *Service) cameTo(ctx context.Context, q *query.Query) (*Saved, error) {
	if s.comings == nil {
		return nil, nil //nolint:nilnil // nobody keeps any
	}
	all, err := s.comings.SavedQueries(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking whose history is kept: %w", err)
	}
	terms, left := conditions(q.Root)
	for i := range all {
		if named(q.Root, &all[i]) {
			return &all[i], nil
		}
		other, err := query.Parse(s.schemas[query.Members], all[i].Query)
		if err != nil || other.Root == nil {
			continue // it says itself that it cannot be evaluated
		}
		theirs, out := conditions(other.Root)
		if slices.Equal(terms, theirs) && !slices.ContainsFunc(out, func(who string) bool { return !slices.Contains(left, who) }) {
			return &all[i], nil
		}
	}
	return nil, nil //nolint:nilnil // said above
}

// conditions are the parts that all have to hold, in an order of their own, and who of the team and bots is left out.
func conditions(root query.Node) (terms, out []string) {
	parts := []query.Node{root}
	if and, ok := root.(*query.And); ok {
		parts = and.Nodes
	}
	for _, n := range parts {
		if who := leavesOut(n); who != nil {
			out = append(out, who...)
			continue
		}
		terms = append(terms, query.Format(n))
	}
	slices.Sort(terms)
	slices.Sort(out)
	return slices.Compact(terms), slices.Compact(out)
}

// leavesOut is whom a condition leaves out, where it leaves out the team or bots and says nothing else.
func leavesOut(n query.Node) []string {
	not, ok := n.(*query.Not)
	if !ok {
		return nil
	}
	t, ok := not.Node.(*query.Term)
	if !ok || t.Field.Attr != "is" || t.Field.Owner != query.Members {
		return nil
	}
	var who []string
	for _, v := range t.Values {
		if v.Text != "staff" && v.Text != "bot" {
			return nil
		}
		who = append(who, v.Text)
	}
	return who
}

// named reports whether a query asks for the members of a segment and for nothing else.
func named(root query.Node, g *Saved) bool {
	parts := []query.Node{root}
	if and, ok := root.(*query.And); ok {
		parts = and.Nodes
	}
	found := false
	for _, n := range parts {
		if leavesOut(n) != nil {
			continue
		}
		t, ok := n.(*query.Term)
		if found || !ok || t.Field.Attr != "segment" || t.Op != query.Equal || len(t.Values) != 1 || t.Values[0].Text != g.Key && t.Values[0].Text != g.Name {
			return false
		}
		found = true
	}
	return found
}

// pastComings goes through who came to fit a query over members, where a segment's history says so. It reports whether one
// does, and why not.
func (s *Service) pastComings(ctx context.Context, d *Draft, q *query.Query, p *Preview) (why string, err error) {
	from := s.now().AddDate(0, 0, -previewDays)
	g, err := s.cameTo(ctx, q)
	switch {
	case err != nil:
		return "", err
	case g == nil:
		return "that is kept for the queries of segments, and no segment has this one. Make a segment with it, and it is known from then on", nil
	case g.Since.IsZero():
		return "the segment " + g.Name + " has this query, and has not been evaluated with it yet", nil
	}
	all, err := s.comings.CameToFit(ctx, g.Key, from, previewMost)
	if err != nil {
		return "", fmt.Errorf("reading who came to fit: %w", err)
	}
	matches, worked, err := s.whoCame(ctx, q, all)
	if err != nil {
		return "", err
	}
	p.Basis, p.Segment, p.Since, p.AtLeast = BasisHistory, g.Key, from, len(all) == previewMost
	days := previewDays
	if g.Since.After(from) {
		p.Since, days = g.Since, int(s.now().Sub(g.Since).Hours()/24)
	}
	p.Exact = worked == 0 && !g.Since.After(from)
	s.replay(d, p, matches)
	p.Says = cameSays(g, p, days, worked)
	return "", nil
}

// whoCame makes matches of comings, each at its time. Of the team and bots, and of who is gone, the query leaves out whom
// it leaves out today. worked is how many of them were worked out.
func (s *Service) whoCame(ctx context.Context, q *query.Query, all []Coming) (matches []Match, worked int, err error) {
	ids := make([]int64, 0, len(all))
	for i := range all {
		ids = append(ids, all[i].Member)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if _, out := conditions(q.Root); len(out) > 0 {
		rest, err := query.Parse(s.schemas[query.Members], "-is:"+strings.Join(out, ","))
		if err != nil {
			return nil, 0, err //nolint:wrapcheck // it parses
		}
		if ids, err = s.store.WhichFit(ctx, query.Members, rest, ids); err != nil {
			return nil, 0, fmt.Errorf("asking who of them belongs to the team: %w", err)
		}
	}
	found, err := s.store.AlertSubjects(ctx, kindOf(query.Members), ids)
	if err != nil {
		return nil, 0, fmt.Errorf("reading who came to fit: %w", err)
	}
	by := make(map[int64]*Match, len(found))
	for i := range found {
		by[found[i].Object.ID] = &found[i]
	}
	for i := range all {
		m := by[all[i].Member]
		if m == nil {
			continue
		}
		one := *m
		one.At = all[i].At
		matches = append(matches, one)
		if all[i].Worked {
			worked++
		}
	}
	return matches, worked, nil
}

func cameSays(g *Saved, p *Preview, days, worked int) string {
	text := "It would have fired " + times(p.Times, p.AtLeast)
	if p.Times == 0 {
		text = "It would not have fired"
	}
	switch {
	case days == previewDays:
		text += fmt.Sprintf(" in the last %d days", days)
	case days < 1:
		text += " since today, which is as far back as this is known"
	default:
		text += fmt.Sprintf(" in the last %s, which is as far back as this is known", counted(days, "day", "days"))
	}
	text += ", as the history of the segment " + g.Name + " says."
	if worked > 0 {
		text += fmt.Sprintf(" When %s came to fit was worked out from what is known today, to the week.", counted(worked, "member", "members"))
	}
	return text
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
