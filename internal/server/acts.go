// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/digest"
	"greenroom/internal/ingest"
	"greenroom/internal/store"
	"greenroom/internal/writeback"
)

// Acts is the log of actions with what makes and carries them out. What people do with it is noted in the audit log.
type Acts struct {
	*store.Store
	*writeback.Service

	runner   *action.Runner
	repeater *action.Repeater
	audit    auditor
	digests  *digests
}

// Acts returns the log of actions. Sources are opened by importer, whose client is the guarded one in a server; figures
// computes the metrics that are pushed.
func (a *App) Acts(importer *ingest.Importer, figures writeback.Figures) (*Acts, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for the name of this machine: %w", err)
	}
	acts := &Acts{Store: a.Store, audit: auditor{a.Auth}, digests: &digests{}}
	acts.Service = writeback.New(a.Store, platforms{importer: importer}, books{a.Business(), func() string { return a.Now().In(zones{a}.Zone()).Format(time.DateOnly) }}, figures, a.Now, zones{a}.Zone, func() { acts.runner.Wake() })
	members, metrics, accounts := writeback.Pusher{Service: acts.Service}, writeback.MetricsPusher{Service: acts.Service}, writeback.AccountWriter{Service: acts.Service}
	tasks := writeback.TaskWriter{Service: acts.Service}
	acts.runner = action.NewRunner(a.Store, map[string]action.Performer{
		writeback.Kind: acts.Service, writeback.AccountsKind: accounts, writeback.TasksKind: tasks, writeback.PushKind: members, writeback.PushMetricsKind: metrics, digest.Kind: acts.digests,
	}, host+"/"+rand.Text(), a.Log, a.Now)
	acts.repeater = action.NewRepeater(a.Store, map[string]action.Maker{writeback.Kind: acts.Service, writeback.AccountsKind: accounts, writeback.TasksKind: tasks, writeback.PushKind: members, writeback.PushMetricsKind: metrics}, a.Log, a.Now)
	return acts, nil
}

// Audit notes what was done in the audit log, in the name of whoever the context says acts, else of the command line.
func (a *App) Audit(ctx context.Context, action, target, detail string) error {
	return auditor{a.Auth}.Audit(ctx, "", action, target, detail)
}

// Run carries out actions until ctx ends.
func (x *Acts) Run(ctx context.Context) { x.runner.Run(ctx) }

// RunSchedules makes the actions that are repeated when they are due, until ctx ends.
func (x *Acts) RunSchedules(ctx context.Context) { x.repeater.Run(ctx) }

// MakeDue makes the actions that are repeated and due now.
func (x *Acts) MakeDue(ctx context.Context) error { return x.repeater.Next(ctx) }

// Next carries out one action as far as it goes, and reports whether there was one.
func (x *Acts) Next(ctx context.Context) (bool, error) { return x.runner.Next(ctx) }

// Send makes an action and notes who wanted it.
func (x *Acts) Send(ctx context.Context, r *writeback.Request, key, by string, approved bool) (action.Action, error) {
	if key == "" {
		key = rand.Text()
	}
	a, err := x.Service.Send(ctx, r, key, by, approved)
	return x.noted(ctx, a, err, by, approved)
}

// SendAccounts makes an action that writes accounts to companies and notes who wanted it.
func (x *Acts) SendAccounts(ctx context.Context, r *writeback.AccountRequest, key, by string, approved bool) (action.Action, error) {
	if key == "" {
		key = rand.Text()
	}
	a, err := x.Service.SendAccounts(ctx, r, key, by, approved)
	return x.noted(ctx, a, err, by, approved)
}

// SendTasks makes an action that makes tasks for the owners of accounts and notes who wanted it.
func (x *Acts) SendTasks(ctx context.Context, r *writeback.TaskRequest, key, by string, approved bool) (action.Action, error) {
	if key == "" {
		key = rand.Text()
	}
	a, err := x.Service.SendTasks(ctx, r, key, by, approved)
	return x.noted(ctx, a, err, by, approved)
}

// noted notes in the audit log that an action was made.
func (x *Acts) noted(ctx context.Context, a action.Action, err error, by string, approved bool) (action.Action, error) {
	if err != nil {
		return a, err
	}
	what := "action.propose"
	if approved {
		what = "action.send"
	}
	return a, x.audit.Audit(ctx, by, what, fmt.Sprintf("action %d", a.ID), a.Title)
}

// Push makes an action that pushes members into a database, and notes who wanted it.
func (x *Acts) Push(ctx context.Context, r *writeback.PushRequest, key, by string) (action.Action, error) {
	if key == "" {
		key = rand.Text()
	}
	a, err := x.Service.Push(ctx, r, key, by)
	if err != nil {
		return a, err
	}
	return a, x.audit.Audit(ctx, by, "action.send", fmt.Sprintf("action %d", a.ID), a.Title)
}

// PushMetrics makes an action that pushes figures into a database, and notes who wanted it.
func (x *Acts) PushMetrics(ctx context.Context, r *writeback.MetricsRequest, key, by string) (action.Action, error) {
	if key == "" {
		key = rand.Text()
	}
	a, err := x.Service.PushMetrics(ctx, r, key, by)
	if err != nil {
		return a, err
	}
	return a, x.audit.Audit(ctx, by, "action.send", fmt.Sprintf("action %d", a.ID), a.Title)
}

// Repeat has something done now and again and again. Where it cannot be done now, nothing is repeated.
func (x *Acts) Repeat(ctx context.Context, what writeback.Repeated, every time.Duration, by string) (action.Schedule, error) {
	s, err := x.AsSchedule(what)
	if err != nil {
		return s, err
	}
	if every < action.MinEvery || every > action.MaxEvery {
		return s, greenroom.Errorf(greenroom.CodeInvalid, "nothing is repeated every %s; expected from an hour to 31 days", every)
	}
	s.Every, s.CreatedBy = int64(every/time.Second), by
	have, err := x.Schedules(ctx, s.Source)
	if err != nil {
		return s, err
	}
	for i := range have {
		h := &have[i]
		if h.Kind != s.Kind || !bytes.Equal(h.Plan, s.Plan) {
			continue
		}
		if h.Every == s.Every && h.StoppedAt.IsZero() {
			return *h, nil // a second click
		}
		return s, greenroom.Errorf(greenroom.CodeConflict, "the same is repeated already, every %s; remove that first, or resume it", time.Duration(h.Every)*time.Second)
	}
	if err := x.AddSchedule(ctx, &s); err != nil {
		return s, err
	}
	if err := x.repeater.Repeat(ctx, &s); err != nil || s.Error != "" {
		if err == nil {
			err = greenroom.Errorf(greenroom.CodeInvalid, "%s", s.Error)
		}
		return s, errors.Join(err, x.Store.DropSchedule(ctx, s.ID))
	}
	return s, x.audit.Audit(ctx, by, "schedule.add", fmt.Sprintf("repeated action %d", s.ID), s.Title)
}

// StopSchedule stops something that is repeated, or lets it go on.
func (x *Acts) StopSchedule(ctx context.Context, id int64, stopped bool) error {
	if err := x.Store.StopSchedule(ctx, id, stopped); err != nil {
		return err
	}
	what := "schedule.resume"
	if stopped {
		what = "schedule.stop"
	}
	return x.audit.Audit(ctx, "", what, fmt.Sprintf("repeated action %d", id), "")
}

// DropSchedule ends something that is repeated for good. What it did stays.
func (x *Acts) DropSchedule(ctx context.Context, id int64) error {
	if err := x.Store.DropSchedule(ctx, id); err != nil {
		return err
	}
	return x.audit.Audit(ctx, "", "schedule.drop", fmt.Sprintf("repeated action %d", id), "")
}

// ApproveAction approves a proposed action, or lets a failed one go on.
func (x *Acts) ApproveAction(ctx context.Context, id int64, by string) error {
	if err := x.Store.ApproveAction(ctx, id, by); err != nil {
		return err
	}
	x.runner.Wake()
	return x.audit.Audit(ctx, by, "action.approve", fmt.Sprintf("action %d", id), "")
}

// CancelAction ends an action; what was done stays.
func (x *Acts) CancelAction(ctx context.Context, id int64) error {
	if err := x.Store.CancelAction(ctx, id); err != nil {
		return err
	}
	return x.audit.Audit(ctx, "", "action.cancel", fmt.Sprintf("action %d", id), "")
}
