// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"greenroom"
	"greenroom/connector/all"
	"greenroom/internal/analytics"
	"greenroom/internal/event"
	"greenroom/internal/goal"
	"greenroom/internal/maturity"
	"greenroom/internal/program"
	"greenroom/internal/query"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/stack"
	"greenroom/internal/survey"
	"greenroom/internal/tool"
	"greenroom/internal/workflow"
)

// Tools makes the service that keeps the tech stack, which hears from trust how the sources are.
func (a *App) Tools(trust *stack.Service) *tool.Service {
	return tool.New(a.Store, toolSources{a, trust}, auditor{a.Auth}, a.Log, a.Now)
}

// Maturity makes the service that says where the community stands, from all the others.
func (a *App) Maturity(engine *analytics.Engine, trust *stack.Service) *maturity.Service {
	return maturity.New(a.Store, maturityFacts{a, engine, trust}, ideaPlans{a}, auditor{a.Auth}, a.Log, a.Now)
}

// toolSources tells the stack how the sources are.
type toolSources struct {
	app   *App
	trust *stack.Service
}

// SourceHealth lists the sources. Greenroom's own are no tools.
func (t toolSources) SourceHealth(ctx context.Context) ([]tool.SourceHealth, error) {
	reports, err := t.trust.Reports(ctx)
	if err != nil {
		return nil, err
	}
	var out []tool.SourceHealth
	for i := range reports {
		r := &reports[i]
		spec, err := all.Find(r.Source.Kind)
		if err != nil {
			continue // Greenroom's own, such as events and surveys
		}
		h := tool.SourceHealth{Name: r.Source.Name, Kind: spec.Platform, Platform: platformName(spec.Platform, r.Source.Name), Health: tool.Good, Says: r.Says}
		if r.State == stack.StateLate || r.State == stack.StateFailing {
			h.Health = tool.Trouble
		}
		out = append(out, h)
	}
	return out, nil
}

// platformName is what people call what is behind a source; the source's own name where that is no one thing.
func platformName(platform, source string) string {
	switch platform {
	case "", "csv", "folder", "webhook", "rss":
		return source
	case "github", "gitlab", "hubspot":
		return strings.ToUpper(platform[:1]) + platform[1:3] + strings.ToUpper(platform[3:4]) + platform[4:]
	case "youtube":
		return "YouTube"
	case "linkedin":
		return "LinkedIn"
	case "stackoverflow", "stackexchange":
		return "Stack " + strings.ToUpper(platform[5:6]) + platform[6:]
	default:
		return strings.ToUpper(platform[:1]) + platform[1:]
	}
}

// maturityFacts gathers what data tell of the community's maturity.
type maturityFacts struct {
	app    *App
	engine *analytics.Engine
	trust  *stack.Service
}

// maturityMetrics are the facts that a metric of the last whole month gives.
func maturityMetrics() map[string]string {
	return map[string]string{
		"active": "active_members", "helpers": "helpers", "absence": "contributor_concentration", "answered": "answered_share", "answered_by_members": "answered_by_members", "response": "time_to_first_response",
	}
}

// MaturityFacts gives what can be told. What a metric cannot say is left out.
func (m maturityFacts) MaturityFacts(ctx context.Context) (map[string]maturity.Fact, error) {
	facts := make(map[string]maturity.Fact)
	for _, gather := range []func(context.Context, map[string]maturity.Fact) error{m.figures, m.goals, m.programs, m.routine, m.stack, m.accounts} {
		if err := gather(ctx, facts); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

func (m maturityFacts) figures(ctx context.Context, facts map[string]maturity.Fact) error {
	for key, metric := range maturityMetrics() {
		f, err := m.figure(ctx, metric)
		if err != nil {
			return err
		}
		if f != nil {
			facts[key] = *f
		}
	}
	back, err := m.figure(ctx, "returning_members")
	if active, is := facts["active"]; err == nil && back != nil && is && active.Value > 0 {
		facts["returning"] = maturity.Fact{Value: back.Value / active.Value, Href: back.Href}
	}
	return err
}

// figure is a metric's figure of the last whole month; nil where there is none.
func (m maturityFacts) figure(ctx context.Context, metric string) (*maturity.Fact, error) {
	month := analytics.Month.Start(m.app.Now().In(m.app.Zone()))
	r := analytics.Request{Metric: metric, Granularity: analytics.Month, Zone: m.app.Zone(), From: analytics.Month.Step(month, -1), To: month}
	res, err := m.engine.Compute(ctx, r)
	if code := greenroom.ErrorCode(err); code == greenroom.CodeInvalid || code == greenroom.CodeUnavailable {
		return nil, nil // it cannot be told
	}
	if err != nil {
		return nil, fmt.Errorf("computing %s: %w", metric, err)
	}
	if len(res.Series) == 0 || res.Series[0].Value == nil {
		return nil, nil
	}
	f := &maturity.Fact{Value: *res.Series[0].Value, Href: "/insights/" + metric}
	if entity, text, err := m.engine.Records(r, res, 0); err == nil {
		f.Href = "/" + string(entity) + "?q=" + url.QueryEscape(text)
	}
	return f, nil
}

func (m maturityFacts) goals(ctx context.Context, facts map[string]maturity.Fact) error {
	goals, err := m.app.Store.Goals(ctx)
	if err != nil {
		return err
	}
	measured := 0.0
	for i := range goals {
		if goals[i].State == goal.Active && goals[i].Measure != nil {
			measured++
		}
	}
	plans, err := m.app.Store.Plans(ctx)
	if err != nil {
		return err
	}
	active := 0.0
	for i := range plans {
		if plans[i].State == roadmap.Active && plans[i].Goal > 0 {
			active++
		}
	}
	facts["key_results"], facts["plans"] = maturity.Fact{Value: measured, Href: "/goals"}, maturity.Fact{Value: active, Href: "/roadmap"}
	return nil
}

func (m maturityFacts) programs(ctx context.Context, facts map[string]maturity.Fact) error {
	programs, err := m.app.Programs.List(ctx, false)
	if err != nil {
		return err
	}
	running, enrolled := 0.0, 0.0
	for i := range programs {
		if programs[i].State == program.Running {
			running++
			enrolled += float64(programs[i].Enrolled)
		}
	}
	now := m.app.Now()
	events, err := m.app.Events.List(ctx, event.Filter{From: now.AddDate(0, 0, -90), To: now, Limit: 1000})
	if err != nil {
		return err
	}
	held := 0.0
	for i := range events {
		if events[i].State != event.Canceled && events[i].Start.Before(now) {
			held++
		}
	}
	facts["programs"], facts["enrolled"], facts["events"] = maturity.Fact{Value: running, Href: "/programs"}, maturity.Fact{Value: enrolled, Href: "/programs"}, maturity.Fact{Value: held, Href: "/events"}
	return nil
}

func (m maturityFacts) routine(ctx context.Context, facts map[string]maturity.Fact) error {
	flows, err := m.app.Store.Workflows(ctx)
	if err != nil {
		return err
	}
	on := 0.0
	for i := range flows {
		if flows[i].State == workflow.On {
			on++
		}
	}
	segments, err := m.app.Segments.List(ctx, false)
	if err != nil {
		return err
	}
	surveys, err := m.app.Store.SurveyList(ctx)
	if err != nil {
		return err
	}
	asked := 0.0
	for i := range surveys {
		if surveys[i].State != survey.Draft {
			asked++
		}
	}
	facts["workflows"], facts["segments"], facts["surveys"] = maturity.Fact{Value: on, Href: "/workflows"}, maturity.Fact{Value: float64(len(segments)), Href: "/segments"}, maturity.Fact{Value: asked, Href: "/surveys"}
	return nil
}

func (m maturityFacts) stack(ctx context.Context, facts map[string]maturity.Fact) error {
	tools, err := m.app.Store.Tools(ctx)
	if err != nil {
		return err
	}
	used, owned := 0.0, 0.0
	for i := range tools {
		if tools[i].State.Paid() {
			used++
			if tools[i].Owner != "" {
				owned++
			}
		}
	}
	if used > 0 {
		facts["owned"] = maturity.Fact{Value: owned / used, Href: "/tools"}
	}
	sources, err := toolSources{m.app, m.trust}.SourceHealth(ctx)
	if err != nil {
		return err
	}
	good := 0.0
	for i := range sources {
		if sources[i].Health == tool.Good {
			good++
		}
	}
	if len(sources) > 0 {
		facts["sources"] = maturity.Fact{Value: good / float64(len(sources)), Href: "/sources"}
	}
	return nil
}

// knownLifecycle finds the organizations of which it is known how they stand with the company.
const knownLifecycle = "lifecycle:prospect,trial,customer,churned"

func (m maturityFacts) accounts(ctx context.Context, facts map[string]maturity.Fact) error {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q, err := query.Parse(query.NewSchema(query.Organizations, kinds), knownLifecycle)
	if err != nil {
		return fmt.Errorf("asking for accounts: %w", err)
	}
	n, err := m.app.Store.CountAll(ctx, query.Organizations, q)
	if err != nil {
		return err
	}
	facts["accounts"] = maturity.Fact{Value: float64(n), Href: "/organizations?q=" + url.QueryEscape(knownLifecycle)}
	return nil
}

// ideaPlans makes plans of what maturity proposes.
type ideaPlans struct{ app *App }

// PlanIdea makes a plan from the idea's template, or from its steps, each after the one before.
func (p ideaPlans) PlanIdea(ctx context.Context, i maturity.Idea, by string) (int64, error) {
	plan := roadmap.Plan{Title: i.Title, Intent: i.Intent, State: roadmap.Draft, Internal: i.Template == ""}
	var tasks []roadmap.Task
	if i.Template != "" {
		t, err := roadmap.FindTemplate(i.Template)
		if err != nil {
			return 0, err
		}
		tasks = t.Tasks()
	}
	for n, s := range i.Steps {
		t := roadmap.Task{ID: -int64(n) - 1, Place: int64(n) + 1, Title: s.Title, Days: s.Days}
		if n > 0 {
			t.After = []schedule.Dependency{{On: -int64(n)}}
		}
		tasks = append(tasks, t)
	}
	v, err := p.app.Plans().Add(ctx, plan, tasks, by)
	if err != nil {
		return 0, err
	}
	return v.ID, nil
}
