// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/auth"
	"greenroom/internal/fetch"
	"greenroom/internal/ingest"
	"greenroom/internal/priority"
	"greenroom/internal/web"
)

// Imports runs imports in the background, one goroutine a source, and knows which run.
type Imports struct {
	importer *ingest.Importer
	later    func(context.Context, *greenroom.Source) error // postpones a source that could not be opened
	wake     func()
	log      *slog.Logger
	now      func() time.Time
	uploads  string // folder for files that browsers send

	ctx     context.Context //nolint:containedctx // imports live as long as the server, not as long as a request
	mu      sync.Mutex
	running map[string]*job
	wait    sync.WaitGroup
}

// job is an import that runs.
type job struct {
	cancel context.CancelFunc
	run    greenroom.Run // as it was last told
	pace   pace
	ended  chan struct{}
}

// reopenPause is when a source that could not be opened, such as one whose secret is gone, is tried again.
const reopenPause = time.Hour

// NewImports returns a runner whose imports end when ctx does. Beside public addresses it reads those of allowed networks.
func NewImports(ctx context.Context, a *App, allowed []netip.Prefix) *Imports {
	importer := ingest.New(a.Store, a.Log, a.Now, fetch.Guarded(requestTimeout, allowed), a.keys)
	importer.PushTo(a.pushedTo)
	return &Imports{
		later: func(ctx context.Context, src *greenroom.Source) error {
			return a.Store.Schedule(ctx, src.ID, a.Now().Add(reopenPause), src.Failures+1)
		},
		importer: importer, wake: a.Projector.Wake, log: a.Log, now: a.Now, uploads: filepath.Join(a.Data, "uploads"),
		ctx: ctx, running: make(map[string]*job),
	}
}

// Specs lists the connectors.
func (i *Imports) Specs() []connector.Spec { return all.Specs() }

// Running returns the run of a source that is being read.
func (i *Imports) Running(source string) (greenroom.Run, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if j := i.running[source]; j != nil {
		return j.run, true
	}
	return greenroom.Run{}, false
}

// Works tells all runs that go on, by source.
func (i *Imports) Works() map[string]web.Work {
	now := i.now()
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make(map[string]web.Work, len(i.running))
	for name, j := range i.running {
		if j.run.ID == 0 {
			continue // it has not begun
		}
		w := web.Work{Run: j.run}
		w.Rate, w.Left = j.pace.rate(now, &j.run)
		all[name] = w
	}
	return all
}

func (i *Imports) told(j *job, run greenroom.Run) {
	i.mu.Lock()
	j.run = run
	j.pace.add(i.now(), &run)
	i.mu.Unlock()
}

// begun is what an import says when it has begun to read.
type begun struct {
	source greenroom.Source
	run    greenroom.Run
}

// Start begins to read a source and returns as soon as its options have proved usable and its run is recorded.
func (i *Imports) Start(ctx context.Context, spec connector.Spec, source string, values connector.Values) (greenroom.Source, greenroom.Run, error) {
	if err := i.mayRead(ctx, &spec, values); err != nil {
		return greenroom.Source{}, greenroom.Run{}, err
	}
	return i.start(ctx, spec, source, values)
}

func (i *Imports) start(ctx context.Context, spec connector.Spec, source string, values connector.Values) (greenroom.Source, greenroom.Run, error) {
	background, cancel := context.WithCancel(i.ctx)
	j := &job{cancel: cancel, ended: make(chan struct{})}
	i.mu.Lock()
	if i.running[source] != nil {
		i.mu.Unlock()
		cancel()
		return greenroom.Source{}, greenroom.Run{}, greenroom.Errorf(greenroom.CodeConflict, "%s is being read already", source)
	}
	i.running[source] = j
	i.mu.Unlock()
	started := make(chan begun, 1)
	failed := make(chan error, 1)
	i.wait.Go(func() {
		priority.Lower()
		defer func() {
			cancel()
			i.mu.Lock()
			delete(i.running, source)
			i.mu.Unlock()
			close(j.ended)
			i.wake()
		}()
		_, _, err := i.importer.Import(priority.Background(background), ingest.Request{
			Spec: spec, Name: source, Values: values,
			Progress: func(run greenroom.Run) {
				i.told(j, run)
				i.wake()
			},
			Started: func(s greenroom.Source, run greenroom.Run) {
				i.told(j, run)
				started <- begun{s, run}
			},
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			i.log.Warn("import ended", "source", source, "error", err)
		}
		failed <- err
	})
	select {
	case b := <-started:
		return b.source, b.run, nil
	case err := <-failed:
		return greenroom.Source{}, greenroom.Run{}, err
	case <-ctx.Done():
		return greenroom.Source{}, greenroom.Run{}, fmt.Errorf("starting to read %s: %w", source, ctx.Err())
	}
}

// mayRead keeps those who do not administer this server from naming any file on it: they may send files, and read again
// what was sent.
func (i *Imports) mayRead(ctx context.Context, spec *connector.Spec, values connector.Values) error {
	if c, ok := auth.From(ctx); ok && c.Can(auth.Administer) {
		return nil
	}
	if spec.Owners {
		return greenroom.Errorf(greenroom.CodeForbidden, "only an owner can connect %s, since it reaches what stands in the server's own network", spec.Title)
	}
	for n := range spec.Options {
		o := &spec.Options[n]
		v := values[o.Name]
		if v == "" || o.Type != connector.Path && !strings.HasPrefix(v, "/") && !strings.HasPrefix(v, ".") && !strings.HasPrefix(v, "~") {
			continue
		}
		rel, err := filepath.Rel(i.uploads, v)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return greenroom.Errorf(greenroom.CodeForbidden, "only an owner can name files on the server; send the file from your computer instead")
		}
	}
	return nil
}

// Stop interrupts the reading of a source and waits until it has ended; reading it again goes on where it was.
func (i *Imports) Stop(ctx context.Context, source string) error {
	i.mu.Lock()
	j := i.running[source]
	i.mu.Unlock()
	if j == nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "%s is not being read", source)
	}
	j.cancel()
	select {
	case <-j.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stopping %s: %w", source, ctx.Err())
	}
}

// Wait waits until every import has ended.
func (i *Imports) Wait() { i.wait.Wait() }
