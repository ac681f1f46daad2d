// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// clock stands still but for the waits, which are over at once and remembered.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{at: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	c.at = c.at.Add(d)
	return ctx.Err()
}

// client opens a client on a server that the handler makes; edit changes its configuration.
func client(t *testing.T, h http.HandlerFunc, edit func(*rest.Config)) (*rest.Client, *clock) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	k := newClock()
	c := rest.Config{
		Name: "Acme", Base: srv.URL, Token: "token",
		Env: connector.Env{Now: k.now, Sleep: k.sleep, HTTP: srv.Client(), Meter: &connector.Meter{}},
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("Api-Key", "s3cret")
			return nil
		},
	}
	if edit != nil {
		edit(&c)
	}
	made, err := rest.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return made, k
}

// script answers the requests one after the other; the last answer stays.
func script(answers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := answers[min(n, len(answers)-1)]
		n++
		mu.Unlock()
		h(w, r)
	}
}

func answer(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var good = answer(http.StatusOK, `{"ok":true}`)

// TestRetries holds what is asked again, how often and after what waits.
func TestRetries(t *testing.T) {
	now := newClock().at
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	unix := strconv.FormatInt(now.Add(30*time.Second).Unix(), 10)
	milli := strconv.FormatInt(now.Add(30*time.Second).UnixMilli(), 10)
	broken := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"ok":`)
	}
	type waits struct{ from, to time.Duration }
	jitter := []waits{{500, 1500}, {1000, 3000}, {2000, 6000}, {4000, 12000}, {8000, 24000}} // in milliseconds
	exactly := func(s time.Duration) []waits { return []waits{{s * 1000, s * 1000}} }
	tests := []struct {
		name  string
		serve http.HandlerFunc
		waits []waits
		code  greenroom.Code
	}{
		{"nothing wrong", good, nil, ""},
		{"a burst of 5xx", script(answer(502, "<html>"), answer(503, ""), answer(500, "{}"), good), jitter[:3], ""},
		{"lasting 5xx", answer(500, ""), jitter, greenroom.CodeUnavailable},
		{"too early, timeout", script(answer(408, ""), answer(425, ""), good), jitter[:2], ""},
		{"seconds", script(answer(429, "", "Retry-After", "7"), good), exactly(8), ""},
		{"part of a second", script(answer(429, "", "Retry-After", "1.5"), good), []waits{{2500, 2500}}, ""},
		{"a date", script(answer(429, "", "Date", date(0), "Retry-After", date(90*time.Second)), good), exactly(91), ""},
		{"a date by a clock that is ahead", script(answer(429, "", "Date", date(time.Hour), "Retry-After", date(time.Hour+90*time.Second)), good), exactly(91), ""},
		{"a date in the past", script(answer(429, "", "Retry-After", "Mon, 05 Jan 2015 12:00:00 GMT"), good), jitter[:1], ""},
		{"nonsense", script(answer(429, "", "Retry-After", "soon"), good), jitter[:1], ""},
		{"zero", script(answer(429, "", "Retry-After", "0"), good), jitter[:1], ""},
		{"not told", script(answer(429, ""), answer(429, ""), good), jitter[:2], ""},
		{"reset in seconds", script(answer(429, "", "RateLimit-Remaining", "0", "RateLimit-Reset", "20"), good), exactly(21), ""},
		{"reset at a time", script(answer(429, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix), good), exactly(31), ""},
		{"reset in milliseconds", script(answer(429, "", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", milli), good), exactly(31), ""},
		{"busy, with a time", script(answer(503, "", "Retry-After", "4"), good), exactly(4), ""},
		{"longer than anybody waits", answer(429, "", "Retry-After", "301"), nil, greenroom.CodeLimited},
		{"for ever", answer(429, "", "Retry-After", "1e300"), nil, greenroom.CodeLimited},
		{"busy for long", answer(503, "", "Retry-After", "3600"), nil, greenroom.CodeUnavailable},
		{"JSON cut short", script(answer(200, `{"ok":tr`), good), jitter[:1], ""},
		{"two values", script(answer(200, `{"ok":true}{`), good), jitter[:1], ""},
		{"HTML for JSON", answer(200, "<html>"), jitter, greenroom.CodeUnavailable},
		{"connection cut short", script(broken, good), jitter[:1], ""},
		{"refusals are final", answer(400, ""), nil, greenroom.CodeInvalid},
		{"not allowed", answer(403, ""), nil, greenroom.CodeForbidden},
		{"not there", answer(404, ""), nil, greenroom.CodeNotFound},
		{"gone", answer(410, ""), nil, greenroom.CodeNotFound},
		{"not signed in", answer(401, ""), nil, greenroom.CodeUnauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, k := client(t, tt.serve, nil)
			var v struct {
				OK bool `json:"ok"`
			}
			_, err := c.Into(t.Context(), "/x", nil, &v)
			if greenroom.ErrorCode(err) != tt.code || err == nil && !v.OK {
				t.Errorf("got %v and %v, want code %q", v, err, tt.code)
			}
			for i, d := range k.slept {
				if i >= len(tt.waits) || d < tt.waits[i].from*time.Millisecond || d > tt.waits[i].to*time.Millisecond {
					t.Errorf("wait %d is %s; all: %v, want within %v ms", i, d, k.slept, tt.waits)
				}
			}
			if len(k.slept) != len(tt.waits) {
				t.Errorf("waited %v, want %d times", k.slept, len(tt.waits))
			}
			m := c.Env.Meter.Metered()
			if want := int64(len(tt.waits)); m.Retries != want || m.Requests != want+1 {
				t.Errorf("counted %d requests and %d retries, want %d and %d", m.Requests, m.Retries, want+1, want)
			}
		})
	}
}

// TestBudget waits before the request that would be one too many, and stops where the wait is long, every time it is asked.
func TestBudget(t *testing.T) {
	used := answer(200, "{}", "X-RateLimit-Limit", "60, 60;w=3600", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "120", "X-RateLimit-Resource", "core")
	c, k := client(t, script(used, good), nil)
	for range 3 {
		if _, err := c.Get(t.Context(), "/x", nil); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]time.Duration{121 * time.Second}, k.slept); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	m := c.Env.Meter.Metered()
	want := []connector.Budget{{Name: "requests of core", Limit: 60, ResetAt: newClock().at.Add(2 * time.Minute), At: newClock().at}}
	if diff := cmp.Diff(want, m.Budgets); diff != "" {
		t.Errorf("budgets (-want +got):\n%s", diff)
	}
	if m.Waited != 121*time.Second {
		t.Errorf("counted %s of waiting", m.Waited)
	}

	c, k = client(t, script(used, good), func(c *rest.Config) { c.MaxWait = time.Minute })
	if _, err := c.Get(t.Context(), "/x", nil); err != nil {
		t.Fatal(err)
	}
	for range 2 { // nothing goes out until the budget is back
		_, err := c.Get(t.Context(), "/x", nil)
		var limit *rest.Limit
		if greenroom.ErrorCode(err) != greenroom.CodeLimited || !errors.As(err, &limit) || limit.Wait != 2*time.Minute {
			t.Errorf("got %v, want code %q with the wait", err, greenroom.CodeLimited)
		}
		if msg := greenroom.ErrorMessage(err); !strings.Contains(msg, "until 2026-01-05 12:02 UTC") || !strings.Contains(msg, "nothing was lost") {
			t.Errorf("the message is %q", msg)
		}
	}
	if n := c.Env.Meter.Metered().Requests; n != 1 || len(k.slept) > 0 {
		t.Errorf("%d requests were sent after waits of %v", n, k.slept)
	}
	_ = k.sleep(t.Context(), 3*time.Minute)
	if _, err := c.Get(t.Context(), "/x", nil); err != nil {
		t.Errorf("after the limit was over: %v", err)
	}
}

// TestOwnBudgets takes what a platform says in headers of its own, of several budgets the one that lasts longest.
func TestOwnBudgets(t *testing.T) {
	c, k := client(t, script(answer(200, "{}", "X-Daily", "0", "X-Burst", "0"), good), func(c *rest.Config) {
		c.Budgets = func(h http.Header, now time.Time) []connector.Budget {
			if h.Get("X-Daily") == "" {
				return nil
			}
			return []connector.Budget{{Name: "a second", ResetAt: now.Add(time.Second)}, {Name: "a day", ResetAt: now.Add(time.Minute)}}
		}
	})
	for range 2 {
		if _, err := c.Get(t.Context(), "/x", nil); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]time.Duration{61 * time.Second}, k.slept); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

// TestRenew gets a fresh credential after a 401, once a request.
func TestRenew(t *testing.T) {
	token, renewals := "old", 0
	serve := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer new" {
			http.Error(w, `{"message":"token expired"}`, http.StatusUnauthorized)
			return
		}
		good(w, r)
	}
	c, k := client(t, serve, func(c *rest.Config) {
		c.Authorize = func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
		c.Renew = func(context.Context) (bool, error) {
			renewals++
			token = "new"
			return true, nil
		}
	})
	if _, err := c.Get(t.Context(), "/x", nil); err != nil || renewals != 1 || len(k.slept) != 0 {
		t.Errorf("got %v after %d renewals and waits of %v", err, renewals, k.slept)
	}
	for name, tt := range map[string]struct {
		renew func(context.Context) (bool, error)
		code  greenroom.Code
	}{
		"that does not help":   {func(context.Context) (bool, error) { token = "other"; return true, nil }, greenroom.CodeUnauthorized},
		"that cannot be had":   {func(context.Context) (bool, error) { return false, nil }, greenroom.CodeUnauthorized},
		"that goes wrong":      {func(context.Context) (bool, error) { return false, greenroom.Errorf(greenroom.CodeUnavailable, "x") }, greenroom.CodeUnavailable},
		"where there are none": {nil, greenroom.CodeUnauthorized},
	} {
		token, c.Renew = "old", tt.renew
		_, err := c.Get(t.Context(), "/x", nil)
		if greenroom.ErrorCode(err) != tt.code {
			t.Errorf("a renewal %s: got %v, want code %q", name, err, tt.code)
		}
		if tt.code == greenroom.CodeUnauthorized && !strings.Contains(err.Error(), "Acme refuses the token") {
			t.Errorf("a renewal %s: the message is %q", name, err)
		}
	}
}

// TestStaysAtHome holds that the credential goes to no other host and is not sent in the clear, by links and redirects.
func TestStaysAtHome(t *testing.T) {
	var stolen []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stolen = append(stolen, r.Header.Get("Api-Key"))
	}))
	defer elsewhere.Close()
	var asked []string
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, elsewhere.URL+"/x", http.StatusFound)
		case "/near":
			http.Redirect(w, r, "/home?a=1", http.StatusMovedPermanently)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			if r.Header.Get("Api-Key") != "s3cret" {
				t.Errorf("%s came without the credential", r.URL)
			}
			good(w, r)
		}
	}, nil)
	if _, err := c.Get(t.Context(), "/away", nil); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "elsewhere") {
		t.Errorf("a redirect to another host: got %v", err)
	}
	if _, err := c.Get(t.Context(), "/near", nil); err != nil {
		t.Errorf("a redirect on the host: got %v", err)
	}
	if _, err := c.Get(t.Context(), elsewhere.URL+"/linked?page=2", nil); err != nil {
		t.Errorf("a link to another host: got %v", err)
	}
	if _, err := c.Get(t.Context(), "//evil.example/x", nil); err != nil {
		t.Errorf("a link without a scheme: got %v", err)
	}
	for _, link := range []string{"mailto:a@b", "://", "http://[::1"} {
		if _, err := c.Get(t.Context(), link, nil); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("the link %q: got %v", link, err)
		}
	}
	if _, err := c.Get(t.Context(), "/loop", nil); greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		t.Errorf("redirects without an end: got %v", err)
	}
	if len(stolen) > 0 {
		t.Errorf("the other host was asked with %q", stolen)
	}
	if asked[2] != "/home?a=1" || asked[3] != "/linked?page=2" {
		t.Errorf("asked for %q", asked)
	}
}

// TestNotInTheClear refuses a redirect from https to http on the same host.
func TestNotInTheClear(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Host+"/x", http.StatusFound)
	}))
	defer srv.Close()
	k := newClock()
	c, err := rest.New(rest.Config{
		Name: "Acme", Base: srv.URL, Env: connector.Env{Now: k.now, Sleep: k.sleep, HTTP: srv.Client()},
		Authorize: func(context.Context, *http.Request) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(t.Context(), "/x", nil); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("got %v, want code %q", err, greenroom.CodeInvalid)
	}
}

// TestCancel ends waits and requests at once.
func TestCancel(t *testing.T) {
	for name, serve := range map[string]http.HandlerFunc{
		"while it waits for a limit": answer(429, "", "Retry-After", "60"),
		"while it waits to retry":    answer(500, ""),
		"while it waits for a pace":  good,
		"while it waits for the answer": func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c, _ := client(t, serve, func(c *rest.Config) {
				c.Env.Sleep = nil // really wait
				c.Env.Now = time.Now
				c.PerSecond = 0.001
			})
			time.AfterFunc(50*time.Millisecond, cancel)
			var err error
			for err == nil { // the second request waits for the pace
				_, err = c.Get(ctx, "/x", nil)
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestPace spaces requests.
func TestPace(t *testing.T) {
	c, k := client(t, good, func(c *rest.Config) { c.PerSecond, c.Burst = 2, 3 })
	for range 6 {
		if _, err := c.Get(t.Context(), "/x", nil); err != nil {
			t.Fatal(err)
		}
	}
	half := 500 * time.Millisecond
	if diff := cmp.Diff([]time.Duration{half, half, half}, k.slept); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

// TestLimitsOfAnswers refuses what is too large and says how large is too large.
func TestLimitsOfAnswers(t *testing.T) {
	c, k := client(t, answer(200, `"`+strings.Repeat("x", 2<<20)+`"`), func(c *rest.Config) { c.MaxBody = 1 << 20 })
	_, err := c.Get(t.Context(), "/x", nil)
	if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "larger than 1 MB") || len(k.slept) > 0 {
		t.Errorf("got %v after waits of %v", err, k.slept)
	}
}

// TestETag asks whether something has changed.
func TestETag(t *testing.T) {
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		good(w, r)
	}, nil)
	first, err := c.Do(t.Context(), rest.Request{Path: "/x"})
	if err != nil || first.NotModified() {
		t.Fatal(first, err)
	}
	again, err := c.Do(t.Context(), rest.Request{Path: "/x", ETag: first.Header.Get("ETag")})
	if err != nil || !again.NotModified() {
		t.Errorf("got %+v and %v", again, err)
	}
}

// TestRefuse reads a platform's own way of refusing.
func TestRefuse(t *testing.T) {
	own := errors.New("own")
	c, k := client(t, script(answer(200, `{"error":"later"}`), answer(200, `{"error":"hiccup"}`), good), func(c *rest.Config) {
		c.Refuse = func(a *rest.Answer) error {
			switch {
			case strings.Contains(string(a.Body), "later"):
				return fmt.Errorf("wrapped: %w", &rest.Limit{Wait: 3 * time.Second, Why: "the quota of units is used up"})
			case strings.Contains(string(a.Body), "hiccup"):
				return rest.ErrAgain
			case a.Status == 418:
				return own
			}
			return nil
		}
	})
	if _, err := c.Get(t.Context(), "/x", nil); err != nil || len(k.slept) != 2 || k.slept[0] != 4*time.Second {
		t.Errorf("got %v after waits of %v", err, k.slept)
	}
	c.Env.HTTP = &http.Client{Transport: transport(answer(418, ""))}
	if _, err := c.Get(t.Context(), "/x", nil); !errors.Is(err, own) {
		t.Errorf("got %v, want the connector's own error", err)
	}
	c.Env.HTTP = &http.Client{Transport: transport(answer(200, `{"error":"later"}`))}
	c.MaxWait = time.Second
	if _, err := c.Get(t.Context(), "/x", nil); greenroom.ErrorCode(err) != greenroom.CodeLimited || !strings.Contains(err.Error(), "Acme: the quota of units is used up until") {
		t.Errorf("got %v", err)
	}
}

type transport http.HandlerFunc

func (h transport) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	h(rec, r)
	return rec.Result(), nil
}

// TestMessages holds what a person reads of a refusal, without the credential and without pages of HTML.
func TestMessages(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		want   string
	}{
		{401, `{"message":"Bad credentials"}`, "Acme refuses the token; make a new one and enter it in the settings of the source (Acme says: Bad credentials)"},
		{403, `{"errors":["You are not permitted","x"]}`, "Acme does not allow reading /x with this token (Acme says: You are not permitted)"},
		{404, `<html>not found</html>`, "Acme has nothing at /x"},
		{400, `{"error":{"message":"bad field","code":7}}`, "Acme answers /x with error 400 (Acme says: bad field)"},
		{422, `{"error":"invalid_grant","error_description":"The code is old"}`, "Acme answers /x with error 422 (Acme says: The code is old)"},
		{400, `{"errors":[{"detail":"first\nsecond"}]}`, "Acme answers /x with error 400 (Acme says: first)"},
		{400, `{"message":"` + strings.Repeat("é", 200) + `"}`, "Acme answers /x with error 400 (Acme says: " + strings.Repeat("é", 150) + "…)"},
		{500, `{"message":"oops"}`, "Acme answers with error 500; nothing was lost, the next sync goes on from here"},
	} {
		c, _ := client(t, answer(tt.status, tt.body), nil)
		_, err := c.Get(t.Context(), "/x", map[string][]string{"q": {"private"}})
		if msg := greenroom.ErrorMessage(err); msg != tt.want {
			t.Errorf("%d %s:\n got %q\nwant %q", tt.status, tt.body, msg, tt.want)
		}
		if rest.Status(err) != tt.status || rest.Gone(err) != (tt.status == 404) || rest.Refused(err) != (tt.status == 403) {
			t.Errorf("%d: the cause says status %d", tt.status, rest.Status(err))
		}
		if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "private") || strings.Contains(err.Error(), "<nil>") {
			t.Errorf("the error is %q", err)
		}
	}
	c, _ := client(t, answer(200, `[1]`), nil)
	var v struct{ A int }
	if _, err := c.Into(t.Context(), "/x", nil, &v); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "not one of Acme") {
		t.Errorf("an answer of another kind: got %v", err)
	}
	c, _ = client(t, answer(200, `{`), nil)
	if _, err := c.Get(t.Context(), "/x", nil); strings.Contains(err.Error(), "nil") {
		t.Errorf("the error is %q", err)
	}
}

// TestRequests holds what is sent.
func TestRequests(t *testing.T) {
	var got []string
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("Accept"), r.Header.Get("X-Version"), string(body)}, " "))
		_, _ = io.WriteString(w, `{"ok":true}`)
	}, func(c *rest.Config) {
		c.Base += "/api/"
		c.Header = http.Header{"x-version": {"1"}}
	})
	var v struct {
		OK bool `json:"ok"`
	}
	if _, err := c.Post(t.Context(), "/a", map[string]int{"n": 1}, &v); err != nil || !v.OK {
		t.Error(v, err)
	}
	if _, err := c.Get(t.Context(), "/b?x=1&y=2", map[string][]string{"y": {"3"}, "z": {"ü"}}); err != nil {
		t.Error(err)
	}
	if _, err := c.Do(t.Context(), rest.Request{Method: http.MethodPut, Body: []byte("a=b"), Type: "application/x-www-form-urlencoded", Header: http.Header{"Accept": {"text/html"}}}); err != nil {
		t.Error(err)
	}
	want := []string{
		`POST /api/a application/json application/json 1 {"n":1}`,
		`GET /api/b?x=1&y=3&z=%C3%BC  application/json 1 `,
		`PUT /api application/x-www-form-urlencoded text/html 1 a=b`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestNew refuses what cannot work.
func TestNew(t *testing.T) {
	if _, err := rest.New(rest.Config{Name: "Acme", Base: "https://x.example"}); greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		t.Errorf("without a network: got %v", err)
	}
	for _, base := range []string{"", "x.example", "ftp://x.example", "http://"} {
		if _, err := rest.New(rest.Config{Name: "Acme", Base: base, Env: connector.Env{HTTP: http.DefaultClient}}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%q: got %v", base, err)
		}
	}
}

// TestManyAtOnce uses one client from several goroutines, all of which keep to a budget that one of them empties.
func TestManyAtOnce(t *testing.T) {
	c, _ := client(t, answer(200, "{}", "RateLimit-Remaining", "0", "RateLimit-Reset", "1"), func(c *rest.Config) { c.PerSecond = 100 })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if _, err := c.Get(t.Context(), "/x", nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := c.Env.Meter.Metered().Requests; n != 80 {
		t.Errorf("%d requests", n)
	}
}

// FuzzHeaders reads any headers without panicking and never waits longer than it says.
func FuzzHeaders(f *testing.F) {
	f.Add("1", "2", "3", `<https://x.example/a?b=1,2&c=<d>>; rel="next", <x>; rel="a last"`)
	f.Add("NaN", "Inf", "-1e300", `<`)
	f.Add("Mon, 05 Jan 2026 12:00:05 GMT", "0", "1767614400", `<a>;rel=next`)
	f.Add("-5", "0", "1e18", `,,;;<>`)
	f.Fuzz(func(t *testing.T, after, remaining, reset, link string) {
		k := newClock()
		calls := 0
		c, err := rest.New(rest.Config{
			Name: "Acme", Base: "https://x.example", Attempts: 2, MaxWait: time.Minute,
			Env: connector.Env{Now: k.now, Sleep: k.sleep, HTTP: &http.Client{Transport: transport(func(w http.ResponseWriter, _ *http.Request) {
				for name, v := range map[string]string{"Retry-After": after, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset, "Link": link} {
					w.Header()[http.CanonicalHeaderKey(name)] = []string{v}
				}
				if calls++; calls == 1 {
					w.WriteHeader(http.StatusTooManyRequests)
				}
				_, _ = io.WriteString(w, "{}")
			})}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ans, err := c.Get(t.Context(), "/x", nil)
		if err == nil {
			_ = ans.Link("next")
		} else if greenroom.ErrorCode(err) != greenroom.CodeLimited {
			t.Fatal(err)
		}
		for _, d := range k.slept {
			if d < 0 || d > time.Minute+time.Second {
				t.Errorf("waited %s", d)
			}
		}
	})
}

// TestLink finds the relations of a Link header.
func TestLink(t *testing.T) {
	a := rest.Answer{Header: http.Header{"Link": {
		`<https://x.example/?a=1,2;3&page=2>; rel="next", <https://x.example/?page=9>; title="a, b; c"; rel="last"`,
		`</first>;REL=first,<https://x.example/both>; rel="prev up"`,
	}}}
	for rel, want := range map[string]string{
		"next": "https://x.example/?a=1,2;3&page=2", "last": "https://x.example/?page=9", "first": "/first", "prev": "https://x.example/both", "up": "https://x.example/both", "other": "",
	} {
		if got := a.Link(rel); got != want {
			t.Errorf("%s: got %q, want %q", rel, got, want)
		}
	}
}
