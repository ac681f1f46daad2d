// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"os"
	"time"

	"greenroom/internal/deliver"
	"greenroom/internal/fetch"
	"greenroom/internal/outbox"
)

// Outbox is what is sent to members and to the team.
type Outbox struct {
	*outbox.Service

	runner *outbox.Runner
}

// deliverTimeout bounds one request of a sender.
const deliverTimeout = 30 * time.Second

// Outbox makes the service and what sends messages. Mail goes by the mail server that post knows.
func (a *App) Outbox(post deliver.Postmaster, allowed []netip.Prefix) (*Outbox, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for the name of this machine: %w", err)
	}
	box := &Outbox{}
	box.Service = outbox.New(a.Store, auditor{a.Auth}, a.keys, func() { box.runner.Wake() }, a.Log, a.Now, a.Zone)
	poster := fetch.Guarded(deliverTimeout, allowed)
	box.runner = outbox.NewRunner(a.Store, map[outbox.Channel]outbox.Sender{
		outbox.Email:     deliver.NewEmail(box.Service, post, deliver.Letter),
		outbox.Webhook:   deliver.NewWebhook(box.Service, poster),
		outbox.Slack:     deliver.Split{Team: deliver.NewSlackHook(box.Service, poster), Member: deliver.NewSlack(senders{a}, poster)},
		outbox.Discord:   deliver.Split{Team: deliver.NewDiscordHook(box.Service, poster), Member: deliver.NewDiscord(senders{a}, poster)},
		outbox.Teams:     deliver.NewTeamsHook(box.Service, poster),
		outbox.Discourse: deliver.NewDiscourse(senders{a}, poster),
		outbox.GitHub:    deliver.NewGitHub(senders{a}, poster),
	}, host+"/"+rand.Text(), a.Log, a.Now, a.Zone)
	return box, nil
}

// Run sends messages until ctx ends.
func (b *Outbox) Run(ctx context.Context) { b.runner.Run(ctx) }

// Drain sends what is due now and reports how many messages there were.
func (b *Outbox) Drain(ctx context.Context) (int, error) { return b.runner.Drain(ctx) }

// Wake has messages that are due sent at once.
func (b *Outbox) Wake() { b.runner.Wake() }
