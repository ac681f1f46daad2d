// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordwire

import (
	"testing"
	"unicode/utf8"
)

// FuzzReadable replaces Discord's marks in a text.
func FuzzReadable(f *testing.F) {
	for _, s := range []string{"<@1> <@!2> <#3> <@&4>", "<:a:1><a:b:2><t:1714550400:R><t:99999999999999999999>", "< > <", "<@", "<https://x.example>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := New(nil).readable(s, []Person{{ID: "1", Name: "ana"}}); utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", s, got)
		}
	})
}
