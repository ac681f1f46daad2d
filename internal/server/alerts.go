// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"log/slog"
	"net"
	"strings"

	"greenroom/internal/alert"
	"greenroom/internal/outbox"
	"greenroom/internal/stack"
)

// Alerts makes the service that has alerts fire. figures and trust may be nil where these are not looked at.
func (a *App) Alerts(box *Outbox, figures alert.Figures, trust *stack.Service, o ServeOptions) *alert.Service {
	c := alert.Config{
		Store: a.Store, Lists: a.Store, Destinations: a.Store, Team: a.team, Seal: a.keys, Audit: auditor{a.Auth}, Base: baseOf(o), Log: a.Log, Now: a.Now, Zone: a.Zone,
		Queue: func(ctx context.Context, all ...outbox.Message) error {
			_, err := box.Queue(ctx, all...)
			return err
		},
		Figures: figures, Comings: a.Store, Wake: box.runner.Wake,
	}
	if trust != nil {
		c.Troubles = func(ctx context.Context) ([]alert.Trouble, error) { return troubles(ctx, trust) }
	}
	return alert.New(c)
}

// followingAlerts is Alerts, called by the projector from now on.
func (a *App) followingAlerts(box *Outbox, figures alert.Figures, trust *stack.Service, o ServeOptions) *alert.Service {
	alerts := a.Alerts(box, figures, trust, o)
	a.Projector.Prompt(promptly{alerts, a.Log})
	return alerts
}

// baseOf is the address that messages link to: where people reach the server, as far as that is known.
func baseOf(o ServeOptions) string {
	if o.PublicURL != nil {
		return strings.TrimSuffix(o.PublicURL.String(), "/")
	}
	if host, port, err := net.SplitHostPort(o.Addr); err == nil && host != "" && port != "0" && port != "" {
		return "http://" + o.Addr
	}
	return ""
}

// troubles are the sources that are late or fail.
func troubles(ctx context.Context, trust *stack.Service) ([]alert.Trouble, error) {
	all, err := trust.Reports(ctx)
	if err != nil {
		return nil, err
	}
	var found []alert.Trouble
	for i := range all {
		r := &all[i]
		if r.State == stack.StateLate || r.State == stack.StateFailing {
			found = append(found, alert.Trouble{SourceID: r.Source.ID, Source: r.Source.Name, State: string(r.State), Says: r.Says, Advice: r.Advice})
		}
	}
	return found, nil
}

// promptly follows what is new for alerts, right after it is derived.
type promptly struct {
	alerts *alert.Service
	log    *slog.Logger
}

// Follow has alerts fire. That they cannot is no reason for figures to stay behind.
func (p promptly) Follow(ctx context.Context) error {
	if err := p.alerts.Follow(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("alerts are behind", "error", err)
	}
	return nil
}
