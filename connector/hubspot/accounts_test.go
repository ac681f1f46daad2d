// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/hubspot"
)

// companies is an account whose companies can be written and given tasks. It refuses whole batches that hold the value "bad".
type companies struct {
	http.Handler

	mu      sync.Mutex
	values  map[string]map[string]string
	made    []object // properties
	tasks   []object
	updates int
	refuse  bool
}

func (f *companies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b batchBody
	if r.Method == http.MethodPost {
		text, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(text, &b) != nil {
			http.Error(w, `{"message":"unreadable"}`, http.StatusBadRequest)
			return
		}
		if r.URL.Path == "/crm/v3/properties/companies" {
			f.make(w, text)
			return
		}
	}
	results := []object{}
	switch r.URL.Path {
	case "/crm/v3/properties/companies":
		(&writable{}).describe(w)
		return
	case "/crm/v3/owners":
		if r.URL.Query().Get("email") == "maya@acme.example" {
			results = append(results, object{"id": "78", "email": "Maya@acme.example", "userId": 9, "createdAt": iso(day0), "updatedAt": iso(day0), "archived": false, "type": "PERSON"})
		}
	case "/crm/v3/objects/companies/batch/read":
		results = b.present(f.values)
	case "/crm/v3/objects/companies/batch/update":
		if !(&writable{refuse: f.refuse, values: f.values}).update(w, &b) {
			return
		}
		f.updates += len(b.Inputs)
	case "/crm/v4/associations/companies/tasks/batch/read":
		results = b.linked(f.tasks)
	case "/crm/v3/objects/tasks/batch/read":
		results = b.read(f.tasks, "hs_task_body")
	case "/crm/v3/objects/tasks/batch/create":
		for _, in := range b.Inputs {
			if in.Properties["hs_task_subject"] == "bad" {
				w.WriteHeader(http.StatusBadRequest)
				give(w, object{"status": "error", "message": "Property values were not valid", "category": "VALIDATION_ERROR"})
				return
			}
		}
		for _, in := range b.Inputs {
			task := object{"to": in.Associations[0].To.ID}
			for name, v := range in.Properties {
				task[name] = v
			}
			f.tasks = append(f.tasks, task)
			results = append([]object{{"id": strconv.Itoa(len(f.tasks)), "properties": in.Properties, "createdAt": iso(day0), "updatedAt": iso(day0)}}, results...) // the last first
		}
	default:
		f.Handler.ServeHTTP(w, r)
		return
	}
	give(w, object{"status": "COMPLETE", "startedAt": iso(day0), "completedAt": iso(day0), "results": results})
}

func (f *companies) make(w http.ResponseWriter, text []byte) {
	var p object
	if err := json.Unmarshal(text, &p); err != nil {
		http.Error(w, `{"message":"unreadable"}`, http.StatusBadRequest)
		return
	}
	for _, have := range f.made {
		if have["name"] == p["name"] {
			w.WriteHeader(http.StatusConflict)
			give(w, object{"status": "error", "message": "A property named that already exists.", "category": "OBJECT_ALREADY_EXISTS"})
			return
		}
	}
	f.made = append(f.made, p)
	w.WriteHeader(http.StatusCreated)
	give(w, object{"name": p["name"], "label": p["label"], "type": p["type"], "fieldType": p["fieldType"], "groupName": p["groupName"], "description": "", "options": []object{}})
}

func openAccounts(t *testing.T, url string) connector.AccountWriter {
	t.Helper()
	src, err := hubspot.New(connectortest.LiveEnv(t), live(t).Values(url))
	if err != nil {
		t.Fatal(err)
	}
	w, ok := src.(connector.AccountWriter)
	if !ok {
		t.Fatal("HubSpot's companies cannot be written to")
	}
	return w
}

func outcomesOf(t *testing.T, written []connector.Written, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range written {
		got = append(got, strings.TrimSpace(x.Contact+" "+string(x.Outcome)+" "+x.Reason))
	}
	return got
}

// TestWriteCompanies makes a property that is missing, and writes companies of which one has the value already, one is gone and
// one has a value that HubSpot refuses.
func TestWriteCompanies(t *testing.T) {
	f := &companies{Handler: newFake(10), values: map[string]map[string]string{"1": {}, "2": {"greenroom_health": "57", "community_count": "3"}, "3": {}}}
	w := openAccounts(t, checked(t, f).URL).Accounts()
	health := connector.Property{Name: "greenroom_health", Label: "Health", Type: connector.PropertyNumber, Custom: true, New: true}
	maker, ok := w.(connector.PropertyMaker)
	if !ok {
		t.Fatal("no property can be made")
	}
	for range 2 { // the second time there is one
		if err := maker.MakeProperties(t.Context(), []connector.Property{health, {Name: "greenroom_last", Label: "Last", Type: connector.PropertyTime}}); err != nil {
			t.Fatal(err)
		}
	}
	want := []object{
		{"name": "greenroom_health", "label": "Health", "type": "number", "fieldType": "number", "groupName": "companyinformation"},
		{"name": "greenroom_last", "label": "Last", "type": "datetime", "fieldType": "date", "groupName": "companyinformation"},
	}
	if diff := cmp.Diff(want, f.made); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	properties, err := w.Properties(t.Context())
	if err != nil || len(properties) == 0 {
		t.Fatal(properties, err)
	}
	properties = append(properties, health)
	changes := []connector.ContactChange{
		{Contact: "1", Set: map[string]string{"greenroom_health": "57", "community_tags": "Ana"}},
		{Contact: "2", Set: map[string]string{"greenroom_health": "57", "community_count": "3.0"}},
		{Contact: "9", Set: map[string]string{"greenroom_health": "1"}},
		{Contact: "3", Set: map[string]string{"community_tags": "bad"}},
	}
	got, err := w.Write(t.Context(), changes, properties)
	first := []string{"1 done", "2 unchanged", "9 failed HubSpot has no such company any more", "3 failed HubSpot answers /crm/v3/objects/companies/batch/update with error 400 (HubSpot says: Property values were not valid)"}
	if diff := cmp.Diff(first, outcomesOf(t, got, err)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	got, err = w.Write(t.Context(), changes[:2], properties)
	if diff := cmp.Diff([]string{"1 unchanged", "2 unchanged"}, outcomesOf(t, got, err)); diff != "" || f.updates != 1 {
		t.Errorf("again, %d sent (-want +got):\n%s", f.updates, diff)
	}
	f.refuse, f.values["1"] = true, map[string]string{}
	if _, err := w.Write(t.Context(), changes[:1], properties); greenroom.ErrorCode(err) != greenroom.CodeForbidden || !strings.Contains(greenroom.ErrorMessage(err), "crm.objects.companies.write") {
		t.Errorf("a refused write: %v; want CodeForbidden and the scope", err)
	}
}

// TestTasks adds tasks: for the owner who is named, else the company's; one of a company that is gone, one that HubSpot refuses; and
// again, as after a kill.
func TestTasks(t *testing.T) {
	f := &companies{Handler: newFake(10), values: map[string]map[string]string{"1": {"hubspot_owner_id": "77"}, "2": {"hubspot_owner_id": "77"}, "3": {}}}
	w := openAccounts(t, checked(t, f).URL)
	task := func(company, subject, owner string) connector.AccountTask {
		return connector.AccountTask{Account: company, Key: "[of " + company + "]", Subject: subject, Text: "57 of <100>", Link: "https://g.example/accounts/1", Due: today, Owner: owner}
	}
	tasks := []connector.AccountTask{task("1", "Quiet", "maya@acme.example"), task("2", "Quiet", "gone@acme.example"), task("9", "Quiet", ""), task("3", "bad", "")}
	got, err := w.AddTasks(t.Context(), tasks)
	first := []string{"1 done", "2 done", "9 failed HubSpot has no such company any more", "3 failed HubSpot answers /crm/v3/objects/tasks/batch/create with error 400 (HubSpot says: Property values were not valid)"}
	if diff := cmp.Diff(first, outcomesOf(t, got, err)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	want := object{
		"to": "1", "hubspot_owner_id": "78", "hs_task_subject": "Quiet", "hs_task_status": "NOT_STARTED", "hs_task_priority": "HIGH", "hs_task_type": "TODO", "hs_timestamp": "2026-11-22T12:00:00.000Z",
		"hs_task_body": `<p>57 of &lt;100&gt;</p><p><a href="https://g.example/accounts/1">https://g.example/accounts/1</a></p><p>[of 1]</p>`,
	}
	if diff := cmp.Diff(want, f.tasks[0]); diff != "" || f.tasks[1]["hubspot_owner_id"] != "77" || len(f.tasks) != 2 {
		t.Errorf("%d tasks, the second is %v's; the first (-want +got):\n%s", len(f.tasks), f.tasks[1]["hubspot_owner_id"], diff)
	}
	if want := "https://app-eu1.hubspot.com/tasks/4242/view/all/task/1"; got[0].Link != want || got[2].Link != "" || got[3].Link != "" {
		t.Errorf("the first is seen at %q, those that failed at %q and %q; want %s and nowhere", got[0].Link, got[2].Link, got[3].Link, want)
	}
	got, err = w.AddTasks(t.Context(), tasks[:2])
	if diff := cmp.Diff([]string{"1 unchanged", "2 unchanged"}, outcomesOf(t, got, err)); diff != "" || len(f.tasks) != 2 {
		t.Errorf("again there are %d tasks (-want +got):\n%s", len(f.tasks), diff)
	}
	if want := "https://app-eu1.hubspot.com/tasks/4242/view/all/task/2"; got[1].Link != want {
		t.Errorf("the second that was found is seen at %q, want %s", got[1].Link, want)
	}
}
