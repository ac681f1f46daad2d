// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/store"
)

// crm is a platform whose contacts keep what is written, also when the process that wrote dies before it notes so.
type crm struct {
	has    map[string]string
	writes map[string]int
	again  int
	die    int // after so many batches; 0 = never
	stop   context.CancelFunc
}

func (c *crm) Perform(ctx context.Context, _ *action.Action, items []action.Item) error {
	for i := range items {
		it := &items[i]
		if it.Again {
			c.again++
		}
		it.State, it.Before = action.ItemUnchanged, map[string]string{"v": c.has[it.Target]}
		if c.has[it.Target] != it.After["v"] {
			c.has[it.Target], it.State = it.After["v"], action.ItemDone
			c.writes[it.Target]++
		}
	}
	if c.die--; c.die == 0 {
		c.stop() // everything is written, and nothing noted
		return ctx.Err()
	}
	return nil
}

// dead is a store that a dead process cannot reach any more.
type dead struct{ *store.Store }

func (d dead) EndAction(ctx context.Context, _ int64, _ string, _ action.State, _ string, _ time.Time) error {
	return ctx.Err()
}

// TestActionKilled kills the process between a batch that was written and its outcome, and goes on in another one.
func TestActionKilled(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		items := make([]action.Item, 250)
		for i := range items {
			items[i] = action.Item{Target: fmt.Sprint("c", i), Name: "Ana", After: map[string]string{"v": "new"}}
		}
		a, added, err := s.AddAction(t.Context(), action.Action{Key: "k1", Kind: "test", Source: "crm", Title: "T", State: action.Approved, CreatedBy: "ana", Plan: []byte(`{}`)}, items)
		if err != nil || !added {
			t.Fatal(added, err)
		}
		same, added, err := s.AddAction(t.Context(), action.Action{Key: "k1", Kind: "test", State: action.Approved, CreatedBy: "bo"}, items[:1])
		if err != nil || added || same.ID != a.ID || same.Items != 250 || same.CreatedBy != "ana" {
			t.Errorf("the same key again gave %+v, %v, %v; want the action that was there", same, added, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		c := &crm{has: map[string]string{"c0": "new"}, writes: map[string]int{}, die: 2, stop: stop}
		runner := func(st action.Store, holder string, ahead time.Duration) *action.Runner {
			return action.NewRunner(st, map[string]action.Performer{"test": c}, holder, slog.New(slog.DiscardHandler), func() time.Time { return clock().Add(ahead) })
		}
		if _, err := runner(dead{s}, "first", -time.Hour).Next(ctx); err != nil { // whose lease has ended by now
			t.Fatal(err)
		}
		got, err := s.Action(t.Context(), a.ID)
		if err != nil || got.State != action.Running || got.Done != 99 || got.Unchanged != 1 {
			t.Fatalf("after the kill: %+v, %v; want the first batch noted", got, err)
		}
		if more, err := runner(s, "second", 0).Next(t.Context()); !more || err != nil {
			t.Fatal(more, err)
		}
		got, err = s.Action(t.Context(), a.ID)
		if err != nil || got.State != action.Done || got.Done+got.Unchanged != 250 || got.Failed != 0 {
			t.Errorf("in the end: %+v, %v; want all 250 accounted for", got, err)
		}
		for target, n := range c.writes {
			if n != 1 {
				t.Errorf("%s was written %d times", target, n)
			}
		}
		if len(c.writes) != 249 || c.again != 100 {
			t.Errorf("%d contacts were written, %d items given again; want 249 and the 100 that had no outcome", len(c.writes), c.again)
		}
		first, err := s.ActionItems(t.Context(), a.ID, "", 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		want := []action.Item{
			{Seq: 1, Target: "c0", Name: "Ana", Before: map[string]string{"v": "new"}, After: map[string]string{"v": "new"}, State: action.ItemUnchanged},
			{Seq: 2, Target: "c1", Name: "Ana", Before: map[string]string{"v": ""}, After: map[string]string{"v": "new"}, State: action.ItemDone},
		}
		for i := range first {
			first[i].At = time.Time{}
		}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("the items (-want +got):\n%s", diff)
		}
		if more, err := runner(s, "second", 0).Next(t.Context()); more || err != nil {
			t.Errorf("there is another action: %v, %v", more, err)
		}
	})
}

// TestActionStates proposes, approves and cancels; one that is held by a living process is not taken by another.
func TestActionStates(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		a, _, err := s.AddAction(ctx, action.Action{Key: "k", Kind: "test", State: action.Proposed, Plan: []byte(`{}`)}, []action.Item{{Target: "c"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.TakeAction(ctx, "me", clock()); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("taking a proposed one: %v", err)
		}
		if err := s.ApproveAction(ctx, a.ID, "ana"); err != nil {
			t.Fatal(err)
		}
		if err := s.ApproveAction(ctx, a.ID, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("approving twice: %v", err)
		}
		until := clock().Add(time.Minute)
		if got, err := s.TakeAction(ctx, "me", until); err != nil || got.ApprovedBy != "ana" || got.State != action.Running {
			t.Errorf("taking it: %+v, %v", got, err)
		}
		if _, err := s.TakeAction(ctx, "other", until); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("another took it: %v", err)
		}
		if err := s.CancelAction(ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SendItems(ctx, a.ID, "me", 10, until); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("sending items of a canceled one: %v", err)
		}
		if err := s.CancelAction(ctx, 99); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("canceling what is not there: %v", err)
		}
	})
}
