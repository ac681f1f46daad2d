// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestFormats(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Number(0), "0"},
		{Number(999), "999"},
		{Number(1842), "1,842"},
		{Number(-1234567), "−1,234,567"},
		{Number(math.MinInt), "−9,223,372,036,854,775,808"},
		{Decimal(1234.56, 1), "1,234.6"},
		{Decimal(-.04, 1), "0.0"},
		{Decimal(math.NaN(), 1), "–"},
		{Decimal(math.Inf(1), 0), "–"},
		{Percent(.814), "81.4 %"},
		{Percent(math.NaN()), "–"},
		{Percent(-.5), "−50.0 %"},
		{Duration(3*time.Hour + 12*time.Minute), "3 h 12 m"},
		{Duration(52 * time.Hour), "2 d 4 h"},
		{Duration(45 * time.Second), "45 s"},
		{Duration(0), "0 s"},
		{Duration(300 * time.Millisecond), "< 1 s"},
		{Duration(59*time.Minute + 59*time.Second), "59 m 59 s"},
		{Duration(time.Hour - time.Millisecond), "1 h"},
		{Duration(24*time.Hour - time.Second), "1 d"},
		{Duration(-90 * time.Second), "−1 m 30 s"},
		{Duration(2 * time.Hour), "2 h"},
		{Bytes(999), "999 B"},
		{Bytes(1_540_000), "1.5 MB"},
		{UnitSpan.Format(5400), "1 h 30 m"},
		{UnitShare.Format(.5), "50.0 %"},
		{UnitCount.Format(2.25), "2.2"},
		{UnitCount.Format(1e6), "1,000,000"},
		{Initials("Mina Kovač"), "MK"},
		{Initials("jtanaka"), "JT"},
		{Initials("Ana-Maria de Souza"), "AS"},
		{Initials("  "), "?"},
		{Initials("ö"), "Ö"},
		{Initials("李小龍"), "李小"},
		{Date(time.Time{}), "–"},
		{Date(time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)), "18 Nov 2026"},
	} {
		if got := strings.ReplaceAll(test.got, thin, " "); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestAgo(t *testing.T) {
	zagreb := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 21, 16, 12, 0, 0, time.UTC)
	for _, test := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "never"},
		{now.Add(-20 * time.Second), "just now"},
		{now.Add(-4 * time.Minute), "4 min ago"},
		{now.Add(-2 * time.Hour), "2 h ago"},
		{now.Add(-31 * time.Hour), "yesterday 09:12"},
		{now.Add(-31 * time.Hour).In(zagreb), "yesterday 10:12"},
		{now.Add(-16*time.Hour - 30*time.Minute), "yesterday 23:42"},
		{now.Add(-16*time.Hour - 30*time.Minute).In(zagreb), "16 h ago"},
		{now.AddDate(0, 0, -3), "Wednesday 16:12"},
		{now.AddDate(0, 0, -9), "12 Nov"},
		{now.AddDate(-2, 0, 0), "21 Nov 2024"},
		{now.Add(5 * time.Minute), "in 5 min"},
		{now.Add(3 * time.Hour), "in 3 h"},
		{now.AddDate(0, 0, 3), "in 3 d"},
		{now.AddDate(0, 3, 0), "21 Feb 2027"},
		{now.Add(time.Second), "now"},
	} {
		if got := strings.ReplaceAll(Ago(now, test.at), thin, " "); got != test.want {
			t.Errorf("%v: got %q, want %q", test.at, got, test.want)
		}
	}
}

// TestDaysStayWhole marks days and moments in a text with brackets.
func TestDaysStayWhole(t *testing.T) {
	parts := dated(regexp.MustCompile(day))
	for _, want := range []string{
		"",
		"no day 17",
		"[18 Nov 2026]",
		"[1 May]: 3 people",
		"due [17 November], read [2026-11-18 09:12]",
		"from [1 Sep 2026] to [3 September 2026, 09:12 CET]",
		"[yesterday 09:12] and [Tuesday 06:05]",
		"3 Marys, version 12026-11-189, [2026-11-18]",
	} {
		var got strings.Builder
		for _, p := range parts(strings.NewReplacer("[", "", "]", "").Replace(want)) {
			if p.Whole {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got := got.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
