// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SuggestionKind says what a suggestion is, for an icon or a heading.
type SuggestionKind string

// The kinds of suggestion.
const (
	SuggestField     SuggestionKind = "field"
	SuggestModifier  SuggestionKind = "modifier" // of the did: before it
	SuggestValue     SuggestionKind = "value"
	SuggestOperator  SuggestionKind = "operator"
	SuggestDirective SuggestionKind = "directive"
)

// Suggestion is one way to go on: put Insert in place of text[From:To].
type Suggestion struct {
	Insert   string
	Doc      string
	Kind     SuggestionKind
	From, To int // byte offsets
}

// Lookup gives values of a field that the store knows and that begin with
// prefix, the most useful first: channels, tags, countries. It is asked for
// fields of TypeText, TypeKeyword and TypeCustom; for the custom field whose
// Name ends in "field.NAME" it is asked for the names of custom fields.
type Lookup func(f *Field, prefix string) []string

// Suggest lists how the text can go on at the cursor, a byte offset, the best
// first. What stands elsewhere in the text need not be right. Lookup may be
// nil.
func Suggest(s *Schema, text string, cursor int, lookup Lookup) []Suggestion {
	cursor = max(0, min(cursor, len(text)))
	for cursor < len(text) && !utf8.RuneStart(text[cursor]) {
		cursor++
	}
	c := &completer{schema: s, text: text, cursor: cursor, lookup: lookup}
	if len(text) > MaxLength || !c.locate() {
		return nil
	}
	typed := text[c.start:cursor]
	name := typed[:len(typed)-len(strings.TrimLeftFunc(typed, nameRune))]
	after := typed[len(name):]
	switch {
	case after == "":
		c.names(name)
	case name != "" && strings.ContainsAny(after[:1], ":<>="):
		c.values(name, c.start+len(name))
	}
	return c.found
}

// completer is the state of one Suggest.
type completer struct {
	schema *Schema
	text   string
	cursor int
	lookup Lookup
	found  []Suggestion

	start  int  // of the term at the cursor, after its minus
	first  bool // nothing stands before it
	did    bool // a did: and its modifiers stand right before it
	nested bool // it stands in parentheses
}

// locate finds the term at the cursor; false in the middle of a phrase.
func (c *completer) locate() bool {
	var quote rune
	var depth int
	c.first = true
	for i := 0; i < c.cursor; {
		r, size := utf8.DecodeRuneInString(c.text[i:])
		switch {
		case quote != 0:
			if r == '\\' && i+1 < c.cursor {
				size++
			} else if r == quote && quote == '"' || quote != '"' && quoteCloses(r) {
				quote = 0
			}
		case quoteOpens(r):
			quote = r
		case unicode.IsSpace(r), r == '(', r == ')':
			c.endTerm(i, r)
			c.start = i + size
			switch r {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		i += size
	}
	c.nested = depth > 0
	if c.start < c.cursor && c.text[c.start] == '-' {
		c.start++
		c.did = false
	}
	phrase, _ := utf8.DecodeRuneInString(c.text[c.start:c.cursor])
	return !quoteOpens(phrase)
}

// endTerm takes note of the term that ends at end, before the character r.
func (c *completer) endTerm(end int, r rune) {
	if term := c.text[c.start:end]; term != "" {
		c.first = false
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimLeft(term, "-")), ":")
		c.did = name == "did" && c.schema.byName["did"] != nil || c.did && modifier(name) != "" && term[0] != '-'
	}
	if r == '(' || r == ')' {
		c.did = false
		c.first = r == '('
	}
}

func (c *completer) add(kind SuggestionKind, from, to int, insert, doc string) {
	c.found = append(c.found, Suggestion{Insert: insert, Doc: doc, Kind: kind, From: from, To: to})
}

// names suggests fields, modifiers and directives that begin with, or contain,
// what is typed.
func (c *completer) names(typed string) {
	to := c.until(func(r rune) bool { return !nameRune(r) })
	if to < len(c.text) && c.text[to] == ':' {
		to++
	}
	typed = strings.ReplaceAll(strings.ToLower(typed), "-", "_")
	if c.did {
		for _, m := range modifiers() {
			if strings.HasPrefix(m, typed) {
				c.add(SuggestModifier, c.start, to, m+":", modifierDoc(m))
			}
		}
	}
	type match struct {
		rank int
		f    *Field
	}
	var matches []match
	for _, f := range c.schema.fields {
		if rank := f.rank(typed); rank >= 0 {
			matches = append(matches, match{rank, f})
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.rank, b.rank) })
	for _, m := range matches {
		if prefix, ok := strings.CutSuffix(m.f.Name, "NAME"); ok {
			c.customNames(m.f, prefix, typed, to)
		} else {
			c.add(SuggestField, c.start, to, m.f.Name+":", m.f.Doc)
		}
	}
	if !c.nested && strings.HasPrefix("sort", typed) {
		c.add(SuggestDirective, c.start, to, "sort:", "The order of the result; with a minus, downwards.")
	}
	if !c.first && strings.HasPrefix("or", typed) {
		c.add(SuggestOperator, c.start, to, "or ", "One side or the other.")
	}
}

// rank says how well a field fits what is typed: 0 is best, -1 not at all.
// Fields of related entities wait until something is typed.
func (f *Field) rank(typed string) int {
	related := strings.Contains(strings.TrimSuffix(f.Name, customName), ".")
	switch {
	case typed == "" && related:
		return -1
	case strings.HasPrefix(f.Name, typed):
		return 0
	case strings.HasSuffix(f.Name, "NAME") && strings.HasPrefix(typed, strings.TrimSuffix(f.Name, "NAME")):
		return 0
	case slices.ContainsFunc(f.Aliases, func(a string) bool { return strings.HasPrefix(a, typed) }):
		return 1
	case strings.Contains(f.Name, "."+typed), strings.Contains(f.Name, "_"+typed):
		return 2
	case len(typed) > 1 && strings.Contains(f.Name, typed):
		return 3
	}
	return -1
}

// customNames suggests the names that the store knows, or at least how they
// begin.
func (c *completer) customNames(f *Field, prefix, typed string, to int) {
	rest, begun := strings.CutPrefix(typed, prefix)
	if begun && c.lookup != nil {
		for _, name := range c.lookup(f, rest) {
			if known, ok := c.schema.Field(prefix + name); ok {
				c.add(SuggestField, c.start, to, known.Name+":", f.Doc)
			}
		}
	} else if !begun {
		c.add(SuggestField, c.start, to, prefix, f.Doc)
	}
}

// until is where, from the cursor on, the first character stands that ends
// what is being typed.
func (c *completer) until(ends func(rune) bool) int {
	if n := strings.IndexFunc(c.text[c.cursor:], ends); n >= 0 {
		return c.cursor + n
	}
	return len(c.text)
}

// values suggests values of the field called name, whose operator is at op.
func (c *completer) values(name string, op int) {
	f, ok := c.schema.Field(name)
	if m := modifier(name); m != "" && c.did {
		f, ok = modifierField(m), true
	}
	sorting := strings.EqualFold(name, "sort")
	if !ok && !sorting {
		return
	}
	from := op
	if c.text[op] == ':' {
		from++
	}
	if from < c.cursor && c.text[from] == '=' {
		from++
	}
	from, to := c.piece(from)
	typed := c.text[from:c.cursor]
	switch {
	case sorting:
		key := strings.TrimPrefix(typed, "-")
		c.choices(c.schema.Sortable(), key, from+len(typed)-len(key), to)
	case f.Type == TypeFlag || f.Type == TypeEnum || f.Type == TypeDid:
		c.choices(f.Values, strings.TrimLeft(typed, `"`), from, to)
		if typed == "" && (f.Type == TypeDid || f.Optional) {
			c.add(SuggestValue, from, to, "*", "Any.")
		}
	case f.Type == TypeNumber || f.Type == TypeDate || f.Type == TypeDuration:
		c.amounts(f, typed, from, to)
	default:
		c.known(f, typed, from, to)
	}
}

// piece finds the one of several values, separated by commas, that the cursor
// is in.
func (c *completer) piece(from int) (int, int) {
	inQuote := false
	for i := from; i < c.cursor; i++ {
		switch c.text[i] {
		case '"':
			inQuote = !inQuote
		case ',':
			if !inQuote {
				from = i + 1
			}
		}
	}
	to := c.cursor
	if !inQuote {
		to = c.until(func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,()"`, r) })
	} else if end := strings.IndexByte(c.text[to:], '"'); end >= 0 {
		to += end + 1
	} else {
		to = len(c.text)
	}
	return from, to
}

// choices suggests those of a closed list that begin with what is typed, then
// those that contain it.
func (c *completer) choices(values []string, typed string, from, to int) {
	typed = fold(typed)
	for _, within := range []bool{false, true} {
		for _, v := range values {
			begins := strings.HasPrefix(fold(v), typed)
			if begins != within && (begins || strings.Contains(fold(v), typed)) {
				c.add(SuggestValue, from, to, quoteValue(v), "")
			}
		}
	}
}

// known suggests values that the store knows.
func (c *completer) known(f *Field, typed string, from, to int) {
	prefix := strings.TrimLeft(strings.TrimLeft(typed, `"“”„`), f.Sigil)
	sigil := ""
	if f.Sigil != "" && strings.HasPrefix(typed, f.Sigil) {
		sigil = f.Sigil
	}
	if c.lookup != nil {
		for _, v := range c.lookup(f, prefix) {
			if v = strings.TrimLeft(v, f.Sigil); strings.TrimSpace(v) == "" {
				continue
			}
			if insert := quoteValue(v); insert == v {
				c.add(SuggestValue, from, to, sigil+v, "")
			} else {
				c.add(SuggestValue, from, to, insert, "")
			}
		}
	}
	if typed == "" && (f.Optional || f.Type == TypeCustom) {
		c.add(SuggestValue, from, to, "*", "Any value.")
	}
}

// amounts suggests numbers, dates and durations: after a number its units,
// otherwise what is most often asked.
func (c *completer) amounts(f *Field, typed string, from, to int) {
	comparison := typed[:len(typed)-len(strings.TrimLeft(typed, "<>=≤≥"))]
	if n, err := strconv.Atoi(typed[len(comparison):]); err == nil && n >= 0 && n <= maxSpan && f.Type != TypeNumber {
		for _, unit := range []Unit{Minute, Hour, Day, Week, Month, Year} {
			if f.Type == TypeDuration || unit != Minute {
				c.add(SuggestValue, from, to, typed+string(unit), unitDoc(unit))
			}
		}
		return
	}
	for _, a := range usual(f) {
		if strings.HasPrefix(a[0], typed) {
			c.add(SuggestValue, from, to, a[0], a[1])
		}
	}
}

func unitDoc(u Unit) string {
	switch u {
	case Minute:
		return "minutes"
	case Hour:
		return "hours"
	case Day:
		return "days"
	case Week:
		return "weeks"
	case Month:
		return "months"
	default:
		return "years"
	}
}

// usual lists what is most often asked of a number, a date or a duration, with
// its meaning.
func usual(f *Field) [][2]string {
	switch {
	case f.Name == "since" || f.Name == "until":
		return [][2]string{{"7d", "7 days ago"}, {"30d", "30 days ago"}, {"90d", "90 days ago"}, {"1y", "a year ago"}, {"today", ""}, {"yesterday", ""}}
	case f.Type == TypeDate:
		return [][2]string{
			{"<7d", "in the last 7 days"},
			{"<30d", "in the last 30 days"},
			{"<90d", "in the last 90 days"},
			{">30d", "more than 30 days ago"},
			{">90d", "more than 90 days ago"},
			{"today", ""},
			{"yesterday", ""},
		}
	case f.Type == TypeDuration:
		return [][2]string{{"<1h", "less than an hour"}, {"<24h", "less than a day"}, {">24h", "more than a day"}, {">7d", "more than a week"}}
	default:
		return [][2]string{{">=1", "1 or more"}, {">=3", "3 or more"}, {">=10", "10 or more"}, {"0", "none"}, {"1..10", "1 to 10"}}
	}
}
