// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is a unit of a span, as it is written.
type Unit string

// The units of a span.
const (
	Minute Unit = "min"
	Hour   Unit = "h"
	Day    Unit = "d"
	Week   Unit = "w"
	Month  Unit = "mo"
	Year   Unit = "y"
)

// Span is a length of time, such as 30d. For a date it is an age.
type Span struct {
	N    int // 0 to maxSpan
	Unit Unit
}

// maxSpan keeps spans far from where the arithmetic of dates ends.
const maxSpan = 99999

// String is the span as it is written: "30d".
func (s Span) String() string { return strconv.Itoa(s.N) + string(s.Unit) }

// Before returns the time that lies the span before t. Days and longer units
// go by the calendar of t's location and keep the time of the day; where the
// month is too short for the day, its last day is taken.
func (s Span) Before(t time.Time) time.Time {
	switch s.Unit {
	case Minute:
		return t.Add(-time.Duration(s.N) * time.Minute)
	case Hour:
		return t.Add(-time.Duration(s.N) * time.Hour)
	case Day:
		return t.AddDate(0, 0, -s.N)
	case Week:
		return t.AddDate(0, 0, -7*s.N)
	case Month:
		return monthsBefore(t, s.N)
	case Year:
		return monthsBefore(t, 12*s.N)
	}
	return t
}

func monthsBefore(t time.Time, n int) time.Time {
	back := t.AddDate(0, -n, 0)
	if back.Day() != t.Day() { // AddDate went over the end of a short month
		back = back.AddDate(0, 0, -back.Day())
	}
	return back
}

// Seconds is the length of the span where no calendar is at hand: a day is 24
// hours, a month 30 days, a year 365 days.
func (s Span) Seconds() float64 {
	unit := map[Unit]float64{
		Minute: 60, Hour: 3600, Day: 86400, Week: 7 * 86400, Month: 30 * 86400, Year: 365 * 86400,
	}[s.Unit]
	return float64(s.N) * unit
}

// parseSpan reads a number and its unit; m is minutes.
func parseSpan(s string) (Span, bool) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	n, err := strconv.Atoi(s[:digits])
	if err != nil || n > maxSpan {
		return Span{}, false
	}
	unit := Unit(strings.ToLower(s[digits:]))
	switch unit {
	case Minute, Hour, Day, Week, Month, Year:
		return Span{N: n, Unit: unit}, true
	case "m":
		return Span{N: n, Unit: Minute}, true
	}
	return Span{}, false
}

// Precision says how much of a date is given, and so how long it lasts.
type Precision int

// The precisions of a date.
const (
	ToYear Precision = iota + 1
	ToMonth
	ToDay
	ToMinute
	ToSecond
)

// Date is a point in time as it was written: a year, a month, a day, a minute
// or a second, or one of the words today and yesterday.
type Date struct {
	// Word is "today" or "yesterday"; everything else is zero then.
	Word string
	// Year is 1 to 9999. Month and Day are 1 where the precision leaves them
	// open, Hour, Minute and Second 0.
	Year, Month, Day, Hour, Minute, Second int
	Precision                              Precision
	// Zoned dates carry their own offset, in minutes east of UTC; the others
	// mean the time zone of the reader.
	Zoned  bool
	Offset int
}

// String is the date as it is written: "2026-01-31".
func (d Date) String() string {
	if d.Word != "" {
		return d.Word
	}
	s := fmt.Sprintf("%04d", d.Year)
	if d.Precision >= ToMonth {
		s += fmt.Sprintf("-%02d", d.Month)
	}
	if d.Precision >= ToDay {
		s += fmt.Sprintf("-%02d", d.Day)
	}
	if d.Precision >= ToMinute {
		s += fmt.Sprintf("T%02d:%02d", d.Hour, d.Minute)
	}
	if d.Precision >= ToSecond {
		s += fmt.Sprintf(":%02d", d.Second)
	}
	switch {
	case !d.Zoned:
	case d.Offset == 0:
		s += "Z"
	case d.Offset < 0:
		s += fmt.Sprintf("-%02d:%02d", -d.Offset/60, -d.Offset%60)
	default:
		s += fmt.Sprintf("+%02d:%02d", d.Offset/60, d.Offset%60)
	}
	return s
}

// Interval is the stretch of time that the date covers: a day, a month, a
// year. Now says what today is and, for dates without an offset, which time
// zone is meant.
func (d Date) Interval(now time.Time) Interval {
	loc := now.Location()
	y, m, day := now.Date()
	switch d.Word {
	case "today":
		return Interval{time.Date(y, m, day, 0, 0, 0, 0, loc), time.Date(y, m, day+1, 0, 0, 0, 0, loc)}
	case "yesterday":
		return Interval{time.Date(y, m, day-1, 0, 0, 0, 0, loc), time.Date(y, m, day, 0, 0, 0, 0, loc)}
	}
	if d.Zoned {
		loc = time.FixedZone("", d.Offset*60)
	}
	from := time.Date(d.Year, time.Month(d.Month), d.Day, d.Hour, d.Minute, d.Second, 0, loc)
	switch d.Precision {
	case ToYear:
		return Interval{from, time.Date(d.Year+1, 1, 1, 0, 0, 0, 0, loc)}
	case ToMonth:
		return Interval{from, time.Date(d.Year, time.Month(d.Month)+1, 1, 0, 0, 0, 0, loc)}
	case ToDay:
		return Interval{from, time.Date(d.Year, time.Month(d.Month), d.Day+1, 0, 0, 0, 0, loc)}
	case ToMinute:
		return Interval{from, from.Add(time.Minute)}
	default:
		return Interval{from, from.Add(time.Second)}
	}
}

// parseDate reads a date. The second result is false where s does not have the
// shape of one; where it has, but there is no such day or hour, the third says
// so.
func parseDate(s string) (d Date, shaped bool, wrong string) {
	if w := strings.ToLower(s); w == "today" || w == "yesterday" {
		return Date{Word: w}, true, ""
	}
	d = Date{Month: 1, Day: 1, Precision: ToYear}
	var ok bool
	if d.Year, s, ok = digits(s, "", 4); !ok {
		return Date{}, false, ""
	}
	for _, part := range []struct {
		sep  string
		into *int
		p    Precision
	}{{"-", &d.Month, ToMonth}, {"-", &d.Day, ToDay}, {"T", &d.Hour, 0}, {":", &d.Minute, ToMinute}, {":", &d.Second, ToSecond}} {
		if s == "" || d.Precision >= ToMinute && s[0] != ':' {
			break
		}
		if *part.into, s, ok = digits(s, part.sep, 2); !ok {
			return Date{}, false, ""
		}
		d.Precision = part.p
	}
	if d.Precision == 0 { // an hour without minutes
		return Date{}, false, ""
	}
	if s != "" {
		if d.Offset, d.Zoned = parseOffset(s); !d.Zoned || d.Precision < ToMinute {
			return Date{}, false, ""
		}
	}
	return d, true, d.check()
}

// check says what is wrong with a date that has the right shape.
func (d Date) check() string {
	switch last := time.Date(d.Year, time.Month(d.Month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); {
	case d.Year < 1:
		return "there is no year 0"
	case d.Month < 1 || d.Month > 12:
		return fmt.Sprintf("there is no month %02d", d.Month)
	case d.Day < 1 || d.Day > last:
		return fmt.Sprintf("%s %d has %d days", time.Month(d.Month), d.Year, last)
	case d.Hour > 23 || d.Minute > 59 || d.Second > 59:
		return fmt.Sprintf("there is no time %02d:%02d:%02d", d.Hour, d.Minute, d.Second)
	}
	return ""
}

// digits cuts a separator and n digits off s.
func digits(s, sep string, n int) (value int, rest string, ok bool) {
	if len(s) < len(sep)+n || !strings.EqualFold(s[:len(sep)], sep) {
		return 0, s, false
	}
	s = s[len(sep):]
	for _, c := range []byte(s[:n]) {
		if c < '0' || c > '9' {
			return 0, s, false
		}
		value = value*10 + int(c-'0')
	}
	return value, s[n:], true
}

// parseOffset reads Z, +02:00 or -05:30, in minutes.
func parseOffset(s string) (int, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	sign := map[byte]int{'+': 1, '-': -1}[s[0]]
	h, rest, ok := digits(s[1:], "", 2)
	if !ok || sign == 0 || h > 14 {
		return 0, false
	}
	m, rest, ok := digits(rest, ":", 2)
	if !ok || rest != "" || m > 59 {
		return 0, false
	}
	return sign * (h*60 + m), true
}
