// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"greenroom"
)

// How guessing is slowed down. After the free attempts each failure doubles the wait. An address has more free ones,
// since a whole office can stand behind it.
const (
	freeForUser    = 5
	freeForAddress = 20
	firstWait      = time.Second
	longestWait    = 15 * time.Minute
	// quiet is how long after its last failure something is forgotten.
	quiet = time.Hour
	// maxTracked bounds the memory; beyond it those that failed longest ago are forgotten early.
	maxTracked = 20_000
)

// limiter counts failed sign-ins per user and per address, in memory. An attempt counts as failed from its beginning,
// so many at once are not better than one after the other; success takes it back.
type limiter struct {
	now func() time.Time
	mu  sync.Mutex
	all map[limitKey]*failures
}

// limitKey is what is counted: an e-mail address as typed, or an IP network.
type limitKey struct {
	value string
	free  int // attempts
}

type failures struct {
	count int
	last  time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, all: make(map[limitKey]*failures)}
}

func userKey(email string) limitKey { return limitKey{"user " + clip(email), freeForUser} }

// addressKey is an IPv4 address or an IPv6 /64, which is what one customer gets.
func addressKey(address string) limitKey {
	if a, err := netip.ParseAddr(address); err == nil {
		a = a.Unmap().WithZone("")
		address = a.String()
		if p, err := a.Prefix(64); err == nil && a.Is6() {
			address = p.String()
		}
	}
	return limitKey{"address " + clip(address), freeForAddress}
}

// attempt counts an attempt for all keys, or, when one of them has to wait, none, and says how long.
func (l *limiter) attempt(keys ...limitKey) (wait time.Duration) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range keys {
		if f, ok := l.all[k]; ok {
			if now.Sub(f.last) > quiet {
				delete(l.all, k)
				continue
			}
			wait = max(wait, f.last.Add(backoff(f.count-k.free)).Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	for _, k := range keys {
		f, ok := l.all[k]
		if !ok {
			l.makeRoom(now)
			f = &failures{}
			l.all[k] = f
		}
		f.count++
		f.last = now
	}
	return 0
}

// backoff is the wait after a number of failures beyond the free ones: none below 0, then doubling from firstWait.
func backoff(over int) time.Duration {
	if over < 0 {
		return 0
	}
	if over > 20 {
		return longestWait
	}
	return min(firstWait<<over, longestWait)
}

// succeeded forgets the failures of a user, and takes back the attempt that an address made.
func (l *limiter) succeeded(user, address limitKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, user)
	if f, ok := l.all[address]; ok {
		if f.count--; f.count <= 0 {
			delete(l.all, address)
		}
	}
}

// makeRoom forgets what is over, and a tenth more when that is not enough.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.all) < maxTracked {
		return
	}
	type aged struct {
		key  limitKey
		last time.Time
	}
	rest := make([]aged, 0, len(l.all))
	for k, f := range l.all {
		if now.Sub(f.last) > quiet {
			delete(l.all, k)
			continue
		}
		rest = append(rest, aged{k, f.last})
	}
	if len(rest) < maxTracked {
		return
	}
	slices.SortFunc(rest, func(a, b aged) int { return cmp.Or(a.last.Compare(b.last), cmp.Compare(a.key.value, b.key.value)) })
	for _, a := range rest[:maxTracked/10] {
		delete(l.all, a.key)
	}
}

// waitError carries how long to wait.
type waitError struct{ wait time.Duration }

func (e *waitError) Error() string { return "limited for " + e.wait.String() }

func tooMany(wait time.Duration) error {
	wait = max(time.Second, wait.Round(time.Second))
	return &greenroom.Error{
		Code:    greenroom.CodeLimited,
		Message: "there were too many attempts to sign in; try again in " + wait.String(),
		Err:     &waitError{wait},
	}
}

// RetryAfter returns how long to wait after an error of CodeLimited, 0 where the error does not say.
func RetryAfter(err error) time.Duration {
	var e *waitError
	if errors.As(err, &e) {
		return e.wait
	}
	return 0
}
