// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"regexp"
	"time"
)

//go:embed templates
var templates embed.FS

// Assets gives the address of a browser asset by its name; *static.Set does.
type Assets interface {
	URL(name string) (string, error)
}

// Kit holds the parsed components. Make one at start; it may be used by many goroutines.
type Kit struct {
	base *template.Template
}

// New parses the components. The clock now is what relative times ("2 h ago") are measured from.
func New(assets Assets, now func() time.Time) (*Kit, error) {
	base, err := template.New("ui").Funcs(funcs(assets, now)).ParseFS(templates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse page components: %w", err)
	}
	return &Kit{base: base}, nil
}

// Page is what a whole page is rendered from: the shell around it and its own content.
type Page[T any] struct {
	Shell Shell
	Body  T
}

// View is a page's template, ready for content of type T.
type View[T any] struct {
	tmpl *template.Template
}

// Parse reads a page's own templates from files of fsys. One of them has to define "main", which gets a T; it and
// all others may use every component of this package.
func Parse[T any](kit *Kit, fsys fs.FS, files ...string) (*View[T], error) {
	tmpl, err := kit.base.Clone()
	if err != nil {
		return nil, fmt.Errorf("copy page components: %w", err)
	}
	if tmpl, err = tmpl.ParseFS(fsys, files...); err != nil {
		return nil, fmt.Errorf("parse page template: %w", err)
	}
	if tmpl.Lookup("main") == nil {
		return nil, fmt.Errorf("parse page template: %v define no template called \"main\"", files)
	}
	return &View[T]{tmpl: tmpl}, nil
}

// Render writes the whole page. Nothing is written when the template fails, so that the caller can still answer with
// an error page.
func (v *View[T]) Render(w io.Writer, shell Shell, body T) error {
	return v.execute(w, "layout", Page[T]{Shell: shell, Body: body})
}

// Main writes only the page's "main" template, without the shell around it, as htmx asks for.
func (v *View[T]) Main(w io.Writer, body T) error {
	return v.execute(w, "main", body)
}

// Part writes one named template with its own data: a piece of the page, or a component such as "ui/progress".
func (v *View[T]) Part(w io.Writer, name string, data any) error {
	return v.execute(w, name, data)
}

// Template gives the layout with everything it uses, for templatecheck.CheckHTML(view.Template(), ui.Page[T]{}).
func (v *View[T]) Template() *template.Template {
	return v.tmpl.Lookup("layout")
}

func (v *View[T]) execute(w io.Writer, name string, data any) error {
	var buf bytes.Buffer
	if err := v.tmpl.ExecuteTemplate(&buf, name, data); err != nil {
		return fmt.Errorf("render template %s: %w", name, err)
	}
	if _, err := buf.WriteTo(w); err != nil {
		return fmt.Errorf("send page: %w", err)
	}
	return nil
}

// funcs are the functions that templates may call besides the built-in ones.
func funcs(assets Assets, now func() time.Time) template.FuncMap {
	return template.FuncMap{
		"asset":    assets.URL,
		"ago":      func(t time.Time) string { return Ago(now(), t) },
		"date":     Date,
		"dated":    dated(regexp.MustCompile(day)),
		"datetime": DateTime,
		"machine":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"num":      Number,
		"dur":      Duration,
		"pct":      Percent,
		"bytes":    Bytes,
		"initials": Initials,
		"hue":      hue,
		"pill":     func(text string, tone Tone) Pill { return Pill{Text: text, Tone: tone} },
		"avatar":   func(name, seed string) Avatar { return Avatar{Name: name, Seed: seed} },
		"link":     func(label, href string) Action { return Action{Label: label, Href: href} },
		"cardhead": func(title, note string) CardHead { return CardHead{Title: title, Note: note} },
	}
}
