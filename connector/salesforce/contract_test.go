// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/salesforce"
)

// These tests hold what Salesforce publishes of its API: the REST API Developer Guide (headers, status codes), the Object
// Reference (TaskStatus, TaskPriority, person accounts) and the limits cheat sheet.

// TestPersonAccounts holds that an account that is a person, of which opportunities and cases tell the account's id, is no
// organization: they concern the person's contact.
func TestPersonAccounts(t *testing.T) {
	f := newFake(20).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.persons = true
	f.refused["OpportunityContactRole"] = true
	srv := httptest.NewServer(f)
	defer srv.Close()
	facts := connectortest.Collect(t, salesforce.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	known := map[string]bool{}
	for i := range facts.Organizations {
		known[facts.Organizations[i].ExternalID] = true
	}
	if len(known) != 3 || facts.LeftOut["person accounts, which come in as contacts"] != 1 {
		t.Fatalf("%d organizations, left out %v", len(known), facts.LeftOut)
	}
	persons := 0
	for i := range facts.Records {
		switch r := &facts.Records[i]; {
		case r.Organization != "" && !known[r.Organization]:
			t.Errorf("%s %s is of the organization %s, which never comes in", r.Type, r.ExternalID, r.Organization)
		case r.Organization == "" && r.Identity == id("Contact", 3):
			persons++
		}
	}
	if persons != 6 { // 5 opportunities and a case
		t.Errorf("%d records concern the person, want 6", persons)
	}
}

// TestTaskWords holds that tasks are written in the organization's own states and priorities.
func TestTaskWords(t *testing.T) {
	for name, c := range map[string]struct {
		words      [][]object
		open, done any
		high       any
	}{
		"the usual ones": {nil, "Not Started", "Completed", "High"},
		"of an organization in German": {[][]object{
			{{"ApiName": "In Bearbeitung", "IsClosed": false, "IsDefault": false}, {"ApiName": "Offen", "IsClosed": false, "IsDefault": true}, {"ApiName": "Abgeschlossen", "IsClosed": true, "IsDefault": false}},
			{{"ApiName": "Normal", "IsHighPriority": false}, {"ApiName": "Hoch", "IsHighPriority": true}},
		}, "Offen", "Abgeschlossen", "Hoch"},
		"without a high priority":    {[][]object{{}, {{"ApiName": "Normal", "IsHighPriority": false}}}, "Not Started", "Completed", nil},
		"with what counts as closed": {[][]object{{{"ApiName": "Completed", "IsClosed": false, "IsDefault": false}, {"ApiName": "Archived", "IsClosed": true, "IsDefault": false}}, {}}, "Completed", "Archived", "High"},
	} {
		account, contact := id("Account", 1), id("Contact", 1)
		h := newFake(5).(*fake) //nolint:errcheck,forcetypeassert // newFake's
		h.words = c.words
		f := &books{Handler: h, values: map[string]object{account: {"OwnerId": id("User", 0)}}}
		w := openAccounts(t, f)
		if _, err := w.AddTasks(t.Context(), []connector.AccountTask{{Account: account, Key: "[1]", Subject: "Quiet", Due: today}}); err != nil || len(f.tasks) != 1 {
			t.Fatalf("%s: %v, %d tasks", name, err, len(f.tasks))
		}
		notes := &writable{Handler: h, values: map[string]object{contact: {}}}
		srv := httptest.NewServer(notes)
		src, err := salesforce.New(connectortest.LiveEnv(t), live().Values(srv.URL))
		if err != nil {
			t.Fatal(err)
		}
		change := connector.ContactChange{Contact: contact, Set: map[string]string{"Title": "x"}, Note: &connector.ContactNote{Key: "[2]", Text: "Ana", At: today}}
		_, err = src.(connector.Writer).Write(t.Context(), []connector.ContactChange{change}, []connector.Property{{Name: "Title", Type: connector.PropertyText}}) //nolint:errcheck // the compiler has checked it
		srv.Close()
		if err != nil || len(notes.tasks) != 1 {
			t.Fatalf("%s: %v, %d notes", name, err, len(notes.tasks))
		}
		if diff := cmp.Diff([]any{c.open, c.high, c.done}, []any{f.tasks[0]["Status"], f.tasks[0]["Priority"], notes.tasks[0]["Status"]}); diff != "" {
			t.Errorf("%s: open, high and done (-want +got):\n%s", name, diff)
		}
	}
}

// TestWriteBelowReserve holds that what was written is told to be, though the answer says that little is left for others.
func TestWriteBelowReserve(t *testing.T) {
	one := id("Contact", 1)
	f := &writable{Handler: newFake(5), values: map[string]object{one: {}}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/composite/") {
			w.Header().Set("Sforce-Limit-Info", "api-usage=14500/15000")
		}
		f.ServeHTTP(w, r)
	}))
	defer srv.Close()
	src, err := salesforce.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	change := connector.ContactChange{Contact: one, Set: map[string]string{"Title": "x"}}
	written, err := src.(connector.Writer).Write(t.Context(), []connector.ContactChange{change}, []connector.Property{{Name: "Title", Type: connector.PropertyText}}) //nolint:errcheck // the compiler has checked it
	if err != nil || len(written) != 1 || written[0].Outcome != connector.OutcomeDone {
		t.Errorf("written %+v, %v", written, err)
	}
}

// TestLimits tells the limit of long requests at the same time, which is over soon, from that of a day, and an organization
// without the API from one that shows no objects.
func TestLimits(t *testing.T) {
	for message, c := range map[string]struct {
		code string
		want greenroom.Code
		says string
		wait time.Duration
	}{
		"TotalRequests Limit exceeded.":                                {"REQUEST_LIMIT_EXCEEDED", greenroom.CodeLimited, "24 hours", time.Hour},
		"ConcurrentRequests (Concurrent API Requests) Limit exceeded.": {"REQUEST_LIMIT_EXCEEDED", greenroom.CodeLimited, "at the same time", time.Minute},
		"The REST API is not enabled for this Organization.":           {"API_DISABLED_FOR_ORG", greenroom.CodeForbidden, "use its API", 0},
	} {
		h := newFake(3)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/services/data/") {
				refuse(w, http.StatusForbidden, c.code, message)
				return
			}
			h.ServeHTTP(w, r)
		}))
		env := connectortest.LiveEnv(t)
		var waited time.Duration
		env.Sleep = func(_ context.Context, d time.Duration) error {
			waited = max(waited, d)
			return nil
		}
		src, err := salesforce.New(env, live().Values(srv.URL))
		if err != nil {
			t.Fatal(err)
		}
		err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil }))
		srv.Close()
		if greenroom.ErrorCode(err) != c.want || !strings.Contains(greenroom.ErrorMessage(err), c.says) {
			t.Errorf("%s: %v", message, err)
		}
		if c.wait < time.Hour && waited.Truncate(time.Minute) != c.wait {
			t.Errorf("%s: waited %s, want %s", message, waited, c.wait)
		}
	}
}
