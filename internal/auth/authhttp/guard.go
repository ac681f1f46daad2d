// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package authhttp stands between the network and everything that answers requests: it finds out who asks, keeps out who
// may not, and sets the headers that keep a browser from being turned against its user.
//
// A Guard wraps the whole server once (Handler). Every request then goes through, in this order:
//
//  1. security headers, on every answer;
//  2. the check that a browser's writing request comes from our own pages (net/http.CrossOriginProtection). A request with
//     an API token is exempt: no other page can make a browser send one;
//  3. who asks: the API token in the Authorization header, else the session in the cookie; auth.From(ctx) tells from
//     here on. A token that is no good ends the request, a session that has ended only means that nobody is signed in;
//  4. the wall: whoever may not read gets no further than the paths that are public. What else a handler needs, it asks
//     for with Require.
//
// Pages send people who are not signed in to the sign-in page and back; the API answers with problem+json (RFC 9457).
// Signing in, out and following links are handlers here (Routes), because cookies are set there; how their pages look
// is left to whoever implements Pages.
package authhttp

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
)

// Options are what a Guard has to know of the server.
type Options struct {
	// HTTPS says that people reach the server by https even where a request does not show it, because something in front
	// ends TLS.
	HTTPS bool
	// Proxies are the networks of what stands in front. From there, and from nowhere else, X-Forwarded-For and
	// X-Forwarded-Proto are believed.
	Proxies []netip.Prefix
	// Origins are further addresses whose pages may write, such as "https://community.example.org", for proxies that
	// change the Host header.
	Origins []string
	// Public are the paths that need nobody signed in; one that ends in a slash stands for all below it. Signing in and
	// following links always work.
	Public []string
	// API are the paths that are answered with problem+json and never with a redirect. Empty: "/api/".
	API []string
	// Deny and DenyAPI answer a request of a page or of the API that is refused. Without them a page gets a line of text
	// and the API a problem document without a type of its own. Those who are not signed in are sent to the sign-in page
	// without Deny.
	Deny, DenyAPI func(w http.ResponseWriter, r *http.Request, err error)
}

// Guard wraps handlers. It may be used by several goroutines.
type Guard struct {
	auth  *auth.Service
	log   *slog.Logger
	o     Options
	cross *http.CrossOriginProtection
}

// New returns a guard. An origin that is not scheme://host is an error.
func New(service *auth.Service, log *slog.Logger, o Options) (*Guard, error) {
	g := &Guard{auth: service, log: log, o: o, cross: http.NewCrossOriginProtection()}
	if len(g.o.API) == 0 {
		g.o.API = []string{"/api/"}
	}
	for _, origin := range o.Origins {
		if err := g.cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusting the pages of %q: %w", origin, err)
		}
	}
	return g, nil
}

// Handler wraps the whole server.
func (g *Guard) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.setHeaders(w, r)
		if bearer(r) == "" {
			if err := g.cross.Check(r); err != nil {
				g.deny(w, r, &greenroom.Error{
					Code: greenroom.CodeForbidden, Message: "this request came from another site's page; open Greenroom itself and try again", Err: err,
				})
				return
			}
		}
		c, err := g.identify(w, r)
		if err != nil {
			g.deny(w, r, err)
			return
		}
		if c.User.ID != 0 {
			r = r.WithContext(auth.With(r.Context(), c))
		}
		if g.public(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		g.Require(auth.Read)(next).ServeHTTP(w, r)
	})
}

// identify finds the caller; one without a user is nobody.
func (g *Guard) identify(w http.ResponseWriter, r *http.Request) (auth.Caller, error) {
	if token := bearer(r); token != "" {
		return g.auth.ByToken(r.Context(), token)
	}
	cookie, err := r.Cookie(g.cookieName(r))
	if err != nil {
		return auth.Caller{}, nil //nolint:nilerr // no cookie: nobody
	}
	c, err := g.auth.BySession(r.Context(), cookie.Value)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeUnauthorized:
		g.setCookie(w, r, "")
		return auth.Caller{}, nil
	case err != nil:
		return auth.Caller{}, err
	}
	if !c.Until.IsZero() {
		g.setCookie(w, r, auth.Secret(cookie.Value))
	}
	return c, nil
}

// Require wraps a handler that only callers with a permission may reach. What it answers is not kept by browsers and
// proxies unless it says so itself.
func (g *Guard) Require(p auth.Permission) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			c, _ := auth.From(r.Context())
			if err := c.Need(p); err != nil {
				g.deny(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// public reports whether a path needs nobody signed in. A path with dots or doubled slashes in it is none: what stands
// behind may read it as another one.
func (g *Guard) public(p string) bool {
	if clean := path.Clean(p); clean != p && clean+"/" != p {
		return false
	}
	if token, ok := strings.CutPrefix(p, auth.JoinPath); ok {
		return !strings.Contains(token, "/")
	}
	return p == auth.SignInPath || p == auth.SignOutPath || covers(g.o.Public, p)
}

// covers reports whether a list of paths has one; those that end in a slash stand for all below.
func covers(list []string, p string) bool {
	for _, known := range list {
		if p == known || strings.HasSuffix(known, "/") && strings.HasPrefix(p, known) {
			return true
		}
	}
	return false
}

func (g *Guard) api(r *http.Request) bool { return covers(g.o.API, r.URL.Path) || bearer(r) != "" }

// bearer returns what follows "Bearer" in the Authorization header, "" where there is no such header. A header of that
// kind without a token gives a text that is no token.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	if token = strings.TrimSpace(token); token == "" {
		return "none"
	}
	return token
}

// LogPath is the path of a request as it may be written into a log: a link's token is left out.
func LogPath(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, auth.JoinPath) {
		return auth.JoinPath + "..."
	}
	return r.URL.Path
}

// signInURL is the sign-in page, with the way back.
func signInURL(next string) string {
	next = auth.LocalPath(next)
	if next == "/" {
		return auth.SignInPath
	}
	return auth.SignInPath + "?next=" + url.QueryEscape(next)
}
