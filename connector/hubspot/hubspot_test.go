// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/hubspot"
	"greenroom/connector/internal/signature"
)

const (
	secret = "the app's client secret"
	hook   = "https://greenroom.example.org/hooks/crm"
)

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  hubspot.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "token": "pat-x", "client-secret": secret, "webhook-address": hook}
		},
		Change: func(h http.Handler) {
			f := h.(*fake) //nolint:errcheck,forcetypeassert // newFake's
			f.edited["deals/1000003"] = "Deal 2, renamed"
			f.archived["deals/1000005"] = true
			f.archived["contacts/500002"] = true
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Records) != 2 || next.Records[0].Name != "Deal 2, renamed" || len(next.Records[0].Stages) == 0 || next.Records[0].Organization == "" {
				t.Errorf("the next read tells of %+v, want the renamed deal with its stages and company first", next.Records)
			}
			if last := next.Records[len(next.Records)-1]; last.ExternalID != "1000005" || !last.Deleted || !last.UpdatedAt.Equal(today) {
				t.Errorf("the next read tells of %+v, want the archived deal to be deleted", last)
			}
			if !next.Identities["500002"].Deleted {
				t.Error("the archived contact is not told to be deleted")
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// deliver signs events as HubSpot does.
func deliver(tb testing.TB, when time.Time, events ...object) connector.Delivery {
	tb.Helper()
	body, err := json.Marshal(events)
	if err != nil {
		tb.Fatal(err)
	}
	stamp := strconv.FormatInt(when.UnixMilli(), 10)
	return connector.Delivery{
		Method: http.MethodPost, ReceivedAt: when.Add(2 * time.Second), Body: body,
		Header: http.Header{"X-Hubspot-Request-Timestamp": {stamp}, "X-Hubspot-Signature-V3": {signature.Base256(secret, []byte("POST"+hook+string(body)+stamp))}},
	}
}

// pushes tell that a deal was made, changed and deleted, that a ticket changed, that contacts were merged, and of things
// that are not wanted.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	ms := func(i int) int64 { return at(i).UnixMilli() }
	return []connector.Delivery{
		deliver(tb, at(100), object{"subscriptionType": "deal.creation", "objectId": 1_000_003, "occurredAt": ms(100)}, object{"subscriptionType": "object.creation", "objectTypeId": "0-3", "objectId": 1_000_099, "occurredAt": ms(100)}),
		deliver(tb, at(101), object{"subscriptionType": "deal.propertyChange", "propertyName": "dealstage", "propertyValue": "won", "objectId": 1_000_003, "occurredAt": ms(101)}),
		deliver(tb, at(102), object{"subscriptionType": "object.propertyChange", "objectTypeId": "0-5", "objectId": 2_000_002, "occurredAt": ms(102)}),
		deliver(tb, at(103), object{"subscriptionType": "object.deletion", "objectTypeId": "0-3", "objectId": 1_000_099, "occurredAt": ms(103)}),
		deliver(tb, at(104), object{"subscriptionType": "contact.merge", "objectId": 500_002, "primaryObjectId": 500_002, "mergedObjectIds": []int{499_999}, "newObjectId": nil, "occurredAt": ms(104)}),
		deliver(tb, at(105), object{"subscriptionType": "deal.associationChange", "associationType": "DEAL_TO_CONTACT", "fromObjectId": 1_000_004, "toObjectId": 500_003, "occurredAt": ms(105)}),
		deliver(tb, at(106), object{"subscriptionType": "company.propertyChange", "objectId": 3, "occurredAt": ms(106)}, object{"subscriptionType": "product.creation", "objectId": 3, "occurredAt": ms(106)}),
	}
}

// TestFacts looks at one of each kind.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(6))
	defer srv.Close()
	f := connectortest.Collect(t, hubspot.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	if diff := cmp.Diff(connector.Identity{
		ExternalID: "500002", Name: "Person 1", Emails: []greenroom.Email{{Address: "p1@c1.example"}}, JobTitle: "Engineer", Location: "Berlin", TimeZone: "Europe/Berlin",
		ProfileURL: "https://app-eu1.hubspot.com/contacts/4242/record/0-1/500002", Fields: map[string]string{"owner": "Ana Sales"},
	}, f.Identities["500002"]); diff != "" {
		t.Errorf("the contact (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(connector.Identity{ExternalID: "owner/77", Name: "Ana Sales", Staff: true, Emails: []greenroom.Email{{Address: "ana@acme.example", Verified: true}}}, f.Identities["owner/77"]); diff != "" {
		t.Errorf("the owner (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]connector.Same{{A: "500002", B: "499999", Reason: "merged in HubSpot"}}, f.Sames); diff != "" {
		t.Errorf("merged contacts (-want +got):\n%s", diff)
	}
	if o := f.Organizations; len(o) != 2 || o[0].ExternalID != "1" || o[0].Parent != "" || o[1].ExternalID != "2" || o[1].Parent != "1" {
		t.Errorf("companies are %+v, want the second below the first", o)
	}
	if diff := cmp.Diff([]connector.Membership{{Identity: "500001", Organization: "1"}, {Identity: "500002", Organization: "2"}}, f.Memberships); diff != "" {
		t.Errorf("memberships (-want +got):\n%s", diff)
	}
	want := connector.Record{
		ExternalID: "1000002", Type: "deal", Name: "Deal 1", Organization: "2", Identity: "500002", Stage: "Closed won", Amount: 1200.5, Currency: "EUR",
		OpenedAt: at(1), ClosedAt: at(10), UpdatedAt: at(2),
		Stages: []connector.StageChange{{Stage: "New", At: at(1)}, {Stage: "Qualified", At: at(2)}, {Stage: "Closed won", At: at(10)}},
		Fields: map[string]string{"state": "won", "pipeline": "Sales", "owner": "Ana Sales"},
	}
	if diff := cmp.Diff(want, f.Records[1]); diff != "" {
		t.Errorf("the deal (-want +got):\n%s", diff)
	}
	if ticket := f.Records[len(f.Records)-1]; ticket.Type != "case" || ticket.Stage != "Closed" || ticket.ClosedAt.IsZero() || ticket.Fields["priority"] != "high" {
		t.Errorf("the ticket is %+v", ticket)
	}
}

// checked serves an account whose requests are checked against HubSpot's own descriptions.
func checked(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	edit := func(text []byte) []byte {
		text = regexp.MustCompile(`"example"\s*:\s*null\s*,?`).ReplaceAll(text, nil)
		text = regexp.MustCompile(`,(\s*})`).ReplaceAll(text, []byte("$1"))
		return bytes.ReplaceAll(text, []byte(`"*/*"`), []byte(`"application/json"`))
	}
	mux := http.NewServeMux()
	mux.Handle("/account-info/", h) // of which there is no description
	mux.Handle("/oauth/v2/", h)
	for path, file := range map[string]string{
		"/crm/v3/objects/contacts/": "contacts", "/crm/v3/objects/companies/": "companies", "/crm/v3/objects/0-3/": "deals", "/crm/v3/objects/tickets/": "tickets",
		"/crm/v3/owners": "crmOwners", "/crm/v3/pipelines/": "pipelines", "/crm/v3/properties/": "properties", "/crm/v4/associations/": "associations", "/crm/v3/objects/notes/": "notes", "/crm/v3/objects/tasks/": "objects",
	} {
		version := ".v3.json"
		if file == "associations" {
			version = ".v4.json"
		}
		checked := contract.Open(t, "hubspot/"+file+version, contract.Options{Edit: edit}).Wrap(t, h)
		mux.Handle(path, checked)
		if strings.HasPrefix(path, "/crm/v3/objects/") {
			mux.Handle(strings.TrimSuffix(path, "/"), checked)
		}
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

// TestContract checks every request against HubSpot's own descriptions.
func TestContract(t *testing.T) {
	h := newFake(25)
	srv := checked(t, h)
	values := live(t).Values(srv.URL)
	values["properties"] = "contacts.plan, deals.forecast"
	first := connectortest.Collect(t, hubspot.Spec(), values, srv.Client(), "", 0)
	live(t).Change(h)
	connectortest.Collect(t, hubspot.Spec(), values, srv.Client(), first.Cursors[len(first.Cursors)-1], 0)
	src, err := hubspot.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.(connector.Tester).Test(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	if _, err := src.(connector.Surveyor).Survey(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
	for _, d := range pushes(t) {
		if err := src.(connector.Receiver).Receive(t.Context(), &d, sink); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
			t.Error(err)
		}
	}
}

// TestSearchesStayShort reads by searches of which none goes beyond its first page.
func TestSearchesStayShort(t *testing.T) {
	f := newFake(2500).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values["objects"], values["since"] = "deals", "1y"
	src, err := hubspot.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		records += len(b.Records)
		return nil
	})
	if err := src.Read(t.Context(), "", sink); err != nil || sink.Flush() != nil {
		t.Fatal(err)
	}
	if records != 2500 || len(f.searched) != 25 {
		t.Errorf("%d deals came in by %d searches, want 2,500 by 25", records, len(f.searched))
	}
}

// TestTestConnection names what the token lacks.
func TestTestConnection(t *testing.T) {
	f := newFake(3).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.scopes["deals"] = true
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values["properties"], values["pipelines"] = "contacts.plan, contacts.nonsense", "Sales, Lost"
	src, err := hubspot.New(connectortest.LiveEnv(t), values)
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
	if diff := cmp.Diff([]string{"property contacts.nonsense", "crm.objects.deals.read", "pipeline lost"}, names); diff != "" || check.Account != "HubSpot account 4242" {
		t.Errorf("account %q, missing (-want +got):\n%s", check.Account, diff)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Places) != 4 || v.Places[2].Covered || v.Items != 3 {
		t.Errorf("the survey says %+v", v)
	}
}

// TestRefresh gets access tokens for a refresh token and keeps the new one.
func TestRefresh(t *testing.T) {
	h, given := newFake(3), 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/oauth/v3/token":
			if given++; r.FormValue("grant_type") != "refresh_token" || r.FormValue("client_secret") != secret {
				t.Errorf("asked for a token with %v", r.Form)
			}
			give(w, object{"access_token": "access " + strconv.Itoa(given), "refresh_token": "refresh " + strconv.Itoa(given), "expires_in": 1800})
		case r.Header.Get("Authorization") != "Bearer access 2": // the first one has expired at once
			http.Error(w, `{"category":"EXPIRED_AUTHENTICATION"}`, http.StatusUnauthorized)
		default:
			h.ServeHTTP(w, r)
		}
	}))
	defer srv.Close()
	env, kept := connectortest.LiveEnv(t), ""
	env.Keep = func(_ context.Context, option, value string) error {
		kept = option + "=" + value
		return nil
	}
	src, err := hubspot.New(env, connector.Values{"address": srv.URL, "client-id": "id", "client-secret": secret, "refresh-token": "refresh 0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })); err != nil {
		t.Fatal(err)
	}
	if kept != "refresh-token=refresh 2" {
		t.Errorf("kept %q", kept)
	}
}

// TestVerify covers what the suite does not: old deliveries, and the older signature.
func TestVerify(t *testing.T) {
	open := func(values connector.Values) connector.Receiver {
		values["token"] = "x"
		src, err := hubspot.New(connectortest.LiveEnv(t), values)
		if err != nil {
			t.Fatal(err)
		}
		return src.(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
	}
	strict, old := open(connector.Values{"client-secret": secret, "webhook-address": hook}), open(connector.Values{"client-secret": "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"})
	late := deliver(t, at(0), object{})
	late.ReceivedAt = at(6)
	if _, err := strict.Verify(&late); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("a delivery that is six minutes old: %v", err)
	}
	// The example of HubSpot's documentation for version 1.
	v1 := connector.Delivery{
		Method: http.MethodPost, Header: http.Header{"X-Hubspot-Signature": {"232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"}, "X-Hubspot-Signature-Version": {"v1"}},
		Body: []byte(`[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]`),
	}
	if _, err := old.Verify(&v1); err != nil {
		t.Errorf("the example of the documentation: %v", err)
	}
	v1.Body = append(v1.Body, ' ')
	if _, err := old.Verify(&v1); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("a changed body: %v", err)
	}
	if _, err := strict.Verify(&v1); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("the older signature where the newer is asked for: %v", err)
	}
}

// TestRecordings walks recorded answers of HubSpot through the map.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "hubspot")
	body := regexp.MustCompile(`(?s)string: '(\{"(?:total|results)".*?\})'\n`)
	objects := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		kind := filepath.Base(filepath.Dir(path))
		if err != nil || e.IsDir() || kind != "contacts" && kind != "companies" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range body.FindAllSubmatch(text, -1) {
			page := regexp.MustCompile(`\n\s+`).ReplaceAll(m[1], []byte(" "))
			n := strings.Count(string(page), `"hs_object_id"`)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/crm/v3/objects/"+kind || r.URL.Query().Get("archived") != "" || r.URL.Query().Get("after") != "" {
					give(w, object{})
					return
				}
				_, _ = w.Write(page)
			}))
			f := connectortest.Collect(t, hubspot.Spec(), connector.Values{"address": srv.URL, "token": "x"}, srv.Client(), "", 0)
			srv.Close()
			if len(f.Identities)+len(f.Organizations) != n || len(f.Rejects) > 0 {
				t.Errorf("%s: %d contacts and %d companies of %d objects, rejected %v", path, len(f.Identities), len(f.Organizations), n, f.Rejects)
			}
			objects += n
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if objects == 0 {
		t.Error("no object was found in the recordings")
	}
	t.Log(objects, "objects")
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(10))
	f.Cleanup(srv.Close)
	src, err := hubspot.New(connectortest.LiveEnv(f), live(f).Values(srv.URL))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		_ = src.(connector.Receiver).Receive(t.Context(), &connector.Delivery{Body: body, ReceivedAt: day0}, sink) //nolint:errcheck,forcetypeassert // nothing may panic
	})
}
