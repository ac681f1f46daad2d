// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// previewDays is how far back a preview looks, and previewMost how many objects it looks at.
const (
	previewDays = 30
	previewMost = 2000
	previewShow = 10
)

// Preview is what an alert would have done.
type Preview struct {
	Days    int      `json:"days"`
	Times   int64    `json:"times"`    // messages it would have sent, digests counted as their firings
	Matches int64    `json:"matches"`  // what fitted
	AtLeast bool     `json:"at_least"` // there were more than were looked at
	Exact   bool     `json:"exact"`    // false: not all of it is known, or only to the week
	Says    string   `json:"says"`
	Firings []Firing `json:"firings"` // the newest of them; by BasisNow, some of what fits now, of which nothing would be told

	Basis   string    `json:"basis"`             // past, history, times or now
	FitNow  int64     `json:"fit_now,omitempty"` // conversations, members and organizations that fit now
	Segment string    `json:"segment,omitempty"` // by BasisHistory, the key of the segment whose history it is
	Since   time.Time `json:"since,omitzero"`    // by BasisHistory, from when on
}

// Preview says how often an alert would have fired in the last 30 days, and on what.
func (s *Service) Preview(ctx context.Context, d Draft) (*Preview, error) {
	if d.Name == "" {
		d.Name = "Preview"
	}
	if err := s.check(ctx, &d); err != nil {
		return nil, err
	}
	p := &Preview{Days: previewDays, Exact: true, Basis: BasisPast, Firings: []Firing{}}
	var err error
	switch d.Watch {
	case Activities:
		err = s.pastActivities(ctx, &d, p)
	case Conversations, Members, Organizations:
		err = s.fitNow(ctx, &d, p)
	case Metric:
		err = s.pastFigures(ctx, &d, p)
	case Source:
		p.Exact, p.Basis = false, BasisNow
		p.Says = "It fires when a source is late or fails; each source's page shows how it did."
	}
	return p, err
}

// pastActivities goes through the activities that fitted, in the order in which they happened.
func (s *Service) pastActivities(ctx context.Context, d *Draft, p *Preview) error {
	q, err := s.parse(d)
	if err != nil {
		return err
	}
	recent, err := query.Parse(s.schemas[query.Activities], fmt.Sprintf("since:%dd", previewDays))
	if err != nil {
		return err //nolint:wrapcheck // it parses
	}
	req := list.Request{Query: &query.Query{Root: query.AllOf(q.Root, recent.Root)}, Limit: list.MaxLimit}
	var ids []int64
	for {
		page, err := s.lists.ListActivities(ctx, req)
		if err != nil {
			return err //nolint:wrapcheck // its words are for people
		}
		for i := range page.Items {
			ids = append(ids, page.Items[i].ID)
		}
		if p.AtLeast = len(ids) >= previewMost && page.Next != ""; page.Next == "" || p.AtLeast {
			break
		}
		req.Cursor = page.Next
	}
	slices.Sort(ids)
	all, err := s.store.AlertSubjects(ctx, "activity", ids)
	if err != nil {
		return fmt.Errorf("reading what fitted: %w", err)
	}
	slices.SortStableFunc(all, func(a, b Match) int { return a.At.Compare(b.At) })
	s.replay(d, p, all)
	p.Says = fmt.Sprintf("It would have fired %s in the last %d days.", times(p.Times, p.AtLeast), p.Days)
	if p.Times == 0 {
		p.Says = fmt.Sprintf("It would not have fired in the last %d days.", p.Days)
	}
	return nil
}

// replay decides about matches one after the other, each at its own time.
func (s *Service) replay(d *Draft, p *Preview, all []Match) {
	a := &Alert{Draft: *d}
	past := &Past{Open: make(map[string]Firing), Last: make(map[string]time.Time)}
	p.Matches = int64(len(all))
	for i := range all {
		past.Hour = 0 // what is put off counts all the same
		made := decide(a, all[i:i+1], past, all[i].At, s.zone())
		for _, f := range made.firings {
			if f.Group != "" {
				past.Open[f.Group] = f
			}
			if f.State != Dropped {
				p.Times++
			}
			p.Firings = append(p.Firings, f)
		}
	}
	slices.Reverse(p.Firings)
	p.Firings = p.Firings[:min(len(p.Firings), previewShow)]
}

func times(n int64, atLeast bool) string {
	text := fmt.Sprintf("%d times", n)
	if n == 1 {
		text = "once"
	}
	if atLeast {
		text = "at least " + text
	}
	return text
}

// fitNow says who fits now, and, where that is kept, who came to fit in the last days.
func (s *Service) fitNow(ctx context.Context, d *Draft, p *Preview) error {
	p.Exact, p.Basis = false, BasisNow
	q, err := s.parse(d)
	if err != nil {
		return err
	}
	ids, err := s.store.Fitting(ctx, d.Watch.Entity(), q, mostFitting)
	if err != nil {
		return err //nolint:wrapcheck // its words are for people
	}
	slices.Sort(ids)
	p.FitNow = int64(len(ids))
	why := "that is not kept for " + string(d.Watch)
	switch d.Watch {
	case Members:
		why, err = s.pastComings(ctx, d, q, p)
	case Conversations:
		why, err = s.pastConversations(ctx, d, q, p)
	default:
	}
	if err != nil {
		return err
	}
	now := counted(len(ids), string(d.Watch[:len(d.Watch)-1])+" fits", string(d.Watch)+" fit") + " now, and would not be told of: it fires when others come to fit."
	if why == "" {
		p.Says += " " + now
		return nil
	}
	p.Matches = p.FitNow
	found, err := s.store.AlertSubjects(ctx, kindOf(d.Watch.Entity()), ids[max(0, len(ids)-previewShow):])
	if err != nil {
		return fmt.Errorf("reading what fits: %w", err)
	}
	for i := range slices.Backward(found) {
		m := &found[i]
		f := Firing{Object: m.Object, At: m.At, Count: 1, Title: m.title()}
		f.about(&m.Subject)
		p.Firings = append(p.Firings, f)
	}
	p.Says = fmt.Sprintf("%s Of whom it would have told in the last %d days cannot be said: %s.", now, previewDays, why)
	return nil
}

// pastFigures looks at the last periods.
func (s *Service) pastFigures(ctx context.Context, d *Draft, p *Preview) error {
	if s.figures == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "figures are not available here")
	}
	by := d.Condition.By
	last := by.Step(by.Start(s.now().In(s.zone())), -1)
	n := 1
	for by.Step(last, -n).After(s.now().AddDate(0, 0, -previewDays)) {
		n++
	}
	all, err := s.figure(ctx, d, last, max(n, 3))
	if err != nil {
		return err
	}
	for i := range slices.Backward(all) {
		m := &all[i]
		p.Firings = append(p.Firings, Firing{Object: m.Object, At: m.At, Count: 1, Title: m.title()})
	}
	p.Times, p.Matches = int64(len(all)), int64(len(all))
	p.Says = fmt.Sprintf("Of the last %d periods, it would have fired on %d.", max(n, 3), len(all))
	if len(all) == 0 {
		p.Says = fmt.Sprintf("It would have fired on none of the last %d periods.", max(n, 3))
	}
	return nil
}
