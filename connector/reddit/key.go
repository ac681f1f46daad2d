// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit

import (
	"context"
	"net/http"
	"sync"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// key gets tokens for the app's own client ID and secret. A token lasts an hour or a day and is not worth keeping.
type key struct {
	client *rest.Client
	mu     sync.Mutex
	token  string
}

func newKey(set connector.Settings, env connector.Env, agent http.Header) (*key, error) {
	id, secret := set.Text(optClient), set.Text(optSecret)
	c, err := rest.New(rest.Config{
		Name: title, Base: set.Text(optAuth), Env: env, Token: "client ID and secret", Header: agent,
		Authorize: func(_ context.Context, r *http.Request) error {
			r.SetBasicAuth(id, secret)
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	return &key{client: c}, nil
}

func (k *key) authorize(ctx context.Context, r *http.Request) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token == "" {
		if err := k.fetch(ctx); err != nil {
			return err
		}
	}
	r.Header.Set("Authorization", "Bearer "+k.token)
	return nil
}

// renew gets another token after one was refused.
func (k *key) renew(ctx context.Context) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return true, k.fetch(ctx)
}

func (k *key) fetch(ctx context.Context) error {
	ans, err := k.client.Do(ctx, rest.Request{
		Method: http.MethodPost, Path: "/api/v1/access_token", Body: []byte("grant_type=client_credentials"), Type: "application/x-www-form-urlencoded",
	})
	if err != nil {
		return err
	}
	var got struct {
		Token string `json:"access_token"`
		Error string `json:"error"`
	}
	if err := k.client.Decode(ans, &got); err != nil {
		return err
	}
	if got.Token == "" {
		return greenroom.Errorf(greenroom.CodeUnauthorized, "%s refuses the client ID and secret (%s); check them at https://www.reddit.com/prefs/apps", title, got.Error)
	}
	k.token = got.Token
	return nil
}
