// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package meetup

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// Test asks whose token it is, and for each group.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var got struct {
		Self *struct {
			Name         string `json:"name"`
			ProOrganizer bool   `json:"isProOrganizer"`
			Networks     []struct {
				Name string `json:"name"`
			} `json:"adminProNetworks"`
		} `json:"self"`
	}
	if err := s.ask(ctx, querySelf, map[string]any{}, &got); err != nil {
		return check, err
	}
	if got.Self != nil {
		check.Account = got.Self.Name
		for _, n := range got.Self.Networks {
			check.Account += ", administrator of " + n.Name
		}
		if !got.Self.ProOrganizer {
			check.Missing = append(check.Missing, connector.Missing{Name: "Meetup Pro", Then: "Members and RSVPs may not be shown.", Do: "Sign in as an organizer of your Meetup Pro network."})
		}
	}
	for _, name := range s.groups() {
		g, err := s.group(ctx, queryGroup, name, nil)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeInvalid:
			check.Missing = append(check.Missing, connector.Missing{Name: "group " + name, Then: "Nothing of this group comes in.", Do: "Check its name, or have the account made an organizer of it.", Must: len(s.groups()) == 1})
		case err != nil:
			return check, err
		default:
			check.Notes = append(check.Notes, fmt.Sprintf("%s has %d members and %d past events.", g.Name, g.members(), g.Past.Total))
		}
	}
	if s.set.Text(optRefresh) == "" {
		check.Notes = append(check.Notes, "There is no refresh token: the access token ends an hour after it was made, and then a new one has to be entered.")
	}
	return check, nil
}

func (g *wireGroup) members() int64 {
	if g.Stats == nil {
		return -1
	}
	return g.Stats.Members.All
}

// Survey tells Meetup's own counts of each group.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, name := range s.groups() {
		g, err := s.group(ctx, queryGroup, name, nil)
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			v.Places = append(v.Places, connector.Place{ExternalID: name, Name: name, Why: "Meetup does not show this group to the token; check its name", Members: -1, Items: -1})
			continue
		}
		if err != nil {
			return v, err
		}
		events := g.Past.Total + g.Coming.Total
		v.Places = append(v.Places, connector.Place{ExternalID: g.ID, Name: g.Name, Covered: true, Members: g.members(), Items: events})
		in := `in:"#` + strings.ReplaceAll(g.Name, `"`, "") + `"`
		joined := connector.Count{What: "members", Place: g.ID, Platform: max(0, g.members()), Query: in + " kind:join", Of: "activities", Explain: []connector.Explanation{{Text: "Who left the group stays counted here"}}}
		if !s.set.On(optMembers) {
			joined.Explain = []connector.Explanation{{Text: "Members are not read, by the option of the source", Items: -max(0, g.members())}}
		}
		v.Counts = append(v.Counts, joined, connector.Count{
			What: "events", Place: g.ID, Platform: events, Query: in + " kind:announcement", Of: "activities", Explain: []connector.Explanation{{Text: "Meetup's number leaves out events that were canceled"}},
		})
		v.Items += events + max(0, g.members())
		v.Requests += max(0, g.members())/pageMany + events/pageEvents + events + 2
	}
	v.Cost = fmt.Sprintf("about %d requests of 500 points a minute", v.Requests)
	return v, nil
}
