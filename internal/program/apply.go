// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/query"
)

// mostProposed is how many people are looked at for a ranking: more nobody reads.
const mostProposed = 200

// Propose ranks those who qualify for a program, are not in it and were not turned down.
func (s *Service) Propose(ctx context.Context, ref string, limit int) ([]Candidate, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil || p.Plan.Qualifies == "" || p.State == Closed {
		return []Candidate{}, err
	}
	q, err := query.Parse(s.schema(query.Members), p.Plan.Qualifies)
	if err != nil {
		return nil, err //nolint:wrapcheck // it was parsed when it was stored
	}
	ids, err := s.Store.SegmentFits(ctx, q.Root, s.Now())
	if err != nil {
		return nil, fmt.Errorf("finding who qualifies for %s: %w", p.Key, err)
	}
	all, err := s.Store.ProgramStandings(ctx, p.ID, ids, mostProposed)
	if err != nil {
		return nil, fmt.Errorf("ranking who qualifies for %s: %w", p.Key, err)
	}
	out := ranked(all)
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// ranked orders people by the mean of their places in what speaks for them, so that one thing that somebody has very much of
// does not outweigh all others, and no scale has to be made up.
func ranked(all []Standing) []Candidate {
	measures := []func(*Standing) float64{
		func(s *Standing) float64 { return float64(s.Answers) },
		func(s *Standing) float64 { return float64(s.Accepted) },
		func(s *Standing) float64 { return float64(s.Days) },
		func(s *Standing) float64 { return s.Points },
		func(s *Standing) float64 { return float64((5 - s.Level) % 5) }, // level 1 is the nearest, 0 is none
	}
	score := make([]float64, len(all))
	for _, of := range measures {
		values := make([]float64, len(all))
		for i := range all {
			values[i] = of(&all[i])
		}
		slices.Sort(values)
		for i := range all {
			// The share of people who have less, and half of those who have as much.
			v := of(&all[i])
			low, _ := slices.BinarySearch(values, v)
			high := len(values)
			for j := low; j < len(values); j++ {
				if values[j] > v {
					high = j
					break
				}
			}
			score[i] += (float64(low) + float64(high-low)/2) / float64(len(all)) / float64(len(measures))
		}
	}
	out := make([]Candidate, len(all))
	for i := range all {
		x := &all[i]
		out[i] = Candidate{MemberID: x.MemberID, Member: x.Member, Organization: x.Organization, Score: score[i], Reasons: x.reasons()}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.MemberID, b.MemberID))
	})
	return out
}

func (s *Standing) reasons() []string {
	var all []string
	add := func(n int64, one, many string) {
		switch {
		case n == 1:
			all = append(all, "1 "+one)
		case n > 1:
			all = append(all, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(s.Answers, "reply or answer in 90 days", "replies and answers in 90 days")
	add(s.Accepted, "accepted answer in a year", "accepted answers in a year")
	add(s.Days, "active day in 90 days", "active days in 90 days")
	if s.Level > 0 {
		all = append(all, fmt.Sprintf("Orbit level %d", s.Level))
	}
	if s.Points > 0 {
		all = append(all, fmt.Sprintf("%.0f points", s.Points))
	}
	if len(all) == 0 {
		all = append(all, "fits who qualifies")
	}
	return all
}

// Wish is an application that is to be made.
type Wish struct {
	Member  int64             `json:"member_id"`
	Origin  string            `json:"origin,omitempty"` // "form", "team", "workflow", "survey"; "" = team
	Answers map[string]string `json:"answers,omitempty"`
	Note    string            `json:"note,omitempty"`
}

// Apply stores that somebody wants to be in a program; only those who fill the form in themselves have to answer it.
func (s *Service) Apply(ctx context.Context, ref string, w Wish, by string) (Application, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return Application{}, err
	}
	if p.State == Closed {
		return Application{}, greenroom.Errorf(greenroom.CodeConflict, "%s is closed", p.Name)
	}
	if w.Origin == "" {
		w.Origin = "team"
	}
	form := p.Plan
	if w.Origin != "form" {
		form.Form = slices.Clone(form.Form)
		for i := range form.Form {
			form.Form[i].Required = false
		}
	}
	answers, err := form.Answer(w.Answers)
	if err != nil {
		return Application{}, err
	}
	note, err := reasonable(w.Note)
	if err != nil {
		return Application{}, err
	}
	a, err := s.Store.ApplyToProgram(ctx, Application{ProgramID: p.ID, Program: p.Key, MemberID: w.Member, Origin: w.Origin, Answers: answers, Note: note, By: by, Verdict: Open})
	if err != nil {
		return a, fmt.Errorf("applying to %s: %w", p.Key, err)
	}
	return a, s.note(ctx, by, "program.apply", &p, w.Member, w.Origin)
}

// Applications lists applications to a program, those that wait for a decision first.
func (s *Service) Applications(ctx context.Context, ref string, verdicts ...Verdict) ([]Application, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.Store.Applications(ctx, ApplicationFilter{Program: p.ID, Verdicts: verdicts})
}

// Decide decides an application. Accepting enrolls as the admission says. Declining needs a reason: somebody will ask.
func (s *Service) Decide(ctx context.Context, id int64, v Verdict, adm Admission, by string) (Application, error) {
	a, err := s.Store.Application(ctx, id)
	if err != nil {
		return a, err
	}
	p, err := s.Store.Program(ctx, a.Program)
	if err != nil {
		return a, err
	}
	reason, err := reasonable(adm.Reason)
	switch {
	case err != nil:
		return a, err
	case !slices.Contains(Verdicts(), v) || v == Open:
		return a, invalid("there is no decision %q; expected accepted, declined, waiting or withdrawn", v)
	case !a.Verdict.May(v):
		return a, greenroom.Errorf(greenroom.CodeConflict, "the application of %s is %s, and cannot become %s", a.Member, a.Verdict, v)
	case reason == "" && v == Declined:
		return a, invalid("declining needs a reason; it is kept with the application")
	}
	var enroll *Enrollment
	if v == Accepted {
		if adm.Reason = reason; strings.TrimSpace(reason) == "" {
			adm.Reason = "application accepted"
		}
		e, err := p.enrollment(a.MemberID, adm, by)
		if err != nil {
			return a, err
		}
		enroll = &e
	}
	if err := s.Store.DecideApplication(ctx, id, v, reason, by, enroll); err != nil {
		return a, fmt.Errorf("deciding an application to %s: %w", p.Key, err)
	}
	if err := s.note(ctx, by, "program."+string(v), &p, a.MemberID, reason); err != nil {
		return a, err
	}
	return s.Store.Application(ctx, id)
}
