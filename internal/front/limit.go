// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"net/netip"
	"sync"
	"time"
)

// What a network address may do: so much at once, and so much more each second. An office whose members all get a survey
// at the same moment stands behind one address.
const (
	most      = 400.0
	perSecond = 2.0

	costLook  = 1.0
	costSend  = 3.0
	costGuess = 20.0 // a link that does not open

	// maxTracked bounds the memory; beyond it, those that have rested longest are forgotten.
	maxTracked = 50_000
)

// limiter counts what addresses ask for, in memory: a bucket each, which fills again with time.
type limiter struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, all: make(map[string]*bucket)}
}

// network is an IPv4 address or an IPv6 /64, which is what one customer gets.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	if p, err := a.Prefix(64); err == nil && a.Is6() {
		return p.String()
	}
	return a.String()
}

// take takes what a request costs, or says how long to wait.
func (l *limiter) take(address string, cost float64) (wait time.Duration) {
	key, now := network(address), l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.all[key]
	if b == nil {
		if len(l.all) >= maxTracked {
			l.forget(now)
		}
		b = &bucket{left: most, at: now}
		l.all[key] = b
	}
	b.left = min(most, b.left+perSecond*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.left < cost {
		return time.Duration((cost - b.left) / perSecond * float64(time.Second))
	}
	b.left -= cost
	return 0
}

// forget drops the buckets that are full again, and all where that is not enough: whoever floods from so many addresses
// is not held back by counting.
func (l *limiter) forget(now time.Time) {
	for key, b := range l.all {
		if b.left+perSecond*now.Sub(b.at).Seconds() >= most {
			delete(l.all, key)
		}
	}
	if len(l.all) >= maxTracked {
		clear(l.all)
	}
}
