// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"strconv"
	"strings"
	"time"
)

// value reads one item as the type of the term's field asks.
func (p *parser) value(t *Term, it item) (Value, error) {
	v := Value{Pos: it.pos, End: it.end}
	var err error
	switch t.Field.Type {
	case TypeText, TypeKeyword:
		v.Form, v.Prefix = FormText, it.star
		v.Text, err = p.name(t.Field, it)
	case TypeFlag, TypeEnum, TypeDid:
		v.Form = FormText
		v.Text, err = p.choice(t, it)
	case TypeNumber:
		var ok bool
		v.Form = FormNumber
		if v.Number, ok = parseNumber(it.text); !ok {
			err = p.fail(it.pos, it.end, "%s takes a number such as 10 or >=3, not %q", t.Field.Name, it.text)
		}
	case TypeDate:
		err = p.date(t, it, &v)
	case TypeDuration:
		err = p.duration(t, it, &v)
	case TypeCustom:
		err = p.customValue(t, it, &v)
	}
	return v, err
}

// name reads the value of a text or a keyword.
func (p *parser) name(f *Field, it item) (string, error) {
	text := it.text
	if f.Sigil != "" {
		text = strings.TrimLeft(text, f.Sigil)
	}
	if strings.TrimSpace(text) == "" {
		return "", p.fail(it.pos, it.end, "%s needs a value, or * for any", f.Name)
	}
	if !it.quoted && text[0] == '-' {
		return "", p.fail(it.pos, it.pos+1, "a minus that excludes stands before the field; put the value in quotes to mean the character")
	}
	return text, nil
}

// choice reads a value of a closed list, however it is cased and joined.
func (p *parser) choice(t *Term, it item) (string, error) {
	f := t.Field
	if it.star {
		return "", p.fail(it.pos, it.end, "%s: takes whole values: %s", f.Name, list(f.Values))
	}
	if v := member(f.Values, it.text); v != "" {
		return v, nil
	}
	if rest, ok := strings.CutPrefix(it.text, "-"); ok && rest != "" {
		return "", p.fail(it.pos, it.pos+1, "a minus that excludes stands before the field")
	}
	what, pos, fix := "value", it.pos, nearest(it.text, f.Values)
	switch {
	case f.Name == "has":
		what = "field"
	case f.Type == TypeFlag:
		what = "flag"
	case f.Type == TypeDid || f.Attr == "kind":
		what = "kind of activity"
	}
	for _, no := range []string{"un", "not_", "non_"} {
		rest, ok := strings.CutPrefix(fold(it.text), no)
		if v := member(f.Values, rest); ok && v != "" && len(t.Values) == 0 && p.pos == it.end {
			pos, fix = t.Pos, "-"+f.Name+":"+quoteValue(v)
		}
	}
	return "", p.suggest(fix, pos, it.end, "%s: has no %s %q; there are %s", f.Name, what, it.text, list(f.Values))
}

// member is how the closed list spells a value, or "".
func member(values []string, text string) string {
	for _, v := range values {
		if fold(v) == fold(text) {
			return v
		}
	}
	return ""
}

// fold makes "Pull Request", "pull-request" and "pull_request" one.
func fold(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return '_'
		}
		return r
	}, s))
}

// date reads a date or an age; an age alone says neither before nor after.
func (p *parser) date(t *Term, it item, v *Value) error {
	d, shaped, wrong := parseDate(it.text)
	if wrong != "" {
		return p.fail(it.pos, it.end, "%s is no date: %s", it.text, wrong)
	}
	if shaped {
		v.Form, v.Date = FormDate, d
		return p.plainSince(t)
	}
	span, ok := parseSpan(it.text)
	if ok && unclear(it.text) {
		return p.minutesOrMonths(it)
	}
	if !ok {
		age := "<30d"
		if t.Field.Name == "since" || t.Field.Name == "until" {
			age = "30d"
		}
		return p.suggest(withUnit(it.text, Day), it.pos, it.end,
			"%s takes a date such as 2026-01-31, today or %s, not %q", t.Field.Name, age, it.text)
	}
	v.Form, v.Span = FormSpan, span
	if t.Field.Name == "since" || t.Field.Name == "until" {
		return p.plainSince(t)
	}
	if t.Op == Equal {
		return p.suggest("<"+it.text, it.pos, it.end,
			"say <%[1]s for less than %[1]s ago, or >%[1]s for longer ago", it.text)
	}
	return nil
}

// plainSince refuses what since: and until: make no sense with.
func (p *parser) plainSince(t *Term) error {
	if name := t.Field.Name; (name == "since" || name == "until") && (t.Op != Equal || len(t.Values) > 0) {
		return p.fail(t.Pos, p.pos, "%s takes one date or age, as in %s", name, modifierExample(name))
	}
	return nil
}

// duration reads a length of time.
func (p *parser) duration(t *Term, it item, v *Value) error {
	span, ok := parseSpan(it.text)
	if !ok {
		return p.suggest(withUnit(it.text, Hour), it.pos, it.end, "%s takes a duration such as <4h or >2d, not %q", t.Field.Name, it.text)
	}
	v.Form, v.Span = FormSpan, span
	if t.Op == Equal {
		return p.suggest("<"+it.text, it.pos, it.end, "say <%[1]s for less than %[1]s, or >%[1]s for more", it.text)
	}
	return nil
}

// unclear reports whether a span is in "m". Where durations are asked for that
// is minutes, but of an age many will mean months.
func unclear(span string) bool { return strings.HasSuffix(strings.ToLower(span), "m") }

func (p *parser) minutesOrMonths(it item) error {
	return p.suggest(it.text+"o", it.pos, it.end, "%s can be minutes or months; minutes are min, months are mo", it.text)
}

// withUnit makes a span of a bare number, or "" of anything else.
func withUnit(s string, u Unit) string {
	if _, ok := parseSpan(s + string(u)); !ok {
		return ""
	}
	return s + string(u)
}

// customValue reads the value of a custom field: text, unless it is compared.
func (p *parser) customValue(t *Term, it item, v *Value) error {
	if t.Op == Equal {
		v.Form, v.Prefix = FormText, it.star
		var err error
		v.Text, err = p.name(t.Field, it)
		return err
	}
	if n, ok := parseNumber(it.text); ok {
		v.Form, v.Number = FormNumber, n
		return nil
	}
	if d, shaped, wrong := parseDate(it.text); shaped && wrong == "" {
		v.Form, v.Date = FormDate, d
		return nil
	}
	if s, ok := parseSpan(it.text); ok {
		if unclear(it.text) {
			return p.minutesOrMonths(it)
		}
		v.Form, v.Span = FormSpan, s
		return nil
	}
	return p.fail(it.pos, it.end, "a comparison takes a number, a date or an age, not %q", it.text)
}

// parseNumber reads a decimal number of at most 15 digits, which is what is
// sure to be exact.
func parseNumber(s string) (float64, bool) {
	unsigned := strings.TrimPrefix(s, "-")
	whole, frac, point := strings.Cut(unsigned, ".")
	if whole == "" || point && frac == "" || len(whole)+len(frac) > 15 || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	if n == 0 {
		n = 0 // -0 becomes an ordinary zero
	}
	return n, err == nil
}

// epoch is a now for where it does not matter which.
func epoch() time.Time { return time.Unix(0, 0).UTC() }
