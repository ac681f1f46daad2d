// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/organization"
)

// OrganizationMatches says which organizations may be one; organization.Service does it.
type OrganizationMatches interface {
	Matches(ctx context.Context, limit int) (organization.PairList, error)
	Apart(ctx context.Context, a, b int64, by string) (greenroom.OrganizationApart, error)
	UndoApart(ctx context.Context, id int64, by string) (greenroom.OrganizationApart, error)
	ListApart(ctx context.Context) ([]greenroom.OrganizationApart, error)
}

// OrganizationPair is two organizations that are not one.
type OrganizationPair struct {
	A int64 `json:"a" doc:"An organization."`
	B int64 `json:"b" doc:"Another one."`
}

func exampleApart() greenroom.OrganizationApart {
	return greenroom.OrganizationApart{ID: 4, A: 7, B: 19, By: "ana@acme.example", At: exampleTime(21)}
}

func (a *api) organizationMatchOps() []op {
	if a.OrganizationMatches == nil {
		return nil
	}
	example := organization.PairList{Total: 1, Items: []organization.Pair{{
		A:           organization.PairSide{ID: 7, Name: "Acme Inc.", Domains: []string{}, Sources: []string{"hubspot"}, Activities: 3},
		B:           organization.PairSide{ID: 17, Name: "acme.io", Domains: []string{"acme.io"}, Sources: []string{}, Activities: 120},
		Probability: .769, Evidence: []organization.PairReason{{Text: "the domain acme.io is named like Acme Inc.", Weight: 2.2}},
	}}}
	return []op{
		{
			method: http.MethodGet, path: "/organization-matches", id: "listOrganizationMatches", tag: "Organizations", need: auth.Read,
			summary: "Which organizations may be one", text: "Pairs of organizations with what speaks for and against their being one. None is merged by itself: POST /organizations/{id}/merge says that they are one, POST /organization-matches/apart that they are not.",
			params: []param{{name: "limit", form: formInteger, min: 1, max: 500, initial: "50", text: "How many at most.", example: "20"}},
			reply:  content{of: organization.PairList{}, example: example},
			do: func(c *call) (answer, error) {
				all, err := a.OrganizationMatches.Matches(c.ctx(), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				return ok(all)
			},
		},
		{
			method: http.MethodGet, path: "/organization-matches/apart", id: "listOrganizationsApart", tag: "Organizations", need: auth.Read,
			summary: "Which organizations are not one", text: "As people said, the newest first; they are not suggested.",
			reply: content{of: Items[greenroom.OrganizationApart]{}, example: Items[greenroom.OrganizationApart]{Items: []greenroom.OrganizationApart{exampleApart()}}},
			do: func(c *call) (answer, error) {
				all, err := a.OrganizationMatches.ListApart(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/organization-matches/apart", id: "keepOrganizationsApart", tag: "Organizations", need: auth.Write,
			summary: "Say that two organizations are not one", text: "They are not suggested again, until that is taken back.", repeatable: true, codes: []greenroom.Code{greenroom.CodeNotFound, greenroom.CodeConflict},
			body: &content{of: OrganizationPair{}, text: "The two.", example: OrganizationPair{A: 7, B: 19}}, reply: content{of: greenroom.OrganizationApart{}, example: exampleApart()},
			do: func(c *call) (answer, error) {
				p, err := decode[OrganizationPair](c)
				if err != nil {
					return answer{}, err
				}
				if p.A <= 0 || p.B <= 0 {
					return answer{}, wrong("a", "name two organizations in a and b")
				}
				said, err := a.OrganizationMatches.Apart(c.ctx(), p.A, p.B, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(said)
			},
		},
		{
			method: http.MethodPost, path: "/organization-matches/apart/{id}/undo", id: "undoOrganizationsApart", tag: "Organizations", need: auth.Write,
			summary: "Take back that two organizations are not one", text: "They are suggested again where something speaks for it.", repeatable: true, codes: []greenroom.Code{greenroom.CodeNotFound, greenroom.CodeConflict},
			params: []param{idParam("The number under which it was said.")}, reply: content{of: greenroom.OrganizationApart{}, example: exampleApart()},
			do: func(c *call) (answer, error) {
				said, err := a.OrganizationMatches.UndoApart(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(said)
			},
		},
	}
}
