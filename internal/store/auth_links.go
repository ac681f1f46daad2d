// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"

	"greenroom"
	"greenroom/internal/auth"
)

// keepLinks is how long a link is kept after it has expired, so that following it late is told from a wrong address in a
// backup or in the log of a proxy.
const keepLinks = 30 * 24 * time.Hour

// AddInvitation stores a link in place of those of the same kind and address that are open.
func (s *Store) AddInvitation(ctx context.Context, i auth.Invitation, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error {
		if _, err := w.exec("DELETE FROM invitation WHERE kind = ? AND email = ? AND used_at = 0", string(i.Kind), i.Email); err != nil {
			return err
		}
		if _, err := w.exec("DELETE FROM invitation WHERE expires_at < ?", micros(i.CreatedAt.Add(-keepLinks))); err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO invitation (token_hash, kind, email, role, user_id, actor, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			i.ID, string(i.Kind), i.Email, string(i.Role), i.UserID, i.Actor, micros(i.CreatedAt), micros(i.ExpiresAt)); err != nil {
			return err
		}
		return w.audit(e)
	})
}

// Invitation returns a link that was handed out.
func (s *Store) Invitation(ctx context.Context, id string) (auth.Invitation, error) {
	var i auth.Invitation
	err := s.queryRow(ctx, "SELECT "+invitationColumns+" FROM invitation i WHERE i.token_hash = ?", []any{id}, intoInvitation(&i)...)
	return i, err
}

// Invitations lists the links that are not used and not expired by then, the newest first.
func (s *Store) Invitations(ctx context.Context, at time.Time) ([]auth.Invitation, error) {
	return collect(ctx, s, intoInvitation, "SELECT "+invitationColumns+` FROM invitation i WHERE i.used_at = 0 AND i.expires_at > ?
		ORDER BY i.created_at DESC, i.token_hash`, micros(at))
}

// RevokeInvitation closes a link.
func (s *Store) RevokeInvitation(ctx context.Context, id string, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("DELETE FROM invitation WHERE token_hash = ? AND used_at = 0", id)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "this link has been used or revoked already")
		}
		return w.audit(e)
	})
}

// Accept makes or finds the user of a link, begins the session and uses up the link, all or nothing.
func (s *Store) Accept(ctx context.Context, a auth.Acceptance) (u auth.User, err error) {
	err = s.write(ctx, func(w *writer) error {
		var i auth.Invitation
		if err := w.row("SELECT "+invitationColumns+" FROM invitation i WHERE i.token_hash = ?", []any{a.Invitation}, intoInvitation(&i)...); err != nil {
			return err
		}
		if !i.UsedAt.IsZero() || !a.At.Before(i.ExpiresAt) {
			return greenroom.Errorf(greenroom.CodeConflict, "this link has been used or has expired; ask for a new one")
		}
		if i.UserID == 0 {
			u, err = w.joinUser(i, a)
		} else {
			u, err = w.returnUser(i, a)
		}
		if err != nil {
			return err
		}
		a.Session.UserID = u.ID
		if err := w.startSession(a.Session); err != nil {
			return err
		}
		if !a.Keep {
			if _, err := w.exec("UPDATE invitation SET used_at = ? WHERE token_hash = ?", micros(a.At), i.ID); err != nil {
				return err
			}
		}
		return w.audit(a.Entry)
	})
	return u, err
}

// joinUser makes the user of a link. Address and role are the link's where it has them.
func (w *writer) joinUser(i auth.Invitation, a auth.Acceptance) (auth.User, error) {
	c := a.User
	c.Role = i.Role
	if i.Email != "" {
		c.Email = i.Email
	}
	if i.Kind == auth.LinkFirst {
		var n int64
		if err := w.row("SELECT count(*) FROM account", nil, &n); err != nil {
			return c.User, err
		}
		if n > 0 {
			return c.User, greenroom.Errorf(greenroom.CodeConflict, "somebody has joined already; ask them for an invitation")
		}
	}
	return w.addUser(c)
}

// returnUser lets the user of a link in again, with a new password where one is given; then their sessions end.
func (w *writer) returnUser(i auth.Invitation, a auth.Acceptance) (auth.User, error) {
	if a.User.PasswordHash != "" {
		if err := w.setPassword(i.UserID, a.User.PasswordHash, ""); err != nil {
			return auth.User{}, err
		}
	}
	return w.user(i.UserID)
}
