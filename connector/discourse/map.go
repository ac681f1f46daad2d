// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
	"greenroom/connector/internal/jsonfile"
)

// maxLikes bounds how many likes are taken over from one count.
const maxLikes = 100_000

// What is left out, as it is counted.
const (
	leftWhispers = "whispers (option include-whispers)"
	leftPrivate  = "posts in private messages"
	leftSummary  = "topics that are only named in a list, without their posts"
	leftNoText   = "posts without their text, as searches show them"
	leftTwice    = "posts that were already read from another saved answer"
	leftAgain    = "people that were already read from another answer"
	leftLikes    = "likes with a count that cannot be right"
	leftOther    = "saved answers that hold no topics, posts, categories or people"
	leftFiles    = "files that are not JSON"
	leftGone     = "topics that are gone or not public"
	leftCategory = "posts in categories that are not chosen"
	leftNotGiven = "posts that the forum lists but does not show"
)

const (
	wantPost     = "a post with id, topic_id, post_number, created_at and cooked"
	wantCategory = "a category with id and name"
	wantAccount  = "a person with id and username"
)

// How an account is known: what was told of it need not be told again.
const (
	knownSeen    = 1 << iota // by handle and name
	knownProfile             // by its profile
	knownStaff               // as staff
)

var (
	errNoID       = errors.New("it has no id")
	errNoTopic    = errors.New("the post does not say which topic it is in")
	errNoUsername = errors.New("it has no username")
	errBadTime    = errors.New("created_at is not a time")
)

// mapper turns wire types into facts and tells them to the sink.
type mapper struct {
	out        *connector.Sink
	silent     bool // what is read was told before: only learn from it
	base       string
	whispers   bool
	reject     func(part []byte, err error, expected string)
	known      map[int64]uint8
	channels   map[int64]bool // categories that were told
	solvable   map[int64]bool // categories in which topics are questions
	topics     map[int64]topicInfo
	seen       *roaring64.Bitmap // posts that were told; nil where none can come twice
	newAuthors []string          // usernames that were met for the first time

	now     time.Time // of the answer that is read, for what is told of topics; zero in a folder
	stamped time.Time // what is told of posts was true then, whatever the posts say; zero = they know
	wanted  []string  // names of the categories that are chosen; empty = all
	chosen  map[int64]bool
	found   map[string]bool // which of the names there are
	named   map[int64]connector.Channel
}

// topicInfo is what posts that stand outside their topic have to know of it.
type topicInfo struct {
	category, solved int64
	private          bool
	numbers          map[int64]int64 // of topics that were saved in parts; see thread
	users            map[string]int64
}

func newMapper(s *source, out *connector.Sink) *mapper {
	return &mapper{
		out: out, base: s.base, whispers: s.whispers, known: map[int64]uint8{}, channels: map[int64]bool{},
		solvable: map[int64]bool{}, topics: map[int64]topicInfo{},
		wanted: s.set.List(optCategories), chosen: map[int64]bool{}, found: map[string]bool{}, named: map[int64]connector.Channel{},
	}
}

func (m *mapper) read(n int) {
	if !m.silent {
		m.out.Read(n)
	}
}

func (m *mapper) leave(reason string, n int) {
	if !m.silent && n > 0 {
		m.out.LeftOut(reason, n)
	}
}

func (m *mapper) refuse(part []byte, err error, expected string) {
	if !m.silent {
		m.reject(part, err, expected)
	}
}

// categories tells the categories of a list, those below others included.
func (m *mapper) categories(list []jsontext.Value) {
	type found struct {
		category
		raw jsontext.Value
	}
	var all []found
	names := map[int64]string{}
	for queue := slices.Clone(list); len(queue) > 0; queue = queue[1:] {
		raw := queue[0]
		m.read(1)
		var c category
		err := jsonfile.Unmarshal(raw, &c)
		if err == nil && c.ID <= 0 {
			err = errNoID
		}
		if err != nil {
			m.refuse(raw, err, wantCategory)
			continue
		}
		names[c.ID] = jsonfile.Clean(c.Name)
		all = append(all, found{c, raw})
		if c.Subcategories.Kind() == '[' {
			var below []jsontext.Value
			if jsonfile.Unmarshal(c.Subcategories, &below) == nil {
				queue = append(queue, below...)
			}
		}
	}
	for range 3 { // which is how deep categories stand below each other
		for _, c := range all {
			m.choose(&c.category, names[c.ID])
		}
	}
	for _, c := range all {
		name := names[c.ID]
		if parent := names[c.ParentID]; parent != "" && c.ParentID != c.ID {
			name = parent + "/" + name
		}
		m.channels[c.ID] = true
		m.solvable[c.ID] = solvable(c.CustomFields)
		told := connector.Channel{ExternalID: channelID(c.ID), Name: name, URL: m.categoryURL(&c.category)}
		m.named[c.ID] = told
		if !m.silent && m.wants(c.ID) {
			told.Raw = m.out.Raw(c.raw)
			m.out.Channel(told)
		}
	}
}

// choose notes whether a category is one of those that are chosen, by number, slug or name, or below one.
func (m *mapper) choose(c *category, name string) {
	for _, w := range m.wanted {
		if w == strconv.FormatInt(c.ID, 10) || strings.EqualFold(w, c.Slug) || strings.EqualFold(w, name) {
			m.found[w], m.chosen[c.ID] = true, true
		}
	}
	if c.ParentID != c.ID && m.chosen[c.ParentID] {
		m.chosen[c.ID] = true
	}
}

// wants reports whether a category is to be brought in.
func (m *mapper) wants(category int64) bool { return len(m.wanted) == 0 || m.chosen[category] }

// unknown is the names of categories that the forum does not have.
func (m *mapper) unknown() []string {
	var names []string
	for _, w := range m.wanted {
		if !m.found[w] {
			names = append(names, w)
		}
	}
	return names
}

// solvable reports whether the category has the Solved plugin on: then its topics are questions.
func solvable(custom jsontext.Value) bool {
	if custom.Kind() != '{' {
		return false
	}
	var fields struct {
		Enabled jsontext.Value `json:"enable_accepted_answers"`
	}
	return jsonfile.Unmarshal(custom, &fields) == nil && strings.Trim(string(fields.Enabled), `"`) == "true"
}

func (m *mapper) categoryURL(c *category) string {
	if m.base == "" {
		return ""
	}
	return m.base + "/c/" + slugged(c.Slug, c.ID)
}

func channelID(category int64) string { return "category:" + strconv.FormatInt(category, 10) }
func postID(id int64) string          { return "post:" + strconv.FormatInt(id, 10) }
func userID(id int64) string          { return "user:" + strconv.FormatInt(id, 10) }

func slugged(slug string, id int64) string {
	if slug = jsonfile.Clean(slug); slug != "" && slug != "-" {
		return url.PathEscape(slug) + "/" + strconv.FormatInt(id, 10)
	}
	return strconv.FormatInt(id, 10)
}

// thread is a topic while its posts are mapped.
type thread struct {
	id, category int64
	title, slug  string
	solved       int64            // number of the accepted post; 0 = none
	unsolved     bool             // its solution was taken back
	private      bool             // a private message
	numbers      map[int64]int64  // post number → post id
	users        map[string]int64 // username in lower case → user id
	resolved     connector.Conversation
}

// begin starts a topic.
func (m *mapper) begin(t *topic) *thread {
	th := &thread{
		id: t.ID, category: t.CategoryID, title: jsonfile.Clean(t.Title), slug: t.Slug,
		private: t.Archetype == "private_message",
		numbers: map[int64]int64{}, users: map[string]int64{},
	}
	if t.AcceptedAnswer != nil {
		th.solved = t.AcceptedAnswer.PostNumber
	}
	if known, ok := m.topics[t.ID]; ok {
		th.private = th.private || known.private
		if th.category == 0 {
			th.category = known.category
		}
		if th.solved == 0 {
			th.solved = known.solved
		}
		if known.numbers != nil {
			th.numbers, th.users = known.numbers, known.users
		}
	}
	for _, a := range t.Details.Participants {
		th.users[strings.ToLower(a.Username)] = a.ID
	}
	for _, a := range []*account{t.Details.CreatedBy, t.Details.LastPoster} {
		if a != nil {
			th.users[strings.ToLower(a.Username)] = a.ID
		}
	}
	return th
}

// posts maps posts of a topic, in their order; a topic may come in several parts.
func (m *mapper) posts(th *thread, list []jsontext.Value) {
	all := make([]post, len(list))
	for i, raw := range list {
		p := &all[i]
		m.read(1)
		if err := readPost(raw, p, th.id); err != nil {
			m.refuse(raw, err, wantPost)
			p.ID = 0
			continue
		}
		th.numbers[p.PostNumber] = p.ID
		if p.Accepted && th.solved == 0 && !th.unsolved {
			th.solved = p.PostNumber
		}
		if p.UserID != nil && p.Username != "" {
			th.users[strings.ToLower(p.Username)] = *p.UserID
		}
		if th.category == 0 {
			th.category = p.CategoryID
		}
	}
	for i := range all {
		if all[i].ID != 0 {
			m.post(th, &all[i], list[i])
		}
	}
}

func readPost(raw []byte, p *post, topic int64) error {
	if err := jsonfile.Unmarshal(raw, p); err != nil {
		return err
	}
	if p.TopicID == 0 {
		p.TopicID = topic
	}
	switch {
	case p.ID <= 0:
		return errNoID
	case p.TopicID <= 0:
		return errNoTopic
	}
	return nil
}

// post maps one post and its likes.
func (m *mapper) post(th *thread, p *post, raw []byte) {
	at, err := parseTime(p.CreatedAt)
	switch {
	case err != nil:
		m.refuse(raw, errBadTime, wantPost)
		return
	case th.private:
		m.leave(leftPrivate, 1)
		return
	case p.PostType == postWhisper && !m.whispers:
		m.leave(leftWhispers, 1)
		return
	case p.Cooked == nil && p.Raw.Kind() != '"':
		m.leave(leftNoText, 1)
		return
	case m.seen != nil && m.seen.Contains(uint64(p.ID)): //nolint:gosec // checked to be positive
		m.leave(leftTwice, 1)
		return
	}
	if m.seen != nil {
		m.seen.Add(uint64(p.ID)) //nolint:gosec // checked to be positive
	}
	a := connector.Activity{ExternalID: postID(p.ID), OccurredAt: at, Thread: "topic:" + strconv.FormatInt(p.TopicID, 10)}
	if !m.silent {
		a.Raw = m.out.Raw(raw)
	}
	a.Channel = m.channel(th.category)
	a.Author = m.author(p, a.Raw)
	a.URL = m.postURL(th, p)
	m.classify(th, p, &a)
	m.body(th, p, &a)
	if m.silent {
		return
	}
	m.out.Activity(a)
	m.likes(p, &a)
}

// channel is the topic's channel; a category that no list named is told by its id.
func (m *mapper) channel(category int64) string {
	if category <= 0 {
		return ""
	}
	if !m.channels[category] {
		m.channels[category] = true
		if !m.silent {
			told := m.named[category]
			told.ExternalID = channelID(category)
			m.out.Channel(told)
		}
	}
	return channelID(category)
}

// classify finds the kind of a post and what it answers.
func (m *mapper) classify(th *thread, p *post, a *connector.Activity) {
	if p.Version > 1 || p.Hidden || p.UserDeleted {
		if edited, err := parseTime(p.UpdatedAt); err == nil && edited.After(a.OccurredAt) {
			a.EditedAt = edited
		}
	}
	if deleted, err := parseTime(p.DeletedAt); err == nil && deleted.After(a.OccurredAt) && deleted.After(a.EditedAt) {
		a.EditedAt = deleted
	}
	if m.stamped.After(a.OccurredAt) && m.stamped.After(a.EditedAt) {
		a.EditedAt = m.stamped
	}
	if p.PostNumber != 1 {
		answered := p.ReplyTo
		if answered == 0 {
			answered = 1
		}
		if id := th.numbers[answered]; id != 0 {
			a.ReplyTo = postID(id)
		}
	}
	question := th.solved > 0 || m.solvable[th.category]
	switch {
	case p.PostType == postSmallAction || p.PostType == postModerator:
		a.Kind = greenroom.KindModeration
	case p.PostNumber == 1 && question:
		a.Kind, a.Question = greenroom.KindQuestion, true
	case p.PostNumber == 1:
		a.Kind = greenroom.KindMessage
	case p.Accepted && !th.unsolved || th.solved > 0 && p.PostNumber == th.solved:
		a.Kind = greenroom.KindAcceptedAnswer
		th.resolved = connector.Conversation{Thread: a.Thread, State: greenroom.StateResolved, ResolvedAt: a.OccurredAt, ResolvedBy: a.ExternalID}
	default:
		a.Kind = greenroom.KindReply
	}
	if p.PostNumber == 1 {
		a.Title = th.title
	}
}

// body fills in the text. Of a hidden or deleted post only that it was there is kept.
func (m *mapper) body(th *thread, p *post, a *connector.Activity) {
	if p.Hidden || p.UserDeleted || p.DeletedAt != "" {
		a.Deleted, a.Title = true, ""
		return
	}
	if p.Cooked == nil {
		text, _ := jsontext.AppendUnquote(nil, p.Raw) // its only error is invalid UTF-8, which it replaces
		a.Body = jsonfile.Clean(string(text))
		return
	}
	r := htmltext.Convert(*p.Cooked, m.base)
	a.Body = r.Text
	if p.PostType == postSmallAction {
		action := strings.NewReplacer(".", " ", "_", " ").Replace(jsonfile.Clean(p.ActionCode))
		a.Body = strings.TrimSpace(action + "\n" + r.Text)
	}
	for _, l := range r.Links {
		if l.Class != "mention" || l.Quoted { // who is mentioned in a quote was mentioned by somebody else
			continue
		}
		if id, ok := th.users[strings.ToLower(strings.TrimPrefix(l.Text, "@"))]; ok {
			a.Mentions = appendNew(a.Mentions, userID(id))
		}
	}
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// likes maps the count of likes to as many reactions; the forum does not say who gave them.
func (m *mapper) likes(p *post, to *connector.Activity) {
	for _, action := range p.Actions {
		if action.ID != actionLike {
			continue
		}
		if action.Count > maxLikes {
			m.leave(leftLikes, 1)
			continue
		}
		one := connector.Activity{
			Kind: greenroom.KindReaction, Channel: to.Channel, OccurredAt: to.OccurredAt, Thread: to.Thread,
			ReplyTo: to.ExternalID, Body: "like", URL: to.URL, Raw: to.Raw,
		}
		for n := int64(1); n <= action.Count; n++ {
			one.ExternalID = to.ExternalID + ":like:" + strconv.FormatInt(n, 10)
			m.out.Activity(one)
		}
	}
}

// end tells what the forum says of the topic as a whole.
func (m *mapper) end(th *thread) {
	if m.silent || th.private || th.id <= 0 {
		return
	}
	c := th.resolved
	c.UpdatedAt = m.now
	c.Thread = "topic:" + strconv.FormatInt(th.id, 10)
	c.Title = th.title
	if th.solved > 0 {
		c.State = greenroom.StateResolved
	}
	if th.unsolved {
		c.State = greenroom.StateOpen
	}
	if m.base != "" && th.title != "" {
		c.URL = m.base + "/t/" + slugged(th.slug, th.id)
	}
	if c.Title != "" || c.State != "" {
		m.out.Conversation(c)
	}
}

func (m *mapper) postURL(th *thread, p *post) string {
	if m.base == "" {
		return ""
	}
	slug := th.slug
	if slug == "" {
		slug = p.TopicSlug
	}
	return m.base + "/t/" + slugged(slug, p.TopicID) + "/" + strconv.FormatInt(max(p.PostNumber, 1), 10)
}

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, err
	}
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, errBadTime
	}
	return t.UTC().Truncate(time.Microsecond), nil
}
