// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/api"
	"greenroom/internal/auth"
	"greenroom/internal/inbox"
	"greenroom/internal/task"
)

// fakeInbox has one item.
type fakeInbox struct{ *fake }

func (f fakeInbox) item() inbox.Item {
	return inbox.Item{Conversation: greenroom.Conversation{ID: 42, Kind: greenroom.KindMessage, State: greenroom.StateOpen, OpenedAt: now}, Status: inbox.Waiting, Target: inbox.Target{Hours: 24}, DueAt: now}
}

func (f fakeInbox) Queue(context.Context, inbox.Filter) (inbox.Page, error) {
	return inbox.Page{Items: []inbox.Item{f.item()}, Total: 1}, f.err
}

func (f fakeInbox) Item(_ context.Context, id int64) (inbox.Detail, error) {
	if id != 42 {
		return inbox.Detail{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
	}
	return inbox.Detail{Item: f.item(), Events: []inbox.Event{}}, f.err
}

func (f fakeInbox) Help(context.Context, int64) (inbox.Help, error) {
	return inbox.Help{Team: []inbox.Candidate{}, Members: []inbox.Candidate{}, Similar: []inbox.Similar{}, Topics: []string{}}, f.err
}

func (f fakeInbox) Waits(context.Context, int) (inbox.Waits, error) {
	return inbox.Waits{Since: now}, f.err
}
func (f fakeInbox) Settings(context.Context) (inbox.Settings, error) { return inbox.Usual(), f.err }
func (f fakeInbox) SetSettings(_ context.Context, s inbox.Settings, _ string) (inbox.Settings, error) {
	return s, f.err
}

func (f fakeInbox) event() (inbox.Event, error) {
	return inbox.Event{ID: 1, ConversationID: 42, What: inbox.WhatAssign, At: now}, f.err
}

func (f fakeInbox) Assign(context.Context, int64, string, string) (inbox.Event, error) {
	return f.event()
}

func (f fakeInbox) Snooze(context.Context, int64, time.Time, bool, string) (inbox.Event, error) {
	return f.event()
}
func (f fakeInbox) Wake(context.Context, int64, string) (inbox.Event, error) { return f.event() }
func (f fakeInbox) Finish(context.Context, int64, string, string) (inbox.Event, error) {
	return f.event()
}
func (f fakeInbox) Reopen(context.Context, int64, string) (inbox.Event, error) { return f.event() }
func (f fakeInbox) Merge(context.Context, int64, int64, string) (inbox.Event, error) {
	return f.event()
}

func (f fakeInbox) Bulk(context.Context, inbox.Bulk, string) (inbox.BulkResult, error) {
	e, err := f.event()
	return inbox.BulkResult{Events: []inbox.Event{e}, Refused: []inbox.Refusal{}}, err
}
func (f fakeInbox) Undo(context.Context, int64, string) (inbox.Event, error) { return f.event() }
func (f fakeInbox) Note(context.Context, int64, string, string) (inbox.Event, error) {
	return f.event()
}

func (f fakeInbox) Reply(context.Context, int64, string, string) (inbox.Event, error) {
	return f.event()
}

func (f fakeInbox) Ask(context.Context, int64, int64, string, string) (inbox.Event, error) {
	return f.event()
}

// fakeTasks has one task.
type fakeTasks struct{ *fake }

func (f fakeTasks) one() (task.Task, error) {
	return task.Task{ID: 3, Key: "k", Title: "Do it", CreatedBy: "ana@acme.example", CreatedAt: now}, f.err
}

func (f fakeTasks) List(context.Context, task.Filter) ([]task.Task, error) {
	t, err := f.one()
	return []task.Task{t}, err
}
func (f fakeTasks) Get(context.Context, int64) (task.Task, error)              { return f.one() }
func (f fakeTasks) Add(context.Context, task.Draft, string) (task.Task, error) { return f.one() }
func (f fakeTasks) Edit(context.Context, int64, task.Patch, string) (task.Task, error) {
	return f.one()
}

func (f fakeTasks) Finish(context.Context, int64, bool, string) (task.Task, error) { return f.one() }

func (f fakeTasks) Told(context.Context, string, bool, int64, int) ([]task.Notice, error) {
	return []task.Notice{{ID: 9, Key: "k", Person: "ana@acme.example", Kind: "mention", Title: "T", At: now}}, f.err
}
func (f fakeTasks) See(context.Context, string, int64) error { return f.err }

var (
	_ api.Inbox = fakeInbox{}
	_ api.Tasks = fakeTasks{}
)

// What cannot be answered is said with its status; TestEveryOperation asks for the rest.
func TestInboxOperations(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleOwner))
	for _, ask := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/inbox/7", "", 404},
		{"GET", "/inbox?view=others", "", 400},
		{"POST", "/inbox/42/assign", `{"who":"ana"}`, 400},
		{"PATCH", "/tasks/3", `{}`, 400},
		{"POST", "/notices/seen", "", 400},
	} {
		res := c.do(t, ask.method, base+ask.path, ask.body)
		if res.Code != ask.want {
			t.Errorf("%s %s answers %d, want %d: %s", ask.method, ask.path, res.Code, ask.want, strings.TrimSpace(res.Body.String()))
		}
	}
	viewer := newClient(t, newFake(t).handler(t), user(auth.RoleViewer))
	if res := viewer.do(t, "POST", base+"/inbox/42/done", `{}`); res.Code != 403 {
		t.Errorf("a viewer marks as done: %d", res.Code)
	}
}
