// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon

import (
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
	"greenroom/connector/internal/rest"
)

// person pushes an account and returns its external id.
func (s *source) person(a *wireAccount, out *connector.Sink) string {
	if a.ID == "" {
		return ""
	}
	who := connector.Identity{
		ExternalID: a.ID, Handle: a.Acct, Name: a.DisplayName, AvatarURL: a.Avatar, ProfileURL: a.URL, Bio: htmltext.Text(a.Note), Bot: a.Bot,
		Deleted: a.Suspended, JoinedAt: a.CreatedAt, Staff: s.staff(a.ID, a.Acct),
	}
	for i := range a.Fields {
		for _, l := range htmltext.Convert(a.Fields[i].Value, "").Links {
			if strings.HasPrefix(l.Href, "http") {
				who.Links = append(who.Links, l.Href)
			}
		}
	}
	if a.Moved != nil && a.Moved.URL != "" {
		who.Links = append(who.Links, a.Moved.URL)
	}
	out.Identity(who)
	return a.ID
}

func (s *source) staff(id, acct string) bool {
	return s.me != nil && s.me.ID == id || s.team[strings.ToLower(acct)]
}

// place pushes the channel of the account, which holds its posts and the conversations around it.
func (s *source) place(out *connector.Sink) string {
	if s.me == nil {
		return ""
	}
	out.Channel(connector.Channel{ExternalID: s.me.ID, Name: "@" + s.me.Acct, URL: s.me.URL})
	return s.me.ID
}

// push pushes a post of a conversation.
func (s *source) push(p *status, channel, root string, out *connector.Sink) {
	switch {
	case p.Visibility == "direct":
		out.LeftOut("direct messages", 1)
		return
	case p.Reblog != nil:
		out.LeftOut("boosts in a timeline, which come with who made them as notifications", 1)
		return
	}
	a := connector.Activity{
		ExternalID: p.ID, Kind: greenroom.KindMessage, Channel: channel, Author: s.person(&p.Account, out), OccurredAt: p.CreatedAt.UTC(), EditedAt: p.edited(),
		Thread: root, ReplyTo: p.InReplyTo, Title: p.Spoiler, Body: htmltext.Text(p.Content), URL: p.URL, Raw: out.Raw(p.raw),
	}
	if a.URL == "" {
		a.URL = p.URI
	}
	switch {
	case p.InReplyTo != "":
		a.Kind = greenroom.KindReply
	case s.me != nil && p.Account.ID == s.me.ID:
		a.Kind = greenroom.KindAnnouncement
	}
	if a.Body == "" {
		for i := range p.Media {
			a.Body = strings.TrimSpace(a.Body + "\n" + p.Media[i].Description)
		}
	}
	for i := range p.Mentions {
		m := &p.Mentions[i]
		out.Identity(connector.Identity{ExternalID: m.ID, Handle: m.Acct, ProfileURL: m.URL, Staff: s.staff(m.ID, m.Acct)})
		a.Mentions = append(a.Mentions, m.ID)
	}
	out.Activity(a)
	s.remember(&p.wireStatus, channel, root)
}

// notice pushes what somebody did to the account or to one of its posts.
func (s *source) notice(n *wireNotice, raw []byte, out *connector.Sink) {
	a := connector.Activity{Channel: s.place(out), OccurredAt: n.CreatedAt.UTC()}
	var on wireStatus
	if len(n.Status) > 0 && rest.Unmarshal(n.Status, &on) == nil && on.ID != "" {
		a.ReplyTo = on.ID
		if on.InReplyTo == "" {
			a.Thread = on.ID
		} else if w, known := s.note.Recent[on.ID]; known {
			a.Thread = w.Root
		}
	}
	switch n.Type {
	case "follow":
		a.ExternalID, a.Kind, a.ReplyTo, a.Thread = "follow:"+n.Account.ID, greenroom.KindFollow, "", ""
	case "favourite": //nolint:misspell // Mastodon spells it so
		a.ExternalID, a.Kind, a.Title = "favourite:"+n.Account.ID+":"+on.ID, greenroom.KindReaction, "favourite" //nolint:misspell // Mastodon spells it so
	case "reblog":
		a.ExternalID, a.Kind, a.Title = "boost:"+n.Account.ID+":"+on.ID, greenroom.KindReaction, "boost"
	default:
		out.LeftOut("notifications of type "+n.Type, 1)
		return
	}
	a.Author, a.Raw = s.person(&n.Account, out), out.Raw(raw)
	out.Activity(a)
}

func reject(out *connector.Sink, file string, line int, raw []byte, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: reason, Expected: "an entity as Mastodon's API describes it", Excerpt: string(raw)})
}
