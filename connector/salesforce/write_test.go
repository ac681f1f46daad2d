// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
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

// writable is an organization whose contacts can be written.
type writable struct {
	http.Handler

	mu     sync.Mutex
	values map[string]object // of contacts, by id
	tasks  []object
	sent   int
}

func (f *writable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	base := "/services/data/v62.0"
	switch path := r.Method + " " + strings.TrimPrefix(r.URL.Path, base); {
	case path == "GET /sobjects/Contact/describe":
		field := func(name, kind string, length int, updateable bool) object {
			return object{"name": name, "label": "The " + name, "type": kind, "length": length, "updateable": updateable, "calculated": false, "custom": strings.HasSuffix(name, "__c")}
		}
		give(w, object{"updateable": true, "queryable": true, "fields": []object{
			field("Title", "string", 128, true), field("CreatedDate", "datetime", 0, false), field("Kind", "picklist", 40, true),
			field("Seen__c", "datetime", 0, true), field("Posts__c", "double", 0, true),
		}})
	case path == "POST /composite/sobjects/Contact":
		readRecords(w, r, "Contact", f.values)
	case path == "PATCH /composite/sobjects", path == "POST /composite/sobjects":
		f.save(w, r)
	case path == "GET /query" && strings.Contains(r.URL.Query().Get("q"), "FROM Task WHERE"):
		records := []object{}
		for _, task := range f.tasks {
			if strings.Contains(r.URL.Query().Get("q"), fmt.Sprint(task["WhoId"])) {
				records = append(records, object{"Subject": task["Subject"]})
			}
		}
		give(w, object{"done": true, "totalSize": len(records), "records": records})
	default:
		f.Handler.ServeHTTP(w, r)
	}
}

// readRecords answers a question for fields of records.
func readRecords(w http.ResponseWriter, r *http.Request, kind string, values map[string]object) {
	var q struct{ IDs, Fields []string }
	if json.NewDecoder(r.Body).Decode(&q) != nil || len(q.IDs) > 200 || q.Fields[0] != "Id" {
		refuse(w, http.StatusBadRequest, "INVALID_FIELD", "no")
		return
	}
	rows := []any{}
	for _, key := range q.IDs {
		v, ok := values[key]
		if !ok {
			rows = append(rows, nil)
			continue
		}
		row := object{"attributes": object{"type": kind}, "Id": key}
		for _, name := range q.Fields[1:] {
			row[name] = v[name]
		}
		rows = append(rows, row)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(rows)
}

// saveRecords lets save decide of each record that was sent, and answers.
func saveRecords(w http.ResponseWriter, r *http.Request, save func(rec object) object) {
	var q struct {
		AllOrNone bool
		Records   []object
	}
	if json.NewDecoder(r.Body).Decode(&q) != nil || q.AllOrNone || len(q.Records) > 200 || r.Header.Get("Sforce-Auto-Assign") != "FALSE" || !strings.Contains(r.Header.Get("Sforce-Duplicate-Rule-Header"), "allowSave=true") {
		refuse(w, http.StatusBadRequest, "JSON_PARSER_ERROR", "no")
		return
	}
	results := []object{}
	for _, rec := range q.Records {
		results = append(results, save(rec))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(results)
}

func savedAs(id any) object { return object{"id": id, "success": true, "errors": []object{}} }

func refusedFor(field string) object {
	return object{"success": false, "errors": []object{{"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "not that", "fields": []string{field}}}}
}

// putValues stores the values of a record that was sent.
func putValues(values map[string]object, rec object) object {
	for name, v := range rec {
		if name != "id" && name != "attributes" {
			values[fmt.Sprint(rec["id"])][name] = v
		}
	}
	return savedAs(rec["id"])
}

func (f *writable) save(w http.ResponseWriter, r *http.Request) {
	saveRecords(w, r, func(rec object) object {
		if r.Method == http.MethodPost {
			f.tasks = append(f.tasks, rec)
			return savedAs("00T5g00000000001AA")
		}
		f.sent++
		if rec["Title"] == "bad" {
			return refusedFor("Title")
		}
		return putValues(f.values, rec)
	})
}

// TestWrite writes contacts of which one has the values already, one is gone and one is refused, and then again, as after
// a kill between note and values.
func TestWrite(t *testing.T) {
	one, two, three, gone := id("Contact", 1), id("Contact", 2), id("Contact", 3), id("Contact", 9)
	f := &writable{Handler: newFake(5), values: map[string]object{one: {"Title": "x"}, two: {"Posts__c": 12.0, "Seen__c": "2026-11-20T10:00:00.000+0000"}, three: {}}}
	srv := httptest.NewServer(f)
	defer srv.Close()
	src, err := salesforce.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	w, ok := src.(connector.Writer)
	if !ok {
		t.Fatal("Salesforce cannot be written to")
	}
	properties, err := w.Properties(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []connector.Property{
		{Name: "Posts__c", Label: "The Posts__c", Type: connector.PropertyNumber, Custom: true},
		{Name: "Seen__c", Label: "The Seen__c", Type: connector.PropertyTime, Custom: true},
		{Name: "Title", Label: "The Title", Type: connector.PropertyText, Max: 128},
	}
	if diff := cmp.Diff(want, properties); diff != "" {
		t.Errorf("what can be written (-want +got):\n%s", diff)
	}
	changes := []connector.ContactChange{
		{Contact: one, Set: map[string]string{"Posts__c": "3", "Title": ""}, Note: &connector.ContactNote{Key: "[item 1]", Text: "Ana", Link: "https://g.example/members/1", At: today}},
		{Contact: two, Set: map[string]string{"Posts__c": "12", "Seen__c": "2026-11-20T10:00:00Z"}},
		{Contact: gone, Set: map[string]string{"Posts__c": "1"}},
		{Contact: three, Set: map[string]string{"Title": "bad"}},
	}
	outcomes := func() (got []string) {
		t.Helper()
		written, err := w.Write(t.Context(), changes, properties)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range written {
			got = append(got, strings.TrimSpace(string(x.Outcome)+" "+x.Reason))
		}
		return got
	}
	if diff := cmp.Diff([]string{"done", "unchanged", "failed Salesforce has no such contact any more", "failed Salesforce says: not that (Title)"}, outcomes()); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(object{"Posts__c": 3.0, "Title": nil}, f.values[one]); diff != "" || len(f.tasks) != 1 || f.tasks[0]["Status"] != "Completed" {
		t.Errorf("the contact (-want +got):\n%s\ntasks %v", diff, f.tasks)
	}
	f.values[one], changes[0].Again, changes = object{}, true, changes[:2]
	if got := outcomes(); got[0] != "done" || len(f.tasks) != 1 || f.sent != 3 {
		t.Errorf("again: %v, %d tasks, %d sent; want the values and no second task", got, len(f.tasks), f.sent)
	}
	if got := outcomes(); got[0] != "unchanged" || f.sent != 3 {
		t.Errorf("a third time: %v, %d sent; want nothing sent", got, f.sent)
	}
	for external, writes := range map[string]bool{one: true, one[:15]: true, id("Lead", 1): false, id("User", 1): false, "003'": false} {
		if w.Writes(external) != writes {
			t.Errorf("Writes(%q) = %v", external, !writes)
		}
	}
}
