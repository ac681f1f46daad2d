// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	. "greenroom/internal/schedule"
)

// day is a day of November 2026; the 23rd is a Monday.
func day(d int) Date { return MakeDate(2026, time.November, d) }

func task(id int64, days int, after ...int64) Task {
	t := Task{ID: id, Days: days, NotBefore: NoDate, Began: NoDate, Ended: NoDate, Due: NoDate}
	for _, on := range after {
		t.After = append(t.After, Dependency{On: on})
	}
	return t
}

func makePlan(tb testing.TB, tasks []Task, today Date) *Plan {
	tb.Helper()
	p, err := Make(tasks, Usual(), NoDate, today)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// The launch of a program: by hand, the review is on the critical path and the page has two days of room.
//
//	brief 2 d (Mon 23 – Tue 24) ──► page 3 d (Wed 25 – Fri 27) ───────┐
//	                            └─► text 1 d (Wed 25) ► review 4 d ───┴► open (milestone)
//	                                                    (Thu 26 – Tue 1)   Wed 2 December
func TestByHand(t *testing.T) {
	tasks := []Task{task(1, 2), task(2, 3, 1), task(3, 1, 1), task(4, 4, 3), task(5, 0, 2, 4)}
	p := makePlan(t, tasks, day(23))
	type row struct {
		Start, End string
		Slack      int
		Critical   bool
		Driver     int64
	}
	got := map[int64]row{}
	for id, at := range p.Places {
		got[id] = row{at.Start.String(), at.End.String(), at.Slack, at.Critical, at.Driver}
	}
	want := map[int64]row{
		1: {"2026-11-23", "2026-11-24", 0, true, 0},
		2: {"2026-11-25", "2026-11-27", 2, false, 1},
		3: {"2026-11-25", "2026-11-25", 0, true, 1},
		4: {"2026-11-26", "2026-12-01", 0, true, 3},
		5: {"2026-12-02", "2026-12-02", 0, true, 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	base := map[int64]Baseline{}
	for id, at := range p.Places {
		base[id] = Baseline{at.Start, at.End}
	}
	// Two days later the brief is done a day late, the text takes a day longer than was thought, and nothing else has begun.
	tasks[0].Began, tasks[0].Ended = day(23), day(25)
	tasks[2].Days = 2
	p = makePlan(t, tasks, day(26))
	slips := p.Slips(tasks, Usual(), base)
	if diff := cmp.Diff(map[int64]Slip{
		1: {Days: 1, Own: 1}, 2: {Days: 1, Inherited: 1, From: 1}, 3: {Days: 2, Inherited: 1, Own: 1, From: 1},
		4: {Days: 2, Inherited: 2, From: 3}, 5: {Days: 2, Inherited: 2, From: 4},
	}, slips); diff != "" {
		t.Errorf("slips (-want +got):\n%s", diff)
	}
}

func TestRefused(t *testing.T) {
	named := func(name string, x Task) Task { x.Name = name; return x }
	late := task(1, 1)
	late.Ended = day(3)
	kind := task(1, 1, 1)
	kind.After[0].Kind = "whenever"
	for name, c := range map[string]struct {
		tasks []Task
		want  string
	}{
		"circle":       {[]Task{named("Brief", task(1, 1, 3)), named("Page", task(2, 1, 1)), named("Open", task(3, 1, 2)), task(4, 1)}, "“Brief” waits for “Open” waits for “Page” waits for “Brief”"},
		"itself":       {[]Task{named("Brief", task(1, 1, 1))}, "“Brief” waits for “Brief”"},
		"not there":    {[]Task{task(1, 1, 7)}, "task 1: it depends on task 7, which is not there"},
		"twice":        {[]Task{task(1, 1), task(1, 2)}, "two tasks with the id 1"},
		"never began":  {[]Task{late}, "it has ended, but not begun"},
		"a wrong kind": {[]Task{kind}, "no kind of dependency"},
		"too long":     {[]Task{task(1, 10_000)}, "from 0 to 5000 working days, not 10000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Make(c.tasks, Usual(), NoDate, day(23))
			if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// anyTasks draws tasks whose dependencies point at earlier ones, in any order.
func anyTasks(t *rapid.T, circles bool) []Task {
	n := rapid.IntRange(1, 12).Draw(t, "tasks")
	tasks := make([]Task, n)
	for i := range tasks {
		tasks[i] = task(int64(i+1), rapid.IntRange(0, 6).Draw(t, "days"))
		if rapid.IntRange(0, 4).Draw(t, "later") == 0 {
			tasks[i].NotBefore = day(23 + rapid.IntRange(0, 30).Draw(t, "not before"))
		}
		most := i
		if circles {
			most = n
		}
		for range rapid.IntRange(0, 3).Draw(t, "dependencies") {
			if most == 0 {
				break
			}
			tasks[i].After = append(tasks[i].After, Dependency{
				On: int64(rapid.IntRange(1, most).Draw(t, "on")), Lag: rapid.IntRange(-2, 3).Draw(t, "lag"),
				Kind: rapid.SampledFrom([]Kind{"", FinishStart, StartStart, FinishFinish, StartFinish}).Draw(t, "kind"),
			})
		}
	}
	return rapid.Permutation(tasks).Draw(t, "order")
}

// relaxed finds starts by another method: all constraints are applied again and again until none moves anything, on days of
// the calendar that are walked one by one.
func relaxed(tasks []Task, c *Calendar, today Date) map[int64]Date {
	next := func(d Date) Date {
		for !c.Works(d) {
			d++
		}
		return d
	}
	walk := func(d Date, n int) Date {
		d = next(d)
		for ; n > 0; n-- {
			d = next(d + 1)
		}
		for ; n < 0; n++ {
			for d--; !c.Works(d); d-- {
			}
		}
		return d
	}
	days := map[int64]int{}
	start := map[int64]Date{}
	for _, t := range tasks {
		days[t.ID] = t.Days
		start[t.ID] = next(max(today, t.NotBefore))
	}
	for moved := true; moved; {
		moved = false
		for _, t := range tasks {
			for _, d := range t.After {
				least := walk(start[d.On], days[d.On]+d.Lag)
				switch d.Kind {
				case StartStart:
					least = walk(start[d.On], d.Lag)
				case FinishFinish:
					least = walk(start[d.On], days[d.On]+d.Lag-t.Days)
				case StartFinish:
					least = walk(start[d.On], d.Lag-t.Days)
				case FinishStart:
				}
				if least > start[t.ID] {
					start[t.ID], moved = least, true
				}
			}
		}
	}
	return start
}

// The places are those of an independent method, and slack is what it says: so much later and the plan ends as before, a
// day more and it ends later.
func TestAgainstRelaxation(t *testing.T) {
	holidays := []Date{day(25), day(30), MakeDate(2026, time.December, 24), MakeDate(2026, time.December, 25)}
	c, err := NewCalendar([]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Saturday}, holidays)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		tasks := anyTasks(t, false)
		today := day(20 + rapid.IntRange(0, 9).Draw(t, "today"))
		p, err := Make(tasks, c, NoDate, today)
		if err != nil {
			t.Fatal(err)
		}
		for id, start := range relaxed(tasks, c, today) {
			if p.Places[id].Start != start {
				t.Fatalf("task %d begins on %s, want %s", id, p.Places[id].Start, start)
			}
		}
		end := lastEnd(p, c, tasks)
		for i := range tasks {
			at := p.Places[tasks[i].ID]
			for later, same := range map[int]bool{at.Slack: true, at.Slack + 1: false} {
				moved := slices.Clone(tasks)
				moved[i].NotBefore = c.Add(at.Start, later)
				q, err := Make(moved, c, NoDate, today)
				if err != nil {
					t.Fatal(err)
				}
				if got := lastEnd(q, c, moved); (got == end) != same {
					t.Fatalf("task %d has a slack of %d; begun %d days later the plan ends after %d days instead of %d", tasks[i].ID, at.Slack, later, got, end)
				}
			}
		}
		if !slices.ContainsFunc(p.Order, func(id int64) bool { return p.Places[id].Critical }) {
			t.Fatal("nothing is critical")
		}
	})
}

// lastEnd counts the working days until all is done.
func lastEnd(p *Plan, c *Calendar, tasks []Task) int {
	end := 0
	for i := range tasks {
		at := p.Places[tasks[i].ID]
		end = max(end, c.Between(day(1), at.Start)+tasks[i].Days)
	}
	return end
}

// A circle is found if and only if there is one, and what is named is one.
func TestCircles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tasks := anyTasks(t, true)
		waits := map[int64]map[int64]bool{}
		for _, x := range tasks {
			waits[x.ID] = map[int64]bool{}
			for _, d := range x.After {
				waits[x.ID][d.On] = true
			}
		}
		// Warshall: who waits for whom in the end.
		reach := map[[2]int64]bool{}
		for a, all := range waits {
			for b := range all {
				reach[[2]int64{a, b}] = true
			}
		}
		for k := range waits {
			for a := range waits {
				for b := range waits {
					if reach[[2]int64{a, k}] && reach[[2]int64{k, b}] {
						reach[[2]int64{a, b}] = true
					}
				}
			}
		}
		round := false
		for a := range waits {
			round = round || reach[[2]int64{a, a}]
		}
		order, circle := Sort(tasks)
		if (circle != nil) != round {
			t.Fatalf("found the circle %v; there is one: %t", circle, round)
		}
		for i, id := range circle {
			if next := circle[(i+1)%len(circle)]; !waits[id][next] {
				t.Fatalf("in the circle %v, %d does not wait for %d", circle, id, next)
			}
		}
		for i, id := range order {
			for on := range waits[id] {
				if slices.Index(order, on) >= i {
					t.Fatalf("in the order %v, %d comes before %d", order, id, on)
				}
			}
		}
	})
}

// What has happened stays; what has not cannot have.
func TestToday(t *testing.T) {
	tasks := []Task{task(1, 3), task(2, 2, 1), task(3, 1, 2)}
	tasks[0].Began = day(18)
	p := makePlan(t, tasks, day(26)) // should have ended on the 20th
	for id, want := range map[int64][2]Date{1: {day(18), day(26)}, 2: {day(27), day(30)}, 3: {MakeDate(2026, 12, 1), MakeDate(2026, 12, 1)}} {
		if at := p.Places[id]; at.Start != want[0] || at.End != want[1] {
			t.Errorf("task %d: %s to %s, want %s to %s", id, at.Start, at.End, want[0], want[1])
		}
	}
	tasks[2].Due = day(27)
	if at := makePlan(t, tasks, day(26)).Places[3]; at.Slack != -2 || !at.Critical {
		t.Errorf("due two working days before it can be done, the slack is %d", at.Slack)
	}
}

// Days and working days agree with walking the calendar day by day.
func TestCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var week []time.Weekday
		for d := range 7 {
			if rapid.Bool().Draw(t, "works") {
				week = append(week, time.Weekday(d))
			}
		}
		base := MakeDate(rapid.IntRange(1990, 2060).Draw(t, "year"), 1, 1)
		holidays := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Date { return base + Date(rapid.IntRange(0, 60).Draw(t, "holiday")) }), 0, 20).Draw(t, "holidays")
		c, err := NewCalendar(week, holidays)
		if len(week) == 0 {
			if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		from := base + Date(rapid.IntRange(-20, 60).Draw(t, "from"))
		first := from
		for !c.Works(first) {
			first++
		}
		if got := c.From(from); got != first {
			t.Fatalf("the first working day from %s is %s, want %s", from, got, first)
		}
		n := rapid.IntRange(0, 40).Draw(t, "n")
		want := first
		for range n {
			for want++; !c.Works(want); want++ {
			}
		}
		if got := c.Add(from, n); got != want || c.Between(from, want) != n {
			t.Fatalf("%d working days after %s: %s (%d between), want %s", n, from, got, c.Between(from, want), want)
		}
	})
}

// A day begins when the clocks say so, also where they skip midnight or turn it back.
func TestDayBegins(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Lisbon", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "America/Asuncion"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for d := MakeDate(2011, 1, 1); d < MakeDate(2026, 1, 1); d++ {
			if name == "Pacific/Apia" && d == MakeDate(2011, 12, 30) {
				continue // Samoa had no such day
			}
			at := d.Begin(zone)
			if DateOf(at) != d || DateOf(at.Add(-time.Second)) == d {
				t.Fatalf("%s begins at %s in %s", d, at, name)
			}
		}
	}
}

func TestDateText(t *testing.T) {
	for _, text := range []string{"2026-11-22", "1969-12-31", "2400-02-29"} {
		d, err := ParseDate(text)
		if err != nil || d.String() != text {
			t.Errorf("%s becomes %s, %v", text, d, err)
		}
	}
	if _, err := ParseDate("22.11.2026"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Error(err)
	}
}

func BenchmarkMake(b *testing.B) {
	tasks := make([]Task, 5000)
	for i := range tasks {
		tasks[i] = task(int64(i+1), i%7)
		for k := 1; k <= 3 && i-k*17 > 0; k++ {
			tasks[i].After = append(tasks[i].After, Dependency{On: int64(i - k*17)})
		}
	}
	c := Usual()
	for b.Loop() {
		if _, err := Make(tasks, c, NoDate, day(23)); err != nil {
			b.Fatal(err)
		}
	}
}
