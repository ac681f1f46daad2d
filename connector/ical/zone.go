// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// What a calendar itself says of a time zone (RFC 5545, section 3.6.5) is needed where the zone has a name of its own, such
// as Exchange's "Customized Time Zone". The rules that hold now are taken; that others held before is not followed. They
// become what POSIX writes of a zone, such as "CET-1CEST,M3.5.0/2,M10.5.0/3", which the standard library reads at the end of
// a file of the zone database.

// observance is standard or daylight time in a zone.
type observance struct {
	start  time.Time // on the clock before it
	offset string    // as POSIX writes it: what to add to come to UTC
	yearly string    // when it begins each year, as POSIX writes it; "" = it stays
}

// define takes over a zone that the calendar describes, unless its name is known anyway.
func (c *calendar) define(text []byte) {
	id, standard, daylight := "", observance{}, observance{}
	_, inside, _ := bytes.Cut(text, []byte("\n"))
	scan := newScanner(bytes.NewReader(inside), 0, func(line string) {
		if p, _ := parse(line); p.name == "TZID" {
			id = p.value
		}
	})
	for {
		part, err := scan.next()
		if err != nil {
			break
		}
		o, err := observe(part.lines)
		switch {
		case err != nil:
		case part.name == "STANDARD" && !o.start.Before(standard.start):
			standard = o
		case part.name == "DAYLIGHT" && !o.start.Before(daylight.start):
			daylight = o
		}
	}
	if id == "" || len(c.zones) >= maxZones || find(id) != nil {
		return
	}
	if zone := zoneOf(id, standard, daylight); zone != nil {
		c.zones[id] = zone
	}
}

// observe reads standard or daylight time.
func observe(lines [][]byte) (o observance, err error) {
	for _, line := range lines {
		p, _ := parse(string(line))
		value := strings.ToUpper(strings.TrimSpace(p.value))
		switch p.name {
		case "DTSTART":
			o.start, err = time.Parse("20060102T150405", value)
		case "TZOFFSETTO":
			o.offset, err = posixOffset(value)
		case "RRULE":
			o.yearly = value
		case "RDATE":
			err = errors.New("single dates are not followed")
		}
		if err != nil {
			return o, err
		}
	}
	if o.yearly != "" {
		o.yearly, err = posixRule(o.yearly, o.start)
	}
	if o.start.IsZero() || o.offset == "" {
		return o, errors.New("there is no beginning or no offset")
	}
	return o, err
}

// posixOffset turns "+0530" into "-05:30:00": POSIX counts to the west.
func posixOffset(value string) (string, error) {
	switch len(value) {
	case len("+0530"):
		value += "00"
	case len("+053000"):
	default:
		return "", fmt.Errorf("%q is not an offset", value)
	}
	if _, err := time.Parse("150405", value[1:]); err != nil {
		return "", fmt.Errorf("%q is not an offset", value)
	}
	sign := "-"
	switch value[0] {
	case '-':
		sign = "+"
	case '+':
	default:
		return "", fmt.Errorf("%q is not an offset", value)
	}
	return sign + value[1:3] + ":" + value[3:5] + ":" + value[5:7], nil
}

// posixRule turns a rule such as FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU into "M10.5.0/03:00:00".
func posixRule(rule string, start time.Time) (string, error) {
	r, err := rrule.StrToROption(rule)
	if err != nil {
		return "", fmt.Errorf("the rule %q: %w", rule, err)
	}
	if r.Freq != rrule.YEARLY || len(r.Bymonth) != 1 || len(r.Byweekday) != 1 || r.Interval > 1 || r.Count > 0 || !r.Until.IsZero() || len(r.Bymonthday)+len(r.Byyearday)+len(r.Bysetpos) > 0 {
		return "", fmt.Errorf("the rule %q is not one by weekday of a month that holds on", rule)
	}
	const last, days = 5, 7 // POSIX' last week, and its weeks begin on Sunday
	day := r.Byweekday[0]
	week := day.N()
	if week == -1 {
		week = last
	}
	if week < 1 || week > last {
		return "", fmt.Errorf("the rule %q is not one by weekday of a month", rule)
	}
	return fmt.Sprintf("M%d.%d.%d/%s", r.Bymonth[0], week, (day.Day()+1)%days, start.Format("15:04:05")), nil
}

// zoneOf makes a zone; nil where what is known is none.
func zoneOf(id string, standard, daylight observance) *time.Location {
	now := standard
	if standard.offset == "" || daylight.offset != "" && daylight.yearly == "" && daylight.start.After(standard.start) {
		now = daylight
	}
	posix := "<STD>" + now.offset
	if standard.yearly != "" && daylight.yearly != "" {
		posix = "<STD>" + standard.offset + "<DST>" + daylight.offset + "," + daylight.yearly + "," + standard.yearly
	}
	if now.offset == "" {
		return nil
	}
	// Both blocks of RFC 8536, each with one local time type and without transitions, and the footer.
	const header, counts, typeCount, charCount = 20, 6, 4, 5
	block := slices.Concat([]byte("TZif2"), make([]byte, header-len("TZif2")))
	for i := range counts {
		block = binary.BigEndian.AppendUint32(block, map[int]uint32{typeCount: 1, charCount: 4}[i])
	}
	block = append(block, 0, 0, 0, 0, 0, 0, 'S', 'T', 'D', 0) // its offset is the footer's
	zone, err := time.LoadLocationFromTZData(id, slices.Concat(block, block, []byte("\n"+posix+"\n")))
	if err != nil {
		return nil
	}
	return zone
}
