// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strconv"
	"strings"
)

// Rows is a condition as a form shows it to people who do not write queries: lines, and groups of lines, all of which have
// to hold, or any of which will do. In a group it is the other way round.
type Rows struct {
	Any  bool // one line is enough
	List []Row
}

// Row is one line. Those with the same Group above 0 are a group and stand next to each other.
type Row struct {
	Group int
	Field string // by its name; "" with RowText
	Op    RowOp
	Value string // several with commas between them; the number of an age, the kinds of did:, or a whole condition with RowText
	To    string // the other end of RowBetween
	Unit  Unit   // of RowLast and RowAgo
	// In, Since and Count belong to did:; Since is a number of days, Count the least number of times.
	In, Since, Count string
}

// RowOp says how the field of a line relates to its value.
type RowOp string

// The operators of lines.
const (
	RowIs      RowOp = "is"
	RowNot     RowOp = "not"
	RowBegins  RowOp = "begins"
	RowAny     RowOp = "any"  // has a value
	RowNone    RowOp = "none" // has no value
	RowLeast   RowOp = "least"
	RowMost    RowOp = "most"
	RowOver    RowOp = "over"
	RowUnder   RowOp = "under"
	RowBetween RowOp = "between"
	RowLast    RowOp = "last" // less than an age ago
	RowAgo     RowOp = "ago"  // longer ago than that
	RowText    RowOp = "text" // a condition as text: what lines cannot say
)

// RowOps lists the operators that make sense with a field, the most used first.
func RowOps(f *Field) []RowOp {
	var ops []RowOp
	switch f.Type {
	case TypeText, TypeKeyword:
		ops = []RowOp{RowIs, RowNot, RowBegins}
	case TypeFlag, TypeEnum, TypeDid:
		ops = []RowOp{RowIs, RowNot}
	case TypeNumber:
		ops = []RowOp{RowLeast, RowMost, RowOver, RowUnder, RowIs, RowBetween}
	case TypeDate:
		ops = []RowOp{RowLast, RowAgo, RowLeast, RowMost, RowIs, RowBetween}
	case TypeDuration:
		ops = []RowOp{RowLast, RowAgo}
	case TypeCustom:
		ops = []RowOp{RowIs, RowNot, RowBegins, RowLeast, RowMost}
	}
	if f.Optional || f.Type == TypeCustom {
		ops = append(ops, RowAny, RowNone)
	}
	return ops
}

// RowsOf gives the lines of a condition; what lines cannot say becomes a line of text, so that nothing is lost.
func RowsOf(s *Schema, root Node) Rows {
	var r Rows
	nodes := []Node{root}
	switch n := root.(type) {
	case nil:
		return r
	case *And:
		nodes = n.Nodes
	case *Or:
		nodes, r.Any = n.Nodes, true
	}
	groups := 0
	for _, n := range nodes {
		inner := innerNodes(n, r.Any)
		if inner == nil || slices.ContainsFunc(inner, func(n Node) bool { return rowOf(s, n).Op == RowText }) {
			r.List = append(r.List, rowOf(s, n))
			continue
		}
		groups++
		for _, n := range inner {
			row := rowOf(s, n)
			row.Group = groups
			r.List = append(r.List, row)
		}
	}
	return r
}

// innerNodes are the parts of a condition that a group can be of; nil where it is none.
func innerNodes(n Node, anyOutside bool) []Node {
	switch n := n.(type) {
	case *And:
		if anyOutside {
			return n.Nodes
		}
	case *Or:
		if !anyOutside {
			return n.Nodes
		}
	}
	return nil
}

// rowOf gives the line of a condition that has no parts. It is one of text where the line would not say the same.
func rowOf(s *Schema, n Node) Row {
	text := Format(n)
	row, ok := plainRow(n)
	if ok {
		if q, err := Parse(s, row.Text()); err == nil && q.Root != nil && Format(q.Root) == text {
			return row
		}
	}
	return Row{Op: RowText, Value: text}
}

func plainRow(n Node) (Row, bool) {
	not := false
	if negated, ok := n.(*Not); ok {
		not, n = true, negated.Node
	}
	switch n := n.(type) {
	case *Term:
		row, ok := termRow(n)
		if not {
			switch row.Op {
			case RowIs:
				row.Op = RowNot
			case RowAny:
				row.Op = RowNone
			default:
				return row, false
			}
		}
		return row, ok
	case *Did:
		return didRow(n, not)
	}
	return Row{}, false
}

func termRow(t *Term) (Row, bool) {
	row := Row{Field: t.Field.Name, Op: RowIs}
	if t.Op == Has {
		row.Op = RowAny
		return row, true
	}
	first := t.Values[0]
	if first.Form == FormSpan && t.Op != Between {
		row.Value, row.Unit = strconv.Itoa(first.Span.N), first.Span.Unit
		row.Op = map[Op]RowOp{Less: RowLast, Greater: RowAgo}[t.Op]
		return row, row.Op != ""
	}
	switch t.Op {
	case Equal:
		if first.Prefix && len(t.Values) == 1 {
			row.Op = RowBegins
		}
	case Between:
		row.Op, row.Value, row.To = RowBetween, valueText(t.Values[0]), valueText(t.Values[1])
		return row, true
	default:
		row.Op = map[Op]RowOp{Less: RowUnder, LessEqual: RowMost, Greater: RowOver, GreaterEqual: RowLeast}[t.Op]
	}
	parts := make([]string, len(t.Values))
	for i, v := range t.Values {
		parts[i] = listed(valueText(v))
	}
	row.Value = strings.Join(parts, ", ")
	return row, true
}

// listed is a value as it stands between commas.
func listed(v string) string {
	if strings.ContainsAny(v, `,"`) {
		return quote(v)
	}
	return v
}

func valueText(v Value) string {
	pr := &printer{}
	if v.Form == FormText {
		return v.Text
	}
	pr.value(&Field{}, v)
	return pr.String()
}

func didRow(d *Did, not bool) (Row, bool) {
	row := Row{Field: "did", Op: RowIs, Value: strings.Join(d.Kinds, ", ")}
	if not {
		row.Op = RowNot
	}
	for i, v := range d.In {
		if i > 0 {
			row.In += ", "
		}
		row.In += listed(v.Text)
	}
	if d.Since.Form == FormSpan && d.Since.Span.Unit == Day {
		row.Since = strconv.Itoa(d.Since.Span.N)
	}
	if d.Min > 1 {
		row.Count = strconv.Itoa(d.Min)
	}
	return row, true
}

// Complete reports whether a line says something yet.
func (r *Row) Complete() bool {
	switch {
	case r.Op == RowText:
		return strings.TrimSpace(r.Value) != ""
	case r.Field == "":
		return false
	case r.Op == RowAny, r.Op == RowNone, r.Field == "did":
		return true
	case r.Op == RowBetween:
		return strings.TrimSpace(r.Value) != "" || strings.TrimSpace(r.To) != ""
	}
	return strings.TrimSpace(r.Value) != ""
}

// Text writes a line as a query does. Whether it can be used, parsing says.
func (r *Row) Text() string {
	value := strings.TrimSpace(r.Value)
	switch {
	case r.Op == RowText:
		return "(" + value + ")"
	case r.Field == "did":
		return r.didText()
	}
	switch r.Op {
	case RowNot:
		return "-" + r.Field + ":" + quotedList(value)
	case RowBegins:
		return r.Field + ":" + quoteValue(value) + "*"
	case RowAny:
		return r.Field + ":*"
	case RowNone:
		return "-" + r.Field + ":*"
	case RowLeast:
		return r.Field + ":>=" + value
	case RowMost:
		return r.Field + ":<=" + value
	case RowOver:
		return r.Field + ":>" + value
	case RowUnder:
		return r.Field + ":<" + value
	case RowBetween:
		return r.Field + ":" + value + ".." + strings.TrimSpace(r.To)
	case RowLast:
		return r.Field + ":<" + value + string(r.Unit)
	case RowAgo:
		return r.Field + ":>" + value + string(r.Unit)
	case RowIs, RowText:
	}
	return r.Field + ":" + quotedList(value)
}

func (r *Row) didText() string {
	text := "did:*"
	if value := strings.TrimSpace(r.Value); value != "" && value != "*" {
		text = "did:" + quotedList(value)
	}
	if in := strings.TrimSpace(r.In); in != "" {
		text += " in:" + quotedList(in)
	}
	if since := strings.TrimSpace(r.Since); since != "" {
		text += " since:" + since + string(Day)
	}
	if count := strings.TrimSpace(r.Count); count != "" && count != "1" {
		text += " count:>=" + count
	}
	if r.Op == RowNot {
		return "-" + text
	}
	return text
}

// quotedList writes values that have commas between them for a query.
func quotedList(text string) string {
	var parts []string
	for _, v := range splitList(text) {
		if v != "" {
			parts = append(parts, quoteValue(v))
		}
	}
	return strings.Join(parts, ",")
}

// splitList parts values at commas outside of quotes, and takes the quotes off.
func splitList(text string) []string {
	var parts []string
	var sb strings.Builder
	quoted, escaped := false, false
	for _, c := range text {
		switch {
		case escaped:
			sb.WriteRune(c)
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			parts = append(parts, strings.TrimSpace(sb.String()))
			sb.Reset()
		default:
			sb.WriteRune(c)
		}
	}
	return append(parts, strings.TrimSpace(sb.String()))
}

// Text writes the lines as one query; lines that say nothing yet are left out.
func (r *Rows) Text() string {
	outer, inner := " and ", " or "
	if r.Any {
		outer, inner = inner, outer
	}
	var parts []string
	for i := 0; i < len(r.List); {
		group := r.List[i].Group
		var some []string
		for ; i < len(r.List) && r.List[i].Group == group; i++ {
			if r.List[i].Complete() {
				some = append(some, r.List[i].Text())
			}
			if group == 0 {
				i++
				break
			}
		}
		switch len(some) {
		case 0:
		case 1:
			parts = append(parts, some[0])
		default:
			parts = append(parts, "("+strings.Join(some, inner)+")")
		}
	}
	return strings.Join(parts, outer)
}
