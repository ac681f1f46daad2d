// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"strings"
	"testing"

	"greenroom/internal/action"
	"greenroom/internal/server"
	"greenroom/internal/workflow"
)

// TestWorkflowWritesToCRM has a workflow set a property of contacts: at once, after approval, and not at all where a member
// has no contact. What cannot be written stands still until a person decides.
func TestWorkflowWritesToCRM(t *testing.T) {
	ctx := t.Context()
	crm := &portal{values: map[string]map[string]string{"501": {"email": "ana@harbor.example", "firstname": "Ana"}, "502": {"email": "nobody@else.example"}}}
	app := withPortal(t, crm)
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		t.Fatal(err)
	}
	mail := app.Digests(app.Health(nil), acts, server.ServeOptions{}).Service
	box, err := app.Outbox(mail, nil)
	if err != nil {
		t.Fatal(err)
	}
	flows, err := app.Workflows(box, mail, app.WorkflowParts(app.Surveys(box, ""), acts, ""))
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, s workflow.Step) string {
		t.Helper()
		s.Kind = workflow.StepCRM
		w, err := flows.Add(ctx, name, workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnHand}, Steps: []workflow.Step{s}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := flows.Turn(ctx, w.Key, workflow.On, "ana"); err != nil {
			t.Fatal(err)
		}
		if n, err := flows.EnterQuery(ctx, w.Key, "name:Ana or name:Bo", name, "ana"); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		for range 3 {
			if _, err := flows.Step(ctx); err != nil {
				t.Fatal(err)
			}
			for more := true; more; {
				if more, err = acts.Next(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		runs, err := flows.Runs(ctx, workflow.Filter{Workflow: w.ID})
		if err != nil {
			t.Fatal(err)
		}
		var sb strings.Builder
		for i := len(runs) - 1; i >= 0; i-- {
			r, entries, _, err := flows.Run(ctx, runs[i].ID)
			if err != nil {
				t.Fatal(err)
			}
			sb.WriteString(string(r.State) + " " + r.Reason)
			for _, e := range entries {
				sb.WriteString(": " + e.Text)
			}
			sb.WriteString("\n")
		}
		return sb.String()
	}
	if got, want := run("at once", workflow.Step{Source: "crm", Property: "where", Value: "{{first_name|somebody}} is here"}), "done : where in crm becomes Ana is here\ndone : Nothing to write: they have no contact in crm\n"; got != want {
		t.Errorf("the runs are\n%swant\n%s", got, want)
	}
	if crm.sent != 1 || crm.values["501"]["where"] != "Ana is here" {
		t.Errorf("%d contacts were sent; Ana's is %v", crm.sent, crm.values["501"])
	}
	if got := run("approved", workflow.Step{Source: "crm", Property: "where", Value: "there", Approve: true}); !strings.Contains(got, "done : where in crm is to become there, once somebody approves it") {
		t.Error(got)
	}
	if a, err := acts.Action(ctx, 2); err != nil || a.State != action.Proposed || crm.values["501"]["where"] != "Ana is here" || strings.Contains(a.Title, "Ana") {
		t.Errorf("the action is %+v, %v; the contact is %v", a, err, crm.values["501"])
	}
	if got := run("wrong", workflow.Step{Source: "crm", Property: "seam", Value: "x"}); strings.Count(got, `failed crm has no property "seam" of contacts that can be written`) != 2 {
		t.Error(got)
	}
	w, err := flows.Add(ctx, "nowhere", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnHand}, Steps: []workflow.Step{{Kind: workflow.StepCRM, Source: "talk"}}}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := flows.Turn(ctx, w.Key, workflow.On, "ana"); err == nil || !strings.Contains(err.Error(), "choose a CRM") || !strings.Contains(err.Error(), "name the property") {
		t.Errorf("it is turned on: %v", err)
	}
}
