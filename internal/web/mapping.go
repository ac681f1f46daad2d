// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"net/http"
	"strconv"

	"greenroom"
	"greenroom/internal/connect"
	"greenroom/internal/web/ui"
)

// Mappings tries a mapping on what a platform pushed. Nothing is stored by it.
type Mappings interface {
	// Maps reports whether a connector takes payloads by a mapping, and the name of the option that holds it.
	Maps(kind string) (option string, ok bool)
	// Try says what would come of each delivery, and what is wrong with the mapping itself.
	Try(mapping string, deliveries []greenroom.Delivery) ([]TriedDelivery, []string)
	// Fields are what a mapping can fill, each with its meaning; Examples are ready-made mappings by sender.
	Fields() []ui.Fact
	Examples() []MappingExample
	// Suggest finds the example that fits a delivery.
	Suggest(d *greenroom.Delivery) (MappingExample, bool)
}

// TriedDelivery is what would come of a delivery.
type TriedDelivery struct {
	Delivery greenroom.Delivery
	Payload  string // indented; "" where it could not be read
	Facts    []TriedFact
	LeftOut  string
	Problems []string
}

// TriedFact is one thing that would be stored.
type TriedFact struct {
	What   string
	Values []ui.Fact
}

// MappingExample is a ready-made mapping.
type MappingExample struct{ Sender, What, Mapping string }

// mappingBody is what mapping.html shows.
type mappingBody struct {
	Head     ui.Head
	Form     ui.Form
	Tried    []TriedDelivery
	Empty    *ui.Empty
	Fields   []ui.Fact
	Examples []MappingExample
	Suggest  *MappingExample
}

// triedDeliveries is how many deliveries a mapping is tried on.
const triedDeliveries = 10

type mappingPage struct {
	*Site
	view *ui.View[mappingBody]
}

func (s *Site) addMapping() error {
	view, err := ui.Parse[mappingBody](s.kit, templates, "templates/mapping.html")
	if err != nil {
		return err
	}
	p := &mappingPage{Site: s, view: view}
	mayConnect := func(p Person) bool { return p.MayConnect }
	s.change("GET /sources/{name}/mapping", mayConnect, p.show)
	s.change("POST /sources/{name}/mapping", mayConnect, p.try)
	return nil
}

// mapped is a source whose connector takes a mapping, and the option that holds it.
func (p *mappingPage) mapped(r *http.Request) (greenroom.Source, string, error) {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return src, "", err
	}
	if p.cfg.Mappings != nil {
		if option, ok := p.cfg.Mappings.Maps(src.Kind); ok {
			return src, option, nil
		}
	}
	return src, "", greenroom.Errorf(greenroom.CodeNotFound, "%s takes no mapping", src.Name)
}

func (p *mappingPage) show(w http.ResponseWriter, r *http.Request) error {
	src, option, err := p.mapped(r)
	if err != nil {
		return err
	}
	text := src.Config[option]
	if example := r.URL.Query().Get("example"); example != "" {
		for _, e := range p.cfg.Mappings.Examples() {
			if e.Sender == example {
				text = e.Mapping
			}
		}
	}
	return p.tried(w, r, &src, text, false)
}

// try shows what would come of the last deliveries, or saves the mapping.
func (p *mappingPage) try(w http.ResponseWriter, r *http.Request) error {
	src, option, err := p.mapped(r)
	if err != nil {
		return err
	}
	text := r.PostFormValue("mapping")
	then := r.PostFormValue(thenField)
	if then == "" {
		return p.tried(w, r, &src, text, false)
	}
	if _, problems := p.cfg.Mappings.Try(text, nil); len(problems) > 0 {
		return p.tried(w, r, &src, text, true)
	}
	if _, err := p.cfg.Connect.Change(r.Context(), src.Name, connect.Change{Options: map[string]string{option: text}}); err != nil {
		return err
	}
	said := "The mapping is saved. What comes from now on is taken in by it."
	if then == "again" {
		n, err := p.cfg.Deliveries.RepeatDeliveries(r.Context(), src.ID)
		if err != nil {
			return err
		}
		said = "The mapping is saved, and the last " + countText(n, "payload is", "payloads are") + " taken in again by it."
	}
	return p.back(w, r, sourceHref(src.Name), said, "")
}

func (p *mappingPage) tried(w http.ResponseWriter, r *http.Request, src *greenroom.Source, text string, refused bool) error {
	last, err := p.cfg.Deliveries.LastDeliveries(r.Context(), src.ID, triedDeliveries)
	if err != nil {
		return err
	}
	tried, problems := p.cfg.Mappings.Try(text, last)
	body := mappingBody{
		Head: ui.Head{Title: "Mapping of " + src.Name, Subtitle: "What of a payload becomes which fact. Trying it stores nothing.", Back: &ui.Action{Label: src.Name, Href: sourceHref(src.Name)}},
		Form: ui.Form{
			Post:   sourceHref(src.Name) + "/mapping",
			Fields: []ui.Field{{Name: "mapping", Label: "Mapping", Type: "textarea", Value: text, Rows: 16, Required: true, Help: "A line for each field: field = path or expression. Lines that begin with # are remarks."}},
			Actions: []ui.Action{
				{Label: "Try it on the last payloads", Submit: true},
				{Label: "Save", Submit: true, Name: thenField, Value: "save", Style: ui.StylePrimary},
			},
		},
		Tried: tried, Fields: p.cfg.Mappings.Fields(), Examples: p.cfg.Mappings.Examples(),
	}
	if len(last) > 0 {
		body.Form.Actions = append(body.Form.Actions, ui.Action{Label: "Save, and take in the last payloads again", Submit: true, Name: thenField, Value: "again"})
		if e, ok := p.cfg.Mappings.Suggest(&last[0]); ok && e.Mapping != text {
			body.Suggest = &e
		}
	} else {
		body.Empty = &ui.Empty{Title: "No payload yet", Text: "Let the sender send one, such as a test. It is kept here, whatever the mapping says of it, and the mapping can be tried on it.", Actions: []ui.Action{{Label: "Address for pushes", Href: sourceHref(src.Name) + "/push"}}}
	}
	code := http.StatusOK
	for i, problem := range problems {
		if i > 0 {
			body.Form.Error += " "
		}
		body.Form.Error += sentence(problem) + "."
		if refused {
			code = http.StatusUnprocessableEntity
		}
	}
	return send(w, code, func(to io.Writer) error { return p.view.Render(to, p.shell(r, body.Head.Title), body) })
}

// Number is the number of a payload, the newest first.
func (t TriedDelivery) Number() string { return strconv.FormatInt(t.Delivery.ID, 10) }

// Came says when it came.
func (t TriedDelivery) Came() string { return ui.DateTime(t.Delivery.ReceivedAt) }
