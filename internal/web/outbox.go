// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
)

// Outbox is what is sent; outbox.Service keeps it.
type Outbox interface {
	Message(ctx context.Context, id int64) (outbox.Message, error)
	List(ctx context.Context, f outbox.Filter) ([]outbox.Message, error)
	Counts(ctx context.Context, f outbox.Filter) (outbox.Counts, error)
	Edit(ctx context.Context, id int64, subject, text, by string) error
	Approve(ctx context.Context, ids []int64, by string) (int64, error)
	Skip(ctx context.Context, ids []int64, reason, by string) (int64, error)
	Again(ctx context.Context, ids []int64, by string) (int64, error)
}

// outboxBody is what outbox.html shows.
type outboxBody struct {
	Head  ui.Head
	Shows ui.Segments
	List  ui.Rows
	All   []ui.Action
	Empty *ui.Empty
	Older *ui.Pager
}

// messageBody is what message.html shows.
type messageBody struct {
	Head  ui.Head
	Note  string
	Form  *ui.Form
	Text  string
	Facts []ui.Fact
	Acts  []ui.Action
}

type outboxPages struct {
	*Site
	list *ui.View[outboxBody]
	one  *ui.View[messageBody]
}

func (s *Site) addOutbox() error {
	if s.cfg.Outbox == nil {
		return nil
	}
	p := &outboxPages{Site: s}
	var err error
	if p.list, err = ui.Parse[outboxBody](s.kit, templates, "templates/outbox.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[messageBody](s.kit, templates, "templates/outboxmessage.html"); err != nil {
		return err
	}
	s.handle("GET /outbox", p.showList)
	s.handle("GET /outbox/{id}", p.show)
	s.change("POST /outbox/{id}/edit", mayWrite, p.edit)
	s.change("POST /outbox/{how}", mayWrite, p.move)
	return nil
}

// shows are the parts of the outbox.
var shows = []struct {
	name, label string
	states      []outbox.State
	empty       string
}{
	{"", "To approve", []outbox.State{outbox.Draft}, "Drafts of workflows that a person is to look at first wait here: read, change, send or skip them."},
	{"waiting", "Waiting", []outbox.State{outbox.Queued, outbox.Sending}, "What waits for its time, for quiet hours to end, or for a place that is down, is listed here."},
	{"dead", "Not delivered", []outbox.State{outbox.Failed, outbox.Uncertain}, "What was refused, or of which nobody knows whether it arrived, is kept here until somebody decides."},
	{"sent", "Sent", []outbox.State{outbox.Sent}, "Everything that Greenroom sent is listed here."},
	{"skipped", "Not sent", []outbox.State{outbox.Skipped}, "What consent, caps or a person kept from being sent is listed here, with the reason."},
}

const messagesPerPage = 50

func (p *outboxPages) showList(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	show := v.Get("show")
	f := outbox.Filter{Channel: outbox.Channel(v.Get("channel")), Limit: messagesPerPage}
	f.Below, _ = strconv.ParseInt(v.Get("below"), 10, 64)
	f.Run, _ = strconv.ParseInt(v.Get("run"), 10, 64)
	f.Member, _ = strconv.ParseInt(v.Get("member"), 10, 64)
	if f.ID, _ = strconv.ParseInt(v.Get("workflow"), 10, 64); f.ID > 0 || f.Run > 0 {
		f.Origin = "workflow"
	}
	counts, err := p.cfg.Outbox.Counts(r.Context(), f)
	if err != nil {
		return err
	}
	body := outboxBody{Head: ui.Head{Title: "Outbox", Subtitle: "Everything that goes out to members and to the team, and what became of it", Find: true}}
	body.Shows.Label, body.List.Label = "Which messages", "Messages"
	href := func(show string) string {
		u := url.Values{}
		for _, k := range []string{"workflow", "run", "member", "channel"} {
			if v.Get(k) != "" {
				u.Set(k, v.Get(k))
			}
		}
		if show != "" {
			u.Set("show", show)
		}
		return "/outbox?" + u.Encode()
	}
	empty := ""
	for _, x := range shows {
		var n int64
		for _, s := range x.states {
			n += counts[s]
		}
		active := x.name == show && f.Run == 0
		body.Shows.Items = append(body.Shows.Items, ui.Segment{Label: x.label, Href: href(x.name), Active: active, Count: some(n)})
		if active {
			f.States, empty = x.states, x.empty
		}
	}
	all, err := p.cfg.Outbox.List(r.Context(), f)
	if err != nil {
		return err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	for i := range all {
		all[i].Owner = named(team, all[i].Owner)
		body.List.Items = append(body.List.Items, messageRow(&all[i], may, r.URL.RequestURI()))
	}
	if may && show == "" && f.Run == 0 && len(all) > 1 {
		body.All = []ui.Action{{Label: "Send all " + strconv.Itoa(len(all)), Post: "/outbox/approve", Hidden: append(idsOf(all), ui.Hidden{Name: "back", Value: r.URL.RequestURI()}), Small: true}}
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing here", Text: firstText(empty, "This run wrote no messages."), Actions: []ui.Action{{Label: "Workflows", Href: "/workflows"}}}
	}
	if len(all) == messagesPerPage {
		v.Set("below", idText(all[len(all)-1].ID))
		body.Older = &ui.Pager{Older: "/outbox?" + v.Encode()}
	}
	return render(p.Site, w, r, p.list, "Outbox", body)
}

func idsOf(all []outbox.Message) []ui.Hidden {
	var ids []ui.Hidden
	for i := range all {
		ids = append(ids, ui.Hidden{Name: "id", Value: idText(all[i].ID)})
	}
	return ids
}

func messageHref(id int64) string { return "/outbox/" + idText(id) }

// to says whom a message goes to.
func addressee(m *outbox.Message) string {
	switch {
	case m.Member != "":
		return m.Member
	case m.MemberID > 0:
		return "a member"
	case m.Destination > 0:
		return "the team"
	}
	return firstText(m.To, "nobody")
}

func messageTone(s outbox.State) ui.Tone {
	switch s {
	case outbox.Draft:
		return ui.ToneInfo
	case outbox.Sent:
		return ui.ToneGood
	case outbox.Failed:
		return ui.ToneBad
	case outbox.Uncertain:
		return ui.ToneWarn
	case outbox.Queued, outbox.Sending, outbox.Skipped:
	}
	return ui.ToneNone
}

func messageRow(m *outbox.Message, may bool, back string) ui.Row {
	short := []rune(strings.Join(strings.Fields(m.Text), " "))
	row := ui.Row{ID: idText(m.ID), Title: firstText(m.Subject, string(short[:min(len(short), 80)])), Href: messageHref(m.ID), Text: string(short[:min(len(short), 200)]), Badge: &ui.Pill{Text: string(m.State), Tone: messageTone(m.State)}}
	if m.Subject == "" {
		row.Text = ""
	}
	row.Meta = []ui.Meta{{Text: "to " + addressee(m)}, {Text: m.Channel.Label()}, {Text: "written", Time: m.CreatedAt}}
	if m.MemberID > 0 {
		row.Meta[0].Href = "/members/" + idText(m.MemberID)
	}
	if m.State == outbox.Draft && m.Owner != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: "waits for " + m.Owner})
	}
	if m.Reason != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: m.Reason})
	}
	if may {
		row.Actions = messageActions(m, back, true)
	}
	return row
}

func messageActions(m *outbox.Message, back string, small bool) []ui.Action {
	about := ": " + firstText(m.Subject, "message") + " to " + addressee(m)
	act := func(label, how string, style ui.Style) ui.Action {
		return ui.Action{Label: label, Label2: label + about, Post: "/outbox/" + how, Small: small, Style: style, Hidden: []ui.Hidden{{Name: "id", Value: idText(m.ID)}, {Name: "back", Value: back}}}
	}
	switch m.State {
	case outbox.Draft:
		all := []ui.Action{act("Send", "approve", ui.StylePrimary), act("Skip", "skip", ui.StyleQuiet)}
		if small {
			all[0].Style = ui.StylePlain
			all = append([]ui.Action{{Label: "Edit", Label2: "Edit" + about, Href: messageHref(m.ID), Small: true}}, all...)
		}
		return all
	case outbox.Queued:
		return []ui.Action{act("Skip", "skip", ui.StyleQuiet)}
	case outbox.Failed, outbox.Uncertain:
		return []ui.Action{act("Send again", "again", ui.StylePlain)}
	case outbox.Sending, outbox.Sent, outbox.Skipped:
	}
	return nil
}

func (p *outboxPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	m, err := p.cfg.Outbox.Message(r.Context(), id)
	if err != nil {
		return err
	}
	body := messageBody{Head: ui.Head{Title: firstText(m.Subject, "Message to "+addressee(&m)), Subtitle: "To " + addressee(&m) + " on " + m.Channel.Label(), Back: &ui.Action{Label: "Outbox", Href: "/outbox"}, Pills: []ui.Pill{{Text: string(m.State), Tone: messageTone(m.State)}}}, Note: sentence(m.Reason), Text: m.Text}
	may := person(r).MayWrite
	if may {
		body.Acts = messageActions(&m, "/outbox", false)
		if m.State == outbox.Failed || m.State == outbox.Uncertain {
			body.Acts = messageActions(&m, messageHref(m.ID), false)
		}
	}
	if may && m.State == outbox.Draft {
		fields := []ui.Field{{Name: "text", Label: "Text", Type: "textarea", Value: m.Text, Rows: 10, Required: true, Help: "Markdown"}}
		if m.Channel == outbox.Email {
			fields = append([]ui.Field{{Name: "subject", Label: "Subject", Value: m.Subject, Required: true}}, fields...)
		}
		body.Form = &ui.Form{Post: messageHref(m.ID) + "/edit", Fields: fields, Actions: []ui.Action{{Label: "Save and send", Submit: true, Name: "then", Value: "send", Style: ui.StylePrimary}, {Label: "Save", Submit: true, Name: "then", Value: "save"}}}
		body.Acts = body.Acts[1:]
	}
	body.Facts = messageFacts(&m)
	return render(p.Site, w, r, p.one, body.Head.Title, body)
}

func messageFacts(m *outbox.Message) []ui.Fact {
	var facts []ui.Fact
	add := func(label, value, href string) {
		if value != "" {
			facts = append(facts, ui.Fact{Label: label, Value: value, Href: href})
		}
	}
	if m.MemberID > 0 {
		add("Member", addressee(m), "/members/"+idText(m.MemberID))
	}
	add("Address", m.To, "")
	add("Why", string(m.Purpose), "")
	add("In the name of", m.Sender, "")
	switch {
	case m.Origin.Kind == "workflow" && m.Origin.ID > 0 && m.Origin.Run > 0:
		add("Made by", "a workflow's run", "/workflows/"+idText(m.Origin.ID)+"/runs/"+idText(m.Origin.Run))
	case m.Origin.Kind != "":
		add("Made by", m.Origin.Kind, "")
	}
	if m.State == outbox.Draft {
		add("Waits for", m.Owner, "")
	}
	add("Written", m.CreatedAt.Format("2 Jan 2006, 15:04"), "")
	add("Approved by", m.ApprovedBy, "")
	if !m.NextAt.IsZero() && m.State == outbox.Queued {
		add("Not before", m.NextAt.Format("2 Jan 2006, 15:04"), "")
	}
	if !m.SentAt.IsZero() {
		add("Sent", m.SentAt.Format("2 Jan 2006, 15:04"), "")
	}
	if m.Attempts > 0 {
		add("Tries", idText(m.Attempts), "")
	}
	add("To be seen at", outside(m.URL), outside(m.URL))
	return facts
}

func (p *outboxPages) edit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	by := person(r).Actor
	if err := p.cfg.Outbox.Edit(r.Context(), id, r.FormValue("subject"), strings.ReplaceAll(r.FormValue("text"), "\r\n", "\n"), by); err != nil {
		return err
	}
	if r.FormValue("then") != "send" {
		return p.back(w, r, messageHref(id), "Saved. It still waits for approval.", "")
	}
	if _, err := p.cfg.Outbox.Approve(r.Context(), []int64{id}, by); err != nil {
		return err
	}
	return p.back(w, r, "/outbox", "It goes out as you wrote it.", "")
}

func (p *outboxPages) move(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	var ids []int64
	for _, text := range r.Form["id"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	by, back := person(r).Actor, firstText(r.FormValue("back"), "/outbox")
	var n int64
	var err error
	said := ""
	switch r.PathValue("how") {
	case "approve":
		n, err = p.cfg.Outbox.Approve(r.Context(), ids, by)
		said = "approved. What consent and caps allow goes out now, the rest when they do."
	case "skip":
		n, err = p.cfg.Outbox.Skip(r.Context(), ids, r.FormValue("reason"), by)
		said = "skipped."
	case "again":
		n, err = p.cfg.Outbox.Again(r.Context(), ids, by)
		said = "sent again."
	}
	if err != nil {
		return err
	}
	return p.back(w, r, back, countText(n, "message", "messages")+" "+said, "")
}
