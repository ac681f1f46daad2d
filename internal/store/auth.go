// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/auth"
)

// This file, auth_links.go and auth_tokens.go are the store of internal/auth. Users are rows of account and are never
// deleted, since the audit log names them; tokens are revoked, not deleted, for the same reason. Sessions and links go
// when they are over.

// The columns of each table, in the order in which the functions below bind them to a struct.
const (
	userColumns       = "u.id, u.email, u.name, u.role, u.password_hash, u.disabled, u.created_at, u.last_seen"
	sessionColumns    = "s.token_hash, s.user_id, s.agent, s.address, s.created_at, s.last_seen, s.expires_at"
	tokenColumns      = "t.id, t.user_id, u.email, t.name, t.hint, t.scopes, t.created_at, t.expires_at, t.last_used, t.revoked_at"
	invitationColumns = "i.token_hash, i.kind, i.email, i.role, i.user_id, i.actor, i.created_at, i.expires_at, i.used_at"
	entryColumns      = "a.id, a.at, a.actor, a.action, a.target, a.detail"
)

func intoUser(c *auth.Credential) []any {
	return []any{
		&c.ID, &c.Email, &c.Name, &c.Role,
		hashInto{c},
		flagInto{&c.Disabled},
		timeInto{&c.CreatedAt},
		timeInto{&c.LastSeen},
	}
}

func intoSession(s *auth.Session) []any {
	return []any{&s.ID, &s.UserID, &s.Agent, &s.Address, timeInto{&s.CreatedAt}, timeInto{&s.LastSeen}, timeInto{&s.ExpiresAt}}
}

func intoToken(t *auth.Token) []any {
	return []any{
		&t.ID, &t.UserID, &t.Email, &t.Name, &t.Hint, &t.Scope,
		timeInto{&t.CreatedAt},
		timeInto{&t.ExpiresAt},
		timeInto{&t.LastUsed},
		timeInto{&t.RevokedAt},
	}
}

func intoInvitation(i *auth.Invitation) []any {
	return []any{
		&i.ID, &i.Kind, &i.Email, &i.Role, &i.UserID, &i.Actor,
		timeInto{&i.CreatedAt},
		timeInto{&i.ExpiresAt},
		timeInto{&i.UsedAt},
	}
}

func intoEntry(e *auth.Entry) []any {
	return []any{&e.ID, timeInto{&e.At}, &e.Actor, &e.Action, &e.Target, &e.Detail}
}

// timeInto scans microseconds into a time.
type timeInto struct{ to *time.Time }

// Scan reads what micros stored.
func (v timeInto) Scan(src any) error {
	n, err := integer(src)
	*v.to = fromMicros(n)
	return err
}

// flagInto scans 0 or 1 into a bool.
type flagInto struct{ to *bool }

// Scan reads what flag stored.
func (v flagInto) Scan(src any) error {
	n, err := integer(src)
	*v.to = n != 0
	return err
}

func integer(src any) (int64, error) {
	n, ok := src.(int64)
	if !ok {
		return 0, fmt.Errorf("found a %T where a whole number was expected", src)
	}
	return n, nil
}

// hashInto scans a password's hash, which also says that there is one.
type hashInto struct{ to *auth.Credential }

// Scan reads the hash, "" for none.
func (v hashInto) Scan(src any) error {
	switch text := src.(type) {
	case string:
		v.to.PasswordHash = auth.Secret(text)
	case []byte:
		v.to.PasswordHash = auth.Secret(text)
	default:
		return fmt.Errorf("found a %T where a text was expected", src)
	}
	v.to.HasPassword = v.to.PasswordHash != ""
	return nil
}

// collect runs a query and binds each row to an item.
func collect[T any](ctx context.Context, s *Store, into func(*T) []any, q string, args ...any) ([]T, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	var all []T
	err = scan(rows, func() error {
		var item T
		if err := rows.Scan(into(&item)...); err != nil {
			return err
		}
		all = append(all, item)
		return nil
	})
	return all, err
}

// CountUsers counts all users, also disabled ones.
func (s *Store) CountUsers(ctx context.Context) (int, error) {
	var n int
	err := s.queryRow(ctx, "SELECT count(*) FROM account", nil, &n)
	return n, err
}

// Users lists all users by e-mail address.
func (s *Store) Users(ctx context.Context) ([]auth.User, error) {
	all, err := collect(ctx, s, intoUser, "SELECT "+userColumns+" FROM account u ORDER BY u.email"+s.d.collate)
	users := make([]auth.User, 0, len(all))
	for i := range all {
		users = append(users, all[i].User)
	}
	return users, err
}

// User returns one user.
func (s *Store) User(ctx context.Context, id int64) (auth.User, error) {
	var c auth.Credential
	err := s.queryRow(ctx, "SELECT "+userColumns+" FROM account u WHERE u.id = ?", []any{id}, intoUser(&c)...)
	return c.User, err
}

// Credential finds a user by address.
func (s *Store) Credential(ctx context.Context, email string) (auth.Credential, error) {
	var c auth.Credential
	err := s.queryRow(ctx, "SELECT "+userColumns+" FROM account u WHERE u.email = ?", []any{email}, intoUser(&c)...)
	return c, err
}

// AddUser gives the user an id. CodeConflict when there is one with this address.
func (s *Store) AddUser(ctx context.Context, c auth.Credential, e auth.Entry) (u auth.User, err error) {
	err = s.write(ctx, func(w *writer) error {
		if u, err = w.addUser(c); err != nil {
			return err
		}
		return w.audit(e)
	})
	return u, err
}

func (w *writer) addUser(c auth.Credential) (auth.User, error) {
	var n int64
	if err := w.row("SELECT count(*) FROM account WHERE email = ?", []any{c.Email}, &n); err != nil {
		return c.User, err
	}
	if n > 0 {
		return c.User, greenroom.Errorf(greenroom.CodeConflict, "there is a user %s already", c.Email)
	}
	last, err := w.lastID("account")
	if err != nil {
		return c.User, err
	}
	c.ID, c.HasPassword = last+1, c.PasswordHash != ""
	_, err = w.exec("INSERT INTO account (id, email, name, role, password_hash, disabled, created_at, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		c.ID, c.Email, c.Name, string(c.Role), c.PasswordHash.Reveal(), flag(c.Disabled), micros(c.CreatedAt), micros(c.LastSeen))
	return c.User, err
}

func (w *writer) user(id int64) (auth.User, error) {
	var c auth.Credential
	err := w.row("SELECT "+userColumns+" FROM account u WHERE u.id = ?", []any{id}, intoUser(&c)...)
	return c.User, err
}

// EditUser lets edit change name, role and disabled, inside the transaction that writes them. CodeConflict when no owner
// would be left.
func (s *Store) EditUser(ctx context.Context, id int64, edit func(*auth.User) (auth.Entry, bool)) (u auth.User, err error) {
	err = s.write(ctx, func(w *writer) error {
		if u, err = w.user(id); err != nil {
			return err
		}
		e, changed := edit(&u)
		if !changed {
			return nil
		}
		if _, err := w.exec("UPDATE account SET name = ?, role = ?, disabled = ? WHERE id = ?", u.Name, string(u.Role), flag(u.Disabled), id); err != nil {
			return err
		}
		if u.Disabled {
			if _, err := w.exec("DELETE FROM session WHERE user_id = ?", id); err != nil {
				return err
			}
		}
		var owners int64
		if err := w.row("SELECT count(*) FROM account WHERE role = ? AND disabled = 0", []any{string(auth.RoleOwner)}, &owners); err != nil {
			return err
		}
		if owners == 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "%s is the last owner; make somebody else an owner first", u.Email)
		}
		return w.audit(e)
	})
	return u, err
}

// SetPassword stores a new hash and ends the user's sessions but for the one to keep.
func (s *Store) SetPassword(ctx context.Context, userID int64, hash auth.Secret, keep string, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error {
		if err := w.setPassword(userID, hash, keep); err != nil {
			return err
		}
		return w.audit(e)
	})
}

func (w *writer) setPassword(userID int64, hash auth.Secret, keep string) error {
	n, err := w.exec("UPDATE account SET password_hash = ? WHERE id = ?", hash.Reveal(), userID)
	if err != nil {
		return err
	}
	if n == 0 {
		return noUser(userID)
	}
	_, err = w.exec("DELETE FROM session WHERE user_id = ? AND token_hash <> ?", userID, keep)
	return err
}

func noUser(id int64) error {
	return greenroom.Errorf(greenroom.CodeNotFound, "there is no user %d", id)
}

// StartSession stores a session, drops those that have ended, and, where rehashed is not empty, stores it as the user's
// hash.
func (s *Store) StartSession(ctx context.Context, session auth.Session, rehashed auth.Secret, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error {
		if rehashed != "" {
			if _, err := w.exec("UPDATE account SET password_hash = ? WHERE id = ?", rehashed.Reveal(), session.UserID); err != nil {
				return err
			}
		}
		if err := w.startSession(session); err != nil {
			return err
		}
		return w.audit(e)
	})
}

func (w *writer) startSession(s auth.Session) error {
	// The user may have been disabled while the password was being checked.
	n, err := w.exec("UPDATE account SET last_seen = ? WHERE id = ? AND disabled = 0", micros(s.LastSeen), s.UserID)
	if err != nil {
		return err
	}
	if n == 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "this user may not sign in; ask an owner")
	}
	if _, err := w.exec("DELETE FROM session WHERE expires_at <= ?", micros(s.CreatedAt)); err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO session (token_hash, user_id, agent, address, created_at, last_seen, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		s.ID, s.UserID, s.Agent, s.Address, micros(s.CreatedAt), micros(s.LastSeen), micros(s.ExpiresAt))
	return err
}

// SessionUser returns a session and its user.
func (s *Store) SessionUser(ctx context.Context, id string) (auth.Session, auth.User, error) {
	var session auth.Session
	var c auth.Credential
	err := s.queryRow(ctx, "SELECT "+sessionColumns+", "+userColumns+" FROM session s JOIN account u ON u.id = s.user_id WHERE s.token_hash = ?",
		[]any{id}, append(intoSession(&session), intoUser(&c)...)...)
	return session, c.User, err
}

// Sessions lists the sessions of a user that have not ended by then, the last one seen first.
func (s *Store) Sessions(ctx context.Context, userID int64, at time.Time) ([]auth.Session, error) {
	return collect(ctx, s, intoSession, "SELECT "+sessionColumns+` FROM session s WHERE s.user_id = ? AND s.expires_at > ?
		ORDER BY s.last_seen DESC, s.created_at DESC, s.token_hash`, userID, micros(at))
}

// EndSession ends one session of a user.
func (s *Store) EndSession(ctx context.Context, userID int64, id string, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("DELETE FROM session WHERE user_id = ? AND token_hash = ?", userID, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "this session has ended already")
		}
		return w.audit(e)
	})
}

// EndSessions ends all sessions of a user but for the one to keep.
func (s *Store) EndSessions(ctx context.Context, userID int64, keep string, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error {
		if _, err := w.exec("DELETE FROM session WHERE user_id = ? AND token_hash <> ?", userID, keep); err != nil {
			return err
		}
		return w.audit(e)
	})
}

// Seen notes when sessions and tokens were last used; those that are gone are passed over.
func (s *Store) Seen(ctx context.Context, all []auth.Sighting) error {
	return s.writeAlong(ctx, func(w *writer) error {
		for _, v := range all {
			at := micros(v.At)
			if v.Session == "" {
				if _, err := w.exec("UPDATE api_token SET last_used = ? WHERE id = ? AND last_used < ?", at, v.TokenID, at); err != nil {
					return err
				}
				continue
			}
			if _, err := w.exec("UPDATE session SET last_seen = ?, expires_at = ? WHERE token_hash = ? AND last_seen < ?",
				at, micros(v.ExpiresAt), v.Session, at); err != nil {
				return err
			}
			if _, err := w.exec("UPDATE account SET last_seen = ? WHERE id = ? AND last_seen < ?", at, v.UserID, at); err != nil {
				return err
			}
		}
		return nil
	})
}
