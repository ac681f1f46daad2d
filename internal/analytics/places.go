// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"slices"
	"strings"

	"greenroom/internal/query"
)

// places numbers the pairs of a source and a channel, so that an activity says both in one number. Activities without
// a channel have a place of their own for each source. Places are given in the order in which they are met and are
// never taken back: the slices only grow, and an older image does not look beyond its own length.
type places struct {
	source  []uint32
	channel []uint32
	name    []string // of the channel, in lower case
	label   []string // of the channel, as it is written
	hidden  bitset   // places in channels that the team has hidden; nil = none
	sources map[uint32]Source
}

func (p *places) len() int { return len(p.source) }

// index gives the number of each source and channel.
func (p *places) index() map[uint64]uint32 {
	all := make(map[uint64]uint32, p.len())
	for i := range p.source {
		all[placeKey(p.source[i], p.channel[i])] = uint32(i)
	}
	return all
}

// place gives the number of a source and channel.
func (c *Columns) place(source, channel uint32) uint32 {
	key := placeKey(source, channel)
	n, ok := c.index[key]
	if !ok {
		n = uint32(len(c.infos))
		c.index[key] = n
		c.infos = append(c.infos, Channel{ID: int64(channel), Source: int64(source)})
	}
	return n
}

func placeKey(source, channel uint32) uint64 { return uint64(source)<<32 | uint64(channel) }

// extended returns places that go on to all that the columns know by now.
func (c *Columns) extended(old *places) *places {
	p := *old
	if p.hidden != nil {
		p.hidden = p.hidden.clone().grown(len(c.infos))
	}
	for i := old.len(); i < len(c.infos); i++ {
		info := &c.infos[i]
		p.source, p.channel = append(p.source, uint32(info.Source)), append(p.channel, uint32(info.ID))
		p.name, p.label = append(p.name, strings.ToLower(info.Name)), append(p.label, info.Name)
		if info.Hidden {
			if p.hidden == nil {
				p.hidden = newBitset(len(c.infos))
			}
			p.hidden.set(uint32(i))
		}
	}
	return &p
}

// emptied returns places without any but with the sources, to be filled again: older images keep the slices.
func (p *places) emptied() *places { return &places{sources: p.sources} }

// where gives the set of places for which keep holds.
func (p *places) where(keep func(place int) bool) bitset {
	b := newBitset(p.len())
	for i := range p.source {
		if keep(i) {
			b.set(uint32(i))
		}
	}
	return b
}

// ofSource gives the places of sources by name or platform, ofChannel those of channels by name; op is query.Has or
// query.Equal.
func (p *places) ofSource(t *query.Term) bitset {
	return p.where(func(i int) bool {
		s := p.sources[p.source[i]]
		return t.Op == query.Has || slices.ContainsFunc(t.Values, func(v query.Value) bool {
			return matches(v, strings.ToLower(s.Name), "") || matches(v, strings.ToLower(s.Platform), "")
		})
	})
}

func (p *places) ofChannel(t *query.Term) bitset {
	return p.where(func(i int) bool {
		if p.channel[i] == 0 {
			return false
		}
		return t.Op == query.Has || slices.ContainsFunc(t.Values, func(v query.Value) bool { return matches(v, p.name[i], "#") })
	})
}

// matches compares a value of a query with a text in lower case.
func matches(v query.Value, text, sigil string) bool {
	want := strings.ToLower(strings.TrimPrefix(v.Text, sigil))
	if v.Prefix {
		return strings.HasPrefix(text, want)
	}
	return text == want
}
