// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"time"

	"greenroom"
)

// The owner of a sample community, whom the sample's link signs in.
const (
	SampleEmail = "you@sample.example"
	sampleName  = "You"
)

// FirstLink makes the link by which the first person joins, who becomes an owner. needed is false when there are users
// already. A link that was made before is closed.
func (s *Service) FirstLink(ctx context.Context) (l Link, needed bool, err error) {
	n, err := s.store.CountUsers(ctx)
	if err != nil {
		return l, false, fmt.Errorf("counting users: %w", err)
	}
	if n > 0 {
		return l, false, nil
	}
	l, err = s.newLink(ctx, Invitation{Kind: LinkFirst, Role: RoleOwner, Actor: ActorSystem}, ActionLink, FirstLinkLife)
	return l, err == nil, err
}

// SampleLink makes the link that signs in as the owner of a sample community, whom it makes when absent. The link needs
// no form and works as often as it is opened, until it expires or the next one is made: what it opens is made up.
// CodeConflict when there are other users but no such owner, so this is no sample.
func (s *Service) SampleLink(ctx context.Context) (Link, error) {
	owner, err := s.store.Credential(ctx, SampleEmail)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		owner.User, err = s.addSampleOwner(ctx)
	}
	if err != nil {
		return Link{}, fmt.Errorf("looking for the owner of the sample: %w", err)
	}
	return s.newLink(ctx, Invitation{
		Kind: LinkSample, Email: owner.Email, Role: owner.Role, UserID: owner.ID, Actor: ActorSystem,
	}, ActionLink, FirstLinkLife)
}

func (s *Service) addSampleOwner(ctx context.Context) (User, error) {
	n, err := s.store.CountUsers(ctx)
	if err != nil {
		return User{}, err
	}
	if n > 0 {
		return User{}, greenroom.Errorf(greenroom.CodeConflict, "this data has users of its own, so it is no sample; start without --sample")
	}
	u := User{Email: SampleEmail, Name: sampleName, Role: RoleOwner, CreatedAt: s.now()}
	return s.store.AddUser(ctx, Credential{User: u}, s.entry(ActorSystem, ActionUserAdd, u.Email, "owner of the sample"))
}

// LinkFor makes a link by which a user comes back and may set a new password. It works once, for 24 hours.
func (s *Service) LinkFor(ctx context.Context, c Caller, userID int64) (Link, error) {
	if err := c.Need(Administer); err != nil {
		return Link{}, err
	}
	u, err := s.store.User(ctx, userID)
	if err != nil {
		return Link{}, fmt.Errorf("looking for a user: %w", err)
	}
	if u.Disabled {
		return Link{}, greenroom.Errorf(greenroom.CodeConflict, "%s is disabled; enable them first", u.Email)
	}
	return s.newLink(ctx, Invitation{Kind: LinkReturn, Email: u.Email, Role: u.Role, UserID: u.ID, Actor: c.Actor()}, ActionLink, FirstLinkLife)
}

// Invite makes a link by which a new user with that address joins. It works once, for 7 days; one that was made before
// for the address is closed. CodeConflict when there is such a user.
func (s *Service) Invite(ctx context.Context, c Caller, email string, role Role) (Link, error) {
	if err := c.Need(Administer); err != nil {
		return Link{}, err
	}
	email, err := ParseEmail(email)
	if err != nil {
		return Link{}, err
	}
	if _, err := ParseRole(string(role)); err != nil {
		return Link{}, err
	}
	switch _, err := s.store.Credential(ctx, email); {
	case err == nil:
		return Link{}, greenroom.Errorf(greenroom.CodeConflict, "there is a user %s already", email)
	case greenroom.ErrorCode(err) != greenroom.CodeNotFound:
		return Link{}, fmt.Errorf("looking for a user: %w", err)
	}
	return s.newLink(ctx, Invitation{Kind: LinkInvite, Email: email, Role: role, Actor: c.Actor()}, ActionInvite, InvitationLife)
}

// newLink completes an invitation, stores it and returns its link.
func (s *Service) newLink(ctx context.Context, i Invitation, action string, life time.Duration) (Link, error) {
	token, err := newPlain(s.random)
	if err != nil {
		return Link{}, err
	}
	i.ID, i.CreatedAt = hashed(token.Reveal()), s.now()
	i.ExpiresAt = i.CreatedAt.Add(life)
	target := i.Email
	if target == "" {
		target = "the first person"
	}
	if err := s.store.AddInvitation(ctx, i, s.entry(i.Actor, action, target, describe(i.Role))); err != nil {
		return Link{}, fmt.Errorf("storing a link: %w", err)
	}
	return Link{Token: token, ExpiresAt: i.ExpiresAt}, nil
}

// Invitations lists the links that are open, the newest first.
func (s *Service) Invitations(ctx context.Context, c Caller) ([]Invitation, error) {
	if err := c.Need(Administer); err != nil {
		return nil, err
	}
	all, err := s.store.Invitations(ctx, s.now())
	if err != nil {
		return nil, fmt.Errorf("listing invitations: %w", err)
	}
	return all, nil
}

// RevokeInvitation closes a link by its id.
func (s *Service) RevokeInvitation(ctx context.Context, c Caller, id string) error {
	if err := c.Need(Administer); err != nil {
		return err
	}
	i, err := s.store.Invitation(ctx, id)
	if err != nil {
		return fmt.Errorf("looking for an invitation: %w", err)
	}
	if err := s.store.RevokeInvitation(ctx, id, s.entry(c.Actor(), ActionInviteRevoke, i.Email, "")); err != nil {
		return fmt.Errorf("revoking an invitation: %w", err)
	}
	return nil
}

// OpenLink says what a link is for, without using it. CodeNotFound when it is unknown, used up, revoked or expired.
func (s *Service) OpenLink(ctx context.Context, token string) (Invitation, error) {
	gone := greenroom.Errorf(greenroom.CodeNotFound, "this link has been used or has expired; ask for a new one")
	if !wellFormed(token) {
		return Invitation{}, gone
	}
	i, err := s.store.Invitation(ctx, hashed(token))
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return Invitation{}, gone
	}
	if err != nil {
		return Invitation{}, fmt.Errorf("looking for a link: %w", err)
	}
	if !i.UsedAt.IsZero() || !s.now().Before(i.ExpiresAt) {
		return Invitation{}, gone
	}
	return i, nil
}

// Joining is what somebody says who follows a link. What the link knows already is ignored.
type Joining struct {
	Email    string // of the first person
	Name     string // of a new user
	Password string // "" = none (a user without one comes back by links); of somebody who comes back: "" = as it was
}

// Join follows a link: it makes the user, or lets one in again, and begins a session. CodeInvalid when what is said does
// not do, CodeNotFound when the link is no longer open.
func (s *Service) Join(ctx context.Context, token string, j Joining, from Origin) (SignedIn, error) {
	i, err := s.OpenLink(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	user, err := s.joining(ctx, i, j)
	if err != nil {
		return SignedIn{}, err
	}
	sessionToken, session, err := s.newSession(from)
	if err != nil {
		return SignedIn{}, err
	}
	action := ActionUserJoin
	if i.UserID != 0 {
		action = ActionSignIn
	}
	detail := "by link " + from.String()
	if user.PasswordHash != "" && i.UserID != 0 {
		detail += ", with a new password"
	}
	joined, err := s.store.Accept(ctx, Acceptance{
		Invitation: i.ID, At: s.now(), Keep: i.Kind == LinkSample, User: user, Session: session,
		Entry: s.entry(user.Email, action, user.Email, detail),
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("following a link: %w", err)
	}
	s.limiter.succeeded(userKey(joined.Email), addressKey(from.Address))
	s.log.InfoContext(ctx, "joined by a link", "user", joined.ID, "role", joined.Role, "kind", i.Kind)
	return SignedIn{User: joined, Token: sessionToken, ExpiresAt: session.ExpiresAt}, nil
}

// joining is the user that a link makes of what somebody says.
func (s *Service) joining(ctx context.Context, i Invitation, j Joining) (Credential, error) {
	c := Credential{User: User{Email: i.Email, Name: trimmed(j.Name), Role: i.Role, CreatedAt: s.now(), LastSeen: s.now()}}
	if i.Kind == LinkSample {
		return c, nil
	}
	if i.Kind == LinkFirst {
		email, err := ParseEmail(j.Email)
		if err != nil {
			return c, err
		}
		c.Email = email
	}
	if err := c.Validate(); err != nil {
		return c, err
	}
	var err error
	if j.Password != "" {
		c.PasswordHash, err = s.newPassword(ctx, j.Password, c.User)
	}
	return c, err
}
