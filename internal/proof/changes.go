// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/did"
	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/linear"
	"greenroom/internal/impact/sensitivity"
	"greenroom/internal/impact/series"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/verdict"
	"greenroom/internal/query"
)

// month is the length of a period of changes, which are all alike long.
const month = 30 * day

// lead is how many periods before the first day are looked at, to see whether both moved alike.
const lead = 4

// changes compares how those exposed changed with how the others did in the same time.
func (a *answerer) changes(ctx context.Context, all []Exposed) error {
	first := make(map[int64]time.Time, len(all))
	for _, x := range all {
		if _, there := first[x.Member]; !there {
			first[x.Member] = x.At
		}
	}
	begin := a.from.Add(-lead * month)
	return a.periods(ctx, begin, func(id int64) (from int, in bool) {
		at, was := first[id]
		switch {
		case !was:
			return did.Never, true
		case at.Before(a.from):
			return 0, false
		}
		return int(at.Sub(begin) / month), true
	})
}

// concerned compares those whom a launch concerned with those whom it did not.
func (a *answerer) concerned(ctx context.Context) error {
	q, err := a.s.parse(query.Members, a.d.Exposure.Query)
	if err != nil {
		return err
	}
	ids, err := a.s.facts.SegmentFits(ctx, q.Root, a.s.now())
	if err != nil {
		return fmt.Errorf("finding whom it concerned: %w", err)
	}
	touched := make(map[int64]bool, len(ids))
	for _, id := range ids {
		touched[id] = true
	}
	on, err := time.ParseInLocation(time.DateOnly, a.d.Exposure.Day, a.s.now().Location())
	if err != nil {
		return fmt.Errorf("reading the day: %w", err)
	}
	before := int(math.Ceil(on.Sub(a.from).Hours() / month.Hours()))
	a.r.Why = "The launch concerned some and not others, so it is compared how both changed: what always differed between them drops out, and so does what moved both."
	a.r.Assumes = append(a.r.Assumes, "It concerned who fits “"+a.d.Exposure.Query+"” on the day of the run.")
	return a.periods(ctx, on.Add(-time.Duration(before)*month), func(id int64) (int, bool) {
		if touched[id] {
			return before, true
		}
		return did.Never, true
	})
}

// periods compares changes from begin on; from says in which period somebody was first exposed.
func (a *answerer) periods(ctx context.Context, begin time.Time, from func(id int64) (int, bool)) error {
	if err := a.step("Counting what they did by month"); err != nil {
		return err
	}
	a.r.Unit = UnitCount
	end := a.to
	if a.asOf.Before(end) {
		end = a.asOf
	}
	n := int(end.Sub(begin) / month)
	if n < 2 {
		return invalid("there are fewer than two whole months of 30 days; take a longer time")
	}
	ids := make([]int64, 0, len(a.crowd))
	for id := range a.crowd {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	people, err := a.s.facts.StudyPeople(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading members: %w", err)
	}
	counts, err := a.s.facts.StudyPeriods(ctx, ids, begin, month, n)
	if err != nil {
		return fmt.Errorf("counting by month: %w", err)
	}
	units := a.byPeriod(ids, people, counts, begin, n, from)
	if err := a.step("Computing"); err != nil {
		return err
	}
	other, err := a.controlUnits(ctx, units, begin, n)
	if err != nil {
		return err
	}
	f, err := study.Changes(units, other)
	if err != nil {
		return fmt.Errorf("comparing: %w", changesError(err))
	}
	a.r.take(&f)
	c := f.Changes
	a.r.Exposed, a.r.Others, a.r.Compared = c.Exposed, c.Others, c.Exposed
	for _, s := range c.Steps {
		e := estimate(s.Effect)
		a.r.Steps = append(a.r.Steps, Step{At: float64(s.Relative), Label: relative(s.Relative), Value: e.Value, Low: e.Low, High: e.High})
	}
	a.r.Assumes = append(a.r.Assumes, "Without it both would have moved alike. Whether they did before is shown month by month.", "Months are spans of 30 days. Who was exposed at different times is compared, each time, with those who never were.")
	a.r.Unknown = append(a.r.Unknown, "What else came to those exposed at the same time.", "What happens outside the connected sources.")
	return nil
}

// byPeriod puts beside each other what each did in n months from begin on, and notes who is left out.
func (a *answerer) byPeriod(ids []int64, people map[int64]Person, counts map[int64][]float64, begin time.Time, n int, from func(id int64) (int, bool)) []did.Unit {
	var units []did.Unit
	young, late := 0, 0
	for _, id := range ids {
		p, in := from(id)
		switch first := people[id].First; {
		case !in:
			continue
		case first.IsZero() || !first.Before(a.from):
			young++
			continue
		case p >= n:
			late++
			p = did.Never
		}
		row := counts[id]
		if row == nil {
			row = make([]float64, n)
		}
		units = append(units, did.Unit{From: p, Outcomes: row, Cluster: int(people[id].Organization)})
		last := 0.0
		for _, v := range row[max(p, 0):] {
			last += v / float64(len(row[max(p, 0):]))
		}
		a.units = append(a.units, Compared{MemberID: id, Exposed: p != did.Never, Compared: true, At: begin.Add(time.Duration(max(p, 0)) * month), Outcome: last})
	}
	a.leave(young, "not known before the first day, so that nobody knows what they did before")
	a.leave(late, "exposed after the last whole month: they count as not exposed")
	return units
}

func changesError(err error) error {
	for _, e := range []error{did.ErrOneSided, linear.ErrTooFew} {
		if errors.Is(err, e) {
			return invalid("it takes members who were exposed, with a whole month before, and members who never were; take a longer time")
		}
	}
	return err
}

func relative(n int) string {
	if n >= 0 {
		return "month " + strconv.Itoa(n+1)
	}
	return strconv.Itoa(-n) + " before"
}

// launch reads a metric as an interrupted time series: by weeks, or by days where there are too few of them.
func (a *answerer) launch(ctx context.Context) error {
	if err := a.step("Reading the metric"); err != nil {
		return err
	}
	metric, err := analytics.Lookup(a.d.Outcome.Metric)
	if err != nil {
		return invalid("there is no metric %q; Insights lists them", a.d.Outcome.Metric)
	}
	on, err := time.ParseInLocation(time.DateOnly, a.d.Exposure.Day, a.s.now().Location())
	if err != nil {
		return fmt.Errorf("reading the day: %w", err)
	}
	request := analytics.Request{Metric: metric.Name, From: a.from, To: a.to, Granularity: analytics.Week, Zone: a.s.now().Location()}
	if a.d.Population != "" {
		if request.Segment, err = a.s.parse(query.Members, a.d.Population); err != nil {
			return err
		}
	}
	if text := asof.Says("", request.Segment); text != "" {
		a.r.Unknown = append(a.r.Unknown, "Who belonged to the population then. "+text)
	}
	values, labels, from, err := a.series(ctx, request, on)
	if err != nil {
		return err
	}
	season := 0
	if from < series.Least || len(values)-from < series.Least {
		request.Granularity = analytics.Day
		if values, labels, from, err = a.series(ctx, request, on); err != nil {
			return err
		}
		season = 7
	}
	if from < series.Least || len(values)-from < series.Least {
		return invalid("there are %d whole periods with a figure before %s and %d after; it takes %d on each side. Take a longer time", from, a.d.Exposure.Day, len(values)-from, series.Least)
	}
	if err := a.step("Computing"); err != nil {
		return err
	}
	return a.bent(values, labels, series.Options{From: from, Season: season}, metric.Unit == analytics.UnitShare)
}

// series reads the whole periods of a metric; from is the first that begins on or after a day.
func (a *answerer) series(ctx context.Context, request analytics.Request, on time.Time) (values []float64, labels []string, from int, err error) {
	res, err := a.s.figures.Compute(ctx, request)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("reading the metric: %w", err)
	}
	from = -1
	for _, p := range res.Series {
		straddles := p.From.Before(on) && p.To.After(on)
		if p.Partial || p.Value == nil || p.To.After(a.asOf) || p.From.Before(a.from) || straddles {
			continue // a period in which it began says nothing of before and after
		}
		if from < 0 && !p.From.Before(on) {
			from = len(values)
		}
		values, labels = append(values, *p.Value), append(labels, p.From.Format(time.DateOnly))
	}
	if from < 0 {
		from = len(values)
	}
	return values, labels, from, nil
}

// bent judges a series and the placebo: the same for a day halfway through the time before.
func (a *answerer) bent(values []float64, labels []string, o series.Options, shares bool) error {
	f, err := series.Interrupted(values, o)
	if err != nil {
		return fmt.Errorf("carrying the line before on: %w", err)
	}
	a.r.Unit, a.r.Method = UnitCount, "interrupted time series"
	if shares {
		a.r.Unit = UnitShare
	}
	nan := math.NaN()
	e := verdict.Evidence{Design: verdict.Series, Exposed: len(values) - o.From, Others: o.From, Effect: f.Mean, SplitUneven: nan, Lost: nan, LostUneven: nan, Overlap: nan, Balance: nan, TrendP: nan, EValue: nan}
	if o.From >= 2*series.Least {
		if p, err := series.Interrupted(values[:o.From], series.Options{From: o.From / 2, Season: o.Season}); err == nil {
			e.Placebo = evident(&p.Mean)
		}
	}
	deviation := spread(values[:o.From], f.Fitted[:o.From])
	ev := sensitivity.Difference(f.Mean, deviation)
	if e.EValue = float64(ev.Limit); deviation == 0 {
		e.EValue = nan
	}
	a.r.EValue, a.r.ELimit = known(float64(ev.Value)), known(float64(ev.Limit))
	a.r.Effect, a.r.Exposed, a.r.Others = estimate(f.Mean), e.Exposed, e.Others
	if e.Placebo != nil {
		p := estimate(*e.Placebo)
		a.r.Placebo = &p
	}
	a.r.judged(verdict.Judge(e))
	least := (chance.Z95 + chance.NormalQuantile(experiment.Power)) * f.Mean.Error
	a.r.Power = experiment.Could(least, shares)
	for i, v := range values {
		s := Step{At: float64(i - o.From), Label: labels[i], Value: known(v)}
		if i >= o.From {
			s.Other = known(f.Expected[i-o.From])
		}
		a.r.Steps = append(a.r.Steps, s)
	}
	a.r.Assumes = append(a.r.Assumes, "The figure would have gone on as before. Whatever else happened at the same time is counted in.", "The period in which it began is left out.")
	a.r.Unknown = append(a.r.Unknown, "What else happened at that time: look at the notes on the chart of the metric.")
	return nil
}

// spread is the standard deviation of what a line does not explain.
func spread(values, fitted []float64) float64 {
	sum := 0.0
	for i, v := range values {
		sum += (v - fitted[i]) * (v - fitted[i])
	}
	return math.Sqrt(sum / float64(max(len(values)-2, 1)))
}
