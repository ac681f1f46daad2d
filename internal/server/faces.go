// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"greenroom/connector/all"
	"greenroom/internal/alert"
	"greenroom/internal/analytics"
	"greenroom/internal/api"
	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/digest"
	"greenroom/internal/event"
	"greenroom/internal/fetch"
	"greenroom/internal/front"
	"greenroom/internal/health"
	"greenroom/internal/mcp"
	"greenroom/internal/roadmap"
	"greenroom/internal/stack"
	"greenroom/internal/web"
	"greenroom/internal/web/static"
	"greenroom/internal/workflow"
)

// parts are the services of a process that has faces, beside those that every process has.
type parts struct {
	engine     *analytics.Engine
	runner     *Imports
	removing   *removals
	hooks      *Hooks
	trust      *stack.Service
	wellbeing  *health.Service
	acts       *Acts
	digests    *Digests
	box        *Outbox
	surveys    *Surveys
	flows      *Workflows
	alerts     *alert.Service
	connecting connections
	erasing    privacy
	helper     Assistant
	lookups    Enrichment
	pictures   Pictures
}

// parts makes them. What an import or a connection begins ends with ctx.
func (a *App) parts(ctx context.Context, engine *analytics.Engine, o ServeOptions) (*parts, error) {
	a.follow(&o)
	p := &parts{engine: engine, runner: NewImports(ctx, a, o.Allowed), removing: newRemovals(a), wellbeing: a.Health(engine)}
	p.hooks, p.trust = NewHooks(a, p.runner.importer), a.Stack(engine, p.runner)
	var err error
	if p.acts, err = a.Acts(p.runner.importer, engine); err != nil {
		return nil, err
	}
	p.digests = a.Digests(p.wellbeing, p.acts, o)
	if err := p.digests.NoteReach(ctx); err != nil {
		a.Log.Warn("noting where people reach Greenroom, for digests that the command line sends", "error", err)
	}
	if p.box, p.surveys, p.flows, err = a.writers(p.digests.Service, p.acts, o); err != nil {
		return nil, err
	}
	p.alerts = a.followingAlerts(p.box, engine, p.trust, o)
	if a.Reporting, err = a.Reports(engine, p.wellbeing, o.Community, p.box.Wake); err != nil {
		return nil, err
	}
	p.connecting, p.erasing = newConnections(a, p.runner, p.removing.Wake), privacy{a.Store, auditor{a.Auth}, a.Projector.Wake}
	p.helper = a.Assistant(fetch.Guarded(modelTimeout, o.Allowed))
	p.lookups = a.Enrichment(fetch.Guarded(lookupTimeout, o.Allowed))
	p.pictures = a.Pictures(fetch.Guarded(pictureTimeout, o.Allowed))
	return p, nil
}

// API is the API over the data alone, for a process that serves nobody else: whoever runs it may do everything. End is
// called when it has answered.
func (a *App) API(ctx context.Context) (handler http.Handler, end func(), err error) {
	rest, stop, err := a.alone(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest.ServeHTTP(w, r.WithContext(auth.With(r.Context(), auth.CommandLine())))
	}), stop, nil
}

// alone makes the API for a process without pages.
func (a *App) alone(ctx context.Context, version string) (rest http.Handler, end func(), err error) {
	engine, err := a.Analytics(ctx)
	if err != nil {
		return nil, nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	o := ServeOptions{Version: version, Zone: time.UTC}
	p, err := a.parts(ctx, engine, o)
	if err == nil {
		rest, err = a.rest(p, o)
	}
	if err != nil {
		stop()
		return nil, nil, err
	}
	return rest, func() {
		stop()
		p.runner.Wait()
	}, nil
}

// rest makes the API.
func (a *App) rest(p *parts, o ServeOptions) (http.Handler, error) {
	rest, err := api.New(api.Deps{
		Log: a.Log, Now: a.Now, Version: o.Version,
		Lists: a.Store, Objects: a.Store, Sources: a.Store, Counts: a.Store,
		Search: func(ctx context.Context, text string, limit int) (api.Found, error) {
			f, err := a.Store.Search(ctx, text, limit)
			return api.Found{Members: f.Members, Organizations: f.Organizations, Conversations: f.Conversations}, err
		},
		Lookup: a.Store.Lookup, Members: a.Members, Employers: a.Employers, Conversations: talks{a.Store, a.Projector.Wake}, Connectors: all.Specs(),
		Imports: apiImports{p.runner}, Connect: p.connecting, Metrics: p.engine, Health: p.wellbeing, Stack: p.trust, Deliveries: deliveries{a.Store, p.hooks.Wake}, TryMapping: mappings{}.forAPI, Actions: p.acts, Matches: a.Reviews, Enrichment: p.lookups, Pictures: p.pictures, Segments: a.Segments, Programs: a.Programs, Events: a.Events, Readings: a.Readings(), Topics: a.Topics, Assistant: p.helper, Pushes: p.acts, Bounces: a.Bounces(), Workflows: p.flows, Outbox: p.box, Digests: p.digests, Alerts: p.alerts, Sending: p.box, Reported: a.Reported(p.engine), People: a.Auth, Tokens: a.Auth, Audit: a.Auth,
		PublicPages: a.Brand(), Writing: p.box.Service,
		Recognition: a.Recognition(), Requests: a.Requests(),
		Goals: a.Goals(p.engine), Plans: a.planning(p), Surveys: p.surveys.Service,
		SQL: a.Questions(), Studies: a.Studies(),
		Reports:   a.Reporting,
		Processes: a.Processes(p.engine), Crew: a.Crew(),
		Tools: a.Tools(p.trust), Maturity: a.Maturity(p.engine, p.trust),
		Proof:    a.Proof(p.engine),
		Accounts: a.Business(), Origins: organizationOrigins{a}, Organizations: a.Organizations, OrganizationMatches: a.Organizations,
		Knowledge: a.library,
		Privacy:   p.erasing, Settings: settings{zones{a}, pagePrivacy{p.erasing}},
		Inbox: a.Inbox, Tasks: a.Tasks,
		Rebuild: func(ctx context.Context) error {
			if err := a.Store.ForgetDerived(ctx); err != nil {
				return err
			}
			a.Projector.Wake()
			return nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the API: %w", err)
	}
	return rest, nil
}

// site makes the pages behind a guard.
func (a *App) site(p *parts, guard *authhttp.Guard, o ServeOptions) (*web.Site, error) {
	site, err := web.New(web.Config{
		Log: a.Log, Now: a.Now, Zones: zones{a}, Community: o.Community, Sample: o.Sample, PublicURL: o.PublicURL, MaxUpload: cmp.Or(o.MaxUpload, DefaultMaxUpload),
		Overview: a.Store, Lists: a.Store, Objects: a.Store, Calendar: a.Store, Finder: finder{a.Store},
		Members: a.Members, Employers: a.Employers, Privacy: pagePrivacy{p.erasing}, Talks: talks{a.Store, a.Projector.Wake}, Sources: a.Store, Imports: pageImports{p.runner, auditor{a.Auth}}, Connect: p.connecting,
		Figures: p.engine, Health: p.wellbeing, Stack: p.trust, Deliveries: deliveries{a.Store, p.hooks.Wake}, Mappings: mappings{}, Actions: p.acts, WriteBack: p.acts, Pushes: p.acts, Assistant: p.helper, Enrichment: p.lookups, Pictures: p.pictures, Digests: p.digests, Workflows: p.flows, Outbox: p.box, Alerts: p.alerts, Sending: p.box, Bounces: a.Bounces(), Reported: a.Reported(p.engine), Matches: a.Reviews, Segments: a.Segments, Programs: a.Programs, ProgramTasks: a.Store, Events: a.Events, Reading: a.Readings(), Topics: a.Topics, Annotations: a.Topics, People: a.Auth, Account: a.Auth, AuditLog: a.Auth, Team: team{a.Store, a.Projector.Wake}, Guard: guard,
		Public: a.Brand(), Writing: p.box.Service,
		Inbox: a.Inbox, Tasks: a.Tasks,
		Recognition: a.Recognition(), Requests: a.Requests(),
		Goals: a.Goals(p.engine), Plans: a.planning(p), Surveys: p.surveys.Service,
		Origins: organizationOrigins{a}, Organizations: a.Organizations, OrganizationMatches: a.Organizations, Accounts: a.Business(), AccountTopics: a.Store,
		Proof:     a.Proof(p.engine),
		Knowledge: a.library,
		Tools:     a.Tools(p.trust), Maturity: a.Maturity(p.engine, p.trust),
		Processes: a.Processes(p.engine), Crew: a.Crew(),
		Reports: a.Reporting,
		SQL:     a.Questions(), Studies: a.Studies(),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the pages: %w", err)
	}
	return site, nil
}

// handler is everything that the server answers, and the pages in it.
func (a *App) handler(p *parts, o ServeOptions) (http.Handler, *web.Site, error) {
	mux := http.NewServeMux()
	var site *web.Site // made below, with the guard; by the first request it is there
	guard, err := authhttp.New(a.Auth, a.Log, authhttp.Options{
		Deny:    func(w http.ResponseWriter, r *http.Request, err error) { site.Deny(w, r, err) },
		Public:  []string{"/healthz", static.Prefix, api.Prefix, api.Prefix + "/openapi.json", api.Prefix + "/docs", api.Prefix + "/problems/", digest.LeavePath, front.Prefix, event.FeedPath, roadmap.FeedPath, alert.AnswerPath, workflow.HookPath},
		DenyAPI: api.Deny, API: []string{"/api/", mcp.Path},
		HTTPS: o.HTTPS || o.PublicURL != nil && o.PublicURL.Scheme == "https", Proxies: o.Proxies, Origins: origins(o.PublicURL),
	})
	if err != nil {
		return nil, nil, fmt.Errorf("preparing access: %w", err)
	}
	if site, err = a.site(p, guard, o); err != nil {
		return nil, nil, err
	}
	rest, err := a.rest(p, o)
	if err != nil {
		return nil, nil, err
	}
	mux.HandleFunc("GET /healthz", a.health)
	mux.Handle(api.Prefix, rest)
	mux.Handle(api.Prefix+"/", rest)
	tools, err := a.tools(rest, p.box, o.PublicURL, o.Version)
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the tools for language models: %w", err)
	}
	mux.Handle(mcp.Path, tools.Handler())
	mux.HandleFunc(digest.LeavePath, p.digests.leave)
	public, err := a.front(front.Config{Community: o.Community, Choices: p.box.Service, Surveys: p.surveys, Privacy: pagePrivacy{p.erasing}, Address: guard.Address, Mailbox: mailbox{p.box.Service, a.Store}, Testimonials: a.Recognition(), Requests: a.Requests(), Documents: a.library, Plans: planAskers{a.Requests(), a}, Reports: a.Reporting})
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the public pages: %w", err)
	}
	mux.Handle(front.Prefix, public)
	mux.HandleFunc("GET "+event.FeedPath, calendarFeed(a.Events.Feed))
	mux.HandleFunc("GET "+roadmap.FeedPath, calendarFeed(a.planFeed))
	mux.HandleFunc(workflow.HookPath, p.flows.hook)
	mux.Handle("/", site)
	return p.hooks.before(guard.Handler(mux)), site, nil
}
