// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"archive/zip"
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/internal/auth"
	"greenroom/internal/ingest"
	"greenroom/internal/sample"
	"greenroom/internal/server"
)

// live is a server of its own that answers on a port of this machine until the test ends.
type live struct {
	app  *server.App
	link string // what was printed: the first person's link
	url  string // scheme://host:port, where it listens
	stop func() // ends the serving and waits for it, once
}

// start starts a server over an empty data folder; prepare fills it before it answers.
func start(t *testing.T, o server.ServeOptions, prepare ...func(*server.App)) *live {
	t.Helper()
	return startAt(t, time.Now, o, prepare...)
}

// startAt is start with another clock.
func startAt(tb testing.TB, now func() time.Time, o server.ServeOptions, prepare ...func(*server.App)) *live {
	tb.Helper()
	app, err := server.Open(tb.Context(), server.Options{Data: tb.TempDir(), Log: slog.New(slog.DiscardHandler), Now: now})
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
		return &live{app: app, link: link, url: u.Scheme + "://" + u.Host, stop: end}
	case err := <-ended:
		ended <- err
		tb.Fatalf("serving: %v", err)
		return nil
	}
}

const password = "plum tart on sunday"

// visitor is a browser without scripts: it keeps cookies and follows nothing.
func visitor(tb testing.TB) *http.Client {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// as signs somebody new in with a role.
func (l *live) as(tb testing.TB, role auth.Role) *http.Client {
	tb.Helper()
	email := string(role) + "@example.org"
	if _, err := l.app.Auth.AddUser(tb.Context(), auth.CommandLine(), auth.NewUser{Email: email, Role: role, Password: password}); err != nil {
		tb.Fatal(err)
	}
	c := visitor(tb)
	res := l.send(tb, c, "POST", "/sign-in", url.Values{"email": {email}, "password": {password}})
	if res.code != http.StatusSeeOther || res.header.Get("Location") != "/" {
		tb.Fatalf("signing in as %s: %d to %q", email, res.code, res.header.Get("Location"))
	}
	return c
}

type answer struct {
	code   int
	header http.Header
	body   string
}

// send sends a request; edits change it before.
func (l *live) send(tb testing.TB, c *http.Client, method, path string, form url.Values, edits ...func(*http.Request)) answer {
	tb.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(tb.Context(), method, l.url+path, body)
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
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// community writes a small sample community and returns its folder.
func community(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := sample.Write(dir, sample.Options{Seed: 7, End: time.Now().UTC().Truncate(time.Hour), Months: 8, Scale: .25}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// zipped packs a folder and returns the file.
func zipped(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Lumen Slack export.zip")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// imported reads parts of a sample community into the store and derives what follows from them.
func imported(t *testing.T, app *server.App, dir string, parts ...[3]string) {
	t.Helper()
	for _, p := range parts {
		spec, err := all.Find(p[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: spec, Name: p[1], Values: connector.Values{spec.Primary: filepath.Join(dir, p[2])}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := app.Projector.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}
