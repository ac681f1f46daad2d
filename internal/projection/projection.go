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
	"sync"
	"time"

	"greenroom/internal/priority"
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

// Matcher finds out who is one person beyond what is certain, once everything else is derived. It reports whether members
// changed by it, so that there is more to derive. In a hurry it does so at once, otherwise when it is time again.
type Matcher interface {
	Match(ctx context.Context, hurry bool) (changed bool, err error)
}

// Window is how many activities one transaction of derived state covers: large enough that members who are active often
// are written once, small enough that a person who merges two members does not wait.
const Window = 40_000

// interval is how often the projector looks for new facts when nobody told it of any.
const interval = time.Second

// While an import runs, facts come in batch by batch. Deriving waits then until there are more of them, because a member
// or conversation that is written once for two batches costs half: where busy or more were covered, the next window
// begins no sooner than pause after it.
const (
	busy  = 2000
	pause = 3 * time.Second
)

// Projector follows the facts. One runs at a time in a process.
type Projector struct {
	store     Store
	matcher   Matcher // nil = only what is certain makes members
	prompt    []Follower
	followers []Follower
	log       *slog.Logger
	wake      chan struct{}
	look      chan struct{} // says that it may be time to match
}

// New returns a projector over the store, with who finds members (or nil) and the copies that follow.
func New(store Store, log *slog.Logger, matcher Matcher, followers ...Follower) *Projector {
	return &Projector{store: store, matcher: matcher, followers: followers, log: log, wake: make(chan struct{}, 1), look: make(chan struct{})}
}

// Prompt adds who is to be called right after each window is derived, before anything else follows, and is therefore
// quick. It is called before Run.
func (p *Projector) Prompt(f Follower) { p.prompt = append(p.prompt, f) }

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
		if more {
			continue
		}
		changed, err := p.match(ctx, true)
		if err != nil {
			return err
		}
		if !changed {
			return p.follow(ctx)
		}
	}
}

func (p *Projector) match(ctx context.Context, hurry bool) (changed bool, err error) {
	if p.matcher == nil {
		return false, nil
	}
	changed, err = p.matcher.Match(ctx, hurry)
	if err != nil {
		return false, fmt.Errorf("matching members: %w", err)
	}
	return changed, nil
}

func (p *Projector) follow(ctx context.Context) error {
	for _, f := range p.followers {
		if err := f.Follow(ctx); err != nil {
			return fmt.Errorf("projecting: %w", err)
		}
	}
	return nil
}

// Run follows the facts until ctx ends. An error is logged and tried again: nothing is lost by it. Followers come after
// every window, not after the last, so that figures stay current during an import that takes hours. Matching takes a
// minute where there are a million accounts, and whoever is told of new messages would wait for it, so it goes beside.
func (p *Projector) Run(ctx context.Context) {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { p.matchBeside(ctx) })
	p.RunUnmatched(ctx)
}

// RunUnmatched is Run without looking who is one person. A command that imports looks once, at its end (CatchUp), if at all: a
// look holds all accounts in memory, which an import does not.
func (p *Projector) RunUnmatched(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		covered, more, err := p.store.Derive(ctx, Window)
		for _, f := range p.prompt {
			if err == nil {
				err = f.Follow(ctx)
			}
		}
		if err == nil && !more && covered < busy {
			select {
			case p.look <- struct{}{}:
			default: // it is looking
			}
		}
		if err == nil {
			err = p.follow(ctx)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			p.log.Error("figures are behind", "error", err)
		}
		switch {
		case err == nil && more && (covered == 0 || covered >= Window):
			if ctx.Err() != nil {
				return
			}
			continue // far behind
		case covered >= busy:
			if !sleep(ctx, pause) {
				return
			}
			if more {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-ticker.C:
		}
	}
}

// matchBeside looks who is one person, each time that it is told to, and has what changed by it derived.
func (p *Projector) matchBeside(ctx context.Context) {
	if p.matcher == nil {
		return
	}
	priority.Lower()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.look:
		}
		changed, err := p.match(ctx, false)
		if err != nil && !errors.Is(err, context.Canceled) {
			p.log.Error("members are not matched", "error", err)
		}
		if changed {
			p.Wake()
		}
	}
}

// sleep waits, and reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
