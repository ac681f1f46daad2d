// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Background work waits while requests are answered, but no longer than its patience for each step, and never in a context of a request.
func TestBreathe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := func(ctx context.Context) time.Duration {
			began := time.Now()
			Breathe(ctx)
			return time.Since(began)
		}
		gate := &Gate{}
		request := gate.With(t.Context())
		work := Background(request)
		if d := took(work); d != 0 {
			t.Errorf("nobody asks, and it waited for %s", d)
		}
		first, second := gate.Enter(), gate.Enter()
		if d := took(work); d != patience {
			t.Errorf("two requests are being answered, and it waited for %s, not %s", d, patience)
		}
		if d := took(request); d != 0 {
			t.Errorf("a request waited for %s", d)
		}
		if d := took(Background(t.Context())); d != 0 {
			t.Errorf("work without a gate waited for %s", d)
		}
		const answered = 30 * time.Millisecond
		go func() {
			first()
			time.Sleep(answered)
			second()
		}()
		if d := took(work); d != answered {
			t.Errorf("the last request was answered after %s, and it waited for %s", answered, d)
		}
		if d := took(work); d != 0 {
			t.Errorf("all requests are answered, and it waited for %s", d)
		}
		defer gate.Enter()()
		ended, stop := context.WithCancel(work)
		stop()
		if d := took(ended); d != 0 {
			t.Errorf("work that was told to end waited for %s", d)
		}
	})
}

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
