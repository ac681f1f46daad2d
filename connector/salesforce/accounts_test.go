// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/salesforce"
)

// books is an organization whose accounts can be written and given tasks.
type books struct {
	http.Handler

	mu     sync.Mutex
	values map[string]object // of accounts, by id
	tasks  []object
	sent   int
	asked  []string // queries
}

func (f *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query().Get("q")
	switch path := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/services/data/v62.0"); {
	case path == "GET /sobjects/Account/describe":
		give(w, object{"updateable": true, "queryable": true, "fields": []object{
			{"name": "Health__c", "label": "Health", "type": "double", "length": 0, "updateable": true, "calculated": false, "custom": true},
			{"name": "Reasons__c", "label": "Reasons", "type": "textarea", "length": 40, "updateable": true, "calculated": false, "custom": true},
		}})
	case path == "POST /composite/sobjects/Account":
		readRecords(w, r, "Account", f.values)
	case path == "PATCH /composite/sobjects", path == "POST /composite/sobjects":
		f.save(w, r)
	case path == "GET /query" && strings.Contains(q, "FROM User WHERE IsActive"):
		f.asked = append(f.asked, q)
		give(w, object{"done": true, "totalSize": 1, "records": []object{{"Id": id("User", 4), "Email": "Maya@acme.example"}}})
	case path == "GET /query" && strings.Contains(q, "FROM Task WHERE"):
		records := []object{}
		for i, task := range f.tasks {
			if strings.Contains(q, fmt.Sprint(task["WhatId"])) {
				records = append(records, object{"Id": fmt.Sprintf("00T5g0000000000%dAA", i+1), "Description": task["Description"]})
			}
		}
		give(w, object{"done": true, "totalSize": len(records), "records": records})
	default:
		f.Handler.ServeHTTP(w, r)
	}
}

func (f *books) save(w http.ResponseWriter, r *http.Request) {
	kinds := map[string]string{http.MethodPost: "map[type:Task]", http.MethodPatch: "map[type:Account]"}
	saveRecords(w, r, func(rec object) object {
		switch {
		case fmt.Sprint(rec["attributes"]) != kinds[r.Method]:
			return refusedFor("type")
		case r.Method == http.MethodPost && strings.HasSuffix(fmt.Sprint(rec["Subject"]), "bad"):
			return refusedFor("Subject")
		case r.Method == http.MethodPost:
			f.tasks = append(f.tasks, rec)
			return savedAs(fmt.Sprintf("00T5g0000000000%dAA", len(f.tasks)))
		}
		f.sent++
		return putValues(f.values, rec)
	})
}

func outcomesOf(t *testing.T, written []connector.Written, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range written {
		got = append(got, strings.TrimSpace(string(x.Outcome)+" "+x.Reason))
	}
	return got
}

func openAccounts(t *testing.T, f *books) connector.AccountWriter {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	src, err := salesforce.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	w, ok := src.(connector.AccountWriter)
	if !ok {
		t.Fatal("Salesforce's accounts cannot be written to")
	}
	return w
}

// TestAccounts writes accounts of which one has the values already and one is gone, and again, which
// sends nothing.
func TestAccounts(t *testing.T) {
	one, two, gone := id("Account", 1), id("Account", 2), id("Account", 9)
	f := &books{Handler: newFake(5), values: map[string]object{one: {}, two: {"Health__c": 57.0}}}
	w := openAccounts(t, f)
	if _, makes := w.Accounts().(connector.PropertyMaker); makes {
		t.Error("fields are made in Salesforce's setup only")
	}
	properties, err := w.Accounts().Properties(t.Context())
	want := []connector.Property{{Name: "Health__c", Label: "Health", Type: connector.PropertyNumber, Custom: true}, {Name: "Reasons__c", Label: "Reasons", Type: connector.PropertyText, Max: 40, Custom: true}}
	if diff := cmp.Diff(want, properties); diff != "" || err != nil {
		t.Fatalf("what can be written, %v (-want +got):\n%s", err, diff)
	}
	changes := []connector.ContactChange{{Contact: one, Set: map[string]string{"Health__c": "57", "Reasons__c": "quiet"}}, {Contact: two, Set: map[string]string{"Health__c": "57"}}, {Contact: gone, Set: map[string]string{"Health__c": "1"}}}
	got, err := w.Accounts().Write(t.Context(), changes, properties)
	if diff := cmp.Diff([]string{"done", "unchanged", "failed Salesforce has no such account any more"}, outcomesOf(t, got, err)); diff != "" || f.sent != 1 || f.values[one]["Health__c"] != 57.0 {
		t.Errorf("outcomes, %d sent, %v (-want +got):\n%s", f.sent, f.values[one], diff)
	}
	got, err = w.Accounts().Write(t.Context(), changes[:2], properties)
	if diff := cmp.Diff([]string{"unchanged", "unchanged"}, outcomesOf(t, got, err)); diff != "" || f.sent != 1 {
		t.Errorf("again, %d sent (-want +got):\n%s", f.sent, diff)
	}
}

// TestTasks adds tasks: for the user who is named, else the account's owner; one of an account that is gone, one that Salesforce
// refuses; and again, which adds none.
func TestTasks(t *testing.T) {
	one, two, gone := id("Account", 1), id("Account", 2), id("Account", 9)
	f := &books{Handler: newFake(5), values: map[string]object{one: {"OwnerId": id("User", 0)}, two: {"OwnerId": id("User", 0)}}}
	w := openAccounts(t, f)
	const address = "https://acme.my.salesforce.com"
	task := func(account, subject, owner string) connector.AccountTask {
		return connector.AccountTask{Account: account, Key: "[of " + account + "]", Subject: subject, Text: "57", Link: "https://g.example/accounts/1", Due: today, Owner: owner}
	}
	tasks := []connector.AccountTask{task(one, "Quiet", "maya@acme.example"), task(two, "Quiet", "o'neil@acme.example"), task(gone, "Quiet", ""), task(two, "bad", "")}
	got, err := w.AddTasks(t.Context(), tasks)
	if diff := cmp.Diff([]string{"done", "done", "failed Salesforce has no such account any more", "failed Salesforce says: not that (Subject)"}, outcomesOf(t, got, err)); diff != "" {
		t.Errorf("outcomes of tasks (-want +got):\n%s", diff)
	}
	first := object{
		"attributes": object{"type": "Task"}, "WhatId": one, "OwnerId": id("User", 4), "Subject": "Greenroom: Quiet", "Description": "57\n\nhttps://g.example/accounts/1\n\n[of " + one + "]",
		"Status": "Not Started", "Priority": "High", "ActivityDate": "2026-11-22",
	}
	if diff := cmp.Diff(first, f.tasks[0]); diff != "" || f.tasks[1]["OwnerId"] != id("User", 0) || len(f.tasks) != 2 {
		t.Errorf("%d tasks, the first (-want +got):\n%s", len(f.tasks), diff)
	}
	if !strings.Contains(f.asked[0], `'maya@acme.example','o\'neil@acme.example'`) {
		t.Errorf("users are asked for by %s", f.asked[0])
	}
	if got[0].Link != address+"/00T5g00000000001AA" || got[2].Link != "" {
		t.Errorf("the first is seen at %q, one that failed at %q; want the task's page and nowhere", got[0].Link, got[2].Link)
	}
	got, err = w.AddTasks(t.Context(), tasks[:2])
	if diff := cmp.Diff([]string{"unchanged", "unchanged"}, outcomesOf(t, got, err)); diff != "" || len(f.tasks) != 2 || got[1].Link != address+"/00T5g00000000002AA" {
		t.Errorf("again there are %d tasks (-want +got):\n%s", len(f.tasks), diff)
	}
}
