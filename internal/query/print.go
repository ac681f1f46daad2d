// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"strconv"
	"strings"
	"unicode"
)

// String prints the canonical text of the query: parsing it gives the same
// tree, and it prints as itself. It is empty for a query for everything. It can
// be longer than what was parsed, and MaxLength holds for it too.
func (q *Query) String() string {
	pr := &printer{}
	if q.Root != nil {
		pr.node(q.Root, false)
	}
	for i, o := range q.Sort {
		switch {
		case i > 0:
			pr.WriteByte(',')
		case q.Root != nil:
			pr.WriteString(" sort:")
		default:
			pr.WriteString("sort:")
		}
		if o.Desc {
			pr.WriteByte('-')
		}
		pr.WriteString(o.Field.Name)
	}
	return pr.String()
}

// Format prints the canonical text of a condition; "" for nil.
func Format(n Node) string { return (&Query{Root: n}).String() }

type printer struct{ strings.Builder }

// node prints n; inner says that it stands where an or needs parentheses.
func (pr *printer) node(n Node, inner bool) {
	switch n := n.(type) {
	case *Or:
		if inner {
			pr.WriteByte('(')
		}
		for i, c := range n.Nodes {
			if i > 0 {
				pr.WriteString(" or ")
			}
			pr.node(c, false)
		}
		if inner {
			pr.WriteByte(')')
		}
	case *And:
		for i, c := range n.Nodes {
			switch {
			case i == 0:
			case isDid(n.Nodes[i-1]) && looksLikeModifier(c):
				pr.WriteString(" and ")
			default:
				pr.WriteByte(' ')
			}
			pr.part(c)
		}
	case *Not:
		pr.part(n)
	case *Term:
		pr.term(n)
	case *Text:
		pr.WriteString(quoteWord(n.Words))
		if n.Prefix {
			pr.WriteByte('*')
		}
	case *Did:
		pr.did(n)
	}
}

// part prints a condition that stands beside others.
func (pr *printer) part(n Node) {
	if not, ok := n.(*Not); ok {
		pr.WriteByte('-')
		n = not.Node
	}
	if _, ok := n.(*And); ok {
		pr.WriteByte('(')
		pr.node(n, false)
		pr.WriteByte(')')
		return
	}
	pr.node(n, true)
}

// isDid reports whether n is printed as a did: with nothing after it.
func isDid(n Node) bool {
	if not, ok := n.(*Not); ok {
		n = not.Node
	}
	_, ok := n.(*Did)
	return ok
}

// looksLikeModifier reports whether n, right after a did:, would be read as a
// part of it.
func looksLikeModifier(n Node) bool {
	if not, ok := n.(*Not); ok {
		n = not.Node
	}
	t, ok := n.(*Term)
	return ok && modifier(t.Field.Name) != ""
}

func (pr *printer) term(t *Term) {
	switch t.Op {
	case Has:
		if t.Field.Optional {
			pr.WriteString("has:" + t.Field.Name)
		} else {
			pr.WriteString(t.Field.Name + ":*")
		}
		return
	case Between:
		pr.WriteString(t.Field.Name + ":")
		pr.value(t.Field, t.Values[0])
		pr.WriteString("..")
		pr.value(t.Field, t.Values[1])
		return
	case Equal:
		pr.WriteString(t.Field.Name + ":")
	default:
		pr.WriteString(t.Field.Name + ":" + string(t.Op))
	}
	pr.values(t.Field, t.Values)
}

func (pr *printer) values(f *Field, values []Value) {
	for i, v := range values {
		if i > 0 {
			pr.WriteByte(',')
		}
		pr.value(f, v)
	}
}

func (pr *printer) value(f *Field, v Value) {
	switch v.Form {
	case FormText:
		text := quoteValue(v.Text)
		if f.Type == TypeCustom && strings.Contains(v.Text, "..") {
			text = quote(v.Text)
		}
		pr.WriteString(text)
		if v.Prefix {
			pr.WriteByte('*')
		}
	case FormNumber:
		pr.WriteString(strconv.FormatFloat(v.Number, 'f', -1, 64))
	case FormDate:
		pr.WriteString(v.Date.String())
	case FormSpan:
		pr.WriteString(v.Span.String())
	case FormNone:
	}
}

func (pr *printer) did(d *Did) {
	pr.WriteString("did:")
	for i, k := range d.Kinds {
		if i > 0 {
			pr.WriteByte(',')
		}
		pr.WriteString(quoteValue(k))
	}
	if len(d.Kinds) == 0 {
		pr.WriteByte('*')
	}
	for _, part := range []struct {
		name   string
		values []Value
	}{{"in", d.In}, {"source", d.Source}, {"category", d.Category}, {"sentiment", d.Sentiment}, {"since", []Value{d.Since}}, {"until", []Value{d.Until}}} {
		if len(part.values) > 0 && part.values[0].Form != FormNone {
			pr.WriteString(" " + part.name + ":")
			pr.values(modifierField(part.name), part.values)
		}
	}
	low, high := strconv.Itoa(d.Min), strconv.Itoa(d.Max)
	switch {
	case d.Max == Unlimited && d.Min == 1:
	case d.Max == Unlimited:
		pr.WriteString(" count:>=" + low)
	case d.Min == d.Max:
		pr.WriteString(" count:" + low)
	case d.Min == 0:
		pr.WriteString(" count:<=" + high)
	default:
		pr.WriteString(" count:" + low + ".." + high)
	}
}

// quoteWord quotes free text where it would not be read as one bare word.
func quoteWord(s string) string {
	for _, keyword := range []string{"and", "or", "not"} {
		if strings.EqualFold(s, keyword) {
			return quote(s)
		}
	}
	if s[0] == '-' || strings.ContainsFunc(s, unicode.IsSpace) || strings.ContainsAny(s, `:<>=≤≥!*"“”„()`) {
		return quote(s)
	}
	return s
}

// quoteValue quotes the value of a field where it would not be read as it is.
func quoteValue(s string) string {
	if strings.ContainsRune("-<>=≤≥!#@", []rune(s)[0]) || strings.ContainsFunc(s, unicode.IsSpace) || strings.ContainsAny(s, `,*"“”„()`) {
		return quote(s)
	}
	return s
}

// quote puts s in quotes.
func quote(s string) string {
	s = strings.ReplaceAll(s, `\`, `\\`)
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}
