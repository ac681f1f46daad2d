// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"greenroom"
)

// How long things last.
const (
	SessionLife    = 30 * 24 * time.Hour // since it was last used
	FirstLinkLife  = 24 * time.Hour      // of the first person's link, of a sample's, and of one for a user to come back
	InvitationLife = 7 * 24 * time.Hour
)

// How exactly it is known when somebody was last here. The record store has one writer; these keep requests from
// becoming writes.
const (
	sessionSeenEvery = time.Hour
	tokenSeenEvery   = time.Minute
)

// Limits of what is typed in.
const (
	maxEmail = 254 // bytes, as in RFC 5321
	maxName  = 100 // characters
)

// User is somebody of the team who may sign in.
type User struct {
	ID          int64
	Email       string // in lower case; names the user on the command line and in the audit log
	Name        string
	Role        Role
	Disabled    bool // may not sign in; kept for what the audit log says of them
	HasPassword bool // false = signs in by links only
	CreatedAt   time.Time
	LastSeen    time.Time // within an hour; zero = never
}

// Validate checks a user before it is stored. Errors are of CodeInvalid.
func (u *User) Validate() error {
	if _, err := ParseEmail(u.Email); err != nil {
		return err
	}
	if _, err := ParseRole(string(u.Role)); err != nil {
		return err
	}
	return validName(u.Name)
}

func validName(name string) error {
	if utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return greenroom.Errorf(greenroom.CodeInvalid, "a name has at most %d characters and no line breaks", maxName)
	}
	return nil
}

// ParseEmail reads an e-mail address as it is typed and returns it in the form that is stored: without a name, without
// spaces around it, in lower case. The error is of CodeInvalid.
func ParseEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > maxEmail || strings.ContainsFunc(s, unicode.IsSpace) {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "this is not an e-mail address; one looks like ana@example.org")
	}
	return s, nil
}

// Session is one browser that is signed in.
type Session struct {
	ID        string // SHA-256 of its token, in base64url
	UserID    int64
	Agent     string // browser and system, such as "Firefox on Linux"; "" = unknown
	Address   string // IP address at sign-in; "" = unknown
	CreatedAt time.Time
	LastSeen  time.Time // within an hour
	ExpiresAt time.Time // moves on while the session is used
}

// Token is an API token, without the text that opens anything.
type Token struct {
	ID        int64
	UserID    int64
	Email     string // of the user
	Name      string // what it is for
	Hint      string // how its text begins, such as "grm_Ab3d"
	Scope     Scope
	CreatedAt time.Time
	ExpiresAt time.Time // zero = never
	LastUsed  time.Time // within a minute; zero = never
	RevokedAt time.Time // zero = not revoked
}

// Open reports whether the token can be used at a time.
func (t *Token) Open(at time.Time) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || at.Before(t.ExpiresAt))
}

// LinkKind says what following a link does.
type LinkKind string

// The kinds of links.
const (
	LinkFirst  LinkKind = "first"  // makes the first user, an owner, who says the e-mail address
	LinkInvite LinkKind = "invite" // makes the user with the address that was invited
	LinkReturn LinkKind = "return" // lets a user in again, who may set a new password
	LinkSample LinkKind = "sample" // signs in as the owner of the sample, with one click and as often as one likes
)

// Invitation is a link that was handed out.
type Invitation struct {
	ID        string // SHA-256 of the link's token, in base64url
	Kind      LinkKind
	Email     string // "" for the first person
	Role      Role
	UserID    int64  // the user who comes back; 0 = a new one
	Actor     string // who made it
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero = not yet
}

// Link is a link to hand out. Its path is LinkPath(Token).
type Link struct {
	Token     Secret
	ExpiresAt time.Time
}

// joinPath is the folder of all links.
const joinPath = "/join/"

// Path is the link's path on the server. It contains the secret.
func (l Link) Path() string { return joinPath + l.Token.Reveal() }
