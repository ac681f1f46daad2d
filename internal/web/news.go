// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"sync"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/business"
	"greenroom/internal/web/ui"
)

// newsFresh is for how long a part of what stands out is shown without being looked for again, or newsCostly times as long as
// that took: it looks at topics, figures, helpers and accounts, which takes up to a minute in a large community, and it
// changes by the hour.
const (
	newsFresh  = 5 * time.Minute
	newsCostly = 20
	newsSoon   = 5 * time.Second // where it was being worked out
)

// errSoon says that a part is being worked out.
var errSoon = errors.New("it is being worked out")

// How many lines of a kind the first page shows.
const (
	newsTopics   = 2
	newsFigures  = 2
	newsHelpers  = 1
	newsAccounts = 2
)

// news keeps what stands out this week, the same for everybody. As with the counts, no page waits for it.
type news struct {
	parts []newsPart // run's alone
	log   *slog.Logger
	now   func() time.Time
	ask   chan struct{}

	mu    sync.Mutex
	rows  []ui.Row
	ready bool
	until time.Time // then a part is old
}

// newsPart is what stands out in one respect.
type newsPart struct {
	name string
	find func(context.Context) ([]ui.Row, error)

	rows  []ui.Row
	soon  bool      // it was being worked out when it was looked for
	until time.Time // then it is old
}

func newNews(parts []newsPart, log *slog.Logger, now func() time.Time) *news {
	return &news{parts: parts, log: log, now: now, ask: make(chan struct{}, 1)}
}

// get returns what was found last; ready is false while it is looked for the first time.
func (n *news) get() (rows []ui.Row, ready bool) {
	n.mu.Lock()
	rows, ready, until := n.rows, n.ready, n.until
	n.mu.Unlock()
	if !n.now().Before(until) {
		select {
		case n.ask <- struct{}{}:
		default: // somebody has asked
		}
	}
	return rows, ready
}

// run looks whenever somebody asks, until ctx ends.
func (n *news) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.ask:
		}
		rows, whole, until := n.look(ctx)
		if ctx.Err() != nil {
			return
		}
		n.mu.Lock()
		n.rows, n.ready, n.until = rows, whole || len(rows) > 0, until
		n.mu.Unlock()
	}
}

// look looks for the parts that are old, and gives all rows with when the next part is old. A part that cannot be had is
// logged, and the others are shown; whole is false while one is being worked out.
func (n *news) look(ctx context.Context) (rows []ui.Row, whole bool, until time.Time) {
	whole = true
	for i := range n.parts {
		p := &n.parts[i]
		if began := n.now(); !began.Before(p.until) {
			found, err := p.find(ctx)
			if p.soon = errors.Is(err, errSoon); !p.soon {
				p.rows = found
			}
			if err != nil && !p.soon && !errors.Is(err, context.Canceled) {
				n.log.Warn("looking for what stands out", "in", p.name, "error", err)
			}
			ended := n.now()
			p.until = ended.Add(max(newsFresh, newsCostly*ended.Sub(began)))
			if p.soon {
				p.until = ended.Add(newsSoon)
			}
		}
		rows, whole = append(rows, p.rows...), whole && !p.soon
		if i == 0 || p.until.Before(until) {
			until = p.until
		}
	}
	return rows, whole, until
}

// standsOut is each thing that stands out as a sentence with its evidence and one next step.
func (s *Site) standsOut() []newsPart {
	return []newsPart{
		{name: "topics", find: s.burstNews}, {name: "figures", find: s.figureNews}, {name: "helpers", find: s.helperNews}, {name: "accounts", find: s.accountNews},
	}
}

// burstNews are topics of which more is said than usual now, or was in the last week.
func (s *Site) burstNews(ctx context.Context) ([]ui.Row, error) {
	if s.cfg.Topics == nil {
		return nil, nil
	}
	all, err := s.cfg.Topics.Reports(ctx, false)
	if err != nil {
		return nil, err
	}
	var out []ui.Row
	week := s.cfg.Now().AddDate(0, 0, -7)
	for i := range all {
		n := len(all[i].Bursts)
		if n == 0 || len(out) == newsTopics {
			continue
		}
		b := &all[i].Bursts[n-1]
		if b.To.Before(week) {
			continue
		}
		count := int64(math.Round(b.Count))
		row := ui.Row{Lead: &ui.Pill{Text: "Spike", Tone: ui.ToneWarn}, Href: topicHref(all[i].ID)}
		row.Title = fmt.Sprintf("“%s” came up %s since %s, %.1f× as often as usual", all[i].Name, countText(count, "time", "times"), b.From.Format("2 January"), b.Times())
		row.Meta = []ui.Meta{{Text: "See the " + countText(count, "message", "messages"), Href: topicList(all[i].ID, b.From, b.To)}}
		out = append(out, row)
	}
	return out, nil
}

// figureNews are figures that moved by more than noise in the last whole week.
func (s *Site) figureNews(ctx context.Context) ([]ui.Row, error) {
	if s.cfg.Health == nil {
		return nil, nil
	}
	c, err := s.cfg.Health.RecentChanges(ctx, analytics.Week)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errSoon
	}
	var out []ui.Row
	for i := range c.Moved[:min(newsFigures, len(c.Moved))] {
		v := &c.Moved[i]
		row := ui.Row{Lead: &ui.Pill{Text: "Figure", Tone: ui.ToneInfo}, Title: v.Says, Href: insightHref(v.Metric, url.Values{"by": {string(analytics.Week)}}), Meta: []ui.Meta{{Text: v.Noise.Says}}}
		if v.Small {
			row.Meta = append(row.Meta, ui.Meta{Text: "small numbers"})
		}
		if href := openList(v.Entity, v.Records); href != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "What was counted", Href: href})
		}
		out = append(out, row)
	}
	return out, nil
}

// helperNews is who helped most without thanks.
func (s *Site) helperNews(ctx context.Context) ([]ui.Row, error) {
	if s.cfg.Recognition == nil {
		return nil, nil
	}
	all, err := s.cfg.Recognition.Unthanked(ctx, 0)
	if err != nil {
		return nil, err
	}
	var out []ui.Row
	for i := range all[:min(newsHelpers, len(all))] {
		h := &all[i]
		row := ui.Row{Lead: &ui.Pill{Text: "Helper", Tone: ui.ToneGood}, Title: h.Helper.Name + " helped " + h.Asker.Name, Href: conversationHref(h.ConversationID)}
		if h.Others > 0 {
			row.Title += " and answered " + countText(h.Others, "other", "others")
		}
		row.Title += "; nobody has thanked them yet"
		row.Meta = []ui.Meta{{Text: "Say thank you", Href: recognitionPath}}
		out = append(out, row)
	}
	return out, nil
}

// accountNews are the accounts at risk, the worst first.
func (s *Site) accountNews(ctx context.Context) ([]ui.Row, error) {
	if s.cfg.Accounts == nil {
		return nil, nil
	}
	all, err := s.cfg.Accounts.List(ctx, business.Filter{List: business.ListRisk})
	if err != nil {
		return nil, err
	}
	var out []ui.Row
	for i := range all[:min(newsAccounts, len(all))] {
		v := &all[i]
		row := ui.Row{Lead: &ui.Pill{Text: "At risk", Tone: ui.ToneBad}, Title: v.Name, Href: accountHref(v.Organization)}
		if len(v.Health.Reasons) > 0 {
			row.Title += ": " + v.Health.Reasons[0].Text
		}
		if !v.Renewal.IsZero() {
			row.Meta = []ui.Meta{{Text: "renewal on " + v.Renewal.Format("2 January 2006")}}
		}
		row.Meta = append(row.Meta, ui.Meta{Text: "Open the account", Href: accountHref(v.Organization)})
		out = append(out, row)
	}
	return out, nil
}
