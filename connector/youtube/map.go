// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube

import (
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
)

// channel pushes a channel: the place, and the account that speaks in it.
func (s *source) channel(c *wireChannel, raw []byte, out *connector.Sink) {
	ref := out.Raw(raw)
	out.Channel(connector.Channel{ExternalID: c.ID, Name: c.Snippet.Title, URL: c.url(), Raw: ref})
	out.Identity(connector.Identity{
		ExternalID: c.ID, Name: c.Snippet.Title, Handle: strings.TrimPrefix(c.Snippet.CustomURL, "@"), Bio: clean(c.Snippet.Description), ProfileURL: c.url(),
		AvatarURL: c.Snippet.Thumbnails.High.URL, Location: c.Snippet.Country, JoinedAt: c.Snippet.PublishedAt, Staff: true, Raw: ref,
	})
}

// videoID is the external id of a video, which is the key of its conversation.
func videoID(id string) string { return "video:" + id }

// video pushes that a video was published. YouTube does not say when its title or description was changed.
func (s *source) video(v *wireVideo, raw []byte, out *connector.Sink) {
	out.Activity(connector.Activity{
		ExternalID: videoID(v.ID), Kind: greenroom.KindAnnouncement, Channel: v.Snippet.ChannelID, Author: v.Snippet.ChannelID, OccurredAt: v.Snippet.PublishedAt,
		Thread: videoID(v.ID), Title: clean(v.Snippet.Title), Body: clean(v.Snippet.Description), URL: "https://www.youtube.com/watch?v=" + v.ID, Raw: out.Raw(raw),
	})
}

// comment pushes a comment on a video, or a reply to one.
func (s *source) comment(c *wireComment, channel, video string, raw []byte, out *connector.Sink) {
	ref := out.Raw(raw)
	a := connector.Activity{
		ExternalID: "comment:" + c.ID, Kind: greenroom.KindComment, Channel: channel, Author: s.author(c, out), OccurredAt: c.Snippet.Published,
		Body: text(c), Raw: ref,
	}
	if c.Snippet.Updated.After(c.Snippet.Published) {
		a.EditedAt = c.Snippet.Updated
	}
	if video != "" {
		a.Thread, a.ReplyTo = videoID(video), videoID(video)
		a.URL = "https://www.youtube.com/watch?v=" + video + "&lc=" + c.ID
	} else { // on the channel itself, as it was possible until 2022
		a.Thread = "comment:" + c.ID
	}
	if c.Snippet.ParentID != "" {
		a.Kind, a.ReplyTo = greenroom.KindReply, "comment:"+c.Snippet.ParentID
		if video == "" {
			a.Thread = a.ReplyTo
		}
	}
	out.Activity(a)
}

// author pushes who wrote a comment. An account that was closed has no channel any more.
func (s *source) author(c *wireComment, out *connector.Sink) string {
	id := c.Snippet.AuthorID.Value
	if id == "" {
		return ""
	}
	who := connector.Identity{
		ExternalID: id, AvatarURL: c.Snippet.Avatar, ProfileURL: "https://www.youtube.com/channel/" + id, Staff: s.staff[id],
	}
	if name, is := strings.CutPrefix(c.Snippet.Author, "@"); is {
		who.Handle = clean(name)
	} else {
		who.Name = clean(c.Snippet.Author)
	}
	out.Identity(who)
	return id
}

// text is a comment as it was written, or as it is shown where only that is told: plain text, unless it holds tags.
func text(c *wireComment) string {
	switch {
	case c.Snippet.Original != "":
		return clean(c.Snippet.Original)
	case strings.Contains(c.Snippet.Display, "<br>"), strings.Contains(c.Snippet.Display, "</"):
		return clean(htmltext.Text(c.Snippet.Display))
	}
	return clean(c.Snippet.Display)
}

func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", ""), "\uFFFD")
}

func reject(out *connector.Sink, file string, line int, raw []byte, reason string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: reason, Expected: "a resource as the YouTube Data API v3 describes it", Excerpt: string(raw)})
}
