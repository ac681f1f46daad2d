// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/priority"
)

// countsFresh is for how long the navigation's counts are shown without being counted again.
const countsFresh = 3 * time.Second

// counter keeps the navigation's counts, which every page shows. No page waits for them: it shows those that are there,
// and asks for new ones where they are old.
type counter struct {
	from Overviewer
	log  *slog.Logger
	now  func() time.Time
	ask  chan struct{} // somebody has seen old counts

	mu      sync.Mutex
	last    greenroom.Overview
	counted time.Time // zero = never
}

func newCounter(cfg *Config) *counter {
	return &counter{from: cfg.Overview, log: cfg.Log, now: cfg.Now, ask: make(chan struct{}, 1)}
}

// get returns the counts. They are counted at once only where there are none yet: a store without sources is counted in no
// time, and the first steps hang on it.
func (c *counter) get(ctx context.Context) greenroom.Overview {
	c.mu.Lock()
	last, counted := c.last, c.counted
	c.mu.Unlock()
	if last.Sources == 0 {
		return c.count(ctx)
	}
	if c.now().Sub(counted) >= countsFresh {
		select {
		case c.ask <- struct{}{}:
		default: // somebody has asked
		}
	}
	return last
}

// count counts anew, and returns the counts before where that fails.
func (c *counter) count(ctx context.Context) greenroom.Overview {
	at := c.now()
	o, err := c.from.Overview(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			c.log.Warn("counting for the navigation", "error", err)
		}
		return c.last
	}
	c.last, c.counted = o, at
	return o
}

// Run keeps the navigation's counts and the first page's news current, from the first ones on, until ctx ends. Nothing is
// counted while nobody looks.
func (s *Site) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	if s.counts.count(ctx).Sources > 0 {
		s.news.get() // so that they are there when the first page is opened
	}
	work.Go(func() {
		priority.Lower() // it gives way to people's requests
		s.news.run(priority.Background(ctx))
	})
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.counts.ask:
			s.counts.count(ctx)
		}
	}
}
