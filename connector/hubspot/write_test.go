// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/hubspot"
)

// writable is an account whose contacts can be written. It refuses whole batches that hold the value "bad", as HubSpot does.
type writable struct {
	http.Handler

	mu      sync.Mutex
	values  map[string]map[string]string // of contacts, by id
	notes   []object
	updates int // contacts that were sent
	refuse  bool
}

func newWritable() *writable {
	w := &writable{Handler: newFake(10), values: map[string]map[string]string{}}
	for _, id := range []string{"500001", "500002", "500003"} {
		w.values[id] = map[string]string{}
	}
	return w
}

type batchBody struct {
	Inputs []struct {
		ID           string            `json:"id"`
		Properties   map[string]string `json:"properties"`
		Associations []struct {
			To struct {
				ID string `json:"id"`
			} `json:"to"`
		} `json:"associations"`
	} `json:"inputs"`
}

func (f *writable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b batchBody
	if strings.Contains(r.URL.Path, "/batch/") {
		text, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(text, &b) != nil {
			http.Error(w, `{"message":"unreadable"}`, http.StatusBadRequest)
			return
		}
	}
	results := []object{}
	switch r.URL.Path {
	case "/crm/v3/properties/contacts":
		f.describe(w)
		return
	case "/crm/v3/objects/contacts/batch/read":
		results = b.present(f.values)
	case "/crm/v3/objects/contacts/batch/update":
		if !f.update(w, &b) {
			return
		}
	case "/crm/v4/associations/contacts/notes/batch/read":
		results = b.linked(f.notes)
	case "/crm/v3/objects/notes/batch/read":
		results = b.read(f.notes, "hs_note_body")
	case "/crm/v3/objects/notes/batch/create":
		for _, in := range b.Inputs {
			f.notes = append(f.notes, object{"to": in.Associations[0].To.ID, "hs_note_body": in.Properties["hs_note_body"]})
		}
	default:
		f.Handler.ServeHTTP(w, r)
		return
	}
	give(w, object{"status": "COMPLETE", "startedAt": iso(day0), "completedAt": iso(day0), "results": results})
}

// present answers a question for what objects have.
func (b *batchBody) present(values map[string]map[string]string) []object {
	results := []object{}
	for _, in := range b.Inputs {
		if v, ok := values[in.ID]; ok {
			results = append(results, object{"id": in.ID, "properties": maps.Clone(v), "createdAt": iso(day0), "updatedAt": iso(day0)})
		}
	}
	return results
}

// linked answers a question for what stands beside objects; each of it names its object as "to", and is called by its number.
func (b *batchBody) linked(beside []object) []object {
	results := []object{}
	for _, in := range b.Inputs {
		to := []object{}
		for i, n := range beside {
			if n["to"] == in.ID {
				to = append(to, object{"toObjectId": i + 1, "associationTypes": []object{}})
			}
		}
		results = append(results, object{"from": object{"id": in.ID}, "to": to})
	}
	return results
}

// read answers a question for a property of what stands beside objects.
func (b *batchBody) read(beside []object, property string) []object {
	results := []object{}
	for _, in := range b.Inputs {
		if i, err := strconv.Atoi(in.ID); err == nil && i <= len(beside) {
			results = append(results, object{"id": in.ID, "properties": object{property: beside[i-1][property]}, "createdAt": iso(day0), "updatedAt": iso(day0)})
		}
	}
	return results
}

func (f *writable) update(w http.ResponseWriter, b *batchBody) bool {
	if f.refuse {
		w.WriteHeader(http.StatusForbidden)
		give(w, object{"status": "error", "message": "This app hasn't been granted all required scopes to make this call.", "category": "MISSING_SCOPES"})
		return false
	}
	for _, in := range b.Inputs {
		for _, v := range in.Properties {
			if v == "bad" {
				w.WriteHeader(http.StatusBadRequest)
				give(w, object{"status": "error", "message": "Property values were not valid", "category": "VALIDATION_ERROR"})
				return false
			}
		}
	}
	f.updates += len(b.Inputs)
	for _, in := range b.Inputs {
		for name, v := range in.Properties {
			f.values[in.ID][name] = v
		}
	}
	return true
}

func (f *writable) describe(w http.ResponseWriter) {
	property := func(name, kind, field string, own, readOnly bool) object {
		return object{
			"name": name, "label": "The " + name, "type": kind, "fieldType": field, "hubspotDefined": own, "calculated": false, "hidden": false,
			"groupName": "contactinformation", "description": "", "options": []object{}, "modificationMetadata": object{"archivable": true, "readOnlyDefinition": own, "readOnlyValue": readOnly},
		}
	}
	give(w, object{"results": []object{
		property("jobtitle", "string", "text", true, false), property("createdate", "datetime", "date", true, true), property("plan", "enumeration", "select", false, false),
		property("community_last", "datetime", "date", false, false), property("community_count", "number", "number", false, false), property("community_tags", "string", "textarea", false, false),
	}})
}

func openWriter(t *testing.T, url string) connector.Writer {
	t.Helper()
	src, err := hubspot.New(connectortest.LiveEnv(t), live(t).Values(url))
	if err != nil {
		t.Fatal(err)
	}
	w, ok := src.(connector.Writer)
	if !ok {
		t.Fatal("HubSpot cannot be written to")
	}
	return w
}

// TestWrite writes contacts of which one has the values already, one is gone and one has a value that HubSpot refuses, and
// then all of them again, as after a kill.
func TestWrite(t *testing.T) {
	f := newWritable()
	w := openWriter(t, checked(t, f).URL)
	properties, err := w.Properties(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []connector.Property{
		{Name: "community_count", Label: "The community_count", Type: connector.PropertyNumber, Max: 65536, Custom: true},
		{Name: "community_last", Label: "The community_last", Type: connector.PropertyTime, Max: 65536, Custom: true},
		{Name: "community_tags", Label: "The community_tags", Type: connector.PropertyText, Max: 65536, Custom: true},
		{Name: "jobtitle", Label: "The jobtitle", Type: connector.PropertyText, Max: 65536},
	}
	if diff := cmp.Diff(want, properties); diff != "" {
		t.Errorf("what can be written (-want +got):\n%s", diff)
	}
	f.values["500002"] = map[string]string{"community_count": "12.0", "community_last": "2026-11-20T10:00:00.000Z"}
	note := func(contact string) *connector.ContactNote {
		return &connector.ContactNote{Key: "[item of " + contact + "]", Text: "Ana & Bo <were> active", Link: "https://g.example/members/1", At: today}
	}
	last := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Format(time.RFC3339)
	changes := []connector.ContactChange{
		{Contact: "500001", Set: map[string]string{"community_count": "3", "community_last": last}, Note: note("500001")},
		{Contact: "500002", Set: map[string]string{"community_count": "12", "community_last": last}, Note: note("500002")},
		{Contact: "499999", Set: map[string]string{"community_count": "1"}},
		{Contact: "500003", Set: map[string]string{"community_tags": "bad"}},
	}
	outcomes := func(changes []connector.ContactChange) []string {
		t.Helper()
		written, err := w.Write(t.Context(), changes, properties)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range written {
			got = append(got, strings.TrimSpace(x.Contact+" "+string(x.Outcome)+" "+x.Reason))
		}
		return got
	}
	first := []string{"500001 done", "500002 unchanged", "499999 failed HubSpot has no such contact any more", "500003 failed HubSpot answers /crm/v3/objects/contacts/batch/update with error 400 (HubSpot says: Property values were not valid)"}
	if diff := cmp.Diff(first, outcomes(changes)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if len(f.notes) != 1 || f.updates != 1 || f.values["500001"]["community_count"] != "3" {
		t.Errorf("%d notes, %d updates, values %v; want one of each, of the contact that changed", len(f.notes), f.updates, f.values)
	}
	if body := fmt.Sprint(f.notes[0]["hs_note_body"]); !strings.Contains(body, "Ana &amp; Bo &lt;were&gt; active") {
		t.Errorf("the note is %s", body)
	}
	// The process died after the note and before the values: the note is found and not repeated.
	f.values["500001"] = map[string]string{}
	for i := range changes {
		changes[i].Again = true
	}
	if got := outcomes(changes[:2]); got[0] != "500001 done" || len(f.notes) != 1 || f.updates != 2 {
		t.Errorf("again: %v, %d notes, %d updates; want the values written and no second note", got, len(f.notes), f.updates)
	}
	if got := outcomes(changes[:2]); got[0] != "500001 unchanged" || f.updates != 2 {
		t.Errorf("a third time: %v, %d updates; want nothing sent", got, f.updates)
	}
}

// TestWriteRefused says which scope is missing.
func TestWriteRefused(t *testing.T) {
	f := newWritable()
	f.refuse = true
	w := openWriter(t, checked(t, f).URL)
	_, err := w.Write(t.Context(), []connector.ContactChange{{Contact: "500001", Set: map[string]string{"jobtitle": "x"}}}, []connector.Property{{Name: "jobtitle", Type: connector.PropertyText}})
	if greenroom.ErrorCode(err) != greenroom.CodeForbidden || !strings.Contains(greenroom.ErrorMessage(err), "crm.objects.contacts.write") {
		t.Errorf("a refused write: %v; want CodeForbidden and the scope", err)
	}
	for id, writes := range map[string]bool{"500001": true, "owner/77": false, "": false} {
		if w.Writes(id) != writes {
			t.Errorf("Writes(%q) = %v", id, !writes)
		}
	}
}
