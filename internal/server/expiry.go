// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"time"

	"greenroom"
	"greenroom/connector/all"
	"greenroom/internal/store"
)

// expiryEvery is how often is looked for what terms of platforms let nobody keep for longer. connector.Expiry has a lead
// that is longer.
const expiryEvery = 10 * time.Minute

// expire removes what terms of platforms let nobody keep for longer, until ctx ends.
func (a *App) expire(ctx context.Context) {
	tick := time.NewTicker(expiryEvery)
	defer tick.Stop()
	for {
		a.expireOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *App) expireOnce(ctx context.Context) {
	sources, err := a.Store.Sources(ctx)
	if err != nil && ctx.Err() == nil {
		a.Log.Error("looking for sources of which something may not be kept", "error", err)
	}
	for i := range sources {
		src := &sources[i]
		spec, err := all.Find(src.Kind)
		if err != nil || !spec.Expiry.Holds(src.Config) {
			continue
		}
		now := a.Now()
		n, err := a.Store.Expire(ctx, store.Expiring{
			SourceID: src.ID, Accounts: spec.Expiry.Accounts, Done: spec.Expiry.ActivitiesFrom(now), Told: spec.Expiry.ProfilesFrom(now),
		})
		if n > 0 {
			a.Log.Info("removed what the platform's terms let nobody keep for longer", "source", src.Name, "rows", n)
			a.Projector.Wake()
		}
		switch {
		case ctx.Err() != nil:
			return
		case greenroom.ErrorCode(err) == greenroom.CodeConflict: // it is being read
			a.Log.Info("what may not be kept of a source is removed later", "source", src.Name, "why", greenroom.ErrorMessage(err))
		case err != nil:
			a.Log.Error("removing what may not be kept of a source", "source", src.Name, "error", err)
		}
	}
}
