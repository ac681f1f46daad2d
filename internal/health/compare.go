// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
)

// CompareRequest asks for a metric of several groups side by side.
type CompareRequest struct {
	Metric string
	By     analytics.Granularity // week, month or quarter; "" = month
	// Across is what the groups are: a dimension of the metric, "segment" for the queries in Segments, or "program" for those
	// who are enrolled in each program today, with those who are in none.
	Across   string
	Segments []string // queries about members
	Query    string   // narrows what counts
}

// Comparison is groups side by side, the last whole period of each against the one before.
type Comparison struct {
	Metric  string                `json:"metric"`
	Label   string                `json:"label"`
	Unit    analytics.Unit        `json:"unit"`
	By      analytics.Granularity `json:"by"`
	Across  string                `json:"across"`
	From    time.Time             `json:"from"`
	To      time.Time             `json:"to"`
	Groups  []Group               `json:"groups"`
	Between *noise.Verdict        `json:"between,omitempty"` // whether the two largest groups differ by more than noise, period by period
	Note    string                `json:"note,omitempty"`    // what the groups are, where it is not plain, and what is known only as of today
}

// Group is one of them.
type Group struct {
	Name     string        `json:"name"`
	Value    *float64      `json:"value"`
	Low      *float64      `json:"low"` // 95 %, where there is an interval
	High     *float64      `json:"high"`
	Previous *float64      `json:"previous"`
	Change   *float64      `json:"change"` // of Previous; of shares, in points
	N        int64         `json:"n"`
	Noise    noise.Verdict `json:"noise"` // against the period before, corrected for how many groups there are
	Rest     noise.Verdict `json:"against_the_others"`
	Series   []*float64    `json:"series"`
	Entity   query.Entity  `json:"entity,omitempty"`
	Records  string        `json:"records,omitempty"`
}

// compareSegments bounds how many segments are compared.
const compareSegments = 12

// Compare sets groups side by side. Each is judged against its own period before, with Holm's correction for how many are
// looked at, and shares also against all the other groups of the same period.
func (s *Service) Compare(ctx context.Context, r CompareRequest) (*Comparison, error) {
	m, err := analytics.Lookup(r.Metric)
	if err != nil {
		return nil, err
	}
	if m.Name == "retention" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "retention is a table of cohorts; compare returning members instead")
	}
	if r.By == "" {
		r.By = analytics.Month
	}
	if r.By != analytics.Week && r.By != analytics.Month && r.By != analytics.Quarter {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "groups are compared by week, month or quarter, not by %q", r.By)
	}
	to := r.By.Start(s.here())
	c := &Comparison{Metric: m.Name, Label: m.Label, Unit: m.Unit, By: r.By, Across: r.Across, From: r.By.Step(to, -1), To: to, Groups: []Group{}}
	req := analytics.Request{Metric: m.Name, From: r.By.Step(to, -boardPeriods), To: to, Granularity: r.By, Zone: s.zone()}
	if req.Query, err = s.parse(m.Entity, r.Query); err != nil {
		return nil, err
	}
	var series [][]analytics.Point
	switch r.Across {
	case "":
		return nil, greenroom.FieldErrorf("across", "name what to compare %s across: %s", m.Label, greenroom.AnyOf(Across(m)))
	case acrossSegments:
		series, err = s.segments(ctx, c, req, r.Segments)
	case acrossPrograms:
		series, err = s.inPrograms(ctx, c, req)
	default:
		if !slices.Contains(Across(m), r.Across) {
			return nil, greenroom.FieldErrorf("across", "%s cannot be compared across %q; choose %s", m.Label, r.Across, greenroom.AnyOf(Across(m)))
		}
		req.Breakdown = analytics.Dimension(r.Across)
		series, err = s.broken(ctx, c, req)
	}
	if err != nil {
		return nil, err
	}
	c.judge(m, series)
	return c, nil
}

func (s *Service) segments(ctx context.Context, c *Comparison, req analytics.Request, texts []string) ([][]analytics.Point, error) {
	var series [][]analytics.Point
	asked := []*query.Query{req.Query}
	for _, text := range texts {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if len(c.Groups) == compareSegments {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "at most %d segments are compared", compareSegments)
		}
		var err error
		if req.Segment, err = s.parse(query.Members, text); err != nil {
			return nil, err
		}
		asked = append(asked, req.Segment)
		res, err := s.figures.Compute(ctx, req)
		if err != nil {
			return nil, err
		}
		s.group(c, req, res, text, 0, len(res.Series)-1)
		series = append(series, res.Series)
	}
	if len(c.Groups) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "name the segments to compare: queries about members, such as org.lifecycle:trial")
	}
	c.Note = asof.Says("", asked...)
	return series, nil
}

// Across lists what a metric can be compared across: what it can be broken down by, programs and segments.
func Across(m *analytics.Metric) []string {
	all := make([]string, 0, len(m.Breakdowns)+2)
	for _, d := range m.Breakdowns {
		all = append(all, string(d))
	}
	return append(all, acrossPrograms, acrossSegments)
}

// acrossSegments compares segments.
const acrossSegments = "segment"

// acrossPrograms compares programs.
const acrossPrograms = "program"

// programNote says what groups of programs are, and what they are not.
const programNote = "Each group is who is enrolled in the program today, over all the periods; members can be in several. They are not matched: people who join a program were often the keener ones before. " +
	"A study under Impact compares them with members who were like them."

// Program is one that members are enrolled in.
type Program struct{ Key, Name string }

// UsePrograms sets where programs are listed. It is called before the service is used.
func (s *Service) UsePrograms(list func(ctx context.Context) ([]Program, error)) { s.programs = list }

// inPrograms computes a metric of who is in each program, and last of who is in none.
func (s *Service) inPrograms(ctx context.Context, c *Comparison, req analytics.Request) ([][]analytics.Point, error) {
	var programs []Program
	if s.programs != nil {
		var err error
		if programs, err = s.programs(ctx); err != nil {
			return nil, err
		}
	}
	if len(programs) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no program to compare; open one under Programs first, or compare segments")
	}
	if c.Note = programNote; len(programs) > compareSegments {
		c.Note += " Of " + strconv.Itoa(len(programs)) + " programs the first " + strconv.Itoa(compareSegments) + " are shown."
		programs = programs[:compareSegments]
	}
	c.Note = strings.TrimSpace(c.Note + " " + asof.Says("", req.Query))
	f, ok := s.schemas[query.Members].Field(acrossPrograms)
	if !ok {
		return nil, errors.New("members have no programs in queries")
	}
	var series [][]analytics.Point
	compute := func(name string, node query.Node) error {
		req.Segment = &query.Query{Root: node}
		res, err := s.figures.Compute(ctx, req)
		if err != nil {
			return err
		}
		s.group(c, req, res, name, 0, len(res.Series)-1)
		series = append(series, res.Series)
		return nil
	}
	for _, p := range programs {
		if err := compute(p.Name, &query.Term{Field: f, Op: query.Equal, Values: []query.Value{{Form: query.FormText, Text: p.Key}}}); err != nil {
			return nil, err
		}
	}
	return series, compute("in no program", query.Negate(&query.Term{Field: f, Op: query.Has}))
}

func (s *Service) broken(ctx context.Context, c *Comparison, req analytics.Request) ([][]analytics.Point, error) {
	res, err := s.figures.Compute(ctx, req)
	if err != nil {
		return nil, err
	}
	c.Note = asof.Says(string(req.Breakdown), req.Query)
	var series [][]analytics.Point
	for start := 0; start < len(res.Series); {
		end := start
		for end < len(res.Series) && res.Series[end].Group == res.Series[start].Group && res.Series[end].GroupID == res.Series[start].GroupID {
			end++
		}
		s.group(c, req, res, res.Series[start].Group, start, end-1)
		series = append(series, res.Series[start:end])
		start = end
	}
	return series, nil
}

// group adds a group whose points stand from first to last.
func (s *Service) group(c *Comparison, req analytics.Request, res *analytics.Result, name string, first, last int) {
	g := Group{Name: name, Series: []*float64{}}
	for i := first; i <= last; i++ {
		g.Series = append(g.Series, res.Series[i].Value)
	}
	if last >= first {
		p := &res.Series[last]
		g.Value, g.Low, g.High, g.N = p.Value, p.Low, p.High, p.N
		if entity, text, err := s.figures.Records(req, res, last); err == nil {
			g.Entity, g.Records = entity, text
		}
	}
	if last > first {
		g.Previous = res.Series[last-1].Value
		g.Change = changeOf(res.Unit, g.Value, g.Previous)
	}
	c.Groups = append(c.Groups, g)
}

// judge says of each group whether it moved, and whether it differs from the others.
func (c *Comparison) judge(m *analytics.Metric, series [][]analytics.Point) {
	moved, rest := make([]noise.Verdict, len(series)), make([]noise.Verdict, len(series))
	var hits, n int64
	for _, points := range series {
		if len(points) > 0 {
			hits, n = hits+points[len(points)-1].Count, n+points[len(points)-1].N
		}
	}
	for i, points := range series {
		moved[i] = Judge(m, points)
		if independent(m) && len(points) > 0 {
			p := &points[len(points)-1]
			rest[i] = noise.Proportions(p.Count, p.N, hits-p.Count, n-p.N)
			if c.Across == acrossPrograms { // members can be in several: each program is held against those who are in none
				rest[i] = noise.Verdict{P: 1}
				if none := series[len(series)-1]; i < len(series)-1 && len(none) > 0 {
					o := &none[len(none)-1]
					rest[i] = noise.Proportions(p.Count, p.N, o.Count, o.N)
				}
			}
		}
		if counts(m) && len(points) > 0 && c.Groups[i].Value != nil {
			low, high := noise.RateInterval(points[len(points)-1].Count)
			c.Groups[i].Low, c.Groups[i].High = &low, &high
		}
	}
	moved, rest = noise.Holm(moved), noise.Holm(rest)
	for i := range c.Groups {
		c.Groups[i].Noise, c.Groups[i].Rest = moved[i], rest[i]
		if moved[i].Real && knownByNow(m.Name) {
			c.Groups[i].Noise.Says += " The newer questions have had less time."
		}
	}
	if len(series) >= 2 {
		values := func(points []analytics.Point) (all []float64) {
			for i := range points {
				v := math.NaN()
				if points[i].Value != nil {
					v = *points[i].Value
				}
				all = append(all, v)
			}
			return all
		}
		v := noise.Permutation(values(series[0]), values(series[1]))
		c.Between = &v
	}
}
