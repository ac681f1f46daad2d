// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"testing"

	"greenroom"
)

func TestCan(t *testing.T) {
	tests := []struct {
		role                             Role
		read, write, connect, administer bool
	}{
		{RoleOwner, true, true, true, true},
		{RoleManager, true, true, true, false},
		{RoleContributor, true, true, false, false},
		{RoleViewer, true, false, false, false},
		{"admin", false, false, false, false},
		{"", false, false, false, false},
	}
	for _, tt := range tests {
		want := map[Permission]bool{Read: tt.read, Write: tt.write, Connect: tt.connect, Administer: tt.administer, "fly": false, "": false}
		for p, can := range want {
			if got := Can(tt.role, p); got != can {
				t.Errorf("Can(%q, %q) = %v, want %v", tt.role, p, got, can)
			}
		}
	}
}

// TestCallerCan holds that a token narrows what its user may do and never widens it.
func TestCallerCan(t *testing.T) {
	all := []Permission{Read, Write, Connect, Administer}
	want := map[Scope]map[Role]int{ // how many of all, from the left
		ScopeRead:  {RoleOwner: 1, RoleManager: 1, RoleContributor: 1, RoleViewer: 1},
		ScopeWrite: {RoleOwner: 2, RoleManager: 2, RoleContributor: 2, RoleViewer: 1},
		ScopeAdmin: {RoleOwner: 4, RoleManager: 3, RoleContributor: 2, RoleViewer: 1},
		"":         {RoleOwner: 0, RoleManager: 0, RoleContributor: 0, RoleViewer: 0},
	}
	for scope, roles := range want {
		for role, n := range roles {
			c := Caller{User: User{ID: 1, Role: role}, Token: &Token{Scope: scope}}
			for i, p := range all {
				if got := c.Can(p); got != (i < n) {
					t.Errorf("%s with a token of scope %q: Can(%s) = %v", role, scope, p, got)
				}
			}
		}
	}
	if (Caller{User: User{ID: 1, Role: RoleOwner, Disabled: true}}).Can(Read) {
		t.Error("a disabled owner can read")
	}
	if !CommandLine().Can(Administer) || (Caller{}).Can(Read) {
		t.Error("the command line may do everything, and nobody nothing")
	}
}

func TestNeed(t *testing.T) {
	viewer := User{ID: 1, Role: RoleViewer}
	tests := []struct {
		name string
		c    Caller
		p    Permission
		want greenroom.Code
	}{
		{"nobody", Caller{}, Read, greenroom.CodeUnauthorized},
		{"viewer reads", Caller{User: viewer}, Read, ""},
		{"viewer writes", Caller{User: viewer}, Write, greenroom.CodeForbidden},
		{"small token of an owner", Caller{User: User{ID: 1, Role: RoleOwner}, Token: &Token{Scope: ScopeRead}}, Write, greenroom.CodeForbidden},
		{"command line", CommandLine(), Administer, ""},
	}
	for _, tt := range tests {
		if got := greenroom.ErrorCode(tt.c.Need(tt.p)); got != tt.want {
			t.Errorf("%s: Need(%s) has code %q, want %q", tt.name, tt.p, got, tt.want)
		}
	}
}
