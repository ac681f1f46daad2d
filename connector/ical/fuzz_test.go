// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzCalendar checks that no text makes the parsers panic or give invalid text, and that what they read adds up.
func FuzzCalendar(f *testing.F) {
	sample, err := os.ReadFile("testdata/team.ics")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=../x:20260101T000000\nATTENDEE;CN=\"x\nEND:VEVENT\nEND:VCALENDAR")
	f.Add("BEGIN:VEVENT\nUID:1\nDTSTART:20260101\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3\nEXDATE:,\nRDATE:2026/P\nEND:VEVENT")
	f.Add("BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nEND:VTIMEZONE")
	f.Fuzz(func(t *testing.T, in string) {
		cal := &calendar{zone: time.UTC, zones: map[string]*time.Location{}, warn: func(string) {}, overrides: map[string]bool{}, idle: maxIdle - 1}
		scan := newScanner(strings.NewReader(in), 0, func(line string) { _, _ = parse(line) })
		for {
			c, err := scan.next()
			if err != nil {
				break
			}
			if c.name == "VTIMEZONE" {
				cal.define(c.raw)
			}
			e, err := cal.read(c.lines)
			if err != nil {
				continue
			}
			if !utf8.ValidString(e.summary + e.description + e.location + e.organizer.name) {
				t.Errorf("%q gives invalid text", in)
			}
			if e.start.Year() > 2000 { // older ones take long, and nothing else
				_, _ = e.occurrences(cal, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
			}
		}
		if scan.offset > int64(len(in)) {
			t.Errorf("%d bytes were read of %d", scan.offset, len(in))
		}
	})
}
