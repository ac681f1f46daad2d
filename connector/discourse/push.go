// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// Verify checks the signature: HMAC-SHA256 of the body.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	secret := s.set.Text(optSecret)
	given, found := strings.CutPrefix(d.Header.Get("X-Discourse-Event-Signature"), "sha256=")
	if secret == "" || !found || !signature.Equal(signature.Hex256(secret, d.Body), given) {
		return connector.Reply{}, signature.Wrong("the forum")
	}
	return connector.Reply{ID: d.Header.Get("X-Discourse-Event-Id"), Drop: d.Header.Get("X-Discourse-Event") == "ping"}, nil
}

// memory is what a source that takes webhooks remembers of the forum between two of them.
type memory struct {
	site   *mapper // knows the categories
	siteAt time.Time
	topics map[int64]remembered
}

type remembered struct {
	topic *topic // nil = the forum does not show it
	at    time.Time
}

const (
	siteLasts  = time.Hour
	topicLasts = time.Minute // many deliveries of one topic come in a row
	maxTopics  = 100
)

// pushed is one delivery on its way to facts. A delivery about a post has the post alone. What else the post's activity needs,
// the ids of the posts and people that it answers and mentions, is asked for, so that a read finds the same.
type pushed struct {
	*mapper
	source *source
	d      *connector.Delivery
	event  string // e.g. "post_created"
}

// Receive turns a delivery into facts.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	kind, event := d.Header.Get("X-Discourse-Event-Type"), d.Header.Get("X-Discourse-Event")
	p := &pushed{mapper: newMapper(s, out), source: s, d: d, event: event}
	p.now = d.ReceivedAt
	p.reject = func(part []byte, err error, expected string) {
		out.Reject(greenroom.Reject{
			File: strings.TrimSpace("webhook " + event), Reason: jsonfile.Reason(err), Expected: expected,
			Excerpt: strings.ToValidUTF8(string(part[:min(len(part), 200)]), ""),
		})
	}
	p.read(1)
	var body map[string]jsontext.Value
	if err := jsonfile.Unmarshal(d.Body, &body); err != nil {
		p.refuse(d.Body, err, "a webhook of a Discourse forum")
		return nil
	}
	if err := p.know(ctx); err != nil {
		return err
	}
	switch value := body[kind]; kind {
	case "post":
		return p.posted(ctx, value)
	case "solved":
		return p.solved(ctx, value)
	case "like":
		return p.liked(ctx, value)
	case "topic":
		return p.talked(ctx, value)
	case "user":
		p.user(value)
	case "user_badge":
		p.badge(value)
	case "category":
		if event == "category_destroyed" {
			p.leave("event "+event, 1)
			return nil
		}
		p.categories([]jsontext.Value{value})
	default:
		p.leave("event "+cutTo(event+" "+kind), 1)
	}
	return nil
}

// cutTo is the first word of a text, at a length that serves as a name.
func cutTo(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return jsonfile.Clean(word[:min(len(word), 60)])
}

// know learns the categories, once an hour.
func (p *pushed) know(ctx context.Context) error {
	s, now := p.source, p.source.env.Now()
	if s.client == nil {
		return nil
	}
	if s.known.site == nil || now.Sub(s.known.siteAt) > siteLasts {
		list, err := s.categoryList(ctx)
		if err != nil && !rest.Refused(err) {
			return err
		}
		m := newMapper(s, nil)
		m.silent = true
		m.categories(list)
		s.known.site, s.known.siteAt = m, now
	}
	m := s.known.site
	p.named, p.solvable, p.chosen, p.found = m.named, m.solvable, m.chosen, m.found
	return nil
}

// topic asks for a topic with its first posts, its participants and its solution; nil where the forum does not show it.
func (p *pushed) topic(ctx context.Context, id int64) (*topic, error) {
	s, now := p.source, p.source.env.Now()
	if s.client == nil {
		return nil, nil
	}
	if have, ok := s.known.topics[id]; ok && now.Sub(have.at) <= topicLasts {
		return have.topic, nil
	}
	t := &topic{}
	err := s.client.get(ctx, "/t/"+strconv.FormatInt(id, 10)+".json"+s.client.deleted("?"), t)
	if gone(err) {
		t, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(s.known.topics) >= maxTopics || s.known.topics == nil {
		s.known.topics = map[int64]remembered{}
	}
	s.known.topics[id] = remembered{t, now}
	return t, nil
}

// context is the topic of a post, as far as the forum tells; nil where it is not wanted, which is counted.
func (p *pushed) context(ctx context.Context, post *post) (*thread, *topic, error) {
	if post.TopicArchetype == "private_message" {
		p.leave(leftPrivate, 1)
		return nil, nil, nil
	}
	t, err := p.topic(ctx, post.TopicID)
	if err != nil {
		return nil, nil, err
	}
	told := topic{ID: post.TopicID, Title: post.TopicTitle, Slug: post.TopicSlug, CategoryID: post.CategoryID, Archetype: post.TopicArchetype}
	if t != nil {
		title := told.Title
		told = *t
		told.ID = post.TopicID
		if title != "" {
			told.Title = title
		}
	}
	th := p.begin(&told)
	if th.private {
		p.leave(leftPrivate, 1)
		return nil, nil, nil
	}
	if !p.wants(th.category) {
		p.leave(leftCategory, 1)
		return nil, nil, nil
	}
	for _, raw := range told.PostStream.Posts {
		var other struct {
			ID       int64  `json:"id"`
			Number   int64  `json:"post_number"`
			UserID   int64  `json:"user_id"`
			Username string `json:"username"`
			Accepted bool   `json:"accepted_answer"`
		}
		if jsonfile.Unmarshal(raw, &other) != nil || other.ID == 0 {
			continue
		}
		th.numbers[other.Number] = other.ID
		th.users[strings.ToLower(other.Username)] = other.UserID
		if other.Accepted && th.solved == 0 {
			th.solved = other.Number
		}
	}
	return th, t, p.answered(ctx, th, post)
}

// answered finds the id of the post that a post answers.
func (p *pushed) answered(ctx context.Context, th *thread, post *post) error {
	number := max(post.ReplyTo, 1)
	if post.PostNumber == 1 || th.numbers[number] != 0 || p.source.client == nil {
		return nil
	}
	var found struct {
		ID int64 `json:"id"`
	}
	err := p.source.client.get(ctx, "/posts/by_number/"+strconv.FormatInt(post.TopicID, 10)+"/"+strconv.FormatInt(number, 10)+".json", &found)
	if err != nil && !gone(err) {
		return err
	}
	if found.ID != 0 {
		th.numbers[number] = found.ID
	}
	return nil
}

// posted passes on a post that was written, edited, deleted or recovered.
func (p *pushed) posted(ctx context.Context, raw jsontext.Value) error {
	var post post
	if err := readPost(raw, &post, 0); err != nil {
		p.refuse(raw, err, wantPost)
		return nil
	}
	if p.event == "post_destroyed" {
		at, err := parseTime(post.DeletedAt)
		if err != nil {
			at = p.d.ReceivedAt
		}
		p.gone(post.ID, at)
		return nil
	}
	if p.event == "post_recovered" {
		p.stamped = p.d.ReceivedAt
	}
	return p.tellPost(ctx, &post, raw)
}

func (p *pushed) gone(id int64, at time.Time) {
	p.out.Activity(connector.Activity{ExternalID: postID(id), Deleted: true, EditedAt: at})
}

func (p *pushed) tellPost(ctx context.Context, post *post, raw jsontext.Value) error {
	th, _, err := p.context(ctx, post)
	if err != nil || th == nil {
		return err
	}
	p.posts(th, []jsontext.Value{raw})
	p.about(th)
	return nil
}

// about tells the title and address of a topic, and whether it was solved where that is known.
func (p *pushed) about(th *thread) { p.end(th) }

// solved passes on that a post is the solution, or is no more. It has no time of its own.
func (p *pushed) solved(ctx context.Context, raw jsontext.Value) error {
	var post post
	if err := readPost(raw, &post, 0); err != nil {
		p.refuse(raw, err, wantPost)
		return nil
	}
	p.stamped = p.d.ReceivedAt
	th, t, err := p.context(ctx, &post)
	if err != nil || th == nil {
		return err
	}
	list := []jsontext.Value{raw}
	if first := firstPost(t); first != nil && post.PostNumber != 1 && !p.solvable[th.category] {
		list = []jsontext.Value{first, raw} // which is a question now, or is none any more
	}
	if p.event == "accepted_solution" {
		th.solved = post.PostNumber
		p.posts(th, list)
		p.about(th)
		return nil
	}
	th.solved = 0
	th.unsolved = true
	p.posts(th, list)
	p.about(th)
	return nil
}

// firstPost is the post that opens a topic; nil where it is not there.
func firstPost(t *topic) jsontext.Value {
	if t == nil || len(t.PostStream.Posts) == 0 {
		return nil
	}
	var post post
	if readPost(t.PostStream.Posts[0], &post, t.ID) != nil || post.PostNumber != 1 {
		return nil
	}
	return t.PostStream.Posts[0]
}

// liked passes on a like: how many the post has is asked for, since a read knows only that.
func (p *pushed) liked(ctx context.Context, raw jsontext.Value) error {
	var like struct {
		Post jsontext.Value `json:"post"`
		User jsontext.Value `json:"user"`
	}
	var post post
	err := jsonfile.Unmarshal(raw, &like)
	if err == nil {
		err = readPost(like.Post, &post, 0)
	}
	if err != nil {
		p.refuse(raw, err, wantPost)
		return nil
	}
	if like.User.Kind() == '{' {
		p.person(like.User, false, false)
	}
	if p.source.client == nil {
		return nil
	}
	var whole jsontext.Value
	err = p.source.client.get(ctx, "/posts/"+strconv.FormatInt(post.ID, 10)+".json", &whole)
	if gone(err) {
		p.leave(leftNotGiven, 1)
		return nil
	}
	if err != nil {
		return err
	}
	return p.tellPost(ctx, &post, whole)
}

// talked passes on what a delivery about a topic says: its title, or that it and its posts are gone or there again.
func (p *pushed) talked(ctx context.Context, raw jsontext.Value) error {
	var t topic
	if err := jsonfile.Unmarshal(raw, &t); err != nil || t.ID <= 0 {
		p.refuse(raw, orNoID(err), "a topic with id and title")
		return nil
	}
	switch {
	case t.Archetype == "private_message":
		p.leave(leftPrivate, 1)
	case !p.wants(t.CategoryID):
		p.leave(leftCategory, 1)
	case p.event == "topic_destroyed":
		return p.destroyed(ctx, t.ID)
	case p.event == "topic_recovered":
		p.stamped = p.d.ReceivedAt
		r := &forumReader{mapper: p.mapper, client: p.source.client, source: p.source}
		return r.topic(ctx, t.ID)
	default:
		p.about(p.begin(&t))
	}
	return nil
}

// destroyed takes back the posts of a topic, which the staff can still see; where they are not shown any more, all that is
// stored of it.
func (p *pushed) destroyed(ctx context.Context, id int64) error {
	t, err := p.topic(ctx, id)
	if err != nil {
		return err
	}
	if t == nil {
		p.out.Conversation(connector.Conversation{Thread: "topic:" + strconv.FormatInt(id, 10), Deleted: true, UpdatedAt: p.d.ReceivedAt})
		return nil
	}
	for _, post := range t.PostStream.Stream {
		p.gone(post, p.d.ReceivedAt)
	}
	return nil
}

// user passes on an account.
func (p *pushed) user(raw jsontext.Value) {
	switch p.event {
	case "user_logged_in", "user_logged_out":
		p.leave("event "+p.event, 1)
		return
	}
	p.person(raw, true, false)
	var a account
	if p.event == "user_destroyed" && jsonfile.Unmarshal(raw, &a) == nil && a.ID > 0 {
		p.out.Identity(connector.Identity{ExternalID: userID(a.ID), Deleted: true})
	}
}

// badge passes on that somebody was given a badge.
func (p *pushed) badge(raw jsontext.Value) {
	var b struct {
		ID        int64  `json:"id"`
		GrantedAt string `json:"granted_at"`
		Badge     struct {
			Name string `json:"name"`
		} `json:"badge"`
		User jsontext.Value `json:"user"`
	}
	err := jsonfile.Unmarshal(raw, &b)
	if err == nil && b.ID <= 0 {
		err = errNoID
	}
	if err != nil {
		p.refuse(raw, err, "a badge that was given, with id and user")
		return
	}
	a := connector.Activity{
		ExternalID: "badge:" + strconv.FormatInt(b.ID, 10), Kind: greenroom.KindModeration,
		Title: strings.TrimSpace("Was given the badge " + jsonfile.Clean(b.Badge.Name)),
	}
	if p.event == "user_badge_revoked" {
		p.out.Activity(connector.Activity{ExternalID: a.ExternalID, Deleted: true, EditedAt: p.d.ReceivedAt})
		return
	}
	var who account
	at, timeless := parseTime(b.GrantedAt)
	if timeless != nil || jsonfile.Unmarshal(b.User, &who) != nil || who.ID == 0 {
		p.leave("badges of which the forum does not say who was given them", 1)
		return
	}
	p.person(b.User, false, false)
	a.Author, a.OccurredAt, a.Raw = userID(who.ID), at, p.out.Raw(raw)
	p.out.Activity(a)
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
