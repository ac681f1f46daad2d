// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
)

// TestWorkedExample is the example of docs/processes.md, worked out by hand.
func TestWorkedExample(t *testing.T) {
	eight := Range{6, 8, 12}
	l := Load{Process: Process{Draft: Draft{
		Name: "Welcome", Surfaces: []Surface{{Name: "Slack"}, {Name: "Forum", Minutes: &eight}}, Automation: []Automation{{Workflow: 1, Share: Range{.4, .5, .6}}},
	}}, Once: Figure{Range: Range{3, 5, 10}}}
	l.work([]Figure{{Range: Range{80, 120, 180}}, {Range: Exactly(30)}}, []Figure{{Range: Range{50, 60, 90}}}, []string{"Greeting"})
	close := func(what string, got, want Range) {
		t.Helper()
		for _, x := range [][2]float64{{got.Low, want.Low}, {got.Likely, want.Likely}, {got.High, want.High}} {
			if math.Abs(x[0]-x[1]) > 1e-9 {
				t.Errorf("%s: %+v, want %+v", what, got, want)
				return
			}
		}
	}
	close("Slack", l.Parts[0].Hours, Range{4, 10, 30})
	close("Forum", l.Parts[1].Hours, Range{3, 4, 6})
	close("gross", l.Gross, Range{7, 14, 36})
	close("saved", l.Saved, Range{1, 2.5, 9})
	close("net", l.Net, Range{0, 11.5, 35})
	var sum Sum
	sum.add(&l)
	sum.add(&Load{Gross: Exactly(4), Net: Exactly(4)})
	close("sum", sum.Net, Range{4, 15.5, 39})
}

func genRange(t *rapid.T, name string, most float64) Range {
	v := rapid.SliceOfN(rapid.Float64Range(0, most), 3, 3).Draw(t, name)
	return Range{min(v[0], v[1], v[2]), v[0] + v[1] + v[2] - min(v[0], v[1], v[2]) - max(v[0], v[1], v[2]), max(v[0], v[1], v[2])}
}

// TestLoadProperties: ranges stay ordered, what workflows save is never more than there is, and more minutes, runs or surfaces
// never make less work.
func TestLoadProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes, n := genRange(t, "minutes", 500), rapid.IntRange(1, 4).Draw(t, "surfaces")
		var runs []Figure
		var surfaces []Surface
		for range n {
			runs, surfaces = append(runs, Figure{Range: genRange(t, "runs", 1000)}), append(surfaces, Surface{Name: "s"})
		}
		flows, names := []Figure{}, []string{}
		var auto []Automation
		for range rapid.IntRange(0, 3).Draw(t, "workflows") {
			auto, flows, names = append(auto, Automation{Share: genRange(t, "share", 1)}), append(flows, Figure{Range: genRange(t, "done", 2000)}), append(names, "w")
		}
		make := func(m Range, r []Figure, s []Surface) Load {
			l := Load{Process: Process{Draft: Draft{Surfaces: s, Automation: auto}}, Once: Figure{Range: m}}
			l.work(r, flows, names)
			for _, x := range []Range{l.Gross, l.Saved, l.Net} {
				if x.Low < 0 || x.Low > x.Likely+1e-9 || x.Likely > x.High+1e-9 {
					t.Fatalf("%+v is not ordered", x)
				}
			}
			if l.Saved.High > l.Gross.High+1e-9 {
				t.Fatalf("saves %+v of %+v", l.Saved, l.Gross)
			}
			return l
		}
		l := make(minutes, runs, surfaces)
		atLeast := func(what string, more Load) {
			if a, b := l.Gross, more.Gross; a.Low > b.Low+1e-9 || a.Likely > b.Likely+1e-9 || a.High > b.High+1e-9 {
				t.Fatalf("%s: %+v, before %+v", what, b, a)
			}
		}
		atLeast("longer", make(minutes.Plus(genRange(t, "more", 100)), runs, surfaces))
		atLeast("another surface", make(minutes, append(runs[:n:n], Figure{Range: genRange(t, "other", 100)}), append(surfaces[:n:n], Surface{Name: "o"})))
		more := append([]Figure{{Range: runs[0].Plus(genRange(t, "more runs", 100))}}, runs[1:]...)
		atLeast("more often", make(minutes, more, surfaces))
	})
}

func TestRanges(t *testing.T) {
	for text, want := range map[string]Range{"15": {15, 15, 15}, "10-20": {10, 15, 20}, "1-2–6": {1, 2, 6}, "0.5 to 1,5": {.5, 1, 1.5}} {
		got, err := ParseRange(text)
		if got != want || err != nil {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		if again, err := ParseRange(got.Format()); again != got || err != nil {
			t.Errorf("%q written and read again: %+v, %v", text, again, err)
		}
	}
	for _, text := range []string{"", "x", "3-2", "1-2-3-4", "-1", "NaN", "1-Inf"} {
		if _, err := ParseRange(text); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%q: %v", text, err)
		}
	}
	if got := quartiles([]float64{7, 1, 3, 5}); got != (Range{2.5, 4, 5.5}) { // as R's quantile(type = 7)
		t.Errorf("quartiles %+v", got)
	}
}

func TestOnce(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	d := Draft{Minutes: Range{1, 2, 3}, Origin: Typical}
	var all []Timing
	for _, m := range []int{10, 20, 30, 40} {
		all = append(all, Timing{Runs: 2, StartedAt: at, StoppedAt: at.Add(time.Duration(m) * time.Minute)})
	}
	all = append(all, Timing{Runs: 1, StartedAt: at}) // runs
	if f := once(&d, all); f.Origin != Typical || f.Range != d.Minutes {
		t.Errorf("with 4 timings %+v", f)
	}
	all = append(all, Timing{Runs: 1, StartedAt: at, StoppedAt: at.Add(25 * time.Minute)})
	if f := once(&d, all); f.Origin != Timed || f.Range != (Range{10, 15, 20}) {
		t.Errorf("with 5 timings %+v", f)
	}
}

func TestDivide(t *testing.T) {
	sum := Sum{Loads: []Load{
		{Net: Exactly(12), Process: Process{ID: 1, Draft: Draft{Name: "Report", Role: RoleOps, Doers: []string{"ana"}, Steps: []Step{{What: "count", Minutes: 30}, {What: "write", Role: RoleManager, Minutes: 90}}}}},
		{Net: Exactly(5), Process: Process{ID: 2, Draft: Draft{Name: "Thank"}}},
		{Net: Exactly(1), Process: Process{ID: 3, Draft: Draft{Name: "Help", Role: RoleChampions, Steps: []Step{{What: "x"}}}}},
	}}
	var got []string
	for _, r := range Divide(&sum, []Person{{Email: "ana", Name: "Ana", Role: RoleOps}}) {
		got = append(got, r.Role+" "+r.Hours.String()+" "+strings.Join(r.People, ","))
	}
	if diff := cmp.Diff([]string{"Community manager 9 ", "Community operations 3 Ana", "Champions 1 ", " 5 "}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	ok := func() Draft {
		return Draft{Name: "A", Minutes: Exactly(1), Runs: Runs{Per: PerMonth, Each: Exactly(1)}}
	}
	for name, change := range map[string]func(*Draft){
		"no name": func(d *Draft) { d.Name = " " }, "a fallen range": func(d *Draft) { d.Minutes = Range{3, 2, 1} }, "no number": func(d *Draft) { d.Minutes.High = math.NaN() },
		"an unknown basis": func(d *Draft) { d.Runs.Per = "moon" }, "no metric": func(d *Draft) { d.Runs.Per = PerMetric }, "a bad link": func(d *Draft) { d.Steps = []Step{{What: "x", Link: "javascript:alert(1)"}} },
		"two surfaces of a name": func(d *Draft) { d.Surfaces = []Surface{{Name: "a"}, {Name: "a"}} }, "saves more than all": func(d *Draft) { d.Automation = []Automation{{Workflow: 1, Share: Exactly(1.1)}} }, "timed by hand": func(d *Draft) { d.Origin = Timed },
	} {
		d := ok()
		change(&d)
		if err := d.Validate(); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, x := range Templates() {
		if err := x.Draft.Validate(); err != nil || x.Draft.Origin != Typical {
			t.Errorf("template %s: %v", x.Key, err)
		}
	}
}

func TestDocument(t *testing.T) {
	d := Document{Kind: HiringCase, By: "ana", At: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), Data: &Frozen{Hiring: &Hiring{Role: RoleOps, Week: 40, Growth: Exactly(.1), Cost: Exactly(5000), Currency: "EUR"}}}
	l := Load{Process: Process{ID: 1, Draft: Draft{Name: "Welcome <b>|x", Role: RoleOps, Runs: Runs{Per: PerNew}, Origin: Typical}}, Once: Figure{Range: Exactly(60), Origin: Typical, Says: "typical"}}
	l.work([]Figure{{Range: Exactly(200), Origin: Counted, Says: "counted"}}, nil, nil)
	d.Data.Sum.add(&l)
	d.Data.Sum.notes()
	d.Data.Capacity = Capacity{Hours: 150, Planned: 20, Missing: Exactly(70), Work: Exactly(200)}
	d.Data.Roles = Divide(&d.Data.Sum, nil)
	d.hiring()
	text := d.Markdown()
	for _, want := range []string{"# Hiring case: Community operations", "70 hours more than there is", "Welcome &lt;b>\\|x", "| 12 months | 628 |", "| now | 200 | 70 |", "typical for the field, not measured here"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	page, err := d.HTML()
	if err != nil || strings.Contains(page, "<b>") || !strings.Contains(page, "Welcome &lt;b&gt;|x") {
		t.Errorf("%v\n%s", err, page)
	}
}
