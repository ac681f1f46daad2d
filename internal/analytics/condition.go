// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// subject says what a condition asks about. Conditions on one subject are answered by a table that is made once, so
// that and, or and not over them cost nothing for each activity.
type subject uint8

const (
	aboutKind  subject = iota // the kind byte
	aboutPlace                // source and channel
	aboutWho                  // the identity, its member, its organization
	aboutTime                 // when it happened, or was opened
	aboutState                // the state of a conversation
	aboutSaid                 // what a message says
	aboutMany                 // several of these: and, or, not over parts
)

// condition is a compiled query: a table for one subject, or a tree over several.
type condition struct {
	about subject
	kinds [256]bool
	set   bitset // places or identities
	times []span
	state [4]bool
	said  [256]bool

	// aboutWho: the accounts of whom it holds only now and then, with when. They are in set; away is the set of them alone.
	moved map[uint32][]span
	away  bitset

	op    query.Op // aboutMany: opAnd, opOr, opNot
	parts []*condition
}

const (
	opAnd query.Op = "and"
	opOr  query.Op = "or"
	opNot query.Op = "not"
)

// span is a stretch of time in seconds: from from up to, but not including, to.
type span struct{ from, to uint32 }

const endOfTime = ^uint32(0)

// peopleAnswers is who answers conditions on people.
type peopleAnswers interface {
	Members
	Organizations
}

// compiler makes conditions of queries.
type compiler struct {
	ctx     context.Context //nolint:containedctx // a compiler lives for one request
	img     *image
	members peopleAnswers
	now     time.Time // in the request's time zone
	// kindAsked tells that the query names kinds: then kinds that do not make a member active count too.
	kindAsked bool
}

// known reports whether every condition in n can be answered from the columns and the members.
func known(n query.Node) bool {
	all := true
	query.Walk(n, func(n query.Node) bool {
		switch n := n.(type) {
		case *query.Text:
			all = false
		case *query.Term:
			all = all && knownTerm(n)
		}
		return all
	})
	return all
}

func knownTerm(t *query.Term) bool {
	switch t.Field.Owner {
	case query.Members, query.Organizations:
		return true
	case query.Activities:
		switch t.Field.Attr {
		case "kind", "source", "channel", "author", "occurred", "category", "sentiment", "urgency":
			return true
		case "is":
			return !slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Text == "deleted" || v.Text == "corrected" })
		}
	case query.Conversations:
		switch t.Field.Attr {
		case "kind", "source", "channel", "author", "opened", "state", "is", "category", "sentiment", "urgency":
			return true
		}
	}
	return false
}

// node compiles n, which must be known.
func (c *compiler) node(n query.Node) (*condition, error) {
	switch n := n.(type) {
	case *query.And:
		return c.joined(opAnd, n.Nodes)
	case *query.Or:
		return c.joined(opOr, n.Nodes)
	case *query.Not:
		part, err := c.node(n.Node)
		if err != nil {
			return nil, err
		}
		return part.negated(), nil
	case *query.Term:
		return c.term(n)
	default:
		return c.people(n)
	}
}

// joined compiles parts and joins those about the same subject into one table.
func (c *compiler) joined(op query.Op, nodes []query.Node) (*condition, error) {
	many := &condition{about: aboutMany, op: op}
	for _, n := range nodes {
		part, err := c.node(n)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(many.parts, func(p *condition) bool { return p.about == part.about && p.about != aboutMany }); i >= 0 {
			many.parts[i].join(op, part)
			continue
		}
		many.parts = append(many.parts, part)
	}
	if len(many.parts) == 1 {
		return many.parts[0], nil
	}
	return many, nil
}

// join puts p, about the same subject, into c by and or by or.
func (c *condition) join(op query.Op, p *condition) {
	and := op == opAnd
	switch c.about {
	case aboutKind:
		for i := range c.kinds {
			c.kinds[i] = both(and, c.kinds[i], p.kinds[i])
		}
	case aboutState:
		for i := range c.state {
			c.state[i] = both(and, c.state[i], p.state[i])
		}
	case aboutSaid:
		for i := range c.said {
			c.said[i] = both(and, c.said[i], p.said[i])
		}
	case aboutPlace, aboutWho:
		times := timed(and, c, p)
		if and {
			c.set.and(p.set)
		} else {
			c.set.or(p.set)
		}
		for id, t := range times {
			c.hold(id, t)
		}
	case aboutTime:
		if and {
			c.times = complement(union(complement(c.times), complement(p.times)))
		} else {
			c.times = union(c.times, p.times)
		}
	case aboutMany:
	}
}

func both(and, a, b bool) bool {
	if and {
		return a && b
	}
	return a || b
}

func (c *condition) negated() *condition {
	switch c.about {
	case aboutKind:
		for i := range c.kinds {
			c.kinds[i] = !c.kinds[i]
		}
	case aboutState:
		for i := range c.state {
			c.state[i] = !c.state[i]
		}
	case aboutSaid:
		for i := range c.said {
			c.said[i] = !c.said[i]
		}
	case aboutPlace, aboutWho:
		c.set.not()
		for id, t := range maps.Clone(c.moved) {
			c.hold(id, complement(t))
		}
	case aboutTime:
		c.times = complement(c.times)
	case aboutMany:
		return &condition{about: aboutMany, op: opNot, parts: []*condition{c}}
	}
	return c
}

// union joins stretches of time; the result is sorted and its stretches do not touch.
func union(a, b []span) []span {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y span) int { return compareIDs(int64(x.from), int64(y.from)) })
	var out []span
	for _, s := range all {
		switch n := len(out); {
		case s.from >= s.to:
		case n > 0 && s.from <= out[n-1].to:
			out[n-1].to = max(out[n-1].to, s.to)
		default:
			out = append(out, s)
		}
	}
	return out
}

func complement(a []span) []span {
	var out []span
	from := uint32(0)
	for _, s := range union(a, nil) {
		if s.from > from {
			out = append(out, span{from, s.from})
		}
		from = s.to
	}
	if from < endOfTime {
		out = append(out, span{from, endOfTime})
	}
	return out
}

// term compiles a term on an activity or a conversation; terms on members and organizations go to the members.
func (c *compiler) term(t *query.Term) (*condition, error) {
	if t.Field.Owner == query.Members || t.Field.Owner == query.Organizations {
		return c.people(t)
	}
	switch t.Field.Attr {
	case "kind":
		c.kindAsked = true
		return kindCondition(func(k greenroom.Kind, _ uint8) bool {
			return t.Op == query.Has || slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Text == k.String() })
		}), nil
	case "source":
		return &condition{about: aboutPlace, set: c.img.places.ofSource(t)}, nil
	case "channel":
		return &condition{about: aboutPlace, set: c.img.places.ofChannel(t)}, nil
	case "author":
		return c.people(t)
	case "occurred", "opened":
		var times []span
		if t.Op == query.Has {
			times = complement(nil)
		}
		for _, iv := range t.Intervals(c.now) {
			times = union(times, []span{spanOf(iv)})
		}
		return &condition{about: aboutTime, times: times}, nil
	case "state":
		return stateCondition(t.Values), nil
	case "category", "sentiment", "urgency":
		return saidTerm(t), nil
	default:
		return c.flags(t)
	}
}

func spanOf(iv query.Interval) span {
	s := span{0, endOfTime}
	if !iv.From.IsZero() {
		s.from = boundary(iv.From)
	}
	if !iv.To.IsZero() {
		s.to = boundary(iv.To)
	}
	return s
}

// kindCondition makes the table of a condition on the kind byte.
func kindCondition(keep func(k greenroom.Kind, flags uint8) bool) *condition {
	c := &condition{about: aboutKind}
	for b := range c.kinds {
		c.kinds[b] = keep(greenroom.Kind(b&kindMask), uint8(b))
	}
	return c
}

func stateCondition(values []query.Value) *condition {
	c := &condition{about: aboutState}
	for _, v := range values {
		c.state[stateOf(greenroom.State(v.Text))] = true
	}
	return c
}

// isReply lists the kinds that is:reply asks for, as the lists of the record store do.
func isReply(k greenroom.Kind) bool {
	switch k {
	case greenroom.KindReply, greenroom.KindAnswer, greenroom.KindAcceptedAnswer, greenroom.KindComment, greenroom.KindReview:
		return true
	default:
		return false
	}
}

// flags compiles is:, where any of several values will do.
func (c *compiler) flags(t *query.Term) (*condition, error) {
	var any []*condition
	for _, v := range t.Values {
		switch v.Text {
		case "question":
			any = append(any, kindCondition(func(_ greenroom.Kind, b uint8) bool { return b&kindQuestion != 0 }))
		case "edited":
			any = append(any, kindCondition(func(_ greenroom.Kind, b uint8) bool { return b&kindEdited != 0 }))
		case "reply":
			any = append(any, kindCondition(func(k greenroom.Kind, _ uint8) bool { return isReply(k) }))
		case "waiting":
			question := kindCondition(func(_ greenroom.Kind, b uint8) bool { return b&kindQuestion != 0 })
			open := stateCondition([]query.Value{{Text: string(greenroom.StateOpen)}})
			any = append(any, &condition{about: aboutMany, op: opAnd, parts: []*condition{question, open}})
		case "staff":
			any = append(any, &condition{about: aboutWho, set: c.img.who.staff.clone()})
		case "bot":
			any = append(any, &condition{about: aboutWho, set: c.img.who.bot.clone()})
		default:
			any = append(any, stateCondition([]query.Value{v}))
		}
	}
	if len(any) == 1 {
		return any[0], nil
	}
	return &condition{about: aboutMany, op: opOr, parts: any}, nil
}

// people compiles a condition on members and organizations: those that the columns know are answered here, the others
// by the record store.
func (c *compiler) people(n query.Node) (*condition, error) {
	who := c.img.who
	set := newBitset(who.len())
	if t, ok := n.(*query.Term); ok && t.Field.Owner == query.Members && (t.Field.Attr == "country" || t.Field.Attr == "is") {
		if keep := c.ownPeople(t); keep != nil {
			for i := range who.member {
				if keep(uint32(i)) {
					set.set(uint32(i))
				}
			}
			return &condition{about: aboutWho, set: set}, nil
		}
	}
	ids, err := c.members.IdentitySet(c.ctx, n)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if id > 0 && id < int64(who.len()) {
			set.set(uint32(id))
		}
	}
	if t, ok := n.(*query.Term); ok && t.Field.Owner == query.Organizations && len(who.moves) > 0 {
		return c.employer(t, set)
	}
	return &condition{about: aboutWho, set: set}, nil
}

// ownPeople is the test for a term on members that needs no record store; nil where it needs it.
func (c *compiler) ownPeople(t *query.Term) func(identity uint32) bool {
	who := c.img.who
	if t.Field.Attr == "country" {
		return func(i uint32) bool {
			if who.country[i] == 0 || t.Op == query.Has {
				return who.country[i] != 0
			}
			code := strings.ToLower(unpackCountry(who.country[i]))
			return slices.ContainsFunc(t.Values, func(v query.Value) bool { return matches(v, code, "") })
		}
	}
	var sets []bitset
	for _, v := range t.Values {
		switch v.Text {
		case "staff":
			sets = append(sets, who.staff)
		case "bot":
			sets = append(sets, who.bot)
		case "hidden":
			sets = append(sets, who.hidden)
		default:
			return nil
		}
	}
	return func(i uint32) bool {
		return slices.ContainsFunc(sets, func(b bitset) bool { return b.has(i) })
	}
}
