// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"greenroom/internal/tool"
	"greenroom/internal/web/ui"
)

// toolMap is the drawing of what feeds what.
type toolMap struct {
	Width, Height int
	Label         string
	Boxes         []toolBoxAt
	Lines         []toolLineAt
}

type toolBoxAt struct {
	X, Y, W, H, TextX, TextY int
	Text, Title, Href        string
	Bad, Home                bool
}

type toolLineAt struct {
	Path, Title string
	Bad         bool
}

// The measures of the map, in pixels.
const (
	mapBoxWidth  = 150
	mapBoxHeight = 38
	mapAcross    = 250 // from column to column
	mapDown      = 56  // from row to row
	mapMargin    = 14
	mapLetters   = 20 // that fit into a box
)

// drawTools places the map: columns side by side, each in the middle of the tallest.
func drawTools(m *tool.Map) *toolMap {
	first, last, tallest := 0, 0, 0
	rows := make(map[int]int)
	for _, n := range m.Nodes {
		first, last = min(first, n.Column), max(last, n.Column)
		rows[n.Column] = max(rows[n.Column], n.Row+1)
		tallest = max(tallest, rows[n.Column])
	}
	d := &toolMap{Width: (last-first)*mapAcross + mapBoxWidth + 2*mapMargin, Height: (tallest-1)*mapDown + mapBoxHeight + 2*mapMargin, Label: "What feeds what. The same stands in the list below."}
	at := make(map[int64]toolBoxAt, len(m.Nodes))
	for _, n := range m.Nodes {
		b := toolBoxAt{X: mapMargin + (n.Column-first)*mapAcross, Y: mapMargin + n.Row*mapDown + (tallest-rows[n.Column])*mapDown/2, W: mapBoxWidth, H: mapBoxHeight, Text: n.Name, Title: n.Name, Href: toolHref(n.ID), Bad: n.Health == tool.Trouble}
		if n.ID == 0 {
			b.Href, b.Home = "/sources", true
		}
		if b.Bad {
			b.Title += ": look at its connection"
		}
		if letters := []rune(b.Text); len(letters) > mapLetters {
			b.Text = string(letters[:mapLetters-1]) + "…"
		}
		b.TextX, b.TextY = b.X+b.W/2, b.Y+b.H/2+4
		at[n.ID] = b
		d.Boxes = append(d.Boxes, b)
	}
	for _, e := range m.Edges {
		from, to := at[e.From], at[e.To]
		title := from.Text + " feeds " + to.Text
		if e.What != "" {
			title += ": " + e.What
		}
		d.Lines = append(d.Lines, toolLineAt{Path: toolPath(&from, &to), Title: title, Bad: e.Health == tool.Trouble})
	}
	return d
}

// toolPath is the line from a box to another: to the right as a bow, in a column around its side, to the left below.
func toolPath(from, to *toolBoxAt) string {
	y1, y2 := from.Y+from.H/2, to.Y+to.H/2
	switch {
	case from.X < to.X:
		x1, x2 := from.X+from.W, to.X
		middle := (x1 + x2) / 2
		return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1-5, middle, y1-5, middle, y2-5, x2, y2-5)
	case from.X > to.X:
		x1, x2 := from.X, to.X+to.W
		middle := (x1 + x2) / 2
		return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1+8, middle, y1+8, middle, y2+8, x2, y2+8)
	default:
		x := from.X + from.W
		return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, y1, x+40, y1, x+40, y2, x, y2)
	}
}

func (p *toolPages) showMap(w http.ResponseWriter, r *http.Request) error {
	m, err := p.cfg.Tools.Map(r.Context())
	if err != nil {
		return err
	}
	names, err := p.toolNames(r)
	if err != nil {
		return err
	}
	names[0] = "Greenroom"
	body := toolBody{Head: ui.Head{Title: "Stack", Subtitle: "What feeds what", Find: true}, Tabs: toolTabs("/tools/map")}
	if len(m.Edges) == 0 {
		body.Sections = []toolSection{{Empty: &ui.Empty{Title: "Nothing feeds anything yet", Text: "Say of each tool which sources are read from it, whether Greenroom writes to it, and which other tools it feeds. The map follows.", Actions: []ui.Action{{Label: "To the tools", Href: "/tools"}}}}}
		return render(p.Site, w, r, p.view, "Stack", body)
	}
	body.Sections = append(body.Sections, toolSection{Map: drawTools(m), Foot: "A dashed line is a connection that should be looked at. Every box opens its tool."})
	t := &ui.Table{Caption: "What feeds what", Columns: []ui.Column{{Label: "From"}, {Label: "To"}, {Label: "What"}, {Label: "Connection"}}}
	href := func(id int64) string {
		if id == 0 {
			return "/sources"
		}
		return toolHref(id)
	}
	for i, e := range m.Edges {
		row := ui.TableRow{ID: strconv.Itoa(i), Cells: []ui.Cell{{Text: names[e.From], Href: href(e.From)}, {Text: names[e.To], Href: href(e.To)}, {Text: e.What}, {Text: "not watched"}}}
		switch e.Health {
		case tool.Good:
			row.Cells[3] = ui.Cell{Pills: []ui.Pill{{Text: "works", Tone: ui.ToneGood}}}
		case tool.Trouble:
			row.Cells[3] = ui.Cell{Pills: []ui.Pill{{Text: "look at it", Tone: ui.ToneBad, Href: href(e.From)}}}
		default:
		}
		t.Rows = append(t.Rows, row)
	}
	body.Sections = append(body.Sections, toolSection{Head: ui.CardHead{Title: "The same as a list"}, Table: t})
	if len(m.Alone) > 0 {
		alone := toolSection{Head: ui.CardHead{Title: "Connected with nothing"}, Rows: ui.Rows{Label: "Tools that are connected with nothing"}}
		for _, id := range m.Alone {
			alone.Rows.Items = append(alone.Rows.Items, ui.Row{Title: names[id], Href: toolHref(id)})
		}
		body.Sections = append(body.Sections, alone)
	}
	return render(p.Site, w, r, p.view, "Stack", body)
}

func (p *toolPages) showCosts(w http.ResponseWriter, r *http.Request) error {
	c, err := p.cfg.Tools.Costs(r.Context())
	if err != nil {
		return err
	}
	names, err := p.toolNames(r)
	if err != nil {
		return err
	}
	body := toolBody{Head: ui.Head{Title: "Stack", Subtitle: "What the stack costs", Find: true}, Tabs: toolTabs("/tools/costs")}
	body.KPIs = []ui.KPI{
		{Label: "A year", Value: toolMoneyText(c.Year, c.Currency), Note: strconv.Itoa(c.Paid) + " tools that cost something", Href: "/tools"},
		{Label: "A month", Value: toolMoneyText(c.Month, c.Currency), Note: "a year by twelve"},
		{Label: "Once", Value: toolMoneyText(c.Once, c.Currency), Note: "in neither of the two"},
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	for _, by := range []struct {
		title, param string
		label        func(string) string
		sums         []tool.Sum
	}{{"By category", "category", tool.CategoryLabel, c.ByCategory}, {"By owner", "owner", func(s string) string { return firstText(named(team, s), "nobody yet") }, c.ByOwner}} {
		t := &ui.Table{Caption: by.title, Columns: []ui.Column{{Label: by.title[3:]}, {Label: "Tools", Number: true}, {Label: "A month", Number: true}, {Label: "A year", Number: true}}}
		t.Columns[0].Label = title(t.Columns[0].Label)
		for _, s := range by.sums {
			cell := ui.Cell{Text: by.label(s.Key)}
			if s.Key != "" {
				cell.Href = toolFilterHref(by.param, s.Key)
			}
			t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{cell, {Text: strconv.Itoa(s.Tools)}, {Text: toolMoneyText(s.Month, c.Currency)}, {Text: toolMoneyText(s.Year, c.Currency)}}})
		}
		section := toolSection{Head: ui.CardHead{Title: by.title}, Table: t}
		if len(t.Rows) == 0 {
			section.Table, section.Empty = nil, &ui.Empty{Title: "No tool costs anything yet", Text: "Enter what each tool costs, and how often it is paid.", Actions: []ui.Action{{Label: "To the tools", Href: "/tools"}}}
		}
		body.Sections = append(body.Sections, section)
	}
	if len(c.NoRate) > 0 {
		s := toolSection{Head: ui.CardHead{Title: "Left out: their currency has no rate"}, Rows: ui.Rows{Label: "Tools without a rate"}}
		for _, id := range c.NoRate {
			s.Rows.Items = append(s.Rows.Items, ui.Row{Title: names[id], Href: toolHref(id)})
		}
		body.Sections = append(body.Sections, s)
	}
	m, err := p.cfg.Tools.Money(r.Context())
	if err != nil {
		return err
	}
	money := toolSection{Head: ui.CardHead{Title: "Told in " + m.Currency}, Rows: ui.Rows{Label: "Rates that count today"}}
	for _, x := range m.Rates {
		money.Rows.Items = append(money.Rows.Items, ui.Row{Title: "1 " + x.Currency + " = " + strconv.FormatFloat(x.Rate, 'f', -1, 64) + " " + m.Currency, Meta: []ui.Meta{{Text: "of " + x.Day}}})
	}
	money.Rows.Items = append(money.Rows.Items, ui.Row{Title: "Currency and rates are those of Business data", Href: "/accounts/data/rates"})
	body.Sections = append(body.Sections, money)
	return render(p.Site, w, r, p.view, "Stack", body)
}

// nextStage is what needs are shown for: the stage after the one where the community stands.
func (p *toolPages) nextStage(r *http.Request) (now, next tool.Stage) {
	if p.cfg.Maturity == nil {
		return "", tool.Grow
	}
	res, err := p.cfg.Maturity.Result(r.Context())
	if err != nil {
		return "", tool.Grow // the page says of any stage what it needs
	}
	if res.Next == "" {
		return tool.Stage(res.Stage), tool.Impact
	}
	return tool.Stage(res.Stage), tool.Stage(res.Next)
}

func (p *toolPages) showNeeds(w http.ResponseWriter, r *http.Request) error {
	now, stage := p.nextStage(r)
	if s := r.URL.Query().Get("stage"); s != "" {
		stage = tool.Stage(s)
	}
	needs, err := p.cfg.Tools.Needs(r.Context(), stage)
	if err != nil {
		return err
	}
	names, err := p.toolNames(r)
	if err != nil {
		return err
	}
	body := toolBody{Head: ui.Head{Title: "Stack", Subtitle: "What the next stage needs, and what of it is there", Find: true}, Tabs: toolTabs("/tools/needs")}
	choice := ui.Segments{Label: "Stage"}
	for _, s := range tool.Stages() {
		label := s.Label()
		if s == now {
			label += " (we are here)"
		}
		choice.Items = append(choice.Items, ui.Segment{Label: label, Href: "/tools/needs?stage=" + string(s), Active: s == stage})
	}
	body.Choices = []ui.Segments{choice}
	t := &ui.Table{Caption: "Needs", Columns: []ui.Column{{Label: "Need"}, {Label: "From"}, {Label: "Why"}, {Label: "There"}, {Label: "Might do"}}}
	missing := 0
	for i := range needs {
		n := &needs[i]
		there := ui.Cell{Pills: []ui.Pill{}}
		for _, id := range n.By {
			there.Pills = append(there.Pills, ui.Pill{Text: names[id], Tone: ui.ToneGood, Href: toolHref(id)})
		}
		if len(n.By) == 0 {
			there.Pills = []ui.Pill{{Text: "would help", Href: "/tools/new?state=wanted&category=" + n.Category}}
			if n.Must {
				missing++
				there.Pills = []ui.Pill{{Text: "missing", Tone: ui.ToneBad, Href: "/vendors/new?template=" + n.Category, Title: "Begin a review"}}
			}
		}
		other := ui.Cell{}
		for _, id := range n.Other {
			other.Pills = append(other.Pills, ui.Pill{Text: names[id], Href: toolHref(id)})
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: strconv.Itoa(i), Cells: []ui.Cell{{Text: n.What, Sub: tool.CategoryLabel(n.Category)}, {Text: n.Stage.Label()}, {Text: n.Why}, there, other}})
	}
	text := "Everything that has to be there for “" + stage.Label() + "” is."
	if missing > 0 {
		text = strconv.Itoa(missing) + " of what has to be there for “" + stage.Label() + "” is missing."
	}
	body.Sections = []toolSection{{Head: ui.CardHead{Title: stage.Label()}, Text: text, Table: t, Foot: "Rules of thumb of ours, to be argued with. A tool counts where its category fits and it is said to suit the stage, or any."}}
	return render(p.Site, w, r, p.view, "Stack", body)
}

func toolFilterHref(param, value string) string {
	return "/tools?" + param + "=" + url.QueryEscape(value)
}
