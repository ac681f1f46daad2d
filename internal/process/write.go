// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"cmp"
	"fmt"
	"math"
	"strings"
)

// monthHours are the hours a month of a post with so many hours a week.
func monthHours(week float64) float64 { return week * 365.25 / 12 / 7 }

// hiring writes the hiring case.
func (d *Document) hiring() {
	h, sum, c := d.Data.Hiring, &d.Data.Sum, &d.Data.Capacity
	d.Title = "Hiring case: " + h.Role
	need := Section{Title: "The need"}
	if h.Why != "" {
		need.Text = append(need.Text, h.Why)
	}
	post := monthHours(h.Week)
	need.Text = append(need.Text, fmt.Sprintf("The team's %d processes take %s hours a month, after workflows have taken off %s. Its plans take %s hours in the next 30 days. The team has %s hours in these days, absences taken off.",
		len(sum.Loads), sum.Net, sum.Saved, Amount(c.Planned), Amount(c.Hours)), missingText(c.Missing, h, post))
	d.Sections = append(d.Sections, need, d.sumSection(), d.savedSection(), d.peopleSection(), d.growthSection(post), d.taskSection(post))
	if h.Cost.High > 0 {
		d.Sections = append(d.Sections, Section{Title: "What it costs", Text: []string{
			fmt.Sprintf("The post costs %s %s a month, all included, for %s hours: %s %s an hour.", h.Cost, h.Currency, Amount(post), h.Cost.Scale(1/post), h.Currency),
			fmt.Sprintf("The missing hours, at this price, are worth %s %s a month. What is lost while they are missing is not in this sum.", c.Missing.Times(h.Cost.Scale(1/post)), h.Currency),
		}})
	}
	d.Sections = append(d.Sections, d.otherWays(), Section{Title: "What we do not know", List: d.unknown()})
}

func missingText(missing Range, h *Hiring, post float64) string {
	switch {
	case missing.High == 0:
		return "By these figures no hours are missing, not even where every process takes the most. The case does not rest on the workload."
	case missing.Low == 0:
		return fmt.Sprintf("That is %s hours more than there is, which is %s of this post of %s hours a week. It may also be none: where every process takes the least, the time is enough.", missing, missing.Scale(1/post), Amount(h.Week))
	}
	return fmt.Sprintf("That is %s hours more than there is, even where every process takes the least: %s of this post of %s hours a week.", missing, missing.Scale(1/post), Amount(h.Week))
}

// sumSection is the sum, process by process.
func (d *Document) sumSection() Section {
	s := Section{Title: "The sum", Text: []string{"Hours = minutes once / 60 × runs a month, added up over surfaces. In brackets: at least to at most."}, Head: []string{"Process", "Surface", "Minutes once", "From", "Runs a month", "From", "Hours a month"}}
	for i := range d.Data.Sum.Loads {
		l := &d.Data.Sum.Loads[i]
		for j := range l.Parts {
			p := &l.Parts[j]
			s.Rows = append(s.Rows, []string{l.Name, p.Surface, p.Minutes.String(), l.Once.Origin.Label() + ": " + l.Once.Says, p.Runs.String(), p.Runs.Origin.Label() + ": " + p.Runs.Says, p.Hours.String()})
		}
	}
	s.Rows = append(s.Rows, []string{"All", "", "", "", "", "", d.Data.Sum.Gross.String()})
	return s
}

// savedSection is what workflows do already.
func (d *Document) savedSection() Section {
	s := Section{Title: "What automation saves already"}
	for i := range d.Data.Sum.Loads {
		l := &d.Data.Sum.Loads[i]
		for _, x := range l.Savings {
			s.Rows = append(s.Rows, []string{l.Name, x.Name, x.Runs.String(), x.Hours.String()})
		}
	}
	if len(s.Rows) == 0 {
		s.Text = []string{"No workflow is named for any process."}
		return s
	}
	s.Head = []string{"Process", "Workflow", "Runs a month", "Hours a month saved"}
	return s
}

// peopleSection is who has how much time for what.
func (d *Document) peopleSection() Section {
	c := &d.Data.Capacity
	s := Section{Title: "Who does it today", Head: []string{"Who", "Role", "Hours in 30 days", "Plans", "Processes", "Left"}}
	for i := range c.People {
		p := &c.People[i]
		s.Rows = append(s.Rows, []string{cmp.Or(p.Name, p.Email), p.Role, Amount(p.Hours), Amount(p.Planned), p.Processes.String(), fmt.Sprintf("%s (%s to %s)", Amount(p.Left), Amount(p.Least), Amount(p.Most))})
	}
	if c.Nobody.High > 0 {
		s.Rows = append(s.Rows, []string{"Nobody", "", "", "", c.Nobody.String(), ""})
	}
	s.Text = c.Notes
	return s
}

// growthSection is what comes if runs grow. Processes that are done a fixed number of times do not grow.
func (d *Document) growthSection(post float64) Section {
	h, fixed, grows := d.Data.Hiring, Range{}, Range{}
	for i := range d.Data.Sum.Loads {
		if l := &d.Data.Sum.Loads[i]; l.Runs.Per == PerMonth {
			fixed = fixed.Plus(l.Net)
		} else {
			grows = grows.Plus(l.Net)
		}
	}
	s := Section{Title: "What comes if the community grows", Head: []string{"In", "Hours a month", "Missing", "Posts of this size"}}
	s.Text = []string{fmt.Sprintf("With runs that grow by %s %% a month, where they depend on members or on what they do. Processes that are done a fixed number of times stay as they are, and so does the team.", h.Growth.Scale(100))}
	for _, months := range []float64{0, 3, 6, 12} {
		f := Range{math.Pow(1+h.Growth.Low, months), math.Pow(1+h.Growth.Likely, months), math.Pow(1+h.Growth.High, months)}
		work := fixed.Plus(grows.Times(f))
		missing := work.Plus(Exactly(d.Data.Capacity.Planned)).Less(Exactly(d.Data.Capacity.Hours))
		when := Amount(months) + " months"
		if months == 0 {
			when = "now"
		}
		s.Rows = append(s.Rows, []string{when, work.String(), missing.String(), missing.Scale(1 / post).String()})
	}
	return s
}

// taskSection is what the person would do: their role's processes, and nobody's.
func (d *Document) taskSection(post float64) Section {
	s := Section{Title: "What the person would do", Head: []string{"Process", "What of it", "Hours a month"}}
	all := Range{}
	for i := range d.Data.Roles {
		r := &d.Data.Roles[i]
		if r.Role != d.Data.Hiring.Role && r.Role != "" {
			continue
		}
		all = all.Plus(r.Hours)
		for _, t := range r.Does {
			s.Rows = append(s.Rows, []string{t.Name, cmp.Or(strings.Join(t.Steps, "; "), "all of it"), t.Hours.String()})
		}
	}
	if len(s.Rows) == 0 {
		return Section{Title: s.Title, Text: []string{"No process names this role yet. Say under Processes which ones, or which steps, are to be theirs."}}
	}
	s.Text = []string{fmt.Sprintf("The processes of this role, and those that are nobody's: %s hours a month of the post's %s.", all, Amount(post))}
	return s
}

// otherWays are what could be done instead, by rule.
func (d *Document) otherWays() Section {
	s := Section{Title: "What could be done instead", List: []string{}}
	for i := range d.Data.Sum.Loads {
		l := &d.Data.Sum.Loads[i]
		if i >= 3 {
			break
		}
		if len(l.Savings) == 0 && l.Net.High > 0 {
			s.List = append(s.List, fmt.Sprintf("Automate part of “%s”: no workflow does any of its %s hours a month. Half of it would be %s.", l.Name, l.Net, l.Net.Scale(.5)))
		}
	}
	for i := range d.Data.Roles {
		if r := &d.Data.Roles[i]; r.Role == RoleChampions && r.Hours.High > 0 {
			s.List = append(s.List, fmt.Sprintf("Give champions more: they carry %s hours a month so far.", r.Hours))
		}
	}
	if n := len(d.Data.Sum.Loads); n > 0 {
		l := &d.Data.Sum.Loads[n-1]
		s.List = append(s.List, fmt.Sprintf("Do less. The smallest process, “%s”, would give back %s hours a month; the largest, “%s”, %s.", l.Name, l.Net, d.Data.Sum.Loads[0].Name, d.Data.Sum.Loads[0].Net))
	}
	return s
}

// unknown is what the figures do not know.
func (d *Document) unknown() []string {
	list := append([]string{}, d.Data.Sum.Notes...)
	for i := range d.Data.Sum.Loads {
		l := &d.Data.Sum.Loads[i]
		if l.Once.Origin == Typical {
			list = append(list, "“"+l.Name+"” takes minutes that are typical for the field, not measured here.")
		}
	}
	return append(list, "What nobody wrote down as a process is not in the sum: meetings, mail, learning.")
}

// division writes who does what.
func (d *Document) division() {
	d.Title = "Division of labor"
	all := Section{Title: "Who does what", Text: []string{fmt.Sprintf("The hours a month of %d processes, shared out by the minutes of their steps, after what workflows save.", len(d.Data.Sum.Loads))}, Head: []string{"Role", "People", "Hours a month", "Processes"}}
	for i := range d.Data.Roles {
		r := &d.Data.Roles[i]
		names := make([]string, len(r.Does))
		for j := range r.Does {
			names[j] = r.Does[j].Name
		}
		all.Rows = append(all.Rows, []string{cmp.Or(r.Role, "Nobody"), strings.Join(r.People, ", "), r.Hours.String(), strings.Join(names, ", ")})
	}
	d.Sections = append(d.Sections, all)
	for i := range d.Data.Roles {
		r := &d.Data.Roles[i]
		s := Section{Title: cmp.Or(r.Role, "Nobody's yet"), Head: []string{"Process", "What of it", "Done by", "Hours a month"}}
		for _, t := range r.Does {
			s.Rows = append(s.Rows, []string{t.Name, cmp.Or(strings.Join(t.Steps, "; "), "all of it"), strings.Join(t.Who, ", "), t.Hours.String()})
		}
		d.Sections = append(d.Sections, s)
	}
	duties := Section{Title: "Who answers for what", Head: []string{"Who", "Role", "For"}}
	for i := range d.Data.Capacity.People {
		if p := &d.Data.Capacity.People[i]; len(p.Duties) > 0 {
			duties.Rows = append(duties.Rows, []string{cmp.Or(p.Name, p.Email), p.Role, strings.Join(p.Duties, "; ")})
		}
	}
	if len(duties.Rows) > 0 {
		d.Sections = append(d.Sections, duties)
	}
	d.Sections = append(d.Sections, d.peopleSection(), Section{Title: "What we do not know", List: d.unknown()})
}
