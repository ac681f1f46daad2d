// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package action_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/action"
)

// one is a store of one action with one item.
type one struct {
	a     action.Action
	retry time.Time
	ended []action.State
	took  bool
}

func (o *one) TakeAction(context.Context, string, time.Time) (action.Action, error) {
	if o.took {
		return o.a, greenroom.Errorf(greenroom.CodeNotFound, "none")
	}
	o.took = true
	return o.a, nil
}

func (o *one) SendItems(context.Context, int64, string, int, time.Time) ([]action.Item, error) {
	if o.a.Done > 0 {
		return nil, nil
	}
	return []action.Item{{Seq: 1}}, nil
}

func (o *one) MarkItems(_ context.Context, _ int64, _ string, items []action.Item, _ time.Time) error {
	o.a.Done += int64(len(items))
	return nil
}

func (o *one) EndAction(_ context.Context, _ int64, _ string, s action.State, reason string, retry time.Time) error {
	o.a.State, o.a.Error, o.retry, o.took = s, reason, retry, s != action.Running
	o.ended = append(o.ended, s)
	return nil
}

type performing func() error

func (p performing) Perform(context.Context, *action.Action, []action.Item) error { return p() }

// limited is a platform's word to be left alone.
type limited struct{ error }

func (limited) WaitFor() time.Duration { return time.Hour }

// What passes is tried again later, at growing distances or when the platform says; what does not pass ends the action.
func TestFailures(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	gone := greenroom.Errorf(greenroom.CodeUnavailable, "nobody there")
	for name, c := range map[string]struct {
		errs  []error
		state action.State
		retry time.Duration
	}{
		"well":      {[]error{nil}, action.Done, 0},
		"gone":      {[]error{gone}, action.Running, 30 * time.Second},
		"gone long": {[]error{gone, gone, gone}, action.Running, 2 * time.Minute},
		"comes back": {
			[]error{gone, nil}, action.Done, 0,
		},
		"limited": {[]error{&greenroom.Error{Code: greenroom.CodeLimited, Message: "too many", Err: limited{errors.New("429")}}}, action.Running, time.Hour},
		"refused": {[]error{greenroom.Errorf(greenroom.CodeForbidden, "the scope is missing")}, action.Failed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &one{a: action.Action{ID: 1, Kind: "k"}}
			n := 0
			p := performing(func() error { n++; return c.errs[n-1] })
			r := action.NewRunner(s, map[string]action.Performer{"k": p}, "me", slog.New(slog.DiscardHandler), func() time.Time { return now })
			for range c.errs {
				if more, err := r.Next(t.Context()); !more || err != nil {
					t.Fatal(more, err)
				}
			}
			if s.a.State != c.state || c.retry > 0 && !s.retry.Equal(now.Add(c.retry)) {
				t.Errorf("state %s, again at %s; want %s, %s", s.a.State, s.retry, c.state, now.Add(c.retry))
			}
		})
	}
}
