// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package organization

import (
	"context"
	"fmt"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/employer"
)

// Pairs is what the record store does for organizations that may be one.
type Pairs interface {
	// EmployerFacts is what tells which organizations may be one.
	EmployerFacts(ctx context.Context) ([]employer.Organization, map[employer.Pair]int, error)
	// OrganizationParts says of the organizations that are part of others of which.
	OrganizationParts(ctx context.Context) (map[int64]int64, error)
	// OrganizationsApart lists what people say is not one; KeepOrganizationsApart says so, UndoOrganizationsApart takes it back.
	OrganizationsApart(ctx context.Context) ([]greenroom.OrganizationApart, error)
	KeepOrganizationsApart(ctx context.Context, a, b int64, reason, by string) (int64, error)
	UndoOrganizationsApart(ctx context.Context, id int64) (greenroom.OrganizationApart, error)
}

// PairSide is one organization of a pair.
type PairSide struct {
	ID         int64    `json:"id" doc:"Its number."`
	Name       string   `json:"name" doc:"What it is called."`
	Domains    []string `json:"domains" doc:"E-mail domains by which its people are found."`
	Country    string   `json:"country,omitempty" doc:"As the source writes it."`
	Size       int64    `json:"size,omitempty" doc:"Employees."`
	Activities int64    `json:"activities" doc:"What its people did."`
	Sources    []string `json:"sources" doc:"The sources that have a record of it, each as often as it has."`
}

// PairReason is one reason for or against.
type PairReason struct {
	Text   string  `json:"text" doc:"The reason in words."`
	Weight float64 `json:"weight" doc:"Natural logarithm of odds; below 0 = it speaks against."`
}

// Pair is two organizations that may be one. A is the one to keep.
type Pair struct {
	A           PairSide     `json:"a" doc:"The one to keep: it has a name of its own, or more activities."`
	B           PairSide     `json:"b" doc:"The other."`
	Probability float64      `json:"probability" doc:"That they are one, by rules set by hand; 0 to 1."`
	Evidence    []PairReason `json:"evidence" doc:"What speaks for and against."`
}

// PairList is what waits for a person.
type PairList struct {
	Items  []Pair `json:"items" doc:"Pairs of organizations, the most probable first."`
	Total  int    `json:"total" doc:"How many wait in all."`
	Passed int    `json:"passed" doc:"How many names and domain labels were passed over, because more than 25 organizations share them."`
}

// found is what was found last. What people say meanwhile is left out when it is asked for; what new facts bring comes with the next look.
type found struct {
	mu      sync.Mutex
	at      time.Time
	matches []employer.Match
	passed  int
	byID    map[int64]PairSide
}

// forget has the next one who asks look again.
func (f *found) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byID = nil
}

// fresh is for how long what was found is taken as it was.
const fresh = 2 * time.Minute

func (s *Service) look(ctx context.Context) ([]employer.Match, map[int64]PairSide, int, error) {
	f := &s.found
	f.mu.Lock()
	defer f.mu.Unlock()
	now := s.now()
	if age := now.Sub(f.at); f.byID != nil && age >= 0 && age < fresh {
		return f.matches, f.byID, f.passed, nil
	}
	all, shared, err := s.pairs.EmployerFacts(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	byID := make(map[int64]PairSide, len(all))
	for i := range all {
		o := &all[i]
		side := PairSide{ID: o.ID, Name: o.Name, Domains: append([]string{}, o.Domains...), Country: o.Country, Size: o.Size, Activities: o.Activities, Sources: []string{}}
		for _, r := range o.Records {
			side.Sources = append(side.Sources, r.Source)
		}
		byID[o.ID] = side
	}
	f.matches, f.passed = employer.Suggest(all, shared)
	f.at, f.byID = now, byID
	return f.matches, f.byID, f.passed, nil
}

// Matches lists organizations that may be one, and that nobody has said anything of, limit at most.
func (s *Service) Matches(ctx context.Context, limit int) (PairList, error) {
	res := PairList{Items: []Pair{}}
	all, byID, passed, err := s.look(ctx)
	if err != nil {
		return res, fmt.Errorf("looking which organizations may be one: %w", err)
	}
	parts, err := s.pairs.OrganizationParts(ctx)
	if err != nil {
		return res, err
	}
	said, err := s.pairs.OrganizationsApart(ctx)
	if err != nil {
		return res, err
	}
	root := func(id int64) int64 {
		if into := parts[id]; into > 0 {
			return into
		}
		return id
	}
	apart := make(map[employer.Pair]bool, len(said))
	for _, p := range said {
		apart[employer.PairOf(root(p.A), root(p.B))] = true
	}
	res.Passed = passed
	for i := range all {
		m := &all[i]
		if parts[m.A] > 0 || parts[m.B] > 0 || apart[employer.PairOf(m.A, m.B)] {
			continue
		}
		if res.Total++; len(res.Items) >= limit {
			continue
		}
		match := Pair{A: byID[m.A], B: byID[m.B], Probability: m.Probability, Evidence: []PairReason{}}
		for _, e := range m.Evidence {
			match.Evidence = append(match.Evidence, PairReason(e))
		}
		res.Items = append(res.Items, match)
	}
	return res, nil
}

// Apart says that two organizations are not one, so that they are not suggested again.
func (s *Service) Apart(ctx context.Context, a, b int64, by string) (greenroom.OrganizationApart, error) {
	if a == b {
		return greenroom.OrganizationApart{}, greenroom.Errorf(greenroom.CodeInvalid, "organization %d cannot be kept apart from itself", a)
	}
	return s.apart(ctx, a, b, "", by)
}

func (s *Service) apart(ctx context.Context, a, b int64, reason, by string) (greenroom.OrganizationApart, error) {
	id, err := s.pairs.KeepOrganizationsApart(ctx, a, b, reason, by)
	if err != nil {
		return greenroom.OrganizationApart{}, fmt.Errorf("keeping organizations %d and %d apart: %w", a, b, err)
	}
	return greenroom.OrganizationApart{ID: id, A: min(a, b), B: max(a, b), Reason: reason, By: by, At: s.now()},
		s.changed(ctx, by, "organization.apart", a, fmt.Sprintf("organization %d is another", b))
}

// UndoApart takes back that two organizations are not one.
func (s *Service) UndoApart(ctx context.Context, id int64, by string) (greenroom.OrganizationApart, error) {
	p, err := s.pairs.UndoOrganizationsApart(ctx, id)
	if err != nil {
		return p, fmt.Errorf("taking back that two organizations are not one: %w", err)
	}
	return p, s.changed(ctx, by, "organization.apart.undo", p.A, fmt.Sprintf("that organization %d is another was taken back", p.B))
}

// ListApart lists the pairs that are not one, as people say, the newest first.
func (s *Service) ListApart(ctx context.Context) ([]greenroom.OrganizationApart, error) {
	return s.pairs.OrganizationsApart(ctx)
}
