// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/ingest"
)

// Imports runs imports in the background, one goroutine a source, and knows which run.
type Imports struct {
	importer *ingest.Importer
	wake     func()
	audit    auditor
	log      *slog.Logger
	uploads  string // folder for files that browsers send

	ctx     context.Context //nolint:containedctx // imports live as long as the server, not as long as a request
	mu      sync.Mutex
	running map[string]context.CancelFunc
	wait    sync.WaitGroup
}

type auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// NewImports returns a runner whose imports end when ctx does.
func NewImports(ctx context.Context, a *App) *Imports {
	return &Imports{
		importer: a.Importer, wake: a.Projector.Wake, audit: a.Audit, log: a.Log, uploads: filepath.Join(a.Data, "uploads"),
		ctx: ctx, running: make(map[string]context.CancelFunc),
	}
}

// Specs lists the connectors.
func (i *Imports) Specs() []connector.Spec { return all.Specs() }

// Running reports whether a source is being read.
func (i *Imports) Running(source string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.running[source] != nil
}

// Start begins to read a source and returns as soon as its options have proved usable.
func (i *Imports) Start(ctx context.Context, kind, source string, values connector.Values, by string) (greenroom.Source, error) {
	spec, err := all.Find(kind)
	if err != nil {
		return greenroom.Source{}, err
	}
	background, cancel := context.WithCancel(i.ctx)
	i.mu.Lock()
	if i.running[source] != nil {
		i.mu.Unlock()
		cancel()
		return greenroom.Source{}, greenroom.Errorf(greenroom.CodeConflict, "%s is being read already", source)
	}
	i.running[source] = cancel
	i.mu.Unlock()
	started := make(chan greenroom.Source, 1)
	ended := make(chan error, 1)
	i.wait.Go(func() {
		defer func() {
			cancel()
			i.mu.Lock()
			delete(i.running, source)
			i.mu.Unlock()
			i.wake()
		}()
		_, _, err := i.importer.Import(background, ingest.Request{
			Spec: spec, Name: source, Values: values, Progress: func(greenroom.Run) { i.wake() },
			Started: func(s greenroom.Source, _ greenroom.Run) { started <- s },
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			i.log.Warn("import ended", "source", source, "error", err)
		}
		ended <- err
	})
	select {
	case s := <-started:
		return s, i.note(ctx, by, "import.start", source, kind)
	case err := <-ended:
		return greenroom.Source{}, err
	case <-ctx.Done():
		return greenroom.Source{}, fmt.Errorf("starting to read %s: %w", source, ctx.Err())
	}
}

func (i *Imports) note(ctx context.Context, by, action, target, detail string) error {
	if err := i.audit.Audit(ctx, by, action, target, detail); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// Stop interrupts the reading of a source; reading it again goes on where it was.
func (i *Imports) Stop(ctx context.Context, source, by string) error {
	i.mu.Lock()
	cancel := i.running[source]
	i.mu.Unlock()
	if cancel == nil {
		return greenroom.Errorf(greenroom.CodeConflict, "%s is not being read", source)
	}
	cancel()
	return i.note(ctx, by, "import.stop", source, "")
}

// Wait waits until every import has ended.
func (i *Imports) Wait() { i.wait.Wait() }

// upload is a file that a browser sends, on its way to disk.
type upload struct {
	file *os.File
	name string
}

// Upload begins a file in the data folder's uploads, in a folder of its own so that its name can stay.
func (i *Imports) Upload(name string) (*upload, error) {
	if err := os.MkdirAll(i.uploads, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for uploads: %w", err)
	}
	dir, err := os.MkdirTemp(i.uploads, "")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the upload: %w", err)
	}
	name = filepath.Base(filepath.Clean("/" + name))
	if name == "/" || name == "." {
		name = "upload"
	}
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "a file of that name cannot be kept", Err: err}
	}
	return &upload{file: f, name: f.Name()}, nil
}

// Write appends to the file.
func (u *upload) Write(p []byte) (int, error) { return u.file.Write(p) }

// Close keeps the file and returns its path.
func (u *upload) Close() (string, error) { return u.name, u.file.Close() }

// Discard throws the file away.
func (u *upload) Discard() {
	_ = u.file.Close()
	_ = os.RemoveAll(filepath.Dir(u.name))
}
