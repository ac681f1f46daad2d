// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/auth"
	"greenroom/internal/writeback"
)

// AccountTasks makes tasks in CRMs for the owners of accounts, and tells what was done of an account.
type AccountTasks interface {
	PreviewTasks(ctx context.Context, r *writeback.TaskRequest) (*writeback.TaskPreview, error)
	SendTasks(ctx context.Context, r *writeback.TaskRequest, key, by string, approved bool) (action.Action, error)
	AccountActions(ctx context.Context, organization int64, limit int) ([]action.OfAccount, error)
}

// AccountTaskRequest is what tasks are to be made for.
type AccountTaskRequest struct {
	Source    string   `json:"source" doc:"The source in which tasks are made, by its name."`
	Accounts  []int64  `json:"accounts,omitempty" doc:"Only these, by their organizations' ids, also where they are snoozed; left out = all that the filter means."`
	List      string   `json:"list,omitempty" doc:"Only the accounts of a list: all, risk, chances, due or snoozed."`
	Lifecycle string   `json:"lifecycle,omitempty" doc:"Only accounts in this state: prospect, trial, customer or churned."`
	Owner     string   `json:"owner,omitempty" doc:"Only the accounts of this person, by address."`
	Reasons   []string `json:"reasons,omitempty" doc:"What tasks are made for: risk, renewal, opportunity, next_step; left out = all of them."`
	Within    int      `json:"within,omitempty" doc:"Days to a renewal that is ahead, up to 366; left out = 90."`
	Link      string   `json:"link,omitempty" doc:"The address of this Greenroom, for links to accounts."`
}

func (r *AccountTaskRequest) request() *writeback.TaskRequest {
	return &writeback.TaskRequest{
		AccountFilter: writeback.AccountFilter{List: r.List, Lifecycle: r.Lifecycle, Owner: r.Owner}, Source: r.Source, Accounts: r.Accounts, Reasons: r.Reasons, Within: r.Within, Link: r.Link,
	}
}

// NewAccountTasks is a request for an action that makes tasks.
type NewAccountTasks struct {
	AccountTaskRequest

	Key     string `json:"key,omitempty" doc:"A text of your own that stands for this intent. Asking again with it gives the action that is there."`
	Approve bool   `json:"approve,omitempty" doc:"Carry it out at once. Otherwise it waits until somebody approves it."`
}

const accountActionsShown = 50

func (a *api) accountTaskOps(act content) []op {
	request := AccountTaskRequest{Source: "hubspot", Reasons: []string{"risk", "renewal"}, Within: 60, Link: "https://greenroom.example"}
	id := idParam("The organization's id.")
	return []op{
		{
			method: http.MethodPost, path: "/account-tasks/preview", id: "previewAccountTasks", tag: "Actions", need: auth.Connect, timeout: actionTimeout,
			summary: "See which tasks would be made in a CRM",
			text:    "Says which accounts give cause for a task that was not made yet. Nothing is sent.",
			body:    &content{of: AccountTaskRequest{}, text: "What tasks are made for.", example: request},
			reply: content{of: writeback.TaskPreview{}, example: writeback.TaskPreview{
				Accounts: 3, NoCompany: 1, Known: 1, Tasks: []writeback.TaskRow{{Account: 5, Name: "Acme", Company: "7001", Reason: "risk", Subject: "Acme is at risk", Text: "Community health: at risk, 57 of 100 points against it", Owner: "ana@acme.example", Due: "2026-11-23"}},
			}},
			do: func(c *call) (answer, error) {
				r, err := decode[AccountTaskRequest](c)
				if err != nil {
					return answer{}, err
				}
				p, err := a.Actions.PreviewTasks(c.ctx(), r.request())
				if err != nil {
					return answer{}, err
				}
				return ok(p)
			},
		},
		{
			method: http.MethodPost, path: "/account-tasks", id: "createAccountTasks", tag: "Actions", need: auth.Connect, timeout: actionTimeout, repeatable: true, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Make tasks in a CRM for the owners of accounts",
			text:    "Makes an action with an item for each task. Each task is made once for its account, reason and occasion, also where it was done or removed in the CRM; where there is none to make, that is a conflict.",
			body:    &content{of: NewAccountTasks{}, text: "What tasks are made for.", example: NewAccountTasks{AccountTaskRequest: request, Key: "tasks-2026-47", Approve: true}},
			reply:   act,
			do: func(c *call) (answer, error) {
				r, err := decode[NewAccountTasks](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Actions.SendTasks(c.ctx(), r.request(), r.Key, c.by(), r.Approve)
				if err != nil {
					return answer{}, err
				}
				return ok(made)
			},
		},
		{
			method: http.MethodGet, path: "/accounts/{id}/actions", id: "listAccountActions", tag: "Accounts", need: auth.Read, params: []param{id},
			summary: "What was done of an account on other systems",
			text:    "The last 50 items of actions that are about the account, the newest first: fields that were written to its companies, and tasks that were made there, with where they are seen.",
			reply: content{of: Items[action.OfAccount]{}, example: Items[action.OfAccount]{Items: []action.OfAccount{{
				ID: 12, Kind: writeback.TasksKind, Source: "hubspot", Title: "Make tasks for owners of accounts in hubspot", State: action.Done,
				Item: action.Item{
					Seq: 1, Target: "7001", Account: 5, Name: "Acme", After: map[string]string{"task": "Acme is at risk", "due": "2026-11-23"}, State: action.ItemDone,
					Result: "https://app.hubspot.com/contacts/4242/record/0-2/7001", At: time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC),
				},
			}}}},
			do: func(c *call) (answer, error) {
				all, err := a.Actions.AccountActions(c.ctx(), c.id(), accountActionsShown)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}
}

// accountTaskDocs says what the fields of tasks of accounts are.
func accountTaskDocs() map[string]string {
	return map[string]string{
		"AccountTaskRequest": "What tasks are made for.", "NewAccountTasks": "What tasks are made for.", "TaskPreview": "Which tasks would be made.", "TaskRow": "A task that would be made.", "AccountAction": "An item of an action that is about an account.",

		"TaskPreview.accounts": "Accounts that give cause for a task.", "TaskPreview.no_company": "Those of them that have no company in the source.", "TaskPreview.known": "Tasks that were made before.", "TaskPreview.tasks": "Tasks that would be made.",
		"TaskRow.account": "The account, by its organization's id.", "TaskRow.name": "Of the account.", "TaskRow.company": "The company's id on the platform.", "TaskRow.reason": "What it is made for: risk, renewal, opportunity or next_step.", "TaskRow.subject": "Its title.", "TaskRow.text": "What it says.",
		"TaskRow.owner": "Whose it becomes, where the CRM knows the address; else it is that of the company's owner.", "TaskRow.due": "The day on which it is due.",
		"AccountAction.action": "The action's id.", "AccountAction.kind": "What is done: write-accounts or account-tasks.", "AccountAction.source": "The source whose platform it changes.", "AccountAction.title": "What the action does, for people.", "AccountAction.state": "How far the action is.", "AccountAction.item": "The item.",
		"ActionItem.account": "The account that it is about, by its organization's id.", "ActionItem.result": "Where what was made is seen, on the platform.",
	}
}
