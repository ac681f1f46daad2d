// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/digest"
	"greenroom/internal/fetch"
	"greenroom/internal/health"
	"greenroom/internal/mail"
)

// digests performs the actions that send digests, in a process that can compute them.
type digests struct{ service *digest.Service }

// Perform sends digests. In a process that cannot, they wait for one that can.
func (d *digests) Perform(ctx context.Context, a *action.Action, items []action.Item) error {
	if d.service == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "the server sends digests, or greenroom digest send")
	}
	return d.service.Perform(ctx, a, items) //nolint:wrapcheck // its words are for people
}

// Digests sends what changed, and notes what people do with it in the audit log.
type Digests struct {
	*digest.Service

	audit auditor
}

// Digests makes the service. Actions are carried out by acts.
func (a *App) Digests(wellbeing *health.Service, acts *Acts, o ServeOptions) *Digests {
	acts.digests.service = digest.New(digest.Config{
		Store: a.Store, Changes: wellbeing, Seal: a.keys, Mailer: mail.Sender{}, Poster: fetch.Guarded(requestTimeout, o.Allowed), Team: a.team, Wake: acts.runner.Wake,
		Log: a.Log, Now: a.Now, Zone: a.Zone, Community: o.Community, Base: o.PublicURL,
	})
	return &Digests{Service: acts.digests.service, audit: auditor{a.Auth}}
}

// bareDigest is the service where no digest is sent.
func (a *App) bareDigest() *digest.Service {
	return digest.New(digest.Config{Store: a.Store, Seal: a.keys, Mailer: mail.Sender{}, Log: a.Log, Now: a.Now, Zone: a.Zone})
}

// MailSettings is the service for who sets how mail and digests go, and sends none but a test.
func (a *App) MailSettings() *Digests {
	return &Digests{Service: a.bareDigest(), audit: auditor{a.Auth}}
}

// ReachedAt is where people reach Greenroom, as a server was told last; nil where none was.
func (a *App) ReachedAt(ctx context.Context) (*url.URL, error) {
	set, err := a.bareDigest().Settings(ctx)
	if err != nil || set.Base == "" {
		return nil, err
	}
	u, err := url.Parse(set.Base)
	if err != nil {
		return nil, fmt.Errorf("reading where people reach Greenroom: %w", err)
	}
	return u, nil
}

// team are the mail addresses of everybody who may sign in.
func (a *App) team(ctx context.Context) ([]string, error) {
	users, err := a.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	for i := range users {
		if !users[i].Disabled {
			all = append(all, users[i].Email)
		}
	}
	return all, nil
}

// Send sends this week's digest and notes who wanted it.
func (d *Digests) Send(ctx context.Context, by string, again bool) ([]action.Action, error) {
	all, err := d.Service.Send(ctx, by, again)
	if err != nil {
		return all, err
	}
	return all, d.audit.Audit(ctx, by, "digest.send", "digest", "")
}

// SetRhythm sets when digests are sent to whom, and notes it.
func (d *Digests) SetRhythm(ctx context.Context, r digest.Settings, slack *string) error {
	if err := d.Service.SetRhythm(ctx, r, slack); err != nil {
		return err
	}
	return d.audit.Audit(ctx, "", "digest.set", "digest", "")
}

// SetServer sets the mail server, and notes it.
func (d *Digests) SetServer(ctx context.Context, v digest.Server, password *string) error {
	if err := d.Service.SetServer(ctx, v, password); err != nil {
		return err
	}
	return d.audit.Audit(ctx, "", "mail.set", v.Host, "")
}

// leavePage is what a link of unsubscribing opens. Mail programs open links by themselves, so opening it asks only.
//
//nolint:gochecknoglobals // a constant in all but name
var leavePage = template.Must(template.New("leave").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Unsubscribe</title></head>
<body><main><h1>{{.Title}}</h1><p>{{.Text}}</p>{{if .Ask}}<form method="post"><input type="hidden" name="t" value="{{.Ask}}"><button>Unsubscribe</button></form>{{end}}</main></body></html>
`))

// leave takes somebody off the list of the digest: whoever has the link of their mail, without signing in, as mail
// programs do it with one click (RFC 8058).
func (d *Digests) leave(w http.ResponseWriter, r *http.Request) {
	page := struct{ Title, Text, Ask string }{Title: "Unsubscribe"}
	token, code := r.FormValue("t"), http.StatusOK
	address, err := d.Leaver(token)
	switch {
	case err != nil:
		code, page.Text = http.StatusNotFound, "This link does not open. Ask whoever runs this Greenroom to take you off the list."
	case r.Method == http.MethodPost:
		if _, err := d.Leave(r.Context(), token); err != nil {
			code, page.Text = http.StatusServiceUnavailable, "That did not work. Try again in a moment."
			break
		}
		page.Title, page.Text = "Done", address+" gets no more digests."
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		page.Text, page.Ask = "No more digests to "+address+"?", token
	default:
		code, page.Text = http.StatusMethodNotAllowed, "This page takes no such request."
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(code)
	_ = leavePage.Execute(w, page) // who has left needs no answer
}
