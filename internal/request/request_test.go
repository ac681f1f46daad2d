// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package request

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAlike(t *testing.T) {
	all := []Request{{ID: 1, Title: "Dark mode for dashboards"}, {ID: 2, Title: "A mode for schedules"}, {ID: 3, Title: "Dark mode", MergedInto: 1}, {ID: 4, Title: "Webhooks"}}
	for text, want := range map[string]int64{"I wish my dashboard had a dark mode": 1, "Could the schedule have another mode?": 2, "Please add webhooks": 4, "Please add something": 0} {
		got := alike(text, all)
		if len(got) == 0 && want == 0 {
			continue
		}
		if len(got) == 0 || got[0].ID != want || got[0].Score > 1 {
			t.Errorf("%q is like %+v, want %d first", text, got, want)
		}
	}
}

func TestTitleOf(t *testing.T) {
	for want, m := range map[string]Message{
		"Night colors":                         {Title: " Night colors ", Text: "Long."},
		"I wish dashboards had a dark mode":    {Text: "I wish dashboards\nhad a dark mode. It is so bright."},
		"Hello. I wish there was an API for x": {Text: "Hello. I wish there was an API for x"},
	} {
		if got := titleOf(&m); got != want {
			t.Errorf("%+v became %q, want %q", m, got, want)
		}
	}
	if got := titleOf(&Message{Text: strings.Repeat("ä", 500)}); utf8.RuneCountInString(got) != MaxTitle {
		t.Errorf("a long message became %d characters", utf8.RuneCountInString(got))
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"Ana@Example.com", "ana@localhost", "Ana <ana@example.com>", "ana@example.com, ben@example.com", "", "a@b.c\r\nBcc: x@y.z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Address(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(got, "\r\n<>, ") && !strings.HasPrefix(got, `"`) || strings.Count(got, "@") == 0 || got != strings.ToLower(strings.TrimSpace(s)) {
			t.Errorf("%q became %q", s, got)
		}
		if again, err := Address(got); err != nil || again != got {
			t.Errorf("%q is read as %q, %v", got, again, err)
		}
	})
}
