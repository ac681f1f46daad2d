// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// page pushes a page: the place, and the account that speaks in it.
func page(o *wireOrganization, out *connector.Sink) {
	urn := organizationURN + strconv.FormatInt(o.ID, 10)
	out.Channel(connector.Channel{ExternalID: urn, Name: o.Name, URL: "https://www.linkedin.com/company/" + strconv.FormatInt(o.ID, 10)})
	who := company(o)
	who.Staff = true
	out.Identity(who)
}

func company(o *wireOrganization) connector.Identity {
	id := strconv.FormatInt(o.ID, 10)
	who := connector.Identity{ExternalID: organizationURN + id, Name: o.Name, Handle: o.Vanity, Bio: o.Text, ProfileURL: "https://www.linkedin.com/company/" + id}
	if strings.HasPrefix(o.Website, "http") {
		who.Links = []string{o.Website}
	}
	return who
}

// who pushes that an account exists and returns its external id.
func who(urn string, out *connector.Sink) string {
	if !actor.MatchString(urn) {
		return ""
	}
	out.Identity(connector.Identity{ExternalID: urn})
	return urn
}

// edited is a time of a change that lies behind the beginning; zero where there was none.
func edited(created, modified int64) time.Time {
	if modified > created {
		return when(modified)
	}
	return time.Time{}
}

// post pushes a post of a page. Members whom it mentions are named only where what is known of members may be kept.
func post(p *wirePost, organization string, raw []byte, members bool, out *connector.Sink) {
	text, mentions := littleText(p.Text)
	a := connector.Activity{
		ExternalID: p.ID, Kind: greenroom.KindAnnouncement, Channel: organization, Author: who(p.Author, out), OccurredAt: when(p.at()), EditedAt: edited(p.at(), p.Modified),
		Thread: p.ID, Body: text, URL: "https://www.linkedin.com/feed/update/" + p.ID, Raw: out.Raw(raw),
	}
	for _, title := range []string{p.Content.Article.Title, p.Content.Media.Title, p.Content.Poll.Question} {
		if a.Title == "" {
			a.Title = title
		}
	}
	if link := p.Content.Article.Source; link != "" && !strings.Contains(text, link) {
		a.Body = strings.TrimSpace(text + "\n" + link)
	}
	for _, m := range mentions {
		if !members && strings.HasPrefix(m, personURN) {
			continue
		}
		if id := who(m, out); id != "" {
			a.Mentions = append(a.Mentions, id)
		}
	}
	out.Activity(a)
}

// comment pushes a comment on a post, or a reply to one.
func comment(c *wireComment, organization, on string, raw []byte, out *connector.Sink) {
	a := connector.Activity{
		ExternalID: c.URN, Kind: greenroom.KindComment, Channel: organization, Author: who(c.Actor, out), OccurredAt: when(c.Created.Time),
		EditedAt: edited(c.Created.Time, c.Modified.Time), Thread: on, ReplyTo: on, Body: strings.ReplaceAll(c.Message.Text, "\x00", ""),
		URL: "https://www.linkedin.com/feed/update/" + on + "?commentUrn=" + enc(c.URN), Raw: out.Raw(raw),
	}
	if c.Parent != "" {
		a.Kind, a.ReplyTo = greenroom.KindReply, c.Parent
	}
	for _, urn := range actor.FindAllString(string(c.Message.Attributes), -1) {
		if id := who(urn, out); id != "" {
			a.Mentions = append(a.Mentions, id)
		}
	}
	out.Activity(a)
}

// reaction pushes a reaction to a post.
func reaction(r *wireReaction, organization, on string, raw []byte, out *connector.Sink) {
	id := r.ID
	if id == "" {
		id = "urn:li:reaction:(" + r.Created.Actor + "," + on + ")"
	}
	out.Activity(connector.Activity{
		ExternalID: id, Kind: greenroom.KindReaction, Channel: organization, Author: who(r.Created.Actor, out), OccurredAt: when(r.Created.Time),
		EditedAt: edited(r.Created.Time, r.Modified.Time), Thread: on, ReplyTo: on, Title: strings.ToLower(r.Type), Raw: out.Raw(raw),
	})
}

// gained pushes the followers of a day. Who they are LinkedIn tells nobody.
func gained(g *wireGain, organization string, raw []byte, out *connector.Sink) {
	ref, at := out.Raw(raw), when(g.Range.Start)
	for i := range max(0, g.Gains.Organic) + max(0, g.Gains.Paid) {
		a := connector.Activity{
			ExternalID: "follow:" + last(organization) + ":" + at.Format(time.DateOnly) + ":" + strconv.FormatInt(i+1, 10),
			Kind:       greenroom.KindFollow, Channel: organization, OccurredAt: at, Raw: ref,
		}
		if i >= max(0, g.Gains.Organic) {
			a.Title = "by advertising"
		}
		out.Activity(a)
	}
}

func reject(out *connector.Sink, file string, line int, raw []byte, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: reason, Expected: "an object as LinkedIn's Community Management API describes it", Excerpt: string(raw)})
}
