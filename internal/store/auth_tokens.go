// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/auth"
)

// AddToken gives the token an id; hash is the SHA-256 of its text in base64url.
func (s *Store) AddToken(ctx context.Context, t auth.Token, hash string, e auth.Entry) (auth.Token, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("api_token")
		if err != nil {
			return err
		}
		t.ID = last + 1
		if _, err := w.exec("INSERT INTO api_token (id, user_id, name, hint, token_hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			t.ID, t.UserID, t.Name, t.Hint, hash, string(t.Scope), micros(t.CreatedAt), micros(t.ExpiresAt)); err != nil {
			return err
		}
		return w.audit(e)
	})
	return t, err
}

const fromTokens = " FROM api_token t JOIN account u ON u.id = t.user_id "

// TokenUser returns a token by the hash of its text, with its user.
func (s *Store) TokenUser(ctx context.Context, hash string) (auth.Token, auth.User, error) {
	var t auth.Token
	var c auth.Credential
	err := s.queryRow(ctx, "SELECT "+tokenColumns+", "+userColumns+fromTokens+"WHERE t.token_hash = ?", []any{hash},
		append(intoToken(&t), intoUser(&c)...)...)
	return t, c.User, err
}

// Token returns a token by its id.
func (s *Store) Token(ctx context.Context, id int64) (auth.Token, error) {
	var t auth.Token
	err := s.queryRow(ctx, "SELECT "+tokenColumns+fromTokens+"WHERE t.id = ?", []any{id}, intoToken(&t)...)
	return t, err
}

// Tokens lists the tokens of a user, or everybody's where userID is 0, the newest first, revoked ones too.
func (s *Store) Tokens(ctx context.Context, userID int64) ([]auth.Token, error) {
	q, args := "SELECT "+tokenColumns+fromTokens, []any{}
	if userID != 0 {
		q, args = q+"WHERE t.user_id = ? ", append(args, userID)
	}
	return collect(ctx, s, intoToken, q+"ORDER BY t.id DESC", args...)
}

// RevokeToken closes a token.
func (s *Store) RevokeToken(ctx context.Context, id int64, at time.Time, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at = 0", micros(at), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no API token %d that is not revoked", id)
		}
		return w.audit(e)
	})
}

// AddEntry writes a line of the audit log.
func (s *Store) AddEntry(ctx context.Context, e auth.Entry) error {
	return s.write(ctx, func(w *writer) error { return w.audit(e) })
}

// audit writes a line of the audit log in the transaction of what it is about.
func (w *writer) audit(e auth.Entry) error {
	last, err := w.lastID("audit")
	if err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO audit (id, at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)",
		last+1, micros(e.At), e.Actor, e.Action, e.Target, e.Detail)
	return err
}

// Entries lists the lines of the audit log that a filter lets through, the newest first.
func (s *Store) Entries(ctx context.Context, f auth.Filter) ([]auth.Entry, error) {
	var conds []string
	var args []any
	add := func(cond string, values ...any) {
		conds = append(conds, cond)
		args = append(args, values...)
	}
	add("a.id > ?", 0)
	if f.Before > 0 {
		add("a.id < ?", f.Before)
	}
	if f.Actor != "" {
		add("a.actor = ?", f.Actor)
	}
	if f.Target != "" {
		add("a.target = ?", f.Target)
	}
	if f.Action != "" {
		// An action and those below it lie between "a." and "a/" in the order of bytes.
		add("(a.action = ? OR a.action"+s.d.collate+" > ? AND a.action"+s.d.collate+" < ?)", f.Action, f.Action+".", f.Action+"/")
	}
	args = append(args, f.Limit)
	return collect(ctx, s, intoEntry, "SELECT "+entryColumns+" FROM audit a WHERE "+strings.Join(conds, " AND ")+" ORDER BY a.id DESC LIMIT ?", args...)
}
