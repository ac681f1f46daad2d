// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"fmt"
	"slices"
	"time"

	"greenroom"
)

// Date is a day of the calendar: days since 1 January 1970. The zero Date is that day; NoDate is none.
type Date int32

// NoDate stands for "not said".
const NoDate Date = -1 << 31

// MakeDate is a day by year, month and day of the month; the 32nd of a month is the 1st of the next, as in package time.
func MakeDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400) // no leap seconds in Unix time
}

// DateOf is the day of a moment, where its location is.
func DateOf(t time.Time) Date { return MakeDate(t.Date()) }

// ParseDate reads a day such as 2026-11-22. CodeInvalid for anything else.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return NoDate, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a day; one looks like 2026-11-22", text)
	}
	return DateOf(t), nil
}

// String is the day as 2026-11-22; "" for NoDate.
func (d Date) String() string {
	if d == NoDate {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// MarshalText writes the day as 2026-11-22.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a day, or nothing.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = NoDate
		return nil
	}
	v, err := ParseDate(string(text))
	if err == nil {
		*d = v
	}
	return err
}

func (d Date) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Begin is the first moment of the day in a zone: midnight, or, where clocks skip that, when they go on.
func (d Date) Begin(zone *time.Location) time.Time {
	y, m, day := d.utc().Date()
	t := time.Date(y, m, day, 0, 0, 0, 0, zone)
	// Where midnight does not exist, package time gives a moment an hour off, on one side of the gap or the other.
	for t.Day() != day {
		t = t.Add(15 * time.Minute)
	}
	for before := t.Add(-15 * time.Minute); before.Day() == day; before = t.Add(-15 * time.Minute) {
		t = before
	}
	return t
}

// Calendar says on which days there is work.
type Calendar struct {
	week     [7]bool
	perWeek  int
	holidays []Date // sorted, without those on which there is no work anyway
}

// NewCalendar makes a calendar of the weekdays on which there is work, and the days on which there is none all the same.
// CodeInvalid where there is no working day in a week.
func NewCalendar(weekdays []time.Weekday, holidays []Date) (*Calendar, error) {
	c := &Calendar{}
	for _, d := range weekdays {
		if d < time.Sunday || d > time.Saturday {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%d is not a weekday; expected 0 (Sunday) to 6", d)
		}
		if !c.week[d] {
			c.week[d] = true
			c.perWeek++
		}
	}
	if c.perWeek == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a calendar needs a weekday on which there is work")
	}
	for _, h := range holidays {
		if h != NoDate && c.week[h.Weekday()] {
			c.holidays = append(c.holidays, h)
		}
	}
	slices.Sort(c.holidays)
	c.holidays = slices.Compact(c.holidays)
	return c, nil
}

// Usual is Monday to Friday, without holidays.
func Usual() *Calendar {
	c, err := NewCalendar([]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, nil)
	if err != nil {
		panic(fmt.Sprintf("the usual week is none: %v", err)) // it is a constant
	}
	return c
}

// Works reports whether there is work on a day.
func (c *Calendar) Works(d Date) bool {
	if !c.week[d.Weekday()] {
		return false
	}
	_, holiday := slices.BinarySearch(c.holidays, d)
	return !holiday
}

// before counts the working days before a day, from a day long ago on. It only grows with d.
func (c *Calendar) before(d Date) int {
	since := int(d) - epoch
	weeks, rest := since/7, since%7
	n := weeks * c.perWeek
	for i := range rest {
		if c.week[(epochWeekday+i)%7] {
			n++
		}
	}
	holidays, _ := slices.BinarySearch(c.holidays, d)
	return n - holidays
}

// epoch is a Sunday before all plans.
const (
	epoch        = -719_163 // Sunday, 31 December of the year 0
	epochWeekday = 0
)

// on is the working day with a number: the day d with before(d) == n on which there is work.
func (c *Calendar) on(n int) Date {
	// The first guess leaves holidays out; each round adds those that it jumped over.
	low := Date(epoch + n/c.perWeek*7)
	high := low + 14 + Date(7*len(c.holidays))
	for low < high { // the last day that has n working days before it
		mid := low + (high-low+1)/2
		if c.before(mid) <= n {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// From is the first working day on or after a day.
func (c *Calendar) From(d Date) Date { return c.on(c.before(d)) }

// Add is the working day n working days after a day, counted from the first working day on or after it.
func (c *Calendar) Add(d Date, n int) Date { return c.on(c.before(d) + n) }

// Between counts the working days from a day to another, without the latter; negative where it is before.
func (c *Calendar) Between(from, to Date) int { return c.before(to) - c.before(from) }
