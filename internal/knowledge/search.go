// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"slices"
	"strings"

	"greenroom"
)

// Search is what is looked for in the register, such as
//
//	kind:how-to audience:external is:stale owner:ana@example.org tag:billing rotate keys
//
// Terms have to fit all. Words are looked for in title, address, tags and note, without regard to case; a minus before a term turns it
// round.
type Search struct{ terms []term }

type term struct {
	field, value string
	not          bool
}

// isWords are what is: takes.
func isWords() []string {
	return []string{"fresh", "due", "stale", "verified", "unverified", "unowned", "broken", "gone", "active", "draft", "archived", "asked"}
}

// SearchFields lists the fields of a search with what they take.
func SearchFields() [][2]string {
	return [][2]string{
		{"kind", list(Kinds())}, {"audience", list(Audiences())}, {"owner", "a mail address"}, {"tag", "a tag"}, {"host", "part of the address"}, {"is", strings.Join(isWords(), ", ")},
	}
}

// ParseSearch reads a search. What cannot be meant is an error of CodeInvalid that says what can.
func ParseSearch(text string) (Search, error) {
	var s Search
	for _, word := range words(text) {
		t := term{value: strings.ToLower(word)}
		if rest, ok := strings.CutPrefix(t.value, "-"); ok && rest != "" {
			t.not, t.value = true, rest
		}
		field, value, ok := strings.Cut(t.value, ":")
		if ok && !strings.HasPrefix(value, "//") {
			t.field, t.value = field, strings.Trim(value, `"`)
			if err := t.check(); err != nil {
				return Search{}, err
			}
		}
		s.terms = append(s.terms, t)
	}
	return s, nil
}

// words cuts a text at spaces that are not in quotes.
func words(text string) []string {
	var all []string
	var now strings.Builder
	quoted := false
	end := func() {
		if now.Len() > 0 {
			all = append(all, now.String())
			now.Reset()
		}
	}
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && (r == ' ' || r == '\t' || r == '\n'):
			end()
		default:
			now.WriteRune(r)
		}
	}
	end()
	return all
}

func (t *term) check() error {
	bad := func(field string, can string) error {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s: takes %s, not %q", field, can, t.value)
	}
	switch t.field {
	case "kind":
		if !slices.Contains(Kinds(), Kind(t.value)) {
			return bad("kind", list(Kinds()))
		}
	case "audience":
		if !slices.Contains(Audiences(), Audience(t.value)) {
			return bad("audience", list(Audiences()))
		}
	case "is":
		if !slices.Contains(isWords(), t.value) {
			return bad("is", strings.Join(isWords(), ", "))
		}
	case "owner", "tag", "host":
		if t.value == "" {
			return bad(t.field, "a word")
		}
	default:
		var names []string
		for _, f := range SearchFields() {
			names = append(names, f[0]+":")
		}
		return greenroom.Errorf(greenroom.CodeInvalid, "documents have no field %q; there are %s, and plain words", t.field, strings.Join(names, " "))
	}
	return nil
}

// Fits reports whether a document is looked for.
func (s *Search) Fits(st *Standing) bool {
	for i := range s.terms {
		if t := &s.terms[i]; t.fits(st) == t.not {
			return false
		}
	}
	return true
}

func (t *term) fits(st *Standing) bool {
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), t.value) }
	switch t.field {
	case "kind":
		return string(st.Kind) == t.value
	case "audience":
		return string(st.Audience) == t.value
	case "owner":
		return has(st.Owner)
	case "tag":
		return slices.ContainsFunc(st.Tags, func(s string) bool { return strings.EqualFold(s, t.value) })
	case "host":
		return has(st.Address)
	case "is":
		return t.is(st)
	default:
		return has(st.Title) || has(st.Address) || has(st.Note) || slices.ContainsFunc(st.Tags, has)
	}
}

func (t *term) is(st *Standing) bool {
	switch t.value {
	case "verified":
		return !st.VerifiedAt.IsZero()
	case "unverified":
		return st.VerifiedAt.IsZero()
	case "unowned":
		return st.Owner == ""
	case "broken":
		return st.Evidence.Broken+st.Evidence.Missing > 0 || st.Evidence.Unreached
	case "gone":
		return !st.GoneAt.IsZero()
	case "asked":
		return st.Evidence.Questions > 0
	case "active", "draft", "archived":
		return string(st.State) == t.value
	default:
		return st.Level() == t.value
	}
}
