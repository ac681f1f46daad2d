// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/connect"
)

// Consents has platforms give tokens by consent in the browser.
type Consents interface {
	// Authorize begins a consent, and Redeem ends it with the query of the address that the person came back to.
	Authorize(ctx context.Context, a connect.Asking) (connect.Consent, error)
	Redeem(ctx context.Context, back url.Values, by string) (connect.Granted, error)
}

// ConsentRequest asks for a consent.
type ConsentRequest struct {
	Source   string            `json:"source,omitempty" doc:"What a new source is to be called; left out for one that is stored."`
	Options  map[string]string `json:"options,omitempty" doc:"The connector's options by name, each as text: the app's id and secret at least. Of a source that is stored, those that are to be different."`
	Redirect string            `json:"redirect" doc:"The address to come back to, as it is registered with the platform's app; the page's own is /oauth/callback below this server's address."`
}

// ConsentAnswer ends a consent.
type ConsentAnswer struct {
	Address string `json:"address" doc:"The whole address that the platform sent the browser back to, with its query."`
}

// ConsentResult is what a consent came to.
type ConsentResult struct {
	Source string `json:"source" doc:"The source that has the tokens now. One that was not stored yet is being read."`
	Kind   string `json:"kind" doc:"Its connector."`
	New    bool   `json:"new" doc:"It was connected by this."`
}

func (a *api) consentOps(kind, source param) []op {
	given := content{of: connect.Consent{}, text: "Where to go.", example: connect.Consent{
		URL: "https://app.hubspot.com/oauth/authorize?client_id=…&state=…", Redirect: "https://greenroom.example.org/oauth/callback", Until: time.Date(2026, 11, 22, 9, 27, 0, 0, time.UTC),
	}}
	asked := func(source string) *content {
		return &content{of: ConsentRequest{}, text: "What to ask for.", example: ConsentRequest{Source: source, Options: map[string]string{"client-id": "…", "client-secret": "…"}, Redirect: "https://greenroom.example.org/oauth/callback"}}
	}
	return []op{
		{
			method: http.MethodPost, path: "/connectors/{kind}/authorize", id: "authorizeConnector", tag: "Sources", need: auth.Connect,
			summary: "Ask for a platform's consent for a new source",
			text:    "Answers the address at which a person signs in to the platform and consents, within a quarter of an hour. POST /consents then takes the address that the browser came back to.",
			params:  []param{kind}, body: asked("crm"), reply: given, do: a.authorizeConnector,
		},
		{
			method: http.MethodPost, path: "/sources/{name}/authorize", id: "authorizeSource", tag: "Sources", need: auth.Connect,
			summary: "Ask for a platform's consent for a source",
			text:    "The same for a source that is stored, whose tokens are replaced.",
			params:  []param{source}, body: asked(""), reply: given, do: a.authorizeSource,
		},
		{
			method: http.MethodPost, path: "/consents", id: "redeemConsent", tag: "Sources", need: auth.Connect, timeout: connectTimeout,
			summary: "End a consent",
			text:    "Exchanges what the platform gave for tokens, seals them, and begins to read a new source. Only who asked can end it, and once. Where the browser came back to the page, that has done it.",
			body:    &content{of: ConsentAnswer{}, text: "Where the browser came back to.", example: ConsentAnswer{Address: "https://greenroom.example.org/oauth/callback?code=…&state=…"}},
			reply:   content{of: ConsentResult{}, example: ConsentResult{Source: "crm", Kind: "hubspot", New: true}}, do: a.redeemConsent,
		},
	}
}

func (a *api) authorizeConnector(c *call) (answer, error) {
	req, err := decode[ConsentRequest](c)
	if err != nil {
		return answer{}, err
	}
	spec, known := a.connectorOf(c.text("kind"))
	if !known {
		return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no connector %q", c.text("kind"))
	}
	if err := onlyKnown(spec, req.Options); err != nil {
		return answer{}, err
	}
	if req.Source == "" {
		req.Source = spec.Platform
	}
	return consentAnswer(a.Connect.Authorize(c.ctx(), connect.Asking{Kind: spec.Kind, Source: req.Source, Options: req.Options, Redirect: req.Redirect, By: c.by()}))
}

func (a *api) authorizeSource(c *call) (answer, error) {
	req, err := decode[ConsentRequest](c)
	if err != nil {
		return answer{}, err
	}
	return consentAnswer(a.Connect.Authorize(c.ctx(), connect.Asking{Source: c.text("name"), Options: req.Options, Redirect: req.Redirect, By: c.by()}))
}

func consentAnswer(given connect.Consent, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return ok(given)
}

func (a *api) redeemConsent(c *call) (answer, error) {
	req, err := decode[ConsentAnswer](c)
	if err != nil {
		return answer{}, err
	}
	back, err := url.Parse(req.Address)
	if err != nil {
		return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "this is no address that a browser came back to; expected one with a code and a state in its query")
	}
	got, err := a.Connect.Redeem(c.ctx(), back.Query(), c.by())
	if err != nil {
		return answer{}, err
	}
	if got.Stored {
		_, err = a.Connect.Change(c.ctx(), got.Source, connect.Change{Options: got.Options})
	} else {
		err = a.connectGranted(c, &got)
	}
	if err != nil {
		return answer{}, err
	}
	return ok(ConsentResult{Source: got.Source, Kind: got.Kind, New: !got.Stored})
}

// connectGranted begins to read a source whose tokens a consent gave.
func (a *api) connectGranted(c *call, got *connect.Granted) error {
	req := ImportRequest{Kind: got.Kind, Source: got.Source, Options: got.Options}
	spec, err := a.checkImport(&req)
	if err != nil {
		return err
	}
	src, _, err := a.Imports.StartImport(c.ctx(), Import{Spec: *spec, Source: got.Source, Values: got.Options})
	if err != nil {
		return err
	}
	return a.Audit.Audit(c.ctx(), c.caller, "import.start", "source "+src.Name, "kind "+src.Kind)
}
