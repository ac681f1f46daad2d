// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package action

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"greenroom"
)

// Store keeps what the runner needs. Each method is one transaction.
type Store interface {
	// TakeAction gives the lease of the oldest action that can go on to holder until a time, and makes it running. Its Error is
	// why the last try ended, "" where it was cut off or there was none. It has CodeNotFound when there is none.
	TakeAction(ctx context.Context, holder string, until time.Time) (Action, error)
	// SendItems marks the next items as sent and returns them, Again where they were before. None are left when it returns
	// none. CodeConflict where holder has lost the lease or the action was canceled.
	SendItems(ctx context.Context, id int64, holder string, limit int, until time.Time) ([]Item, error)
	// MarkItems stores states, reasons and former values of items, with the action's counts.
	MarkItems(ctx context.Context, id int64, holder string, items []Item, until time.Time) error
	// EndAction gives up the lease and sets a state: Done, Failed with a reason, or Running with a time to go on at.
	EndAction(ctx context.Context, id int64, holder string, state State, reason string, retry time.Time) error
}

// Performer carries out the actions of one kind. It sets State, Reason and Before of each item. An error means that
// nothing further can be done now; which of the items arrived is then not known.
type Performer interface {
	Perform(ctx context.Context, a *Action, items []Item) error
}

// How actions are carried out.
const (
	batchItems = 100
	leaseFor   = 2 * time.Minute
	lookEvery  = 5 * time.Second
	firstPause = 30 * time.Second
	maxPause   = time.Hour
	maxTries   = 12
)

// Runner carries out actions, one after the other.
type Runner struct {
	store      Store
	performers map[string]Performer
	holder     string
	log        *slog.Logger
	now        func() time.Time
	wake       chan struct{}
	tries      map[int64]int // failures in a row that pass
}

// NewRunner returns a runner. holder is what this process is called among all that share the store.
func NewRunner(store Store, performers map[string]Performer, holder string, log *slog.Logger, now func() time.Time) *Runner {
	return &Runner{store: store, performers: performers, holder: holder, log: log, now: now, wake: make(chan struct{}, 1), tries: make(map[int64]int)}
}

// Wake makes Run look at once.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run carries out actions until ctx ends.
func (r *Runner) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		for {
			more, err := r.Next(ctx)
			if err != nil && ctx.Err() == nil {
				r.log.Error("carrying out an action", "error", err)
			}
			if !more || err != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake:
		}
	}
}

// Next carries out the next action as far as it goes, and reports whether there was one.
func (r *Runner) Next(ctx context.Context) (bool, error) {
	a, err := r.store.TakeAction(ctx, r.holder, r.now().Add(leaseFor))
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for actions: %w", err)
	}
	err = r.carryOut(ctx, &a)
	switch {
	case err == nil:
		delete(r.tries, a.ID)
		return true, r.store.EndAction(ctx, a.ID, r.holder, Done, "", time.Time{})
	case ctx.Err() != nil: // it goes on when the lease has ended, which is now
		return true, r.store.EndAction(context.WithoutCancel(ctx), a.ID, r.holder, Running, "", r.now())
	case greenroom.ErrorCode(err) == greenroom.CodeConflict: // it was canceled, or is another process's by now
		return true, nil
	}
	r.tries[a.ID]++
	if retry, ok := r.later(err, r.tries[a.ID]); ok {
		r.log.Info("an action goes on later", "action", a.ID, "at", retry, "why", greenroom.ErrorMessage(err))
		return true, r.store.EndAction(ctx, a.ID, r.holder, Running, greenroom.ErrorMessage(err), retry)
	}
	delete(r.tries, a.ID)
	r.log.Warn("an action failed", "action", a.ID, "error", err)
	return true, r.store.EndAction(ctx, a.ID, r.holder, Failed, greenroom.ErrorMessage(err), time.Time{})
}

// carryOut goes through the items that have no outcome.
func (r *Runner) carryOut(ctx context.Context, a *Action) error {
	p := r.performers[a.Kind]
	if p == nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "this Greenroom does not know how to do %q", a.Kind)
	}
	for {
		items, err := r.store.SendItems(ctx, a.ID, r.holder, batchItems, r.now().Add(leaseFor))
		if err != nil || len(items) == 0 {
			return err //nolint:wrapcheck // the store says what it did
		}
		if err := r.keep(ctx, a, func(ctx context.Context) error { return p.Perform(ctx, a, items) }); err != nil {
			return err
		}
		for i := range items {
			items[i].At = r.now()
		}
		if err := r.store.MarkItems(ctx, a.ID, r.holder, items, r.now().Add(leaseFor)); err != nil {
			return err //nolint:wrapcheck // the store says what it did
		}
		delete(r.tries, a.ID)
	}
}

// keep runs do and renews the lease meanwhile. Where the lease is lost, do's context is canceled.
func (r *Runner) keep(ctx context.Context, a *Action, do func(context.Context) error) error {
	doing, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- do(doing) }()
	tick := time.NewTicker(leaseFor / 4)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if cause := context.Cause(doing); cause != nil && ctx.Err() == nil {
				return cause
			}
			return err
		case <-tick.C:
			if err := r.store.MarkItems(ctx, a.ID, r.holder, nil, r.now().Add(leaseFor)); greenroom.ErrorCode(err) == greenroom.CodeConflict {
				cancel(err)
			}
		}
	}
}

// later says when to try again after a failure that passes.
func (r *Runner) later(err error, tries int) (time.Time, bool) {
	code := greenroom.ErrorCode(err)
	if code != greenroom.CodeLimited && code != greenroom.CodeUnavailable || tries > maxTries {
		return time.Time{}, false
	}
	var w interface{ WaitFor() time.Duration }
	if errors.As(err, &w) && w.WaitFor() > 0 {
		return r.now().Add(w.WaitFor()), true
	}
	pause := firstPause
	for i := 1; i < tries && pause < maxPause; i++ {
		pause *= 2
	}
	return r.now().Add(min(pause, maxPause)), true
}
