// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNameText changes names and looks for parts of them, and wants what looking into each finds.
func TestNameText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text nameText
		names := make(map[int64]string)
		text.last = make([]uint32, 1)
		for range rapid.IntRange(0, 5*blockNames).Draw(t, "changes") {
			id, name := rapid.Int64Range(1, 3*blockNames).Draw(t, "id"), rapid.StringMatching("[abcü ]{0,6}").Draw(t, "name")
			names[id] = name
			text.set(id, name)
			if rapid.IntRange(0, 99).Draw(t, "tidies") == 0 {
				text.tidy()
			}
		}
		p := namePart{text: rapid.StringMatching("[abcü]{1,5}").Draw(t, "part"), begin: rapid.Bool().Draw(t, "begin")}
		found := make(members, len(text.last)/64+1)
		text.find(p, found)
		var got, want []int64
		found.each(func(id int64) { got = append(got, id) })
		for id, name := range names {
			if p.begin && strings.HasPrefix(name, p.text) || !p.begin && strings.Contains(name, p.text) {
				want = append(want, id)
			}
		}
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%+v is found in the names of %d, want %d of %v", p, got, want, names)
		}
	})
}
