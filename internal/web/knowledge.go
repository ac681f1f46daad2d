// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/knowledge"
	"greenroom/internal/web/ui"
)

const knowledgePath = "/knowledge"

// Knowledge is the register of documents; knowledge.Service keeps it.
type Knowledge interface {
	List(ctx context.Context, search string) ([]knowledge.Standing, error)
	Get(ctx context.Context, id int64) (knowledge.Detail, error)
	Beside(ctx context.Context, title, body string, limit int) ([]knowledge.Beside, error)
	KnowledgeChanges
	KnowledgeGaps
	KnowledgeReading
	KnowledgeLinks
}

// KnowledgeChanges changes documents.
type KnowledgeChanges interface {
	Add(ctx context.Context, f knowledge.Fields, by string) (knowledge.Document, error)
	Edit(ctx context.Context, id, version int64, f knowledge.Fields, by string) (knowledge.Document, error)
	Verify(ctx context.Context, id int64, by string) (knowledge.Event, error)
	Undo(ctx context.Context, event int64, by string) (knowledge.Document, error)
}

// KnowledgeGaps says what is missing.
type KnowledgeGaps interface {
	Gaps(ctx context.Context) ([]knowledge.Gap, error)
	Outline(ctx context.Context, topic int64) (knowledge.Outline, error)
}

// knowledgeBody is what knowledge.html shows.
type knowledgeBody struct {
	cardsBody

	Query    *ui.QueryBox
	Said     string // what is wrong with the search
	KPIs     []ui.KPI
	Progress *ui.Progress
	Chart    *ui.Chart
	Snippets []ui.Copy
	Outline  *knowledge.Outline
}

type knowledgePages struct {
	*Site
	view *ui.View[knowledgeBody]
}

func (s *Site) addKnowledge() error {
	if s.cfg.Knowledge == nil {
		return nil
	}
	view, err := ui.Parse[knowledgeBody](s.kit, templates, "templates/cards.html", "templates/knowledge.html")
	if err != nil {
		return err
	}
	p := &knowledgePages{s, view}
	s.handle("GET /knowledge", p.queue)
	s.handle("GET /knowledge/register", p.register)
	s.handle("GET /knowledge/gaps", p.gaps)
	s.handle("GET /knowledge/links", p.links)
	s.handle("GET /knowledge/links/live", p.live)
	s.change("POST /knowledge/links/check", mayWrite, p.check)
	s.handle("GET /knowledge/collections", p.collections)
	s.change("POST /knowledge/collections", mayConnectSources, p.collect)
	s.change("POST /knowledge/collections/read", mayConnectSources, p.readAgain)
	s.change("POST /knowledge/log", mayConnectSources, p.log)
	s.handle("GET /knowledge/settings", p.settings)
	s.change("POST /knowledge/settings", mayAdminister, p.setSettings)
	s.change("GET /knowledge/new", mayWrite, p.showNew)
	s.change("POST /knowledge/new", mayWrite, p.save)
	s.handle("GET /knowledge/{id}", p.show)
	s.change("GET /knowledge/{id}/edit", mayWrite, p.showEdit)
	s.change("POST /knowledge/{id}/edit", mayWrite, p.save)
	s.change("POST /knowledge/{id}/verify", mayWrite, p.verify)
	s.change("POST /knowledge/{id}/undo", mayWrite, p.undo)
	return nil
}

// mayConnectSources reports whether somebody says where documents are read from.
func mayConnectSources(p Person) bool { return p.MayConnect }

func documentHref(id int64) string { return knowledgePath + "/" + idText(id) }

// registerHref is the register with a search.
func registerHref(search string) string {
	return knowledgePath + "/register?q=" + url.QueryEscape(search)
}

func (p *knowledgePages) body(at, subtitle string) knowledgeBody {
	b := knowledgeBody{cardsBody: cardsBody{Head: ui.Head{Title: "Knowledge", Subtitle: subtitle, Find: true}, Tabs: ui.Segments{Label: "Knowledge"}}}
	for _, t := range []ui.Segment{
		{Label: "What to verify first", Href: knowledgePath},
		{Label: "Register", Href: knowledgePath + "/register"},
		{Label: "Gaps", Href: knowledgePath + "/gaps"},
		{Label: "Links", Href: knowledgePath + "/links"},
		{Label: "Where they come from", Href: knowledgePath + "/collections"},
		{Label: "Settings", Href: knowledgePath + "/settings"},
	} {
		t.Active = t.Href == knowledgePath+at
		b.Tabs.Items = append(b.Tabs.Items, t)
	}
	return b
}

// noDocuments is what an empty register shows.
func (p *knowledgePages) noDocuments(r *http.Request) *ui.Empty {
	e := &ui.Empty{Title: "No documents yet", Text: "Read them from a sitemap, a folder of Markdown, an export of Notion, Confluence or Google Docs, or a category of your forum. Then evidence says which to verify first: age, broken links, questions that are still asked, releases, and what readers say."}
	if person(r).MayConnect {
		e.Actions = append(e.Actions, ui.Action{Label: "Read documents", Href: knowledgePath + "/collections", Style: ui.StylePrimary})
	}
	if person(r).MayWrite {
		e.Actions = append(e.Actions, ui.Action{Label: "Add one by hand", Href: knowledgePath + "/new"})
	}
	return e
}

func levelTone(level string) ui.Tone {
	return map[string]ui.Tone{"stale": ui.ToneBad, "due": ui.ToneWarn, "fresh": ui.ToneGood}[level]
}

func levelPill(st *knowledge.Standing) ui.Pill {
	var why []string
	for _, part := range st.Parts {
		if part.Points > 0 {
			why = append(why, part.Name+" "+strconv.Itoa(part.Points))
		}
	}
	return ui.Pill{Text: st.Level() + " " + strconv.Itoa(st.Staleness), Tone: levelTone(st.Level()), Href: documentHref(st.ID) + "#why", Title: firstText(strings.Join(why, ", "), "nothing speaks against it")}
}

// shownInQueue is how many documents the queue shows.
const shownInQueue = 50

func (p *knowledgePages) queue(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Knowledge.List(r.Context(), "")
	if err != nil {
		return err
	}
	body := p.body("", "What the community and the team read, and which of it to verify first")
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "New document", Href: knowledgePath + "/new"}}
	}
	if len(all) == 0 {
		body.Main = []cardOfPage{{Head: ui.CardHead{Title: "Documents"}, Empty: p.noDocuments(r)}}
		return render(p.Site, w, r, p.view, "Knowledge", body)
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	n := map[string]int{}
	rows := ui.Rows{Label: "What to verify first"}
	for i := range all {
		st := &all[i]
		if st.State != knowledge.Active {
			continue
		}
		n["all"]++
		n[st.Level()]++
		if st.Evidence.Broken+st.Evidence.Missing > 0 || st.Evidence.Unreached {
			n["broken"]++
		}
		if st.Staleness >= knowledge.DueFrom && len(rows.Items) < shownInQueue {
			rows.Items = append(rows.Items, p.queueRow(r, st, team))
		}
	}
	for _, k := range [][3]string{{"Documents", "all", "is:active"}, {"Stale", "stale", "is:active is:stale"}, {"Due", "due", "is:active is:due"}, {"With broken links", "broken", "is:active is:broken"}} {
		body.KPIs = append(body.KPIs, ui.KPI{Label: k[0], Value: ui.Number(n[k[1]]), Href: registerHref(k[2])})
	}
	card := cardOfPage{Head: ui.CardHead{Title: "What to verify first", Note: "by staleness × use", Definition: stalenessDefinition()}, Rows: rows}
	if len(rows.Items) == 0 {
		card.Text = "Nothing is due: every document was verified or changed in time, and nothing else speaks against any."
	}
	body.Main = []cardOfPage{card}
	return render(p.Site, w, r, p.view, "Knowledge", body)
}

func stalenessDefinition() *ui.Definition {
	return &ui.Definition{Term: "Staleness", Text: "From 0 to 100, the sum of five parts; from 40 on a document is due, from 70 on stale.", Rows: []ui.Fact{
		{Label: "Age", Value: "40 × days since verified or changed ÷ rhythm, up to 60"},
		{Label: "Links", Value: "40 where its own address fails; else 10 a broken link, 3 a missing place, up to 30"},
		{Label: "Questions", Value: "3 each since then, 2 more while open, up to 20"},
		{Label: "Releases", Value: "10 for the first since then, 5 for each further, up to 20"},
		{Label: "Readers", Value: "20 × the share it did not help, at its lower end"},
		{Label: "Use", Value: "log₁₀ (10 + views + 5 × questions)"},
	}}
}

func (p *knowledgePages) queueRow(r *http.Request, st *knowledge.Standing, team teamNames) ui.Row {
	row := ui.Row{ID: idText(st.ID), Title: st.Title, Href: documentHref(st.ID), Pills: []ui.Pill{levelPill(st), {Text: st.Kind.Label()}}}
	row.Meta = append(row.Meta, team.meta("nobody keeps it", st.Owner), ui.Meta{Text: countText(st.Evidence.Views, "view", "views") + " in 90 days", Href: documentHref(st.ID)})
	for _, part := range st.Parts {
		if part.Points > 0 {
			row.Meta = append(row.Meta, ui.Meta{Text: strings.TrimSuffix(part.Says, ".")})
		}
	}
	if person(r).MayWrite {
		row.Actions = []ui.Action{{Label: "Verify", Label2: "Verify: " + st.Title, Post: documentHref(st.ID) + "/verify", Hidden: []ui.Hidden{{Name: "back", Value: "queue"}}, Small: true, Key: "v"}}
	}
	if to := outside(st.Address); to != "" {
		row.Actions = append([]ui.Action{{Label: "Open", Label2: "Open: " + st.Title, Href: to, Small: true, Style: ui.StyleQuiet}}, row.Actions...)
	}
	return row
}

// shownDocuments is how many documents a page of the register shows.
const shownDocuments = 100

func (p *knowledgePages) register(w http.ResponseWriter, r *http.Request) error {
	search := r.URL.Query().Get("q")
	body := p.body("/register", "All documents, internal and external")
	body.Query = &ui.QueryBox{Label: "Find documents", Value: search, Action: knowledgePath + "/register", Placeholder: "is:stale kind:how-to keys", Hint: "Words, and kind: audience: owner: tag: host: is:"}
	for _, x := range [][2]string{{"Stale", "is:stale"}, {"Nobody keeps it", "is:unowned"}, {"Broken links", "is:broken"}, {"Still asked about", "is:asked"}, {"Internal", "audience:internal"}, {"Gone", "is:gone"}, {"Archived", "is:archived"}} {
		body.Query.Examples = append(body.Query.Examples, ui.Segment{Label: x[0], Href: registerHref(x[1]), Active: search == x[1]})
	}
	all, err := p.cfg.Knowledge.List(r.Context(), search)
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		body.Said, err = sentence(greenroom.ErrorMessage(err)), nil
	}
	if err != nil {
		return err
	}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "New document", Href: knowledgePath + "/new"}}
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("from")) // anything else is the first page
	from = min(max(from, 0), max(0, len(all)-1))
	to := min(len(all), from+shownDocuments)
	t := &ui.Table{Caption: "Documents", Columns: []ui.Column{{Label: "Document"}, {Label: "Kind"}, {Label: "Owner"}, {Label: "Staleness"}, {Label: "Views, 90 days", Number: true}, {Label: "Questions", Number: true}, {Label: "Broken links", Number: true}, {Label: "Known right"}}}
	for i := range all[from:to] {
		t.Rows = append(t.Rows, documentLine(&all[from+i], team))
	}
	if len(all) > shownDocuments {
		t.Foot = &ui.Pager{Text: strconv.Itoa(from+1) + "–" + strconv.Itoa(to) + " of " + ui.Number(len(all))}
		at := func(n int) string { return registerHref(search) + "&from=" + strconv.Itoa(n) }
		if from > 0 {
			t.Foot.Newer = at(max(0, from-shownDocuments))
		}
		if to < len(all) {
			t.Foot.Older = at(to)
		}
	}
	if len(all) == 0 {
		if t.Empty = p.noDocuments(r); search != "" {
			t.Empty = &ui.Empty{Title: "No document fits", Text: "Take a word out, or look at all.", Actions: []ui.Action{{Label: "All documents", Href: knowledgePath + "/register"}}}
		}
	}
	body.Main = []cardOfPage{{Head: ui.CardHead{Title: "Documents", Note: countText(int64(len(all)), "document", "documents")}, Table: t}}
	return render(p.Site, w, r, p.view, "Documents", body)
}

func documentLine(st *knowledge.Standing, team teamNames) ui.TableRow {
	name := ui.Cell{Text: st.Title, Href: documentHref(st.ID), Sub: st.Address}
	if st.State != knowledge.Active {
		name.Pills = append(name.Pills, ui.Pill{Text: string(st.State)})
	}
	if !st.GoneAt.IsZero() {
		name.Pills = append(name.Pills, ui.Pill{Text: "gone", Tone: ui.ToneWarn, Title: "Its collection does not have it any more"})
	}
	if st.Audience == knowledge.Internal {
		name.Pills = append(name.Pills, ui.Pill{Text: "internal"})
	}
	figure := func(n int64, at string) ui.Cell {
		if n == 0 {
			return ui.Cell{}
		}
		return ui.Cell{Text: ui.Number(int(n)), Href: documentHref(st.ID) + at}
	}
	return ui.TableRow{ID: idText(st.ID), Cells: []ui.Cell{
		name, {Text: st.Kind.Label()}, team.cell(st.Owner), {Pills: []ui.Pill{levelPill(st)}}, figure(st.Evidence.Views, ""), figure(st.Evidence.Questions, "#asked"), figure(st.Evidence.Broken, "#links"), {Time: st.Base()},
	}}
}

// shownBeside is how many documents stand beside an item of the inbox.
const shownBeside = 3

// documentsBeside lists documents that may answer a conversation of the inbox.
func (s *Site) documentsBeside(r *http.Request, c *greenroom.Conversation, all []greenroom.Activity) ([]ui.Row, error) {
	if s.cfg.Knowledge == nil {
		return nil, nil
	}
	said := ""
	if len(all) > 0 {
		said = excerpt(all[0].Body, 600)
	}
	found, err := s.cfg.Knowledge.Beside(r.Context(), c.Title, said, shownBeside)
	if err != nil {
		return nil, err
	}
	var rows []ui.Row
	for i := range found {
		b := &found[i]
		row := ui.Row{Title: b.Title, Href: documentHref(b.ID), Meta: []ui.Meta{{Text: strconv.Itoa(int(100*b.Share)) + " % alike"}}}
		if b.Level != "fresh" {
			row.Pills = append(row.Pills, ui.Pill{Text: b.Level, Tone: levelTone(b.Level), Title: "It was not verified in time"})
		}
		if b.Audience == knowledge.Internal {
			row.Pills = append(row.Pills, ui.Pill{Text: "internal", Title: "Do not send it to members"})
		}
		if to := outside(b.Address); to != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "open it", Href: to})
		}
		rows = append(rows, row)
	}
	return rows, nil
}
