// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
)

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
}

// GoalState is how a goal stands.
type GoalState struct {
	ID       int64
	Title    string
	Owner    string
	Status   string // as people write it: on track, at risk, ...
	Says     string // why
	Unit     analytics.Unit
	Value    *float64
	Target   *float64
	Share    *float64 // of the way
	Entity   string
	Query    string
	Measured bool
}

// ProgramState is what came of a program.
type ProgramState struct {
	ID             int64
	Key, Name      string
	Enrolled, Left int64
	Targets        []ProgramTarget
	Note           string // what the figures do not say
}

// ProgramTarget is how a target of a program stands in the period.
type ProgramTarget struct {
	Label  string
	Unit   analytics.Unit
	Value  *float64
	Target float64
	Met    bool
}

// News is what changed in a period by more than noise.
type News struct {
	Lines  []Line
	Causes map[string][]string // of a metric: what moved it
	Topics []TopicState        // that are new or rise
}

// TopicState is what is said of a topic.
type TopicState struct {
	ID            int64
	Name          string
	Course        string // new, rising, fading or ""
	Count, Before int64
}

// Evidence is a measure of what the community does for the business, or the result of a study.
type Evidence struct {
	Figure  Figure
	Lines   []Line   // what stands beside it: what a study found, which guesses it rests on
	Unknown []string // what is not known about it
}

// MeasureInfo names a measure or a study.
type MeasureInfo struct{ Key, Label string }

// Parts are where blocks come from. All but Figures and Judge may be nil: then their blocks say that there is nothing.
type Parts struct {
	Figures  Figures
	Judge    func(m *analytics.Metric, series []analytics.Point) noise.Verdict
	Goals    func(ctx context.Context, id int64) ([]GoalState, error)                               // 0 = those that are open
	Programs func(ctx context.Context, key string, from, to time.Time) ([]ProgramState, error)      // "" = those that run
	News     func(ctx context.Context, by analytics.Granularity, from, to time.Time) (*News, error) // nil where it is not known of that period
	Quotes   func(ctx context.Context) ([]Quote, error)                                             // all that are granted now
	Measures func(ctx context.Context) ([]MeasureInfo, error)                                       // nil = there are none
	Measure  func(ctx context.Context, key string, from, to time.Time) (Evidence, error)            // with Measures
}

// Filler computes what blocks show.
type Filler struct {
	parts   Parts
	schemas map[query.Entity]*query.Schema
}

// NewFiller returns the filler.
func NewFiller(parts Parts) *Filler {
	f := &Filler{parts: parts, schemas: make(map[query.Entity]*query.Schema)}
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		f.schemas[e] = query.NewSchema(e, kinds)
	}
	return f
}

const (
	usualPeriods = 12
	usualLimit   = 8
	usualQuotes  = 3
	pastPeriods  = 13
)

// filling is the computation of one edition.
type filling struct {
	*Filler
	by     analytics.Granularity
	period Period
	zone   *time.Location
	news   *News
	asOf   time.Time
}

// Fill computes the blocks of a period. What cannot be computed says why, and the rest goes on.
func (f *Filler) Fill(ctx context.Context, blocks []Block, r Rhythm, p Period) ([]Filled, time.Time, error) {
	c := &filling{Filler: f, by: r.Granularity(), period: p, zone: p.From.Location()}
	if f.parts.News != nil {
		var err error
		if c.news, err = f.parts.News(ctx, c.by, p.From, p.To); err != nil {
			return nil, time.Time{}, fmt.Errorf("saying what changed: %w", err)
		}
	}
	all := make([]Filled, 0, len(blocks))
	for i := range blocks {
		b := Filled{Block: blocks[i], Title: blocks[i].Title}
		if err := c.fill(ctx, &b); err != nil {
			if ctx.Err() != nil {
				return nil, time.Time{}, fmt.Errorf("computing a report: %w", ctx.Err())
			}
			if greenroom.ErrorCode(err) == greenroom.CodeInternal {
				return nil, time.Time{}, fmt.Errorf("computing block %d: %w", i+1, err)
			}
			b.Problem = greenroom.ErrorMessage(err)
		}
		b.Comment.Rule = commentOn(&b)
		if b.Comment.Text == "" {
			b.Comment.Text = b.Comment.Rule
		}
		all = append(all, b)
	}
	c.unknowns(all)
	summaries(all)
	return all, c.asOf, nil
}

func (c *filling) fill(ctx context.Context, b *Filled) error {
	if b.Title == "" {
		b.Title = b.Block.Kind.Label()
	}
	switch b.Block.Kind {
	case Metric, Chart:
		return c.metric(ctx, b)
	case Breakdown:
		return c.breakdown(ctx, b)
	case Text:
		if b.Block.Title == "" {
			b.Title = ""
		}
		b.Comment.Text = b.Block.Text
	case Quotes:
		return c.quotes(ctx, b)
	case Goal:
		return c.goals(ctx, b)
	case Program:
		return c.programs(ctx, b)
	case Changes:
		c.changes(b)
	case Proof:
		return c.proof(ctx, b)
	case Unknown:
		b.Comment.Text = b.Block.Text
	}
	return nil
}

// request is what a block asks of the engine for a range of whole periods.
func (c *filling) request(b *Block, m *analytics.Metric, from, to time.Time) (analytics.Request, error) {
	r := analytics.Request{Metric: m.Name, From: from, To: to, Granularity: c.by, Zone: c.zone}
	var err error
	if b.Query != "" {
		if r.Query, err = query.Parse(c.schemas[m.Entity], b.Query); err != nil {
			return r, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be read: %s", err)
		}
	}
	if b.Segment != "" {
		if r.Segment, err = query.Parse(c.schemas[query.Members], b.Segment); err != nil {
			return r, greenroom.Errorf(greenroom.CodeInvalid, "whose activities count cannot be read: %s", err)
		}
	}
	return r, nil
}

func (c *filling) metric(ctx context.Context, b *Filled) error {
	m, err := analytics.Lookup(b.Block.Metric)
	if err != nil {
		return err
	}
	if b.Block.Title == "" {
		b.Title = m.Label
	}
	n := pastPeriods
	if b.Block.Kind == Chart {
		if n = b.Block.Periods; n < 2 {
			n = usualPeriods
		}
	}
	r, err := c.request(&b.Block, m, c.by.Step(c.period.To, -n), c.period.To)
	if err != nil {
		return err
	}
	res, err := c.parts.Figures.Compute(ctx, r)
	if err != nil {
		return err //nolint:wrapcheck // it names the metric
	}
	c.noteAsOf(res)
	b.knownToday(&r)
	series := pointsFrom(res, r.From, c.period.To)
	if len(series) == 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no figure for this period yet")
	}
	b.Plot = plotOf(m, series, c.by)
	last := len(series) - 1
	b.Figure = &Figure{Label: b.Title, Unit: m.Unit, Lower: m.Lower, Definition: m.Definition, Source: m.Source, Value: series[last].Value, Low: series[last].Low, High: series[last].High}
	if last > 0 {
		b.Figure.Previous = series[last-1].Value
		v := c.parts.Judge(m, series)
		b.Figure.Real, b.Figure.Judged = v.Real, v.Says
	}
	for i := range res.Series {
		if res.Series[i].From.Equal(series[last].From) {
			if e, q, err := c.parts.Figures.Records(r, res, i); err == nil {
				b.Figure.Entity, b.Figure.Records = string(e), q
			}
		}
	}
	if err := c.yearAgo(ctx, b, m); err != nil {
		return err
	}
	b.Figure.Benchmarks = append(ownPast(m, b.Plot.Values), published(m.Name)...)
	if c.news != nil && b.Block.Query == "" && b.Block.Segment == "" {
		for _, cause := range c.news.Causes[m.Name] {
			b.Lines = append(b.Lines, Line{Text: cause})
		}
	}
	return nil
}

// knownToday says what of a block is known only as of today, which readers of past periods have to know.
func (b *Filled) knownToday(r *analytics.Request) {
	if text := asof.Says(string(r.Breakdown), r.Query, r.Segment); text != "" {
		b.Lines = append(b.Lines, Line{Text: text})
	}
}

// pointsFrom are the whole periods of a result. Periods before the community began stay, with their zeros.
func pointsFrom(res *analytics.Result, from, to time.Time) []analytics.Point {
	var all []analytics.Point
	for i := range res.Series {
		p := res.Series[i]
		if !p.From.Before(from) && !p.To.After(to) && !p.Partial {
			all = append(all, p)
		}
	}
	return all
}

func (c *filling) noteAsOf(res *analytics.Result) {
	if c.asOf.IsZero() || res.AsOf.Before(c.asOf) {
		c.asOf = res.AsOf
	}
}

// yearAgo looks at the same period a year ago; nothing where the community did not exist.
func (c *filling) yearAgo(ctx context.Context, b *Filled, m *analytics.Metric) error {
	n := map[analytics.Granularity]int{analytics.Week: -52, analytics.Month: -12, analytics.Quarter: -4}[c.by]
	r, err := c.request(&b.Block, m, c.by.Step(c.period.From, n), c.by.Step(c.period.To, n))
	if err != nil {
		return err
	}
	res, err := c.parts.Figures.Compute(ctx, r)
	if err != nil {
		return err //nolint:wrapcheck // it names the metric
	}
	if s := pointsFrom(res, r.From, r.To); len(s) == 1 && s[0].Value != nil && (*s[0].Value != 0 || s[0].N > 0) {
		b.Figure.YearAgo = s[0].Value
	}
	return nil
}

// plotOf is the chart of a series. Counts of what happens anew are drawn as bars.
func plotOf(m *analytics.Metric, series []analytics.Point, by analytics.Granularity) *Plot {
	p := &Plot{Unit: m.Unit, Bars: m.Unit == analytics.UnitMembers || m.Unit == analytics.UnitActivities || m.Unit == analytics.UnitConversations}
	interval := false
	for i := range series {
		s := &series[i]
		p.Labels = append(p.Labels, shortLabel(s.From, by))
		p.Values, p.Low, p.High = append(p.Values, s.Value), append(p.Low, s.Low), append(p.High, s.High)
		interval = interval || s.Low != nil
	}
	if !interval {
		p.Low, p.High = nil, nil
	}
	return p
}

func shortLabel(t time.Time, by analytics.Granularity) string {
	switch by {
	case analytics.Week:
		return t.Format("2 Jan")
	case analytics.Quarter:
		return fmt.Sprintf("Q%d %s", (int(t.Month())-1)/3+1, t.Format("06"))
	default:
		return t.Format("Jan 06")
	}
}

func (c *filling) breakdown(ctx context.Context, b *Filled) error {
	m, err := analytics.Lookup(b.Block.Metric)
	if err != nil {
		return err
	}
	if b.Block.Title == "" {
		b.Title = m.Label + " by " + string(b.Block.By)
	}
	r, err := c.request(&b.Block, m, c.by.Step(c.period.From, -1), c.period.To)
	if err != nil {
		return err
	}
	r.Breakdown = b.Block.By
	if r.Options.Groups = b.Block.Limit; r.Options.Groups == 0 {
		r.Options.Groups = usualLimit
	}
	res, err := c.parts.Figures.Compute(ctx, r)
	if err != nil {
		return err //nolint:wrapcheck // it names the metric
	}
	c.noteAsOf(res)
	b.knownToday(&r)
	t := &Table{Columns: []string{name(string(b.Block.By)), "This period", "Before", "Change"}, Numbers: []bool{false, true, true, true}, Rows: []Row{}}
	for i := range res.Series {
		now := &res.Series[i]
		if !now.To.Equal(c.period.To) {
			continue
		}
		var before *float64
		if i > 0 && res.Series[i-1].Group == now.Group && res.Series[i-1].GroupID == now.GroupID {
			before = res.Series[i-1].Value
		}
		row := Row{Cells: []string{now.Group, ValueText(m.Unit, now.Value), ValueText(m.Unit, before), ChangeText(m.Unit, now.Value, before)}, Values: []*float64{nil, now.Value, before, nil}}
		if e, q, err := c.parts.Figures.Records(r, res, i); err == nil {
			row.Entity, row.Query = string(e), q
		}
		t.Rows = append(t.Rows, row)
	}
	b.Table = t
	if len(t.Rows) == 0 {
		b.Problem = "nothing happened in this period that could be told apart by " + string(b.Block.By)
	}
	return nil
}

func name(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func (c *filling) quotes(ctx context.Context, b *Filled) error {
	if c.parts.Quotes == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "there are no testimonials")
	}
	all, err := c.parts.Quotes(ctx)
	if err != nil {
		return err
	}
	n := b.Block.Limit
	if n == 0 {
		n = usualQuotes
	}
	b.Quotes = all[:min(n, len(all))]
	if b.Block.Title == "" {
		b.Title = "What members say"
	}
	if len(all) == 0 {
		b.Problem = "nobody has agreed to be quoted yet; ask under Recognition"
	}
	return nil
}

func (c *filling) goals(ctx context.Context, b *Filled) error {
	if c.parts.Goals == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "there are no goals")
	}
	all, err := c.parts.Goals(ctx, b.Block.Goal)
	if err != nil {
		return err
	}
	if b.Block.Title == "" {
		b.Title = "Goals"
	}
	t := &Table{Columns: []string{"Goal", "Status", "Now", "Target", "Of the way"}, Numbers: []bool{false, false, true, true, true}, Rows: []Row{}}
	for i := range all {
		g := &all[i]
		row := Row{Cells: []string{g.Title, g.Status, "", "", ""}, Values: []*float64{nil, nil, g.Value, g.Target, g.Share}, Entity: g.Entity, Query: g.Query, Path: fmt.Sprintf("/goals/%d", g.ID)}
		if g.Measured {
			row.Cells[2], row.Cells[3], row.Cells[4] = ValueText(g.Unit, g.Value), ValueText(g.Unit, g.Target), wayText(g.Share)
		}
		t.Rows = append(t.Rows, row)
		if g.Says != "" {
			b.Lines = append(b.Lines, Line{Text: g.Title + ": " + g.Says, Path: row.Path})
		}
	}
	b.Table = t
	if len(all) == 0 {
		b.Problem = "there are no open goals; make one under Goals"
	}
	return nil
}

// wayText says how far a goal is on its way. What went the other way is said in a word: how many times over tells a reader nothing.
func wayText(share *float64) string {
	if share != nil && *share < 0 {
		return "moved away"
	}
	return ValueText(analytics.UnitShare, share)
}

func (c *filling) programs(ctx context.Context, b *Filled) error {
	if c.parts.Programs == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "there are no programs")
	}
	all, err := c.parts.Programs(ctx, b.Block.Program, c.period.From, c.period.To)
	if err != nil {
		return err
	}
	if b.Block.Title == "" {
		b.Title = "Programs"
	}
	t := &Table{Columns: []string{"Program", "People in it", "Target", "Reached", "Aimed at"}, Numbers: []bool{false, true, false, true, true}, Rows: []Row{}}
	for i := range all {
		p := &all[i]
		n := float64(p.Enrolled)
		begin := []string{p.Name, ValueText("", &n)}
		path := "/programs/" + p.Key
		if len(p.Targets) == 0 {
			t.Rows = append(t.Rows, Row{Cells: append(begin, "", "", ""), Values: []*float64{nil, &n, nil, nil, nil}, Path: path})
		}
		for _, x := range p.Targets {
			t.Rows = append(t.Rows, Row{Cells: append(slices.Clone(begin), x.Label, ValueText(x.Unit, x.Value), ValueText(x.Unit, &x.Target)), Values: []*float64{nil, &n, nil, x.Value, &x.Target}, Path: path})
			begin = []string{"", ""}
		}
		if p.Note != "" {
			b.Lines = append(b.Lines, Line{Text: p.Note})
		}
	}
	b.Lines = slices.CompactFunc(b.Lines, func(a, b Line) bool { return a.Text == b.Text })
	b.Table = t
	if len(all) == 0 {
		b.Problem = "no program runs"
	}
	return nil
}

func (c *filling) changes(b *Filled) {
	if c.news == nil {
		b.Problem = "what changed is said of the last whole week or month only"
		return
	}
	n := b.Block.Limit
	if n == 0 {
		n = usualLimit
	}
	b.Lines = append(b.Lines, c.news.Lines[:min(n, len(c.news.Lines))]...)
	if len(c.news.Topics) == 0 {
		return
	}
	t := &Table{Columns: []string{"Topic", "Course", "28 days", "28 days before"}, Numbers: []bool{false, false, true, true}}
	for _, x := range c.news.Topics[:min(n, len(c.news.Topics))] {
		now, before := float64(x.Count), float64(x.Before)
		t.Rows = append(t.Rows, Row{Cells: []string{x.Name, x.Course, ValueText("", &now), ValueText("", &before)}, Values: []*float64{nil, nil, &now, &before}, Path: fmt.Sprintf("/topics/%d", x.ID)})
	}
	b.Table = t
}

// unknownMark begins the lines of a proof that say what is not known.
const unknownMark = "What we do not know: "

func (c *filling) proof(ctx context.Context, b *Filled) error {
	if c.parts.Measure == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "there are no measures of the business yet")
	}
	e, err := c.parts.Measure(ctx, b.Block.Measure, c.period.From, c.period.To)
	if err != nil {
		return err
	}
	b.Figure = &e.Figure
	if b.Block.Title == "" {
		b.Title = e.Figure.Label
	}
	b.Lines = e.Lines
	for _, u := range e.Unknown {
		b.Lines = append(b.Lines, Line{Text: unknownMark + u})
	}
	if e.Figure.Value == nil {
		b.Problem = "the figure cannot be told"
		if len(e.Unknown) > 0 {
			b.Problem += " (" + strings.TrimSuffix(e.Unknown[0], ".") + ")"
		}
	}
	return nil
}
