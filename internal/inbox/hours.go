// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"fmt"
	"slices"
	"time"

	"greenroom"
)

// Hours are the hours in which the team works. The zero Hours have none.
type Hours struct {
	Zone     string   `json:"zone,omitempty"`     // IANA name; "" = the zone of the community's days
	Days     [7]Span  `json:"days"`               // from Sunday on, as time.Weekday counts
	Holidays []string `json:"holidays,omitempty"` // days on which nobody works, as 2026-12-25
}

// Span is when a day's work begins and ends, in minutes after midnight by the clock on the wall. Equal = a day off.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// minutesOfDay is where a day ends.
const minutesOfDay = 24 * 60

// OfficeHours are Monday to Friday, nine to five.
func OfficeHours() Hours {
	var h Hours
	for d := time.Monday; d <= time.Friday; d++ {
		h.Days[d] = Span{From: 9 * 60, To: 17 * 60}
	}
	return h
}

// Validate says what is wrong with hours, as an error of CodeInvalid.
func (h *Hours) Validate() error {
	if h.Zone != "" {
		if _, err := time.LoadLocation(h.Zone); err != nil || h.Zone == "Local" {
			return greenroom.Errorf(greenroom.CodeInvalid, "there is no time zone %q; they are called like Europe/Lisbon", h.Zone)
		}
	}
	open := false
	for i, s := range h.Days {
		if s.From < 0 || s.To > minutesOfDay || s.To < s.From {
			return greenroom.Errorf(greenroom.CodeInvalid, "the hours of %s end before they begin, or are no hours of a day", time.Weekday(i))
		}
		open = open || s.To > s.From
	}
	if !open {
		return greenroom.Errorf(greenroom.CodeInvalid, "the team works on no day; give at least one day its hours")
	}
	for _, d := range h.Holidays {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("%q is no day; holidays are written as 2026-12-25", d), Err: err}
		}
	}
	return nil
}

// In is the zone of the hours; or, where they name none that this machine knows, another.
func (h *Hours) In(or *time.Location) *time.Location {
	if h.Zone != "" {
		if z, err := time.LoadLocation(h.Zone); err == nil {
			return z
		}
	}
	return or
}

// work is when work begins and ends on the day that a moment falls on. The clock on the wall decides, so that a day on
// which clocks change may have an hour more or less. ok is false on a day off.
func (h *Hours) work(day time.Time) (from, to time.Time, ok bool) {
	s := h.Days[day.Weekday()]
	if s.To <= s.From || slices.Contains(h.Holidays, day.Format(time.DateOnly)) {
		return from, to, false
	}
	at := func(minute int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, day.Location())
	}
	from, to = at(s.From), at(s.To)
	return from, to, to.After(from)
}

// nextDay is noon of the next day: an hour that every day has once, in every zone.
func nextDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+1, 12, 0, 0, 0, t.Location())
}

// farDays is how many days are gone through for one target. Who works less than that, in vain waits for its end.
const farDays = 3 * 366

// Add is the moment at which so much working time has passed since another. Time outside of working hours does not count:
// with nothing to pass, it is the moment itself, also at night.
func (h *Hours) Add(t time.Time, d time.Duration, zone *time.Location) time.Time {
	if d <= 0 {
		return t
	}
	zone = h.In(zone)
	day := t.In(zone)
	for range farDays {
		from, to, ok := h.work(day)
		if ok && t.Before(to) {
			if t.After(from) {
				from = t
			}
			if left := to.Sub(from); d > left {
				d -= left
			} else {
				return from.Add(d)
			}
		}
		day = nextDay(day)
	}
	return day
}

// Between is how much working time lies between two moments; less than nothing where the second is the earlier one.
func (h *Hours) Between(a, b time.Time, zone *time.Location) time.Duration {
	if b.Before(a) {
		return -h.Between(b, a, zone)
	}
	var sum time.Duration
	day := a.In(h.In(zone))
	for range farDays {
		from, to, ok := h.work(day)
		if ok {
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			sum += max(0, to.Sub(from))
		}
		if day = nextDay(day); day.Add(-12 * time.Hour).After(b) {
			break
		}
	}
	return sum
}
