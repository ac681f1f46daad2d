// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x

import (
	"html"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// person pushes an account.
func (s *source) person(u *wireUser, raw []byte, out *connector.Sink, tags ...string) {
	who := connector.Identity{
		ExternalID: u.ID, Handle: u.Username, Name: html.UnescapeString(u.Name), Bio: expand(u.Description, &wireFinds{}), Location: u.Location,
		AvatarURL: strings.Replace(u.Avatar, "_normal.", "_400x400.", 1), JoinedAt: u.CreatedAt, Staff: s.team[u.ID], Tags: tags, Raw: out.Raw(raw),
	}
	if u.Username != "" {
		who.ProfileURL = "https://x.com/" + u.Username
	}
	for _, link := range u.Entities.URL.URLs {
		if strings.HasPrefix(link.Expanded, "http") {
			who.Links = append(who.Links, link.Expanded)
		}
	}
	out.Identity(who)
}

// people pushes the accounts of an answer and returns their handles by id.
func (s *source) people(all *page, file string, out *connector.Sink) map[string]string {
	handles := make(map[string]string, len(all.Includes.Users))
	for i, raw := range all.Includes.Users {
		var u wireUser
		if err := rest.Unmarshal(raw, &u); err != nil || u.ID == "" {
			reject(out, file+": accounts", i+1, raw, "this is not an account with an id")
			continue
		}
		handles[u.ID] = u.Username
		s.person(&u, raw, out)
	}
	return handles
}

// post pushes a post and returns the conversation that it belongs to. A post that is edited gets a new id and keeps the
// row of its former ones, of which the first names it for good.
func (s *source) post(p *wirePost, channel string, handles map[string]string, raw []byte, out *connector.Sink) string {
	first, last := p.versions()
	a := connector.Activity{
		ExternalID: first, Kind: greenroom.KindMessage, Channel: channel, Author: p.AuthorID, OccurredAt: made(first), Thread: p.ConversationID,
		URL: "https://x.com/i/web/status/" + p.ID, Raw: out.Raw(raw),
	}
	if a.OccurredAt.IsZero() {
		a.OccurredAt = p.CreatedAt
	}
	if last != first {
		a.EditedAt = made(last)
	}
	if name, known := handles[p.AuthorID]; known {
		a.URL = "https://x.com/" + name + "/status/" + p.ID
	} else if p.AuthorID != "" {
		out.Identity(connector.Identity{ExternalID: p.AuthorID, Staff: s.team[p.AuthorID]})
	}
	if a.Thread == "" {
		a.Thread = first
	}
	if a.Thread == first && s.team[p.AuthorID] {
		a.Kind = greenroom.KindAnnouncement
	}
	text, finds := p.Text, &p.Entities
	for _, note := range []*wireNote{p.Note, p.OldNote} {
		if note != nil && note.Text != "" {
			text, finds = note.Text, &note.Entities
		}
	}
	a.Body = expand(text, finds)
	for _, m := range finds.Mentions {
		if m.ID != "" {
			out.Identity(connector.Identity{ExternalID: m.ID, Handle: m.Username, ProfileURL: "https://x.com/" + m.Username, Staff: s.team[m.ID]})
			a.Mentions = append(a.Mentions, m.ID)
		}
	}
	for _, ref := range append(p.Referenced, p.OldReferenced...) {
		switch ref.Type {
		case "replied_to":
			a.Kind, a.ReplyTo = greenroom.KindReply, ref.ID
		case "retweeted", "reposted":
			a.Kind, a.ReplyTo, a.Thread, a.Body, a.Title = greenroom.KindReaction, ref.ID, "", "", "repost"
		}
	}
	out.Activity(a)
	if a.Kind == greenroom.KindReaction {
		return ""
	}
	return a.Thread
}

// versions are the first and the last id of a post.
func (p *wirePost) versions() (first, last string) {
	history := append(p.History, p.OldHistory...)
	if len(history) == 0 {
		return p.ID, p.ID
	}
	first, last = history[0], history[0]
	for _, id := range history {
		if newer(first, id) {
			first = id
		}
		if newer(id, last) {
			last = id
		}
	}
	return first, last
}

// expand is a text as it is shown: without HTML's escapes and with the addresses that X has shortened.
func expand(text string, finds *wireFinds) string {
	for _, u := range finds.URLs {
		if u.URL != "" && u.Expanded != "" {
			text = strings.ReplaceAll(text, u.URL, u.Expanded)
		}
	}
	return strings.ReplaceAll(html.UnescapeString(text), "\x00", "")
}

func reject(out *connector.Sink, file string, line int, raw []byte, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: reason, Expected: "an object as X's API v2 describes it", Excerpt: string(raw)})
}

// week is how far X's search reaches back, less a margin for clocks and slow requests.
const week = 7*24*time.Hour - 10*time.Minute
