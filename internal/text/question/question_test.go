// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package question

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIs(t *testing.T) {
	for _, c := range []struct {
		title, body string
		want        bool
	}{
		{"", "How do I rotate the signing key without downtime?", true},
		{"Is there a Terraform provider on the roadmap?", "", true},
		{"", "does anyone know where the logs go", true},
		{"", "Hi all, how to build this on ARM", true},
		{"", "Released 3.2 today. Enjoy!", false},
		{"", "See https://example.org/search?q=1 for more", false},
		{"", "```\nx = a ? b : c\nreally?\n```\nThat fixed it.", false},
		{"", "> did you try 3.2?\nYes, thanks.", false},
		{"", "Run `git log --grep=why?` first.", false},
		{"", "Should I use `make all`?", true},
		{"", "???", false},
		{"", "なぜですか？", true},
		{"", "¿Alguien sabe cómo arreglarlo?", true},
		{"", "Thanks, that works :) ", false},
		{"", "(Is it only me?)", true},
		{"", "", false},
		{"", "Anyway. Any ideas what changed", true},
		{"", strings.Repeat("long story ", 900) + "?", false},
	} {
		if got := Is(c.title, c.body); got != c.want {
			t.Errorf("Is(%q, %.60q) = %v, want %v", c.title, c.body, got, c.want)
		}
	}
}

func FuzzIs(f *testing.F) {
	f.Add("Why?", "`a?` b? ```")
	f.Add("", "? ？ `` ```x")
	f.Fuzz(func(t *testing.T, title, body string) {
		got := Is(title, body)
		if got && !utf8.ValidString(title+body) {
			return
		}
		if Is(title, body) != got {
			t.Error("not the same twice")
		}
	})
}

func BenchmarkIs(b *testing.B) {
	body := strings.Repeat("We run three replicas behind a load balancer and it works. ", 12)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		Is("Rotating keys", body)
	}
}
