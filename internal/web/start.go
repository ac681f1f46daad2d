// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/web/ui"
)

// startBody is what start.html shows: the choice of connectors, or one connector's form.
type startBody struct {
	Head   ui.Head
	Kinds  ui.Rows
	Form   *ui.Form
	Help   template.HTML // the connector's own, in Markdown, which is compiled in
	Sample bool
}

type startPage struct {
	*Site
	view      *ui.View[startBody]
	sheetView *ui.View[sheetBody]
}

func (s *Site) addStart() error {
	view, err := ui.Parse[startBody](s.kit, templates, "templates/start.html")
	if err != nil {
		return err
	}
	sheet, err := ui.Parse[sheetBody](s.kit, templates, "templates/sheet.html")
	if err != nil {
		return err
	}
	p := &startPage{Site: s, view: view, sheetView: sheet}
	s.handle("GET /start", p.choose)
	s.handle("GET /start/{kind}", p.form)
	s.change("GET /start/{kind}/preview", func(p Person) bool { return p.MayConnect }, p.preview)
	s.change("POST /start/{kind}", func(p Person) bool { return p.MayConnect }, p.begin)
	return nil
}

func (p *startPage) choose(w http.ResponseWriter, r *http.Request) error {
	body := startBody{
		Head:   ui.Head{Title: "Bring in your community", Subtitle: "Choose what you have today. None of these needs an account or a key, and importing the same again changes nothing."},
		Sample: p.cfg.Sample,
		Kinds:  ui.Rows{Label: "Kinds of sources"},
	}
	for _, spec := range p.cfg.Imports.Specs() {
		body.Kinds.Items = append(body.Kinds.Items, ui.Row{
			ID: spec.Kind, Lead: &ui.Pill{Text: platformName(spec.Platform)}, Title: spec.Title, Strong: true, Href: "/start/" + spec.Kind, Meta: []ui.Meta{{Text: spec.Summary}},
		})
	}
	return render(p.Site, w, r, p.view, "Import", body)
}

func (p *startPage) spec(r *http.Request) (connector.Spec, error) {
	for _, spec := range p.cfg.Imports.Specs() {
		if spec.Kind == r.PathValue("kind") {
			return spec, nil
		}
	}
	return connector.Spec{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no connector %q", r.PathValue("kind"))
}

func (p *startPage) form(w http.ResponseWriter, r *http.Request) error {
	spec, err := p.spec(r)
	if err != nil {
		return err
	}
	return p.showForm(w, r, &spec, nil, "")
}

// showForm makes the form from the connector's options.
func (p *startPage) showForm(w http.ResponseWriter, r *http.Request, spec *connector.Spec, values map[string]string, problem string) error {
	f := &ui.Form{Post: "/start/" + spec.Kind, Upload: true, Error: problem, Actions: []ui.Action{
		{Label: "Start the import", Submit: true, Style: ui.StylePrimary}, {Label: "Back", Href: "/start", Style: ui.StyleQuiet},
	}}
	for i := range spec.Options {
		o := &spec.Options[i]
		fields := p.optionFields(spec.Kind, o, values)
		if o.Required || o.Type == connector.Path || o.Type == connector.Secret || i == 0 {
			f.Fields = append(f.Fields, fields...)
		} else {
			f.More = append(f.More, fields...)
		}
	}
	f.Fields = append(f.Fields, sourceNameField(firstText(values["source-name"], spec.Platform)))
	if _, ok := mapsColumns(spec); ok {
		f.Actions[0].Style = ui.StylePlain
		f.Actions = append([]ui.Action{{Label: "Preview its columns", Submit: true, Name: thenField, Value: "preview", Style: ui.StylePrimary}}, f.Actions...)
	}
	help, err := p.markdown(spec.Help)
	if err != nil {
		return err
	}
	body := startBody{Head: ui.Head{Title: spec.Title, Subtitle: spec.Summary, Back: &ui.Action{Label: "All kinds", Href: "/start"}}, Form: f, Help: help}
	code := http.StatusOK
	if problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return send(w, code, func(to io.Writer) error { return p.view.Render(to, p.shell(r, spec.Title), body) })
}

func sourceNameField(value string) ui.Field {
	return ui.Field{Name: "source-name", Label: "Name of this source", Value: value, Help: "How lists and queries call it. The same name again updates what is there.", Required: true}
}

// markdown writes a connector's help. Raw HTML in it is left out, as goldmark does unless told otherwise.
func (p *startPage) markdown(text string) (template.HTML, error) {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(text), &out); err != nil {
		return "", fmt.Errorf("writing the help: %w", err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // made by goldmark from text of this program
}

// optionFields are the inputs of an option. A path can be sent from the browser or named on the server.
func (p *startPage) optionFields(kind string, o *connector.Option, values map[string]string) []ui.Field {
	field := ui.Field{Name: o.Name, Label: o.Label, Help: o.Help, Value: firstText(values[o.Name], o.Default), Placeholder: o.Example, Required: o.Required}
	switch o.Type {
	case connector.Path:
		upload := ui.Field{Name: "file:" + o.Name, Label: o.Label + " from this computer", Type: "file", Help: o.Help, OneOf: true, MaxBytes: p.cfg.MaxUpload, TooLarge: sentence(p.tooLarge(kind))}
		field.Label, field.Help, field.Required, field.OneOf = "Or its path on the server", "A file or folder that the server can read", false, true
		return []ui.Field{upload, field}
	case connector.Bool:
		field.Type, field.Checked, field.Value = "checkbox", field.Value == "true", "true"
	case connector.Number:
		field.Type = "number"
	case connector.Secret:
		field.Type, field.Value, field.Autocomplete = "password", "", "off"
	case connector.Choice:
		field.Type = "select"
		for _, c := range o.Choices {
			field.Options = append(field.Options, ui.Option{Value: c, Label: c})
		}
	default:
	}
	return []ui.Field{field}
}

// begin reads the form part by part, so that a large upload goes straight to disk, and starts the import.
func (p *startPage) begin(w http.ResponseWriter, r *http.Request) error {
	spec, err := p.spec(r)
	if err != nil {
		return err
	}
	values, err := p.read(w, r, &spec)
	if err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			return p.showForm(w, r, &spec, values, sentence(greenroom.ErrorMessage(err)))
		}
		return err
	}
	if values[thenField] == "preview" {
		if name := values["source-name"]; name == "" || name == spec.Platform { // each file is a source of its own
			values["source-name"] = strings.TrimSuffix(filepath.Base(values[spec.Primary]), filepath.Ext(values[spec.Primary]))
		}
		http.Redirect(w, r, sheetHref(&spec, values), http.StatusSeeOther)
		return nil
	}
	again := p.showForm
	if values[typeField] != "" {
		again = p.showSheet
	}
	problem := func(err error) error {
		if code := greenroom.ErrorCode(err); code == greenroom.CodeInvalid || code == greenroom.CodeConflict {
			return again(w, r, &spec, values, sentence(greenroom.ErrorMessage(err)))
		}
		return err
	}
	if err := p.mapped(r, &spec, values); err != nil {
		return problem(err)
	}
	name := firstText(values["source-name"], spec.Platform)
	src, err := p.cfg.Imports.Start(r.Context(), spec.Kind, name, options(&spec, values), person(r).Actor)
	if err != nil {
		values["source-name"] = name
		return problem(err)
	}
	return p.back(w, r, sourceHref(src.Name), "Reading has begun; you can leave this page.", "")
}
