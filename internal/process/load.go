// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
)

// Figure is a quantity with where it comes from.
type Figure struct {
	Range
	Origin Origin `json:"origin" doc:"Where it comes from."`
	Says   string `json:"says" doc:"How it came about, in words."`
	Entity string `json:"entity,omitempty" doc:"What the records behind it are; left out where there are none."`
	Query  string `json:"query,omitempty" doc:"The query that lists these records."`
}

// Part is a process on one surface.
type Part struct {
	Surface string `json:"surface,omitempty" doc:"Where; left out for a process that is done in one place."`
	Minutes Range  `json:"minutes" doc:"Minutes once."`
	Runs    Figure `json:"runs" doc:"Runs a month."`
	Hours   Range  `json:"hours" doc:"Hours a month: minutes / 60 × runs."`
}

// Saving is what a workflow does of a process.
type Saving struct {
	Workflow int64  `json:"workflow" doc:"The workflow, by number."`
	Name     string `json:"name" doc:"Its name."`
	Runs     Figure `json:"runs" doc:"Its runs a month that came to their end, at most as many as those of the process."`
	Hours    Range  `json:"hours" doc:"Hours a month that it saves."`
}

// Load is a process with the work that it is.
type Load struct {
	Process
	Once    Figure   `json:"once" doc:"Minutes once."`
	Timings int      `json:"timings" doc:"How many times it was timed."`
	Parts   []Part   `json:"parts" doc:"Surface by surface."`
	Savings []Saving `json:"savings,omitempty" doc:"What workflows save."`
	Gross   Range    `json:"gross" doc:"Hours a month without workflows."`
	Saved   Range    `json:"saved" doc:"Hours a month that workflows save."`
	Net     Range    `json:"net" doc:"Hours a month that are left for people."`
	Problem string   `json:"problem,omitempty" doc:"Why part of it could not be counted."`
}

// Sum is the workload of all processes.
type Sum struct {
	Loads []Load   `json:"loads" doc:"The processes, the most hours first."`
	Gross Range    `json:"gross" doc:"Hours a month without workflows."`
	Saved Range    `json:"saved" doc:"Hours a month that workflows save."`
	Net   Range    `json:"net" doc:"Hours a month that are left for people."`
	Notes []string `json:"notes" doc:"What to know of the sum."`
}

// enoughTimings is from how many timings on they count instead of the estimate.
const enoughTimings = 5

// once is how long a process takes: timed where there are enough timings.
func once(d *Draft, timings []Timing) Figure {
	var minutes []float64
	for i := range timings {
		if t := &timings[i]; !t.StoppedAt.IsZero() && t.Runs > 0 {
			minutes = append(minutes, t.Minutes())
		}
	}
	if n := len(minutes); n >= enoughTimings {
		return Figure{Range: quartiles(minutes), Origin: Timed, Says: fmt.Sprintf("median and quartiles of the last %d timings", n)}
	} else if n > 0 {
		return Figure{Range: d.Minutes, Origin: d.Origin, Says: fmt.Sprintf("timed %d of %d times that it takes to replace this", n, enoughTimings)}
	}
	says := "not timed yet"
	if d.Origin == Typical {
		says = "typical for the field, not measured here"
	}
	return Figure{Range: d.Minutes, Origin: d.Origin, Says: says}
}

// work computes hours from minutes and runs, surface by surface: the sum of minutes / 60 × runs, less what workflows save.
// flows are the runs of the process's workflows, in its order.
func (l *Load) work(runs, flows []Figure, names []string) {
	all := Range{}
	for i := range runs {
		p := Part{Minutes: l.Once.Range, Runs: runs[i]}
		if i < len(l.Surfaces) {
			p.Surface = l.Surfaces[i].Name
			if m := l.Surfaces[i].Minutes; m != nil {
				p.Minutes = *m
			}
		}
		p.Hours = p.Minutes.Times(p.Runs.Range).Scale(1. / 60)
		l.Gross, all = l.Gross.Plus(p.Hours), all.Plus(p.Runs.Range)
		l.Parts = append(l.Parts, p)
	}
	left := all
	for i, a := range l.Automation {
		s := Saving{Workflow: a.Workflow, Name: names[i], Runs: flows[i]}
		s.Runs.Range = s.Runs.AtMost(left)
		left = left.Less(Exactly(s.Runs.High))
		s.Hours = l.Once.Times(s.Runs.Times(a.Share)).Scale(1. / 60)
		l.Saved = l.Saved.Plus(s.Hours)
		l.Savings = append(l.Savings, s)
	}
	l.Saved = l.Saved.AtMost(l.Gross)
	l.Net = l.Gross.Less(l.Saved)
}

// add adds a process to the sum.
func (s *Sum) add(l *Load) {
	s.Gross, s.Saved, s.Net = s.Gross.Plus(l.Gross), s.Saved.Plus(l.Saved), s.Net.Plus(l.Net)
	s.Loads = append(s.Loads, *l)
}

// notes says what to know of a sum.
func (s *Sum) notes() {
	s.Notes = []string{"Ranges are added by interval arithmetic: the low end is that of all low ends at once. A month is a calendar month."}
	guessed, overlap := 0, false
	for i := range s.Loads {
		l := &s.Loads[i]
		if l.Once.Origin != Timed {
			guessed++
		}
		overlap = overlap || len(l.Surfaces) > 1 && (l.Runs.Per == PerMember || l.Runs.Per == PerActive || l.Runs.Per == PerNew)
		if l.Problem != "" {
			s.Notes = append(s.Notes, l.Name+": "+l.Problem)
		}
	}
	if guessed > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("Of %d processes, %d rest on minutes that nobody has timed.", len(s.Loads), guessed))
	}
	if overlap {
		s.Notes = append(s.Notes, "Who is on several surfaces is counted on each of them.")
	}
}
