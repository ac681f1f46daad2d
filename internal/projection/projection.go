// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package projection keeps everything that is computed from the facts current: first the derived state in the record
// store (who is one person, what waits for an answer, the full-text index), then the columnar copy that figures are
// computed from. It follows the facts by their ids in windows, each in one transaction, so that it can be stopped at any
// moment and goes on where it was.
package projection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Store computes derived state.
type Store interface {
	// Derive covers at most limit activities and reports whether something is left to do.
	Derive(ctx context.Context, limit int) (covered int64, more bool, err error)
}

// Follower keeps a copy of the facts current.
type Follower interface {
	// Follow catches up with what is stored and derived now.
	Follow(ctx context.Context) error
}

// Window is how many activities one transaction of derived state covers: large enough that members who are active often
// are written once, small enough that a person who merges two members does not wait.
const Window = 10_000

// interval is how often the projector looks for new facts when nobody told it of any.
const interval = time.Second

// Projector follows the facts. One runs at a time in a process.
type Projector struct {
	store     Store
	followers []Follower
	log       *slog.Logger
	wake      chan struct{}
}

// New returns a projector over the store and the copies that follow it.
func New(store Store, log *slog.Logger, followers ...Follower) *Projector {
	return &Projector{store: store, followers: followers, log: log, wake: make(chan struct{}, 1)}
}

// Wake says that there are new facts. It never blocks.
func (p *Projector) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// CatchUp computes until nothing is left to do.
func (p *Projector) CatchUp(ctx context.Context) error {
	for {
		_, more, err := p.store.Derive(ctx, Window)
		if err != nil {
			return fmt.Errorf("deriving: %w", err)
		}
		if !more {
			break
		}
	}
	for _, f := range p.followers {
		if err := f.Follow(ctx); err != nil {
			return fmt.Errorf("projecting: %w", err)
		}
	}
	return nil
}

// Run follows the facts until ctx ends. An error is logged and tried again: nothing is lost by it.
func (p *Projector) Run(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := p.CatchUp(ctx); err != nil && !errors.Is(err, context.Canceled) {
			p.log.Error("figures are behind", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-ticker.C:
		}
	}
}
