// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
)

// client asks a handler and holds every answer against the OpenAPI document that the handler itself serves.
type client struct {
	h      http.Handler
	caller auth.Caller
	token  string // sent where it is not empty
	doc    document
	seen   map[string]bool // operationIds that answered well
}

type document struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas   map[string]*shape   `json:"schemas"`
		Responses map[string]response `json:"responses"`
	} `json:"components"`
}

type operation struct {
	ID          string              `json:"operationId"`
	Summary     string              `json:"summary"`
	Description string              `json:"description"`
	Tags        []string            `json:"tags"`
	Parameters  []parameter         `json:"parameters"`
	RequestBody *response           `json:"requestBody"`
	Responses   map[string]response `json:"responses"`
}

type parameter struct {
	Name, In, Description string
	Example               any
	Schema                *shape
}

type response struct {
	Ref         string           `json:"$ref"`
	Description string           `json:"description"`
	Content     map[string]media `json:"content"`
	Headers     map[string]any   `json:"headers"`
}

type media struct {
	Schema   *shape         `json:"schema"`
	Example  any            `json:"example"`
	Examples map[string]any `json:"examples"`
}

type shape struct {
	Ref         string            `json:"$ref"`
	Type        any               `json:"type"`
	Format      string            `json:"format"`
	Description string            `json:"description"`
	Enum        []string          `json:"enum"`
	Default     any               `json:"default"`
	Items       *shape            `json:"items"`
	Properties  map[string]*shape `json:"properties"`
	Required    []string          `json:"required"`
	More        json.RawMessage   `json:"additionalProperties"`
}

func newClient(t *testing.T, h http.Handler, caller auth.Caller) *client {
	t.Helper()
	c := &client{h: h, caller: caller, seen: make(map[string]bool)}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/openapi.json", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &c.doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// as is the same client for somebody else.
func (c *client) as(caller auth.Caller) *client {
	other := *c
	other.caller = caller
	return &other
}

// do sends a request; headers are pairs of name and value.
func (c *client) do(t *testing.T, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, target, in)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if c.token == "" {
		r = r.WithContext(auth.With(t.Context(), c.caller))
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	c.conforms(t, method, r.URL.EscapedPath(), w)
	return w
}

// find is the operation that a request goes to.
func (c *client) find(method, path string) (operation, bool) {
	parts := strings.Split(path, "/")
	best, found, fixed := operation{}, false, -1
	for template, methods := range c.doc.Paths {
		op, has := methods[strings.ToLower(method)]
		want := strings.Split(template, "/")
		if !has || len(want) != len(parts) {
			continue
		}
		same := 0
		for i := range want {
			switch _, suffix, variable := strings.Cut(want[i], "}"); {
			case want[i] == parts[i]:
				same++
			case !variable || !strings.HasSuffix(parts[i], suffix):
				same = math.MinInt32
			}
		}
		if same > fixed {
			best, found, fixed = op, true, same
		}
	}
	return best, found
}

func (c *client) conforms(t *testing.T, method, path string, w *httptest.ResponseRecorder) {
	t.Helper()
	what := fmt.Sprintf("%s %s: %d", method, path, w.Code)
	op, found := c.find(method, path)
	if !found {
		if w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNoContent {
			t.Errorf("%s: the document has no such operation", what)
		}
		return
	}
	if w.Code < 300 {
		c.seen[op.ID] = true
	}
	res, documented := op.Responses[strconv.Itoa(w.Code)]
	if !documented {
		t.Errorf("%s: the document does not have this status; body %s", what, w.Body)
		return
	}
	if name, isRef := strings.CutPrefix(res.Ref, "#/components/responses/"); isRef {
		res = c.doc.Components.Responses[name]
	}
	if w.Header().Get("X-Request-Id") == "" {
		t.Errorf("%s: no X-Request-Id", what)
	}
	if len(res.Content) == 0 {
		if w.Body.Len() > 0 {
			t.Errorf("%s: a body where the document has none: %s", what, w.Body)
		}
		return
	}
	kind, _, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil {
		t.Errorf("%s: Content-Type: %v", what, err)
	}
	for name, m := range res.Content {
		if documentedKind, _, _ := mime.ParseMediaType(name); documentedKind != kind {
			t.Errorf("%s: answered %s, documented is %s", what, kind, name)
		} else if strings.HasSuffix(kind, "json") {
			var v any
			if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			for _, problem := range c.check(m.Schema, v, "body") {
				t.Errorf("%s: %s", what, problem)
			}
		}
	}
}

// check compares a value with a schema, both ways: what is required has to be there, and what is there has to be
// described.
func (c *client) check(s *shape, v any, at string) []string {
	if name, isRef := strings.CutPrefix(s.Ref, "#/components/schemas/"); isRef {
		return c.check(c.doc.Components.Schemas[name], v, at)
	}
	if s.Type == nil {
		return nil
	}
	kinds := []any{s.Type}
	if several, ok := s.Type.([]any); ok {
		kinds = several
	}
	if !slices.Contains(kinds, any(kindOf(v))) && (kindOf(v) != "integer" || !slices.Contains(kinds, any("number"))) {
		return []string{fmt.Sprintf("%s is %s, not %v", at, kindOf(v), s.Type)}
	}
	var wrong []string
	switch v := v.(type) {
	case string:
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			wrong = append(wrong, fmt.Sprintf("%s is %q, not one of %v", at, v, s.Enum))
		}
		if _, err := time.Parse(time.RFC3339, v); s.Format == "date-time" && err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", at, err))
		}
	case []any:
		for i := range v {
			wrong = append(wrong, c.check(s.Items, v[i], fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				wrong = append(wrong, at+"."+name+" is missing")
			}
		}
		values := new(shape)
		open := len(s.More) > 0 && json.Unmarshal(s.More, values) == nil
		for name, inner := range v {
			if p := s.Properties[name]; p != nil {
				wrong = append(wrong, c.check(p, inner, at+"."+name)...)
			} else if open {
				wrong = append(wrong, c.check(values, inner, at+"."+name)...)
			} else {
				wrong = append(wrong, at+"."+name+" is not described")
			}
		}
	}
	return wrong
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	default:
		return "object"
	}
}

// body decodes an answer.
func body[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}
