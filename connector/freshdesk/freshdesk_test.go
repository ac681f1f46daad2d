// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/freshdesk"
)

const secret = "the secret of the automations"

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  freshdesk.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "key": "k", "webhook-secret": secret, "custom-fields": "cf_plan"}
		},
		Activities: 3, // ratings
		Change: func(h http.Handler) {
			h.(*fake).renamed[3] = "Ticket 3, renamed" //nolint:errcheck,forcetypeassert // newFake's
			h.(*fake).gone[5] = true                   //nolint:errcheck,forcetypeassert // newFake's
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Records) != 2 || next.Records[0].Name != "Ticket 3, renamed" || !next.Records[1].Deleted || next.Records[1].ExternalID != "6" {
				t.Errorf("the next read tells of %+v, want the renamed and the deleted ticket", next.Records)
			}
			if !slices.ContainsFunc(next.Conversations, func(c connector.Conversation) bool { return c.Thread == "ticket/6" && c.Deleted }) {
				t.Errorf("the next read leaves what was said in the deleted ticket: %+v", next.Conversations)
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

// TestMessages runs the suite with the messages of tickets.
func TestMessages(t *testing.T) {
	c := live(t)
	values := c.Values
	c.Values = func(url string) connector.Values {
		v := values(url)
		v["messages"] = "true"
		return v
	}
	c.Activities = 3 + 25 + 9
	c.NoBackfill = "each ticket costs a request; the rest is read by TestLive"
	connectortest.RunLive(t, c)
}

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// pushes name tickets as automations do, one that is not there and one that is no ticket.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	bodies := []dict{
		{"ticket_id": "4"}, {"ticket_id": 4}, {"freshdesk_webhook": dict{"ticket_id": 2, "ticket_subject": "x"}}, {"ticket_id": 999}, {"something": "else"}, {"ticket_id": "7"},
	}
	all := make([]connector.Delivery, len(bodies))
	for i, b := range bodies {
		body, err := json.Marshal(b)
		if err != nil {
			tb.Fatal(err)
		}
		all[i] = connector.Delivery{Method: http.MethodPost, ReceivedAt: at(100 + i), Body: body, Header: http.Header{"X-Greenroom-Secret": {secret}}}
	}
	return all
}

// TestFacts looks at one of each kind.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(4))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values["messages"] = "true"
	f := connectortest.Collect(t, freshdesk.Spec(), values, srv.Client(), "", 0)
	if diff := cmp.Diff(connector.Identity{
		ExternalID: "5000000", Name: "Person 0", Emails: []greenroom.Email{{Address: "p0@c0.example", Verified: true}, {Address: "p0@home.example"}}, JobTitle: "Engineer", Location: "Berlin",
		Tags: []string{"vip"}, Links: []string{"https://x.com/p"}, JoinedAt: at(0), Fields: map[string]string{},
	}, f.Identities["5000000"]); diff != "" {
		t.Errorf("the contact (-want +got):\n%s", diff)
	}
	if a := f.Identities["77"]; !a.Staff || a.Name != "Ana Agent" || f.Organizations[0].Domains[0] != "c0.example" || f.Memberships[0].Organization != "1" {
		t.Errorf("the agent is %+v, the company %+v", a, f.Organizations[0])
	}
	want := connector.Record{
		ExternalID: "2", Type: "case", Name: "Ticket 1", Organization: "1", Identity: "5000000", Stage: "Solved", OpenedAt: at(1), ClosedAt: at(51), UpdatedAt: at(1),
		Stages: []connector.StageChange{{Stage: "Open", At: at(1)}, {Stage: "Pending", At: at(21)}, {Stage: "Solved", At: at(51)}},
		Fields: map[string]string{"cf_plan": "team", "priority": "high", "came by": "email", "tags": "a", "owner": "Ana Agent"},
	}
	if diff := cmp.Diff(want, f.Records[1]); diff != "" {
		t.Errorf("the ticket (-want +got):\n%s", diff)
	}
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, a.Kind.String()+" "+a.Thread+" "+a.Author+" "+a.Body)
	}
	if diff := cmp.Diff([]string{
		"message ticket/1 5000000 It does not work.", "reply ticket/1 77 Which version?", "message ticket/2 5000000 It does not work.", "message ticket/3 5000000 It does not work.",
		"message ticket/4 5000000 It does not work.", "reply ticket/4 77 Which version?", "survey_answer ticket/1 5000000 Thank you!", "survey_answer ticket/1 5000000 Thank you!",
		"survey_answer ticket/1 5000000 Thank you!",
	}, lines); diff != "" || f.LeftOut["private notes"] != 2 {
		t.Errorf("left out %v, activities (-want +got):\n%s", f.LeftOut, diff)
	}
}

// TestSameSecond reads tickets that were all updated in one second, by the numbers of pages.
func TestSameSecond(t *testing.T) {
	f := newFake(95).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.same = true
	srv := httptest.NewServer(f)
	defer srv.Close()
	got := connectortest.Collect(t, freshdesk.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	told := map[string]bool{}
	for i := range got.Records {
		told[got.Records[i].ExternalID] = true
	}
	if len(told) != 95 {
		t.Errorf("%d tickets came in, want 95", len(told))
	}
}

// TestTestConnection names what the key may not see.
func TestTestConnection(t *testing.T) {
	f := newFake(7).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.refuse = "companies"
	srv := httptest.NewServer(f)
	defer srv.Close()
	env := connectortest.LiveEnv(t)
	src, err := freshdesk.New(env, live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(check.Missing) != 1 || check.Missing[0].Name != "companies" || check.Missing[0].Must {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Places) != 3 || v.Items != 7+2+2 || v.Counts[0].Query != "type:case" {
		t.Errorf("the survey says %+v, %v", v, err)
	}
	sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
	if err := src.Read(t.Context(), "", sink); err != nil || len(env.Meter.Metered().Warnings) != 1 {
		t.Errorf("reading without companies: %v, warnings %v", err, env.Meter.Metered().Warnings)
	}
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(10))
	f.Cleanup(srv.Close)
	values := live(f).Values(srv.URL)
	values["messages"] = "true"
	src, err := freshdesk.New(connectortest.LiveEnv(f), values)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		_ = src.(connector.Receiver).Receive(t.Context(), &connector.Delivery{Body: body, ReceivedAt: day0}, sink) //nolint:errcheck,forcetypeassert // nothing may panic
	})
}
