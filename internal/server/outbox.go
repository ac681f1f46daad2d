// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"time"

	"greenroom/internal/bounce"
	"greenroom/internal/deliver"
	"greenroom/internal/fetch"
	"greenroom/internal/mail"
	"greenroom/internal/outbox"
	"greenroom/internal/seal"
)

// Outbox is what is sent to members and to the team.
type Outbox struct {
	*outbox.Service

	runner *outbox.Runner
}

// deliverTimeout bounds one request of a sender.
const deliverTimeout = 30 * time.Second

// How many connections are kept open between messages.
const (
	idlePerPlace = 8
	idleInAll    = 64
)

// Outbox makes the service and what sends messages. Mail goes by the mail server that post knows.
func (a *App) Outbox(post deliver.Postmaster, allowed []netip.Prefix) (*Outbox, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for the name of this machine: %w", err)
	}
	box := &Outbox{}
	box.Service = outbox.New(a.Store, auditor{a.Auth}, a.keys, func() { box.runner.Wake() }, a.Log, a.Now, a.Zone)
	poster := fetch.Guarded(deliverTimeout, allowed)
	email := deliver.NewEmail(box.Service, post, deliver.Letter)
	email.Leave = leaving(a.Links())
	email.Files = a.Store.MessageFiles
	if t, ok := poster.Transport.(*http.Transport); ok { // one place gets many messages, and each connection costs more than they
		t.MaxIdleConnsPerHost, t.MaxIdleConns = idlePerPlace, idleInAll
	}
	box.runner = outbox.NewRunner(a.Store, map[outbox.Channel]outbox.Sender{
		outbox.Email:     email,
		outbox.Webhook:   deliver.NewWebhook(box.Service, poster),
		outbox.Slack:     deliver.Split{Team: deliver.NewSlackHook(box.Service, poster), Member: deliver.NewSlack(senders{a}, poster)},
		outbox.Discord:   deliver.Split{Team: deliver.NewDiscordHook(box.Service, poster), Member: deliver.NewDiscord(senders{a}, poster)},
		outbox.Teams:     deliver.NewTeamsHook(box.Service, poster),
		outbox.Discourse: deliver.NewDiscourse(senders{a}, poster),
		outbox.GitHub:    deliver.NewGitHub(senders{a}, poster),
	}, host+"/"+rand.Text(), a.Log, a.Now, a.Zone)
	return box, nil
}

// Bounces reads mail that comes back.
func (a *App) Bounces() *bounce.Service {
	return bounce.New(a.Store, mail.Mailbox{}, a.keys, a.Log, a.Now)
}

// Run sends messages until ctx ends.
func (b *Outbox) Run(ctx context.Context) { b.runner.Run(ctx) }

// Drain sends what is due now and reports how many messages there were.
func (b *Outbox) Drain(ctx context.Context) (int, error) { return b.runner.Drain(ctx) }

// resealDestinations seals the addresses of destinations with the newest key.
func (a *App) resealDestinations(ctx context.Context, keys *seal.Keys) (n int, err error) {
	all, err := a.Store.Destinations(ctx)
	if err != nil {
		return 0, fmt.Errorf("looking for secrets: %w", err)
	}
	var errs []error
	for i := range all {
		d := &all[i]
		fresh, err := keys.Reseal(d.Secret, d.Place())
		if err != nil { // the others are sealed all the same
			errs = append(errs, fmt.Errorf("the address of %s: %w", d.Name, err))
			continue
		}
		if fresh == d.Secret {
			continue
		}
		if err := a.Store.ReplaceDestinationSecret(ctx, d.ID, d.Secret, fresh); err != nil {
			return n, fmt.Errorf("storing the address of %s: %w", d.Name, err)
		}
		n++
	}
	return n, errors.Join(errs...)
}

// Wake has messages that are due sent at once.
func (b *Outbox) Wake() { b.runner.Wake() }
