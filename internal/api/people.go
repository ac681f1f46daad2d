// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/auth"
)

// Person is somebody of the team who may sign in.
type Person struct {
	ID          int64     `json:"id" doc:"The person's id."`
	Email       string    `json:"email" doc:"The address, in lower case."`
	Name        string    `json:"name" doc:"The name to show; can be empty."`
	Role        auth.Role `json:"role" doc:"What the person is in the team."`
	Disabled    bool      `json:"disabled" doc:"May not sign in; kept for what the audit log says of them."`
	HasPassword bool      `json:"has_password" doc:"Signs in with a password; otherwise by links only."`
	CreatedAt   time.Time `json:"created_at" doc:"When the person was added."`
	LastSeen    time.Time `json:"last_seen,omitzero" doc:"When the person was last here, within an hour; left out for never."`
}

// PersonPatch is what to change of a person.
type PersonPatch struct {
	Role     *auth.Role `json:"role,omitempty" doc:"The new role; it counts from the person's next request on."`
	Disabled *bool      `json:"disabled,omitempty" doc:"true: ends their sessions and keeps them from signing in. false: lets them in again."`
}

// NewLink is a link to hand out.
type NewLink struct {
	Path      string    `json:"path" doc:"The link's path on this server. Whoever has it can use it, so send it to that person only."`
	ExpiresAt time.Time `json:"expires_at" doc:"When it stops working."`
}

// Invitation is a link that was handed out and is open.
type Invitation struct {
	ID        string        `json:"id" doc:"Names the invitation; it opens nothing."`
	Kind      auth.LinkKind `json:"kind" doc:"What following the link does: makes the first person, somebody who was invited, lets a person in again, or opens the sample."`
	Email     string        `json:"email" doc:"For whom; empty for the first person."`
	Role      auth.Role     `json:"role" doc:"The role that the person gets or has."`
	By        string        `json:"by" doc:"Who made it."`
	CreatedAt time.Time     `json:"created_at" doc:"When it was made."`
	ExpiresAt time.Time     `json:"expires_at" doc:"When it stops working."`
}

// InvitationRequest says whom to invite.
type InvitationRequest struct {
	Email string    `json:"email" doc:"The address of who is to join. No mail is sent: hand out the link."`
	Role  auth.Role `json:"role" doc:"The role to give."`
}

func (a *api) peopleOps() []op {
	person := []param{idParam("The person's id.")}
	link := NewLink{Path: "/join/Zk3Vv0b…", ExpiresAt: exampleTime(29)}
	return []op{
		{
			method: http.MethodGet, path: "/people", id: "listPeople", tag: "Access", need: auth.Administer,
			summary: "Who may sign in", text: "Everybody of the team, by address, also those who are disabled.",
			reply: content{of: Items[Person]{}, example: Items[Person]{Items: []Person{examplePerson()}}},
			do: func(c *call) (answer, error) {
				users, err := a.People.Users(c.ctx(), c.caller)
				if err != nil {
					return answer{}, err
				}
				all := make([]Person, len(users))
				for i := range users {
					all[i] = personOf(&users[i])
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPatch, path: "/people/{id}", id: "changePerson", tag: "Access", need: auth.Administer,
			summary: "Change a person", text: "Gives another role, disables, or enables again. One owner always has to be left.",
			params: person, codes: []greenroom.Code{greenroom.CodeConflict},
			body:  &content{of: PersonPatch{}, text: "What to change.", example: object{"role": "manager"}},
			reply: content{of: Person{}, text: "The person as they are now.", example: examplePerson()},
			do:    a.changePerson,
		},
		{
			method: http.MethodPost, path: "/people/{id}/link", id: "makeLink", tag: "Access", need: auth.Administer,
			summary: "Make a link for somebody who cannot sign in",
			text:    "A link by which a person signs in once and may set a new password. It works for 24 hours.",
			params:  person, status: http.StatusCreated, secret: true, codes: []greenroom.Code{greenroom.CodeConflict},
			reply: content{of: NewLink{}, example: link},
			do: func(c *call) (answer, error) {
				l, err := a.People.LinkFor(c.ctx(), c.caller, c.id())
				return linkOf(l), err
			},
		},
		{
			method: http.MethodGet, path: "/invitations", id: "listInvitations", tag: "Access", need: auth.Administer,
			summary: "Open invitations", text: "Links that were handed out and still work, the newest first. Their secret is not shown again.",
			reply: content{of: Items[Invitation]{}, example: Items[Invitation]{Items: []Invitation{exampleInvitation()}}},
			do:    a.invitations,
		},
		{
			method: http.MethodPost, path: "/invitations", id: "invite", tag: "Access", need: auth.Administer,
			summary: "Invite somebody", text: "Makes a link by which somebody joins the team. It works once, for 7 days; an earlier one for the same address stops working.",
			status: http.StatusCreated, secret: true, codes: []greenroom.Code{greenroom.CodeConflict},
			body:  &content{of: InvitationRequest{}, text: "Whom to invite.", example: InvitationRequest{Email: "ben@acme.example", Role: auth.RoleContributor}},
			reply: content{of: NewLink{}, example: link},
			do: func(c *call) (answer, error) {
				req, err := decode[InvitationRequest](c)
				if err != nil {
					return answer{}, err
				}
				l, err := a.People.Invite(c.ctx(), c.caller, req.Email, req.Role)
				return linkOf(l), err
			},
		},
		{
			method: http.MethodDelete, path: "/invitations/{id}", id: "revokeInvitation", tag: "Access", need: auth.Administer,
			summary: "Close an invitation", text: "The link stops working.",
			params: []param{nameParam("id", "The invitation's id.", exampleInvitation().ID)}, status: http.StatusNoContent, reply: content{text: "It is closed."},
			do: func(c *call) (answer, error) {
				return answer{}, a.People.RevokeInvitation(c.ctx(), c.caller, c.text("id"))
			},
		},
	}
}

func personOf(u *auth.User) Person {
	return Person{
		ID: u.ID, Email: u.Email, Name: u.Name, Role: u.Role, Disabled: u.Disabled, HasPassword: u.HasPassword,
		CreatedAt: u.CreatedAt, LastSeen: u.LastSeen,
	}
}

func linkOf(l auth.Link) answer {
	return answer{body: NewLink{Path: l.Path(), ExpiresAt: l.ExpiresAt}, header: http.Header{"Location": {address("invitations")}}}
}

func (a *api) changePerson(c *call) (answer, error) {
	patch, err := decode[PersonPatch](c)
	if err != nil {
		return answer{}, err
	}
	if patch.Role == nil && patch.Disabled == nil {
		return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "the body names nothing to change")
	}
	var u auth.User
	if patch.Role != nil {
		if _, err := auth.ParseRole(string(*patch.Role)); err != nil {
			return answer{}, err
		}
		if u, err = a.People.SetRole(c.ctx(), c.caller, c.id(), *patch.Role); err != nil {
			return answer{}, err
		}
	}
	if patch.Disabled != nil {
		if u, err = a.People.SetDisabled(c.ctx(), c.caller, c.id(), *patch.Disabled); err != nil {
			return answer{}, err
		}
	}
	return ok(personOf(&u))
}

func (a *api) invitations(c *call) (answer, error) {
	open, err := a.People.Invitations(c.ctx(), c.caller)
	if err != nil {
		return answer{}, err
	}
	all := make([]Invitation, len(open))
	for i, v := range open {
		all[i] = Invitation{ID: v.ID, Kind: v.Kind, Email: v.Email, Role: v.Role, By: v.Actor, CreatedAt: v.CreatedAt, ExpiresAt: v.ExpiresAt}
	}
	return itemsOf(all)
}

// number is an id in an address.
func number(id int64) string { return strconv.FormatInt(id, 10) }
