// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/enrichment"
)

// Enrichment looks members up at an outside service; enrichment.Service does.
type Enrichment interface {
	Status(ctx context.Context) (enrichment.Status, error)
	Save(ctx context.Context, set enrichment.Settings, key *string) error
	Lookups(ctx context.Context, member int64, limit int) ([]enrichment.Lookup, error)
	LookUp(ctx context.Context, member int64, by string) (enrichment.Lookup, error)
	Said(ctx context.Context, after int64, limit int) ([]enrichment.Told, error)
	Forget(ctx context.Context) (int, error)
}

// EnrichmentChange is new settings of lookups.
type EnrichmentChange struct {
	Settings enrichment.Settings `json:"settings" doc:"All of them."`
	Key      *string             `json:"key,omitempty" doc:"A new key; left out, the one that is there stays, unless the address leads to another host."`
}

// Forgotten says of how many accounts something was taken away.
type Forgotten struct {
	Accounts int `json:"accounts" doc:"Accounts of which an outside service had said something."`
}

func (a *api) enrichmentOps() []op {
	if a.Enrichment == nil {
		return nil
	}
	status := enrichment.Status{
		Settings: enrichment.Settings{On: true, Name: "registry", Address: "https://lookup.acme.example/person", Consent: "tag:lookup-ok", Month: 200},
		HasKey:   true, Since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Used: 12, Accounts: 7,
	}
	one := enrichment.Lookup{ID: 12, At: time.Date(2026, 11, 5, 9, 30, 0, 0, time.UTC), Member: 12, Provider: "registry", By: "ana@acme.example", Addresses: 1, Links: 2, Outcome: enrichment.Found, Fields: []string{"country", "role"}}
	told := enrichment.Told{Account: 31, Member: 12, Name: "Ana Torres", Provider: "registry", At: one.At, Fields: []enrichment.Saying{{Field: "country", Value: "PT", Words: "Lisboa"}}}
	return []op{
		{
			method: http.MethodGet, path: "/enrichment", id: "getEnrichment", tag: "Members", need: auth.Read,
			summary: "How lookups at an outside service stand", text: "Settings, without the key, and how many lookups this month has had. Lookups are off until an owner turns them on.",
			reply: content{of: enrichment.Status{}, example: status}, do: a.enrichmentStatus,
		},
		{
			method: http.MethodPut, path: "/enrichment/settings", id: "setEnrichment", tag: "Members", need: auth.Administer,
			summary: "Connect an outside service", text: "All settings at once. Only members whom the query of consent fits are looked up, within the month's lookups.",
			body: &content{of: EnrichmentChange{}, text: "The settings.", example: EnrichmentChange{Settings: status.Settings}}, reply: content{of: enrichment.Status{}, example: status},
			do: func(c *call) (answer, error) {
				ch, err := decode[EnrichmentChange](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Enrichment.Save(c.ctx(), ch.Settings, ch.Key); err != nil {
					return answer{}, err
				}
				return a.enrichmentStatus(c)
			},
		},
		{
			method: http.MethodGet, path: "/enrichment/lookups", id: "listLookups", tag: "Members", need: auth.Read,
			summary: "Whom an outside service was asked about", text: "The last 200 lookups, the newest first, also those that failed.", reply: content{of: Items[enrichment.Lookup]{}, example: Items[enrichment.Lookup]{Items: []enrichment.Lookup{one}}},
			do: func(c *call) (answer, error) {
				all, err := a.Enrichment.Lookups(c.ctx(), 0, 200)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/members/{id}/lookup", id: "lookUpMember", tag: "Members", need: auth.Write, timeout: actionTimeout,
			codes:   []greenroom.Code{greenroom.CodeConflict, greenroom.CodeForbidden, greenroom.CodeLimited, greenroom.CodeUnavailable},
			summary: "Look a member up", text: "Sends the member's mail addresses and profile links to the outside service, if they agreed, and fills the fields that nothing else fills.",
			params: []param{idParam("The member's id.")}, reply: content{of: enrichment.Lookup{}, example: one},
			do: func(c *call) (answer, error) {
				l, err := a.Enrichment.LookUp(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(l)
			},
		},
		{
			method: http.MethodGet, path: "/enrichment/findings", id: "listFindings", tag: "Members", need: auth.Read,
			summary: "What outside services said", text: "What is kept, by account, 200 accounts at a time.",
			params: []param{{name: "after", form: formInteger, text: "The account after which the list goes on; without it, it begins.", example: "812"}},
			reply:  content{of: Items[enrichment.Told]{}, example: Items[enrichment.Told]{Items: []enrichment.Told{told}}},
			do: func(c *call) (answer, error) {
				all, err := a.Enrichment.Said(c.ctx(), c.integer("after"), 200)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodDelete, path: "/enrichment/findings", id: "forgetFindings", tag: "Members", need: auth.Administer,
			summary: "Forget what outside services said", text: "Takes every field away that came from an outside service. The log of lookups stays.", reply: content{of: Forgotten{}, example: Forgotten{7}},
			do: func(c *call) (answer, error) {
				n, err := a.Enrichment.Forget(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(Forgotten{n})
			},
		},
	}
}

func (a *api) enrichmentStatus(c *call) (answer, error) {
	st, err := a.Enrichment.Status(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return ok(st)
}
