// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const forumTime = "2006-01-02T15:04:05.000Z"

// forumWriter writes what a Discourse forum answers to anonymous readers.
type forumWriter struct {
	w    *world
	log  *ledger
	ids  map[*channel]int // category numbers
	last map[*account]time.Time
	said map[*account]int
}

type forumTopic struct {
	PostStream     forumStream   `json:"post_stream"`
	ID             int           `json:"id"`
	Title          string        `json:"title"`
	FancyTitle     string        `json:"fancy_title"`
	PostsCount     int           `json:"posts_count"`
	CreatedAt      string        `json:"created_at"`
	Views          int           `json:"views"`
	ReplyCount     int           `json:"reply_count"`
	LikeCount      int           `json:"like_count"`
	LastPostedAt   string        `json:"last_posted_at"`
	Visible        bool          `json:"visible"`
	Closed         bool          `json:"closed"`
	Archived       bool          `json:"archived"`
	Archetype      string        `json:"archetype"`
	Slug           string        `json:"slug"`
	CategoryID     int           `json:"category_id"`
	Tags           []string      `json:"tags"`
	WordCount      int           `json:"word_count"`
	DeletedAt      *string       `json:"deleted_at"`
	UserID         int           `json:"user_id"`
	PinnedGlobally bool          `json:"pinned_globally"`
	ChunkSize      int           `json:"chunk_size"`
	HighestPost    int           `json:"highest_post_number"`
	Participants   int           `json:"participant_count"`
	AcceptedAnswer *forumSolved  `json:"accepted_answer,omitempty"`
	Actions        []forumAction `json:"actions_summary"`
	Details        forumDetails  `json:"details"`
}

type forumStream struct {
	Posts  []forumPost `json:"posts"`
	Stream []int       `json:"stream"`
}

type forumSolved struct {
	PostNumber int    `json:"post_number"`
	Username   string `json:"username"`
	Excerpt    string `json:"excerpt"`
}

type forumAction struct {
	ID    int `json:"id"`
	Count int `json:"count"`
}

type forumDetails struct {
	CreatedBy  forumPerson `json:"created_by"`
	LastPoster forumPerson `json:"last_poster"`
}

type forumPerson struct {
	ID             int    `json:"id,omitempty"`
	Username       string `json:"username"`
	Name           string `json:"name"`
	AvatarTemplate string `json:"avatar_template"`
}

type forumPost struct {
	ID               int           `json:"id"`
	Name             string        `json:"name"`
	Username         string        `json:"username"`
	AvatarTemplate   string        `json:"avatar_template"`
	CreatedAt        string        `json:"created_at"`
	Cooked           string        `json:"cooked"`
	PostNumber       int           `json:"post_number"`
	PostType         int           `json:"post_type"`
	UpdatedAt        string        `json:"updated_at"`
	ReplyCount       int           `json:"reply_count"`
	ReplyTo          *int          `json:"reply_to_post_number"`
	QuoteCount       int           `json:"quote_count"`
	Reads            int           `json:"reads"`
	Score            float64       `json:"score"`
	TopicID          int           `json:"topic_id"`
	TopicSlug        string        `json:"topic_slug"`
	DisplayUsername  string        `json:"display_username"`
	PrimaryGroupName *string       `json:"primary_group_name"`
	Version          int           `json:"version"`
	UserTitle        *string       `json:"user_title"`
	ReplyToUser      *forumPerson  `json:"reply_to_user,omitempty"`
	Actions          []forumAction `json:"actions_summary"`
	Moderator        bool          `json:"moderator"`
	Admin            bool          `json:"admin"`
	Staff            bool          `json:"staff"`
	UserID           int           `json:"user_id"`
	Hidden           bool          `json:"hidden"`
	TrustLevel       int           `json:"trust_level"`
	DeletedAt        *string       `json:"deleted_at"`
	UserDeleted      bool          `json:"user_deleted"`
	EditReason       *string       `json:"edit_reason"`
	Wiki             bool          `json:"wiki"`
	ActionCode       string        `json:"action_code,omitempty"`
	AcceptedAnswer   bool          `json:"accepted_answer"`
}

func (w *world) writeDiscourse(l *ledger) error {
	f := &forumWriter{w: w, log: l, ids: map[*channel]int{}, last: map[*account]time.Time{}, said: map[*account]int{}}
	for i := range w.channels {
		if ch := &w.channels[i]; ch.platform == discourse {
			f.ids[ch] = 5 + len(f.ids)
		}
	}
	if err := w.threads(discourse, nil, f.topic); err != nil {
		return err
	}
	if err := f.site(); err != nil {
		return err
	}
	for _, p := range w.people {
		if a := p.accounts[discourse]; a != nil {
			a.listed = true
			if err := l.out.json("u/"+a.handle+".json", f.user(a)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *forumWriter) topic(t *thread) error {
	id := 101 + t.id
	slug := forumSlug(t.title)
	topic := forumTopic{
		ID: id, Title: t.title, FancyTitle: html.EscapeString(t.title), Slug: slug, CategoryID: f.ids[t.channel], CreatedAt: t.at.Format(forumTime),
		Visible: true, Archetype: "regular", ChunkSize: 20, UserID: number(t.author.accounts[discourse].id), Tags: []string{}, Actions: []forumAction{},
		PostsCount: len(t.posts), HighestPost: len(t.posts), Closed: !t.closed.IsZero(),
	}
	switch t.intent {
	case question, bug, idea, complaint:
		topic.Tags = t.topic.tags[:1+t.id%len(t.topic.tags)]
	default: // the rest has no tags
	}
	people := map[*person]bool{}
	for i := range t.posts {
		p := f.post(t, i, id, slug)
		topic.PostStream.Posts = append(topic.PostStream.Posts, p)
		topic.PostStream.Stream = append(topic.PostStream.Stream, p.ID)
		people[t.posts[i].author] = true
		topic.WordCount += len(strings.Fields(p.Cooked))
		topic.LikeCount += f.log.reacted(&t.posts[i])
		if i > 0 {
			topic.ReplyCount++
		}
	}
	last := t.posts[len(t.posts)-1]
	topic.LastPostedAt, topic.Participants = last.at.Format(forumTime), len(people)
	topic.Details = forumDetails{f.person(t.author, true), f.person(last.author, true)}
	topic.Views = 7 + 11*len(t.posts) + int(scramble(uint64(id))%90)
	if t.accepted > 0 {
		p := topic.PostStream.Posts[t.accepted]
		topic.AcceptedAnswer = &forumSolved{p.PostNumber, p.Username, t.posts[t.accepted].body[0].text}
	}
	f.closing(t, &topic)
	f.log.wrote(t, strconv.Itoa(id))
	return f.log.out.json("t/"+strconv.Itoa(id)+".json", topic)
}

// closing adds the small note that the system posts when a topic is closed.
func (f *forumWriter) closing(t *thread, topic *forumTopic) {
	if t.closed.IsZero() {
		return
	}
	n := len(topic.PostStream.Posts)
	note := f.blank(f.w.people[firstBot].accounts[discourse], t.closed)
	note.ID, note.PostNumber, note.PostType, note.ActionCode = topic.PostStream.Stream[n-1]+1, n+1, 3, "autoclosed.enabled"
	note.TopicID, note.TopicSlug, note.Moderator, note.Admin, note.Staff = topic.ID, topic.Slug, true, true, true
	topic.PostStream.Posts = append(topic.PostStream.Posts, note)
	topic.PostStream.Stream = append(topic.PostStream.Stream, note.ID)
	topic.PostsCount++
	topic.HighestPost++
	f.log.sum.Other++
}

// post is the post with index i; post numbers count from 1.
func (f *forumWriter) post(t *thread, i, topic int, slug string) forumPost {
	said := &t.posts[i]
	a := said.author.accounts[discourse]
	p := f.blank(a, said.at)
	p.ID, p.PostNumber, p.TopicID, p.TopicSlug = 1000+t.id*32+i, i+1, topic, slug
	before := ""
	if said.mention != nil {
		to := said.mention.accounts[discourse].handle
		before = `<a class="mention" href="/u/` + strings.ToLower(to) + `">@` + to + `</a> `
	}
	p.Cooked = asHTML(said.body, before)
	if said.parent > 0 {
		to, addressed := said.parent+1, f.person(t.posts[said.parent].author, false)
		p.ReplyTo, p.ReplyToUser = &to, &addressed
	}
	for j := i + 1; j < len(t.posts); j++ {
		if t.posts[j].parent == i {
			p.ReplyCount++
		}
	}
	likes := 0
	for _, r := range said.reactions {
		likes += len(r.by)
	}
	if likes > 0 {
		p.Actions = append(p.Actions, forumAction{2, likes}) // 2 is a like
	}
	if !said.edited.IsZero() {
		p.Version, p.UpdatedAt = 2, said.edited.Format(forumTime)
	}
	p.AcceptedAnswer = i > 0 && i == t.accepted
	p.Reads = 3 + int(scramble(uint64(p.ID))%60)
	p.Score = float64(p.Reads)/5 + float64(15*likes)
	f.said[a]++
	if said.at.After(f.last[a]) {
		f.last[a] = said.at
	}
	return p
}

// blank is a post by an account before anything is in it.
func (f *forumWriter) blank(a *account, at time.Time) forumPost {
	p := forumPost{
		Name: forumName(a), Username: a.handle, AvatarTemplate: avatarTemplate(a), CreatedAt: at.Format(forumTime), UpdatedAt: at.Format(forumTime),
		PostType: 1, Version: 1, DisplayUsername: forumName(a), UserID: number(a.id), TrustLevel: f.trust(a), Actions: []forumAction{},
	}
	if a.owner.kind == staff {
		p.Staff, p.Admin, p.Moderator = true, a.owner.id == 0, a.owner.id < 4
		p.UserTitle = &a.owner.title
		group := "lumen-labs"
		p.PrimaryGroupName = &group
	}
	return p
}

func (f *forumWriter) trust(a *account) int {
	switch a.owner.temper {
	case employed:
		return 4
	case champion:
		return 3
	case regular:
		return 2
	default:
		return min(1, f.said[a])
	}
}

func (f *forumWriter) person(p *person, withID bool) forumPerson {
	a := p.accounts[discourse]
	who := forumPerson{Username: a.handle, Name: forumName(a), AvatarTemplate: avatarTemplate(a)}
	if withID {
		who.ID = number(a.id)
	}
	return who
}

// forumName is the full name, which is empty for those who did not give one.
func forumName(a *account) string {
	if a.display == a.handle && a.owner.kind != bot {
		return ""
	}
	return a.display
}

func avatarTemplate(a *account) string {
	return fmt.Sprintf("/letter_avatar_proxy/v4/letter/%s/%s/{size}.png", strings.ToLower(a.handle[:1]), color(a.owner.id))
}

// number reads back the number of an account.
func number(id string) int {
	n, _ := strconv.Atoi(id) // made by externalID, always a number here
	return n
}

// forumSlug makes the part of a topic's address that can be read; titles in other scripts have none, as in Discourse.
func forumSlug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if slug := strings.Trim(b.String(), "-"); slug != "" {
		return slug
	}
	return "topic"
}
