// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/request"
	"greenroom/internal/web/ui"
)

// show shows a request with who is behind it.
func (p *requestPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := p.cfg.Requests.Get(r.Context(), id)
	if err != nil {
		return err
	}
	people, err := p.cfg.Requests.Supporters(r.Context(), id)
	if err != nil {
		return err
	}
	messages, err := p.cfg.Requests.Messages(r.Context(), id)
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	body := cardsBody{Head: ui.Head{Title: q.Title, Subtitle: "Request " + idText(q.ID) + " · by " + firstText(q.Member, q.CreatedBy) + " · " + q.CreatedAt.In(p.cfg.Zones.Zone()).Format("2 January 2006"), Pills: []ui.Pill{requestState(q.State)}, Back: &ui.Action{Label: "Requests", Href: requestsPath}}}
	switch {
	case q.MergedInto > 0:
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "merged into request " + idText(q.MergedInto), Href: requestHref(q.MergedInto), Tone: ui.ToneWarn})
		if may {
			body.Head.Actions = []ui.Action{{Label: "Take the merge back", Post: requestHref(id) + "/unmerge"}}
		}
	case q.Review:
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "proposed, not shown yet", Tone: ui.ToneWarn})
		if may {
			body.Head.Actions = []ui.Action{
				{Label: "Show it on the board", Post: requestHref(id), Style: ui.StylePrimary, Hidden: []ui.Hidden{{Name: "shown", Value: "on"}, {Name: "title", Value: q.Title}, {Name: "text", Value: q.Text}}},
				{Label: "Keep it off", Post: requestHref(id), Hidden: []ui.Hidden{{Name: "title", Value: q.Title}, {Name: "text", Value: q.Text}}},
			}
		}
	case !q.Shown:
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "not on the public board"})
	}
	what := cardOfPage{Head: ui.CardHead{Title: "What is asked for"}, Rows: ui.Rows{Label: "What is asked for", Items: []ui.Row{{Title: q.Title, Text: q.Text}}}}
	if q.Answer != "" {
		what.Rows.Items = append(what.Rows.Items, ui.Row{Title: "What the team says", Text: q.Answer})
	}
	body.Main = []cardOfPage{what, supporterCard(people), messageCard(id, messages, may)}
	facts := []ui.Fact{{Label: "Votes", Value: ui.Number(int(q.Votes)), Href: "#supporters"}, {Label: "Messages", Value: ui.Number(int(q.Messages)), Href: "#messages"}, {Label: "Organizations", Value: ui.Number(int(q.Weight.Organizations)), Href: "#supporters"}}
	if len(q.Weight.Deals) > 0 {
		facts = append(facts, ui.Fact{Label: "Their open deals", Value: dealsText(q.Weight.Deals), Href: "#supporters"})
	}
	body.Side = []cardOfPage{{Head: ui.CardHead{Title: "How much it matters"}, Facts: facts}}
	if q.MergedInto == 0 {
		planned, err := p.planCards(r, &q)
		if err != nil {
			return err
		}
		body.Side = append(body.Side, planned...)
	}
	if may && q.MergedInto == 0 {
		body.Side = append(body.Side, changeCards(&q)...)
	}
	return render(p.Site, w, r, p.view, q.Title, body)
}

func supporterCard(people []request.Supporter) cardOfPage {
	card := cardOfPage{Head: ui.CardHead{Title: "Who wants it", Note: countText(int64(len(people)), "person", "people")}}
	t := &ui.Table{Caption: "Who wants it", Columns: []ui.Column{{Label: "Who"}, {Label: "Organization"}, {Label: "Lifecycle"}, {Label: "Open deals", Number: true}, {Label: "How"}}}
	for i := range people {
		s := &people[i]
		who := ui.Cell{Text: "Somebody who is no member"}
		if s.MemberID > 0 {
			who = ui.Cell{Text: s.Member, Href: memberHref(s.MemberID), Avatar: memberAvatar(s.MemberID, s.Member)}
		}
		org := ui.Cell{Text: s.Organization}
		if s.OrganizationID > 0 {
			org.Href = "/organizations/" + idText(s.OrganizationID)
		}
		var how []string
		if s.Proposed {
			how = append(how, "proposed it")
		}
		if !s.VotedAt.IsZero() {
			how = append(how, "voted")
		}
		by := ui.Cell{}
		if s.ActivityID > 0 {
			how, by.Href = append(how, "wrote it"), "/activities/"+idText(s.ActivityID)
		}
		by.Text = strings.Join(how, ", ")
		deals := dealsCell(s.Deals, org.Href)
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{who, org, {Text: s.Lifecycle}, deals, by}})
	}
	if len(people) == 0 {
		card.Text = "Nobody yet."
		return card
	}
	card.Table = t
	card.ID = "supporters"
	return card
}

func messageCard(id int64, messages []request.Message, may bool) cardOfPage {
	card := cardOfPage{ID: "messages", Head: ui.CardHead{Title: "Messages that ask for it", Note: ui.Number(len(messages))}, Rows: ui.Rows{Label: "Messages that ask for it"}}
	for i := range messages {
		row := askRow(&messages[i])
		if may {
			row.Actions = []ui.Action{{Label: "Does not", Label2: "Does not ask for it: " + said(messages[i].Text), Post: requestsPath + "/link", Small: true, Style: ui.StyleQuiet, Hidden: []ui.Hidden{{Name: "activity", Value: idText(messages[i].ActivityID)}}}}
		}
		card.Rows.Items = append(card.Rows.Items, row)
	}
	if len(messages) == 0 {
		card.Text = "None yet."
	}
	if may {
		card.Forms = []ui.Form{{Post: requestsPath + "/link", Hidden: []ui.Hidden{{Name: "request", Value: idText(id)}}, Fields: []ui.Field{{Name: "activity", Label: "Number of a message", Help: "The number at the end of its address, /activities/…", Required: true, Type: "number"}}, Actions: []ui.Action{{Label: "It asks for this", Submit: true}}}}
	}
	return card
}

// changeCards are the forms that change a request.
func changeCards(q *request.Request) []cardOfPage {
	var states []ui.Option
	for _, s := range request.States() {
		states = append(states, ui.Option{Value: string(s), Label: s.Label()})
	}
	return []cardOfPage{
		{Head: ui.CardHead{Title: "What becomes of it"}, Forms: []ui.Form{{Post: requestHref(q.ID) + "/status", Fields: []ui.Field{
			{Name: "state", Label: "State", Type: "select", Value: string(q.State), Options: states},
			{Name: "answer", Label: "Answer", Type: "textarea", Value: q.Answer, Help: "Everybody sees it on the public board."},
			{Name: "tell", Label: "Tell everybody who asked or voted", Type: "checkbox", Checked: true, Help: "By mail; drafts wait in the outbox unless the settings say otherwise."},
		}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}}},
		{Head: ui.CardHead{Title: "Words"}, Forms: []ui.Form{{Post: requestHref(q.ID), Fields: []ui.Field{
			{Name: "title", Label: "Title", Value: q.Title, Required: true}, {Name: "text", Label: "Text", Type: "textarea", Value: q.Text}, {Name: "shown", Label: "On the public board", Type: "checkbox", Checked: q.Shown},
		}, Actions: []ui.Action{{Label: "Save", Submit: true}}}}},
		{Head: ui.CardHead{Title: "Merge"}, Forms: []ui.Form{{Post: requestHref(q.ID) + "/merge", Fields: []ui.Field{
			{Name: "into", Label: "Number of the request that says the same", Type: "number", Required: true, Help: "Votes and messages count there. This number leads there, and you can take it back."},
		}, Actions: []ui.Action{{Label: "Merge", Submit: true}}}}},
	}
}

func (p *requestPages) edit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	title, text, shown := r.FormValue("title"), r.FormValue("text"), r.FormValue("shown") != ""
	if _, err := p.cfg.Requests.Edit(r.Context(), id, request.Change{Title: &title, Text: &text, Shown: &shown}, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, requestHref(id), "Saved.", "")
}

func (p *requestPages) move(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, told, err := p.cfg.Requests.Move(r.Context(), id, request.State(r.FormValue("state")), r.FormValue("answer"), r.FormValue("tell") != "", person(r).Actor)
	if err != nil {
		return err
	}
	text := q.State.Label() + "."
	if told.Messages > 0 {
		text += " " + countText(int64(told.Messages), "message is", "messages are") + " in the outbox."
	}
	if told.Unreachable > 0 {
		text += fmt.Sprintf(" %d who asked cannot be reached by mail.", told.Unreachable)
	}
	return p.back(w, r, requestHref(id), text, "")
}

func (p *requestPages) merge(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	into, err := strconv.ParseInt(r.FormValue("into"), 10, 64)
	if err != nil || into <= 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "name the other request by its number")
	}
	q, err := p.cfg.Requests.Merge(r.Context(), id, into, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, requestHref(q.ID), "Merged. Votes and messages count here.", requestHref(id)+"/unmerge")
}

func (p *requestPages) unmerge(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Requests.Unmerge(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, requestHref(id), "It stands for itself again.", "")
}
