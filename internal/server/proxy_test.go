// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bufio"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

// port finds a free one, for a server whose printed address is not where it listens.
func port(t *testing.T) string {
	t.Helper()
	l := start(t, server.ServeOptions{})
	l.stop()
	return strings.TrimPrefix(l.url, "http://")
}

// TestForwardedHost makes an invitation while a request claims to be meant for another host: the link leads there only
// where the claim comes from a proxy that is trusted, and never where a public address is set.
func TestForwardedHost(t *testing.T) {
	here, elsewhere := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	public := &url.URL{Scheme: "https", Host: "community.example.org"}
	for name, c := range map[string]struct {
		options server.ServeOptions
		want    string // "" = where the server listens
	}{
		"nobody is trusted":                 {server.ServeOptions{}, ""},
		"somebody else is trusted":          {server.ServeOptions{Proxies: elsewhere}, ""},
		"a trusted proxy":                   {server.ServeOptions{Proxies: here}, "https://claimed.example"},
		"a public address":                  {server.ServeOptions{PublicURL: public}, public.String()},
		"a public address, a proxy":         {server.ServeOptions{PublicURL: public, Proxies: here}, public.String()},
		"a public address, somebody else's": {server.ServeOptions{PublicURL: public, Proxies: elsewhere}, public.String()},
	} {
		t.Run(name, func(t *testing.T) {
			address := port(t)
			c.options.Addr = address
			l := start(t, c.options)
			l.url, l.full.URL = "http://"+address, "http://"+address
			want := c.want
			if want == "" {
				want = l.url
			}
			if c.options.PublicURL != nil && !strings.HasPrefix(l.link, public.String()+"/join/") {
				t.Errorf("the first link is %s", l.link)
			}
			claim := func(r *http.Request) {
				r.Header.Set("X-Forwarded-Host", "claimed.example")
				r.Header.Set("X-Forwarded-Proto", "https")
			}
			cookie := l.cookie(t, claim)
			res := l.send(t, visitor(t), "POST", "/settings/people/invite", url.Values{"email": {"bo@example.org"}, "role": {"viewer"}}, claim, func(r *http.Request) { r.Header.Set("Cookie", cookie) })
			link := regexp.MustCompile(`https?://[^"<]+/join/`).FindString(res.body)
			if res.code != 200 || link != want+"/join/" {
				t.Errorf("%d, the invitation begins with %q, want %s", res.code, link, want)
			}
			if strings.Contains(res.body, "claimed.example") != strings.Contains(want, "claimed") {
				t.Error("the page has the host that was claimed")
			}
		})
	}
}

// cookie signs an owner in and returns the cookie, which a client would keep from a server without TLS if it is for https.
func (l *live) cookie(t *testing.T, edit func(*http.Request)) string {
	t.Helper()
	if _, err := l.app.Auth.AddUser(t.Context(), auth.CommandLine(), auth.NewUser{Email: "owner@example.org", Role: auth.RoleOwner, Password: password}); err != nil {
		t.Fatal(err)
	}
	res := l.send(t, visitor(t), "POST", "/sign-in", url.Values{"email": {"owner@example.org"}, "password": {password}}, edit)
	cookie, _, _ := strings.Cut(res.header.Get("Set-Cookie"), ";")
	if res.code != http.StatusSeeOther || cookie == "" {
		t.Fatalf("signing in: %d %v", res.code, res.header)
	}
	return cookie
}

// TestStopWithListeners ends the server while a page follows its work: the stream ends, and nothing waits for it. What is
// waited for else is ten seconds.
func TestStopWithListeners(t *testing.T) {
	l := start(t, server.ServeOptions{})
	c := l.as(t, auth.RoleViewer)
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, l.url+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data:") {
	}
	if lines.Text() != `data: {"running":[]}` {
		t.Fatalf("the stream says %q: %v", lines.Text(), lines.Err())
	}
	begun := time.Now()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		l.stop()
	}()
	for lines.Scan() {
	}
	<-stopped
	took := time.Since(begun)
	t.Logf("it ended after %v", took)
	if took > 3*time.Second { // one on an idle machine
		t.Errorf("it took %v to end", took)
	}
}
