// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// Sending is where messages to the team go, and the rules on writing to members; outbox.Service has it.
type Sending interface {
	Destinations(ctx context.Context) ([]outbox.Destination, error)
	AddDestination(ctx context.Context, d outbox.DestinationDraft, by string) (outbox.Destination, error)
	RemoveDestination(ctx context.Context, id int64, by string) error
	TryDestination(ctx context.Context, id int64, by string) (key string, err error)
	Rules(ctx context.Context) (consent.Rules, error)
	SetRules(ctx context.Context, r consent.Rules, by string) error
}

// DestinationTry says under which key a test is on its way.
type DestinationTry struct {
	Key string `json:"key" doc:"The key of the message that is on its way."`
}

func (a *api) sendingOps() []op {
	if a.Sending == nil {
		return nil
	}
	id := idParam("The destination's id.")
	example := outbox.Destination{ID: 1, Name: "#community-team", Channel: outbox.Slack, Shown: "hooks.slack.com", CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2), SentAt: exampleTime(20)}
	usual := consent.Usual()
	rules := content{of: consent.Rules{}, example: usual}
	return []op{
		{
			method: http.MethodGet, path: "/destinations", id: "listDestinations", tag: "Alerts", need: auth.Read, summary: "List destinations", text: "Where the team hears from Greenroom, by name. Addresses are sealed and never given out.",
			reply: content{of: Items[outbox.Destination]{}, example: Items[outbox.Destination]{Items: []outbox.Destination{example}}},
			do: func(c *call) (answer, error) {
				all, err := a.Sending.Destinations(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/destinations", id: "createDestination", tag: "Alerts", need: auth.Administer, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict}, summary: "Make a destination", text: "An incoming webhook of Slack, Microsoft Teams or Discord, a webhook of another system, or mail addresses.",
			body: &content{of: outbox.DestinationDraft{}, text: "What the destination is.", example: outbox.DestinationDraft{Name: "#community-team", Channel: outbox.Slack, Address: "https://hooks.slack.com/services/T0/B0/x"}}, reply: content{of: outbox.Destination{}, example: example},
			do: func(c *call) (answer, error) {
				d, err := decode[outbox.DestinationDraft](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Sending.AddDestination(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodDelete, path: "/destinations/{id}", id: "removeDestination", tag: "Alerts", need: auth.Administer, params: []param{id}, status: http.StatusNoContent, summary: "Remove a destination", text: "What waits for it is not sent, and its address is forgotten.",
			do: func(c *call) (answer, error) {
				return answer{}, a.Sending.RemoveDestination(c.ctx(), c.integer("id"), c.by())
			},
		},
		{
			method: http.MethodPost, path: "/destinations/{id}/try", id: "tryDestination", tag: "Alerts", need: auth.Administer, params: []param{id}, status: http.StatusAccepted, summary: "Send a test to a destination", text: "Whether it arrived shows in the destination a moment later.",
			reply: content{of: DestinationTry{}, example: DestinationTry{"try ABCDEF"}},
			do: func(c *call) (answer, error) {
				key, err := a.Sending.TryDestination(c.ctx(), c.integer("id"), c.by())
				return given(DestinationTry{key}, err)
			},
		},
		{
			method: http.MethodGet, path: "/contact-rules", id: "getContactRules", tag: "Alerts", need: auth.Read, summary: "The rules on writing to members", text: "How often and when members are written to, over everything that writes to them.", reply: rules,
			do: func(c *call) (answer, error) { return given(a.Sending.Rules(c.ctx())) },
		},
		{
			method: http.MethodPut, path: "/contact-rules", id: "setContactRules", tag: "Alerts", need: auth.Administer, summary: "Set the rules on writing to members", text: "They hold for everything that has not gone out yet.", body: &content{of: consent.Rules{}, text: "The rules.", example: usual}, reply: rules,
			do: func(c *call) (answer, error) {
				r, err := decode[consent.Rules](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Sending.SetRules(c.ctx(), r, c.by()); err != nil {
					return answer{}, err
				}
				return given(a.Sending.Rules(c.ctx()))
			},
		},
	}
}
