// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// tokens puts the session on requests, which is had for the client's id and secret, or for a refresh token.
type tokens struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client // without a session

	mu      sync.Mutex
	access  string
	refresh string
	home    string // where people open the organization
}

func newTokens(set connector.Settings, c rest.Config) (*tokens, error) {
	client, err := rest.New(c)
	return &tokens{set: set, env: c.Env, client: client, refresh: set.Text(optRefresh)}, err
}

func (t *tokens) authorize(ctx context.Context, r *http.Request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access == "" {
		if err := t.get(ctx); err != nil {
			return err
		}
	}
	r.Header.Set("Authorization", "Bearer "+t.access)
	return nil
}

// address is where people open the organization, "" where that is not known yet.
func (t *tokens) address() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.home
}

// renew gets a new session after the last one has ended.
func (t *tokens) renew(ctx context.Context) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.get(ctx); err != nil {
		return false, err
	}
	return true, nil
}

func (t *tokens) get(ctx context.Context) error {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {t.set.Text(optClient)}, "client_secret": {t.set.Text(optSecret)}}
	if t.refresh != "" {
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", t.refresh)
	}
	ans, err := t.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: "/services/oauth2/token", Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded"})
	if rest.Status(err) == http.StatusBadRequest && t.refresh != "" {
		return &greenroom.Error{
			Code: greenroom.CodeUnauthorized, Err: err,
			Message: "Salesforce refuses the refresh token or the client's id and secret; somebody may have taken the app's access back, or the token has expired: connect again, and check the app's policies",
		}
	}
	if rest.Status(err) == http.StatusBadRequest {
		return &greenroom.Error{
			Code: greenroom.CodeUnauthorized, Err: err,
			Message: "Salesforce refuses the client's id and secret or does not allow the app this flow; check both, the address, and that the app's policies name a user to run as",
		}
	}
	if err != nil {
		return err
	}
	var got struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Home    string `json:"instance_url"`
	}
	if err := t.client.Decode(ans, &got); err != nil {
		return err
	}
	if got.Access == "" {
		return greenroom.Errorf(greenroom.CodeUnauthorized, "Salesforce gave no session for the client's id and secret")
	}
	t.access, t.home = got.Access, strings.TrimSuffix(got.Home, "/")
	if got.Refresh != "" && got.Refresh != t.refresh {
		t.refresh = got.Refresh
		if t.env.Keep != nil {
			if err := t.env.Keep(ctx, optRefresh, got.Refresh); err != nil {
				return fmt.Errorf("keeping Salesforce's new refresh token: %w", err)
			}
		}
	}
	return nil
}
