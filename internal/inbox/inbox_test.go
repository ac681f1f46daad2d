// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/query"
	"greenroom/internal/text/alike"
)

func zone(t interface{ Fatal(args ...any) }, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// round is a team that works by the clock round, so that the hours in which clocks change are hours of work.
func round() Hours {
	var h Hours
	for d := range h.Days {
		h.Days[d] = Span{From: 0, To: minutesOfDay}
	}
	return h
}

func TestWorkingHours(t *testing.T) {
	berlin, york := zone(t, "Europe/Berlin"), zone(t, "America/New_York")
	office, nights := OfficeHours(), OfficeHours()
	nights.Days[time.Sunday] = Span{From: 1 * 60, To: 5 * 60} // when clocks change
	feast := OfficeHours()
	feast.Holidays = []string{"2026-12-24", "2026-12-25"}
	elsewhere := OfficeHours()
	elsewhere.Zone = "America/New_York"
	for name, c := range map[string]struct {
		hours       *Hours
		zone        *time.Location
		from        string
		hoursToPass float64
		want        string
	}{
		"within a day":                              {&office, berlin, "2026-06-01T10:00:00+02:00", 4, "2026-06-01T14:00:00+02:00"},
		"to the last minute":                        {&office, berlin, "2026-06-01T10:00:00+02:00", 7, "2026-06-01T17:00:00+02:00"},
		"over a night":                              {&office, berlin, "2026-06-01T16:00:00+02:00", 2, "2026-06-02T10:00:00+02:00"},
		"before work begins":                        {&office, berlin, "2026-06-01T06:00:00+02:00", 1, "2026-06-01T10:00:00+02:00"},
		"over a weekend":                            {&office, berlin, "2026-06-05T16:30:00+02:00", 1, "2026-06-08T09:30:00+02:00"},
		"begun on a weekend":                        {&office, berlin, "2026-06-06T12:00:00+02:00", 8, "2026-06-08T17:00:00+02:00"},
		"a week of work":                            {&office, berlin, "2026-06-01T09:00:00+02:00", 40, "2026-06-05T17:00:00+02:00"},
		"holidays":                                  {&feast, berlin, "2026-12-23T16:00:00+01:00", 2, "2026-12-28T10:00:00+01:00"},
		"the team's zone, not the community's":      {&elsewhere, berlin, "2026-06-01T10:00:00+02:00", 1, "2026-06-01T16:00:00+02:00"},
		"the weekend in which clocks go forward":    {&office, berlin, "2026-03-27T16:00:00+01:00", 2, "2026-03-30T10:00:00+02:00"},
		"the weekend in which clocks go back":       {&office, berlin, "2026-10-23T16:00:00+02:00", 2, "2026-10-26T10:00:00+01:00"},
		"clocks go forward at work: an hour less":   {&nights, berlin, "2026-03-29T01:00:00+01:00", 3, "2026-03-29T05:00:00+02:00"},
		"clocks go forward at work: on to Monday":   {&nights, berlin, "2026-03-29T01:00:00+01:00", 4, "2026-03-30T10:00:00+02:00"},
		"clocks go back at work: an hour more":      {&nights, berlin, "2026-10-25T01:00:00+02:00", 5, "2026-10-25T05:00:00+01:00"},
		"clocks go back in New York":                {&nights, york, "2026-11-01T01:00:00-04:00", 5, "2026-11-01T05:00:00-05:00"},
		"in the hour that comes twice, second time": {&nights, york, "2026-11-01T01:30:00-05:00", 1, "2026-11-01T02:30:00-05:00"},
		"nothing to pass":                           {&office, berlin, "2026-06-06T12:00:00+02:00", 0, "2026-06-06T12:00:00+02:00"},
	} {
		t.Run(name, func(t *testing.T) {
			from, err := time.Parse(time.RFC3339, c.from)
			if err != nil {
				t.Fatal(err)
			}
			want, err := time.Parse(time.RFC3339, c.want)
			if err != nil {
				t.Fatal(err)
			}
			d := time.Duration(c.hoursToPass * float64(time.Hour))
			got := c.hours.Add(from, d, c.zone)
			if !got.Equal(want) {
				t.Errorf("%s after %s is %s, want %s", d, from, got, want)
			}
			if back := c.hours.Between(from, got, c.zone); back != d {
				t.Errorf("%s lie between, want %s", back, d)
			}
		})
	}
}

// TestWorkingHoursHold checks what holds for any hours: time passes by what was added, and never runs backward.
func TestWorkingHoursHold(t *testing.T) {
	zones := []*time.Location{zone(t, "Europe/Berlin"), zone(t, "America/New_York"), zone(t, "Asia/Kolkata"), zone(t, "Australia/Lord_Howe"), time.UTC}
	rapid.Check(t, func(r *rapid.T) {
		var h Hours
		for d := range h.Days {
			from := rapid.IntRange(0, minutesOfDay).Draw(r, "from")
			h.Days[d] = Span{From: from, To: rapid.IntRange(from, minutesOfDay).Draw(r, "to")}
		}
		h.Days[time.Wednesday] = Span{From: 540, To: 1020}
		z := rapid.SampledFrom(zones).Draw(r, "zone")
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 365*24*60).Draw(r, "start")) * time.Minute)
		d := time.Duration(rapid.Int64Range(1, 100*60).Draw(r, "minutes")) * time.Minute
		end := h.Add(start, d, z)
		if got := h.Between(start, end, z); got != d {
			r.Fatalf("%s pass between %s and %s, want %s", got, start, end, d)
		}
		if more := h.Add(start, d+time.Minute, z); !more.After(end) {
			r.Fatalf("a minute more ends at %s, not after %s", more, end)
		}
		if later := h.Add(start.Add(time.Hour), d, z); later.Before(end) {
			r.Fatalf("what begins later ends at %s, before %s", later, end)
		}
	})
	all := round()
	from := time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC)
	if got, want := all.Add(from, 100*time.Hour, zones[0]), from.Add(100*time.Hour); !got.Equal(want) {
		t.Errorf("round the clock, 100 hours end at %s, want %s", got, want)
	}
}

// TestOrder checks that the first of the queue is always what is most past its target, and that what is done comes last.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		set := Usual()
		all := make([]entry, rapid.IntRange(0, 30).Draw(r, "entries"))
		for i := range all {
			target := Target{Hours: float64(rapid.IntRange(1, 80).Draw(r, "hours")), Business: rapid.Bool().Draw(r, "business")}
			opened := now.Add(-time.Duration(rapid.IntRange(0, 5000).Draw(r, "ago")) * time.Minute)
			all[i] = entry{id: int64(i + 1), status: rapid.SampledFrom([]Status{Waiting, Snoozed, Done}).Draw(r, "status"), target: target, due: set.Due(target, opened, time.UTC)}
			all[i].state.DoneAt = opened
		}
		before := slices.Clone(all)
		order(all)
		for i := 1; i < len(all); i++ {
			a, b := &all[i-1], &all[i]
			switch {
			case a.status == Done && b.status != Done:
				r.Fatal("what is done stands before what is not")
			case a.status != Done && b.status != Done && now.Sub(a.due) < now.Sub(b.due):
				r.Fatalf("%s late stands before %s late", now.Sub(a.due), now.Sub(b.due))
			}
		}
		slices.Reverse(before)
		order(before)
		if !slices.EqualFunc(all, before, func(a, b entry) bool { return a.id == b.id }) {
			r.Fatal("the order depends on that before")
		}
	})
}

func TestStatus(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	before, later := now.Add(-time.Hour), now.Add(time.Hour)
	for name, c := range map[string]struct {
		state State
		waits bool
		last  time.Time
		want  Status
	}{
		"untouched":                       {State{}, true, before, Waiting},
		"answered":                        {State{Owner: "a"}, false, before, Answered},
		"reopened though answered":        {State{ReopenedAt: before}, false, before, Waiting},
		"sleeps":                          {State{SnoozedAt: before, SnoozedUntil: later, SeenLast: before}, true, before, Snoozed},
		"slept long enough":               {State{SnoozedAt: before, SnoozedUntil: now, SeenLast: before}, true, before, Waiting},
		"sleeps on though somebody wrote": {State{SnoozedAt: before, SnoozedUntil: later, SeenLast: before}, true, now, Snoozed},
		"sleeps until somebody writes":    {State{SnoozedAt: before, UntilReply: true, SeenLast: before}, true, before, Snoozed},
		"somebody wrote":                  {State{SnoozedAt: before, UntilReply: true, SeenLast: before}, true, now, Waiting},
		"somebody wrote before the time":  {State{SnoozedAt: before, SnoozedUntil: later, UntilReply: true, SeenLast: before}, true, now, Waiting},
		"done":                            {State{DoneAt: now, SnoozedAt: before, UntilReply: true}, true, before, Done},
		"merged":                          {State{MergedInto: 3, DoneAt: now}, true, before, Merged},
	} {
		if got := c.state.status(c.waits, c.last, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestGather(t *testing.T) {
	all := gather([]entry{{id: 1, status: Waiting}, {id: 2, status: Merged, state: State{MergedInto: 1}}, {id: 3, status: Merged, state: State{MergedInto: 2}}, {id: 4, status: Merged, state: State{MergedInto: 5}}, {id: 5, status: Merged, state: State{MergedInto: 4}}})
	if diff := gocmp.Diff([]int64{2, 3}, all[0].twins); diff != "" {
		t.Error(diff)
	}
}

func TestMentioned(t *testing.T) {
	team := []Person{{Email: "ana@example.org", Name: "Ana Torres"}, {Email: "ben@example.org", Name: "Ben Okafor"}, {Email: "ana.lima@example.org", Name: "Ana Lima"}, {Email: "joão@example.org", Name: "João"}}
	for text, want := range map[string][]string{
		"@ben can you look?":              {"ben@example.org"},
		"for @BEN, @ana.lima and @ben.":   {"ben@example.org", "ana.lima@example.org"},
		"@ana is one, by her address":     {"ana@example.org"},
		"@AnaTorres @João":                {"ana@example.org", "joão@example.org"},
		"@ana@example.org":                {"ana@example.org"},
		"write to ben@example.org":        nil,
		"@nobody @ @. (@ben)":             {"ben@example.org"},
		"@ben.okafor, please":             {"ben@example.org"},
		"é@ben is an address, not a name": nil,
	} {
		var got []string
		for _, p := range Mentioned(text, team) {
			got = append(got, p.Email)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	twins := []Person{{Email: "a@x.org", Name: "Kim Lee"}, {Email: "b@x.org", Name: "Kim Roy"}}
	if got := Mentioned("@kim", twins); got != nil {
		t.Errorf("@kim stands for %v, and could be either", got)
	}
}

func TestRank(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	set := Usual()
	team := []Person{{Email: "tess@acme.org", Name: "Tess"}, {Email: "tom@acme.org", Name: "Tom"}}
	staff, members := rank([]Answerer{
		{MemberID: 1, Name: "Ida", Topic: 9, Accepted: 4, Last: now.Add(-20 * day)},
		{MemberID: 2, Name: "Busy", Topic: 30, Channel: 40, Accepted: 20, Last: now, Week: 12},
		{MemberID: 3, Name: "Asked", Topic: 30, Last: now, Asked: now.Add(-3 * day)},
		{MemberID: 4, Name: "Long ago", Topic: 12, Last: now.Add(-179 * day)},
		{MemberID: 5, Name: "Here only", Channel: 3, Last: now.Add(-day)},
		{MemberID: 6, Name: "Tess", Emails: []string{"tess@acme.org"}, Staff: true, Topic: 3, Channel: 2, Last: now},
		{MemberID: 7, Name: "Gone", Staff: true, Topic: 9, Last: now.Add(-day)},
	}, &set, team, []string{"webhooks"}, "help", now)
	names := func(all []Candidate) (list []string) {
		for i := range all {
			list = append(list, all[i].Name)
		}
		return list
	}
	if diff := gocmp.Diff([]string{"Ida", "Long ago", "Here only", "Busy", "Asked"}, names(members)); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]string{"Gone", "Tess"}, names(staff)); diff != "" {
		t.Error(diff)
	}
	if members[0].Why != "answered 9 on webhooks, 4 accepted" || staff[1].Person != "tess@acme.org" || staff[1].Why != "answered 3 on webhooks and 2 in help" {
		t.Errorf("%+v %+v", members[0], staff[1])
	}
	if members[3].Tired == "" || members[4].Tired == "" || members[0].Tired != "" {
		t.Errorf("who is tired: %+v", members)
	}
}

func TestTurn(t *testing.T) {
	team := []Person{{Email: "a"}, {Email: "b"}, {Email: "c"}}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	last := map[string]time.Time{}
	var got []string
	for i := range 5 {
		p, ok := turn([]string{"b", "gone", "a", "c"}, team, last)
		if !ok {
			t.Fatal("nobody is next")
		}
		last[p.Email] = now.Add(time.Duration(i) * time.Hour)
		got = append(got, p.Email)
	}
	if diff := gocmp.Diff([]string{"b", "a", "c", "b", "a"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSimilar(t *testing.T) {
	x := alike.NewIndex([]alike.Doc{
		{ID: 1, Title: "How do I rotate the signing key?", Body: "We have two servers and the token breaks."},
		{ID: 2, Title: "Webhook is not delivered", Body: "Nothing arrives at our server."},
		{ID: 3, Title: "Import drops rows", Body: "After 65,536 rows the import ends."},
		{ID: 4, Title: "Rotating keys during a migration", Body: "Can two signing keys be valid at once?"},
	})
	got := x.Find("Signing key rotation without downtime", "", 0, .1, 3)
	if len(got) < 2 || got[0].ID != 1 && got[0].ID != 4 || got[0].Share <= 0 || got[0].Share > 1 {
		t.Errorf("%+v", got)
	}
	if slices.ContainsFunc(got, func(a alike.Alike) bool { return a.ID == 2 || a.ID == 3 }) {
		t.Errorf("%+v: what has nothing in common is there", got)
	}
	if same := x.Find("Webhook is not delivered", "Nothing arrives at our server.", 0, .1, 1); len(same) != 1 || same[0].ID != 2 || same[0].Share < .99 {
		t.Errorf("the same question is %+v alike", same)
	}
	if self := x.Find("Webhook is not delivered", "", 2, .1, 3); len(self) > 0 && self[0].ID == 2 {
		t.Error("a question is like itself")
	}
	if none := alike.NewIndex(nil).Find("anything", "", 0, 0, 3); len(none) > 0 {
		t.Errorf("of nothing, %v is like it", none)
	}
}

func TestSummarize(t *testing.T) {
	monday := time.Date(2026, 6, 1, 9, 30, 0, 0, time.UTC)
	now := monday.AddDate(0, 0, 7)
	hours := func(h float64) time.Time { return monday.Add(time.Duration(h * float64(time.Hour))) }
	w := Summarize([]Wait{{1, monday, hours(1)}, {2, monday, hours(3)}, {3, monday, time.Time{}}, {4, monday.AddDate(0, 0, 6), time.Time{}}}, monday, now, 2*time.Hour, time.UTC)
	c := w.Cells[0][9]
	if c.Questions != 3 || c.Median == nil || *c.Median != 3 || c.Share == nil || *c.Share != 1./3 {
		t.Errorf("%+v", c)
	}
	if s := w.Cells[6][9]; s.Questions != 1 || s.Median != nil || *s.Share != 0 {
		t.Errorf("%+v", s)
	}
	if w.Open != 2 || w.Now != (7*24+24)/2. || w.Total != 4 {
		t.Errorf("%+v", w)
	}
	if berlin := Summarize([]Wait{{1, monday, hours(1)}}, monday, now, time.Hour, zone(t, "Europe/Berlin")); berlin.Cells[0][11].Questions != 1 {
		t.Error("the hour is not that of the zone")
	}
}

func TestPresence(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	var p presence
	p.look(1, "ana", now)
	if diff := gocmp.Diff([]string{"ana"}, p.look(1, "ben", now.Add(5*time.Second))); diff != "" {
		t.Error(diff)
	}
	if got := p.look(2, "cleo", now); got != nil {
		t.Errorf("at another conversation are %v", got)
	}
	if got := p.look(1, "ben", now.Add(lookFor+time.Second)); got != nil {
		t.Errorf("%v has gone", got)
	}
	p.leave(1, "ben")
	if got := p.look(1, "ana", now.Add(lookFor)); got != nil {
		t.Errorf("%v has left", got)
	}
}

func TestSettingsValidate(t *testing.T) {
	schema := query.NewSchema(query.Conversations, nil)
	for name, c := range map[string]struct {
		spoil func(*Settings)
		want  string
	}{
		"usual":            {func(*Settings) {}, ""},
		"a query":          {func(s *Settings) { s.Rules = []Rule{{"is:waiting", 4, true}, {"chnnel:x", 1, false}} }, "the query of rule 2 cannot be used: "},
		"no hours":         {func(s *Settings) { s.Rules = []Rule{{"is:waiting", 0, true}} }, "the target of rule 1 is a number of hours above 0, up to 10000, not 0"},
		"nothing waits":    {func(s *Settings) { s.Waits = nil }, "say what waits: one to 50 queries over conversations, such as is:waiting"},
		"everything waits": {func(s *Settings) { s.Waits = []string{""} }, "query 1 of what waits is empty, which would be every conversation"},
		"no day":           {func(s *Settings) { s.Hours = Hours{} }, "the team works on no day; give at least one day its hours"},
		"zone":             {func(s *Settings) { s.Hours.Zone = "Europe/Nowhere" }, `there is no time zone "Europe/Nowhere"; they are called like Europe/Lisbon`},
		"holiday":          {func(s *Settings) { s.Hours.Holidays = []string{"24.12.2026"} }, `"24.12.2026" is no day; holidays are written as 2026-12-25`},
		"idle escalation":  {func(s *Settings) { s.Escalations = []Escalation{{After: 1}} }, "escalation 1 does nothing; say whom to notify, whom to assign to, or where to write"},
	} {
		s := Usual()
		c.spoil(&s)
		err := s.Validate(schema)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if text := greenroom.ErrorMessage(err); greenroom.ErrorCode(err) != greenroom.CodeInvalid || len(text) < len(c.want) || cmp.Compare(text[:len(c.want)], c.want) != 0 {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
