// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/connect"
	"greenroom/internal/web/ui"
)

// sheetBody is what sheet.html shows: how the columns of a file are read, and the first rows as they would be stored.
type sheetBody struct {
	Head     ui.Head
	Action   string // address of the preview
	Import   string // address of the import
	Hidden   []ui.Hidden
	Problem  string
	Problems []string
	Top      []ui.Field // what the rows are, and how the source is called
	More     []ui.Field
	Columns  []columnChoice
	Rows     ui.Table
}

// columnChoice is a column and what it is read as.
type columnChoice struct {
	Name    string
	Samples string
	Field   ui.Field // its label is there for screen readers
}

// Fields of the form beside the connector's options.
const (
	thenField   = "then"      // "preview" instead of an import
	typeField   = "mapped-as" // the type of rows that the choices of columns are for
	columnField = "column-"   // with the number of a column from 1: the field that it is read as
	sheetRows   = 10
)

// mapsColumns says whether a connector reads the table of a file whose columns can be chosen, and names the option that
// says how.
func mapsColumns(spec *connector.Spec) (option string, ok bool) {
	if connect.GroupOf(spec) != connector.GroupExport {
		return "", false
	}
	for i := range spec.Options {
		if spec.Options[i].Type == connector.Mapping {
			return spec.Options[i].Name, true
		}
	}
	return "", false
}

// sheetHref is the address of the preview of a file.
func sheetHref(spec *connector.Spec, values map[string]string) string {
	q := url.Values{}
	for name, v := range values {
		if name != thenField {
			q.Set(name, v)
		}
	}
	return "/start/" + spec.Kind + "/preview?" + q.Encode()
}

// preview shows how a file would be read, as the address says.
func (p *startPage) preview(w http.ResponseWriter, r *http.Request) error {
	spec, err := p.spec(r.PathValue("kind"))
	if err != nil {
		return err
	}
	if _, ok := mapsColumns(&spec); !ok {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no preview of %s", spec.Title)
	}
	values := make(map[string]string)
	for name := range r.URL.Query() {
		values[name] = strings.TrimSpace(r.URL.Query().Get(name))
	}
	return p.showSheet(w, r, &spec, values, "")
}

// takeColumns turns the choices of columns into the mapping that the connector takes. Of two columns that are read as
// the same, it says so. Choices that were made for rows of another type are dropped.
func takeColumns(spec *connector.Spec, values map[string]string, fields []SheetField) error {
	option, ok := mapsColumns(spec)
	if typ := firstText(values["type"], "auto"); !ok || typ != values[typeField] && typ != "auto" {
		return nil
	}
	by := make(map[string]int)
	for n := 1; values[columnField+strconv.Itoa(n)] != ""; n++ {
		field := values[columnField+strconv.Itoa(n)]
		if field == noField {
			continue
		}
		if by[field] > 0 {
			return greenroom.Errorf(greenroom.CodeInvalid, "columns %d and %d are both read as %q; choose one of them", by[field], n, labelOf(fields, field))
		}
		by[field] = n
	}
	var pairs []string
	for _, f := range fields {
		pair := f.Name + "=" // which keeps it from being found by name
		if n := by[f.Name]; n > 0 {
			pair += "#" + strconv.Itoa(n)
		}
		pairs = append(pairs, pair)
	}
	values[option] = strings.Join(pairs, ",")
	return nil
}

// noField is the choice of a column that is no field.
const noField = "-"

func labelOf(fields []SheetField, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Label
		}
	}
	return name
}

// options are the values that are the connector's.
func options(spec *connector.Spec, values map[string]string) connector.Values {
	out := make(connector.Values)
	for i := range spec.Options {
		if v := values[spec.Options[i].Name]; v != "" {
			out[spec.Options[i].Name] = v
		}
	}
	return out
}

// mapped completes the values by the mapping that was chosen, which needs to know the fields that there are.
func (p *startPage) mapped(r *http.Request, spec *connector.Spec, values map[string]string) error {
	if values[typeField] == "" {
		return nil
	}
	plain := options(spec, values)
	plain["type"] = values[typeField]
	sheet, err := p.cfg.Imports.Preview(r.Context(), spec.Kind, plain, 0)
	if err != nil && len(sheet.Columns) == 0 {
		return err
	}
	return takeColumns(spec, values, sheet.Fields)
}

func (p *startPage) showSheet(w http.ResponseWriter, r *http.Request, spec *connector.Spec, values map[string]string, problem string) error {
	err := p.mapped(r, spec, values)
	var sheet Sheet
	if err == nil || greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		var perr error
		sheet, perr = p.cfg.Imports.Preview(r.Context(), spec.Kind, options(spec, values), sheetRows)
		if err == nil {
			err = perr
		}
	}
	if err != nil && (greenroom.ErrorCode(err) != greenroom.CodeInvalid || len(sheet.Columns) == 0) {
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			return p.showForm(w, r, spec, values, sentence(greenroom.ErrorMessage(err)))
		}
		return err
	}
	if problem == "" && err != nil {
		problem = sentence(greenroom.ErrorMessage(err))
	}
	body := p.sheet(spec, values, &sheet)
	body.Problem = problem
	code := http.StatusOK
	if problem != "" && r.Method == http.MethodPost { // a preview that shows what is wrong is a good one
		code = http.StatusUnprocessableEntity
	}
	return send(w, code, func(to io.Writer) error { return p.sheetView.Render(to, p.shell(r, body.Head.Title), body) })
}

func (p *startPage) sheet(spec *connector.Spec, values map[string]string, sheet *Sheet) sheetBody {
	file := filepath.Base(values[spec.Primary])
	body := sheetBody{
		Head:   ui.Head{Title: file, Subtitle: "How its columns are read, and what its first rows become. Nothing is stored yet.", Back: &ui.Action{Label: spec.Title, Href: "/start/" + spec.Kind}},
		Action: "/start/" + spec.Kind + "/preview", Import: "/start/" + spec.Kind,
		Hidden: []ui.Hidden{{Name: spec.Primary, Value: values[spec.Primary]}, {Name: typeField, Value: sheet.Type}},
	}
	for _, problem := range sheet.Problems {
		body.Problems = append(body.Problems, sentence(problem))
	}
	mapping, _ := mapsColumns(spec)
	for i := range spec.Options {
		o := &spec.Options[i]
		switch {
		case o.Type == connector.Path || o.Name == mapping:
		case o.Name == "type":
			f := (&optionForm{startPage: p, kind: spec.Kind, values: values}).option(o)[0]
			f.Label, f.Help = "What the rows are", ""
			for i := range f.Options {
				f.Options[i].Label = title(f.Options[i].Label)
			}
			if f.Value == "auto" && sheet.Type != "" && sheet.Type != "auto" {
				f.Value = sheet.Type
			}
			body.Top = append(body.Top, f)
		default:
			body.More = append(body.More, (&optionForm{startPage: p, kind: spec.Kind, values: values}).option(o)...)
		}
	}
	body.Top = append(body.Top, sourceNameField(firstText(values["source-name"], spec.Platform)))
	body.Columns = columnChoices(sheet, values)
	body.Rows = sheetTable(sheet)
	return body
}

func columnChoices(sheet *Sheet, values map[string]string) []columnChoice {
	none := "not read"
	if len(sheet.Columns) > 0 && sheet.Type != "activities" && values["unmapped"] != "ignore" {
		none = "custom field"
	}
	choices := []ui.Option{{Value: noField, Label: "— " + none + " —"}}
	for _, f := range sheet.Fields {
		choices = append(choices, ui.Option{Value: f.Name, Label: f.Label})
	}
	var out []columnChoice
	for i, c := range sheet.Columns {
		name := columnField + strconv.Itoa(i+1)
		value := firstText(c.Field, noField)
		if values[typeField] == sheet.Type { // as it was chosen, also where that does not do
			value = firstText(values[name], value)
		}
		out = append(out, columnChoice{Name: c.Name, Samples: excerpt(strings.Join(c.Samples, " · "), 90), Field: ui.Field{
			Name: name, Label: "Read " + c.Name + " as", Type: "select", Value: value, Options: choices, Disabled: len(sheet.Fields) == 0,
		}})
	}
	return out
}

// sheetTable are the first rows as they would be stored.
func sheetTable(sheet *Sheet) ui.Table {
	t := ui.Table{Caption: "The first rows as they would be stored", Columns: []ui.Column{{Label: "Row"}}, Empty: &ui.Empty{Title: "No rows to show", Text: "Say above what the rows are and which column is which; then look at the preview again."}}
	var shown []SheetField
	for _, f := range sheet.Fields {
		for _, row := range sheet.Rows {
			if row.Values[f.Name] != "" {
				shown = append(shown, f)
				t.Columns = append(t.Columns, ui.Column{Label: f.Label})
				break
			}
		}
	}
	t.Columns = append(t.Columns, ui.Column{Label: "Comes in?"})
	for _, row := range sheet.Rows {
		cells := []ui.Cell{{Text: "Line " + strconv.FormatInt(row.Line, 10)}}
		for _, f := range shown {
			cells = append(cells, ui.Cell{Text: excerpt(strings.TrimSuffix(row.Values[f.Name], "T00:00:00Z"), 60)})
		}
		last := ui.Cell{Text: "yes", Tone: ui.ToneGood}
		if row.Problem != "" {
			last = ui.Cell{Text: "no: " + row.Problem, Tone: ui.ToneBad}
			if row.Expected != "" {
				last.Sub = "expected: " + row.Expected
			}
		}
		t.Empty = nil
		t.Rows = append(t.Rows, ui.TableRow{ID: cells[0].Text, Cells: append(cells, last)})
	}
	return t
}
