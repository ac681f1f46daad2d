// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Redactor takes out of texts what says who somebody is, and puts it back into answers. It remembers what it took out,
// so one serves for one request; it is not for several goroutines.
type Redactor struct {
	people  [][]string     // of each person what is put back first, then every way to call them
	names   *regexp.Regexp // finds them; nil = there are none
	who     map[string]int // a name, folded, and the person's number from 1
	tokens  map[string]string
	taken   map[string]string // token to what it stands for
	counted map[string]int    // tokens of each sort
}

// longestName is how much of a name is looked for, in characters.
const longestName = 200

// NewRedactor returns a redactor that knows people by the ways they are called. The first one is what is put back.
func NewRedactor(people [][]string) *Redactor {
	r := &Redactor{people: people, who: make(map[string]int), tokens: make(map[string]string), taken: make(map[string]string), counted: make(map[string]int)}
	var spaced, dense []string
	add := func(name string, person int) {
		key := fold(name)
		if _, ok := r.who[key]; ok || key == "" {
			return
		}
		r.who[key] = person
		if strings.ContainsFunc(name, isDense) {
			dense = append(dense, norm.NFC.String(name))
		} else {
			spaced = append(spaced, norm.NFC.String(name))
		}
	}
	for i, names := range people {
		for _, name := range names {
			if name = strings.Trim(strings.TrimSpace(strings.ToValidUTF8(name, "")), "@"); utf8.RuneCountInString(name) > longestName {
				name = string([]rune(name)[:longestName])
			}
			add(name, i+1)
			if strings.Contains(name, "@") {
				continue // the parts of an address are words of all kinds
			}
			parts := strings.FieldsFunc(name, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(".,()", c) })
			for _, part := range parts {
				if utf8.RuneCountInString(part) > 1 {
					add(part, i+1)
				}
			}
			add(strings.Join(parts, ""), i+1)
		}
	}
	r.names = pattern(spaced, dense)
	return r
}

// isDense reports whether a letter is of a script that sets no spaces between words.
func isDense(c rune) bool {
	return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// pattern finds names as whole words, and those of dense scripts anywhere; the longest first.
func pattern(spaced, dense []string) *regexp.Regexp {
	either := func(names []string) string {
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
		quoted := make([]string, len(names))
		for i, n := range names {
			quoted[i] = regexp.QuoteMeta(n)
		}
		return strings.Join(quoted, "|")
	}
	var parts []string
	if len(spaced) > 0 {
		parts = append(parts, `(?:^|[^\pL\pN])(`+either(spaced)+`)(?:$|[^\pL\pN])`)
	}
	if len(dense) > 0 {
		parts = append(parts, `(`+either(dense)+`)`)
	}
	if len(parts) == 0 {
		return nil
	}
	return regexp.MustCompile(`(?i)` + strings.Join(parts, "|"))
}

// fold makes names comparable the way that the pattern compares them: without regard to case.
func fold(name string) string {
	return strings.Map(func(c rune) rune {
		least := c
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, norm.NFC.String(name))
}

// rule finds a sort of thing. What stands in its first group is replaced, or all of it where there is no group. An
// empty sort is a secret: it has one token and does not come back.
type rule struct {
	sort string
	find *regexp.Regexp
}

// rules are looked for in this order, in what earlier ones have left.
func rules() []rule {
	return []rule{
		{"", regexp.MustCompile(`(?s)-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)`)},
		{"", regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://([^\s/@]+@)`)},
		{"e-mail", regexp.MustCompile(`[\pL\pN._%+'-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`)},
		{"", regexp.MustCompile(`\b(?:sk|pk|rk|xox[a-z]|xapp|gh[a-z]|github_pat|glpat|hf|AKIA|ASIA|AIza|ya29|eyJ|SG)[-_.A-Za-z0-9]{12,}`)},
		{"", regexp.MustCompile(`(?i)(?:token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|signature)["']?\s*(?:[:=]|\bis\b)\s*["']?([^\s"'&,;]{4,})`)},
		{"", regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{8,})`)},
		{"", regexp.MustCompile(`\b[A-Za-z0-9+/_-]{32,}={0,2}`)},
		{"phone", regexp.MustCompile(`\+\d[\d ()./-]{6,}\d|\b00?[1-9][\d ()./-]{6,}\d|\(\d{3}\) ?\d{3}[ .-]?\d{4}|\b\d{3}[ .-]\d{3}[ .-]\d{4}\b`)},
		{"handle", regexp.MustCompile(`(?:^|[^\pL\pN_@/])(@[\pL\pN_][\pL\pN_.-]+)`)},
	}
}

// piece is a part of a text that is still to be looked at, or a token.
type piece struct {
	text string
	done bool
}

// Hide returns a text without what says who somebody is.
func (r *Redactor) Hide(text string) string {
	pieces := r.hideNames([]piece{{text: norm.NFC.String(strings.ToValidUTF8(text, "�"))}}, true)
	for _, v := range rules() {
		pieces = replace(pieces, v.find, func(found string) string { return r.token(v.sort, found) })
	}
	var sb strings.Builder
	for _, p := range r.hideNames(pieces, false) {
		sb.WriteString(p.text)
	}
	return sb.String()
}

// hideNames replaces names. Those that are whole addresses go first, before the parts of an address are looked for.
func (r *Redactor) hideNames(pieces []piece, addresses bool) []piece {
	if r.names == nil {
		return pieces
	}
	return replace(pieces, r.names, func(found string) string {
		if addresses && !strings.Contains(found, "@") {
			return ""
		}
		return "Person " + strconv.Itoa(r.who[fold(found)])
	})
}

// token is what a thing is called outside; the same thing is called the same.
func (r *Redactor) token(sort, found string) string {
	if sort == "" {
		return "[secret]"
	}
	if n := r.who[fold(strings.TrimPrefix(found, "@"))]; n > 0 {
		return "Person " + strconv.Itoa(n)
	}
	key := sort + " " + found
	if t, ok := r.tokens[key]; ok {
		return t
	}
	r.counted[sort]++
	t := fmt.Sprintf("[%s %d]", sort, r.counted[sort])
	r.tokens[key], r.taken[t] = t, found
	return t
}

// replace puts tokens in the place of what is found; one for which there is no token stays.
func replace(pieces []piece, find *regexp.Regexp, token func(found string) string) []piece {
	var out []piece
	for _, p := range pieces {
		if p.done {
			out = append(out, p)
			continue
		}
		kept, at := 0, 0 // what comes before kept is in out, what comes before at was looked at
		for at <= len(p.text) {
			m := find.FindStringSubmatchIndex(p.text[at:])
			if m == nil {
				break
			}
			from, to := at+m[0], at+m[1]
			for g := 2; g < len(m); g += 2 {
				if m[g] >= 0 {
					from, to = at+m[g], at+m[g+1]
				}
			}
			if to == at {
				break
			}
			at = to // what bounds a name may bound the next one, too
			if t := token(p.text[from:to]); t != "" {
				out = append(out, piece{text: p.text[kept:from]}, piece{t, true})
				kept = to
			}
		}
		out = append(out, piece{text: p.text[kept:]})
	}
	return out
}

// back finds tokens in an answer.
func back() *regexp.Regexp { return regexp.MustCompile(`\bPerson (\d+)\b|\[[a-z-]+ \d+\]`) }

// Restore puts back into an answer what was taken out. Secrets are not there any more.
func (r *Redactor) Restore(answer string) string {
	return back().ReplaceAllStringFunc(answer, func(t string) string {
		if found, ok := r.taken[t]; ok {
			return found
		}
		n, err := strconv.Atoi(strings.TrimPrefix(t, "Person "))
		if err != nil || n < 1 || n > len(r.people) || len(r.people[n-1]) == 0 {
			return t
		}
		return r.people[n-1][0]
	})
}
