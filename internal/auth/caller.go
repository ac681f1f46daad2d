// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"time"

	"greenroom"
)

// Caller is who makes a request.
type Caller struct {
	User    User
	Session string    // id of the session; "" = did not come with one
	Token   *Token    // nil = did not come with an API token
	Until   time.Time // the session's new end where it has just been moved on; zero = as before

	commandLine bool
}

// Actors of the audit log that are not users.
const (
	ActorCommandLine = "command line" // whoever runs greenroom on the server
	ActorSystem      = "greenroom"    // what Greenroom does by itself
	ActorNobody      = "nobody"       // somebody who is not signed in
)

// CommandLine is the caller of commands that are run on the server. It may do everything: it has the data folder.
func CommandLine() Caller { return Caller{commandLine: true} }

// Can reports whether the caller may do something: the role has to permit it, and so has the scope of the token, where
// the caller came with one.
func (c Caller) Can(p Permission) bool {
	if c.commandLine {
		return true
	}
	return !c.User.Disabled && Can(c.User.Role, p) && (c.Token == nil || c.Token.Scope.Allows(p))
}

// Actor is how the audit log and the history of decisions call the caller.
func (c Caller) Actor() string {
	switch {
	case c.commandLine:
		return ActorCommandLine
	case c.User.ID == 0:
		return ActorNobody
	case c.Token != nil:
		return c.User.Email + " by token " + c.Token.Name
	default:
		return c.User.Email
	}
}

// Need returns an error unless the caller may do something: CodeUnauthorized when nobody is signed in, else
// CodeForbidden.
func (c Caller) Need(p Permission) error {
	switch {
	case c.Can(p):
		return nil
	case c.User.ID == 0:
		return greenroom.Errorf(greenroom.CodeUnauthorized, "nobody is signed in")
	case c.Token != nil && Can(c.User.Role, p):
		return greenroom.Errorf(greenroom.CodeForbidden, "the token's scope %s does not permit this", c.Token.Scope)
	default:
		return greenroom.Errorf(greenroom.CodeForbidden, "%s does not permit this; ask an owner", describe(c.User.Role))
	}
}

// needSelf lets users handle what is their own, such as sessions and the password. A token may not: whoever finds one
// should not be able to lock its user out.
func (c Caller) needSelf() error {
	if c.User.ID == 0 {
		return greenroom.Errorf(greenroom.CodeUnauthorized, "nobody is signed in")
	}
	if c.Session == "" {
		return greenroom.Errorf(greenroom.CodeForbidden, "this needs somebody who is signed in with a browser; a token does not do")
	}
	return nil
}

func describe(r Role) string { return fmt.Sprintf("the role %s", r) }

type callerKey struct{}

// With returns a context that carries the caller.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// From returns the caller that a context carries; ok is false where nobody is signed in.
func From(ctx context.Context) (c Caller, ok bool) {
	c, ok = ctx.Value(callerKey{}).(Caller)
	return c, ok
}
