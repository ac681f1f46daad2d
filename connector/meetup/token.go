// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package meetup

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// token is the access token, and what renews it.
type token struct {
	env             connector.Env
	client          *rest.Client // of Meetup's address for tokens
	id, secret      string
	mu              sync.Mutex
	access, refresh string
}

func newToken(set connector.Settings, env connector.Env) (*token, error) {
	c, err := rest.New(rest.Config{Name: title, Base: set.Text(optAuth), Env: env, Token: "refresh token"})
	if err != nil {
		return nil, err
	}
	return &token{env: env, client: c, id: set.Text(optClient), secret: set.Text(optSecret), access: set.Text(optToken), refresh: set.Text(optRefresh)}, nil
}

func (t *token) authorize(_ context.Context, r *http.Request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.Header.Set("Authorization", "Bearer "+t.access)
	return nil
}

// post sends a form of the app to Meetup's address for tokens.
func (t *token) post(ctx context.Context, path string, form url.Values, v any) error {
	form.Set("client_id", t.id)
	form.Set("client_secret", t.secret)
	ans, err := t.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: path, Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded"})
	if err != nil {
		return err
	}
	return t.client.Decode(ans, v)
}

// renew gets an access token for the refresh token, and keeps both.
func (t *token) renew(ctx context.Context) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refresh == "" || t.id == "" || t.secret == "" {
		return false, nil
	}
	var got struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := t.post(ctx, "/oauth2/access", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}}, &got); err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid { // 400 invalid_grant: it has expired or was taken back
			return false, greenroom.Errorf(greenroom.CodeUnauthorized, "%s refuses the refresh token; make new tokens and enter them in the settings of the source", title)
		}
		return false, err
	}
	if got.Access == "" {
		return false, nil
	}
	t.access = got.Access
	if err := t.keep(ctx, optToken, got.Access); err != nil {
		return false, err
	}
	if got.Refresh != "" && got.Refresh != t.refresh {
		t.refresh = got.Refresh
		return true, t.keep(ctx, optRefresh, got.Refresh)
	}
	return true, nil
}

func (t *token) keep(ctx context.Context, option, value string) error {
	if t.env.Keep == nil {
		return nil
	}
	return t.env.Keep(ctx, option, value)
}
