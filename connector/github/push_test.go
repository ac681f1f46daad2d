// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/signature"
)

// TestWebhookExamples maps GitHub's own example of every delivery, or counts it by the event's name.
func TestWebhookExamples(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(connectortest.Recordings(t), "..", "contracts", "github", "webhooks-examples.json"))
	if err != nil {
		t.Skip("the webhook examples are not here: ", err)
	}
	var events []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(data, &events); err != nil {
		t.Fatal(err)
	}
	values := connector.Values{optionApp: "1", optionKey: key(t), optionSecret: secret, optionBase: "https://api.github.com"}
	var unwanted []string
	examples, mapped := 0, 0
	t.Logf("%-32s %8s %8s %s", "event", "examples", "mapped", "left out")
	for _, event := range events {
		facts, left := 0, map[string]int64{}
		for i, body := range event.Examples {
			d := connector.Delivery{
				ReceivedAt: connectortest.Now(), Body: body,
				Header: http.Header{"X-Github-Event": {event.Name}, "X-Github-Delivery": {strconv.Itoa(i)}, "X-Hub-Signature-256": {"sha256=" + signature.Hex256(secret, body)}},
			}
			if event.Name == "ping" {
				continue
			}
			f := receive(t, values, d)
			if len(f.Rejects) > 0 || len(f.Activities) == 0 == (len(f.LeftOut) == 0) {
				t.Errorf("%s example %d: %d activities, left out %v, rejects %+v", event.Name, i, len(f.Activities), f.LeftOut, f.Rejects)
			}
			for j := range f.Activities {
				if a := &f.Activities[j]; !a.Deleted && (a.Author == "" || f.Payloads[a.ExternalID] == "" || a.OccurredAt.IsZero()) {
					t.Errorf("%s example %d: %+v", event.Name, i, a)
				}
			}
			if len(f.Activities) > 0 {
				facts++
			}
			for reason, n := range f.LeftOut {
				left[reason] += n
				if reason == "event "+event.Name && !slices.Contains(unwanted, event.Name) {
					unwanted = append(unwanted, event.Name)
				}
			}
		}
		examples, mapped = examples+len(event.Examples), mapped+facts
		t.Logf("%-32s %8d %8d %v", event.Name, len(event.Examples), facts, left)
	}
	t.Logf("%-32s %8d %8d", "all", examples, mapped)
	for _, name := range []string{
		"issues", "issue_comment", "pull_request", "pull_request_review", "pull_request_review_comment", "discussion", "discussion_comment", "star", "fork",
		"release", "sponsorship", "push", "membership", "member", "gollum", "commit_comment", "create", "delete", "public", "organization",
	} {
		if slices.Contains(unwanted, name) {
			t.Errorf("the event %s is left out", name)
		}
	}
	if mapped < 150 {
		t.Errorf("only %d of %d examples were mapped", mapped, examples)
	}
}

// TestVerify lets through what is signed, in either form, and tells a ping from what is to be kept.
func TestVerify(t *testing.T) {
	src, err := New(connectortest.Env(t, http.DefaultClient), connector.Values{optionRepository: "acme", optionSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	r := src.(*Source) //nolint:errcheck,forcetypeassert // New's
	good := delivery(t, 1, "issues", object{"action": "opened"})
	if reply, err := r.Verify(&good); err != nil || reply.Drop || reply.ID != "d-1" {
		t.Errorf("got %+v and %v", reply, err)
	}
	ping := delivery(t, 2, "ping", object{"zen": "Keep it logically awesome."})
	if reply, err := r.Verify(&ping); err != nil || !reply.Drop {
		t.Errorf("a ping: got %+v and %v", reply, err)
	}
	nameless := delivery(t, 3, "", object{})
	if _, err := r.Verify(&nameless); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("without an event: got %v", err)
	}
	for name, header := range map[string]string{
		"another secret": "sha256=" + signature.Hex256("other", good.Body), "no signature": "", "the old signature": "sha1=" + signature.Hex256(secret, good.Body),
		"no scheme": signature.Hex256(secret, good.Body),
	} {
		bad := good
		bad.Header = http.Header{"X-Github-Event": {"issues"}, "X-Hub-Signature-256": {header}}
		if _, err := r.Verify(&bad); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
			t.Errorf("%s: got %v", name, err)
		}
	}
	open, err := New(connectortest.Env(t, http.DefaultClient), connector.Values{optionRepository: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	unsigned := good
	unsigned.Header = http.Header{"X-Github-Event": {"issues"}, "X-Hub-Signature-256": {"sha256=" + signature.Hex256("", good.Body)}}
	if _, err := open.(*Source).Verify(&unsigned); greenroom.ErrorCode(err) != greenroom.CodeForbidden { //nolint:errcheck,forcetypeassert // New's
		t.Errorf("a source without a secret: got %v", err)
	}
}

// TestPushForms takes forms, and leaves out what is not chosen or cannot be read.
func TestPushForms(t *testing.T) {
	values := connector.Values{optionRepository: "acme/site, globex", optionSecret: secret, optionStars: "false"}
	p := &platform{n: 25, edited: map[int]string{}}
	opened := delivery(t, 1, "issues", object{"action": "opened", "issue": p.issue(3)})
	form := opened
	form.Body = []byte(url.Values{"payload": {string(opened.Body)}}.Encode())
	form.Header = http.Header{"X-Github-Event": {"issues"}, "Content-Type": {"application/x-www-form-urlencoded"}}
	if f := receive(t, values, form); len(f.Activities) != 1 {
		t.Errorf("a form: got %+v", f)
	}
	private := with(repo, "full_name", "globex/secret", "private", true)
	for _, tt := range []struct {
		event string
		body  object
		want  string
	}{
		{"issues", object{"action": "opened", "issue": p.issue(3), "repository": with(repo, "full_name", "acme/other")}, "events of repositories and owners that are not chosen"},
		{"issues", object{"action": "opened", "issue": p.issue(3), "repository": private}, "events of repositories and owners that are not chosen"},
		{"membership", object{"action": "added", "organization": object{"login": "umbrella"}}, "events of repositories and owners that are not chosen"},
		{"star", object{"action": "created", "starred_at": at(1)}, "event star, whose option is off"},
		{"pull_request_review", object{"action": "submitted", "pull_request": p.issue(10), "review": object{"id": 1}}, "reviews that are not submitted yet"},
		{"release", object{"action": "created", "release": with(release(), "draft", true)}, "drafts of releases"},
		{"repository", object{"action": "renamed"}, "event repository"},
		{"check_run", object{}, "event check_run"},
	} {
		if f := receive(t, values, delivery(t, 1, tt.event, tt.body)); f.LeftOut[tt.want] != 1 || len(f.Activities) > 0 || len(f.Rejects) > 0 {
			t.Errorf("%s: got %d activities, left out %v, rejects %v; want %q", tt.event, len(f.Activities), f.LeftOut, f.Rejects, tt.want)
		}
	}
	for _, event := range []string{"issues", "pull_request", "discussion", "issue_comment", "pull_request_review", "discussion_comment", "release", "fork", "sponsorship"} {
		if f := receive(t, values, delivery(t, 1, event, object{"action": "created"})); len(f.Rejects) != 1 || f.Rejects[0].File == "" {
			t.Errorf("%s without its object: %+v", event, f.Rejects)
		}
	}
	broken := delivery(t, 1, "issues", object{})
	broken.Body = broken.Body[:10]
	if f := receive(t, values, broken); len(f.Rejects) != 1 {
		t.Errorf("a broken body: %+v", f)
	}
}

// FuzzReceive holds that no delivery stops the source.
func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Header.Get("X-Github-Event"), d.Header.Get("Content-Type"), d.Body)
	}
	f.Add("issues", "application/x-www-form-urlencoded", []byte("payload=%7B%7D&x"))
	f.Add("star", "", []byte(`{"repository":{"id":1},"sender":null}`))
	f.Fuzz(func(t *testing.T, event, kind string, body []byte) {
		d := connector.Delivery{ReceivedAt: connectortest.Now(), Body: body, Header: http.Header{"X-Github-Event": {event}, "Content-Type": {kind}}}
		facts := receive(t, connector.Values{optionRepository: "acme", optionSecret: secret}, d)
		if len(facts.Activities)+len(facts.Rejects)+len(facts.LeftOut) == 0 {
			t.Errorf("nothing is said of a %s: %q", event, body)
		}
		for i := range facts.Activities {
			if a := &facts.Activities[i]; a.ExternalID == "" || !a.Deleted && (a.OccurredAt.IsZero() || a.Kind == 0) {
				t.Errorf("not whole: %+v", a)
			}
		}
	})
}

// TestTestConnection says who the token is and what it lacks.
func TestTestConnection(t *testing.T) {
	h := newPlatform(25)
	refuse := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case refuse != "" && strings.HasSuffix(r.URL.Path, refuse):
			http.Error(w, `{"message":"Resource not accessible by personal access token"}`, http.StatusForbidden)
		case refuse != "" && r.URL.Path == "/graphql":
			_, _ = w.Write([]byte(`{"errors":[{"type":"FORBIDDEN","message":"Resource not accessible"}]}`))
		default:
			h.ServeHTTP(w, r)
		}
	}))
	defer srv.Close()
	test := func(pairs ...string) (connector.Check, error) {
		values := live(t).Values(srv.URL)
		for i := 0; i+1 < len(pairs); i += 2 {
			values[pairs[i]] = pairs[i+1]
		}
		src, err := New(connectortest.LiveEnv(t), values)
		if err != nil {
			t.Fatal(err)
		}
		return src.(*Source).Test(t.Context()) //nolint:errcheck,forcetypeassert // New's
	}
	names := func(c connector.Check) string {
		var all []string
		for _, m := range c.Missing {
			all = append(all, m.Name)
		}
		return strings.Join(all, " ")
	}
	check, err := test()
	if err != nil || check.Account != "greenroom" || len(check.Missing) > 0 || !strings.Contains(strings.Join(check.Notes, " "), "expires on 2026-11-30") || !strings.Contains(strings.Join(check.Notes, " "), "come in: acme/site.") {
		t.Errorf("got %+v and %v", check, err)
	}
	refuse = "/issues"
	if check, err = test(); err != nil || names(check) != "issues discussions" || !check.Missing[0].Must {
		t.Errorf("without issues and discussions: %+v and %v", check, err)
	}
	refuse = "/members"
	if check, err = test(); err != nil || names(check) != "discussions members" {
		t.Errorf("without members: %+v and %v", check, err)
	}
	refuse = ""
	if check, err = test(optionRepository, "acme/none"); err != nil || names(check) != "repositories" || !strings.Contains(check.Missing[0].Do, "no repository acme/none") {
		t.Errorf("without a repository: %+v and %v", check, err)
	}
	if check, err = test(optionPrivate, "true"); err != nil || names(check) != "repo" {
		t.Errorf("without the scope for private repositories: %+v and %v", check, err)
	}
	if check, err = test(optionToken, ""); err != nil || check.Account != "nobody" || len(check.Missing) > 0 {
		t.Errorf("as nobody: %+v and %v", check, err)
	}
	refuse = "/user"
	if _, err = test(); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("got %v", err)
	}
}

// TestSurvey compares GitHub's counts.
func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newPlatform(25))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values[optionForks] = "false"
	for _, token := range []string{"t", ""} {
		values[optionToken] = token
		src, err := New(connectortest.LiveEnv(t), values)
		if err != nil {
			t.Fatal(err)
		}
		v, err := src.(*Source).Survey(t.Context()) //nolint:errcheck,forcetypeassert // New's
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, c := range v.Counts {
			got[c.What] = c.Platform
			if !strings.HasPrefix(c.Query, `in:"#acme/site" `) || c.Place != "3" {
				t.Errorf("%+v", c)
			}
		}
		want := map[string]int64{"issues": 23, "open issues": 17, "pull requests": 2, "open pull requests": 2, "discussions": 2, "releases": 1, "stars": 12, "forks": 1}
		if token == "" {
			want = map[string]int64{"open issues and pull requests": 19, "stars": 12, "forks": 1}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(v.Places) != 1 || v.Places[0].Members != 14 || v.Requests == 0 {
			t.Errorf("with the token %q the survey says %+v, want %v", token, v, want)
		}
		if forks := v.Counts[len(v.Counts)-1]; len(forks.Explain) != 1 || forks.Explain[0].Items != -1 {
			t.Errorf("the forks, which are off, are %+v", forks)
		}
	}
}

// TestWarnings tells of a token that expires and of an API that ends.
func TestWarnings(t *testing.T) {
	h := newPlatform(5)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Github-Authentication-Token-Expiration", "2026-11-30 00:00:00 +0000")
		w.Header().Set("Sunset", "Wed, 10 Mar 2027 00:00:00 GMT")
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	env := connectortest.LiveEnv(t)
	src, err := New(env, live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(env.Meter.Metered().Warnings)
	if !strings.Contains(text, "expires on 2026-11-30") || !strings.Contains(text, "10 Mar 2027") {
		t.Errorf("the warnings are %s", text)
	}
}
