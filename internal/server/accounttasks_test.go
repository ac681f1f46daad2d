// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/business"
	"greenroom/internal/server"
	"greenroom/internal/writeback"
)

// TestAccountTasks makes a task in a CRM for what the team decided to do next: once, also where it was removed there, and also where
// nobody was told that it had arrived.
func TestAccountTasks(t *testing.T) {
	ctx := t.Context()
	crm := &portal{
		values:    map[string]map[string]string{"501": {"email": "ana@harbor.example", "firstname": "Ana"}},
		companies: map[string]map[string]string{"71": {"name": "Harbor", "domain": "harbor.example", "lifecyclestage": "customer"}, "72": {"name": "Wharf", "domain": "wharf.example", "lifecyclestage": "lead"}},
	}
	app := withPortal(t, crm)
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		t.Fatal(err)
	}
	views, err := app.Business().List(ctx, business.Filter{Lifecycle: greenroom.Customer})
	if err != nil || len(views) != 1 {
		t.Fatal(views, err)
	}
	harbor := views[0].Organization
	plan := func(step string) {
		t.Helper()
		owner, day := "maya@acme.example", "2026-11-30"
		if _, err := app.Business().Change(ctx, []int64{harbor}, -1, business.Patch{Owner: &owner, NextStep: &step, FollowUp: &day}, "ana@acme.example"); err != nil {
			t.Fatal(err)
		}
	}
	plan("Offer a training")
	req := &writeback.TaskRequest{Source: "crm", Accounts: []int64{harbor}, Link: "https://g.example"}
	p, err := acts.PreviewTasks(ctx, req)
	if err != nil || len(p.Tasks) != 1 || p.Tasks[0].Reason != "next_step" || p.Tasks[0].Subject != "Harbor: Offer a training" || p.Tasks[0].Due != "2026-11-30" || p.Tasks[0].Owner != "maya@acme.example" {
		t.Fatalf("the preview is %+v, %v; want a task for the next step", p, err)
	}
	send := func(key string) action.Action {
		t.Helper()
		a, err := acts.SendTasks(ctx, req, key, "ana@acme.example", true)
		if err != nil {
			t.Fatal(err)
		}
		carryOut(t, acts)
		return a
	}
	a := send("first")
	if again := send("first"); again.ID != a.ID || len(crm.tasks) != 1 || crm.tasks[0]["hubspot_owner_id"] != "78" || crm.tasks[0]["to"] != "71" {
		t.Fatalf("a second click gives action %d, there are %v; want one task of Maya's beside Harbor", again.ID, crm.tasks)
	}
	crm.tasks[0] = nil // somebody removes it in HubSpot
	if _, err := acts.SendTasks(ctx, req, "second", "ana", true); greenroom.ErrorCode(err) != greenroom.CodeConflict || !strings.Contains(err.Error(), "made before") {
		t.Errorf("again: %v; want CodeConflict, since it was made before", err)
	}
	all, err := acts.AccountActions(ctx, harbor, 10)
	if err != nil || len(all) != 1 || all[0].Item.State != action.ItemDone || all[0].ID != a.ID {
		t.Errorf("of Harbor there is %+v, %v; want the task", all, err)
	}
	if from, err := acts.TaskSources(ctx, harbor); err != nil || len(from) != 1 {
		t.Errorf("tasks can be made for it in %v, %v; want crm", from, err)
	}

	plan("Ask how it went")
	crm.fails = true
	failed := send("third")
	if items, err := acts.ActionItems(ctx, failed.ID, "", 0, 10); err != nil || items[0].State != action.ItemFailed || !strings.Contains(items[0].Reason, "no task was made for Harbor: ") || len(crm.tasks) != 2 {
		t.Fatalf("what fails is %+v, %v; want an error that names Harbor", items, err)
	}
	crm.fails = false
	next := send("fourth")
	if items, err := acts.ActionItems(ctx, next.ID, "", 0, 10); err != nil || items[0].State != action.ItemUnchanged || len(crm.tasks) != 2 {
		t.Errorf("what had arrived is %+v, %v, there are %d tasks; want it to be found there", items, err, len(crm.tasks))
	}

	s, err := acts.Repeat(ctx, writeback.Repeated{Tasks: &writeback.TaskRequest{Source: "crm"}}, 24*time.Hour, "ana@acme.example")
	if err != nil || s.Kind != writeback.TasksKind || s.LastAction != 0 || s.Times != 1 {
		t.Errorf("repeated with nothing to do it is %+v, %v; want no action, and no error", s, err)
	}
	for name, r := range map[string]*writeback.TaskRequest{
		"no reason": {Source: "crm", Reasons: []string{"boredom"}}, "not a CRM": {Source: "talk"}, "too far": {Source: "crm", Within: 1000}, "no account": {Source: "crm", Accounts: []int64{99}}, "a strange place": {Source: "crm", Link: "javascript:alert(1)"},
	} {
		if _, err := acts.SendTasks(ctx, r, name, "ana", true); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v; want CodeInvalid", name, err)
		}
	}
}

func carryOut(t *testing.T, acts *server.Acts) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = acts.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
