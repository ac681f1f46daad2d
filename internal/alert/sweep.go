// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
)

// How often the rest is looked at.
const (
	tick         = time.Second
	setsEvery    = 15 * time.Second // conversations, members and organizations
	setsLatest   = 2 * time.Minute  // while facts come in all along
	sourcesEvery = time.Minute
	settled      = time.Hour // after a period's end, until what it brought has mostly arrived
	history      = 12        // periods before one, that say what is usual
	mostFitting  = 200_000
	flood        = 25 // that come to fit at once are told together
)

// Run looks at what is not new activities until ctx ends: who comes to fit, figures, sources, and what is told later.
func (s *Service) Run(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		if err := s.Look(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("looking at alerts", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Look looks at everything that is due. It is what Run does again and again.
func (s *Service) Look(ctx context.Context) error {
	if err := s.Follow(ctx); err != nil {
		return err
	}
	s.looking.Lock()
	defer s.looking.Unlock()
	err := s.sweep(ctx)
	if errors.Is(err, ErrMoved) {
		return nil
	}
	return err
}

// sweep looks at all but activities. The caller holds the lock.
func (s *Service) sweep(ctx context.Context) error {
	if err := s.tellHeld(ctx); err != nil {
		return err
	}
	now := s.now()
	all, err := s.store.Alerts(ctx)
	if err != nil {
		return fmt.Errorf("listing alerts: %w", err)
	}
	troubled := now.Sub(s.sources) >= sourcesEvery
	for i := range all {
		a := &all[i]
		var err error
		switch a.Watch {
		case Conversations, Members, Organizations:
			age := now.Sub(s.sets[a.ID])
			if age < setsEvery && a.Looked > 0 || s.store.Importing() && age < setsLatest {
				continue
			}
			s.sets[a.ID] = now
			err = s.lookAtSet(ctx, a, now)
		case Metric:
			err = s.lookAtFigure(ctx, a, now)
		case Source:
			if troubled {
				s.sources = now
				err = s.lookAtSources(ctx, a, now)
			}
		case Activities:
		}
		switch {
		case err == nil:
		case ctx.Err() != nil || errors.Is(err, ErrMoved):
			return err
		default: // the others go on
			s.log.Error("looking at an alert", "alert", a.ID, "error", err)
		}
	}
	return nil
}

// begin begins a commit for one alert.
func (s *Service) begin(ctx context.Context) (*Commit, error) {
	at, err := s.store.AlertPositions(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how far alerts have come: %w", err)
	}
	return &Commit{First: at.Next, Problems: make(map[int64]string), Enter: make(map[int64][]int64), Leave: make(map[int64][]int64), Looked: make(map[int64]int64)}, nil
}

// lookAtSet fires what has come to fit since the last look.
func (s *Service) lookAtSet(ctx context.Context, a *Alert, now time.Time) error {
	c, err := s.begin(ctx)
	if err != nil {
		return err
	}
	fits, err := s.fitting(ctx, a)
	if err != nil && ctx.Err() != nil {
		return err
	}
	s.problem(c, a, err)
	if err != nil {
		return s.commit(ctx, c)
	}
	return s.changeSet(ctx, c, a, kindOf(a.Watch.Entity()), fits, now, func(ids []int64) ([]Match, error) {
		return s.store.AlertSubjects(ctx, kindOf(a.Watch.Entity()), ids)
	})
}

// fitting are the ids that fit an alert now, sorted.
func (s *Service) fitting(ctx context.Context, a *Alert) ([]int64, error) {
	q, err := s.parse(&a.Draft)
	if err != nil {
		return nil, err
	}
	fits, err := s.store.Fitting(ctx, a.Watch.Entity(), q, mostFitting+1)
	if err == nil && len(fits) > mostFitting {
		err = greenroom.Errorf(greenroom.CodeInvalid, "more than %d fit; narrow the query", mostFitting)
	}
	slices.Sort(fits)
	return fits, err //nolint:wrapcheck // its words are shown
}

// changeSet remembers who fits, and fires those who are new, unless it is the first look.
func (s *Service) changeSet(ctx context.Context, c *Commit, a *Alert, kind string, fits []int64, now time.Time, tell func([]int64) ([]Match, error)) error {
	have, err := s.store.Fitted(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("reading what fitted alert %d: %w", a.ID, err)
	}
	enter, leave := difference(fits, have), difference(have, fits)
	if len(enter) > 0 {
		c.Enter[a.ID] = enter
	}
	if len(leave) > 0 {
		c.Leave[a.ID] = leave
	}
	first := a.Looked == 0
	if first {
		c.Looked[a.ID] = 1
	}
	if len(enter) > 0 && (!first || kind == "source") && !a.Muted(now) {
		matches, err := tell(enter)
		if err != nil {
			return fmt.Errorf("reading what fired: %w", err)
		}
		to, err := s.where(ctx)
		if err != nil {
			return err
		}
		together := *a
		if len(matches) > flood { // an import, or a change for many at once
			together.PerHour = 1
		}
		if err := s.settle(ctx, c, &together, matches, to, now); err != nil {
			return err
		}
	}
	return s.commit(ctx, c)
}

// difference is what is in one sorted list and not in the other.
func difference(one, other []int64) []int64 {
	var all []int64
	for _, id := range one {
		if _, in := slices.BinarySearch(other, id); !in {
			all = append(all, id)
		}
	}
	return all
}

// lookAtSources fires sources that something is wrong with now.
func (s *Service) lookAtSources(ctx context.Context, a *Alert, now time.Time) error {
	if s.troubles == nil {
		return nil
	}
	all, err := s.troubles(ctx)
	if err != nil {
		return fmt.Errorf("asking how sources are: %w", err)
	}
	c, err := s.begin(ctx)
	if err != nil {
		return err
	}
	by := make(map[int64]*Trouble)
	var ids []int64
	for i := range all {
		if a.Source == "" || a.Source == all[i].Source {
			by[all[i].SourceID] = &all[i]
			ids = append(ids, all[i].SourceID)
		}
	}
	slices.Sort(ids)
	return s.changeSet(ctx, c, a, "source", slices.Compact(ids), now, func(ids []int64) ([]Match, error) {
		var matches []Match
		for _, id := range ids {
			matches = append(matches, Match{At: now, Subject: Subject{Object: Object{Kind: "source", ID: id}, Source: by[id].Source, Trouble: by[id]}})
		}
		return matches, nil
	})
}

// lookAtFigure fires the last whole period once.
func (s *Service) lookAtFigure(ctx context.Context, a *Alert, now time.Time) error {
	if s.figures == nil || a.Condition == nil {
		return nil
	}
	by := a.Condition.By
	start := by.Step(by.Start(now.Add(-settled).In(s.zone())), -1)
	if a.Looked >= start.Unix() {
		return nil
	}
	c, err := s.begin(ctx)
	if err != nil {
		return err
	}
	c.Looked[a.ID] = start.Unix()
	if a.Looked == 0 || a.Muted(now) {
		return s.commit(ctx, c) // what was before the alert is no news
	}
	all, err := s.figure(ctx, &a.Draft, start, 1)
	if err != nil && ctx.Err() != nil {
		return err
	}
	s.problem(c, a, err)
	if len(all) > 0 {
		to, err := s.where(ctx)
		if err != nil {
			return err
		}
		if err := s.settle(ctx, c, a, all, to, now); err != nil {
			return err
		}
	}
	return s.commit(ctx, c)
}

// figure gives those of n periods, up to the one that begins at last, whose figures fire.
func (s *Service) figure(ctx context.Context, d *Draft, last time.Time, n int) ([]Match, error) {
	m, err := analytics.Lookup(d.Condition.Metric)
	if err != nil {
		return nil, err //nolint:wrapcheck // its words are for people
	}
	q, err := s.narrowed(d)
	if err != nil {
		return nil, err
	}
	by := d.Condition.By
	res, err := s.figures.Compute(ctx, analytics.Request{Metric: m.Name, From: by.Step(last, 1-n-history), To: by.Step(last, 1), Granularity: by, Zone: s.zone(), Query: q})
	if err != nil {
		return nil, err //nolint:wrapcheck // its words are for people
	}
	var all []Match
	for i := max(1, len(res.Series)-n); i < len(res.Series); i++ {
		p := &res.Series[i]
		if p.Value == nil {
			continue
		}
		var before []float64
		for j := max(0, i-history); j < i; j++ {
			if v := res.Series[j].Value; v != nil {
				before = append(before, *v)
			}
		}
		f := &Figure{Metric: m.Name, Label: m.Label, From: p.From, To: p.To, Value: *p.Value, Shown: shown(*p.Value, m.Unit), Noise: noise.Past(before, *p.Value)}
		if v := res.Series[i-1].Value; v != nil {
			f.Previous = shown(*v, m.Unit)
		}
		if d.Condition.holds(f) {
			all = append(all, Match{At: p.To, Subject: Subject{Object: Object{Kind: "period", ID: p.From.Unix()}, Figure: f}})
		}
	}
	return all, nil
}

// holds reports whether a figure fires.
func (c *Condition) holds(f *Figure) bool {
	switch c.When {
	case WhenAbove:
		return f.Value > c.Value
	case WhenBelow:
		return f.Value < c.Value
	default:
		return f.Noise.Real
	}
}

// shown writes a figure with its unit.
func shown(v float64, unit analytics.Unit) string {
	switch unit {
	case analytics.UnitShare:
		return strconv.FormatFloat(v*100, 'f', 1, 64) + " %"
	case analytics.UnitSeconds:
		return (time.Duration(v) * time.Second).Round(time.Second).String()
	default:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
}

// narrowed is the query that a figure is narrowed by; nil = none.
func (s *Service) narrowed(d *Draft) (*query.Query, error) {
	if d.Query == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	m, err := analytics.Lookup(d.Condition.Metric)
	if err != nil {
		return nil, err //nolint:wrapcheck // its words are for people
	}
	q, err := query.Parse(s.schemas[m.Entity], d.Query)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used: %s", err)
	}
	return q, nil
}

// tellHeld tells together what was put off until now.
func (s *Service) tellHeld(ctx context.Context) error {
	now := s.now()
	due, err := s.store.HeldFirings(ctx, now)
	if err != nil {
		return fmt.Errorf("reading what is told later: %w", err)
	}
	for len(due) > 0 {
		n := 1
		for n < len(due) && due[n].AlertID == due[0].AlertID {
			n++
		}
		if err := s.tell(ctx, due[:n], now); err != nil {
			return err
		}
		due = due[n:]
	}
	return nil
}

// tell tells firings of one alert.
func (s *Service) tell(ctx context.Context, all []Firing, now time.Time) error {
	c, err := s.begin(ctx)
	if err != nil {
		return err
	}
	c.Digest = fmt.Sprintf("alert %d digest %d", all[0].AlertID, all[len(all)-1].ID)
	for i := range all {
		c.Told = append(c.Told, all[i].ID)
	}
	a, err := s.store.Alert(ctx, all[0].AlertID)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound { // it was removed meanwhile
		return s.commit(ctx, c)
	}
	if err != nil {
		return fmt.Errorf("reading alert %d: %w", all[0].AlertID, err)
	}
	to, err := s.where(ctx)
	if err != nil {
		return err
	}
	t, err := s.several(&a, all, c.Digest, now)
	if err != nil {
		return err
	}
	if c.Messages, c.Notices, err = s.letters(&a, t, to, now); err != nil {
		return err
	}
	return s.commit(ctx, c)
}

// errorText is what people are told of an error.
func errorText(err error) string { return greenroom.ErrorMessage(err) }
