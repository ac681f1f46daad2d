// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/schedule"
)

// Status is how a goal stands, by rule.
type Status string

// The statuses.
const (
	Unknown  Status = "unknown" // cannot be told yet, or there is nothing to measure
	OnTrack  Status = "on_track"
	AtRisk   Status = "at_risk"
	OffTrack Status = "off_track"
	Met      Status = "met"
	Missed   Status = "missed"
)

// Statuses lists them.
func Statuses() []Status { return []Status{Unknown, OnTrack, AtRisk, OffTrack, Met, Missed} }

// Label is the status as people write it.
func (s Status) Label() string {
	switch s {
	case OnTrack:
		return "on track"
	case AtRisk:
		return "at risk"
	case OffTrack:
		return "off track"
	case Met:
		return "met"
	case Missed:
		return "missed"
	default:
		return "cannot be told yet"
	}
}

// worse orders statuses for a goal that is as well as the worst of what serves it; 0 = says nothing.
func (s Status) worse() int {
	return slices.Index([]Status{Unknown, Met, OnTrack, AtRisk, Missed, OffTrack}, s)
}

// Progress is how far a key result is.
type Progress struct {
	Unit     analytics.Unit `json:"unit" doc:"Of all figures here."`
	Value    *float64       `json:"value" doc:"The figure now; null where there is none."`
	Low      *float64       `json:"low,omitempty" doc:"Its interval, where the metric has one."`
	High     *float64       `json:"high,omitempty" doc:"Its interval, where the metric has one."`
	Share    *float64       `json:"share,omitempty" doc:"How much of the way from baseline to target has been gone: 0 = nothing, 1 = all; below 0 = it goes the wrong way."`
	Change   *Shift         `json:"change,omitempty" doc:"The periods since the first day against those before, with the interval of the difference; left out before there are two of each."`
	Forecast *float64       `json:"forecast,omitempty" doc:"Where it comes to by the last day if it goes on like this; left out where it cannot be told."`
	Least    *float64       `json:"forecast_low,omitempty" doc:"The forecast's 95 % interval."`
	Most     *float64       `json:"forecast_high,omitempty" doc:"The forecast's 95 % interval."`
	Status   Status         `json:"status" doc:"By rule: the forecast, with its interval, against the target."`
	Says     string         `json:"says" doc:"The status explained."`
	AsOf     time.Time      `json:"as_of,omitzero" doc:"What happened or was imported later is not in the figures."`
	Series   []Period       `json:"series" doc:"The figures of whole periods, some from before the first day."`
	Entity   string         `json:"entity,omitempty" doc:"What the figure now counts: members, activities or conversations."`
	Query    string         `json:"query,omitempty" doc:"The query that lists what the figure now counts."`
	Note     string         `json:"note,omitempty" doc:"What would mislead who takes the figures for a history: of whom each is, and which of the properties asked for are known only as of today."`
}

// Period is a figure on the way.
type Period struct {
	From   time.Time `json:"from" doc:"Its first moment."`
	To     time.Time `json:"to" doc:"The first moment after it."`
	Value  *float64  `json:"value" doc:"Its figure; null where there is none."`
	Before bool      `json:"before,omitempty" doc:"It lies before the goal's first day."`
	Entity string    `json:"entity,omitempty" doc:"What the figure counts."`
	Query  string    `json:"query,omitempty" doc:"The query that lists what it counts."`
}

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
}

// earlier is how many periods before the first day are looked at, for the baseline and for people's eyes.
const earlier = 6

// meter measures one key result.
type meter struct {
	figures  Figures
	metric   *analytics.Metric
	of       *Measure
	zone     *time.Location
	now      time.Time
	from, to time.Time // of the goal; to is the first moment after it
	request  analytics.Request
	entries  Entries
	members  *query.Schema
}

// granularities are the lengths of periods that a measure can have.
func granularities() []analytics.Granularity {
	return []analytics.Granularity{analytics.Week, analytics.Month, analytics.Quarter}
}

// Adds reports whether a metric's figures of several periods add up, so that there is a total.
func Adds(m *analytics.Metric) bool {
	return m.Unit == analytics.UnitActivities || m.Unit == analytics.UnitConversations || m.Name == "new_members" || m.Name == "new_contributors"
}

// Measurable reports whether a key result can go by a metric: retention is a table of cohorts, not a figure.
func Measurable(m *analytics.Metric) bool { return m.Total }

// meter checks a measure and prepares to read it.
func (s *Service) meter(d *Draft) (*meter, error) {
	of := d.Measure
	m, err := analytics.Lookup(of.Metric)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: greenroom.ErrorMessage(err), Err: err}
	}
	of.Metric = m.Name
	if of.How == "" {
		of.How = Level
	}
	if of.Every == "" {
		of.Every = string(analytics.Month)
	}
	every := analytics.Granularity(of.Every)
	switch {
	case !Measurable(m):
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is a table of cohorts; a key result needs a metric with one figure a period", m.Label)
	case of.How != Level && of.How != Total:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a key result is a level or a total, not %q", of.How)
	case of.How == Total && !Adds(m):
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s of several periods do not add up to a total; measure the level", m.Label)
	case !slices.Contains(granularities(), every):
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a key result is looked at by week, month or quarter, not by %q", of.Every)
	case math.IsNaN(of.Target) || math.IsInf(of.Target, 0):
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a target is a number")
	case m.Unit == analytics.UnitShare && m.Name != "net_sentiment" && (of.Target < 0 || of.Target > 1):
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is a share; its target is from 0 to 1", m.Label)
	case of.Target < 0 && m.Unit != analytics.UnitShare:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is never below 0, and so is no target of it", m.Label)
	}
	if err := s.checkEntry(of); err != nil {
		return nil, err
	}
	now := s.now()
	x := &meter{figures: s.figures, metric: m, of: of, zone: now.Location(), now: now, entries: s.entries, members: s.schemas[query.Members]}
	from, err := schedule.ParseDate(d.From)
	if err != nil {
		return nil, err
	}
	to, err := schedule.ParseDate(d.To)
	if err != nil {
		return nil, err
	}
	x.from, x.to = from.Begin(x.zone), (to + 1).Begin(x.zone)
	x.request = analytics.Request{Metric: m.Name, Granularity: every, Zone: x.zone}
	if of.Query != "" {
		if x.request.Query, err = query.Parse(s.schemas[m.Entity], of.Query); err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be read: %s", err)
		}
		of.Query = query.Format(x.request.Query.Root)
	}
	if of.Segment != "" {
		if x.request.Segment, err = query.Parse(s.schemas[query.Members], of.Segment); err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "whose activities count cannot be read: %s", err)
		}
		of.Segment = query.Format(x.request.Segment.Root)
	}
	return x, nil
}

// series reads the whole periods from some before the first day until now.
func (x *meter) series(ctx context.Context) ([]Period, time.Time, error) {
	every := x.request.Granularity
	r := x.request
	r.From, r.To = every.Step(every.Start(x.from), -earlier), every.Step(every.Start(minTime(x.now, x.to)), 1)
	if !r.From.Before(r.To) {
		r.From = every.Step(r.To, -earlier) // it begins in the future; what is there is shown
	}
	c, err := x.cohorts(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	if c != nil {
		return x.byEntry(ctx, c, r)
	}
	return x.read(ctx, r)
}

// read reads the whole periods of a request.
func (x *meter) read(ctx context.Context, r analytics.Request) ([]Period, time.Time, error) {
	res, err := x.figures.Compute(ctx, r)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("computing %s: %w", x.metric.Name, err)
	}
	all := []Period{}
	for i := range res.Series {
		p := &res.Series[i]
		if p.Partial || p.To.After(x.to) || p.From.Before(r.From) {
			continue
		}
		at := Period{From: p.From, To: p.To, Value: p.Value, Before: p.From.Before(x.from)}
		if e, q, err := x.figures.Records(r, res, i); err == nil {
			at.Entity, at.Query = string(e), q
		}
		all = append(all, at)
	}
	return all, res.AsOf, nil
}

// total reads the figure of all the time since the first day, with the query of what it counts.
func (x *meter) total(ctx context.Context, p *Progress) error {
	r := x.request
	r.Granularity = analytics.Total
	r.From, r.To = x.from, minTime(x.now, x.to)
	if !r.From.Before(r.To) {
		return nil // it has not begun
	}
	c, err := x.cohorts(ctx)
	if err == nil && c != nil {
		r.Segment, err = c.of(r.Segment, r.From, r.To)
	}
	if err != nil {
		return err
	}
	res, err := x.figures.Compute(ctx, r)
	if err != nil {
		return fmt.Errorf("computing %s: %w", x.metric.Name, err)
	}
	if len(res.Series) == 0 {
		return nil
	}
	at := &res.Series[0]
	p.Value, p.Low, p.High = at.Value, at.Low, at.High
	if e, q, err := x.figures.Records(r, res, 0); err == nil {
		p.Entity, p.Query = string(e), q
	}
	return nil
}

// baseline is the level before the first day; of a total 0. By entry it is the mean of the periods before: a cohort of one period is
// small, and one in which nobody came in is no level to begin from.
func (x *meter) baseline(ctx context.Context) (float64, error) {
	if x.of.How == Total {
		return 0, nil
	}
	all, _, err := x.series(ctx)
	if err != nil {
		return 0, err
	}
	var before []float64
	for i := range slices.Backward(all) {
		if all[i].Value != nil && !all[i].To.After(x.from) {
			before = append(before, *all[i].Value)
			if x.of.Entry == "" {
				break
			}
		}
	}
	if len(before) > 0 {
		return mean(before), nil
	}
	return 0, greenroom.Errorf(greenroom.CodeInvalid, "%s has no figure of a whole %s before %s to begin from; say the baseline", x.metric.Label, x.of.Every, x.from.Format(time.DateOnly))
}

// measure says how far a key result is.
func (x *meter) measure(ctx context.Context) (*Progress, error) {
	p := &Progress{Unit: x.metric.Unit, Status: Unknown}
	var err error
	if p.Series, p.AsOf, err = x.series(ctx); err != nil {
		return nil, err
	}
	p.Note = x.note(x.request.Granularity.Step(x.request.Granularity.Start(x.from), -earlier))
	var before, since []float64
	for i := range p.Series {
		switch at := &p.Series[i]; {
		case at.Value == nil:
		case at.Before:
			before = append(before, *at.Value)
		default:
			since = append(since, *at.Value)
		}
	}
	p.Change = changed(before, since)
	if x.of.How == Total {
		if err := x.total(ctx, p); err != nil {
			return nil, err
		}
	} else {
		for i := range slices.Backward(p.Series) {
			if at := &p.Series[i]; at.Value != nil {
				p.Value, p.Entity, p.Query = at.Value, at.Entity, at.Query
				break
			}
		}
	}
	if p.Value != nil && x.of.Baseline != nil && x.of.Target != *x.of.Baseline {
		share := (*p.Value - *x.of.Baseline) / (x.of.Target - *x.of.Baseline)
		p.Share = &share
	}
	x.judge(p, since)
	return p, nil
}

// judge gives forecast and status.
func (x *meter) judge(p *Progress, since []float64) {
	switch {
	case x.now.Before(x.from):
		p.Says = "It begins on " + x.from.Format(time.DateOnly) + "."
		return
	case p.Value == nil:
		p.Says = "There is no figure yet."
		return
	case !x.now.Before(x.to):
		p.Status = Missed
		if x.reaches(*p.Value) {
			p.Status = Met
		}
		p.Says = "Its time is over; this is the last figure."
		return
	}
	var f estimate
	var ok bool
	if x.of.How == Total {
		left := float64(x.to.Sub(x.now)) / float64(x.request.Granularity.Step(x.now, 1).Sub(x.now))
		f, ok = goOn(*p.Value, since, left)
	} else {
		f, ok = drawOn(since, x.periodsLeft(p.Series))
	}
	if !ok {
		p.Says = fmt.Sprintf("It cannot be told yet where this goes: there are %d whole %ss since the first day, and it takes %d.", len(since), x.of.Every, fewest)
		if x.of.How == Total && x.reaches(*p.Value) && x.of.Up() {
			p.Status, p.Says = OnTrack, "The target is reached."
		}
		return
	}
	f.within(x.metric)
	p.Forecast, p.Least, p.Most = &f.value, &f.low, &f.high
	best := f.high
	if !x.of.Up() {
		best = f.low
	}
	switch {
	case x.reaches(f.value):
		p.Status, p.Says = OnTrack, "If it goes on as since the first day, it reaches the target."
	case x.reaches(best):
		p.Status, p.Says = AtRisk, "If it goes on as since the first day, it misses the target, though not by more than periods differ anyway."
	default:
		p.Status, p.Says = OffTrack, "If it goes on as since the first day, it misses the target by more than chance can make up for."
	}
}

// reaches reports whether a figure is as good as the target.
func (x *meter) reaches(v float64) bool {
	if x.of.Up() {
		return v >= x.of.Target
	}
	return v <= x.of.Target
}

// periodsLeft counts the whole periods between the last one that is over and the goal's end.
func (x *meter) periodsLeft(series []Period) int {
	if len(series) == 0 {
		return 0
	}
	n, at := 0, series[len(series)-1].To
	for every := x.request.Granularity; !every.Step(at, 1).After(x.to); at = every.Step(at, 1) {
		n++
	}
	return n
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
