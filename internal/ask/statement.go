// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ask

import (
	"slices"
	"strings"
	"unicode/utf8"

	"greenroom"
)

// MaxStatement is how long a question may be, in bytes.
const MaxStatement = 20_000

// Statement is a question that was taken apart.
type Statement struct {
	SQL    string   // as it was written, without the semicolon at its end
	Params []string // names of the parameters, each once, in the order in which they come
	uses   []use
}

// use is a place at which a parameter stands.
type use struct {
	from, to int
	name     string
}

// Parse takes a question apart. It says early, in words, what would fail anyway: it is for people who mistype, and not what
// keeps a statement inside of the views.
func Parse(text string) (*Statement, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, bad("there is no question yet; write one such as SELECT count(*) FROM members")
	case len(text) > MaxStatement:
		return nil, bad("a question has at most %d bytes", MaxStatement)
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return nil, bad("a question is plain text")
	}
	st := &Statement{SQL: text}
	first := ""
	for i := 0; i < len(text); {
		from := i
		next, kind := token(text, i)
		if next <= i {
			return nil, bad("a quote is opened at byte %d and never closed", from+1)
		}
		i = next
		switch kind {
		case tokenSpace:
			continue
		case tokenEnd:
			if rest := strings.TrimLeft(text[from:], "; \t\r\n"); rest != "" {
				return nil, bad("ask one question at a time; there is something after the semicolon")
			}
			st.SQL = strings.TrimSpace(text[:from])
			i = len(text)
		case tokenParam:
			name := text[from+1 : i]
			st.uses = append(st.uses, use{from, i, name})
			if !slices.Contains(st.Params, name) {
				st.Params = append(st.Params, name)
			}
		case tokenWord:
			if first == "" {
				first = strings.ToLower(text[from:i])
			}
		case tokenOther:
		}
	}
	if first != "select" && first != "with" && first != "values" {
		return nil, bad("a question begins with SELECT or WITH; nothing can be changed here")
	}
	return st, nil
}

// Bound is the statement with its parameters as placeholders: as numbered tells to write the n-th, counted from 1.
func (st *Statement) Bound(numbered func(n int) string) string {
	var sb strings.Builder
	at := 0
	for _, u := range st.uses {
		sb.WriteString(st.SQL[at:u.from])
		sb.WriteString(numbered(slices.Index(st.Params, u.name) + 1))
		at = u.to
	}
	sb.WriteString(st.SQL[at:])
	return sb.String()
}

type tokenKind int

const (
	tokenOther tokenKind = iota
	tokenSpace           // also comments
	tokenWord
	tokenParam
	tokenEnd // a semicolon
)

// token finds the end of what begins at i; i itself where a quote is not closed.
func token(text string, i int) (next int, kind tokenKind) {
	rest := text[i:]
	c := rest[0]
	switch {
	case c <= ' ':
		return i + 1, tokenSpace
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return i + end + 1, tokenSpace
		}
		return len(text), tokenSpace
	case strings.HasPrefix(rest, "/*"):
		if end := strings.Index(rest[2:], "*/"); end >= 0 {
			return i + 2 + end + 2, tokenSpace
		}
		return i, tokenSpace
	case c == '\'' || c == '"' || c == '`':
		if end := strings.IndexByte(rest[1:], c); end >= 0 { // a doubled quote is two texts side by side, which end at the same place
			return i + 1 + end + 1, tokenOther
		}
		return i, tokenOther
	case c == ';':
		return i + 1, tokenEnd
	case strings.HasPrefix(rest, "::"):
		return i + 2, tokenOther
	case c == ':' && len(rest) > 1 && letter(rest[1]):
		return i + 1 + word(rest[1:]), tokenParam
	case letter(c):
		return i + word(rest), tokenWord
	default:
		return i + 1, tokenOther
	}
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func word(s string) int {
	n := 1
	for n < len(s) && (letter(s[n]) || s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

func bad(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}
