// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"html/template"
	"net/http"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/connect"
	"greenroom/internal/web/ui"
)

// thenConsent is the button that has the platform give tokens by consent in the browser.
const thenConsent = "consent"

// consentAction is that button, where the connector can do it and the server has a public address.
func (p *startPage) consentAction(spec *connector.Spec) []ui.Action {
	if spec.OAuth == nil || p.cfg.PublicURL == nil {
		return nil
	}
	return []ui.Action{{Label: "Connect with " + spec.Title, Submit: true, Name: thenField, Value: thenConsent}}
}

// consentHelp says what to register where.
func (p *startPage) consentHelp(r *http.Request, spec *connector.Spec) (template.HTML, error) {
	if spec.OAuth == nil {
		return "", nil
	}
	base, public := p.base(r)
	if !public {
		return markdown("Instead of copying tokens, " + spec.Title + " can give them to an app of yours. For that, whoever runs Greenroom starts it with `--public-url` and the address at which people reach it.")
	}
	return markdown("Instead of copying tokens, have " + spec.Title + " give them to an app of yours.\n\n1. Register the address `" + base + connect.CallbackPath + "` to come back to. " + spec.OAuth.Register +
		"\n2. Enter the app’s id and secret, and choose **Connect with " + spec.Title + "**.")
}

// askConsent begins a consent. Where to go on is a link: a form may lead to this server only.
func (p *startPage) askConsent(r *http.Request, spec *connector.Spec, a connect.Asking) (*testResult, error) {
	base, _ := p.base(r)
	a.Redirect, a.By = base+connect.CallbackPath, person(r).Actor
	c, err := p.cfg.Connect.Authorize(r.Context(), a)
	if err != nil {
		return nil, err
	}
	return &testResult{
		Title: "Go on at " + spec.Title, Tone: ui.ToneInfo, Text: "Sign in there and allow what is asked for. You come back here within a quarter of an hour; what you typed is kept until then.",
		Action: &ui.Action{Label: "Go on to " + spec.Title, Href: c.URL, Style: ui.StylePrimary},
	}, nil
}

// consent shows the form of a new source with the way to the platform.
func (p *startPage) consent(w http.ResponseWriter, r *http.Request, spec *connector.Spec, values map[string]string) error {
	found, err := p.askConsent(r, spec, connect.Asking{Kind: spec.Kind, Source: values["source-name"], Options: options(spec, values)})
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.showForm(w, r, spec, values, sentence(greenroom.ErrorMessage(err)))
	}
	return p.showConnect(w, r, spec, values, connectBody{Found: found})
}

// consentAgain shows the settings of a source with the way to its platform.
func (p *startPage) consentAgain(w http.ResponseWriter, r *http.Request, src *greenroom.Source, spec *connector.Spec, values map[string]string) error {
	var body sourceSettingsBody
	found, err := p.askConsent(r, spec, connect.Asking{Source: src.Name, Options: differing(spec, src, values)})
	switch {
	case err == nil:
		body.Found = found
	case forPeople(err):
		body.Form.Error = sentence(greenroom.ErrorMessage(err))
	default:
		return err
	}
	return p.showSettings(w, r, src, spec, values, body)
}

// consented takes people back from a platform: a new source is tested with its tokens and shown to be connected, one that
// is stored keeps them.
func (p *startPage) consented(w http.ResponseWriter, r *http.Request) error {
	got, err := p.cfg.Connect.Redeem(r.Context(), r.URL.Query(), person(r).Actor)
	if err != nil && (got.Kind == "" || !forPeople(err)) {
		return err
	}
	if got.Stored {
		if err == nil {
			_, err = p.cfg.Connect.Change(r.Context(), got.Source, connect.Change{Options: got.Options})
		}
		text := "Connected. The tokens are sealed, and the next read goes by them."
		if err != nil {
			if !forPeople(err) {
				return err
			}
			text = sentence(greenroom.ErrorMessage(err))
		}
		return p.back(w, r, sourceHref(got.Source)+"/settings", text, "")
	}
	spec, serr := p.spec(got.Kind)
	if serr != nil {
		return serr
	}
	values := map[string]string{"source-name": got.Source}
	for name, v := range got.Options {
		values[name] = v
	}
	if err != nil {
		return p.showForm(w, r, &spec, values, sentence(greenroom.ErrorMessage(err)))
	}
	return p.test(w, r, &spec, values)
}
