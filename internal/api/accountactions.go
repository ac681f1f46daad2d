// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/auth"
	"greenroom/internal/writeback"
)

// AccountWriteBack writes accounts to the companies of CRMs.
type AccountWriteBack interface {
	AccountProperties(ctx context.Context, source string) ([]connector.Property, error)
	PreviewAccounts(ctx context.Context, r *writeback.AccountRequest) (*writeback.AccountPreview, error)
	SendAccounts(ctx context.Context, r *writeback.AccountRequest, key, by string, approved bool) (action.Action, error)
	AccountTasks
}

// AccountWriteRequest is what is to be written of accounts.
type AccountWriteRequest struct {
	Source    string            `json:"source" doc:"The source whose companies are written, by its name."`
	List      string            `json:"list,omitempty" doc:"Only the accounts of a list: all, risk, chances, due or snoozed."`
	Lifecycle string            `json:"lifecycle,omitempty" doc:"Only accounts in this state: prospect, trial, customer or churned."`
	Owner     string            `json:"owner,omitempty" doc:"Only the accounts of this person, by address."`
	Set       map[string]string `json:"set" doc:"What is written: a field of accounts by the name of the property that takes it. Fields are health, health_points, health_reasons, active_30d, champions, open_questions, last_activity, account_link, account_id and owner. A property that is listed as new is made."`
	Link      string            `json:"link,omitempty" doc:"The address of this Greenroom, for links to accounts."`
}

func (r *AccountWriteRequest) request() *writeback.AccountRequest {
	return &writeback.AccountRequest{AccountFilter: writeback.AccountFilter{List: r.List, Lifecycle: r.Lifecycle, Owner: r.Owner}, Source: r.Source, Set: r.Set, Link: r.Link}
}

// NewAccountAction is a request for an action that writes accounts.
type NewAccountAction struct {
	AccountWriteRequest

	Key     string `json:"key,omitempty" doc:"A text of your own that stands for this intent. Asking again with it gives the action that is there, so that nothing is sent twice."`
	Approve bool   `json:"approve,omitempty" doc:"Carry it out at once. Otherwise it waits until somebody approves it."`
}

func (a *api) accountActionOps(act content) []op {
	property := connector.Property{Name: "greenroom_health", Label: "Greenroom: Community health", Type: connector.PropertyText, Custom: true, New: true}
	request := AccountWriteRequest{Source: "hubspot", Lifecycle: "customer", Set: map[string]string{property.Name: "health"}}
	return []op{
		{
			method: http.MethodGet, path: "/sources/{name}/account-properties", id: "listAccountProperties", tag: "Actions", need: auth.Connect, timeout: actionTimeout,
			summary: "What can be written to a source's companies",
			text:    "Asks the platform which properties of companies take a text, a number or a time. Where properties can be made, those that would be made follow, marked as new.",
			params:  []param{nameParam("name", "The source's name.", "hubspot")},
			reply:   content{of: Items[connector.Property]{}, example: Items[connector.Property]{Items: []connector.Property{property}}},
			do: func(c *call) (answer, error) {
				all, err := a.Actions.AccountProperties(c.ctx(), c.text("name"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/account-actions/preview", id: "previewAccountAction", tag: "Actions", need: auth.Connect, timeout: actionTimeout,
			summary: "See what would be written of accounts",
			text:    "Reads what companies have and says what would change. Nothing is sent, and no property is made. At most 1,000 companies are compared; `more` says that there are others.",
			body:    &content{of: AccountWriteRequest{}, text: "What is to be written.", example: request},
			reply: content{of: writeback.AccountPreview{}, example: writeback.AccountPreview{
				Accounts: 40, NoCompany: 12, Companies: 28, Change: 1, Unchanged: 27, Mapping: []writeback.Mapping{{Field: "health", Property: property}},
				Rows: []writeback.AccountRow{{Company: "7001", Organization: 5, Name: "Acme", Before: map[string]string{property.Name: "healthy"}, After: map[string]string{property.Name: "at risk"}}},
			}},
			do: func(c *call) (answer, error) {
				r, err := decode[AccountWriteRequest](c)
				if err != nil {
					return answer{}, err
				}
				p, err := a.Actions.PreviewAccounts(c.ctx(), r.request())
				if err != nil {
					return answer{}, err
				}
				return ok(p)
			},
		},
		{
			method: http.MethodPost, path: "/account-actions", id: "createAccountAction", tag: "Actions", need: auth.Connect, timeout: actionTimeout, repeatable: true, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Write accounts back",
			text:    "Makes an action with an item for each company, with the values of this moment. With `approve` it is carried out at once, in the background; otherwise it waits for approval.",
			body:    &content{of: NewAccountAction{}, text: "What is to be written.", example: NewAccountAction{AccountWriteRequest: request, Key: "accounts-2026-47", Approve: true}},
			reply:   act,
			do: func(c *call) (answer, error) {
				r, err := decode[NewAccountAction](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Actions.SendAccounts(c.ctx(), r.request(), r.Key, c.by(), r.Approve)
				if err != nil {
					return answer{}, err
				}
				return ok(made)
			},
		},
	}
}

// accountActionDocs says what the fields of actions on accounts are.
func accountActionDocs() map[string]string {
	return map[string]string{
		"AccountWriteRequest": "What is to be written of accounts.", "NewAccountAction": "What is to be written of accounts.", "AccountPreview": "What would change.", "AccountRow": "A company that would change.",
		"Property.new": "It is not there yet, and is made before it is written.",

		"AccountPreview.accounts": "Accounts that are meant.", "AccountPreview.no_company": "Those of them that have no company in the source.", "AccountPreview.companies": "Companies that were compared.", "AccountPreview.more": "There are more companies than were compared.",
		"AccountPreview.change": "Companies that would change.", "AccountPreview.unchanged": "Companies that have the values already.", "AccountPreview.gone": "Companies that the platform has no more.", "AccountPreview.mapping": "What is written where.", "AccountPreview.rows": "The first companies that would change.",
		"AccountRow.company": "The company's id on the platform.", "AccountRow.organization": "The account, by its organization's id.", "AccountRow.name": "Of the account.", "AccountRow.before": "What it has, of what differs.", "AccountRow.after": "What it would get.",
	}
}
