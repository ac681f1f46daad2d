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

func TestFirstPerson(t *testing.T) {
	p := open(t)
	ctx := t.Context()
	old, needed, err := p.FirstLink(ctx)
	if err != nil || !needed {
		t.Fatalf("FirstLink = %v, %v", needed, err)
	}
	link, _, err := p.FirstLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.OpenLink(ctx, old.Token.Reveal())
	want(t, "a link that was made before", err, greenroom.CodeNotFound)
	if i, err := p.OpenLink(ctx, link.Token.Reveal()); err != nil || i.Kind != auth.LinkFirst || i.Role != auth.RoleOwner || !link.ExpiresAt.Equal(p.now().Add(24*time.Hour)) {
		t.Errorf("OpenLink = %+v, %v", i, err)
	}
	for what, j := range map[string]auth.Joining{
		"no address":      {Name: "Ana", Password: password},
		"a weak password": {Email: "ana@example.org", Password: "password1234"},
		"a bad name":      {Email: "ana@example.org", Name: strings.Repeat("x", 101)},
	} {
		_, err := p.Join(ctx, link.Token.Reveal(), j, from)
		want(t, what, err, greenroom.CodeInvalid)
	}
	in, err := p.Join(ctx, link.Token.Reveal(), auth.Joining{Email: " Ana@Example.org", Name: "Ana  Lovelace\n", Password: password}, from)
	if err != nil {
		t.Fatal(err)
	}
	ana := auth.User{
		ID: 1, Email: "ana@example.org", Name: "Ana Lovelace", Role: auth.RoleOwner, HasPassword: true, CreatedAt: p.now(), LastSeen: p.now(),
	}
	c := p.caller(in.Token)
	if diff := cmp.Diff(ana, c.User); diff != "" {
		t.Errorf("the first person (-want +got):\n%s", diff)
	}
	_, err = p.Join(ctx, link.Token.Reveal(), auth.Joining{Email: "b@example.org", Password: password}, from)
	want(t, "following a link twice", err, greenroom.CodeNotFound)
	if _, needed, err := p.FirstLink(ctx); needed || err != nil {
		t.Errorf("FirstLink with an owner: needed %v, %v", needed, err)
	}
	_, err = p.SampleLink(ctx)
	want(t, "a sample's link into data of one's own", err, greenroom.CodeConflict)
	if p.enter("ANA@example.org"); t.Failed() {
		t.Error("the first person cannot sign in with the password")
	}
}

func TestLinkExpires(t *testing.T) {
	p := open(t)
	link, _, err := p.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.move(auth.FirstLinkLife)
	_, err = p.Join(t.Context(), link.Token.Reveal(), auth.Joining{Email: "ana@example.org"}, from)
	want(t, "an expired link", err, greenroom.CodeNotFound)
}

func TestSampleLink(t *testing.T) {
	p := open(t)
	var links []auth.Link
	for range 2 { // as after a restart
		link, err := p.SampleLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, link)
	}
	_, err := p.OpenLink(t.Context(), links[0].Token.Reveal())
	want(t, "the link before", err, greenroom.CodeNotFound)
	for range 2 {
		in, err := p.Join(t.Context(), links[1].Token.Reveal(), auth.Joining{}, from)
		if err != nil || in.User.Email != auth.SampleEmail || !p.caller(in.Token).Can(auth.Administer) {
			t.Errorf("following a sample's link = %+v, %v", in, err)
		}
	}
}

// TestSignInTellsNothing holds that a caller cannot tell what was wrong: one error, and the same work.
func TestSignInTellsNothing(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	ben := p.add("ben@example.org", auth.RoleViewer)
	if _, err := p.SetDisabled(t.Context(), auth.CommandLine(), ben.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := p.AddUser(t.Context(), auth.CommandLine(), auth.NewUser{Email: "cleo@example.org", Role: auth.RoleViewer}); err != nil {
		t.Fatal(err)
	}
	p.work.Take()
	for what, tt := range map[string][2]string{
		"another password":     {"ana@example.org", "plum tart on monday"},
		"disabled":             {"ben@example.org", password},
		"no password":          {"cleo@example.org", ""},
		"unknown":              {"nobody@example.org", password},
		"not an address":       {"ana", password},
		"what a store refuses": {"a\x00b@example.org", password},
	} {
		_, err := p.SignIn(t.Context(), tt[0], tt[1], from)
		want(t, what, err, greenroom.CodeUnauthorized)
		if err != nil && err.Error() != "the e-mail address or the password is not right" {
			t.Errorf("%s is told apart: %v", what, err)
		}
		if work := p.work.Take(); !cmp.Equal(work, []uint32{memory}) {
			t.Errorf("%s took the hashes %v, want one as for everybody", what, work)
		}
	}
}

func TestSignInIsLimited(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	for range 5 {
		_, err := p.SignIn(t.Context(), "ana@example.org", "not this one", from)
		want(t, "a wrong password", err, greenroom.CodeUnauthorized)
	}
	p.work.Take()
	_, err := p.SignIn(t.Context(), "Ana@example.org ", password, auth.Origin{Address: "198.51.100.1"})
	want(t, "the sixth attempt", err, greenroom.CodeLimited)
	if got := auth.RetryAfter(err); got != time.Second {
		t.Errorf("RetryAfter = %s, want 1s", got)
	}
	if work := p.work.Take(); len(work) != 0 {
		t.Error("an attempt that was turned away took a hash")
	}
	p.move(time.Second)
	p.enter("ana@example.org")
	if _, err := p.SignIn(t.Context(), "ana@example.org", "not this one", from); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized {
		t.Errorf("a success did not take back the failures: %v", err)
	}
	// Failures are written once a minute, with how many there were.
	p.move(time.Minute)
	_, err = p.SignIn(t.Context(), "ana@example.org", "not this one", from)
	want(t, "a wrong password", err, greenroom.CodeUnauthorized)
	entries, _, err := p.AuditPage(t.Context(), auth.CommandLine(), auth.Filter{Action: auth.ActionSignInFailed})
	if err != nil || len(entries) != 2 || entries[0].Target != "ana@example.org" || !strings.HasSuffix(entries[0].Detail, "and 5 more since the last such entry") {
		t.Errorf("failed sign-ins in the audit log = %+v, %v", entries, err)
	}
}

func TestRehash(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	p.work = p.Watch(2 * memory)
	p.enter("ana@example.org")
	if work := p.work.Take(); !cmp.Equal(work, []uint32{memory, 2 * memory}) {
		t.Errorf("the first sign-in after raising the parameters took the hashes %v, want the old and a new one", work)
	}
	p.enter("ana@example.org")
	if work := p.work.Take(); !cmp.Equal(work, []uint32{2 * memory}) {
		t.Errorf("the next sign-in took the hashes %v, want one", work)
	}
}

func TestSessionSlides(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	c, token := p.enter("ana@example.org")
	if !c.Until.IsZero() {
		t.Error("a new session is moved on")
	}
	for range 4 { // 80 days, more than twice its life
		p.move(20 * 24 * time.Hour)
		if c := p.caller(token); !c.Until.Equal(p.now().Add(auth.SessionLife)) {
			t.Errorf("a session in use ends at %s, want 30 days from %s", c.Until, p.now())
		}
		if c := p.caller(token); !c.Until.IsZero() {
			t.Error("the second request in an hour moves the session on")
		}
		p.flush()
	}
	p.move(auth.SessionLife)
	_, err := p.BySession(t.Context(), token.Reveal())
	want(t, "a session that was not used for 30 days", err, greenroom.CodeUnauthorized)
	for _, bad := range []string{"", "x", token.Reveal()[1:], token.Reveal() + "A", c.Session} {
		_, err := p.BySession(t.Context(), bad)
		want(t, "session "+bad, err, greenroom.CodeUnauthorized)
	}
}

func TestSignOut(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	a, ta := p.enter("ana@example.org")
	b, tb := p.enter("ana@example.org")
	_, tc := p.enter("ana@example.org")
	list, err := p.Sessions(t.Context(), a)
	if err != nil || len(list) != 3 || list[0].Agent != from.Agent || list[0].Address != from.Address {
		t.Errorf("Sessions = %+v, %v", list, err)
	}
	gone := func(what string, tokens ...auth.Secret) {
		t.Helper()
		for _, token := range tokens {
			_, err := p.BySession(t.Context(), token.Reveal())
			want(t, what, err, greenroom.CodeUnauthorized)
		}
	}
	if err := p.SignOut(t.Context(), a); err != nil {
		t.Error(err)
	}
	gone("signed out", ta)
	if err := p.SignOut(t.Context(), a); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
	if err := p.SignOutEverywhere(t.Context(), b, true); err != nil {
		t.Error(err)
	}
	gone("signed out elsewhere", tc)
	p.caller(tb)
	_, td := p.enter("ana@example.org")
	if err := p.SetPassword(t.Context(), b, "wrong", "another good password"); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("setting a password with a wrong one: %v", err)
	}
	if err := p.SetPassword(t.Context(), b, password, "another good password"); err != nil {
		t.Error(err)
	}
	gone("elsewhere after a new password", td)
	p.caller(tb)
	if err := p.SignOutEverywhere(t.Context(), b, false); err != nil {
		t.Error(err)
	}
	gone("signed out everywhere", tb)
}

func TestInvitation(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	ana, _ := p.enter("ana@example.org")
	_, err := p.Invite(t.Context(), ana, "ana@example.org", auth.RoleViewer)
	want(t, "inviting somebody who is there", err, greenroom.CodeConflict)
	_, err = p.Invite(t.Context(), ana, "ben@example.org", "king")
	want(t, "an unknown role", err, greenroom.CodeInvalid)
	link, err := p.Invite(t.Context(), ana, "Ben@example.org", auth.RoleContributor)
	if err != nil || !link.ExpiresAt.Equal(p.now().Add(7*24*time.Hour)) || link.Path() != "/join/"+link.Token.Reveal() {
		t.Fatalf("Invite = %+v, %v", link, err)
	}
	in, err := p.Join(t.Context(), link.Token.Reveal(), auth.Joining{Email: "eve@example.org", Name: "Ben"}, from)
	if err != nil || in.User.Email != "ben@example.org" || in.User.Role != auth.RoleContributor || in.User.HasPassword {
		t.Errorf("Join = %+v, %v", in.User, err)
	}
	ben := p.caller(in.Token)
	for what, do := range map[string]func() error{
		"inviting":            func() error { _, err := p.Invite(t.Context(), ben, "x@example.org", auth.RoleOwner); return err },
		"a role":              func() error { _, err := p.SetRole(t.Context(), ben, ben.User.ID, auth.RoleOwner); return err },
		"disabling":           func() error { _, err := p.SetDisabled(t.Context(), ben, ana.User.ID, true); return err },
		"a link":              func() error { _, err := p.LinkFor(t.Context(), ben, ana.User.ID); return err },
		"adding":              func() error { _, err := p.AddUser(t.Context(), ben, auth.NewUser{}); return err },
		"listing links":       func() error { _, err := p.Invitations(t.Context(), ben); return err },
		"revoking":            func() error { return p.RevokeInvitation(t.Context(), ben, "x") },
		"the audit log":       func() error { _, _, err := p.AuditPage(t.Context(), ben, auth.Filter{}); return err },
		"tokens of others":    func() error { _, err := p.Tokens(t.Context(), ben, 0); return err },
		"a token for another": func() error { _, _, err := p.CreateToken(t.Context(), ben, auth.NewToken{UserID: 1}); return err },
		"revoking a token":    func() error { return p.RevokeToken(t.Context(), ben, 1) },
		"a token of all power": func() error {
			_, _, err := p.CreateToken(t.Context(), ben, auth.NewToken{Name: "x", Scope: auth.ScopeAdmin})
			return err
		},
	} {
		want(t, "a contributor: "+what, do(), greenroom.CodeForbidden)
	}
	link, err = p.Invite(t.Context(), ana, "cleo@example.org", auth.RoleViewer)
	if err != nil {
		t.Fatal(err)
	}
	open, err := p.Invitations(t.Context(), ana)
	if err != nil || len(open) != 1 || open[0].Email != "cleo@example.org" || open[0].Actor != "ana@example.org" {
		t.Fatalf("Invitations = %+v, %v", open, err)
	}
	if err := p.RevokeInvitation(t.Context(), ana, open[0].ID); err != nil {
		t.Error(err)
	}
	_, err = p.OpenLink(t.Context(), link.Token.Reveal())
	want(t, "a revoked invitation", err, greenroom.CodeNotFound)
}

func TestLinkForComingBack(t *testing.T) {
	p := open(t)
	ana := p.add("ana@example.org", auth.RoleOwner)
	_, before := p.enter("ana@example.org")
	for range 6 { // locked out
		if _, err := p.SignIn(t.Context(), "ana@example.org", "forgotten it", from); err == nil {
			t.Fatal("signed in with a wrong password")
		}
	}
	link, err := p.LinkFor(t.Context(), auth.CommandLine(), ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	in, err := p.Join(t.Context(), link.Token.Reveal(), auth.Joining{Password: "a plum on monday"}, from)
	if err != nil || in.User.ID != ana.ID {
		t.Fatalf("coming back = %+v, %v", in, err)
	}
	_, err = p.BySession(t.Context(), before.Reveal())
	want(t, "a session from before the new password", err, greenroom.CodeUnauthorized)
	if _, err := p.SignIn(t.Context(), "ana@example.org", "a plum on monday", from); err != nil {
		t.Errorf("signing in with the new password: %v", err)
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
