// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"errors"
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
	view *ui.View[startBody]
}

func (s *Site) addStart() error {
	view, err := ui.Parse[startBody](s.kit, templates, "templates/start.html")
	if err != nil {
		return err
	}
	p := &startPage{Site: s, view: view}
	s.handle("GET /start", p.choose)
	s.handle("GET /start/{kind}", p.form)
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
		fields := optionFields(o, values)
		if o.Required || o.Type == connector.Path || o.Type == connector.Secret || i == 0 {
			f.Fields = append(f.Fields, fields...)
		} else {
			f.More = append(f.More, fields...)
		}
	}
	f.Fields = append(f.Fields, ui.Field{Name: "source-name", Label: "Name of this source", Value: firstText(values["source-name"], spec.Platform), Help: "How lists and queries call it. The same name again updates what is there.", Required: true})
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

// markdown writes a connector's help. Raw HTML in it is left out, as goldmark does unless told otherwise.
func (p *startPage) markdown(text string) (template.HTML, error) {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(text), &out); err != nil {
		return "", fmt.Errorf("writing the help: %w", err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // made by goldmark from text of this program
}

// optionFields are the inputs of an option. A path can be sent from the browser or named on the server.
func optionFields(o *connector.Option, values map[string]string) []ui.Field {
	field := ui.Field{Name: o.Name, Label: o.Label, Help: o.Help, Value: firstText(values[o.Name], o.Default), Placeholder: o.Example, Required: o.Required}
	switch o.Type {
	case connector.Path:
		upload := ui.Field{Name: "file:" + o.Name, Label: o.Label + " from this computer", Type: "file", Help: o.Help, OneOf: true}
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

// maxField is how long a typed option may be, in bytes.
const maxField = 1 << 16

// begin reads the form part by part, so that a large upload goes straight to disk, and starts the import.
func (p *startPage) begin(w http.ResponseWriter, r *http.Request) error {
	spec, err := p.spec(r)
	if err != nil {
		return err
	}
	values, err := p.read(r, &spec)
	if err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			return p.showForm(w, r, &spec, values, sentence(greenroom.ErrorMessage(err)))
		}
		return err
	}
	name := strings.TrimSpace(values["source-name"])
	delete(values, "source-name")
	if name == "" {
		name = spec.Platform
	}
	src, err := p.cfg.Imports.Start(r.Context(), spec.Kind, name, values, person(r).Actor)
	if err != nil {
		if code := greenroom.ErrorCode(err); code == greenroom.CodeInvalid || code == greenroom.CodeConflict {
			values["source-name"] = name
			return p.showForm(w, r, &spec, values, sentence(greenroom.ErrorMessage(err)))
		}
		return err
	}
	return p.back(w, r, sourceHref(src.Name), "Reading has begun; you can leave this page.", "")
}

func (p *startPage) read(r *http.Request, spec *connector.Spec) (map[string]string, error) {
	values := make(map[string]string)
	parts, err := r.MultipartReader()
	if err != nil {
		return values, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form did not arrive whole; send it again", Err: err}
	}
	known := map[string]connector.OptionType{"source-name": connector.Text}
	for _, o := range spec.Options {
		known[o.Name] = o.Type
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return values, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form did not arrive whole; send it again", Err: err}
		}
		name := part.FormName()
		if option, isFile := strings.CutPrefix(name, "file:"); isFile && known[option] == connector.Path && part.FileName() != "" {
			path, err := p.keep(part.FileName(), part)
			if err != nil {
				return values, err
			}
			values[option] = path
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return values, fmt.Errorf("reading the form: %w", err)
		}
		if _, ok := known[name]; ok && strings.TrimSpace(string(text)) != "" && values[name] == "" {
			values[name] = strings.TrimSpace(string(text))
		}
	}
}

// keep writes an uploaded file to the data folder.
func (p *startPage) keep(name string, from io.Reader) (string, error) {
	up, err := p.cfg.Imports.Upload(filepath.Base(name))
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(up, from); err != nil {
		up.Discard()
		return "", &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the file did not arrive whole; send it again", Err: err}
	}
	return up.Close()
}
