// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"time"
)

// Store is what auth needs of the record store. Methods that change something write the entry of the audit log in the
// same transaction. What is not there is an error of CodeNotFound.
type Store interface {
	Users
	Sessions
	Invitations
	Tokens
	AuditLog
}

// Credential is a user with what checks their password.
type Credential struct {
	User
	PasswordHash Secret // as EncodePassword makes it; "" = none
}

// Users are those who may sign in.
type Users interface {
	// CountUsers counts all, also disabled ones.
	CountUsers(ctx context.Context) (int, error)
	// Users lists all by e-mail address.
	Users(ctx context.Context) ([]User, error)
	User(ctx context.Context, id int64) (User, error)
	// Credential finds a user by address.
	Credential(ctx context.Context, email string) (Credential, error)
	// AddUser gives the user an id. CodeConflict when there is one with this address.
	AddUser(ctx context.Context, c Credential, e Entry) (User, error)
	// EditUser lets edit change name, role and disabled, inside the transaction that writes them, and returns the user as
	// it is then; nothing is written where edit says that nothing changed. The sessions of a user who is now disabled end.
	// CodeConflict when no owner would be left.
	EditUser(ctx context.Context, id int64, edit func(*User) (e Entry, changed bool)) (User, error)
	// SetPassword stores a new hash and ends the user's sessions but for the one to keep.
	SetPassword(ctx context.Context, userID int64, hash Secret, keep string, e Entry) error
}

// Sessions are the browsers that are signed in.
type Sessions interface {
	// StartSession stores a session, drops those that have ended, and, where rehashed is not empty, stores it as the
	// user's hash.
	StartSession(ctx context.Context, s Session, rehashed Secret, e Entry) error
	SessionUser(ctx context.Context, id string) (Session, User, error)
	// Sessions lists those of a user that have not ended by then, the last one seen first.
	Sessions(ctx context.Context, userID int64, at time.Time) ([]Session, error)
	EndSession(ctx context.Context, userID int64, id string, e Entry) error
	// EndSessions ends all of a user's but for the one to keep.
	EndSessions(ctx context.Context, userID int64, keep string, e Entry) error
	// Seen notes when sessions and tokens were last used; those that are gone are passed over.
	Seen(ctx context.Context, all []Sighting) error
}

// Sighting is the use of a session or of a token.
type Sighting struct {
	UserID    int64
	Session   string    // id; "" = a token
	TokenID   int64     // 0 = a session
	At        time.Time // when
	ExpiresAt time.Time // of a session, from now on
}

// Acceptance is a link being followed.
type Acceptance struct {
	Invitation string     // id
	At         time.Time  // now
	Keep       bool       // the link can be followed again
	User       Credential // who joins; for somebody who comes back only the hash counts, "" = the password stays
	Session    Session    // to begin; the user's id is filled in
	Entry      Entry
}

// Invitations are the links that were handed out.
type Invitations interface {
	// AddInvitation stores a link in place of those of the same kind and address that are open.
	AddInvitation(ctx context.Context, i Invitation, e Entry) error
	Invitation(ctx context.Context, id string) (Invitation, error)
	// Invitations lists those that are not used and not expired by then, the newest first.
	Invitations(ctx context.Context, at time.Time) ([]Invitation, error)
	RevokeInvitation(ctx context.Context, id string, e Entry) error
	// Accept makes or finds the user, begins the session and uses up the link, all or nothing. CodeConflict when the link
	// is used up or expired, the address is taken, the user is disabled, or a first person is there already.
	Accept(ctx context.Context, a Acceptance) (User, error)
}

// Tokens are the API tokens.
type Tokens interface {
	// AddToken gives the token an id; hash is the SHA-256 of its text in base64url.
	AddToken(ctx context.Context, t Token, hash string, e Entry) (Token, error)
	TokenUser(ctx context.Context, hash string) (Token, User, error)
	Token(ctx context.Context, id int64) (Token, error)
	// Tokens lists those of a user, or everybody's where userID is 0, the newest first, revoked ones too.
	Tokens(ctx context.Context, userID int64) ([]Token, error)
	RevokeToken(ctx context.Context, id int64, at time.Time, e Entry) error
}

// AuditLog is who did what.
type AuditLog interface {
	AddEntry(ctx context.Context, e Entry) error
	// Entries lists the newest first.
	Entries(ctx context.Context, f Filter) ([]Entry, error)
}
