// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/request"
	"greenroom/internal/web/ui"
)

const requestsPath = "/requests"

// Requests keeps what members ask for; request.Service does.
type Requests interface {
	List(ctx context.Context, f request.Filter) ([]request.Request, error)
	Candidates(ctx context.Context) ([]request.Candidate, error)
	OneRequest
	RequestChanges
	Settings(ctx context.Context) (request.Settings, error)
	SetSettings(ctx context.Context, set request.Settings, by string) error
}

// OneRequest tells of one request.
type OneRequest interface {
	Get(ctx context.Context, id int64) (request.Request, error)
	Supporters(ctx context.Context, id int64) ([]request.Supporter, error)
	Messages(ctx context.Context, id int64) ([]request.Message, error)
}

// RequestChanges changes requests.
type RequestChanges interface {
	Add(ctx context.Context, d request.Draft, by string) (request.Request, error)
	Edit(ctx context.Context, id int64, c request.Change, by string) (request.Request, error)
	Move(ctx context.Context, id int64, to request.State, answer string, tell bool, by string) (request.Request, request.Told, error)
	Link(ctx context.Context, activity, id int64, by string) error
	Unlink(ctx context.Context, activity int64, by string) error
	Merge(ctx context.Context, id, into int64, by string) (request.Request, error)
	Unmerge(ctx context.Context, id int64, by string) (request.Request, error)
}

type requestPages struct {
	*Site
	view *ui.View[cardsBody]
}

func (s *Site) addRequests() error {
	if s.cfg.Requests == nil {
		return nil
	}
	view, err := ui.Parse[cardsBody](s.kit, templates, "templates/cards.html")
	if err != nil {
		return err
	}
	p := &requestPages{s, view}
	s.handle("GET /requests", p.list)
	s.change("POST /requests", mayWrite, p.add)
	s.handle("GET /requests/candidates", p.candidates)
	s.change("POST /requests/link", mayWrite, p.link)
	s.handle("GET /requests/settings", p.settings)
	s.change("POST /requests/settings", mayAdminister, p.setSettings)
	s.handle("GET /requests/{id}", p.show)
	s.change("POST /requests/{id}", mayWrite, p.edit)
	s.change("POST /requests/{id}/status", mayWrite, p.move)
	s.change("POST /requests/{id}/merge", mayWrite, p.merge)
	s.change("POST /requests/{id}/unmerge", mayWrite, p.unmerge)
	return nil
}

func requestHref(id int64) string { return requestsPath + "/" + idText(id) }

func (p *requestPages) body(at, subtitle string) cardsBody {
	b := cardsBody{Head: ui.Head{Title: "Requests", Subtitle: subtitle, Find: true}, Tabs: ui.Segments{Label: "Requests"}}
	for _, t := range []ui.Segment{{Label: "Board", Href: requestsPath}, {Label: "List", Href: requestsPath + "?view=list"}, {Label: "Candidates", Href: requestsPath + "/candidates"}, {Label: "Public board", Href: requestsPath + "/settings"}} {
		t.Active = t.Href == at
		b.Tabs.Items = append(b.Tabs.Items, t)
	}
	return b
}

func requestState(s request.State) ui.Pill {
	tone := map[request.State]ui.Tone{request.Planned: ui.ToneInfo, request.Doing: ui.ToneIdea, request.Done: ui.ToneGood}[s]
	return ui.Pill{Text: s.Label(), Tone: tone}
}

func amountText(a request.Amount) string {
	return ui.Number(int(a.Amount)) + " " + a.Currency
}

func dealsText(all []request.Amount) string {
	parts := make([]string, len(all))
	for i, a := range all {
		parts[i] = amountText(a)
	}
	return strings.Join(parts, ", ")
}

// dealsCell is the sum of deals in a table, which leads to what is behind it.
func dealsCell(all []request.Amount, to string) ui.Cell {
	if len(all) == 0 {
		return ui.Cell{}
	}
	return ui.Cell{Text: dealsText(all), Href: to}
}

// weightPills say what the organizations behind a request are to the business.
func weightPills(r *request.Request) []ui.Pill {
	var pills []ui.Pill
	for _, l := range slices.Sorted(maps.Keys(r.Weight.Lifecycles)) {
		pills = append(pills, ui.Pill{Text: ui.Number(int(r.Weight.Lifecycles[l])) + " " + l, Href: requestHref(r.ID) + "#supporters", Title: "organizations behind it"})
	}
	if len(r.Weight.Deals) > 0 {
		pills = append(pills, ui.Pill{Text: dealsText(r.Weight.Deals), Tone: ui.ToneWarn, Href: requestHref(r.ID) + "#supporters", Title: "open deals of the organizations behind it"})
	}
	return pills
}

func (p *requestPages) list(w http.ResponseWriter, r *http.Request) error {
	text := r.URL.Query().Get("q")
	all, err := p.cfg.Requests.List(r.Context(), request.Filter{Text: text})
	if err != nil {
		return err
	}
	asList := r.URL.Query().Get("view") == "list"
	at := requestsPath
	if asList {
		at += "?view=list"
	}
	body := p.body(at, "What members ask for, who they are, and what becomes of it")
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "New request", Dialog: "new", Style: ui.StylePrimary}}
		body.Dialogs = []ui.Dialog{{ID: "new", Title: "New request", Form: ui.Form{Post: requestsPath, Fields: []ui.Field{
			{Name: "title", Label: "What is missing", Required: true}, {Name: "text", Label: "What they would do with it", Type: "textarea"}, {Name: "shown", Label: "Show it on the public board", Type: "checkbox", Checked: true},
		}, Actions: []ui.Action{{Label: "Make it", Submit: true, Style: ui.StylePrimary}}}}}
	}
	var review ui.Rows
	for i := range all {
		if all[i].Review {
			review.Items = append(review.Items, requestRow(&all[i]))
		}
	}
	if review.Label = "Proposals to look at"; len(review.Items) > 0 {
		body.Main = append(body.Main, cardOfPage{Head: ui.CardHead{Title: "Proposals to look at", Note: "from the public board"}, Rows: review})
	}
	switch {
	case len(all) == 0:
		body.Main = append(body.Main, cardOfPage{Head: ui.CardHead{Title: "No requests yet"}, Empty: &ui.Empty{Title: "Nobody has asked for anything yet", Text: "Make a request of a message that wishes for something, write one yourself, or let members propose and vote on a public board.", Actions: []ui.Action{{Label: "Look at messages", Href: requestsPath + "/candidates"}, {Label: "Public board", Href: requestsPath + "/settings", Style: ui.StyleQuiet}}}})
	case asList:
		body.Search = &ui.Form{Get: requestsPath, Hidden: []ui.Hidden{{Name: "view", Value: "list"}}, Fields: []ui.Field{{Name: "q", Label: "Words", Value: text}}, Actions: []ui.Action{{Label: "Search", Submit: true}}}
		body.Main = append(body.Main, cardOfPage{Head: ui.CardHead{Title: "By votes", Note: countText(int64(len(all)), "request", "requests")}, Table: requestTable(all)})
	default:
		body.Board = requestBoard(all)
	}
	return render(p.Site, w, r, p.view, "Requests", body)
}

// mostOnBoard is how many requests a column of the board shows.
const mostOnBoard = 20

func requestBoard(all []request.Request) []cardOfPage {
	var columns []cardOfPage
	for _, st := range request.States() {
		card := cardOfPage{Rows: ui.Rows{Label: st.Label()}}
		n := 0
		for i := range all {
			if all[i].State != st || all[i].Review {
				continue
			}
			if n++; n <= mostOnBoard {
				card.Rows.Items = append(card.Rows.Items, requestRow(&all[i]))
			}
		}
		if card.Head = (ui.CardHead{Title: st.Label(), Note: ui.Number(n)}); n == 0 {
			card.Text = "None."
		} else if n > mostOnBoard {
			card.Foot = "The " + strconv.Itoa(mostOnBoard) + " with most votes are shown; the list has all."
		}
		columns = append(columns, card)
	}
	return columns
}

func requestRow(r *request.Request) ui.Row {
	row := ui.Row{Title: r.Title, Href: requestHref(r.ID), Strong: r.Review, Meta: []ui.Meta{{Text: countText(r.Votes, "vote", "votes"), Href: requestHref(r.ID) + "#supporters"}}, Foot: weightPills(r)}
	if r.Messages > 0 {
		row.Meta = append(row.Meta, ui.Meta{Text: countText(r.Messages, "message", "messages"), Href: requestHref(r.ID) + "#messages"})
	}
	return row
}

func requestTable(all []request.Request) *ui.Table {
	t := &ui.Table{Caption: "Requests by votes", Columns: []ui.Column{{Label: "Request"}, {Label: "State"}, {Label: "Votes", Number: true}, {Label: "Messages", Number: true}, {Label: "Organizations behind it"}, {Label: "Open deals", Number: true}, {Label: "Changed"}}}
	for i := range all {
		q := &all[i]
		var kinds []ui.Pill
		for _, l := range slices.Sorted(maps.Keys(q.Weight.Lifecycles)) {
			kinds = append(kinds, ui.Pill{Text: ui.Number(int(q.Weight.Lifecycles[l])) + " " + l})
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: q.Title, Href: requestHref(q.ID)},
			{Pills: []ui.Pill{requestState(q.State)}},
			{Text: ui.Number(int(q.Votes)), Href: requestHref(q.ID) + "#supporters"},
			{Text: ui.Number(int(q.Messages)), Href: requestHref(q.ID) + "#messages"},
			{Pills: kinds},
			dealsCell(q.Weight.Deals, requestHref(q.ID)+"#supporters"),
			{Time: q.ChangedAt},
		}})
	}
	return t
}

func (p *requestPages) add(w http.ResponseWriter, r *http.Request) error {
	d := request.Draft{Title: r.FormValue("title"), Text: r.FormValue("text"), Hidden: r.FormValue("shown") == ""}
	if v := r.FormValue("activity"); v != "" {
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "name the message by its number")
		}
		d.ActivityID = id
	}
	q, err := p.cfg.Requests.Add(r.Context(), d, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, requestHref(q.ID), "The request is there.", "")
}

func (p *requestPages) candidates(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Requests.Candidates(r.Context())
	if err != nil {
		return err
	}
	body := p.body(requestsPath+"/candidates", "Messages of the last half year that wish for something")
	card := cardOfPage{Head: ui.CardHead{Title: "What do they ask for?", Note: countText(int64(len(all)), "message", "messages")}, Rows: ui.Rows{Label: "Messages that may ask for something"}}
	may := person(r).MayWrite
	for i := range all {
		card.Rows.Items = append(card.Rows.Items, wishRow(&all[i], may))
	}
	if len(all) == 0 {
		card.Empty = &ui.Empty{Title: "Nothing to look at", Text: "Messages that are read as the wish for something stand here until somebody says what they ask for."}
	}
	body.Main = []cardOfPage{card}
	return render(p.Site, w, r, p.view, "Candidates for requests", body)
}

func wishRow(c *request.Candidate, may bool) ui.Row {
	row := askRow(&c.Message)
	if !may {
		return row
	}
	id := ui.Hidden{Name: "activity", Value: idText(c.ActivityID)}
	for _, like := range c.Like {
		row.Actions = append(row.Actions, ui.Action{Label: "Add to “" + short(like.Title) + "”", Label2: "Add to the request " + like.Title + ": " + said(c.Text), Post: requestsPath + "/link", Small: true, Hidden: []ui.Hidden{id, {Name: "request", Value: idText(like.ID)}}})
	}
	row.Actions = append(row.Actions,
		ui.Action{Label: "Make a request", Label2: "Make a request of: " + said(c.Text), Post: requestsPath, Small: true, Hidden: []ui.Hidden{id}},
		ui.Action{Label: "None", Label2: "It asks for nothing: " + said(c.Text), Post: requestsPath + "/link", Small: true, Style: ui.StyleQuiet, Hidden: []ui.Hidden{id, {Name: "request", Value: "0"}}},
	)
	return row
}

// short is a title that fits on a button.
func short(text string) string {
	if r := []rune(text); len(r) > 32 {
		return string(r[:31]) + "…"
	}
	return text
}

func askRow(m *request.Message) ui.Row {
	name := firstText(m.Member, "Somebody")
	row := ui.Row{Avatar: memberAvatar(m.MemberID, name), Title: firstText(m.Title, name), Href: "/activities/" + idText(m.ActivityID), Text: said(m.Text), Meta: []ui.Meta{{Text: placeText(m.Source, m.Channel)}, {Time: m.At}}}
	if m.MemberID > 0 {
		row.Meta = append([]ui.Meta{{Text: name, Href: memberHref(m.MemberID)}}, row.Meta...)
	}
	if m.Organization != "" {
		row.Foot = []ui.Pill{{Text: m.Organization}}
		if m.Lifecycle != "" {
			row.Foot = append(row.Foot, ui.Pill{Text: m.Lifecycle, Tone: ui.ToneInfo})
		}
	}
	return row
}

// link says what a message asks for, or takes that back.
func (p *requestPages) link(w http.ResponseWriter, r *http.Request) error {
	activity, err := strconv.ParseInt(r.FormValue("activity"), 10, 64)
	if err != nil || activity <= 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "name the message by its number")
	}
	to := firstText(referer(r), requestsPath+"/candidates")
	if r.FormValue("request") == "" {
		if err := p.cfg.Requests.Unlink(r.Context(), activity, person(r).Actor); err != nil {
			return err
		}
		return p.back(w, r, to, "Taken back.", "")
	}
	id, err := strconv.ParseInt(r.FormValue("request"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "name the request by its number")
	}
	if err := p.cfg.Requests.Link(r.Context(), activity, id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, to, "Noted.", "")
}

func (p *requestPages) settings(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Requests.Settings(r.Context())
	if err != nil {
		return err
	}
	body := p.body(requestsPath+"/settings", "Whether members see what others ask for, and vote")
	form := ui.Form{Post: requestsPath + "/settings", Fields: []ui.Field{
		{Name: "board", Label: "Members see the public board and vote on it", Type: "checkbox", Checked: set.Board, Help: "At the address /c/requests. Requests that are marked as shown are on it: title, text, votes, state and your answer, and nobody's name."},
		{Name: "closed", Label: "Members vote only, and propose nothing", Type: "checkbox", Checked: set.Closed},
		{Name: "intro", Label: "Introduction", Type: "textarea", Value: set.Intro, Help: "A sentence or two above the board."},
		{Name: "atonce", Label: "Tell who asked and voted at once when a state changes, without approval in the outbox", Type: "checkbox", Checked: set.AtOnce},
	}}
	if person(r).MayAdminister {
		form.Actions = []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}
	} else {
		for i := range form.Fields {
			form.Fields[i].Disabled = true
		}
	}
	card := cardOfPage{Head: ui.CardHead{Title: "Public board"}, Forms: []ui.Form{form}}
	if set.Board {
		card.Head.Actions = []ui.Action{{Label: "Look at it", Href: "/c/requests", Small: true}}
	}
	body.Main = []cardOfPage{card}
	return render(p.Site, w, r, p.view, "Public board", body)
}

func (p *requestPages) setSettings(w http.ResponseWriter, r *http.Request) error {
	set := request.Settings{Board: r.FormValue("board") != "", Closed: r.FormValue("closed") != "", Intro: r.FormValue("intro"), AtOnce: r.FormValue("atonce") != ""}
	if err := p.cfg.Requests.SetSettings(r.Context(), set, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, requestsPath+"/settings", "Saved.", "")
}
