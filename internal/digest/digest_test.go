// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package digest_test

import (
	"context"
	"crypto/rand"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/digest"
	"greenroom/internal/health"
	"greenroom/internal/impact/noise"
	"greenroom/internal/mail"
	"greenroom/internal/seal"
	"greenroom/internal/store"
)

var update = flag.Bool("update", false, "write golden files")

// news is a fixed week, with a name that tries to break out.
type news struct{}

func (news) Changes(_ context.Context, by analytics.Granularity) (*health.Changes, error) {
	from := time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC)
	three, nine := 3.0, 9.0
	return &health.Changes{
		By: by, From: from, To: from.AddDate(0, 0, 7),
		Moved: []health.Moved{{
			Item: health.Item{Metric: "questions", Label: "Questions", Value: &nine, Previous: &three, Entity: "conversations", Records: "is:question opened:2026-11-09..2026-11-15", Noise: noise.Verdict{Says: "More than noise: chance alone does this about 1 time in 40 (two rates, exact)."}},
			Says: "Questions: 9, up 6 from 3 (+200 %).", Small: true, Season: "A year ago: 4, after 4.",
			Parts: []health.Part{{Says: "Channel help: +5 of the +6 (83 %), from 2 to 7.", Entity: "conversations", Records: "channel:help"}},
		}},
		People: []health.Circle{{Kind: "new_helpers", Title: "New helpers", Total: 1, Entity: "members", Query: "id:4", People: []health.Person{{Member: 4, Name: "<b>Ana</b> & Co\nSubject: x", Says: "Answered for the first time, once."}}}},
		Next:   []health.Task{{Says: "Read the new questions.", Entity: "conversations", Query: "channel:help"}},
	}, nil
}

// letterbox is a mail server that keeps what it takes.
type letterbox struct {
	mu    sync.Mutex
	mails []string
	to    []string
	full  bool // it takes nothing for now
}

type session struct{ box *letterbox }

func (b *letterbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{b}, nil }
func (*session) Reset()                                          {}
func (*session) Logout() error                                   { return nil }
func (*session) Mail(string, *smtp.MailOptions) error            { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.full {
		return &smtp.SMTPError{Code: 452, Message: "come back later"}
	}
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, Message: "no such person"}
	}
	s.box.to = append(s.box.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.mails = append(s.box.mails, string(text))
	return err
}

// desk is a service over a real store, mail server and webhook.
type desk struct {
	*digest.Service

	store  *store.Store
	box    *letterbox
	posts  []string
	now    time.Time
	runner *action.Runner
	hook   string
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{box: &letterbox{}, now: time.Date(2026, 11, 16, 7, 59, 0, 0, time.UTC)} // a Monday
	clock := func() time.Time { return d.now }
	log := slog.New(slog.DiscardHandler)
	var err error
	if d.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "greenroom.db"), log, clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	keys, err := seal.Fresh(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	slack := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d.posts = append(d.posts, string(body))
	}))
	t.Cleanup(slack.Close)
	d.hook = slack.URL + "/services/T/B/x"
	d.Service = digest.New(digest.Config{
		Store: d.store, Changes: news{}, Seal: keys, Mailer: mail.Sender{}, Poster: slack.Client(), Team: func(context.Context) ([]string, error) { return []string{"Owner@example.com"}, nil }, Wake: func() {},
		Log: log, Now: clock, Zone: func() *time.Location { return time.UTC }, Community: "Acme", Base: must(t, slack.URL),
	})
	d.runner = action.NewRunner(d.store, map[string]action.Performer{digest.Kind: d.Service}, "test", log, clock)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(d.box)
	server.Domain = "localhost"
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	n, _ := strconv.Atoi(port)
	if err := d.SetServer(t.Context(), digest.Server{Host: "127.0.0.1", Port: n, From: "Greenroom <greenroom@example.com>", Security: digest.Plain}, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.SetRhythm(t.Context(), digest.Settings{On: true, Weekday: time.Monday, Hour: 8, Team: true, Recipients: []string{"ana@example.com", "ANA@example.com"}}, &d.hook); err != nil {
		t.Fatal(err)
	}
	return d
}

func must(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// run does what a server does: looks whether a digest is due and carries actions out.
func (d *desk) run(t *testing.T) {
	t.Helper()
	if err := d.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = d.runner.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRhythm sends once a week at the hour, to everybody once.
func TestRhythm(t *testing.T) {
	d := open(t)
	d.run(t)
	if len(d.box.mails) != 0 {
		t.Fatal("it was sent before its hour")
	}
	for range 3 {
		d.now = d.now.Add(10 * time.Minute)
		d.run(t)
	}
	if diff := cmp.Diff([]string{"ana@example.com", "owner@example.com"}, d.box.to); diff != "" || len(d.posts) != 1 {
		t.Errorf("%d posts\n%s", len(d.posts), diff)
	}
	m := d.box.mails[0]
	for _, want := range []string{"Subject: Acme: Questions: 9, up 6 from 3 (+200 %)", "List-Unsubscribe: <https://", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "multipart/alternative"} {
		if !strings.Contains(m, want) {
			t.Errorf("the mail has no %q:\n%s", want, m)
		}
	}
	if !strings.Contains(d.posts[0], "&lt;b&gt;Ana") && !strings.Contains(d.posts[0], `\u0026lt;b\u0026gt;Ana`) {
		t.Errorf("Slack got %s", d.posts[0])
	}
	d.now = d.now.AddDate(0, 0, 7)
	d.run(t)
	if len(d.box.to) != 4 || len(d.posts) != 2 {
		t.Errorf("the week after: %d mails, %d posts", len(d.box.to), len(d.posts))
	}
}

// TestUnsubscribe takes one address out by the link of its mail.
func TestUnsubscribe(t *testing.T) {
	d := open(t)
	d.now = d.now.Add(time.Hour)
	d.run(t)
	_, rest, _ := strings.Cut(strings.ReplaceAll(d.box.mails[0], "\r\n ", " "), digest.LeavePath+"?t=")
	token, _, _ := strings.Cut(rest, ">")
	who, err := d.Leave(t.Context(), strings.TrimSpace(token))
	if err != nil || who != "ana@example.com" {
		t.Fatal(who, err)
	}
	if _, err := d.Leave(t.Context(), token+"x"); err == nil {
		t.Error("a made-up link opened")
	}
	d.now = d.now.AddDate(0, 0, 7)
	d.run(t)
	if d.box.to[len(d.box.to)-1] != "owner@example.com" || len(d.box.to) != 3 {
		t.Errorf("sent to %v", d.box.to)
	}
}

// TestCutOff dies while one mail is on its way: that one is not sent again by itself, and all others are sent once.
func TestCutOff(t *testing.T) {
	d := open(t)
	d.now = d.now.Add(time.Hour)
	if err := d.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, err := d.store.TakeAction(t.Context(), "dead", d.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.SendItems(t.Context(), a.ID, "dead", 100, d.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Hour) // the lease is over
	d.run(t)
	items, err := d.store.ActionItems(t.Context(), a.ID, "", 0, 10)
	if err != nil || len(items) != 1 || items[0].State != action.ItemFailed || !strings.Contains(items[0].Reason, "not known") {
		t.Errorf("got %+v, %v", items, err)
	}
	if len(d.box.to) != 1 || d.box.to[0] != "owner@example.com" || len(d.posts) != 1 {
		t.Errorf("sent to %v", d.box.to)
	}
	if _, err := d.Send(t.Context(), "ana", true); err != nil { // by hand
		t.Fatal(err)
	}
	d.run(t)
	if len(d.box.to) != 2 || d.box.to[1] != "ana@example.com" || len(d.posts) != 1 {
		t.Errorf("by hand, sent to %v, %d posts", d.box.to, len(d.posts))
	}
}

// TestTriedAgain is about a server that takes nothing for a while, and one that refuses for good.
func TestTriedAgain(t *testing.T) {
	d := open(t)
	d.box.full = true
	d.now = d.now.Add(time.Hour)
	d.run(t)
	if len(d.box.to) != 0 {
		t.Fatal("it was taken")
	}
	d.box.full = false
	d.now = d.now.Add(time.Hour)
	d.run(t)
	if len(d.box.to) != 2 || len(d.posts) != 1 {
		t.Errorf("sent to %v", d.box.to)
	}
	if err := d.SetRhythm(t.Context(), digest.Settings{Weekday: time.Monday, Hour: 8, Recipients: []string{"nobody@example.com"}}, nil); err != nil {
		t.Fatal(err)
	}
	all, err := d.Send(t.Context(), "ana", true)
	if err != nil {
		t.Fatal(err)
	}
	d.run(t)
	if a, err := d.store.Action(t.Context(), all[0].ID); err != nil || a.Failed != 1 {
		t.Errorf("got %+v, %v", a, err)
	}
}

// TestSettings refuses what cannot be meant, and forgets a password when the server changes.
func TestSettings(t *testing.T) {
	d := open(t)
	secret := "s3cret"
	server := digest.Server{Host: "smtp.example.com", Port: 587, User: "u", From: "g@example.com", Security: digest.StartTLS}
	if err := d.SetServer(t.Context(), server, &secret); err != nil {
		t.Fatal(err)
	}
	set, err := d.Settings(t.Context())
	if err != nil || set.Server.Password == "" || strings.Contains(set.Server.Password, secret) || strings.Contains(set.Hook, "services") {
		t.Errorf("got %+v, %v", set, err)
	}
	server.Host = "evil.example.com"
	if err := d.SetServer(t.Context(), server, nil); err != nil {
		t.Fatal(err)
	}
	if set, _ = d.Settings(t.Context()); set.Server.Password != "" {
		t.Error("another server would get the password")
	}
	server.Security = digest.Plain
	if err := d.SetServer(t.Context(), server, &secret); err == nil {
		t.Error("a password goes unprotected")
	}
	http := "http://hooks.slack.com/x"
	for name, err := range map[string]error{
		"hook":      d.SetRhythm(t.Context(), digest.Settings{}, &http),
		"recipient": d.SetRhythm(t.Context(), digest.Settings{Recipients: []string{"ana"}}, nil),
		"hour":      d.SetRhythm(t.Context(), digest.Settings{Hour: 24}, nil),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestGolden(t *testing.T) {
	d := open(t)
	v, err := d.Show(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(d.hook, "https://"), "/")
	for name, got := range map[string]string{"digest.txt": v.Subject + "\n\n" + v.Text, "digest.html": v.HTML} {
		got = strings.ReplaceAll(got, host, "greenroom.example.com")
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file) //nolint:gosec // our own
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
