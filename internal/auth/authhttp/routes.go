// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package authhttp

import (
	"context"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
)

// Pages are how signing in and joining look. They answer with the form's Status.
type Pages interface {
	// SignIn shows a form that posts email, password and next to auth.SignInPath.
	SignIn(w http.ResponseWriter, r *http.Request, f auth.SignInForm)
	// Join shows a form that posts email, name and password, as far as they are asked, to the path of the request.
	Join(w http.ResponseWriter, r *http.Request, f auth.JoinForm)
}

// maxForm is the size of a form here in bytes; all of them are short.
const maxForm = 16 << 10

// Routes registers the sign-in page, signing out and the pages behind links.
func (g *Guard) Routes(mux *http.ServeMux, pages Pages) {
	mux.Handle("GET "+auth.SignInPath, g.form(func(w http.ResponseWriter, r *http.Request) { g.showSignIn(w, r, pages) }))
	mux.Handle("POST "+auth.SignInPath, g.form(func(w http.ResponseWriter, r *http.Request) { g.signIn(w, r, pages) }))
	mux.Handle("POST "+auth.SignOutPath, g.form(g.signOut))
	mux.Handle("GET "+auth.JoinPath+"{token}", g.form(func(w http.ResponseWriter, r *http.Request) { g.openLink(w, r, pages) }))
	mux.Handle("POST "+auth.JoinPath+"{token}", g.form(func(w http.ResponseWriter, r *http.Request) { g.join(w, r, pages) }))
}

// form reads the form of a request. What is answered is nobody else's.
func (g *Guard) form(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			g.deny(w, r, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form could not be read; go back and send it again", Err: err})
			return
		}
		next(w, r)
	})
}

func (g *Guard) showSignIn(w http.ResponseWriter, r *http.Request, pages Pages) {
	next := auth.LocalPath(r.Form.Get("next"))
	if c, ok := auth.From(r.Context()); ok && c.Session != "" {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	pages.SignIn(w, r, auth.SignInForm{Next: next, Status: http.StatusOK})
}

func (g *Guard) signIn(w http.ResponseWriter, r *http.Request, pages Pages) {
	next := auth.LocalPath(r.PostForm.Get("next"))
	email := r.PostForm.Get("email")
	in, err := g.auth.SignIn(r.Context(), email, r.PostForm.Get("password"), g.origin(r))
	if err != nil {
		g.logFault(r, "signing in", err)
		retryAfter(w.Header(), err)
		pages.SignIn(w, r, auth.SignInForm{
			Next: next, Email: email, Error: greenroom.ErrorMessage(err), Wait: auth.RetryAfter(err), Status: Status(err),
		})
		return
	}
	g.enter(w, r, in, next)
}

// enter gives the browser its new session. One that it had before ends.
func (g *Guard) enter(w http.ResponseWriter, r *http.Request, in auth.SignedIn, next string) {
	if c, ok := auth.From(r.Context()); ok && c.Session != "" {
		if err := g.auth.SignOut(r.Context(), c); err != nil {
			g.log.WarnContext(r.Context(), "ending the session before", "error", err)
		}
	}
	g.setCookie(w, r, in.Token)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// signOut ends the session of the request, or with everywhere=true all of the user.
func (g *Guard) signOut(w http.ResponseWriter, r *http.Request) {
	if c, ok := auth.From(r.Context()); ok && c.Session != "" {
		out := g.auth.SignOut
		if r.PostForm.Get("everywhere") == "true" {
			out = func(ctx context.Context, c auth.Caller) error { return g.auth.SignOutEverywhere(ctx, c, false) }
		}
		if err := out(r.Context(), c); err != nil {
			g.deny(w, r, err)
			return
		}
	}
	g.setCookie(w, r, "")
	http.Redirect(w, r, auth.SignInPath, http.StatusSeeOther)
}

// openLink shows the form behind a link. The sample's link needs none and signs in at once.
func (g *Guard) openLink(w http.ResponseWriter, r *http.Request, pages Pages) {
	token := r.PathValue("token")
	i, err := g.auth.OpenLink(r.Context(), token)
	if err != nil {
		g.logFault(r, "opening a link", err)
		pages.Join(w, r, auth.JoinForm{Error: greenroom.ErrorMessage(err), Status: Status(err)})
		return
	}
	if i.Kind != auth.LinkSample {
		pages.Join(w, r, joinForm(i, http.StatusOK))
		return
	}
	if c, ok := auth.From(r.Context()); ok && c.User.ID == i.UserID {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if r.Method != http.MethodGet || strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		w.WriteHeader(http.StatusNoContent) // nobody has clicked yet
		return
	}
	g.join(w, r, pages)
}

func (g *Guard) join(w http.ResponseWriter, r *http.Request, pages Pages) {
	token := r.PathValue("token")
	j := auth.Joining{Email: r.PostForm.Get("email"), Name: r.PostForm.Get("name"), Password: r.PostForm.Get("password")}
	in, err := g.auth.Join(r.Context(), token, j, g.origin(r))
	if err == nil {
		g.enter(w, r, in, "/")
		return
	}
	g.logFault(r, "following a link", err)
	f := auth.JoinForm{Error: greenroom.ErrorMessage(err), Status: Status(err)}
	if i, lerr := g.auth.OpenLink(r.Context(), token); lerr == nil {
		f = joinForm(i, Status(err))
		f.Error, f.Name = greenroom.ErrorMessage(err), j.Name
		if f.AskEmail {
			f.Email = j.Email
		}
	}
	pages.Join(w, r, f)
}

func joinForm(i auth.Invitation, status int) auth.JoinForm {
	return auth.JoinForm{
		Kind: i.Kind, Email: i.Email, Role: i.Role, MinPassword: auth.MinPassword, Status: status,
		AskEmail: i.Kind == auth.LinkFirst, AskName: i.UserID == 0,
	}
}

// logFault logs an error that is ours; those of the person who asks are shown to them.
func (g *Guard) logFault(r *http.Request, doing string, err error) {
	if code := greenroom.ErrorCode(err); code == greenroom.CodeInternal || code == greenroom.CodeUnavailable {
		g.log.ErrorContext(r.Context(), "answering a form failed", "doing", doing, "error", err)
	}
}
