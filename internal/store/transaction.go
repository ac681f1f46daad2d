// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenroom"
)

// held is a transaction of Append that is left open for the next batch of the same run: a page of an index that two
// batches hit is then written to the log once. Whoever writes next ends it, so nobody waits for it.
type held struct {
	run        greenroom.Run // as it was before the transaction; ID 0 = no transaction is open
	since      time.Time
	activities int
}

// One transaction of Append takes no more than this.
const (
	heldActivities = 48_000
	heldTime       = 3 * time.Second
)

// errLost tells the run whose open transaction was rolled back by somebody else that its facts are not there.
var errLost = errors.New("the transaction that held this run's last facts was rolled back")

// write runs f in the one writing transaction; it is committed when f returns nil.
func (s *Store) write(ctx context.Context, f func(*writer) error) error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if err := s.release(); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.cache.changed(s.now)
	return s.end(f(s.w))
}

// writeAlong is write for derived state and for what is done in the background again and again, such as taking work and tidying
// up: an answer that is a moment old stays good beside it (answerCache). What people will look for at once, such as the tag that
// a workflow sets, is written with write. It may share the transaction that Append has left open: pages that both touch are
// written once. What Append stored is committed also when f fails.
func (s *Store) writeAlong(ctx context.Context, f func(*writer) error) error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	defer s.cache.derived(s.now)
	if s.held.run.ID == 0 {
		if err := s.begin(ctx); err != nil {
			return err
		}
		return s.end(f(s.w))
	}
	s.prepareWriter(ctx)
	if err := s.w.execOnce("SAVEPOINT along"); err != nil {
		return err
	}
	err := f(s.w)
	if err != nil {
		if rerr := s.w.execOnce("ROLLBACK TO along"); rerr != nil {
			return s.end(errors.Join(err, rerr))
		}
	}
	return errors.Join(err, s.release())
}

// append runs f in the transaction of a run, and leaves that open. On an error the run is back where it was when its
// last transaction was committed.
func (s *Store) append(ctx context.Context, run greenroom.Run, activities int, f func(*writer) (greenroom.Run, error)) (greenroom.Run, error) {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if before, ok := s.wasLost(run.ID); ok {
		return before, errLost
	}
	if s.held.run.ID != run.ID {
		if err := s.release(); err != nil {
			return run, err
		}
		if err := s.begin(ctx); err != nil {
			return run, err
		}
		s.held = held{run: run, since: s.now()}
	}
	before := s.held.run
	if err := ctx.Err(); err != nil {
		return s.settle(before, run, fmt.Errorf("storing was stopped: %w", err))
	}
	s.prepareWriter(ctx)
	after, err := f(s.w)
	if err != nil {
		err = s.end(err)
		s.wasLost(run.ID)
		return before, err
	}
	s.held.activities += activities
	// The first facts of a run show at once.
	if before.Read > 0 && s.held.activities < heldActivities && s.now().Sub(s.held.since) < heldTime {
		return after, nil
	}
	return s.settle(before, after, nil)
}

// Commit commits what Append has left open of a run. With an error the run comes back as it is in the store.
func (s *Store) Commit(run greenroom.Run) (greenroom.Run, error) {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if before, ok := s.wasLost(run.ID); ok {
		return before, errLost
	}
	if s.held.run.ID != run.ID {
		return run, nil
	}
	return s.settle(s.held.run, run, nil)
}

// settle commits what is held and returns the run as it is then.
func (s *Store) settle(before, after greenroom.Run, cause error) (greenroom.Run, error) {
	if err := s.release(); err != nil {
		s.wasLost(before.ID)
		return before, errors.Join(cause, err)
	}
	return after, cause
}

// wasLost returns a run as it is in the store, where the transaction that went on from there was rolled back. It says so
// once.
func (s *Store) wasLost(id int64) (greenroom.Run, bool) {
	for i := range s.lost {
		if run := s.lost[i]; run.ID == id {
			s.lost = append(s.lost[:i], s.lost[i+1:]...)
			return run, true
		}
	}
	return greenroom.Run{}, false
}

// release commits the transaction that Append left open, if there is one.
func (s *Store) release() error {
	if s.held.run.ID == 0 {
		return nil
	}
	return s.end(nil)
}

func (s *Store) prepareWriter(ctx context.Context) {
	s.w.stop = ctx.Done()
	// Statements run to their ends, and bulk looks between rows whether to stop. SQLite's driver hands every statement
	// that could be canceled to a goroutine of its own, which costs more than most statements do; PostgreSQL's closes
	// the connection when one is canceled, and this connection is the writer.
	s.w.ctx = context.WithoutCancel(ctx)
}

// begin begins the writing transaction.
func (s *Store) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	s.prepareWriter(ctx)
	err := s.beginNow()
	if err != nil && s.w.gone() {
		if err = s.revive(context.WithoutCancel(ctx)); err == nil {
			err = s.beginNow()
		}
	}
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	return nil
}

func (s *Store) beginNow() error {
	for _, q := range s.d.begin {
		if err := s.w.execOnce(q); err != nil {
			if rerr := s.w.execOnce("ROLLBACK"); rerr != nil {
				s.log.Debug("rolling back a transaction that did not begin", "error", rerr)
			}
			return err
		}
	}
	return nil
}

// end ends the writing transaction: committed when err is nil, else rolled back.
func (s *Store) end(err error) error {
	open := s.held.run
	s.held = held{}
	if err == nil {
		if err = s.w.execOnce("COMMIT"); err == nil {
			if s.checkpoints != nil {
				s.checkpoints.committed()
			}
			return nil
		}
		err = fmt.Errorf("committing: %w", err)
	}
	s.known.forget()
	if open.ID != 0 {
		s.lost = append(s.lost, open)
	}
	if rerr := s.w.execOnce("ROLLBACK"); rerr != nil {
		err = errors.Join(err, fmt.Errorf("rolling back: %w", rerr))
	}
	return err
}
