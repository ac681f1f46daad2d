// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package consent_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"greenroom/internal/consent"
)

// at is a time in the last week of November 2026; the 23rd is a Monday.
func at(tb testing.TB, text string) time.Time {
	tb.Helper()
	zone, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		tb.Fatal(err)
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-"+text, zone)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestJudge(t *testing.T) {
	usual := consent.Usual()
	no := func(p consent.Purpose, when string) consent.Choice {
		return consent.Choice{Purpose: p, At: at(t, when)}
	}
	yes := func(p consent.Purpose, when string) consent.Choice {
		return consent.Choice{Purpose: p, Allowed: true, At: at(t, when)}
	}
	sent := func(all ...string) []time.Time {
		var times []time.Time
		for _, s := range all {
			times = append(times, at(t, s))
		}
		return times
	}
	for name, c := range map[string]struct {
		c    consent.Case
		may  bool
		when string // "" = never
	}{
		"a fresh member, in the morning":            {consent.Case{Purpose: consent.Care, Now: at(t, "24 09:00")}, true, ""},
		"before eight":                              {consent.Case{Purpose: consent.Care, Now: at(t, "24 07:59")}, false, "24 08:00"},
		"in the evening":                            {consent.Case{Purpose: consent.Care, Now: at(t, "24 20:00")}, false, "25 08:00"},
		"on Friday evening":                         {consent.Case{Purpose: consent.Care, Now: at(t, "27 21:30")}, false, "30 08:00"},
		"on Sunday":                                 {consent.Case{Purpose: consent.Care, Now: at(t, "22 12:00")}, false, "23 08:00"},
		"news without consent":                      {consent.Case{Purpose: consent.News, Now: at(t, "24 09:00")}, false, ""},
		"news with consent":                         {consent.Case{Purpose: consent.News, Now: at(t, "24 09:00"), Choices: []consent.Choice{yes(consent.News, "01 09:00")}}, true, ""},
		"news after consent was taken back":         {consent.Case{Purpose: consent.News, Now: at(t, "24 09:00"), Choices: []consent.Choice{no(consent.News, "02 09:00"), yes(consent.News, "01 09:00")}}, false, ""},
		"contacted again, but no surveys":           {consent.Case{Purpose: consent.Survey, Now: at(t, "24 09:00"), Choices: []consent.Choice{no(consent.Survey, "01 09:00"), no(consent.All, "02 09:00"), yes(consent.All, "03 09:00")}}, false, ""},
		"do not contact, not even with an answer":   {consent.Case{Purpose: consent.Answer, Now: at(t, "24 09:00"), Choices: []consent.Choice{no(consent.All, "02 09:00")}}, false, ""},
		"contacted again":                           {consent.Case{Purpose: consent.Answer, Now: at(t, "24 09:00"), Choices: []consent.Choice{no(consent.All, "02 09:00"), yes(consent.All, "03 09:00")}}, true, ""},
		"an answer at night, after many":            {consent.Case{Purpose: consent.Answer, Now: at(t, "24 02:00"), Sent: sent("23 09:00", "23 10:00", "23 11:00")}, true, ""},
		"the day after a message":                   {consent.Case{Purpose: consent.Care, Now: at(t, "24 09:00"), Sent: sent("23 12:00")}, false, "24 12:00"},
		"two in a week":                             {consent.Case{Purpose: consent.Care, Now: at(t, "26 09:00"), Sent: sent("20 12:00", "23 12:00")}, false, "27 12:00"},
		"two in a week, the first of which is over": {consent.Case{Purpose: consent.Care, Now: at(t, "27 12:00"), Sent: sent("20 12:00", "23 12:00")}, true, ""},
		"an address that refuses":                   {consent.Case{Purpose: consent.Care, Now: at(t, "24 09:00"), Bounced: true}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := usual.Judge(&c.c)
			var want time.Time
			if c.when != "" {
				want = at(t, c.when)
			}
			if v.May != c.may || !v.At.Equal(want) || v.May == (v.Reason != "") {
				t.Errorf("got %+v, want %t at %s", v, c.may, want)
			}
		})
	}
}

// Whoever asks again when they are told to is let in then, or told to come later still, and after a few times is let in:
// waiting ends. A message that goes out never breaks a cap.
func TestWaitingEnds(t *testing.T) {
	zones := []string{"UTC", "Europe/Lisbon", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		r := consent.Rules{GapHours: rapid.IntRange(0, 72).Draw(t, "gap"), QuietFrom: rapid.IntRange(0, 23).Draw(t, "from"), QuietTo: rapid.IntRange(0, 23).Draw(t, "to"), Weekdays: rapid.Bool().Draw(t, "weekdays")}
		for range rapid.IntRange(0, 3).Draw(t, "caps") {
			r.Caps = append(r.Caps, consent.Cap{Messages: rapid.IntRange(1, 4).Draw(t, "messages"), Days: rapid.IntRange(1, 40).Draw(t, "days")})
		}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, zone).Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(t, "minutes")) * time.Minute)
		var sent []time.Time
		for range 12 {
			tries := 0
			for {
				v := r.Judge(&consent.Case{Purpose: consent.Care, Sent: sent, Now: now})
				if v.May {
					break
				}
				if !v.At.After(now) {
					t.Fatalf("told at %s to come at %s", now, v.At)
				}
				now = v.At
				if tries++; tries > 8 {
					t.Fatalf("still told to wait at %s", now)
				}
			}
			for _, c := range r.Caps {
				n := 1
				for _, s := range sent {
					if now.Sub(s) < time.Duration(c.Days)*24*time.Hour {
						n++
					}
				}
				if n > c.Messages {
					t.Fatalf("%d messages in %d days, at most %d are allowed", n, c.Days, c.Messages)
				}
			}
			sent = append(sent, now)
		}
	})
}
