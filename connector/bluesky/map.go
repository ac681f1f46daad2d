// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/connector"
)

const site = "https://bsky.app/profile/"

// person pushes an account and returns its external id. A handle that is not one of Bluesky's own names is a domain that
// the account has shown to own.
func (s *source) person(p *wireProfile, out *connector.Sink) string {
	if p.DID == "" {
		return ""
	}
	who := connector.Identity{
		ExternalID: p.DID, Handle: p.Handle, Name: p.DisplayName, Bio: p.Description, AvatarURL: p.Avatar, ProfileURL: site + p.DID, JoinedAt: p.CreatedAt.UTC(),
		Staff: p.DID == s.session.did() || s.team[strings.ToLower(p.Handle)],
	}
	if p.CreatedAt.IsZero() {
		who.JoinedAt = time.Time{}
	}
	switch {
	case p.Handle == "handle.invalid":
		who.Handle = ""
	case strings.Contains(p.Handle, ".") && !strings.HasSuffix(p.Handle, ".bsky.social"):
		who.Links = []string{"https://" + p.Handle}
	}
	for _, l := range p.Labels {
		who.Bot = who.Bot || l.Value == "bot" && l.Source == p.DID // which only the account itself says
	}
	out.Identity(who)
	return p.DID
}

// place pushes the channel of the account.
func place(did, handle string) connector.Channel {
	return connector.Channel{ExternalID: did, Name: "@" + handle, URL: site + did}
}

// push pushes a post.
func (s *source) push(p *post, channel string, out *connector.Sink) {
	text, mentions := render(p.Record.Text, p.Record.Facets)
	a := connector.Activity{
		ExternalID: p.URI, Kind: greenroom.KindMessage, Channel: channel, Author: s.person(&p.Author, out), OccurredAt: p.at(), Thread: p.root(),
		Body: text, URL: site + author(p.URI) + "/post/" + p.URI[strings.LastIndexByte(p.URI, '/')+1:], Raw: out.Raw(p.raw),
	}
	switch {
	case p.Record.Reply != nil:
		a.Kind, a.ReplyTo = greenroom.KindReply, p.Record.Reply.Parent.URI
	case author(p.URI) == s.session.did():
		a.Kind = greenroom.KindAnnouncement
	}
	for _, e := range []*wireMedia{&p.Record.Embed.wireMedia, &p.Record.Embed.Media} {
		if e.External.URI != "" {
			a.Title = clean(e.External.Title)
			if !strings.Contains(text, e.External.URI) {
				a.Body = strings.TrimSpace(text + "\n" + e.External.URI)
			}
		}
		if text == "" {
			for _, alt := range e.alts() {
				a.Body = strings.TrimSpace(a.Body + "\n" + clean(alt))
			}
		}
	}
	for _, did := range mentions {
		out.Identity(connector.Identity{ExternalID: did, ProfileURL: site + did, Staff: did == s.session.did()})
		a.Mentions = append(a.Mentions, did)
	}
	out.Activity(a)
	s.remember(&p.wirePost, channel)
}

// notice pushes what somebody did to the account or to one of its posts.
func (s *source) notice(n *wireNotice, channel string, raw []byte, out *connector.Sink) {
	a := connector.Activity{ExternalID: n.URI, Channel: channel, OccurredAt: n.IndexedAt.UTC()}
	switch n.Reason {
	case "follow":
		a.Kind = greenroom.KindFollow
	case "like", "repost":
		a.Kind, a.Title, a.ReplyTo = greenroom.KindReaction, n.Reason, n.Subject
	default:
		out.LeftOut("notifications of reason "+n.Reason, 1)
		return
	}
	a.Author, a.Raw = s.person(&n.Author, out), out.Raw(raw)
	out.Activity(a)
}

// render is a text with its links written out, and whom it mentions. Facets point at bytes; those that point at none, or
// into a character or another facet, are passed over.
func render(text string, facets []wireFacet) (_ string, mentions []string) {
	sorted := slices.Clone(facets)
	slices.SortStableFunc(sorted, func(a, b wireFacet) int { return a.Index.Start - b.Index.Start })
	var b strings.Builder
	at := 0
	for i := range sorted {
		f := &sorted[i]
		for _, feature := range f.Features {
			if feature.DID != "" && !slices.Contains(mentions, feature.DID) {
				mentions = append(mentions, feature.DID)
			}
			if feature.URI == "" || f.Index.Start < at || f.Index.End <= f.Index.Start || f.Index.End > len(text) || !edge(text, f.Index.Start) || !edge(text, f.Index.End) {
				continue
			}
			b.WriteString(text[at:f.Index.Start])
			shown := text[f.Index.Start:f.Index.End]
			switch {
			case strings.HasPrefix(feature.URI, shown), strings.Contains(feature.URI, strings.TrimRight(shown, ".…")):
				b.WriteString(feature.URI)
			default:
				b.WriteString(shown + " (" + feature.URI + ")")
			}
			at = f.Index.End
		}
	}
	b.WriteString(text[at:])
	return clean(b.String()), mentions
}

// edge reports whether a place in a text lies between two characters.
func edge(text string, i int) bool { return i == len(text) || utf8.RuneStart(text[i]) }

func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}

func reject(out *connector.Sink, file string, line int, raw []byte, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: reason, Expected: "a view as Bluesky's lexicons describe it", Excerpt: string(raw)})
}
