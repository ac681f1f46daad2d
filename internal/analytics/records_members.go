// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"time"

	"greenroom/internal/query"
)

// memberCondition is the condition on members that a metric over members counts; false where none says it.
func (rec *recorder) memberCondition() (query.Node, bool) {
	did, rest, ok := rec.did()
	if !ok {
		return nil, false
	}
	when := func(from, to time.Time) query.Node {
		d := did
		if !from.IsZero() {
			d.Since = rec.since(from)
		}
		if !to.IsZero() {
			d.Until = rec.until(to)
		}
		return &d
	}
	p := rec.p
	last := rec.r.Granularity.previous(Period{From: p.From, To: p.To})
	never := time.Time{}
	var parts []query.Node
	switch rec.m.Name {
	case nameMembers:
		parts = append(parts, rec.known(when(never, p.To), did))
	case "new_members", "new_contributors":
		parts = append(parts, when(p.From, p.To), query.Negate(when(never, p.From)))
	case "returning_members":
		parts = append(parts, when(p.From, p.To), when(last.From, p.From))
	case "resurrected_members":
		parts = append(parts, when(p.From, p.To), query.Negate(when(last.From, p.From)), when(never, last.From))
	case "occasional_contributors":
		did.Max = occasionalMost
		parts = append(parts, when(p.From, p.To))
	case "gone_quiet":
		parts = append(parts, when(last.From, p.From), query.Negate(when(p.From, p.To)))
	case "retention":
		parts = append(parts, when(p.From, p.To), query.Negate(when(never, p.From)))
		if p.Offset != nil && *p.Offset > 0 {
			g := rec.r.Granularity
			parts = append(parts, when(g.Step(p.From.In(rec.r.Zone), *p.Offset), g.Step(p.From.In(rec.r.Zone), *p.Offset+1)))
		}
	case "daily_active":
		parts = append(parts, rec.window(when, 1))
	case "weekly_active":
		parts = append(parts, rec.window(when, 7))
	case "monthly_active":
		parts = append(parts, rec.window(when, monthDays))
	default:
		parts = append(parts, when(p.From, p.To))
	}
	parts = append(parts, rest...)
	for _, flag := range rec.leftOut() {
		if flag != "contact" { // the list of members leaves them out itself
			parts = append(parts, query.Negate(rec.term(query.Members, "is", query.Equal, word(flag))))
		}
	}
	return query.AllOf(parts...), true
}

// window is activity in the days that end with the period, or with today.
func (rec *recorder) window(when func(from, to time.Time) query.Node, days int) query.Node {
	end := rec.p.To
	if end.After(rec.now) {
		end = Day.Step(Day.Start(rec.now), 1)
	}
	return when(Day.Step(Day.Start(end.In(rec.r.Zone).Add(-1)), 1-days), end)
}

// known is who is known by the end of the period.
func (rec *recorder) known(byThen query.Node, did query.Did) query.Node {
	if len(did.In) > 0 || len(did.Source) > 0 || rec.kinds() != nil {
		return byThen
	}
	until := rec.until(rec.p.To)
	return query.AnyOf(
		rec.term(query.Members, "first_active", query.LessEqual, until),
		rec.term(query.Members, "joined", query.LessEqual, until),
	)
}

// kinds lists the kinds that the query asks for; nil where it asks for none.
func (rec *recorder) kinds() []string {
	for _, n := range rec.parts {
		if t, ok := n.(*query.Term); ok && t.Field.Owner == query.Activities && t.Field.Attr == "kind" && t.Op == query.Equal {
			var names []string
			for _, v := range t.Values {
				names = append(names, v.Text)
			}
			return names
		}
	}
	return nil
}

// did turns what the request says about activities into a condition on what a member did, and returns what it says
// about members beside it; false where that cannot be said.
func (rec *recorder) did() (did query.Did, rest []query.Node, ok bool) {
	did = query.Did{Kinds: rec.kinds(), Min: 1, Max: query.Unlimited}
	if did.Kinds == nil {
		did.Kinds = rec.m.countedKinds()
	} else if did.Kinds = rec.m.among(did.Kinds); len(did.Kinds) == 0 {
		return did, nil, false // it counts nothing, which only a list of activities can say
	}
	kindSeen := false
	for _, n := range rec.parts {
		if t, isTerm := n.(*query.Term); isTerm && t.Field.Owner == query.Activities {
			ok := t.Op == query.Equal
			switch {
			case t.Field.Attr == "kind" && !kindSeen:
				kindSeen = true
			case t.Field.Attr == "channel" && did.In == nil:
				did.In = t.Values
			case t.Field.Attr == "source" && did.Source == nil:
				did.Source = t.Values
			default:
				ok = false
			}
			if !ok {
				return did, nil, false
			}
			continue
		}
		m, said := rec.translated(n, query.Members)
		if !said {
			return did, nil, false
		}
		rest = append(rest, m)
	}
	if s := rec.r.Segment; s != nil && s.Root != nil {
		rest = append(rest, s.Root)
	}
	return did, rest, true
}
