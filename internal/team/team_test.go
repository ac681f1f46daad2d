// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team

import (
	"testing"
	"time"

	"greenroom"
)

func TestDays(t *testing.T) {
	for text, want := range map[string]string{
		"Mon-Fri 9:00-17:00":               "Mon-Fri 9:00-17:00",
		"mon - fri":                        "",
		"Sat 10-12:30, Mon-Wed 8:00-14:00": "Mon-Wed 8:00-14:00, Sat 10:00-12:30",
		"Fri-Mon 0:00-24:00":               "Mon 0:00-24:00, Fri-Sun 0:00-24:00",
		"Tuesday 9–17":                     "Tue 9:00-17:00",
		"Mon 17:00-9:00":                   "",
		"M 9-17":                           "",
	} {
		days, err := ParseDays(text)
		if want == "" {
			if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if got := FormatDays(days); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		if again, err := ParseDays(want); again != days || err != nil {
			t.Errorf("%q read again: %v, %v", want, again, err)
		}
	}
}

func TestWork(t *testing.T) {
	p := Profile{Email: "ana", Zone: "Europe/Berlin", Days: [7]Span{time.Sunday: {0, minutesOfDay}, time.Monday: {9 * 60, 17 * 60}}}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		t.Skip("this machine knows no time zones")
	}
	day := func(d int) time.Time { return time.Date(2026, 10, d, 0, 0, 0, 0, zone) }
	// The clocks go back on Sunday, October 25: that day has 25 hours.
	if h, lost := p.Work(day(25), day(27), nil, time.UTC); h != 33 || lost != 0 {
		t.Errorf("%g hours, %g lost", h, lost)
	}
	away := []Absence{{Person: "ben", BeginsAt: day(20), EndsAt: day(30)}, {Person: "ana", BeginsAt: day(26), EndsAt: day(27)}}
	if h, lost := p.Work(day(25), day(27), away, time.UTC); h != 25 || lost != 8 {
		t.Errorf("away on Monday: %g hours, %g lost", h, lost)
	}
	if h, _ := p.Work(day(26).Add(16*time.Hour), day(26).Add(20*time.Hour), nil, time.UTC); h != 1 {
		t.Errorf("the last hour of Monday: %g", h)
	}
	if h := (&Profile{}).WeekHours(); h != 40 {
		t.Errorf("while nobody said: %g", h)
	}
}

func TestValidate(t *testing.T) {
	for name, err := range map[string]error{
		"zone":       (&Profile{Zone: "Local"}).Validate(),
		"muted":      (&Profile{Muted: []string{"all"}}).Validate(),
		"hours":      (&Profile{Days: [7]Span{{60, 30}}}).Validate(),
		"two answer": (&DutyDraft{Subject: "x", Accountable: "a, b"}).Validate(),
		"no subject": (&DutyDraft{}).Validate(),
		"link":       (&DutyDraft{Subject: "x", Link: "//evil.example"}).Validate(),
	} {
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if g := (&DutyDraft{Accountable: "ana"}).Gap(); g != "nobody does it" {
		t.Errorf("gap %q", g)
	}
}
