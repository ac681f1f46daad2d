// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reported keeps figures as they were when their period was first complete, beside what is known of it today.
//
// Figures of the past change: a source delivers late, members are merged, questions get their answers. A figure that
// stood in a report should still be found. So when a week or a month is over and the analytics have read what was stored
// up to its end, every metric of the catalog is computed once and kept, for everything, without a query. Periods that
// were over before Greenroom looked were never reported, and have nothing kept. What is kept is never changed.
//
// With each figure stand the last activity and decision of that time, so that a difference can be explained by counting
// what came after.
package reported

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Figure is a figure as it was reported.
type Figure struct {
	Metric   string
	Version  int
	By       analytics.Granularity
	Zone     string
	From, To time.Time
	Value    *float64 // nil: there was no such figure
	N        int64
	At       time.Time // when it was kept
	Activity int64     // the last activity that was stored then
	Decision int64     // the last decision about members
}

// Since is what came after a figure was kept, of its period.
type Since struct {
	Late      int64 // activities of the period that were stored later
	Decisions int64 // about who is who
}

// Point is a figure as it was reported beside what is known today.
type Point struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Value *float64  `json:"value"` // as reported
	Now   *float64  `json:"now"`
	At    time.Time `json:"at"`
	Says  string    `json:"says"` // why they differ, as far as that is known
}

// Store keeps figures.
type Store interface {
	// Reported lists figures of a metric from a time on, in order of time.
	Reported(ctx context.Context, metric string, version int, by analytics.Granularity, zone string, from, to time.Time) ([]Figure, error)
	// IsReported tells whether any figure of the period is kept.
	IsReported(ctx context.Context, by analytics.Granularity, zone string, from time.Time) (bool, error)
	// KeepReported stores figures with what they rest on; those that are there stay as they are.
	KeepReported(ctx context.Context, all []Figure) error
	// SinceReported counts what came later.
	SinceReported(ctx context.Context, f *Figure) (Since, error)
}

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
}

// Service keeps figures and gives them back.
type Service struct {
	store   Store
	figures Figures
	log     *slog.Logger
	now     func() time.Time
	zone    func() *time.Location
}

// New makes the service.
func New(store Store, figures Figures, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	return &Service{store: store, figures: figures, log: log, now: now, zone: zone}
}

// Keep keeps the figures of the last whole week and month, unless they are kept or not all is read yet.
func (s *Service) Keep(ctx context.Context) error {
	for _, by := range []analytics.Granularity{analytics.Week, analytics.Month} {
		if err := s.keep(ctx, by); err != nil {
			return fmt.Errorf("keeping the figures of the last %s: %w", by, err)
		}
	}
	return nil
}

func (s *Service) keep(ctx context.Context, by analytics.Granularity) error {
	zone := s.zone()
	to := by.Start(s.now().In(zone))
	from := by.Step(to, -1)
	if done, err := s.store.IsReported(ctx, by, zone.String(), from); err != nil || done {
		return err
	}
	var all []Figure
	for _, m := range analytics.Catalog() {
		if m.Name == "retention" { // a table of cohorts
			continue
		}
		res, err := s.figures.Compute(ctx, analytics.Request{Metric: m.Name, From: from, To: to, Granularity: by, Zone: zone})
		if err != nil {
			return err //nolint:wrapcheck // it names the metric
		}
		if res.AsOf.Before(to) {
			return nil // what was stored up to the end is not read yet
		}
		if len(res.Series) == 1 {
			p := &res.Series[0]
			all = append(all, Figure{Metric: m.Name, Version: m.Version, By: by, Zone: zone.String(), From: p.From, To: p.To, Value: p.Value, N: p.N, At: s.now()})
		}
	}
	return s.store.KeepReported(ctx, all) //nolint:wrapcheck // the store says what it did
}

// keepEvery is how often it is looked whether a period is over.
const keepEvery = 10 * time.Minute

// Run keeps figures as periods end, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		if err := s.Keep(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("keeping figures as reported", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Points sets what was reported beside a result of today. The request must ask for weeks or months of everything in the
// community's time zone: others are not kept.
func (s *Service) Points(ctx context.Context, r analytics.Request, res *analytics.Result) ([]Point, error) {
	switch {
	case narrows(r.Query) || narrows(r.Segment) || r.Breakdown != "" || r.Options.Staff || r.Options.Bots || r.Options.By != "" || r.Options.Target != 0 && r.Options.Target != analytics.DefaultTarget:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "figures are kept as reported for everything only: without query, segment, breakdown and options")
	case r.Granularity != analytics.Week && r.Granularity != analytics.Month || r.Metric == "retention":
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "figures are kept as reported by week and by month")
	}
	zone := s.zone().String()
	if r.Zone != nil {
		zone = r.Zone.String()
	}
	kept, err := s.store.Reported(ctx, res.Name, res.Version, r.Granularity, zone, r.From, r.To)
	if err != nil {
		return nil, fmt.Errorf("reading what was reported: %w", err)
	}
	m, err := analytics.Lookup(res.Name)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says which
	}
	points := []Point{}
	for i := range kept {
		f := &kept[i]
		for j := range res.Series {
			p := &res.Series[j]
			if !p.From.Equal(f.From) || p.Partial {
				continue
			}
			point := Point{From: f.From.In(s.zone()), To: f.To.In(s.zone()), Value: f.Value, Now: p.Value, At: f.At}
			if point.Says, err = s.says(ctx, m, f, p.Value); err != nil {
				return nil, err
			}
			points = append(points, point)
		}
	}
	return points, nil
}

// narrows reports whether a query leaves anything out.
func narrows(q *query.Query) bool { return q != nil && q.Root != nil }

// says tells why a figure is another one today.
func (s *Service) says(ctx context.Context, m *analytics.Metric, f *Figure, now *float64) (string, error) {
	if now == nil && f.Value == nil || now != nil && f.Value != nil && *now == *f.Value {
		return "As it was reported.", nil
	}
	since, err := s.store.SinceReported(ctx, f)
	if err != nil {
		return "", fmt.Errorf("counting what came later: %w", err)
	}
	text := ""
	if since.Late > 0 {
		text = several(since.Late, "activity", "activities") + " of the period came in later. "
	}
	if since.Decisions > 0 {
		text += several(since.Decisions, "decision", "decisions") + " about who is who since. "
	}
	switch {
	case m.Entity == query.Conversations:
		text += "What happened to its conversations later counts, too."
	case text == "":
		text = "Nothing came in later: members were found to be one, marked as staff, read anew or hidden, or something was edited or deleted."
	default:
		text = text[:len(text)-1]
	}
	return text, nil
}

func several(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + more
}
