// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"io"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/business"
)

// Accounts are the organizations that the business deals with; business.Service keeps them.
type Accounts interface {
	List(ctx context.Context, f business.Filter) ([]business.View, error)
	Get(ctx context.Context, organization int64) (business.View, *business.Facts, []greenroom.Deal, error)
	Change(ctx context.Context, organizations []int64, version int64, p business.Patch, by string) ([]business.Account, error)
	Notes(ctx context.Context, organization int64) ([]business.Note, error)
	AddNote(ctx context.Context, organization int64, text, by string) (business.Note, error)
	RemoveNote(ctx context.Context, organization, id int64, by string) error
	BusinessData
}

// BusinessData is how business records are read.
type BusinessData interface {
	Settings(ctx context.Context) (business.Settings, error)
	SetSettings(ctx context.Context, set business.Settings, by string) error
	Stages(ctx context.Context) ([]business.StageLine, error)
	SetStages(ctx context.Context, rules []business.StageRule, by string) error
	Reconcile(ctx context.Context, source string, export io.Reader) (*business.Reconciliation, error)
	CurrencyRates
}

// CurrencyRates are the dated rates.
type CurrencyRates interface {
	Rates(ctx context.Context) ([]greenroom.Rate, error)
	AddRate(ctx context.Context, r greenroom.Rate, by string) error
	RemoveRate(ctx context.Context, base, currency, day, by string) error
	ImportRates(ctx context.Context, in io.Reader, name, by string) (stored int, problems []business.Problem, err error)
}

// AccountDetail is an account with its records and notes.
type AccountDetail struct {
	business.View

	Deals         []greenroom.Deal         `json:"deals" doc:"Its deals, the oldest first."`
	Subscriptions []greenroom.Subscription `json:"subscriptions" doc:"Its subscriptions, the oldest first."`
	Tickets       []greenroom.Ticket       `json:"tickets" doc:"Its support cases, the oldest first."`
	Notes         []business.Note          `json:"notes" doc:"What was written down, the newest first."`
}

// AccountChange changes accounts.
type AccountChange struct {
	business.Patch

	Accounts []int64 `json:"accounts" doc:"The organizations, by number."`
	Version  *int64  `json:"version,omitempty" doc:"The version that was looked at: with another one nothing is changed. Left out: whatever there is, which is for many at once."`
}

// AccountWord is a note.
type AccountWord struct {
	Text string `json:"text" doc:"The note."`
}

// BusinessCSV is a CSV file.
type BusinessCSV struct {
	CSV    string `json:"csv" doc:"The file's text."`
	Name   string `json:"name,omitempty" doc:"What the file is called."`
	Source string `json:"source,omitempty" doc:"Of a reconciliation: the source, by name."`
}

// RatesRead is what came of a file of rates.
type RatesRead struct {
	Stored   int                `json:"stored" doc:"How many rates were stored."`
	Problems []business.Problem `json:"problems" doc:"Lines that could not be read."`
}

func (a *api) accountOps() []op {
	if a.Accounts == nil {
		return nil
	}
	id := idParam("The organization's number.")
	conflict := []greenroom.Code{greenroom.CodeConflict}
	return append([]op{
		{
			method: http.MethodGet, path: "/accounts", id: "listAccounts", tag: "Accounts", need: auth.Read, reply: content{of: Items[business.View]{}, example: Items[business.View]{Items: []business.View{exampleAccount()}}},
			summary: "List accounts", text: "Organizations of which some source tells that they are prospects, try, pay or have left, with their health and its reasons. Those at risk come first.",
			params: []param{
				{name: "list", form: formText, choices: business.Lists(), text: "Which list: all, risk, chances, due or snoozed.", example: "risk"},
				{name: "owner", form: formText, text: "Only of one owner, by mail address.", example: "ana@acme.example"},
				{name: "lifecycle", form: formText, choices: []string{"prospect", "trial", "customer", "churned"}, text: "Only those that are this now.", example: "customer"},
				{name: "find", form: formText, text: "Part of the name.", example: "acme"},
			},
			do: func(c *call) (answer, error) {
				all, err := a.Accounts.List(c.ctx(), business.Filter{List: c.text("list"), Owner: c.text("owner"), Lifecycle: greenroom.LifecycleState(c.text("lifecycle")), Find: c.text("find")})
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/accounts/{id}", id: "getAccount", tag: "Accounts", need: auth.Read, params: []param{id}, reply: content{of: AccountDetail{}, example: AccountDetail{View: exampleAccount(), Deals: []greenroom.Deal{}, Subscriptions: []greenroom.Subscription{}, Tickets: []greenroom.Ticket{}, Notes: []business.Note{exampleNote()}}},
			summary: "An account", text: "With its health and the reasons, deals, subscriptions, tickets and notes. Each reason has the address of the records behind it.",
			do: func(c *call) (answer, error) {
				o, err := a.Objects.Organization(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				v, f, deals, err := a.Accounts.Get(c.ctx(), o.ID)
				if err != nil {
					return answer{}, err
				}
				notes, err := a.Accounts.Notes(c.ctx(), o.ID)
				if err != nil {
					return answer{}, err
				}
				return ok(AccountDetail{View: v, Deals: append([]greenroom.Deal{}, deals...), Subscriptions: append([]greenroom.Subscription{}, f.Subscriptions...), Tickets: append([]greenroom.Ticket{}, f.Tickets...), Notes: notes})
			},
		},
		{
			method: http.MethodPatch, path: "/accounts", id: "changeAccounts", tag: "Accounts", need: auth.Write, codes: append(conflict, greenroom.CodeNotFound), reply: content{of: Items[business.Account]{}, example: Items[business.Account]{Items: []business.Account{exampleAccount().Account}}},
			summary: "Change accounts", text: "Owner, next step, follow-up and snooze, of one or of many; all or none. A next step becomes a task of the owner, and a new owner is told.",
			body: &content{of: AccountChange{}, text: "The accounts, and what to change; what is left out stays.", example: AccountChange{Accounts: []int64{7}, Patch: business.Patch{FollowUp: new("2026-12-01")}}},
			do: func(c *call) (answer, error) {
				d, err := decode[AccountChange](c)
				if err != nil {
					return answer{}, err
				}
				version := int64(-1)
				if d.Version != nil {
					if version = *d.Version; version < 0 {
						return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "a version is 0 or more")
					}
				}
				all, err := a.Accounts.Change(c.ctx(), d.Accounts, version, d.Patch, c.by())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/accounts/{id}/notes", id: "addAccountNote", tag: "Accounts", need: auth.Write, status: http.StatusCreated, params: []param{id}, reply: content{of: business.Note{}, example: exampleNote()},
			summary: "Write a note", text: "Of an account.", body: &content{of: AccountWord{}, text: "The note.", example: AccountWord{Text: "They ask for SSO."}},
			do: func(c *call) (answer, error) {
				n, err := decoded(c, func(d AccountWord) (business.Note, error) { return a.Accounts.AddNote(c.ctx(), c.id(), d.Text, c.by()) })
				if err != nil {
					return answer{}, err
				}
				return ok(n)
			},
		},
		{
			method: http.MethodDelete, path: "/accounts/{id}/notes/{note}", id: "removeAccountNote", tag: "Accounts", need: auth.Write, status: http.StatusNoContent,
			params:  []param{id, {name: "note", path: true, form: formInteger, min: 1, text: "The note.", example: "1"}},
			summary: "Take a note away", text: "For good.", reply: content{text: "It is gone."},
			do: func(c *call) (answer, error) {
				return answer{}, a.Accounts.RemoveNote(c.ctx(), c.id(), c.integer("note"), c.by())
			},
		},
	}, a.businessOps()...)
}

// businessOps are the operations on how business records are read.
func (a *api) businessOps() []op {
	rule := business.StageRule{SourceID: 1, Stage: "Proposal", State: greenroom.DealOpen, Position: 3, Qualified: true}
	rate := greenroom.Rate{Base: "EUR", Currency: "USD", Day: "2026-01-02", Value: 1.0842, Origin: "ECB"}
	file := BusinessCSV{CSV: "Date,USD,JPY\n2026-01-02,1.0842,163.1\n", Name: "eurofxref-hist.csv"}
	return []op{
		{
			method: http.MethodGet, path: "/business/stages", id: "listStages", tag: "Accounts", need: auth.Read, reply: content{of: Items[business.StageLine]{}, example: Items[business.StageLine]{Items: []business.StageLine{{StageRule: rule, Source: "hubspot", From: "name", Suggested: greenroom.DealOpen, Deals: 4, Seen: 9}}}},
			summary: "What stages mean", text: "The stages that deals are or were in, in the order of their pipelines, with what each means and where that is known from.",
			do: func(c *call) (answer, error) {
				all, err := a.Accounts.Stages(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPut, path: "/business/stages", id: "setStages", tag: "Accounts", need: auth.Connect, status: http.StatusNoContent, reply: content{text: "Stored."},
			summary: "Say what stages mean", text: "Of the stages that are named; the others stay.", body: &content{of: Items[business.StageRule]{}, text: "The stages.", example: Items[business.StageRule]{Items: []business.StageRule{rule}}},
			do: func(c *call) (answer, error) {
				d, err := decode[Items[business.StageRule]](c)
				if err != nil {
					return answer{}, err
				}
				return answer{}, a.Accounts.SetStages(c.ctx(), d.Items, c.by())
			},
		},
		{
			method: http.MethodGet, path: "/business/rates", id: "listRates", tag: "Accounts", need: auth.Read, reply: content{of: Items[greenroom.Rate]{}, example: Items[greenroom.Rate]{Items: []greenroom.Rate{rate}}},
			summary: "Currency rates", text: "The newest day first.",
			do: func(c *call) (answer, error) {
				all, err := a.Accounts.Rates(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/business/rates", id: "addRate", tag: "Accounts", need: auth.Connect, status: http.StatusNoContent, reply: content{text: "Stored."},
			summary: "Add a rate", text: "One of the same currencies and day is replaced.", body: &content{of: greenroom.Rate{}, text: "The rate.", example: rate},
			do: func(c *call) (answer, error) {
				d, err := decode[greenroom.Rate](c)
				if err != nil {
					return answer{}, err
				}
				return answer{}, a.Accounts.AddRate(c.ctx(), d, c.by())
			},
		},
		{
			method: http.MethodDelete, path: "/business/rates/{base}/{currency}/{day}", id: "removeRate", tag: "Accounts", need: auth.Connect, status: http.StatusNoContent, reply: content{text: "It is gone."},
			params:  []param{nameParam("base", "1 of this currency.", "EUR"), nameParam("currency", "Is so many of the other.", "USD"), nameParam("day", "The day.", "2026-01-02")},
			summary: "Take a rate away", text: "What has no rate any more is in no sum, and named.",
			do: func(c *call) (answer, error) {
				return answer{}, a.Accounts.RemoveRate(c.ctx(), c.text("base"), c.text("currency"), c.text("day"), c.by())
			},
		},
		{
			method: http.MethodPost, path: "/business/rates/import", id: "importRates", tag: "Accounts", need: auth.Connect, reply: content{of: RatesRead{}, example: RatesRead{Stored: 2, Problems: []business.Problem{}}},
			summary: "Import rates", text: "The European Central Bank's eurofxref-hist.csv, or a file with the columns base, currency, day and rate.", body: &content{of: BusinessCSV{}, text: "The file.", example: file},
			do: func(c *call) (answer, error) {
				d, err := decode[BusinessCSV](c)
				if err != nil {
					return answer{}, err
				}
				n, problems, err := a.Accounts.ImportRates(c.ctx(), strings.NewReader(d.CSV), d.Name, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(RatesRead{Stored: n, Problems: problems})
			},
		},
		{
			method: http.MethodGet, path: "/business/settings", id: "getBusinessSettings", tag: "Accounts", need: auth.Read, reply: content{of: business.Settings{}, example: business.Usual()},
			summary: "Settings of business data", text: "The reporting currency, and from when on an account is at risk.",
			do: func(c *call) (answer, error) {
				set, err := a.Accounts.Settings(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(set)
			},
		},
		{
			method: http.MethodPut, path: "/business/settings", id: "setBusinessSettings", tag: "Accounts", need: auth.Connect, status: http.StatusNoContent, reply: content{text: "Stored."},
			summary: "Change the settings of business data", text: "Everything is set as it is sent.", body: &content{of: business.Settings{}, text: "The settings.", example: business.Usual()},
			do: func(c *call) (answer, error) {
				d, err := decode[business.Settings](c)
				if err != nil {
					return answer{}, err
				}
				return answer{}, a.Accounts.SetSettings(c.ctx(), d, c.by())
			},
		},
		{
			method: http.MethodPost, path: "/business/reconciliation", id: "reconcileDeals", tag: "Accounts", need: auth.Read, reply: content{of: business.Reconciliation{}, example: business.Reconciliation{Source: "hubspot", Deals: 1, Theirs: 1, Groups: []business.Group{{Stage: "Proposal", Month: "2026-01", Currency: "EUR", Count: 1, Sum: 900, Theirs: 1, TheirsSum: 900, IDs: []int64{7}}}, Differences: []business.Difference{}}},
			summary: "Deals against the source's export", text: "Counts and sums by stage and month, here and in the export, and each deal that differs. Nothing is stored.", body: &content{of: BusinessCSV{}, text: "The export.", example: BusinessCSV{Source: "hubspot", CSV: "Record ID,Deal Stage,Amount\n1,Proposal,900\n"}},
			do: func(c *call) (answer, error) {
				d, err := decode[BusinessCSV](c)
				if err != nil {
					return answer{}, err
				}
				var export io.Reader
				if d.CSV != "" {
					export = strings.NewReader(d.CSV)
				}
				rec, err := a.Accounts.Reconcile(c.ctx(), d.Source, export)
				if err != nil {
					return answer{}, err
				}
				return ok(rec)
			},
		},
	}
}

func exampleNote() business.Note {
	return business.Note{ID: 1, Organization: 7, At: exampleTime(20), By: "ana@acme.example", Text: "They ask for SSO."}
}

func exampleAccount() business.View {
	return business.View{
		Account: business.Account{Organization: 7, Owner: "ana@acme.example", NextStep: "Call Ann", FollowUp: "2026-12-01", Version: 2}, Name: "Acme", Currency: "EUR", MRR: 1200, People: 9, Active: 4,
		Lifecycle: greenroom.Lifecycle{Organization: 7, Name: "Acme", State: greenroom.Customer, Said: greenroom.Customer},
		Health:    business.Health{Level: business.AtRisk, Points: 55, Sum: 44, Factor: 1.25, Reasons: []business.Reason{{Kind: "engagement", Points: 36, Text: "3 activities in the last 4 weeks; 14 are usual here (12 weeks before): 79 % fewer", Href: "/activities?q=org.id%3A7+occurred%3A%3C28d"}}},
		Chances:   []business.Reason{}, Activity: []int{3, 4, 2},
	}
}
