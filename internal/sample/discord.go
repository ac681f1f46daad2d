// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"
)

const (
	discordTime  = "2006-01-02T15:04:05.000-07:00"
	discordGuild = "1400000000000000001"
)

type discordExport struct {
	Guild      discordGuildInfo   `json:"guild"`
	Channel    discordChannelInfo `json:"channel"`
	DateRange  map[string]*string `json:"dateRange"`
	ExportedAt string             `json:"exportedAt"`
}

type discordGuildInfo struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	IconURL string `json:"iconUrl"`
}

type discordChannelInfo struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	CategoryID string `json:"categoryId"`
	Category   string `json:"category"`
	Name       string `json:"name"`
	Topic      string `json:"topic"`
}

type discordMessage struct {
	ID              string            `json:"id"`
	Type            string            `json:"type"`
	Timestamp       string            `json:"timestamp"`
	TimestampEdited *string           `json:"timestampEdited"`
	CallEnded       *string           `json:"callEndedTimestamp"`
	IsPinned        bool              `json:"isPinned"`
	Content         string            `json:"content"`
	Author          discordAuthor     `json:"author"`
	Attachments     []any             `json:"attachments"`
	Embeds          []any             `json:"embeds"`
	Stickers        []any             `json:"stickers"`
	Reactions       []discordReaction `json:"reactions"`
	Mentions        []discordMention  `json:"mentions"`
	Reference       *discordReference `json:"reference,omitempty"`

	at time.Time
}

type discordAuthor struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	Discriminator string        `json:"discriminator"`
	Nickname      string        `json:"nickname"`
	Color         *string       `json:"color"`
	IsBot         bool          `json:"isBot"`
	Roles         []discordRole `json:"roles"`
	AvatarURL     string        `json:"avatarUrl"`
}

type discordRole struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Color    string `json:"color"`
	Position int    `json:"position"`
}

type discordMention struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Discriminator string `json:"discriminator"`
	Nickname      string `json:"nickname"`
	IsBot         bool   `json:"isBot"`
}

type discordReaction struct {
	Emoji discordEmoji     `json:"emoji"`
	Count int              `json:"count"`
	Users []discordMention `json:"users"`
}

type discordEmoji struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Code       string `json:"code"`
	IsAnimated bool   `json:"isAnimated"`
	ImageURL   string `json:"imageUrl"`
}

type discordReference struct {
	MessageID string `json:"messageId"`
	ChannelID string `json:"channelId"`
	GuildID   string `json:"guildId"`
}

// emojis are the signs of the reactions that have a name in Slack.
func emojis() map[string]string {
	return map[string]string{
		"+1": "👍", "heart": "❤️", "raised_hands": "🙌", "100": "💯", "wave": "👋", "tada": "🎉", "rocket": "🚀", "clap": "👏", "eyes": "👀",
		"pray": "🙏", "white_check_mark": "✅",
	}
}

// guildWriter gathers the messages of one Discord channel.
type guildWriter struct {
	w        *world
	log      *ledger
	ch       *channel
	id       string
	emojis   map[string]string
	messages []*discordMessage
}

func (w *world) writeDiscord(l *ledger) error {
	c := w.newCast(discord)
	plan := w.plan(discord, c)
	for i := range w.channels {
		ch := &w.channels[i]
		if ch.platform != discord {
			continue
		}
		g := &guildWriter{w: w, log: l, ch: ch, id: strconv.Itoa(1400000000000000100 + i), emojis: emojis()}
		if err := w.playAll(plan, c, discord, ch, func(t *thread) error { g.thread(t); return nil }); err != nil {
			return err
		}
		if ch.key == "general" {
			g.joins()
		}
		name := "Lumen - Community - " + ch.key + " [" + g.id + "].json"
		if err := l.out.create(name, g.write); err != nil {
			return err
		}
	}
	return nil
}

// thread adds the messages of a conversation. About half of the replies are tied to what they answer, the rest just follow.
func (g *guildWriter) thread(t *thread) {
	d := g.w.origin.stream("reference "+g.ch.key+" "+t.source, t.n)
	ids := make([]string, len(t.posts))
	loose := 0
	for i := range t.posts {
		p := &t.posts[i]
		a := p.author.accounts[discord]
		ids[i] = snowflake(p.at, t.id*32+i)
		m := &discordMessage{
			ID: ids[i], Type: "Default", at: p.at, Timestamp: p.at.Format(discordTime), Content: asMarkdown(p.body, ""), Author: discordAuthorOf(a),
			Attachments: []any{}, Embeds: []any{}, Stickers: []any{}, Reactions: []discordReaction{}, Mentions: []discordMention{},
		}
		switch {
		case i > 0 && d.chance(0.55):
			m.Type, m.Reference = "Reply", &discordReference{ids[p.parent], g.id, discordGuild}
			m.Mentions = append(m.Mentions, discordMentionOf(t.posts[p.parent].author.accounts[discord]))
		case p.mention != nil:
			to := p.mention.accounts[discord]
			m.Content = "@" + to.display + " " + m.Content
			m.Mentions = append(m.Mentions, discordMentionOf(to))
			loose++
		case i > 0:
			loose++
		}
		if !p.edited.IsZero() {
			edited := p.edited.Format(discordTime)
			m.TimestampEdited = &edited
		}
		for _, r := range p.reactions {
			x := discordReaction{Emoji: discordEmoji{Name: g.emojis[r.emoji], Code: r.emoji}, Count: len(r.by)}
			for _, by := range r.by {
				x.Users = append(x.Users, discordMentionOf(by.accounts[discord]))
				by.accounts[discord].listed = true
			}
			m.Reactions = append(m.Reactions, x)
		}
		g.log.reacted(p)
		g.messages = append(g.messages, m)
	}
	g.log.wrote(t, ids[0])
	g.log.sum.Conversations += loose
}

// joins adds the notes that somebody came to the server.
func (g *guildWriter) joins() {
	for _, p := range g.w.people {
		a := p.accounts[discord]
		if a == nil || p.kind != member || a.since.Before(g.w.start) {
			continue
		}
		at := a.since
		g.messages = append(g.messages, &discordMessage{
			ID: snowflake(at, p.id), Type: "GuildMemberJoin", at: at, Timestamp: at.Format(discordTime), Content: "Joined the server.", Author: discordAuthorOf(a),
			Attachments: []any{}, Embeds: []any{}, Stickers: []any{}, Reactions: []discordReaction{}, Mentions: []discordMention{},
		})
		a.listed = true
		g.log.sum.Other++
	}
}

// write streams the export: the head, each message, the count.
func (g *guildWriter) write(out io.Writer) error {
	slices.SortStableFunc(g.messages, func(a, b *discordMessage) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.ID, b.ID)) })
	head, err := json.Marshal(discordExport{
		Guild:      discordGuildInfo{discordGuild, "Lumen", ""},
		Channel:    discordChannelInfo{g.id, "GuildTextChat", "1400000000000000010", "Community", g.ch.key, g.ch.purpose},
		DateRange:  map[string]*string{"after": nil, "before": nil},
		ExportedAt: g.w.end.Format(discordTime),
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.Write(head[:len(head)-1])
	b.WriteString(",\"messages\":[")
	for i, m := range g.messages {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		line, err := json.Marshal(m)
		if err != nil {
			return err
		}
		b.Write(line)
		if _, err := b.WriteTo(out); err != nil {
			return err
		}
	}
	b.WriteString("\n],\"messageCount\":" + strconv.Itoa(len(g.messages)) + "}\n")
	_, err = b.WriteTo(out)
	return err
}

func discordAuthorOf(a *account) discordAuthor {
	x := discordAuthor{
		ID: a.id, Name: a.handle, Discriminator: "0000", Nickname: a.display, IsBot: a.owner.kind == bot, Roles: []discordRole{},
	}
	if a.owner.kind == staff {
		x.Roles = append(x.Roles, discordRole{"1400000000000000020", "Lumen Labs", "#2F6FED", 5})
	}
	return x
}

func discordMentionOf(a *account) discordMention {
	return discordMention{a.id, a.handle, "0000", a.display, a.owner.kind == bot}
}
