// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	slackTeam      = "T0LUMENXMP1"
	slackHelperBot = "B0LUMENHLP1"
	slackReleases  = "B0LUMENREL1"
)

// slackMessage is one entry of a day file, in the fields that exports have.
type slackMessage struct {
	Subtype         string            `json:"subtype,omitempty"`
	User            string            `json:"user,omitempty"`
	Inviter         string            `json:"inviter,omitempty"`
	Type            string            `json:"type"`
	TS              string            `json:"ts"`
	Edited          *slackEdited      `json:"edited,omitempty"`
	BotID           string            `json:"bot_id,omitempty"`
	AppID           string            `json:"app_id,omitempty"`
	Username        string            `json:"username,omitempty"`
	BotProfile      *slackBotProfile  `json:"bot_profile,omitempty"`
	ClientMsgID     string            `json:"client_msg_id,omitempty"`
	Text            string            `json:"text"`
	Files           []slackFile       `json:"files,omitempty"`
	Upload          *bool             `json:"upload,omitempty"`
	Team            string            `json:"team,omitempty"`
	UserTeam        string            `json:"user_team,omitempty"`
	SourceTeam      string            `json:"source_team,omitempty"`
	UserProfile     *slackUserProfile `json:"user_profile,omitempty"`
	ThreadTS        string            `json:"thread_ts,omitempty"`
	ParentUserID    string            `json:"parent_user_id,omitempty"`
	ReplyCount      int               `json:"reply_count,omitempty"`
	ReplyUsersCount int               `json:"reply_users_count,omitempty"`
	LatestReply     string            `json:"latest_reply,omitempty"`
	ReplyUsers      []string          `json:"reply_users,omitempty"`
	Replies         []slackReply      `json:"replies,omitempty"`
	IsLocked        *bool             `json:"is_locked,omitempty"`
	Subscribed      *bool             `json:"subscribed,omitempty"`
	Reactions       []slackReaction   `json:"reactions,omitempty"`

	micro int64 // TS as a number
}

type slackEdited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

type slackBotProfile struct {
	ID      string `json:"id"`
	AppID   string `json:"app_id"`
	Name    string `json:"name"`
	Deleted bool   `json:"deleted"`
	TeamID  string `json:"team_id"`
}

type slackUserProfile struct {
	AvatarHash  string `json:"avatar_hash"`
	FirstName   string `json:"first_name"`
	RealName    string `json:"real_name"`
	DisplayName string `json:"display_name"`
	Team        string `json:"team"`
	Name        string `json:"name"`
}

type slackReply struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

type slackReaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

type slackFile struct {
	ID         string `json:"id"`
	Created    int64  `json:"created"`
	Name       string `json:"name"`
	Title      string `json:"title"`
	Mimetype   string `json:"mimetype"`
	Filetype   string `json:"filetype"`
	PrettyType string `json:"pretty_type"`
	User       string `json:"user"`
	Size       int    `json:"size"`
	Mode       string `json:"mode"`
}

// slackChannelWriter gathers the messages of one channel; Slack's files are by day, and a thread can span many.
type slackChannelWriter struct {
	w        *world
	log      *ledger
	ch       *channel
	id       string
	messages []*slackMessage
	used     map[int64]bool // time stamps name messages, so each occurs once
	members  map[string]time.Time
}

func (w *world) writeSlack(l *ledger) error {
	c := w.newCast(slack)
	plan := w.plan(slack, c)
	if err := w.writeSlackUsers(l); err != nil {
		return err
	}
	var list []slackChannel
	for i := range w.channels {
		ch := &w.channels[i]
		if ch.platform != slack {
			continue
		}
		s := &slackChannelWriter{w: w, log: l, ch: ch, id: "C0LMN" + base36(scramble(uint64(i)+7), 6), used: map[int64]bool{}, members: map[string]time.Time{}}
		if err := w.playAll(plan, c, slack, ch, func(t *thread) error { s.thread(t); return nil }); err != nil {
			return err
		}
		s.joins()
		s.releaseNotes()
		if err := s.days(); err != nil {
			return err
		}
		list = append(list, s.entry())
	}
	return l.out.json("channels.json", list)
}

// stamp makes a time stamp that no other message of the channel has.
func (s *slackChannelWriter) stamp(at time.Time) int64 {
	micro := at.UnixMicro() + int64(scramble(uint64(at.UnixNano()))%1000)
	for s.used[micro] {
		micro++
	}
	s.used[micro] = true
	return micro
}

func slackTS(micro int64) string { return fmt.Sprintf("%d.%06d", micro/1e6, micro%1e6) }

// thread adds the messages of a conversation.
func (s *slackChannelWriter) thread(t *thread) {
	tied := s.ch.threads && (t.intent != chat || t.id%4 != 0)
	first := len(s.messages)
	for i := range t.posts {
		m := s.message(t, i)
		s.messages = append(s.messages, m)
		if tied && i > 0 {
			s.tie(s.messages[first], m)
		}
	}
	s.log.wrote(t, s.id+":"+s.messages[first].TS)
	if !tied {
		s.log.sum.Conversations += len(t.posts) - 1
	}
}

// tie makes a message a reply in the thread of root.
func (s *slackChannelWriter) tie(root, m *slackMessage) {
	no := false
	root.ThreadTS, root.IsLocked, root.Subscribed = root.TS, &no, &no
	root.ReplyCount++
	root.LatestReply = m.TS
	root.Replies = append(root.Replies, slackReply{m.User, m.TS})
	if !slices.Contains(root.ReplyUsers, m.User) {
		root.ReplyUsers = append(root.ReplyUsers, m.User)
		root.ReplyUsersCount++
	}
	m.ThreadTS, m.ParentUserID = root.TS, root.User
}

func (s *slackChannelWriter) message(t *thread, i int) *slackMessage {
	p := &t.posts[i]
	a := p.author.accounts[slack]
	micro := s.stamp(p.at)
	m := &slackMessage{Type: "message", User: a.id, TS: slackTS(micro), micro: micro, Team: slackTeam}
	before := ""
	if p.mention != nil && (p.parent > 0 || !s.ch.threads) {
		before = "<@" + p.mention.accounts[slack].id + "> "
	}
	m.Text = asSlack(p.body, before)
	if !p.edited.IsZero() {
		m.Edited = &slackEdited{a.id, slackTS(p.edited.UnixMicro())}
	}
	for _, r := range p.reactions {
		users := make([]string, len(r.by))
		for j, by := range r.by {
			users[j] = by.accounts[slack].id
		}
		m.Reactions = append(m.Reactions, slackReaction{r.emoji, users, len(users)})
	}
	s.log.reacted(p)
	s.member(a, p.at)
	if p.author.kind == bot {
		m.BotID, m.AppID = slackHelperBot, "A0LUMENHLP1"
		m.BotProfile = &slackBotProfile{slackHelperBot, m.AppID, p.author.name, false, slackTeam}
		return m
	}
	m.UserTeam, m.SourceTeam = slackTeam, slackTeam
	m.ClientMsgID = messageUUID(uint64(micro))
	m.UserProfile = &slackUserProfile{avatarHash(a), p.author.called, a.realName(), a.display, slackTeam, a.handle}
	if i == 0 && len(p.body) > 1 && t.id%3 == 0 {
		s.attach(m, t.id)
	}
	return m
}

// attach adds a file, as people do who show their config or a picture of the run page.
func (s *slackChannelWriter) attach(m *slackMessage, n int) {
	yes := true
	f := slackFile{Name: "pipeline.yaml", Mimetype: "text/plain", Filetype: "yaml", PrettyType: "YAML"}
	if n%2 == 0 {
		f = slackFile{Name: "run-page.png", Mimetype: "image/png", Filetype: "png", PrettyType: "PNG"}
	}
	f.ID, f.Created, f.Title, f.User, f.Size, f.Mode = "F0"+base36(scramble(uint64(m.micro)), 9), m.micro/1e6, f.Name, m.User, 900+n*37%90000, "hosted"
	m.Files, m.Upload = []slackFile{f}, &yes
}

func (s *slackChannelWriter) member(a *account, at time.Time) {
	if first, ok := s.members[a.id]; !ok || at.Before(first) {
		s.members[a.id] = at
	}
}

// joins adds that people came into the channel: all into the general one, some into the others.
func (s *slackChannelWriter) joins() {
	if s.ch.key == "announcements" {
		return
	}
	for _, p := range s.w.people {
		a := p.accounts[slack]
		if a == nil || p.kind == bot {
			continue
		}
		d := s.w.origin.stream("join "+s.ch.key, p.id)
		if s.ch.key != "general" && !d.chance(map[string]float64{"help": 0.5, "introductions": 0.5}[s.ch.key]+0.12) {
			continue
		}
		at := a.since.Add(d.span(2*time.Second, 90*time.Second))
		if first, ok := s.members[a.id]; ok && first.Before(at) {
			at = first.Add(-time.Second)
		}
		s.member(a, at)
		if at.Before(s.w.start) || !at.Before(s.w.end) {
			continue
		}
		micro := s.stamp(at)
		m := &slackMessage{Subtype: "channel_join", Type: "message", User: a.id, TS: slackTS(micro), micro: micro, Text: "<@" + a.id + "> has joined the channel"}
		if d.chance(0.1) {
			m.Inviter = s.w.people[0].accounts[slack].id
		}
		s.messages = append(s.messages, m)
		s.log.sum.Other++
	}
}

// releaseNotes adds what the release bot posts; an integration of the old kind, which has a name of its own and no user.
func (s *slackChannelWriter) releaseNotes() {
	if s.ch.key != "announcements" {
		return
	}
	for _, r := range s.w.releases {
		if r.at.Before(s.w.start) || !r.at.Before(s.w.end) {
			continue
		}
		micro := s.stamp(r.at)
		s.messages = append(s.messages, &slackMessage{
			Subtype: "bot_message", Type: "message", TS: slackTS(micro), micro: micro, BotID: slackReleases, Username: "Release Bot",
			Text: "Lumen " + r.version + " was published: <https://docs.lumen.example/releases/" + r.version + "|release notes>",
		})
		s.log.sum.BotMessages++
		s.log.sum.Conversations++
	}
}

// days writes the messages, a file for each day (UTC) on which there were any.
func (s *slackChannelWriter) days() error {
	slices.SortFunc(s.messages, func(a, b *slackMessage) int { return cmp.Compare(a.micro, b.micro) })
	const dayMicros = int64(day / time.Microsecond)
	for from := 0; from < len(s.messages); {
		date := s.messages[from].micro / dayMicros
		to := from
		for to < len(s.messages) && s.messages[to].micro/dayMicros == date {
			to++
		}
		name := s.ch.key + "/" + time.UnixMicro(date*dayMicros).UTC().Format(time.DateOnly) + ".json"
		if err := s.log.out.json(name, s.messages[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func avatarHash(a *account) string {
	return strings.ToLower(base36(scramble(uint64(a.owner.id)), 12))
}

// messageUUID makes the client_msg_id of a message.
func messageUUID(n uint64) string {
	a, b := scramble(n), scramble(n^0xc11e47)
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// color is one of the shades Slack gives to users.
func color(n int) string { return strconv.FormatUint(0x100000+scramble(uint64(n))%0xe00000, 16) }
