// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Store keeps the team.
type Store interface {
	// TeamPeople lists who may sign in, with what is said of them, by mail address.
	TeamPeople(ctx context.Context) ([]Person, error)
	// SetTeamProfile stores a profile whose version is still the one that it was read with. CodeConflict where it is not.
	SetTeamProfile(ctx context.Context, p Profile) (Profile, error)
	Absences
	Duties
}

// Absences keeps absences and hands things over.
type Absences interface {
	// TeamAbsences lists those that end after a time, by their beginning.
	TeamAbsences(ctx context.Context, after time.Time) ([]Absence, error)
	AddTeamAbsence(ctx context.Context, a Absence) (Absence, error)
	// EndTeamAbsence ends an absence at a time, or calls it off where it has not begun.
	EndTeamAbsence(ctx context.Context, id int64, at time.Time) (Absence, error)
	// HandOver moves what is due to move: to stand-ins, and back.
	HandOver(ctx context.Context) (moved int, err error)
}

// Duties keeps responsibilities.
type Duties interface {
	TeamDuties(ctx context.Context) ([]Duty, error)
	// SaveTeamDuty stores a responsibility: a new one where its number is 0. CodeConflict where the version is another.
	SaveTeamDuty(ctx context.Context, d Duty) (Duty, error)
	RemoveTeamDuty(ctx context.Context, id int64) (Duty, error)
}

// Diary knows what somebody has before them.
type Diary interface {
	// Own is what is theirs: tasks, approvals, conversations, events, checkpoints, tasks of plans and notices, up to the end of a day.
	Own(ctx context.Context, person string, until time.Time) ([]Item, error)
	// Kept is what stays theirs while they are away, and what a stand-in has to look at: their part of plans, and approvals.
	Kept(ctx context.Context, person string, until time.Time) ([]Item, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service is what people do with the team.
type Service struct {
	store Store
	diary Diary
	audit Auditor
	log   *slog.Logger
	now   func() time.Time
	zone  func() *time.Location
}

// New returns the service. diary is nil where nobody looks at days.
func New(store Store, diary Diary, audit Auditor, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	return &Service{store: store, diary: diary, audit: audit, log: log, now: now, zone: zone}
}

// People lists the team.
func (s *Service) People(ctx context.Context) ([]Person, error) {
	all, err := s.store.TeamPeople(ctx)
	if err != nil {
		return nil, err
	}
	away, err := s.store.TeamAbsences(ctx, s.now())
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Weekly = all[i].WeekHours()
		for j := range away {
			if away[j].Person == all[i].Email && away[j].Now(s.now()) {
				all[i].Away = away[j].To
			}
		}
	}
	return all, nil
}

// Person finds somebody.
func (s *Service) Person(ctx context.Context, email string) (Person, error) {
	all, err := s.People(ctx)
	if err != nil {
		return Person{}, err
	}
	i := slices.IndexFunc(all, func(p Person) bool { return p.Email == strings.ToLower(email) })
	if i < 0 {
		return Person{}, greenroom.Errorf(greenroom.CodeNotFound, "nobody of the team has the mail address %q; they sign in under Settings, People", email)
	}
	return all[i], nil
}

// SetProfile stores what is said of somebody. The version is the one that was looked at.
func (s *Service) SetProfile(ctx context.Context, p Profile, by string) (Person, error) {
	p.Email = strings.ToLower(p.Email)
	if err := p.Validate(); err != nil {
		return Person{}, err
	}
	if _, err := s.Person(ctx, p.Email); err != nil {
		return Person{}, err
	}
	if _, err := s.store.SetTeamProfile(ctx, p); err != nil {
		return Person{}, fmt.Errorf("storing a profile: %w", err)
	}
	if err := s.audit.Audit(ctx, by, "team.profile", p.Email, p.Role); err != nil {
		return Person{}, err
	}
	return s.Person(ctx, p.Email)
}

// Absences lists those that are not over, or with past those of the last year too, by their beginning.
func (s *Service) Absences(ctx context.Context, past bool) ([]Absence, error) {
	after := s.now()
	if past {
		after = after.AddDate(-1, 0, 0)
	}
	return s.store.TeamAbsences(ctx, after)
}

// maxAway is how many years an absence has at most.
const maxAway = 100

// Leave writes down that somebody is away. What is theirs goes to the stand-in from the first day on.
func (s *Service) Leave(ctx context.Context, a Absence, by string) (Absence, error) {
	a.Person, a.StandIn, a.Note = strings.ToLower(strings.TrimSpace(a.Person)), strings.ToLower(strings.TrimSpace(a.StandIn)), strings.TrimSpace(a.Note)
	p, err := s.Person(ctx, a.Person)
	if err != nil {
		return a, err
	}
	if a.StandIn != "" {
		if _, err := s.Person(ctx, a.StandIn); err != nil {
			return a, err
		}
	}
	zone := p.In(s.zone())
	first, err1 := time.ParseInLocation(time.DateOnly, a.From, zone)
	last, err2 := time.ParseInLocation(time.DateOnly, a.To, zone)
	switch {
	case err1 != nil:
		return a, greenroom.FieldErrorf("from", "the first day of the absence is a day, written as 2026-12-24, not %q", a.From)
	case err2 != nil:
		return a, greenroom.FieldErrorf("to", "the last day of the absence is a day, written as 2026-12-24, not %q", a.To)
	case last.Before(first):
		return a, greenroom.FieldErrorf("to", "the last day of the absence (%s) is before its first (%s); give the first day itself for an absence of one day", a.To, a.From)
	case last.After(first.AddDate(maxAway, 0, 0)):
		return a, greenroom.FieldErrorf("to", "the last day of the absence (%s) is more than %d years after its first (%s)", a.To, maxAway, a.From)
	case a.StandIn == a.Person:
		return a, bad("somebody else stands in for %s", p.Label())
	case utf8.RuneCountInString(a.Note) > maxText:
		return a, bad("the note has at most %d characters", maxText)
	}
	a.BeginsAt, a.EndsAt = first, last.AddDate(0, 0, 1)
	if !a.EndsAt.After(s.now()) {
		return a, bad("this absence is over already")
	}
	a.CreatedBy, a.CreatedAt = by, s.now()
	if a, err = s.store.AddTeamAbsence(ctx, a); err != nil {
		return a, fmt.Errorf("storing an absence: %w", err)
	}
	if err := s.audit.Audit(ctx, by, "team.absence", a.Person, a.From+" to "+a.To); err != nil {
		return a, err
	}
	return s.again(ctx, a)
}

// again hands things over, and reads an absence with what became of that.
func (s *Service) again(ctx context.Context, a Absence) (Absence, error) {
	if err := s.HandOver(ctx); err != nil {
		return a, err
	}
	all, err := s.store.TeamAbsences(ctx, a.EndsAt.Add(-time.Microsecond))
	if i := slices.IndexFunc(all, func(x Absence) bool { return x.ID == a.ID }); i >= 0 {
		a = all[i]
	}
	return a, err
}

// Return ends an absence now, or calls it off where it has not begun.
func (s *Service) Return(ctx context.Context, id int64, by string) (Absence, error) {
	a, err := s.store.EndTeamAbsence(ctx, id, s.now())
	if err != nil {
		return a, err
	}
	if err := s.audit.Audit(ctx, by, "team.return", a.Person, a.From+" to "+a.To); err != nil {
		return a, err
	}
	return s.again(ctx, a)
}

// HandOver moves what is due to move: to stand-ins, and back.
func (s *Service) HandOver(ctx context.Context) error {
	if _, err := s.store.HandOver(ctx); err != nil {
		return fmt.Errorf("handing things over: %w", err)
	}
	return nil
}

// Run hands things over as absences begin and end, until ctx is done.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := s.HandOver(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("handing over what is of those who are away", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Duties lists responsibilities, by kind and subject.
func (s *Service) Duties(ctx context.Context) ([]Duty, error) { return s.store.TeamDuties(ctx) }

// SaveDuty stores a responsibility: a new one where its number is 0, else from the version that was looked at.
func (s *Service) SaveDuty(ctx context.Context, d Duty, by string) (Duty, error) {
	if err := d.Validate(); err != nil {
		return d, err
	}
	d, err := s.store.SaveTeamDuty(ctx, d)
	if err != nil {
		return d, fmt.Errorf("storing a responsibility: %w", err)
	}
	return d, s.audit.Audit(ctx, by, "team.duty", fmt.Sprintf("responsibility %d", d.ID), d.Subject)
}

// RemoveDuty takes a responsibility away.
func (s *Service) RemoveDuty(ctx context.Context, id int64, by string) error {
	d, err := s.store.RemoveTeamDuty(ctx, id)
	if err != nil {
		return err
	}
	return s.audit.Audit(ctx, by, "team.duty.remove", fmt.Sprintf("responsibility %d", id), d.Subject)
}

// Hours are the hours that somebody works from one time to another, and those that absences take.
func (s *Service) Hours(p *Person, away []Absence, from, to time.Time) (hours, lost float64) {
	return p.Work(from, to, away, s.zone())
}
