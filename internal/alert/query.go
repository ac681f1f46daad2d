// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"greenroom"
	"greenroom/internal/query"
)

// Lanes of alerts on activities: how long they have to wait.
const (
	LanePlain  = "now"    // until member and conversation are known
	LaneRead   = "read"   // until it was read
	LaneTopics = "topics" // until it was put into topics
)

// Lanes lists them.
func Lanes() []string { return []string{LanePlain, LaneRead, LaneTopics} }

// laneOf is the lane that a query has to wait in.
func laneOf(root query.Node) string {
	lane := LanePlain
	query.Walk(root, func(n query.Node) bool {
		if d, ok := n.(*query.Did); ok && len(d.Said()) > 0 && lane == LanePlain {
			lane = LaneRead
		}
		t, ok := n.(*query.Term)
		if !ok || t.Field.Owner != query.Activities {
			return true
		}
		switch t.Field.Attr {
		case "topic":
			lane = LaneTopics
		case "category", "sentiment", "urgency", "language":
			if lane == LanePlain {
				lane = LaneRead
			}
		}
		return true
	})
	return lane
}

// parse reads a draft's query, and leaves the team and bots out unless it names them. Nil where the alert has none.
func (s *Service) parse(d *Draft) (*query.Query, error) {
	e := d.Watch.Entity()
	if d.Watch == Metric {
		return s.narrowed(d)
	}
	if e == "" {
		return nil, nil //nolint:nilnil // sources have no query
	}
	q, err := query.Parse(s.schemas[e], d.Query)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used: %s", err)
	}
	if q.Root == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "say by a query what to look for, such as is:question org.lifecycle:trial")
	}
	if e == query.Organizations || namesTeam(q.Root, e) {
		return q, nil
	}
	rest, err := query.Parse(s.schemas[e], "-is:staff,bot")
	if err != nil {
		return nil, err //nolint:wrapcheck // it parses
	}
	return &query.Query{Root: query.AllOf(q.Root, rest.Root), Sort: q.Sort}, nil
}

// namesTeam reports whether a query says itself what becomes of the team and of bots.
func namesTeam(root query.Node, e query.Entity) bool {
	named := false
	query.Walk(root, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && t.Field.Attr == "is" && t.Field.Owner == e {
			for _, v := range t.Values {
				named = named || v.Text == "staff" || v.Text == "bot"
			}
		}
		return !named
	})
	return named
}
