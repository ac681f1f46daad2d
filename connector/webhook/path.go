// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// path is a JSONPath (RFC 9535): $ is the whole payload, @ the entry of the list that each names. It knows names,
// positions, slices without a step, *, .. and filters of one comparison, which is what payloads need; for more there are
// the functions of expressions.
type path struct {
	item  bool // begins at @
	steps []step
	many  bool // may find several
}

// step goes from one value to those below.
type step struct {
	name     string
	index    int
	from, to *int // a slice
	kind     stepKind
	deep     bool // at any depth
	filter   *filter
}

type stepKind int

const (
	byName stepKind = iota
	byIndex
	bySlice
	byAny
	byFilter
)

// filter compares what a path below the candidate finds with a value; without an operator it asks whether there is any.
type filter struct {
	of    path
	op    string // "==", "!=" or "" = exists
	value any
}

// maxFound bounds what one path may find.
const maxFound = 10_000

// parsePath reads the path at the front of s and returns what follows it.
func parsePath(s string) (p path, rest string, err error) {
	p.item = s[0] == '@'
	rest = s[1:]
	for rest != "" {
		var st step
		switch {
		case strings.HasPrefix(rest, "..") && len(rest) > 2 && (isNameStart(rest[2:]) || rest[2] == '*' || rest[2] == '['):
			st.deep, p.many = true, true
			if rest = rest[2:]; rest[0] != '[' {
				st, rest = dotted(st, rest)
				break
			}
			if st, rest, err = bracket(st, rest); err != nil {
				return p, "", err
			}
		case rest[0] == '.' && len(rest) > 1 && (isNameStart(rest[1:]) || rest[1] == '*'):
			st, rest = dotted(st, rest[1:])
		case rest[0] == '[':
			if st, rest, err = bracket(st, rest); err != nil {
				return p, "", err
			}
		default:
			return p, rest, nil
		}
		p.many = p.many || st.kind != byName && st.kind != byIndex
		p.steps = append(p.steps, st)
	}
	return p, "", nil
}

func isNameStart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf
}

// dotted reads a name or * behind a dot.
func dotted(st step, s string) (step, string) {
	if s[0] == '*' {
		st.kind = byAny
		return st, s[1:]
	}
	end := 0
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !isNameStart(s[end:]) && (r < '0' || r > '9') {
			break
		}
		end += n
	}
	st.name = s[:end]
	return st, s[end:]
}

// bracket reads ['name'], [0], [-1], [1:3], [*] or [?@.name == 'value'].
func bracket(st step, s string) (step, string, error) {
	inner := strings.TrimLeft(s[1:], " ")
	var err error
	switch {
	case inner == "":
	case inner[0] == '\'' || inner[0] == '"':
		st.name, inner, err = quoted(inner)
	case inner[0] == '*':
		st.kind, inner = byAny, inner[1:]
	case inner[0] == '?':
		st.kind = byFilter
		st.filter, inner, err = parseFilter(strings.TrimLeft(inner[1:], " "))
	default:
		end := strings.IndexByte(inner, ']')
		if end < 0 {
			break
		}
		text := strings.TrimSpace(inner[:end])
		inner = inner[end:]
		if from, to, ok := strings.Cut(text, ":"); ok {
			st.kind = bySlice
			if st.from, err = bound(from); err == nil {
				st.to, err = bound(to)
			}
		} else {
			st.kind = byIndex
			st.index, err = strconv.Atoi(text)
		}
		if err != nil {
			return st, "", fmt.Errorf("[%s] is neither a position such as [0] nor a name in quotation marks such as ['name']", text)
		}
	}
	if err != nil {
		return st, "", err
	}
	if inner = strings.TrimLeft(inner, " "); !strings.HasPrefix(inner, "]") {
		return st, "", fmt.Errorf("a ] is missing behind %q", s[:min(len(s), 30)])
	}
	return st, inner[1:], nil
}

func bound(s string) (*int, error) {
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil //nolint:nilnil // an open end
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller words it
	}
	return &n, nil
}

// quoted reads a text in quotation marks.
func quoted(s string) (text, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), s[i+1:], nil
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", fmt.Errorf("a quotation mark has no partner behind %q", s[:min(len(s), 30)])
}

// parseFilter reads @.name == 'value', in parentheses or not.
func parseFilter(s string) (*filter, string, error) {
	open := strings.HasPrefix(s, "(")
	s = strings.TrimLeft(strings.TrimPrefix(s, "("), " ")
	if !strings.HasPrefix(s, "@") {
		return nil, "", errors.New("a filter such as [?@.type == 'email'] begins with @")
	}
	f := &filter{}
	var err error
	if f.of, s, err = parsePath(s); err != nil {
		return nil, "", err
	}
	s = strings.TrimLeft(s, " ")
	if strings.HasPrefix(s, "==") || strings.HasPrefix(s, "!=") {
		f.op, s = s[:2], strings.TrimLeft(s[2:], " ")
		if s != "" && (s[0] == '\'' || s[0] == '"') {
			if f.value, s, err = quoted(s); err != nil {
				return nil, "", err
			}
		} else {
			end := strings.IndexAny(s, " )]")
			if end < 0 {
				end = len(s)
			}
			if f.value, err = literal(s[:end]); err != nil {
				return nil, "", err
			}
			s = s[end:]
		}
		s = strings.TrimLeft(s, " ")
	}
	if open {
		if !strings.HasPrefix(s, ")") {
			return nil, "", errors.New("a filter is one comparison such as [?@.type == 'email']; a ) is missing")
		}
		s = s[1:]
	}
	return f, s, nil
}

func literal(s string) (any, error) {
	switch s {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil //nolint:nilnil // JSON's null
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return int(n), nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no value to compare with; texts stand in quotation marks", s)
	}
	return n, nil
}

// find returns what the path leads to: nil where there is nothing, a list where it may find several.
func (p path) find(payload, item any) any {
	at := []any{payload}
	if p.item {
		at[0] = item
	}
	for i := range p.steps {
		var next []any
		for _, v := range at {
			if p.steps[i].deep {
				next = p.steps[i].descend(v, next, 0)
			} else {
				next = p.steps[i].below(v, next)
			}
			if len(next) > maxFound {
				next = next[:maxFound]
				break
			}
		}
		at = next
	}
	if p.many {
		if at == nil {
			at = []any{}
		}
		return at
	}
	if len(at) == 0 {
		return nil
	}
	return at[0]
}

// below appends what the step finds directly below a value.
func (s *step) below(v any, out []any) []any {
	switch v := v.(type) {
	case map[string]any:
		switch s.kind {
		case byName:
			if inner, ok := v[s.name]; ok {
				out = append(out, inner)
			}
		case byAny, byFilter:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if s.kind == byAny || s.filter.passes(v[name]) {
					out = append(out, v[name])
				}
			}
		case byIndex, bySlice:
		}
	case []any:
		switch s.kind {
		case byIndex:
			if i := from(s.index, len(v)); i >= 0 && i < len(v) {
				out = append(out, v[i])
			}
		case bySlice:
			lo, hi := 0, len(v)
			if s.from != nil {
				lo = min(max(from(*s.from, len(v)), 0), len(v))
			}
			if s.to != nil {
				hi = min(max(from(*s.to, len(v)), 0), len(v))
			}
			if lo < hi {
				out = append(out, v[lo:hi]...)
			}
		case byAny, byFilter:
			for _, inner := range v {
				if s.kind == byAny || s.filter.passes(inner) {
					out = append(out, inner)
				}
			}
		case byName:
		}
	}
	return out
}

// from counts a negative position from the end.
func from(i, n int) int {
	if i < 0 {
		return n + i
	}
	return i
}

// descend appends what the step finds at any depth, the outer ones first.
func (s *step) descend(v any, out []any, depth int) []any {
	if depth > maxDepth || len(out) > maxFound {
		return out
	}
	out = s.below(v, out)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = s.descend(v[name], out, depth+1)
		}
	case []any:
		for _, inner := range v {
			out = s.descend(inner, out, depth+1)
		}
	}
	return out
}

func (f *filter) passes(v any) bool {
	got := f.of.find(v, v)
	if f.of.many {
		if list, ok := got.([]any); ok && len(list) > 0 {
			got = list[0]
		} else {
			got = nil
		}
	}
	switch f.op {
	case "==":
		return same(got, f.value)
	case "!=":
		return !same(got, f.value)
	}
	return got != nil
}

// same compares two plain values; whole numbers equal broken ones of the same size.
func same(a, b any) bool {
	if x, ok := a.(int); ok {
		a = float64(x)
	}
	if y, ok := b.(int); ok {
		b = float64(y)
	}
	switch a.(type) {
	case map[string]any, []any:
		return false
	}
	return a == b
}
