// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
)

// How sources are watched.
const (
	watchPause   = 10 * time.Second // before a connection is opened again; it doubles with each that does not last
	watchLongest = 10 * time.Minute
	watchLasts   = time.Minute      // a connection that held for so long is as good as any
	readsApart   = 30 * time.Second // between two reads for news of one source, so that a busy one is not read without end
)

// news notes which sources are said to have something new, until they are read.
type news struct {
	mu   sync.Mutex
	has  map[int64]bool
	last map[int64]time.Time // when a read for news was started
	wake chan struct{}
}

func newNews() *news {
	return &news{has: make(map[int64]bool), last: make(map[int64]time.Time), wake: make(chan struct{}, 1)}
}

// of notes that a source has some.
func (n *news) of(source int64) {
	n.mu.Lock()
	n.has[source] = true
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// due reports whether a source is to be read for its news now, and if so takes note that it is. Where it is being read, or
// has failed, its news wait: what happens during a read is not certain to be part of it.
func (n *news) due(src *greenroom.Source, reading bool, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.has[src.ID] || reading || src.Failures > 0 || now.Sub(n.last[src.ID]) < readsApart {
		return false
	}
	delete(n.has, src.ID)
	n.last[src.ID] = now
	return true
}

// watch keeps a connection open over which a platform tells that there is something new. It ends with ctx. Without one, and
// between two, the source is read in its rhythm.
func (i *Imports) watch(ctx context.Context, spec connector.Spec, src *greenroom.Source, told func()) context.CancelFunc {
	opened, _, err := i.importer.Open(spec, src.Name, src.Config)
	w, ok := opened.(connector.Watcher)
	if err != nil || !ok {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	name := src.Name
	i.wait.Go(func() {
		defer cancel()
		for pause := watchPause; ctx.Err() == nil; {
			began := i.now()
			err := w.Watch(ctx, told)
			if ctx.Err() != nil {
				return
			}
			if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
				i.log.Info("a source is not watched; it is read in its rhythm", "source", name, "why", greenroom.ErrorMessage(err))
				return
			}
			if i.now().Sub(began) >= watchLasts {
				pause = watchPause
			}
			i.log.Info("watching a source has ended and is begun again", "source", name, "in", pause, "error", err)
			timer := time.NewTimer(pause)
			pause = min(2*pause, watchLongest)
			select {
			case <-ctx.Done():
				timer.Stop()
			case <-timer.C:
			}
		}
	})
	return cancel
}
