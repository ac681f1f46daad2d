// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom_test

import (
	"testing"

	"greenroom"
)

func TestChoicesAreWords(t *testing.T) {
	for _, c := range []struct {
		all          []string
		either, both string
	}{
		{nil, "nothing", "nothing"},
		{[]string{"a"}, "a", "a"},
		{[]string{"a", "b"}, "a or b", "a and b"},
		{[]string{"a", "b", "c"}, "a, b or c", "a, b and c"},
	} {
		if got := greenroom.AnyOf(c.all); got != c.either {
			t.Errorf("any of %q is %q, want %q", c.all, got, c.either)
		}
		if got := greenroom.AllOf(c.all); got != c.both {
			t.Errorf("all of %q is %q, want %q", c.all, got, c.both)
		}
	}
}
