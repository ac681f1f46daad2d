// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/slackwire"
)

// session is what one read, or the inbox, knows of the workspace: its places, and by the mapper its people.
type session struct {
	*slackwire.Mapper
	s      *source
	places map[string]*place
	listed bool            // every page of the list of people was read
	asked  map[string]bool // accounts that are in no list and were asked for one by one
	facts  slackwire.Facts
}

// place is a channel of the workspace.
type place struct {
	slackwire.Place
	raw    []byte
	wanted bool
	member bool // the app is in it
}

// open asks who the token is and which channels there are.
func (s *source) open(ctx context.Context) (*session, error) {
	me, err := s.auth(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.channels(ctx)
	if err != nil {
		return nil, err
	}
	m := slackwire.NewMapper(strings.TrimSuffix(me.URL, "/"))
	m.Home = me.TeamID
	ss := &session{Mapper: m, s: s, places: map[string]*place{}, asked: map[string]bool{}}
	for _, raw := range list {
		var c wireChannel
		if rest.Unmarshal(raw, &c) == nil && c.ID != "" {
			ss.add(&c, raw, me.BotID == "") // a person's token reads public channels from outside
		}
	}
	return ss, nil
}

func (ss *session) add(c *wireChannel, raw []byte, person bool) *place {
	p := &place{
		Place: slackwire.Place{ID: c.ID, Name: c.Name, Private: c.IsPrivate, Linked: true}, raw: slices.Clone(raw),
		wanted: ss.s.wanted(c), member: c.IsMember || person && !c.IsPrivate,
	}
	ss.places[c.ID] = p
	ss.Channels[c.ID] = c.Name
	return p
}

// read lists the places that are read, by id: names change, and with them an order by name.
func (ss *session) read() []*place {
	var all []*place
	for _, p := range ss.places {
		if p.wanted && p.member {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *place) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// channel tells of a place.
func (ss *session) channel(p *place, out *connector.Sink) {
	name := p.Name
	if name == "" {
		name = p.ID
	}
	c := connector.Channel{ExternalID: p.ID, Name: name, URL: ss.PlaceURL(&p.Place), Threadless: true}
	if len(p.raw) > 0 {
		c.Raw = out.Raw(p.raw)
	}
	out.Channel(c)
}

// people reads the list of people without telling anything, where a read goes on behind it or an event comes in: texts
// name them by id alone, and who is a bot decides whose a message is.
func (ss *session) people(ctx context.Context) error {
	for cursor := ""; !ss.listed; {
		list, next, err := ss.s.users(ctx, cursor)
		if err != nil {
			return err
		}
		for _, raw := range list {
			if u, err := slackwire.ReadUser(raw); err == nil {
				ss.facts.Reset()
				ss.Listed(u, &ss.facts)
			}
		}
		cursor = next
		ss.listed = next == ""
	}
	return nil
}

// meet asks who somebody is whom the list of people lacks: members of other workspaces, in channels that are shared.
func (ss *session) meet(ctx context.Context, id string, out *connector.Sink) error {
	if id == "" || id == slackwire.Slackbot || ss.Knows(id) || ss.asked[id] || id[0] != 'U' && id[0] != 'W' {
		return nil
	}
	ss.asked[id] = true
	var page struct {
		User jsontext.Value `json:"user"`
	}
	_, err := ss.s.client.Into(ctx, "/users.info", url.Values{"user": {id}}, &page)
	switch {
	case rest.Gone(err), rest.Refused(err), greenroom.ErrorCode(err) == greenroom.CodeInvalid:
		return nil
	case err != nil:
		return err
	}
	u, err := slackwire.ReadUser(page.User)
	if err != nil {
		return nil //nolint:nilerr // nobody; the message still names the id
	}
	ss.facts.Reset()
	ss.Listed(u, &ss.facts)
	ss.facts.Push(page.User, out)
	return nil
}
