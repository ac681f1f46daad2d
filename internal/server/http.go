// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector/all"
	"greenroom/internal/alert"
	"greenroom/internal/analytics"
	"greenroom/internal/api"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/digest"
	"greenroom/internal/event"
	"greenroom/internal/fetch"
	"greenroom/internal/front"
	"greenroom/internal/health"
	"greenroom/internal/mcp"
	"greenroom/internal/priority"
	"greenroom/internal/roadmap"
	"greenroom/internal/stack"
	"greenroom/internal/web"
	"greenroom/internal/web/static"
	"greenroom/internal/workflow"
)

// ServeOptions say how to serve.
type ServeOptions struct {
	Addr      string         // HOST:PORT; port 0 = any free one
	Zone      *time.Location // of days while the team has set none; nil = UTC
	Community string
	Sample    bool
	Version   string
	PublicURL *url.URL         // where people reach the server; nil = where their request came to
	MaxUpload int64            // bytes that a browser may send at once; 0 = DefaultMaxUpload
	HTTPS     bool             // people reach it by https, because a proxy in front ends TLS
	Proxies   []netip.Prefix   // networks of what stands in front, whose X-Forwarded headers are believed
	Allowed   []netip.Prefix   // networks that are not public and that connectors may read from all the same
	Ready     func(url string) // called once the server answers, with the link that signs the first person in
}

// DefaultMaxUpload is how much a browser may send at once, in bytes, unless it is said otherwise.
const DefaultMaxUpload = 4 << 30

// Limits of the HTTP server. Reading a body may take long, because uploads are large; headers may not.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	shutdownGrace = 10 * time.Second
)

// handler is everything that the server answers, and the pages in it.
func (a *App) handler(wellbeing *health.Service, runner *Imports, removing *removals, hooks *Hooks, trust *stack.Service, acts *Acts, digests *Digests, box *Outbox, alerts *alert.Service, flows *Workflows, surveys *Surveys, engine *analytics.Engine, o ServeOptions) (http.Handler, *web.Site, error) {
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
	connecting := newConnections(a, runner, removing.Wake)
	library := a.library
	erasing := privacy{a.Store, auditor{a.Auth}, a.Projector.Wake}
	read := a.Readings()
	helper := a.Assistant(fetch.Guarded(modelTimeout, o.Allowed))
	site, err = web.New(web.Config{
		Log: a.Log, Now: a.Now, Zones: zones{a}, Community: o.Community, Sample: o.Sample, PublicURL: o.PublicURL, MaxUpload: cmp.Or(o.MaxUpload, DefaultMaxUpload),
		Overview: a.Store, Lists: a.Store, Objects: a.Store, Calendar: a.Store, Finder: finder{a.Store},
		Members: a.Members, Privacy: pagePrivacy{erasing}, Talks: talks{a.Store, a.Projector.Wake}, Sources: a.Store, Imports: pageImports{runner, auditor{a.Auth}}, Connect: connecting,
		Figures: engine, Health: wellbeing, Stack: trust, Deliveries: deliveries{a.Store, hooks.Wake}, Mappings: mappings{}, Actions: acts, WriteBack: acts, Pushes: acts, Assistant: helper, Digests: digests, Workflows: flows, Outbox: box, Alerts: alerts, Sending: box, Bounces: a.Bounces(), Reported: a.Reported(engine), Matches: a.Reviews, Segments: a.Segments, Programs: a.Programs, ProgramTasks: a.Store, Events: a.Events, Reading: read, Topics: a.Topics, Annotations: a.Topics, People: a.Auth, Account: a.Auth, AuditLog: a.Auth, Team: team{a.Store, a.Projector.Wake}, Guard: guard,
		Public: a.Brand(), Writing: box.Service,
		Inbox: a.Inbox, Tasks: a.Tasks,
		Recognition: a.Recognition(), Requests: a.Requests(),
		Goals: a.Goals(engine), Plans: a.Plans(), Surveys: surveys.Service,
		Accounts: a.Business(), AccountTopics: a.Store,
		Proof:     a.Proof(engine),
		Knowledge: library,
		Tools:     a.Tools(trust), Maturity: a.Maturity(engine, trust),
		Processes: a.Processes(engine), Crew: a.Crew(),
		Reports: a.Reporting,
		SQL:     a.Questions(), Studies: a.Studies(),
	})
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the pages: %w", err)
	}
	rest, err := api.New(api.Deps{
		Log: a.Log, Now: a.Now, Version: o.Version,
		Lists: a.Store, Objects: a.Store, Sources: a.Store, Counts: a.Store,
		Search: func(ctx context.Context, text string, limit int) (api.Found, error) {
			f, err := a.Store.Search(ctx, text, limit)
			return api.Found{Members: f.Members, Organizations: f.Organizations, Conversations: f.Conversations}, err
		},
		Lookup: a.Store.Lookup, Members: a.Members, Conversations: talks{a.Store, a.Projector.Wake}, Connectors: all.Specs(),
		Imports: apiImports{runner}, Connect: connecting, Metrics: engine, Health: wellbeing, Stack: trust, Deliveries: deliveries{a.Store, hooks.Wake}, TryMapping: mappings{}.forAPI, Actions: acts, Matches: a.Reviews, Segments: a.Segments, Programs: a.Programs, Events: a.Events, Readings: read, Topics: a.Topics, Assistant: helper, Pushes: acts, Bounces: a.Bounces(), Workflows: flows, Outbox: box, Digests: digests, Alerts: alerts, Sending: box, Reported: a.Reported(engine), People: a.Auth, Tokens: a.Auth, Audit: a.Auth,
		PublicPages: a.Brand(), Writing: box.Service,
		Recognition: a.Recognition(), Requests: a.Requests(),
		Goals: a.Goals(engine), Plans: a.Plans(), Surveys: surveys.Service,
		SQL:       a.Questions(),
		Reports:   a.Reporting,
		Processes: a.Processes(engine), Crew: a.Crew(),
		Tools: a.Tools(trust), Maturity: a.Maturity(engine, trust),
		Proof:     a.Proof(engine),
		Accounts:  a.Business(),
		Knowledge: library,
		Privacy:   erasing, Settings: settings{zones{a}, pagePrivacy{erasing}},
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
		return nil, nil, fmt.Errorf("preparing the API: %w", err)
	}
	mux.HandleFunc("GET /healthz", a.health)
	mux.Handle(api.Prefix, rest)
	mux.Handle(api.Prefix+"/", rest)
	tools, err := a.tools(rest, box, o.PublicURL, o.Version)
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the tools for language models: %w", err)
	}
	mux.Handle(mcp.Path, tools.Handler())
	mux.HandleFunc(digest.LeavePath, digests.leave)
	public, err := a.front(front.Config{Community: o.Community, Choices: box.Service, Surveys: surveys, Privacy: pagePrivacy{erasing}, Address: guard.Address, Mailbox: mailbox{box.Service, a.Store}, Testimonials: a.Recognition(), Requests: a.Requests(), Documents: library, Plans: planAskers{a.Requests(), a}, Reports: a.Reporting})
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the public pages: %w", err)
	}
	mux.Handle(front.Prefix, public)
	mux.HandleFunc("GET "+event.FeedPath, calendarFeed(a.Events.Feed))
	mux.HandleFunc("GET "+roadmap.FeedPath, calendarFeed(a.planFeed))
	mux.HandleFunc(workflow.HookPath, flows.hook)
	mux.Handle("/", site)
	return hooks.before(guard.Handler(mux)), site, nil
}

// origins are the addresses whose pages may write, beside the one that a request came to.
func origins(public *url.URL) []string {
	if public == nil {
		return nil
	}
	return []string{public.Scheme + "://" + public.Host}
}

// answersFor is how long a list is given again while an import writes: as fresh as derived state is then.
const answersFor = 3 * time.Second

// resultsFor is how long figures are given again that more is known for by now.
func (a *App) resultsFor() time.Duration {
	if a.Store.Importing() {
		return answersFor
	}
	return 0
}

// segmentPace is how long after an evaluation new facts lead to the next one at the soonest.
const segmentPace = 10 * time.Second

// hasten makes answers quick for many who ask, until the function that it returns is called.
func (a *App) hasten(engine *analytics.Engine) (end func()) {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + priority.Spare)
	lists, figures := priority.NewLane(), priority.NewLane()
	a.Store.CacheAnswers(answersFor, lists.Offer)
	if a.cluster == nil { // there the record store counts faster by itself
		a.Store.CountWith(engine)
	}
	engine.CacheResults(a.resultsFor, figures.Offer)
	return func() {
		lists.Close()
		figures.Close()
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) - priority.Spare)
	}
}

// follow does what the options say of the whole.
func (a *App) follow(o *ServeOptions) {
	a.reachedAt(o.PublicURL)
	a.Events = a.events(o.Allowed)
	a.library = a.Knowledge(o.Allowed)
	a.Segments.Pace(segmentPace)
	a.clock.usual.Store(cmp.Or(o.Zone, time.UTC))
}

// behind has what pages do not wait for looked for in the background, until the function that it returns is called.
func behind(wellbeing *health.Service) (end func()) {
	looks := priority.NewLane()
	wellbeing.Background(looks.Offer)
	return looks.Close
}

// Serve serves until ctx ends.
func (a *App) Serve(ctx context.Context, o ServeOptions) error {
	background, stop := context.WithCancel(ctx)
	defer stop()
	engine, err := a.Analytics(ctx)
	if err != nil {
		return err
	}
	defer a.hasten(engine)()
	a.follow(&o)
	runner := NewImports(background, a, o.Allowed)
	hooks := NewHooks(a, runner.importer)
	trust, wellbeing := a.Stack(engine, runner), a.Health(engine)
	defer behind(wellbeing)()
	acts, err := a.Acts(runner.importer, engine)
	if err != nil {
		return err
	}
	digests := a.Digests(wellbeing, acts, o)
	box, surveys, flows, err := a.writers(digests.Service, acts, o)
	if err != nil {
		return err
	}
	alerts := a.followingAlerts(box, engine, trust, o)
	if a.Reporting, err = a.Reports(engine, wellbeing, o.Community, box.Wake); err != nil {
		return err
	}
	removing := newRemovals(a)
	handler, site, err := a.handler(wellbeing, runner, removing, hooks, trust, acts, digests, box, alerts, flows, surveys, engine, o)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the address " + o.Addr + " cannot be listened at; choose another one with --addr", Err: err}
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, BaseContext: func(net.Listener) context.Context { return background }}
	var work sync.WaitGroup
	for _, run := range []func(context.Context){a.library.Run, a.Inbox.Run, removing.run, acts.Run, acts.RunSchedules, box.Run, surveys.Run, flows.Carry, alerts.Run, a.Bounces().Run, digests.Run, a.Events.Run, a.Reporting.Run, a.Reported(engine).Run, trust.Keep, wellbeing.Run, a.Topics.Run, a.Proof(engine).Work, hooks.Run, a.Tools(trust).Run, a.Maturity(engine, trust).Run, a.tidy, a.Projector.Run, a.keepReading, a.repeatPlans, a.Crew().Run} {
		work.Go(func() {
			priority.Lower() // it gives way to people's requests
			run(background)
		})
	}
	work.Go(func() { runner.keepInSync(background, a, hooks) })
	work.Go(func() { site.Run(background) })
	work.Go(func() { a.Business().Run(background, a.Log) }) // tells owners of accounts at risk
	work.Go(func() { a.noteSessions(background) })
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	address := "http://" + listener.Addr().String()
	if o.PublicURL != nil {
		address = strings.TrimSuffix(o.PublicURL.String(), "/")
	}
	if err := a.announce(ctx, address, o); err != nil {
		a.Log.Error("making the first link", "error", err)
	}
	select {
	case err = <-served:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		err = srv.Shutdown(grace)
		cancel()
	}
	stop()
	runner.Wait()
	work.Wait()
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// noteSessions notes when people were here.
func (a *App) noteSessions(ctx context.Context) {
	if err := a.Auth.Run(ctx); err != nil {
		a.Log.Warn("noting sessions", "error", err)
	}
}

// announce says that the server answers, with the link that signs the first person in where there is nobody yet.
func (a *App) announce(ctx context.Context, url string, o ServeOptions) error {
	if o.Ready == nil {
		return nil
	}
	if o.Sample {
		l, err := a.Auth.SampleLink(ctx)
		if err != nil {
			return err
		}
		o.Ready(url + l.Path())
		return nil
	}
	l, needed, err := a.Auth.FirstLink(ctx)
	if err != nil {
		return err
	}
	if needed {
		url += l.Path()
	}
	o.Ready(url)
	return nil
}

// health says that the process answers and its store can be read.
func (a *App) health(w http.ResponseWriter, r *http.Request) {
	if _, err := a.Store.Sources(r.Context()); err != nil {
		a.Log.Error("health check", "error", err)
		http.Error(w, "the record store cannot be read", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// tidyEvery is how often what has outlived its time is removed.
const tidyEvery = time.Hour

// tidy removes raw payloads that are older than the team wants to keep them, and uploads that nothing reads.
func (a *App) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if n, err := a.Store.ForgetOldPayloads(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("removing old raw payloads", "error", err)
		} else if n > 0 {
			a.Log.Info("removed old raw payloads", "blocks", n)
		}
		if n, err := a.sweepUploads(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("removing old uploads", "error", err)
		} else if n > 0 {
			a.Log.Info("removed old uploads", "files", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
