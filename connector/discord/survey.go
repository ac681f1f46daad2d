// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Test asks who the bot is, which intents it has, and what it may read.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var me wireUser
	if _, err := s.client.Into(ctx, "/users/@me", nil, &me); err != nil {
		return check, err
	}
	check.Account = me.Username
	ss, err := s.open(ctx)
	if code := greenroom.ErrorCode(err); code == greenroom.CodeNotFound || code == greenroom.CodeInvalid {
		check.Missing = append(check.Missing, connector.Missing{Name: "server", Must: true, Then: "Nothing comes in.", Do: greenroom.ErrorMessage(err)})
		return check, nil
	}
	if err != nil {
		return check, err
	}
	check.Account += " in " + ss.guild.Name
	const portal = "Turn it on, on the page Bot of your application at discord.com/developers/applications, and save."
	if ss.app.Flags&flagContent == 0 {
		check.Missing = append(check.Missing, connector.Missing{Name: "Message Content Intent", Must: true, Then: "Messages come in without their text.", Do: portal})
	}
	if ss.app.Flags&flagMembers == 0 && s.set.On(optMembers) {
		check.Missing = append(check.Missing, connector.Missing{
			Name: "Server Members Intent", Then: "Members who never wrote do not come in, nor do joins and leaves as they happen.", Do: portal,
		})
	}
	s.testChannels(ss, &check)
	return check, nil
}

func (s *source) testChannels(ss *session, check *connector.Check) {
	var in, out []string
	for i := range ss.channels {
		switch c := &ss.channels[i]; {
		case !ss.wanted(c):
		case ss.readable(c):
			in = append(in, "#"+c.Name)
		default:
			out = append(out, "#"+c.Name)
		}
	}
	for _, name := range s.set.List(optChannels) {
		bare, known := strings.TrimPrefix(name, "#"), false
		for i := range ss.channels {
			known = known || ss.channels[i].ID == bare || strings.EqualFold(ss.channels[i].Name, bare)
		}
		if !known {
			check.Missing = append(check.Missing, connector.Missing{Name: "#" + bare, Then: "Nothing of this channel comes in.", Do: "The server has no channel or category of that name; check it."})
		}
	}
	if len(in) == 0 {
		check.Missing = append(check.Missing, connector.Missing{
			Name: "View Channels, Read Message History", Must: true, Then: "No messages come in.",
			Do: "Give the bot's role both permissions in the channels, or invite it again by " + invitation(ss.app.ID),
		})
	} else {
		check.Notes = append(check.Notes, fmt.Sprintf("The bot may read %d channels: %s.", len(in), some(in)))
	}
	if len(out) > 0 {
		check.Notes = append(check.Notes, fmt.Sprintf("It may not read %d channels: %s. Give its role View Channel and Read Message History there to have them.", len(out), some(out)))
	}
}

// some writes a list of names that may be long.
func some(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

// Survey tells which channels there are, why some are not covered, how many members the server has, and, where Discord
// answers that, how many messages.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	ss, err := s.open(ctx)
	if err != nil {
		return v, err
	}
	for i := range ss.channels {
		c := &ss.channels[i]
		if !c.talks() && !c.threads() {
			continue
		}
		p := connector.Place{ExternalID: c.ID, Name: c.Name, Covered: ss.wanted(c) && ss.readable(c), Members: -1, Items: -1}
		switch {
		case p.Covered:
			v.Requests++
		case !ss.wanted(c):
			p.Why = "it is not among the channels that were chosen"
		default:
			p.Why = "the bot may not read it; give its role View Channel and Read Message History in the channel's permissions"
		}
		v.Places = append(v.Places, p)
	}
	v.Counts = append(v.Counts, connector.Count{What: "members", Platform: ss.guild.Members, Of: "identities", Explain: []connector.Explanation{}})
	var found struct {
		Total int64 `json:"total_results"`
	}
	_, err = s.client.Into(ctx, "/guilds/"+ss.guild.ID+"/messages/search", url.Values{"limit": {"1"}}, &found)
	switch {
	case err == nil:
		v.Items, v.Requests = found.Total, v.Requests+found.Total/pageMessages
	case !rest.Gone(err) && !rest.Refused(err) && greenroom.ErrorCode(err) != greenroom.CodeInvalid:
		return v, err
	}
	if ss.app.Flags&flagMembers != 0 && s.set.On(optMembers) {
		v.Requests += ss.guild.Members/pageMembers + 1
	}
	return v, nil
}
