// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/health"
	"greenroom/internal/impact/noise"
	"greenroom/internal/orbit"
)

// clinic is a fake of the service, in which every text tries to break out.
type clinic struct{ saved []string }

func some1(v float64) *float64 { return &v }

func (c *clinic) Board(_ context.Context, by analytics.Granularity) (*health.Board, error) {
	if by == "day" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "not by %s", payload)
	}
	item := health.Item{
		Metric: "answered_share", Label: payload, Unit: analytics.UnitShare, Query: payload, Value: some1(0.8), Low: some1(0.7), High: some1(0.9), Previous: some1(0.6),
		Series: []*float64{nil, some1(0.6), some1(0.8)}, Entity: "conversations", Records: payload, Noise: noise.Proportions(56, 70, 48, 80),
	}
	quiet := item
	quiet.Noise = noise.Proportions(5, 10, 4, 10)
	return &health.Board{By: analytics.Month, From: now, To: now, Purposes: []health.Purpose{{Name: payload, Asks: payload, Items: []health.Item{item, quiet, {Metric: "questions"}}}}}, nil
}

func (c *clinic) RecentChanges(ctx context.Context, by analytics.Granularity) (*health.Changes, error) {
	return c.Changes(ctx, by)
}

func (c *clinic) Changes(_ context.Context, by analytics.Granularity) (*health.Changes, error) {
	moved := health.Moved{
		Item: health.Item{Metric: "questions", Label: payload, Entity: "conversations", Records: payload, Noise: noise.Verdict{Says: payload}}, Says: payload, Season: payload, Spread: payload, Small: true,
		Parts: []health.Part{{Dimension: payload, Name: payload, Says: payload, Entity: "conversations", Records: payload}},
	}
	return &health.Changes{
		By: by, From: now, To: now, Looked: []health.Look{{Metric: "questions", Label: payload, Says: payload}}, Moved: []health.Moved{moved},
		People: []health.Circle{{Title: payload, Total: 1, Entity: "members", Query: payload, People: []health.Person{{Member: 1, Name: payload, Says: payload, Conversation: 2}}}},
		Next:   []health.Task{{Says: payload, Entity: "members", Query: payload}},
	}, nil
}

func (c *clinic) Movement(_ context.Context, r health.MovementRequest) (*health.Movement, error) {
	v := &health.Movement{By: r.By, From: now, To: now, Says: payload, Item: health.Item{Metric: r.Metric, Entity: "conversations", Records: payload, Noise: noise.Proportions(56, 70, 48, 80)}}
	if r.By == analytics.Month {
		v.Seasonal = &health.Season{Every: "year", Says: payload, Entity: "conversations", Records: payload}
	}
	return v, nil
}

func (c *clinic) Orbit(context.Context, analytics.Granularity) (*health.Orbit, error) {
	m, _ := orbit.Default(orbit.Levels)
	love, _ := orbit.Default(orbit.Love)
	var f orbit.Flow
	f.Move(1, 4)
	return &health.Orbit{Model: m, By: analytics.Month, Now: f.End, Team: f.End, Periods: []health.OrbitPeriod{{From: now, Flow: f, Count: f.End, Gravity: some1(15)}, {From: now, Partial: true}}, V1: health.OrbitV1{Model: love}}, nil
}

func (c *clinic) Quiet(context.Context, int) ([]health.Silent, int, error) {
	return []health.Silent{{Member: 7, Name: payload, Organization: payload, Says: payload, Last: now}}, 1, nil
}

func (c *clinic) Network(context.Context) (*health.Network, error) {
	return &health.Network{
		Members: 2, Connections: 1, Query: payload, Helpers: []health.Helper{{Member: 7, Name: payload, Staff: true, Last: now}}, Bridges: []health.Bridge{{Member: 7, Name: payload, Channels: []string{payload}, Alone: []string{payload, "b", "c", "d"}}},
		Between: []health.Between{{Member: 7, Name: payload, Staff: true, Pairs: 3.5, Share: 0.2, Degree: 2}}, Sampled: 100,
		Unanswered: []greenroom.Conversation{{ID: 30, Title: payload, Author: payload, Channel: payload, OpenedAt: now}},
	}, nil
}

func (c *clinic) Introduce(_ context.Context, from, to int64) ([]health.Step, error) {
	return []health.Step{{Member: from, Name: payload}, {Member: to, Name: payload, Last: now}}, nil
}

func (c *clinic) Funnel(_ context.Context, r health.FunnelRequest) (*health.Funnel, error) {
	if r.By == "moon" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "not by %s", payload)
	}
	steps := []health.FunnelStep{{Step: payload, Members: 4}, {Step: "is:reply", Members: 2, Share: some1(0.5), Low: some1(0.1), High: some1(0.9), OfFirst: some1(0.5), Median: some1(2), State: true}}
	return &health.Funnel{Steps: steps, At: r.At, Groups: []health.FunnelGroup{{Name: payload, Steps: steps}}, Stuck: []health.FunnelStay{{Member: 7, Name: payload, Since: now}}}, nil
}

func (c *clinic) Paths(context.Context, string) ([]health.Path, int64, error) {
	return []health.Path{{Steps: []string{payload}, Members: 1, Share: 1}}, 1, nil
}

func (c *clinic) Compare(_ context.Context, r health.CompareRequest) (*health.Comparison, error) {
	if r.Across == "moon" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "not across %s", payload)
	}
	v := noise.Permutation([]float64{1, 2, 3}, []float64{4, 5, 6})
	g := health.Group{Name: payload, Value: some1(0.5), Low: some1(0.4), High: some1(0.6), Change: some1(0.1), Noise: v, Rest: v, Entity: "members", Records: payload}
	return &health.Comparison{Label: payload, Unit: analytics.UnitShare, By: analytics.Month, Across: payload, From: now, Groups: []health.Group{g, g}, Between: &v}, nil
}

func (c *clinic) Models(context.Context) ([]orbit.Model, error) { return orbit.Defaults(), nil }

func (c *clinic) Model(_ context.Context, name string, _ int) (orbit.Model, error) {
	m, ok := orbit.Default(name)
	if !ok {
		return m, greenroom.Errorf(greenroom.CodeNotFound, "there is no score %s", name)
	}
	m.Channels = map[string]float64{payload: 2}
	if m.Rule == orbit.RuleV2 {
		m.Channels = nil
	}
	return m, nil
}

func (c *clinic) History(context.Context, string) ([]greenroom.ScoreVersion, error) {
	return []greenroom.ScoreVersion{{Version: 1, Note: payload, By: payload, At: now}}, nil
}

func (c *clinic) Preview(_ context.Context, m orbit.Model) (*health.Preview, error) {
	return &health.Preview{Model: m, Up: 2, Down: 1, Moves: []health.Move{{Member: 7, Name: payload, LevelAfter: 2, StepAfter: 2}, {Member: 8, Name: payload, LevelBefore: 1}}}, nil
}

func (c *clinic) Save(_ context.Context, m orbit.Model, note, by string) (orbit.Model, error) {
	c.saved = append(c.saved, by+" "+m.Name+" "+strings.ReplaceAll(weightsText(m.Weights), "\n", "; ")+note)
	m.Version++
	return m, nil
}

func (c *clinic) Undo(_ context.Context, name, _ string) (orbit.Model, error) {
	m, _ := orbit.Default(name)
	return m, nil
}

func (c *clinic) Explain(context.Context, int64) ([]health.Why, error) {
	var all []health.Why
	for _, m := range orbit.Defaults() {
		all = append(all, health.Why{Model: m, Score: greenroom.Score{Level: 2, Value: 5}, Level: payload, Weight: payload, Presence: payload, From: now, Kinds: []health.KindWorth{{Kind: greenroom.KindReply, Count: 2, Worth: 3}}})
	}
	return all, nil
}

func (c *clinic) Silence(context.Context, int64) (*health.Silent, error) {
	return &health.Silent{Says: payload}, nil
}

// TestHealthPages shows every page on health with hostile content, with and without anything in it.
func TestHealthPages(t *testing.T) {
	h, c := full(t), &clinic{}
	s := h.site(func(cfg *Config) { cfg.Health = c })
	changed := "?version=0&look_back=365&interval=month&weights=" + url.QueryEscape("reply = 5\nissue = 7")
	for target, want := range map[string]int{
		"/health": 200, "/health?by=day": 200, "/health/orbit": 200, "/health/quiet": 200, "/health/network": 200, "/health/network?from=7&to=8": 200, "/health/network?from=7&to=1234": 200,
		"/health/funnel": 200, "/health/funnel?by=month&at=2&within=x": 200, "/health/funnel?by=moon": 200, "/health/compare": 200, "/health/compare?across=moon": 200, "/insights/questions?by=month": 200, "/insights/questions?by=day": 200, "/insights/retention": 200,
		"/health/scores/orbit": 200, "/health/scores/orbit" + changed: 200, "/health/scores/love?weights=" + url.QueryEscape(payload): 200, "/health/scores/points": 200, "/health/scores/karma": 404, "/members/7": 200,
	} {
		w := visit(t, s, auth.RoleOwner, "GET", target, nil)
		if w.Code != want {
			t.Errorf("%s answers %d, want %d", target, w.Code, want)
		}
		sound(t, target, w)
	}
	page := parse(t, visit(t, s, auth.RoleOwner, "GET", "/health", nil))
	if n := len(cascadia.QueryAll(page, cascadia.MustCompile(".kpi .kpi-label a[href^='/insights/answered_share']"))); n != 2 {
		t.Errorf("%d figures open, want 2", n)
	}
	page = parse(t, visit(t, s, auth.RoleOwner, "GET", "/insights/questions?by=month", nil))
	if n := len(cascadia.QueryAll(page, cascadia.MustCompile(".facts-text a[href^='/conversations?q=']"))); n != 2 {
		t.Errorf("%d figures of a movement open, want the last month and the one a year before", n)
	}
	empty := &house{t: t}
	w := visit(t, empty.site(func(cfg *Config) { cfg.Health = c }), auth.RoleOwner, "GET", "/health/network", nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Nothing to look at yet") {
		t.Errorf("without sources: %d", w.Code)
	}
}

// TestScoresAreSaved saves weights, and refuses what makes no sense and who may not.
func TestScoresAreSaved(t *testing.T) {
	h, c := full(t), &clinic{}
	s := h.site(func(cfg *Config) { cfg.Health = c })
	form := url.Values{"version": {"0"}, "weights": {"reply = 5\n issue=7 "}, "look_back": {"90"}, "interval": {"quarter"}, "presence": {"on"}, "note": {" why "}}
	if w := visit(t, s, auth.RoleOwner, "POST", "/health/scores/orbit", form); w.Code != http.StatusSeeOther || len(c.saved) != 1 || !strings.HasSuffix(c.saved[0], " orbit issue = 7; reply = 5; why") {
		t.Errorf("%d %q", w.Code, c.saved)
	}
	form.Set("weights", "reply")
	if w := visit(t, s, auth.RoleOwner, "POST", "/health/scores/orbit", form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Line 1 is") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := visit(t, s, auth.RoleViewer, "POST", "/health/scores/orbit/undo", url.Values{}); w.Code != http.StatusForbidden {
		t.Errorf("a viewer undoes: %d", w.Code)
	}
	if w := visit(t, s, auth.RoleOwner, "POST", "/health/scores/orbit/undo", url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("undo: %d", w.Code)
	}
}
