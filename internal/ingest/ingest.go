// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ingest brings what a connector reads into the record store.
//
// A connector pushes facts into a sink. Each full batch is prepared here (texts cleaned, payloads compressed, hashes and
// questions computed) and handed to the store, which resolves names to ids and writes payloads, facts, counts and the
// cursor in one transaction. Reading and preparing the next batch goes on while the store writes: that is the whole
// pipeline, two goroutines and one batch between them, so memory does not grow with the source.
//
// A run that was interrupted goes on from the cursor of its last transaction. Since facts and cursor commit together and
// a source is read in the same order again, it ends in the same store as one that was never interrupted.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/maildomain"
	"greenroom/internal/priority"
)

// Store is what ingest needs of the record store.
type Store interface {
	// EnsureSource returns the source of that name, made when absent, with kind and config brought up to date.
	EnsureSource(ctx context.Context, s greenroom.Source) (greenroom.Source, error)
	// LockSource keeps other processes from working in a lane of the source until unlock is called. CodeConflict when
	// somebody does.
	LockSource(ctx context.Context, sourceID int64, lane greenroom.Lane) (unlock func(), err error)
	// StartRun begins a run, or goes on with the lane's last one when that did not end well, and says from where.
	StartRun(ctx context.Context, sourceID int64, lane greenroom.Lane) (greenroom.Run, connector.Cursor, error)
	// Append stores a batch with its cursor and counts in one transaction, which may be left open for the next batch. With
	// an error the run comes back as it is in the store.
	Append(ctx context.Context, run greenroom.Run, p *Prepared) (greenroom.Run, error)
	// Commit ends the transaction that Append may have left open.
	Commit(run greenroom.Run) (greenroom.Run, error)
	// EndRun closes a run. After one that is done, the next reads from the start, or, where the source is incremental,
	// from where this one ended.
	EndRun(ctx context.Context, run greenroom.Run, state greenroom.RunState, message string, incremental bool) (greenroom.Run, error)
	Live
}

// Live is what sources that are read on a rhythm and pushed to need beside.
type Live interface {
	// Schedule notes when a source is read next by itself, zero = only when told to, and how many reads in a row failed.
	Schedule(ctx context.Context, sourceID int64, due time.Time, failures int64) error
	// SetOption stores one option of a source.
	SetOption(ctx context.Context, source, option, value string) error
	// WaitingDeliveries returns stored deliveries that are due, after an id, the oldest first.
	WaitingDeliveries(ctx context.Context, sourceID, after int64, limit int) ([]greenroom.Delivery, error)
	// PostponeDelivery notes why a delivery did not become facts; the zero time gives it up.
	PostponeDelivery(ctx context.Context, id int64, reason string, retry time.Time) error
}

// Sealer keeps secret options at rest; seal.Keys does.
type Sealer interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// Importer runs connectors.
type Importer struct {
	store Store
	log   *slog.Logger
	now   func() time.Time
	http  *http.Client
	free  *maildomain.Free
	seal  Sealer
	hook  func(source string) (address, key string) // nil = nothing can be pushed here
}

// New returns an importer. client serves connectors that read from the network; seal may be nil where no source has a
// secret option.
func New(store Store, log *slog.Logger, now func() time.Time, client *http.Client, seal Sealer) *Importer {
	return &Importer{store: store, log: log, now: now, http: client, free: maildomain.NewFree(), seal: seal}
}

// PushTo says where platforms push to a source that is asked for it by its connector, and with which secret of its own; no
// address where they cannot. A source that is not stored has no name.
func (im *Importer) PushTo(hook func(source string) (address, key string)) { im.hook = hook }

// secrets gives the options as the connector takes them and as they are stored, with the secret ones sealed. A value
// that is sealed already, as one that comes from the store is, stays what it is there and is opened for the connector.
func (im *Importer) secrets(req *Request) (plain, stored connector.Values, err error) {
	plain, stored = make(connector.Values, len(req.Values)), make(connector.Values, len(req.Values))
	for name, v := range req.Values {
		plain[name], stored[name] = v, v
	}
	for i := range req.Spec.Options {
		o := &req.Spec.Options[i]
		v := req.Values[o.Name]
		if o.Type != connector.Secret || v == "" {
			continue
		}
		if im.seal == nil {
			return nil, nil, greenroom.Errorf(greenroom.CodeInternal, "there is no key to keep %s with", o.Label)
		}
		at := place(req.Name, o.Name)
		if sealed, ok := strings.CutPrefix(v, sealedMark); ok {
			secret, err := im.seal.Open(sealed, at)
			if err != nil {
				return nil, nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the stored " + o.Label + " of " + req.Name + " cannot be opened with this key; give it again", Err: err}
			}
			plain[o.Name] = string(secret)
			continue
		}
		sealed, err := im.seal.Seal([]byte(v), at)
		if err != nil {
			return nil, nil, fmt.Errorf("sealing %s: %w", o.Name, err)
		}
		stored[o.Name] = sealedMark + sealed
	}
	return plain, stored, nil
}

// sealedMark stands before a secret in a source's stored options.
const sealedMark = "sealed:"

// Request says what to import.
type Request struct {
	Spec     connector.Spec
	Name     string           // of the source; one that exists is read again
	Values   connector.Values // the connector's options
	Batch    int              // facts in a batch; 0 = connector.DefaultBatchFacts
	Progress func(greenroom.Run)
	Started  func(greenroom.Source, greenroom.Run) // called once, before anything is read

	learn bool // what payloads look like: of platforms whose answers may change
}

// Import reads the source to its end, or to the first error or cancellation, and returns the run with its counts.
func (im *Importer) Import(ctx context.Context, req Request) (greenroom.Source, greenroom.Run, error) {
	plain, stored, err := im.secrets(&req)
	if err != nil {
		return greenroom.Source{}, greenroom.Run{}, err
	}
	env := im.env(&req.Spec, req.Name)
	reader, err := req.Spec.New(env, plain)
	if err != nil {
		return greenroom.Source{}, greenroom.Run{}, fmt.Errorf("opening %s: %w", req.Spec.Kind, err)
	}
	src, err := im.store.EnsureSource(ctx, greenroom.Source{
		Name: req.Name, Kind: req.Spec.Kind, Platform: req.Spec.Platform, Business: req.Spec.Business || req.Values["business"] == "true",
		Config: stored, CreatedAt: im.now(),
	})
	if err != nil {
		return src, greenroom.Run{}, fmt.Errorf("source %q: %w", req.Name, err)
	}
	unlock, err := im.store.LockSource(ctx, src.ID, greenroom.LaneRead)
	if err != nil {
		return src, greenroom.Run{}, fmt.Errorf("source %q: %w", req.Name, err)
	}
	defer unlock()
	run, cursor, err := im.store.StartRun(ctx, src.ID, greenroom.LaneRead)
	if err != nil {
		return src, run, fmt.Errorf("starting to read %q: %w", req.Name, err)
	}
	if req.Started != nil {
		req.Started(src, run)
	}
	req.learn = req.Spec.Rhythm > 0 || req.Spec.Push != nil || req.Spec.Streams
	im.log.Info("import started", "source", req.Name, "kind", req.Spec.Kind, "resumed", cursor != "")
	run, err = im.read(ctx, reader, cursor, run, &req)
	run.Metered = env.Meter.Metered()
	run, err = im.end(ctx, run, req.Spec.Incremental, err)
	if serr := im.reschedule(context.WithoutCancel(ctx), &src, &req.Spec, err); serr != nil {
		err = errors.Join(err, fmt.Errorf("noting when %q is read next: %w", req.Name, serr))
	}
	if req.Progress != nil {
		req.Progress(run)
	}
	return src, run, err
}

// env is what a connector may use of the world, on behalf of a stored source.
func (im *Importer) env(spec *connector.Spec, name string) connector.Env {
	env := connector.Env{
		Log: im.log, Now: im.now, HTTP: im.http, Meter: &connector.Meter{},
		Keep: func(ctx context.Context, option, value string) error {
			req := Request{Spec: *spec, Name: name, Values: connector.Values{option: value}}
			_, stored, err := im.secrets(&req)
			if err != nil {
				return err
			}
			return im.store.SetOption(ctx, name, option, stored[option])
		},
	}
	if im.hook != nil {
		env.Hook, env.HookKey = im.hook(name)
	}
	return env
}

// Open opens a source as it is configured, with its secrets, for what is no reading: a test, a survey, deliveries. A
// source that is not stored yet has no name; its secrets are as they were entered.
func (im *Importer) Open(spec connector.Spec, name string, values connector.Values) (connector.Source, *connector.Meter, error) {
	req := Request{Spec: spec, Name: name, Values: values}
	plain := values
	if name != "" {
		var err error
		if plain, _, err = im.secrets(&req); err != nil {
			return nil, nil, err
		}
	}
	env := im.env(&spec, name)
	if name == "" {
		env.Keep = nil
	}
	src, err := spec.New(env, plain)
	if err != nil {
		return nil, nil, fmt.Errorf("opening %s: %w", spec.Kind, err)
	}
	return src, env.Meter, nil
}

// Client is what connectors reach their platforms with; nil where there is no network.
func (im *Importer) Client() *http.Client { return im.http }

// Credentials gives the options of a source as they were entered, secrets included, for those who write to its platform.
func (im *Importer) Credentials(spec connector.Spec, name string, values connector.Values) (connector.Values, error) {
	plain, _, err := im.secrets(&Request{Spec: spec, Name: name, Values: values})
	return plain, err
}

// end records how the run ended. The record is written even when ctx was canceled.
func (im *Importer) end(ctx context.Context, run greenroom.Run, incremental bool, cause error) (greenroom.Run, error) {
	state, message := greenroom.RunDone, ""
	switch {
	case errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded):
		state, message = greenroom.RunInterrupted, "stopped; start it again to go on"
	case cause != nil:
		state, message = greenroom.RunFailed, greenroom.ErrorMessage(cause)
		level := slog.LevelInfo // the person who started it is told
		if greenroom.ErrorCode(cause) == greenroom.CodeInternal {
			level = slog.LevelError
		}
		im.log.Log(ctx, level, "import failed", "error", cause)
	}
	ended, err := im.store.EndRun(context.WithoutCancel(ctx), run, state, message, incremental)
	if err != nil {
		return run, errors.Join(cause, fmt.Errorf("recording the end of the run: %w", err))
	}
	return ended, cause
}

// read runs the connector in this goroutine and the store's writing in another.
func (im *Importer) read(ctx context.Context, reader connector.Source, cursor connector.Cursor, run greenroom.Run, req *Request) (greenroom.Run, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	prep := newPreparer(im.free)
	prep.learn = req.learn
	defer prep.close()
	batches := make(chan *Prepared)
	written := make(chan error, 1)
	go func() {
		priority.Lower()
		var err error
		run, err = im.write(ctx, run, batches, cancel, req.Progress)
		written <- err
	}()
	sink := connector.NewSink(ctx, req.Batch, func(ctx context.Context, b *connector.Batch) error {
		priority.Breathe(ctx)
		p, err := prep.prepare(b)
		if err != nil {
			return err
		}
		select {
		case batches <- p:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	sink.Hurry(hurry, im.now)
	err := reader.Read(ctx, cursor, sink)
	if err == nil {
		err = sink.Flush()
	}
	close(batches)
	if werr := <-written; werr != nil {
		return run, werr
	}
	if err != nil {
		return run, fmt.Errorf("reading: %w", err)
	}
	return run, nil
}

// hurry is how long facts wait at most to be stored, where a source gives a page in less time than that.
const hurry = 5 * time.Second

// patience is how long a transaction stays open for the next batch.
const patience = 500 * time.Millisecond

// write stores the batches as they come. After the first error it only takes them.
func (im *Importer) write(ctx context.Context, run greenroom.Run, batches <-chan *Prepared, cancel context.CancelCauseFunc, progress func(greenroom.Run)) (greenroom.Run, error) {
	var failed error
	step := func(store func() (greenroom.Run, error)) {
		if failed != nil {
			return
		}
		if run, failed = store(); failed != nil {
			cancel(failed)
		} else if progress != nil {
			progress(run)
		}
	}
	idle := time.NewTimer(patience)
	defer idle.Stop()
	for {
		select {
		case p, ok := <-batches:
			if !ok {
				step(func() (greenroom.Run, error) { return im.store.Commit(run) })
				return run, failed
			}
			priority.Breathe(ctx)
			step(func() (greenroom.Run, error) { return im.store.Append(ctx, run, p) })
			idle.Reset(patience)
		case <-idle.C:
			step(func() (greenroom.Run, error) { return im.store.Commit(run) })
		}
	}
}
