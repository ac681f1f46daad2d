// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
)

// TestContract checks each request against GitHub's own descriptions: of the REST API and of GraphQL.
func TestContract(t *testing.T) {
	spec := contract.Open(t, "github/api.github.com.community-subset.json", contract.Options{})
	schema := graphSchema(t)
	queries := 0
	platform := newPlatform(25)
	rest := spec.Wrap(t, platform)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/graphql" {
			rest.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var q struct{ Query string }
		if err := json.Unmarshal(body, &q); err != nil {
			t.Error(err)
		}
		if _, err := gqlparser.LoadQueryWithRules(schema, q.Query, nil); err != nil {
			t.Errorf("the query is not allowed by the schema: %v\n%s", err, q.Query)
		}
		queries++
		r.Body = io.NopCloser(bytes.NewReader(body))
		platform.ServeHTTP(w, r)
	})
	srv := httptest.NewServer(h)
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values[optionProfiles] = "true"
	values[optionPrivate] = "true"
	facts := connectortest.Collect(t, Spec(), values, srv.Client(), "", 0)
	connectortest.Collect(t, Spec(), values, srv.Client(), facts.Cursors[len(facts.Cursors)-1], 0)
	values[optionSince] = "2026-01-05"
	connectortest.Collect(t, Spec(), values, srv.Client(), "", 0)
	src, err := New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.(*Source).Test(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // New's
		t.Error(err)
	}
	if _, err := src.(*Source).Survey(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // New's
		t.Error(err)
	}
	if queries < 10 {
		t.Errorf("only %d queries were asked", queries)
	}
	if _, err := gqlparser.LoadQueryWithRules(schema, moreQuery, nil); err != nil {
		t.Errorf("the query for more comments: %v", err)
	}
}

// TestContractOfApps checks the requests of an app. The list of what it is installed on is not in the description here.
func TestContractOfApps(t *testing.T) {
	spec := contract.Open(t, "github/api.github.com.community-subset.json", contract.Options{})
	h := &host{t: t, next: newPlatform(5), accounts: []string{"acme"}}
	srv := httptest.NewServer(spec.Wrap(t, h))
	defer srv.Close()
	values := connector.Values{optionApp: "42", optionKey: key(t), optionRepository: "acme", optionDiscussions: "false", optionSponsors: "false", optionBase: srv.URL}
	connectortest.Collect(t, Spec(), values, srv.Client(), "", 0)
	src, err := New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.(*Source).Test(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // New's
		t.Error(err)
	}
}

func graphSchema(t *testing.T) *ast.Schema {
	t.Helper()
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
	return schema
}

// TestManifest fills in the manifest, whose permissions and events are those that the steps' link has.
func TestManifest(t *testing.T) {
	m := Spec().Manifest[0]
	for _, data := range []connector.ManifestData{{Name: `Acme "GitHub"`, Hook: "https://greenroom.example/hooks/github"}, {Name: "x"}} {
		var out bytes.Buffer
		if err := template.Must(template.New("").Parse(m.Template)).Execute(&out, data); err != nil {
			t.Fatal(err)
		}
		var made struct {
			Name        string
			Hook        struct{ URL string } `json:"hook_attributes"`
			Permissions map[string]string    `json:"default_permissions"`
			Events      []string             `json:"default_events"`
		}
		if err := json.Unmarshal(out.Bytes(), &made); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if made.Name != data.Name || made.Hook.URL != data.Hook {
			t.Errorf("the manifest has %+v", made)
		}
		for name, level := range made.Permissions {
			if !strings.Contains(newApp, "&"+name+"="+level) {
				t.Errorf("the link lacks the permission %s", name)
			}
		}
		for _, event := range made.Events {
			if !strings.Contains(newApp, "events[]="+event) {
				t.Errorf("the link lacks the event %s", event)
			}
		}
		if n := strings.Count(newApp, "events[]="); n != len(made.Events) {
			t.Errorf("the link has %d events, the manifest %d", n, len(made.Events))
		}
		for _, s := range scopes() {
			if made.Permissions[s.Name] == "" {
				t.Errorf("the manifest lacks the permission %s", s.Name)
			}
		}
	}
}
