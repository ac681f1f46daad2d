// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package action

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"greenroom"
)

// Schedule has an action made again and again, each time from what is known then. What one time makes has a key of its
// own, so that a time which is tried again, or by two processes at once, gives one action.
type Schedule struct {
	ID         int64           `json:"id"`
	Kind       string          `json:"kind"` // of the actions, as Action.Kind
	Source     string          `json:"source"`
	Title      string          `json:"title"` // what is done each time, for people
	Plan       json.RawMessage `json:"plan"`  // what is asked for each time, as its kind writes it
	Every      int64           `json:"every_seconds"`
	CreatedBy  string          `json:"created_by"`
	CreatedAt  time.Time       `json:"created_at"`
	NextAt     time.Time       `json:"next_at,omitzero"`    // left out while it is stopped
	StoppedAt  time.Time       `json:"stopped_at,omitzero"` // left out while it goes on
	Times      int64           `json:"times"`               // how often it was done, also where there was nothing to do
	LastAction int64           `json:"last_action,omitempty"`
	LastAt     time.Time       `json:"last_at,omitzero"` // when it was last tried
	Error      string          `json:"error,omitempty"`  // why the last try made no action
	Failures   int64           `json:"failures"`         // tries in a row that made none
}

// The rhythms that a schedule can have.
const (
	MinEvery = time.Hour
	MaxEvery = 31 * 24 * time.Hour
)

// Rhythm reads how often something is repeated: hour, day, week, or a length of time such as 6h.
func Rhythm(text string) (time.Duration, error) {
	for word, d := range map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour} {
		if text == word {
			return d, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < MinEvery || d > MaxEvery {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not how often something is repeated; expected hour, day, week, or a length of time from 1h to 744h", text)
	}
	return d.Truncate(time.Second), nil
}

// Trouble is a schedule of which something does not work.
type Trouble struct {
	Source   string
	Schedule int64
	Title    string
	Action   int64  // the action that failed; 0 = none could be made
	Text     string // what is wrong
}

// Schedules keeps what the Repeater needs. Each method is one transaction.
type Schedules interface {
	// DueSchedules lists the schedules whose time has come, the longest due first.
	DueSchedules(ctx context.Context, now time.Time) ([]Schedule, error)
	// Action returns an action.
	Action(ctx context.Context, id int64) (Action, error)
	// KeepSchedule stores NextAt, Times, LastAction, LastAt, Error and Failures, unless Times is not what it was when s was
	// read, which it says with CodeConflict, or it was stopped meanwhile: then NextAt stays away.
	KeepSchedule(ctx context.Context, s *Schedule, times int64) error
}

// Maker makes the actions of one kind.
type Maker interface {
	// MakeAction makes an approved action from a plan. Where one has the key, it returns that. Where there is nothing to do, it
	// may make none and return one with the id 0.
	MakeAction(ctx context.Context, plan json.RawMessage, key, by string) (Action, error)
}

// How schedules are kept.
const (
	scheduleEvery   = 30 * time.Second
	firstMakeAgain  = 5 * time.Minute
	makeAgainAtMost = 6 * time.Hour
)

// Repeater makes the actions of schedules when they are due.
type Repeater struct {
	store  Schedules
	makers map[string]Maker
	log    *slog.Logger
	now    func() time.Time
}

// NewRepeater returns a repeater.
func NewRepeater(store Schedules, makers map[string]Maker, log *slog.Logger, now func() time.Time) *Repeater {
	return &Repeater{store: store, makers: makers, log: log, now: now}
}

// Run makes actions until ctx ends.
func (r *Repeater) Run(ctx context.Context) {
	tick := time.NewTicker(scheduleEvery)
	defer tick.Stop()
	for {
		if err := r.Next(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("repeating actions", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Next makes the actions of all schedules that are due.
func (r *Repeater) Next(ctx context.Context) error {
	due, err := r.store.DueSchedules(ctx, r.now())
	if err != nil {
		return fmt.Errorf("looking for schedules that are due: %w", err)
	}
	for i := range due {
		if err := r.Repeat(ctx, &due[i]); err != nil {
			return err
		}
	}
	return nil
}

// Repeat makes the next action of a schedule, whether it is due or not, and says in it what came of that. While its last
// action is not over none is made; the schedule waits for its next turn.
func (r *Repeater) Repeat(ctx context.Context, s *Schedule) error {
	now, times := r.now(), s.Times
	every := time.Duration(s.Every) * time.Second
	s.NextAt, s.LastAt = s.turn(now, every), now
	busy := false
	if s.LastAction > 0 {
		last, err := r.store.Action(ctx, s.LastAction)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return fmt.Errorf("reading the last action of schedule %d: %w", s.ID, err)
		}
		busy = err == nil && (last.State == Approved || last.State == Running)
	}
	if !busy {
		a, err := r.make(ctx, s)
		switch {
		case ctx.Err() != nil:
			return ctx.Err() //nolint:wrapcheck // it was told to end
		case err != nil:
			s.Error = greenroom.ErrorMessage(err)
			pause := makeAgainAtMost
			if s.Failures < 6 {
				pause = min(pause, firstMakeAgain<<s.Failures)
			}
			s.Failures++
			if again := now.Add(pause); again.Before(s.NextAt) {
				s.NextAt = again
			}
			r.log.Warn("a repeated action could not be made", "schedule", s.ID, "error", err)
		default:
			s.Times, s.Error, s.Failures = s.Times+1, "", 0
			if a.ID > 0 {
				s.LastAction = a.ID
			}
		}
	}
	err := r.store.KeepSchedule(ctx, s, times)
	if greenroom.ErrorCode(err) == greenroom.CodeConflict {
		return nil // another process did it
	}
	return err //nolint:wrapcheck // the store says what it did
}

func (r *Repeater) make(ctx context.Context, s *Schedule) (Action, error) {
	m := r.makers[s.Kind]
	if m == nil {
		return Action{}, greenroom.Errorf(greenroom.CodeInvalid, "this Greenroom does not know how to do %q", s.Kind)
	}
	return m.MakeAction(ctx, s.Plan, fmt.Sprintf("schedule %d, time %d", s.ID, s.Times+1), s.CreatedBy) //nolint:wrapcheck // its words are for people
}

// turn is the next time in the schedule's rhythm, counted from when it was due; turns that were missed are left out.
func (s *Schedule) turn(now time.Time, every time.Duration) time.Time {
	next := s.NextAt
	if next.IsZero() || next.After(now) { // it is run by hand
		next = now
	}
	return next.Add((now.Sub(next)/every + 1) * every)
}
