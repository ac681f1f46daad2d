// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
)

// Writing is writing to members; outbox.Service does.
type Writing interface {
	Reach(ctx context.Context, member int64) (*outbox.Reach, error)
	Write(ctx context.Context, member int64, l outbox.Letter, name, by string) (outbox.Message, error)
	Choose(ctx context.Context, member int64, c consent.Choice, by string) error
}

// contactCard is whether and how a member can be written to.
type contactCard struct {
	Head     ui.CardHead
	Says     string
	Facts    []ui.Fact
	Messages []ui.Row
}

// contact says whether they may be written to, and what they were sent.
func (p *memberPage) contact(r *http.Request, m *greenroom.Member, body *memberBody) error {
	if p.cfg.Writing == nil || m.Bot {
		return nil
	}
	reach, err := p.cfg.Writing.Reach(r.Context(), m.ID)
	if err != nil {
		return err
	}
	card := &contactCard{Head: ui.CardHead{Title: "Contact"}, Says: reachSays(reach, p.cfg.Now().In(p.cfg.Zones.Zone()).Format(dayFormat), p)}
	var yes, no []string
	for _, a := range reach.Purposes {
		if a.Allowed {
			yes = append(yes, a.Label)
		} else {
			no = append(no, a.Label)
		}
	}
	if !reach.Silent {
		card.Facts = append(card.Facts, ui.Fact{Label: "Takes", Value: strings.Join(yes, ", ")})
		if len(no) > 0 {
			card.Facts = append(card.Facts, ui.Fact{Label: "Does not take", Value: strings.Join(no, ", ")})
		}
	}
	if len(reach.Refusing) > 0 {
		card.Facts = append(card.Facts, ui.Fact{Label: "Mail comes back from", Value: strings.Join(reach.Refusing, ", ")})
	}
	for i := range reach.Messages {
		card.Messages = append(card.Messages, p.messageRow(&reach.Messages[i]))
	}
	if person(r).MayWrite {
		base := memberHref(m.ID) + "/contact"
		if reach.Silent {
			card.Head.Actions = []ui.Action{{Label: "May be contacted again", Post: base, Hidden: []ui.Hidden{{Name: "allowed", Value: "1"}}, Small: true}}
		} else {
			card.Head.Actions = []ui.Action{{Label: "Do not contact", Post: base, Small: true}}
		}
		if !reach.Silent && len(reach.Addresses) > 0 {
			body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Write…", Dialog: "write", Key: "w"})
			body.Dialogs = append(body.Dialogs, p.writeDialog(m, reach))
		}
	}
	body.Contact = card
	return nil
}

const dayFormat = "2 January 2006"

func reachSays(reach *outbox.Reach, today string, p *memberPage) string {
	switch {
	case reach.Silent:
		return "Not to be contacted, by anything that Greenroom sends."
	case reach.May:
		return "A message may go out now."
	case reach.At.IsZero():
		return "No message goes out: " + reach.Reason + "."
	}
	at := reach.At.In(p.cfg.Zones.Zone())
	when := at.Format(dayFormat + ", 15:04")
	if at.Format(dayFormat) == today {
		when = at.Format("15:04")
	}
	return "Messages wait until " + when + ": " + reach.Reason + "."
}

func (p *memberPage) messageRow(m *outbox.Message) ui.Row {
	row := ui.Row{Title: firstText(m.Subject, excerpt(m.Text, 80)), Meta: []ui.Meta{{Text: m.Channel.Label()}}, Pills: []ui.Pill{messagePill(m)}}
	switch {
	case !m.SentAt.IsZero():
		row.Meta = append(row.Meta, ui.Meta{Text: "sent"}, ui.Meta{Time: m.SentAt})
	case m.State == outbox.Queued && m.NextAt.After(p.cfg.Now()):
		row.Meta = append(row.Meta, ui.Meta{Text: "goes out " + m.NextAt.In(p.cfg.Zones.Zone()).Format("2 January, 15:04")})
	default:
		row.Meta = append(row.Meta, ui.Meta{Text: "made"}, ui.Meta{Time: m.CreatedAt})
	}
	if m.Reason != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: m.Reason})
	}
	return row
}

func (p *memberPage) writeDialog(m *greenroom.Member, reach *outbox.Reach) ui.Dialog {
	var to []ui.Option
	for _, a := range reach.Addresses {
		to = append(to, ui.Option{Value: a, Label: a})
	}
	return ui.Dialog{ID: "write", Title: "Write to " + m.Name, Text: "A mail in your name; answers come to you.", Form: ui.Form{Post: memberHref(m.ID) + "/write", Fields: []ui.Field{
		{Name: "to", Label: "To", Type: "select", Options: to, Prefix: "write-"},
		{Name: "subject", Label: "Subject", Required: true, Prefix: "write-"},
		{Name: "text", Label: "Text", Type: "textarea", Required: true, Help: "Markdown", Prefix: "write-"},
	}, Actions: []ui.Action{{Label: "Send", Submit: true, Style: ui.StylePrimary}}}}
}

// choose notes that a member is not to be contacted, or is again.
func (p *memberPage) choose(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	allowed := r.FormValue("allowed") != ""
	if err := p.cfg.Writing.Choose(r.Context(), id, consent.Choice{Purpose: consent.All, Allowed: allowed, How: "by the team"}, person(r).Actor); err != nil {
		return err
	}
	done, undo := "They are not contacted any more.", memberHref(id)+"/contact?allowed=1"
	if allowed {
		done, undo = "They may be contacted again.", memberHref(id)+"/contact"
	}
	return p.back(w, r, memberHref(id), done, undo)
}

func (p *memberPage) write(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	me := person(r)
	m, err := p.cfg.Writing.Write(r.Context(), id, outbox.Letter{To: r.FormValue("to"), Subject: r.FormValue("subject"), Text: r.FormValue("text")}, me.Name, me.Seed)
	if err != nil {
		return err
	}
	return p.back(w, r, memberHref(id), "The mail goes to "+m.To+".", "")
}
