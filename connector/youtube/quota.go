// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube

import (
	"context"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/websub"
)

// quota counts the units of the project's day, of which every request here costs one.
type quota struct {
	env   connector.Env
	limit int64
	day   day
	note  string // day as text, for the cursor
}

// day is the note in the cursor.
type day struct {
	Day   string `json:"day"` // "2026-11-22", in California
	Units int64  `json:"units"`

	Hubs map[string]*websub.State `json:"hubs,omitempty"` // of the subscriptions, by channel; they last longer than a day
}

// california is where Google's day begins. Without a time zone database it is always winter there.
func california() *time.Location {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		const winter = -8 * 60 * 60
		return time.FixedZone("PST", winter)
	}
	return zone
}

// midnight is when the next day of the quota begins.
func (q *quota) midnight() time.Time {
	now := q.env.Now().In(california())
	return time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location()).UTC()
}

// open reads the note of a cursor.
func (q *quota) open() {
	q.day = day{}
	if q.note != "" && json.Unmarshal([]byte(q.note), &q.day) != nil {
		q.day = day{}
	}
	q.add(0)
}

// add counts units, and begins a new day where there is one.
func (q *quota) add(units int64) {
	if today := q.env.Now().In(california()).Format(time.DateOnly); q.day.Day != today {
		q.day = day{Day: today, Hubs: q.day.Hubs}
	}
	q.day.Units += units
	text, err := json.Marshal(q.day, json.Deterministic(true))
	if err == nil { // texts and numbers always marshal
		q.note = string(text)
	}
	if units > 0 {
		q.env.Meter.Budget(connector.Budget{Name: "units a day", Limit: q.limit, Remaining: max(0, q.limit-q.day.Units), ResetAt: q.midnight(), At: q.env.Now()})
	}
}

// empty says that Google counts the quota as used up.
func (q *quota) empty() { q.add(max(0, q.limit-q.day.Units)) }

// ask sends a request that costs a unit, and decodes the answer.
func (s *source) ask(ctx context.Context, path string, query url.Values, v any) error {
	s.quota.add(0)
	if s.quota.day.Units >= s.quota.limit {
		return greenroom.Errorf(greenroom.CodeLimited, "%s: the %d units of this day are used up until %s; nothing was lost, the next sync goes on from here",
			title, s.quota.limit, s.quota.midnight().Format("2006-01-02 15:04 UTC"))
	}
	_, err := s.client.Into(ctx, path, query, v)
	s.quota.add(1)
	return err
}
