// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// placed is an activity with the names of where it happened.
type placed struct {
	*analytics.Act

	source, channel string
}

// onPlaces gives a test the names of places, each looked up once.
func (s *Service) onPlaces(fits func(a placed) bool) func(a *analytics.Act) bool {
	crowd := s.figures.Crowd()
	names := make(map[uint32][2]string)
	return func(a *analytics.Act) bool {
		n, ok := names[a.Place]
		if !ok {
			source, channel := crowd.Place(a.Place)
			n = [2]string{strings.ToLower(source), strings.ToLower(channel)}
			names[a.Place] = n
		}
		return fits(placed{a, n[0], n[1]})
	}
}

// named reports whether a name is one of the values.
func named(values []query.Value, name, sigil string) bool {
	return slices.ContainsFunc(values, func(v query.Value) bool {
		want := strings.ToLower(strings.TrimPrefix(v.Text, sigil))
		return name != "" && (name == want || v.Prefix && strings.HasPrefix(name, want))
	})
}

func didTest(d *query.Did) func(a placed) bool {
	return func(a placed) bool {
		return (len(d.Kinds) == 0 && a.Kind.Info().Active || slices.Contains(d.Kinds, a.Kind.String())) &&
			(len(d.In) == 0 || named(d.In, a.channel, "#")) && (len(d.Source) == 0 || named(d.Source, a.source, ""))
	}
}

// actTest makes a test of a condition on activities; false where the crowd cannot say it.
func actTest(n query.Node) (func(a placed) bool, bool) {
	switch n := n.(type) {
	case *query.And:
		return actTests(n.Nodes, func(one, all bool) bool { return one && all }, true)
	case *query.Or:
		return actTests(n.Nodes, func(one, all bool) bool { return one || all }, false)
	case *query.Not:
		fits, ok := actTest(n.Node)
		return func(a placed) bool { return !fits(a) }, ok
	case *query.Term:
		if n.Field.Owner != query.Activities || n.Op != query.Equal {
			return nil, false
		}
		return actTerm(n)
	}
	return nil, false
}

func actTests(nodes []query.Node, join func(one, all bool) bool, start bool) (func(a placed) bool, bool) {
	tests := make([]func(a placed) bool, len(nodes))
	for i, n := range nodes {
		t, ok := actTest(n)
		if !ok {
			return nil, false
		}
		tests[i] = t
	}
	return func(a placed) bool {
		all := start
		for _, t := range tests {
			all = join(t(a), all)
		}
		return all
	}, true
}

func actTerm(t *query.Term) (func(a placed) bool, bool) {
	switch t.Field.Attr {
	case "kind":
		return func(a placed) bool { return named(t.Values, a.Kind.String(), "") }, true
	case "channel":
		return func(a placed) bool { return named(t.Values, a.channel, "#") }, true
	case "source":
		return func(a placed) bool { return named(t.Values, a.source, "") }, true
	case "is":
		for _, v := range t.Values {
			if v.Text != "question" && v.Text != "reply" {
				return nil, false
			}
		}
		return func(a placed) bool {
			return slices.ContainsFunc(t.Values, func(v query.Value) bool {
				if v.Text == "question" {
					return a.Question
				}
				switch a.Kind {
				case greenroom.KindReply, greenroom.KindAnswer, greenroom.KindAcceptedAnswer, greenroom.KindComment, greenroom.KindReview:
					return true
				default:
					return false
				}
			})
		}, true
	}
	return nil, false
}
