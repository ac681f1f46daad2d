// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"math"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
)

// Board is how a community is, by purpose.
type Board struct {
	By       analytics.Granularity `json:"by"`
	From     time.Time             `json:"from"` // the last whole period, which the figures are of
	To       time.Time             `json:"to"`
	Purposes []Purpose             `json:"purposes"`
}

// Purpose is one of the six things that a community can be for (SPACES).
type Purpose struct {
	Letter string `json:"letter"`
	Name   string `json:"name"`
	Asks   string `json:"asks"` // the question that its figures answer
	Items  []Item `json:"items"`
}

// Item is one figure of the board.
type Item struct {
	Metric   string         `json:"metric"`
	Label    string         `json:"label"`
	Unit     analytics.Unit `json:"unit"`
	Lower    bool           `json:"lower_is_better"`
	Query    string         `json:"query,omitempty"` // what counts
	Value    *float64       `json:"value"`
	Low      *float64       `json:"low,omitempty"`
	High     *float64       `json:"high,omitempty"`
	Previous *float64       `json:"previous"`
	Change   *float64       `json:"change"` // of Previous; of shares, in points
	Noise    noise.Verdict  `json:"noise"`  // knows the season where enough earlier ones are known
	Seasonal *Season        `json:"season,omitempty"`
	Series   []*float64     `json:"series"` // the periods up to this one
	Entity   query.Entity   `json:"entity,omitempty"`
	Records  string         `json:"records,omitempty"` // the query that lists what was counted
	Note     string         `json:"note,omitempty"`    // what of the query is known only as of today
}

// line is what stands on the board: a metric, perhaps narrowed.
type line struct{ metric, label, query string }

type purpose struct {
	letter, name, asks string
	lines              []line
}

// purposes are the lines of the board, by SPACES (David Spinks, CMX).
func purposes() []purpose {
	return []purpose{
		{"S", "Support", "Do people get answers, and from whom?", []line{
			{metric: "questions"}, {metric: "answered_share"}, {metric: "time_to_first_response"}, {metric: "answered_by_members"}, {metric: "helpers"},
		}},
		{"P", "Product", "What do people tell us about the product?", []line{
			{metric: "conversations", label: "Issues and ideas", query: "kind:issue,discussion"},
			{metric: "activities", label: "Survey answers", query: "kind:survey_answer"},
			{metric: "active_members", label: "People who report", query: "kind:issue,discussion,survey_answer"},
			{metric: "time_to_resolution", label: "Time until an issue is closed, median", query: "kind:issue"},
		}},
		{"A", "Acquisition", "Do new people find us?", []line{
			{metric: "new_members"}, {metric: "members"}, {metric: "activities", label: "Stars, forks and follows", query: "kind:star,fork,follow"},
		}},
		{"C", "Contribution", "Who carries the community?", []line{
			{metric: "contributors"}, {metric: "new_contributors"}, {metric: "member_share"}, {metric: "contributor_concentration"}, {metric: "elephant_factor"},
		}},
		{"E", "Engagement", "Do people come back?", []line{
			{metric: "active_members"}, {metric: "returning_members"}, {metric: "gone_quiet"}, {metric: "stickiness"}, {metric: "activities"},
		}},
		{"S", "Success", "Do customers get where they want to be?", []line{
			{metric: "active_members", label: "Active customers", query: "org.lifecycle:customer"},
			{metric: "questions", label: "Questions of customers", query: "org.lifecycle:customer"},
			{metric: "answered_share", label: "Customers answered", query: "org.lifecycle:customer"},
			{metric: "resolved_share"},
			{metric: "time_to_resolution"},
		}},
	}
}

// boardPeriods is how many periods a board looks back over.
const boardPeriods = 13

// Board computes the board for the last whole week, month or quarter.
func (s *Service) Board(ctx context.Context, by analytics.Granularity) (*Board, error) {
	if by == "" {
		by = analytics.Month
	}
	if by != analytics.Week && by != analytics.Month && by != analytics.Quarter {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the board is by week, month or quarter, not by %q", by)
	}
	to := by.Start(s.here())
	b := &Board{By: by, From: by.Step(to, -1), To: to}
	for _, p := range purposes() {
		out := Purpose{Letter: p.letter, Name: p.name, Asks: p.asks, Items: []Item{}}
		for _, l := range p.lines {
			item, err := s.item(ctx, l, by, to)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, *item)
		}
		correct(out.Items)
		b.Purposes = append(b.Purposes, out)
	}
	return b, nil
}

func (s *Service) item(ctx context.Context, l line, by analytics.Granularity, to time.Time) (*Item, error) {
	m, err := analytics.Lookup(l.metric)
	if err != nil {
		return nil, err
	}
	req := analytics.Request{Metric: m.Name, To: to, Granularity: by, Zone: s.zone()}
	if req.Query, err = s.parse(m.Entity, l.query); err != nil {
		return nil, err
	}
	item, err := s.moved(ctx, m, req)
	if err != nil {
		return nil, err
	}
	item.Query, item.Note = l.query, asof.Says("", req.Query)
	if l.label != "" {
		item.Label = l.label
	}
	return item, nil
}

// correct judges the figures of a purpose together: of many that are looked at, one or the other always moves.
func correct(items []Item) {
	all := make([]noise.Verdict, len(items))
	for i := range items {
		all[i] = items[i].Noise
	}
	for i, v := range noise.Holm(all) {
		items[i].Noise = v
		if v.Real && knownByNow(items[i].Metric) {
			items[i].Noise.Says += " The newer questions have had less time."
		}
		if items[i].Note != "" {
			items[i].Noise.Says += " " + items[i].Note
		}
	}
}

// knownByNow reports whether a metric says of each period what is known by now, so that older ones have had more time.
func knownByNow(metric string) bool {
	return metric == "answered_share" || metric == "resolved_share" || metric == "unanswered"
}

// changeOf is the change from one figure to the next: as a share of the former, and of shares the difference.
func changeOf(u analytics.Unit, now, before *float64) *float64 {
	if u == analytics.UnitShare && now != nil && before != nil {
		d := *now - *before
		return &d
	}
	return analytics.Change(now, before)
}

// Judge says whether the last point of a series differs from the one before by more than noise. Shares of independent
// cases are tested as two proportions, counts as two rates that come in bursts as they did before, and all else against
// its own past. Where the series goes back over enough seasons, all three are tested against those.
func Judge(m *analytics.Metric, series []analytics.Point) noise.Verdict {
	if s := seasonOf(m, series); s != nil && s.verdict.Test != noise.TestNone {
		return s.verdict
	}
	series = series[max(0, len(series)-boardPeriods):]
	last := len(series) - 1
	if last < 1 {
		return noise.Past(nil, math.NaN())
	}
	now, before := &series[last], &series[last-1]
	var history []float64
	for i := range series[:last] {
		if v := series[i].Value; v != nil && (len(history) > 0 || *v != 0) { // before the community began there is nothing to learn
			history = append(history, *v)
		}
	}
	switch {
	case independent(m):
		return noise.Proportions(now.Count, now.N, before.Count, before.N)
	case counts(m):
		return noise.Rates(now.Count, days(now), before.Count, days(before), noise.Dispersion(history))
	case now.Value == nil:
		return noise.Past(nil, math.NaN())
	default:
		return noise.Past(history, *now.Value)
	}
}

// independent reports whether a metric is a share of cases each of which stands for itself. Posts are not: one person's
// come in rows.
func independent(m *analytics.Metric) bool {
	switch m.Name {
	case "stickiness", "top_share", "member_share", "retention", "net_sentiment": // of the last, Count is no part of a share
		return false
	}
	return m.Unit == analytics.UnitShare
}

// counts reports whether a metric counts what happens anew in each period. Those known by then are no such count.
func counts(m *analytics.Metric) bool {
	switch m.Name {
	case "members", "contributor_concentration", "elephant_factor", "monthly_active", "weekly_active", "daily_active":
		return false
	}
	return m.Unit == analytics.UnitMembers || m.Unit == analytics.UnitActivities || m.Unit == analytics.UnitConversations
}

// days is how long a period is: a month has 28 to 31.
func days(p *analytics.Point) float64 { return math.Round(p.To.Sub(p.From).Hours() / 24) }
