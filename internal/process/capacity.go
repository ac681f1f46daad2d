// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// capacityDays is how many days capacity is told for; what processes take in a month is set against it.
const capacityDays = 30

// PersonLoad is what somebody has to do against the time that they have.
type PersonLoad struct {
	Person
	Processes Range   `json:"processes" doc:"Hours a month of their share of processes."`
	Left      float64 `json:"left" doc:"Hours that are left in the likely case; below 0 there are too few."`
	Most      float64 `json:"left_most" doc:"Hours that are left where processes take the least."`
	Least     float64 `json:"left_least" doc:"Hours that are left where processes take the most."`
	Doing     []int64 `json:"doing" doc:"The processes, by number."`
}

// Capacity is the team's work against its time.
type Capacity struct {
	People  []PersonLoad `json:"people" doc:"Who has the least left first."`
	Hours   float64      `json:"hours" doc:"Hours that all have in the next 30 days, absences taken off."`
	Planned float64      `json:"planned" doc:"Hours of plans' tasks in these days."`
	Work    Range        `json:"work" doc:"Hours a month of all processes."`
	Nobody  Range        `json:"nobody" doc:"Of these: hours of processes that nobody does."`
	Missing Range        `json:"missing" doc:"Hours that work and plans take beyond what there is; 0 = none."`
	Notes   []string     `json:"notes" doc:"What to know of it."`
}

// Capacity sets processes and plans against the time that people have.
func (s *Service) Capacity(ctx context.Context) (Capacity, error) {
	sum, err := s.Workload(ctx)
	if err != nil {
		return Capacity{}, err
	}
	return s.capacity(ctx, &sum)
}

func (s *Service) capacity(ctx context.Context, sum *Sum) (Capacity, error) {
	c := Capacity{People: []PersonLoad{}, Notes: []string{"Time is that of the next 30 days, set against a month of processes. Within a process, those who do it share it evenly."}}
	now := s.now()
	team, err := s.team.People(ctx, now, now.AddDate(0, 0, capacityDays))
	if err != nil {
		return c, fmt.Errorf("reading the team's hours: %w", err)
	}
	at, unsaid := make(map[string]int, len(team)), 0
	for i := range team {
		at[team[i].Email] = i
		c.People = append(c.People, PersonLoad{Person: team[i], Doing: []int64{}})
		c.Hours, c.Planned = c.Hours+team[i].Hours, c.Planned+team[i].Planned
		if team[i].Unsaid {
			unsaid++
		}
	}
	for i := range sum.Loads {
		c.share(&sum.Loads[i], at)
	}
	for i := range c.People {
		p := &c.People[i]
		free := p.Hours - p.Planned
		p.Left, p.Most, p.Least = free-p.Processes.Likely, free-p.Processes.Low, free-p.Processes.High
	}
	slices.SortStableFunc(c.People, func(a, b PersonLoad) int { return cmp.Compare(a.Left, b.Left) })
	c.Work = sum.Net
	c.Missing = sum.Net.Plus(Exactly(c.Planned)).Less(Exactly(c.Hours))
	if unsaid > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%d of %d people have not said when they work; 40 hours a week are taken for them.", unsaid, len(team)))
	}
	if c.Nobody.High > 0 {
		c.Notes = append(c.Notes, "Processes that nobody does count in what is missing, and in nobody's hours.")
	}
	return c, nil
}

// share gives a process's hours to those who do it.
func (c *Capacity) share(l *Load, at map[string]int) {
	var who []int
	for _, email := range doers(&l.Process) {
		if i, ok := at[email]; ok {
			who = append(who, i)
		}
	}
	if len(who) == 0 {
		c.Nobody = c.Nobody.Plus(l.Net)
		return
	}
	for _, i := range who {
		p := &c.People[i]
		p.Processes, p.Doing = p.Processes.Plus(l.Net.Scale(1/float64(len(who)))), append(p.Doing, l.ID)
	}
}

// doers are those who do a process; its owner where nobody else is said.
func doers(p *Process) []string {
	if len(p.Doers) == 0 && p.Owner != "" {
		return []string{p.Owner}
	}
	return p.Doers
}

// RoleShare is what a role does.
type RoleShare struct {
	Role   string     `json:"role" doc:"The role; empty = nobody's."`
	Hours  Range      `json:"hours" doc:"Hours a month."`
	Does   []RoleTask `json:"does" doc:"Of which processes."`
	People []string   `json:"people,omitempty" doc:"Who has this role."`
}

// RoleTask is a role's part of a process.
type RoleTask struct {
	Process int64    `json:"process" doc:"The process, by number."`
	Name    string   `json:"name" doc:"Its name."`
	Hours   Range    `json:"hours" doc:"Hours a month of it."`
	Steps   []string `json:"steps,omitempty" doc:"What of it; left out for all."`
	Who     []string `json:"who,omitempty" doc:"Who does the process."`
}

// Divide shares out the hours of processes among roles: by the minutes of their steps where these are said, else all to the
// process's role. Roles come in the order of Roles, then others by name, then nobody's.
func Divide(sum *Sum, team []Person) []RoleShare {
	shares := make(map[string]*RoleShare)
	give := func(role string, t RoleTask) {
		s := shares[role]
		if s == nil {
			s = &RoleShare{Role: role, Does: []RoleTask{}}
			for i := range team {
				if team[i].Role == role && role != "" {
					s.People = append(s.People, cmp.Or(team[i].Name, team[i].Email))
				}
			}
			shares[role] = s
		}
		s.Hours, s.Does = s.Hours.Plus(t.Hours), append(s.Does, t)
	}
	for i := range sum.Loads {
		for _, p := range sum.Loads[i].byRole() {
			give(p.role, p.RoleTask)
		}
	}
	out := make([]RoleShare, 0, len(shares))
	for _, s := range shares {
		out = append(out, *s)
	}
	known := Roles()
	rank := func(role string) int {
		if role == "" {
			return math.MaxInt
		}
		if i := slices.Index(known, role); i >= 0 {
			return i
		}
		return len(known)
	}
	slices.SortFunc(out, func(a, b RoleShare) int {
		return cmp.Or(cmp.Compare(rank(a.Role), rank(b.Role)), cmp.Compare(a.Role, b.Role))
	})
	return out
}

type rolePart struct {
	role string
	RoleTask
}

// byRole cuts a process by the roles of its steps.
func (l *Load) byRole() []rolePart {
	var parts []rolePart
	total, minutes := 0., make(map[string]float64)
	for i := range l.Steps {
		st := &l.Steps[i]
		role := cmp.Or(st.Role, l.Role)
		j := slices.IndexFunc(parts, func(p rolePart) bool { return p.role == role })
		if j < 0 {
			j, parts = len(parts), append(parts, rolePart{role: role})
		}
		parts[j].Steps = append(parts[j].Steps, st.What)
		minutes[role] += st.Minutes
		total += st.Minutes
	}
	task := RoleTask{Process: l.ID, Name: l.Name, Hours: l.Net, Who: doers(&l.Process)}
	if total == 0 {
		return []rolePart{{l.Role, task}}
	}
	for i := range parts {
		steps := parts[i].Steps
		parts[i].RoleTask = task
		parts[i].Steps, parts[i].Hours = steps, l.Net.Scale(minutes[parts[i].role]/total)
	}
	if len(parts) == 1 {
		parts[0].Steps = nil
	}
	return parts
}
