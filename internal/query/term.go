// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// condition parses a field and its values; name is what stands before the
// operator, unchecked. The node is nil for the directive sort:.
func (p *parser) condition(name string) (Node, error) {
	start := p.pos
	if strings.EqualFold(name, "sort") {
		return nil, p.directive(name)
	}
	f, err := p.lookup(name)
	if err != nil {
		return nil, err
	}
	p.pos += len(name)
	op, err := p.operator(start, name)
	if err != nil {
		return nil, err
	}
	items, err := p.items(name)
	if err != nil {
		return nil, err
	}
	if f.Type == TypeDid {
		return p.did(f, op, items, start)
	}
	if f.Name == "has" {
		return p.has(items, op, start)
	}
	t := &Term{Field: f, Op: op, Pos: start, End: p.pos}
	if err := p.fill(t, items); err != nil {
		return nil, err
	}
	p.desugar(t)
	return t, nil
}

// lookup finds the field, or says which one may have been meant.
func (p *parser) lookup(name string) (*Field, error) {
	s := p.schema
	if f, ok := s.Field(name); ok {
		return f, nil
	}
	end := p.pos + len(name)
	if m := modifier(name); m != "" && s.byName["did"] != nil {
		return nil, p.fail(p.pos, end, "%s belongs right after a did: condition, as in did:* %s", name, modifierExample(m))
	}
	prefix, _, dotted := strings.Cut(strings.ToLower(name), "field.")
	if _, custom := s.byName[prefix+customName]; dotted && custom {
		return nil, p.fail(p.pos, end, "a custom field is written field. and its name, as in field.team_size")
	}
	return nil, p.suggest(s.meant(name), p.pos, end, "there is no field %q for %s", name, s.entity)
}

// meant is the field that may be meant by a name that is none: one that says
// the same here, one of a related entity, or one that is spelled nearly so.
func (s *Schema) meant(name string) string {
	switch strings.ToLower(name) {
	case "kind", "type":
		if s.byName["did"] != nil {
			return "did"
		}
	case "did":
		return "kind"
	case "is":
		return "lifecycle" // of organizations, which have no is:
	}
	for _, related := range []string{"member." + name, "org." + name} {
		if f, ok := s.Field(related); ok {
			return f.Name
		}
	}
	return nearest(name, append(s.names(), "sort"))
}

// operator reads what stands between a name and its values: a colon, a
// comparison, or both.
func (p *parser) operator(start int, name string) (Op, error) {
	if p.peek() == ':' {
		p.pos++
	}
	rest := p.text[p.pos:]
	if strings.HasPrefix(rest, "!") {
		end := p.pos + len(rest) - len(strings.TrimLeft(rest, "!="))
		return "", p.suggest("-"+name+":", start, end, "there is no operator !; a minus before the field excludes")
	}
	for _, o := range []struct {
		text string
		op   Op
	}{
		{">=", GreaterEqual},
		{"≥", GreaterEqual},
		{"<=", LessEqual},
		{"≤", LessEqual},
		{">", Greater},
		{"<", Less},
		{"=", Equal},
	} {
		if strings.HasPrefix(rest, o.text) {
			p.pos += len(o.text)
			return o.op, nil
		}
	}
	return Equal, nil
}

// compares reports whether op is one of the four comparisons.
func compares(op Op) bool {
	return op == Less || op == LessEqual || op == Greater || op == GreaterEqual
}

// fill reads the items as the field's type asks and puts them into the term.
func (p *parser) fill(t *Term, items []item) error {
	ordered := t.Field.Type == TypeNumber || t.Field.Type == TypeDate || t.Field.Type == TypeDuration || t.Field.Type == TypeCustom
	one := items[0]
	switch {
	case compares(t.Op) && !ordered:
		return p.fail(t.Pos, one.pos, "%s cannot be compared; only numbers, dates and durations can", t.Field.Name)
	case compares(t.Op) && len(items) > 1:
		return p.fail(one.pos, p.pos, "a comparison takes one value; large numbers are written without commas")
	case one.star && one.text == "" && len(items) == 1 && t.Op == Equal && t.Field.Type != TypeFlag:
		t.Op = Has
		return p.plainSince(t)
	}
	for _, it := range items {
		if it.star && t.Field.Type != TypeFlag && (it.text == "" || ordered && t.Field.Type != TypeCustom || compares(t.Op)) {
			return p.fail(it.end-1, it.end, "* stands for any value, alone after the field, as in %s:*", t.Field.Name)
		}
	}
	if lo, hi, ok := strings.Cut(one.text, ".."); ok && ordered && !one.quoted && !one.star {
		if done, err := p.fillRange(t, items, lo, hi); done || err != nil {
			return err
		}
	}
	for i, it := range items {
		if i > 0 && t.Field.Type == TypeNumber && len(it.text) == 3 && it.text[0] == '0' { // 10,000
			return p.fail(one.pos, p.pos, "a comma means any of; large numbers are written without")
		}
		v, err := p.value(t, it)
		if err != nil {
			return err
		}
		t.Values = append(t.Values, v)
	}
	return nil
}

// fillRange reads a range. It reports false where the value of a custom field
// only looks like one.
func (p *parser) fillRange(t *Term, items []item, lo, hi string) (bool, error) {
	it, f := items[0], t.Field
	bare := func(text string, at int) item { return item{text: text, pos: at, end: at + len(text)} }
	ends := []item{bare(lo, it.pos), bare(hi, it.end-len(hi))}
	ranged := *t
	ranged.Op = Between
	for _, end := range ends {
		var v Value
		if end.text != "" {
			var err error
			if v, err = p.value(&ranged, end); err != nil {
				if f.Type == TypeCustom {
					return false, nil
				}
				return false, err
			}
		}
		ranged.Values = append(ranged.Values, v)
	}
	a, b := ranged.Values[0], ranged.Values[1]
	switch {
	case len(items) > 1 || compares(t.Op):
		return false, p.fail(it.pos, p.pos, "a range stands alone; join several with or")
	case lo == "" && hi == "":
		return false, p.fail(it.pos, it.end, "a range needs a beginning or an end")
	case f.Type != TypeDuration && (a.Form == FormSpan && hi == "" || b.Form == FormSpan && lo == ""):
		return false, p.fail(it.pos, it.end, "say <%s for less long ago, or >%s for longer ago", lo+hi, lo+hi)
	case backwards(a, b, f.Type):
		return false, p.suggest(hi+".."+lo, it.pos, it.end, "the range runs backwards")
	case f.Type == TypeCustom && lo != "" && hi != "" && (a.Form == FormNumber) != (b.Form == FormNumber):
		return false, p.fail(it.pos, it.end, "both ends of a range need to be numbers, or both dates")
	}
	*t = ranged
	return true, nil
}

// backwards reports whether b lies before a, as far as that does not depend on
// what now is. Two ages may stand in either order.
func backwards(a, b Value, t Type) bool {
	switch {
	case a.Form == FormNumber && b.Form == FormNumber:
		return b.Number < a.Number
	case a.Form == FormSpan && b.Form == FormSpan:
		return t == TypeDuration && b.Span.Seconds() < a.Span.Seconds()
	case a.Form == FormDate && b.Form == FormDate && a.Date.Word == "" && b.Date.Word == "" && a.Date.Zoned == b.Date.Zoned:
		return b.Date.Interval(epoch()).To.Before(a.Date.Interval(epoch()).From)
	}
	return a.Form == FormDate && b.Form == FormDate && a.Date.Word == "today" && b.Date.Word == "yesterday"
}

// has turns has:email,org into terms on these fields.
func (p *parser) has(items []item, op Op, start int) (Node, error) {
	t := &Term{Field: p.schema.byName["has"], Op: op, Pos: start, End: p.pos}
	if err := p.fill(t, items); err != nil {
		return nil, err
	}
	if len(t.Values) > 1 && p.depth == MaxDepth { // an or, which needs parentheses when it is printed
		return nil, p.fail(start, p.pos, "parentheses are nested too deep here for more than one field")
	}
	var terms []Node
	for _, v := range t.Values {
		terms = append(terms, &Term{Field: p.schema.byName[v.Text], Op: Has, Pos: start, End: p.pos})
	}
	return AnyOf(terms...), nil
}

// desugar turns since: and until: into a comparison of the date they are about.
func (p *parser) desugar(t *Term) {
	if t.Field.Name != "since" && t.Field.Name != "until" {
		return
	}
	since := t.Field.Name == "since"
	t.Field = p.schema.byName[t.Field.Attr]
	if since == (t.Values[0].Form == FormDate) { // an age grows towards the past
		t.Op = GreaterEqual
	} else {
		t.Op = LessEqual
	}
}

// directive parses sort:name,-name.
func (p *parser) directive(name string) error {
	start := p.pos
	p.pos += len(name)
	if p.peek() != ':' {
		return p.suggest("sort:", start, p.pos+utf8.RuneLen(p.rune()), "sort takes a colon")
	}
	p.pos++
	items, err := p.items(name)
	if err != nil {
		return err
	}
	if p.depth > 0 || p.negate {
		return p.fail(start, p.pos, "sort: orders the whole result; put it outside of parentheses and negations")
	}
	for _, it := range items {
		key, desc := strings.CutPrefix(it.text, "-")
		f, ok := p.schema.Field(key)
		if !ok || !f.Sortable || it.star {
			at := it.end - len(key)
			if it.quoted || it.star {
				at = it.pos
			}
			return p.suggest(nearest(key, p.schema.Sortable()), at, it.end,
				"%s cannot be sorted by %q, but by %s", p.schema.entity, key, list(p.schema.Sortable()))
		}
		if slices.ContainsFunc(p.sort, func(o Order) bool { return o.Field == f }) {
			return p.fail(it.pos, it.end, "the result is sorted by %s already", f.Name)
		}
		p.sort = append(p.sort, Order{Field: f, Desc: desc})
	}
	return nil
}

// list joins words for a sentence.
func list(words []string) string {
	const most = 14
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}
