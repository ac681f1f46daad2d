// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/business"
)

// Origins says what sources say of organizations, and has one count where they differ.
type Origins interface {
	OrganizationStanding(ctx context.Context, organization int64) (business.OrganizationOrigins, error)
	ChooseOrigin(ctx context.Context, organization int64, field, source, by string) error
}

// OriginChange says which source counts for a field.
type OriginChange struct {
	Field  string `json:"field" doc:"name, lifecycle, size, country, or field. and the name of a field, such as field.owner."`
	Source string `json:"source,omitempty" doc:"The source's name; left out, the newest telling counts."`
}

func (a *api) originOps() []op {
	if a.Origins == nil {
		return nil
	}
	profile := business.OrganizationProfile{
		SourceID: 3, Source: "hubspot", ExternalID: "9012", URL: "https://app.hubspot.com/contacts/1/record/0-2/9012", At: time.Date(2026, 11, 5, 9, 30, 0, 0, time.UTC),
		Name: "Acme", Lifecycle: "customer", Size: 250, Fields: map[string]string{"owner": "Kim"},
	}
	example := business.OrganizationOrigins{Profiles: []business.OrganizationProfile{profile}, Origins: business.Origins([]business.OrganizationProfile{profile}, nil)}
	reply := content{of: business.OrganizationOrigins{}, example: example}
	id := idParam("The organization's id.")
	return []op{
		{
			method: http.MethodGet, path: "/organizations/{id}/origins", id: "getOrganizationOrigins", tag: "Organizations", need: auth.Read, params: []param{id}, reply: reply,
			summary: "What sources say of an organization", text: "Companies of several systems are one organization where they share a domain, or their exact name. Here is what each says, and what counts where they differ: what the source says that somebody chose, else the newest telling.",
			do: a.standing,
		},
		{
			method: http.MethodPut, path: "/organizations/{id}/origins", id: "chooseOrganizationOrigin", tag: "Organizations", need: auth.Write, params: []param{id}, reply: reply,
			codes: []greenroom.Code{greenroom.CodeNotFound}, summary: "Choose which source counts", text: "For one field of one organization. It is kept when the sources are read again, and noted in the audit log.",
			body: &content{of: OriginChange{}, text: "The field and the source.", example: OriginChange{Field: "lifecycle", Source: "hubspot"}},
			do: func(c *call) (answer, error) {
				d, err := decode[OriginChange](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Origins.ChooseOrigin(c.ctx(), c.id(), d.Field, d.Source, c.by()); err != nil {
					return answer{}, err
				}
				return a.standing(c)
			},
		},
	}
}

func (a *api) standing(c *call) (answer, error) {
	st, err := a.Origins.OrganizationStanding(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	return ok(st)
}
