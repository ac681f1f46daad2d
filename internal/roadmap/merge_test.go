// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"greenroom/internal/roadmap"
)

// Two editors: whatever each of them changed is either in what comes out or shown as a clash, and what neither changed
// stays.
func TestMergeLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.SampledFrom([]string{"title", "note", "owner", "days", "due"}), rapid.Map(rapid.IntRange(0, 3), func(n int) json.RawMessage {
			return json.RawMessage([]string{"0", "1", `"a"`, `"b"`}[n])
		}), 0, 5)
		before, theirs, yours := object.Draw(t, "before"), object.Draw(t, "theirs"), object.Draw(t, "yours")
		merged, clashes := roadmap.Merge(before, theirs, yours)
		clashed := make(map[string]roadmap.Clash)
		for _, c := range clashes {
			clashed[c.Field] = c
		}
		for _, name := range []string{"title", "note", "owner", "days", "due"} {
			b, h, y, m := string(before[name]), string(theirs[name]), string(yours[name]), string(merged[name])
			c, clash := clashed[name]
			switch {
			case clash:
				if b == h || b == y || h == y || string(c.Theirs) != h || string(c.Yours) != y || m != h {
					t.Errorf("%s: %q became %q and %q: no clash, or not shown: %+v", name, b, h, y, c)
				}
			case b != h && m != h:
				t.Errorf("%s: their change from %q to %q became %q", name, b, h, m)
			case b != y && m != y:
				t.Errorf("%s: your change from %q to %q became %q", name, b, y, m)
			case b == h && b == y && m != b:
				t.Errorf("%s: %q became %q though nobody changed it", name, b, m)
			}
		}
	})
}
