// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"io"

	"greenroom"
	"greenroom/internal/business"
)

// accountsFake answers for the accounts with what the fake says.
type accountsFake struct{ *fake }

func (a accountsFake) List(context.Context, business.Filter) ([]business.View, error) {
	return []business.View{a.view()}, a.err
}

func (a accountsFake) view() business.View {
	return business.View{
		Account: business.Account{Organization: 7, Version: 1}, Name: "Acme", Currency: "EUR", Activity: []int{1}, Chances: []business.Reason{},
		Health: business.Health{Level: business.Healthy, Factor: 1, Reasons: []business.Reason{}},
	}
}

func (a accountsFake) Get(context.Context, int64) (business.View, *business.Facts, []greenroom.Deal, error) {
	return a.view(), &business.Facts{Organization: 7, Tickets: []greenroom.Ticket{}, Subscriptions: []greenroom.Subscription{}}, []greenroom.Deal{}, a.err
}

func (a accountsFake) Change(_ context.Context, ids []int64, _ int64, _ business.Patch, _ string) ([]business.Account, error) {
	all := make([]business.Account, len(ids))
	for i, id := range ids {
		all[i] = business.Account{Organization: id, Version: 2}
	}
	return all, a.err
}

func (a accountsFake) Notes(context.Context, int64) ([]business.Note, error) {
	return []business.Note{}, a.err
}

func (a accountsFake) AddNote(_ context.Context, id int64, text, by string) (business.Note, error) {
	return business.Note{ID: 1, Organization: id, At: now, By: by, Text: text}, a.err
}

func (a accountsFake) RemoveNote(context.Context, int64, int64, string) error { return a.err }

func (a accountsFake) Settings(context.Context) (business.Settings, error) {
	return business.Usual(), a.err
}

func (a accountsFake) SetSettings(context.Context, business.Settings, string) error { return a.err }

func (a accountsFake) Stages(context.Context) ([]business.StageLine, error) {
	return []business.StageLine{{StageRule: business.StageRule{SourceID: 1, Stage: "Won", State: greenroom.DealWon}, Suggested: greenroom.DealWon}}, a.err
}

func (a accountsFake) SetStages(context.Context, []business.StageRule, string) error { return a.err }

func (a accountsFake) Reconcile(context.Context, string, io.Reader) (*business.Reconciliation, error) {
	return &business.Reconciliation{Source: "crm", Groups: []business.Group{}, Differences: []business.Difference{}}, a.err
}

func (a accountsFake) Rates(context.Context) ([]greenroom.Rate, error) {
	return []greenroom.Rate{}, a.err
}

func (a accountsFake) AddRate(context.Context, greenroom.Rate, string) error { return a.err }

func (a accountsFake) RemoveRate(context.Context, string, string, string, string) error { return a.err }

func (a accountsFake) ImportRates(context.Context, io.Reader, string, string) (int, []business.Problem, error) {
	return 1, []business.Problem{}, a.err
}

// accountRequests call every operation on accounts and business data, but for that on one account: the fake has no organization.
func accountRequests() []string {
	return []string{
		"GET /accounts?list=risk&owner=ana@acme.example&lifecycle=customer&find=a", `PATCH /accounts {"accounts":[7],"version":1,"owner":"ana@acme.example"}`, `POST /accounts/7/notes {"text":"x"}`, "DELETE /accounts/7/notes/1",
		"GET /business/stages", `PUT /business/stages {"items":[{"source_id":1,"pipeline":"","stage":"Won","state":"won","position":1,"qualified":true}]}`,
		"GET /business/rates", `POST /business/rates {"base":"EUR","currency":"USD","day":"2026-01-02","value":1.1,"origin":""}`, "DELETE /business/rates/EUR/USD/2026-01-02", `POST /business/rates/import {"csv":"Date,USD\n2026-01-02,1.1\n"}`,
		"GET /business/settings", `PUT /business/settings {"reporting":"EUR","at_risk":50}`, `POST /business/reconciliation {"source":"crm","csv":"id\n1\n"}`,
	}
}
