// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads the date of a header or From line in any order that mail programs of forty years have written it:
// day, month by name, year, time and zone are told apart by their form. A zone that is missing or unknown counts as UTC.
func parseDate(s string) (time.Time, bool) {
	s = withoutComments(s)
	if len(s) > 200 {
		return time.Time{}, false
	}
	d := date{year: -1}
	for f := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\r' || r == '\n' }) {
		if !d.take(f) {
			return time.Time{}, false
		}
	}
	return d.time()
}

// date is a date being read.
type date struct {
	year, month, day int
	h, m, s          int
	clock, zone      bool
	offset           int // seconds east of UTC
}

// take reads one word. It reports false where the word makes no sense.
func (d *date) take(f string) bool {
	switch c := f[0]; {
	case strings.Contains(f, ":") && c >= '0' && c <= '9' && !strings.Contains(f, "T"):
		return d.takeClock(f)
	case (c == '+' || c == '-') && d.clock:
		d.takeOffset(f)
		return true
	case c >= '0' && c <= '9':
		return d.takeNumber(f)
	}
	if n := MonthNumber(f); n > 0 && d.month == 0 {
		d.month = n
		return true
	}
	if isWeekday(f) {
		return true
	}
	if offset, ok := zoneOffset(f); ok && !d.zone {
		d.offset, d.zone = offset, true
	}
	return true // a zone that is not known
}

func (d *date) takeNumber(f string) bool {
	if len(f) > 10 && d.month == 0 {
		if t, err := time.Parse(time.RFC3339, f); err == nil {
			t = t.UTC()
			d.year, d.month, d.day = t.Year(), int(t.Month()), t.Day()
			d.h, d.m, d.s, d.clock, d.zone = t.Hour(), t.Minute(), t.Second(), true, true
			return true
		}
	}
	if strings.Count(f, "-") == 2 { // 2015-10-01 or 1-Oct-2015
		parts := strings.Split(f, "-")
		if n := MonthNumber(parts[1]); n > 0 {
			return d.takeNumber(parts[0]) && d.take(parts[1]) && d.takeNumber(parts[2])
		}
		y, err1 := strconv.Atoi(parts[0])
		m, err2 := strconv.Atoi(parts[1])
		day, err3 := strconv.Atoi(parts[2])
		if err1 != nil || err2 != nil || err3 != nil || len(parts[0]) != 4 {
			return false
		}
		d.year, d.month, d.day = y, m, day
		return true
	}
	n, err := strconv.Atoi(f)
	switch {
	case err != nil || n < 0 || len(f) > 4:
		return false
	case d.day == 0 && len(f) <= 2 && n > 0:
		d.day = n
	case d.year < 0:
		d.year = fullYear(n, len(f))
	default:
		return d.clock // a zone in a form of its own
	}
	return true
}

// fullYear reads years of two digits as mail programs mean them, and those of three as a bug of the year 2000 made them.
func fullYear(n, digits int) int {
	switch {
	case digits == 4:
		return n
	case n < 50:
		return 2000 + n
	default:
		return 1900 + n
	}
}

func (d *date) takeClock(f string) bool {
	f, frac, _ := strings.Cut(f, ".")
	if i := strings.IndexAny(f, "+-"); i > 0 {
		d.takeOffset(f[i:])
		f = f[:i]
	} else if i := strings.IndexAny(frac, "+-"); i > 0 {
		d.takeOffset(frac[i:])
	}
	parts := strings.Split(strings.TrimRight(f, "Zz"), ":")
	if d.clock || len(parts) < 2 || len(parts) > 3 {
		return false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || len(p) > 2 {
			return false
		}
		n[i] = v
	}
	d.h, d.m, d.s, d.clock = n[0], n[1], min(n[2], 59), true // a leap second is written as 60
	return d.h < 24 && d.m < 60 && n[2] <= 60
}

func (d *date) takeOffset(f string) {
	if d.zone {
		return
	}
	sign := 1
	if f[0] == '-' {
		sign = -1
	}
	digits := strings.ReplaceAll(f[1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || len(digits) > 4 {
		return
	}
	if len(digits) <= 2 {
		n *= 100
	}
	if n/100 <= 14 && n%100 < 60 {
		d.offset, d.zone = sign*(n/100*3600+n%100*60), true
	}
}

func (d *date) time() (time.Time, bool) {
	if d.year < 1970 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 {
		return time.Time{}, false
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.h, d.m, d.s, 0, time.UTC)
	if t.Day() != d.day {
		return time.Time{}, false // 31 February
	}
	t = t.Add(-time.Duration(d.offset) * time.Second)
	return t, t.Year() >= 1970 && t.Year() <= 9999
}

// MonthNumber is the month that a word begins like, 0 where it is none.
func MonthNumber(s string) int {
	if len(s) < 3 {
		return 0
	}
	return indexFold("janfebmaraprmayjunjulaugsepoctnovdec", s[:3])
}

// indexFold finds a word of three letters, in any case, among others that are written end to end; from 1, 0 = not there.
func indexFold(words, s string) int {
	for i := 0; i+3 <= len(words); i += 3 {
		if strings.EqualFold(words[i:i+3], s) {
			return i/3 + 1
		}
	}
	return 0
}

func isWeekday(s string) bool {
	s = strings.TrimRight(s, ",.")
	if len(s) < 3 || len(s) > 9 {
		return false
	}
	return indexFold("montuewedthufrisatsun", s[:3]) > 0 && (len(s) == 3 || strings.EqualFold(s[len(s)-3:], "day"))
}

// zoneOffset knows the names of zones that mail programs write, in seconds east of UTC.
func zoneOffset(name string) (int, bool) {
	hours, ok := 0, true
	switch strings.ToUpper(name) {
	case "UT", "GMT", "UTC", "Z", "WET":
	case "EST", "CDT":
		hours = -5
	case "EDT":
		hours = -4
	case "CST", "MDT":
		hours = -6
	case "MST", "PDT":
		hours = -7
	case "PST":
		hours = -8
	case "BST", "CET", "MET", "MEZ", "WEST":
		hours = 1
	case "CEST", "MEST", "MESZ", "EET":
		hours = 2
	case "EEST", "MSK":
		hours = 3
	case "JST", "KST":
		hours = 9
	case "AEST":
		hours = 10
	case "AEDT":
		hours = 11
	default:
		ok = false
	}
	return hours * 3600, ok
}

// withoutComments takes out what stands in parentheses, such as the name of a zone.
func withoutComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// SeparatorTime reads the date at the end of a From line; the zero time where there is none. It is in the local time of
// the server that wrote the archive, which is not known, and taken as UTC. It is sure to be one if it begins with a day
// of the week, as it is meant to.
func SeparatorTime(rest string) (t time.Time, sure bool) {
	fields := strings.Fields(rest)
	for i := len(fields) - 4; i >= 0 && i >= len(fields)-8; i-- {
		if isWeekday(fields[i]) {
			t, _ = parseDate(strings.Join(fields[i:], " "))
			return t, true
		}
	}
	if len(fields) > 2 && len(fields) < 8 && strings.Contains(rest, ":") {
		t, _ = parseDate(strings.Join(fields[1:], " "))
	}
	return t, false
}
