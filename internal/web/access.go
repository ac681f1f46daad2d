// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"net/http"

	"greenroom/internal/auth"
	"greenroom/internal/web/ui"
)

// accessBody is what access.html shows: signing in, or joining by a link.
type accessBody struct {
	Title string
	Text  string
	Note  string // below the form
	Form  *ui.Form
	Next  *ui.Action
}

// accessPages are how signing in and joining look; package authhttp handles what they send.
type accessPages struct {
	*Site
	view *ui.View[accessBody]
}

func (s *Site) access() (*accessPages, error) {
	view, err := ui.Parse[accessBody](s.kit, templates, "templates/access.html")
	if err != nil {
		return nil, err
	}
	return &accessPages{Site: s, view: view}, nil
}

// SignIn shows the sign-in form.
func (p *accessPages) SignIn(w http.ResponseWriter, r *http.Request, f auth.SignInForm) {
	p.show(w, r, f.Status, accessBody{Title: "Sign in", Note: "Lost your password? Somebody who owns this Greenroom makes a sign-in link for you under Settings, People; on the server, greenroom user link E-MAIL does.", Form: &ui.Form{
		Post: auth.SignInPath, Error: sentence(f.Error), Hidden: []ui.Hidden{{Name: "next", Value: f.Next}}, Fields: []ui.Field{
			{Name: "email", Label: "E-mail", Type: "email", Value: f.Email, Autocomplete: "username", Required: true},
			{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password", Required: true},
		}, Actions: []ui.Action{{Label: "Sign in", Submit: true, Style: ui.StylePrimary}},
	}})
}

// Join shows the form behind a link.
func (p *accessPages) Join(w http.ResponseWriter, r *http.Request, f auth.JoinForm) {
	if f.Kind == "" {
		p.show(w, r, f.Status, accessBody{Title: "This link does not open", Text: sentence(f.Error), Next: &ui.Action{Label: "Sign in", Href: auth.SignInPath}})
		return
	}
	form := &ui.Form{Post: r.URL.Path, Error: sentence(f.Error), Actions: []ui.Action{{Label: "Come in", Submit: true, Style: ui.StylePrimary}}}
	if f.AskEmail {
		form.Fields = append(form.Fields, ui.Field{Name: "email", Label: "E-mail", Type: "email", Value: f.Email, Autocomplete: "username", Required: true, Help: "Names you here; no mail is sent"})
	}
	if f.AskName {
		form.Fields = append(form.Fields, ui.Field{Name: "name", Label: "Your name", Value: f.Name, Autocomplete: "name", Required: true})
	}
	form.Fields = append(form.Fields, ui.Field{
		Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password",
		Help: "At least " + ui.Number(f.MinPassword) + " characters. You may leave it out and come back by links only.",
	})
	text := "You are the first person here and become the owner. Everything stays on this server."
	switch f.Kind { //nolint:exhaustive // the sample's link shows no form
	case auth.LinkInvite:
		text = "You are invited as " + string(f.Role) + " (" + f.Email + ")."
	case auth.LinkReturn:
		text = "Welcome back, " + firstText(f.Name, f.Email) + ". A new password is set if you write one."
	}
	p.show(w, r, f.Status, accessBody{Title: "Welcome to Greenroom", Text: text, Form: form})
}

func (p *accessPages) show(w http.ResponseWriter, r *http.Request, code int, body accessBody) {
	shell := ui.Shell{Title: body.Title, Community: p.cfg.Community, Bare: true}
	if err := send(w, code, func(to io.Writer) error { return p.view.Render(to, shell, body) }); err != nil {
		p.fail(w, r, err)
	}
}
