// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk

import (
	"testing"
	"time"
)

// FuzzWindow reads names of pages, which stand in cursors: what is read is written in the same way.
func FuzzWindow(f *testing.F) {
	for _, name := range []string{"", "2026-01-05T09:00:00Z 1", "2026-01-05T09:00:00Z 2 17,18", "2026-01-05T09:00:00Z x", "yesterday 1"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		w := parseWindow(name, time.Time{})
		text := w.String()
		again := parseWindow(text, time.Time{})
		if again.String() != text || w.page < 1 {
			t.Errorf("%q is read as %q and then as %q", name, text, again.String())
		}
	})
}
