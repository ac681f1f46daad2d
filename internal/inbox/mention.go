// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"strings"
	"unicode"
)

// Mentioned lists who of the team a text names with an @: by mail address, by what stands before its @, or by first or
// whole name without spaces, in any case. A name that several have stands for none of them: whom it means would be a guess.
func Mentioned(text string, team []Person) []Person {
	var found []Person
	seen := make(map[string]bool)
	for i, r := range text {
		if r != '@' || i > 0 && isNameRune(lastRune(text[:i])) {
			continue
		}
		name := handle(text[i+1:])
		if p, ok := named(name, team); ok && !seen[p.Email] {
			seen[p.Email] = true
			found = append(found, p)
		}
	}
	return found
}

func lastRune(s string) rune {
	var last rune
	for _, r := range s[max(0, len(s)-4):] {
		last = r
	}
	return last
}

func isNameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-' || r == '.' || r == '+'
}

// handle is the name at the start of a text, without what ends a sentence.
func handle(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !isNameRune(r) && r != '@' })
	if end < 0 {
		end = len(s)
	}
	return strings.ToLower(strings.TrimRight(s[:end], ".-+@"))
}

func named(name string, team []Person) (Person, bool) {
	if name == "" {
		return Person{}, false
	}
	for _, names := range []func(Person) string{
		func(p Person) string { return p.Email },
		func(p Person) string { local, _, _ := strings.Cut(p.Email, "@"); return local },
		func(p Person) string { return strings.Join(strings.Fields(p.Name), "") },
		func(p Person) string { return strings.Join(strings.Fields(p.Name), ".") },
		func(p Person) string { first, _, _ := strings.Cut(strings.TrimSpace(p.Name), " "); return first },
	} {
		var hit []Person
		for _, p := range team {
			if strings.EqualFold(names(p), name) {
				hit = append(hit, p)
			}
		}
		switch len(hit) {
		case 0:
			continue
		case 1:
			return hit[0], true
		default:
			return Person{}, false
		}
	}
	return Person{}, false
}
