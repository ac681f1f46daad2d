// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/impact/verdict"
	"greenroom/internal/query"
)

// Business reads business data, as what they are.
type Business interface {
	Deals(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Deal, error)
	Subscriptions(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Subscription, error)
	Rates(ctx context.Context) (*greenroom.Rates, error)
	// DealOrigins gives by deal what the CRM has as its origin.
	DealOrigins(ctx context.Context) (map[int64]string, error)
	// DealTouches gives what members of organizations, and people from the CRM, did before a time: one a day and source.
	DealTouches(ctx context.Context, organizations []int64, until time.Time) ([]Touch, error)
	BusinessAccounts
	// ProofCrowd counts the community in a time.
	ProofCrowd(ctx context.Context, from, to time.Time, own, others []string) (Crowd, error)
}

// BusinessAccounts reads organizations for studies.
type BusinessAccounts interface {
	// WhichFit gives those of some organizations that a query fits.
	WhichFit(ctx context.Context, e query.Entity, q *query.Query, ids []int64) ([]int64, error)
	// AccountWeeks gives by organization what its people did by week; the last is the seven days before a time.
	AccountWeeks(ctx context.Context, ids []int64, until time.Time) (map[int64][]int, error)
	StudyAccounts(ctx context.Context, ids []int64) (map[int64]Account, error)
}

// Ledger keeps costs and assumptions.
type Ledger interface {
	Costs(ctx context.Context) ([]Cost, error)
	AddCosts(ctx context.Context, all []Cost) ([]Cost, error)
	// ChangeCost stores a line whose version is still the one that it was read with; remove takes it away.
	ChangeCost(ctx context.Context, c Cost, remove bool) (Cost, error)
	ProofInputs(ctx context.Context) (map[string]Input, error)
	// SetProofInput stores an input whose version is the one that is there, 0 = none.
	SetProofInput(ctx context.Context, in Input) (Input, error)
}

// UseBusiness gives the service what measures are computed from.
func (s *Service) UseBusiness(b Business, l Ledger) { s.business, s.ledger = b, l }

// attributionWindow is how long before a deal a touch counts.
const attributionWindow = 90 * day

// Measures lists the measures.
func (s *Service) Measures() []Measure { return Measures() }

// Measure computes a measure in a time.
func (s *Service) Measure(ctx context.Context, key string, from, to time.Time) (Figure, error) {
	f, _, err := s.measure(ctx, key, from, to)
	return f, err
}

// Figures computes all measures in a time, in the order of the catalog.
func (s *Service) Figures(ctx context.Context, from, to time.Time) ([]Figure, error) {
	b, lights, err := s.books(ctx, from, to)
	if err != nil {
		return nil, err
	}
	var all []Figure
	for _, m := range Measures() {
		f, _, err := m.Compute(b)
		if err != nil {
			return nil, fmt.Errorf("computing %s: %w", m.Key, err)
		}
		lights.shine(&f)
		all = append(all, f)
	}
	return all, nil
}

// Records lists what a measure counts in a time.
func (s *Service) Records(ctx context.Context, key string, from, to time.Time) ([]Record, error) {
	_, records, err := s.measure(ctx, key, from, to)
	return records, err
}

func (s *Service) measure(ctx context.Context, key string, from, to time.Time) (Figure, []Record, error) {
	m, err := FindMeasure(key)
	if err != nil {
		return Figure{}, nil, err
	}
	b, lights, err := s.books(ctx, from, to)
	if err != nil {
		return Figure{}, nil, err
	}
	f, records, err := m.Compute(b)
	if err != nil {
		return f, nil, fmt.Errorf("computing %s: %w", key, err)
	}
	lights.shine(&f)
	return f, records, nil
}

// lit is what the best study says beside a measure.
type lit struct {
	study int64
	light verdict.Light
	says  string
}

type lights map[string]lit

// shine puts the study beside the figure, and the address of its records.
func (l lights) shine(f *Figure) {
	if f.Count > 0 || f.Of > 0 {
		f.Records = RecordsPath(f.Key, f.From, f.To)
	}
	if x, there := l[f.Key]; there && f.Causal != "" {
		f.Study, f.Verdict, f.Answer = x.study, x.light, x.says
	}
}

// RecordsPath is the page that lists what a measure counts.
func RecordsPath(key string, from, to time.Time) string {
	v := url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.AddDate(0, 0, -1).Format(time.DateOnly)}}
	return "/impact/measures/" + url.PathEscape(key) + "?" + v.Encode() + "#records"
}

// rank orders lights, the most trustworthy last.
func rank(l verdict.Light) int {
	return slices.Index([]verdict.Light{verdict.Correlation, verdict.Weak, verdict.Good, verdict.Experiment}, l)
}

// lights gives by measure the study with the best light.
func (s *Service) lights(ctx context.Context) (lights, error) {
	all, err := s.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading studies: %w", err)
	}
	out := make(lights)
	for i := range all {
		x := &all[i]
		if x.Latest == nil || x.Latest.Result == nil {
			continue
		}
		r := x.Latest.Result
		for _, key := range x.Measures {
			if have, there := out[key]; !there || rank(r.Light) > rank(have.light) {
				out[key] = lit{x.ID, r.Light, r.Says}
			}
		}
	}
	return out, nil
}

// lastYear is the last that dates are written of (RFC 3339).
const lastYear = 9999

// books gathers what measures of a time are computed from.
func (s *Service) books(ctx context.Context, from, to time.Time) (*Books, lights, error) {
	if !from.Before(to) {
		return nil, nil, invalid("the time ends before it begins")
	}
	if to.Year() > lastYear {
		return nil, nil, invalid("the time ends after the year %d", lastYear)
	}
	b := &Books{From: from, To: to, Now: s.now(), Window: attributionWindow, Inputs: make(map[string]Input), Lights: make(map[string]verdict.Light)}
	inputs, err := s.Inputs(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, in := range inputs {
		b.Inputs[in.Key] = in
	}
	b.Names = b.Inputs[namesOfUs].Words
	if b.Deals, err = s.business.Deals(ctx, greenroom.BusinessFilter{}); err != nil {
		return nil, nil, fmt.Errorf("reading deals: %w", err)
	}
	if b.Subs, err = s.business.Subscriptions(ctx, greenroom.BusinessFilter{}); err != nil {
		return nil, nil, fmt.Errorf("reading subscriptions: %w", err)
	}
	if b.Rates, err = s.business.Rates(ctx); err != nil {
		return nil, nil, fmt.Errorf("reading rates: %w", err)
	}
	if b.Said, err = s.business.DealOrigins(ctx); err != nil {
		return nil, nil, fmt.Errorf("reading where deals come from: %w", err)
	}
	if b.Touches, err = s.business.DealTouches(ctx, concerned(b), to); err != nil {
		return nil, nil, fmt.Errorf("reading touches: %w", err)
	}
	if b.Weeks, err = s.business.AccountWeeks(ctx, concerned(b), to); err != nil {
		return nil, nil, fmt.Errorf("reading what accounts did: %w", err)
	}
	if b.Crowd, err = s.business.ProofCrowd(ctx, from, to, b.Inputs[wordsOfBrand].Words, b.Inputs[wordsOfOthers].Words); err != nil {
		return nil, nil, fmt.Errorf("counting the community: %w", err)
	}
	if b.Costs, err = s.ledger.Costs(ctx); err != nil {
		return nil, nil, fmt.Errorf("reading costs: %w", err)
	}
	l, err := s.lights(ctx)
	if err != nil {
		return nil, nil, err
	}
	for key, x := range l {
		b.Lights[key] = x.light
	}
	return b, l, nil
}

// concerned are the organizations that have deals or subscriptions.
func concerned(b *Books) []int64 {
	var ids []int64
	for i := range b.Deals {
		ids = append(ids, b.Deals[i].Organization)
	}
	for i := range b.Subs {
		ids = append(ids, b.Subs[i].Organization)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return slices.DeleteFunc(ids, func(id int64) bool { return id == 0 })
}

// Inputs lists what people can set, as it is now.
func (s *Service) Inputs(ctx context.Context) ([]Input, error) {
	set, err := s.ledger.ProofInputs(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading assumptions: %w", err)
	}
	all := usualInputs()
	for i, in := range all {
		if mine, there := set[in.Key]; there {
			mine.Key, mine.Name, mine.Unit, mine.Editable, mine.Known = in.Key, in.Name, in.Unit, true, true
			all[i] = mine
		}
	}
	return all, nil
}

// SetInput sets an assumption from the version that it was looked at in.
func (s *Service) SetInput(ctx context.Context, in Input, by string) (Input, error) {
	usual := usualInputs()
	i := slices.IndexFunc(usual, func(u Input) bool { return u.Key == in.Key })
	if i < 0 {
		return in, greenroom.Errorf(greenroom.CodeNotFound, "there is no assumption %q", in.Key)
	}
	in.Name, in.Unit, in.Editable, in.Known, in.Origin = usual[i].Name, usual[i].Unit, true, true, strings.TrimSpace(in.Origin)
	if in.Origin == "" || utf8.RuneCountInString(in.Origin) > maxTitle {
		return in, invalid("say in at most %d characters where it comes from: a ledger, a survey, a guess", maxTitle)
	}
	words := in.IsWords()
	if len(in.Words) > 50 || words && len(in.Words) == 0 || !words && len(in.Words) > 0 {
		return in, invalid("give 1 to 50 words, parted by commas")
	}
	for _, w := range in.Words {
		if n := utf8.RuneCountInString(w); n < 2 || n > 60 {
			return in, invalid("“%s” is too short or too long for a word", w)
		}
	}
	if in.Low < 0 || in.Low > in.Likely || in.Likely > in.High || in.High > mostAmount {
		return in, invalid("the likely value lies between the least and the greatest, and none is below 0")
	}
	out, err := s.ledger.SetProofInput(ctx, in)
	if err != nil {
		return out, fmt.Errorf("setting an assumption: %w", err)
	}
	if err := s.audit.Audit(ctx, by, "assumption.set", in.Key, decimal(in.Likely)); err != nil {
		return out, fmt.Errorf("writing the audit log: %w", err)
	}
	return out, nil
}

// Costs lists the ledger.
func (s *Service) Costs(ctx context.Context) ([]Cost, error) { return s.ledger.Costs(ctx) }

// AddCosts adds lines to the ledger: all, or none where one makes no sense.
func (s *Service) AddCosts(ctx context.Context, all []Cost, by string) ([]Cost, error) {
	for i := range all {
		if err := all[i].Validate(); err != nil {
			return nil, err
		}
	}
	out, err := s.ledger.AddCosts(ctx, all)
	if err != nil {
		return out, fmt.Errorf("adding costs: %w", err)
	}
	if err := s.audit.Audit(ctx, by, "cost.add", "costs", fmt.Sprintf("%d lines", len(out))); err != nil {
		return out, fmt.Errorf("writing the audit log: %w", err)
	}
	return out, nil
}

// ChangeCost changes a line of the ledger from the version that it was looked at in, or takes it away.
func (s *Service) ChangeCost(ctx context.Context, c Cost, remove bool, by string) (Cost, error) {
	if !remove {
		if err := c.Validate(); err != nil {
			return c, err
		}
	}
	out, err := s.ledger.ChangeCost(ctx, c, remove)
	if err != nil {
		return out, fmt.Errorf("changing a cost: %w", err)
	}
	what := "cost.change"
	if remove {
		what = "cost.remove"
	}
	if err := s.audit.Audit(ctx, by, what, fmt.Sprintf("cost %d", c.ID), out.Name); err != nil {
		return out, fmt.Errorf("writing the audit log: %w", err)
	}
	return out, nil
}
