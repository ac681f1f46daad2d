// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/githubevent"
	"greenroom/connector/internal/rest"
)

const (
	acceptJSON = "application/vnd.github+json"
	acceptStar = "application/vnd.github.star+json" // stars with their times
	apiVersion = "2022-11-28"
)

// open makes the client.
func (s *Source) open() error {
	c := rest.Config{
		Name: title, Base: s.set.Text(optionBase), Env: s.env, Token: "token",
		Header: http.Header{"Accept": {acceptJSON}, "X-Github-Api-Version": {apiVersion}},
		Refuse: s.refuse, Budgets: s.notices,
	}
	token := s.set.Text(optionToken)
	switch {
	case s.set.Text(optionApp) != "":
		app, err := newApplication(s, c)
		if err != nil {
			return err
		}
		s.app = app
		c.Token, c.Authorize, c.Renew = "GitHub App", app.authorize, app.renew
	case token != "":
		c.Authorize = func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
	}
	var err error
	s.client, err = rest.New(c)
	return err
}

// get asks for a path, or for an address that GitHub gave as a link.
func (s *Source) get(ctx context.Context, address string) (*rest.Answer, error) {
	return s.client.Do(ctx, rest.Request{Path: address})
}

// burst is how long GitHub asks to be left alone by those whom it does not tell: its limit against bursts names no time
// in some answers.
const burst = time.Minute

// refuse reads how GitHub says that it was asked too much: by 403 as well as by 429, with a time or without one, and in an
// answer of GraphQL with status 200.
func (s *Source) refuse(ans *rest.Answer) error {
	h := ans.Header
	limited := ans.Status == http.StatusTooManyRequests
	switch {
	case ans.Status == http.StatusForbidden:
		limited = h.Get("X-Ratelimit-Remaining") == "0" || h.Get("Retry-After") != "" || bytes.Contains(bytes.ToLower(ans.Body), []byte("rate limit"))
	case ans.Status == http.StatusOK && strings.HasSuffix(ans.Path, "/graphql"):
		limited = bytes.Contains(ans.Body, []byte(`"RATE_LIMITED"`)) && graphqlLimited(ans.Body)
	}
	if !limited {
		return nil
	}
	limit := &rest.Limit{}
	if h.Get("Retry-After") == "" && h.Get("X-Ratelimit-Remaining") != "0" {
		limit.Wait = burst
	}
	if !s.signedIn() {
		limit.Why = "the limit of requests is used up, which is 60 an hour without a token and 5,000 with one,"
	}
	return limit
}

func graphqlLimited(body []byte) bool {
	var ans gqlAnswer
	return githubevent.Decode(body, &ans) == nil && len(ans.Errors) > 0 && ans.Errors[0].Type == "RATE_LIMITED"
}

// soon is how long before a token expires a person is told.
const soon = 14 * 24 * time.Hour

// notices reads what GitHub says beside its answers: that the token expires, that a version of the API ends.
func (s *Source) notices(h http.Header, now time.Time) []connector.Budget {
	if at, ok := expiry(h); ok && at.Sub(now) < soon {
		s.env.Meter.Warn("The token expires on " + at.Format(time.DateOnly) + "; make a new one before and enter it in the settings of the source.")
	}
	if sunset := h.Get("Sunset"); sunset != "" {
		s.env.Meter.Warn("GitHub ends a part of its API that is used here on " + sunset + "; update Greenroom before.")
	} else if h.Get("Deprecation") != "" {
		s.env.Meter.Warn("GitHub calls a part of its API that is used here outdated; look for an update of Greenroom.")
	}
	return nil
}

// expiry is when the token expires, which GitHub says in every answer.
func expiry(h http.Header) (time.Time, bool) {
	text := h.Get("Github-Authentication-Token-Expiration")
	for _, layout := range []string{"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// gone reports whether GitHub says that a list does not exist: the feature is turned off, the object is gone, or, by
// 409, the repository is empty.
func gone(err error) bool { return rest.Gone(err) || rest.Status(err) == http.StatusConflict }
