// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"context"
	"time"

	"greenroom"
)

// Doing is what can be done to several items at once.
type Doing string

// What can be done to several items.
const (
	DoAssign Doing = "assign"
	DoSnooze Doing = "snooze"
	DoWake   Doing = "wake"
	DoFinish Doing = "done"
	DoReopen Doing = "reopen"
	DoUndo   Doing = "undo" // takes back events, as a bulk change listed them
)

// Doings lists what can be done to several items.
func Doings() []Doing {
	return []Doing{DoAssign, DoSnooze, DoWake, DoFinish, DoReopen, DoUndo}
}

// MostAtOnce is how many items one bulk change takes.
const MostAtOnce = 500

// Bulk is a change of several items.
type Bulk struct {
	Do         Doing     `json:"do"`
	IDs        []int64   `json:"ids"`                   // of conversations; with undo, of events
	To         string    `json:"to,omitempty"`          // assign: a mail address, rotation, expert, or "" for nobody
	Until      time.Time `json:"until,omitzero"`        // snooze
	UntilReply bool      `json:"until_reply,omitempty"` // snooze: also until somebody writes
}

// Refusal is an item that a bulk change could not change.
type Refusal struct {
	ID  int64  `json:"id"`
	Why string `json:"why"`
}

// BulkResult is what became of a bulk change: an event for each item that was changed, and why others were not.
type BulkResult struct {
	Events  []Event   `json:"events"`
	Refused []Refusal `json:"refused"`
}

// Bulk changes several items, each for itself: what cannot be changed is told, and the others are. The error is for what
// concerns all of them.
func (s *Service) Bulk(ctx context.Context, b Bulk, by string) (BulkResult, error) {
	result := BulkResult{Events: []Event{}, Refused: []Refusal{}}
	switch {
	case len(b.IDs) == 0:
		return result, greenroom.Errorf(greenroom.CodeInvalid, "choose at least one conversation")
	case len(b.IDs) > MostAtOnce:
		return result, greenroom.Errorf(greenroom.CodeInvalid, "%d conversations are too many at once; at most %d", len(b.IDs), MostAtOnce)
	}
	do, err := s.doing(ctx, &b, by)
	if err != nil {
		return result, err
	}
	var nobody error // whom the items were to be given to is nobody of the team
	for _, id := range b.IDs {
		e, err := do(id)
		if greenroom.ErrorField(err) == fieldTo {
			nobody = err
		}
		switch {
		case ctx.Err() != nil:
			return result, ctx.Err() //nolint:wrapcheck // whoever asked has left
		case err != nil:
			result.Refused = append(result.Refused, Refusal{id, greenroom.ErrorMessage(err)})
		default:
			result.Events = append(result.Events, e)
		}
	}
	if nobody != nil && len(result.Events) == 0 {
		return result, nobody
	}
	return result, nil
}

// doing is what a bulk change does to one item.
func (s *Service) doing(ctx context.Context, b *Bulk, by string) (func(id int64) (Event, error), error) {
	switch b.Do {
	case DoAssign:
		return func(id int64) (Event, error) { return s.Assign(ctx, id, b.To, by) }, nil
	case DoSnooze:
		return func(id int64) (Event, error) { return s.Snooze(ctx, id, b.Until, b.UntilReply, by) }, nil
	case DoWake:
		return func(id int64) (Event, error) { return s.Wake(ctx, id, by) }, nil
	case DoFinish:
		return func(id int64) (Event, error) { return s.Finish(ctx, id, "", by) }, nil
	case DoReopen:
		return func(id int64) (Event, error) { return s.Reopen(ctx, id, by) }, nil
	case DoUndo:
		return func(event int64) (Event, error) { return s.Undo(ctx, event, by) }, nil
	}
	return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q cannot be done to several conversations; choose %s", b.Do, greenroom.AnyOf(Doings()))
}
