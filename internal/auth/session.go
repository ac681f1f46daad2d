// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"strconv"

	"greenroom"
)

// BySession finds the caller of a session's token. CodeUnauthorized when there is no such session, or it has ended, or
// its user is disabled.
func (s *Service) BySession(ctx context.Context, token string) (Caller, error) {
	ended := greenroom.Errorf(greenroom.CodeUnauthorized, "the session has ended; sign in again")
	if !wellFormed(token) {
		return Caller{}, ended
	}
	session, user, err := s.store.SessionUser(ctx, hashed(token))
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return Caller{}, ended
	}
	if err != nil {
		return Caller{}, fmt.Errorf("looking for a session: %w", err)
	}
	now := s.now()
	if !now.Before(session.ExpiresAt) || user.Disabled {
		return Caller{}, ended
	}
	c := Caller{User: user, Session: session.ID}
	if now.Sub(session.LastSeen) >= sessionSeenEvery {
		until := now.Add(SessionLife)
		if s.sighted(session.ID, sessionSeenEvery, Sighting{UserID: user.ID, Session: session.ID, At: now, ExpiresAt: until}) {
			c.Until = until
		}
	}
	return c, nil
}

// ByToken finds the caller of an API token. CodeUnauthorized when there is no such token, or it has expired or is
// revoked, or its user is disabled.
func (s *Service) ByToken(ctx context.Context, text string) (Caller, error) {
	unknown := greenroom.Errorf(greenroom.CodeUnauthorized, "this API token is unknown, expired or revoked")
	if !IsToken(text) {
		return Caller{}, unknown
	}
	token, user, err := s.store.TokenUser(ctx, hashed(text))
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return Caller{}, unknown
	}
	if err != nil {
		return Caller{}, fmt.Errorf("looking for an API token: %w", err)
	}
	now := s.now()
	if !token.Open(now) || user.Disabled {
		return Caller{}, unknown
	}
	if now.Sub(token.LastUsed) >= tokenSeenEvery {
		s.sighted(strconv.FormatInt(token.ID, 10), tokenSeenEvery, Sighting{UserID: user.ID, TokenID: token.ID, At: now})
	}
	return Caller{User: user, Token: &token}, nil
}

// SignOut ends the caller's session.
func (s *Service) SignOut(ctx context.Context, c Caller) error {
	if err := c.needSelf(); err != nil {
		return err
	}
	err := s.store.EndSession(ctx, c.User.ID, c.Session, s.entry(c.Actor(), ActionSignOut, c.User.Email, ""))
	if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return fmt.Errorf("signing out: %w", err)
	}
	return nil
}

// SignOutEverywhere ends all sessions of the caller, or, with keepThis, all others.
func (s *Service) SignOutEverywhere(ctx context.Context, c Caller, keepThis bool) error {
	if err := c.needSelf(); err != nil {
		return err
	}
	keep, what := "", "everywhere"
	if keepThis {
		keep, what = c.Session, "everywhere else"
	}
	if err := s.store.EndSessions(ctx, c.User.ID, keep, s.entry(c.Actor(), ActionSignOut, c.User.Email, what)); err != nil {
		return fmt.Errorf("signing out %s: %w", what, err)
	}
	return nil
}

// Sessions lists where the caller is signed in, the last one seen first. The caller's own is the one with the id
// Caller.Session.
func (s *Service) Sessions(ctx context.Context, c Caller) ([]Session, error) {
	if err := c.needSelf(); err != nil {
		return nil, err
	}
	all, err := s.store.Sessions(ctx, c.User.ID, s.now())
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	return all, nil
}

// EndSession ends one session of the caller by its id.
func (s *Service) EndSession(ctx context.Context, c Caller, id string) error {
	if err := c.needSelf(); err != nil {
		return err
	}
	if err := s.store.EndSession(ctx, c.User.ID, id, s.entry(c.Actor(), ActionSessionEnd, c.User.Email, "")); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}
