// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// Trace is what a member had done up to some activity, and whether anything came after it.
type Trace struct {
	First, Last time.Time // of what makes a member active; zero = nothing had
	Activities  int64
	New         []string // kinds of what came after
}

// explained is for how many members who enter, and as many who leave, an evaluation looks for the reasons.
const explained = 1000

// comparison is an evaluation that found a difference.
type comparison struct {
	*Service
	segment *Segment
	root    query.Node
	now     time.Time
	have    map[int64]time.Time
	fits    []int64
}

// conditions are what a query consists of at the top.
func conditions(root query.Node) []query.Node {
	if and, ok := root.(*query.And); ok {
		return and.Nodes
	}
	return []query.Node{root}
}

// explain fills in who enters and who leaves, with causes and reasons. Cause is of everything; "" = it is looked for.
func (c *comparison) explain(ctx context.Context, d *Difference, enter, leave []int64, cause Cause) error {
	merged, err := c.store.Became(ctx, leave)
	if err != nil {
		return err
	}
	split, err := c.store.SplitOff(ctx, enter, c.segment.EvaluatedAt)
	if err != nil {
		return err
	}
	since := make(map[int64]time.Time) // of members that others who were in it became part of
	var left []int64                   // to be explained
	for _, id := range leave {
		head, gone := merged[id]
		if _, in := slices.BinarySearch(c.fits, head); gone && in {
			if at := c.have[id]; since[head].IsZero() || at.Before(since[head]) {
				since[head] = at
			}
			d.Leave = append(d.Leave, Entry{Member: id, Cause: CauseMerged, Reason: fmt.Sprintf("is the same person as member %d, who is in the segment", head)})
			continue
		}
		left = append(left, id)
	}
	var entered []int64
	for _, id := range enter {
		from := split[id]
		_, was := c.have[from]
		switch {
		case !since[id].IsZero():
			d.Enter = append(d.Enter, Entry{Member: id, Since: since[id], Cause: CauseMerged, Reason: "is the same person as a member who was in the segment"})
		case from > 0 && was && cause == "":
			d.Enter = append(d.Enter, Entry{Member: id, Since: c.have[from], Cause: CauseSplit, Reason: fmt.Sprintf("was split off from member %d", from)})
		default:
			entered = append(entered, id)
		}
	}
	if cause != "" && cause != CauseSegment {
		d.Leave, d.Enter = append(d.Leave, all(left, cause)...), append(d.Enter, all(entered, cause)...)
		return nil
	}
	if err := c.explainLeaving(ctx, d, left, merged); err != nil {
		return err
	}
	return c.explainEntering(ctx, d, entered)
}

// all are entries without a reason of their own.
func all(ids []int64, cause Cause) []Entry {
	entries := make([]Entry, len(ids))
	for i, id := range ids {
		entries[i] = Entry{Member: id, Cause: cause}
	}
	return entries
}

// explainLeaving finds which conditions no longer hold. All of them held before.
func (c *comparison) explainLeaving(ctx context.Context, d *Difference, ids []int64, merged map[int64]int64) error {
	some := ids[:min(len(ids), explained)]
	d.Leave = append(d.Leave, all(ids[len(some):], CauseFacts)...)
	about := make([]int64, len(some)) // whom to ask about: a member who was merged is another one now
	for i, id := range some {
		about[i] = id
		if head := merged[id]; head > 0 {
			about[i] = head
		}
	}
	conds := conditions(c.root)
	now, before, err := c.held(ctx, conds, about)
	if err != nil {
		return err
	}
	for i, id := range some {
		e := Entry{Member: id, Cause: CauseTime}
		var why []string
		for n, cond := range conds {
			if len(now[about[i]]) > n && !now[about[i]][n] {
				why = append(why, Words(cond, false))
				if len(before[about[i]]) <= n || !before[about[i]][n] {
					e.Cause = CauseFacts
				}
				if namesSegment(cond) {
					e.Cause = CauseSegment
				}
			}
		}
		if len(why) == 0 {
			e.Cause, why = CauseFacts, []string{"is hidden now, or known from business systems only"}
		}
		if about[i] != id {
			e.Cause, why = CauseFacts, append([]string{fmt.Sprintf("became part of member %d", about[i])}, why...)
		}
		e.Reason = strings.Join(why, "; ")
		d.Leave = append(d.Leave, e)
	}
	return nil
}

// held says which conditions hold now, and which held at the last evaluation if facts had been as they are now.
func (c *comparison) held(ctx context.Context, conds []query.Node, ids []int64) (now, before map[int64][]bool, err error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	if now, err = c.store.Holds(ctx, conds, ids, c.now); err != nil {
		return nil, nil, err
	}
	before, err = c.store.Holds(ctx, conds, ids, c.segment.EvaluatedAt.In(c.now.Location()))
	return now, before, err
}

// explainEntering finds which conditions hold that did not before.
func (c *comparison) explainEntering(ctx context.Context, d *Difference, ids []int64) error {
	some := ids[:min(len(ids), explained)]
	d.Enter = append(d.Enter, all(ids[len(some):], CauseFacts)...)
	conds := conditions(c.root)
	_, before, err := c.held(ctx, conds, some)
	if err != nil || len(some) == 0 {
		return err
	}
	traces, err := c.store.Traces(ctx, some, c.segment.Position)
	if err != nil {
		return err
	}
	for _, id := range some {
		trace := traces[id]
		e := Entry{Member: id, Cause: CauseFacts}
		var why []string
		byTime := true
		for n, cond := range conds {
			was := len(before[id]) > n && before[id][n]
			if was && len(trace.New) > 0 {
				was = c.heldBefore(cond, &trace)
				byTime = byTime && was
			}
			if !was {
				why = append(why, Words(cond, true))
				if namesSegment(cond) {
					e.Cause = CauseSegment
				}
			}
		}
		switch {
		case len(why) == 0: // nothing that time or activity explains: what people or sources say of the member
			why = told(conds)
		case byTime && e.Cause == CauseFacts:
			e.Cause = CauseTime
		}
		e.Reason = strings.Join(why, "; ")
		d.Enter = append(d.Enter, e)
	}
	return nil
}

// told are the words for conditions that do not follow from activity or time; the exclusions only where there are no
// others.
func told(conds []query.Node) []string {
	var why, not []string
	for _, cond := range conds {
		if moves(cond) {
			continue
		}
		if _, negative := cond.(*query.Not); negative {
			not = append(not, Words(cond, true))
		} else {
			why = append(why, Words(cond, true))
		}
	}
	if len(why) == 0 {
		return not
	}
	return why
}

func namesSegment(n query.Node) bool { return len(names(n)) > 0 }

// moves reports whether a condition, as a whole or in a part, follows from activity or time.
func moves(n query.Node) bool {
	found := false
	query.Walk(n, func(n query.Node) bool {
		switch n := n.(type) {
		case *query.Did:
			found = true
		case *query.Term:
			found = found || n.Field.Owner == query.Members && movesTerm(n)
		}
		return !found
	})
	return found
}

func movesTerm(t *query.Term) bool {
	switch t.Field.Attr {
	case "last_active", "first_active", "activities", "channel", "joined":
		return true
	case "is":
		return slices.ContainsFunc(t.Values, func(v query.Value) bool {
			return slices.Contains([]string{"new", "active", "quiet", "gone"}, v.Text)
		})
	}
	return false
}

// heldBefore reports whether a condition held at the last evaluation with what the member had done by then. What activity
// does not change held, as far as that is known.
func (c *comparison) heldBefore(n query.Node, t *Trace) bool {
	at := c.segment.EvaluatedAt.In(c.now.Location())
	switch n := n.(type) {
	case *query.And:
		return !slices.ContainsFunc(n.Nodes, func(n query.Node) bool { return !c.heldBefore(n, t) })
	case *query.Or:
		return slices.ContainsFunc(n.Nodes, func(n query.Node) bool { return c.heldBefore(n, t) })
	case *query.Not:
		return !moves(n.Node) || !c.heldBefore(n.Node, t)
	case *query.Did: // one more of its kinds may have made it hold
		return len(n.Kinds) > 0 && !slices.ContainsFunc(n.Kinds, func(k string) bool { return slices.Contains(t.New, k) })
	case *query.Term:
		if n.Field.Owner != query.Members || !movesTerm(n) {
			return true
		}
		switch n.Field.Attr {
		case "last_active":
			return inIntervals(n, at, t.Last)
		case "first_active":
			return inIntervals(n, at, t.First)
		case "activities":
			if n.Op == query.Has {
				return t.Activities > 0
			}
			return slices.ContainsFunc(n.Bounds(), func(b query.Bounds) bool { return b.Contains(float64(t.Activities)) })
		case "is":
			return slices.ContainsFunc(n.Values, func(v query.Value) bool { return wasFlag(v.Text, at, t) })
		}
		return false
	}
	return true
}

func inIntervals(n *query.Term, now, v time.Time) bool {
	if n.Op == query.Has || v.IsZero() {
		return !v.IsZero()
	}
	return slices.ContainsFunc(n.Intervals(now), func(iv query.Interval) bool {
		return (iv.From.IsZero() || !v.Before(iv.From)) && (iv.To.IsZero() || v.Before(iv.To))
	})
}

// The ages that is: speaks of.
const (
	month = 30 * 24 * time.Hour
	half  = 180 * 24 * time.Hour
)

func wasFlag(flag string, at time.Time, t *Trace) bool {
	switch flag {
	case "new":
		return !t.First.Before(at.Add(-month))
	case "active":
		return !t.Last.Before(at.Add(-month))
	case "quiet":
		return t.Last.Before(at.Add(-month)) && !t.Last.Before(at.Add(-half))
	case "gone":
		return t.Last.Before(at.Add(-half)) && !t.Last.IsZero()
	}
	return true
}

// kindWords is a kind as people write it.
func kindWords(k string) string {
	if kind, err := greenroom.ParseKind(k); err == nil {
		return strings.ReplaceAll(kind.String(), "_", " ")
	}
	return k
}
