// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/member"
)

// Items is a list that comes whole.
type Items[T any] struct {
	Items []T `json:"items" doc:"All of them."`
}

// itemsOf answers with a list that comes whole.
func itemsOf[T any](all []T) (answer, error) {
	if all == nil {
		all = []T{}
	}
	return ok(Items[T]{Items: all})
}

// MemberPatch is what to set of a member by hand.
type MemberPatch struct {
	Name           *string           `json:"name,omitempty" doc:"The name to show. Empty: as the sources say."`
	Staff          *bool             `json:"staff,omitempty" doc:"One of the team: left out of community figures."`
	Bot            *bool             `json:"bot,omitempty" doc:"Not a person: left out of community figures."`
	Hidden         *bool             `json:"hidden,omitempty" doc:"Left out of lists and figures."`
	OrganizationID *int64            `json:"organization_id,omitempty" doc:"The organization; 0 = none, -1 = as the sources say."`
	Country        *string           `json:"country,omitempty" doc:"Two-letter code (ISO 3166-1), such as PT. Empty: none."`
	AddTags        []string          `json:"add_tags,omitempty" doc:"Tags to put on."`
	RemoveTags     []string          `json:"remove_tags,omitempty" doc:"Tags to take off."`
	Fields         map[string]string `json:"fields,omitempty" doc:"Custom fields to set, by name; an empty value removes the field. Others stay."`
}

func (p *MemberPatch) empty() bool {
	return p.Name == nil && p.Staff == nil && p.Bot == nil && p.Hidden == nil && p.OrganizationID == nil && p.Country == nil &&
		len(p.AddTags) == 0 && len(p.RemoveTags) == 0 && len(p.Fields) == 0
}

// MergeRequest says whom to merge.
type MergeRequest struct {
	From   int64  `json:"from" doc:"The member who is the same person and whose accounts come over."`
	Reason string `json:"reason,omitempty" doc:"Why, kept with the decision for those who wonder later."`
}

// SplitRequest says what to split off.
type SplitRequest struct {
	Identities []int64 `json:"identities" doc:"The ids of the accounts that are somebody else's. At least one account has to stay."`
	Reason     string  `json:"reason,omitempty" doc:"Why, kept with the decision for those who wonder later."`
}

// Changed is what a merge or a split has come to.
type Changed struct {
	Decision int64             `json:"decision" doc:"The decision; POST /decisions/{id}/undo takes it back."`
	Member   greenroom.Member  `json:"member" doc:"The member that was merged into or split, as it is now."`
	Split    *greenroom.Member `json:"split,omitempty" doc:"After a split: the member that was split off."`
}

func (a *api) memberOps() []op {
	return []op{
		{
			method: http.MethodGet, path: "/members/{id}", id: "getMember", tag: "Members", need: auth.Read,
			summary: "A member",
			text:    "One member. The id of a member who was merged into another gives that other, and the header Content-Location says where it is.",
			params:  []param{idParam("The member's id.")},
			reply:   content{of: greenroom.Member{}, example: exampleMember()},
			do:      a.getMember,
		},
		{
			method: http.MethodGet, path: "/members/{id}/identities", id: "listMemberIdentities", tag: "Members", need: auth.Read,
			summary: "The accounts of a member",
			text:    "Every account that belongs to the member, with its profile and why it belongs there.",
			params:  []param{idParam("The member's id.")},
			reply:   content{of: Items[greenroom.Identity]{}, example: Items[greenroom.Identity]{Items: []greenroom.Identity{exampleIdentity()}}},
			do:      a.identities,
		},
		{
			method: http.MethodGet, path: "/members/{id}/history", id: "listMemberHistory", tag: "Members", need: auth.Read,
			summary: "Merges and splits of a member",
			text:    "The decisions that made the member what it is, the newest first, those of rules as well as those of people.",
			params:  []param{idParam("The member's id.")},
			reply:   content{of: Items[greenroom.Decision]{}, example: Items[greenroom.Decision]{Items: []greenroom.Decision{exampleDecision()}}},
			do:      a.history,
		},
		{
			method: http.MethodPatch, path: "/members/{id}", id: "changeMember", tag: "Members", need: auth.Write,
			summary: "Change a member",
			text:    "Sets by hand what the sources do not say. Fields that are not sent stay as they are. With If-Match, only while the member is the one you have seen.",
			params:  []param{idParam("The member's id.")}, conditional: true, codes: []greenroom.Code{greenroom.CodeConflict},
			body:  &content{of: MemberPatch{}, text: "What to change.", example: object{"add_tags": []string{"champion"}, "country": "PT"}},
			reply: content{of: greenroom.Member{}, text: "The member as it is now.", example: exampleMember()},
			do:    a.changeMember,
		},
		{
			method: http.MethodPost, path: "/members/{id}/merge", id: "mergeMember", tag: "Members", need: auth.Write,
			summary: "Merge two members",
			text:    "Makes two members one person: the accounts of `from` come over to this member. Nothing is lost, figures follow at once, and the decision can be undone.",
			params:  []param{idParam("The member to keep.")}, repeatable: true,
			body:  &content{of: MergeRequest{}, text: "Whom to merge into this member.", example: MergeRequest{From: 17, Reason: "same person, told us in chat"}},
			reply: content{of: Changed{}, example: Changed{Decision: 5, Member: exampleMember()}},
			do:    a.merge,
		},
		{
			method: http.MethodPost, path: "/members/{id}/split", id: "splitMember", tag: "Members", need: auth.Write,
			summary: "Split a member",
			text:    "Makes some of a member's accounts a member of their own, and keeps the two apart from then on, whatever later imports say. The decision can be undone.",
			params:  []param{idParam("The member to split.")}, repeatable: true,
			body:  &content{of: SplitRequest{}, text: "Which accounts are somebody else's.", example: SplitRequest{Identities: []int64{88}, Reason: "brothers"}},
			reply: content{of: Changed{}, example: Changed{Decision: 6, Member: exampleMember()}},
			do:    a.split,
		},
		{
			method: http.MethodPost, path: "/decisions/{id}/undo", id: "undoDecision", tag: "Members", need: auth.Write,
			summary: "Undo a merge or a split",
			text:    "Takes a decision back. A merge that a rule made and that is undone is not made again.",
			params:  []param{idParam("The decision's id, as merge, split and history give it.")}, repeatable: true,
			reply: content{of: greenroom.Decision{}, text: "The decision, with undone_at.", example: exampleDecision()},
			do: func(c *call) (answer, error) {
				d, err := a.Members.Undo(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				if d.Identities == nil {
					d.Identities = []int64{}
				}
				return ok(d)
			},
		},
	}
}

func (a *api) getMember(c *call) (answer, error) {
	m, err := a.Objects.Member(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	ans := answer{body: m}
	if m.ID != c.id() {
		ans.header = http.Header{"Content-Location": {address("members", number(m.ID))}}
	}
	return ans, nil
}

func (a *api) identities(c *call) (answer, error) {
	m, err := a.Objects.Member(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	all, err := a.Objects.MemberIdentities(c.ctx(), m.ID)
	if err != nil {
		return answer{}, err
	}
	for i := range all {
		if all[i].Emails == nil {
			all[i].Emails = []greenroom.Email{}
		}
	}
	return itemsOf(all)
}

func (a *api) history(c *call) (answer, error) {
	m, err := a.Objects.Member(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	all, err := a.Members.History(c.ctx(), m.ID)
	if err != nil {
		return answer{}, err
	}
	for i := range all {
		if all[i].Identities == nil {
			all[i].Identities = []int64{}
		}
	}
	return itemsOf(all)
}

func (a *api) changeMember(c *call) (answer, error) {
	patch, err := decode[MemberPatch](c)
	if err != nil {
		return answer{}, err
	}
	if patch.empty() {
		return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "the body names nothing to change")
	}
	edit := member.Edit{
		Name: patch.Name, Staff: patch.Staff, Bot: patch.Bot, Hidden: patch.Hidden, OrganizationID: patch.OrganizationID, Country: patch.Country,
		AddTags: patch.AddTags, RemoveTags: patch.RemoveTags, Fields: patch.Fields,
	}
	return change(a, c, a.Objects.Member, func() error {
		if id := patch.OrganizationID; id != nil && *id > 0 {
			if _, err := a.Objects.Organization(c.ctx(), *id); err != nil {
				return asInvalid(err)
			}
		}
		return a.Members.Edit(c.ctx(), c.id(), edit, c.by())
	})
}

// change makes a change to an object, if it is still the one that the caller has seen, and answers with what it is then.
func change[T any](a *api, c *call, read func(context.Context, int64) (T, error), write func() error) (answer, error) {
	a.editing.Lock()
	defer a.editing.Unlock()
	if err := unchanged(c, read); err != nil {
		return answer{}, err
	}
	if err := write(); err != nil {
		return answer{}, err
	}
	now, err := read(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	return ok(now)
}

// asInvalid is for what a body names and is not there: the address itself was right.
func asInvalid(err error) error {
	if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return err
	}
	return &greenroom.Error{Code: greenroom.CodeInvalid, Message: greenroom.ErrorMessage(err), Err: err}
}

func (a *api) merge(c *call) (answer, error) {
	req, err := decode[MergeRequest](c)
	if err != nil {
		return answer{}, err
	}
	if req.From <= 0 {
		return answer{}, wrong("from", "say in from which member to merge into this one")
	}
	id, err := a.Members.Merge(c.ctx(), c.id(), req.From, req.Reason, c.by())
	if err != nil {
		return answer{}, err
	}
	m, err := a.Objects.Member(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	return ok(Changed{Decision: id, Member: m})
}

func (a *api) split(c *call) (answer, error) {
	req, err := decode[SplitRequest](c)
	if err != nil {
		return answer{}, err
	}
	id, created, err := a.Members.Split(c.ctx(), c.id(), req.Identities, req.Reason, c.by())
	if err != nil {
		return answer{}, err
	}
	done := Changed{Decision: id, Split: new(greenroom.Member)}
	if done.Member, err = a.Objects.Member(c.ctx(), c.id()); err != nil {
		return answer{}, err
	}
	if *done.Split, err = a.Objects.Member(c.ctx(), created); err != nil {
		return answer{}, err
	}
	return ok(done)
}
