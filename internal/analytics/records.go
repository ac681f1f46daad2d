// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// recorder writes the query that lists what a point counted.
type recorder struct {
	e     *Engine
	m     *Metric
	r     *Request
	p     *Point
	now   time.Time
	parts []query.Node // the request's query, segment and group, one condition each
}

// Records returns the query that lists what the i-th point of a result counted: activities, conversations, or the
// members of a metric that counts these. Of a share it lists the upper number, of a waiting time all questions that it
// rests on. Dates in it are in the request's time zone.
//
// Where members are counted by a query that no condition on members can say (or, not or free text on activities), it
// lists the activities of the period instead, which are theirs. It fails with CodeInvalid where a segment cannot be
// said about activities.
func (e *Engine) Records(r Request, res *Result, i int) (query.Entity, string, error) {
	m, err := Lookup(r.Metric)
	if err != nil {
		return "", "", err
	}
	if err := r.valid(m); err != nil {
		return "", "", err
	}
	if i < 0 || i >= len(res.Series) {
		return "", "", greenroom.Errorf(greenroom.CodeInvalid, "the result has no point %d", i)
	}
	rec := &recorder{e: e, m: m, r: &r, p: &res.Series[i], now: e.now().In(r.Zone)}
	if r.Query != nil {
		rec.parts = append(rec.parts, conjuncts(r.Query.Root)...)
	}
	if a := cmp.Or(m.upper, m.about); a != nil {
		rec.parts = append(rec.parts, rec.about(a))
	}
	rec.addGroup(res)
	return rec.write()
}

func conjuncts(n query.Node) []query.Node {
	switch n := n.(type) {
	case nil:
		return nil
	case *query.And:
		return n.Nodes
	default:
		return []query.Node{n}
	}
}

func (rec *recorder) write() (query.Entity, string, error) {
	if rec.m.Entity == query.Conversations {
		return rec.conversations()
	}
	if rec.m.Unit == UnitActivities || rec.m.upper != nil || rec.m.Unit == UnitOrganizations || rec.m.Name == "member_share" {
		return rec.activities(rec.p.From, rec.p.To)
	}
	// Who was with an organization then is not who is with it now: where somebody has moved, what they did is listed.
	if rec.m.Name != nameMembers && len(rec.e.cols.current.Load().who.moves) > 0 && slices.ContainsFunc(rec.parts, asksEmployer) {
		return rec.activities(rec.p.From, rec.p.To)
	}
	if root, ok := rec.memberCondition(); ok {
		return query.Members, query.Format(root), nil
	}
	return rec.activities(rec.p.From, rec.p.To)
}

// asksEmployer reports whether a condition asks for organizations.
func asksEmployer(n query.Node) bool {
	asks := false
	query.Walk(n, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && t.Field.Owner == query.Organizations {
			asks = true
		}
		return !asks
	})
	return asks
}

// term makes a condition on a field of an entity.
func (rec *recorder) term(entity query.Entity, field string, op query.Op, values ...query.Value) query.Node {
	f, ok := rec.e.schemas[entity].Field(field)
	if !ok {
		panic("analytics: the query language has lost the field " + field)
	}
	return &query.Term{Field: f, Op: op, Values: values}
}

// about is the condition that a message says something.
func (rec *recorder) about(a *about) query.Node {
	values := make([]query.Value, len(a.values))
	for i, v := range a.values {
		values[i] = word(v)
	}
	return rec.term(rec.m.Entity, a.field, query.Equal, values...)
}

func word(s string) query.Value { return query.Value{Form: query.FormText, Text: s} }

// addGroup adds the condition of the point's group.
func (rec *recorder) addGroup(res *Result) {
	if rec.r.Breakdown == "" {
		return
	}
	if rec.p.Group != OtherGroup || rec.r.Breakdown.short() {
		rec.parts = append(rec.parts, rec.group(rec.p))
		return
	}
	seen := map[string]bool{OtherGroup: true}
	for i := range res.Series {
		if p := &res.Series[i]; !seen[p.Group] {
			seen[p.Group] = true
			rec.parts = append(rec.parts, query.Negate(rec.group(p)))
		}
	}
}

func (rec *recorder) group(p *Point) query.Node {
	switch rec.r.Breakdown {
	case ByOrganization:
		return rec.term(rec.m.Entity, "org.id", query.Equal, word(strconv.FormatInt(p.GroupID, 10)))
	default:
		return rec.term(rec.m.Entity, string(rec.r.Breakdown), query.Equal, word(p.Group))
	}
}

// translated says a condition about members or organizations in the words of another entity; false where it cannot.
func (rec *recorder) translated(n query.Node, to query.Entity) (query.Node, bool) {
	list := func(nodes []query.Node) ([]query.Node, bool) {
		var out []query.Node
		for _, c := range nodes {
			t, ok := rec.translated(c, to)
			if !ok {
				return nil, false
			}
			out = append(out, t)
		}
		return out, true
	}
	switch n := n.(type) {
	case *query.And:
		parts, ok := list(n.Nodes)
		return query.AllOf(parts...), ok
	case *query.Or:
		parts, ok := list(n.Nodes)
		return query.AnyOf(parts...), ok
	case *query.Not:
		part, ok := rec.translated(n.Node, to)
		if !ok {
			return nil, false
		}
		return query.Negate(part), true
	case *query.Term:
		if n.Field.Owner != query.Members && n.Field.Owner != query.Organizations {
			return nil, false
		}
		for _, f := range rec.e.schemas[to].Fields() {
			if f.Owner == n.Field.Owner && f.Attr == n.Field.Attr && f.Type == n.Field.Type && f.Type != query.TypeCustom {
				t := *n
				t.Field = f
				return &t, true
			}
		}
	}
	return nil, false
}

// narrowed joins the request's conditions with others, for a list of activities or conversations.
func (rec *recorder) narrowed(more ...query.Node) (query.Entity, string, error) {
	entity := rec.m.Entity
	parts := append(slices.Clone(more), rec.parts...)
	if s := rec.r.Segment; s != nil && s.Root != nil {
		n, ok := rec.translated(s.Root, entity)
		if !ok {
			return "", "", greenroom.Errorf(greenroom.CodeInvalid, "the segment cannot be said about %s; open the members instead", entity)
		}
		parts = append(parts, n)
	}
	for _, flag := range rec.leftOut() {
		if flag == "contact" {
			parts = append(parts, query.Negate(rec.term(entity, "member.is", query.Equal, word(flag))))
			continue
		}
		parts = append(parts, query.Negate(rec.term(entity, "is", query.Equal, word(flag))))
	}
	return entity, query.Format(query.AllOf(parts...)), nil
}

// leftOut lists the flags of whom the figure leaves out and the lists do not, as far as there are any.
func (rec *recorder) leftOut() []string {
	who := rec.e.cols.current.Load().who
	var flags []string
	for _, f := range []struct {
		name string
		set  bitset
		keep bool
	}{{"staff", who.staff, rec.r.Options.Staff}, {"bot", who.bot, rec.r.Options.Bots}, {"contact", who.contact, false}} {
		if !f.keep && f.set.count() > 0 {
			flags = append(flags, f.name)
		}
	}
	return flags
}

// date is a moment as the query language writes it: a day where it is midnight, else to the second.
func (rec *recorder) date(t time.Time, day bool) query.Value {
	t = t.In(rec.r.Zone)
	d := query.Date{Year: t.Year(), Month: int(t.Month()), Day: t.Day(), Precision: query.ToDay}
	if !day {
		d.Hour, d.Minute, d.Second = t.Clock()
		d.Precision = query.ToSecond
	}
	return query.Value{Form: query.FormDate, Date: d}
}

func (rec *recorder) since(from time.Time) query.Value {
	return rec.date(from, from.Equal(Day.Start(from.In(rec.r.Zone))))
}

// until is the last second before to, which both ends of a range take in.
func (rec *recorder) until(to time.Time) query.Value {
	to = to.In(rec.r.Zone)
	return rec.date(to.Add(-time.Second), to.Equal(Day.Start(to)))
}

// between is a condition on a date field: one day or month as such, else a range.
func (rec *recorder) between(entity query.Entity, field string, from, to time.Time) query.Node {
	lo, hi := rec.since(from), rec.until(to)
	if lo.Date == hi.Date && lo.Date.Precision == query.ToDay {
		return rec.term(entity, field, query.Equal, lo)
	}
	return rec.term(entity, field, query.Between, lo, hi)
}

func (rec *recorder) activities(from, to time.Time) (query.Entity, string, error) {
	parts := []query.Node{rec.between(query.Activities, "occurred", from, to)}
	var root query.Node
	if rec.r.Query != nil {
		root = rec.r.Query.Root
	}
	if !asksKind(root) {
		var quiet []query.Value
		for _, k := range greenroom.Kinds() {
			if !k.Info().Active {
				quiet = append(quiet, word(k.String()))
			}
		}
		if rec.m.only == nil {
			parts = append(parts, query.Negate(rec.term(query.Activities, "kind", query.Equal, quiet...)))
		}
	}
	if rec.m.only != nil {
		var counted []query.Value
		for _, name := range rec.m.countedKinds() {
			counted = append(counted, word(name))
		}
		parts = append(parts, rec.term(query.Activities, "kind", query.Equal, counted...))
	}
	if rec.m.Unit == UnitOrganizations {
		parts = append(parts, rec.term(query.Activities, "org", query.Has))
	}
	return rec.narrowed(parts...)
}

func (rec *recorder) conversations() (query.Entity, string, error) {
	const entity = query.Conversations
	is := func(flag string) query.Node { return rec.term(entity, "is", query.Equal, word(flag)) }
	parts := []query.Node{rec.between(entity, "opened", rec.p.From, rec.p.To)}
	every := rec.m.Name == "conversations" || rec.m.about != nil
	if !every {
		parts = append(parts, is("question"))
	}
	anybody := rec.r.Options.By == ByAnybody
	switch {
	case every || rec.m.Name == "questions":
	case rec.m.Name == "unanswered":
		parts = append(parts, is("open"))
	case rec.m.Name == "resolved_share":
		parts = append(parts, is("resolved"))
	case rec.m.Name == "answered_by_members":
		parts = append(parts, query.Negate(is("ignored")), rec.term(entity, "responder", query.Equal, word(string(ByMember))))
	case rec.m.Name == "answered_share" && anybody:
		parts = append(parts, query.Negate(is("ignored")), rec.term(entity, "first_response", query.Has))
	case rec.m.Name == "response_within_target" && anybody && rec.r.Options.Target%time.Minute == 0 && rec.r.Options.Target < 99999*time.Minute:
		span := query.Span{N: int(rec.r.Options.Target / time.Minute), Unit: query.Minute}
		if rec.r.Options.Target%time.Hour == 0 {
			span = query.Span{N: int(rec.r.Options.Target / time.Hour), Unit: query.Hour}
		}
		parts = append(parts, query.Negate(is("ignored")), rec.term(entity, "first_response", query.LessEqual, query.Value{Form: query.FormSpan, Span: span}))
	default:
		parts = append(parts, query.Negate(is("ignored")))
	}
	return rec.narrowed(parts...)
}
