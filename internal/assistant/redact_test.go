// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestHide(t *testing.T) {
	people := [][]string{{"Ana Prado", "anap", "ana@harbor.example", "U012AB"}, {"王伟", "wei.w"}, {"Zoë"}}
	for text, want := range map[string]string{
		"Thanks ana, and ANA PRADO's fix by @anap": "Thanks Person 1, and Person 1's fix by Person 1",
		"banana Anapest":    "banana Anapest",
		"我问王伟了":             "我问Person 2了",
		"zoe\u0308 said so": "Person 3 said so",
		"write to ana@harbor.example or joe@quay.example, joe@quay.example": "write to Person 1 or [e-mail 1], [e-mail 1]",
		"call +351 21 123 4567 after 2026-01-05 10:00":                      "call [phone 1] after 2026-01-05 10:00",
		"postgres://app:hunter2@db.example/x":                               "postgres://[secret]db.example/x",
		"export API_KEY=abcd1234 and token: zzzz99":                         "export API_KEY=[secret] and token: [secret]",
		"use sk-proj-abcdefghijklmnop":                                      "use [secret]",
		"thanks @someone_else!":                                             "thanks [handle 1]!",
		"see https://code.example/anap/tools":                               "see https://code.example/Person 1/tools",
	} {
		if got := NewRedactor(people).Hide(text); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
	r := NewRedactor(people)
	r.Hide("joe@quay.example")
	if got, want := r.Restore("Person 1 told Person 3 and Person 9, see [e-mail 1] and [secret]"), "Ana Prado told Zoë and Person 9, see joe@quay.example and [secret]"; got != want {
		t.Errorf("restored %q, want %q", got, want)
	}
}

// wordsOf are the parts of a text that stand between what is neither letter nor digit.
func wordsOf(text string) []string {
	return strings.FieldsFunc(fold(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// Whatever is written around them, no name, handle or address of a participant is left in a text.
func TestNothingOfParticipantsIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[A-ZÀ-Ýa-zà-ýα-ω]{2,9}`).Filter(func(s string) bool {
			return !strings.Contains("person secret e-mail phone handle", strings.ToLower(s))
		})
		var people [][]string
		var all []string
		for range rapid.IntRange(1, 4).Draw(t, "people") {
			names := []string{word.Draw(t, "first") + " " + word.Draw(t, "last"), word.Draw(t, "handle"), word.Draw(t, "local") + "@" + word.Draw(t, "host") + ".example"}
			people = append(people, names)
			all = append(all, names...)
			all = append(all, strings.Fields(names[0])...)
		}
		glue := rapid.SampledFrom([]string{" ", ", ", "\n", " @", "_", "(", "/", ": ", " token=", "'", " +351 21 123 4567 ", " x@", "://a:b@"})
		var sb strings.Builder
		for range rapid.IntRange(0, 12).Draw(t, "length") {
			said := rapid.SampledFrom(all).Draw(t, "name")
			if rapid.Bool().Draw(t, "upper") {
				said = strings.ToUpper(said)
			}
			sb.WriteString(said + glue.Draw(t, "glue"))
		}
		hidden := NewRedactor(people).Hide(sb.String())
		left := wordsOf(hidden)
		for _, name := range all {
			if strings.Contains(fold(hidden), fold(name)) && contains(left, wordsOf(name)) {
				t.Fatalf("%q is left of %q in %q", name, sb.String(), hidden)
			}
		}
	})
}

// contains reports whether some words stand in a row among others.
func contains(all, some []string) bool {
	for i := range len(all) - len(some) + 1 {
		same := true
		for j := range some {
			same = same && all[i+j] == some[j]
		}
		if same {
			return true
		}
	}
	return false
}

func FuzzHide(f *testing.F) {
	f.Add("Ana Prado", "ana said hello@x.example +351 21 123 4567")
	f.Add("@", "-----BEGIN KEY-----")
	f.Add("\xff", "\xff://a@b")
	f.Fuzz(func(t *testing.T, name, text string) {
		r := NewRedactor([][]string{{name}})
		r.Restore(r.Hide(text))
	})
}
