// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"

	"greenroom/internal/action"
	"greenroom/internal/ingest"
	"greenroom/internal/store"
	"greenroom/internal/writeback"
)

// Acts is the log of actions with what makes and carries them out. What people do with it is noted in the audit log.
type Acts struct {
	*store.Store
	*writeback.Service

	runner *action.Runner
	audit  auditor
}

// Acts returns the log of actions. Sources are opened by importer, whose client is the guarded one in a server.
func (a *App) Acts(importer *ingest.Importer) (*Acts, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for the name of this machine: %w", err)
	}
	acts := &Acts{Store: a.Store, audit: auditor{a.Auth}}
	acts.Service = writeback.New(a.Store, platforms{importer: importer}, a.Now, zones{a}.Zone, func() { acts.runner.Wake() })
	acts.runner = action.NewRunner(a.Store, map[string]action.Performer{writeback.Kind: acts.Service, writeback.PushKind: writeback.Pusher{Service: acts.Service}}, host+"/"+rand.Text(), a.Log, a.Now)
	return acts, nil
}

// Run carries out actions until ctx ends.
func (x *Acts) Run(ctx context.Context) { x.runner.Run(ctx) }

// Next carries out one action as far as it goes, and reports whether there was one.
func (x *Acts) Next(ctx context.Context) (bool, error) { return x.runner.Next(ctx) }

// Send makes an action and notes who wanted it.
func (x *Acts) Send(ctx context.Context, r *writeback.Request, key, by string, approved bool) (action.Action, error) {
	if key == "" {
		key = rand.Text()
	}
	a, err := x.Service.Send(ctx, r, key, by, approved)
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
