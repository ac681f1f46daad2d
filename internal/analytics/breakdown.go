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
	points := []Point{}
	for _, g := range shown {
		part := *c
		part.f = c.f.clone()
		part.f.add(g.cond)
		series, err := m.compute(&part)
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

// histogram counts the activities or conversations of the range by a number below size.
func (c *calc) histogram(m *Metric, size int, ofFact func(r *run, i int) uint32, ofConversation func(v *conversation) uint32) ([]int64, error) {
	sum := make([]int64, size)
	s := span{c.periods[0].span().from, c.periods[len(c.periods)-1].span().to}
	if m.Entity == query.Conversations {
		for _, chunk := range c.img.conversations.chunks {
			for i := range chunk {
				if at := seconds(chunk[i].opened); chunk[i].opened != 0 && at >= s.from && at < s.to && c.f.keeps(&chunk[i]) {
					sum[ofConversation(&chunk[i])]++
				}
			}
		}
		return sum, c.ctx.Err()
	}
	pieces := c.f.pieces(s)
	parts := make([][]uint32, c.e.workers)
	err := parallel(c.ctx, c.e.workers, len(pieces), func(worker, i int) {
		if parts[worker] == nil {
			parts[worker] = make([]uint32, size)
		}
		part := parts[worker]
		c.f.each(pieces[i], func(r *run, i int) { part[ofFact(r, i)]++ })
	})
	for _, part := range parts {
		for i, n := range part {
			sum[i] += int64(n)
		}
	}
	return sum, err
}

func (c *calc) placeGroups(m *Metric) ([]*group, error) {
	places := c.img.places
	sizes, err := c.histogram(m, places.len(),
		func(r *run, i int) uint32 { return r.place[i] }, func(v *conversation) uint32 { return v.place })
	all := make(map[string]*group)
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
			all[key] = g
		}
		g.size += n
		g.cond.set.set(uint32(i))
	}
	return largest(slices.Collect(maps.Values(all))), err
}

func (c *calc) kindGroups(m *Metric) ([]*group, error) {
	sizes, err := c.histogram(m, 256,
		func(r *run, i int) uint32 { return uint32(r.kind[i]) }, func(v *conversation) uint32 { return uint32(v.kind) })
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
	sizes, err := c.histogram(m, who.len(),
		func(r *run, i int) uint32 { return r.who[i] }, func(v *conversation) uint32 { return v.author })
	if err != nil {
		return nil, err
	}
	keys, err := c.keysOf()
	if err != nil {
		return nil, err
	}
	all := make(map[groupKey]*group)
	for i := range who.member {
		keys(uint32(i), func(key groupKey) {
			g := all[key]
			if g == nil {
				g = &group{groupKey: key, cond: &condition{about: aboutWho}}
				all[key] = g
			}
			g.size += sizes[i]
		})
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
	return top, nil
}

// keysOf says under which names, or ids, an identity stands in the breakdown.
func (c *calc) keysOf() (func(identity uint32, put func(key groupKey)), error) {
	who := c.img.who
	switch c.req.Breakdown {
	case ByOrganization:
		return func(i uint32, put func(groupKey)) {
			if who.org[i] != 0 {
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
