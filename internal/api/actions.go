// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/auth"
	"greenroom/internal/writeback"
)

// Actions is the log of what Greenroom does to other systems, and makes actions that write back.
type Actions interface {
	Actions(ctx context.Context, source string, below int64, limit int) ([]action.Action, error)
	Action(ctx context.Context, id int64) (action.Action, error)
	ActionItems(ctx context.Context, id int64, state action.ItemState, after int64, limit int) ([]action.Item, error)
	ApproveAction(ctx context.Context, id int64, by string) error
	CancelAction(ctx context.Context, id int64) error
	WriteBack
	AccountWriteBack
}

// WriteBack writes members to CRMs.
type WriteBack interface {
	Properties(ctx context.Context, source string) ([]connector.Property, error)
	Preview(ctx context.Context, r *writeback.Request) (*writeback.Preview, error)
	Send(ctx context.Context, r *writeback.Request, key, by string, approved bool) (action.Action, error)
}

// WriteBackRequest is what is to be written.
type WriteBackRequest struct {
	Source string            `json:"source" doc:"The source whose contacts are written, by its name."`
	Query  string            `json:"query,omitempty" doc:"Over members; those of them who have a contact in the source are written."`
	Set    map[string]string `json:"set" doc:"What is written: a field of members by the name of the property that takes it. Fields are last_active, first_active, activities, activities_30d, platforms, channels, tags, segments, member_link, member_id, name, organization, and field:NAME for custom fields."`
	Note   bool              `json:"note,omitempty" doc:"Put a note beside each contact that changes."`
	Link   string            `json:"link,omitempty" doc:"The address of this Greenroom, for links to members."`
}

func (r *WriteBackRequest) request() *writeback.Request {
	return &writeback.Request{Source: r.Source, Query: r.Query, Set: r.Set, Note: r.Note, Link: r.Link}
}

// NewAction is a request for an action.
type NewAction struct {
	WriteBackRequest

	Key     string `json:"key,omitempty" doc:"A text of your own that stands for this intent. Asking again with it gives the action that is there, so that nothing is sent twice."`
	Approve bool   `json:"approve,omitempty" doc:"Carry it out at once. Otherwise it waits until somebody approves it."`
}

const (
	actionTimeout = 2 * time.Minute
	maxActions    = 100
	maxItemsPage  = 500
)

func (a *api) actionOps() []op {
	if a.Actions == nil {
		return nil
	}
	id := idParam("The action's id.")
	request := WriteBackRequest{Source: "hubspot", Query: "last_active:<30d -is:staff", Set: map[string]string{"community_last_active": "last_active"}}
	act := content{of: action.Action{}, example: exampleAction()}
	return append([]op{
		{
			method: http.MethodGet, path: "/actions", id: "listActions", tag: "Actions", need: auth.Connect,
			summary: "What was done to other systems",
			text:    "Actions with their states and counts, the newest first. For the next page give the last id as `below`.",
			params: []param{
				{name: "source", form: formText, text: "Only those of a source, by its name.", example: "hubspot"},
				{name: "below", form: formInteger, min: 1, text: "Only those with a lower id.", example: "120"},
				{name: "limit", form: formInteger, min: 1, max: maxActions, initial: "50", text: "How many at most.", example: "20"},
			},
			reply: content{of: Items[action.Action]{}, example: Items[action.Action]{Items: []action.Action{exampleAction()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Actions.Actions(c.ctx(), c.text("source"), c.integer("below"), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/actions/{id}", id: "getAction", tag: "Actions", need: auth.Connect,
			summary: "One action", text: "How far it is, and its counts.", params: []param{id}, reply: act,
			do: func(c *call) (answer, error) { return a.action(c, c.id()) },
		},
		{
			method: http.MethodGet, path: "/actions/{id}/items", id: "listActionItems", tag: "Actions", need: auth.Connect,
			summary: "What became of each item",
			text:    "Items in the order in which they are carried out, with what was there before and what is there after. For the next page give the last `seq` as `after`.",
			params: []param{
				id,
				{name: "state", form: formText, choices: []string{"waits", "sent", "done", "unchanged", "failed"}, text: "Only items in this state.", example: "failed"},
				{name: "after", form: formInteger, text: "Only items with a higher seq.", example: "100"},
				{name: "limit", form: formInteger, min: 1, max: maxItemsPage, initial: "100", text: "How many at most.", example: "100"},
			},
			reply: content{of: Items[action.Item]{}, example: Items[action.Item]{Items: []action.Item{{
				Seq: 1, Target: "500001", MemberID: 42, Name: "Ana", Before: map[string]string{"community_last_active": ""}, After: map[string]string{"community_last_active": "2026-11-20T10:00:00Z"}, State: action.ItemDone, At: exampleAction().CreatedAt,
			}}}},
			do: func(c *call) (answer, error) {
				if _, err := a.Actions.Action(c.ctx(), c.id()); err != nil {
					return answer{}, err
				}
				all, err := a.Actions.ActionItems(c.ctx(), c.id(), action.ItemState(c.text("state")), c.integer("after"), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}, slices.Concat(a.writeBackOps(id, &request, act), a.accountActionOps(act), a.accountTaskOps(act))...)
}

func (a *api) writeBackOps(id param, request *WriteBackRequest, act content) []op {
	property := connector.Property{Name: "community_last_active", Label: "Community: last active", Type: connector.PropertyTime, Custom: true}
	return []op{
		{
			method: http.MethodGet, path: "/sources/{name}/properties", id: "listProperties", tag: "Actions", need: auth.Connect, timeout: actionTimeout,
			summary: "What can be written to a source's contacts",
			text:    "Asks the platform which properties of contacts take a text, a number or a time.",
			params:  []param{nameParam("name", "The source's name.", "hubspot")},
			reply:   content{of: Items[connector.Property]{}, example: Items[connector.Property]{Items: []connector.Property{property}}},
			do: func(c *call) (answer, error) {
				all, err := a.Actions.Properties(c.ctx(), c.text("name"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/action-preview", id: "previewAction", tag: "Actions", need: auth.Connect, timeout: actionTimeout,
			summary: "See what would be written",
			text:    "Reads what contacts have and says what would change. Nothing is sent. At most 1,000 contacts are compared; `more` says that there are others.",
			body:    &content{of: WriteBackRequest{}, text: "What is to be written.", example: *request},
			reply: content{of: writeback.Preview{}, example: writeback.Preview{
				Members: 120, NoContact: 80, Contacts: 40, Change: 1, Unchanged: 39, Mapping: []writeback.Mapping{{Field: "last_active", Property: property}},
				Rows: []writeback.Row{{Contact: "500001", MemberID: 42, Name: "Ana", Before: map[string]string{property.Name: ""}, After: map[string]string{property.Name: "2026-11-20T10:00:00Z"}}},
			}},
			do: func(c *call) (answer, error) {
				r, err := decode[WriteBackRequest](c)
				if err != nil {
					return answer{}, err
				}
				p, err := a.Actions.Preview(c.ctx(), r.request())
				if err != nil {
					return answer{}, err
				}
				return ok(p)
			},
		},
		{
			method: http.MethodPost, path: "/actions", id: "createAction", tag: "Actions", need: auth.Connect, timeout: actionTimeout, repeatable: true, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Write members back",
			text:    "Makes an action with an item for each contact, with the values of this moment. With `approve` it is carried out at once, in the background; otherwise it waits for approval.",
			body:    &content{of: NewAction{}, text: "What is to be written.", example: NewAction{WriteBackRequest: *request, Key: "weekly-2026-47", Approve: true}},
			reply:   act,
			do: func(c *call) (answer, error) {
				r, err := decode[NewAction](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Actions.Send(c.ctx(), r.request(), r.Key, c.by(), r.Approve)
				if err != nil {
					return answer{}, err
				}
				return ok(made)
			},
		},
		{
			method: http.MethodPost, path: "/actions/{id}/approve", id: "approveAction", tag: "Actions", need: auth.Connect, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Approve an action", text: "Carries out one that waits for approval, or lets one that failed go on.", params: []param{id}, reply: act,
			do: func(c *call) (answer, error) {
				if err := a.Actions.ApproveAction(c.ctx(), c.id(), c.by()); err != nil {
					return answer{}, err
				}
				return a.action(c, c.id())
			},
		},
		{
			method: http.MethodPost, path: "/actions/{id}/cancel", id: "cancelAction", tag: "Actions", need: auth.Connect, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Cancel an action", text: "Ends it. What was sent before stays; nothing more is sent.", params: []param{id}, reply: act,
			do: func(c *call) (answer, error) {
				if err := a.Actions.CancelAction(c.ctx(), c.id()); err != nil {
					return answer{}, err
				}
				return a.action(c, c.id())
			},
		},
	}
}

func (a *api) action(c *call, id int64) (answer, error) {
	got, err := a.Actions.Action(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	return ok(got)
}

func exampleAction() action.Action {
	at := time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC)
	return action.Action{
		ID: 12, Key: "weekly-2026-47", Kind: writeback.Kind, Source: "hubspot", Title: "Write 1 field to 40 contacts of hubspot", Plan: []byte(`{"source":"hubspot"}`), State: action.Done,
		CreatedBy: "ana@acme.example", ApprovedBy: "ana@acme.example", CreatedAt: at, ApprovedAt: at, StartedAt: at, FinishedAt: at.Add(4 * time.Second), Items: 40, Done: 1, Unchanged: 39,
	}
}

// actionDocs says what the fields of actions are.
func actionDocs() map[string]string {
	return map[string]string{
		"Action": "One logged intent to change another system, and how it went.", "ActionItem": "One effect of an action.", "ActionPreview": "What would change.", "ActionPreviewRow": "A contact that would change.",
		"Property": "Something of a contact or a company that can be written.", "Mapping": "A field of members or accounts, and the property that it is written to.", "NewAction": "What is to be written.", "WriteBackRequest": "What is to be written.",

		"Action.key": "Unique; asking again with it gives this action.", "Action.kind": "What it does: write-back, write-accounts, push-members or push-metrics.", "Action.source": "The source whose platform it changes.", "Action.title": "What it does, for people.",
		"Action.plan": "What was asked for.", "Action.state": "How far it is.", "Action.error": "Why it failed, or waits.", "Action.created_by": "Who wanted it.", "Action.approved_by": "Who approved it.",
		"Action.created_at": "When it was asked for.", "Action.approved_at": "When it was approved.", "Action.started_at": "When it began.", "Action.finished_at": "When it ended.", "Action.retry_at": "When it goes on after a failure that passes.",
		"Action.items": "How many items it has.", "Action.done": "Items that were carried out.", "Action.unchanged": "Items whose effect was there already.", "Action.failed": "Items that failed.",

		"ActionItem.seq": "Its number, from 1 on.", "ActionItem.target": "What it changes, by the platform's id.", "ActionItem.member_id": "The member that it is about.", "ActionItem.name": "Of the member.",
		"ActionItem.before": "What was there, known once it is carried out.", "ActionItem.after": "What is to be there.", "ActionItem.note": "A note that goes along.", "ActionItem.link": "A link in the note.",
		"ActionItem.state": "How far it is. sent: whether it arrived is not known yet.", "ActionItem.reason": "Why it failed.", "ActionItem.at": "When it got its state.",

		"ActionPreview.members": "Members that the query gives.", "ActionPreview.no_contact": "Those of them who have no contact in the source.", "ActionPreview.contacts": "Contacts that were compared.", "ActionPreview.more": "There are more contacts than were compared.",
		"ActionPreview.change": "Contacts that would change.", "ActionPreview.unchanged": "Contacts that have the values already.", "ActionPreview.gone": "Contacts that the platform has no more.", "ActionPreview.mapping": "What is written where.", "ActionPreview.rows": "The first contacts that would change.",
		"ActionPreviewRow.contact": "The contact's id on the platform.", "ActionPreviewRow.member_id": "The member.", "ActionPreviewRow.name": "Of the member.", "ActionPreviewRow.before": "What it has, of what differs.", "ActionPreviewRow.after": "What it would get.", "ActionPreviewRow.note": "The note that would be put beside it.",

		"Property.name": "As the platform's API calls it.", "Property.label": "As people see it there.", "Property.type": "Which values it takes.", "Property.max": "How many characters a text can have; left out where that is not known.", "Property.custom": "Made by the account rather than by the platform.",
		"Mapping.field": "A field of members or accounts.", "Mapping.property": "Where it goes.",
	}
}
