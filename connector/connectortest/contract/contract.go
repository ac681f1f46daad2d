// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package contract checks the requests that connectors make against the platforms' own API descriptions. These stand in
// ../shared/data/contracts beside the project and are not part of it; without them tests that use the package skip.
package contract

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/go-json-experiment/json"

	"greenroom/connector/connectortest"
)

// Contract is a platform's description of its API.
type Contract struct {
	router routers.Router
	prefix string
	extra  map[string]bool
}

// Options say how to read a description.
type Options struct {
	Swagger2 bool                     // the file is Swagger 2.0
	Prefix   string                   // what stands before the description's paths in the connector's requests, e.g. "/api"
	Edit     func(text []byte) []byte // repairs what no reader takes, e.g. HubSpot's null examples
	Extra    []string                 // query parameters that the platform documents elsewhere, each with a reason in the test
	Prepare  func(doc *openapi3.T)    // for the rest
}

// Open reads ../shared/data/contracts/NAME, and skips the test where it is absent.
func Open(t *testing.T, name string, o Options) *Contract {
	t.Helper()
	path := filepath.Join(connectortest.Recordings(t), "..", "contracts", filepath.FromSlash(name))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the platform's contract is not here: ", err)
	}
	if o.Edit != nil {
		text = o.Edit(text)
	}
	doc, err := parse(text, o.Swagger2)
	if err != nil {
		t.Fatalf("reading the contract %s: %v", name, err)
	}
	doc.Servers = nil
	for _, item := range doc.Paths.Map() {
		item.Servers = nil
		for _, op := range item.Operations() {
			op.Servers = nil
		}
	}
	if o.Prepare != nil {
		o.Prepare(doc)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatalf("routing the contract %s: %v", name, err)
	}
	c := &Contract{router: router, prefix: o.Prefix, extra: map[string]bool{}}
	for _, p := range o.Extra {
		c.extra[p] = true
	}
	return c
}

func parse(text []byte, swagger bool) (*openapi3.T, error) {
	if swagger {
		var loose any
		if err := json.Unmarshal(text, &loose); err != nil {
			return nil, fmt.Errorf("decoding: %w", err)
		}
		oneKindOfItem(loose)
		clean, err := json.Marshal(loose)
		if err != nil {
			return nil, fmt.Errorf("encoding: %w", err)
		}
		var old openapi2.T
		if err := old.UnmarshalJSON(clean); err != nil {
			return nil, fmt.Errorf("decoding: %w", err)
		}
		doc, err := openapi2conv.ToV3(&old)
		if err != nil {
			return nil, fmt.Errorf("converting: %w", err)
		}
		return doc, nil
	}
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("loading: %w", err)
	}
	return doc, nil
}

// oneKindOfItem keeps the first of several schemas for the items of an array, of which Swagger 2.0 knows only one: Slack
// lists them for its answers, which are not checked.
func oneKindOfItem(v any) {
	switch v := v.(type) {
	case map[string]any:
		if list, ok := v["items"].([]any); ok && len(list) > 0 {
			v["items"] = list[0]
		}
		for _, child := range v {
			oneKindOfItem(child)
		}
	case []any:
		for _, child := range v {
			oneKindOfItem(child)
		}
	}
}

// Wrap returns a handler that checks each request before it hands it on. A request that the contract does not allow
// fails the test.
func (c *Contract) Wrap(t *testing.T, h http.Handler) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading the body of %s %s: %v", r.Method, r.URL, err)
		}
		if err := c.Check(r, body); err != nil {
			t.Errorf("%s %s is not allowed by the contract: %v", r.Method, r.URL, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, r)
	})
}

// Check says what a request does that the contract does not allow.
func (c *Contract) Check(r *http.Request, body []byte) error {
	probe := r.Clone(r.Context())
	probe.URL.Path = strings.TrimPrefix(probe.URL.Path, c.prefix)
	probe.URL.RawPath = strings.TrimPrefix(probe.URL.RawPath, c.prefix)
	probe.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.router.FindRoute(probe)
	if err != nil {
		return fmt.Errorf("finding the operation: %w", err)
	}
	if err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: probe, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true},
	}); err != nil {
		return fmt.Errorf("operation %s: %w", route.Operation.OperationID, err)
	}
	known := map[string]bool{}
	for _, list := range []openapi3.Parameters{route.PathItem.Parameters, route.Operation.Parameters} {
		for _, p := range list {
			if p.Value != nil && p.Value.In == openapi3.ParameterInQuery {
				known[p.Value.Name] = true
			}
		}
	}
	for name := range r.URL.Query() {
		if base, _, _ := strings.Cut(name, "["); !known[name] && !known[base] && !known[base+"[]"] && !c.extra[name] {
			return fmt.Errorf("operation %s has no query parameter %q", route.Operation.OperationID, name)
		}
	}
	return nil
}
