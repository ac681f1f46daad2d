// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/ask"
	"greenroom/internal/assistant"
	"greenroom/internal/web/ui"
)

// SQL answers questions in SQL; ask.Service does.
type SQL interface {
	Views() []ask.View
	Ask(ctx context.Context, q ask.Query) (*ask.Answer, error)
	Asked(ctx context.Context, by string, limit int) ([]ask.Asked, error)
	Running(by string) []ask.Running
	Stop(id int64, by string) error
	SQLQuestions
}

// SQLQuestions are those that are kept.
type SQLQuestions interface {
	Saved(ctx context.Context) ([]ask.Saved, error)
	Get(ctx context.Context, id int64) (ask.Saved, error)
	Keep(ctx context.Context, d ask.Draft, by string) (ask.Saved, error)
	Edit(ctx context.Context, id, version int64, d ask.Draft, by string) (ask.Saved, error)
	Remove(ctx context.Context, id int64, by string) error
}

// sqlBody is what asksql.html shows.
type sqlBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	Form    ui.Form
	Note    string
	Running ui.Rows
	Answer  *sqlAnswer
	Keep    *ui.Form
	Saved   ui.Rows
	Asked   ui.Rows
	Samples ui.Rows
	Views   []sqlView
}

// sqlAnswer is the card with an answer.
type sqlAnswer struct {
	Head   string
	Note   string
	Figure string
	Chart  *ui.Chart
	Table  *ui.Table
	Shapes ui.Segments
	Files  []ui.Action
}

type sqlView struct {
	Name, Text string
	Facts      []ui.Fact
	Href       string
}

type sqlPages struct {
	*Site
	view *ui.View[sqlBody]
}

const sqlPath = askPath + "/sql"

func (s *Site) addSQL() error {
	if s.cfg.SQL == nil {
		return nil
	}
	view, err := ui.Parse[sqlBody](s.kit, templates, "templates/asksql.html")
	if err != nil {
		return err
	}
	p := &sqlPages{Site: s, view: view}
	s.handle("GET "+sqlPath, p.show)
	s.handle("GET "+sqlPath+"/answer.csv", p.file)
	s.handle("GET "+sqlPath+"/answer.json", p.file)
	s.handle("POST "+sqlPath+"/running/{id}/stop", p.stop)
	s.change("POST "+sqlPath+"/questions", mayWrite, p.keep)
	s.change("POST "+sqlPath+"/questions/{id}/remove", mayWrite, p.remove)
	return nil
}

// sqlTabs leads from questions in plain words to those in SQL and back, for those who may ask both.
func (s *Site) sqlTabs(r *http.Request) ui.Segments {
	if s.cfg.SQL == nil || !s.helps(r, assistant.Question) {
		return ui.Segments{}
	}
	in := r.URL.Path == sqlPath
	return ui.Segments{Label: "How to ask", Items: []ui.Segment{{Label: "In plain words", Href: askPath, Active: !in}, {Label: "In SQL", Href: sqlPath, Active: in}}}
}

// sqlNav is the entry of the navigation: to the language model, or where there is none to SQL.
func (s *Site) sqlNav(r *http.Request) (shown bool, href string) {
	if s.helps(r, assistant.Question) {
		return true, askPath
	}
	return s.cfg.SQL != nil, sqlPath
}

// sqlAsked is a question as the address of the page says it.
type sqlAsked struct {
	sql    string
	values map[string]string
	shape  ask.Shape
	saved  *ask.Saved
	ready  bool // it can be answered: every parameter has a value
	params []string
}

// read reads a question from the address: sql, p.NAME for each parameter, as, and q for one that is kept.
func (p *sqlPages) read(r *http.Request) (sqlAsked, error) {
	q := r.URL.Query()
	a := sqlAsked{sql: strings.TrimSpace(q.Get("sql")), values: make(map[string]string), shape: ask.Shape(q.Get("as"))}
	if id, err := strconv.ParseInt(q.Get("q"), 10, 64); err == nil {
		saved, err := p.cfg.SQL.Get(r.Context(), id)
		if err != nil {
			return a, err
		}
		a.saved = &saved
		if a.sql == "" {
			a.sql = saved.SQL
		}
		if a.shape == "" {
			a.shape = saved.Shape
		}
		if a.sql == saved.SQL {
			for k, v := range saved.Values {
				a.values[k] = v
			}
		}
	}
	if !slices.Contains(ask.Shapes(), a.shape) {
		a.shape = ask.Table
	}
	// What is wrong with a question is said when it is asked.
	if st, err := ask.Parse(a.sql); err == nil {
		a.fill(st.Params, q)
	}
	return a, nil
}

// fill takes the parameters' values from the address, beside those that are kept, and drops those that have no parameter.
func (a *sqlAsked) fill(params []string, q url.Values) {
	a.params, a.ready = params, true
	for name := range a.values {
		if !slices.Contains(a.params, name) {
			delete(a.values, name)
		}
	}
	for _, name := range params {
		if v := q.Get("p." + name); v != "" || q.Has("p."+name) {
			a.values[name] = v
		}
		if _, given := a.values[name]; !given {
			a.ready = false
		}
	}
}

// href is the address of a page or file with a question.
func (a *sqlAsked) href(path string, shape ask.Shape, sort string) string {
	v := url.Values{"sql": {a.sql}}
	if a.saved != nil {
		v.Set("q", idText(a.saved.ID))
	}
	if shape != ask.Table || a.saved != nil {
		v.Set("as", string(shape))
	}
	if sort != "" {
		v.Set("sort", sort)
	}
	for name, value := range a.values {
		v.Set("p."+name, value)
	}
	return path + "?" + v.Encode()
}

func (p *sqlPages) show(w http.ResponseWriter, r *http.Request) error {
	a, err := p.read(r)
	if err != nil {
		return err
	}
	body := sqlBody{
		Head: ui.Head{Title: "Ask in SQL", Subtitle: "Any question, over read-only views of everything. Nothing can be changed here, and secrets are not among the views."},
		Tabs: p.sqlTabs(r), Form: p.form(&a),
	}
	if a.sql != "" {
		p.answer(r, &a, &body)
	}
	if a.ready && body.Answer != nil && person(r).MayWrite {
		body.Keep = p.keepForm(&a)
	}
	if err := p.lists(r, &body); err != nil {
		return err
	}
	return render(p.Site, w, r, p.view, "Ask in SQL", body)
}

func (p *sqlPages) form(a *sqlAsked) ui.Form {
	f := ui.Form{Get: sqlPath, Fields: []ui.Field{{
		Name: "sql", Label: "Your question", Type: "textarea", Rows: 8, Value: a.sql, Required: true, Placeholder: "SELECT country, count(*) AS members FROM members GROUP BY country ORDER BY members DESC",
		Help: "Ctrl+Enter asks. A name after a colon, such as :country, becomes a field to fill in.",
	}}}
	if a.saved != nil {
		f.Hidden = append(f.Hidden, ui.Hidden{Name: "q", Value: idText(a.saved.ID)})
	}
	for _, name := range a.params {
		f.Fields = append(f.Fields, ui.Field{Name: "p." + name, Label: ":" + name, Value: a.values[name]})
	}
	if a.shape != ask.Table {
		f.Hidden = append(f.Hidden, ui.Hidden{Name: "as", Value: string(a.shape)})
	}
	f.Actions = []ui.Action{{Label: "Ask", Submit: true, Style: ui.StylePrimary}}
	return f
}

// answer asks, and draws the answer. What is wrong with the question is said above it.
func (p *sqlPages) answer(r *http.Request, a *sqlAsked, body *sqlBody) {
	if a.params != nil && !a.ready {
		body.Note = "Fill in the fields and ask."
		return
	}
	found, err := p.cfg.SQL.Ask(r.Context(), ask.Query{SQL: a.sql, Values: a.values, By: person(r).Actor})
	if err != nil {
		body.Form.Error = sentence(greenroom.ErrorMessage(err))
		if greenroom.ErrorCode(err) == greenroom.CodeInternal {
			p.cfg.Log.Error("answering a question", "error", err)
		}
		return
	}
	order := r.URL.Query().Get("sort")
	sortAnswer(found, order)
	body.Answer = p.draw(a, found, order)
}

// shownRows is how many rows the page shows; files have all.
const shownRows = 200

func (p *sqlPages) draw(a *sqlAsked, found *ask.Answer, order string) *sqlAnswer {
	card := &sqlAnswer{Head: countText(int64(len(found.Rows)), "row", "rows"), Note: fmt.Sprintf("In %.2f seconds. %s", found.Took, found.Cut)}
	if a.saved != nil {
		card.Head = a.saved.Title + ": " + card.Head
	}
	labels := map[ask.Shape]string{ask.Table: "Table", ask.Bar: "Bars", ask.Line: "Line", ask.Figure: "Number"}
	card.Shapes.Label = "How it is drawn"
	for _, s := range ask.Shapes() {
		card.Shapes.Items = append(card.Shapes.Items, ui.Segment{Label: labels[s], Href: a.href(sqlPath, s, order), Active: s == a.shape})
	}
	card.Files = []ui.Action{{Label: "CSV", Label2: "Download as CSV", Href: a.href(sqlPath+"/answer.csv", ask.Table, ""), Small: true}, {Label: "JSON", Label2: "Download as JSON", Href: a.href(sqlPath+"/answer.json", ask.Table, ""), Small: true}}
	if a.shape != ask.Table {
		d, why := found.Draw(a.shape)
		switch {
		case d == nil:
			card.Note += " " + why
		case d.Shape == ask.Figure:
			card.Figure = ui.UnitCount.Format(*d.Series[0].Values[0])
		default:
			card.Chart = sqlChart(found, d)
		}
	}
	card.Table = sqlTable(a, found, order)
	if len(found.Rows) > shownRows {
		card.Note += fmt.Sprintf(" The first %d are shown; the files have them all.", shownRows)
	}
	return card
}

func sqlChart(found *ask.Answer, d *ask.Drawing) *ui.Chart {
	c := &ui.Chart{Title: "The answer", Kind: ui.Lines, Axis: found.Columns[0].Name, Labels: d.Labels}
	if d.Shape == ask.Bar {
		c.Kind = ui.Bars
	}
	for _, s := range d.Series {
		line := ui.Series{Name: s.Name}
		for _, v := range s.Values {
			if v == nil {
				line.Values = append(line.Values, math.NaN())
			} else {
				line.Values = append(line.Values, *v)
			}
		}
		c.Series = append(c.Series, line)
	}
	return c
}

func sqlTable(a *sqlAsked, found *ask.Answer, order string) *ui.Table {
	t := &ui.Table{Caption: "The answer", Empty: &ui.Empty{Title: "No rows", Text: "The question is right, and nothing fits it."}}
	for i, c := range found.Columns {
		column := ui.Column{Label: c.Name, SortHref: a.href(sqlPath, a.shape, strconv.Itoa(i+1))}
		switch order {
		case strconv.Itoa(i + 1):
			column.Sorted, column.SortHref = ui.Ascending, a.href(sqlPath, a.shape, "-"+strconv.Itoa(i+1))
		case "-" + strconv.Itoa(i+1):
			column.Sorted = ui.Descending
		}
		for _, row := range found.Rows {
			if row[i] != nil {
				_, number := ask.NumberOf(row[i])
				column.Number = number && c.Link == ""
				break
			}
		}
		t.Columns = append(t.Columns, column)
	}
	for _, row := range found.Rows[:min(len(found.Rows), shownRows)] {
		var line ui.TableRow
		for i, v := range row {
			cell := ui.Cell{Text: excerpt(ask.TextOf(v), 300)}
			if _, number := v.(int64); number && found.Columns[i].Link != "" {
				cell.Href = found.Columns[i].Link + cell.Text
			}
			line.Cells = append(line.Cells, cell)
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// sortAnswer sorts by the column that order names, counted from 1, with a minus from the greatest on.
func sortAnswer(found *ask.Answer, order string) {
	n, err := strconv.Atoi(order)
	if err != nil || n == 0 || max(n, -n) > len(found.Columns) {
		return
	}
	c := max(n, -n) - 1
	slices.SortStableFunc(found.Rows, func(a, b []any) int {
		less := 0
		x, first := ask.NumberOf(a[c])
		y, second := ask.NumberOf(b[c])
		switch {
		case first && second && x < y:
			less = -1
		case first && second && x > y:
			less = 1
		case !first || !second:
			less = strings.Compare(ask.TextOf(a[c]), ask.TextOf(b[c]))
		}
		if n < 0 {
			return -less
		}
		return less
	})
}

// lists fills in what can be asked, and what was.
func (p *sqlPages) lists(r *http.Request, body *sqlBody) error {
	by := person(r)
	saved, err := p.cfg.SQL.Saved(r.Context())
	if err != nil {
		return err
	}
	body.Saved.Label = "Questions that are kept"
	for i := range saved {
		q := &saved[i]
		row := ui.Row{Title: q.Title, Href: sqlPath + "?q=" + idText(q.ID), Meta: []ui.Meta{{Text: firstText(q.Text, excerpt(q.SQL, 120))}, {Text: q.CreatedBy}}}
		if by.MayWrite {
			row.Actions = []ui.Action{{Label: "Remove", Label2: "Remove the question " + q.Title, Post: sqlPath + "/questions/" + idText(q.ID) + "/remove", Small: true}}
		}
		body.Saved.Items = append(body.Saved.Items, row)
	}
	asked, err := p.cfg.SQL.Asked(r.Context(), by.Actor, 10)
	if err != nil {
		return err
	}
	body.Asked.Label = "What you asked"
	for i := range asked {
		said := countText(int64(asked[i].Rows), "row", "rows")
		if asked[i].Problem != "" {
			said = "no answer"
		}
		body.Asked.Items = append(body.Asked.Items, ui.Row{Title: excerpt(asked[i].SQL, 100), Href: sqlPath + "?sql=" + url.QueryEscape(asked[i].SQL), Meta: []ui.Meta{{Text: said}, {Time: asked[i].At}}})
	}
	body.Running.Label = "Being answered"
	for _, q := range p.cfg.SQL.Running(by.Actor) {
		body.Running.Items = append(body.Running.Items, ui.Row{Title: excerpt(q.SQL, 100), Meta: []ui.Meta{{Text: "since", Time: q.Since}}, Actions: []ui.Action{{Label: "Stop", Label2: "Stop the question", Post: sqlPath + "/running/" + idText(q.ID) + "/stop", Small: true}}})
	}
	body.Samples.Label = "Examples"
	for _, e := range ask.Examples() {
		body.Samples.Items = append(body.Samples.Items, ui.Row{Title: e.Title, Href: sqlPath + "?" + url.Values{"sql": {e.SQL}, "as": {string(e.Shape)}}.Encode()})
	}
	for _, v := range p.cfg.SQL.Views() {
		row := sqlView{Name: v.Name, Text: v.Text, Href: sqlPath + "?sql=" + url.QueryEscape("SELECT * FROM "+v.Name+" LIMIT 20")}
		for _, c := range v.Columns {
			row.Facts = append(row.Facts, ui.Fact{Label: c.Name, Value: c.Text + " (" + string(c.Type) + ")"})
		}
		body.Views = append(body.Views, row)
	}
	return nil
}

func (p *sqlPages) keepForm(a *sqlAsked) *ui.Form {
	f := &ui.Form{Post: sqlPath + "/questions", Hidden: []ui.Hidden{{Name: "sql", Value: a.sql}, {Name: "as", Value: string(a.shape)}}}
	for _, name := range a.params {
		f.Hidden = append(f.Hidden, ui.Hidden{Name: "p." + name, Value: a.values[name]})
	}
	field := ui.Field{Name: "title", Label: "Keep this question as", Required: true, Prefix: "keep-"}
	f.Actions = []ui.Action{{Label: "Keep", Submit: true}}
	if a.saved != nil {
		field.Value = a.saved.Title
		f.Hidden = append(f.Hidden, ui.Hidden{Name: "q", Value: idText(a.saved.ID)}, ui.Hidden{Name: "version", Value: idText(a.saved.Version)})
		f.Actions = []ui.Action{{Label: "Change the kept question", Submit: true}, {Label: "Keep as another", Submit: true, Name: "another", Value: "1"}}
	}
	f.Fields = []ui.Field{field}
	return f
}

func (p *sqlPages) keep(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole")
	}
	d := ask.Draft{Title: r.PostFormValue("title"), SQL: r.PostFormValue("sql"), Shape: ask.Shape(r.PostFormValue("as"))}
	for name, v := range r.PostForm {
		if param, found := strings.CutPrefix(name, "p."); found {
			if d.Values == nil {
				d.Values = make(map[string]string)
			}
			d.Values[param] = v[0]
		}
	}
	id, err := strconv.ParseInt(r.PostFormValue("q"), 10, 64)
	if err != nil || r.PostFormValue("another") != "" {
		q, err := p.cfg.SQL.Keep(r.Context(), d, person(r).Actor)
		if err != nil {
			return err
		}
		return p.back(w, r, sqlPath+"?q="+idText(q.ID), "The question is kept.", "")
	}
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form does not say which version was changed")
	}
	q, err := p.cfg.SQL.Edit(r.Context(), id, version, d, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, sqlPath+"?q="+idText(q.ID), "The question is changed.", "")
}

func (p *sqlPages) remove(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.SQL.Remove(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, sqlPath, "The question is removed. This cannot be undone; what you asked is still in your list.", "")
}

func (p *sqlPages) stop(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.SQL.Stop(id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, sqlPath, "The question is stopped.", "")
}

// file gives all rows of an answer.
func (p *sqlPages) file(w http.ResponseWriter, r *http.Request) error {
	a, err := p.read(r)
	if err != nil {
		return err
	}
	found, err := p.cfg.SQL.Ask(r.Context(), ask.Query{SQL: a.sql, Values: a.values, Limits: ask.Limits{Rows: ask.Most().Rows, Size: ask.Most().Size}, By: person(r).Actor})
	if err != nil {
		return err
	}
	if strings.HasSuffix(r.URL.Path, ".csv") {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="answer.csv"`)
		return found.WriteCSV(w)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="answer.json"`)
	if err := json.NewEncoder(w).Encode(found); err != nil {
		return fmt.Errorf("writing an answer: %w", err)
	}
	return nil
}
