// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenroom"
	"greenroom/connector"
)

// A delivery is stored before it is acknowledged, and becomes facts here, in the transaction that marks it as done. So a
// process that dies in between loses nothing and repeats nothing.

// Tries of a delivery that a connector cannot turn into facts at once, because the platform has to be asked and cannot be.
const (
	maxTries   = 8
	firstRetry = 30 * time.Second // doubled with each try: about two hours in all
)

// Receive turns the waiting deliveries of a source into facts, and returns the day's run of pushes. Where another process
// does so already, the error has CodeConflict.
func (im *Importer) Receive(ctx context.Context, src greenroom.Source, r connector.Receiver, progress func(greenroom.Run)) (greenroom.Run, error) {
	unlock, err := im.store.LockSource(ctx, src.ID, greenroom.LanePush)
	if err != nil {
		return greenroom.Run{}, fmt.Errorf("source %q: %w", src.Name, err)
	}
	defer unlock()
	run, _, err := im.store.StartRun(ctx, src.ID, greenroom.LanePush)
	if err != nil {
		return run, fmt.Errorf("starting to take in what was pushed to %q: %w", src.Name, err)
	}
	run, err = im.read(ctx, &inbox{im: im, source: src.ID, receiver: r}, "", run, &Request{Progress: progress, learn: true})
	return im.end(ctx, run, false, err)
}

// inbox reads the waiting deliveries of a source, as a connector reads a platform.
type inbox struct {
	im       *Importer
	source   int64
	receiver connector.Receiver
}

// inboxPage is how many deliveries are looked at together.
const inboxPage = 500

// Read passes on the deliveries that are due, in the order in which they came.
func (b *inbox) Read(ctx context.Context, _ connector.Cursor, out *connector.Sink) error {
	after := int64(0)
	for {
		waiting, err := b.im.store.WaitingDeliveries(ctx, b.source, after, inboxPage)
		if err != nil || len(waiting) == 0 {
			return err //nolint:wrapcheck // the store's own words
		}
		for i := range waiting {
			after = waiting[i].ID
			if err := b.one(ctx, &waiting[i], out); err != nil {
				return err
			}
		}
	}
}

func (b *inbox) one(ctx context.Context, w *greenroom.Delivery, out *connector.Sink) error {
	d := connector.Delivery{ID: w.ExternalID, ReceivedAt: w.ReceivedAt, Method: w.Method, Path: w.Path, Query: w.Query, Header: w.Header, Body: w.Body}
	err := b.receive(ctx, &d, out)
	switch {
	case err == nil:
		out.Delivered(w.ID)
	case ctx.Err() != nil:
		return fmt.Errorf("taking in deliveries was stopped: %w", ctx.Err())
	case out.IsStorage(err):
		return err
	default:
		retry := time.Time{}
		if w.Tries+1 < maxTries {
			retry = b.im.now().Add(firstRetry << w.Tries)
		}
		b.im.log.InfoContext(ctx, "a delivery could not be taken in", "delivery", w.ID, "tries", w.Tries+1, "error", err)
		if err := b.im.store.PostponeDelivery(ctx, w.ID, greenroom.ErrorMessage(err), retry); err != nil {
			return fmt.Errorf("postponing a delivery: %w", err)
		}
	}
	return out.Checkpoint("", connector.Progress{Unit: "deliveries", Phase: "taking in what was pushed"})
}

// receive calls the connector. One that panics must not stop what others deliver.
func (b *inbox) receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the connector failed on this delivery: %v", p)
		}
	}()
	return b.receiver.Receive(ctx, d, out)
}

// Backoff of sources that fail.
const (
	maxPause   = 6 * time.Hour
	firstPause = 5 * time.Minute
)

// reschedule notes how a read went and when the source is read next by itself. A platform that said until when its limit
// is used up is asked then; one that fails is asked at a growing distance.
func (im *Importer) reschedule(ctx context.Context, src *greenroom.Source, spec *connector.Spec, cause error) error {
	rhythm := spec.Every(src)
	due, failures := time.Time{}, int64(0)
	if cause != nil && !errors.Is(cause, context.Canceled) {
		failures = src.Failures + 1
	}
	if rhythm > 0 {
		wait := rhythm
		var limit interface{ WaitFor() time.Duration }
		switch {
		case errors.As(cause, &limit):
			wait, failures = limit.WaitFor()+time.Minute, 0
		case failures > 0:
			wait = min(max(rhythm, firstPause)<<min(failures-1, 10), maxPause)
		}
		due = im.now().Add(wait)
	}
	if due.Equal(src.DueAt) && failures == src.Failures {
		return nil
	}
	return im.store.Schedule(ctx, src.ID, due, failures)
}
