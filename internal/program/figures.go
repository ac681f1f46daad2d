// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Figures are what came of a program.
type Figures struct {
	At       time.Time    `json:"at"`       // when they were computed
	Enrolled int64        `json:"enrolled"` // people in it then
	Ever     int64        `json:"ever"`     // people who were ever in it
	Left     int64        `json:"left"`     // people who were and are not any more
	Spent    int64        `json:"spent"`    // hundredths of the currency
	Planned  int64        `json:"planned"`  // what the perks of those who were ever in it are planned to cost
	Targets  []Outcome    `json:"targets"`
	Change   BeforeAfter  `json:"change"`
	Members  []MemberView `json:"members,omitempty"` // those with the largest change first; left out of evidence
	Note     string       `json:"note"`
}

// Outcome is how a target stands: a figure for each period, over those who were enrolled at its end.
type Outcome struct {
	Target
	Label   string       `json:"label"`
	Unit    string       `json:"unit"`
	Lower   bool         `json:"lower,omitempty"` // a lower figure is the better one
	Periods []PeriodView `json:"periods"`         // the last one is not over
}

// PeriodView is the figure of a period.
type PeriodView struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Value   *float64  `json:"value"` // nil = there is no such figure
	Segment string    `json:"segment"`
	Met     bool      `json:"met"`
	Partial bool      `json:"partial,omitempty"`
}

// BeforeAfter sums up what people did as long before they came as since.
type BeforeAfter struct {
	Compared int64   `json:"compared"` // people in it for at least a week
	More     int64   `json:"more"`     // who did more since
	Less     int64   `json:"less"`
	Before   float64 `json:"before"` // activities a person and week, the median
	After    float64 `json:"after"`
}

// MemberView is what one member did before and since.
type MemberView struct {
	MemberID      int64     `json:"member_id"`
	Member        string    `json:"member"`
	Since         time.Time `json:"since"`
	Days          int64     `json:"days"` // that are compared, before as well as since
	Before        int64     `json:"before"`
	After         int64     `json:"after"`
	AnswersBefore int64     `json:"answers_before"` // replies and answers
	AnswersAfter  int64     `json:"answers_after"`
}

// Caution is what stands beside a comparison of before and since.
const Caution = "This is no proof of an effect. People are invited when they are at their most active, and most do less afterwards, with or without a program; what else changed in the same weeks is in the figures too. A comparison with members who could have been invited and were not would say more."

// The comparison's bounds: shorter than a week says nothing, and what is longer ago than 90 days has other reasons.
const (
	leastCompared = 7 * 24 * time.Hour
	mostCompared  = 90 * 24 * time.Hour
	shownPeriods  = 6
)

// Figures computes what came of a program. CodeUnavailable where there is nothing to compute with.
func (s *Service) Figures(ctx context.Context, ref string) (Figures, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return Figures{}, err
	}
	return s.figures(ctx, &p)
}

func (s *Service) figures(ctx context.Context, p *Program) (Figures, error) {
	f := Figures{At: s.Now(), Note: Caution, Targets: []Outcome{}}
	spans, err := s.Store.ProgramSpans(ctx, p.ID)
	if err != nil {
		return f, fmt.Errorf("reading who was in %s: %w", p.Key, err)
	}
	spends, err := s.Store.ProgramSpends(ctx, p.ID, noLimit)
	if err != nil {
		return f, fmt.Errorf("reading what was spent on %s: %w", p.Key, err)
	}
	for i := range spends {
		f.Spent += spends[i].Amount
	}
	open, ever := make(map[int64]bool), make(map[int64]bool)
	for _, x := range spans {
		ever[x.Member] = true
		if x.Until.IsZero() {
			open[x.Member] = true
		}
	}
	f.Enrolled, f.Ever, f.Left = int64(len(open)), int64(len(ever)), int64(len(ever)-len(open))
	f.Planned = p.Plan.PlannedCost(f.Ever)
	engine := s.engine()
	if engine == nil {
		return f, greenroom.Errorf(greenroom.CodeUnavailable, "figures are not available here")
	}
	for _, t := range p.Plan.Targets {
		o, err := s.outcome(ctx, engine, p, t, spans)
		if err != nil {
			return f, fmt.Errorf("computing the target %s of %s: %w", t.Metric, p.Key, err)
		}
		f.Targets = append(f.Targets, o)
	}
	if f.Members, err = s.compare(ctx, engine, p, spans); err != nil {
		return f, fmt.Errorf("comparing before and since: %w", err)
	}
	f.Change = summed(f.Members)
	return f, nil
}

func (s *Service) engine() Engine {
	if s.Engine == nil {
		return nil
	}
	return s.Engine()
}

// outcome computes a target for the last periods since the program began.
func (s *Service) outcome(ctx context.Context, engine Engine, p *Program, t Target, spans []Span) (Outcome, error) {
	o := Outcome{Target: t, Label: "Enrolled", Unit: string(analytics.UnitMembers), Periods: []PeriodView{}}
	var narrow *query.Query
	if t.Metric != Enrolled {
		m, err := analytics.Lookup(t.Metric)
		if err != nil {
			return o, err //nolint:wrapcheck // it names the metric
		}
		o.Label, o.Unit, o.Lower = m.Label, string(m.Unit), m.Lower
		if t.Query != "" {
			if narrow, err = query.Parse(s.schema(m.Entity), t.Query); err != nil {
				return o, err //nolint:wrapcheck // it was parsed when it was stored
			}
		}
	}
	zone := s.Zone()
	now := s.Now().In(zone)
	for _, span := range periods(p.StartedAt.In(zone), now, t.Per) {
		v := PeriodView{From: span[0], To: span[1], Segment: Named(p.Key, ""), Partial: span[1].After(now)}
		if !v.Partial { // those who were in it at the end of the period
			v.Segment += "@" + v.To.AddDate(0, 0, -1).Format(time.DateOnly)
		}
		if t.Metric == Enrolled {
			n := float64(at(spans, earlier(v.To.Add(-time.Microsecond), now)))
			v.Value = &n
		} else if err := s.value(ctx, engine, &v, t.Metric, narrow); err != nil {
			return o, err
		}
		v.Met = v.Value != nil && (!o.Lower && *v.Value >= t.Value || o.Lower && *v.Value <= t.Value)
		o.Periods = append(o.Periods, v)
	}
	return o, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// value computes a metric over the people of a period.
func (s *Service) value(ctx context.Context, engine Engine, v *PeriodView, metric string, narrow *query.Query) error {
	who, err := query.Parse(s.schema(query.Members), v.Segment)
	if err != nil {
		return err //nolint:wrapcheck // keys and days parse
	}
	res, err := engine.Compute(ctx, analytics.Request{Metric: metric, From: v.From, To: v.To, Zone: v.From.Location(), Granularity: analytics.Total, Query: narrow, Segment: who})
	if err != nil {
		return err //nolint:wrapcheck // the engine's words are for people
	}
	if len(res.Series) > 0 {
		v.Value = res.Series[len(res.Series)-1].Value
	}
	return nil
}

// periods are the last months or quarters from a time on up to the one that now is in.
func periods(from, now time.Time, per Per) [][2]time.Time {
	months := 1
	if per == PerQuarter {
		months = 3
	}
	begin := func(t time.Time) time.Time {
		m := (int(t.Month())-1)/months*months + 1
		return time.Date(t.Year(), time.Month(m), 1, 0, 0, 0, 0, t.Location())
	}
	var all [][2]time.Time
	if from.IsZero() || from.Year() < 1971 {
		from = now
	}
	for b := begin(now); len(all) < shownPeriods && !b.Before(begin(from)); b = b.AddDate(0, -months, 0) {
		all = append(all, [2]time.Time{b, b.AddDate(0, months, 0)})
	}
	slices.Reverse(all)
	return all
}

// at counts people who are in a program at a time.
func at(spans []Span, when time.Time) int {
	in := make(map[int64]bool)
	for _, x := range spans {
		if !x.Since.After(when) && (x.Until.IsZero() || x.Until.After(when)) {
			in[x.Member] = true
		}
	}
	return len(in)
}

// windows are what is compared of each person: as long before their first day in the program as since, while they were in
// it for the first time.
func windows(spans []Span, now time.Time) map[int64]Span {
	first := make(map[int64]Span)
	for _, x := range spans {
		if have, ok := first[x.Member]; !ok || x.Since.Before(have.Since) {
			first[x.Member] = x
		}
	}
	for m, x := range first {
		end := now
		if !x.Until.IsZero() && x.Until.Before(now) {
			end = x.Until
		}
		length := min(end.Sub(x.Since), mostCompared).Truncate(24 * time.Hour)
		if length < leastCompared {
			delete(first, m)
			continue
		}
		first[m] = Span{Member: m, Since: x.Since, Until: x.Since.Add(length)}
	}
	return first
}

// compare counts what each person did before and since.
func (s *Service) compare(ctx context.Context, engine Engine, p *Program, spans []Span) ([]MemberView, error) {
	look := windows(spans, s.Now())
	crowd := engine.Crowd()
	if len(look) == 0 {
		return []MemberView{}, nil
	}
	views := make(map[int64]*MemberView, len(look))
	var from, to time.Time
	for m, x := range look {
		length := x.Until.Sub(x.Since)
		views[m] = &MemberView{MemberID: m, Since: x.Since, Days: int64(length / (24 * time.Hour))}
		if begin := x.Since.Add(-length); from.IsZero() || begin.Before(from) {
			from = begin
		}
		if x.Until.After(to) {
			to = x.Until
		}
	}
	err := crowd.Each(ctx, from, to, false, func(a analytics.Act) {
		x, ok := look[a.Member]
		when := time.Unix(a.At, 0)
		if !ok || !when.Before(x.Until) || when.Before(x.Since.Add(-x.Until.Sub(x.Since))) {
			return
		}
		v, answers := views[a.Member], a.Kind == greenroom.KindReply || a.Kind == greenroom.KindAnswer || a.Kind == greenroom.KindAcceptedAnswer
		switch {
		case when.Before(x.Since) && answers:
			v.Before, v.AnswersBefore = v.Before+1, v.AnswersBefore+1
		case when.Before(x.Since):
			v.Before++
		case answers:
			v.After, v.AnswersAfter = v.After+1, v.AnswersAfter+1
		default:
			v.After++
		}
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // the engine's words are for people
	}
	people, err := s.Store.Enrollments(ctx, PeopleFilter{Program: p.ID, All: true, Limit: noLimit})
	if err != nil {
		return nil, err
	}
	for i := range people {
		if v := views[people[i].MemberID]; v != nil {
			v.Member = people[i].Member
		}
	}
	all := make([]MemberView, 0, len(views))
	for _, v := range views {
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b MemberView) int {
		return cmp.Or(cmp.Compare(abs(b.After-b.Before), abs(a.After-a.Before)), cmp.Compare(a.MemberID, b.MemberID))
	})
	return all, nil
}

func abs(v int64) int64 { return max(v, -v) }

// summed sums single comparisons up. Medians, because one person who writes all day moves a mean.
func summed(all []MemberView) BeforeAfter {
	b := BeforeAfter{Compared: int64(len(all))}
	before, after := make([]float64, len(all)), make([]float64, len(all))
	for i := range all {
		v := &all[i]
		switch {
		case v.After > v.Before:
			b.More++
		case v.After < v.Before:
			b.Less++
		}
		weeks := float64(v.Days) / 7
		before[i], after[i] = float64(v.Before)/weeks, float64(v.After)/weeks
	}
	b.Before, b.After = median(before), median(after)
	return b
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}
