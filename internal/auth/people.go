// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
)

// NewUser is a user to add at once, without an invitation.
type NewUser struct {
	Email    string
	Name     string
	Role     Role
	Password string // "" = none: hand out a link (LinkFor)
}

// AddUser adds a user. CodeConflict when there is one with this address.
func (s *Service) AddUser(ctx context.Context, c Caller, n NewUser) (User, error) {
	if err := c.Need(Administer); err != nil {
		return User{}, err
	}
	email, err := ParseEmail(n.Email)
	if err != nil {
		return User{}, err
	}
	added := Credential{User: User{Email: email, Name: trimmed(n.Name), Role: n.Role, CreatedAt: s.now()}}
	if err := added.Validate(); err != nil {
		return User{}, err
	}
	if n.Password != "" {
		if added.PasswordHash, err = s.newPassword(ctx, n.Password, added.User); err != nil {
			return User{}, err
		}
	}
	u, err := s.store.AddUser(ctx, added, s.entry(c.Actor(), ActionUserAdd, email, describe(n.Role)))
	if err != nil {
		return User{}, fmt.Errorf("adding a user: %w", err)
	}
	return u, nil
}

// UserByEmail finds a user by address. CodeNotFound when there is none.
func (s *Service) UserByEmail(ctx context.Context, c Caller, email string) (User, error) {
	if err := c.Need(Read); err != nil {
		return User{}, err
	}
	email, err := ParseEmail(email)
	if err != nil {
		return User{}, err
	}
	known, err := s.store.Credential(ctx, email)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return User{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no user %s", email)
	}
	if err != nil {
		return User{}, fmt.Errorf("looking for a user: %w", err)
	}
	return known.User, nil
}

// SetRole gives a user another role; it counts from their next request on. CodeConflict when no owner would be left.
func (s *Service) SetRole(ctx context.Context, c Caller, userID int64, role Role) (User, error) {
	if err := c.Need(Administer); err != nil {
		return User{}, err
	}
	if _, err := ParseRole(string(role)); err != nil {
		return User{}, err
	}
	return s.edit(ctx, userID, func(u *User) (Entry, bool) {
		from := u.Role
		u.Role = role
		return s.entry(c.Actor(), ActionUserRole, u.Email, fmt.Sprintf("from %s to %s", from, role)), from != role
	})
}

// SetDisabled keeps a user from signing in and ends their sessions, or lets them in again. CodeConflict when no owner
// would be left.
func (s *Service) SetDisabled(ctx context.Context, c Caller, userID int64, disabled bool) (User, error) {
	if err := c.Need(Administer); err != nil {
		return User{}, err
	}
	action := ActionUserEnable
	if disabled {
		action = ActionUserDisable
	}
	return s.edit(ctx, userID, func(u *User) (Entry, bool) {
		was := u.Disabled
		u.Disabled = disabled
		return s.entry(c.Actor(), action, u.Email, ""), was != disabled
	})
}

// SetName changes the caller's own name.
func (s *Service) SetName(ctx context.Context, c Caller, name string) (User, error) {
	if err := c.needSelf(); err != nil {
		return User{}, err
	}
	name = trimmed(name)
	if err := validName(name); err != nil {
		return User{}, err
	}
	return s.edit(ctx, c.User.ID, func(u *User) (Entry, bool) {
		was := u.Name
		u.Name = name
		return s.entry(c.Actor(), ActionUserName, u.Email, ""), was != name
	})
}

func (s *Service) edit(ctx context.Context, userID int64, edit func(*User) (Entry, bool)) (User, error) {
	u, err := s.store.EditUser(ctx, userID, edit)
	if err != nil {
		return User{}, fmt.Errorf("changing a user: %w", err)
	}
	return u, nil
}

// SetPassword changes the caller's own password and ends their other sessions. current is not asked of somebody who has
// none. CodeForbidden when current is not right, CodeInvalid when next does not do, CodeLimited after too many attempts.
func (s *Service) SetPassword(ctx context.Context, c Caller, current, next string) error {
	if err := c.needSelf(); err != nil {
		return err
	}
	known, err := s.store.Credential(ctx, c.User.Email)
	if err != nil {
		return fmt.Errorf("looking for a user: %w", err)
	}
	if known.PasswordHash != "" {
		if wait := s.limiter.attempt(userKey(known.Email)); wait > 0 {
			return tooMany(wait)
		}
		ok, _, err := s.hasher.verify(ctx, known.PasswordHash, current)
		if err != nil {
			return fmt.Errorf("checking a password: %w", err)
		}
		if !ok {
			s.noteFailure(ctx, known.Email, Origin{})
			return greenroom.Errorf(greenroom.CodeForbidden, "the current password is not right")
		}
		s.limiter.succeeded(userKey(known.Email), limitKey{})
	}
	hash, err := s.newPassword(ctx, next, known.User)
	if err != nil {
		return err
	}
	if err := s.store.SetPassword(ctx, c.User.ID, hash, c.Session, s.entry(c.Actor(), ActionUserPassword, c.User.Email, "")); err != nil {
		return fmt.Errorf("setting a password: %w", err)
	}
	return nil
}

// newPassword checks a new password and returns its hash.
func (s *Service) newPassword(ctx context.Context, password string, u User) (Secret, error) {
	local, _, _ := strings.Cut(u.Email, "@")
	if err := checkPassword(password, u.Email, local, u.Name, "greenroom"); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

func trimmed(name string) string { return strings.Join(strings.Fields(name), " ") }
