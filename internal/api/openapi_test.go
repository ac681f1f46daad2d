// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/auth"
)

var update = flag.Bool("update", false, "write the golden file anew")

// The document is what clients are made from: whoever changes it does so knowingly, with go test -update.
func TestOpenAPIGolden(t *testing.T) {
	w := httptest.NewRecorder()
	newFake(t).handler(t).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/openapi.json", nil))
	golden := filepath.Join("testdata", "openapi.json")
	if *update {
		if err := os.WriteFile(golden, w.Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), w.Body.String()); diff != "" {
		t.Errorf("the document has changed; go test -update if that is meant (-golden +served):\n%s", diff)
	}
}

// Everything in the document says what it is, and every example is of the form that it is an example of.
func TestOpenAPIIsWhole(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), auth.Caller{})
	missing := func(where, what string) { t.Errorf("%s: no %s", where, what) }
	example := func(where string, m media) {
		if m.Example == nil && len(m.Examples) == 0 && m.Schema.Type != nil && !strings.Contains(where, "openapi.json") &&
			!strings.Contains(where, "/docs") && !strings.Contains(where, "/data") {
			missing(where, "example")
		}
		if m.Example != nil {
			for _, problem := range c.check(m.Schema, m.Example, "example") {
				t.Errorf("%s: %s", where, problem)
			}
		}
	}
	ids := make(map[string]bool)
	for path, methods := range c.doc.Paths {
		for method, op := range methods {
			where := method + " " + path
			if ids[op.ID] || op.ID == "" {
				t.Errorf("%s: the operationId %q is not its own", where, op.ID)
			}
			ids[op.ID] = true
			if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 {
				missing(where, "summary, description or tag")
			}
			for _, p := range op.Parameters {
				if p.Description == "" {
					missing(where+" "+p.Name, "description")
				}
				if p.Example == nil && p.Schema.Default == nil && p.Name != "cursor" && len(p.Schema.Enum) == 0 {
					missing(where+" "+p.Name, "example")
				}
			}
			for _, needed := range []string{"400", "500", "503"} {
				if op.Responses[needed].Ref == "" {
					missing(where, "response "+needed)
				}
			}
			for status, res := range op.Responses {
				for _, m := range res.Content {
					example(where+" "+status, m)
				}
			}
			if op.RequestBody != nil {
				example(where+" body", op.RequestBody.Content["application/json"])
			}
		}
	}
	for name, s := range c.doc.Components.Schemas {
		for field, p := range s.Properties {
			if p.Description == "" {
				missing(name+"."+field, "description")
			}
		}
	}
	for status, res := range c.doc.Components.Responses {
		for _, m := range res.Content {
			example(status, m)
		}
	}
}

// The page for people has every operation and runs nothing.
func TestDocsPage(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), auth.Caller{})
	page := c.do(t, http.MethodGet, "/api/v1/docs", "").Body.String()
	for _, methods := range c.doc.Paths {
		for _, op := range methods {
			if !strings.Contains(page, `<article id="`+op.ID+`">`) {
				t.Errorf("the page lacks %s", op.ID)
			}
		}
	}
	for _, bad := range []string{"<script", "http://", "https://cdn", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
}
