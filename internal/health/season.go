// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"math"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
)

// Season is the same step at the same point of earlier seasons: of weeks, months and quarters a year ago, of days the same
// weekdays.
type Season struct {
	Every    string        `json:"every"`       // year or week: after how long it comes again
	From     time.Time     `json:"from"`        // the same period a season ago
	Then     *float64      `json:"then"`        // its figure; of days, the mean of the same weekdays
	Before   *float64      `json:"then_before"` // the figure of the period before that one; of days likewise
	Change   *float64      `json:"then_change"` // of Before; of shares, in points
	Seasons  int           `json:"seasons"`     // how many earlier seasons the verdict rests on, or of days the figures; 0 = too few for a verdict
	Says     string        `json:"says"`
	Entity   query.Entity  `json:"entity,omitempty"`
	Records  string        `json:"records,omitempty"` // lists what was counted a season ago
	verdict  noise.Verdict // Test is "" where there are too few seasons
	previous int           // the point of From
}

// cycle is how a season comes again for periods of some length.
type cycle struct {
	every  string
	length int // in periods
	least  int // how many earlier seasons it takes for a verdict
	most   int // how many are looked at
}

// cycleOf tells the season by how long periods are.
func cycleOf(by analytics.Granularity) cycle {
	switch by {
	case analytics.Day:
		return cycle{"week", 7, 4, 8}
	case analytics.Week:
		return cycle{"year", 52, 2, 2} // the same weekdays
	case analytics.Quarter:
		return cycle{"year", 4, 2, 3}
	default:
		return cycle{"year", 12, 2, 3}
	}
}

// lengthOf tells the granularity of points by how long they are.
func lengthOf(p *analytics.Point) analytics.Granularity {
	switch d := days(p); {
	case d <= 1:
		return analytics.Day
	case d <= 7:
		return analytics.Week
	case d <= 31:
		return analytics.Month
	default:
		return analytics.Quarter
	}
}

// lookBack is how many periods a figure's verdict looks at: with all the seasons that there may be.
func lookBack(by analytics.Granularity) int {
	c := cycleOf(by)
	return max(boardPeriods, c.length*c.most+3) // the step itself, and the period that known leaves out
}

// known leaves out the periods before the first in which there was anything, and that one, which has begun in its middle.
func known(series []analytics.Point) []analytics.Point {
	for i := range series {
		if v := series[i].Value; v != nil && *v != 0 {
			return series[i+1:]
		}
	}
	return nil
}

// seasonOf compares the last step of a series with the same step of earlier seasons; nil where there is none yet.
func seasonOf(m *analytics.Metric, series []analytics.Point) *Season {
	usable := known(series)
	last := len(usable) - 1
	if last < 1 || m.Name == "retention" {
		return nil
	}
	by := lengthOf(&usable[last])
	c := cycleOf(by)
	there := min((last-1)/c.length, c.most)
	if there < 1 {
		return nil
	}
	s := &Season{Every: c.every, From: usable[last-c.length].From, previous: len(series) - 1 - c.length}
	s.Then, s.Before = usable[last-c.length].Value, usable[last-c.length-1].Value
	if there >= c.least {
		if s.verdict = c.judge(m, usable, there); s.verdict.Test != noise.TestNone {
			s.Seasons = there
		}
	}
	if by == analytics.Day {
		s.Then, s.Before = c.mean(usable, last, there), c.mean(usable, last-1, there)
		s.Seasons = there
	}
	s.Change = changeOf(m.Unit, s.Then, s.Before)
	s.Says = seasonSays(m, by, s, &usable[last], &usable[last-1])
	return s
}

// mean is the mean of the figures so many seasons before a point.
func (c cycle) mean(series []analytics.Point, at, seasons int) *float64 {
	sum, n := 0.0, 0
	for k := 1; k <= seasons; k++ {
		if v := series[at-k*c.length].Value; v != nil {
			sum, n = sum+*v, n+1
		}
	}
	if n == 0 {
		return nil
	}
	sum /= float64(n)
	return &sum
}

// judge tests the last step of a series against the same step of earlier seasons.
func (c cycle) judge(m *analytics.Metric, series []analytics.Point, seasons int) noise.Verdict {
	last := len(series) - 1
	over := func(p *analytics.Point) float64 { return float64(p.N) }
	if !independent(m) {
		over = days
	}
	step := func(at int) noise.Step {
		now, before := &series[at], &series[at-1]
		return noise.Step{Before: before.Count, Now: now.Count, BeforeOver: over(before), NowOver: over(now)}
	}
	if !independent(m) && !counts(m) {
		return c.past(series)
	}
	var earlier noise.Step
	for k := 1; k <= seasons; k++ {
		earlier = earlier.Plus(step(last - k*c.length))
	}
	if independent(m) {
		return noise.ShareSteps(step(last), earlier)
	}
	rows := make([][]float64, seasons)
	for k := range rows {
		for i := range c.length {
			rows[k] = append(rows[k], float64(series[last-1-i-k*c.length].Count))
		}
	}
	return noise.RateSteps(step(last), earlier, noise.SeasonDispersion(rows))
}

// past tests a figure that is no count: by how much it differs from a season ago.
func (c cycle) past(series []analytics.Point) noise.Verdict {
	var history []float64
	now := math.NaN()
	for i := c.length; i < len(series); i++ {
		if a, b := series[i].Value, series[i-c.length].Value; a != nil && b != nil {
			if i == len(series)-1 {
				now = *a - *b
			} else {
				history = append(history, *a-*b)
			}
		}
	}
	return noise.SeasonPast(history, now)
}

// seasonSays says what was a season ago, and whether it went the same way.
func seasonSays(m *analytics.Metric, by analytics.Granularity, s *Season, now, before *analytics.Point) string {
	this, former, when := "the same "+string(by), "the "+string(by)+" before it", "A year ago, "
	switch by {
	case analytics.Month:
		this, former, when = s.From.Format("January"), by.Step(s.From, -1).Format("January"), "A year before, "
	case analytics.Quarter:
		this, former, when = quarterText(s.From), quarterText(by.Step(s.From, -1)), "A year before, "
	case analytics.Day:
		this, former, when = now.From.Weekday().String()+"s", before.From.Weekday().String()+"s", "In the "+strconv.Itoa(s.Seasons)+" weeks before, "
	case analytics.Week, analytics.Total:
	}
	if s.Then == nil || s.Before == nil {
		return when + "there is no figure for " + this + "."
	}
	were, average := " was ", ""
	if by == analytics.Day {
		were, average = " were ", " on average"
	}
	figures := " (" + valueText(m.Unit, *s.Then) + " after " + valueText(m.Unit, *s.Before) + average + ")"
	step := *s.Then - *s.Before
	if math.Abs(step) < 0.005*math.Max(math.Abs(*s.Before), 1e-9) {
		return when + this + were + "like " + former + figures + "."
	}
	text := when + this + were + apart(m.Unit, *s.Then, *s.Before) + " than " + former
	if now.Value != nil && before.Value != nil {
		if whole := *now.Value - *before.Value; step*whole > 0 && math.Abs(step) >= math.Abs(whole)/2 {
			text += ", too"
		}
	}
	return text + figures + "."
}

func quarterText(from time.Time) string { return "Q" + strconv.Itoa((int(from.Month())-1)/3+1) }

// apart says how much higher or lower a figure is than another.
func apart(u analytics.Unit, now, before float64) string {
	more, less := " higher", " lower"
	if u == analytics.UnitSeconds {
		more, less = " longer", " shorter"
	}
	if now < before {
		more = less
	}
	if u == analytics.UnitShare || u == analytics.UnitSeconds || before <= 0 {
		return differenceText(u, now-before) + more
	}
	return percent(math.Abs(now-before)/before) + more
}

// Movement is a metric's last whole period: the change against the period before, whether that is more than noise, and what
// the season makes of it.
type Movement struct {
	By   analytics.Granularity `json:"by"`
	From time.Time             `json:"from"`
	To   time.Time             `json:"to"`
	Says string                `json:"says"` // the change as a sentence
	Item
}

// MovementRequest asks for one.
type MovementRequest struct {
	Metric  string
	By      analytics.Granularity // day, week, month or quarter; "" = week
	Query   *query.Query          // what counts; nil = everything
	Segment *query.Query          // whose activities count; nil = everybody's
}

// Movement says how a metric moved in its last whole period.
func (s *Service) Movement(ctx context.Context, r MovementRequest) (*Movement, error) {
	m, err := analytics.Lookup(r.Metric)
	if err != nil {
		return nil, err
	}
	if m.Name == "retention" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "retention is a table of cohorts; ask for returning_members instead")
	}
	if r.By == "" {
		r.By = analytics.Week
	}
	if r.By != analytics.Day && r.By != analytics.Week && r.By != analytics.Month && r.By != analytics.Quarter {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a figure moves from one day, week, month or quarter to the next, not by %q", r.By)
	}
	to := r.By.Start(s.here())
	item, err := s.moved(ctx, m, analytics.Request{Metric: m.Name, To: to, Granularity: r.By, Zone: s.zone(), Query: r.Query, Segment: r.Segment})
	if err != nil {
		return nil, err
	}
	v := &Movement{By: r.By, From: r.By.Step(to, -1), To: to, Item: *item}
	if item.Noise.Real && knownByNow(m.Name) {
		v.Noise.Says += " The newer questions have had less time."
	}
	if item.Query == "" && r.Query != nil {
		v.Query = r.Query.String()
	}
	v.Says = changeSays(&v.Item, r.By)
	return v, nil
}

// moved computes a metric up to the end of a request, which is asked for with as many earlier periods as there are.
func (s *Service) moved(ctx context.Context, m *analytics.Metric, req analytics.Request) (*Item, error) {
	req.From = req.Granularity.Step(req.To, -lookBack(req.Granularity))
	least := req.Granularity.Step(req.To, -boardPeriods)
	if first, ok, err := s.figures.Crowd().First(ctx); err != nil {
		return nil, err //nolint:wrapcheck // the engine's words are for people
	} else if begun := req.Granularity.Start(first.In(s.zone())); !ok || begun.After(least) {
		req.From = least
	} else if begun.After(req.From) {
		req.From = begun
	}
	res, err := s.figures.Compute(ctx, req)
	if err != nil {
		return nil, err
	}
	item := &Item{Metric: m.Name, Label: m.Label, Unit: m.Unit, Lower: m.Lower, Series: []*float64{}}
	last := len(res.Series) - 1
	for i := max(0, last+1-boardPeriods); i <= last; i++ {
		item.Series = append(item.Series, res.Series[i].Value)
	}
	if last < 1 {
		item.Noise = noise.Past(nil, math.NaN())
		return item, nil
	}
	p, before := &res.Series[last], &res.Series[last-1]
	item.Value, item.Low, item.High, item.Previous = p.Value, p.Low, p.High, before.Value
	item.Change = changeOf(m.Unit, p.Value, before.Value)
	item.Seasonal = seasonOf(m, res.Series)
	if entity, text, err := s.figures.Records(req, res, last); err == nil {
		item.Entity, item.Records = entity, text
	}
	if then := item.Seasonal; then != nil {
		if entity, text, err := s.figures.Records(req, res, then.previous); err == nil {
			then.Entity, then.Records = entity, text
		}
	}
	item.Noise = Judge(m, res.Series)
	return item, nil
}
