// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team

import (
	"context"
	"slices"
	"time"
)

// ItemKind is what stands in somebody's day.
type ItemKind string

// The kinds, in the order in which a day shows them.
const (
	DayTask       ItemKind = "task"
	DayApproval   ItemKind = "approval"
	DayInbox      ItemKind = "conversation"
	DayEvent      ItemKind = "event"
	DayPlanTask   ItemKind = "plan_task"
	DayCheckpoint ItemKind = "checkpoint"
	DayNotice     ItemKind = "notice"
)

// ItemKinds lists them.
func ItemKinds() []ItemKind {
	return []ItemKind{DayTask, DayApproval, DayInbox, DayEvent, DayPlanTask, DayCheckpoint, DayNotice}
}

// Item is something in somebody's day.
type Item struct {
	Kind  ItemKind  `json:"kind" doc:"What it is."`
	Title string    `json:"title" doc:"One line."`
	Note  string    `json:"note,omitempty" doc:"More about it."`
	Link  string    `json:"link,omitempty" doc:"Its page: a path in Greenroom, or an address."`
	At    time.Time `json:"at,omitzero" doc:"When it is due, or begins; left out where no time is said."`
	Late  bool      `json:"late,omitempty" doc:"It should have been done."`
	For   string    `json:"for,omitempty" doc:"Whose it is, where you stand in for them."`
}

// Day is what somebody has before them.
type Day struct {
	Person     Person    `json:"person" doc:"Whose day it is."`
	Date       string    `json:"date" doc:"The day, in their zone."`
	Items      []Item    `json:"items" doc:"What is theirs: by kind, what is due first first."`
	StandingIn []Absence `json:"standing_in" doc:"For whom they stand in."`
	Away       []Absence `json:"away" doc:"Who else is away now, or will be within 7 days."`
}

// awaySoon is how many days ahead absences are told.
const awaySoon = 7

// Day says what somebody has before them today.
func (s *Service) Day(ctx context.Context, email string) (Day, error) {
	d := Day{Items: []Item{}, StandingIn: []Absence{}, Away: []Absence{}}
	var err error
	if d.Person, err = s.Person(ctx, email); err != nil {
		return d, err
	}
	now := s.now().In(d.Person.In(s.zone()))
	d.Date = now.Format(time.DateOnly)
	until := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	if s.diary != nil {
		if d.Items, err = s.diary.Own(ctx, d.Person.Email, until); err != nil {
			return d, err
		}
	}
	away, err := s.Absences(ctx, false)
	if err != nil {
		return d, err
	}
	gone := make(map[string]Absence) // of now, by person
	for i := range away {
		if a := away[i]; a.Now(now) && a.BackAt.IsZero() {
			gone[a.Person] = a
		}
	}
	for i := range away {
		a := &away[i]
		if a.Person == d.Person.Email || a.BeginsAt.After(now.AddDate(0, 0, awaySoon)) {
			continue
		}
		d.Away = append(d.Away, *a)
		if gone[a.Person].ID != a.ID || StandIn(gone, a.Person) != d.Person.Email {
			continue
		}
		d.StandingIn = append(d.StandingIn, *a)
		if s.diary == nil {
			continue
		}
		theirs, err := s.diary.Kept(ctx, a.Person, until)
		if err != nil {
			return d, err
		}
		for j := range theirs {
			theirs[j].For = a.Person
		}
		d.Items = append(d.Items, theirs...)
	}
	slices.SortStableFunc(d.Items, func(a, b Item) int { return slices.Index(ItemKinds(), a.Kind) - slices.Index(ItemKinds(), b.Kind) })
	return d, nil
}
