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
