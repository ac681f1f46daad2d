// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"time"

	"greenroom"
)

// NewToken is an API token to make.
type NewToken struct {
	UserID    int64 // whose; 0 = the caller's
	Name      string
	Scope     Scope
	ExpiresAt time.Time // zero = never
}

// CreateToken makes an API token and returns its text, which is not shown again. Users make tokens for themselves; for
// others it takes Administer, and by another token its scope has to be admin. CodeForbidden when the scope is more than
// the user's role permits.
func (s *Service) CreateToken(ctx context.Context, c Caller, n NewToken) (Secret, Token, error) {
	if n.UserID == 0 {
		n.UserID = c.User.ID
	}
	if err := c.needTokens(n.UserID); err != nil {
		return "", Token{}, err
	}
	if n.UserID == 0 {
		return "", Token{}, greenroom.Errorf(greenroom.CodeInvalid, "a token belongs to a user; say whose it is to be")
	}
	u, err := s.store.User(ctx, n.UserID)
	if err != nil {
		return "", Token{}, fmt.Errorf("looking for a user: %w", err)
	}
	t := Token{UserID: u.ID, Email: u.Email, Name: trimmed(n.Name), Scope: n.Scope, CreatedAt: s.now(), ExpiresAt: n.ExpiresAt}
	if err := t.validate(u); err != nil {
		return "", Token{}, err
	}
	text, err := newToken(s.random)
	if err != nil {
		return "", Token{}, err
	}
	t.Hint = text.Reveal()[:hintLength]
	t, err = s.store.AddToken(ctx, t, hashed(text.Reveal()), s.entry(c.Actor(), ActionTokenCreate, t.Name, t.describe()))
	if err != nil {
		return "", Token{}, fmt.Errorf("storing an API token: %w", err)
	}
	return text, t, nil
}

// validate checks a token before it is made.
func (t *Token) validate(u User) error {
	if _, err := ParseScope(string(t.Scope)); err != nil {
		return err
	}
	switch {
	case t.Name == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "a token needs a name that says what it is for")
	case u.Disabled:
		return greenroom.Errorf(greenroom.CodeConflict, "%s is disabled; enable them first", u.Email)
	case !t.Scope.fits(u.Role):
		return greenroom.Errorf(greenroom.CodeForbidden, "the scope %s is more than %s permits", t.Scope, describe(u.Role))
	case !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(t.CreatedAt):
		return greenroom.Errorf(greenroom.CodeInvalid, "the token would have expired already; choose a later time")
	}
	return validName(t.Name)
}

func (t *Token) describe() string { return t.Hint + "… of " + t.Email + ", scope " + string(t.Scope) }

// needTokens lets users handle their own tokens, and those who may administer everybody's. Who comes with a token needs
// one of scope admin, so that a smaller one cannot make itself a successor.
func (c Caller) needTokens(userID int64) error {
	if c.User.ID == 0 || userID != c.User.ID {
		return c.Need(Administer)
	}
	if c.Token != nil && c.Token.Scope != ScopeAdmin {
		return greenroom.Errorf(greenroom.CodeForbidden, "handling tokens by a token takes the scope admin")
	}
	return nil
}

// Tokens lists the API tokens of a user, or, with userID 0, everybody's; the newest first, revoked ones too.
func (s *Service) Tokens(ctx context.Context, c Caller, userID int64) ([]Token, error) {
	if err := c.needTokens(userID); err != nil {
		return nil, err
	}
	all, err := s.store.Tokens(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("listing API tokens: %w", err)
	}
	return all, nil
}

// RevokeToken closes an API token for good. One that is revoked already stays as it was.
func (s *Service) RevokeToken(ctx context.Context, c Caller, id int64) error {
	t, err := s.store.Token(ctx, id)
	if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return fmt.Errorf("looking for an API token: %w", err)
	}
	// Who may not touch the token does not learn whether there is one: of an unknown one the user is 0.
	if denied := c.needTokens(t.UserID); denied != nil {
		return denied
	}
	if err != nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no API token %d", id)
	}
	if !t.RevokedAt.IsZero() {
		return nil
	}
	if err := s.store.RevokeToken(ctx, id, s.now(), s.entry(c.Actor(), ActionTokenRevoke, t.Name, t.describe())); err != nil {
		return fmt.Errorf("revoking an API token: %w", err)
	}
	return nil
}
