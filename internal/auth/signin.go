// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"greenroom"
)

// Origin is where a sign-in comes from.
type Origin struct {
	Address string // IP address; "" = unknown
	Agent   string // browser and system, such as "Firefox on Linux"; "" = unknown
}

func (o Origin) String() string {
	switch {
	case o.Address == "" && o.Agent == "":
		return ""
	case o.Agent == "":
		return "from " + o.Address
	case o.Address == "":
		return "with " + o.Agent
	default:
		return "from " + o.Address + " with " + o.Agent
	}
}

// SignedIn is a session that has just begun.
type SignedIn struct {
	User      User
	Token     Secret // for the cookie
	ExpiresAt time.Time
}

// SignIn begins a session with an e-mail address and a password. Whatever is wrong (no such user, no password, another
// password, disabled) gives the same error of CodeUnauthorized after the same work; CodeLimited after too many failures,
// see RetryAfter.
func (s *Service) SignIn(ctx context.Context, email, password string, from Origin) (SignedIn, error) {
	address, emailErr := ParseEmail(email)
	if emailErr != nil {
		address = email // counts, but is not looked up
	}
	user, network := userKey(address), addressKey(from.Address)
	if wait := s.limiter.attempt(user, network); wait > 0 {
		return SignedIn{}, tooMany(wait)
	}
	var known Credential
	if emailErr == nil {
		var err error
		known, err = s.store.Credential(ctx, address)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return SignedIn{}, fmt.Errorf("looking for a user: %w", err)
		}
	}
	// One hash is checked in any case, so that time does not tell whether there is such a user.
	hash := known.PasswordHash
	if hash == "" {
		var err error
		if hash, err = s.decoy(); err != nil {
			return SignedIn{}, err
		}
	}
	ok, outdated, err := s.hasher.verify(ctx, hash, password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("checking a password: %w", err)
	}
	if !ok || known.PasswordHash == "" || known.Disabled {
		s.noteFailure(ctx, known.Email, from)
		return SignedIn{}, greenroom.Errorf(greenroom.CodeUnauthorized, "the e-mail address or the password is not right")
	}
	s.limiter.succeeded(user, network)
	var rehashed Secret
	if outdated {
		if rehashed, err = s.hasher.hash(ctx, password); err != nil {
			return SignedIn{}, err
		}
	}
	return s.begin(ctx, known.User, from, rehashed)
}

// begin starts a session of a user.
func (s *Service) begin(ctx context.Context, u User, from Origin, rehashed Secret) (SignedIn, error) {
	token, session, err := s.newSession(from)
	if err != nil {
		return SignedIn{}, err
	}
	session.UserID = u.ID
	if err := s.store.StartSession(ctx, session, rehashed, s.entry(u.Email, ActionSignIn, u.Email, from.String())); err != nil {
		return SignedIn{}, fmt.Errorf("starting a session: %w", err)
	}
	s.log.InfoContext(ctx, "signed in", "user", u.ID, "role", u.Role)
	return SignedIn{User: u, Token: token, ExpiresAt: session.ExpiresAt}, nil
}

func (s *Service) newSession(from Origin) (Secret, Session, error) {
	token, err := newPlain(s.random)
	if err != nil {
		return "", Session{}, err
	}
	now := s.now()
	return token, Session{
		ID: hashed(token.Reveal()), Agent: clip(from.Agent), Address: clip(from.Address),
		CreatedAt: now, LastSeen: now, ExpiresAt: now.Add(SessionLife),
	}, nil
}

// noteFailure writes a failed sign-in into the audit log. What was typed as an address is written only when it is a
// user's: people type their password into the wrong field.
func (s *Service) noteFailure(ctx context.Context, email string, from Origin) {
	target := email
	if target == "" {
		target = "an unknown address"
	}
	more, write := s.failed.next(target)
	if !write {
		return
	}
	detail := from.String()
	if more > 0 {
		detail += ", and " + strconv.Itoa(more) + " more since the last such entry"
	}
	if err := s.store.AddEntry(ctx, s.entry(ActorNobody, ActionSignInFailed, target, detail)); err != nil {
		s.log.WarnContext(ctx, "writing a failed sign-in to the audit log", "error", err)
	}
}

// failureNoteEvery is how often failed sign-ins of one user are written down, so that guessing does not fill the log.
const failureNoteEvery = time.Minute

// failureNotes thins out failed sign-ins. It holds one note for each user and one for all unknown addresses.
type failureNotes struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]*failureNote
}

type failureNote struct {
	at   time.Time
	more int // not written since
}

func newFailureNotes(now func() time.Time) *failureNotes {
	return &failureNotes{now: now, all: make(map[string]*failureNote)}
}

// next reports whether to write this failure, and how many were not written since the last one that was.
func (f *failureNotes) next(target string) (more int, write bool) {
	now := f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	n, ok := f.all[target]
	if !ok {
		f.all[target] = &failureNote{at: now}
		return 0, true
	}
	if now.Sub(n.at) < failureNoteEvery {
		n.more++
		return 0, false
	}
	more, n.more, n.at = n.more, 0, now
	return more, true
}
