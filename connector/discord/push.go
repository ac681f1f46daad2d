// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord

import (
	"context"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/discordwire"
	"greenroom/connector/internal/rest"
)

// frame is what the gateway sends, and what a delivery's body is.
type frame struct {
	Op   int            `json:"op"`
	Seq  int64          `json:"s"`
	Type string         `json:"t"`
	Data jsontext.Value `json:"d"`
}

// Verify refuses everything: Discord delivers by the gateway alone, over a connection that this server opens.
func (s *source) Verify(*connector.Delivery) (connector.Reply, error) {
	return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "Discord delivers events by its gateway alone; this address takes none")
}

// Receive turns an event of the gateway into facts.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	var f frame
	if err := rest.Unmarshal(d.Body, &f); err != nil {
		reject(out, "event", 0, d.Body, err, "an event of Discord's gateway")
		return nil
	}
	var e event
	if err := rest.Unmarshal(f.Data, &e); err != nil {
		reject(out, "event "+f.Type, 0, d.Body, err, "an event of Discord's gateway")
		return nil
	}
	if s.inbox == nil {
		ss, err := s.open(ctx)
		if err != nil {
			return err
		}
		s.inbox = ss
	}
	if e.GuildID != s.inbox.guild.ID {
		out.LeftOut("events of other servers", 1)
		return nil
	}
	at := d.ReceivedAt.UTC()
	if d.ReceivedAt.IsZero() {
		at = s.env.Now()
	}
	return s.inbox.event(ctx, &f, &e, at, out)
}

// event is what the wanted events have, apart from messages, channels and members.
type event struct {
	GuildID   string            `json:"guild_id"`
	ID        string            `json:"id"`
	IDs       []string          `json:"ids"`
	ChannelID string            `json:"channel_id"`
	MessageID string            `json:"message_id"`
	UserID    string            `json:"user_id"`
	User      *wireUser         `json:"user"`
	Member    *wireMember       `json:"member"`
	Emoji     discordwire.Emoji `json:"emoji"`
}

// wantedEvents are those that a stream delivers. Discord sends others, such as the state of the whole server when a
// connection begins, which have nothing to be kept.
var wantedEvents = map[string]bool{
	"MESSAGE_CREATE": true, "MESSAGE_UPDATE": true, "MESSAGE_DELETE": true, "MESSAGE_DELETE_BULK": true,
	"MESSAGE_REACTION_ADD": true, "MESSAGE_REACTION_REMOVE": true, "MESSAGE_REACTION_REMOVE_ALL": true, "MESSAGE_REACTION_REMOVE_EMOJI": true,
	"GUILD_MEMBER_ADD": true, "GUILD_MEMBER_UPDATE": true, "GUILD_MEMBER_REMOVE": true,
	"THREAD_CREATE": true, "THREAD_UPDATE": true, "CHANNEL_CREATE": true, "CHANNEL_UPDATE": true,
}

func (ss *session) event(ctx context.Context, f *frame, e *event, at time.Time, out *connector.Sink) error {
	switch f.Type {
	case "MESSAGE_CREATE", "MESSAGE_UPDATE":
		return ss.written(ctx, f, out)
	case "MESSAGE_DELETE":
		return ss.deleted(ctx, e, []string{e.ID}, at, out)
	case "MESSAGE_DELETE_BULK":
		return ss.deleted(ctx, e, e.IDs, at, out)
	case "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE":
		return ss.reacted(ctx, f, e, at, out)
	case "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE":
		var m wireMember
		if rest.Unmarshal(f.Data, &m) != nil || m.User == nil || m.User.ID == "" {
			reject(out, "event "+f.Type, 0, f.Data, nil, "a member with a user and roles")
			return nil //nolint:nilerr // it is listed
		}
		ss.Forget(m.User.ID)
		ss.tell(m.User, &m, false, f.Data, out)
	case "GUILD_MEMBER_REMOVE":
		ss.left(f, e, at, out)
	case "THREAD_CREATE", "THREAD_UPDATE", "CHANNEL_CREATE", "CHANNEL_UPDATE":
		ss.changed(f, at, out)
	default: // with all reactions taken away, Discord does not say whose they were
		out.LeftOut("event "+f.Type, 1)
	}
	return nil
}

// at finds the place of an event, nil where it is not read. A thread that was not met yet is asked for.
func (ss *session) at(ctx context.Context, id string) (*discordwire.Place, error) {
	c := ss.byID[id]
	if c == nil && discordwire.Digits(id) {
		c = &wireChannel{}
		_, err := ss.s.client.Into(ctx, "/channels/"+id, nil, c)
		switch {
		case rest.Gone(err), rest.Refused(err): // it is not asked for again
			c = &wireChannel{Type: typeCategory}
		case err != nil:
			return nil, err
		}
		c.ID = id
		ss.byID[id] = c
	}
	if c == nil || !ss.covers(c) {
		return nil, nil //nolint:nilnil // nothing is what is said here
	}
	return ss.place(c), nil
}

// covers reports whether a channel, or the one that a thread hangs under, is read.
func (ss *session) covers(c *wireChannel) bool {
	if c.isThread() {
		if c = ss.byID[c.ParentID]; c == nil {
			return false
		}
	}
	return ss.wanted(c)
}

const elsewhere = "messages of channels that are not read"

// written passes on a message that was written or edited. Its reactions come as events of their own.
func (ss *session) written(ctx context.Context, f *frame, out *connector.Sink) error {
	var w wireMessage
	if err := rest.Unmarshal(f.Data, &w); err != nil || flake(w.ID) == 0 {
		reject(out, "event "+f.Type, 0, f.Data, err, "a message with id, type, timestamp and author")
		return nil
	}
	if w.Author == nil || w.Timestamp == "" {
		out.LeftOut("updates of previews", 1)
		return nil
	}
	p, err := ss.at(ctx, w.ChannelID)
	if err != nil {
		return err
	}
	if p == nil {
		out.LeftOut(elsewhere, 1)
		return nil
	}
	out.Channel(p.Channel)
	return ss.post(ctx, p, &w, f.Data, "event "+f.Type, 0, false, out)
}

func (ss *session) deleted(ctx context.Context, e *event, ids []string, at time.Time, out *connector.Sink) error {
	p, err := ss.at(ctx, e.ChannelID)
	if err != nil {
		return err
	}
	if p == nil {
		out.LeftOut(elsewhere, len(ids))
		return nil
	}
	for _, id := range ids {
		if flake(id) > 0 {
			out.Activity(connector.Activity{ExternalID: id, Deleted: true, EditedAt: at})
		}
	}
	return nil
}

// reacted passes on a reaction that was added or taken away. Discord does not say when: it is told as it happens. Where
// reactions are read as counts, events would count them twice.
func (ss *session) reacted(ctx context.Context, f *frame, e *event, at time.Time, out *connector.Sink) error {
	if !ss.s.set.On(optReactions) {
		out.LeftOut("reactions, which come as counts (option "+optReactions+")", 1)
		return nil
	}
	p, err := ss.at(ctx, e.ChannelID)
	if err != nil {
		return err
	}
	switch {
	case p == nil:
		out.LeftOut("reactions in channels that are not read", 1)
		return nil
	case flake(e.MessageID) == 0 || flake(e.UserID) == 0 || e.Emoji.ID == "" && e.Emoji.Name == "":
		reject(out, "event "+f.Type, 0, f.Data, nil, "a reaction with user_id, message_id and emoji")
		return nil
	}
	a := ss.Reaction(p, e.MessageID, &e.Emoji, e.UserID, at)
	if f.Type == "MESSAGE_REACTION_REMOVE" {
		out.Activity(connector.Activity{ExternalID: a.ExternalID, Deleted: true, EditedAt: at})
		return nil
	}
	if e.Member != nil && e.Member.User != nil {
		ss.tell(e.Member.User, e.Member, false, nil, out)
	}
	out.Channel(p.Channel)
	out.Identity(connector.Identity{ExternalID: e.UserID})
	a.Raw = out.Raw(f.Data)
	out.Activity(a)
	return nil
}

// left tells that somebody left the server, which only the gateway says, and without the time. Told twice on one day, it
// is one leave.
func (ss *session) left(f *frame, e *event, at time.Time, out *connector.Sink) {
	if e.User == nil || e.User.ID == "" {
		reject(out, "event "+f.Type, 0, f.Data, nil, "a user with id")
		return
	}
	out.Identity(connector.Identity{ExternalID: e.User.ID, Handle: e.User.Username})
	out.Activity(connector.Activity{
		ExternalID: "leave:" + e.User.ID + ":" + at.Format(time.DateOnly), Kind: greenroom.KindLeave, Author: e.User.ID, OccurredAt: at, Raw: out.Raw(f.Data),
	})
}

// changed passes on a channel or thread that was made or changed.
func (ss *session) changed(f *frame, at time.Time, out *connector.Sink) {
	var c wireChannel
	if err := rest.Unmarshal(f.Data, &c); err != nil || flake(c.ID) == 0 {
		reject(out, "event "+f.Type, 0, f.Data, err, "a channel with id, type and name")
		return
	}
	ss.byID[c.ID], ss.Names[c.ID] = &c, c.Name
	if !ss.covers(&c) {
		out.LeftOut("event "+f.Type+" of a channel that is not read", 1)
		return
	}
	out.Channel(ss.place(&c).Channel)
	ss.conversation(&c, at, out)
}
