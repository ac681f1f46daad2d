// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"context"
	"net/url"

	"greenroom/connector"
	"greenroom/connector/internal/oauth"
)

func newToken(set connector.Settings, env connector.Env) (*oauth.Token, error) {
	return oauth.New(oauth.Config{
		Platform: title, Base: set.Text(optAuth), Path: "/oauth/v2/accessToken", Client: set.Text(optClient), Secret: set.Text(optSecret),
		Access: set.Text(optToken), Refresh: set.Text(optRefresh), AccessOption: optToken, RefreshOption: optRefresh,
	}, env)
}

// scopes asks what the access token may do; "" where that cannot be known.
func (s *source) scopes(ctx context.Context) (string, error) {
	if !s.token.App() {
		return "", nil
	}
	var got struct {
		Scope string `json:"scope"`
	}
	err := s.token.Post(ctx, "/oauth/v2/introspectToken", url.Values{"token": {s.token.Access()}}, &got)
	return got.Scope, err
}
