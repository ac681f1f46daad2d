// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/api"
	"greenroom/internal/auth"
)

func user(role auth.Role) auth.Caller {
	return auth.Caller{User: auth.User{ID: 1, Email: "ana@acme.example", Role: role}}
}

func withToken(role auth.Role, scope auth.Scope) auth.Caller {
	c := user(role)
	c.Token = &auth.Token{ID: 1, Name: "script", Scope: scope}
	return c
}

const base = "/api/v1"

// Who may do what: the role, narrowed by the token's scope.
func TestAccess(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), auth.Caller{})
	for _, test := range []struct {
		who          string
		caller       auth.Caller
		method, path string
		body         string
		want         int
	}{
		{"nobody", auth.Caller{}, "GET", "", "", 200},
		{"nobody", auth.Caller{}, "GET", "/openapi.json", "", 200},
		{"nobody", auth.Caller{}, "GET", "/members", "", 401},
		{"viewer", user(auth.RoleViewer), "GET", "/members", "", 200},
		{"viewer", user(auth.RoleViewer), "POST", "/members/42/merge", `{"from":7}`, 403},
		{"contributor", user(auth.RoleContributor), "POST", "/members/42/merge", `{"from":7}`, 200},
		{"contributor", user(auth.RoleContributor), "POST", "/imports", `{}`, 403},
		{"manager", user(auth.RoleManager), "POST", "/rebuild", "", 202},
		{"manager", user(auth.RoleManager), "GET", "/people", "", 403},
		{"owner", user(auth.RoleOwner), "GET", "/people", "", 200},
		{"owner by a read token", withToken(auth.RoleOwner, auth.ScopeRead), "PATCH", "/members/42", `{"name":"A"}`, 403},
		{"owner by a write token", withToken(auth.RoleOwner, auth.ScopeWrite), "PATCH", "/members/42", `{"name":"A"}`, 200},
		{"owner by a write token", withToken(auth.RoleOwner, auth.ScopeWrite), "GET", "/members/42/data", "", 403},
		{"viewer by an admin token", withToken(auth.RoleViewer, auth.ScopeAdmin), "GET", "/audit", "", 403},
		{"the command line", auth.CommandLine(), "GET", "/audit", "", 200},
		{"a manager", user(auth.RoleManager), "PATCH", "/settings", `{"time_zone":"Europe/Lisbon"}`, 403},
		{"an owner", user(auth.RoleOwner), "PATCH", "/settings", `{"time_zone":"Europe/Lisbon"}`, 200},
		{"the command line", auth.CommandLine(), "GET", "/members/42/data", "", 200},
		{"the command line", auth.CommandLine(), "DELETE", "/members/42/data", "", 204},
	} {
		if w := c.as(test.caller).do(t, test.method, base+test.path, test.body); w.Code != test.want {
			t.Errorf("%s: %s %s: %d, want %d; %s", test.who, test.method, test.path, w.Code, test.want, w.Body)
		}
	}
	w := c.do(t, "GET", base+"/members", "")
	if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="greenroom"` {
		t.Errorf("WWW-Authenticate: %q", got)
	}
}

// Whatever is wrong with a request, the answer says what, in the one form.
func TestWrongRequests(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleOwner))
	merge, patch, imports := "POST /members/42/merge", "PATCH /members/42", "POST /imports"
	for _, test := range []struct {
		request, body string
		status        int
		kind          string // last part of the type
		says          string
	}{
		{"GET /members?limit=0", "", 400, "invalid", "limit is a number from 1 to 500, not 0"},
		{"GET /members?limit=many", "", 400, "invalid", `limit is a whole number, not "many"`},
		{"GET /members?count=yes", "", 400, "invalid", `count is true or false, not "yes"`},
		{"GET /members?query=x", "", 400, "invalid", `there is no parameter "query" here; there are q, count, cursor, limit`},
		{"GET /members?q=a&q=b", "", 400, "invalid", "the parameter q is given 2 times; give it once"},
		{"GET /members?q=%zz", "", 400, "invalid", "the part of the address after ? cannot be read; encode special characters as %XX"},
		{"GET /members/x", "", 400, "invalid", `id is a whole number, not "x"`},
		{"GET /members/-1", "", 400, "invalid", "id is a number from 1 on, not -1"},
		{"GET /members/7", "", 404, "not-found", "there is no member 7"},
		{"GET /nothing", "", 404, "not-found", "there is nothing at /api/v1/nothing; /api/v1 lists what there is"},
		{"GET /export/members.csv", "", 404, "not-found", "there is no such export; they are called like members.jsonl"},
		{"GET /export/people.jsonl", "", 404, "not-found", `there is no list "people"; there are members, organizations, activities and conversations`},
		{"PUT /members/42", "", 405, "method-not-allowed", "/api/v1/members/42 does not take PUT; it takes GET, PATCH, HEAD, OPTIONS"},
		{"GET /search", "", 400, "invalid", "the parameter q is missing"},
		{"GET /query/check?entity=people", "", 400, "invalid", `entity is one of members, organizations, activities, conversations, not "people"`},
		{"GET /metrics/love", "", 404, "not-found", ""},
		{"GET /metrics/active_members?zone=Mars/Base", "", 400, "invalid", `there is no time zone "Mars/Base"; they are called like Europe/Lisbon or UTC`},
		{"GET /metrics/active_members?from=May", "", 400, "invalid", `from is a date such as 2026-08-01 or a time such as 2026-08-01T12:00:00Z, not "May"`},
		{"GET /metrics/active_members?target=soon", "", 400, "invalid", `the target is a length of time such as 4h or 90m, not "soon"`},
		{"GET /metrics/active_members?records=true&zone=Europe/Lisbon", "", 400, "invalid", "lists count days in UTC, so records can be asked for with zone=UTC only"},
		{"GET /sources/a%2Fb%20c/runs/9/rejects", "", 404, "not-found", `there is no run 9 of source "a/b c"`},
		{"GET /audit?cursor=x", "", 400, "invalid", "the cursor is damaged; start from the first page"},
		{merge, `{"from":`, 400, "invalid", "the body is empty or ends too early; expected a JSON object"},
		{merge, `{"from":7}]`, 400, "invalid", "the body has something after the end of its JSON object"},
		{merge, `{"from":x}`, 400, "invalid", "the body is not JSON; it goes wrong at byte 9"},
		{merge, `{"from":"seven"}`, 400, "invalid", "the field from cannot be a string"},
		{merge, `[1]`, 400, "invalid", "the body is a JSON array; expected an object"},
		{merge, `{"form":7}`, 400, "invalid", `there is no field "form" here`},
		{merge, `{}`, 400, "invalid", "say in from which member to merge into this one"},
		{patch, `{}`, 400, "invalid", "the body names nothing to change"},
		{patch, `{"organization_id":5}`, 400, "invalid", "there is no organization 5"},
		{patch, `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "too-large", "the body of a request can have 1048576 bytes at most"},
		{"PATCH /conversations/1", `{}`, 400, "invalid", "say in ignored whether the conversation needs no response: true or false"},
		{imports, `{"kind":"x","source":"s"}`, 400, "invalid", `there is no connector "x"; there are test`},
		{imports, `{"kind":"test","source":""}`, 400, "invalid", "a source needs a name of at most 100 characters, such as test-acme"},
		{imports, `{"kind":"test","source":"s"}`, 400, "invalid", "the option path is missing: where it is"},
		{imports, `{"kind":"test","source":"s","options":{"path":"x","pth":"y"}}`, 400, "invalid", `test has no option "pth"`},
		{imports, `{"kind":"test","source":"s","options":{"path":"x","mode":"c"}}`, 400, "invalid", `mode is one of a, b, not "c"`},
		{"PATCH /people/1", `{"role":"king"}`, 400, "invalid", `there is no role "king"; the roles are owner, manager, contributor and viewer`},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		w := c.do(t, method, base+path, test.body)
		p := body[api.Problem](t, w)
		if w.Code != test.status || p.Status != test.status || p.Type != base+"/problems/"+test.kind || test.says != "" && p.Detail != test.says {
			t.Errorf("%s %.40s: %d %s %q\nwant %d %s %q", test.request, test.body, w.Code, p.Type, p.Detail, test.status, test.kind, test.says)
		}
		if w.Header().Get("Content-Type") != "application/problem+json" || p.RequestID == "" || p.RequestID != w.Header().Get("X-Request-Id") {
			t.Errorf("%s: the headers are %v", test.request, w.Header())
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, base+"/members/42/merge", strings.NewReader("from=7"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r.WithContext(auth.With(t.Context(), c.caller)))
	if w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("a form: %d, want 415", w.Code)
	}
}

// Each type that a problem names can be opened.
func TestProblemTypes(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), auth.Caller{})
	for status, res := range c.doc.Components.Responses {
		for _, m := range res.Content {
			example, ok := m.Example.(map[string]any)
			if !ok {
				continue // 400 has several
			}
			w := c.do(t, "GET", fmt.Sprint(example["type"]), "")
			if got := body[api.ProblemInfo](t, w); w.Code != 200 || strconv.Itoa(got.Status) != status || got.Meaning == "" {
				t.Errorf("%v: %d %+v", example["type"], w.Code, got)
			}
		}
	}
	if w := c.do(t, "GET", base+"/problems/of-my-own", ""); w.Code != 404 {
		t.Errorf("an unknown type: %d", w.Code)
	}
}

// The position counts characters, not bytes, so that any language can use it.
func TestQueryProblem(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleViewer))
	for _, target := range []string{"/members?q=", "/export/members.jsonl?q=", "/metrics/active_members?segment="} {
		p := body[api.Problem](t, c.do(t, "GET", base+target+url.QueryEscape(`"né" contry:PT`), ""))
		if p.Position == nil || *p.Position != 5 || *p.End != 11 || p.Suggestion != "country" || p.Code != greenroom.CodeInvalid {
			t.Fatalf("%s: %+v", target, p)
		}
		if want := "\"né\" contry:PT\n     ^^^^^^"; p.Caret != want {
			t.Errorf("%s: the caret is\n%s\nwant\n%s", target, p.Caret, want)
		}
	}
	check := body[api.Check](t, c.do(t, "GET", base+"/query/check?entity=members&q=contry:PT", ""))
	if check.OK || check.Problem == nil || *check.Problem.Position != 0 || check.Problem.Suggestion != "country" {
		t.Errorf("check: %+v", check)
	}
	check = body[api.Check](t, c.do(t, "GET", base+"/query/check?entity=members&q=COUNTRY:pt++is:staff", ""))
	if !check.OK || check.Canonical != "country:pt is:staff" {
		t.Errorf("check: %+v", check)
	}
	got := body[api.Items[api.Suggestion]](t, c.do(t, "GET", base+"/query/suggest?entity=conversations&cursor=12&q="+url.QueryEscape(`né channel:h is:open`), ""))
	want := []api.Suggestion{{Insert: "hélp", Kind: "value", From: 11, To: 12}, {Insert: "help", Kind: "value", From: 11, To: 12}}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Errorf("suggestions (-want +got):\n%s", diff)
	}
}

// What is our fault is told to the log and not to the caller.
func TestFaults(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleOwner))
	for _, test := range []struct {
		err    error
		status int
		says   string
	}{
		{errors.New("password=hunter2"), 500, "something went wrong on our side; nothing was lost"},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), 503, "the answer took too long; ask for less, or try again later"},
		{greenroom.Errorf(greenroom.CodeUnavailable, "the disk is full"), 503, "the disk is full"},
		{fmt.Errorf("wrapped: %w", greenroom.Errorf(greenroom.CodeInvalid, "this list cannot be sorted by love")), 400, "this list cannot be sorted by love"},
	} {
		f.err = test.err
		w := c.do(t, "GET", base+"/organizations", "")
		if p := body[api.Problem](t, w); w.Code != test.status || p.Detail != test.says {
			t.Errorf("%v: %d %q", test.err, w.Code, p.Detail)
		}
	}
	if !strings.Contains(f.log.String(), "hunter2") {
		t.Error("the log does not have the cause")
	}
	f.err, f.panics = nil, true
	w := c.do(t, "GET", base+"/members", "")
	if p := body[api.Problem](t, w); w.Code != 500 || strings.Contains(w.Body.String(), "cheese") || p.RequestID == "" {
		t.Errorf("a panic: %d %s", w.Code, w.Body)
	}
	if !strings.Contains(f.log.String(), "out of cheese") || !strings.Contains(f.log.String(), "fake_test.go") {
		t.Error("the log does not have the panic with its stack")
	}
}

// The log names the caller and the path; what people search for stays out of it.
func TestAccessLog(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), withToken(auth.RoleOwner, auth.ScopeAdmin))
	c.do(t, "GET", base+"/members?q=secret-name", "")
	if log := f.log.String(); strings.Contains(log, "secret-name") ||
		!strings.Contains(log, `method=GET path=/api/v1/members status=200`) || !strings.Contains(log, `actor="ana@acme.example by token script"`) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestETags(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleOwner))
	for _, path := range []string{"/members", "/members/42", "/sources", "/metrics", "/overview", "", "/openapi.json", "/activities/1/raw"} {
		tag := c.do(t, "GET", base+path, "").Header().Get("ETag")
		if len(tag) < 10 || tag[0] != '"' {
			t.Errorf("%s: the ETag is %q", path, tag)
		}
		for _, have := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			w := c.do(t, "GET", base+path, "", "If-None-Match", have)
			if w.Code != 304 || w.Body.Len() > 0 || w.Header().Get("ETag") != tag || w.Header().Get("Cache-Control") != "private, no-cache" {
				t.Errorf("%s with %s: %d, %v", path, have, w.Code, w.Header())
			}
		}
		if w := c.do(t, "GET", base+path, "", "If-None-Match", `"other"`); w.Code != 200 {
			t.Errorf("%s with another: %d", path, w.Code)
		}
	}
	tag := c.do(t, "GET", base+"/members/42", "").Header().Get("ETag")
	w := c.do(t, "PATCH", base+"/members/42", `{"name":"Ana Torres"}`, "If-Match", tag)
	if got := body[greenroom.Member](t, w); w.Code != 200 || got.Name != "Ana Torres" || w.Header().Get("ETag") == tag {
		t.Errorf("changing what was seen: %d %s", w.Code, w.Body)
	}
	w = c.do(t, "PATCH", base+"/members/42", `{"name":"Somebody"}`, "If-Match", tag)
	if p := body[api.Problem](t, w); w.Code != 412 || p.Code != greenroom.CodeConflict || f.member.Name != "Ana Torres" {
		t.Errorf("changing what has changed: %d %s", w.Code, w.Body)
	}
	next := c.do(t, "GET", base+"/members/42", "").Header().Get("ETag")
	for _, have := range []string{next, "*"} {
		if w := c.do(t, "PATCH", base+"/members/42", `{"name":"Ana Torres"}`, "If-Match", have); w.Code != 200 || w.Header().Get("ETag") != next {
			t.Errorf("If-Match %s: %d, %v", have, w.Code, w.Header())
		}
	}
	if w := c.do(t, "PATCH", base+"/members/42", `{"name":"x"}`, "If-Match", "W/"+next); w.Code != 412 {
		t.Errorf("a weak name: %d, want 412", w.Code)
	}
}

func TestIdempotency(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleOwner))
	merge := func(who auth.Caller, body, key string) *httptest.ResponseRecorder {
		t.Helper()
		return c.as(who).do(t, "POST", base+"/members/42/merge", body, "Idempotency-Key", key)
	}
	ana, ben := user(auth.RoleOwner), user(auth.RoleOwner)
	ben.User.Email = "ben@acme.example"

	f.err = errors.New("busy")
	if w := merge(ana, `{"from":7}`, "k"); w.Code != 500 {
		t.Fatalf("a failing merge: %d", w.Code)
	}
	f.err = nil
	first := merge(ana, `{"from":7}`, "k")
	again := merge(ana, `{"from":7}`, "k")
	if f.merges != 1 || again.Code != 200 || again.Header().Get("Idempotency-Replayed") != "true" || again.Body.String() != first.Body.String() {
		t.Errorf("the same again: %d merges; %d %s", f.merges, again.Code, again.Body)
	}
	if w := merge(ana, `{"from":8}`, "k"); w.Code != 409 || f.merges != 1 {
		t.Errorf("the same key for another request: %d, %d merges", w.Code, f.merges)
	}
	if merge(ben, `{"from":7}`, "k"); f.merges != 2 {
		t.Errorf("the same key of somebody else: %d merges, want 2", f.merges)
	}
	f.clock = now.Add(24 * time.Hour)
	if merge(ana, `{"from":7}`, "k"); f.merges != 3 {
		t.Errorf("a day later: %d merges, want 3", f.merges)
	}
	if w := merge(ana, `{"from":7}`, strings.Repeat("k", 256)); w.Code != 400 {
		t.Errorf("a long key: %d", w.Code)
	}
	// At most 10,000 are kept; the oldest go first.
	for i := range 10_000 {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, base+"/members/42/merge", strings.NewReader(`{"from":7}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", strconv.Itoa(i))
		c.h.ServeHTTP(httptest.NewRecorder(), r.WithContext(auth.With(t.Context(), ana)))
	}
	f.merges = 0
	if merge(ana, `{"from":7}`, "9999"); f.merges != 0 {
		t.Error("the newest key was forgotten")
	}
	if merge(ana, `{"from":7}`, "k"); f.merges != 1 {
		t.Error("the oldest key is kept beyond the limit")
	}
}

// While the first request is still at work, the second is turned away instead of doing the same beside it.
func TestIdempotencyWhileWorking(t *testing.T) {
	f := newFake(t)
	f.block = make(chan struct{})
	c := newClient(t, f.handler(t), user(auth.RoleOwner))
	done := make(chan int)
	go func() {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, base+"/members/42/merge", strings.NewReader(`{"from":7}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r.WithContext(auth.With(context.Background(), c.caller)))
		done <- w.Code
	}()
	<-f.block
	if w := c.do(t, "POST", base+"/members/42/merge", `{"from":7}`, "Idempotency-Key", "k"); w.Code != 409 {
		t.Errorf("the second: %d, want 409", w.Code)
	}
	f.block <- struct{}{}
	if code := <-done; code != 200 || f.merges != 1 {
		t.Errorf("the first: %d, %d merges", code, f.merges)
	}
}

// An export that fails before its first byte is a problem; one that fails later is cut off, so that nobody takes a part
// for the whole.
func TestExport(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleViewer))
	f.stream = 1200
	w := c.do(t, "GET", base+"/export/activities.jsonl", "")
	if lines := strings.Count(w.Body.String(), "\n"); w.Code != 200 || lines != 1200 || w.Header().Get("Content-Type") != "application/jsonl" {
		t.Errorf("%d, %d lines, %v", w.Code, lines, w.Header())
	}
	f.stream, f.pages, f.broken = 1200, 0, 1
	if w := c.do(t, "GET", base+"/export/activities.jsonl", ""); w.Code != 500 {
		t.Errorf("failing at once: %d, want 500", w.Code)
	}
	f.stream, f.pages, f.broken = 1200, 0, 2
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.h.ServeHTTP(w, r.WithContext(auth.With(r.Context(), c.caller)))
	}))
	defer server.Close()
	res, err := http.Get(server.URL + base + "/export/activities.jsonl") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	n := 0
	for lines.Scan() {
		n++
	}
	if lines.Err() == nil || n == 0 || n > 500 {
		t.Errorf("failing later: %d lines and error %v; want some lines and an error", n, lines.Err())
	}
	f.stream = 0
	if w := c.do(t, "GET", base+"/export/activities.jsonl", ""); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("an empty list: %d %q", w.Code, w.Body)
	}
}

// Options tell of the server; secrets are for nobody.
func TestSourceOptions(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleManager))
	for _, path := range []string{"/sources", "/sources/a%2Fb%20c"} {
		w := c.do(t, "GET", base+path, "")
		if w.Code != 200 || strings.Contains(w.Body.String(), "hunter2") || !strings.Contains(w.Body.String(), `"config":{"path":"/data/x","site":"https://forum.example/x"}`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if w := c.as(user(auth.RoleViewer)).do(t, "GET", base+path, ""); !strings.Contains(w.Body.String(), `"config":{}`) {
			t.Errorf("%s as a viewer: %s", path, w.Body)
		}
	}
	var lines []int64
	for target := base + "/sources/a%2Fb%20c/runs/3/rejects?limit=2"; target != ""; {
		w := c.do(t, "GET", target, "")
		for _, r := range body[api.Page[greenroom.Reject]](t, w).Items {
			lines = append(lines, r.Line)
		}
		target = linkTo(w, "next")
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 3, 4}, lines); diff != "" {
		t.Errorf("paging through rejected records (-want +got):\n%s", diff)
	}
}

// Sources are tested and changed with what is sent, and nothing sealed comes back.
func TestConnecting(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleManager))
	if got := body[api.TestResult](t, c.do(t, "POST", base+"/connectors/test/test", `{"options":{"mode":"a"}}`)); got.Works || !got.Asked || got.Account != "bot" || len(got.Missing) != 1 {
		t.Errorf("a test answers %+v", got)
	}
	if got := body[api.SurveyResult](t, c.do(t, "POST", base+"/connectors/test/survey", "{}")); got.Seconds != 60 || len(got.Places) != 1 || got.Places[0].Entry != "acme/site" {
		t.Errorf("a survey answers %+v", got)
	}
	for path, want := range map[string]int{"/connectors/test/test": 400, "/connectors/nothing/test": 404} {
		if w := c.do(t, "POST", base+path, `{"options":{"color":"red"}}`); w.Code != want {
			t.Errorf("%s with an option that there is none of: %d, want %d", path, w.Code, want)
		}
	}
	w := c.do(t, "PATCH", base+"/sources/a%2Fb%20c", `{"options":{"mode":"b"},"forget_secrets":["key"]}`)
	if w.Code != 200 || strings.Contains(w.Body.String(), "sealed") || !strings.Contains(w.Body.String(), `"mode":"b"`) {
		t.Errorf("a change answers %d %s", w.Code, w.Body)
	}
	w = c.do(t, "POST", base+"/sources/a%2Fb%20c/push/secret", "")
	if got := body[api.PushInfo](t, w); got.Secret != "0123" || got.Path != "/hooks/a%2Fb%20c" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a new secret answers %+v, to be kept %q", got, w.Header().Get("Cache-Control"))
	}
	if diff := cmp.Diff([]string{"change a/b c map[mode:b] [key] false"}, f.did); diff != "" {
		t.Errorf("did (-want +got):\n%s", diff)
	}
	for _, path := range []string{"/connectors/test/test", "/sources/a%2Fb%20c/push/secret", "/sources/a%2Fb%20c/disconnect"} {
		if w := c.as(user(auth.RoleContributor)).do(t, "POST", base+path, "{}"); w.Code != 403 {
			t.Errorf("%s as a contributor: %d", path, w.Code)
		}
	}
}

// linkTo is the address that a Link header names.
func linkTo(w *httptest.ResponseRecorder, rel string) string {
	for _, l := range w.Header().Values("Link") {
		if target, found := strings.CutSuffix(l, `>; rel="`+rel+`"`); found {
			return strings.TrimPrefix(target, "<")
		}
	}
	return ""
}

func TestMetricRequest(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleViewer))
	w := c.do(t, "GET", base+"/metrics/active-members?from=2026-03-01&to=2026-06-01T12:00:00Z&by=month&zone=Europe/Lisbon&breakdown=source&staff=true&groups=3&target=90m&responder=staff&q=kind:reply&segment=country:PT", "")
	if w.Code != 200 {
		t.Fatal(w.Body)
	}
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	got := f.asked
	if got.Metric != "active_members" || !got.From.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, lisbon)) || !got.To.Equal(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)) ||
		got.Zone.String() != "Europe/Lisbon" || got.Granularity != analytics.Month || got.Breakdown != analytics.BySource ||
		got.Query.String() != "kind:reply" || got.Segment.String() != "country:PT" {
		t.Errorf("asked for %+v", got)
	}
	if diff := cmp.Diff(analytics.Options{Staff: true, Target: 90 * time.Minute, By: analytics.ByStaff, Groups: 3}, got.Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	w = c.do(t, "GET", base+"/metrics/active_members?records=true", "")
	if got := body[api.Figures](t, w); len(got.Series) != 1 || got.Series[0].Records != base+"/members?q=is%3Aactive+country%3APT" {
		t.Errorf("records: %s", w.Body)
	}
	if !f.asked.To.Equal(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)) || !f.asked.From.Equal(f.asked.To.AddDate(0, 0, -84)) {
		t.Errorf("without a range: from %s to %s", f.asked.From, f.asked.To)
	}
}

// What a source said is never served as something that a browser runs.
func TestRaw(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleViewer))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, base+"/activities/2/raw", nil)
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r.WithContext(auth.With(t.Context(), c.caller)))
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// Every operation of the document can be called, and answers as documented.
func TestEveryOperation(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleOwner))
	for _, request := range append([]string{
		"GET ", "GET /openapi.json", "GET /docs", "GET /problems/stale", "GET /members", "GET /organizations", "GET /activities", "GET /conversations",
		"GET /members/17", "GET /members/17/identities", "GET /members/42/history", `PATCH /members/42 {"staff":true}`, `POST /members/42/merge {"from":7}`,
		`POST /members/42/split {"identities":[1]}`, "POST /decisions/1/undo", "GET /members/42/organizations", "GET /members/42/placements", `POST /members/42/placements {"kind":"moved","organization_id":7,"since":"2026-03-01"}`, "POST /placements/1/undo", "GET /organizations/7/former-members", "GET /activities/1", "GET /activities/1/raw", "GET /conversations/1",
		"GET /conversations/1/activities", `PATCH /conversations/1 {"ignored":false}`, "GET /sources", "GET /sources/a%2Fb%20c",
		"GET /sources/a%2Fb%20c/runs/3/rejects", "GET /connectors", `POST /imports {"kind":"test","source":"s","options":{"path":"x"}}`,
		"GET /imports/a%2Fb%20c", "DELETE /imports/a%2Fb%20c", "POST /rebuild", `POST /connectors/test/test {"options":{"mode":"a"}}`, `POST /connectors/test/survey {}`,
		`POST /sources/a%2Fb%20c/test {"options":{"mode":"b"}}`, `POST /sources/a%2Fb%20c/survey {}`, `PATCH /sources/a%2Fb%20c {"options":{"mode":"b"},"forget_secrets":["key"],"from_start":true}`,
		`POST /connectors/test/authorize {"options":{"mode":"a"},"redirect":"https://g.example/oauth/callback"}`, `POST /sources/a%2Fb%20c/authorize {"redirect":"https://g.example/oauth/callback"}`,
		`POST /consents {"address":"https://g.example/oauth/callback?code=c&state=s"}`, `POST /consents {"address":"https://g.example/oauth/callback?code=c&state=t"}`, "GET /sources/a%2Fb%20c/push", "POST /sources/a%2Fb%20c/push/secret", "POST /sources/a%2Fb%20c/disconnect", `POST /sources/a%2Fb%20c/remove {"confirm":"a/b c"}`, "GET /removals", `POST /sources/a%2Fb%20c/rename {"name":"x"}`, "GET /metrics", "GET /metrics/members", "GET /overview", "GET /search?q=x",
		"GET /query/suggest?entity=members", "GET /query/check?entity=members", "GET /export/members.jsonl", "GET /members/42/data", "DELETE /members/42/data",
		"GET /stack", "GET /sources/a%2Fb%20c/report", "GET /sources/a%2Fb%20c/deliveries", "POST /sources/a%2Fb%20c/deliveries/retry", `POST /sources/a%2Fb%20c/mapping/try {"mapping":"kind = message"}`,
		"GET /matches?at_least=50", "GET /matches/unchecked", `POST /matches {"a":12,"b":340,"verdict":"same"}`, `POST /matches/unchecked {"a":12,"b":340,"verdict":"other"}`,
		"GET /enrichment", `PUT /enrichment/settings {"settings":{"on":false,"name":"","address":"","consent":"","month":0},"key":"k"}`, "GET /enrichment/lookups", "GET /enrichment/findings?after=3", `POST /organizations/7/merge {"from":17,"reason":"two domains"}`, "POST /organizations/17/split", "GET /organizations/7/merges", `PUT /organizations/17/parent {"parent_id":7}`, "DELETE /organizations/17/parent", "GET /organizations/17/parents", "GET /organizations/7/subsidiaries", "POST /organization-merges/3/undo", "GET /organization-matches?limit=20", "GET /organization-matches/apart", `POST /organization-matches/apart {"a":7,"b":19}`, "POST /organization-matches/apart/4/undo", "GET /organizations/7/origins", `PUT /organizations/7/origins {"field":"lifecycle","source":"hubspot"}`, "POST /members/42/lookup", "DELETE /enrichment/findings", "GET /pictures", `PUT /pictures/settings {"on":true}`, "GET /pictures/seen?state=failed&after=3", "DELETE /pictures/seen",
		"POST /matches/reviews/7/undo", "GET /matching", `PUT /matching {"auto":0.95,"suggest":0.1}`,
		"GET /actions", "GET /actions/12", "GET /actions/12/items?state=done", "POST /actions/12/approve", "POST /actions/12/cancel", "GET /sources/crm/properties",
		"GET /sources/crm/account-properties", `POST /account-actions/preview {"source":"crm","set":{"p":"health"}}`, `POST /account-actions {"source":"crm","set":{"p":"health"},"key":"k","approve":true}`, `POST /account-tasks/preview {"source":"crm","reasons":["risk"]}`, `POST /account-tasks {"source":"crm","accounts":[5],"reasons":["risk"],"within":60,"key":"k","approve":true}`, "GET /accounts/5/actions",
		`POST /action-preview {"source":"crm","set":{"p":"tags"}}`, `POST /actions {"source":"crm","set":{"p":"tags"},"key":"k","approve":true}`,
		"GET /segments", `POST /segments {"name":"Helpers","query":"is:new"}`, "GET /segments/helpers", `PATCH /segments/helpers {"name":"Friends"}`, "POST /segments/helpers/archive", "POST /segments/helpers/restore",
		"GET /segments/helpers/members?as_of=2026-11-20&count=true", "GET /segments/helpers/events?people=true", "GET /segment-events?after=0", "GET /segments/helpers/sizes?days=7", "GET /segments/helpers/queries", "GET /segments/helpers/overlap?with=other",
		"GET /workflows", `POST /workflows {"name":"Welcome","definition":{"trigger":{"kind":"hand"},"steps":[]}}`, "GET /workflows/welcome", `PATCH /workflows/welcome {"name":"Hello","definition":{"trigger":{"kind":"hand"},"steps":[]}}`, "POST /workflows/welcome/on", "POST /workflows/welcome/off", "POST /workflows/welcome/archive", "POST /workflows/welcome/publish?move=true",
		"GET /workflows/welcome/dry-run?days=90", "GET /workflows/welcome/runs?state=failed", `POST /workflows/welcome/runs {"members":[42],"key":"a"}`, "GET /workflows/welcome/move-runs", "POST /workflows/welcome/move-runs?version=1", "GET /workflow-runs/12", "POST /workflow-runs/12/move?how=skip",
		"GET /messages?state=draft&workflow=3", "GET /messages/9", `PATCH /messages/9 {"text":"Hi Ana"}`, "POST /messages/9/approve", "POST /messages/9/skip", "POST /messages/9/again",
		"GET /documents?q=is:stale", "GET /documents/12", `POST /documents {"title":"x","address":"https://d.example/x","kind":"how-to","audience":"external","review_days":30,"state":"active"}`, `PUT /documents/12 {"title":"x","kind":"how-to","audience":"external","review_days":30,"state":"active","version":2}`,
		"POST /documents/12/verify", "POST /document-events/1/undo", "GET /document-gaps", "GET /document-outline?topic=7", "GET /document-links", "POST /document-links/check", "GET /document-collections", `POST /document-collections {"way":"sitemap","place":"https://d.example/s.xml"}`, "POST /document-collections/1/read",
		"GET /document-settings", `PUT /document-settings {"check_days":7,"delay_ms":1000,"anchors":true,"remind":true}`,
		"GET /goals?closed=true", "GET /goals/3", `POST /goals {"kind":"community","title":"A","from":"2026-10-01","to":"2026-12-31"}`, `PUT /goals/3 {"kind":"community","title":"A","from":"2026-10-01","to":"2026-12-31","version":2}`,
		"GET /goals/3/check-ins", `POST /goals/3/check-ins {"confidence":60}`, `POST /goals/3/decision {"approve":true}`, `POST /goals/3/close {"outcome":"well"}`, "POST /goals/3/reopen",
		"GET /plans", `POST /plans {"template":"launch"}`, "GET /plans/4", `PUT /plans/4 {"id":4,"version":1,"title":"A","state":"draft","created_by":"","created_at":"2026-11-02T00:00:00Z"}`, "POST /plans/4/promise", "POST /plans/4/undo", `POST /plans/4/sign-off {"as":"sponsor","comment":"Go."}`, "POST /plans/4/next", "GET /plans/4/changes",
		`POST /plans/4/tasks {"id":0,"plan":0,"version":0,"place":0,"title":"A","days":1}`, `PUT /plans/4/tasks/7 {"id":7,"plan":4,"version":1,"place":1,"title":"A","days":1}`, `POST /plans/4/import {"csv":"title\nA\n"}`, "POST /plans/4/tasks/7/make", "GET /plans/4/plan.csv", "GET /plans/4/plan.md", "GET /plans/4/plan.ics",
		"GET /plan-tasks?owner=ana", "GET /working-days", `PUT /working-days {"weekdays":[1,2],"holidays":[]}`,
		"GET /surveys", `POST /surveys {"name":"x","settings":{"who":"known"},"definition":{}}`, "GET /surveys/nps", `PATCH /surveys/nps {"name":"y","settings":{"who":"known"},"definition":{"title":"t","pages":[{"id":"a","questions":[{"id":"q","type":"nps","text":"?"}]}]}}`, "DELETE /surveys/nps", "POST /surveys/nps/open", "POST /surveys/nps/close",
		"GET /surveys/nps/round", "POST /surveys/nps/send", `POST /surveys/nps/invitations {"member":42}`, "GET /surveys/nps/results?q=is:new", "GET /surveys/nps/bias", "GET /surveys/nps/breakdown?question=q", "GET /surveys/nps/answers", `POST /surveys/nps/answers {"csv":"q\n9"}`, "DELETE /survey-answers/3", "GET /surveys/nps/translations?language=de", `PATCH /surveys/nps/translations {"language":"de","texts":{"title":"Puls"}}`,
		"GET /readings?q=category:bug", "GET /activities/1/reading", `POST /activities/1/corrections {"category":"bug","sentiment":"negative"}`, "POST /readings/corrections/7/undo",
		"GET /readings/report", "GET /readings/uncertain", "POST /readings/retrain", "GET /readings/models", "POST /readings/models/0/activate",
		"GET /digest", "GET /digest/rhythm", `PUT /digest/rhythm {"on":true,"weekday":1,"hour":8,"recipients":["ana@example.com"]}`, "POST /digest/send", "GET /mail/server", `PUT /mail/server {"host":"smtp.example.com","port":587,"security":"starttls","from":"a@example.com"}`, `POST /mail/test {"to":"ana@example.com"}`, "GET /metrics/active_members/movement", "GET /members/42/contact", `POST /members/42/contact {"allowed":false}`, `POST /members/42/messages {"subject":"Thank you","text":"It helped."}`, "GET /mail/bounces", `PUT /mail/bounces {"server":"imap.example.com","user":"back@example.com","password":"x"}`,
		"GET /health/board", "GET /health/changes", "GET /health/orbit", "GET /health/quiet", "GET /health/network", "GET /health/introduction?from=42&to=7", "GET /health/funnel", "GET /health/paths",
		"GET /health/compare?metric=activities&across=kind", "GET /members/42/scores", "GET /scores", "GET /scores/love/versions", `POST /scores/love/preview {"rule":"orbit_v1"}`, `PUT /scores/love {"model":{"rule":"orbit_v1"}}`, "POST /scores/love/undo",
		"GET /topics?hidden=true", "GET /topics/7", `POST /topics {"name":"Billing","rule":"invoice","examples":[1]}`, `PATCH /topics/7 {"name":"x","rule":"y","parent":0,"hidden":true,"merged_into":0}`, "GET /topic-search", "GET /assistant", "GET /assistant/uses", `PUT /assistant/settings {"settings":{"on":false,"address":"","model":"","allowed":[],"month_tokens":1,"month_cost":0,"input_price":0,"output_price":0},"key":"k"}`, `POST /assistant/questions {"question":"who","preview":true}`, `POST /conversations/1/summary {}`, `POST /conversations/1/draft {}`, "POST /topic-search",
		"GET /annotations?from=2026-01-01", `POST /annotations {"at":"2026-11-20T00:00:00Z","title":"2.4"}`, `PUT /annotations/3 {"at":"2026-11-20T00:00:00Z","until":"2026-11-21T00:00:00Z","title":"2.4","kind":"event","url":"https://x.example"}`,
		"DELETE /annotations/3", "POST /annotations/-3/restore",
		`POST /pushes/members {"source":"w"}`, `POST /pushes/metrics {"source":"w","metrics":["members"],"by":"day","breakdown":"source"}`, "GET /repeated-actions?source=w",
		`POST /repeated-actions {"every":"day","members":{"source":"w"}}`, "POST /repeated-actions/3/stop", "POST /repeated-actions/3/resume", "DELETE /repeated-actions/3",
		"GET /alerts", `POST /alerts {"name":"Asks","watch":"activities","query":"is:question"}`, "GET /alerts/42", `PUT /alerts/42 {"name":"Asks","watch":"activities","query":"is:question"}`, "DELETE /alerts/42", `POST /alerts/42/mute {"hours":24}`, "POST /alerts/42/test",
		"GET /alerts/42/firings?judged=true", "GET /alerts/42/suggestions", `POST /alert-firings/42/verdict {"useful":true}`, `POST /alert-previews {"name":"Asks","watch":"activities","query":"is:question"}`,
		"GET /destinations", `POST /destinations {"name":"#team","channel":"slack","address":"https://hooks.slack.com/x"}`, "DELETE /destinations/42", "POST /destinations/42/try", "GET /contact-rules", `PUT /contact-rules {"caps":[{"messages":1,"days":7}],"gap_hours":24,"quiet_from":20,"quiet_to":8,"weekdays":true}`,
		"GET /inbox?view=mine&q=is:waiting&limit=5", "GET /inbox/42", "GET /inbox/42/help", `POST /inbox/42/assign {"to":"rotation"}`, `POST /inbox/42/snooze {"until":"2026-11-24T09:00:00Z","until_reply":true}`, "POST /inbox/42/wake", `POST /inbox-bulk {"do":"assign","ids":[42,43],"to":"rotation"}`, `POST /inbox/42/notes {"text":"@ben"}`,
		`POST /inbox/42/done {"elsewhere":"https://docs.example/x"}`, "POST /inbox/42/reopen", `POST /inbox/42/merge {"into":7}`, `POST /inbox/42/reply {"text":"x"}`, `POST /inbox/42/ask {"member_id":42,"text":"x"}`, "POST /inbox-events/1/undo", "GET /inbox-settings",
		`PUT /inbox-settings {"waits":["is:waiting"],"days":30,"rules":[{"query":"","hours":4,"business":true}],"usual":24,"hours":{"days":[]},"answers_week":10,"ask_pause_days":14,"revision":0}`, "GET /inbox-waits?weeks=4",
		"GET /tasks?owner=ana@acme.example", `POST /tasks {"title":"x"}`, "GET /tasks/3", `PATCH /tasks/3 {"title":"y"}`, "POST /tasks/3/done", "POST /tasks/3/reopen", "GET /notices?unseen=true", "POST /notices/seen?up_to=9",
		"GET /settings", `PATCH /settings {"time_zone":"Europe/Lisbon","raw_retention_days":30,"alert_retention_days":100}`,
		"GET /recognition/thanks?days=30", `POST /recognition/thanks/1 {"outcome":"marked"}`, "GET /recognition/milestones?weeks=2", `POST /recognition/milestones {"member_id":42,"kind":"answers","level":1,"outcome":"marked"}`, "GET /recognition/settings", `PUT /recognition/settings {"days":30,"levels":{"answers":[1]},"products":["Lumen"],"thanks":"","congrats":"","ask":"{link}","ask_at_once":false,"expire_days":60}`,
		"GET /recognition/testimonials?state=granted&q=x&product=x&topic=x&segment=x", "GET /recognition/testimonials.csv", `POST /recognition/testimonials {"activity_id":1}`, `POST /recognition/candidates/dismiss {"activity_id":1}`, "GET /recognition/testimonials/3", `POST /recognition/testimonials/3/uses {"link":"https://x.example"}`, "DELETE /recognition/testimonials/3/uses/1",
		"GET /requests?state=open&q=x&review=true&member=42", `POST /requests {"title":"Dark mode"}`, "GET /requests/7", `PATCH /requests/7 {"shown":true}`, `POST /requests/7/status {"state":"planned","answer":"Soon.","tell":true}`, `POST /requests/7/merge {"into":8}`, "POST /requests/7/unmerge", "PUT /requests/7/messages/1", "PUT /request-candidates/1/none", "DELETE /request-candidates/1",
		"GET /request-candidates", "GET /request-settings", `PUT /request-settings {"board":true,"intro":"","at_once":false,"closed":false}`,
		"GET /public-pages", `PUT /public-pages {"name":"Acme","accent":"#1f7a5c","logo":"","address":"","privacy":"","imprint":"","erase":false}`,
		"GET /people", `PATCH /people/1 {"role":"viewer","disabled":true}`, "POST /people/1/link", "GET /invitations",
		`POST /invitations {"email":"ben@acme.example","role":"viewer"}`, "DELETE /invitations/x", "GET /tokens?all=true",
		`POST /tokens {"name":"x","scope":"read"}`, "DELETE /tokens/1", "GET /audit",
	}, slices.Concat(programRequests(), eventRequests(), accountRequests(), impactRequests(), toolRequests(), processRequests(), reportRequests(), sqlRequests(), studyRequests())...) {

		method, rest, _ := strings.Cut(request, " ")
		path, send, _ := strings.Cut(rest, " ")
		if w := c.do(t, method, base+path, send); w.Code >= 300 {
			t.Errorf("%s: %d %s", request, w.Code, w.Body)
		}
	}
	if w := c.do(t, http.MethodPost, base+"/mail/bounces", "X-Failed-Recipients: ana@example.com\r\n\r\n", "Content-Type", "message/rfc822"); w.Code != http.StatusOK {
		t.Errorf("handing over a report: %d %s", w.Code, w.Body)
	}
	// There is no organization in the fake.
	c.seen["getOrganization"], c.seen["getAccount"] = true, true
	for path, methods := range c.doc.Paths {
		for method, op := range methods {
			if !c.seen[op.ID] {
				t.Errorf("%s %s was not called", method, path)
			}
		}
	}
	if diff := cmp.Diff([]string{
		"ana@acme.example conversation.ignore /api/v1/conversations/1", "ana@acme.example import.start source s",
		"ana@acme.example import.stop source a/b c", "ana@acme.example rebuild ", "ana@acme.example import.start source a/b c", "ana@acme.example member.export member 42",
	}, f.audited); diff != "" {
		t.Errorf("the audit log (-want +got):\n%s", diff)
	}
}

// Without somebody who keeps the promise there are no operations on one member's data.
func TestWithoutPrivacy(t *testing.T) {
	d := newFake(t).deps()
	d.Privacy = nil
	h, err := api.New(d)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, h, user(auth.RoleOwner))
	if w := c.do(t, "DELETE", base+"/members/42/data", ""); w.Code != 404 {
		t.Errorf("%d, want 404", w.Code)
	}
	d.Lists = nil
	if _, err := api.New(d); err == nil || !strings.Contains(err.Error(), "Lists") {
		t.Errorf("without Lists: %v", err)
	}
}
