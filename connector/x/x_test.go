// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/x"
)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  x.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"bearer-token": "t", "accounts": "@Acme", "searches": "acme database", "followers": "yes", "api": url, "monthly-cap": "100000"}
		},
		Activities: 25 + 4 + 3 + 2,
		Change:     func(h http.Handler) { h.(*fake).edited = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Activities) != 1 || next.Activities[0].Body != "We are hiring two people" || next.Activities[0].EditedAt.IsZero() || next.Activities[0].ExternalID != id(20, 1) {
				t.Errorf("the next read tells %+v, want the edited post alone, under its first id", next.Activities)
			}
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestContract checks every request against X's own description.
func TestContract(t *testing.T) {
	spec := contract.Open(t, "x/openapi.json", contract.Options{})
	srv := httptest.NewServer(spec.Wrap(t, newFake(25)))
	defer srv.Close()
	src := open(t, live().Values(srv.URL))
	if _, err := src.(connector.Tester).Test(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	if _, err := src.(connector.Surveyor).Survey(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	f := connectortest.Collect(t, x.Spec(), live().Values(srv.URL), srv.Client(), "", 1)
	connectortest.Collect(t, x.Spec(), live().Values(srv.URL), srv.Client(), f.Cursors[len(f.Cursors)-1], 0)
}

func open(t *testing.T, values connector.Values) connector.Source {
	t.Helper()
	src, err := x.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(1))
	defer srv.Close()
	f := connectortest.Collect(t, x.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, strings.Join([]string{a.Kind.String(), f.Identities[a.Author].Handle, a.Body, strings.Join(a.Mentions, " ")}, "|"))
	}
	want := []string{
		"reply|acme|@ana try 2.1|7", "announcement|acme|A long text about everything|", "announcement|acme|We are hiring|", "announcement|acme|Release day! https://acme.example/news|",
		"message|person9|Love what @acme builds|42", "reply|person8|@acme same here|42", "message|person7|@acme how do I rotate keys?|42",
		"reply|person9|me too|", "reply|person8|me too|", "message|person100|Trying the acme database & liking it|",
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("activities (-want +got):\n%s", d)
	}
	if !f.Identities["42"].Staff || f.Identities["7"].Staff || len(f.Identities["301"].Tags) != 1 {
		t.Errorf("the account itself is the team's, and followers are tagged: %+v", f.Identities)
	}
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Body == "me too" && a.Thread != id(15, 2) {
			t.Errorf("a reply is in conversation %q", a.Thread)
		}
	}
}

// TestCap reads with a cap until it is used up: what X gives out never costs more, and the next read, from the cursor
// that was kept, asks for nothing that costs.
func TestCap(t *testing.T) {
	f := &fake{n: 400}
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live().Values(srv.URL)
	values["monthly-cap"], values["followers"] = "1.00", "no"
	cursor := connector.Cursor("")
	env := connectortest.LiveEnv(t)
	read := func() error {
		src, err := x.New(env, values)
		if err != nil {
			t.Fatal(err)
		}
		out := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
			cursor = b.Cursor
			return nil
		})
		return src.Read(t.Context(), cursor, out)
	}
	if err := read(); greenroom.ErrorCode(err) != greenroom.CodeLimited || !strings.Contains(greenroom.ErrorMessage(err), "2026-12-01") {
		t.Fatalf("the read ended with %v, want code %q and when it goes on", err, greenroom.CodeLimited)
	}
	paid := f.paid
	if most := 200; paid > most || paid < 50 { // objects, of which the cheapest cost half a cent
		t.Errorf("%d objects were paid for with a dollar", paid)
	}
	if err := read(); greenroom.ErrorCode(err) != greenroom.CodeLimited {
		t.Fatalf("the second read ended with %v", err)
	}
	if f.paid != paid {
		t.Errorf("%d more objects were paid for after the cap was reached", f.paid-paid)
	}
	for _, b := range env.Meter.Metered().Budgets {
		if strings.HasPrefix(b.Name, "US cents") && (b.Limit != 100 || b.Remaining > 30) {
			t.Errorf("the budget says %+v", b)
		}
	}
}

// TestNoMoney reads X's refusals that no waiting changes.
func TestNoMoney(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		code   greenroom.Code
	}{
		{402, `{"title":"CreditsDepleted","detail":"Your enrolled account does not have any credits","type":"https://api.twitter.com/2/problems/credits"}`, greenroom.CodeLimited},
		{429, `{"title":"UsageCapExceeded","period":"Monthly","type":"https://api.twitter.com/2/problems/usage-capped"}`, greenroom.CodeLimited},
		{403, `{"reason":"client-not-enrolled","title":"Client Forbidden"}`, greenroom.CodeForbidden},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, c.body, c.status) }))
		out := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		if err := open(t, live().Values(srv.URL)).Read(t.Context(), "", out); greenroom.ErrorCode(err) != c.code {
			t.Errorf("%s: got %v, want code %q", c.body, err, c.code)
		}
		srv.Close()
	}
}

// TestSurvey forecasts the costs.
func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newFake(5))
	defer srv.Close()
	v, err := open(t, live().Values(srv.URL)).(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Places) != 2 || v.Counts[0].Platform != 3 || !strings.HasPrefix(v.Cost, "about $6.39") {
		t.Errorf("the survey says %+v", v)
	}
}
