// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"maps"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
)

// How the schedule is kept.
const (
	scheduleEvery  = 5 * time.Second
	scheduledReads = 4 // at once; the platforms are slower than the store, and one writer serves them all
	streamPause    = 10 * time.Second
)

// stream is an open connection over which a platform pushes, as it was configured.
type stream struct {
	config map[string]string
	stop   context.CancelFunc
}

// keepInSync reads sources again when they are due, and keeps open the connections over which platforms push.
func (i *Imports) keepInSync(ctx context.Context, a *App, hooks *Hooks) {
	tick := time.NewTicker(scheduleEvery)
	defer tick.Stop()
	streams, told := make(map[int64]stream), newNews()
	for {
		sources, err := a.Store.Sources(ctx)
		if err != nil && ctx.Err() == nil {
			i.log.Error("looking for sources that are due", "error", err)
		}
		for n := range sources {
			src := &sources[n]
			spec, err := all.Find(src.Kind)
			if err != nil {
				continue
			}
			if have, ok := streams[src.ID]; !src.DisconnectedAt.IsZero() {
				if ok {
					have.stop()
					delete(streams, src.ID)
				}
				continue
			}
			_, reads := i.Running(src.Name)
			if due := src.DueAt; i.reading() < scheduledReads && (!due.IsZero() && !due.After(i.now()) || told.due(src, reads, i.now())) {
				i.readDue(ctx, spec, src)
			}
			if have, ok := streams[src.ID]; (spec.Push != nil || spec.Streams || spec.Watches) && (!ok || !maps.Equal(have.config, src.Config)) {
				if ok {
					have.stop()
				}
				id, stop := src.ID, i.stream
				if spec.Watches {
					stop = func(ctx context.Context, _ *App, _ *Hooks, src *greenroom.Source) context.CancelFunc {
						return i.watch(ctx, spec, src, func() { told.of(id) })
					}
				}
				streams[id] = stream{config: maps.Clone(src.Config), stop: stop(ctx, a, hooks, src)}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-told.wake:
		}
	}
}

// reading is how many sources are read at the moment.
func (i *Imports) reading() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.running)
}

func (i *Imports) readDue(ctx context.Context, spec connector.Spec, src *greenroom.Source) {
	if _, running := i.Running(src.Name); running {
		return
	}
	if _, _, err := i.start(ctx, spec, src.Name, src.Config); err != nil && ctx.Err() == nil && greenroom.ErrorCode(err) != greenroom.CodeConflict {
		i.log.Warn("a source that is due could not be read", "source", src.Name, "error", err)
		// It could not even be opened, so nothing has noted that it failed.
		if err := i.later(ctx, src); err != nil {
			i.log.Error("postponing a source", "source", src.Name, "error", err)
		}
	}
}

// stream keeps a connection open over which the platform pushes, for sources that can have one. It ends with ctx.
func (i *Imports) stream(ctx context.Context, a *App, hooks *Hooks, src *greenroom.Source) context.CancelFunc {
	r, err := hooks.receiver(src)
	s, ok := r.(connector.Streamer)
	if err != nil || !ok {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	id, name := src.ID, src.Name
	i.wait.Go(func() {
		defer cancel()
		for ctx.Err() == nil {
			err := s.Stream(ctx, func(ctx context.Context, d connector.Delivery) error {
				if err := a.Store.KeepDelivery(ctx, id, &d); err != nil {
					return err
				}
				hooks.Wake()
				return nil
			})
			if ctx.Err() != nil {
				return
			}
			if greenroom.ErrorCode(err) == greenroom.CodeInvalid { // it is not set up for one
				i.log.Info("no event stream", "source", name, "why", greenroom.ErrorMessage(err))
				return
			}
			i.log.Info("an event stream has ended and is opened again", "source", name, "error", err)
			pause := time.NewTimer(streamPause)
			select {
			case <-ctx.Done():
				pause.Stop()
			case <-pause.C:
			}
		}
	})
	return cancel
}
