// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// PushMetricsKind is what actions are called that push figures into a warehouse's table.
const PushMetricsKind = "push-metrics"

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
}

// MetricsRequest is what somebody wants to be pushed: figures of metrics into the table "metrics" of a database.
type MetricsRequest struct {
	Source    string                `json:"source"`
	Metrics   []string              `json:"metrics"`           // by name; none = all that can be asked so
	By        analytics.Granularity `json:"by"`                // the length of the periods; "" = week
	Periods   int                   `json:"periods,omitempty"` // how many, up to and with the one that is running; 0 = usualPeriods
	Query     string                `json:"query,omitempty"`   // what counts
	Segment   string                `json:"segment,omitempty"` // whose activities count: a query over members
	Breakdown analytics.Dimension   `json:"breakdown,omitempty"`
	Groups    int                   `json:"groups,omitempty"` // with a breakdown: how many at most; 0 = as many as there can be
	Staff     bool                  `json:"staff,omitempty"`
	Bots      bool                  `json:"bots,omitempty"`
}

// How many periods are pushed, so that what changed later is brought up to date too.
const (
	maxPeriods = 1000
	mostGroups = 100
)

func usualPeriods(g analytics.Granularity) int {
	switch g {
	case analytics.Day:
		return 30
	case analytics.Month:
		return 12
	case analytics.Quarter:
		return 8
	default:
		return 12
	}
}

// metricsTable is the table that figures are pushed to. Its key says what was measured, of whom, when.
func metricsTable() connector.Table {
	return connector.Table{Name: "metrics", Columns: []connector.TableColumn{
		{Name: "id", Type: connector.ColumnText},
		{Name: "metric", Type: connector.ColumnText},
		{Name: "version", Type: connector.ColumnInteger},
		{Name: "unit", Type: connector.ColumnText},
		{Name: "period", Type: connector.ColumnText},
		{Name: "period_from", Type: connector.ColumnTime},
		{Name: "period_to", Type: connector.ColumnTime},
		{Name: "period_offset", Type: connector.ColumnInteger},
		{Name: "breakdown", Type: connector.ColumnText},
		{Name: "group_value", Type: connector.ColumnText},
		{Name: "value", Type: connector.ColumnNumber},
		{Name: "low", Type: connector.ColumnNumber},
		{Name: "high", Type: connector.ColumnNumber},
		{Name: "counted", Type: connector.ColumnInteger},
		{Name: "cases", Type: connector.ColumnInteger},
		{Name: "query", Type: connector.ColumnText},
		{Name: "segment", Type: connector.ColumnText},
		{Name: "also_counted", Type: connector.ColumnText},
		{Name: "as_of", Type: connector.ColumnTime},
	}}
}

// requests says what is computed: a request for each metric.
func (s *Service) requests(r *MetricsRequest) ([]analytics.Request, error) {
	if r.By == "" {
		r.By = analytics.Week
	}
	if !slices.Contains([]analytics.Granularity{analytics.Day, analytics.Week, analytics.Month, analytics.Quarter}, r.By) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "figures are pushed by day, week, month or quarter, not by %q", r.By)
	}
	if r.Periods < 0 || r.Periods > maxPeriods {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%d periods cannot be pushed; expected up to %d", r.Periods, maxPeriods)
	}
	names, err := metricNames(r)
	if err != nil {
		return nil, err
	}
	from, to := s.span(r)
	all := make([]analytics.Request, len(names))
	for i, name := range names {
		m, err := analytics.Lookup(name)
		if err != nil {
			return nil, err //nolint:wrapcheck // it says which metric
		}
		all[i] = analytics.Request{
			Metric: name, From: from, To: to, Granularity: r.By, Zone: s.zone(), Breakdown: r.Breakdown,
			Options: analytics.Options{Staff: r.Staff, Bots: r.Bots, Groups: r.Groups},
		}
		if r.Breakdown != "" && r.Groups == 0 {
			all[i].Options.Groups = mostGroups
		}
		if all[i].Query, err = s.parse(m.Entity, r.Query, name); err != nil {
			return nil, err
		}
		if all[i].Segment, err = s.parse(query.Members, r.Segment, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// metricNames lists the metrics of a request: those that it names, or all that its breakdown and query can be asked of.
func metricNames(r *MetricsRequest) ([]string, error) {
	if len(r.Metrics) > 0 {
		names := slices.Clone(r.Metrics)
		slices.Sort(names)
		return slices.Compact(names), nil
	}
	var names []string
	for _, m := range analytics.Catalog() {
		if r.Breakdown == "" || slices.Contains(m.Breakdowns, r.Breakdown) {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "no metric can be broken down by %q", r.Breakdown)
	}
	return names, nil
}

func (s *Service) parse(e query.Entity, text, metric string) (*query.Query, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil //nolint:nilnil // no query is everything
	}
	q, err := query.Parse(query.NewSchema(e, s.kinds), text)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used for %s: %s", metric, err)
	}
	return q, nil
}

// span is the range of the periods that are pushed: whole ones, the last of which is running.
func (s *Service) span(r *MetricsRequest) (from, to time.Time) {
	n := r.Periods
	if n == 0 {
		n = usualPeriods(r.By)
	}
	last := r.By.Start(s.now().In(s.zone()))
	return r.By.Step(last, 1-n), r.By.Step(last, 1)
}

// PushMetrics makes an action that pushes figures, with an item for each metric. Key and by are as in Send.
func (s *Service) PushMetrics(ctx context.Context, r *MetricsRequest, key, by string) (action.Action, error) {
	l, err := s.loader(ctx, r.Source)
	if err != nil {
		return action.Action{}, err
	}
	requests, err := s.requests(r)
	if err != nil {
		return action.Action{}, err
	}
	items := make([]action.Item, len(requests))
	for i := range requests {
		if _, err := s.figures.Compute(ctx, requests[i]); err != nil { // what makes no sense is said now
			return action.Action{}, fmt.Errorf("computing %s: %w", requests[i].Metric, err)
		}
		items[i] = action.Item{Target: requests[i].Metric, Name: requests[i].Metric}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return action.Action{}, fmt.Errorf("encoding a plan: %w", err)
	}
	return s.begin(ctx, action.Action{
		Key: key, Kind: PushMetricsKind, Source: r.Source, Plan: text, CreatedBy: by,
		Title: fmt.Sprintf("Push %s by %s into %s.%s of %s", plural(len(items), "metric", "metrics"), r.By, l.Loads(), metricsTable().Name, r.Source),
	}, items)
}

// MetricsPusher carries out the actions of PushMetrics, and makes those that are repeated.
type MetricsPusher struct{ *Service }

// Perform computes figures as they are now and pushes them. Rows are merged by key, so that doing it again is harmless.
func (p MetricsPusher) Perform(ctx context.Context, a *action.Action, items []action.Item) error {
	var r MetricsRequest
	if err := json.Unmarshal(a.Plan, &r); err != nil {
		return fmt.Errorf("decoding the plan of action %d: %w", a.ID, err)
	}
	l, err := p.loader(ctx, r.Source)
	if err != nil {
		return err
	}
	requests, err := p.requests(&r)
	if err != nil {
		return err
	}
	for i := range items {
		n := slices.IndexFunc(requests, func(x analytics.Request) bool { return x.Metric == items[i].Target })
		if n < 0 {
			items[i].State, items[i].Reason = action.ItemFailed, "there is no such metric any more"
			continue
		}
		res, err := p.figures.Compute(ctx, requests[n])
		if err != nil {
			return fmt.Errorf("computing %s: %w", items[i].Target, err)
		}
		changed, err := l.Load(ctx, metricsTable(), metricRows(&r, res))
		if err != nil {
			return fmt.Errorf("pushing %s to %s: %w", items[i].Target, r.Source, err)
		}
		items[i].State, items[i].After = action.ItemDone, map[string]string{"rows": strconv.Itoa(len(res.Series))}
		if changed == 0 {
			items[i].State = action.ItemUnchanged
		}
	}
	return nil
}

// metricRows are figures as rows of the table.
func metricRows(r *MetricsRequest, res *analytics.Result) [][]string {
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'g', -1, 64)
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	var also []string
	for _, o := range []struct {
		on   bool
		name string
	}{{r.Staff, "staff"}, {r.Bots, "bots"}} {
		if o.on {
			also = append(also, o.name)
		}
	}
	rows := make([][]string, len(res.Series))
	for i := range res.Series {
		p := &res.Series[i]
		version, offset := strconv.Itoa(res.Version), ""
		if p.Offset != nil {
			offset = strconv.Itoa(*p.Offset)
		}
		what := []string{res.Name, version, string(res.Unit), string(r.By), at(p.From), at(p.To), offset, string(r.Breakdown), p.Group}
		of := []string{r.Query, r.Segment, strings.Join(also, ",")}
		key := sha256.Sum256([]byte(strings.Join(slices.Concat(what, of), "\x00")))
		rows[i] = slices.Concat([]string{hex.EncodeToString(key[:16])}, what,
			[]string{number(p.Value), number(p.Low), number(p.High), strconv.FormatInt(p.Count, 10), strconv.FormatInt(p.N, 10)}, of, []string{at(res.AsOf)})
	}
	return rows
}
