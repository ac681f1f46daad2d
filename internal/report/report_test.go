// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"
	"time"

	"greenroom/internal/analytics"
)

// TestPeriods names periods and reads their names again, in a zone whose days begin elsewhere.
func TestPeriods(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC).In(zone) // still the last day of 2026 there
	for r, want := range map[Rhythm]string{Weekly: "2026-W52", Monthly: "2026-11", Quarterly: "2026-Q3"} {
		p := r.Last(now)
		if p.Key != want || p.To.After(now) {
			t.Errorf("%s: %s until %s", r, p.Key, p.To)
		}
		again, err := r.ParsePeriod(p.Key, zone)
		if err != nil || !again.From.Equal(p.From) || rhythmOf(p.Key) != r {
			t.Errorf("%s read again: %v, %v", p.Key, again, err)
		}
	}
	for _, bad := range []string{"2026-13", "2026-00", "2026", "2026-W54", "x", "2026-10x"} {
		if _, err := Monthly.ParsePeriod(bad, zone); err == nil {
			t.Errorf("%q was read as a month", bad)
		}
	}
	s := Schedule{Day: 2, Hour: 9}
	if due := s.due(Monthly.Last(now)); due.Format(time.RFC3339) != "2026-12-02T09:00:00-05:00" {
		t.Error(due)
	}
}

// TestDraft refuses what cannot be meant, and gives every block an id of its own.
func TestDraft(t *testing.T) {
	for _, tpl := range Templates() {
		d := tpl.New
		if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", tpl.Key, err)
		}
		seen := make(map[string]bool)
		for _, b := range d.Blocks {
			if b.ID == "" || seen[b.ID] {
				t.Errorf("%s: the id %q", tpl.Key, b.ID)
			}
			seen[b.ID] = true
		}
	}
	ok := Draft{Title: "x"}
	for name, change := range map[string]func(d *Draft){
		"no title": func(d *Draft) { d.Title = " " }, "zone": func(d *Draft) { d.Zone = "Mars/Base" }, "metric": func(d *Draft) { d.Blocks = []Block{{Kind: Metric, Metric: "zzz"}} },
		"cohorts": func(d *Draft) { d.Blocks = []Block{{Kind: Metric, Metric: "retention"}} }, "hour": func(d *Draft) { d.Schedule.Hour = 24 }, "mail": func(d *Draft) { d.Schedule.Mail = []string{"ana"} },
		"breakdown": func(d *Draft) { d.Blocks = []Block{{Kind: Breakdown, Metric: "activities", By: "moon"}} }, "day": func(d *Draft) { d.Rhythm, d.Schedule.Day = Weekly, 8 },
	} {
		d := ok
		if change(&d); d.Validate() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// TestComments say a change only where it is more than noise, and whether it is for the worse.
func TestComments(t *testing.T) {
	at := func(now, before float64, real, lower bool) string {
		return commentOn(&Filled{Block: Block{Kind: Metric}, Figure: &Figure{Label: "Waiting", Unit: analytics.UnitConversations, Value: &now, Previous: &before, Real: real, Lower: lower}, Lines: []Line{{Text: "Channel help: +5."}}})
	}
	for got, want := range map[string]string{
		at(30, 10, true, true):   "Waiting rose from 10 to 30 (+200.0\u00a0%), which is more than noise. This is for the worse. Where it moved: Channel help: +5.",
		at(30, 10, true, false):  "Waiting rose from 10 to 30 (+200.0\u00a0%), which is more than noise. Where it moved: Channel help: +5.",
		at(11, 10, false, false): "Waiting: 11 after 10. The difference is within what chance makes.",
		at(10, 10, true, false):  "Waiting stayed at 10.",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	goals := &Filled{Block: Block{Kind: Goal}, Table: &Table{Rows: []Row{{Cells: []string{"A", "at risk"}}, {Cells: []string{"B", "on track"}}, {Cells: []string{"C", "off track"}}}}}
	if got, want := commentOn(goals), "Of 3 goals: 1 on track, 1 at risk, 1 off track. To look at: C (off track); A (at risk)."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := wayText(ptr(-11)) + ", " + wayText(ptr(.246)) + ", " + wayText(nil); got != "moved away, 24.6\u00a0%, –" {
		t.Errorf("how far goals are is %q", got)
	}
	if got := commentOn(&Filled{Block: Block{Kind: Proof}, Figure: &Figure{Label: "Return", Verdict: "weak evidence"}}); got != "Return, how well it is known: weak evidence." {
		t.Errorf("of a proof it says %q", got)
	}
	if got := DifferenceText(analytics.UnitShare, ptr(-.011)) + ", " + DifferenceText(analytics.UnitMembers, ptr(8)); got != "−1.1\u00a0points, 8" {
		t.Errorf("differences are %q", got)
	}
	if !strings.Contains(ChangeText(analytics.UnitShare, ptr(.5), ptr(.4)), "+10.0\u00a0points") {
		t.Error(ChangeText(analytics.UnitShare, ptr(.5), ptr(.4)))
	}
}
