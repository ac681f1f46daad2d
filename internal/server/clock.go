// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"strings"
	"sync/atomic"
	"time"

	"greenroom"
)

// clock tells the time in the zone in which the team's days begin: dates in queries are read in the zone of now.
type clock struct {
	now   func() time.Time
	zone  atomic.Pointer[time.Location] // what the team has set; nil = usual
	usual atomic.Pointer[time.Location] // what the server was started with; nil = the zone of now
}

// Now is the time in the team's zone.
func (c *clock) Now() time.Time {
	if z := cmp.Or(c.zone.Load(), c.usual.Load()); z != nil {
		return c.now().In(z)
	}
	return c.now()
}

// zoneOf finds a time zone by its name. The zone of the machine is none: what it is depends on the machine.
func zoneOf(name string) (*time.Location, error) {
	z, err := time.LoadLocation(name)
	if err != nil || name == "" || strings.EqualFold(name, "local") {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "there is no time zone \"" + name + "\"; they are called like Europe/Lisbon or America/New_York. Nothing was changed", Err: err}
	}
	return z, nil
}

// readZone sets the clock to the zone that is stored. One that this machine does not know is no reason not to start.
func (a *App) readZone(ctx context.Context) error {
	name, err := a.Store.Zone(ctx)
	if err != nil || name == "" {
		return err
	}
	if z, err := zoneOf(name); err != nil {
		a.Log.Warn("the stored time zone is not known here; days begin in that of --zone", "zone", name)
	} else {
		a.clock.zone.Store(z)
	}
	return nil
}

// Zone is the time zone in which the team's days begin.
func (a *App) Zone() *time.Location { return zones{a}.Zone() }

// zones is the time zone of the team's days, for the pages.
type zones struct{ *App }

// Zone is the time zone in which days begin.
func (z zones) Zone() *time.Location {
	return cmp.Or(z.clock.zone.Load(), z.UsualZone())
}

// UsualZone is the one in which they begin while nothing is set.
func (z zones) UsualZone() *time.Location { return cmp.Or(z.clock.usual.Load(), time.UTC) }

// SetZone sets it by its name, at once; "" leaves it to whoever starts Greenroom.
func (z zones) SetZone(ctx context.Context, name string) error {
	name, err := z.App.SetZone(ctx, name)
	if err != nil {
		return err
	}
	return auditor{z.Auth}.Audit(ctx, "", "zone.set", cmp.Or(name, "as started"), "")
}

// SetZone sets the time zone in which the team's days begin, and returns its name as it is stored; "" leaves it to
// whoever starts Greenroom.
func (a *App) SetZone(ctx context.Context, name string) (string, error) {
	var loc *time.Location
	if name != "" {
		var err error
		if loc, err = zoneOf(name); err != nil {
			return "", err
		}
		name = loc.String()
	}
	if err := a.Store.SetZone(ctx, name); err != nil {
		return "", err
	}
	a.clock.zone.Store(loc)
	return name, nil
}
