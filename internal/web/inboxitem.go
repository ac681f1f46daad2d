// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
)

// open is an item with what stands beside it.
func (p *inboxPages) open(r *http.Request, id int64) (*openItem, error) {
	d, err := p.cfg.Inbox.Item(r.Context(), id)
	if err != nil {
		return nil, err
	}
	all, err := p.cfg.Objects.ConversationActivities(r.Context(), id, shownMessages)
	if err != nil {
		return nil, err
	}
	c := &d.Conversation
	o := &openItem{State: p.statePills(&d.Item)}
	o.Head = ui.Head{
		Title:    firstText(c.Title, "(no text)"),
		Subtitle: placeText(c.Source, c.Channel) + " · opened " + ui.Ago(p.cfg.Now(), c.OpenedAt) + " · " + countText(c.Participants, "person", "people"),
		Back:     &ui.Action{Label: "Inbox", Href: withQuery(inboxPath, listOf(r))},
	}
	said, err := p.readings(r, all)
	if err != nil {
		return nil, err
	}
	p.talk.messages(r, &o.openConversation, c, all, said)
	if len(all) >= shownMessages {
		o.More = "The first " + ui.Number(shownMessages) + " entries are shown. The rest is at the source."
	}
	p.talk.facts(&o.openConversation, c)
	o.Facts = append([]ui.Fact{{Label: "All of it", Value: "as a conversation", Href: conversationHref(id)}}, o.Facts...)
	if err := p.talk.author(r, &o.openConversation, c); err != nil {
		return nil, err
	}
	sent, err := p.cfg.Inbox.Sent(r.Context(), id)
	if err != nil {
		return nil, err
	}
	p.history(r, o, &d, sent)
	if err := p.twins(r, o, &d); err != nil {
		return nil, err
	}
	h, err := p.cfg.Inbox.Help(r.Context(), id)
	if err != nil {
		return nil, err
	}
	may := person(r).MayWrite
	p.helpers(r, o, id, &h, may)
	if o.Beside, err = p.documentsBeside(r, c, all); err != nil {
		return nil, err
	}
	if !may {
		return o, nil
	}
	if err := p.tools(r, o, &d, &h); err != nil {
		return nil, err
	}
	return o, p.replyForm(r, o, &d)
}

// keep are hidden fields that lead back to the same list.
func keep(r *http.Request) []ui.Hidden {
	var all []ui.Hidden
	for name, v := range listOf(r) {
		all = append(all, ui.Hidden{Name: name, Value: v[0]})
	}
	return all
}

// history splits what happened into notes, which are read, and the rest.
func (p *inboxPages) history(r *http.Request, o *openItem, d *inbox.Detail, sent []outbox.Message) {
	messages := make(map[int64]*outbox.Message, len(sent))
	for i := range sent {
		messages[sent[i].ID] = &sent[i]
	}
	for i := range d.Events {
		e := &d.Events[i]
		row := ui.Row{Title: eventText(e), Meta: []ui.Meta{{Text: e.Actor}, {Time: e.At}}}
		if m := messages[e.MessageID]; m != nil {
			row.Pills = append(row.Pills, messagePill(m))
			if e.What == inbox.WhatReply {
				row.Text = m.Text
			}
		}
		if !e.UndoneAt.IsZero() {
			row.Pills = append(row.Pills, ui.Pill{Text: "taken back", Title: "by " + e.UndoneBy})
		}
		if e.MayUndo && person(r).MayWrite {
			row.Actions = []ui.Action{{Label: "Undo", Label2: "Undo: " + eventText(e), Post: undoItemHref(e.ID), Hidden: keep(r), Small: true, Style: ui.StyleQuiet}}
		}
		if e.What == inbox.WhatNote && e.UndoneAt.IsZero() {
			row.Title, row.Text = "Note", e.Note
			if e.Detail != "" {
				row.Pills = append(row.Pills, ui.Pill{Text: e.Detail, Tone: ui.ToneInfo})
			}
			o.Notes = append(o.Notes, row)
			continue
		}
		o.History = append(o.History, row)
	}
}

func undoItemHref(event int64) string { return "/inbox-undo/" + idText(event) }

// eventText says what happened.
func eventText(e *inbox.Event) string {
	text := map[inbox.What]string{
		inbox.WhatAssign: "Given", inbox.WhatSnooze: "Put to sleep", inbox.WhatWake: "Woken", inbox.WhatDone: "Marked as done", inbox.WhatElsewhere: "Answered elsewhere:", inbox.WhatReopen: "Reopened",
		inbox.WhatMerge: "Merged", inbox.WhatReply: "Replied", inbox.WhatFailed: "A reply did not go out:", inbox.WhatNote: "Note", inbox.WhatAsk: "Asked for help:", inbox.WhatEscalate: "Escalated,", inbox.WhatBack: "Back from its snooze",
	}[e.What]
	return strings.TrimRight(strings.TrimSpace(text+" "+e.Detail), ":,")
}

// messagePill says how far a message is.
func messagePill(m *outbox.Message) ui.Pill {
	pill := ui.Pill{Text: string(m.State), Title: m.Reason, Href: outside(m.URL)}
	switch m.State {
	case outbox.Sent:
		pill.Tone = ui.ToneGood
	case outbox.Failed, outbox.Uncertain:
		pill.Tone = ui.ToneBad
	case outbox.Draft:
		pill.Tone = ui.ToneWarn
	case outbox.Queued, outbox.Sending:
		pill.Tone, pill.Text = ui.ToneWarn, "goes out soon"
	case outbox.Skipped:
		pill.Text = "not sent"
	}
	return pill
}

// twins lists conversations that were merged into the item.
func (p *inboxPages) twins(r *http.Request, o *openItem, d *inbox.Detail) error {
	for _, id := range d.Duplicates {
		c, err := p.cfg.Objects.Conversation(r.Context(), id)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		o.Twins = append(o.Twins, ui.Row{Title: firstText(excerpt(c.Title, 110), "(no text)"), Href: inboxHref(id), Meta: []ui.Meta{{Text: c.Author}, {Text: placeText(c.Source, c.Channel)}, {Time: c.OpenedAt}}})
	}
	return nil
}

// helpers lists who could answer, and what was answered before.
func (p *inboxPages) helpers(r *http.Request, o *openItem, id int64, h *inbox.Help, may bool) {
	for i := range h.Team {
		c := &h.Team[i]
		row := ui.Row{Title: c.Name, Href: memberHref(c.MemberID), Meta: []ui.Meta{{Text: c.Why}}}
		if may && c.Person != "" {
			row.Actions = []ui.Action{{Label: "Assign", Label2: "Assign to " + c.Name, Post: inboxHref(id) + "/assign", Hidden: append(keep(r), ui.Hidden{Name: "to", Value: c.Person}), Small: true}}
		}
		o.Team = append(o.Team, row)
	}
	for i := range h.Members {
		c := &h.Members[i]
		row := ui.Row{Title: c.Name, Href: memberHref(c.MemberID), Meta: []ui.Meta{{Text: c.Why}}}
		switch {
		case c.Tired != "":
			row.Meta = append(row.Meta, ui.Meta{Text: c.Tired})
		case may:
			dialog := ui.Dialog{ID: "ask" + idText(c.MemberID), Title: "Ask " + c.Name + " to help", Text: "A direct message in your name on the same platform, where Greenroom can write there; otherwise it is only noted that you asked. Whoever was asked is left in peace for a while.", Form: ui.Form{
				Post: inboxHref(id) + "/ask", Hidden: append(keep(r), ui.Hidden{Name: "member", Value: idText(c.MemberID)}),
				Fields:  []ui.Field{{Name: "text", Prefix: "ask" + idText(c.MemberID), Label: "Message", Type: "textarea", Required: true, Value: "Hi " + c.Name + ", you know this well: could you have a look? " + outside(o.sourceURL())}},
				Actions: []ui.Action{{Label: "Ask", Submit: true, Style: ui.StylePrimary}},
			}}
			o.Dialogs = append(o.Dialogs, dialog)
			row.Actions = []ui.Action{{Label: "Ask", Label2: "Ask " + c.Name, Dialog: dialog.ID, Small: true}}
		}
		o.Helpers = append(o.Helpers, row)
	}
	for i := range h.Similar {
		s := &h.Similar[i]
		c := &s.Conversation
		o.Similar = append(o.Similar, ui.Row{Title: firstText(excerpt(c.Title, 90), "(no text)"), Href: conversationHref(c.ID), Meta: []ui.Meta{{Text: placeText(c.Source, c.Channel)}, {Time: c.OpenedAt}, {Text: fmt.Sprintf("%.0f %% alike", 100*s.Share)}}})
	}
}

// sourceURL is where the first message stands at its source.
func (o *openItem) sourceURL() string {
	if o.Source != nil {
		return o.Source.Href
	}
	for i := range o.Messages {
		if o.Messages[i].URL != "" {
			return o.Messages[i].URL
		}
	}
	return ""
}

// tools are the buttons on an item and the dialogs that they open.
func (p *inboxPages) tools(r *http.Request, o *openItem, d *inbox.Detail, h *inbox.Help) error {
	id, at := d.Conversation.ID, inboxHref(d.Conversation.ID)
	team, err := p.cfg.Inbox.Team(r.Context())
	if err != nil {
		return err
	}
	post := func(label, what, key string) ui.Action {
		return ui.Action{Label: label, Post: at + "/" + what, Key: key, Hidden: keep(r)}
	}
	button := func(label, dialog, key string) ui.Action { return ui.Action{Label: label, Dialog: dialog, Key: key} }
	assign := button("Assign", "assign", "a")
	assign.Style = ui.StylePrimary
	switch d.Status {
	case inbox.Done, inbox.Merged, inbox.Answered:
		o.Head.Actions = []ui.Action{post("Reopen", "reopen", "d"), button("Note", "note", "n")}
	case inbox.Snoozed:
		o.Head.Actions = []ui.Action{post("Wake", "wake", "w"), button("Snooze", "snooze", "s"), button("Answered elsewhere", "elsewhere", "e"), button("Note", "note", "n"), post("Done", "done", "d"), assign}
	case inbox.Waiting:
		o.Head.Actions = []ui.Action{button("Snooze", "snooze", "s"), button("Answered elsewhere", "elsewhere", "e"), button("Note", "note", "n"), button("Merge", "merge", "m"), post("Done", "done", "d"), assign}
	}
	if to := outside(firstText(d.Conversation.URL, o.sourceURL())); to != "" {
		o.Head.Actions = append([]ui.Action{{Label: "Open at source", Href: to, Key: "o"}}, o.Head.Actions...)
	}
	o.Dialogs = append(o.Dialogs, p.dialogs(r, id, d, team, h)...)
	return nil
}

// dialogs ask for what the buttons need.
func (p *inboxPages) dialogs(r *http.Request, id int64, d *inbox.Detail, team []inbox.Person, h *inbox.Help) []ui.Dialog {
	me := person(r).Seed
	people := []ui.Option{{Value: me, Label: "Me"}}
	for _, t := range team {
		if t.Email != me {
			people = append(people, ui.Option{Value: t.Email, Label: t.Label()})
		}
	}
	people = append(people, ui.Option{Value: inbox.ByTurn, Label: "Whoever's turn it is"})
	if len(h.Team) > 0 {
		people = append(people, ui.Option{Value: inbox.ByExpertise, Label: "Whoever knows most: " + h.Team[0].Name + ", " + h.Team[0].Why})
	}
	people = append(people, ui.Option{Value: "", Label: "Nobody"})
	form := func(what, button string, fields ...ui.Field) ui.Form {
		for i := range fields {
			fields[i].Prefix = what
		}
		return ui.Form{Post: inboxHref(id) + "/" + what, Hidden: keep(r), Fields: fields, Actions: []ui.Action{{Label: button, Submit: true, Style: ui.StylePrimary}}}
	}
	return []ui.Dialog{
		{ID: "assign", Title: "Whose is it?", Form: form("assign", "Assign", ui.Field{Name: "to", Label: "To", Type: "select", Options: withOwner(people, d.Owner), Value: cmp.Or(d.Owner, me)})},
		{ID: "snooze", Title: "Snooze", Form: form("snooze", "Snooze",
			ui.Field{Name: "for", Label: "Until", Type: "select", Value: "tomorrow", Options: append(slices.Clone(snoozes), ui.Option{Value: "at", Label: "The time below"})},
			ui.Field{Name: "at", Label: "Day and time", Type: "datetime-local"},
			ui.Field{Name: "reply", Label: "Also wake it when somebody writes", Type: "checkbox", Checked: true})},
		{ID: "note", Title: "Internal note", Text: "Only your team sees it. Name people with @ to tell them: " + names(team) + ".", Form: form("note", "Keep the note", ui.Field{Name: "text", Label: "Note", Type: "textarea", Required: true})},
		{ID: "elsewhere", Title: "Answered elsewhere", Form: form("elsewhere", "Done", ui.Field{Name: "link", Label: "Where", Type: "url", Required: true, Placeholder: "https://docs.example.org/keys", Help: "The address of the answer."})},
		{ID: "merge", Title: "It asks the same as another", Text: "The other one is answered for both. This can be undone.", Form: form("merge", "Merge", ui.Field{Name: "into", Label: "Number or address of the other conversation", Required: true, Placeholder: "1203", Help: "The number at the end of the address of its page here."})},
	}
}

// names lists how people of the team can be named in a note.
func names(team []inbox.Person) string {
	var all []string
	for i, t := range team {
		if i == 4 {
			all = append(all, "...")
			break
		}
		local, _, _ := strings.Cut(t.Email, "@")
		all = append(all, "@"+local)
	}
	return strings.Join(all, ", ")
}

// replyForm is where a reply is written.
func (p *inboxPages) replyForm(r *http.Request, o *openItem, d *inbox.Detail) error {
	if d.Status != inbox.Waiting && d.Status != inbox.Snoozed {
		return nil
	}
	ch, err := p.cfg.Inbox.ReplyChannel(r.Context(), d.Conversation.ID)
	if err != nil {
		return err
	}
	o.Reply = &replyForm{Post: inboxHref(d.Conversation.ID) + "/reply", Hidden: keep(r)}
	if to := outside(firstText(d.Conversation.URL, o.sourceURL())); to != "" {
		o.Reply.Source = &ui.Action{Label: "Open at source", Label2: "Open at source, to reply there", Href: to}
	}
	if ch == "" {
		o.Reply.Why = "Greenroom cannot write in " + d.Conversation.Source + ": it was read from a file, or the platform takes no replies. Answer there, and what you write comes in with the next read."
		return nil
	}
	o.Reply.Place = "Reply as yourself on " + ch.Label()
	return nil
}

// numberIn reads the number of a conversation, or the address of its page.
func numberIn(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if u, err := url.Parse(text); err == nil && strings.Contains(u.Path, "/") {
		text = u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	if err != nil || id <= 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "expected the number of a conversation, or the address of its page here, not %q", text)
	}
	return id, nil
}
