// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"greenroom"
	"greenroom/connector"
)

// This file goes through a platform's consent in the browser (connector.OAuth). Between asking and coming back, what was
// typed stays in the memory of this process, under a state that is good once, for a quarter of an hour and for the person
// who asked: nothing of it is stored, and nothing but the state travels through the browser.

// CallbackPath is where people come back to from a platform, below the server's own address.
const CallbackPath = "/oauth/callback"

const (
	consentFor  = 15 * time.Minute
	maxConsents = 1000
)

// Asking is what a consent is asked for.
type Asking struct {
	Kind     string            // the connector, for a source that is not stored yet
	Source   string            // the name of a source: one that is stored where Kind is empty, else the one it is to become
	Options  map[string]string // as they were typed; of a source that is stored, those that are to be different
	Redirect string            // the address to come back to, as it is registered with the platform
	By       string            // who asks, and has to be who comes back
}

// Consent is where a person goes next.
type Consent struct {
	URL      string    `json:"url" doc:"The platform's page on which to consent."`
	Redirect string    `json:"redirect" doc:"Where the platform sends people back to. It has to be registered with the platform's app, to the letter."`
	Until    time.Time `json:"until" doc:"When it is too late to come back."`
}

// Granted is what came of it: the options with the tokens, not stored yet.
type Granted struct {
	Kind, Source string
	Stored       bool // Options are changes of a stored source
	Options      connector.Values
}

// consents are those that are asked for.
type consents struct {
	mu  sync.Mutex
	all map[string]pendingConsent // by state
}

type pendingConsent struct {
	Granted

	config   oauth2.Config
	oauth    *connector.OAuth
	verifier string
	by       string
	until    time.Time
}

// Authorize begins a consent. CodeInvalid where the connector has none, and where the app's id or the address are missing.
func (s *Service) Authorize(ctx context.Context, a Asking) (Consent, error) {
	spec, values, err := s.asked(ctx, &a)
	if err != nil {
		return Consent{}, err
	}
	o := spec.OAuth
	if o == nil {
		return Consent{}, greenroom.Errorf(greenroom.CodeInvalid, "%s gives no tokens by consent in the browser; enter its token", spec.Title)
	}
	back, err := url.Parse(a.Redirect)
	if err != nil || back.Host == "" || back.Scheme != "https" && back.Scheme != "http" || back.Fragment != "" {
		return Consent{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is no address to come back to; expected a web address such as https://greenroom.example.org%s", a.Redirect, CallbackPath)
	}
	for _, option := range []string{o.Client, o.Secret} {
		if strings.TrimSpace(values[option]) == "" {
			return Consent{}, greenroom.Errorf(greenroom.CodeInvalid, "%s needs %s of an app of yours before it can be asked for tokens", spec.Title, labelOf(&spec, option))
		}
	}
	p := pendingConsent{
		oauth: o, verifier: oauth2.GenerateVerifier(), by: a.By, until: s.now().Add(consentFor),
		Granted: Granted{Kind: spec.Kind, Source: a.Source, Stored: a.Kind == "", Options: maps.Clone(a.Options)},
		config: oauth2.Config{ClientID: strings.TrimSpace(values[o.Client]), ClientSecret: strings.TrimSpace(values[o.Secret]), RedirectURL: a.Redirect, Endpoint: oauth2.Endpoint{
			AuthURL: at(o.Consent, values[o.Base]), TokenURL: at(o.Token, values[o.Base]), AuthStyle: oauth2.AuthStyleInParams,
		}},
	}
	state := rand.Text()
	ask := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(p.verifier)}
	if scope := o.Scope(); scope != "" {
		ask = append(ask, oauth2.SetAuthURLParam("scope", scope))
	}
	for name, v := range o.Params {
		ask = append(ask, oauth2.SetAuthURLParam(name, v))
	}
	if err := s.consents.keep(state, p, s.now()); err != nil {
		return Consent{}, err
	}
	return Consent{URL: p.config.AuthCodeURL(state, ask...), Redirect: a.Redirect, Until: p.until}, nil
}

// asked finds the connector and its options, with secrets as they were entered.
func (s *Service) asked(ctx context.Context, a *Asking) (connector.Spec, connector.Values, error) {
	if a.Kind != "" {
		spec, err := s.Find(a.Kind)
		if err == nil {
			err = s.may(ctx, &spec, a.Options)
		}
		return spec, a.Options, err
	}
	_, spec, values, err := s.merged(ctx, a.Source, &Change{Options: a.Options})
	if err != nil {
		return spec, nil, err
	}
	values, err = s.opener.Credentials(spec, a.Source, values)
	return spec, values, err
}

// at puts the scheme and host of another address before the path of one.
func at(address, base string) string {
	u, err := url.Parse(address)
	b, berr := url.Parse(strings.TrimSpace(base))
	if err != nil || berr != nil || b.Host == "" {
		return address
	}
	u.Scheme, u.Host = b.Scheme, b.Host
	return u.String()
}

func labelOf(spec *connector.Spec, option string) string {
	for i := range spec.Options {
		if spec.Options[i].Name == option {
			return spec.Options[i].Label
		}
	}
	return option
}

func (c *consents) keep(state string, p pendingConsent, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.all, func(_ string, p pendingConsent) bool { return !now.Before(p.until) })
	if len(c.all) >= maxConsents {
		return greenroom.Errorf(greenroom.CodeLimited, "too many consents are asked for at the moment; try it again in %d minutes", int(consentFor/time.Minute))
	}
	if c.all == nil {
		c.all = make(map[string]pendingConsent)
	}
	c.all[state] = p
	return nil
}

// take gives a consent, which ends with that.
func (c *consents) take(state, by string, now time.Time) (pendingConsent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.all[state]
	if !ok || !now.Before(p.until) {
		return p, greenroom.Errorf(greenroom.CodeInvalid, "this consent is not waited for: it has been used, is older than %d minutes, or the server was restarted; begin it again", int(consentFor/time.Minute))
	}
	if p.by != by {
		return p, greenroom.Errorf(greenroom.CodeForbidden, "somebody else has asked for this consent; it counts for them only")
	}
	delete(c.all, state)
	return p, nil
}

// Redeem ends a consent: back is the query of the address that the platform sent the person back to. CodeForbidden where the
// platform says that it was not granted.
func (s *Service) Redeem(ctx context.Context, back url.Values, by string) (Granted, error) {
	p, err := s.consents.take(back.Get("state"), by, s.now())
	if err != nil {
		return Granted{}, err
	}
	spec, err := s.Find(p.Kind)
	if err != nil {
		return Granted{}, err
	}
	if refused := back.Get("error"); refused != "" {
		if more := back.Get("error_description"); more != "" {
			refused += ": " + more
		}
		return p.Granted, greenroom.Errorf(greenroom.CodeForbidden, "%s has not granted access (%s)", spec.Title, refused)
	}
	if client := s.opener.Client(); client != nil {
		ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	}
	token, err := p.config.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(p.verifier))
	if err != nil {
		return p.Granted, notGiven(ctx, spec.Title, err)
	}
	if p.Options == nil {
		p.Options = make(connector.Values)
	}
	if p.oauth.Access != "" {
		p.Options[p.oauth.Access] = token.AccessToken
	}
	if p.oauth.Refresh != "" {
		if token.RefreshToken == "" && p.oauth.Access == "" {
			return p.Granted, greenroom.Errorf(greenroom.CodeUnavailable, "%s has given no refresh token, so access would end within hours; allow it for the app, take back its access and consent again", spec.Title)
		}
		p.Options[p.oauth.Refresh] = token.RefreshToken
	}
	return p.Granted, nil
}

// notGiven says why there is no token. What the platform answered is told by its code only: the rest may hold secrets.
func notGiven(ctx context.Context, title string, err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		why := refused.ErrorCode
		if why == "" && refused.Response != nil {
			why = refused.Response.Status
		}
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: title + " gives no token (" + why + "); check the app's id, its secret and the registered address, and begin again", Err: err}
	}
	if strings.Contains(err.Error(), "missing access_token") { // answered with 200 and a refusal, as Slack does
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: title + " gives no token; check the app's id, its secret and the registered address, and begin again", Err: err}
	}
	return plain(ctx, title, err)
}
