// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"math"
	"strings"
)

// modifiers lists what belongs to a did: that it directly follows.
func modifiers() []string {
	return []string{"in", "source", "category", "sentiment", "since", "until", "count"}
}

// modifier gives the modifier of did: that is written name, or "".
func modifier(name string) string {
	name = strings.ToLower(name)
	if name == "channel" {
		return "in"
	}
	for _, m := range modifiers() {
		if m == name {
			return m
		}
	}
	return ""
}

func modifierExample(m string) string {
	switch m {
	case "in":
		return "in:#help"
	case "source":
		return "source:slack"
	case "category":
		return "category:bug,feature"
	case "sentiment":
		return "sentiment:negative"
	case "since":
		return "since:30d"
	case "until":
		return "until:2026-03-31"
	default:
		return "count:>=3"
	}
}

func modifierDoc(m string) string {
	switch m {
	case "in":
		return "In one of these channels."
	case "source":
		return "On one of these sources."
	case "category":
		return "Messages that were read as one of these."
	case "sentiment":
		return "Messages that feel like one of these."
	case "since":
		return "On that date or later; since:30d is the last 30 days."
	case "until":
		return "On that date or earlier; until:30d is 30 days ago or longer."
	default:
		return "How many times; once or more where it is left out."
	}
}

// modifierField is the field that the values of a modifier are read as.
func modifierField(m string) *Field {
	f := &Field{Name: m, Owner: Activities, Attr: m, Doc: modifierDoc(m), Example: modifierExample(m)}
	switch m {
	case "in":
		f.Attr, f.Type, f.Sigil = "channel", TypeKeyword, "#"
	case "source":
		f.Type = TypeKeyword
	case "category", "sentiment":
		f.Type, f.Values = TypeEnum, readingValues(m)
	case "since", "until":
		f.Attr, f.Type = "occurred", TypeDate
	default:
		f.Type = TypeNumber
	}
	return f
}

// readingValues are what a message can be read as, by a field of readingFields.
func readingValues(name string) []string {
	for _, f := range readingFields("") {
		if f.Name == name {
			return f.Values
		}
	}
	return nil
}

// Said are the conditions on what the activities that count say, as terms.
func (d *Did) Said() []*Term {
	var all []*Term
	for _, part := range []struct {
		name   string
		values []Value
	}{{"category", d.Category}, {"sentiment", d.Sentiment}} {
		if len(part.values) > 0 {
			all = append(all, &Term{Field: modifierField(part.name), Op: Equal, Values: part.values, Pos: d.Pos, End: d.End})
		}
	}
	return all
}

// did parses the rest of a condition on activities: its kinds are read, its
// modifiers follow.
func (p *parser) did(f *Field, op Op, items []item, start int) (Node, error) {
	d := &Did{Min: 1, Max: Unlimited, Pos: start}
	kinds := &Term{Field: f, Op: op, Pos: start, End: p.pos}
	if err := p.fill(kinds, items); err != nil {
		return nil, err
	}
	for _, v := range kinds.Values {
		d.Kinds = append(d.Kinds, v.Text)
	}
	seen := map[string]bool{}
	for {
		d.End = p.pos
		p.skipSpace()
		name, ok := p.fieldAhead()
		m := modifier(name)
		if !ok || m == "" {
			break
		}
		if seen[m] {
			return nil, p.fail(p.pos, p.pos+len(name), "%s is given twice for one did:", name)
		}
		seen[m] = true
		if err := p.modify(d, m, name); err != nil {
			return nil, err
		}
	}
	err := p.noExclusion()
	p.pos = d.End
	return d, err
}

// noExclusion refuses a minus before a modifier right after a did:. It would
// look like a part of the condition, but be one on the member.
func (p *parser) noExclusion() error {
	ahead := *p
	if ahead.peek() == '-' {
		ahead.pos++
	} else if _, ok := ahead.keyword("not"); !ok {
		return nil
	}
	ahead.skipSpace()
	if name, ok := ahead.fieldAhead(); ok && modifier(name) != "" {
		return p.fail(p.pos, ahead.pos+len(name),
			"a did: condition cannot exclude; write \"and\" before it to make it a condition of its own")
	}
	return nil
}

// modify parses one modifier into d.
func (p *parser) modify(d *Did, m, name string) error {
	t := &Term{Field: modifierField(m), Pos: p.pos}
	p.pos += len(name)
	var err error
	if t.Op, err = p.operator(t.Pos, name); err != nil {
		return err
	}
	items, err := p.items(name)
	if err != nil {
		return err
	}
	t.End = p.pos
	if err := p.fill(t, items); err != nil {
		return err
	}
	if t.Op == Has {
		return p.fail(t.Pos, t.End, "%s:* says nothing; leave it out", m)
	}
	switch m {
	case "in":
		d.In = t.Values
	case "source":
		d.Source = t.Values
	case "category":
		d.Category = t.Values
	case "sentiment":
		d.Sentiment = t.Values
	case "since":
		d.Since = t.Values[0]
	case "until":
		d.Until = t.Values[0]
	default:
		return p.count(d, t)
	}
	return nil
}

// count turns a condition on the number into limits.
func (p *parser) count(d *Did, t *Term) error {
	const most = 1_000_000_000
	for _, v := range t.Values {
		if v.Number < 0 || v.Number > most || v.Number != math.Trunc(v.Number) {
			return p.fail(v.Pos, v.End, "count takes a whole number from 0 on")
		}
	}
	if t.Op == Equal && len(t.Values) > 1 {
		return p.fail(t.Values[0].Pos, t.End, "count takes one number or a range, as in count:2..5")
	}
	b := t.Bounds()[0]
	d.Min, d.Max = 0, Unlimited
	if !math.IsInf(b.Low, -1) {
		d.Min = int(b.Low)
		if b.LowOut {
			d.Min++
		}
	}
	if !math.IsInf(b.High, 1) {
		d.Max = int(b.High)
		if b.HighOut {
			d.Max--
		}
		if d.Max < d.Min {
			return p.fail(t.Pos, t.End, "no count is below 0")
		}
	}
	return nil
}
