// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"slices"

	"greenroom"
)

// Role is what a user is in the team. Each role may do what the ones after it may.
type Role string

// The roles, the most powerful first.
const (
	RoleOwner       Role = "owner"       // everything, also people and settings
	RoleManager     Role = "manager"     // sources and imports too
	RoleContributor Role = "contributor" // works with members and conversations
	RoleViewer      Role = "viewer"      // looks
)

// Permission is a class of things to do.
type Permission string

// The permissions.
const (
	Read       Permission = "read"       // see members, conversations, figures
	Write      Permission = "write"      // merge, tag, edit, ignore
	Connect    Permission = "connect"    // sources and imports
	Administer Permission = "administer" // people, tokens of others, settings, erasing
)

var permissions = map[Role][]Permission{
	RoleOwner:       {Read, Write, Connect, Administer},
	RoleManager:     {Read, Write, Connect},
	RoleContributor: {Read, Write},
	RoleViewer:      {Read},
}

// Can reports whether a role has a permission. A role that does not exist has none.
func Can(r Role, p Permission) bool { return slices.Contains(permissions[r], p) }

// Roles lists the roles, the most powerful first.
func Roles() []Role { return []Role{RoleOwner, RoleManager, RoleContributor, RoleViewer} }

// ParseRole reads the name of a role. The error is of CodeInvalid and names those that exist.
func ParseRole(s string) (Role, error) {
	if _, ok := permissions[Role(s)]; ok {
		return Role(s), nil
	}
	return "", greenroom.Errorf(greenroom.CodeInvalid, "there is no role %q; the roles are owner, manager, contributor and viewer", s)
}

// Scope is what an API token may do at most. Each scope includes the ones before it; the role of the token's user limits
// it further, also when the role changes later.
type Scope string

// The scopes.
const (
	ScopeRead  Scope = "read"  // what Read permits
	ScopeWrite Scope = "write" // Read and Write
	ScopeAdmin Scope = "admin" // everything that the user's role permits
)

var scopes = map[Scope][]Permission{
	ScopeRead:  {Read},
	ScopeWrite: {Read, Write},
	ScopeAdmin: {Read, Write, Connect, Administer},
}

// Allows reports whether a token of this scope may do something of that permission, as far as the scope goes.
func (s Scope) Allows(p Permission) bool { return slices.Contains(scopes[s], p) }

// ParseScope reads the name of a scope. The error is of CodeInvalid and names those that exist.
func ParseScope(s string) (Scope, error) {
	if _, ok := scopes[Scope(s)]; ok {
		return Scope(s), nil
	}
	return "", greenroom.Errorf(greenroom.CodeInvalid, "there is no scope %q; the scopes are read, write and admin", s)
}

// fits reports whether a user of that role gets anything from the scope that a smaller one would not give.
func (s Scope) fits(r Role) bool {
	switch s {
	case ScopeRead:
		return Can(r, Read)
	case ScopeWrite:
		return Can(r, Write)
	case ScopeAdmin:
		return Can(r, Connect)
	default:
		return false
	}
}
