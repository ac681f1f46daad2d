// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom/internal/query"
)

// trees draws random trees in normal form, over the fields of one schema.
type trees struct {
	schema *query.Schema
	t      *rapid.T
}

// text draws values that hold what the language gives a meaning to.
func (g trees) text(label string) string {
	special := []string{`"`, `\`, "*", "-", ":", ",", "(", ")", "..", "#", "@", " ", "\t", "<", ">=", "≤", "!", "or", "NOT", "and", "“", "”", "„", "2026", "30d", "://", "is", "did", "é", "日"}
	s := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(special), rapid.StringMatching(`[a-z0-9]{1,4}`)), 1, 4).Draw(g.t, label), "")
	if strings.TrimSpace(s) == "" {
		return "x" + s
	}
	return s
}

// date draws a date of at least that precision.
func (g trees) date(least query.Precision) query.Date {
	if rapid.IntRange(0, 4).Draw(g.t, "word") == 0 {
		return query.Date{Word: rapid.SampledFrom([]string{"today", "yesterday"}).Draw(g.t, "day word")}
	}
	d := query.Date{Precision: query.Precision(rapid.IntRange(int(least), int(query.ToSecond)).Draw(g.t, "precision")), Month: 1, Day: 1}
	d.Year = rapid.IntRange(1, 9999).Draw(g.t, "year")
	if d.Precision >= query.ToMonth {
		d.Month = rapid.IntRange(1, 12).Draw(g.t, "month")
	}
	if d.Precision >= query.ToDay {
		d.Day = rapid.IntRange(1, 28).Draw(g.t, "day")
	}
	if d.Precision >= query.ToMinute {
		d.Hour, d.Minute = rapid.IntRange(0, 23).Draw(g.t, "hour"), rapid.IntRange(0, 59).Draw(g.t, "minute")
		if d.Zoned = rapid.Bool().Draw(g.t, "zoned"); d.Zoned {
			d.Offset = rapid.IntRange(-14*60, 14*60).Draw(g.t, "offset")
		}
	}
	if d.Precision == query.ToSecond {
		d.Second = rapid.IntRange(0, 59).Draw(g.t, "second")
	}
	return d
}

func (g trees) span() query.Value {
	units := []query.Unit{query.Minute, query.Hour, query.Day, query.Week, query.Month, query.Year}
	return query.Value{Form: query.FormSpan, Span: query.Span{N: rapid.IntRange(0, 99999).Draw(g.t, "n"), Unit: rapid.SampledFrom(units).Draw(g.t, "unit")}}
}

func (g trees) number() query.Value {
	return query.Value{Form: query.FormNumber, Number: float64(rapid.IntRange(-100000, 100000).Draw(g.t, "number")) / 8}
}

// words draws values of a text, a keyword or a closed list.
func (g trees) words(f *query.Field) []query.Value {
	var values []query.Value
	for range rapid.IntRange(1, 3).Draw(g.t, "values") {
		v := query.Value{Form: query.FormText}
		if len(f.Values) > 0 {
			v.Text = rapid.SampledFrom(f.Values).Draw(g.t, "choice")
		} else {
			v.Text, v.Prefix = strings.TrimLeft(g.text("value"), f.Sigil), rapid.Bool().Draw(g.t, "prefix")
			if strings.TrimSpace(v.Text) == "" {
				v.Text = "x"
			}
		}
		values = append(values, v)
	}
	return values
}

func (g trees) term() query.Node {
	f := rapid.SampledFrom(g.schema.Fields()).Draw(g.t, "field")
	switch {
	case f.Type == query.TypeDid:
		return g.did(f)
	case f.Name == "has", f.Name == "since", f.Name == "until": // sugar
		return &query.Text{Words: g.text("words"), Prefix: rapid.Bool().Draw(g.t, "prefix")}
	case f.Type == query.TypeCustom:
		f, _ = g.schema.Field(strings.Replace(f.Name, "NAME", rapid.StringMatching(`[a-z0-9_é-]{1,8}`).Draw(g.t, "custom"), 1))
	}
	t := &query.Term{Field: f, Op: query.Equal}
	if f.Type != query.TypeFlag && rapid.IntRange(0, 5).Draw(g.t, "has") == 0 {
		t.Op = query.Has
		return t
	}
	draw := g.number
	switch f.Type {
	case query.TypeNumber:
	case query.TypeDuration:
		draw = g.span
	case query.TypeDate, query.TypeCustom:
		least := query.ToYear
		if f.Type == query.TypeCustom { // where a year alone is a number
			least = query.ToMonth
		}
		if draw = g.span; rapid.Bool().Draw(g.t, "date") {
			draw = func() query.Value { return query.Value{Form: query.FormDate, Date: g.date(least)} }
		}
	default:
		t.Values = g.words(f)
		return t
	}
	first := draw()
	switch op := rapid.SampledFrom([]query.Op{query.Equal, query.Less, query.GreaterEqual, query.Between}).Draw(g.t, "op"); {
	case op == query.Equal && f.Type == query.TypeCustom:
		t.Values = g.words(f)
	case op == query.Between && first.Form != query.FormSpan && rapid.Bool().Draw(g.t, "open"):
		t.Op, t.Values = op, []query.Value{first, {}}
	case op == query.Between:
		t.Op, t.Values = op, []query.Value{first, first}
	case op == query.Equal && first.Form == query.FormSpan:
		t.Op, t.Values = query.LessEqual, []query.Value{first}
	default:
		t.Op, t.Values = op, []query.Value{first}
	}
	return t
}

func (g trees) did(f *query.Field) query.Node {
	d := &query.Did{Min: rapid.IntRange(0, 3).Draw(g.t, "min"), Max: query.Unlimited}
	if rapid.Bool().Draw(g.t, "limited") {
		d.Max = d.Min + rapid.IntRange(0, 2).Draw(g.t, "more")
	}
	if rapid.Bool().Draw(g.t, "kinds") {
		d.Kinds = rapid.SliceOfN(rapid.SampledFrom(f.Values), 1, 3).Draw(g.t, "kinds")
	}
	if rapid.Bool().Draw(g.t, "in") {
		d.In = g.words(&query.Field{Sigil: "#"})
	}
	if rapid.Bool().Draw(g.t, "source") {
		d.Source = g.words(&query.Field{})
	}
	if rapid.Bool().Draw(g.t, "category") {
		d.Category = g.words(&query.Field{Values: []string{"bug", "praise", "unsure"}})
	}
	if rapid.Bool().Draw(g.t, "sentiment") {
		d.Sentiment = g.words(&query.Field{Values: []string{"negative", "positive"}})
	}
	if rapid.Bool().Draw(g.t, "since") {
		d.Since = g.span()
	}
	if rapid.Bool().Draw(g.t, "until") {
		d.Until = query.Value{Form: query.FormDate, Date: g.date(query.ToYear)}
	}
	return d
}

func (g trees) tree(depth int) query.Node {
	if depth == 0 {
		return g.term()
	}
	children := func() []query.Node {
		var nodes []query.Node
		for range rapid.IntRange(2, 3).Draw(g.t, "children") {
			nodes = append(nodes, g.tree(depth-1))
		}
		return nodes
	}
	switch rapid.IntRange(0, 3).Draw(g.t, "shape") {
	case 0:
		return query.AllOf(children()...)
	case 1:
		return query.AnyOf(children()...)
	case 2:
		return query.Negate(g.tree(depth - 1))
	default:
		return g.term()
	}
}

// What String prints parses to the same tree, whatever the tree.
func TestStringRoundTrip(t *testing.T) {
	for e, s := range schemas() {
		t.Run(string(e), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				g := trees{schema: s, t: t}
				want := &query.Query{Root: g.tree(rapid.IntRange(0, 3).Draw(t, "depth"))}
				for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(s.Sortable()), 0, 2, rapid.ID).Draw(t, "sort") {
					f, _ := s.Field(name)
					want.Sort = append(want.Sort, query.Order{Field: f, Desc: rapid.Bool().Draw(t, "desc")})
				}
				want.Text = want.String()
				if len(want.Text) > query.MaxLength {
					return
				}
				got, err := query.Parse(s, want.Text)
				if err != nil {
					t.Fatalf("%s: %v", want.Text, err)
				}
				if diff := cmp.Diff(want, got, ignorePositions()); diff != "" {
					t.Fatalf("%s (-want +got)\n%s", want.Text, diff)
				}
			})
		})
	}
}

func seeds(f *testing.F) {
	f.Helper()
	for i, text := range []string{
		"", "maria", `a or (b -"c d") not e*`, "tag:x,y -is:staff last_active:<30d sort:-activities",
		"did:question in:#help since:30d count:>=3 tag:x", "-(did:star) source:slack", "occurred:2026-01-01T10:00+02:00..today",
		"field.team_size:>10 field.x:1..2 org.lifecycle:trial", `name:"a\"b\\"* “x”`, "first_response:>24h waiting:1h..2d", "activities>=3",
		"a:b:c", "((((", "----", "tag:", "has:email,org", "is:unanswered", "\xff", "sort:", "did:* count:0..0 in:a,b", "https://x.y/z?a=b",
	} {
		f.Add(text, uint8(i), uint16(i))
	}
}

// No text makes Parse panic; what it accepts prints as a text with the same
// meaning, and that prints as itself. What it refuses it can point at.
func FuzzParse(f *testing.F) {
	seeds(f)
	all := schemas()
	f.Fuzz(func(t *testing.T, text string, entity uint8, _ uint16) {
		s := all[query.Entities()[int(entity)%len(query.Entities())]]
		q, err := query.Parse(s, text)
		if err != nil {
			var e *query.Error
			if !errors.As(err, &e) {
				t.Fatalf("%q: %v is no *Error", text, err)
			}
			if e.Pos < 0 || e.End < e.Pos || e.End > len(text) {
				t.Fatalf("%q: [%d:%d] lies outside: %v", text, e.Pos, e.End, err)
			}
			_, _, _ = e.Error(), e.Caret(), e.Fix()
			return
		}
		printed := q.String()
		if len(printed) > query.MaxLength { // quotes and full names can make it longer
			return
		}
		again, err := query.Parse(s, printed)
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, printed, err)
		}
		if diff := cmp.Diff(q, again, ignorePositions(), cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Text" }, cmp.Ignore())); diff != "" {
			t.Fatalf("%q prints as %q (-want +got)\n%s", text, printed, diff)
		}
		if twice := again.String(); twice != printed {
			t.Fatalf("%q prints as %q and then as %q", text, printed, twice)
		}
	})
}

// No text and no cursor make Suggest panic, and what it says to replace is
// around the cursor and leaves whole characters.
func FuzzSuggest(f *testing.F) {
	seeds(f)
	all := schemas()
	f.Fuzz(func(t *testing.T, text string, entity uint8, cursor uint16) {
		s := all[query.Entities()[int(entity)%len(query.Entities())]]
		lookup := func(*query.Field, string) []string { return []string{"x", "with space", ""} }
		for _, g := range query.Suggest(s, text, int(cursor), lookup) {
			if g.From < 0 || g.To < g.From || g.To > len(text) || g.From > int(cursor) && int(cursor) <= len(text) && utf8.ValidString(text) && utf8.RuneStart((text + " ")[cursor]) {
				t.Fatalf("%q at %d: [%d:%d] %q", text, cursor, g.From, g.To, g.Insert)
			}
			if after := text[:g.From] + g.Insert + text[g.To:]; utf8.ValidString(text) && !utf8.ValidString(after) {
				t.Fatalf("%q at %d: %q cuts a character", text, cursor, g.Insert)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	s := query.NewSchema(query.Members, kinds())
	for name, text := range map[string]string{
		"short":   "tag:champion last_active:<30d",
		"typical": `did:question in:#help since:30d count:>=3 org.lifecycle:trial,customer -is:staff last_active:<30d ("single sign-on" or field.plan:pro) sort:-activities`,
		"longest": strings.Repeat("tag:a or ", 900) + "tag:a",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := query.Parse(s, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkString(b *testing.B) {
	s := query.NewSchema(query.Members, kinds())
	q, err := query.Parse(s, `did:question in:#help since:30d count:>=3 org.lifecycle:trial,customer -is:staff last_active:<30d ("single sign-on" or field.plan:pro)`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = q.String()
	}
}

func BenchmarkSuggest(b *testing.B) {
	s := query.NewSchema(query.Members, kinds())
	text := "did:question in:#help since:30d org.l"
	b.ReportAllocs()
	for b.Loop() {
		if !slices.ContainsFunc(query.Suggest(s, text, len(text), nil), func(g query.Suggestion) bool { return g.Insert == "org.lifecycle:" }) {
			b.Fatal("org.lifecycle is not suggested")
		}
	}
}
