// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/bluesky"
	"greenroom/connector/connectortest"
)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  bluesky.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"handle": "@acme.example", "app-password": "p", "searches": "acme", "since": "all", "service": url, "team": "ben.bsky.social"}
		},
		Activities: 25 + 6 + 3,
		Change:     func(h http.Handler) { h.(*fake).changed = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			var gone []string
			for i := range next.Activities {
				if a := &next.Activities[i]; a.Deleted {
					gone = append(gone, a.ExternalID)
				} else if !strings.Contains(a.ExternalID, "app.bsky.graph") { // notifications of the last minutes come twice
					t.Errorf("the next read tells %+v again", a)
				}
			}
			if d := cmp.Diff([]string{uri(me, "3d"), uri("did:plc:p5", "5k1000005")}, gone); d != "" {
				t.Errorf("deleted (-want +got):\n%s", d)
			}
		},
		Expired: expired,
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(1))
	defer srv.Close()
	f := connectortest.Collect(t, bluesky.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, strings.Join([]string{a.Kind.String(), f.Identities[a.Author].Handle, a.Thread, a.ReplyTo, a.Title + a.Body}, "|"))
	}
	a, q := uri(me, "3a"), uri("did:plc:ben", "3q")
	want := []string{
		"announcement|acme.example|" + uri(me, "3d") + "||Release day",
		"announcement|acme.example|" + a + "||Ask us anything", "reply|ana.bsky.social|" + a + "|" + a + "|@acme when?", "reply|acme.example|" + a + "|" + uri("did:plc:ana", "3b") + "|Soon",
		"follow|eva.bsky.social|||", "reaction|ben.bsky.social||" + a + "|repost", "reaction|eva.bsky.social||" + a + "|like",
		"message|ben.bsky.social|" + q + "||Which database?", "reply|ana.bsky.social|" + q + "|" + q + "|Try @acme",
		"message|p1.bsky.social|" + uri("did:plc:p1", "5k1000001") + "||I like acme 1",
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("activities (-want +got):\n%s", d)
	}
	if who := f.Identities[me]; !who.Staff || !cmp.Equal(who.Links, []string{"https://acme.example"}) || !f.Identities["did:plc:ben"].Staff {
		t.Errorf("the account is %+v", who)
	}
}

// TestSession renews a session that ended without the password, and tests and surveys.
func TestSession(t *testing.T) {
	f := &fake{n: 3, token: 1}
	srv := httptest.NewServer(f)
	defer srv.Close()
	src, err := bluesky.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
		if err != nil || check.Account != "@acme.example" {
			t.Errorf("the test says %+v, %v", check, err)
		}
		f.mu.Lock()
		f.token++
		f.mu.Unlock()
	}
	if f.opened != 1 {
		t.Errorf("%d sessions were opened, want one that is renewed", f.opened)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Places) != 2 || v.Places[0].Members != 9 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}
