// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/store"
	"greenroom/internal/web"
)

// finder adapts the store's search to what the pages ask for.
type finder struct{ *store.Store }

func (f finder) Find(ctx context.Context, text string, limit int) ([]greenroom.Member, []greenroom.Organization, []greenroom.Conversation, error) {
	found, err := f.Search(ctx, text, limit)
	return found.Members, found.Organizations, found.Conversations, err
}

// imports adapts the runner's concrete upload to the pages' interface.
type imports struct{ *Imports }

func (i imports) Upload(name string) (web.Upload, error) { return i.Imports.Upload(name) }

// pages builds the pages over the opened product.
func (a *App) pages(i *Imports, o ServeOptions) (*web.Site, error) {
	cfg := web.Config{
		Log: a.Log, Now: a.Now, Zone: o.Zone, Community: o.Community, Sample: o.Sample,
		Person:   person,
		Overview: a.Store, Lists: a.Store, Objects: a.Store, Calendar: a.Store, Finder: finder{a.Store},
		Members: a.Members, Talks: talks{a.Store, a.Projector.Wake}, Sources: a.Store, Imports: imports{i},
	}
	return web.New(cfg)
}

// talks wakes the projector after a change of a conversation, so that lists follow at once.
type talks struct {
	store *store.Store
	wake  func()
}

func (t talks) IgnoreConversation(ctx context.Context, id int64, ignored bool) error {
	if err := t.store.IgnoreConversation(ctx, id, ignored); err != nil {
		return err
	}
	t.wake()
	return nil
}

// ServeOptions say how to serve.
type ServeOptions struct {
	Addr      string // HOST:PORT; port 0 = any free one
	Zone      *time.Location
	Community string
	Sample    bool
	Ready     func(url string) // called once the server answers
}

// Limits of the HTTP server. Reading a body may take long, because uploads are large; headers may not.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	shutdownGrace = 10 * time.Second
)

// Serve serves until ctx ends.
func (a *App) Serve(ctx context.Context, o ServeOptions) error {
	background, stop := context.WithCancel(ctx)
	defer stop()
	runner := NewImports(background, a)
	site, err := a.pages(runner, o)
	if err != nil {
		return fmt.Errorf("preparing the pages: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", a.health)
	mux.Handle("/", site)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the address " + o.Addr + " cannot be listened at; choose another one with --addr", Err: err}
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, BaseContext: func(net.Listener) context.Context { return background }}
	projected := make(chan struct{})
	go func() {
		defer close(projected)
		a.Projector.Run(background)
	}()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	if o.Ready != nil {
		o.Ready("http://" + listener.Addr().String())
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
	<-projected
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
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

func person(*http.Request) web.Person {
	return web.Person{Name: "Owner", Role: "owner", Actor: "owner", MayWrite: true, MayConnect: true, MayAdminister: true}
}
