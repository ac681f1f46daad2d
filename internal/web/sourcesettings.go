// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/connect"
	"greenroom/internal/web/ui"
)

// sourceSettingsBody is what sourcesettings.html shows: the options of a source that is connected.
type sourceSettingsBody struct {
	Head    ui.Head
	Note    string // above all else
	Found   *testResult
	Form    ui.Form
	Places  *placeChoice
	Guide   guide
	Leave   []leaveCard
	Dialogs []ui.Dialog
}

// leaveCard is how to end it.
type leaveCard struct {
	Title  string
	Text   string
	Action ui.Action
}

// Fields of the settings beside the connector's options.
const (
	rhythmField = "rhythm"
	againField  = "from-start"
)

// opened is a source with its connector.
func (p *startPage) opened(r *http.Request) (greenroom.Source, connector.Spec, error) {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return src, connector.Spec{}, err
	}
	spec, err := p.spec(src.Kind)
	return src, spec, err
}

func (p *startPage) settings(w http.ResponseWriter, r *http.Request) error {
	src, spec, err := p.opened(r)
	if err != nil {
		return err
	}
	values := make(map[string]string)
	for i := range spec.Options {
		if o := &spec.Options[i]; o.Type != connector.Secret {
			values[o.Name] = src.Config[o.Name]
		}
	}
	values[rhythmField] = strconv.FormatInt(src.Rhythm, 10)
	return p.showSettings(w, r, &src, &spec, values, sourceSettingsBody{})
}

func (p *startPage) showSettings(w http.ResponseWriter, r *http.Request, src *greenroom.Source, spec *connector.Spec, values map[string]string, body sourceSettingsBody) error {
	stored := make(map[string]bool)
	for i := range spec.Options {
		stored[spec.Options[i].Name] = src.Config[spec.Options[i].Name] != ""
	}
	form := p.settingsForm(r, src, values, stored)
	var err error
	body.Form.Post, body.Form.Upload = sourceHref(src.Name)+"/settings", true
	if body.Form.Fields, body.Form.More, body.Form.Hidden, err = form.fields(spec); err != nil {
		return err
	}
	body.Form.Fields = append(body.Form.Fields, rhythmFieldOf(spec, values[rhythmField]))
	body.Form.More = append(body.Form.More, ui.Field{
		Name: againField, Label: "Read everything again", Type: "checkbox", Value: "true", Checked: values[againField] != "",
		Help: "The next read begins at the start. Nothing is stored twice. A change of how far back does this by itself.",
	})
	body.Form.Actions = []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}
	if connect.Live(spec) {
		body.Form.Actions = append(body.Form.Actions, ui.Action{Label: "Test the connection", Submit: true, Name: thenField, Value: thenTest})
	}
	body.Form.Actions = append(body.Form.Actions, p.consentAction(spec)...)
	body.Form.Actions = append(body.Form.Actions, ui.Action{Label: "Back", Href: sourceHref(src.Name), Style: ui.StyleQuiet})
	if body.Guide, err = p.guide(r, spec, src.Name); err != nil {
		return err
	}
	body.Head = ui.Head{Title: "Settings of " + src.Name, Subtitle: spec.Title + ". " + spec.Summary, Back: &ui.Action{Label: src.Name, Href: sourceHref(src.Name)}}
	if spec.Push != nil {
		label := "Address for pushes"
		if spec.Push.Asks {
			label = "Pushes"
		}
		body.Head.Actions = []ui.Action{{Label: label, Href: sourceHref(src.Name) + "/push"}}
	}
	if err := p.leave(r, src, &body); err != nil {
		return err
	}
	code := http.StatusOK
	if body.Form.Error != "" {
		code = http.StatusUnprocessableEntity
	}
	return send(w, code, func(to io.Writer) error { return p.settingView.Render(to, p.shell(r, body.Head.Title), body) })
}

func (p *startPage) settingsForm(r *http.Request, src *greenroom.Source, values map[string]string, stored map[string]bool) *optionForm {
	return &optionForm{startPage: p, kind: "source/" + src.Name, actor: person(r).Actor, values: values, stored: stored}
}

// rhythmFieldOf chooses how often a source is read by itself.
func rhythmFieldOf(spec *connector.Spec, value string) ui.Field {
	usual := "only when told to"
	if spec.Rhythm > 0 {
		usual = "every " + rhythmWords(spec.Rhythm)
	}
	f := ui.Field{Name: rhythmField, Label: "Read again by itself", Type: "select", Value: value, Options: []ui.Option{{Value: "0", Label: "As usual: " + usual}}}
	known := value == "" || value == "0"
	for _, o := range []struct {
		seconds int
		label   string
	}{{300, "Every 5 minutes"}, {900, "Every 15 minutes"}, {3600, "Every hour"}, {6 * 3600, "Every 6 hours"}, {24 * 3600, "Every day"}, {-1, "Never; only when told to"}} {
		text := strconv.Itoa(o.seconds)
		f.Options = append(f.Options, ui.Option{Value: text, Label: o.label})
		known = known || text == value
	}
	if n, err := strconv.Atoi(value); err == nil && !known {
		f.Options = append(f.Options, ui.Option{Value: value, Label: "Every " + ui.Number(n) + " seconds"})
	}
	return f
}

// rhythmWords writes how often a connector is read.
func rhythmWords(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return countText(int64(d/time.Hour), "hour", "hours")
	case d%time.Minute == 0:
		return countText(int64(d/time.Minute), "minute", "minutes")
	}
	return ui.Duration(d)
}

// changed are the options as the form says: what it left empty is taken away, secrets aside.
func changed(spec *connector.Spec, values map[string]string) map[string]string {
	out := make(map[string]string)
	for i := range spec.Options {
		o := &spec.Options[i]
		v := values[o.Name]
		if o.Type == connector.Bool && v == "" {
			v = "false"
		}
		out[o.Name] = v
	}
	return out
}

// differing are those of them that are not as they are stored, so that only these are judged as changes.
func differing(spec *connector.Spec, src *greenroom.Source, values map[string]string) map[string]string {
	out := make(map[string]string)
	for i := range spec.Options {
		o := &spec.Options[i]
		v, have := changed(spec, values)[o.Name], src.Config[o.Name]
		switch {
		case o.Type == connector.Secret:
			if v != "" {
				out[o.Name] = v
			}
		case firstText(v, o.Default) != firstText(have, o.Default):
			out[o.Name] = v
		}
	}
	return out
}

func (p *startPage) saveSettings(w http.ResponseWriter, r *http.Request) error {
	src, spec, err := p.opened(r)
	if err != nil {
		return err
	}
	values, err := p.read(w, r, &spec)
	if err == nil {
		err = p.settingsForm(r, &src, values, nil).take(&spec)
	}
	again := func(err error) error {
		if !forPeople(err) {
			return err
		}
		return p.showSettings(w, r, &src, &spec, values, sourceSettingsBody{Form: ui.Form{Error: sentence(greenroom.ErrorMessage(err))}})
	}
	if err != nil {
		return again(err)
	}
	switch values[thenField] {
	case thenTest:
		return p.testSettings(w, r, &src, &spec, values)
	case thenConsent:
		return p.consentAgain(w, r, &src, &spec, values)
	}
	picked(&spec, values)
	rhythm, err := strconv.ParseInt(firstText(values[rhythmField], "0"), 10, 64)
	if err != nil {
		return again(greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of seconds", values[rhythmField]))
	}
	if _, err := p.cfg.Connect.Change(r.Context(), src.Name, connect.Change{Options: differing(&spec, &src, values), Rhythm: &rhythm, FromStart: values[againField] != ""}); err != nil {
		return again(err)
	}
	return p.back(w, r, sourceHref(src.Name), "Saved. The next read goes by it.", "")
}

// testSettings asks the platform whether the source works with what was typed.
func (p *startPage) testSettings(w http.ResponseWriter, r *http.Request, src *greenroom.Source, spec *connector.Spec, values map[string]string) error {
	var body sourceSettingsBody
	ctx, cancel := context.WithTimeout(r.Context(), testWait)
	defer cancel()
	change := differing(spec, src, values)
	tested, err := p.cfg.Connect.TestSource(ctx, src.Name, change)
	if err != nil {
		if !forPeople(err) {
			return err
		}
		body.Form.Error = sentence(greenroom.ErrorMessage(err))
		return p.showSettings(w, r, src, spec, values, body)
	}
	body.Found = resultOf(spec, &tested)
	if tested.Works() {
		ctx, cancel := context.WithTimeout(r.Context(), surveyWait)
		defer cancel()
		found, err := p.cfg.Connect.SurveySource(ctx, src.Name, change)
		body.Places = placesOf(spec, values, &found, err)
	}
	return p.showSettings(w, r, src, spec, values, body)
}

// pushBody is what push.html shows: where a platform pushes to.
type pushBody struct {
	Head      ui.Head
	Text      string
	Asks      bool // there is nothing to enter
	Addresses []ui.Copy
	Warning   string
	Secret    *ui.Copy // only right after it was made
	Help      template.HTML
	Renew     *leaveCard
	Dialogs   []ui.Dialog
}

func (p *startPage) push(w http.ResponseWriter, r *http.Request) error {
	src, spec, err := p.opened(r)
	if err != nil {
		return err
	}
	if spec.Push == nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "%s does not push; it is read", spec.Title)
	}
	return p.showPush(w, r, &spec, &src, "", "Where "+spec.Title+" tells what happens as it happens.")
}

func (p *startPage) renewSecret(w http.ResponseWriter, r *http.Request) error {
	src, spec, err := p.opened(r)
	if err != nil {
		return err
	}
	made, err := p.cfg.Connect.RenewSecret(r.Context(), src.Name)
	if err != nil {
		return err
	}
	return p.showPush(w, r, &spec, &src, made, "The secret is a new one. Until the platform has it, what it pushes is refused.")
}

// showPush shows the address that takes pushes, and once, right after it was made, the secret that signs them.
func (p *startPage) showPush(w http.ResponseWriter, r *http.Request, spec *connector.Spec, src *greenroom.Source, made, text string) error {
	base, public := p.base(r)
	body := pushBody{
		Head: ui.Head{Title: "Pushes to " + src.Name, Subtitle: text, Back: &ui.Action{Label: src.Name, Href: sourceHref(src.Name)}, Actions: []ui.Action{{Label: "Go to the source", Href: sourceHref(src.Name)}}},
		Text: "Without this, it is read at its rhythm all the same.",
	}
	switch {
	case spec.Push.Asks:
		body.Asks, body.Text = true, "Greenroom asks for pushes by itself. The source is read at its rhythm all the same."
	case spec.Rhythm == 0:
		body.Text = "What is pushed comes in within a second or so."
	}
	for i, address := range connect.Addresses(spec, base, src.Name) {
		label := "address for pushes"
		if i > 0 {
			label = "address for libraries that make the path themselves"
		}
		body.Addresses = append(body.Addresses, ui.Copy{Label: label, Value: address})
	}
	switch {
	case !public && spec.Push.Asks:
		body.Warning = "This server was not told its public address, so that nothing can be pushed to it. Start it with --public-url https://your-address; until then it is read at its rhythm."
	case !public:
		body.Warning = "This server was not told its public address. The platform reaches the address below only if it leads here from the internet; start the server with --public-url https://your-address to be sure."
	}
	var err error
	if body.Help, err = markdown(spec.Push.Help); err != nil {
		return err
	}
	if made != "" {
		body.Secret = &ui.Copy{Label: "secret", Value: made}
		body.Head.Actions[0].Style = ui.StylePrimary
	} else if spec.Push.Secret != "" && !spec.Push.Given {
		body.Renew = &leaveCard{Text: "The secret that signs what is pushed is kept sealed and shown to nobody. If it is lost or was seen, make another one and enter it on the platform.", Action: ui.Action{Label: "Make a new secret…", Dialog: "renew"}}
		body.Dialogs = []ui.Dialog{{ID: "renew", Title: "Make a new secret", Text: "The old one ends at once: until the platform has the new one, what it pushes is refused.", Form: ui.Form{Post: sourceHref(src.Name) + "/push", Actions: []ui.Action{{Label: "Make it", Submit: true, Style: ui.StylePrimary}}}}}
	}
	return render(p.Site, w, r, p.pushView, body.Head.Title, body)
}
