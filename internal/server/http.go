// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/health"
	"greenroom/internal/priority"
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
	if a.Store.Changing() {
		return answersFor
	}
	return 0
}

// segmentPace is how long after an evaluation new facts lead to the next one at the soonest.
const segmentPace = 10 * time.Second

// agingAnswers is how many answers may wait to be computed again before they are too old: those of some pages with twenty each.
const agingAnswers = 256

// hasten makes answers quick for many who ask, until the function that it returns is called.
func (a *App) hasten(engine *analytics.Engine) (end func()) {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + priority.Spare)
	lists, figures := priority.NewLane(agingAnswers), priority.NewLane(agingAnswers)
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
	looks := priority.NewLane(0)
	wellbeing.Background(func(look func()) { looks.Offer(look) })
	return looks.Close
}

// Serve serves until ctx ends.
func (a *App) Serve(ctx context.Context, o ServeOptions) error {
	gate := &priority.Gate{}
	background, stop := context.WithCancel(gate.With(ctx))
	defer stop()
	engine, err := a.Analytics(ctx)
	if err != nil {
		return err
	}
	defer a.hasten(engine)()
	p, err := a.parts(background, engine, o)
	if err != nil {
		return err
	}
	defer behind(p.wellbeing)()
	handler, site, err := a.handler(p, o)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the address " + o.Addr + " cannot be listened at; choose another one with --addr", Err: err}
	}
	srv := &http.Server{Handler: attended(gate, handler), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, BaseContext: func(net.Listener) context.Context { return background }}
	var work sync.WaitGroup
	for _, run := range []func(context.Context){a.library.Run, a.Inbox.Run, p.removing.run, a.expire, p.acts.Run, p.acts.RunSchedules, p.box.Run, p.surveys.Run, p.flows.Carry, p.alerts.Run, a.Bounces().Run, p.digests.Run, a.Events.Run, a.Reporting.Run, a.Reported(p.engine).Run, p.trust.Keep, p.wellbeing.Run, a.Topics.Run, a.Proof(p.engine).Work, p.hooks.Run, a.Tools(p.trust).Run, a.Maturity(p.engine, p.trust).Run, a.tidy, a.Projector.Run, a.keepReading, a.repeatPlans, a.Crew().Run, p.lookups.Run, p.pictures.Run, a.warm, a.watchAccounts} {
		work.Go(func() {
			priority.Lower() // it gives way to people's requests
			run(priority.Background(background))
		})
	}
	work.Go(func() { p.runner.keepInSync(background, a, p.hooks) })
	work.Go(func() { site.Run(background) })
	work.Go(func() { a.noteSessions(background) })
	work.Go(func() { priority.Memory(background) })
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
	p.runner.Wait()
	work.Wait()
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// attended has background work wait for a moment while people's pages are being made. What a page then waits for itself, news that are pushed to
// it, is not counted, nor what people send: a file may be on its way for minutes.
func attended(gate *priority.Gate, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			defer gate.Enter()()
		}
		h.ServeHTTP(w, r)
	})
}

// warm has lists read what they hold in memory, so that who opens the first page does not wait for it.
func (a *App) warm(ctx context.Context) {
	if err := a.Store.Warm(ctx); err != nil && ctx.Err() == nil {
		a.Log.Warn("members could not be read into memory; lists go on without", "error", err)
	}
}

// watchAccounts tells owners of accounts at risk.
func (a *App) watchAccounts(ctx context.Context) { a.Business().Run(ctx, a.Log) }

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

// tidy removes raw payloads and what alerts told that are older than the team wants to keep them, and uploads that nothing reads.
func (a *App) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if n, err := a.Store.ForgetOldPayloads(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("removing old raw payloads", "error", err)
		} else if n > 0 {
			a.Log.Info("removed old raw payloads", "blocks", n)
		}
		if firings, messages, err := a.Store.ForgetOldAlerts(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("removing what alerts told long ago", "error", err)
		} else if firings+messages > 0 {
			a.Log.Info("removed what alerts told long ago", "firings", firings, "messages", messages)
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
