// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
)

var noon = time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC) // a Wednesday

func said(id, conversation, member int64) Match {
	return Match{At: noon, Subject: Subject{Object: Object{Kind: "activity", ID: id}, ActivityID: id, Conversation: &Conversation{ID: conversation}, Member: &Person{ID: member, Name: fmt.Sprint("M", member)}, Text: "Why?"}}
}

func nothing() *Past {
	return &Past{Open: make(map[string]Firing), Last: make(map[string]time.Time)}
}

// sum writes a plan in a line: what fired with its count and state, and what joined earlier firings.
func sum(p *plan) string {
	var all []string
	for _, f := range p.firings {
		text := fmt.Sprintf("%d×%d %s", f.Object.ID, f.Count, f.State)
		if f.State == Held {
			text += f.DueAt.Format(" 02 15:04")
		}
		all = append(all, text)
	}
	for _, b := range p.bumps {
		all = append(all, fmt.Sprintf("+%d to %d", b.Count, b.Firing))
	}
	return strings.Join(all, ", ")
}

// What fires is told at once, together or later, and never twice.
func TestDecide(t *testing.T) {
	four := []Match{said(1, 7, 20), said(2, 7, 21), said(3, 8, 20), said(4, 8, 22)}
	for name, c := range map[string]struct {
		draft Draft
		now   time.Time
		past  func(*Past)
		want  string
	}{
		"each by itself":     {Draft{Group: GroupNone}, noon, nil, "1×1 sent, 2×1 sent, 3×1 sent, 4×1 sent"},
		"by conversation":    {Draft{Group: GroupConversation, GroupMinutes: 60}, noon, nil, "1×2 sent, 3×2 sent"},
		"by member":          {Draft{Group: GroupMember, GroupMinutes: 60}, noon, nil, "1×2 sent, 2×1 sent, 4×1 sent"},
		"by organization":    {Draft{Group: GroupOrganization, GroupMinutes: 60}, noon, nil, "1×1 sent, 2×1 sent, 3×1 sent, 4×1 sent"}, // they have none
		"joins an open one":  {Draft{Group: GroupConversation, GroupMinutes: 60}, noon, func(p *Past) { p.Open["conversation 7"] = Firing{ID: 90, At: noon.Add(-time.Hour + 1)} }, "3×2 sent, +1 to 90, +1 to 90"},
		"the window is over": {Draft{Group: GroupConversation, GroupMinutes: 60}, noon, func(p *Past) { p.Open["conversation 7"] = Firing{ID: 90, At: noon.Add(-time.Hour)} }, "1×2 sent, 3×2 sent"},
		"fired before":       {Draft{Group: GroupNone}, noon, func(p *Past) { p.Last["alert 5 activity 2"] = noon.AddDate(-1, 0, 0) }, "1×1 sent, 3×1 sent, 4×1 sent"},
		"again after a day": {Draft{Group: GroupNone, AgainHours: 24}, noon, func(p *Past) {
			p.Last["alert 5 activity 2"] = noon.Add(-24 * time.Hour)
			p.Last["alert 5 activity 3"] = noon.Add(-time.Hour)
		}, "1×1 sent, 2×1 sent, 4×1 sent"},
		"hourly":             {Draft{Group: GroupNone, Rhythm: Hourly}, noon.Add(time.Minute), nil, "1×1 held 18 13:00, 2×1 held 18 13:00, 3×1 held 18 13:00, 4×1 held 18 13:00"},
		"daily":              {Draft{Group: GroupMember, GroupMinutes: 9, Rhythm: Daily, Hour: 9}, noon, nil, "1×2 held 19 09:00, 2×1 held 19 09:00, 4×1 held 19 09:00"},
		"at most two":        {Draft{Group: GroupNone, PerHour: 2}, noon.Add(time.Minute), func(p *Past) { p.Hour = 1 }, "1×1 sent, 2×1 held 18 13:00, 3×1 held 18 13:00, 4×1 held 18 13:00"},
		"at night":           {Draft{Group: GroupMember, GroupMinutes: 9, Quiet: Quiet{From: 20, To: 8}}, noon.Add(10 * time.Hour), nil, "1×2 held 19 08:00, 2×1 held 19 08:00, 4×1 held 19 08:00"},
		"at night elsewhere": {Draft{Group: GroupMember, GroupMinutes: 9, Quiet: Quiet{From: 20, To: 8, Zone: "Asia/Tokyo"}}, noon, nil, "1×2 held 19 08:00, 2×1 held 19 08:00, 4×1 held 19 08:00"},
		"dropped":            {Draft{Group: GroupMember, GroupMinutes: 9, Quiet: Quiet{From: 20, To: 8, Drop: true}}, noon.Add(10 * time.Hour), nil, "1×2 dropped, 2×1 dropped, 4×1 dropped"},
		"friday night":       {Draft{Group: GroupMember, GroupMinutes: 9, Quiet: Quiet{From: 20, To: 8, Weekends: true}}, noon.Add((48 + 9) * time.Hour), nil, "1×2 held 23 08:00, 2×1 held 23 08:00, 4×1 held 23 08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			past := nothing()
			if c.past != nil {
				c.past(past)
			}
			a := &Alert{ID: 5, Draft: c.draft}
			p := decide(a, four, past, c.now, time.UTC)
			got := strings.ReplaceAll(sum(&p), "19 08:00", "19 08:00")
			if got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			if again := decide(a, four, past, c.now, time.UTC); c.draft.AgainHours == 0 && len(again.firings)+len(again.bumps) > 0 {
				t.Errorf("told again: %s", sum(&again))
			}
		})
	}
}

// A draft's mistakes are said in words, and what is left open is filled in.
func TestValidate(t *testing.T) {
	d := Draft{Name: " Asks ", Watch: Activities, Query: "is:question", Group: GroupMember}
	if err := d.Validate(); err != nil || d.Name != "Asks" || d.GroupMinutes != 60 || d.Rhythm != AtOnce || d.Severity != Info {
		t.Errorf("%+v, %v", d, err)
	}
	for want, bad := range map[string]Draft{
		"needs a name":            {Watch: Activities, Query: "x"},
		"cannot be watched":       {Name: "x", Watch: "weather"},
		"say by a query":          {Name: "x", Watch: Members},
		"say which metric":        {Name: "x", Watch: Metric},
		"not \"often\"":           {Name: "x", Watch: Metric, Condition: &Condition{Metric: "messages", By: analytics.Day, When: "often"}},
		"by day, week or month":   {Name: "x", Watch: Metric, Condition: &Condition{Metric: "messages", By: analytics.Quarter, When: WhenAbove}},
		"has no query":            {Name: "x", Watch: Source, Query: "x"},
		"no time zone":            {Name: "x", Watch: Source, Quiet: Quiet{Zone: "Atlantis"}},
		"hours go from 0 to 23":   {Name: "x", Watch: Source, Quiet: Quiet{From: 24}},
		"there is no group":       {Name: "x", Watch: Source, Group: "galaxy"},
		"only an alert on a metr": {Name: "x", Watch: Source, Condition: &Condition{}},
	} {
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want it to say %q", err, want)
		}
	}
	for _, d := range Templates() {
		if err := d.Validate(); err != nil {
			t.Errorf("the template %s: %v", d.Name, err)
		}
	}
}

// Alerts wait for what they ask about, and leave the team out unless they name it.
func TestQueries(t *testing.T) {
	s := New(Config{})
	for text, want := range map[string]string{
		"is:question": LanePlain, "category:bug or is:question": LaneRead, "topic:webhooks category:bug": LaneTopics, "-sentiment:positive": LaneRead, "org.lifecycle:trial did": LanePlain,
	} {
		q, err := s.parse(&Draft{Watch: Activities, Query: text})
		if err != nil || laneOf(q.Root) != want {
			t.Errorf("%s waits in %v, %v; want %s", text, q, err, want)
		}
	}
	for text, want := range map[string]string{"is:question": "is:question -is:staff,bot", "is:staff": "is:staff", "is:new,bot": "is:new,bot", "a or b": "(a or b) -is:staff,bot"} {
		watch := Activities
		if text == "is:new,bot" {
			watch = Members
		}
		q, err := s.parse(&Draft{Watch: watch, Query: text})
		if err != nil || query.Format(q.Root) != want {
			t.Errorf("%s becomes %s, %v; want %s", text, query.Format(q.Root), err, want)
		}
	}
}

// A figure fires by its condition.
func TestHolds(t *testing.T) {
	f := &Figure{Value: 5, Noise: noise.Verdict{Real: true}}
	for _, c := range []struct {
		c    Condition
		want bool
	}{{Condition{When: WhenAbove, Value: 4}, true}, {Condition{When: WhenAbove, Value: 5}, false}, {Condition{When: WhenBelow, Value: 6}, true}, {Condition{When: WhenChanged}, true}} {
		if got := c.c.holds(f); got != c.want {
			t.Errorf("%+v: %v", c.c, got)
		}
	}
}
