// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package priority

import (
	"context"
	"sync"
	"time"
)

// patience is for how long background work waits for requests to be answered before it takes its next step anyway: then it goes on with a
// step in that time at least, however many ask.
const patience = 100 * time.Millisecond

// Gate knows whether requests are being answered. The zero value is ready.
type Gate struct {
	mu    sync.Mutex
	n     int
	quiet chan struct{} // closed when the last request is answered; nil while none is, or nobody waits
}

// Enter says that a request is being answered, until leave is called, once.
func (g *Gate) Enter() (leave func()) {
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.n--; g.n == 0 && g.quiet != nil {
			close(g.quiet)
			g.quiet = nil
		}
	}
}

// wait is what is closed when requests are answered; nil when there are none.
func (g *Gate) wait() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n == 0 {
		return nil
	}
	if g.quiet == nil {
		g.quiet = make(chan struct{})
	}
	return g.quiet
}

type (
	gateKey       struct{}
	backgroundKey struct{}
)

// With returns a context that background work can be told of requests by.
func (g *Gate) With(ctx context.Context) context.Context { return context.WithValue(ctx, gateKey{}, g) }

// Background marks that what is done with the context is work of low priority. Whoever keeps things that people's requests
// and background work take turns at, such as connections to a database, keeps them apart by it: lowered work holds what it
// has taken for ten times as long where others want the processor, and a request that waited for it would be as slow.
func Background(ctx context.Context) context.Context {
	if InBackground(ctx) {
		return ctx
	}
	return context.WithValue(ctx, backgroundKey{}, true)
}

// InBackground reports whether a context was marked by [Background].
func InBackground(ctx context.Context) bool {
	marked, _ := ctx.Value(backgroundKey{}).(bool)
	return marked
}

// Breathe is called by background work between two steps of some milliseconds at most. While requests are being answered
// it waits, for a tenth of a second at most. To lower a thread is not enough: one that waits for the processor holds one of
// Go's processors meanwhile, and with the memory that it has left to be collected requests would find none. Elsewhere, and
// in contexts without a gate, it returns at once.
func Breathe(ctx context.Context) {
	if !InBackground(ctx) {
		return
	}
	g, ok := ctx.Value(gateKey{}).(*Gate)
	if !ok {
		return
	}
	quiet := g.wait()
	if quiet == nil {
		return
	}
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-quiet:
	case <-t.C:
	case <-ctx.Done():
	}
}
