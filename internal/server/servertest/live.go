// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

// Live is a server of its own that answers on a port of this machine until the test ends.
type Live struct {
	App  *server.App
	Link string // what was printed: the first person's link
	URL  string // scheme://host:port, where it listens
	Stop func() // ends the serving and waits for it, once
}

// Start starts a server over an empty data folder; prepare fills it before it answers.
func Start(tb testing.TB, o server.ServeOptions, prepare ...func(*server.App)) *Live {
	tb.Helper()
	return StartAt(tb, time.Now, o, prepare...)
}

// StartAt is Start with another clock.
func StartAt(tb testing.TB, now func() time.Time, o server.ServeOptions, prepare ...func(*server.App)) *Live {
	tb.Helper()
	return startIn(tb, tb.TempDir(), now, o, prepare...)
}

// startIn starts a server over a data folder.
func startIn(tb testing.TB, data string, now func() time.Time, o server.ServeOptions, prepare ...func(*server.App)) *Live {
	tb.Helper()
	app, err := server.Open(tb.Context(), server.Options{Data: data, Log: slog.New(slog.DiscardHandler), Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range prepare {
		p(app)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	ready, ended := make(chan string, 1), make(chan error, 1)
	o.Addr, o.Zone, o.Ready = cmp.Or(o.Addr, "127.0.0.1:0"), time.UTC, func(link string) { ready <- link }
	go func() { ended <- app.Serve(ctx, o) }()
	end := sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			tb.Errorf("serving: %v", err)
		}
	})
	tb.Cleanup(func() {
		end()
		if err := app.Close(); err != nil {
			tb.Errorf("closing: %v", err)
		}
	})
	select {
	case link := <-ready:
		u, err := url.Parse(link)
		if err != nil {
			tb.Fatal(err)
		}
		return &Live{App: app, Link: link, URL: u.Scheme + "://" + u.Host, Stop: end}
	case err := <-ended:
		ended <- err
		tb.Fatalf("serving: %v", err)
		return nil
	}
}

// Password is the one of everybody who signs in here.
const Password = "plum tart on sunday"

// Visitor is a browser without scripts: it keeps cookies and follows nothing.
func Visitor(tb testing.TB) *http.Client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// As signs somebody new in with a role.
func (l *Live) As(tb testing.TB, role auth.Role) *http.Client {
	tb.Helper()
	email := string(role) + "@example.org"
	if _, err := l.App.Auth.AddUser(tb.Context(), auth.CommandLine(), auth.NewUser{Email: email, Role: role, Password: Password}); err != nil {
		tb.Fatal(err)
	}
	c := Visitor(tb)
	res := l.Send(tb, c, "POST", "/sign-in", url.Values{"email": {email}, "password": {Password}})
	if res.Code != http.StatusSeeOther || res.Header.Get("Location") != "/" {
		tb.Fatalf("signing in as %s: %d to %q", email, res.Code, res.Header.Get("Location"))
	}
	return c
}

// Answer is what a server answered, read whole.
type Answer struct {
	Code   int
	Header http.Header
	Body   string
}

// Send sends a request; edits change it before.
func (l *Live) Send(tb testing.TB, c *http.Client, method, path string, form url.Values, edits ...func(*http.Request)) Answer {
	tb.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(tb.Context(), method, l.URL+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, edit := range edits {
		edit(r)
	}
	res, err := c.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return Answer{Code: res.StatusCode, Header: res.Header, Body: string(text)}
}

// Mild is the server with answers of 200 where it says that something is not there: to a browser's console those are
// errors, and here they are pages to be looked at.
func Mild(tb testing.TB, l *Live) string {
	tb.Helper()
	to, err := url.Parse(l.URL)
	if err != nil {
		tb.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode >= http.StatusBadRequest {
				r.StatusCode, r.Status = http.StatusOK, ""
			}
			return nil
		},
	})
	tb.Cleanup(proxy.Close)
	return proxy.URL
}
