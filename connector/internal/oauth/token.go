// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package oauth keeps the access token of a source whose platform gives refresh tokens: it signs requests with it, gets
// another when it has expired, and has both stored, so that the next read begins with what is valid then.
package oauth

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Config says where tokens come from and where they are kept.
type Config struct {
	Platform string // for people, e.g. "Meetup"
	Base     string // scheme and host of the address for tokens
	Path     string // of the address that gives an access token for a refresh token

	Client, Secret  string // the app's; without them nothing is renewed
	Access, Refresh string
	// Under these options of the source new tokens are stored.
	AccessOption, RefreshOption string
}

// Token is an access token, and what renews it. It may be used by many goroutines.
type Token struct {
	c      Config
	env    connector.Env
	client *rest.Client

	mu              sync.Mutex
	access, refresh string
}

// New returns the token of a source.
func New(c Config, env connector.Env) (*Token, error) {
	client, err := rest.New(rest.Config{Name: c.Platform, Base: c.Base, Env: env, Token: "refresh token"})
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what is wrong
	}
	return &Token{c: c, env: env, client: client, access: c.Access, refresh: c.Refresh}, nil
}

// Authorize signs a request; it is what rest.Config.Authorize takes.
func (t *Token) Authorize(_ context.Context, r *http.Request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.Header.Set("Authorization", "Bearer "+t.access)
	return nil
}

// App reports whether the app's own id and secret are known, without which nothing can be posted.
func (t *Token) App() bool { return t.c.Client != "" && t.c.Secret != "" }

// Access is the token as it is now.
func (t *Token) Access() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.access
}

// Post sends a form of the app to the address for tokens, and decodes the answer.
func (t *Token) Post(ctx context.Context, path string, form url.Values, v any) error {
	form.Set("client_id", t.c.Client)
	form.Set("client_secret", t.c.Secret)
	ans, err := t.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: path, Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded"})
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong
	}
	return t.client.Decode(ans, v) //nolint:wrapcheck // it says what is wrong
}

// Renew gets an access token for the refresh token, and keeps both; it is what rest.Config.Renew takes. It reports whether
// there is a new one. CodeUnauthorized where the refresh token is refused.
func (t *Token) Renew(ctx context.Context) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refresh == "" || !t.App() {
		return false, nil
	}
	var got struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := t.Post(ctx, t.c.Path, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}}, &got); err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid { // 400 invalid_grant: it has expired or was taken back
			return false, greenroom.Errorf(greenroom.CodeUnauthorized, "%s refuses the refresh token; make new tokens and enter them in the settings of the source", t.c.Platform)
		}
		return false, err
	}
	if got.Access == "" {
		return false, nil
	}
	t.access = got.Access
	if err := t.keep(ctx, t.c.AccessOption, got.Access); err != nil {
		return false, err
	}
	if got.Refresh != "" && got.Refresh != t.refresh {
		t.refresh = got.Refresh
		return true, t.keep(ctx, t.c.RefreshOption, got.Refresh)
	}
	return true, nil
}

func (t *Token) keep(ctx context.Context, option, value string) error {
	if t.env.Keep == nil {
		return nil
	}
	return t.env.Keep(ctx, option, value)
}
