// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// next suggests what could be done about a member now, each with its evidence and one step: answer their question,
// join an account that looks like theirs, greet or ask after them. Staff and bots need none of it.
func (p *memberPage) next(r *http.Request, m *greenroom.Member, body *memberBody) error {
	if m.Staff || m.Bot {
		return nil
	}
	for _, part := range []func(*http.Request, *greenroom.Member) ([]ui.Row, error){p.questions, p.namesakes, p.studiesOf} {
		rows, err := part(r, m)
		if err != nil {
			return err
		}
		body.Next = append(body.Next, rows...)
	}
	now := p.cfg.Now()
	const month = 30 * 24 * time.Hour
	switch {
	case m.Activities == 0 || m.LastActive.IsZero():
	case now.Sub(m.FirstActive) < month:
		body.Next = append(body.Next, ui.Row{Lead: &ui.Pill{Text: "New here", Tone: ui.ToneGood}, Title: "First active " + ui.Ago(now, m.FirstActive) + ": a welcome by name is remembered"})
	case now.Sub(m.LastActive) > month && m.Activities >= 20:
		body.Next = append(body.Next, ui.Row{
			Lead:  &ui.Pill{Text: "Gone quiet", Tone: ui.ToneWarn},
			Title: "Silent for " + waitText(now.Sub(m.LastActive)) + " after " + countText(m.Activities, "activity", "activities"),
			Meta:  []ui.Meta{{Text: "what they did last", Href: memberHref(m.ID) + "#timeline"}},
		})
	}
	return nil
}

// questions are the member's own that wait.
func (p *memberPage) questions(r *http.Request, m *greenroom.Member) ([]ui.Row, error) {
	text := "member.id:" + idText(m.ID) + " is:waiting sort:opened"
	q, err := query.Parse(p.schemas[query.Conversations], text)
	if err != nil {
		return nil, err
	}
	page, err := p.cfg.Lists.ListConversations(r.Context(), list.Request{Query: q, Limit: 1, Count: true})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	c := &page.Items[0]
	row := ui.Row{
		ID: "waits", Lead: &ui.Pill{Text: "Waits " + waitText(p.cfg.Now().Sub(c.OpenedAt)), Tone: ui.ToneBad}, Title: excerpt(c.Title, 90),
		Href: conversationHref(c.ID) + "?q=" + url.QueryEscape(text), Meta: []ui.Meta{{Text: placeText(c.Source, c.Channel)}},
	}
	if page.Total > 1 {
		row.Meta = append(row.Meta, ui.Meta{Text: "all " + ui.Number(int(page.Total)) + " that wait", Href: "/conversations?q=" + url.QueryEscape(text)})
	}
	return []ui.Row{row}, nil
}

// namesakes are other members who write their name the same way, on platforms where this one has no account: often
// the same person, and never joined by itself.
func (p *memberPage) namesakes(r *http.Request, m *greenroom.Member) ([]ui.Row, error) {
	const most = 3
	if !strings.Contains(strings.TrimSpace(m.Name), " ") {
		return nil, nil // a single word says too little
	}
	q, err := query.Parse(p.schemas[query.Members], "name:"+quoted(m.Name)+" -id:"+idText(m.ID))
	if err != nil {
		return nil, nil //nolint:nilerr // a name that the query language cannot say is not looked for
	}
	page, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: q, Limit: 4 * most})
	if err != nil {
		return nil, err
	}
	own := make(map[string]bool)
	for i := range m.Identities {
		own[m.Identities[i].Source] = true
	}
	var rows []ui.Row
	for i := range page.Items {
		o := &page.Items[i]
		shared := false
		for j := range o.Identities {
			shared = shared || own[o.Identities[j].Source]
		}
		if shared || !strings.EqualFold(o.Name, m.Name) || len(rows) == most {
			continue
		}
		row := ui.Row{ID: "same-" + idText(o.ID), Lead: &ui.Pill{Text: "Same name", Tone: ui.ToneIdea}, Title: o.Name, Href: memberHref(o.ID)}
		for _, pill := range platformPills(o.Identities) {
			row.Meta = append(row.Meta, ui.Meta{Text: pill.Text})
		}
		row.Meta = append(row.Meta, ui.Meta{Text: countText(o.Activities, "activity", "activities")})
		if person(r).MayWrite {
			row.Actions = []ui.Action{{
				Label: "Merge", Label2: "Merge " + o.Name + ", number " + idText(o.ID) + ", into this member", Post: memberHref(m.ID) + "/merge", Small: true,
				Hidden: []ui.Hidden{{Name: "other", Value: idText(o.ID)}, {Name: "reason", Value: "same name"}},
			}}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
