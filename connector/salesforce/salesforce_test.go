// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/salesforce"
)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  salesforce.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "client-id": "id", "client-secret": "secret", "currency": "EUR", "fields": "Contact.Plan__c"}
		},
		Change: func(h http.Handler) {
			f := h.(*fake) //nolint:errcheck,forcetypeassert // newFake's
			f.edited[id("Opportunity", 3)] = "Renamed"
			f.deleted[id("Opportunity", 5)] = ""
			f.deleted[id("Contact", 2)] = id("Contact", 1)
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Records) != 2 || next.Records[0].Name != "Renamed" || len(next.Records[0].Stages) == 0 || !next.Records[1].Deleted || !next.Records[1].UpdatedAt.Equal(today) {
				t.Errorf("the next read tells of %+v, want the renamed and the deleted opportunity", next.Records)
			}
			if diff := cmp.Diff([]connector.Same{{A: id("Contact", 1), B: id("Contact", 2), Reason: "merged in Salesforce"}}, next.Sames); diff != "" || !next.Identities[id("Contact", 2)].Deleted {
				t.Errorf("the merged contact (-want +got):\n%s", diff)
			}
		},
		Limited: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			refuse(w, http.StatusServiceUnavailable, "SERVER_UNAVAILABLE", "try again")
		},
		Expired: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/services/oauth2/token" {
				w.WriteHeader(http.StatusBadRequest)
				give(w, object{"error": "inactive_user", "error_description": "user is inactive"})
				return
			}
			refuse(w, http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestFacts looks at one of each kind.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(6))
	defer srv.Close()
	f := connectortest.Collect(t, salesforce.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	f.Identities[id("Contact", 1)].Fields["lead source"] = ""
	want := connector.Identity{
		ExternalID: id("Contact", 1), Name: "Contact 1", Emails: []greenroom.Email{{Address: "p1@c1.example"}}, JobTitle: "Engineer", Location: "Berlin",
		ProfileURL: "https://acme.my.salesforce.com/" + id("Contact", 1), Fields: map[string]string{"owner": "User 0", "Plan__c": "Team", "lead source": ""},
	}
	if diff := cmp.Diff(want, f.Identities[id("Contact", 1)]); diff != "" {
		t.Errorf("the contact (-want +got):\n%s", diff)
	}
	if u := f.Identities[id("User", 1)]; !u.Staff || !u.Deleted || u.Handle != "user1@acme.example" || u.TimeZone != "Europe/Berlin" {
		t.Errorf("the user is %+v", u)
	}
	if diff := cmp.Diff([]connector.Same{{A: id("Contact", 0), B: id("Lead", 0), Reason: "converted in Salesforce"}}, f.Sames); diff != "" {
		t.Errorf("converted leads (-want +got):\n%s", diff)
	}
	if o := f.Organizations[0]; o.Domains[0] != "c0.example" || o.Lifecycle != "customer" || o.Size != 40 || o.Parent != "" {
		t.Errorf("the account is %+v", o)
	}
	if o := f.Organizations[1]; o.Parent != f.Organizations[0].ExternalID {
		t.Errorf("the account below it is %+v", o)
	}
	deal := connector.Record{
		ExternalID: id("Opportunity", 1), Type: "deal", Name: "Opportunity 1", Organization: id("Account", 1), Identity: id("Contact", 1), Stage: "Closed Won", Amount: 1200.5, Currency: "EUR",
		OpenedAt: at(1), ClosedAt: day0.AddDate(0, 0, 85).Truncate(24 * 3600e9), UpdatedAt: at(1),
		Stages: []connector.StageChange{{Stage: "Qualification", At: at(1)}, {Stage: "Proposal", At: at(2)}, {Stage: "Closed Won", At: at(6)}},
		Fields: map[string]string{"state": "won", "owner": "User 0", "probability": "50"},
	}
	if diff := cmp.Diff(deal, f.Records[1]); diff != "" {
		t.Errorf("the opportunity (-want +got):\n%s", diff)
	}
	ticket := f.Records[len(f.Records)-1]
	if diff := cmp.Diff([]connector.StageChange{{Stage: "New", At: at(1)}, {Stage: "Working", At: at(3)}, {Stage: "Closed", At: at(10)}}, ticket.Stages); diff != "" || ticket.Identity != id("Contact", 1) {
		t.Errorf("the case %+v, stages (-want +got):\n%s", ticket, diff)
	}
}

// TestTestConnection names what the user may not see.
func TestTestConnection(t *testing.T) {
	f := newFake(3).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.refused["Opportunity"] = true
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live().Values(srv.URL)
	values["fields"] = "Contact.Plan__c, Lead.Score__c"
	src, err := salesforce.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range check.Missing {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"field Lead.Score__c", "Read on Opportunity"}, names); diff != "" || check.Account != "Acme" {
		t.Errorf("account %q, missing (-want +got):\n%s", check.Account, diff)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Places) != 6 || v.Items != 8 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}

// TestRefusals covers what is Salesforce's own way: a wrong secret, the limit of all integrations, and what is left for
// them.
func TestRefusals(t *testing.T) {
	read := func(h http.Handler, secret string) (int, error) {
		srv := httptest.NewServer(h)
		defer srv.Close()
		values := live().Values(srv.URL)
		values["client-secret"] = secret
		env := connectortest.LiveEnv(t)
		src, err := salesforce.New(env, values)
		if err != nil {
			t.Fatal(err)
		}
		err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil }))
		return len(env.Meter.Metered().Warnings), err
	}
	if _, err := read(newFake(3), "wrong"); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized {
		t.Errorf("a wrong secret: %v", err)
	}
	tired := newFake(3).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	tired.usage = "api-usage=14000/15000; api-bursts=1/750"
	if _, err := read(tired, "secret"); greenroom.ErrorCode(err) != greenroom.CodeLimited || !strings.Contains(greenroom.ErrorMessage(err), "left for others") {
		t.Errorf("less than a tenth is left: %v", err)
	}
	h := newFake(3)
	if _, err := read(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/query") {
			refuse(w, http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
			return
		}
		h.ServeHTTP(w, r)
	}), "secret"); greenroom.ErrorCode(err) != greenroom.CodeLimited {
		t.Errorf("the limit is exceeded: %v", err)
	}
	bare := newFake(3).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	bare.refused["CaseHistory"], bare.refused["Lead"] = true, true
	if warned, err := read(bare, "secret"); err != nil || warned != 2 {
		t.Errorf("without leads and the history of cases: %v, %d warnings", err, warned)
	}
}

// TestRecordings reads recorded descriptions of objects, and asks for nothing that they do not have.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "salesforce", "cumulusci-cassettes")
	describe := map[string][]byte{}
	fields := map[string]map[string]bool{}
	for _, name := range []string{"Case", "Contact"} {
		text, err := os.ReadFile(filepath.Join(dir, "GET_sobjects_"+name+"_describe.yaml"))
		if err != nil {
			t.Skip("the recording is not here: ", err)
		}
		body := regexp.MustCompile(`(?s)\{\s*"actionOverrides".*\}`).Find(text)
		describe[name] = regexp.MustCompile(`\n\s+`).ReplaceAll(body, []byte(" "))
		var d struct{ Fields []struct{ Name string } }
		if err := json.Unmarshal(describe[name], &d); err != nil {
			t.Fatal(err)
		}
		fields[name] = map[string]bool{"Owner.Name": true}
		for _, f := range d.Fields {
			fields[name][f.Name] = true
		}
	}
	h, asked := newFake(7), 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.URL.Path, "/")
		if body := describe[parts[min(5, len(parts)-1)]]; body != nil && strings.HasSuffix(r.URL.Path, "/describe") {
			_, _ = w.Write(body)
			return
		}
		q := r.URL.Query().Get("q")
		if list, rest, ok := strings.Cut(strings.TrimPrefix(q, "SELECT "), " FROM "); ok {
			name, _, _ := strings.Cut(rest, " ")
			for _, f := range strings.Split(list, ", ") {
				if known := fields[name]; known != nil && !strings.Contains(rest, " IN (") {
					if asked++; !known[f] {
						t.Errorf("asks for %s.%s, which is not in the recorded description", name, f)
					}
				}
			}
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	values := live().Values(srv.URL)
	delete(values, "fields")
	if f := connectortest.Collect(t, salesforce.Spec(), values, srv.Client(), "", 0); len(f.Records) != 9 || asked < 20 {
		t.Errorf("%d records came in, %d fields were asked for", len(f.Records), asked)
	}
}

// TestRecordedAnswers reads answers of the restforce library's tests: they are of no object that comes in, and are
// rejected with a reason rather than lost.
func TestRecordedAnswers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(connectortest.Recordings(t), "salesforce", "restforce", "query_success_response.json"))
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	h := newFake(0)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Query().Get("q"), "FROM Opportunity ") {
			_, _ = w.Write(text)
			return
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	f := connectortest.Collect(t, salesforce.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	if len(f.Rejects) != 1 || f.Rejects[0].File != "opportunities" {
		t.Errorf("rejected: %+v", f.Rejects)
	}
}
