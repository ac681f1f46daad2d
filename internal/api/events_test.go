// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"io"
	"time"

	"greenroom"
	"greenroom/internal/event"
)

// stage is a fake of events with one in it.
type stage struct{ *fake }

func (s stage) one() event.Event {
	return event.Event{ID: 3, Title: "Office hours", Kind: event.Call, State: event.Announced, Start: now, End: now.Add(time.Hour), Zone: "UTC", CreatedBy: "ana", CreatedAt: now, ChangedAt: now}
}

func (s stage) who() event.Registration {
	return event.Registration{ID: 7, EventID: 3, MemberID: 42, Member: "Ana", State: event.Attended, Origin: "team", At: now}
}

func (s stage) piece() event.Content {
	return event.Content{ID: 5, Title: "x", Status: event.Idea, CreatedBy: "ana", CreatedAt: now, ChangedAt: now}
}

func (s stage) List(context.Context, event.Filter) ([]event.Event, error) {
	return []event.Event{s.one()}, s.err
}

func (s stage) Get(_ context.Context, id int64) (event.Event, error) {
	if id != 3 && s.err == nil {
		return event.Event{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no event %d", id)
	}
	return s.one(), s.err
}

func (s stage) Add(context.Context, event.Draft, string) (event.Event, error) { return s.one(), s.err }

func (s stage) Edit(context.Context, int64, event.Draft, string) (event.Event, error) {
	return s.one(), s.err
}

func (s stage) People(context.Context, event.PeopleFilter) ([]event.Registration, error) {
	return []event.Registration{s.who()}, s.err
}

func (s stage) Register(context.Context, int64, event.Person) (event.Registration, error) {
	return s.who(), s.err
}

func (s stage) Cancel(context.Context, int64, string) (event.Registration, error) {
	return s.who(), s.err
}

func (s stage) Attend(context.Context, int64, bool, string) (event.Registration, error) {
	return s.who(), s.err
}

func (s stage) Import(context.Context, int64, string, io.Reader, bool, string) (event.Import, error) {
	return event.Import{ID: 1, EventID: 3, At: now, By: "ana"}, s.err
}

func (s stage) Imports(context.Context, int64) ([]event.Import, error) {
	return []event.Import{{ID: 1, EventID: 3, At: now, By: "ana", Bad: []event.BadLine{{Line: 2, Reason: "x", Text: "y"}}}}, s.err
}

func (s stage) Figures(context.Context, int64) (event.Figures, error) {
	return event.Figures{Days: 14}, s.err
}

func (s stage) FollowUp(context.Context, int64, string) (int, error) { return 6, s.err }

func (s stage) Write(context.Context, int64, event.Note, string) (event.Sent, error) {
	return event.Sent{Queued: 1}, s.err
}

func (s stage) Contents(context.Context, event.ContentFilter) ([]event.Content, error) {
	return []event.Content{s.piece()}, s.err
}

func (s stage) Content(context.Context, int64) (event.Content, error) { return s.piece(), s.err }

func (s stage) AddContent(context.Context, event.Piece, string) (event.Content, error) {
	return s.piece(), s.err
}

func (s stage) EditContent(context.Context, int64, event.Piece, string) (event.Content, error) {
	return s.piece(), s.err
}

func (s stage) MoveContent(context.Context, int64, event.Status, string) (event.Content, error) {
	return s.piece(), s.err
}

func (s stage) Entries(context.Context, time.Time, time.Time) ([]event.Entry, error) {
	return []event.Entry{{UID: "x", Kind: "event", Title: "y", From: now, To: now}}, s.err
}

// eventRequests ask for every operation on events.
func eventRequests() []string {
	const draft = `{"title":"Office hours","start":"2026-11-20T17:00:00Z"}`
	return []string{
		"GET /events?from=2026-11-01&to=2026-12-01", "POST /events " + draft, "GET /events/3", "PUT /events/3 " + draft, "GET /events/3/figures", "GET /events/3/registrations", `POST /events/3/registrations {"member_id":42}`,
		`POST /registrations/7 {"state":"attended"}`, `POST /events/3/attendance {"csv":"email\na@b.example\n"}`, "GET /events/3/attendance", "POST /events/3/follow-up", `POST /events/3/messages {"to":["missed"],"subject":"x","text":"y"}`, "GET /calendar?from=2026-11-01",
		"GET /content?status=draft", `POST /content {"title":"x"}`, "GET /content/5", `PUT /content/5 {"title":"x"}`, `POST /content/5/move {"status":"draft"}`,
	}
}
