// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// What the tests of this package share with those of lookstest, flowtest and publictest is in servertest; here it has
// short names.

const (
	password   = servertest.Password
	hookSecret = servertest.HookSecret
)

// live is a servertest.Live.
type live struct {
	app       *server.App
	link, url string
	stop      func()
	full      *servertest.Live
}

type answer struct {
	code   int
	header http.Header
	body   string
}

func start(t *testing.T, o server.ServeOptions, prepare ...func(*server.App)) *live {
	t.Helper()
	return startAt(t, time.Now, o, prepare...)
}

func startAt(tb testing.TB, now func() time.Time, o server.ServeOptions, prepare ...func(*server.App)) *live {
	tb.Helper()
	l := servertest.StartAt(tb, now, o, prepare...)
	return &live{l.App, l.Link, l.URL, l.Stop, l}
}

func (l *live) as(tb testing.TB, role auth.Role) *http.Client {
	tb.Helper()
	return l.full.As(tb, role)
}

func (l *live) send(tb testing.TB, c *http.Client, method, path string, form url.Values, edits ...func(*http.Request)) answer {
	tb.Helper()
	res := l.full.Send(tb, c, method, path, form, edits...)
	return answer{res.Code, res.Header, res.Body}
}

func visitor(tb testing.TB) *http.Client {
	tb.Helper()
	return servertest.Visitor(tb)
}

func community(t *testing.T) string {
	t.Helper()
	return servertest.Community(t)
}

func imported(t *testing.T, app *server.App, dir string, parts ...servertest.Part) {
	t.Helper()
	servertest.Imported(t, app, dir, parts...)
}

func connect(t *testing.T, app *server.App, address string) {
	t.Helper()
	servertest.Connect(t, app, address)
}

func forge(t *testing.T) (address string, reads *atomic.Int64) {
	t.Helper()
	return servertest.Forge(t)
}

func acme(t *testing.T) string {
	t.Helper()
	return servertest.Acme(t)
}

func local() []netip.Prefix { return servertest.Local() }

// keyboard is a servertest.Keyboard.
type keyboard struct {
	t   *testing.T
	tab browsertest.Tab
}

func (k keyboard) full() servertest.Keyboard { return servertest.Keyboard{T: k.t, Tab: k.tab} }

func (k keyboard) press(keys ...string) {
	k.t.Helper()
	k.full().Press(keys...)
}

func (k keyboard) reach(key, selector string) {
	k.t.Helper()
	k.full().Reach(key, selector)
}

func (k keyboard) is(script string) bool {
	k.t.Helper()
	return k.full().Is(script)
}

func (k keyboard) say(script string) string {
	k.t.Helper()
	return k.full().Say(script)
}

func (k keyboard) arrive(condition string) {
	k.t.Helper()
	k.full().Arrive(condition)
}

func (k keyboard) look(width int64) {
	k.t.Helper()
	k.full().Look(width)
}

func comeIn(k keyboard) {
	k.t.Helper()
	servertest.ComeIn(k.full())
}

func dark(k keyboard) {
	k.t.Helper()
	servertest.Dark(k.full())
}

func shot(t *testing.T, tab browsertest.Tab, name string) {
	t.Helper()
	servertest.Shot(t, tab, name)
}

func quote(s string) string { return servertest.Quote(s) }
