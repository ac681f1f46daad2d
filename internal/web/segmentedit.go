// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/web/ui"
)

// The form for a segment has two sides that say the same: lines to click, and the query as text. Each answer of the server
// draws both, from whichever was changed: the text is compared with what the lines were drawn from. So it works without a
// script, and with one the sides follow each other while one works.

// segmentEditBody is what segmentedit.html shows.
type segmentEditBody struct {
	Head       ui.Head
	Action     string // where it is saved
	Here       string // what draws the form anew
	Problem    string
	Fields     []ui.Field // name and owner
	More       []ui.Field // description and color
	Text       ui.Field
	TextError  *ui.QueryError
	Was        string // the text that the lines were drawn from
	Join       ui.Field
	Rows       []builderRow
	Lines      int
	Count      string
	CountHref  string
	Save       string
	CancelHref string
}

// builderRow is one line of the form.
type builderRow struct {
	I          int
	Number     int // from 1 on, for screen readers
	Group      int
	First      bool   // of its group
	Last       bool   // of its group
	Word       string // between this line and the one before
	Fields     []optionGroup
	Field      string
	Ops        []ui.Option
	Op         string
	Value      string
	To         string
	Form       string // of the value: text, number, date, age, choice, did, between, raw, or none
	InputType  string
	Choices    []ui.Option
	Units      []ui.Option
	Unit       string
	Suggest    []string
	In         string
	InSuggest  []string
	Since      string
	Count      string
	Doc        string
	ValueLabel string
}

// optionGroup is a part of a list of fields.
type optionGroup struct {
	Label   string
	Options []ui.Option
}

const mostLines = 60

func (p *segmentPages) build(w http.ResponseWriter, r *http.Request) error {
	return p.showForm(w, r, r.URL.Query(), nil)
}

func (p *segmentPages) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v, by := r.PostForm, person(r).Actor
	text := p.textOf(v)
	var g segment.Segment
	var err error
	key := r.PathValue("key")
	said := "is made. Its members are kept current from now on."
	if key == "" {
		g, err = p.cfg.Segments.Add(r.Context(), segment.Draft{Name: v.Get("name"), Query: text, Description: v.Get("description"), Color: v.Get("color"), Owner: strings.TrimSpace(v.Get("owner"))}, by)
	} else {
		said = "is changed."
		c := segment.Change{Query: &text}
		for name, to := range map[string]**string{"name": &c.Name, "description": &c.Description, "color": &c.Color, "owner": &c.Owner} {
			if v.Has(name) {
				value := strings.TrimSpace(v.Get(name))
				*to = &value
			}
		}
		g, err = p.cfg.Segments.Edit(r.Context(), key, c, by)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.showForm(w, r, v, err)
	}
	return p.back(w, r, segmentHref(g.Key), g.Name+" "+said, "")
}

// textOf is the query that a form means: that of the side that was changed.
func (p *segmentPages) textOf(v url.Values) string {
	text := strings.TrimSpace(v.Get("q"))
	if !v.Has("lines") || text != v.Get("was") {
		return text
	}
	rows := p.rowsIn(v)
	text = rows.Text()
	if q, err := query.Parse(p.schemas[query.Members], text); err == nil {
		return query.Format(q.Root)
	}
	return text
}

// rowsIn reads the lines of a form, and does what a button of it says.
func (p *segmentPages) rowsIn(v url.Values) query.Rows {
	rows := query.Rows{Any: v.Get("join") == "any"}
	n, err := strconv.Atoi(v.Get("lines"))
	if err != nil {
		n = 0
	}
	for i := range min(max(n, 0), mostLines) {
		at := func(name string) string { return v.Get(name + strconv.Itoa(i)) }
		group, err := strconv.Atoi(at("g"))
		if err != nil {
			group = 0
		}
		row := query.Row{Group: group, Field: at("f"), Op: query.RowOp(at("o")), Value: at("v"), To: at("t"), Unit: query.Unit(cmp.Or(at("u"), string(query.Day))), In: at("in"), Since: at("since"), Count: at("count")}
		if row.Op == query.RowText {
			row.Field = ""
		} else if f, ok := p.schemas[query.Members].Field(row.Field); !ok {
			row.Field, row.Op, row.Value = "", query.RowIs, ""
		} else if ops := query.RowOps(f); !slices.Contains(ops, row.Op) || at("w") != "" && at("w") != row.Field {
			row = query.Row{Group: group, Field: row.Field, Op: ops[0], Unit: query.Day} // another field than the value was for
			if f.Type == query.TypeFlag || f.Type == query.TypeEnum {
				row.Value = f.Values[0]
			}
		}
		rows.List = append(rows.List, row)
	}
	rows.List = press(rows.List, v.Get("do"))
	return rows
}

// press does what a button says to lines: add one, add a group, add one to a group, or drop one.
func press(list []query.Row, do string) []query.Row {
	what, number, _ := strings.Cut(do, "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		n = -1
	}
	fresh := query.Row{Field: "tag", Op: query.RowIs, Unit: query.Day}
	switch {
	case len(list) >= mostLines && what != "drop":
	case what == "add":
		list = append(list, fresh)
	case what == "group":
		for i := range list {
			fresh.Group = max(fresh.Group, list[i].Group)
		}
		fresh.Group++
		list = append(list, fresh, fresh)
	case what == "into" && n > 0:
		fresh.Group = n
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Group == n {
				return slices.Insert(list, i+1, fresh)
			}
		}
	case what == "drop" && n >= 0 && n < len(list):
		list = slices.Delete(list, n, n+1)
	}
	return list
}

// showForm draws the form: anew, after a change on one side, or with what stood in the way of saving it.
func (p *segmentPages) showForm(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	key := r.PathValue("key")
	body := segmentEditBody{
		Head: ui.Head{Title: "New segment", Subtitle: "Who is in it: click it together, or write it. Each side follows the other.", Back: &ui.Action{Label: "Segments", Href: "/segments"}}, Action: "/segments/new", Here: "/segments/new", Save: "Make the segment", CancelHref: "/segments",
	}
	schema := p.schemas[query.Members]
	if key != "" {
		g, err := p.cfg.Segments.Get(r.Context(), key)
		if err != nil {
			return err
		}
		body.Head.Title, body.Head.Back = "Edit "+g.Name, &ui.Action{Label: g.Name, Href: segmentHref(g.Key)}
		body.Action, body.Here, body.CancelHref, body.Save = segmentHref(g.Key)+"/edit", segmentHref(g.Key)+"/edit", segmentHref(g.Key), "Save"
		if !v.Has("q") {
			v = url.Values{"q": {g.Query}, "name": {g.Name}, "description": {g.Description}, "color": {g.Color}, "owner": {g.Owner}}
		}
	}
	body.describe(v, person(r).Actor)
	text := strings.TrimSpace(v.Get("q"))
	byText := !v.Has("lines") || text != v.Get("was")
	var rows query.Rows
	if byText {
		q, err := query.Parse(schema, text)
		if err == nil {
			rows = query.RowsOf(schema, q.Root)
			body.Was = text
		} else {
			rows, body.Was = p.rowsIn(v), v.Get("was")
			body.mistake(text, err)
		}
		if err == nil && v.Get("do") != "" {
			rows.List = press(rows.List, v.Get("do"))
		}
		if len(rows.List) == 0 && text == "" {
			rows.List = []query.Row{{Field: "last_active", Op: query.RowLast, Unit: query.Day}}
		}
	} else {
		rows = p.rowsIn(v)
		text = rows.Text()
		if q, err := query.Parse(schema, text); err == nil {
			text = query.Format(q.Root)
		} else {
			body.mistake(text, err)
		}
		body.Was = text
	}
	if err := p.drawRows(r.Context(), &body, &rows); err != nil {
		return err
	}
	body.Text = ui.Field{Name: "q", Label: "As text", Type: "textarea", Rows: 3, Value: text, Placeholder: "last_active:<30d did:answer count:>=3", Help: "The query language of every list. Write here, and the lines follow."}
	code := http.StatusOK
	if problem != nil {
		body.Problem, code = sentence(greenroom.ErrorMessage(problem)), http.StatusUnprocessableEntity
	}
	if err := p.count(r.Context(), &body, text); err != nil {
		return err
	}
	return send(w, code, func(to io.Writer) error { return p.edit.Render(to, p.shell(r, body.Head.Title), body) })
}

// describe makes the fields that say what a segment is.
func (b *segmentEditBody) describe(v url.Values, by string) {
	color := ui.Field{Name: "color", Label: "Color", Type: "select", Value: v.Get("color"), Options: []ui.Option{{Label: "None"}}}
	for _, c := range segment.Colors() {
		color.Options = append(color.Options, ui.Option{Value: c, Label: title(c)})
	}
	owner := by
	if v.Has("owner") {
		owner = v.Get("owner")
	}
	b.Fields = []ui.Field{{Name: "name", Label: "Name", Value: v.Get("name"), Required: true, Placeholder: "Gone quiet"}, {Name: "owner", Label: "Owner", Value: owner, Help: "Who looks after it."}}
	b.More = []ui.Field{{Name: "description", Label: "Description", Value: v.Get("description"), Placeholder: "What it is for"}, color}
}

// mistake says what is wrong with a query.
func (b *segmentEditBody) mistake(text string, err error) {
	b.TextError = queryError(text, err)
}

// count says how many members a query gives now.
func (p *segmentPages) count(ctx context.Context, body *segmentEditBody, text string) error {
	if body.TextError != nil {
		body.Count = "No count: the query has a mistake."
		return nil
	}
	q, err := query.Parse(p.schemas[query.Members], text)
	if err != nil {
		return err
	}
	if q.Root == nil {
		body.Count = "Say who is in it, and they are counted here."
		return nil
	}
	page, err := p.cfg.Lists.ListMembers(ctx, list.Request{Query: q, Limit: 1, Count: true})
	if err != nil {
		if !forPeople(err) {
			return err
		}
		body.Count = sentence(greenroom.ErrorMessage(err))
		return nil
	}
	body.Count, body.CountHref = countText(page.Total, "member", "members")+" now", "/members?q="+url.QueryEscape(text)
	return nil
}

// drawRows makes the lines of the form.
func (p *segmentPages) drawRows(ctx context.Context, body *segmentEditBody, rows *query.Rows) error {
	body.Join = ui.Field{Name: "join", Type: "select", Value: "all", Options: []ui.Option{{Value: "all", Label: "all of these hold"}, {Value: "any", Label: "any of these holds"}}}
	outer, inner := "and", "or"
	if rows.Any {
		body.Join.Value = "any"
		outer, inner = inner, outer
	}
	fields, err := p.fieldChoices(ctx)
	if err != nil {
		return err
	}
	for i := range rows.List {
		row := &rows.List[i]
		b := builderRow{I: i, Number: i + 1, Group: row.Group, Field: row.Field, Op: string(row.Op), Value: row.Value, To: row.To, Unit: string(row.Unit), In: row.In, Since: row.Since, Count: row.Count, Fields: fields}
		b.First = row.Group > 0 && (i == 0 || rows.List[i-1].Group != row.Group)
		b.Last = row.Group > 0 && (i == len(rows.List)-1 || rows.List[i+1].Group != row.Group)
		if i > 0 {
			b.Word = outer
			if row.Group > 0 && !b.First {
				b.Word = inner
			}
		}
		if err := p.drawRow(ctx, &b, row); err != nil {
			return err
		}
		body.Rows = append(body.Rows, b)
	}
	body.Lines = len(body.Rows)
	return nil
}

// drawRow makes what follows from the field and the operator of a line.
func (p *segmentPages) drawRow(ctx context.Context, b *builderRow, row *query.Row) error {
	b.Units = []ui.Option{{Value: "h", Label: "hours"}, {Value: "d", Label: "days"}, {Value: "w", Label: "weeks"}, {Value: "mo", Label: "months"}, {Value: "y", Label: "years"}}
	b.ValueLabel = fmt.Sprintf("Value of line %d", b.Number)
	if row.Op == query.RowText {
		b.Form = "raw"
		return nil
	}
	f, ok := p.schemas[query.Members].Field(row.Field)
	if !ok {
		return nil
	}
	b.Doc = f.Doc
	if !slices.ContainsFunc(b.Fields, func(g optionGroup) bool {
		return slices.ContainsFunc(g.Options, func(o ui.Option) bool { return o.Value == row.Field })
	}) {
		b.Fields = append(slices.Clone(b.Fields), optionGroup{Label: "Others", Options: []ui.Option{{Value: row.Field, Label: fieldLabel(row.Field)}}})
	}
	for _, op := range query.RowOps(f) {
		b.Ops = append(b.Ops, ui.Option{Value: string(op), Label: opLabel(f, op)})
	}
	b.Form = "text"
	switch {
	case f.Type == query.TypeDid:
		b.Form = "did"
		b.Suggest = f.Values
		if !strings.Contains(row.Value, ",") {
			b.Choices = choicesOf(f.Values, "anything")
		}
		in, err := p.cfg.Finder.Lookup(ctx, &query.Field{Attr: "channel", Type: query.TypeKeyword}, "", suggestedValues)
		b.InSuggest = in
		return err //nolint:wrapcheck // of the store
	case row.Op == query.RowAny, row.Op == query.RowNone:
		b.Form = "none"
	case row.Op == query.RowLast, row.Op == query.RowAgo:
		b.Form = "age"
	case row.Op == query.RowBetween:
		b.Form = "between"
	case (f.Type == query.TypeFlag || f.Type == query.TypeEnum) && !strings.Contains(row.Value, ","):
		b.Form, b.Choices = "choice", choicesOf(f.Values, "")
	case f.Type == query.TypeText || f.Type == query.TypeKeyword || f.Type == query.TypeCustom:
		values, err := p.cfg.Finder.Lookup(ctx, f, "", suggestedValues)
		if f.Type == query.TypeCustom {
			values = nil // these are names of fields
		}
		b.Suggest = values
		return err //nolint:wrapcheck // of the store
	}
	b.InputType = "text"
	switch _, err := time.Parse(time.DateOnly, row.Value); {
	case f.Type == query.TypeNumber:
		b.InputType = "number"
	case f.Type == query.TypeDate && (row.Value == "" || err == nil):
		b.InputType = "date"
	}
	return nil
}

const suggestedValues = 50

func choicesOf(values []string, any string) []ui.Option {
	var all []ui.Option
	if any != "" {
		all = append(all, ui.Option{Label: any})
	}
	for _, v := range values {
		all = append(all, ui.Option{Value: v, Label: strings.ReplaceAll(v, "_", " ")})
	}
	return all
}

// fieldChoices are the fields to choose from, with the custom ones that there are.
func (p *segmentPages) fieldChoices(ctx context.Context) ([]optionGroup, error) {
	own, org, custom := optionGroup{Label: "The member"}, optionGroup{Label: "Their organization"}, optionGroup{Label: "Fields of your own"}
	for _, f := range p.schemas[query.Members].Fields() {
		switch {
		case f.Name == "has" || f.Name == "org.field.NAME":
		case f.Type == query.TypeCustom:
			names, err := p.cfg.Finder.Lookup(ctx, f, "", suggestedValues)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				if known, ok := p.schemas[query.Members].Field("field." + name); ok {
					custom.Options = append(custom.Options, ui.Option{Value: known.Name, Label: strings.ReplaceAll(name, "_", " ")})
				}
			}
		case f.Owner == query.Organizations:
			org.Options = append(org.Options, ui.Option{Value: f.Name, Label: fieldLabel(f.Name)})
		default:
			own.Options = append(own.Options, ui.Option{Value: f.Name, Label: fieldLabel(f.Name)})
		}
	}
	groups := []optionGroup{own, org}
	if len(custom.Options) > 0 {
		groups = append(groups, custom)
	}
	return groups, nil
}

// fieldLabel is a field as people call it.
func fieldLabel(name string) string {
	said := map[string]string{"did": "has done", "is": "mark or stage", "org": "organization", "activities": "number of activities", "identities": "number of accounts", "id": "Greenroom id", "org.members": "members of the organization", "org.activities": "activities of the organization"}
	if s, ok := said[name]; ok {
		return s
	}
	return strings.ReplaceAll(strings.NewReplacer("org.field.", "organization ", "org.", "organization ", "field.", "").Replace(name), "_", " ")
}

// opLabel is an operator as people read it after a field.
func opLabel(f *query.Field, op query.RowOp) string {
	said := map[query.RowOp]string{
		query.RowIs: "is", query.RowNot: "is not", query.RowBegins: "begins with", query.RowAny: "has any value", query.RowNone: "has no value",
		query.RowLeast: "at least", query.RowMost: "at most", query.RowOver: "more than", query.RowUnder: "less than", query.RowBetween: "between", query.RowLast: "in the last", query.RowAgo: "longer ago than",
	}
	switch {
	case f.Type == query.TypeText && op == query.RowIs:
		return "contains"
	case f.Type == query.TypeText && op == query.RowNot:
		return "does not contain"
	case f.Type == query.TypeDid && op == query.RowIs:
		return "did"
	case f.Type == query.TypeDid:
		return "did not do"
	case f.Type == query.TypeDate && op == query.RowLeast:
		return "on or after"
	case f.Type == query.TypeDate && op == query.RowMost:
		return "on or before"
	case f.Type == query.TypeDate && op == query.RowIs:
		return "on"
	case f.Type == query.TypeNumber && op == query.RowIs:
		return "exactly"
	}
	return said[op]
}
