// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/store"
)

// place is a service on a store of its own, with a clock to move and a log to look into.
type place struct {
	*auth.Service
	t     *testing.T
	store *store.Store
	file  string
	work  *auth.Work
	log   bytes.Buffer
	mu    sync.Mutex
	at    time.Time
}

const (
	password = "plum tart on sunday"
	memory   = 64 // KiB: cheap hashes
)

var from = auth.Origin{Address: "192.0.2.7", Agent: "Firefox on Linux"}

func open(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, file: filepath.Join(t.TempDir(), "greenroom.db"), at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewJSONHandler(&p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	p.store, err = store.Open(t.Context(), p.file, log, p.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.store.Close(); err != nil {
			t.Error(err)
		}
	})
	p.Service = auth.New(p.store, log, p.now, rand.Reader)
	p.work = p.Watch(memory)
	return p
}

func (p *place) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *place) move(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(d)
}

// add adds a user with the password of all tests.
func (p *place) add(email string, role auth.Role) auth.User {
	p.t.Helper()
	u, err := p.AddUser(p.t.Context(), auth.CommandLine(), auth.NewUser{Email: email, Name: "Some One", Role: role, Password: password})
	if err != nil {
		p.t.Fatal(err)
	}
	return u
}

// enter signs in and returns the caller of the new session.
func (p *place) enter(email string) (auth.Caller, auth.Secret) {
	p.t.Helper()
	in, err := p.SignIn(p.t.Context(), email, password, from)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.caller(in.Token), in.Token
}

func (p *place) caller(token auth.Secret) auth.Caller {
	p.t.Helper()
	c, err := p.BySession(p.t.Context(), token.Reveal())
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// flush writes down what is waiting, as Run does at its end.
func (p *place) flush() {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	cancel()
	if err := p.Run(ctx); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) actions(f auth.Filter) []string {
	p.t.Helper()
	entries, _, err := p.AuditPage(p.t.Context(), auth.CommandLine(), f)
	if err != nil {
		p.t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Actor+": "+e.Action+" "+e.Target)
	}
	return all
}

func want(t *testing.T, what string, err error, code greenroom.Code) {
	t.Helper()
	if got := greenroom.ErrorCode(err); got != code {
		t.Errorf("%s: error %v of code %q, want %q", what, err, got, code)
	}
}

func TestRoleChangesAtOnce(t *testing.T) {
	p := open(t)
	ana, ben := p.add("ana@example.org", auth.RoleOwner), p.add("ben@example.org", auth.RoleOwner)
	cb, tb := p.enter("ben@example.org")
	text, _, err := p.CreateToken(t.Context(), cb, auth.NewToken{Name: "script", Scope: auth.ScopeAdmin})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.SetRole(t.Context(), auth.CommandLine(), ben.ID, auth.RoleViewer); err != nil {
		t.Fatal(err)
	}
	byToken, err := p.ByToken(t.Context(), text.Reveal())
	if err != nil || p.caller(tb).Can(auth.Write) || byToken.Can(auth.Write) || !byToken.Can(auth.Read) {
		t.Errorf("a former owner keeps rights: %v", err)
	}
	_, err = p.SetRole(t.Context(), auth.CommandLine(), ana.ID, auth.RoleManager)
	want(t, "demoting the last owner", err, greenroom.CodeConflict)
	if _, err := p.SetDisabled(t.Context(), auth.CommandLine(), ben.ID, true); err != nil {
		t.Fatal(err)
	}
	_, err = p.BySession(t.Context(), tb.Reveal())
	want(t, "the session of a disabled user", err, greenroom.CodeUnauthorized)
	_, err = p.ByToken(t.Context(), text.Reveal())
	want(t, "the token of a disabled user", err, greenroom.CodeUnauthorized)
	got := p.actions(auth.Filter{Target: "ben@example.org", Action: "user"})
	if diff := cmp.Diff([]string{
		"command line: user.disable ben@example.org", "command line: user.role ben@example.org", "command line: user.add ben@example.org",
	}, got); diff != "" {
		t.Errorf("audit log (-want +got):\n%s", diff)
	}
}

func TestAPITokens(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	ana, _ := p.enter("ana@example.org")
	soon := p.now().Add(time.Hour)
	text, made, err := p.CreateToken(t.Context(), ana, auth.NewToken{Name: "nightly export", Scope: auth.ScopeRead, ExpiresAt: soon})
	if err != nil || !auth.IsToken(text.Reveal()) || made.Hint != text.Reveal()[:8] {
		t.Fatalf("CreateToken = %+v, %v", made, err)
	}
	c, err := p.ByToken(t.Context(), text.Reveal())
	if err != nil || c.Actor() != "ana@example.org by token nightly export" {
		t.Fatalf("ByToken = %+v, %v", c, err)
	}
	for what, do := range map[string]func() error{
		"making a token": func() error {
			_, _, err := p.CreateToken(t.Context(), c, auth.NewToken{Name: "x", Scope: auth.ScopeRead})
			return err
		},
		"a password":        func() error { return p.SetPassword(t.Context(), c, password, "another good password") },
		"signing out":       func() error { return p.SignOutEverywhere(t.Context(), c, false) },
		"inviting somebody": func() error { _, err := p.Invite(t.Context(), c, "x@example.org", auth.RoleOwner); return err },
	} {
		want(t, "a token to read: "+what, do(), greenroom.CodeForbidden)
	}
	p.flush()
	p.move(59 * time.Second)
	if _, err := p.ByToken(t.Context(), text.Reveal()); err != nil {
		t.Error(err)
	}
	p.flush()
	if all, err := p.Tokens(t.Context(), ana, ana.User.ID); err != nil || len(all) != 1 || !all[0].LastUsed.Equal(p.now().Add(-59*time.Second)) {
		t.Errorf("last use is noted more than once a minute: %+v, %v", all, err)
	}
	p.move(time.Second)
	if _, err := p.ByToken(t.Context(), text.Reveal()); err != nil {
		t.Error(err)
	}
	p.flush()
	if all, err := p.Tokens(t.Context(), ana, ana.User.ID); err != nil || !all[0].LastUsed.Equal(p.now()) {
		t.Errorf("a use after a minute is not noted: %+v, %v", all, err)
	}
	p.move(time.Hour)
	_, err = p.ByToken(t.Context(), text.Reveal())
	want(t, "an expired token", err, greenroom.CodeUnauthorized)

	text, made, err = p.CreateToken(t.Context(), ana, auth.NewToken{Name: "bot", Scope: auth.ScopeWrite})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.RevokeToken(t.Context(), ana, made.ID); err != nil {
		t.Error(err)
	}
	_, err = p.ByToken(t.Context(), text.Reveal())
	want(t, "a revoked token", err, greenroom.CodeUnauthorized)
	want(t, "revoking nothing", p.RevokeToken(t.Context(), ana, 99), greenroom.CodeNotFound)
	for what, n := range map[string]auth.NewToken{
		"no name":       {Scope: auth.ScopeRead},
		"no scope":      {Name: "x"},
		"a past expiry": {Name: "x", Scope: auth.ScopeRead, ExpiresAt: soon},
	} {
		_, _, err := p.CreateToken(t.Context(), ana, n)
		want(t, what, err, greenroom.CodeInvalid)
	}
}

func TestAuditPages(t *testing.T) {
	p := open(t)
	for i := range 7 {
		if err := p.Audit(t.Context(), auth.CommandLine(), "member.merge", "/members/"+string(rune('0'+i)), strings.Repeat("ü", 3000)+"\x00\xff"); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	f := auth.Filter{Limit: 3}
	for pages := 1; ; pages++ {
		entries, next, err := p.AuditPage(t.Context(), auth.CommandLine(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			got = append(got, e.Target[len("/members/"):])
			if len(e.Detail) > 2010 {
				t.Errorf("an entry has %d bytes of detail", len(e.Detail))
			}
		}
		if f.Before = next; next == 0 {
			if pages != 3 {
				t.Errorf("7 entries take %d pages of 3", pages)
			}
			break
		}
	}
	if want := "6543210"; strings.Join(got, "") != want {
		t.Errorf("pages hold %v, want %s", got, want)
	}
}

// TestNoSecretIsKept does everything that hands a secret out or takes one, and looks for them in the log, the audit log
// and the database file.
func TestNoSecretIsKept(t *testing.T) {
	p := open(t)
	ctx := t.Context()
	secrets := []string{password, "typed into the wrong field"}
	keep := func(s auth.Secret, err error) auth.Secret {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, s.Reveal())
		return s
	}
	link, _, err := p.FirstLink(ctx)
	keep(link.Token, err)
	in, err := p.Join(ctx, link.Token.Reveal(), auth.Joining{Email: "ana@example.org", Password: password}, from)
	keep(in.Token, err)
	if _, err := p.SignIn(ctx, "typed into the wrong field", "ana@example.org", from); err == nil {
		t.Fatal("signed in")
	}
	in, err = p.SignIn(ctx, "ana@example.org", password, from)
	ana := p.caller(keep(in.Token, err))
	text, _, err := p.CreateToken(ctx, ana, auth.NewToken{Name: "x", Scope: auth.ScopeAdmin})
	keep(text, err)
	link, err = p.Invite(ctx, ana, "ben@example.org", auth.RoleViewer)
	keep(link.Token, err)
	link, err = p.LinkFor(ctx, ana, ana.User.ID)
	keep(link.Token, err)
	_, berr := p.BySession(ctx, text.Reveal())
	_, terr := p.ByToken(ctx, text.Reveal()+"x")
	_, oerr := p.OpenLink(ctx, in.Token.Reveal())
	entries, _, err := p.AuditPage(ctx, ana, auth.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var kept bytes.Buffer
	kept.Write(p.log.Bytes())
	slog.New(slog.NewJSONHandler(&kept, nil)).Info("all", "entries", entries, "in", in, "link", link, "errors", []string{berr.Error(), terr.Error(), oerr.Error()})
	kept.Write(dump(t, p.file))
	for _, secret := range secrets {
		if bytes.Contains(kept.Bytes(), []byte(secret)) {
			t.Errorf("the secret %q is kept", secret)
		}
	}
	if !bytes.Contains(p.log.Bytes(), []byte("signed in")) || !bytes.Contains(kept.Bytes(), []byte("argon2id")) {
		t.Error("the test did not look at the log and the database")
	}
}

// dump returns the database with its journal.
func dump(t *testing.T, file string) []byte {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(file + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// TestWithoutRandomness holds that nothing is handed out when the random source fails.
func TestWithoutRandomness(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	ana, _ := p.enter("ana@example.org")
	broken := auth.New(p.store, slog.New(slog.DiscardHandler), p.now, strings.NewReader("short"))
	if _, _, err := broken.CreateToken(t.Context(), ana, auth.NewToken{Name: "x", Scope: auth.ScopeRead}); err == nil {
		t.Error("a token was made")
	}
	if _, err := broken.Invite(t.Context(), ana, "ben@example.org", auth.RoleViewer); err == nil {
		t.Error("a link was made")
	}
	if _, err := broken.SignIn(t.Context(), "ana@example.org", password, from); err == nil {
		t.Error("a session was made")
	}
}
