// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeClock is a clock that tests move.
type fakeClock struct {
	mu sync.Mutex
	at time.Time
}

func newFakeClock() *fakeClock { return &fakeClock{at: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)} }

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *fakeClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestBackoff(t *testing.T) {
	clock := newFakeClock()
	l := newLimiter(clock.now)
	ana := userKey("ana@example.org")
	wants := []time.Duration{0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900}
	for i, want := range wants {
		if wait := l.attempt(ana); wait != 0 {
			t.Fatalf("attempt %d has to wait %s", i+1, wait)
		}
		want *= time.Second
		// Attempts that are turned away neither count nor prolong the wait.
		for range 3 {
			if want > 0 {
				if wait := l.attempt(ana); wait != want {
					t.Fatalf("after attempt %d the wait is %s, want %s", i+1, wait, want)
				}
			}
		}
		clock.move(want)
	}
	if wait := l.attempt(userKey("ben@example.org")); wait != 0 {
		t.Errorf("somebody else has to wait %s", wait)
	}
	clock.move(quiet + time.Second)
	for i := range freeForUser {
		if wait := l.attempt(ana); wait != 0 {
			t.Errorf("attempt %d after a quiet hour has to wait %s", i+1, wait)
		}
	}
}

func TestLimitOfAddress(t *testing.T) {
	clock := newFakeClock()
	l := newLimiter(clock.now)
	for i := range freeForAddress {
		if wait := l.attempt(userKey(strconv.Itoa(i)), addressKey("2001:db8::1")); wait != 0 {
			t.Fatalf("attempt %d from an address has to wait %s", i+1, wait)
		}
	}
	for address, limited := range map[string]bool{"2001:db8::1": true, "2001:db8::ffff": true, "2001:db8:0:1::1": false, "192.0.2.1": false} {
		if wait := l.attempt(userKey("fresh "+address), addressKey(address)); (wait > 0) != limited {
			t.Errorf("the wait for %s is %s, want limited %v", address, wait, limited)
		}
	}
	if addressKey("::ffff:192.0.2.1") != addressKey("192.0.2.1") {
		t.Error("an IPv4 address written as IPv6 counts apart")
	}
}

func TestSuccessIsNotHeldAgainst(t *testing.T) {
	l := newLimiter(newFakeClock().now)
	user, office := userKey("ana@example.org"), addressKey("192.0.2.1")
	for i := range 100 {
		if wait := l.attempt(user, office); wait != 0 {
			t.Fatalf("sign-in %d in a row has to wait %s", i+1, wait)
		}
		l.succeeded(user, office)
	}
	if len(l.all) != 0 {
		t.Errorf("the limiter remembers %d successes", len(l.all))
	}
}

func TestAttemptsAtOnce(t *testing.T) {
	l := newLimiter(newFakeClock().now)
	var let atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if l.attempt(userKey("ana@example.org")) == 0 {
				let.Add(1)
			}
		})
	}
	wg.Wait()
	if let.Load() != freeForUser {
		t.Errorf("%d of 50 attempts at once were let through, want %d", let.Load(), freeForUser)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	clock := newFakeClock()
	l := newLimiter(clock.now)
	for i := range maxTracked + 1000 {
		clock.move(time.Millisecond)
		l.attempt(limitKey{strconv.Itoa(i), 1})
	}
	if len(l.all) > maxTracked {
		t.Errorf("the limiter holds %d keys, want at most %d", len(l.all), maxTracked)
	}
	if l.attempt(limitKey{strconv.Itoa(maxTracked + 999), 1}) == 0 {
		t.Error("the newest failure was forgotten")
	}
}
