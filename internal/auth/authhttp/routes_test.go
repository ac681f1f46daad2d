// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package authhttp_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
)

func TestSignInPage(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	c := s.owner()
	show := func(res *answer) (f auth.SignInForm) {
		t.Helper()
		if err := json.Unmarshal([]byte(res.Body), &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := show(s.do("GET", "/sign-in?next=/members", nil)); f != (auth.SignInForm{Next: "/members", Status: 200}) {
		t.Errorf("the form is %+v", f)
	}
	if f := show(s.do("GET", "/sign-in?next=//other.example", nil)); f.Next != "/" {
		t.Errorf("the form leads to %q", f.Next)
	}
	if res := s.do("GET", "/sign-in?next=/members", nil, with(c)); res.Status != 303 || res.Header.Get("Location") != "/members" {
		t.Errorf("signed in already: %d to %s", res.Status, res.Header.Get("Location"))
	}
	for next, want := range map[string]string{"": "/", "/members?x=y": "/members?x=y", "https://other.example": "/", "/\\other.example": "/"} {
		res := s.do("POST", "/sign-in", url.Values{"email": {"ana@example.org"}, "password": {password}, "next": {next}})
		if res.Status != 303 || res.Header.Get("Location") != want {
			t.Errorf("signing in with next %q: %d to %q, want %q", next, res.Status, res.Header.Get("Location"), want)
		}
	}
	wrong := url.Values{"email": {"ana@example.org"}, "password": {"wrong"}, "next": {"/members"}}
	for range 5 {
		res := s.do("POST", "/sign-in", wrong)
		f := show(res)
		want := auth.SignInForm{Next: "/members", Email: "ana@example.org", Error: "the e-mail address or the password is not right", Status: 401}
		if diff := cmp.Diff(want, f); diff != "" || res.Status != 401 || len(res.Cookies()) != 0 {
			t.Errorf("a wrong password: %d, cookies %v (-want +got):\n%s", res.Status, res.Cookies(), diff)
		}
	}
	res := s.do("POST", "/sign-in", wrong)
	if f := show(res); res.Status != 429 || f.Wait != time.Second || res.Header.Get("Retry-After") != "1" {
		t.Errorf("too many attempts: %d, %+v, Retry-After %q", res.Status, f, res.Header.Get("Retry-After"))
	}
	if res := s.do("POST", "/sign-in", url.Values{"email": {strings.Repeat("x", 20_000)}}); res.Status != 422 {
		t.Errorf("a huge form: %d", res.Status)
	}
}

func TestSignOutPage(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	c := s.owner()
	other, third := s.signIn("ana@example.org"), s.signIn("ana@example.org")
	if res := s.do("GET", "/sign-out", nil, with(c)); res.Status != http.StatusOK || s.do("GET", "/x", nil, with(c)).Body != "ana@example.org" {
		t.Errorf("a link signs out: %d", res.Status)
	}
	signedIn := func() (in []bool) {
		for _, c := range []*http.Cookie{c, other, third} {
			in = append(in, s.do("GET", "/members", nil, with(c)).Status == 200)
		}
		return in
	}
	res := s.do("POST", "/sign-out", nil, with(c))
	if got := res.Cookies(); res.Status != 303 || len(got) != 1 || got[0].MaxAge != -1 || got[0].Value != "" {
		t.Errorf("signing out: %d, cookies %v", res.Status, got)
	}
	if got := signedIn(); !cmp.Equal(got, []bool{false, true, true}) {
		t.Errorf("signed in after signing out once: %v", got)
	}
	s.do("POST", "/sign-out", url.Values{"everywhere": {"true"}}, with(other))
	if got := signedIn(); !cmp.Equal(got, []bool{false, false, false}) {
		t.Errorf("signed in after signing out everywhere: %v", got)
	}
	// Signing in again in the same browser ends the session it had.
	c = s.signIn("ana@example.org")
	s.do("POST", "/sign-in", url.Values{"email": {"ana@example.org"}, "password": {password}}, with(c))
	if signedIn()[0] {
		t.Error("the session before goes on")
	}
}

func TestJoinPage(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	show := func(res *answer) (f auth.JoinForm) {
		t.Helper()
		if err := json.Unmarshal([]byte(res.Body), &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	link, _, err := s.auth.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := auth.JoinForm{Kind: auth.LinkFirst, AskEmail: true, AskName: true, Role: auth.RoleOwner, MinPassword: 12, Status: 200}
	if diff := cmp.Diff(first, show(s.do("GET", link.Path(), nil))); diff != "" {
		t.Errorf("the first person's form (-want +got):\n%s", diff)
	}
	res := s.do("POST", link.Path(), url.Values{"email": {"ana@example.org"}, "name": {"Ana"}, "password": {"short"}})
	f := show(res)
	if res.Status != 422 || f.Email != "ana@example.org" || f.Name != "Ana" || !strings.Contains(f.Error, "12 characters") {
		t.Errorf("a weak password: %d, %+v", res.Status, f)
	}
	res = s.do("POST", link.Path(), url.Values{"email": {"ana@example.org"}, "name": {"Ana"}, "password": {password}})
	if res.Status != 303 || res.Header.Get("Location") != "/" || len(res.Cookies()) != 1 {
		t.Fatalf("joining: %d to %q", res.Status, res.Header.Get("Location"))
	}
	if got := s.do("GET", "/", nil, with(res.Cookies()[0])).Body; got != "ana@example.org" {
		t.Errorf("after joining the request is %q's", got)
	}
	for _, method := range []string{"GET", "POST"} {
		res = s.do(method, link.Path(), url.Values{})
		if f := show(res); res.Status != 404 || f.Kind != "" || !strings.Contains(f.Error, "used or has expired") || len(res.Cookies()) != 0 {
			t.Errorf("%s of a used link: %d, %+v", method, res.Status, f)
		}
	}
	link, err = s.auth.LinkFor(t.Context(), auth.CommandLine(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if f := show(s.do("GET", link.Path(), nil)); f.Kind != auth.LinkReturn || f.AskEmail || f.AskName || f.Email != "ana@example.org" {
		t.Errorf("the form of somebody who comes back is %+v", f)
	}
}

// TestSampleLink holds that a click is enough, and that only a click does it.
func TestSampleLink(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	link, err := s.auth.SampleLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range []*answer{s.do("HEAD", link.Path(), nil), s.do("GET", link.Path(), nil, header("Sec-Purpose", "prefetch;prerender"))} {
		if res.Status != 204 || len(res.Cookies()) != 0 {
			t.Errorf("looking at the link: %d, cookies %v", res.Status, res.Cookies())
		}
	}
	res := s.do("GET", link.Path(), nil)
	if res.Status != 303 || res.Header.Get("Location") != "/" || len(res.Cookies()) != 1 {
		t.Fatalf("a click: %d to %q", res.Status, res.Header.Get("Location"))
	}
	c := res.Cookies()[0]
	if got := s.do("GET", "/settings/people", nil, with(c)).Body; got != auth.SampleEmail {
		t.Errorf("after a click the request is %q's", got)
	}
	if res := s.do("GET", link.Path(), nil, with(c)); res.Status != 303 || len(res.Cookies()) != 0 {
		t.Errorf("a second click in the same browser: %d, cookies %v", res.Status, res.Cookies())
	}
	if res := s.do("GET", link.Path(), nil); len(res.Cookies()) != 1 {
		t.Errorf("a click in another browser: %d", res.Status)
	}
}

// TestAgent holds that a session says where it was begun, in words.
func TestAgent(t *testing.T) {
	s := newSite(t, authhttp.Options{})
	s.user("ana@example.org", auth.RoleOwner)
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                         "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                   "Safari on macOS",
		"curl/8.5.0":          "curl",
		"<script>alert(1)":    "",
		"Something (Windows)": "Windows",
	} {
		res := s.do("POST", "/sign-in", url.Values{"email": {"ana@example.org"}, "password": {password}}, header("User-Agent", agent))
		c, err := s.auth.BySession(t.Context(), res.Cookies()[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.auth.Sessions(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, session := range all {
			if session.ID == c.Session && (session.Agent != want || session.Address != "192.0.2.1") {
				t.Errorf("%q is called %q at %q, want %q", agent, session.Agent, session.Address, want)
			}
		}
	}
}
