// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"greenroom"
	"greenroom/internal/query"
)

// group is one value of a dimension with what it narrows the metric to.
type group struct {
	groupKey
	size int64 // activities or conversations in the range
	cond *condition
}

// groupKey tells groups apart: by name or, organizations, by id.
type groupKey struct {
	name string
	id   int64
}

// largest sorts groups, the largest first, and leaves out the empty ones.
func largest(all []*group) []*group {
	all = slices.DeleteFunc(all, func(g *group) bool { return g.size == 0 })
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
	})
	return all
}

// grouped computes a metric for the largest groups of the breakdown and, where figures of groups add up, for all else.
func (c *calc) grouped(m *Metric) ([]Point, error) {
	groups, err := c.groups(m)
	if err != nil {
		return nil, err
	}
	shown := groups
	if !c.req.Breakdown.short() {
		shown = groups[:min(len(groups), c.req.Options.Groups)]
	}
	if c.req.Breakdown == ByOrganization {
		if err := c.nameOrganizations(shown); err != nil {
			return nil, err
		}
	}
	if m.adds(c.req.Breakdown) {
		if other := c.other(shown); other != nil {
			shown = append(slices.Clip(shown), other)
		}
	}
	compute, err := c.each(m)
	if err != nil {
		return nil, err
	}
	points := []Point{}
	for _, g := range shown {
		series, err := compute(g)
		if err != nil {
			return nil, err
		}
		if g.name == OtherGroup && !c.req.Breakdown.short() && !slices.ContainsFunc(series, func(p Point) bool { return p.Count > 0 }) {
			continue
		}
		for i := range series {
			series[i].Group, series[i].GroupID = g.name, g.id
		}
		points = append(points, series...)
	}
	return points, nil
}

// each returns the function that computes a metric for one group.
func (c *calc) each(m *Metric) (func(g *group) ([]Point, error), error) {
	const most = 1 << 22 // numbers
	f, ok := c.f.look.(*far)
	places := c.img.places.len()
	if ok && m.Name == nameActivities && (c.req.Breakdown == BySource || c.req.Breakdown == ByChannel) && len(c.periods)*places <= most {
		return f.countPlaces(c, places)
	}
	return func(g *group) ([]Point, error) {
		part := *c
		part.f = c.f.clone()
		part.f.add(g.cond)
		return m.compute(&part)
	}, nil
}

// short reports whether a dimension has few values, all of which are shown. One of them is called other.
func (d Dimension) short() bool { return d == ByCategory || d == BySentiment }

// Adds reports whether the metric's figures for the values of a dimension, with the rest, add up to the figure for all.
func (m *Metric) Adds(d Dimension) bool { return m.adds(d) }

// Sums reports whether the metric counts things each of which is in one place, of one kind and by one author.
func (m *Metric) Sums() bool { return m.sums }

// adds reports whether the metric's figures for the values of a dimension add up to the figure for all.
func (m *Metric) adds(d Dimension) bool {
	switch d {
	case ByTag, ByCategory, BySentiment:
		return false // what was not read is in none
	case ByOrganization, ByCountry:
		return m.sums || m.Unit == UnitMembers && m.compares
	default:
		return m.sums
	}
}

// other is the group of everything that is in none of the others.
func (c *calc) other(shown []*group) *group {
	if len(shown) == 0 {
		return nil
	}
	rest := shown[0].cond.clone()
	for _, g := range shown[1:] {
		rest.join(opOr, g.cond)
	}
	return &group{groupKey: groupKey{name: OtherGroup}, cond: rest.negated()}
}

func (c *condition) clone() *condition {
	d := *c
	d.set = c.set.clone()
	if len(c.moved) > 0 {
		d.moved, d.away = maps.Clone(c.moved), c.away.clone()
	}
	return &d
}

// groups lists the groups of the breakdown that have any activity, or conversation, in the range, the largest first.
func (c *calc) groups(m *Metric) ([]*group, error) {
	switch c.req.Breakdown {
	case BySource, ByChannel:
		return c.placeGroups(m)
	case ByKind:
		return c.kindGroups(m)
	case ByCategory, BySentiment:
		return c.saidGroups(m)
	default:
		return c.peopleGroups(m)
	}
}

// histogram counts the activities or conversations of the range by what is true of them; size is one more than the
// greatest number that stands for that.
func (c *calc) histogram(m *Metric, by key, size int) ([]int64, error) {
	s := span{c.periods[0].span().from, c.periods[len(c.periods)-1].span().to}
	if m.Entity != query.Conversations {
		return c.f.look.histogram(c, []span{s}, by, size)
	}
	parts := make([][]int64, c.e.workers)
	err := c.f.look.conversations(c, c.f, s, func(worker int) each {
		if parts[worker] == nil {
			parts[worker] = make([]int64, size)
		}
		counts := parts[worker]
		return func(v *conversation, _ uint32, sign int) { counts[by.ofConversation(c.img.who, v)] += int64(sign) }
	})
	return sums(parts, size), err
}

func (c *calc) placeGroups(m *Metric) ([]*group, error) {
	places := c.img.places
	sizes, err := c.histogram(m, byPlace, places.len())
	all, written := make(map[string]*group), make(map[string]uint32)
	for i, n := range sizes {
		key, label := places.name[i], places.label[i]
		if c.req.Breakdown == BySource {
			label = places.sources[places.source[i]].Name
			key = label
		}
		if key == "" {
			continue
		}
		g := all[key]
		if g == nil {
			g = &group{groupKey: groupKey{name: label}, cond: &condition{about: aboutPlace, set: newBitset(places.len())}}
			all[key], written[key] = g, places.channel[i]
		}
		// Channels whose names differ in letters' case are one group, written as the oldest of them: places have no order
		// that lasts.
		if places.channel[i] < written[key] {
			g.name, written[key] = label, places.channel[i]
		}
		g.size += n
		g.cond.set.set(uint32(i))
	}
	return largest(slices.Collect(maps.Values(all))), err
}

func (c *calc) kindGroups(m *Metric) ([]*group, error) {
	sizes, err := c.histogram(m, byKind, 256)
	all := make(map[string]*group)
	for b, n := range sizes {
		kind := greenroom.Kind(b & kindMask)
		g := all[kind.String()]
		if g == nil {
			g = &group{groupKey: groupKey{name: kind.String()}, cond: &condition{about: aboutKind}}
			all[kind.String()] = g
		}
		g.size += n
		g.cond.kinds[b] = true
	}
	return largest(slices.Collect(maps.Values(all))), err
}

// peopleGroups groups identities by organization, country or tag.
func (c *calc) peopleGroups(m *Metric) ([]*group, error) {
	who := c.img.who
	sizes, err := c.histogram(m, byWho, who.len())
	if err != nil {
		return nil, err
	}
	keys, err := c.keysOf()
	if err != nil {
		return nil, err
	}
	all := make(map[groupKey]*group)
	sized := func(key groupKey, n int64) {
		g := all[key]
		if g == nil {
			g = &group{groupKey: key, cond: &condition{about: aboutWho}}
			all[key] = g
		}
		g.size += n
	}
	for i := range who.member {
		keys(uint32(i), func(key groupKey) { sized(key, sizes[i]) })
	}
	if c.req.Breakdown == ByOrganization {
		employers, counts, err := c.ofMovers(func(part *calc, size int) ([]int64, error) { return part.histogram(m, byEmployer, size) })
		if err != nil {
			return nil, err
		}
		for k, n := range counts {
			if employers[k] != 0 {
				sized(groupKey{id: int64(employers[k])}, n)
			}
		}
	}
	top := largest(slices.Collect(maps.Values(all)))
	top = top[:min(len(top), c.req.Options.Groups)]
	// Sets are made for the groups that will be shown only: there can be as many organizations as members.
	for _, g := range top {
		g.cond.set = newBitset(who.len())
		all[g.groupKey] = g
	}
	for i := range who.member {
		keys(uint32(i), func(key groupKey) {
			if set := all[key].cond.set; set != nil {
				set.set(uint32(i))
			}
		})
	}
	if c.req.Breakdown == ByOrganization {
		for id, stays := range who.moves {
			for _, g := range top {
				g.cond.hold(id, during(stays, func(org uint32) bool { return int64(org) == g.id }))
			}
		}
	}
	return top, nil
}

// keysOf says under which names, or ids, an identity stands in the breakdown.
func (c *calc) keysOf() (func(identity uint32, put func(key groupKey)), error) {
	who := c.img.who
	switch c.req.Breakdown {
	case ByOrganization:
		return func(i uint32, put func(groupKey)) {
			if _, moved := who.moves[i]; !moved && who.org[i] != 0 { // who has moved is counted by ofMovers
				put(groupKey{id: int64(who.org[i])})
			}
		}, nil
	case ByCountry:
		return func(i uint32, put func(groupKey)) {
			if who.country[i] != 0 {
				put(groupKey{name: unpackCountry(who.country[i])})
			}
		}, nil
	default: // by tag
	}
	if c.e.from.Names == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there are no tags to break down by")
	}
	tags, err := c.e.from.Names.MemberTags(c.ctx)
	if err != nil {
		return nil, fmt.Errorf("listing tags: %w", err)
	}
	of := make(map[uint32][]string)
	for _, t := range tags {
		of[uint32(t.Member)] = append(of[uint32(t.Member)], t.Name)
	}
	return func(i uint32, put func(groupKey)) {
		for _, name := range of[who.member[i]] {
			put(groupKey{name: name})
		}
	}, nil
}

func (c *calc) nameOrganizations(groups []*group) error {
	ids := make([]int64, len(groups))
	for i, g := range groups {
		ids[i] = g.id
	}
	var names map[int64]string
	if c.e.from.Names != nil {
		var err error
		if names, err = c.e.from.Names.OrganizationNames(c.ctx, ids); err != nil {
			return fmt.Errorf("naming organizations: %w", err)
		}
	}
	for i := range groups {
		if groups[i].name = names[groups[i].id]; groups[i].name == "" {
			groups[i].name = fmt.Sprintf("organization %d", groups[i].id)
		}
	}
	return nil
}
