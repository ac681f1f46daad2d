// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

const site = "https://www.reddit.com"

// userID is the external id of an account: its name, which stands in lower case because Reddit does not tell apart.
func userID(name string) string { return strings.ToLower(name) }

// gone is what stands for an author or a text that was deleted, and removed for a text that a moderator took away.
const (
	gone    = "[deleted]"
	removed = "[removed]"
)

// author pushes who wrote a thing; "" where the account was deleted.
func (s *source) author(it *wireItem, out *connector.Sink) string {
	if it.Author == "" || it.Author == gone {
		return ""
	}
	id := userID(it.Author)
	out.Identity(connector.Identity{
		ExternalID: id, Handle: it.Author, ProfileURL: site + "/user/" + it.Author, Bot: it.Author == "AutoModerator",
		Staff: s.team[id] || it.Distinguished == "moderator" && s.set.On(optModerators),
	})
	return id
}

var mention = regexp.MustCompile(`(?:^|[^A-Za-z0-9_/])/?u/([A-Za-z0-9_-]{3,20})`)

func (s *source) mentions(text string, out *connector.Sink) []string {
	var all []string
	for _, m := range mention.FindAllStringSubmatch(text, 20) {
		out.Identity(connector.Identity{ExternalID: userID(m[1]), Handle: m[1], ProfileURL: site + "/user/" + m[1], Staff: s.team[userID(m[1])]})
		all = append(all, userID(m[1]))
	}
	return all
}

// item reads a post or a comment and pushes it. It returns nil, and rejects, where it cannot be read.
func (s *source) item(t *wireThing, file string, line int, out *connector.Sink) *wireItem {
	var it wireItem
	return s.push(t, &it, rest.Unmarshal(t.Data, &it), file, line, out)
}

// push pushes a post or a comment that was decoded, or not.
func (s *source) push(t *wireThing, it *wireItem, err error, file string, line int, out *connector.Sink) *wireItem {
	out.Read(1)
	if err != nil || it.ID == "" || when(it.Created).IsZero() || t.Kind == kindComment && it.Post == "" {
		out.Reject(greenroom.Reject{File: file, Line: int64(line), Reason: "this is not a post or comment with an id and a time", Expected: "a thing as Reddit's API describes it", Excerpt: string(t.Data)})
		return nil
	}
	if it.Name == "" {
		it.Name = t.Kind + "_" + it.ID
	}
	if it.SubredditID != "" {
		out.Channel(connector.Channel{ExternalID: it.SubredditID, Name: "r/" + it.Subreddit, URL: site + "/r/" + it.Subreddit})
	}
	a := connector.Activity{
		ExternalID: it.Name, Channel: it.SubredditID, OccurredAt: when(it.Created), EditedAt: when(it.Edited), Kind: greenroom.KindMessage, Thread: it.Name,
		Title: clean(it.Title), Body: clean(it.Text),
	}
	if t.Kind == kindComment {
		a.Kind, a.Thread, a.ReplyTo, a.Body = greenroom.KindReply, it.Post, it.Parent, clean(it.Body)
		a.URL = site + "/r/" + it.Subreddit + "/comments/" + strings.TrimPrefix(it.Post, "t3_") + "/_/" + it.ID + "/"
	} else if !it.IsSelf && strings.HasPrefix(it.URL, "http") && !strings.HasPrefix(it.URL, site) {
		a.Body = strings.TrimSpace(a.Body + "\n" + it.URL)
	}
	if it.Permalink != "" {
		a.URL = site + it.Permalink
	}
	if it.Removed != "" || a.Body == removed || a.Body == gone {
		s.told(it, true)
		out.Activity(connector.Activity{ExternalID: it.Name, Deleted: true, OccurredAt: a.OccurredAt, EditedAt: s.env.Now(), Raw: out.Raw(flat(t, it))})
		return it
	}
	a.Author, a.Mentions, a.Raw = s.author(it, out), s.mentions(a.Body, out), out.Raw(flat(t, it))
	out.Activity(a)
	s.told(it, false)
	return it
}

// flat is the payload of a thing without the comments below it, which have their own.
func flat(t *wireThing, it *wireItem) []byte {
	i := bytes.Index(t.Data, it.Replies)
	if len(it.Replies) == 0 || it.Replies[0] != '{' || i < 0 {
		return t.Data
	}
	return slices.Concat(t.Data[:i], []byte(`""`), t.Data[i+len(it.Replies):])
}

func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}
