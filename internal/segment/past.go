// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// What a query says about activity can be asked of any day: a condition on the last activity becomes two on what was done
// until then, and so on. What people or sources say of a member (tags, organization, country) is taken as it is known
// today. So the last weeks of a new segment are worked out, a point a week, unless nothing in its query moves.

const (
	pastWeeks = 12
	pastTime  = 10 * time.Second // after that, the weeks before are left out
)

// PastState is who was in a segment at a time, in order.
type PastState struct {
	At      time.Time
	Members []int64
}

// past works out the last weeks of a segment that was just made.
func (s *Service) past(ctx context.Context, key string) error {
	g, err := s.store.Segment(ctx, key)
	if err != nil {
		return err
	}
	q, err := query.Parse(s.schema, g.Query)
	if err != nil || g.Problem != "" || !moves(q.Root) || namesSegment(q.Root) {
		return nil //nolint:nilerr // it says itself that it cannot be evaluated
	}
	begun := s.now()
	y, m, day := begun.Date()
	var states []PastState
	for week := range pastWeeks + 1 {
		at := time.Date(y, m, day-7*week, 0, 0, 0, 0, begun.Location())
		fits, err := s.store.SegmentFits(ctx, s.asOf(q.Root, at), at)
		if err != nil {
			return fmt.Errorf("working out who was in segment %s: %w", g.Key, err)
		}
		states = append(states, PastState{At: at, Members: fits})
		if s.now().Sub(begun) > pastTime {
			break
		}
	}
	slices.Reverse(states)
	if err := s.store.AddPast(ctx, g.ID, states); err != nil {
		return fmt.Errorf("storing who was in segment %s: %w", g.Key, err)
	}
	return nil
}

// asOf is the condition that holds now of whom root held of at a time.
func (s *Service) asOf(root query.Node, at time.Time) query.Node {
	p := &pastQuery{at: at, schema: s.schema}
	for _, k := range greenroom.Kinds() {
		if k.Info().Active {
			p.active = append(p.active, k.String())
		}
	}
	known := query.AnyOf(p.between("first_active", time.Time{}, at), p.between("joined", time.Time{}, at))
	return query.AllOf(p.node(root), known)
}

type pastQuery struct {
	at     time.Time
	schema *query.Schema
	active []string // kinds that make a member active
}

func (p *pastQuery) node(n query.Node) query.Node {
	switch n := n.(type) {
	case *query.And:
		return query.AllOf(p.nodes(n.Nodes)...)
	case *query.Or:
		return query.AnyOf(p.nodes(n.Nodes)...)
	case *query.Not:
		return query.Negate(p.node(n.Node))
	case *query.Did:
		return p.did(n)
	case *query.Term:
		if n.Field.Owner == query.Members && movesTerm(n) {
			return p.term(n)
		}
	}
	return n
}

func (p *pastQuery) nodes(of []query.Node) []query.Node {
	nodes := make([]query.Node, len(of))
	for i, n := range of {
		nodes[i] = p.node(n)
	}
	return nodes
}

// did is a did: that counts no later activity.
func (p *pastQuery) did(n *query.Did) query.Node {
	d := *n
	iv := n.Interval(p.at)
	d.Since, d.Until = value(iv.From), value(p.at.Add(-time.Second))
	if !iv.To.IsZero() && iv.To.Before(p.at) {
		d.Until = value(iv.To.Add(-time.Second))
	}
	return &d
}

// value is a time to the second; a limit by it takes in the whole second.
func value(t time.Time) query.Value {
	if t.IsZero() {
		return query.Value{}
	}
	t = t.UTC()
	return query.Value{Form: query.FormDate, Date: query.Date{
		Year: t.Year(), Month: int(t.Month()), Day: t.Day(), Hour: t.Hour(), Minute: t.Minute(), Second: t.Second(), Precision: query.ToSecond, Zoned: true,
	}}
}

// active is having been active in a stretch of time.
func (p *pastQuery) activeIn(from, to time.Time) query.Node {
	if to.IsZero() || to.After(p.at) {
		to = p.at
	}
	return &query.Did{Kinds: p.active, Since: value(from), Until: value(to.Add(-time.Second)), Min: 1, Max: query.Unlimited}
}

// lastIn is that the last activity by then lies in a stretch of time.
func (p *pastQuery) lastIn(from, to time.Time) query.Node {
	in := p.activeIn(from, to)
	if to.IsZero() || !to.Before(p.at) {
		return in
	}
	return query.AllOf(in, query.Negate(p.activeIn(to, p.at)))
}

// between is that a date of a member lies in a stretch of time that ends by then.
func (p *pastQuery) between(name string, from, to time.Time) query.Node {
	f, _ := p.schema.Field(name)
	if to.IsZero() || to.After(p.at) {
		to = p.at
	}
	return &query.Term{Field: f, Op: query.Between, Values: []query.Value{value(from), value(to.Add(-time.Second))}}
}

func (p *pastQuery) term(t *query.Term) query.Node {
	switch t.Field.Attr {
	case "last_active":
		return p.each(t, p.lastIn)
	case "first_active", "joined":
		return p.each(t, func(from, to time.Time) query.Node { return p.between(t.Field.Name, from, to) })
	case "channel":
		if t.Op == query.Has {
			return t
		}
		return p.did(&query.Did{In: t.Values, Min: 1, Max: query.Unlimited})
	case "activities":
		return p.count(t)
	}
	var any []query.Node
	for _, v := range t.Values {
		any = append(any, p.flag(t, v))
	}
	return query.AnyOf(any...)
}

// each joins what a date's stretches of time become.
func (p *pastQuery) each(t *query.Term, one func(from, to time.Time) query.Node) query.Node {
	if t.Op == query.Has {
		return one(time.Time{}, time.Time{})
	}
	var any []query.Node
	for _, iv := range t.Intervals(p.at) {
		any = append(any, one(iv.From, iv.To))
	}
	return query.AnyOf(any...)
}

func (p *pastQuery) flag(t *query.Term, v query.Value) query.Node {
	switch v.Text {
	case "new":
		return p.between("first_active", p.at.Add(-month), p.at)
	case "active":
		return p.activeIn(p.at.Add(-month), p.at)
	case "quiet":
		return p.lastIn(p.at.Add(-half), p.at.Add(-month))
	case "gone":
		return p.lastIn(time.Time{}, p.at.Add(-half))
	}
	own := *t
	own.Values = []query.Value{v}
	return &own
}

// count is the number of activities by then.
func (p *pastQuery) count(t *query.Term) query.Node {
	did := func(least, most int) query.Node {
		return &query.Did{Kinds: p.active, Until: value(p.at.Add(-time.Second)), Min: least, Max: most}
	}
	if t.Op == query.Has {
		return did(1, query.Unlimited)
	}
	var any []query.Node
	for _, b := range t.Bounds() {
		any = append(any, did(whole(b)))
	}
	return query.AnyOf(any...)
}

// whole are the least and the most of whole numbers within bounds.
func whole(b query.Bounds) (least, most int) {
	const largest = 1_000_000_000
	least, most = 0, query.Unlimited
	if b.Low > 0 && b.Low < largest {
		least = int(b.Low)
		if float64(least) < b.Low || b.LowOut {
			least++
		}
	} else if b.Low == 0 && b.LowOut {
		least = 1
	}
	if b.High < largest {
		most = max(0, int(b.High))
		if b.HighOut && float64(most) == b.High {
			most--
		}
		most = max(0, most)
	}
	return least, most
}
