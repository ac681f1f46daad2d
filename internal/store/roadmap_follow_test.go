// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/request"
	"greenroom/internal/roadmap"
	"greenroom/internal/store"
)

// following has requests follow, told beforehand.
type following []roadmap.Following

func (f following) Follow(context.Context, []int64, roadmap.State, bool) ([]roadmap.Following, error) {
	return f, nil
}

// TestRoadmapFollowsTogether stores a plan and the requests that follow it, where the last of them cannot be stored: of all that
// was stored before it in the transaction, nothing stays. Where all can, all of it is there.
func TestRoadmapFollowsTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for _, title := range []string{"Dark mode", "Night colors"} {
			if _, err := s.AddRequest(ctx, request.Request{Title: title, State: request.Open, CreatedAt: clock(), ChangedAt: clock()}, 0, "ana", time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		tell := outbox.Message{Key: "request 1 change 1 a", Channel: outbox.Email, Purpose: consent.Answer, Origin: outbox.Origin{Kind: "request", ID: 1}, To: "ida@example.org", Subject: "It is planned", Text: "It is.", State: outbox.Draft, CreatedAt: clock()}
		follows := func(changes int64) *roadmap.Service {
			return roadmap.New(s, s, clock).Telling(following{
				{Request: 1, State: string(request.Planned), Answer: "Soon.", Messages: []outbox.Message{tell}},
				{Request: 2, State: string(request.Planned), Changes: changes},
			})
		}
		look := func(state request.State, changes int64, messages, entries int) {
			t.Helper()
			for id := int64(1); id <= 2; id++ {
				if q, err := s.Request(ctx, id); err != nil || q.State != state || q.Changes != changes {
					t.Errorf("request %d is %s after %d changes, %v", id, q.State, q.Changes, err)
				}
			}
			if all, err := s.MessageList(ctx, outbox.Filter{Limit: 9}); err != nil || len(all) != messages {
				t.Errorf("%d messages, %v; want %d", len(all), err, messages)
			}
			if all, err := s.Entries(ctx, auth.Filter{Action: "request.status", Limit: 9}); err != nil || len(all) != entries {
				t.Errorf("%d lines in the audit log, %v; want %d", len(all), err, entries)
			}
		}
		plan := roadmap.Plan{Title: "Dark mode", State: roadmap.Draft, Requests: []int64{1, 2}}
		tasks := []roadmap.Task{{Title: "Draw it", Days: 2}}
		if _, err := follows(5).Add(ctx, plan, tasks, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Fatalf("a request that was changed meanwhile: %v", err)
		}
		if all, err := s.Plans(ctx); err != nil || len(all) != 0 {
			t.Errorf("the plan is there without its requests: %+v, %v", all, err)
		}
		if all, err := s.PlanTasks(ctx, 0); err != nil || len(all) != 0 {
			t.Errorf("tasks are there: %+v, %v", all, err)
		}
		look(request.Open, 0, 0, 0)
		v, err := follows(0).Add(ctx, plan, tasks, "ana")
		if err != nil || len(v.Tasks) != 1 {
			t.Fatalf("%+v, %v", v, err)
		}
		look(request.Planned, 1, 1, 2)

		v.State = roadmap.Done
		if _, err := follows(1).EditPlan(ctx, v.Plan, "ana"); greenroom.ErrorCode(err) != greenroom.CodeConflict { // the first one was changed since
			t.Fatalf("changing the plan: %v", err)
		}
		if p, err := s.Plan(ctx, v.ID); err != nil || p.State != roadmap.Draft || p.Version != 1 {
			t.Errorf("the plan moved on alone: %+v, %v", p, err)
		}
		look(request.Planned, 1, 1, 2)
	})
}
