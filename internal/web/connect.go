// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"html/template"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/connect"
	"greenroom/internal/web/ui"
)

// connectBody is what connect.html shows: a connector's form, and beside it how to get what it asks for.
type connectBody struct {
	Head   ui.Head
	Found  *testResult
	Form   ui.Form
	Places *placeChoice
	Guide  guide
}

// guide is what stands beside a form.
type guide struct {
	Help      template.HTML // the connector's own, in Markdown, which is compiled in
	Scopes    *ui.Table
	Limits    template.HTML
	Consent   template.HTML // how the platform gives tokens by consent
	Manifests []manifestCard
}

// manifestCard is a text to paste.
type manifestCard struct {
	Title string
	Where template.HTML
	Text  string
	Note  string
}

// testResult is what a connection test found.
type testResult struct {
	Title   string
	Tone    ui.Tone
	Text    string
	Missing *ui.Table
	Notes   []string
	Action  *ui.Action
}

// placeChoice are the places that a survey found.
type placeChoice struct {
	Name     string // of the checkboxes; "" = they cannot be chosen, only looked at
	Title    string
	Text     string
	Places   []placeLine
	Count    int
	Estimate string
	Problem  string // why there is nothing to choose from
}

type placeLine struct {
	Value, Name, Note string
	Checked, Covered  bool
}

// Times that a page waits for a platform.
const (
	testWait   = 30 * time.Second
	surveyWait = 30 * time.Second
)

// form shows an empty form.
func (p *startPage) form(w http.ResponseWriter, r *http.Request) error {
	spec, err := p.spec(r.PathValue("kind"))
	if err != nil {
		return err
	}
	return p.showForm(w, r, &spec, map[string]string{}, "")
}

// showForm shows a connector's form with what was typed so far, and why that does not do.
func (p *startPage) showForm(w http.ResponseWriter, r *http.Request, spec *connector.Spec, values map[string]string, problem string) error {
	return p.showConnect(w, r, spec, values, connectBody{Form: ui.Form{Error: problem}})
}

// showConnect completes what was found by the form and shows it.
func (p *startPage) showConnect(w http.ResponseWriter, r *http.Request, spec *connector.Spec, values map[string]string, body connectBody) error {
	sources, err := p.cfg.Sources.Sources(r.Context())
	if err != nil {
		return err
	}
	name := values["source-name"]
	if name == "" {
		name = spec.Platform
		if connect.Live(spec) {
			name = freeName(name, sources)
		}
	}
	form := &optionForm{startPage: p, kind: spec.Kind, actor: person(r).Actor, values: values}
	body.Form.Post, body.Form.Upload = "/start/"+spec.Kind, true
	if body.Form.Fields, body.Form.More, body.Form.Hidden, err = form.fields(spec); err != nil {
		return err
	}
	named := sourceNameField(name)
	if connect.Live(spec) {
		named.Help = "How lists and queries call it. It can be renamed later, in its settings."
	}
	body.Form.Fields = append(body.Form.Fields, named)
	body.Form.Actions = append(startActions(spec, body.Found), p.consentAction(spec)...)
	if body.Guide, err = p.guide(r, spec, name); err != nil {
		return err
	}
	body.Head = ui.Head{Title: spec.Title, Subtitle: spec.Summary, Back: &ui.Action{Label: "All connectors", Href: "/start"}}
	code := http.StatusOK
	if body.Form.Error != "" {
		code = http.StatusUnprocessableEntity
	}
	return send(w, code, func(to io.Writer) error { return p.formView.Render(to, p.shell(r, spec.Title), body) })
}

// startActions are the buttons below a form; the first one is what Enter does.
func startActions(spec *connector.Spec, found *testResult) []ui.Action {
	back := ui.Action{Label: "Back", Href: "/start", Style: ui.StyleQuiet}
	test := ui.Action{Label: "Test the connection", Submit: true, Name: thenField, Value: thenTest, Style: ui.StylePrimary}
	begin := ui.Action{Label: "Connect and start reading", Submit: true}
	if _, ok := mapsColumns(spec); ok {
		return []ui.Action{{Label: "Preview its columns", Submit: true, Name: thenField, Value: "preview", Style: ui.StylePrimary}, {Label: "Start the import", Submit: true}, back}
	}
	switch {
	case !connect.Live(spec):
		return []ui.Action{{Label: "Start the import", Submit: true, Style: ui.StylePrimary}, back}
	case found != nil && found.Tone != ui.ToneBad:
		begin.Style, test.Style, test.Label = ui.StylePrimary, ui.StylePlain, "Test again"
		return []ui.Action{begin, test, back}
	default:
		begin.Label = "Connect without a test"
		return []ui.Action{test, begin, back}
	}
}

func sourceNameField(value string) ui.Field {
	return ui.Field{Name: "source-name", Label: "Name of this source", Value: value, Help: "How lists and queries call it. The same name again updates what is there.", Required: true}
}

// base is the server's own address as people reach it, and whether it was said to be public.
func (p *startPage) base(r *http.Request) (address string, public bool) {
	if u := p.cfg.PublicURL; u != nil {
		return strings.TrimSuffix(u.String(), "/"), true
	}
	return p.cfg.Guard.Origin(r).String(), false
}

// guide is what stands beside a connector's form.
func (p *startPage) guide(r *http.Request, spec *connector.Spec, name string) (g guide, err error) {
	if g.Help, err = markdown(spec.Help); err != nil {
		return g, err
	}
	if g.Limits, err = markdown(spec.Limits); err != nil {
		return g, err
	}
	if g.Consent, err = p.consentHelp(r, spec); err != nil {
		return g, err
	}
	if len(spec.Scopes) > 0 {
		g.Scopes = &ui.Table{Caption: "What the token has to allow", Columns: []ui.Column{{Label: "Permission"}, {Label: "What for"}}}
		for _, s := range spec.Scopes {
			cell := ui.Cell{Text: s.Name}
			if s.Optional {
				cell.Sub = "optional"
			}
			g.Scopes.Rows = append(g.Scopes.Rows, ui.TableRow{ID: s.Name, Cells: []ui.Cell{cell, {Text: s.Why}}})
		}
	}
	base, public := p.base(r)
	if !public {
		base = ""
	}
	pastes, err := connect.Manifests(spec, base, name)
	if err != nil {
		return g, err
	}
	for _, m := range pastes {
		card := manifestCard{Title: m.Title, Text: m.Text, Note: "It is made for a source called " + name + "."}
		if card.Where, err = markdown(m.Where); err != nil {
			return g, err
		}
		if !public && spec.Push != nil {
			card.Note += " It has no address for pushes, since this server was started without --public-url."
		}
		g.Manifests = append(g.Manifests, card)
	}
	return g, nil
}

// thenTest is the button that tests.
const thenTest = "test"

// begin reads the form part by part, so that a large upload goes straight to disk, and tests or connects.
func (p *startPage) begin(w http.ResponseWriter, r *http.Request) error {
	spec, err := p.spec(r.PathValue("kind"))
	if err != nil {
		return err
	}
	values, err := p.read(w, r, &spec)
	if err == nil {
		form := &optionForm{startPage: p, kind: spec.Kind, actor: person(r).Actor, values: values}
		err = form.take(&spec)
	}
	if err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			return p.showForm(w, r, &spec, values, sentence(greenroom.ErrorMessage(err)))
		}
		return err
	}
	switch values[thenField] {
	case "preview":
		if name := values["source-name"]; name == "" || name == spec.Platform { // each file is a source of its own
			values["source-name"] = strings.TrimSuffix(filepath.Base(values[spec.Primary]), filepath.Ext(values[spec.Primary]))
		}
		http.Redirect(w, r, sheetHref(&spec, values), http.StatusSeeOther)
		return nil
	case thenTest:
		return p.test(w, r, &spec, values)
	case thenConsent:
		return p.consent(w, r, &spec, values)
	}
	return p.connect(w, r, &spec, values)
}

// test asks the platform and shows the form again with what it said, and with what there is to choose from.
func (p *startPage) test(w http.ResponseWriter, r *http.Request, spec *connector.Spec, values map[string]string) error {
	var body connectBody
	plain := options(spec, values)
	ctx, cancel := context.WithTimeout(r.Context(), testWait)
	defer cancel()
	tested, err := p.cfg.Connect.Test(ctx, spec.Kind, plain)
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.showForm(w, r, spec, values, below(sentence(greenroom.ErrorMessage(err))))
	}
	body.Found = resultOf(spec, &tested)
	if tested.Works() {
		ctx, cancel := context.WithTimeout(r.Context(), surveyWait)
		defer cancel()
		found, err := p.cfg.Connect.Survey(ctx, spec.Kind, plain)
		body.Places = placesOf(spec, values, &found, err)
	}
	return p.showConnect(w, r, spec, values, body)
}

// forPeople reports whether an error says what people can do about it, so that a form can show it.
func forPeople(err error) bool {
	switch greenroom.ErrorCode(err) { //nolint:exhaustive // the rest has a page of its own
	case greenroom.CodeInvalid, greenroom.CodeConflict, greenroom.CodeUnavailable, greenroom.CodeForbidden, greenroom.CodeUnauthorized, greenroom.CodeNotFound, greenroom.CodeLimited:
		return true
	}
	return false
}

// connect starts to read the source, and says where its platform pushes to where it can.
func (p *startPage) connect(w http.ResponseWriter, r *http.Request, spec *connector.Spec, values map[string]string) error {
	again := p.showForm
	if values[typeField] != "" {
		again = p.showSheet
	}
	problem := func(err error) error {
		if forPeople(err) && (connect.Live(spec) || greenroom.ErrorCode(err) == greenroom.CodeInvalid || greenroom.ErrorCode(err) == greenroom.CodeConflict) {
			return again(w, r, spec, values, sentence(greenroom.ErrorMessage(err)))
		}
		return err
	}
	if err := p.mapped(r, spec, values); err != nil {
		return problem(err)
	}
	name := firstText(values["source-name"], spec.Platform)
	values["source-name"] = name
	if err := p.free(r, spec, name); err != nil {
		return problem(err)
	}
	picked(spec, values)
	plain := options(spec, values)
	made := connect.FillSecret(spec, plain)
	src, err := p.cfg.Imports.Start(r.Context(), spec.Kind, name, plain, person(r).Actor)
	if err != nil {
		return problem(err)
	}
	if spec.Push != nil && !spec.Push.Asks {
		return p.showPush(w, r, spec, &src, made, "Reading has begun. One step is left, so that "+spec.Title+" tells what happens as it happens.")
	}
	return p.back(w, r, sourceHref(src.Name), "Reading has begun; you can leave this page.", "")
}

// free keeps a live source from being overwritten by a new one of its name: its options are changed under its settings.
func (p *startPage) free(r *http.Request, spec *connector.Spec, name string) error {
	if !connect.Live(spec) {
		return nil
	}
	src, err := p.cfg.Sources.Source(r.Context(), name)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		return nil
	case err != nil:
		return err
	case src.Kind == spec.Kind && !src.DisconnectedAt.IsZero():
		return nil // it is connected again
	}
	return greenroom.Errorf(greenroom.CodeConflict, "there is a source %q already; choose another name, or change that one under Sources, %s, Settings", name, name)
}

// resultOf puts what a test found into words.
func resultOf(spec *connector.Spec, t *connect.Tested) *testResult {
	res := &testResult{Title: "The connection works", Tone: ui.ToneGood, Notes: t.Notes}
	switch {
	case !t.Asked:
		res.Title, res.Tone, res.Text = "The options are complete", ui.ToneInfo, spec.Title+" cannot be tested; whether it works shows when it is read."
	case !t.Works():
		res.Title, res.Tone, res.Text = "The connection does not work yet", ui.ToneBad, "Do what the table says, and test again."
	case len(t.Missing) > 0:
		res.Title, res.Tone, res.Text = "The connection works, with less than it could", ui.ToneWarn, "You can connect now and add the rest later."
	}
	if t.Account != "" {
		res.Text = strings.TrimSpace("Connected as " + t.Account + ". " + res.Text)
	}
	if len(t.Missing) > 0 {
		res.Missing = &ui.Table{Caption: "What is missing", Columns: []ui.Column{{Label: "Missing"}, {Label: "Without it"}, {Label: "What to do"}}}
		for _, m := range t.Missing {
			cell := ui.Cell{Text: m.Name}
			if m.Must {
				cell.Pills = []ui.Pill{{Text: "needed", Tone: ui.ToneBad}}
			}
			res.Missing.Rows = append(res.Missing.Rows, ui.TableRow{ID: m.Name, Cells: []ui.Cell{cell, {Text: m.Then}, {Text: below(m.Do)}}})
		}
	}
	return res
}

// below says what to do while there is no source yet, and so no settings of it and no sync.
func below(text string) string {
	return strings.NewReplacer(
		"enter it in the settings of the source", "enter it below",
		"nothing was lost, the next sync goes on from here", "check what you entered, or test again later",
	).Replace(text)
}

// placesOf are the places of a survey as they can be chosen. A survey that failed keeps nobody from connecting.
func placesOf(spec *connector.Spec, values map[string]string, v *connect.Surveyed, err error) *placeChoice {
	if greenroom.ErrorCode(err) == greenroom.CodeInvalid && err != nil {
		return nil // it cannot be asked
	}
	c := &placeChoice{Title: "What comes in"}
	if err != nil {
		c.Problem = "What there is could not be looked at: " + sentence(greenroom.ErrorMessage(err)) + " You can connect all the same."
		return c
	}
	var chosen []string
	if o := connect.SurveyOption(spec); o != nil && len(v.Places) > 1 {
		c.Name, c.Title = pickField+o.Name, "Choose from what is there"
		c.Text = "What is checked comes in. With all of it checked, what is added there later comes in too."
		chosen = chosenPlaces(o, values, v.Places)
	}
	for i := range v.Places[:min(len(v.Places), maxPlaces)] {
		place := &v.Places[i]
		line := placeLine{Value: connect.Entry(place), Name: place.Name, Covered: place.Covered, Note: place.Why}
		line.Checked = place.Covered
		if len(chosen) > 0 {
			line.Checked = slices.Contains(chosen, line.Value)
		}
		var counts []string
		if place.Items >= 0 {
			counts = append(counts, countText(place.Items, "item", "items"))
		}
		if place.Members >= 0 {
			counts = append(counts, countText(place.Members, "account", "accounts"))
		}
		if place.Covered {
			line.Note = strings.Join(counts, ", ")
		}
		c.Places = append(c.Places, line)
	}
	c.Count = len(c.Places)
	c.Estimate = estimate(v)
	return c
}

// chosenPlaces are the places that were checked or, before that, those that the option names one by one; none = the option
// does not say.
func chosenPlaces(o *connector.Option, values map[string]string, places []connector.Place) []string {
	if checked := splitLines(values[pickField+o.Name]); len(checked) > 0 {
		return checked
	}
	typed := strings.FieldsFunc(values[o.Name], func(r rune) bool { return r == ',' || r == '\n' || r == '\r' })
	var chosen []string
	for i := range places {
		entry := connect.Entry(&places[i])
		if slices.ContainsFunc(typed, func(t string) bool { return strings.TrimSpace(t) == entry }) {
			chosen = append(chosen, entry)
		}
	}
	return chosen
}

// estimate says what reading it all takes.
func estimate(v *connect.Surveyed) string {
	var parts []string
	if v.Items > 0 {
		parts = append(parts, "about "+countText(v.Items, "item", "items"))
	}
	if v.Requests > 0 {
		parts = append(parts, "about "+countText(v.Requests, "request", "requests"))
	}
	if v.Time > 0 {
		parts = append(parts, "about "+rhythmWords(max(v.Time.Round(time.Minute), time.Minute)))
	}
	if v.Cost != "" {
		parts = append(parts, v.Cost)
	} else if len(parts) > 0 {
		parts = append(parts, "no cost")
	}
	if len(parts) == 0 {
		return ""
	}
	return "The first read takes " + strings.Join(parts, ", ") + ". It goes on in the background, and where it was if it is interrupted."
}
