// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package meetup reads Meetup groups by the GraphQL API: who joined and when, events, and who came.
//
// # How it reads
//
// Members stand in the order in which they joined, the newest first, so a later read ends at the first one that is known.
// Events are asked for from a day on: those of the last days and all that are to come are read again each time, with
// their RSVPs, because people change their minds and organizers say afterwards who came.
//
// # What counts as having come
//
// An organizer can mark who attended and who did not; few do. So whoever said yes to an event that has taken place came,
// unless marked as absent; the option wants those only who were marked as present. RSVPs to events that are still to come
// are counted as left out and come in with a later read. Guests that somebody brings are activities without a person.
//
// Every query is checked against Meetup's own schema in a test.
package meetup

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/oauth"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "meetup"

const title = "Meetup"

// The names of the options.
const (
	optToken      = "access-token"
	optRefresh    = "refresh-token"
	optClient     = "client-key"
	optSecret     = "client-secret"
	optGroups     = "groups"
	optMembers    = "members"
	optAttendance = "attendance"
	optAgain      = "look-again-days"
	optSince      = "since"
	optAPI        = "api"
	optAuth       = "sign-in"
)

// The choices of what counts as having come.
const (
	cameSaid   = "said yes"
	cameMarked = "marked as present"
)

const help = `1. The API is part of **Meetup Pro**: an organizer of your Pro network has to do this.
2. Open [www.meetup.com/api/oauth/list](https://www.meetup.com/api/oauth/list) and choose **Create new client**. Name it *Greenroom*, enter your site and
   *http://localhost* as redirect address, and wait until Meetup has approved it.
3. Note its *Key* and *Secret*.
4. Open *https://secure.meetup.com/oauth2/authorize?client_id=KEY&response_type=code&redirect_uri=http://localhost* (with your key) as an
   organizer and allow it. The browser ends on an address that it cannot open; copy what stands behind *code=*.
5. Exchange it once, in a terminal: *curl -d client_id=KEY -d client_secret=SECRET -d grant_type=authorization_code -d redirect_uri=http://localhost
   -d code=CODE https://secure.meetup.com/oauth2/access*. Copy *access_token* and *refresh_token* from the answer.
6. Enter both, key and secret, and the groups' names as they stand in their addresses. Greenroom renews the token by itself.`

const limits = `Meetup allows 500 points in 60 seconds, of which a query costs more the more it asks for. A page holds 200 members or RSVPs, or 50 events:
a group with 5,000 members and 100 events takes about 130 requests. What people look like to you depends on the rights of who signed in: members of
private groups are seen by their organizers only.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "meetup", Primary: optGroups, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Members, events and attendance of Meetup groups.",
		Keywords: []string{"events", "rsvp", "attendance", "groups"},
		Options:  options(), New: New, Incremental: true, Rhythm: 6 * time.Hour,
		OAuth: &connector.OAuth{
			Consent: "https://secure.meetup.com/oauth2/authorize", Token: "https://secure.meetup.com/oauth2/access", Base: optAuth,
			Client: optClient, Secret: optSecret, Access: optToken, Refresh: optRefresh,
			Register: "At your [OAuth client](https://www.meetup.com/api/oauth/list/): **Redirect URI**. Sign in as an organizer of the groups.",
		},
		Scopes: []connector.Scope{{Name: "Organizer of the groups", Why: "Members and RSVPs of private groups; others see public groups only."}},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optToken, Label: "Access token", Type: connector.Secret, Required: true, Help: "Of an organizer of your Meetup Pro network."},
		{Name: optGroups, Label: "Groups", Type: connector.List, Required: true, Example: "acme-users-berlin, acme-users-lagos", Help: "Names of groups as they stand in their addresses, behind meetup.com/."},
		{Name: optRefresh, Label: "Refresh token", Type: connector.Secret, Help: "Renews the access token, which lasts an hour."},
		{Name: optClient, Label: "Key of the client", Type: connector.Text, Help: "Needed to renew the access token."},
		{Name: optSecret, Label: "Secret of the client", Type: connector.Secret, Help: "Needed to renew the access token."},
		{Name: optMembers, Label: "Members", Type: connector.Bool, Default: "true", Help: "Bring in who joined the groups, and when."},
		{Name: optAttendance, Label: "Who came", Type: connector.Choice, Default: cameSaid, Choices: []string{cameSaid, cameMarked}, Help: "Who said yes to an event that has taken place and was not marked as absent, or only who was marked as present."},
		{Name: optAgain, Label: "Look again at events, days", Type: connector.Number, Default: "14", Help: "Events of so many days are read again each time, for who came."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "From when on events are wanted. Members are read whole."},
		{Name: optAPI, Label: "Address of the API", Type: connector.Address, Default: "https://api.meetup.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
		{Name: optAuth, Label: "Address for tokens", Type: connector.Address, Default: "https://secure.meetup.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
	}
}

// source is a set of groups.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
}

var urlname = regexp.MustCompile(`^[\p{L}\p{N}_-]+$`)

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env}
	for _, g := range s.groups() {
		if !urlname.MatchString(g) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the name of a group; expected one such as acme-users-berlin, as it stands in the group's address", g)
		}
	}
	t, err := oauth.New(oauth.Config{
		Platform: title, Base: set.Text(optAuth), Path: "/oauth2/access", Client: set.Text(optClient), Secret: set.Text(optSecret),
		Access: set.Text(optToken), Refresh: set.Text(optRefresh), AccessOption: optToken, RefreshOption: optRefresh,
	}, env)
	if err != nil {
		return nil, err
	}
	s.client, err = rest.New(rest.Config{Name: title, Base: set.Text(optAPI), Env: env, Token: "access token", Authorize: t.Authorize, Renew: t.Renew, Refuse: s.refuse})
	return s, err
}

// groups are the names that are wanted.
func (s *source) groups() []string {
	all := s.set.List(optGroups)
	for i := range all {
		_, behind, found := strings.Cut(all[i], "meetup.com/")
		if found {
			all[i] = behind
		}
		all[i] = strings.ToLower(strings.Trim(all[i], "/"))
	}
	return all
}

// refuse reads the errors of a GraphQL answer, which has status 200. One that comes with data beside it is warned of.
func (s *source) refuse(ans *rest.Answer) error {
	if ans.Status >= http.StatusBadRequest {
		return nil
	}
	var b struct {
		Data   map[string]any `json:"data"`
		Errors []struct {
			Message    string `json:"message"`
			Extensions struct {
				Code    string    `json:"code"`
				ResetAt time.Time `json:"resetAt"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	if !hasErrors(ans.Body) || rest.Unmarshal(ans.Body, &b) != nil || len(b.Errors) == 0 {
		return nil //nolint:nilerr // an answer of another shape is judged by its status
	}
	e := &b.Errors[0]
	switch e.Extensions.Code {
	case "RATE_LIMITED":
		return &rest.Limit{Wait: max(time.Second, e.Extensions.ResetAt.Sub(s.env.Now())), Why: "the points of this minute are used up"}
	case "UNAUTHENTICATED":
		return &greenroom.Error{Code: greenroom.CodeUnauthorized, Message: title + " refuses the access token; make a new one and enter it in the settings of the source", Err: &rest.StatusError{Platform: title, Status: http.StatusUnauthorized, Path: ans.Path, Says: e.Message}}
	case "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE":
		if len(b.Data) == 0 {
			return rest.ErrAgain
		}
	}
	for _, v := range b.Data {
		if v != nil {
			s.env.Meter.Warn("Meetup answers in part only: " + e.Message)
			return nil
		}
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "%s refuses a query (%s)", title, e.Message)
}

// hasErrors looks for the errors of an answer before it is decoded.
func hasErrors(body []byte) bool {
	const head = 4096
	return strings.Contains(string(body[:min(len(body), head)]), `"errors"`) || strings.Contains(string(body[max(0, len(body)-head):]), `"errors"`)
}

// ask sends a query and decodes its data.
func (s *source) ask(ctx context.Context, query string, variables map[string]any, v any) error {
	answer := struct {
		Data any `json:"data"`
	}{Data: v}
	_, err := s.client.Post(ctx, "/gql-ext", map[string]any{"query": query, "variables": variables}, &answer)
	return err
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
