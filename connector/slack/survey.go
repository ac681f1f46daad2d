// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/slackwire"
)

// Test asks who the token is, which scopes it has, and which channels the app is in.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	me, err := s.auth(ctx)
	if err != nil {
		return check, err
	}
	check.Account = me.User + " in " + me.Team
	if me.BotID == "" {
		check.Notes = append(check.Notes, "The token is a person's: it reads the public channels without being invited, and the private channels of that person.")
	}
	check.Missing = append(check.Missing, missing(me.scopes)...)
	if me.scopes != nil && !slices.Contains(me.scopes, "channels:read") {
		return check, nil
	}
	ss, err := s.open(ctx)
	if err != nil {
		return check, err
	}
	s.testChannels(ss, &check)
	if err := s.testPush(ctx, &check); err != nil {
		return check, err
	}
	check.Notes = append(check.Notes,
		"Slack lets an app that you made for your own workspace read about 50 pages of messages a minute. "+
			"Only apps that are distributed outside of its Marketplace get 15 messages a minute since 2025; if a read meets that limit, a warning says so.")
	return check, nil
}

// missing lists the scopes that a token lacks; have is nil where Slack does not say.
func missing(have []string) []connector.Missing {
	var all []connector.Missing
	for _, scope := range scopes() {
		if have == nil || slices.Contains(have, scope.Name) {
			continue
		}
		all = append(all, connector.Missing{
			Name: scope.Name, Must: !scope.Optional, Then: "This does not come in: " + strings.ToLower(scope.Why[:1]) + scope.Why[1:],
			Do: "Add it at api.slack.com/apps under OAuth & Permissions → Bot Token Scopes, then install the app again and enter the new token.",
		})
	}
	return all
}

func (s *source) testChannels(ss *session, check *connector.Check) {
	in, out := names(ss, func(p *place) bool { return p.wanted && p.member }), names(ss, func(p *place) bool { return p.wanted && !p.member })
	for _, name := range s.set.List(optChannels) {
		bare := strings.TrimPrefix(name, "#")
		known := false
		for _, p := range ss.places {
			known = known || p.ID == bare || strings.EqualFold(p.Name, bare)
		}
		if !known {
			check.Missing = append(check.Missing, connector.Missing{
				Name: "#" + bare, Then: "Nothing of this channel comes in.", Do: "The app sees no channel of that name. If it is private, write /invite @" + "Greenroom there; else check the name.",
			})
		}
	}
	if len(in) == 0 {
		check.Missing = append(check.Missing, connector.Missing{
			Name: "channels", Must: true, Then: "No messages come in.", Do: "Write /invite and the name of the app in each channel that should come in.",
		})
	} else {
		check.Notes = append(check.Notes, fmt.Sprintf("The app is in %d channels: %s.", len(in), some(in)))
	}
	if len(out) > 0 {
		check.Notes = append(check.Notes, fmt.Sprintf("It is not in %d channels: %s. Write /invite and the name of the app there to have them.", len(out), some(out)))
	}
}

func names(ss *session, which func(*place) bool) []string {
	var all []string
	for _, p := range ss.places {
		if which(p) {
			all = append(all, "#"+p.Name)
		}
	}
	slices.Sort(all)
	return all
}

// some writes a list of names that may be long.
func some(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

// testPush looks whether events can come: by Socket Mode it asks for the address of a connection, which it does not open.
func (s *source) testPush(ctx context.Context, check *connector.Check) error {
	switch {
	case s.set.Text(optAppToken) != "":
		_, err := s.client.Do(ctx, rest.Request{
			Method: http.MethodPost, Path: "/apps.connections.open", Type: "application/x-www-form-urlencoded",
			Header: http.Header{"Authorization": {"Bearer " + s.set.Text(optAppToken)}},
		})
		if status := rest.Status(err); status == http.StatusUnauthorized || status == http.StatusForbidden {
			check.Missing = append(check.Missing, connector.Missing{
				Name: "connections:write", Then: "Events do not come by Socket Mode.", Do: "Make an app-level token with this scope under Basic Information, and enter it here.",
			})
			return nil
		}
		return err
	case s.set.Text(optSecret) == "":
		check.Notes = append(check.Notes, "Neither the signing secret nor an app-level token is given, so nothing comes as it happens, and deletions are not seen.")
	}
	return nil
}

// Survey tells which channels there are, why some are not covered, and how many accounts the workspace has.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	ss, err := s.open(ctx)
	if err != nil {
		return v, err
	}
	for _, p := range ss.places {
		var c wireChannel
		if rest.Unmarshal(p.raw, &c) != nil {
			continue
		}
		v.Places = append(v.Places, connector.Place{
			ExternalID: p.ID, Name: p.Name, Covered: p.wanted && p.member, Why: s.why(p, &c), Members: c.NumMembers, Items: -1,
		})
	}
	slices.SortFunc(v.Places, func(a, b connector.Place) int { return strings.Compare(a.Name, b.Name) })
	accounts, err := s.accounts(ctx, &v)
	if err != nil {
		return v, err
	}
	v.Requests += int64(len(ss.read()))
	if s.set.On(optProfiles) {
		v.Requests += accounts
	}
	return v, nil
}

// why says why a place is not covered, "" where it is.
func (s *source) why(p *place, c *wireChannel) string {
	switch {
	case p.wanted && p.member:
		return ""
	case p.Private && !s.set.On(optPrivate):
		return "private channels are turned off in the settings of the source"
	case !p.wanted:
		return "it is not among the channels that were chosen"
	case c.IsArchived:
		return "it was archived while the app was not in it; unarchive it and invite the app"
	default:
		return "the app is not in this channel; write /invite and the name of the app there"
	}
}

// accounts counts the people and bots of the workspace.
func (s *source) accounts(ctx context.Context, v *connector.Survey) (active int64, _ error) {
	var gone int64
	for cursor := ""; ; {
		list, next, err := s.users(ctx, cursor)
		if err != nil {
			return 0, err
		}
		v.Requests++
		for _, raw := range list {
			switch u, err := slackwire.ReadUser(raw); {
			case err != nil:
			case u.Deleted:
				gone++
			default:
				active++
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	v.Counts = append(v.Counts, connector.Count{
		What: "accounts", Platform: active, Of: "identities",
		Explain: []connector.Explanation{{Text: "Deactivated accounts, which Slack's own count leaves out", Items: gone}},
	})
	return active, nil
}
