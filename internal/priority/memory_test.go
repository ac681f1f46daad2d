// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

import "testing"

func TestGrowth(t *testing.T) {
	const gb = 1 << 30
	for _, c := range []struct {
		live, total uint64
		want        int
	}{
		{0, 8 * gb, 200},        // nothing was collected yet
		{gb / 8, 8 * gb, 200},   // a quarter of memory is sixteen times as much
		{1 * gb, 10 * gb, 150},  // 2.5 GB in all
		{2 * gb, 8 * gb, 50},    // a quarter is in use already
		{30 * gb, 8 * gb, 50},   // more than there is
		{gb, 12 * gb, 200},      // 3 GB in all, just so
		{gb, 11*gb + gb/2, 187}, // 2.875 GB in all
	} {
		if got := growth(c.live, c.total, 50); got != c.want {
			t.Errorf("with %d of %d bytes in use the heap may grow by %d percent, want %d", c.live, c.total, got, c.want)
		}
	}
}
