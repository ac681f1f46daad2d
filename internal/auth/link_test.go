// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/auth"
)

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
