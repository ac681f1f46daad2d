// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
)

// Employers is where members work and worked; member.Employers is it.
type Employers interface {
	Stints(ctx context.Context, member int64) ([]greenroom.Stint, error)
	FormerMembers(ctx context.Context, organization int64) ([]greenroom.Stint, error)
	Placements(ctx context.Context, member int64) ([]greenroom.Placement, error)
	Place(ctx context.Context, p greenroom.Placement, by string) (greenroom.Placement, error)
	Undo(ctx context.Context, id int64, by string) (greenroom.Placement, error)
}

// EmployerRequest says where a member works.
type EmployerRequest struct {
	Kind           greenroom.PlacementKind `json:"kind" doc:"moved = they moved to the organization on a day, and what was before stays; always = they were never with another; never = they were never with it; sources = as the sources say, whatever was said before."`
	OrganizationID int64                   `json:"organization_id,omitempty" doc:"The organization; 0 = none."`
	Since          string                  `json:"since,omitempty" doc:"Of moved: the first day, as 2026-03-01, in UTC."`
}

func exampleStint() greenroom.Stint {
	return greenroom.Stint{MemberID: 42, Member: "Ana Souza", OrganizationID: 7, Organization: "Globex", Since: exampleTime(1), Seen: exampleTime(1), Origin: greenroom.StintBusiness, Dated: greenroom.DatedRead}
}

func examplePlacement() greenroom.Placement {
	return greenroom.Placement{ID: 3, MemberID: 42, Kind: greenroom.PlacedMoved, OrganizationID: 7, Organization: "Globex", Since: exampleTime(1), By: "ana@acme.example", At: exampleTime(21)}
}

func (a *api) employerOps() []op {
	return []op{
		{
			method: http.MethodGet, path: "/members/{id}/organizations", id: "listMemberOrganizations", tag: "Members", need: auth.Read,
			summary: "Where a member worked",
			text:    "Of a member who has changed jobs, where they were when, the newest first; what they did counts for the organization of then. Empty for everybody else: all that they did counts for the organization that they are with.",
			params:  []param{idParam("The member's id.")},
			reply:   content{of: Items[greenroom.Stint]{}, example: Items[greenroom.Stint]{Items: []greenroom.Stint{exampleStint()}}},
			do: func(c *call) (answer, error) {
				m, err := a.Objects.Member(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				all, err := a.Employers.Stints(c.ctx(), m.ID)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/members/{id}/placements", id: "listMemberPlacements", tag: "Members", need: auth.Read,
			summary: "What was said of where a member works",
			text:    "What people of the team said, the newest first, also what was taken back.",
			params:  []param{idParam("The member's id.")},
			reply:   content{of: Items[greenroom.Placement]{}, example: Items[greenroom.Placement]{Items: []greenroom.Placement{examplePlacement()}}},
			do: func(c *call) (answer, error) {
				m, err := a.Objects.Member(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				all, err := a.Employers.Placements(c.ctx(), m.ID)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/members/{id}/placements", id: "placeMember", tag: "Members", need: auth.Write,
			summary: "Say where a member works",
			text:    "A move leaves what was before as it was; a correction holds for all time. Figures follow at once, and both can be undone.",
			params:  []param{idParam("The member's id.")}, repeatable: true,
			body:  &content{of: EmployerRequest{}, text: "What is so.", example: EmployerRequest{Kind: greenroom.PlacedMoved, OrganizationID: 7, Since: "2026-03-01"}},
			reply: content{of: greenroom.Placement{}, example: examplePlacement()},
			do:    a.placeMember,
		},
		{
			method: http.MethodPost, path: "/placements/{id}/undo", id: "undoPlacement", tag: "Members", need: auth.Write,
			summary: "Take back where a member works",
			text:    "Takes back a move or a correction.",
			params:  []param{idParam("The placement's id.")}, repeatable: true,
			reply: content{of: greenroom.Placement{}, text: "The placement, with undone_at.", example: examplePlacement()},
			do: func(c *call) (answer, error) {
				p, err := a.Employers.Undo(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(p)
			},
		},
		{
			method: http.MethodGet, path: "/organizations/{id}/former-members", id: "listFormerMembers", tag: "Organizations", need: auth.Read,
			summary: "Former members of an organization",
			text:    "Who was with the organization and is with it no more, those who left last first; 500 at most.",
			params:  []param{idParam("The organization's id.")},
			reply:   content{of: Items[greenroom.Stint]{}, example: Items[greenroom.Stint]{Items: []greenroom.Stint{exampleStint()}}},
			do: func(c *call) (answer, error) {
				o, err := a.Objects.Organization(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				all, err := a.Employers.FormerMembers(c.ctx(), o.ID)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}
}

func (a *api) placeMember(c *call) (answer, error) {
	body, err := decode[EmployerRequest](c)
	if err != nil {
		return answer{}, err
	}
	p := greenroom.Placement{MemberID: c.id(), Kind: body.Kind, OrganizationID: body.OrganizationID}
	if body.Since != "" {
		if p.Since, err = time.Parse(time.DateOnly, body.Since); err != nil {
			return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "since is a day such as 2026-03-01, not %q", body.Since)
		}
	}
	if p, err = a.Employers.Place(c.ctx(), p, c.by()); err != nil {
		return answer{}, err
	}
	return ok(p)
}
