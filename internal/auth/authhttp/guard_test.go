// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package authhttp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/store"
)

const password = "plum tart on sunday"

// site is a server behind a guard: every path answers with who asks.
type site struct {
	t     *testing.T
	auth  *auth.Service
	guard *authhttp.Guard
	serve http.Handler
	log   bytes.Buffer
	at    time.Time
}

// pages shows forms as JSON.
type pages struct{ t *testing.T }

func (p pages) SignIn(w http.ResponseWriter, _ *http.Request, f auth.SignInForm) {
	p.show(w, f.Status, f)
}

func (p pages) Join(w http.ResponseWriter, _ *http.Request, f auth.JoinForm) {
	p.show(w, f.Status, f)
}

func (p pages) show(w http.ResponseWriter, status int, form any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(form); err != nil {
		p.t.Error(err)
	}
}

func newSite(t *testing.T, o authhttp.Options) *site {
	t.Helper()
	s := &site{t: t, at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return s.at }
	log := slog.New(slog.NewJSONHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "greenroom.db"), log, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s.auth = auth.New(st, log, now, rand.Reader)
	o.Public = append(o.Public, "/healthz", "/assets/")
	if s.guard, err = authhttp.New(s.auth, log, o); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s.guard.Routes(mux, pages{t})
	who := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := auth.From(r.Context())
		fmt.Fprint(w, c.Actor())
	})
	mux.Handle("/", who)
	mux.Handle("/settings/", s.guard.Require(auth.Administer)(who))
	mux.Handle("/api/v1/users", s.guard.Require(auth.Administer)(who))
	s.serve = s.guard.Handler(mux)
	return s
}

// answer is what came back.
type answer struct {
	Status  int
	Header  http.Header
	Body    string
	cookies []*http.Cookie
}

func (a *answer) Cookies() []*http.Cookie { return a.cookies }

// do sends a request; edits change it before.
func (s *site) do(method, target string, form url.Values, edits ...func(*http.Request)) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, edit := range edits {
		edit(r)
	}
	w := httptest.NewRecorder()
	s.serve.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return &answer{res.StatusCode, res.Header, string(text), res.Cookies()}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func with(c *http.Cookie) func(*http.Request) { return func(r *http.Request) { r.AddCookie(c) } }

// owner adds Ana, signs her in and returns the cookie.
func (s *site) owner() *http.Cookie {
	s.t.Helper()
	s.user("ana@example.org", auth.RoleOwner)
	return s.signIn("ana@example.org")
}

func (s *site) user(email string, role auth.Role) auth.User {
	s.t.Helper()
	u, err := s.auth.AddUser(s.t.Context(), auth.CommandLine(), auth.NewUser{Email: email, Role: role, Password: password})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

func (s *site) signIn(email string) *http.Cookie {
	s.t.Helper()
	res := s.do("POST", "/sign-in", url.Values{"email": {email}, "password": {password}})
	if res.Status != http.StatusSeeOther || len(res.Cookies()) != 1 {
		s.t.Fatalf("signing in: %d %s", res.Status, res.Body)
	}
	return res.Cookies()[0]
}

func (s *site) token(scope auth.Scope) string {
	s.t.Helper()
	users, err := s.auth.Users(s.t.Context(), auth.CommandLine())
	if err != nil {
		s.t.Fatal(err)
	}
	text, _, err := s.auth.CreateToken(s.t.Context(), auth.CommandLine(), auth.NewToken{UserID: users[0].ID, Name: "test", Scope: scope})
	if err != nil {
		s.t.Fatal(err)
	}
	return text.Reveal()
}

func TestCookies(t *testing.T) {
	s := newSite(t, authhttp.Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	s.user("ana@example.org", auth.RoleOwner)
	form := url.Values{"email": {"ana@example.org"}, "password": {password}}
	behind := func(r *http.Request) {
		r.RemoteAddr = "10.0.0.1:1"
		r.Header.Set("X-Forwarded-Proto", "https")
	}
	for _, tt := range []struct {
		name, target string
		edit         func(*http.Request)
		secure       bool
	}{
		{"http", "/sign-in", func(*http.Request) {}, false},
		{"https", "https://greenroom.example/sign-in", func(*http.Request) {}, true},
		{"https ended by a proxy", "/sign-in", behind, true},
		{"somebody who claims https", "/sign-in", header("X-Forwarded-Proto", "https"), false},
	} {
		res := s.do("POST", tt.target, form, tt.edit)
		want := "greenroom"
		if tt.secure {
			want = "__Host-greenroom"
		}
		if len(res.Cookies()) != 1 {
			t.Fatalf("%s: %d with cookies %v", tt.name, res.Status, res.Cookies())
		}
		c := res.Cookies()[0]
		if c.Name != want || !c.HttpOnly || c.Secure != tt.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 30*24*3600 {
			t.Errorf("%s: cookie %s", tt.name, c)
		}
		if hsts := res.Header.Get("Strict-Transport-Security"); (hsts != "") != tt.secure {
			t.Errorf("%s: Strict-Transport-Security %q", tt.name, hsts)
		}
		if got := s.do("GET", strings.Replace(tt.target, "/sign-in", "/members", 1), nil, tt.edit, with(c)).Body; got != "ana@example.org" {
			t.Errorf("%s: with the cookie the request is %q's", tt.name, got)
		}
	}
}

func TestSessionIsMovedOn(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	c := s.owner()
	if got := s.do("GET", "/members", nil, with(c)).Cookies(); len(got) != 0 {
		t.Errorf("a fresh session gets the cookie %v again", got)
	}
	s.at = s.at.Add(2 * time.Hour)
	if got := s.do("GET", "/members", nil, with(c)).Cookies(); len(got) != 1 || got[0].Value != c.Value || got[0].MaxAge != 30*24*3600 {
		t.Errorf("a session in use gets the cookies %v, want the same token for 30 days more", got)
	}
	s.at = s.at.Add(auth.SessionLife)
	res := s.do("GET", "/members", nil, with(c))
	if got := res.Cookies(); res.Status != http.StatusSeeOther || len(got) != 1 || got[0].MaxAge != -1 {
		t.Errorf("an ended session gets %d and the cookies %v, want it taken away", res.Status, got)
	}
}

func TestHeaders(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	c := s.owner()
	for _, path := range []string{"/healthz", "/sign-in", "/members", "/api/v1/members", "/join/x", "/nothing"} {
		h := s.do("GET", path, nil).Header
		for name, part := range map[string]string{
			"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
			"Referrer-Policy":         "same-origin", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Permissions-Policy": "camera=()", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if !strings.Contains(h.Get(name), part) {
				t.Errorf("%s: %s is %q, want %q in it", path, name, h.Get(name), part)
			}
		}
	}
	for path, want := range map[string]string{"/members": "no-store", "/sign-in": "no-store", "/join/x": "no-store", "/assets/app.css": "", "/healthz": ""} {
		if got := s.do("GET", path, nil, with(c)).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}
}

func TestWall(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	c := s.owner()
	s.user("vic@example.org", auth.RoleViewer)
	viewer := s.signIn("vic@example.org")
	tests := []struct {
		name, method, target string
		edits                []func(*http.Request)
		status               int
		location             string
	}{
		{"public", "GET", "/healthz", nil, 200, ""},
		{"public folder", "GET", "/assets/x.js", nil, 200, ""},
		{"not below it", "GET", "/assets", nil, 303, "/sign-in?next=%2Fassets"},
		{"out of a public folder", "GET", "/assets/../members", nil, 303, "/sign-in"},
		{"out of it, encoded", "GET", "/assets/%2e%2e/members", nil, 303, "/sign-in"},
		{"below a link", "GET", "/join/x/members", nil, 303, "/sign-in"},
		{"home", "GET", "/", nil, 303, "/sign-in"},
		{"page", "GET", "/members?query=is%3Astaff", nil, 303, "/sign-in?next=%2Fmembers%3Fquery%3Dis%253Astaff"},
		{"form", "POST", "/members/7", nil, 303, "/sign-in"},
		{"made-up cookie", "GET", "/members", []func(*http.Request){with(&http.Cookie{Name: "greenroom", Value: "x"})}, 303, "/sign-in?next=%2Fmembers"},
		{"hostile path", "GET", "//other.example/x", nil, 303, "/sign-in"},
		{"signed in", "GET", "/members", []func(*http.Request){with(c)}, 200, ""},
		{"owner's page", "GET", "/settings/people", []func(*http.Request){with(c)}, 200, ""},
		{"owner's page for a viewer", "GET", "/settings/people", []func(*http.Request){with(viewer)}, 403, ""},
		{"API", "GET", "/api/v1/members", nil, 401, ""},
		{"API for a viewer", "GET", "/api/v1/users", []func(*http.Request){with(viewer)}, 403, ""},
	}
	for _, tt := range tests {
		res := s.do(tt.method, tt.target, nil, tt.edits...)
		if res.Status != tt.status || res.Header.Get("Location") != tt.location {
			t.Errorf("%s: %d to %q, want %d to %q", tt.name, res.Status, res.Header.Get("Location"), tt.status, tt.location)
		}
	}
	res := s.do("GET", "/members/list", nil, header("HX-Request", "true"), header("HX-Current-URL", "http://example.com/members?query=x"))
	if got := res.Header.Get("HX-Redirect"); res.Status != 401 || got != "/sign-in?next=%2Fmembers%3Fquery%3Dx" {
		t.Errorf("a part of a page: %d to %q, want the whole page to sign in", res.Status, got)
	}
	res = s.do("GET", "/x", nil, header("HX-Request", "true"), header("HX-Current-URL", "http://other.example//evil.example"))
	if got := res.Header.Get("HX-Redirect"); got != "/sign-in" {
		t.Errorf("a part of a made-up page is sent to %q", got)
	}
}

func TestBearer(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	c := s.owner()
	read, admin := s.token(auth.ScopeRead), s.token(auth.ScopeAdmin)
	tests := []struct {
		name, header, target string
		status               int
	}{
		{"read", "Bearer " + read, "/api/v1/members", 200},
		{"lower case", "bearer " + read, "/api/v1/members", 200},
		{"read at an owner's", "Bearer " + read, "/api/v1/users", 403},
		{"admin at an owner's", "Bearer " + admin, "/api/v1/users", 200},
		{"unknown", "Bearer grm_" + strings.Repeat("x", 43), "/api/v1/members", 401},
		{"empty", "Bearer ", "/api/v1/members", 401},
		{"another kind", "Basic eDp5", "/api/v1/members", 200}, // the cookie counts
		{"unknown at a public path", "Bearer nonsense", "/healthz", 401},
	}
	for _, tt := range tests {
		res := s.do("GET", tt.target, nil, header("Authorization", tt.header), with(c))
		if res.Status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, res.Status, res.Body, tt.status)
		}
		if tt.status == 200 {
			continue
		}
		var p struct {
			Type, Title, Detail, Code string
			Status                    int
		}
		if err := json.Unmarshal([]byte(res.Body), &p); err != nil || p.Status != tt.status || p.Type == "" || p.Title == "" || p.Detail == "" || p.Code == "" {
			t.Errorf("%s: problem %+v, %v", tt.name, p, err)
		}
		if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: Content-Type %q", tt.name, got)
		}
		if got := res.Header.Get("WWW-Authenticate"); (got != "") != (tt.status == 401) {
			t.Errorf("%s: WWW-Authenticate %q", tt.name, got)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	s := newSite(t, authhttp.Options{Origins: []string{"https://community.example.org"}})
	c := s.owner()
	read := s.token(auth.ScopeRead)
	tests := []struct {
		name, method, target string
		edits                []func(*http.Request)
		status               int
	}{
		{"own page", "POST", "/members/7", []func(*http.Request){header("Sec-Fetch-Site", "same-origin")}, 200},
		{"own address", "POST", "/members/7", []func(*http.Request){header("Origin", "http://example.com")}, 200},
		{"no browser", "POST", "/members/7", nil, 200},
		{"other site", "POST", "/members/7", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 403},
		{"neighbor", "DELETE", "/members/7", []func(*http.Request){header("Sec-Fetch-Site", "same-site")}, 403},
		{"old browser", "PUT", "/members/7", []func(*http.Request){header("Origin", "https://other.example")}, 403},
		{"page without an address", "POST", "/members/7", []func(*http.Request){header("Origin", "null")}, 403},
		{"trusted", "POST", "/members/7", []func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://community.example.org")}, 200},
		{"link from another site", "GET", "/members/7", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 200},
		{"other site signs us in", "POST", "/sign-in", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 403},
		{"token", "POST", "/api/v1/x", []func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Authorization", "Bearer "+read)}, 200},
		{"API by cookie", "POST", "/api/v1/x", []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, 403},
	}
	for _, tt := range tests {
		res := s.do(tt.method, tt.target, nil, append(tt.edits, with(c))...)
		if res.Status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, res.Status, res.Body, tt.status)
		}
	}
	if _, err := authhttp.New(s.auth, slog.New(slog.DiscardHandler), authhttp.Options{Origins: []string{"example.org/x"}}); err == nil {
		t.Error("an origin that is none is taken")
	}
}

func TestAddress(t *testing.T) {
	s := newSite(t, authhttp.Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}})
	for _, tt := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"192.0.2.1:5", "203.0.113.9", "192.0.2.1"}, // not from a proxy of ours
		{"10.0.0.1:5", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:5", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"[::1]:5", "nonsense, 203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:5", "203.0.113.9, nonsense", "10.0.0.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:5", "::ffff:203.0.113.9", "203.0.113.9"},
		{"pipe", "203.0.113.9", ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = tt.peer
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := s.guard.Address(r); got != tt.want {
			t.Errorf("Address of %s forwarded for %q = %q, want %q", tt.peer, tt.forwarded, got, tt.want)
		}
	}
}

// TestDenyIsTheServers holds that the server's own error pages and problem documents are used.
func TestDenyIsTheServers(t *testing.T) {
	says := func(text string) func(http.ResponseWriter, *http.Request, error) {
		return func(w http.ResponseWriter, _ *http.Request, err error) {
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, "%s: %s", text, greenroom.ErrorCode(err))
		}
	}
	s := newSite(t, authhttp.Options{Deny: says("page"), DenyAPI: says("API")})
	s.user("ana@example.org", auth.RoleOwner)
	s.user("vic@example.org", auth.RoleViewer)
	viewer := s.signIn("vic@example.org")
	for target, want := range map[string]string{"/settings/people": "page: forbidden", "/api/v1/users": "API: forbidden"} {
		if got := s.do("GET", target, nil, with(viewer)).Body; got != want {
			t.Errorf("%s answers %q, want %q", target, got, want)
		}
	}
	if got := s.do("GET", "/api/v1/users", nil).Body; got != "API: unauthorized" {
		t.Errorf("the API answers nobody %q", got)
	}
	if res := s.do("GET", "/members", nil); res.Status != http.StatusSeeOther {
		t.Errorf("nobody is not sent to the sign-in page: %d", res.Status)
	}
}

// TestLogHoldsNoSecret makes requests with secrets everywhere, fails some of them inside, and reads the log.
func TestLogHoldsNoSecret(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	c := s.owner()
	token := s.token(auth.ScopeAdmin)
	link, err := s.auth.LinkFor(t.Context(), auth.CommandLine(), 1)
	if err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	broken := func(r *http.Request) { *r = *r.WithContext(canceled) }
	for _, edit := range []func(*http.Request){broken, func(*http.Request) {}} {
		s.do("GET", "/members", nil, with(c), edit)
		s.do("GET", "/api/v1/members", nil, header("Authorization", "Bearer "+token), edit)
		s.do("GET", link.Path(), nil, edit)
		s.do("POST", link.Path(), url.Values{"password": {"another good password"}}, edit)
		s.do("POST", "/sign-in", url.Values{"email": {"ana@example.org"}, "password": {"another good password"}}, edit)
	}
	for _, secret := range []string{c.Value, token, link.Token.Reveal(), "another good password", password} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, &s.log)
		}
	}
	if !strings.Contains(s.log.String(), `"level":"ERROR"`) {
		t.Error("no request failed inside, so this test shows little")
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, link.Path(), nil)
	if got := authhttp.LogPath(r); got != "/join/..." {
		t.Errorf("LogPath = %q", got)
	}
}

// BenchmarkGuard is what every request of somebody who is signed in costs before its page begins.
func BenchmarkGuard(b *testing.B) {
	st, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "greenroom.db"), slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			b.Error(err)
		}
	}()
	service := auth.New(st, slog.New(slog.DiscardHandler), time.Now, rand.Reader)
	link, err := service.SampleLink(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	in, err := service.Join(b.Context(), link.Token.Reveal(), auth.Joining{}, auth.Origin{})
	if err != nil {
		b.Fatal(err)
	}
	guard, err := authhttp.New(service, slog.New(slog.DiscardHandler), authhttp.Options{})
	if err != nil {
		b.Fatal(err)
	}
	h := guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/members", nil)
	r.AddCookie(&http.Cookie{Name: "greenroom", Value: in.Token.Reveal()})
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusNoContent {
			b.Fatal(w.Code)
		}
	}
}

// TestOrigin believes what is said of the address only of a proxy that is ours.
func TestOrigin(t *testing.T) {
	g, err := authhttp.New(nil, slog.New(slog.DiscardHandler), authhttp.Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"10.1.2.3:4000": "https://community.example.org", "203.0.113.9:4000": "http://here.example:8095", "nonsense": "http://here.example:8095"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://here.example:8095/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-Host", "community.example.org, inner.example")
		if got := g.Origin(r).String(); got != want {
			t.Errorf("from %s: %s, want %s", from, got, want)
		}
	}
}
