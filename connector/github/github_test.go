// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

var update = flag.Bool("update", false, "write the golden files")

func everything(f *fake) connector.Values {
	return connector.Values{
		optionRepository: "acme", optionToken: "t0ken", optionReviews: "true", optionProfiles: "true",
		optionStaff: "acme", optionBase: f.URL,
	}
}

func TestConformance(t *testing.T) {
	f := newFake(t)
	connectortest.Run(t, Spec(), everything(f), f.Client())
}

func TestGolden(t *testing.T) {
	f := newFake(t)
	facts := connectortest.Collect(t, Spec(), everything(f), f.Client(), "", 0)
	facts.Payloads, facts.Cursors = nil, nil
	got, err := json.MarshalIndent(facts, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/golden.json"
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Errorf("the facts differ from %s (run with -update if they should):\n%s", path, diff)
	}
}

// TestOnlyWhatIsNew reads again from the last cursor of a read that came to its end, long after.
func TestOnlyWhatIsNew(t *testing.T) {
	f := newFake(t)
	started := time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC)
	from := cursor{Since: started, Known: []int64{3}}
	facts := connectortest.Collect(t, Spec(), connector.Values{optionRepository: "acme/website", optionBase: f.URL}, f.Client(), from.text(), 0)
	var got []string
	for _, a := range facts.Activities {
		got = append(got, a.ExternalID)
	}
	want := []string{"issue:3:12", "star:3:10"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is new (-want +got):\n%s\nasked: %s", diff, strings.Join(f.asked, "\n"))
	}
	end := facts.Cursors[len(facts.Cursors)-1]
	var c cursor
	if err := json.Unmarshal([]byte(end), &c); err != nil {
		t.Fatal(err)
	}
	want2 := cursor{Since: connectortest.Now().Add(-overlap), Known: []int64{3}}
	if diff := cmp.Diff(want2, c); diff != "" {
		t.Errorf("the last cursor (-want +got):\n%s", diff)
	}
}

// TestLimits holds what the client does about refusals: wait a little, or stop with a sentence and go on later.
func TestLimits(t *testing.T) {
	reset := strconv.FormatInt(connectortest.Now().Add(40*time.Minute).Unix(), 10)
	tests := []struct {
		name    string
		status  int
		headers map[string]string
		body    string
		times   int // how often GitHub refuses
		slept   int
		code    greenroom.Code
		says    string
	}{
		{name: "bursts", status: 403, headers: map[string]string{"Retry-After": "30"}, times: 2, slept: 2},
		{name: "too many", status: 429, headers: map[string]string{"Retry-After": "1"}, times: 1, slept: 1},
		{name: "trouble", status: 502, times: 3, slept: 3},
		{name: "lasting trouble", status: 500, times: 99, slept: 5, code: greenroom.CodeUnavailable, says: "nothing was lost"},
		{name: "the hour is used up", status: 403, headers: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, times: 99, code: greenroom.CodeLimited, says: "until 2026-11-22 12:40 UTC"},
		{name: "bursts without a time", status: 403, body: `{"message":"You have exceeded a secondary rate limit."}`, times: 1, slept: 1},
		{name: "token", status: 401, times: 99, code: greenroom.CodeUnauthorized, says: "refuses the token"},
		{name: "access", status: 403, times: 99, code: greenroom.CodeForbidden, says: "does not allow"},
		{name: "no such repository", status: 404, times: 99, code: greenroom.CodeInvalid, says: "no repository acme/website"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			refused, slept := 0, 0
			f.refuse = func(w http.ResponseWriter, _ *http.Request) bool {
				if refused++; refused > test.times {
					return false
				}
				for k, v := range test.headers {
					w.Header().Set(k, v)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
				return true
			}
			env := connectortest.Env(t, f.Client())
			env.Sleep = func(context.Context, time.Duration) error { slept++; return nil }
			s, err := New(env, connector.Values{optionRepository: "https://github.com/acme/website", optionBase: f.URL + "/"})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil }))
			if greenroom.ErrorCode(err) != test.code || (err != nil && !strings.Contains(err.Error(), test.says)) || slept != test.slept {
				t.Errorf("slept %d times and got %v; want %d times and %q with code %q", slept, err, test.slept, test.says, test.code)
			}
		})
	}
}

// TestStaysOnItsHost holds that the token is not carried to where a link leads.
func TestStaysOnItsHost(t *testing.T) {
	f := newFake(t)
	f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/issues") {
			return false
		}
		if r.URL.Query().Get("page") == "" {
			w.Header().Set("Link", `<https://elsewhere.example/repos/acme/website/issues?page=2>; rel="next"`)
		}
		_, _ = w.Write([]byte("[]"))
		return true
	}
	values := connector.Values{optionRepository: "acme/website", optionToken: "t", optionDiscussions: "false", optionBase: f.URL}
	connectortest.Collect(t, Spec(), values, f.Client(), "", 0)
	if !slices.Contains(f.asked, "/repos/acme/website/issues?page=2") {
		t.Errorf("the link was not followed on the API's own host; asked:\n%s", strings.Join(f.asked, "\n"))
	}
}

// TestForbiddenLists reads on where GitHub does not give the discussions and the forks.
func TestForbiddenLists(t *testing.T) {
	f := newFake(t)
	f.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/forks") {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		if r.URL.Path == "/graphql" {
			_, _ = w.Write([]byte(`{"errors":[{"type":"FORBIDDEN","message":"Resource not accessible"}]}`))
		}
		return r.URL.Path == "/graphql"
	}
	facts := connectortest.Collect(t, Spec(), connector.Values{optionRepository: "acme/website", optionToken: "t", optionBase: f.URL}, f.Client(), "", 0)
	rejects := facts.Rejects[max(0, len(facts.Rejects)-2):]
	if !strings.Contains(rejects[0].Reason, "does not allow") || !strings.Contains(rejects[1].Reason, "Resource not accessible") || facts.Kinds()["issue"] == 0 {
		t.Errorf("got the rejects %+v", facts.Rejects)
	}
}

func TestSettings(t *testing.T) {
	for _, values := range []connector.Values{
		{optionRepository: "a b/c"},
		{optionRepository: "acme/.."},
		{optionRepository: "acme/x/y"},
		{optionRepository: "-acme"},
		{optionRepository: "acme", optionBase: "ftp://x"},
		{optionRepository: "acme", optionStars: "maybe"},
		{optionRepository: "acme", optionProfiles: "true"},
		{optionRepository: "acme", optionStaff: "a/b"},
		{optionRepository: "acme, a b"},
		{optionRepository: "acme", optionSince: "yesterday"},
		{optionRepository: "acme", optionApp: "1"},
		{optionApp: "1", optionKey: "nonsense"},
		{optionApp: "1", optionKey: key(t), optionToken: "t"},
		{optionApp: "1", optionKey: key(t), optionInstallation: "x"},
	} {
		if _, err := New(connectortest.Env(t, http.DefaultClient), values); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%v: got %v, want an error that says what is wrong", values, err)
		}
	}
	f := newFake(t)
	src, err := New(connectortest.Env(t, f.Client()), connector.Values{optionRepository: "acme/website", optionBase: f.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Read(t.Context(), "nonsense", nil); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a cursor of another kind: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := src.Read(ctx, "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled read: got %v", err)
	}
}

// TestDocumentation holds that the page for users describes the options that it lists as they are.
func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/github.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "|---|---|---|\n")
	rows := map[string]string{}
	for _, o := range Spec().Options {
		rows[o.Name] = "| `" + o.Name + "` | " + o.Help + " | " + o.Default + " |"
	}
	for row := range strings.Lines(table) {
		name, _, _ := strings.Cut(strings.TrimPrefix(row, "| `"), "`")
		if diff := cmp.Diff(rows[name], strings.TrimSuffix(row, "\n")); diff != "" {
			t.Errorf("the option %s in docs/connectors/github.md (-spec +page):\n%s", name, diff)
		}
	}
}
