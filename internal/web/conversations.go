// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"greenroom"
	"greenroom/internal/query"
	"greenroom/internal/understand"
	"greenroom/internal/web/ui"
)

// conversationsBody is what conversations.html shows: the list, and beside it the conversation that is open.
type conversationsBody struct {
	Note   string
	Query  ui.QueryBox
	Views  ui.Segments
	Rows   ui.Rows
	Pager  *ui.Pager
	Empty  *ui.Empty
	Open   *openConversation
	Choose *ui.Empty
}

// openConversation is one conversation with what stands beside it.
type openConversation struct {
	Head     ui.Head
	Messages []messageView
	Quiet    []ui.Row // reactions and housekeeping
	More     string   // says that not all messages are shown
	Facts    []ui.Fact
	Author   *ui.Row
	People   []ui.Row
	Source   *ui.Action
}

// QuietLabel names what is folded away, with how many there are.
func (o *openConversation) QuietLabel() string {
	return countText(int64(len(o.Quiet)), "reaction or note", "reactions and notes")
}

type messageView struct {
	ID      string
	Avatar  ui.Avatar
	Who     string
	Href    string
	At      time.Time
	Pills   []ui.Pill
	Body    []paragraph
	Label   *ui.Label
	More    []ui.Action // what can be made of it
	URL     string
	Opening bool
}

type conversationPages struct {
	*Site
	view *ui.View[conversationsBody]
}

func (s *Site) addConversations() error {
	view, err := ui.Parse[conversationsBody](s.kit, templates, "templates/conversations.html", "templates/message.html")
	if err != nil {
		return err
	}
	p := &conversationPages{Site: s, view: view}
	s.handle("GET /conversations", p.show)
	s.handle("GET /conversations/{id}", p.show)
	s.change("POST /conversations/{id}/ignore", mayWrite, p.ignore)
	return nil
}

func conversationHref(id int64) string { return "/conversations/" + idText(id) }

// waitingQuery is the list that the page begins with: what waits longest, first.
const waitingQuery = "is:waiting sort:opened"

func (p *conversationPages) show(w http.ResponseWriter, r *http.Request) error {
	if !r.URL.Query().Has("q") && r.PathValue("id") == "" {
		r.URL.RawQuery = "q=" + url.QueryEscape(waitingQuery)
	}
	v := p.listView(r, query.Conversations, "Filter conversations", "is:waiting channel:#help waiting:>24h")
	v.path, v.box.Action = "/conversations", "/conversations"
	body := conversationsBody{Query: v.box}
	body.Views = ui.Segments{Label: "Which conversations"}
	for _, seg := range [][2]string{{"Waiting", waitingQuery}, {"Unanswered", "is:open sort:-opened"}, {"Answered", "is:answered"}, {"Resolved", "is:resolved"}, {"All", ""}} {
		body.Views.Items = append(body.Views.Items, ui.Segment{Label: seg[0], Href: v.href(seg[1]), Active: v.text == seg[1]})
	}
	if v.parsed != nil {
		if err := p.list(r, v, &body); err != nil {
			return err
		}
	}
	if r.PathValue("id") != "" {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		if body.Open, err = p.open(r, id); err != nil {
			return err
		}
	} else {
		body.Choose = &ui.Empty{Title: "Choose a conversation", Text: "It opens here, with who asks and who took part. On the keyboard, j and k move and Enter opens."}
	}
	name := "Conversations"
	if body.Open != nil {
		name = excerpt(body.Open.Head.Title, 60)
	}
	shell := p.shell(r, name)
	shell.Panes = true
	return send(w, http.StatusOK, func(to io.Writer) error { return p.view.Render(to, shell, body) })
}

func (p *conversationPages) list(r *http.Request, v *listView, body *conversationsBody) error {
	req := v.request(r)
	req.Limit = 30
	page, err := p.cfg.Lists.ListConversations(r.Context(), req)
	if err != nil {
		return err
	}
	body.Note = countText(page.Total, "conversation", "conversations")
	body.Pager = v.pager(page.Next, page.Prev, len(page.Items), page.Total)
	body.Rows = ui.Rows{Label: "Conversations"}
	now := p.cfg.Now()
	for i := range page.Items {
		row := conversationRow(&page.Items[i], now)
		row.Href += "?" + url.Values{"q": {v.text}, "at": {r.URL.Query().Get("at")}}.Encode()
		row.Current = row.ID == r.PathValue("id")
		body.Rows.Items = append(body.Rows.Items, row)
	}
	if len(page.Items) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing here", Text: "No conversation fits this query.", Actions: []ui.Action{{Label: "All conversations", Href: v.href("")}}}
		if v.text == waitingQuery {
			body.Empty = &ui.Empty{Title: "Nobody is waiting", Text: "Every question has had a response by somebody else.", Actions: []ui.Action{{Label: "All conversations", Href: v.href("")}}}
		}
		if none := p.nothingYet(r); none != nil {
			body.Empty = none
		}
	}
	return nil
}

// conversationRow is a conversation as one line of a list.
func conversationRow(c *greenroom.Conversation, now time.Time) ui.Row {
	row := ui.Row{ID: idText(c.ID), Title: firstText(excerpt(c.Title, 110), "(no text)"), Strong: c.State == greenroom.StateOpen && c.Question, Href: conversationHref(c.ID)}
	if c.Author != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: c.Author})
	}
	row.Meta = append(row.Meta, ui.Meta{Text: placeText(c.Source, c.Channel)}, ui.Meta{Time: c.OpenedAt})
	row.Foot = append(row.Foot, *kindPill(c.Kind, c.Question), statePill(c, now))
	if c.Replies > 0 {
		text := ui.Number(int(c.Replies)) + " replies"
		if c.Replies == 1 {
			text = "1 reply"
		}
		row.Foot = append(row.Foot, ui.Pill{Text: text})
	}
	return row
}

func statePill(c *greenroom.Conversation, now time.Time) ui.Pill {
	switch {
	case c.State == greenroom.StateOpen && c.Question:
		return ui.Pill{Text: "waits " + waitText(now.Sub(c.OpenedAt)), Tone: ui.ToneBad}
	case c.State == greenroom.StateOpen:
		return ui.Pill{Text: "no response"}
	case c.State == greenroom.StateAnswered:
		return ui.Pill{Text: "answered after " + waitText(c.FirstResponseAt.Sub(c.OpenedAt)), Tone: ui.ToneGood}
	case c.State == greenroom.StateResolved:
		return ui.Pill{Text: "resolved", Tone: ui.ToneGood}
	default:
		return ui.Pill{Text: string(c.State)}
	}
}

// waitText is a span as precisely as it matters: to the hour for two days, then to the day.
func waitText(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day {
		d = d.Round(day)
	}
	return ui.Duration(d)
}

// shownMessages is how much of a long conversation a page shows.
const shownMessages = 300

func (p *conversationPages) open(r *http.Request, id int64) (*openConversation, error) {
	c, err := p.cfg.Objects.Conversation(r.Context(), id)
	if err != nil {
		return nil, err
	}
	all, err := p.cfg.Objects.ConversationActivities(r.Context(), id, shownMessages)
	if err != nil {
		return nil, err
	}
	now := p.cfg.Now()
	o := &openConversation{Head: ui.Head{
		Title:    firstText(c.Title, "(no text)"),
		Subtitle: placeText(c.Source, c.Channel) + " · opened " + ui.Ago(now, c.OpenedAt) + " · " + countText(c.Participants, "person", "people"),
		Pills:    []ui.Pill{*kindPill(c.Kind, c.Question), statePill(&c, now)},
		Back:     &ui.Action{Label: "Conversations", Href: "/conversations?" + url.Values{"q": {r.URL.Query().Get("q")}}.Encode()},
	}}
	if to := outside(c.URL); to != "" {
		o.Head.Actions = append(o.Head.Actions, ui.Action{Label: "Open at source", Href: to, Key: "o"})
	}
	o.Head.Actions = append(o.Head.Actions, p.helping(r, id)...)
	if person(r).MayWrite {
		a := ui.Action{Label: "No answer needed", Post: conversationHref(id) + "/ignore", Key: "e"}
		if c.State == greenroom.StateIgnored {
			a.Label = "Needs an answer"
		} else {
			a.Hidden = []ui.Hidden{{Name: "ignored", Value: "1"}}
		}
		for _, keep := range []string{"q", "at"} { // the list beside it stays as it is
			if v := r.URL.Query().Get(keep); v != "" {
				a.Hidden = append(a.Hidden, ui.Hidden{Name: keep, Value: v})
			}
		}
		o.Head.Actions = append(o.Head.Actions, a)
	}
	said, err := p.readings(r, all)
	if err != nil {
		return nil, err
	}
	p.messages(r, o, &c, all, said)
	if len(all) >= shownMessages {
		o.More = "The first " + ui.Number(shownMessages) + " entries are shown. The rest is at the source, and under Replies."
	}
	p.facts(o, &c)
	return o, p.author(r, o, &c)
}

func (p *conversationPages) messages(r *http.Request, o *openConversation, c *greenroom.Conversation, all []greenroom.Activity, said map[int64]understand.Reading) {
	seen := make(map[int64]bool)
	for i := range all {
		a := &all[i]
		info := a.Kind.Info()
		if !info.Opens && !info.Answers {
			o.Quiet = append(o.Quiet, activityRow(a, true))
			continue
		}
		m := messageView{
			ID: "a" + idText(a.ID), Who: firstText(a.Member, "somebody"), At: a.OccurredAt, Body: paragraphs(firstText(a.Body, a.Title)), URL: outside(a.URL),
			Avatar: ui.Avatar{Name: firstText(a.Member, "?"), Seed: idText(a.MemberID)},
		}
		if a.MemberID > 0 {
			m.Href = memberHref(a.MemberID)
		}
		if v, ok := said[a.ID]; ok {
			m.Label = p.label(r, a, &v, r.URL.RequestURI()+"#"+m.ID, false)
		}
		if a.Kind != greenroom.KindReply && a.Kind != greenroom.KindMessage && a.Kind != greenroom.KindComment {
			m.Pills = append(m.Pills, *kindPill(a.Kind, a.Question))
		}
		m.More = p.keeping(r, a)
		o.Messages = append(o.Messages, m)
		if a.MemberID > 0 && a.MemberID != c.AuthorMemberID && !seen[a.MemberID] {
			seen[a.MemberID] = true
			o.People = append(o.People, ui.Row{Avatar: memberAvatar(a.MemberID, a.Member), Title: a.Member, Href: memberHref(a.MemberID)})
		}
	}
}

// keeping is what a message can be made into: a request, or a testimonial.
func (p *conversationPages) keeping(r *http.Request, a *greenroom.Activity) []ui.Action {
	if a.MemberID == 0 || a.Body == "" || !person(r).MayWrite {
		return nil
	}
	id := []ui.Hidden{{Name: "activity", Value: idText(a.ID)}}
	what := ": " + excerpt(a.Body, 60)
	var all []ui.Action
	if p.cfg.Requests != nil {
		all = append(all, ui.Action{Label: "Make a request of it", Label2: "Make a request" + what, Post: requestsPath, Hidden: id, Small: true})
	}
	if p.cfg.Recognition != nil {
		all = append(all, ui.Action{Label: "Ask whether it may be quoted", Label2: "Ask for a testimonial" + what, Post: testimonialsPath + "/ask", Hidden: append(id, ui.Hidden{Name: "do", Value: "ask"}), Small: true})
	}
	return all
}

func (p *conversationPages) facts(o *openConversation, c *greenroom.Conversation) {
	add := func(label string, d time.Duration, given bool) {
		if given {
			o.Facts = append(o.Facts, ui.Fact{Label: label, Value: waitText(d)})
		}
	}
	add("First response after", c.FirstResponseAt.Sub(c.OpenedAt), !c.FirstResponseAt.IsZero())
	add("First response by the team after", c.FirstStaffResponseAt.Sub(c.OpenedAt), !c.FirstStaffResponseAt.IsZero())
	add("Resolved after", c.ResolvedAt.Sub(c.OpenedAt), !c.ResolvedAt.IsZero())
	o.Facts = append(o.Facts, ui.Fact{Label: "Replies", Value: ui.Number(int(c.Replies)), Href: "/activities?q=" + url.QueryEscape("conversation:"+idText(c.ID))})
}

// author tells who asks.
func (p *conversationPages) author(r *http.Request, o *openConversation, c *greenroom.Conversation) error {
	if c.AuthorMemberID == 0 {
		return nil
	}
	m, err := p.cfg.Objects.Member(r.Context(), c.AuthorMemberID)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	row := ui.Row{Avatar: memberAvatar(m.ID, m.Name), Title: m.Name, Href: memberHref(m.ID), Pills: memberPills(&m)}
	if m.Organization != "" {
		row.Foot = []ui.Pill{{Text: m.Organization, Href: "/organizations/" + idText(m.OrganizationID)}}
	}
	row.Meta = append(row.Meta, ui.Meta{Text: countText(m.Activities, "activity", "activities")})
	if !m.FirstActive.IsZero() {
		row.Meta = append(row.Meta, ui.Meta{Text: "since " + m.FirstActive.In(p.cfg.Zones.Zone()).Format("January 2006")})
	}
	o.Author = &row
	return nil
}

func (p *conversationPages) ignore(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ignored := r.FormValue("ignored") != ""
	if err := p.cfg.Talks.IgnoreConversation(r.Context(), id, ignored); err != nil {
		return err
	}
	message := "Marked: it needs no answer. The same button takes that back."
	if !ignored {
		message = "Marked: it waits for an answer again."
	}
	to := conversationHref(id)
	if q := (url.Values{"q": {r.FormValue("q")}, "at": {r.FormValue("at")}}); q.Get("q") != "" {
		to += "?" + q.Encode()
	}
	return p.back(w, r, to, message, "")
}
