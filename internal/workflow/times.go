// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"time"
)

// The hours of a working day, wherever somebody lives.
const (
	workFrom = 9
	workTo   = 17
)

const day = 24 * time.Hour

// span is a length of time; days are 24 hours, so that three days after nine o'clock is nine o'clock but for a change of
// the clocks.
func span(amount int, unit string) time.Duration {
	switch unit {
	case "minutes":
		return time.Duration(amount) * time.Minute
	case "hours":
		return time.Duration(amount) * time.Hour
	}
	return time.Duration(amount) * day
}

// until is when a wait is over that began at a time, with the member's zone in it. Of a wait for an event, when it gives up.
func (s *Step) until(since time.Time) time.Time {
	switch s.Until {
	case UntilWorking:
		return addWorking(since, time.Duration(s.Amount)*time.Hour)
	case UntilHour:
		return nextHour(since, s.Weekday, s.Hour)
	case UntilDate:
		d, err := time.ParseInLocation(time.DateOnly, s.Date, since.Location())
		if err != nil {
			return since
		}
		return time.Date(d.Year(), d.Month(), d.Day(), s.Hour, 0, 0, 0, since.Location())
	case UntilTime, UntilEvent:
	}
	if s.Unit == "days" {
		return since.AddDate(0, 0, s.Amount)
	}
	return since.Add(span(s.Amount, s.Unit))
}

// nextHour is the next time at which it is an hour, on a day of the week unless that is 0.
func nextHour(since time.Time, weekday, hour int) time.Time {
	for i := range 9 {
		at := time.Date(since.Year(), since.Month(), since.Day()+i, hour, 0, 0, 0, since.Location())
		if at.Before(since) || weekday > 0 && int(at.Weekday()) != weekday%7 {
			continue
		}
		return at
	}
	return since
}

// addWorking is when so much working time has gone by.
func addWorking(at time.Time, left time.Duration) time.Time {
	for range 3700 { // ten years of days
		open := time.Date(at.Year(), at.Month(), at.Day(), workFrom, 0, 0, 0, at.Location())
		shut := time.Date(at.Year(), at.Month(), at.Day(), workTo, 0, 0, 0, at.Location())
		if at.Before(open) {
			at = open
		}
		if free := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday; !free && at.Before(shut) {
			if rest := shut.Sub(at); left <= rest {
				return at.Add(left)
			}
			left -= shut.Sub(at)
		}
		at = time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, at.Location())
	}
	return at
}

// NextTurn is when a schedule comes around next, behind a time in the team's zone.
func (t *Trigger) NextTurn(after time.Time) time.Time {
	weekday := t.Weekday
	if t.Kind == OnDate {
		weekday = 0
	}
	return nextHour(after.Add(time.Second), weekday, t.Hour)
}
