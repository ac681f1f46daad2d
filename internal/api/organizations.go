// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
)

// Organizations says of organizations that they are one; organization.Service does it.
type Organizations interface {
	Merge(ctx context.Context, kept, gone int64, reason, by string) (greenroom.OrganizationMerge, error)
	Undo(ctx context.Context, merge int64, by string) (greenroom.OrganizationMerge, error)
	Split(ctx context.Context, part int64, by string) (greenroom.OrganizationMerge, error)
	History(ctx context.Context, organization int64) ([]greenroom.OrganizationMerge, error)
	OrganizationFamily
}

// OrganizationFamily says which organizations are below which; organization.Service does it.
type OrganizationFamily interface {
	SetParent(ctx context.Context, organization, parent int64, by string) (greenroom.Organization, error)
	UndoParent(ctx context.Context, organization int64, by string) (greenroom.Organization, error)
	Parents(ctx context.Context, organization int64) ([]greenroom.OrganizationParent, error)
	Subsidiaries(ctx context.Context, organization int64) ([]greenroom.Organization, error)
}

// OrganizationParentRequest says below which organization another is.
type OrganizationParentRequest struct {
	ParentID int64 `json:"parent_id" doc:"The organization above; 0 = none."`
}

// OrganizationMergeRequest says which organization to merge.
type OrganizationMergeRequest struct {
	From   int64  `json:"from" doc:"The organization that is the same and becomes part of this one."`
	Reason string `json:"reason,omitempty" doc:"Why, kept with the merge for those who wonder later."`
}

func exampleMerge() greenroom.OrganizationMerge {
	return greenroom.OrganizationMerge{ID: 3, Gone: 17, GoneName: "acme.io", Kept: 7, KeptName: "Acme Inc.", Reason: "one company, two domains", By: "ana@acme.example", At: exampleTime(21)}
}

func (a *api) organizationOps() []op {
	if a.Organizations == nil {
		return nil
	}
	reply := content{of: greenroom.OrganizationMerge{}, example: exampleMerge()}
	undone := exampleMerge()
	undone.UndoneAt = exampleTime(22)
	takenBack := content{of: greenroom.OrganizationMerge{}, text: "The merge, with undone_at.", example: undone}
	return []op{
		{
			method: http.MethodPost, path: "/organizations/{id}/merge", id: "mergeOrganization", tag: "Organizations", need: auth.Write,
			summary: "Merge two organizations",
			text:    "Says that two organizations are one. People, records, domains and figures of `from` count for this one at once, also those that come later; its number leads here. Undoing it takes all of that apart again.",
			params:  []param{idParam("The organization to keep.")}, repeatable: true, codes: []greenroom.Code{greenroom.CodeNotFound, greenroom.CodeConflict},
			body: &content{of: OrganizationMergeRequest{}, text: "Which to merge into this one.", example: OrganizationMergeRequest{From: 17, Reason: "one company, two domains"}}, reply: reply,
			do: func(c *call) (answer, error) {
				req, err := decode[OrganizationMergeRequest](c)
				if err != nil {
					return answer{}, err
				}
				if req.From <= 0 {
					return answer{}, wrong("from", "say in from which organization to merge into this one")
				}
				m, err := a.Organizations.Merge(c.ctx(), c.id(), req.From, req.Reason, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(m)
			},
		},
		{
			method: http.MethodPost, path: "/organizations/{id}/split", id: "splitOrganization", tag: "Organizations", need: auth.Write,
			summary: "Take an organization out of another", text: "Undoes the merge by which an organization became part of another, with all that was merged into it before.",
			params: []param{idParam("The organization that is part of another, by its own number.")}, repeatable: true, codes: []greenroom.Code{greenroom.CodeNotFound, greenroom.CodeConflict}, reply: takenBack,
			do: func(c *call) (answer, error) {
				m, err := a.Organizations.Split(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(m)
			},
		},
		{
			method: http.MethodGet, path: "/organizations/{id}/merges", id: "listOrganizationMerges", tag: "Organizations", need: auth.Read,
			summary: "Merges of an organization", text: "Who said that the organization and others are one, the newest first, also what was taken back.",
			params: []param{idParam("The organization's id.")}, reply: content{of: Items[greenroom.OrganizationMerge]{}, example: Items[greenroom.OrganizationMerge]{Items: []greenroom.OrganizationMerge{exampleMerge()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Organizations.History(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPut, path: "/organizations/{id}/parent", id: "setOrganizationParent", tag: "Organizations", need: auth.Write,
			summary: "Say below which organization another is", text: "A subsidiary stays an organization of its own; group:NAME in queries means an organization and all below it.",
			params: []param{idParam("The organization below.")}, codes: []greenroom.Code{greenroom.CodeNotFound, greenroom.CodeConflict},
			body: &content{of: OrganizationParentRequest{}, text: "The organization above.", example: OrganizationParentRequest{ParentID: 7}}, reply: content{of: greenroom.Organization{}, example: exampleOrganization()},
			do: func(c *call) (answer, error) {
				req, err := decode[OrganizationParentRequest](c)
				if err != nil {
					return answer{}, err
				}
				if req.ParentID < 0 {
					return answer{}, wrong("parent_id", "give the number of the organization above, or 0 for none")
				}
				o, err := a.Organizations.SetParent(c.ctx(), c.id(), req.ParentID, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(o)
			},
		},
		{
			method: http.MethodDelete, path: "/organizations/{id}/parent", id: "undoOrganizationParent", tag: "Organizations", need: auth.Write,
			summary: "Take back what people said an organization is below", text: "What sources tell counts again; where none tells anything it is below none.",
			params: []param{idParam("The organization below.")}, codes: []greenroom.Code{greenroom.CodeNotFound, greenroom.CodeConflict}, reply: content{of: greenroom.Organization{}, example: exampleOrganization()},
			do: func(c *call) (answer, error) {
				o, err := a.Organizations.UndoParent(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(o)
			},
		},
		{
			method: http.MethodGet, path: "/organizations/{id}/parents", id: "listOrganizationParents", tag: "Organizations", need: auth.Read,
			summary: "Who says what an organization is below", text: "What a person said, and what each source tells, with what counts: a person's word before a source's. A source's parent_id is 0 where it has not told of that organization.",
			params: []param{idParam("The organization's id.")},
			reply: content{of: Items[greenroom.OrganizationParent]{}, example: Items[greenroom.OrganizationParent]{Items: []greenroom.OrganizationParent{
				{ParentID: 7, Parent: "Acme Inc.", Source: "hubspot", ExternalID: "9158723", At: exampleTime(21), Counts: true},
			}}},
			do: func(c *call) (answer, error) {
				all, err := a.Organizations.Parents(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/organizations/{id}/subsidiaries", id: "listSubsidiaries", tag: "Organizations", need: auth.Read,
			summary: "Organizations right below one", text: "By name.", params: []param{idParam("The organization's id.")},
			reply: content{of: Items[greenroom.Organization]{}, example: Items[greenroom.Organization]{Items: []greenroom.Organization{exampleOrganization()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Organizations.Subsidiaries(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/organization-merges/{id}/undo", id: "undoOrganizationMerge", tag: "Organizations", need: auth.Write,
			summary: "Undo a merge of organizations", text: "Both stand for themselves again, each with what was told of it, also since.",
			params: []param{idParam("The merge's id, as merging and the list of merges give it.")}, repeatable: true, codes: []greenroom.Code{greenroom.CodeNotFound, greenroom.CodeConflict}, reply: takenBack,
			do: func(c *call) (answer, error) {
				m, err := a.Organizations.Undo(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(m)
			},
		},
	}
}
