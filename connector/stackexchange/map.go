// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackexchange

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
)

// channelID is the one channel of a site.
const channelID = "site"

// community is the id of the account that the site itself acts by.
const community = "-1"

// Types of posts and votes, as the site numbers them.
const (
	typeQuestion   = "1"
	typeAnswer     = "2"
	voteAccepted   = "1"
	voteUp         = "2"
	voteDown       = "3"
	expectedPost   = "a post with Id, PostTypeId and CreationDate such as 2015-01-27T20:09:32.720"
	expectedNumber = "a whole number as Id"
)

// otherPosts are the types of posts beside questions and answers: what they are called, and as what they come in.
var otherPosts = map[string]struct {
	title string
	kind  greenroom.Kind
}{
	"3": {"Tag wiki", greenroom.KindWiki},
	"4": {"Tag description", greenroom.KindWiki},
	"5": {"Tag wiki", greenroom.KindWiki},
	"6": {"Nomination of a moderator", greenroom.KindMessage},
	"8": {"Page of the help", greenroom.KindWiki},
}

// otherVotes are the types of votes that are left out, by what they are called.
var otherVotes = map[string]string{
	"4": "votes: offensive", "5": "votes: bookmark", "6": "votes: close", "7": "votes: reopen", "8": "votes: bounty",
	"9": "votes: bounty", "10": "votes: deletion", "11": "votes: deletion", "12": "votes: spam",
	"15": "votes: moderator's review", "16": "votes: approved edit",
}

// Numbers of two posts that every dump has since 2025 and no site ever had: the company makes them up, a question and an
// answer by the site itself (meta.stackexchange.com/q/412018).
const (
	madeUpQuestion = 1_000_000_001
	madeUpAnswer   = 1_000_000_010
)

// madeUp reports whether a post is one of these, and counts what belongs to it.
func (r *reading) madeUp(post int64) bool {
	if post != madeUpQuestion && post != madeUpAnswer {
		return false
	}
	r.out.LeftOut("posts that the dump makes up", 1)
	return true
}

func postID(id int64) string { return "post:" + strconv.FormatInt(id, 10) }

func (r *reading) post() {
	s := r.rows
	kind := string(s.raw("PostTypeId"))
	id, at := s.num("Id"), parseTime(s.raw("CreationDate"))
	if !fits(id) || kind == "" || at.IsZero() {
		r.bad("the post has no number, no type or no time that can be read", expectedPost)
		return
	}
	if r.madeUp(id) {
		return
	}
	a := connector.Activity{
		ExternalID: postID(id),
		Channel:    channelID,
		OccurredAt: at,
		EditedAt:   parseTime(s.raw("LastEditDate")),
		Title:      s.text("Title"),
		Body:       htmltext.Convert(s.text("Body"), r.site).Text,
	}
	number := strconv.FormatInt(id, 10)
	var conversation connector.Conversation
	switch other, ok := otherPosts[kind]; {
	case kind == typeQuestion:
		a.Kind, a.Question, a.Thread, a.URL = greenroom.KindQuestion, true, a.ExternalID, r.link("/q/", number)
		if tags := parseTags(s.text("Tags")); len(tags) > 0 {
			a.Body = strings.TrimSpace(a.Body + "\n\nTags: " + strings.Join(tags, ", "))
		}
		conversation = r.resolved(&a)
	case kind == typeAnswer:
		parent := s.num("ParentId")
		if !fits(parent) {
			r.bad("the answer has no question", "ParentId with the number of the question")
			return
		}
		a.Kind, a.Thread, a.URL = greenroom.KindAnswer, postID(parent), r.link("/a/", number)
		if r.isAccepted(id) {
			a.Kind = greenroom.KindAcceptedAnswer
		}
		a.ReplyTo = a.Thread
	case ok:
		a.Kind = other.kind
		if a.Title == "" {
			a.Title = other.title
		}
	default:
		r.out.LeftOut("posts of other types", 1)
		return
	}
	raw := r.out.Raw(s.row)
	a.Raw, a.Author = raw, r.author("OwnerUserId", raw)
	r.out.Activity(a)
	r.out.Conversation(conversation)
}

// resolved tells what a question's row says of its end: an accepted answer, or that it was closed.
func (r *reading) resolved(a *connector.Activity) connector.Conversation {
	accepted := r.rows.num("AcceptedAnswerId")
	closed := parseTime(r.rows.raw("ClosedDate"))
	if accepted == 0 && closed.IsZero() {
		return connector.Conversation{}
	}
	c := connector.Conversation{Thread: a.Thread, Title: a.Title, URL: a.URL, State: greenroom.StateResolved}
	if accepted != 0 {
		c.ResolvedBy = postID(accepted)
	} else {
		c.ResolvedAt = closed
	}
	return c
}

func (r *reading) comment() {
	s := r.rows
	id, post, at := s.num("Id"), s.num("PostId"), parseTime(s.raw("CreationDate"))
	if id <= 0 || !fits(post) || at.IsZero() {
		r.bad("the comment has no number, no post or no time that can be read", "a comment with Id, PostId and CreationDate")
		return
	}
	if r.madeUp(post) {
		return
	}
	raw := r.out.Raw(s.row)
	question := r.question(post)
	anchor := strconv.FormatInt(question, 10) + "#comment" + strconv.FormatInt(id, 10) + "_" + strconv.FormatInt(post, 10)
	r.out.Activity(connector.Activity{
		ExternalID: "comment:" + strconv.FormatInt(id, 10),
		Kind:       greenroom.KindComment,
		Channel:    channelID,
		Author:     r.author("UserId", raw),
		OccurredAt: at,
		Thread:     postID(question),
		ReplyTo:    postID(post),
		Body:       s.text("Text"),
		URL:        r.link("/q/", anchor),
		Raw:        raw,
	})
}

// vote maps an up or down vote; the dump says neither who nor at what time of the day. The vote by which the asker
// accepts an answer tells the day on which the question was solved.
func (r *reading) vote() {
	s := r.rows
	id, post, at := s.num("Id"), s.num("PostId"), parseTime(s.raw("CreationDate"))
	kind := string(s.raw("VoteTypeId"))
	if id <= 0 || !fits(post) || at.IsZero() {
		r.bad("the vote has no number, no post or no time that can be read", "a vote with Id, PostId, VoteTypeId and CreationDate")
		return
	}
	if r.madeUp(post) {
		return
	}
	title := "Up"
	switch kind {
	case voteUp:
	case voteDown:
		title = "Down"
	case voteAccepted:
		r.out.Conversation(connector.Conversation{
			Thread: postID(r.question(post)), State: greenroom.StateResolved, ResolvedAt: at, ResolvedBy: postID(post),
		})
		return
	default:
		reason := otherVotes[kind]
		if reason == "" {
			reason = "votes of other types"
		}
		r.out.LeftOut(reason, 1)
		return
	}
	r.out.Activity(connector.Activity{
		ExternalID: "vote:" + strconv.FormatInt(id, 10),
		Kind:       greenroom.KindVote,
		Channel:    channelID,
		OccurredAt: at,
		Thread:     postID(r.question(post)),
		ReplyTo:    postID(post),
		Title:      title,
		Raw:        r.out.Raw(s.row),
	})
}

// author passes on the identity that an attribute names and returns its id; "" where the account is gone.
func (r *reading) author(name string, raw connector.RawRef) string {
	id := string(r.rows.raw(name))
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		return ""
	}
	r.out.Identity(r.identity(id, raw))
	return id
}

func (r *reading) identity(id string, raw connector.RawRef) connector.Identity {
	who := connector.Identity{ExternalID: id, Bot: id == community, Raw: raw}
	if id == community {
		who.Name = "Community"
	} else {
		who.ProfileURL = r.link("/users/", id)
	}
	return who
}

func (r *reading) user() {
	s := r.rows
	id := string(s.raw("Id"))
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		r.bad("the user has no number", expectedNumber)
		return
	}
	who := r.identity(id, r.out.Raw(s.row))
	who.Name = strings.TrimSpace(s.text("DisplayName"))
	who.Location = strings.TrimSpace(s.text("Location"))
	who.Bio = htmltext.Convert(s.text("AboutMe"), r.site).Text
	who.AvatarURL = webAddress(s.text("ProfileImageUrl"))
	who.JoinedAt = parseTime(s.raw("CreationDate"))
	if link := webAddress(strings.TrimSpace(s.text("WebsiteUrl"))); link != "" {
		who.Links = append(who.Links, link)
	}
	if account := s.num("AccountId"); account > 0 { // the one account behind those on all sites of the network
		who.Links = append(who.Links, "https://stackexchange.com/users/"+strconv.FormatInt(account, 10))
	}
	r.out.Identity(who)
}

func (r *reading) link(path, rest string) string {
	if r.site == "" {
		return ""
	}
	return r.site + path + rest
}

// webAddress returns s where it is the address of a web page.
func webAddress(s string) string {
	if u, err := url.Parse(s); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return s
	}
	return ""
}

// parseTags reads "<a><b>", and "|a|b|" as newer dumps have it.
func parseTags(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == '<' || c == '>' || c == '|' })
}

// parseTime reads a time of the dump, which is in UTC and says no zone; zero where it is none.
func parseTime(v []byte) time.Time {
	if len(v) == 0 {
		return time.Time{}
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05", time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, string(v)); err == nil && t.Year() > 1970 {
			return t.UTC()
		}
	}
	return time.Time{}
}
