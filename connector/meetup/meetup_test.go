// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package meetup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	yaml "github.com/oasdiff/yaml3"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/meetup"
)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  meetup.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"access-token": "old", "groups": "https://www.meetup.com/Acme-Users/", "api": url, "sign-in": url}
		},
		Activities: 25 + 4 + 2*(3+1) + 2*2,                            // joined, events, came with a guest, taken back
		Change:     func(h http.Handler) { h.(*fake).changed = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			edited, gone := false, false
			for i := range next.Activities {
				a := &next.Activities[i]
				edited = edited || a.ExternalID == "event:91" && a.Title == "Evening one"
				gone = gone || a.ExternalID == "rsvp:715" && a.Deleted
				if a.ExternalID == "event:90" || strings.HasPrefix(a.ExternalID, "join:") {
					t.Errorf("the next read tells %s again", a.ExternalID)
				}
			}
			if !edited || !gone {
				t.Errorf("edited %v, gone %v", edited, gone)
			}
		},
		Limited: limited,
		Expired: unauthenticated,
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

func open(t *testing.T, env connector.Env, values connector.Values) connector.Source {
	t.Helper()
	src, err := meetup.New(env, values)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestSchema checks every query and its variables against the schema that Meetup's server gave.
func TestSchema(t *testing.T) {
	path := filepath.Join(connectortest.Recordings(t), "..", "contracts", "meetup", "schema.printed.graphql")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the platform's contract is not here: ", err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "meetup", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	h := newFake(25)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var q struct {
			Query     string         `json:"query"`
			Variables map[string]any `json:"variables"`
		}
		if err := json.Unmarshal(body, &q); err != nil {
			t.Error(err)
		}
		if _, is := q.Variables["first"]; is {
			q.Variables["first"] = int64(q.Variables["first"].(float64)) //nolint:errcheck,forcetypeassert // JSON's
		}
		doc, problems := gqlparser.LoadQueryWithRules(schema, q.Query, rules.NewDefaultRules())
		if len(problems) > 0 {
			t.Errorf("%s: %v", q.Query, problems)
		} else if _, err := validator.VariableValues(schema, doc.Operations[0], q.Variables); err != nil {
			t.Errorf("%s with %v: %v", q.Query, q.Variables, err)
		} else {
			seen[doc.Operations[0].Name] = true
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	account(t, open(t, connectortest.LiveEnv(t), live().Values(srv.URL)))
	f := connectortest.Collect(t, meetup.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	connectortest.Collect(t, meetup.Spec(), live().Values(srv.URL), srv.Client(), f.Cursors[len(f.Cursors)-1], 0)
	if len(seen) != 5 {
		t.Errorf("these queries were sent: %v, want five", seen)
	}
}

func account(t *testing.T, src connector.Source) {
	t.Helper()
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || check.Account != "Ana, administrator of Acme" || len(check.Missing) != 0 {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Places) != 1 || v.Places[0].Members != 25 || v.Counts[1].Platform != 3 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(2))
	defer srv.Close()
	for choice, want := range map[string]map[string]int{
		"said yes":          {"join": 2, "announcement": 4, "attendance": 8, "unknown": 4},
		"marked as present": {"join": 2, "announcement": 4, "attendance": 2, "unknown": 4},
	} {
		values := live().Values(srv.URL)
		values["attendance"] = choice
		f := connectortest.Collect(t, meetup.Spec(), values, srv.Client(), "", 0)
		if d := cmp.Diff(want, f.Kinds()); d != "" {
			t.Errorf("%s: kinds (-want +got):\n%s", choice, d)
		}
		if who := f.Identities["1000"]; !who.Staff || who.Location != "Lagos, NG" || who.AvatarURL != "https://photos.example/0.jpeg" || who.JoinedAt.IsZero() || f.Identities["1001"].Staff {
			t.Errorf("the organizer is %+v", who)
		}
		for i := range f.Activities {
			if a := &f.Activities[i]; a.ExternalID == "event:90" && (a.Author != "1000" || !strings.HasSuffix(a.Body, "+01:00 Hall, Lagos, NG\n\nWe *talk*.")) {
				t.Errorf("an event is %+v", a)
			}
		}
	}
}

// TestRenew gets a new access token and keeps it.
func TestRenew(t *testing.T) {
	srv := httptest.NewServer(&fake{n: 25, token: "good"})
	defer srv.Close()
	env, kept := connectortest.LiveEnv(t), map[string]string{}
	env.Keep = func(_ context.Context, option, value string) error {
		kept[option] = value
		return nil
	}
	values := live().Values(srv.URL)
	values["refresh-token"], values["client-key"], values["client-secret"] = "r", "k", "s"
	account(t, open(t, env, values))
	if d := cmp.Diff(map[string]string{"access-token": "new", "refresh-token": "next"}, kept); d != "" {
		t.Errorf("kept (-want +got):\n%s", d)
	}
	values["groups"] = "nobody"
	out := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
	if err := open(t, env, values).Read(t.Context(), "", out); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a group that is not there gives %v", err)
	}
}

// TestRecordings reads what Meetup answered to another client.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "meetup", "meetupr-vcr")
	answers := map[string]string{"members": "get_group_members", "events": "get_events", "rsvps": "get_event_rsvps"}
	bodies := map[string]string{}
	for query, file := range answers {
		text, err := os.ReadFile(filepath.Join(dir, file+".yml"))
		if err != nil {
			t.Skip("the recording is not here: ", err)
		}
		var c struct {
			Interactions []struct {
				Response struct {
					Body struct {
						String string `yaml:"string"`
					} `yaml:"body"`
				} `yaml:"response"`
			} `yaml:"http_interactions"`
		}
		if err := yaml.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		bodies[query] = c.Interactions[0].Response.Body.String
	}
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for query, answer := range bodies {
			if !bytes.Contains(body, []byte(`"query":"query `+query)) {
				continue
			}
			if query == "rsvps" {
				asked++
			}
			if query == "members" && bytes.Contains(body, []byte(`"after"`)) || query == "rsvps" && asked > 1 { // what follows was not recorded
				answer = `{"data":{"groupByUrlname":{"id":"32612004","name":"R-Ladies Lagos"},"event":null}}`
			}
			_, _ = w.Write([]byte(answer))
		}
	}))
	defer srv.Close()
	f := connectortest.Collect(t, meetup.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	if d := cmp.Diff(map[string]int{"join": 20, "announcement": 13, "attendance": 92}, f.Kinds()); d != "" || len(f.Rejects) > 0 {
		t.Errorf("kinds (-want +got):\n%s\nleft out %v, rejects %+v", d, f.LeftOut, f.Rejects)
	}
}
