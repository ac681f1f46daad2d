// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"

	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// How parts are chosen: a part is told where it made a fifth of the change and a tenth of it more than its size would
// have it make, the most of each dimension, three in all. Explanatory power and surprise are those of Adtributor
// (Bhagwan and others, 2014); the surprise is taken as a plain difference, which people can check by hand.
const (
	partLeast     = 0.2
	surpriseLeast = 0.1
	partsShown    = 3
	groupsLooked  = 5
	cutsLooked    = 20
)

// sides is a group with how a query names it.
type side struct {
	dimension, name, value string
	entity                 query.Entity
	records                string
	now, before            *float64
	exact                  bool
}

func sortMoved(all []Moved) {
	slices.SortStableFunc(all, func(a, b Moved) int { return cmp.Compare(a.Noise.P, b.Noise.P) })
}

// why finds the parts of a change and what was a year ago.
func (s *Service) why(ctx context.Context, c *Changes, v *Moved) error {
	m, err := analytics.Lookup(v.Metric)
	if err != nil {
		return err
	}
	req := analytics.Request{Metric: m.Name, From: c.Before, To: c.To, Granularity: c.By, Zone: s.zone(), Options: analytics.Options{Groups: groupsLooked}}
	res, err := s.figures.Compute(ctx, req)
	if err != nil {
		return err
	}
	if n := len(res.Series); n > 1 {
		now, before := &res.Series[n-1], &res.Series[n-2]
		v.Small = cases(m, now) < smallCases || cases(m, before) < smallCases
	}
	if then := v.Seasonal; then != nil {
		v.YearAgo, v.Season = then.Then, then.Says
	}
	var all []side
	for _, d := range []analytics.Dimension{analytics.BySource, analytics.ByChannel, analytics.ByKind, analytics.ByOrganization, analytics.ByCategory} {
		if !slices.Contains(m.Breakdowns, d) || d == analytics.ByCategory && !m.Sums() {
			continue
		}
		found, err := s.broke(ctx, m, req, d)
		if err != nil {
			return err
		}
		if len(found) > 1 { // where there is but one, it explains nothing
			all = append(all, found...)
		}
	}
	cuts, err := s.cutSides(ctx, m, req)
	if err != nil {
		return err
	}
	parts, err := s.parts(ctx, m, req, v, append(all, cuts...))
	if err != nil {
		return err
	}
	if v.Parts = choose(parts); len(v.Parts) == 0 {
		v.Spread = "It is spread: no source, channel, kind, organization, topic or segment moved much more than its size would have it."
	}
	return nil
}

// cases is how many cases a figure rests on.
func cases(m *analytics.Metric, p *analytics.Point) int64 {
	if counts(m) {
		return p.Count
	}
	return p.N
}

// broke gives the groups of a breakdown in both periods.
func (s *Service) broke(ctx context.Context, m *analytics.Metric, req analytics.Request, d analytics.Dimension) ([]side, error) {
	req.Breakdown = d
	res, err := s.figures.Compute(ctx, req)
	if err != nil {
		return nil, err
	}
	var all []side
	for i := 0; i+1 < len(res.Series); i += 2 {
		before, now := &res.Series[i], &res.Series[i+1]
		if before.Group != now.Group || before.GroupID != now.GroupID || now.Group == analytics.OtherGroup {
			continue
		}
		g := side{dimension: string(d), name: now.Group, value: now.Group, now: now.Value, before: before.Value, exact: m.Adds(d) || d == analytics.ByCategory}
		if d == analytics.ByOrganization {
			g.value = strconv.FormatInt(now.GroupID, 10)
		}
		if entity, text, err := s.figures.Records(req, res, i+1); err == nil {
			g.entity, g.records = entity, text
		}
		all = append(all, g)
	}
	return all, nil
}

// cutSides gives topics and segments in both periods. They may overlap, so their shares need not add up.
func (s *Service) cutSides(ctx context.Context, m *analytics.Metric, req analytics.Request) ([]side, error) {
	if s.cuts == nil {
		return nil, nil
	}
	cuts, err := s.cuts(ctx)
	if err != nil {
		return nil, err
	}
	var all []side
	for _, c := range cuts[:min(len(cuts), 2*cutsLooked)] {
		node, ok := s.named(m.Entity, c.Dimension, c.Value)
		if !ok {
			continue
		}
		r := req
		r.Query = &query.Query{Root: node}
		res, err := s.figures.Compute(ctx, r)
		if err != nil {
			return nil, err
		}
		if len(res.Series) != 2 || res.Series[0].Count+res.Series[1].Count == 0 {
			continue
		}
		g := side{
			dimension: c.Dimension, name: c.Name, value: c.Value, now: res.Series[1].Value, before: res.Series[0].Value,
			exact: m.Sums() || c.Dimension == "segment" && m.Unit == analytics.UnitMembers && counts(m),
		}
		if entity, text, err := s.figures.Records(r, res, 1); err == nil {
			g.entity, g.records = entity, text
		}
		all = append(all, g)
	}
	return all, nil
}

// named is the condition that something is in a group.
func (s *Service) named(e query.Entity, dimension, value string) (query.Node, bool) {
	if dimension == string(analytics.ByOrganization) {
		dimension = "org.id"
	}
	f, ok := s.schemas[e].Field(dimension)
	if !ok {
		return nil, false
	}
	return &query.Term{Field: f, Op: query.Equal, Values: []query.Value{{Form: query.FormText, Text: value}}}, true
}

// parts says what of the change is each group's.
func (s *Service) parts(ctx context.Context, m *analytics.Metric, req analytics.Request, v *Moved, all []side) ([]Part, error) {
	whole := *v.Value - *v.Previous
	var parts []Part
	for i := range all {
		g := &all[i]
		p := Part{Dimension: g.dimension, Name: g.name, Now: g.now, Before: g.before, Exact: g.exact, Entity: g.entity, Records: g.records}
		if g.exact {
			p.Delta = orZero(g.now) - orZero(g.before)
			p.Share = p.Delta / whole
			p.surprise = p.Share
			if *v.Previous > 0 {
				p.surprise -= orZero(g.before) / *v.Previous
			}
			p.Says = exactSays(m, &p, whole)
		} else {
			without, ok, err := s.without(ctx, m, req, g)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			p.Delta = whole - (without[1] - without[0])
			p.Share = p.Delta / whole
			if p.surprise = p.Share; counts(m) && *v.Previous > 0 {
				p.surprise -= (*v.Previous - without[0]) / *v.Previous
			}
			p.Says = withoutSays(m, &p, without)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// without computes the metric for everything but a group; false where there is no figure then.
func (s *Service) without(ctx context.Context, m *analytics.Metric, req analytics.Request, g *side) (figures [2]float64, ok bool, err error) {
	node, found := s.named(m.Entity, g.dimension, g.value)
	if !found {
		return figures, false, nil
	}
	req.Query = &query.Query{Root: query.Negate(node)}
	res, err := s.figures.Compute(ctx, req)
	if err != nil || len(res.Series) != 2 || res.Series[0].Value == nil || res.Series[1].Value == nil {
		return figures, false, err
	}
	return [2]float64{*res.Series[0].Value, *res.Series[1].Value}, true, nil
}

// choose takes the parts that are told.
func choose(all []Part) []Part {
	all = slices.DeleteFunc(all, func(p Part) bool {
		return p.Share < partLeast || p.surprise < surpriseLeast || math.IsNaN(p.Share) || math.IsInf(p.Share, 0)
	})
	slices.SortFunc(all, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.surprise, a.surprise), cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Name, b.Name))
	})
	told := []Part{}
	for _, p := range all {
		same := func(q Part) bool { return q.Dimension == p.Dimension }
		if len(told) < partsShown && !slices.ContainsFunc(told, same) {
			told = append(told, p)
		}
	}
	return told
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}
