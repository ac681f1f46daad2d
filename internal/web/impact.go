// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/impact/verdict"
	"greenroom/internal/proof"
	"greenroom/internal/web/ui"
)

// Proof says what the community does for the business; proof.Service does.
type Proof interface {
	Measures() []proof.Measure
	Measure(ctx context.Context, key string, from, to time.Time) (proof.Figure, error)
	Figures(ctx context.Context, from, to time.Time) ([]proof.Figure, error)
	Records(ctx context.Context, key string, from, to time.Time) ([]proof.Record, error)
	ProofStudies
	ProofRuns
	ProofLedger
}

// ProofStudies keeps studies.
type ProofStudies interface {
	List(ctx context.Context) ([]proof.Study, error)
	Get(ctx context.Context, id int64) (proof.Study, error)
	Subjects(ctx context.Context) ([]proof.Subject, error)
	Add(ctx context.Context, d proof.Draft, by string) (proof.Study, error)
	Edit(ctx context.Context, id, version int64, d proof.Draft, by string) (proof.Study, error)
	Remove(ctx context.Context, id, version int64, back bool, by string) (proof.Study, error)
}

// ProofRuns computes studies.
type ProofRuns interface {
	Runs(ctx context.Context, id int64) ([]proof.Run, error)
	Run(ctx context.Context, id int64) (proof.Run, error)
	Compared(ctx context.Context, run int64, limit int) ([]proof.Compared, error)
	Ask(ctx context.Context, id int64, by string) (proof.Run, error)
	Cancel(ctx context.Context, id int64) (proof.Run, error)
}

// ProofLedger keeps costs and assumptions.
type ProofLedger interface {
	Costs(ctx context.Context) ([]proof.Cost, error)
	AddCosts(ctx context.Context, all []proof.Cost, by string) ([]proof.Cost, error)
	ChangeCost(ctx context.Context, c proof.Cost, remove bool, by string) (proof.Cost, error)
	Inputs(ctx context.Context) ([]proof.Input, error)
	SetInput(ctx context.Context, in proof.Input, by string) (proof.Input, error)
}

const impactPath = "/impact"

// impactCard is one card of a page of impact.
type impactCard struct {
	ID       string
	Title    string
	Note     string
	Even     bool // its table has the columns of the tables around it, and stands in one line with them
	Says     []string
	Interval *ui.Interval
	Chart    *ui.Chart
	Table    *ui.Table
	Rows     *ui.Rows
	Facts    []ui.Fact
	Form     *ui.Form
	Empty    *ui.Empty
	Actions  []ui.Action
}

// impactBody is what impact.html shows.
type impactBody struct {
	Head     ui.Head
	Tabs     ui.Segments
	Spans    ui.Segments
	Failed   string
	Progress *ui.Progress
	Busy     string // address to ask again while something is computed
	KPIs     []ui.KPI
	Main     []impactCard
	Side     []impactCard
	Dialogs  []ui.Dialog
}

type impactPages struct {
	*Site
	view *ui.View[impactBody]
}

func (s *Site) addImpact() error {
	if s.cfg.Proof == nil {
		return nil
	}
	p := &impactPages{Site: s}
	var err error
	if p.view, err = ui.Parse[impactBody](s.kit, templates, "templates/impact.html"); err != nil {
		return err
	}
	s.handle("GET /impact", p.overview)
	s.handle("GET /impact/measures/{key}", p.measure)
	s.handle("GET /impact/studies", p.studies)
	s.change("GET /impact/studies/new", mayWrite, p.newStudy)
	s.change("POST /impact/studies/new", mayWrite, p.saveStudy)
	s.handle("GET /impact/studies/{id}", p.study)
	s.handle("GET /impact/studies/{id}/runs/{run}", p.study)
	s.handle("GET /impact/studies/{id}/runs/{run}/people", p.people)
	s.change("GET /impact/studies/{id}/edit", mayWrite, p.editStudy)
	s.change("POST /impact/studies/{id}/edit", mayWrite, p.saveStudy)
	s.change("POST /impact/studies/{id}/run", mayWrite, p.runStudy)
	s.change("POST /impact/studies/{id}/cancel", mayWrite, p.cancelStudy)
	s.change("POST /impact/studies/{id}/remove", mayWrite, p.removeStudy)
	s.handle("GET /impact/costs", p.costs)
	s.change("POST /impact/costs", mayWrite, p.addCost)
	s.change("POST /impact/costs/import", mayWrite, p.importCosts)
	s.change("POST /impact/costs/{id}", mayWrite, p.changeCost)
	s.handle("GET /impact/assumptions", p.assumptions)
	s.change("POST /impact/assumptions", mayWrite, p.assume)
	return nil
}

// tabs are the parts of impact.
func (p *impactPages) tabs(active string) ui.Segments {
	all := ui.Segments{Label: "Impact"}
	for _, t := range [][2]string{{"Measures", impactPath}, {"Studies", impactPath + "/studies"}, {"Costs", impactPath + "/costs"}, {"Assumptions", impactPath + "/assumptions"}} {
		all.Items = append(all.Items, ui.Segment{Label: t[0], Href: t[1], Active: t[1] == active})
	}
	return all
}

func (p *impactPages) show(w http.ResponseWriter, r *http.Request, b impactBody) error {
	return render(p.Site, w, r, p.view, b.Head.Title, b)
}

// lightTone is the color of a light.
func lightTone(l verdict.Light) ui.Tone {
	switch l {
	case verdict.Experiment, verdict.Good:
		return ui.ToneGood
	case verdict.Weak:
		return ui.ToneWarn
	default:
		return ui.ToneBad
	}
}

func lightPill(l verdict.Light, says string) ui.Pill {
	return ui.Pill{Text: string(l), Tone: lightTone(l), Title: says}
}

// proofFigure writes a figure with its unit.
func proofFigure(u proof.Unit, money string, v *float64) string {
	switch {
	case v == nil:
		return "–"
	case u == proof.UnitShare:
		return strconv.FormatFloat(*v*100, 'f', 1, 64) + " %"
	case u == proof.UnitMoney:
		return ui.Decimal(*v, 0) + " " + money
	case u == proof.UnitDays:
		return ui.Decimal(*v, 0) + " days"
	case *v == float64(int64(*v)):
		return ui.Decimal(*v, 0)
	default:
		return ui.Decimal(*v, 1)
	}
}

func proofRange(u proof.Unit, money string, low, high *float64) string {
	if low == nil || high == nil || *low == *high {
		return ""
	}
	return proofFigure(u, money, low) + " to " + proofFigure(u, money, high)
}

// span reads the time that measures are of: the last 90 days where nothing is said.
func (p *impactPages) span(r *http.Request) (from, to time.Time, err error) {
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	to = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	from = to.AddDate(0, 0, -90)
	for _, x := range []struct {
		name string
		to   *time.Time
		days int
	}{{"from", &from, 0}, {"to", &to, 1}} {
		if text := r.URL.Query().Get(x.name); text != "" {
			t, err := time.ParseInLocation(time.DateOnly, text, now.Location())
			if err != nil {
				return from, to, greenroom.Errorf(greenroom.CodeInvalid, "%q is no day; write it as 2026-01-31", text)
			}
			*x.to = t.AddDate(0, 0, x.days)
		}
	}
	return from, to, nil
}

// spanQuery is a time as the address has it.
func spanQuery(from, to time.Time) string {
	return url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.AddDate(0, 0, -1).Format(time.DateOnly)}}.Encode()
}

// spans are the times that can be chosen.
func (p *impactPages) spans(path string, from, to time.Time) ui.Segments {
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	all := ui.Segments{Label: "Time"}
	for _, d := range []int{30, 90, 180, 365} {
		begin := today.AddDate(0, 0, -d)
		all.Items = append(all.Items, ui.Segment{Label: strconv.Itoa(d) + " days", Href: path + "?" + spanQuery(begin, today), Active: begin.Equal(from) && today.Equal(to)})
	}
	return all
}

func (p *impactPages) overview(w http.ResponseWriter, r *http.Request) error {
	from, to, err := p.span(r)
	if err != nil {
		return err
	}
	figures, err := p.cfg.Proof.Figures(r.Context(), from, to)
	if err != nil {
		return err
	}
	body := impactBody{
		Head: ui.Head{Title: "Impact", Subtitle: "What the community does for the business, how well that is known, and what is not. " + dayText(from.Format(time.DateOnly)) + " – " + dayText(to.AddDate(0, 0, -1).Format(time.DateOnly)), Find: true},
		Tabs: p.tabs(impactPath), Spans: p.spans(impactPath, from, to),
	}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "Ask what it did…", Href: impactPath + "/studies/new", Style: ui.StylePrimary}}
	}
	for i, m := range p.cfg.Proof.Measures() {
		title := m.For + ": " + m.Asks
		at := slices.IndexFunc(body.Main, func(c impactCard) bool { return c.Title == title })
		if at < 0 {
			at = len(body.Main)
			body.Main = append(body.Main, impactCard{Title: title, Even: true, Table: &ui.Table{Caption: title, Columns: []ui.Column{{Label: "Measure"}, {Label: "Figure", Number: true}, {Label: "Range", Number: true}, {Label: "As an effect"}}}})
		}
		t := body.Main[at].Table
		t.Rows = append(t.Rows, figureRow(&m, &figures[i], from, to))
	}
	body.Main = append(body.Main, impactCard{Says: []string{"Figures count; they are no effects. What would have happened without is asked by studies, and their light stands beside each figure. Definitions that count the same deals or cases are never added."}})
	return p.show(w, r, body)
}

func measureHref(key string, from, to time.Time) string {
	return impactPath + "/measures/" + url.PathEscape(key) + "?" + spanQuery(from, to)
}

func figureRow(m *proof.Measure, f *proof.Figure, from, to time.Time) ui.TableRow {
	row := ui.TableRow{Cells: []ui.Cell{{Text: m.Label, Href: measureHref(m.Key, from, to)}, {Text: proofFigure(f.Unit, f.Money, f.Value)}, {Text: proofRange(f.Unit, f.Money, f.Low, f.High)}, {}}}
	if f.Value == nil {
		row.Cells[1].Text = "not known"
		if len(f.Unknown) > 0 {
			row.Cells[0].Sub = f.Unknown[0]
		}
	} else if f.Of > 0 {
		row.Cells[1].Sub = ui.Number(f.Count) + " of " + ui.Number(f.Of)
	}
	if f.Verdict != "" {
		row.Cells[3].Pills = []ui.Pill{lightPill(f.Verdict, firstText(f.Answer, "No study answers what would have happened without."))}
		if f.Study > 0 {
			row.Cells[3].Pills[0].Href = studyHref(f.Study)
		}
	} else {
		row.Cells[3].Sub = "a count"
	}
	return row
}

// mostRecords is how many records a page lists.
const mostRecords = 500

func (p *impactPages) measure(w http.ResponseWriter, r *http.Request) error {
	m, err := proof.FindMeasure(r.PathValue("key"))
	if err != nil {
		return err
	}
	from, to, err := p.span(r)
	if err != nil {
		return err
	}
	f, err := p.cfg.Proof.Measure(r.Context(), m.Key, from, to)
	if err != nil {
		return err
	}
	records, err := p.cfg.Proof.Records(r.Context(), m.Key, from, to)
	if err != nil {
		return err
	}
	body := impactBody{
		Head:  ui.Head{Title: m.Label, Subtitle: dayText(from.Format(time.DateOnly)) + " – " + dayText(to.AddDate(0, 0, -1).Format(time.DateOnly)), Back: &ui.Action{Label: "Impact", Href: impactPath + "?" + spanQuery(from, to)}},
		Spans: p.spans(impactPath+"/measures/"+url.PathEscape(m.Key), from, to),
	}
	kpi := ui.KPI{Label: m.Label, Value: proofFigure(f.Unit, f.Money, f.Value), Note: proofRange(f.Unit, f.Money, f.Low, f.High)}
	if f.Value == nil {
		kpi.Value = "not known"
	}
	if len(records) > 0 {
		kpi.Href = "#records"
	}
	body.KPIs = []ui.KPI{kpi}
	for _, x := range f.Parts {
		body.KPIs = append(body.KPIs, ui.KPI{Label: title(x.Label), Value: proofFigure(x.Unit, f.Money, x.Value), Note: partNote(&f, &x)})
	}
	if f.Causal != "" {
		body.Main = append(body.Main, p.causal(r, &m, &f))
	}
	if len(f.Unknown) > 0 {
		body.Main = append(body.Main, impactCard{Title: "What is not known", Rows: sayRows("What is not known", f.Unknown)})
	}
	if len(f.Inputs) > 0 {
		body.Main = append(body.Main, impactCard{Title: "What it rests on", Note: f.Matters, Table: inputTable(f.Inputs), Actions: []ui.Action{{Label: "Set assumptions", Href: impactPath + "/assumptions", Small: true}}})
	}
	body.Main = append(body.Main, p.records(&f, records))
	facts := []ui.Fact{{Label: "What it counts", Value: m.Definition}, {Label: "Formula", Value: m.Formula}}
	for _, x := range m.Sources {
		facts = append(facts, ui.Fact{Label: "After", Value: x.Title, Href: x.URL})
	}
	body.Side = []impactCard{{Title: "Definition", Facts: facts}}
	return p.show(w, r, body)
}

// partNote is the range of a part or, where it counts records, how many; a part of a figure from inputs alone has neither.
func partNote(f *proof.Figure, x *proof.Part) string {
	if note := proofRange(x.Unit, f.Money, x.Low, x.High); note != "" || x.Count == 0 {
		return note
	}
	return countText(int64(x.Count), "record", "records")
}

// causal is the question that stands beside every figure that gives credit.
func (p *impactPages) causal(r *http.Request, m *proof.Measure, f *proof.Figure) impactCard {
	c := impactCard{Title: "As an effect", Rows: &ui.Rows{Label: "As an effect"}}
	pill := lightPill(f.Verdict, "")
	row := ui.Row{Title: f.Causal, Lead: &pill, Text: firstText(f.Answer, "No study answers that yet. The figure says that the community was there, and not that it would have been otherwise without.")}
	if f.Study > 0 {
		row.Href = studyHref(f.Study)
	}
	c.Rows.Items = []ui.Row{row}
	if person(r).MayWrite && f.Study == 0 {
		c.Actions = []ui.Action{{Label: "Ask by a study", Href: impactPath + "/studies/new?measure=" + url.QueryEscape(m.Key), Small: true}}
	}
	return c
}

func sayRows(label string, texts []string) *ui.Rows {
	rows := &ui.Rows{Label: label}
	for _, t := range texts {
		rows.Items = append(rows.Items, ui.Row{Title: t})
	}
	return rows
}

func inputTable(all []proof.Input) *ui.Table {
	t := &ui.Table{Caption: "What it rests on", Columns: []ui.Column{{Label: "Input"}, {Label: "Likely", Number: true}, {Label: "Range", Number: true}, {Label: "Where it comes from"}}}
	for i := range all {
		in := &all[i]
		row := ui.TableRow{Cells: []ui.Cell{{Text: in.Name, Sub: in.Unit}, {Text: "not known"}, {}, {Text: in.Origin}}}
		switch {
		case len(in.Words) > 0:
			row.Cells[1].Text = strings.Join(in.Words, ", ")
		case in.Known:
			row.Cells[1].Text = ui.Decimal(in.Likely, decimalsOf(in.Likely))
			if in.Low != in.High {
				row.Cells[2].Text = ui.Decimal(in.Low, decimalsOf(in.Low)) + " to " + ui.Decimal(in.High, decimalsOf(in.High))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func decimalsOf(v float64) int {
	if v == float64(int64(v)) {
		return 0
	}
	return 2
}

// records lists what a figure counts.
func (p *impactPages) records(f *proof.Figure, all []proof.Record) impactCard {
	c := impactCard{ID: "records", Title: "Records", Note: countText(int64(len(all)), "record", "records")}
	if len(all) == 0 {
		c.Empty = &ui.Empty{Title: "Nothing to list", Text: "The figure counts no records in this time, or is computed from inputs alone."}
		return c
	}
	if len(all) > mostRecords {
		c.Note += ", the first " + ui.Number(mostRecords) + " are shown; the API and `greenroom impact measure` give all"
		all = all[:mostRecords]
	}
	c.Table = &ui.Table{Caption: "Records", Columns: []ui.Column{{Label: "What"}, {Label: "When"}, {Label: "Adds", Number: true}, {Label: "Why"}}}
	unit := f.Unit
	for i := range all {
		x := &all[i]
		cell := ui.Cell{Text: firstText(x.Name, "Member "+idText(x.Member))}
		switch {
		case x.Activity > 0:
			cell.Href = "/activities/" + idText(x.Activity)
		case x.Organization > 0:
			cell.Href = "/organizations/" + idText(x.Organization)
		case x.Member > 0:
			cell.Href = memberHref(x.Member)
		}
		value := x.Value
		row := ui.TableRow{Cells: []ui.Cell{cell, {}, {Text: proofFigure(unit, f.Money, &value)}, {Text: x.Note}}}
		if unit == proof.UnitShare {
			row.Cells[2].Text = ui.Decimal(value, decimalsOf(value))
		}
		if !x.At.IsZero() {
			row.Cells[1].Text = ui.Date(x.At.In(p.cfg.Zones.Zone()))
		}
		c.Table.Rows = append(c.Table.Rows, row)
	}
	return c
}
