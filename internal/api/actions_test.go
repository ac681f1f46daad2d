// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/writeback"
)

func (f *fake) act() action.Action {
	return action.Action{ID: 12, Key: "k", Kind: writeback.Kind, Source: "crm", Title: "Write", Plan: []byte(`{}`), State: action.Proposed, CreatedBy: "ana", CreatedAt: now, Items: 1}
}

func (f *fake) Actions(context.Context, string, int64, int) ([]action.Action, error) {
	return []action.Action{f.act()}, f.err
}

func (f *fake) Action(_ context.Context, id int64) (action.Action, error) {
	if id != 12 && f.err == nil {
		return action.Action{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no action %d", id)
	}
	return f.act(), f.err
}

func (f *fake) ActionItems(context.Context, int64, action.ItemState, int64, int) ([]action.Item, error) {
	return []action.Item{{Seq: 1, Target: "c", State: action.ItemDone, After: map[string]string{"p": "1"}, At: now}}, f.err
}

func (f *fake) ApproveAction(_ context.Context, id int64, by string) error {
	f.did = append(f.did, fmt.Sprintf("approve %d by %s", id, by))
	return f.err
}

func (f *fake) CancelAction(_ context.Context, id int64) error {
	f.did = append(f.did, fmt.Sprintf("cancel %d", id))
	return f.err
}

func (f *fake) Properties(context.Context, string) ([]connector.Property, error) {
	return []connector.Property{{Name: "p", Label: "P", Type: connector.PropertyText}}, f.err
}

func (f *fake) Preview(context.Context, *writeback.Request) (*writeback.Preview, error) {
	return &writeback.Preview{Mapping: []writeback.Mapping{}, Rows: []writeback.Row{}}, f.err
}

func (f *fake) Send(_ context.Context, r *writeback.Request, key, by string, approved bool) (action.Action, error) {
	f.did = append(f.did, fmt.Sprintf("send %v to %s under %q by %s, approved %v", r.Set, r.Source, key, by, approved))
	return f.act(), f.err
}

func (f *fake) AccountProperties(context.Context, string) ([]connector.Property, error) {
	return []connector.Property{{Name: "p", Label: "P", Type: connector.PropertyText, New: true}}, f.err
}

func (f *fake) PreviewAccounts(context.Context, *writeback.AccountRequest) (*writeback.AccountPreview, error) {
	return &writeback.AccountPreview{Mapping: []writeback.Mapping{}, Rows: []writeback.AccountRow{}}, f.err
}

func (f *fake) SendAccounts(_ context.Context, r *writeback.AccountRequest, key, by string, approved bool) (action.Action, error) {
	f.did = append(f.did, fmt.Sprintf("send accounts %v %v to %s under %q by %s, approved %v", r.Lifecycle, r.Set, r.Source, key, by, approved))
	return f.act(), f.err
}

func (f *fake) PreviewTasks(context.Context, *writeback.TaskRequest) (*writeback.TaskPreview, error) {
	return &writeback.TaskPreview{Accounts: 1, Tasks: []writeback.TaskRow{{Account: 5, Name: "Acme", Company: "7", Reason: "risk", Subject: "Acme is at risk", Due: "2026-11-23"}}}, f.err
}

func (f *fake) SendTasks(_ context.Context, r *writeback.TaskRequest, key, by string, approved bool) (action.Action, error) {
	f.did = append(f.did, fmt.Sprintf("tasks %v of %v within %d to %s under %q by %s, approved %v", r.Reasons, r.Accounts, r.Within, r.Source, key, by, approved))
	return f.act(), f.err
}

func (f *fake) AccountActions(context.Context, int64, int) ([]action.OfAccount, error) {
	return []action.OfAccount{{ID: 12, Kind: writeback.TasksKind, Source: "crm", Title: "Make", State: action.Done, Item: action.Item{Seq: 1, Target: "c", Account: 5, State: action.ItemDone, After: map[string]string{"task": "1"}, Result: "https://crm.example/1", At: now}}}, f.err
}

func (f *fake) Push(_ context.Context, r *writeback.PushRequest, key, by string) (action.Action, error) {
	f.did = append(f.did, fmt.Sprintf("push members %q to %s under %q by %s", r.Query, r.Source, key, by))
	return f.act(), f.err
}

func (f *fake) PushMetrics(_ context.Context, r *writeback.MetricsRequest, key, by string) (action.Action, error) {
	f.did = append(f.did, fmt.Sprintf("push %v by %s to %s under %q by %s", r.Metrics, r.By, r.Source, key, by))
	return f.act(), f.err
}

func (f *fake) schedule() action.Schedule {
	return action.Schedule{ID: 3, Kind: writeback.PushKind, Source: "crm", Title: "Push", Plan: []byte(`{}`), Every: 86400, CreatedBy: "ana", CreatedAt: now, NextAt: now}
}

func (f *fake) Schedules(context.Context, string) ([]action.Schedule, error) {
	return []action.Schedule{f.schedule()}, f.err
}

func (f *fake) ActionSchedule(context.Context, int64) (action.Schedule, error) {
	return f.schedule(), f.err
}

func (f *fake) Repeat(_ context.Context, what writeback.Repeated, every time.Duration, by string) (action.Schedule, error) {
	f.did = append(f.did, fmt.Sprintf("repeat %v %v %v every %s by %s", what.WriteBack != nil, what.Members != nil, what.Metrics != nil, every, by))
	return f.schedule(), f.err
}

func (f *fake) StopSchedule(_ context.Context, id int64, stopped bool) error {
	f.did = append(f.did, fmt.Sprintf("stop %d %v", id, stopped))
	return f.err
}

func (f *fake) DropSchedule(_ context.Context, id int64) error {
	f.did = append(f.did, fmt.Sprintf("drop %d", id))
	return f.err
}
