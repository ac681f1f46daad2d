// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/auth"
)

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

func TestOwnAccount(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	p.add("ben@example.org", auth.RoleViewer)
	ana, _ := p.enter("ana@example.org")
	ben, tb := p.enter("ben@example.org")
	if u, err := p.SetName(t.Context(), ben, "  Ben \t Bit "); err != nil || u.Name != "Ben Bit" || u.Role != auth.RoleViewer {
		t.Errorf("SetName = %+v, %v", u, err)
	}
	_, err := p.SetName(t.Context(), ben, "a\x00b")
	want(t, "a name with a control character", err, greenroom.CodeInvalid)
	want(t, "ending somebody else's session", p.EndSession(t.Context(), ana, ben.Session), greenroom.CodeNotFound)
	p.caller(tb)
	if err := p.EndSession(t.Context(), ben, ben.Session); err != nil {
		t.Error(err)
	}
	_, err = p.BySession(t.Context(), tb.Reveal())
	want(t, "a session that was ended", err, greenroom.CodeUnauthorized)
	if u, err := p.UserByEmail(t.Context(), ana, "BEN@example.org "); err != nil || u.Name != "Ben Bit" {
		t.Errorf("UserByEmail = %+v, %v", u, err)
	}
	_, err = p.UserByEmail(t.Context(), ana, "cleo@example.org")
	want(t, "an unknown address", err, greenroom.CodeNotFound)
	users, err := p.Users(t.Context(), ana)
	if err != nil || len(users) != 2 {
		t.Errorf("Users = %+v, %v", users, err)
	}
	_, err = p.Users(t.Context(), auth.Caller{})
	want(t, "nobody lists users", err, greenroom.CodeUnauthorized)
	c, ok := auth.From(auth.With(t.Context(), ana))
	if _, nobody := auth.From(t.Context()); !ok || nobody || c.Actor() != "ana@example.org" {
		t.Errorf("From = %+v, %v; without a caller %v", c, ok, nobody)
	}
}

// TestRunWrites holds that a use is written by Run, also one that comes as it ends.
func TestRunWrites(t *testing.T) {
	p := open(t)
	p.add("ana@example.org", auth.RoleOwner)
	ana, token := p.enter("ana@example.org")
	p.move(2 * time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()
	p.caller(token)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	all, err := p.Sessions(t.Context(), ana)
	if err != nil || len(all) != 1 || !all[0].LastSeen.Equal(p.now()) || !all[0].ExpiresAt.Equal(p.now().Add(auth.SessionLife)) {
		t.Errorf("Sessions = %+v, %v; want the use of now", all, err)
	}
}
