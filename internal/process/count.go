// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
}

// countedMonths is how many of the last whole months are counted.
const countedMonths = 6

// counted prepares what is counted for runs on a surface with a query. It is nil where nothing is asked of the metrics.
func (s *Service) counted(r *Runs, surface string) (*analytics.Request, error) {
	texts := make([]string, 0, 2)
	for _, t := range []string{r.Query, surface} {
		if t != "" {
			texts = append(texts, "("+t+")")
		}
	}
	text := strings.Join(texts, " ")
	name := r.metric()
	if r.Per == PerMember {
		text = strings.TrimSpace(text + " -is:staff -is:bot")
	}
	if name == "" && r.Per != PerMember {
		if text != "" {
			return nil, bad("what is done %s is counted without a query", r.Per.Label())
		}
		return nil, nil
	}
	req, entity := &analytics.Request{Metric: name, Granularity: analytics.Month, Zone: s.now().Location()}, query.Members
	if name != "" {
		m, err := analytics.Lookup(name)
		if err != nil {
			return nil, err
		}
		if !m.Total || m.Unit == analytics.UnitShare || m.Unit == analytics.UnitSeconds {
			return nil, bad("%s counts nothing that a process could be done for", m.Label)
		}
		entity = m.Entity
	}
	if text == "" {
		return req, nil
	}
	q, err := query.Parse(s.schemas[entity], text)
	if err != nil {
		return nil, bad("the query %q cannot be used for what is done %s: %s", text, r.Per.Label(), err)
	}
	req.Query = q
	return req, nil
}

// runs are the runs of a process a month on a surface.
func (s *Service) runs(ctx context.Context, r *Runs, surface string) (Figure, error) {
	req, err := s.counted(r, surface)
	if err != nil {
		return Figure{}, err
	}
	var f Figure
	switch r.Per {
	case PerMonth:
		return Figure{Range: r.Each, Origin: Estimate, Says: "said by the team"}, nil
	case PerMember:
		n, err := s.store.CountAll(ctx, query.Members, req.Query)
		if err != nil {
			return f, err
		}
		f = Figure{Range: Exactly(float64(n)), Origin: Counted, Says: fmt.Sprintf("%d members", n), Entity: string(query.Members)}
		if req.Query != nil && req.Query.Root != nil {
			f.Query = query.Format(req.Query.Root)
		}
	case PerInbox:
		f, err = s.monthly(ctx, "items done in the inbox", func(from, to time.Time) (int64, error) { return s.store.InboxDone(ctx, from, to) })
	case PerEvent:
		f, err = s.monthly(ctx, "events of ours", func(from, to time.Time) (int64, error) { return s.store.EventsHeld(ctx, from, to) })
	default:
		f, err = s.measured(ctx, req)
	}
	if err != nil {
		return f, err
	}
	f.Range = f.Times(r.Each)
	if r.Each != Exactly(1) {
		f.Says += ", " + r.Each.String() + " times for each"
	}
	return f, nil
}

// measured counts by a metric: the median of the last whole months, with the least and the most. Months before the first in
// which there was anything are left out.
func (s *Service) measured(ctx context.Context, req *analytics.Request) (Figure, error) {
	req.To = analytics.Month.Start(s.now())
	req.From = analytics.Month.Step(req.To, -countedMonths)
	res, err := s.figures.Compute(ctx, *req)
	if err != nil {
		return Figure{}, err
	}
	var values []float64
	last := -1
	for i := range res.Series {
		p := &res.Series[i]
		if p.Partial || p.Value == nil || len(values) == 0 && *p.Value == 0 {
			continue
		}
		values, last = append(values, *p.Value), i
	}
	label := req.Metric
	if m, err := analytics.Lookup(req.Metric); err == nil {
		label = strings.ToLower(m.Label)
	}
	f := monthsFigure(label, values)
	if last >= 0 {
		e, text, err := s.figures.Records(*req, res, last)
		if err == nil {
			f.Entity, f.Query = string(e), text
		} else if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			return f, err
		}
	}
	return f, nil
}

// monthly counts something that no metric counts, in the same way.
func (s *Service) monthly(_ context.Context, label string, count func(from, to time.Time) (int64, error)) (Figure, error) {
	end := analytics.Month.Start(s.now())
	var values []float64
	for i := -countedMonths; i < 0; i++ {
		n, err := count(analytics.Month.Step(end, i), analytics.Month.Step(end, i+1))
		if err != nil {
			return Figure{}, fmt.Errorf("counting %s: %w", label, err)
		}
		if n > 0 || len(values) > 0 {
			values = append(values, float64(n))
		}
	}
	return monthsFigure(label, values), nil
}

func monthsFigure(label string, values []float64) Figure {
	if len(values) == 0 {
		return Figure{Origin: Counted, Says: fmt.Sprintf("%s: none in the last %d whole months", label, countedMonths)}
	}
	r := spread(values)
	if len(values) == 1 {
		return Figure{Range: r, Origin: Counted, Says: fmt.Sprintf("%s: %s in the one whole month that there is", label, r)}
	}
	return Figure{Range: r, Origin: Counted, Says: fmt.Sprintf("%s: %s in the last %d whole months (median, least and most)", label, r, len(values))}
}
