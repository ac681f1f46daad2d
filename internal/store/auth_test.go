// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/store"
)

var _ auth.Store = (*store.Store)(nil)

// note is an audit entry of a test.
func note(action string) auth.Entry {
	return auth.Entry{At: clock(), Actor: "test", Action: action, Target: "target", Detail: "detail"}
}

func addUser(t *testing.T, s *store.Store, email string, role auth.Role) auth.User {
	t.Helper()
	u, err := s.AddUser(t.Context(), auth.Credential{User: auth.User{Email: email, Name: "Name", Role: role, CreatedAt: clock()}}, note("add"))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func startSession(t *testing.T, s *store.Store, id string, user int64, at time.Time) auth.Session {
	t.Helper()
	session := auth.Session{
		ID: id, UserID: user, Agent: "Firefox on Linux", Address: "192.0.2.1",
		CreatedAt: at, LastSeen: at, ExpiresAt: at.Add(time.Hour),
	}
	if err := s.StartSession(t.Context(), session, "", note("start")); err != nil {
		t.Fatal(err)
	}
	return session
}

func wantCode(t *testing.T, what string, err error, want greenroom.Code) {
	t.Helper()
	if got := greenroom.ErrorCode(err); got != want {
		t.Errorf("%s: error %v of code %q, want %q", what, err, got, want)
	}
}

// sessionIDs lists a user's sessions.
func sessionIDs(t *testing.T, s *store.Store, user int64, at time.Time) []string {
	t.Helper()
	all, err := s.Sessions(t.Context(), user, at)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 0, len(all))
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	return ids
}

func TestUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ana := addUser(t, s, "b-ana@example.org", auth.RoleOwner)
		ben := addUser(t, s, "Z-ben@example.org", auth.RoleViewer) // capitals sort by bytes on both engines
		_, err := s.AddUser(t.Context(), auth.Credential{User: auth.User{Email: ana.Email, Role: auth.RoleViewer}}, note("add"))
		wantCode(t, "adding an address twice", err, greenroom.CodeConflict)

		if n, err := s.CountUsers(t.Context()); n != 2 || err != nil {
			t.Errorf("CountUsers = %d, %v; want 2", n, err)
		}
		users, err := s.Users(t.Context())
		if diff := cmp.Diff([]auth.User{ben, ana}, users); diff != "" || err != nil {
			t.Errorf("Users, error %v (-want +got):\n%s", err, diff)
		}
		known, err := s.Credential(t.Context(), ana.Email)
		if err != nil || known.User != ana || known.PasswordHash != "" || known.HasPassword {
			t.Errorf("Credential = %+v, %v; want %+v without a password", known, err, ana)
		}
		_, err = s.Credential(t.Context(), "nobody@example.org")
		wantCode(t, "an unknown address", err, greenroom.CodeNotFound)
		_, err = s.User(t.Context(), 99)
		wantCode(t, "an unknown user", err, greenroom.CodeNotFound)
	})
}

func TestEditUser(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ana := addUser(t, s, "ana@example.org", auth.RoleOwner)
		ben := addUser(t, s, "ben@example.org", auth.RoleViewer)
		startSession(t, s, "a", ana.ID, clock())
		startSession(t, s, "b", ben.ID, clock())

		disable := func(u *auth.User) (auth.Entry, bool) { u.Disabled = true; return note("disable"), true }
		demote := func(u *auth.User) (auth.Entry, bool) { u.Role = auth.RoleManager; return note("role"), true }
		for what, edit := range map[string]func(*auth.User) (auth.Entry, bool){"disabling": disable, "demoting": demote} {
			_, err := s.EditUser(t.Context(), ana.ID, edit)
			wantCode(t, what+" the last owner", err, greenroom.CodeConflict)
		}
		if got := sessionIDs(t, s, ana.ID, clock()); len(got) != 1 {
			t.Errorf("a refused change ended sessions: left %v", got)
		}
		got, err := s.EditUser(t.Context(), ben.ID, disable)
		if err != nil || !got.Disabled {
			t.Errorf("EditUser = %+v, %v; want disabled", got, err)
		}
		if got := sessionIDs(t, s, ben.ID, clock()); len(got) != 0 {
			t.Errorf("a disabled user still has the sessions %v", got)
		}
		err = s.StartSession(t.Context(), auth.Session{ID: "late", UserID: ben.ID}, "", note("start"))
		wantCode(t, "starting a session of a disabled user", err, greenroom.CodeConflict)
		_, err = s.EditUser(t.Context(), 99, demote)
		wantCode(t, "editing nobody", err, greenroom.CodeNotFound)
	})
}

func TestSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		at := clock()
		ana := addUser(t, s, "ana@example.org", auth.RoleOwner)
		first := startSession(t, s, "first", ana.ID, at)
		startSession(t, s, "second", ana.ID, at.Add(time.Minute))

		session, user, err := s.SessionUser(t.Context(), "first")
		ana.LastSeen = at.Add(time.Minute)
		if diff := cmp.Diff(first, session) + cmp.Diff(ana, user); diff != "" || err != nil {
			t.Errorf("SessionUser, error %v (-want +got):\n%s", err, diff)
		}
		later := at.Add(10 * time.Minute)
		err = s.Seen(t.Context(), []auth.Sighting{
			{UserID: ana.ID, Session: "first", At: later, ExpiresAt: later.Add(time.Hour)},
			{UserID: ana.ID, Session: "first", At: at, ExpiresAt: at}, // an older one, late
			{UserID: ana.ID, Session: "gone", At: later},
		})
		session, user, gerr := s.SessionUser(t.Context(), "first")
		if err != nil || gerr != nil || !session.LastSeen.Equal(later) || !session.ExpiresAt.Equal(later.Add(time.Hour)) || !user.LastSeen.Equal(later) {
			t.Errorf("after Seen (%v): %+v of %+v, %v", err, session, user, gerr)
		}
		if got := sessionIDs(t, s, ana.ID, at.Add(65*time.Minute)); !cmp.Equal(got, []string{"first"}) {
			t.Errorf("sessions that have not ended = %v, want the first one, which was used", got)
		}
		startSession(t, s, "third", ana.ID, at.Add(65*time.Minute))
		if got := sessionIDs(t, s, ana.ID, at); !cmp.Equal(got, []string{"third", "first"}) {
			t.Errorf("sessions = %v, want those that had ended dropped", got)
		}
		wantCode(t, "ending somebody else's session", s.EndSession(t.Context(), 99, "first", note("end")), greenroom.CodeNotFound)
		if err := s.EndSession(t.Context(), ana.ID, "first", note("end")); err != nil {
			t.Error(err)
		}
		_, _, err = s.SessionUser(t.Context(), "first")
		wantCode(t, "a session that has ended", err, greenroom.CodeNotFound)

		startSession(t, s, "fourth", ana.ID, at.Add(66*time.Minute))
		if err := s.SetPassword(t.Context(), ana.ID, "hash", "third", note("password")); err != nil {
			t.Error(err)
		}
		if got := sessionIDs(t, s, ana.ID, at); !cmp.Equal(got, []string{"third"}) {
			t.Errorf("sessions after a new password = %v, want the one to keep", got)
		}
		if err := s.EndSessions(t.Context(), ana.ID, "", note("end")); err != nil || len(sessionIDs(t, s, ana.ID, at)) != 0 {
			t.Errorf("EndSessions: %v, left %v", err, sessionIDs(t, s, ana.ID, at))
		}
		if err := s.StartSession(t.Context(), auth.Session{ID: "fifth", UserID: ana.ID, CreatedAt: at}, "rehashed", note("start")); err != nil {
			t.Error(err)
		}
		if known, err := s.Credential(t.Context(), ana.Email); err != nil || known.PasswordHash != "rehashed" || !known.HasPassword {
			t.Errorf("the rehashed password was not stored: %v", err)
		}
	})
}

func TestLinks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		at := clock()
		link := func(id string, kind auth.LinkKind, email string, user int64) auth.Invitation {
			i := auth.Invitation{ID: id, Kind: kind, Email: email, Role: auth.RoleOwner, UserID: user, Actor: "test", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
			if err := s.AddInvitation(t.Context(), i, note("invite")); err != nil {
				t.Fatal(err)
			}
			return i
		}
		accept := func(id, email, session string) (auth.User, error) {
			return s.Accept(t.Context(), auth.Acceptance{
				Invitation: id, At: at, User: auth.Credential{User: auth.User{Email: email, Role: auth.RoleViewer, CreatedAt: at, LastSeen: at}},
				Session: auth.Session{ID: session, CreatedAt: at, LastSeen: at, ExpiresAt: at.Add(time.Hour)}, Entry: note("accept"),
			})
		}
		link("old", auth.LinkFirst, "", 0)
		open := link("new", auth.LinkFirst, "", 0)
		_, err := s.Invitation(t.Context(), "old")
		wantCode(t, "a link that was replaced", err, greenroom.CodeNotFound)
		if all, err := s.Invitations(t.Context(), at); err != nil || !cmp.Equal(all, []auth.Invitation{open}) {
			t.Errorf("Invitations = %+v, %v; want the new one", all, err)
		}
		if all, err := s.Invitations(t.Context(), open.ExpiresAt); err != nil || len(all) != 0 {
			t.Errorf("expired invitations are listed: %+v, %v", all, err)
		}

		var joined atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if _, err := accept("new", "ana"+strconv.Itoa(i)+"@example.org", "s"+strconv.Itoa(i)); err == nil {
					joined.Add(1)
				} else if greenroom.ErrorCode(err) != greenroom.CodeConflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		users, err := s.Users(t.Context())
		if joined.Load() != 1 || len(users) != 1 || err != nil || users[0].Role != auth.RoleOwner {
			t.Fatalf("%d people followed a one-time link at once, users %+v, %v; want one owner", joined.Load(), users, err)
		}
		if got := sessionIDs(t, s, users[0].ID, at); len(got) != 1 {
			t.Errorf("joining began the sessions %v, want one", got)
		}

		link("late", auth.LinkFirst, "", 0)
		_, err = accept("late", "other@example.org", "x")
		wantCode(t, "a first link after somebody joined", err, greenroom.CodeConflict)
		link("invite", auth.LinkInvite, "ben@example.org", 0)
		if ben, err := accept("invite", "someone-else@example.org", "y"); err != nil || ben.Email != "ben@example.org" {
			t.Errorf("accepting an invitation = %+v, %v; want the invited address", ben, err)
		}
		link("taken", auth.LinkInvite, "ben@example.org", 0)
		_, err = accept("taken", "", "z")
		wantCode(t, "an invitation of somebody who is there", err, greenroom.CodeConflict)
		if err := s.RevokeInvitation(t.Context(), "taken", note("revoke")); err != nil {
			t.Error(err)
		}
		wantCode(t, "revoking twice", s.RevokeInvitation(t.Context(), "taken", note("revoke")), greenroom.CodeNotFound)
		_, err = accept("taken", "", "z")
		wantCode(t, "a revoked invitation", err, greenroom.CodeNotFound)
	})
}

func TestReturnLink(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		at := clock()
		ana := addUser(t, s, "ana@example.org", auth.RoleOwner)
		startSession(t, s, "before", ana.ID, at)
		for i, hash := range []auth.Secret{"", "new hash"} {
			id := "link" + strconv.Itoa(i)
			err := s.AddInvitation(t.Context(), auth.Invitation{
				ID: id, Kind: auth.LinkReturn, Email: ana.Email, UserID: ana.ID, CreatedAt: at, ExpiresAt: at.Add(time.Hour),
			}, note("link"))
			if err != nil {
				t.Fatal(err)
			}
			u, err := s.Accept(t.Context(), auth.Acceptance{
				Invitation: id, At: at, Keep: i == 0, User: auth.Credential{PasswordHash: hash},
				Session: auth.Session{ID: "session" + strconv.Itoa(i), CreatedAt: at, ExpiresAt: at.Add(time.Hour)}, Entry: note("return"),
			})
			if err != nil || u.ID != ana.ID || u.HasPassword != (hash != "") {
				t.Errorf("coming back with hash %q = %+v, %v", hash.Reveal(), u, err)
			}
			used, err := s.Invitation(t.Context(), id)
			if err != nil || used.UsedAt.IsZero() != (i == 0) {
				t.Errorf("link to keep %v is used at %v, %v", i == 0, used.UsedAt, err)
			}
		}
		if got := sessionIDs(t, s, ana.ID, at); !cmp.Equal(got, []string{"session1"}) {
			t.Errorf("sessions after coming back with a new password = %v, want only the new one", got)
		}
	})
}

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		at := clock()
		ana, ben := addUser(t, s, "ana@example.org", auth.RoleOwner), addUser(t, s, "ben@example.org", auth.RoleViewer)
		var made []auth.Token
		for i, u := range []auth.User{ana, ben, ana} {
			tok, err := s.AddToken(t.Context(), auth.Token{
				UserID: u.ID, Email: u.Email, Name: "token " + strconv.Itoa(i), Hint: "grm_abcd", Scope: auth.ScopeRead, CreatedAt: at, ExpiresAt: at.Add(time.Hour),
			}, "hash"+strconv.Itoa(i), note("token"))
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, tok)
		}
		got, user, err := s.TokenUser(t.Context(), "hash1")
		if diff := cmp.Diff(made[1], got) + cmp.Diff(ben, user); diff != "" || err != nil {
			t.Errorf("TokenUser, error %v (-want +got):\n%s", err, diff)
		}
		_, _, err = s.TokenUser(t.Context(), "other")
		wantCode(t, "an unknown token", err, greenroom.CodeNotFound)
		used, revoked := at.Add(time.Minute), at.Add(2*time.Minute)
		if err := s.Seen(t.Context(), []auth.Sighting{{TokenID: made[2].ID, At: used}, {TokenID: made[2].ID, At: at}}); err != nil {
			t.Error(err)
		}
		if err := s.RevokeToken(t.Context(), made[0].ID, revoked, note("revoke")); err != nil {
			t.Error(err)
		}
		wantCode(t, "revoking twice", s.RevokeToken(t.Context(), made[0].ID, revoked, note("revoke")), greenroom.CodeNotFound)
		made[2].LastUsed, made[0].RevokedAt = used, revoked
		all, err := s.Tokens(t.Context(), 0)
		if diff := cmp.Diff([]auth.Token{made[2], made[1], made[0]}, all); diff != "" || err != nil {
			t.Errorf("Tokens of all, error %v (-want +got):\n%s", err, diff)
		}
		all, err = s.Tokens(t.Context(), ana.ID)
		if diff := cmp.Diff([]auth.Token{made[2], made[0]}, all); diff != "" || err != nil {
			t.Errorf("Tokens of one user, error %v (-want +got):\n%s", err, diff)
		}
		one, err := s.Token(t.Context(), made[1].ID)
		if err != nil || one != made[1] {
			t.Errorf("Token = %+v, %v; want %+v", one, err, made[1])
		}
	})
}

func TestAuditLog(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		for _, action := range []string{"user.add", "sign-in", "sign-in.failed", "sign-in-with-a-hat", "Sign-in", "user.role"} {
			if err := s.AddEntry(t.Context(), note(action)); err != nil {
				t.Fatal(err)
			}
		}
		tests := []struct {
			f    auth.Filter
			want []string
		}{
			{auth.Filter{Limit: 9}, []string{"user.role", "Sign-in", "sign-in-with-a-hat", "sign-in.failed", "sign-in", "user.add"}},
			{auth.Filter{Limit: 2}, []string{"user.role", "Sign-in"}},
			{auth.Filter{Limit: 2, Before: 3}, []string{"sign-in", "user.add"}},
			{auth.Filter{Limit: 9, Action: "sign-in"}, []string{"sign-in.failed", "sign-in"}},
			{auth.Filter{Limit: 9, Action: "user", Actor: "test", Target: "target"}, []string{"user.role", "user.add"}},
			{auth.Filter{Limit: 9, Actor: "nobody"}, nil},
			{auth.Filter{Limit: 9, Target: "nothing"}, nil},
		}
		for _, tt := range tests {
			entries, err := s.Entries(t.Context(), tt.f)
			var got []string
			for _, e := range entries {
				got = append(got, e.Action)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("Entries(%+v), error %v (-want +got):\n%s", tt.f, err, diff)
			}
		}
		entries, err := s.Entries(t.Context(), auth.Filter{Limit: 1})
		want := note("user.role")
		want.ID = 6
		if err != nil || !cmp.Equal(entries, []auth.Entry{want}) {
			t.Errorf("the newest entry = %+v, %v; want %+v", entries, err, want)
		}
	})
}
