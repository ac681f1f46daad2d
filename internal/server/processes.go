// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/event"
	"greenroom/internal/inbox"
	"greenroom/internal/outbox"
	"greenroom/internal/process"
	"greenroom/internal/program"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/task"
	crew "greenroom/internal/team"
)

// Processes makes the service that keeps processes, over the engine for figures.
func (a *App) Processes(engine *analytics.Engine) *process.Service {
	return process.New(a.Store, engine, capacity{a}, auditor{a.Auth}, a.Now)
}

// Crew makes the service that keeps the team.
func (a *App) Crew() *crew.Service {
	return crew.New(a.Store, diary{a}, auditor{a.Auth}, a.Log, a.Now, func() *time.Location { return zones{a}.Zone() })
}

// capacity says how much time people have, and what of it plans take.
type capacity struct{ *App }

// People lists the team with their hours from one time to another.
func (c capacity) People(ctx context.Context, from, to time.Time) ([]process.Person, error) {
	team := c.Crew()
	people, err := team.People(ctx)
	if err != nil {
		return nil, err
	}
	away, err := c.Store.TeamAbsences(ctx, from)
	if err != nil {
		return nil, err
	}
	duties, err := team.Duties(ctx)
	if err != nil {
		return nil, err
	}
	plans := c.Plans()
	all := make([]process.Person, len(people))
	for i := range people {
		p := &people[i]
		x := process.Person{Email: p.Email, Name: p.Name, Role: p.Role, Unsaid: !p.Said()}
		x.Hours, x.Away = team.Hours(p, away, from, to)
		tasks, err := plans.Mine(ctx, p.Email)
		if err != nil {
			return nil, err
		}
		x.Planned = plannedHours(p, tasks, away, from, to, p.In(zones(c).Zone()))
		for j := range duties {
			if d := &duties[j]; strings.EqualFold(d.Accountable, p.Email) {
				x.Duties = append(x.Duties, d.Subject+" (accountable)")
			} else if containsFold(d.Responsible, p.Email) {
				x.Duties = append(x.Duties, d.Subject)
			}
		}
		all[i] = x
	}
	return all, nil
}

func containsFold(all []string, x string) bool {
	for _, s := range all {
		if strings.EqualFold(s, x) {
			return true
		}
	}
	return false
}

// plannedHours are the hours that somebody works on the days on which tasks of plans are theirs. A day counts once.
func plannedHours(p *crew.Person, tasks []roadmap.Mine, away []crew.Absence, from, to time.Time, zone *time.Location) float64 {
	days := make(map[schedule.Date]bool)
	first, last := schedule.DateOf(from.In(zone)), schedule.DateOf(to.In(zone))
	for i := range tasks {
		begin, err1 := schedule.ParseDate(tasks[i].Start)
		end, err2 := schedule.ParseDate(tasks[i].End)
		if err1 != nil || err2 != nil || tasks[i].Days == 0 {
			continue
		}
		for d := max(begin, first); d <= min(end, last); d++ {
			days[d] = true
		}
	}
	sum := 0.
	for d := first; d <= last; d++ {
		if days[d] {
			begin, end := d.Begin(zone), (d + 1).Begin(zone)
			if begin.Before(from) {
				begin = from
			}
			if end.After(to) {
				end = to
			}
			hours, _ := p.Work(begin, end, away, zone)
			sum += hours
		}
	}
	return sum
}

// diary knows what somebody has before them.
type diary struct{ *App }

// shownInDay is how many things of a kind a day shows.
const shownInDay = 50

// Own is what is theirs, up to the end of a day.
func (d diary) Own(ctx context.Context, person string, until time.Time) ([]crew.Item, error) {
	all := []crew.Item{}
	now := d.Now()
	tasks, err := d.Tasks.List(ctx, task.Filter{Owner: person, Limit: shownInDay})
	if err != nil {
		return nil, err
	}
	for i := range tasks {
		t := &tasks[i]
		if t.DueAt.IsZero() || t.DueAt.Before(until) {
			all = append(all, crew.Item{Kind: crew.DayTask, Title: t.Title, Note: t.Note, Link: firstLink(t.Link, "/tasks"), At: t.DueAt, Late: !t.DueAt.IsZero() && t.DueAt.Before(until.AddDate(0, 0, -1))})
		}
	}
	page, err := d.Inbox.Queue(ctx, inbox.Filter{View: inbox.ViewMine, Person: person, Limit: shownInDay})
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		it := &page.Items[i]
		all = append(all, crew.Item{Kind: crew.DayInbox, Title: it.Conversation.Title, Link: fmt.Sprintf("/inbox/%d", it.Conversation.ID), At: it.DueAt, Late: it.DueAt.Before(now)})
	}
	events, err := d.Events.Entries(ctx, until.AddDate(0, 0, -1), until.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	for i := range events {
		if e := &events[i]; (e.Owner == "" || strings.EqualFold(e.Owner, person)) && e.State != string(event.Canceled) {
			all = append(all, crew.Item{Kind: crew.DayEvent, Title: e.Title, Note: e.Place, Link: firstLink(e.Path, e.Link), At: e.From})
		}
	}
	kept, err := d.Kept(ctx, person, until)
	if err != nil {
		return nil, err
	}
	all = append(all, kept...)
	told, err := d.Tasks.Told(ctx, person, true, 0, shownInDay)
	if err != nil {
		return nil, err
	}
	for i := range told {
		n := &told[i]
		all = append(all, crew.Item{Kind: crew.DayNotice, Title: n.Title, Note: n.Text, Link: firstLink(n.Link, "/notices"), At: n.At})
	}
	return all, nil
}

// Kept is what stays theirs while they are away: their part of plans, and approvals.
func (d diary) Kept(ctx context.Context, person string, until time.Time) ([]crew.Item, error) {
	all, err := d.plans(ctx, person, until)
	if err != nil {
		return nil, err
	}
	waiting, err := d.approvals(ctx, person)
	return append(all, waiting...), err
}

// approvals are what waits for somebody's word: drafts of messages that are theirs, programs whose sponsor they are, and plans
// that were changed since they signed them off.
func (d diary) approvals(ctx context.Context, person string) ([]crew.Item, error) {
	all := []crew.Item{}
	drafts, err := d.Store.MessageList(ctx, outbox.Filter{States: []outbox.State{outbox.Draft}, Owner: person, Limit: shownInDay})
	if err != nil {
		return nil, err
	}
	for i := range drafts {
		m := &drafts[i]
		all = append(all, crew.Item{Kind: crew.DayApproval, Title: "Message to " + cmp.Or(m.Member, m.To), Note: cmp.Or(m.Subject, m.Text), Link: fmt.Sprintf("/outbox/%d", m.ID), At: m.NotAfter})
	}
	programs, err := d.Store.Programs(ctx, false)
	if err != nil {
		return nil, err
	}
	for i := range programs {
		if p := &programs[i]; p.State == program.Planned && p.ApprovedAt.IsZero() && strings.EqualFold(p.Sponsor, person) {
			all = append(all, crew.Item{Kind: crew.DayApproval, Title: "Program: " + p.Name, Note: "It begins once its sponsor approves it.", Link: "/programs/" + p.Key})
		}
	}
	signed, err := d.signed(ctx, person)
	return append(all, signed...), err
}

// signed are the plans that somebody signed off, and that were changed since.
func (d diary) signed(ctx context.Context, person string) ([]crew.Item, error) {
	var all []crew.Item
	svc := d.Plans()
	plans, err := svc.Plans(ctx)
	if err != nil {
		return nil, err
	}
	for i := range plans {
		p := &plans[i]
		if p.State != roadmap.Draft && p.State != roadmap.Active || !slices.ContainsFunc(p.SignOffs, func(x roadmap.SignOff) bool { return strings.EqualFold(x.By, person) }) {
			continue
		}
		changes, err := svc.Changes(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		if n := len(roadmap.Since(p, changes)); n > 0 {
			all = append(all, crew.Item{Kind: crew.DayApproval, Title: "Plan: " + p.Title, Note: fmt.Sprintf("It was changed since it was signed off, in %d steps. Sign it off again if it still holds.", n), Link: fmt.Sprintf("/roadmap/%d", p.ID)})
		}
	}
	return all, nil
}

// plans are the tasks of plans that somebody is at or late with, and the checkpoints of the next 7 days of plans that are theirs.
func (d diary) plans(ctx context.Context, person string, until time.Time) ([]crew.Item, error) {
	all := []crew.Item{}
	svc := d.Plans()
	tasks, err := svc.Mine(ctx, person)
	if err != nil {
		return nil, err
	}
	today := schedule.DateOf(until.Add(-time.Hour))
	for i := range tasks {
		t := &tasks[i]
		begin, err := schedule.ParseDate(t.Start)
		if err != nil || begin > today {
			continue
		}
		it := crew.Item{Kind: crew.DayPlanTask, Title: t.Title, Note: t.PlanTitle, Link: fmt.Sprintf("/roadmap/%d", t.Plan), Late: t.Late}
		if end, err := schedule.ParseDate(t.End); err == nil {
			it.At = (end + 1).Begin(until.Location()).Add(-time.Minute)
		}
		all = append(all, it)
	}
	plans, err := svc.Plans(ctx)
	if err != nil {
		return nil, err
	}
	for i := range plans {
		p := &plans[i]
		if p.State != roadmap.Active || !strings.EqualFold(p.Owner, person) && !containsFold(p.Responsible, person) {
			continue
		}
		for _, c := range p.Checkpoints {
			if day, err := schedule.ParseDate(c.Day); err == nil && c.Outcome == "" && day <= today+7 {
				all = append(all, crew.Item{Kind: crew.DayCheckpoint, Title: c.Title, Note: p.Title, Link: fmt.Sprintf("/roadmap/%d", p.ID), At: day.Begin(until.Location()), Late: day < today})
			}
		}
	}
	return all, nil
}

func firstLink(all ...string) string {
	for _, l := range all {
		if l != "" {
			return l
		}
	}
	return ""
}
