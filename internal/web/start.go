// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/connect"
	"greenroom/internal/web/ui"
)

// startBody is what start.html shows: the gallery of connectors.
type startBody struct {
	Head   ui.Head
	Sample bool
	Search string
	Shelf  []ui.Segment // links to the shelves of this page
	Groups []shelf
	Found  string   // how many there are, in words
	Empty  ui.Empty // what to do where nothing fits; a script shows it while one types
	None   bool     // nothing fits
}

// shelf is a group of connectors.
type shelf struct {
	ID    string
	Title string
	Text  string
	Cards []connectorCard
}

// connectorCard is one connector. Words are what the search looks in, in lower case.
type connectorCard struct {
	Kind, Title, Href, Platform, Summary, Words string
	Pills                                       []ui.Pill
}

type startPage struct {
	*Site
	view        *ui.View[startBody]
	formView    *ui.View[connectBody]
	sheetView   *ui.View[sheetBody]
	settingView *ui.View[sourceSettingsBody]
	pushView    *ui.View[pushBody]
}

func (s *Site) addStart() error {
	p := &startPage{Site: s}
	for _, parse := range []func() error{
		func() (err error) {
			p.view, err = ui.Parse[startBody](s.kit, templates, "templates/start.html")
			return
		},
		func() (err error) {
			p.formView, err = ui.Parse[connectBody](s.kit, templates, "templates/connect.html", "templates/connectparts.html")
			return
		},
		func() (err error) {
			p.sheetView, err = ui.Parse[sheetBody](s.kit, templates, "templates/sheet.html")
			return
		},
		func() (err error) {
			p.settingView, err = ui.Parse[sourceSettingsBody](s.kit, templates, "templates/sourcesettings.html", "templates/connectparts.html")
			return
		},
		func() (err error) {
			p.pushView, err = ui.Parse[pushBody](s.kit, templates, "templates/push.html")
			return
		},
	} {
		if err := parse(); err != nil {
			return err
		}
	}
	connecting := func(p Person) bool { return p.MayConnect }
	s.handle("GET /start", p.gallery)
	s.handle("GET /start/{kind}", p.form)
	s.change("GET /start/{kind}/preview", connecting, p.preview)
	s.change("POST /start/{kind}", connecting, p.begin)
	s.change("GET "+connect.CallbackPath, connecting, p.consented)
	s.change("GET /sources/{name}/settings", connecting, p.settings)
	s.change("POST /sources/{name}/settings", connecting, p.saveSettings)
	s.change("POST /sources/{name}/disconnect", connecting, p.disconnect)
	s.change("POST /sources/{name}/remove", connecting, p.remove)
	s.change("POST /sources/{name}/rename", connecting, p.rename)
	s.change("GET /sources/{name}/push", connecting, p.push)
	s.change("POST /sources/{name}/push", connecting, p.renewSecret)
	return nil
}

// shelves are the groups of the gallery, in order.
func shelves() []shelf {
	return []shelf{
		{ID: string(connector.GroupCommunity), Title: "Where people talk and work together", Text: "Read again and again, so that Greenroom keeps up by itself."},
		{ID: string(connector.GroupBusiness), Title: "Business systems", Text: "Companies, deals, tickets and subscriptions beside what the community does."},
		{ID: string(connector.GroupDoor), Title: "Open doors", Text: "For everything else: product usage, webhooks, feeds."},
		{ID: string(connector.GroupExport), Title: "Exports and files", Text: "What you have today. None of these needs an account or a key."},
	}
}

// gallery shows what can be connected, or what of it fits a search.
func (p *startPage) gallery(w http.ResponseWriter, r *http.Request) error {
	connected, err := p.connected(r)
	if err != nil {
		return err
	}
	body := startBody{
		Head:   ui.Head{Title: "Bring in your community", Subtitle: "Connect a platform, or begin with an export that you have today. Connecting the same again changes nothing."},
		Sample: p.cfg.Sample, Search: strings.TrimSpace(r.URL.Query().Get("q")), Groups: shelves(),
	}
	wanted := strings.Fields(strings.ToLower(body.Search))
	found := 0
	for _, spec := range p.cfg.Imports.Specs() {
		card := cardOf(&spec, connected[spec.Kind])
		if slices.ContainsFunc(wanted, func(word string) bool { return !strings.Contains(card.Words, word) }) {
			continue
		}
		group := string(connect.GroupOf(&spec))
		i := slices.IndexFunc(body.Groups, func(g shelf) bool { return g.ID == group })
		if i < 0 {
			i = len(body.Groups) - 1
		}
		body.Groups[i].Cards = append(body.Groups[i].Cards, card)
		found++
	}
	body.Groups = slices.DeleteFunc(body.Groups, func(g shelf) bool { return len(g.Cards) == 0 })
	for _, g := range body.Groups {
		body.Shelf = append(body.Shelf, ui.Segment{Label: g.Title, Href: "#" + g.ID, Count: ui.Number(len(g.Cards))})
	}
	body.Found, body.None, body.Empty = countText(int64(found), "connector", "connectors"), found == 0, p.otherDoors()
	return render(p.Site, w, r, p.view, "Connect", body)
}

// connected counts the sources of each kind.
func (p *startPage) connected(r *http.Request) (map[string]int, error) {
	sources, err := p.cfg.Sources.Sources(r.Context())
	if err != nil {
		return nil, err
	}
	n := make(map[string]int)
	for i := range sources {
		if sources[i].DisconnectedAt.IsZero() {
			n[sources[i].Kind]++
		}
	}
	return n, nil
}

func cardOf(spec *connector.Spec, connected int) connectorCard {
	c := connectorCard{Kind: spec.Kind, Title: spec.Title, Href: "/start/" + spec.Kind, Platform: platformName(spec.Platform), Summary: spec.Summary}
	words := append([]string{spec.Title, c.Platform, spec.Platform, spec.Kind, spec.Summary, string(connect.GroupOf(spec))}, spec.Keywords...)
	c.Words = strings.ToLower(strings.Join(words, " "))
	if strings.Contains(strings.ToLower(strings.ReplaceAll(c.Title, " ", "")), strings.ToLower(strings.ReplaceAll(c.Platform, " ", ""))) {
		c.Platform = "" // it says so already
	}
	if connected > 0 {
		c.Pills = append(c.Pills, ui.Pill{Text: ui.Number(connected) + " connected", Tone: ui.ToneGood})
	}
	if connect.Live(spec) {
		c.Pills = append(c.Pills, ui.Pill{Text: "live", Tone: ui.ToneInfo, Title: "It is read again by itself, or told by the platform"})
	}
	if spec.Push != nil {
		c.Pills = append(c.Pills, ui.Pill{Text: "push", Tone: ui.ToneInfo, Title: "The platform tells what happens as it happens"})
	}
	if connect.NeedsToken(spec) {
		c.Pills = append(c.Pills, ui.Pill{Text: "needs a token"})
	}
	if connect.GroupOf(spec) == connector.GroupExport {
		c.Pills = append(c.Pills, ui.Pill{Text: "file"})
	}
	return c
}

// otherDoors says what to do about a platform that is not in the gallery.
func (p *startPage) otherDoors() ui.Empty {
	e := ui.Empty{Title: "No connector by that name", Text: "Nothing is out of reach for it: have the platform send its events to a webhook, upload a table that it exports, or let a program of yours do that through the API."}
	for _, door := range [][2]string{{"webhook", "Take a webhook"}, {"csv", "Upload a table"}} {
		if slices.ContainsFunc(p.cfg.Imports.Specs(), func(s connector.Spec) bool { return s.Kind == door[0] }) {
			e.Actions = append(e.Actions, ui.Action{Label: door[1], Href: "/start/" + door[0]})
		}
	}
	e.Actions = append(e.Actions, ui.Action{Label: "Read about the API", Href: "/api/v1/docs"}, ui.Action{Label: "Show all connectors", Href: "/start", Style: ui.StyleQuiet})
	return e
}

func (p *startPage) spec(kind string) (connector.Spec, error) {
	for _, spec := range p.cfg.Imports.Specs() {
		if spec.Kind == kind {
			return spec, nil
		}
	}
	return connector.Spec{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no connector %q", kind)
}

// markdown writes a connector's own text. Raw HTML in it is left out, as goldmark does unless told otherwise.
func markdown(text string) (template.HTML, error) {
	var out bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert([]byte(text), &out); err != nil {
		return "", fmt.Errorf("writing a connector's text: %w", err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // made by goldmark from text of this program
}
