// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/knowledge"
	"greenroom/internal/server"
)

// TestOwnersByName looks at the pages of goals, plans, processes, tools and documents: who owns something is shown by name, and
// the mail address is there for who points at it.
func TestOwnersByName(t *testing.T) {
	const address, name = "maya@lumenlabs.example", "Maya Lindqvist"
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, fill := range []func() error{
			func() error { return app.SampleGoals(t.Context(), engine) },
			func() error { return app.SampleTools(t.Context(), engine) },
			func() error { return app.SampleProcesses(t.Context(), engine) },
			func() error {
				_, err := app.Knowledge(nil).Add(t.Context(), knowledge.Fields{Title: "How to rotate keys", Address: "https://docs.lumenlabs.example/keys", Kind: knowledge.HowTo, State: knowledge.Active, Audience: knowledge.Internal, Owner: strings.ToUpper(address[:1]) + address[1:], ReviewDays: 90}, address)
				return err
			},
		} {
			if err := fill(); err != nil {
				t.Fatal(err)
			}
		}
	})
	c := l.as(t, auth.RoleOwner)
	for _, page := range []string{"/goals", "/goals/1", "/roadmap?view=list", "/roadmap/1", "/roadmap/1?view=board", "/processes", "/tools", "/tools/costs", "/knowledge/register", "/knowledge/1"} {
		body := l.send(t, c, "GET", page, nil).body
		if !strings.Contains(body, name) {
			t.Errorf("%s does not name %s", page, name)
		}
		if page != "/tools/costs" && !strings.Contains(strings.ToLower(body), `title="`+address+`"`) {
			t.Errorf("%s does not say who %s is", page, name)
		}
		if strings.Contains(strings.ToLower(body), ">"+address+"<") {
			t.Errorf("%s writes %s out", page, address)
		}
	}
	for _, data := range []string{`"owner":"` + address + `"`, `"who":"` + name + `"`} {
		if body := l.send(t, c, "GET", "/roadmap/1/timeline.json", nil).body; !strings.Contains(body, data) {
			t.Errorf("the timeline does not have %s", data)
		}
	}
}
