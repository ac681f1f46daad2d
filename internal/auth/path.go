// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"net/url"
	"strings"
	"time"
)

// The pages of this package.
const (
	SignInPath  = "/sign-in"
	SignOutPath = "/sign-out"
	JoinPath    = joinPath // followed by a link's token
)

// LocalPath returns a path of this server to go to after signing in, from a text that anybody may have put into a link:
// path and query as they are, or "/" where the text could lead to another server or back to signing in.
func LocalPath(next string) string {
	const home = "/"
	if len(next) > 2000 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return home
	}
	for i := range len(next) {
		// Browsers read a backslash as a slash and drop line breaks and tabs, so "/\t/other.example" is an address.
		if c := next[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return home
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return home
	}
	for _, segment := range strings.Split(u.Path, "/") {
		if segment == "." || segment == ".." {
			return home
		}
	}
	for _, own := range []string{SignInPath, SignOutPath, strings.TrimSuffix(JoinPath, "/")} {
		if u.Path == own || strings.HasPrefix(u.Path, own+"/") {
			return home
		}
	}
	return next
}

// SignInForm is what the sign-in page shows.
type SignInForm struct {
	Next   string        // where to go afterwards, a path of this server
	Email  string        // as typed; "" = first shown
	Error  string        // what is wrong, a sentence without its period; "" = nothing
	Wait   time.Duration // until the next attempt; 0 = now
	Status int           // to answer with
}

// JoinForm is what the page behind a link shows. The form posts the fields email, name and password to the same path.
type JoinForm struct {
	Kind        LinkKind // "" = the link is not open; show Error only
	Email       string   // as typed, or as invited
	AskEmail    bool     // the first person says the address
	AskName     bool     // new users say their name
	Name        string   // as typed
	Role        Role     // that they get
	MinPassword int      // characters; the password may be left out
	Error       string   // what is wrong, a sentence without its period; "" = nothing
	Status      int      // to answer with
}
