// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"greenroom/connector"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/slack"
	"greenroom/internal/brand"
	"greenroom/internal/consent"
	"greenroom/internal/ingest"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
	"greenroom/internal/survey"
	"greenroom/internal/workflow"
)

// workspace is a Slack with one channel, in which Ana has written one message. It notes what is written to members.
type workspace struct {
	mu   sync.Mutex
	sent []string
}

func (s *workspace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	type object = map[string]any
	answer := object{"ok": true}
	switch method := strings.TrimPrefix(r.URL.Path, "/api/"); method {
	case "auth.test":
		w.Header().Set("X-OAuth-Scopes", "channels:read,channels:history,users:read,users:read.email,chat:write,im:write")
		answer = object{"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "team_id": "T1", "user": "greenroom", "user_id": "U5", "bot_id": "B5"}
	case "conversations.list":
		answer["channels"] = []object{{"id": "C1", "name": "general", "is_channel": true, "is_member": true, "num_members": 2}}
	case "users.list":
		answer["members"] = []object{{"id": "U1", "team_id": "T1", "name": "ana", "is_email_confirmed": true, "profile": object{"real_name": "Ana Abe", "email": "ana@harbor.example"}}}
	case "conversations.history":
		answer["messages"] = []object{{"type": "message", "user": "U1", "ts": "1795255200.000100", "text": "Hello all"}}
	case "conversations.open", "chat.postMessage":
		s.mu.Lock()
		s.sent = append(s.sent, method+" "+r.PostFormValue("users")+r.PostFormValue("channel")+strings.TrimSuffix(" in "+r.PostFormValue("thread_ts"), " in ")+": "+r.PostFormValue("text"))
		s.mu.Unlock()
		answer["channel"], answer["ts"] = object{"id": "D1"}, "1795255300.000100"
		if method == "chat.postMessage" {
			answer["channel"] = "D1"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// TestSlackInvitations reads a workspace and writes to a member in it, every request checked against Slack's own
// description: an invitation to a program, by a workflow, and one to a survey, both to them alone.
func TestSlackInvitations(t *testing.T) {
	ctx := t.Context()
	chat := &workspace{}
	spec := contract.Open(t, "slack/slack_web_openapi_v2.json", contract.Options{Swagger2: true, Prefix: "/api", Prepare: func(doc *openapi3.T) {
		for _, item := range doc.Paths.Map() { // tokens go in the header by now
			for _, op := range item.Operations() {
				op.Parameters = slices.DeleteFunc(op.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.Name == "token" })
			}
		}
	}})
	srv := httptest.NewServer(spec.Wrap(t, chat))
	t.Cleanup(srv.Close)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	app, err := server.Open(ctx, server.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Close() })
	if err := app.Brand().SetBrand(ctx, brand.Brand{Address: "https://lumen.example"}, "ana"); err != nil {
		t.Fatal(err)
	}
	if _, run, err := app.Importer.Import(ctx, ingest.Request{Spec: slack.Spec(), Name: "chat", Values: connector.Values{"token": "xoxb-good", "api-address": srv.URL + "/api"}}); err != nil || run.Rejected > 0 {
		t.Fatal(run, err)
	}
	if err := app.Projector.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		t.Fatal(err)
	}
	mail := app.Digests(app.Health(nil), acts, server.ServeOptions{}).Service
	box, err := app.Outbox(mail, local())
	if err != nil {
		t.Fatal(err)
	}
	surveys := app.Surveys(box, "")
	flows, err := app.Workflows(box, mail, app.WorkflowParts(surveys, acts, ""))
	if err != nil {
		t.Fatal(err)
	}
	sent := func() string {
		t.Helper()
		for range 3 {
			if _, err := flows.Step(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := box.Drain(ctx); err != nil {
				t.Fatal(err)
			}
		}
		chat.mu.Lock()
		defer chat.mu.Unlock()
		text := strings.Join(chat.sent, "\n")
		chat.sent = nil
		return text
	}
	write := func(name string, place workflow.Place, p consent.Purpose, text string) string {
		t.Helper()
		w, err := flows.Add(ctx, name, workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnHand}, Steps: []workflow.Step{{Kind: workflow.StepMessage, Channel: outbox.Slack, Place: place, Purpose: p, Text: text}}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := flows.Turn(ctx, w.Key, workflow.On, "ana"); err != nil {
			t.Fatal(err)
		}
		if n, err := flows.EnterQuery(ctx, w.Key, "name:Ana", name, "ana"); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		got := sent()
		if got == "" {
			waits, err := box.List(ctx, outbox.Filter{})
			t.Errorf("%s: nothing was sent; the outbox has %+v, %v", name, waits, err)
		}
		return got
	}
	if got, want := write("champions", workflow.Direct, consent.Program, "Hi {{first_name|there}}, would you like to be a **champion**?"), "conversations.open U1: \nchat.postMessage D1: Hi Ana, would you like to be a *champion*?"; got != want {
		t.Errorf("the program's invitation is\n%s\nwant\n%s", got, want)
	}

	now = now.AddDate(0, 0, 28) // nobody is written to twice in a short time
	v, err := surveys.Add(ctx, &survey.New{Key: "pulse", Name: "Pulse", Settings: survey.Settings{Who: survey.Known, Channel: outbox.Slack}, Definition: []byte(`{"title":"Pulse","pages":[{"id":"one","questions":[{"id":"q","type":"csat","text":"How is it?"}]}]}`)}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := surveys.Open(ctx, v.Key, "ana"); err != nil {
		t.Fatal(err)
	}
	if out, err := surveys.Invite(ctx, v.Key, 1, outbox.Origin{Kind: "person"}); err != nil || !out.Invited {
		t.Fatal(out, err)
	}
	got := sent()
	if !strings.HasPrefix(got, "conversations.open U1: \nchat.postMessage D1: ") || !strings.Contains(got, "*How is it?*") || strings.Count(got, "<https://lumen.example/c/survey/pulse?t=") != 5 {
		t.Errorf("the survey's invitation is\n%s", got)
	}
}
