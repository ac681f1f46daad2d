// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/tool"
	"greenroom/internal/web/ui"
)

// Tools are the tech stack; tool.Service keeps it.
type Tools interface {
	List(ctx context.Context, f tool.Filter) ([]tool.View, error)
	Get(ctx context.Context, id int64) (tool.View, error)
	Costs(ctx context.Context) (*tool.Costs, error)
	Map(ctx context.Context) (*tool.Map, error)
	Needs(ctx context.Context, stage tool.Stage) ([]tool.Need, error)
	ToolWork
	ToolReviews
}

// ToolWork changes the inventory.
type ToolWork interface {
	Add(ctx context.Context, d tool.Draft, by string) (tool.Tool, error)
	Edit(ctx context.Context, id, version int64, d tool.Draft, by string) (tool.Tool, error)
	Undo(ctx context.Context, id, version int64, by string) (tool.Tool, error)
	Import(ctx context.Context, table []tool.Named, by string) (added, changed int, err error)
	ToolIncidents
	ToolSuggestions
	ToolMoney
}

// ToolIncidents are what happened to tools.
type ToolIncidents interface {
	ToolIncidents(ctx context.Context, tool int64) ([]tool.Incident, error)
	AddIncident(ctx context.Context, i tool.Incident, by string) (tool.Incident, error)
	EndIncident(ctx context.Context, id int64, by string) error
}

// ToolSuggestions are tools that the sources speak of.
type ToolSuggestions interface {
	Suggestions(ctx context.Context) ([]tool.Suggestion, error)
	Accept(ctx context.Context, source, by string) (tool.Tool, error)
	Decline(ctx context.Context, source, by string) error
}

// ToolMoney is how costs are put into one currency.
type ToolMoney interface {
	Money(ctx context.Context) (tool.Money, error)
}

// toolBody is what toolpage.html shows, which all pages of the stack and of maturity share.
type toolBody struct {
	Head     ui.Head
	Tabs     ui.Segments
	Choices  []ui.Segments
	KPIs     []ui.KPI
	Sections []toolSection
	Dialogs  []ui.Dialog
}

// toolSection is a card of these pages.
type toolSection struct {
	Head  ui.CardHead
	Text  string
	Map   *toolMap
	Facts []ui.Fact
	Chart *ui.Chart
	Form  *ui.Form
	Table *ui.Table
	Rows  ui.Rows
	Empty *ui.Empty
	Foot  string
}

type toolPages struct {
	*Site
	view *ui.View[toolBody]
}

func (s *Site) addTools() error {
	if s.cfg.Tools == nil {
		return nil
	}
	view, err := ui.Parse[toolBody](s.kit, templates, "templates/toolpage.html")
	if err != nil {
		return err
	}
	p := &toolPages{Site: s, view: view}
	s.handle("GET /tools", p.showList)
	s.handle("GET /tools/map", p.showMap)
	s.handle("GET /tools/costs", p.showCosts)
	s.handle("GET /tools/needs", p.showNeeds)
	s.handle("GET /tools/tools.csv", p.export)
	s.change("GET /tools/new", mayWrite, p.showNew)
	s.change("POST /tools/new", mayWrite, p.save)
	s.change("POST /tools/import", mayWrite, p.importTools)
	s.change("POST /tools/suggested", mayWrite, p.answerSuggestion)
	s.handle("GET /tools/{id}", p.show)
	s.change("GET /tools/{id}/edit", mayWrite, p.showEdit)
	s.change("POST /tools/{id}/edit", mayWrite, p.save)
	s.change("POST /tools/{id}/undo", mayWrite, p.undo)
	s.change("POST /tools/{id}/incidents", mayWrite, p.addIncident)
	s.change("POST /tools/{id}/incidents/{incident}/end", mayWrite, p.endIncident)
	p.addReviews()
	return nil
}

func toolHref(id int64) string { return "/tools/" + idText(id) }

func toolTabs(at string) ui.Segments {
	tabs := ui.Segments{Label: "The stack"}
	for _, x := range [][2]string{{"Tools", "/tools"}, {"Map", "/tools/map"}, {"Costs", "/tools/costs"}, {"Next stage", "/tools/needs"}, {"Vendor reviews", "/vendors"}} {
		tabs.Items = append(tabs.Items, ui.Segment{Label: x[0], Href: x[1], Active: x[1] == at})
	}
	return tabs
}

// toolMoneyText writes an amount without parts of it.
func toolMoneyText(v float64, currency string) string {
	return ui.Decimal(v, 0) + " " + currency
}

func toolStatePill(s tool.State) ui.Pill {
	tone := map[tool.State]ui.Tone{tool.InUse: ui.ToneGood, tool.Trial: ui.ToneInfo, tool.Wanted: ui.ToneIdea}[s]
	return ui.Pill{Text: s.Label(), Tone: tone}
}

func (p *toolPages) showList(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := tool.Filter{Text: q.Get("q"), State: tool.State(q.Get("state")), Category: q.Get("category"), Owner: q.Get("owner")}
	all, err := p.cfg.Tools.List(r.Context(), f)
	if err != nil {
		return err
	}
	body := toolBody{Head: ui.Head{Title: "Stack", Subtitle: "Which tools we have, what they cost, when they renew, and what feeds what", Find: true}, Tabs: toolTabs("/tools")}
	may := person(r).MayWrite
	body.Head.Actions = []ui.Action{{Label: "Health of sources", Href: "/sources"}, {Label: "Export CSV", Href: "/tools/tools.csv"}}
	if may {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Import CSV…", Dialog: "import"}, ui.Action{Label: "New tool", Href: "/tools/new", Style: ui.StylePrimary})
		body.Dialogs = append(body.Dialogs, toolImportDialog(""))
	}
	if err := p.toolKPIs(r, &body, all); err != nil {
		return err
	}
	states := ui.Segments{Label: "Which tools", Items: []ui.Segment{{Label: "All but retired", Href: toolListHref(q, ""), Active: f.State == ""}}}
	for _, s := range tool.States() {
		states.Items = append(states.Items, ui.Segment{Label: title(s.Label()), Href: toolListHref(q, string(s)), Active: f.State == s})
	}
	body.Choices = []ui.Segments{states}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	list := toolSection{Table: toolTable(all, team)}
	if len(all) == 0 {
		list.Table = nil
		list.Empty = &ui.Empty{Title: "No tools here", Text: "Enter what the team works with: what it is for, who owns it, what it costs and when it renews. Sources that Greenroom reads are suggested below."}
		if may {
			list.Empty.Actions = []ui.Action{{Label: "New tool", Href: "/tools/new", Style: ui.StylePrimary}}
		}
	}
	body.Sections = append(body.Sections, list)
	if may {
		if err := p.suggestions(r, &body); err != nil {
			return err
		}
	}
	return render(p.Site, w, r, p.view, "Stack", body)
}

// toolListHref is the list with another state.
func toolListHref(q url.Values, state string) string {
	next := url.Values{}
	for _, key := range []string{"q", "category", "owner"} {
		if v := q.Get(key); v != "" {
			next.Set(key, v)
		}
	}
	if state != "" {
		next.Set("state", state)
	}
	if len(next) == 0 {
		return "/tools"
	}
	return "/tools?" + next.Encode()
}

func (p *toolPages) toolKPIs(r *http.Request, body *toolBody, all []tool.View) error {
	c, err := p.cfg.Tools.Costs(r.Context())
	if err != nil {
		return err
	}
	soon, open := 0, 0
	for i := range all {
		if n := all[i].Next; n != nil && n.Left >= 0 && n.Left <= 60 {
			soon++
		}
		open += all[i].Open
	}
	note := "in use or on trial, by today's rates"
	if n := len(c.NoRate); n > 0 {
		note = strconv.Itoa(n) + " in a currency without a rate left out"
	}
	body.KPIs = []ui.KPI{
		{Label: "A year", Value: toolMoneyText(c.Year, c.Currency), Href: "/tools/costs", Note: note},
		{Label: "A month", Value: toolMoneyText(c.Month, c.Currency), Href: "/tools/costs", Note: "a year by twelve"},
		{Label: "Decide soon", Value: strconv.Itoa(soon), Note: "notice runs out within 60 days"},
		{Label: "Incidents", Value: strconv.Itoa(open), Note: "that are not over"},
	}
	return nil
}

func toolTable(all []tool.View, team teamNames) *ui.Table {
	t := &ui.Table{Caption: "Tools", Columns: []ui.Column{{Label: "Tool"}, {Label: "For"}, {Label: "Owner"}, {Label: "Users", Number: true}, {Label: "Cost", Number: true}, {Label: "Renews"}, {Label: "Data"}, {Label: "Connection"}}}
	for i := range all {
		v := &all[i]
		cells := []ui.Cell{
			{Text: v.Name, Href: toolHref(v.ID), Pills: []ui.Pill{toolStatePill(v.State)}},
			{Text: tool.CategoryLabel(v.Category), Href: "/tools?category=" + url.QueryEscape(v.Category), Sub: toolSuits(v.Suits)},
			team.cell(v.Owner),
			{},
			{Text: toolCost(&v.Draft)},
			{},
			{},
			{},
		}
		if v.Owner == "" && v.State.Paid() {
			cells[2] = ui.Cell{Pills: []ui.Pill{{Text: "no owner", Tone: ui.ToneWarn}}}
		}
		if v.Users > 0 {
			cells[3].Text = ui.Number(v.Users)
		}
		if n := v.Next; n != nil {
			cells[5] = ui.Cell{Text: dayText(n.Day), Pills: toolNoticePills(n)}
		}
		if v.Personal {
			cells[6] = ui.Cell{Pills: []ui.Pill{{Text: "personal", Tone: ui.ToneInfo, Title: strings.Join(v.Data, ", ")}}, Sub: v.Region}
		} else if len(v.Data) > 0 {
			cells[6] = ui.Cell{Text: strings.Join(v.Data, ", "), Sub: v.Region}
		}
		cells[7].Pills = toolHealthPills(v)
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(v.ID), Cells: cells})
	}
	return t
}

func toolSuits(all []tool.Stage) string {
	var names []string
	for _, s := range all {
		names = append(names, s.Label())
	}
	return strings.Join(names, ", ")
}

func toolCost(d *tool.Draft) string {
	if d.Cost == 0 {
		return ""
	}
	text := ui.Decimal(d.Cost, 0) + " " + d.Currency
	if d.Every == tool.Once {
		return text + " once"
	}
	return text + " a " + string(d.Every)
}

// toolNoticePills says how long one can still give notice.
func toolNoticePills(n *tool.Renewal) []ui.Pill {
	switch {
	case n.Missed:
		return []ui.Pill{{Text: "notice is over", Title: "It could be given until " + dayText(n.Until)}}
	case n.Left <= 30:
		return []ui.Pill{{Text: "notice until " + dayText(n.Until), Tone: ui.ToneWarn}}
	default:
		return nil
	}
}

func toolHealthPills(v *tool.View) []ui.Pill {
	var pills []ui.Pill
	switch v.Health {
	case tool.Good:
		pills = append(pills, ui.Pill{Text: "works", Tone: ui.ToneGood, Href: toolHref(v.ID)})
	case tool.Trouble:
		pills = append(pills, ui.Pill{Text: "look at it", Tone: ui.ToneBad, Href: toolHref(v.ID)})
	default:
	}
	if v.Open > 0 {
		pills = append(pills, ui.Pill{Text: strconv.Itoa(v.Open) + " open", Tone: ui.ToneWarn, Title: "Incidents that are not over", Href: toolHref(v.ID)})
	}
	return pills
}

func (p *toolPages) suggestions(r *http.Request, body *toolBody) error {
	all, err := p.cfg.Tools.Suggestions(r.Context())
	if err != nil || len(all) == 0 {
		return err
	}
	section := toolSection{Head: ui.CardHead{Title: "Read into Greenroom, but not in the inventory"}, Rows: ui.Rows{Label: "Suggested tools"}}
	for i := range all {
		s := &all[i]
		hidden := []ui.Hidden{{Name: "source", Value: s.Source.Name}}
		section.Rows.Items = append(section.Rows.Items, ui.Row{
			Title: s.Draft.Name, Pills: []ui.Pill{{Text: tool.CategoryLabel(s.Draft.Category)}}, Meta: []ui.Meta{{Text: "source " + s.Source.Name, Href: sourceHref(s.Source.Name)}, {Text: s.Source.Says}},
			Actions: []ui.Action{
				{Label: "Not a tool", Label2: "Not a tool: " + s.Source.Name, Post: "/tools/suggested", Hidden: append([]ui.Hidden{{Name: "do", Value: "decline"}}, hidden...), Small: true, Style: ui.StyleQuiet},
				{Label: "Add", Label2: "Add " + s.Draft.Name + " of " + s.Source.Name, Post: "/tools/suggested", Hidden: hidden, Small: true},
			},
		})
	}
	body.Sections = append(body.Sections, section)
	return nil
}

func (p *toolPages) answerSuggestion(w http.ResponseWriter, r *http.Request) error {
	source := r.FormValue("source")
	if r.FormValue("do") == "decline" {
		if err := p.cfg.Tools.Decline(r.Context(), source, person(r).Actor); err != nil {
			return err
		}
		return p.back(w, r, "/tools", source+" is suggested no more. It can still be entered by hand.", "")
	}
	t, err := p.cfg.Tools.Accept(r.Context(), source, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, toolHref(t.ID), t.Name+" is in the inventory. Say who owns it and what it costs.", "")
}

// undoEntered is how long a tool's page offers to take back that it was entered.
const undoEntered = 24 * time.Hour

func (p *toolPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	v, err := p.cfg.Tools.Get(r.Context(), id)
	if err != nil {
		return err
	}
	body := toolBody{Head: ui.Head{Title: v.Name, Subtitle: v.Purpose, Back: &ui.Action{Label: "Stack", Href: "/tools"}, Pills: append([]ui.Pill{toolStatePill(v.State)}, toolHealthPills(&v)...)}}
	here, may := toolHref(id), person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "Write down an incident…", Dialog: "incident"}, {Label: "Edit", Href: here + "/edit", Style: ui.StylePrimary}}
		if what := "Undo the last change"; v.Before != nil || v.EnteredOnly() && p.cfg.Now().Sub(v.CreatedAt) < undoEntered {
			if v.Before == nil {
				what = "Undo that it was entered"
			}
			body.Head.Actions = append([]ui.Action{{Label: "Undo", Label2: what, Post: here + "/undo", Hidden: []ui.Hidden{{Name: "version", Value: idText(v.Version)}}}}, body.Head.Actions...)
		}
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "incident", Title: "Incident", Text: "What happened to " + v.Name + ". Without an end it goes on.", Form: ui.Form{Post: here + "/incidents", Fields: []ui.Field{
			{Name: "note", Label: "What happened", Type: "textarea", Required: true}, {Name: "from", Label: "Since", Type: "date", Value: p.cfg.Now().In(p.cfg.Zones.Zone()).Format(time.DateOnly)}, {Name: "to", Label: "Until", Type: "date"},
		}, Actions: []ui.Action{{Label: "Write it down", Submit: true, Style: ui.StylePrimary}}}})
	}
	facts, err := p.toolFacts(r, &v)
	if err != nil {
		return err
	}
	body.Sections = append(body.Sections, toolSection{Head: ui.CardHead{Title: "What it is"}, Text: v.Note, Facts: facts}, toolWatched(&v))
	incidents, err := p.cfg.Tools.ToolIncidents(r.Context(), id)
	if err != nil {
		return err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	body.Sections = append(body.Sections, incidentSection(incidents, team, may))
	return render(p.Site, w, r, p.view, v.Name, body)
}

// toolFacts says what is known of a tool.
func (p *toolPages) toolFacts(r *http.Request, v *tool.View) ([]ui.Fact, error) {
	team, err := p.teamNames(r)
	if err != nil {
		return nil, err
	}
	facts := []ui.Fact{{Label: "Category", Value: tool.CategoryLabel(v.Category), Href: "/tools?category=" + url.QueryEscape(v.Category)}, team.fact("Owner", "nobody yet", v.Owner), {Label: "Suits", Value: firstText(toolSuits(v.Suits), "any phase")}}
	add := func(label, value, href string) {
		if value != "" {
			facts = append(facts, ui.Fact{Label: label, Value: value, Href: href})
		}
	}
	if v.Users > 0 {
		add("Users", ui.Number(v.Users), "")
	}
	add("Cost", toolCost(&v.Draft), "")
	if v.Year != nil {
		m, err := p.cfg.Tools.Money(r.Context())
		if err != nil {
			return nil, err
		}
		add("A year", toolMoneyText(*v.Year, m.Currency), "/tools/costs")
	}
	if n := v.Next; n != nil {
		add("Renews", dayText(n.Day), "")
		add("Notice until", dayText(n.Until), "")
	}
	add("Contract", v.Contract, v.Contract)
	add("Data", strings.Join(v.Data, ", "), "")
	personal := "no"
	if v.Personal {
		personal = "yes"
	}
	add("Personal data", personal, "")
	add("Region", v.Region, "")
	if v.FromGR {
		add("Fed by", "Greenroom", "/outbox")
	}
	all, err := p.cfg.Tools.List(r.Context(), tool.Filter{})
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, f := range v.Feeds {
			if f.To == all[i].ID {
				add("Feeds", strings.TrimSuffix(all[i].Name+": "+f.What, ": "), toolHref(f.To))
			}
		}
		for _, f := range all[i].Feeds {
			if f.To == v.ID {
				add("Fed by", strings.TrimSuffix(all[i].Name+": "+f.What, ": "), toolHref(all[i].ID))
			}
		}
	}
	return facts, nil
}

func toolWatched(v *tool.View) toolSection {
	s := toolSection{Head: ui.CardHead{Title: "How it is connected"}, Rows: ui.Rows{Label: "Its sources"}}
	for _, h := range v.Watched {
		pill := &ui.Pill{Text: "works", Tone: ui.ToneGood}
		if h.Health == tool.Trouble {
			pill = &ui.Pill{Text: "look at it", Tone: ui.ToneBad}
		}
		s.Rows.Items = append(s.Rows.Items, ui.Row{Lead: pill, Title: h.Name, Href: sourceHref(h.Name), Meta: []ui.Meta{{Text: h.Says}}})
	}
	if len(v.Watched) == 0 {
		s.Empty = &ui.Empty{Title: "No source of Greenroom's is read from it", Text: "Name its sources in the form, and how they are is shown here, and written down when they fail."}
	}
	return s
}

func incidentSection(all []tool.Incident, team teamNames, may bool) toolSection {
	s := toolSection{Head: ui.CardHead{Title: "Incidents"}, Rows: ui.Rows{Label: "Incidents"}}
	for i := range all {
		x := &all[i]
		row := ui.Row{Title: x.Note, Meta: []ui.Meta{{Text: "since", Time: x.From}, {Text: "by " + named(team, x.By)}}, Lead: &ui.Pill{Text: "open", Tone: ui.ToneWarn}}
		if x.Source != "" {
			row.Meta[1] = ui.Meta{Text: "seen at the source " + x.Source, Href: sourceHref(x.Source)}
		}
		if !x.To.IsZero() {
			row.Lead = &ui.Pill{Text: "over"}
			row.Meta = append(row.Meta, ui.Meta{Text: "over", Time: x.To})
		} else if may && x.Source == "" {
			row.Actions = []ui.Action{{Label: "It is over", Label2: "It is over: " + x.Note, Post: toolHref(x.ToolID) + "/incidents/" + idText(x.ID) + "/end", Small: true}}
		}
		s.Rows.Items = append(s.Rows.Items, row)
	}
	if len(all) == 0 {
		s.Empty = &ui.Empty{Title: "Nothing has happened", Text: "What goes wrong with its sources is written down here by itself; write down the rest, so that the next renewal is decided by what was."}
	}
	return s
}

func (p *toolPages) addIncident(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	i := tool.Incident{ToolID: id, Note: r.FormValue("note")}
	for _, x := range []struct {
		name string
		into *time.Time
	}{{"from", &i.From}, {"to", &i.To}} {
		if text := r.FormValue(x.name); text != "" {
			if *x.into, err = time.ParseInLocation(time.DateOnly, text, p.cfg.Zones.Zone()); err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a day; one looks like 2026-11-22", text)
			}
		}
	}
	if _, err := p.cfg.Tools.AddIncident(r.Context(), i, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, toolHref(id), "The incident is written down.", "")
}

func (p *toolPages) endIncident(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	incident, err := strconv.ParseInt(r.PathValue("incident"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	if err := p.cfg.Tools.EndIncident(r.Context(), incident, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, toolHref(id), "The incident is over.", "")
}

func (p *toolPages) export(w http.ResponseWriter, r *http.Request) error {
	var all []tool.Tool
	for _, state := range []tool.State{"", tool.Retired} {
		views, err := p.cfg.Tools.List(r.Context(), tool.Filter{State: state})
		if err != nil {
			return err
		}
		for i := range views {
			all = append(all, views[i].Tool)
		}
	}
	var b bytes.Buffer
	if err := tool.WriteCSV(&b, all); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="tools.csv"`)
	_, _ = w.Write(b.Bytes()) // who has left needs no file
	return nil
}
