// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/analytics"
)

// condition writes what a row has to fulfill beside being visible; "" = nothing. At is the column, or expression, with the
// row's time in seconds, who the column of the identity.
func condition(w *analytics.Where, at, who string) string {
	var parts []string
	if w.Kinds != nil {
		parts = append(parts, choice("kind", w.Kinds.Not, len(w.Kinds.Of), func(b *strings.Builder) { list(b, w.Kinds.Of) }))
	}
	if w.Said != nil {
		parts = append(parts, choice("said", w.Said.Not, len(w.Said.Of), func(b *strings.Builder) { list(b, w.Said.Of) }))
	}
	if w.Who != nil {
		parts = append(parts, choice(who, w.Who.Not, len(w.Who.Of), func(b *strings.Builder) { list(b, w.Who.Of) }))
	}
	if w.Places != nil {
		parts = append(parts, choice("(source, channel)", w.Places.Not, len(w.Places.Of), func(b *strings.Builder) {
			for i, p := range w.Places.Of {
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(b, "(%d,%d)", p.Source, p.Channel)
			}
		}))
	}
	if w.Times != nil {
		times := make([]string, 0, len(w.Times)+1)
		for _, t := range w.Times {
			times = append(times, "("+between(at, t)+")")
		}
		if len(times) == 0 {
			times = append(times, "0")
		}
		parts = append(parts, "("+strings.Join(times, " OR ")+")")
	}
	return strings.Join(parts, " AND ")
}

func choice(column string, not bool, n int, write func(b *strings.Builder)) string {
	if n == 0 {
		return map[bool]string{false: "0", true: "1"}[not]
	}
	var b strings.Builder
	b.WriteString(column)
	if not {
		b.WriteString(" NOT")
	}
	b.WriteString(" IN (")
	write(&b)
	b.WriteString(")")
	return b.String()
}

// between is the condition that a time lies in a span.
func between(at string, s analytics.Span) string {
	var parts []string
	if s.From > 0 {
		parts = append(parts, fmt.Sprintf("%s >= %d", at, s.From))
	}
	if s.To != analytics.EndOfTime {
		parts = append(parts, fmt.Sprintf("%s < %d", at, s.To))
	}
	if len(parts) == 0 {
		return "1"
	}
	return strings.Join(parts, " AND ")
}

// nowhere is the index of the span that a time has which lies between spans.
const nowhere = 65535

// series is a sequence of spans of the same length, whose beginnings are the same length apart, as days or weeks are while
// the clocks are not changed.
type series struct {
	first, n    int // index and number of the spans
	from        uint32
	step, width uint32
}

func (s *series) end() uint32 { return s.from + uint32(s.n-1)*s.step + s.width } //nolint:gosec // within the spans

// inSeries cuts ascending spans into series.
func inSeries(spans []analytics.Span) []series {
	var all []series
	for i, s := range spans {
		width := s.To - s.From
		if n := len(all); n > 0 {
			last := &all[n-1]
			step := s.From - spans[i-1].From
			if last.width == width && (last.n == 1 || last.step == step) {
				last.step = step
				last.n++
				continue
			}
		}
		all = append(all, series{first: i, n: 1, from: s.From, step: width, width: width})
	}
	return all
}

// indexOf is the expression for the index of the span that the column at lies in, or nowhere.
func indexOf(all []series) string {
	var b strings.Builder
	b.WriteString("toUInt16(multiIf(")
	end := uint32(0)
	for i := range all {
		s := &all[i]
		if s.from > end {
			fmt.Fprintf(&b, "at < %d, %d, ", s.from, nowhere)
		}
		end = s.end()
		at := fmt.Sprintf("%d + intDiv(at - %d, %d)", s.first, s.from, s.step)
		switch {
		case s.n == 1:
			at = strconv.Itoa(s.first)
		case s.width < s.step:
			at = fmt.Sprintf("if((at - %d) %% %d < %d, %s, %d)", s.from, s.step, s.width, at, nowhere)
		}
		fmt.Fprintf(&b, "at < %d, %s, ", end, at)
	}
	fmt.Fprintf(&b, "%d))", nowhere)
	return b.String()
}

// tally is the SQL of a question, and how to read a row of its answer.
type tally struct {
	sql   string
	width int
	read  []func(r *rows, to *analytics.TallyRow)
}

// tallySQL writes the question for some of the spans, of which first is the index of the first.
func tallySQL(q *analytics.Tally, spans []analytics.Span, first int, visible string) tally {
	var t tally
	var columns, keys []string
	column := func(expression, alias string, width int, read func(r *rows, to *analytics.TallyRow)) {
		if expression != alias {
			expression += " AS " + alias
		}
		columns, keys = append(columns, expression), append(keys, alias)
		t.width += width
		t.read = append(t.read, read)
	}
	where := []string{visible, between("at", analytics.Span{From: spans[0].From, To: spans[len(spans)-1].To})}
	if len(spans) > 1 {
		column(indexOf(inSeries(spans)), "span", 2, func(r *rows, to *analytics.TallyRow) { to.Span = first + int(r.u16()) })
		where = append(where, fmt.Sprintf("span != %d", nowhere))
	} else {
		t.read = append(t.read, func(_ *rows, to *analytics.TallyRow) { to.Span = first })
	}
	if c := condition(&q.Where, "at", "identity"); c != "" {
		where = append(where, c)
	}
	if q.By&analytics.ByIdentity != 0 {
		column("identity", "identity", 4, func(r *rows, to *analytics.TallyRow) { to.Who = r.u32() })
	}
	if q.By&analytics.ByPlace != 0 {
		column("source", "source", 4, func(r *rows, to *analytics.TallyRow) { to.Place.Source = r.u32() })
		column("channel", "channel", 4, func(r *rows, to *analytics.TallyRow) { to.Place.Channel = r.u32() })
	}
	if q.By&analytics.ByKindByte != 0 {
		column("kind", "kind", 1, func(r *rows, to *analytics.TallyRow) { to.Kind = r.u8() })
	}
	if q.By&analytics.BySaid != 0 {
		column("said", "said", 1, func(r *rows, to *analytics.TallyRow) { to.Said = r.u8() })
	}
	if q.By&analytics.ByMoment != 0 {
		column("at", "at", 4, func(r *rows, to *analytics.TallyRow) { to.At = r.u32() })
	}
	if len(q.Atoms) > 0 {
		column(atoms(q.Atoms), "atoms", 8, func(r *rows, to *analytics.TallyRow) { to.Atoms = r.u64() })
	}
	sum := "toInt64(sum(sign)) AS n"
	having := " HAVING n > 0"
	if q.Exists {
		having = " HAVING sum(sign) > 0"
	} else {
		columns = append(columns, sum)
		t.width += 8
		t.read = append(t.read, func(r *rows, to *analytics.TallyRow) { to.N = r.i64() })
	}
	t.sql = "SELECT " + strings.Join(columns, ", ") + " FROM " + factTable + " WHERE " + strings.Join(where, " AND ")
	if len(keys) > 0 {
		t.sql += " GROUP BY " + strings.Join(keys, ", ") + having
	}
	if q.By&analytics.ByMoment != 0 {
		t.sql += " ORDER BY at, " + strings.Join(slices.DeleteFunc(keys, func(k string) bool { return k == "at" }), ", ")
	}
	t.sql += " FORMAT RowBinary"
	return t
}

// atoms is the expression with a bit for each condition.
func atoms(all []analytics.Where) string {
	parts := make([]string, len(all))
	for i := range all {
		c := condition(&all[i], "at", "identity")
		if c == "" {
			c = "1"
		}
		parts[i] = fmt.Sprintf("toUInt64(%s) * %d", c, uint64(1)<<i)
	}
	return "toUInt64(" + strings.Join(parts, " + ") + ")"
}
