// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/mastodon"
)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  mastodon.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "token": "t", "hashtags": "#Acme", "since": "all", "team": "person3@other.example"}
		},
		Activities: 25 + 6 + 3,
		Change:     func(h http.Handler) { h.(*fake).changed = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			var lines []string
			for i := range next.Activities {
				a := &next.Activities[i]
				if a.Deleted {
					lines = append(lines, a.ExternalID+" deleted")
				} else {
					lines = append(lines, a.ExternalID+" "+a.Channel+" "+a.Body)
				}
			}
			if d := cmp.Diff([]string{"5000003 #acme Edited", "101 deleted", "5000005 deleted"}, lines); d != "" {
				t.Errorf("the next read tells (-want +got):\n%s", d)
			}
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(1))
	defer srv.Close()
	f := connectortest.Collect(t, mastodon.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, strings.Join([]string{a.ExternalID, a.Kind.String(), f.Identities[a.Author].Name, a.Thread, a.ReplyTo, a.Title + a.Body}, "|"))
	}
	want := []string{
		"102|announcement|Person 1|102||Ask us anything", "103|reply|Person 2|102|102|@acme when?", "104|reply|Person 1|102|103|Soon", "101|announcement|Person 1|101||Release day",
		"follow:2|follow|Person 2|||", "boost:3:102|reaction|Person 3|102|102|boost", "favourite:2:102|reaction|Person 2|102|102|favourite", //nolint:misspell // Mastodon spells it so
		"201|message|Person 3|201||Which database?", "202|reply|Person 2|201|201|Try @acme", "5000001|message|Person 5|5000001||I like #acme 1",
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("activities (-want +got):\n%s", d)
	}
	who := f.Identities["3"]
	if !who.Staff || who.Bio != "I build things" || !cmp.Equal(who.Links, []string{"https://person.example/person3"}) || !f.Identities["1"].Staff || f.Identities["2"].Staff {
		t.Errorf("one of the team is %+v", who)
	}
}

// TestAccount tests the connection with a token that lacks a scope, and surveys.
func TestAccount(t *testing.T) {
	h := newFake(3)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/notifications") {
			http.Error(w, `{"error":"This action is outside the authorized scopes"}`, http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	src, err := mastodon.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || !strings.HasPrefix(check.Account, "@acme on ") || len(check.Missing) != 1 || check.Missing[0].Name != "read:notifications" {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Places) != 2 || v.Places[0].Items != 3 || v.Counts[1].Platform != 7 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
	if _, err := mastodon.New(connectortest.LiveEnv(t), connector.Values{"address": srv.URL}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("neither a token nor hashtags gives %v", err)
	}
}
