// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"cmp"
	"slices"
	"strings"
)

// Node is a box of the map: a tool, or with id 0 Greenroom.
type Node struct {
	ID     int64  `json:"id" doc:"The tool's number; 0 = Greenroom."`
	Name   string `json:"name" doc:"What stands in it."`
	Column int    `json:"column" doc:"How far it stands from Greenroom: below 0 what feeds it, above 0 what it feeds."`
	Row    int    `json:"row" doc:"Its place in the column, from 0."`
	Health Health `json:"health,omitempty" doc:"Of its connections: good, trouble, or left out where it has none."`
}

// Edge says what feeds what.
type Edge struct {
	From   int64  `json:"from" doc:"The tool that gives; 0 = Greenroom."`
	To     int64  `json:"to" doc:"The tool that is fed; 0 = Greenroom."`
	What   string `json:"what,omitempty" doc:"What goes there."`
	Health Health `json:"health,omitempty" doc:"How the connection is; left out where nobody watches it."`
}

// Map is the whole stack: what feeds what.
type Map struct {
	Nodes []Node  `json:"nodes" doc:"Tools that feed something or are fed, and Greenroom."`
	Edges []Edge  `json:"edges" doc:"What feeds what."`
	Alone []int64 `json:"alone,omitempty" doc:"Tools that nothing is known to feed, and that feed nothing."`
}

// draw lays out the map. Retired tools and those that are only wanted are left out.
func draw(all []Tool, health map[string]SourceHealth) *Map {
	there := map[int64]*Tool{}
	for i := range all {
		if all[i].State.Paid() {
			there[all[i].ID] = &all[i]
		}
	}
	m := &Map{}
	for i := range all {
		t := &all[i]
		if there[t.ID] == nil {
			continue
		}
		if len(t.Sources) > 0 {
			m.Edges = append(m.Edges, Edge{From: t.ID, What: strings.Join(t.Sources, ", "), Health: t.health(health)})
		}
		if t.FromGR {
			m.Edges = append(m.Edges, Edge{To: t.ID})
		}
		for _, f := range t.Feeds {
			if there[f.To] != nil {
				m.Edges = append(m.Edges, Edge{From: t.ID, To: f.To, What: f.What})
			}
		}
	}
	column := m.columns()
	m.Nodes = append(m.Nodes, Node{Name: "Greenroom"})
	for i := range all {
		t := &all[i]
		if there[t.ID] == nil {
			continue
		}
		at, drawn := column[t.ID]
		if !drawn {
			m.Alone = append(m.Alone, t.ID)
			continue
		}
		m.Nodes = append(m.Nodes, Node{ID: t.ID, Name: t.Name, Column: at, Health: t.health(health)})
	}
	slices.SortStableFunc(m.Nodes, func(a, b Node) int { return cmp.Compare(a.Column, b.Column) })
	for i := range m.Nodes {
		if i > 0 && m.Nodes[i].Column == m.Nodes[i-1].Column {
			m.Nodes[i].Row = m.Nodes[i-1].Row + 1
		}
	}
	return m
}

// columns finds how far each tool is from Greenroom: by the shortest way to it, else by the shortest from it. What touches
// neither stands where its neighbors would put it, or by itself in the column before Greenroom.
func (m *Map) columns() map[int64]int {
	column := map[int64]int{0: 0}
	spread := func(step int, of func(Edge) (known, new int64)) {
		for changed := true; changed; {
			changed = false
			for _, e := range m.Edges {
				known, other := of(e)
				at, is := column[known]
				if _, placed := column[other]; is && !placed && at*step >= 0 {
					column[other], changed = at+step, true
				}
			}
		}
	}
	spread(-1, func(e Edge) (int64, int64) { return e.To, e.From })
	spread(1, func(e Edge) (int64, int64) { return e.From, e.To })
	for _, e := range m.Edges { // apart from Greenroom
		from, a := column[e.From]
		to, b := column[e.To]
		switch {
		case !a && !b:
			column[e.From], column[e.To] = -2, -1
			if e.From == e.To {
				column[e.To] = -1
			}
		case !a:
			column[e.From] = to - 1
		case !b:
			column[e.To] = from + 1
			if from == -1 {
				column[e.To] = -1
			}
		}
	}
	return column
}
