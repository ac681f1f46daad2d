// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"greenroom/connector/internal/htmltext"
	"greenroom/connector/internal/rowmap"
)

// Problem is what is wrong with a mapping, or with what it makes of a payload.
type Problem struct {
	Line     int    `json:"line"` // of the mapping, from 1; 0 = the whole
	Text     string `json:"text"`
	Expected string `json:"expected,omitempty"`
}

// String is the problem as one sentence.
func (p Problem) String() string {
	s := p.Text
	if p.Line > 0 {
		s = fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	if p.Expected != "" {
		s += "; expected " + p.Expected
	}
	return s
}

// Bounds of a mapping.
const (
	maxMapping = 64 << 10
	maxLines   = 500
)

// mapping is a mapping, compiled: what is done with a payload, block by block.
type mapping struct {
	blocks []block
	paths  []path
}

// block makes facts of a payload, or of each entry of one of its lists.
type block struct {
	first int // line
	each  *line
	when  *line
	lines []line // the others, by field
}

// line is one line of a mapping.
type line struct {
	number  int
	field   string
	program *vm.Program
}

// parse reads a mapping. It returns every problem rather than the first.
func parse(text string) (*mapping, []Problem) {
	m := &mapping{}
	if len(text) > maxMapping {
		return m, []Problem{{Text: "the mapping is longer than 64 KB"}}
	}
	var problems []Problem
	b := block{first: 1}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(lines) > maxLines {
		return m, []Problem{{Text: fmt.Sprintf("the mapping has more than %d lines", maxLines)}}
	}
	for i := 0; i < len(lines); i++ {
		number, s := i+1, strings.TrimSpace(lines[i])
		for i+1 < len(lines) && s != "" && strings.TrimSpace(lines[i+1]) != "" && strings.TrimLeft(lines[i+1], " \t") != lines[i+1] && !strings.HasPrefix(s, "#") {
			i++ // a line that is indented goes on
			s += " " + strings.TrimSpace(lines[i])
		}
		switch {
		case s == "" || s[0] == '#':
		case strings.Trim(s, "-") == "" && len(s) >= 3:
			problems = append(problems, m.close(&b)...)
			b = block{first: number + 1}
		default:
			l, p := m.line(s, number)
			if p == nil {
				p = b.add(l)
			}
			if p != nil {
				problems = append(problems, *p)
			}
		}
	}
	problems = append(problems, m.close(&b)...)
	if len(m.blocks) == 0 && len(problems) == 0 {
		problems = append(problems, Problem{Text: "the mapping has no lines", Expected: `lines such as kind = "message"`})
	}
	return m, problems
}

// add puts a line into its block.
func (b *block) add(l line) *Problem {
	twice := &Problem{l.number, l.field + " is filled twice", "one line for each field; a line with --- between two things that one payload tells"}
	switch l.field {
	case fEach:
		if b.each != nil {
			return twice
		}
		b.each = &l
	case fIf:
		if b.when != nil {
			return twice
		}
		b.when = &l
	default:
		if slices.ContainsFunc(b.lines, func(o line) bool { return o.field == l.field }) {
			return twice
		}
		b.lines = append(b.lines, l)
	}
	return nil
}

// close ends a block and says what it lacks.
func (m *mapping) close(b *block) (problems []Problem) {
	if len(b.lines) == 0 && b.each == nil && b.when == nil {
		return nil
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(b.lines, func(l line) bool {
			return slices.ContainsFunc(names, func(n string) bool { return l.field == n || strings.HasSuffix(n, ".") && strings.HasPrefix(l.field, n) })
		})
	}
	switch {
	case has(fKind) && has(fRecord):
		problems = append(problems, Problem{b.first, "kind and record stand together", "one of them: an activity or a business record; a line with --- parts two"})
	case has(fKind), has(fRecord):
	case has("external_id", "occurred_at", "title", "body", "thread", "reply_to", "question", "mentions", "deleted"):
		problems = append(problems, Problem{b.first, "nothing says what kind of activity it is", `a line such as kind = "message", or record = "deal"`})
	case !has("author.", "organization."):
		problems = append(problems, Problem{b.first, "nothing would come of this part", "kind, record, author or organization"})
	}
	m.blocks = append(m.blocks, *b)
	return problems
}

// identifies reports whether every activity and record has an id or a time of the sender's.
func (m *mapping) identifies() bool {
	return !slices.ContainsFunc(m.blocks, func(b block) bool {
		has := func(names ...string) bool {
			return slices.ContainsFunc(b.lines, func(l line) bool { return slices.Contains(names, l.field) })
		}
		return has(fKind, fRecord) && !has("external_id", "occurred_at", "edited_at")
	})
}

// line reads "field = expression".
func (m *mapping) line(s string, number int) (line, *Problem) {
	name, source, ok := strings.Cut(s, "=")
	name, source = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(source)
	l := line{number: number, field: name}
	if !ok || name == "" || strings.ContainsAny(name, " \t\"'$@") || strings.HasPrefix(source, "=") {
		return l, &Problem{number, fmt.Sprintf("%q is not a line of a mapping", cut(s, 60)), "field = expression, such as title = $.subject"}
	}
	if ok, meant := known(name); !ok {
		expected := "one of the fields, such as title or author.email"
		if meant != "" {
			expected = meant
		}
		return l, &Problem{number, fmt.Sprintf("there is no field %q", name), expected}
	}
	if source == "" {
		return l, &Problem{number, name + " has nothing behind the =", "an expression such as $.subject or \"message\""}
	}
	if (name == fKind || name == fRecord) && strings.Trim(source, "abcdefghijklmnopqrstuvwxyz_") == "" {
		source = `"` + source + `"` // a bare word is the word
	}
	code, err := m.withPaths(source)
	if err != nil {
		return l, &Problem{number, err.Error(), ""}
	}
	program, err := expr.Compile(code, environment()...)
	if err != nil {
		return l, explain(number, source, err)
	}
	l.program = program
	return l, nil
}

// explain words what the compiler found.
func explain(number int, source string, err error) *Problem {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.LastIndex(text, " ("); i > 0 {
		text = text[:i] // its position is not that of the line
	}
	p := &Problem{Line: number, Text: fmt.Sprintf("%q cannot be read: %s", cut(source, 60), text)}
	switch {
	case strings.HasPrefix(text, "unknown name"):
		p.Expected = "a path such as $.subject, or a text in quotation marks such as \"message\""
		if i := strings.IndexByte(source, '-'); i > 0 && strings.ContainsAny(source[:i], "$@") {
			p.Expected = "a name with a dash in brackets, such as $['user-id']"
		}
	case strings.Contains(text, "unexpected token"):
		p.Expected = "an expression such as $.subject + \" \" + $.number, or lower($.email)"
	}
	return p
}

// withPaths replaces each path of an expression by a call that follows it.
func (m *mapping) withPaths(source string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(source); {
		switch c := source[i]; c {
		case '"', '\'', '`':
			end := i + 1
			for end < len(source) && source[end] != c {
				if source[end] == '\\' && c != '`' {
					end++
				}
				end++
			}
			end = min(end+1, len(source))
			b.WriteString(source[i:end])
			i = end
		case '$', '@':
			p, rest, err := parsePath(source[i:])
			if err != nil {
				return "", err
			}
			if rest != "" && isNameStart(rest) {
				return "", fmt.Errorf("%q is not a path; expected $.name for the payload's name, or @.name for an entry's", cut(source[i:], 30))
			}
			fmt.Fprintf(&b, " follow(here, %d) ", len(m.paths))
			m.paths = append(m.paths, p)
			i = len(source) - len(rest)
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), nil
}

// here is what an expression is evaluated on.
type here struct {
	m             *mapping
	payload, item any
	headers       map[string]any
}

// scope is what an expression sees.
type scope struct {
	Here    *here          `expr:"here"`
	Headers map[string]any `expr:"headers"`
}

// environment is the language: expr's own without what would give another result tomorrow, and a few functions.
func environment() []expr.Option {
	return []expr.Option{
		expr.Env(scope{}), expr.DisableBuiltin("now"), expr.MaxNodes(2000),
		expr.Function("follow", func(args ...any) (any, error) {
			h, n := args[0].(*here), args[1].(int) //nolint:errcheck // written by withPaths
			if h == nil || n < 0 || n >= len(h.m.paths) {
				return nil, errors.New("follow is not for mappings")
			}
			return h.m.paths[n].find(h.payload, h.item), nil
		}, new(func(*here, int) any)),
		expr.Function("html", func(args ...any) (any, error) { return htmltext.Text(text(args[0])), nil }, new(func(any) string)),
		expr.Function("text", func(args ...any) (any, error) { return text(args[0]), nil }, new(func(any) string)),
		expr.Function("lines", func(args ...any) (any, error) { return strings.Join(list(args[0]), "\n"), nil }, new(func(any) string)),
		expr.Function("domain", func(args ...any) (any, error) {
			s := text(args[0])
			return rowmap.Domain(s[strings.LastIndexByte(s, '@')+1:]), nil
		}, new(func(any) string)),
		expr.Function("either", func(args ...any) (any, error) {
			for _, a := range args {
				if text(a) != "" {
					return a, nil
				}
			}
			return nil, nil //nolint:nilnil // none of them says anything
		}),
	}
}

// eval evaluates a line.
func (l *line) eval(h *here) (any, *Problem) {
	v, err := expr.Run(l.program, scope{Here: h, Headers: h.headers})
	if err != nil {
		why, _, _ := strings.Cut(err.Error(), "\n")
		if i := strings.LastIndex(why, " ("); i > 0 {
			why = why[:i]
		}
		return nil, &Problem{l.number, fmt.Sprintf("%s cannot be worked out from this payload: %s", l.field, cut(clean(why), 200)), "values that are there; text(…) makes an empty text of a missing one"}
	}
	return v, nil
}
