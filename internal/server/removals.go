// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"time"

	"greenroom"
)

// removals removes sources with their data, one after the other, as they were asked for. One that was cut off by the end
// of a process goes on with the next.
type removals struct {
	app  *App
	wake chan struct{}
}

const removalsEvery = 10 * time.Second

func newRemovals(a *App) *removals { return &removals{app: a, wake: make(chan struct{}, 1)} }

// Wake makes run look at once.
func (r *removals) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run removes until ctx ends.
func (r *removals) run(ctx context.Context) {
	tick := time.NewTicker(removalsEvery)
	defer tick.Stop()
	for {
		all, err := r.app.Store.Removals(ctx)
		if err != nil && ctx.Err() == nil {
			r.app.Log.Error("looking for sources that are to be removed", "error", err)
		}
		for i := range all {
			err := r.app.Store.RemoveSource(ctx, all[i].SourceID)
			switch {
			case ctx.Err() != nil:
				return
			case greenroom.ErrorCode(err) == greenroom.CodeConflict: // it is still being read, or another process is at it
				r.app.Log.Info("a source is removed later", "source", all[i].Source, "why", greenroom.ErrorMessage(err))
			case err != nil:
				r.app.Log.Error("removing a source", "source", all[i].Source, "error", err)
			default:
				r.app.Log.Info("removed a source with its data", "source", all[i].Source)
			}
			r.app.Projector.Wake()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake:
		}
	}
}
