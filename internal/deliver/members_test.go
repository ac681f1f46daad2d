// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"greenroom"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/internal/outbox"
)

// drawer has the credentials of all sources.
type drawer map[string]string

func (d drawer) Credentials(context.Context, string) (map[string]string, error) { return d, nil }

// platformFake answers each path with a text, and notes what was asked.
type platformFake struct {
	answers map[string]string
	status  int
	asked   []string
}

func (p *platformFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.asked = append(p.asked, fmt.Sprintf("%s %s %s %s", r.URL.Path, r.Header.Get("Authorization")+r.Header.Get("Api-Key"), r.Header.Get("Api-Username"), body))
	w.Header().Set("Content-Type", "application/json")
	if p.status > 0 {
		w.WriteHeader(p.status)
	}
	_, _ = io.WriteString(w, p.answers[r.URL.Path])
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func checkAsked(t *testing.T, p *platformFake, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, p.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestSlack(t *testing.T) {
	p := &platformFake{answers: map[string]string{"/api/conversations.open": `{"ok":true,"channel":{"id":"D1"}}`, "/api/chat.postMessage": `{"ok":true,"channel":"D1","ts":"17.5"}`}}
	spec := contract.Open(t, "slack/slack_web_openapi_v2.json", contract.Options{Swagger2: true, Prefix: "/api", Prepare: func(doc *openapi3.T) {
		for _, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				op.Parameters = slices.DeleteFunc(op.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.Name == "token" })
			}
		}
	}})
	srv := serve(t, spec.Wrap(t, p))
	s := NewSlack(drawer{"token": "xoxb-1", "api-address": srv.URL + "/api"}, srv.Client())
	got, err := s.Send(t.Context(), &outbox.Message{Source: "slack", To: "U1", Text: "Hi <Ana> & **all**, [look](https://x.example/?a=1&b=2)"})
	if err != nil || got.ID != "D1:17.5" {
		t.Fatal(got, err)
	}
	if _, err := s.Send(t.Context(), &outbox.Message{Source: "slack", To: "C1", Thread: "C1:16.0", Text: "Hi"}); err != nil {
		t.Fatal(err)
	}
	checkAsked(t, p, "/api/conversations.open Bearer xoxb-1  users=U1",
		"/api/chat.postMessage Bearer xoxb-1  channel=D1&text=Hi+%26lt%3BAna%26gt%3B+%26amp%3B+%2Aall%2A%2C+%3Chttps%3A%2F%2Fx.example%2F%3Fa%3D1%26b%3D2%7Clook%3E&unfurl_links=false",
		"/api/chat.postMessage Bearer xoxb-1  channel=C1&text=Hi&thread_ts=16.0&unfurl_links=false")
}

// What Slack says inside of an answer of 200 is sorted out like a status.
func TestSlackFaults(t *testing.T) {
	p := &platformFake{answers: map[string]string{}}
	srv := serve(t, p)
	s := NewSlack(drawer{"token": "xoxb-1", "api-address": srv.URL + "/api"}, srv.Client())
	var unsure *outbox.UncertainError
	for answer, want := range map[string]greenroom.Code{`{"ok":false,"error":"ratelimited"}`: greenroom.CodeLimited, `{"ok":false,"error":"missing_scope","needed":"chat:write"}`: greenroom.CodeInvalid, `{"ok":false,"error":"fatal_error"}`: greenroom.CodeUnavailable} {
		p.answers["/api/chat.postMessage"] = answer
		_, err := s.Send(t.Context(), &outbox.Message{Source: "slack", To: "C1", Thread: "16.0", Text: "Hi"})
		if greenroom.ErrorCode(err) != want || errors.As(err, &unsure) != strings.Contains(answer, "fatal") {
			t.Errorf("%s: %v", answer, err)
		}
	}
	p.answers["/api/conversations.open"] = `{"ok":false,"error":"fatal_error"}` // nothing was written yet
	if _, err := s.Send(t.Context(), &outbox.Message{Source: "slack", To: "U1", Text: "Hi"}); greenroom.ErrorCode(err) != greenroom.CodeUnavailable || errors.As(err, &unsure) {
		t.Errorf("opening: %v", err)
	}
	if _, err := NewSlack(drawer{}, srv.Client()).Send(t.Context(), &outbox.Message{Source: "slack", To: "U1", Text: "Hi"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("without a token: %v", err)
	}
}

func TestDiscord(t *testing.T) {
	p := &platformFake{answers: map[string]string{"/api/v10/users/@me/channels": `{"id":"500"}`, "/api/v10/channels/500/messages": `{"id":"9"}`, "/api/v10/channels/700/messages": `{"id":"10"}`}}
	spec := contract.Open(t, "discord/openapi.json", contract.Options{Prefix: "/api/v10"})
	srv := serve(t, spec.Wrap(t, p))
	s := NewDiscord(drawer{"token": "b", "api-address": srv.URL + "/api/v10"}, srv.Client())
	for _, m := range []outbox.Message{{To: "123456789012345678", Text: "Hi"}, {To: "700", Thread: "800", Text: "Hi"}, {To: "700", Thread: "700", Text: "Hi"}} {
		m.Source = "discord"
		if _, err := s.Send(t.Context(), &m); err != nil {
			t.Fatal(err)
		}
	}
	const rest = `"allowed_mentions":{"parse":[],"replied_user":true},"content":"Hi"`
	checkAsked(t, p, `/api/v10/users/@me/channels Bot b  {"recipient_id":"123456789012345678"}`, "/api/v10/channels/500/messages Bot b  {"+rest+"}",
		"/api/v10/channels/700/messages Bot b  {"+rest+`,"message_reference":{"fail_if_not_exists":false,"message_id":"800"}}`, "/api/v10/channels/700/messages Bot b  {"+rest+"}")
}

func TestDiscourse(t *testing.T) {
	p := &platformFake{answers: map[string]string{"/posts.json": `{"id":5,"topic_id":12,"post_number":3}`}}
	spec := contract.Open(t, "discourse/openapi.json", contract.Options{})
	srv := serve(t, spec.Wrap(t, p))
	s := NewDiscourse(drawer{"api-key": "k", "api-username": "eve", "forum": srv.URL + "/"}, srv.Client())
	got, err := s.Send(t.Context(), &outbox.Message{Source: "forum", To: "ana", Subject: "Welcome", Text: "Hi"})
	if err != nil || got.URL != srv.URL+"/t/12/3" {
		t.Fatal(got, err)
	}
	if _, err := s.Send(t.Context(), &outbox.Message{Source: "forum", To: "category:1", Thread: "topic:12", Text: "Hi"}); err != nil {
		t.Fatal(err)
	}
	checkAsked(t, p, `/posts.json k eve {"archetype":"private_message","raw":"Hi","target_recipients":"ana","title":"Welcome"}`, `/posts.json k eve {"raw":"Hi","topic_id":12}`)
	p.status, p.answers["/posts.json"] = http.StatusForbidden, `{"errors":["The API key is read-only"]}`
	if _, err := NewDiscourse(drawer{"api-key": "k", "forum": serve(t, p).URL}, srv.Client()).Send(t.Context(), &outbox.Message{Source: "forum", To: "ana", Text: "Hi"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("refused: %v", err)
	}
}

func TestGitHub(t *testing.T) {
	p := &platformFake{status: http.StatusCreated, answers: map[string]string{"/repos/acme/app/issues/12/comments": `{"id":7,"html_url":"https://github.com/acme/app/issues/12#issuecomment-7"}`}}
	spec := contract.Open(t, "github/api.github.com.community-subset.json", contract.Options{})
	srv := serve(t, spec.Wrap(t, p))
	s := NewGitHub(drawer{"token": "t", "base-url": srv.URL}, srv.Client())
	got, err := s.Send(t.Context(), &outbox.Message{Source: "github", To: "https://github.com/acme/app/issues/12#issuecomment-1", Text: "Hi"})
	if err != nil || got.ID != "7" {
		t.Fatal(got, err)
	}
	checkAsked(t, p, `/repos/acme/app/issues/12/comments Bearer t  {"body":"Hi"}`)
	graph := &graphFake{}
	s = NewGitHub(drawer{"token": "t", "base-url": serve(t, graph).URL}, srv.Client())
	if got, err = s.Send(t.Context(), &outbox.Message{Source: "github", To: "https://github.com/acme/app/discussions/3", Text: "Hi"}); err != nil || got.ID != "DC_1" || graph.n != 2 {
		t.Error(got, err)
	}
	for _, to := range []string{"https://github.com/acme/app", "ana", "https://github.com/acme/../app/issues/1/x"} {
		if _, err := s.Send(t.Context(), &outbox.Message{Source: "github", To: to, Text: "Hi"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("to %s: %v", to, err)
		}
	}
}

// graphFake is GitHub's GraphQL, as far as one discussion goes.
type graphFake struct{ n int }

func (g *graphFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.n++
	switch {
	case r.URL.Path == "/graphql" && strings.Contains(string(body), `"number":3`):
		_, _ = io.WriteString(w, `{"data":{"repository":{"discussion":{"id":"D_1"}}}}`)
	case strings.Contains(string(body), `"id":"D_1"`):
		_, _ = io.WriteString(w, `{"data":{"addDiscussionComment":{"comment":{"id":"DC_1","url":"https://github.com/acme/app/discussions/3#c"}}}}`)
	default:
		_, _ = io.WriteString(w, `{"errors":[{"message":"what?"}]}`)
	}
}

// What is asked by GraphQL fits GitHub's own schema.
func TestGitHubSchema(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(connectortest.Recordings(t), "..", "contracts", "github", "schema.docs.graphql"))
	if err != nil {
		t.Skip("GitHub's schema is not here: ", err)
	}
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "github", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range doc.Definitions { // the published schema has a few fields twice
		names := map[string]bool{}
		d.Fields = slices.DeleteFunc(d.Fields, func(f *ast.FieldDefinition) bool {
			twice := names[f.Name]
			names[f.Name] = true
			return twice
		})
	}
	schema, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{findDiscussion, addComment} {
		if _, err := gqlparser.LoadQueryWithRules(schema, q, nil); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
}
