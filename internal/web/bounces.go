// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"strconv"

	"greenroom/internal/bounce"
	"greenroom/internal/web/ui"
)

// Bounces reads mail that comes back; bounce.Service does.
type Bounces interface {
	Settings(ctx context.Context) (bounce.Settings, error)
	SetBox(ctx context.Context, b bounce.Box, password *string) error
	Refused(ctx context.Context) (int64, error)
	Read(ctx context.Context) error
}

// bounces is the card on the mailbox that mail comes back to.
func (p *settingsPages) bounces(r *http.Request) ([]settingsCard, error) {
	if p.cfg.Bounces == nil {
		return nil, nil
	}
	set, err := p.cfg.Bounces.Settings(r.Context())
	if err != nil {
		return nil, err
	}
	refused, err := p.cfg.Bounces.Refused(r.Context())
	if err != nil {
		return nil, err
	}
	card := settingsCard{Title: "Mail that comes back", Text: "Some mail comes back only later, to the address that it is from. Name the mailbox of that address, and Greenroom reads what comes back: who refuses mail for good is not written to any more. " + countText(refused, "address does", "addresses do") + " so far."}
	if !set.ReadAt.IsZero() {
		card.Text += " The mailbox was last read on " + set.ReadAt.In(p.cfg.Zones.Zone()).Format("2 January, 15:04") + ": " + countText(set.Reports, "report", "reports") + ", " + countText(set.Replies, "answer", "answers") + " to mail from here, and " + countText(set.Others, "other message", "other messages") + " in all, which were left alone."
	}
	if set.Problem != "" {
		card.Text += " It cannot be read: " + sentence(set.Problem)
	}
	secret := "Sealed, and not shown again."
	if set.Box.Password != "" {
		secret = "One is set. Left empty, it stays; a dash takes it away."
	}
	card.Form = &ui.Form{Post: "/settings/mail/bounces", Fields: []ui.Field{
		{Name: "server", Label: "IMAP server", Value: set.Box.Server, Placeholder: "imap.example.com", Help: "By TLS. Left empty, no mailbox is read; a mail server can also hand over what comes back: greenroom mail bounce."},
		{Name: "user", Label: "User", Value: set.Box.User, Autocomplete: "off"},
		{Name: "password", Label: "Password", Type: "password", Autocomplete: "off", Help: secret},
		{Name: "folder", Label: "Folder", Value: set.Box.Folder, Placeholder: "INBOX"},
	}, Actions: []ui.Action{{Label: "Save and read it", Submit: true}}}
	return []settingsCard{card}, nil
}

func (p *settingsPages) setBounces(w http.ResponseWriter, r *http.Request) error {
	box := bounce.Box{Server: r.FormValue("server"), User: r.FormValue("user"), Folder: r.FormValue("folder")}
	if err := p.cfg.Bounces.SetBox(r.Context(), box, kept(r.FormValue("password"))); err != nil {
		return err
	}
	if err := p.cfg.Bounces.Read(r.Context()); err != nil {
		return err
	}
	set, err := p.cfg.Bounces.Settings(r.Context())
	if err != nil {
		return err
	}
	done := "Saved: no mailbox is read."
	if set.Box.Server != "" {
		done = "Saved. The mailbox was read: " + strconv.FormatInt(set.Reports, 10) + " reports so far."
	}
	return p.back(w, r, "/settings/mail", done, "")
}
