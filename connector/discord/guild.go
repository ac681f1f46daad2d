// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/discordwire"
	"greenroom/connector/internal/rest"
)

// session is what one read, or the inbox, knows of the server.
type session struct {
	*discordwire.Mapper
	s        *source
	app      wireApplication
	me       wireUser
	guild    wireGuild
	roles    map[string]wireRole
	mine     []string // the bot's roles
	channels []wireChannel
	byID     map[string]*wireChannel // threads, too, as far as they were met
	nicks    map[string]string       // of members who have one, by id: messages name people by their account
	whole    bool                    // all members were told: who is not among them has left
	archived archivedPage            // the last page of archived threads, kept while its threads are read
	facts    discordwire.Facts
}

// open asks who the bot is, and for the server's roles and channels.
func (s *source) open(ctx context.Context) (*session, error) {
	staff := map[string]bool{}
	for _, role := range s.set.List(optStaff) {
		staff[strings.ToLower(role)] = true
	}
	ss := &session{Mapper: discordwire.New(staff), s: s, roles: map[string]wireRole{}, byID: map[string]*wireChannel{}, nicks: map[string]string{}}
	ss.Names = map[string]string{}
	if _, err := s.client.Into(ctx, "/users/@me", nil, &ss.me); err != nil {
		return nil, err
	}
	if _, err := s.client.Into(ctx, "/applications/@me", nil, &ss.app); err != nil {
		return nil, err
	}
	guild, err := s.server(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := s.client.Into(ctx, "/guilds/"+guild, url.Values{"with_counts": {"true"}}, &ss.guild); err != nil {
		return nil, notThere(err, guild, ss.app.ID)
	}
	for _, r := range ss.guild.Roles {
		ss.roles[r.ID], ss.Names[r.ID] = r, strings.TrimPrefix(r.Name, "@")
	}
	var me wireMember
	if _, err := s.client.Into(ctx, "/guilds/"+guild+"/members/"+ss.me.ID, nil, &me); err != nil {
		return nil, err
	}
	ss.mine = me.Roles
	if _, err := s.client.Into(ctx, "/guilds/"+guild+"/channels", nil, &ss.channels); err != nil {
		return nil, err
	}
	slices.SortFunc(ss.channels, func(a, b wireChannel) int { return cmp.Compare(flake(a.ID), flake(b.ID)) })
	for i := range ss.channels {
		c := &ss.channels[i]
		ss.byID[c.ID], ss.Names[c.ID] = c, c.Name
	}
	return ss, nil
}

// server is the id of the server: the one that was entered, or the only one that the bot is in.
func (s *source) server(ctx context.Context) (string, error) {
	if id := s.set.Text(optServer); id != "" {
		if !discordwire.Digits(id) {
			return "", greenroom.Errorf(greenroom.CodeInvalid, "%q is not the id of a server; expected digits, such as 81384788765712384", id)
		}
		return id, nil
	}
	var all []wireGuild
	if _, err := s.client.Into(ctx, "/users/@me/guilds", nil, &all); err != nil {
		return "", err
	}
	switch len(all) {
	case 0:
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the bot is in no server of Discord; invite it to yours")
	case 1:
		return all[0].ID, nil
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name + " (" + all[i].ID + ")"
	}
	return "", greenroom.Errorf(greenroom.CodeInvalid, "the bot is in several servers of Discord; enter the id of one of them: %s", strings.Join(names, ", "))
}

// notThere says how to invite the bot, where Discord says that there is no such server.
func notThere(err error, guild, app string) error {
	if !rest.Gone(err) && !rest.Refused(err) {
		return err
	}
	return &greenroom.Error{
		Code: greenroom.CodeNotFound, Err: err,
		Message: "the bot is not in the Discord server " + guild + "; invite it by " + invitation(app),
	}
}

// invitation is the address at which somebody lets the bot into a server, with the permissions to view and to read.
func invitation(app string) string {
	return "https://discord.com/oauth2/authorize?client_id=" + app + "&scope=bot&permissions=" + strconv.Itoa(mayView|mayHistory)
}

// may works out the bot's permissions in a channel, as Discord does: those of all roles, then what the channel takes and
// gives to everyone, to roles, and to the bot.
func (ss *session) may(c *wireChannel) uint64 {
	number := func(text string) uint64 {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	all := number(ss.roles[ss.guild.ID].Permissions) // everyone's
	for _, id := range ss.mine {
		all |= number(ss.roles[id].Permissions)
	}
	if all&mayAdminister != 0 || ss.guild.OwnerID == ss.me.ID {
		return mayAll
	}
	var allow, deny uint64
	for _, o := range c.Overwrites {
		if o.ID == ss.guild.ID {
			all = all&^number(o.Deny) | number(o.Allow)
		}
	}
	for _, o := range c.Overwrites {
		if o.Type == 0 && slices.Contains(ss.mine, o.ID) {
			allow, deny = allow|number(o.Allow), deny|number(o.Deny)
		}
	}
	all = all&^deny | allow
	for _, o := range c.Overwrites {
		if o.Type == 1 && o.ID == ss.me.ID {
			all = all&^number(o.Deny) | number(o.Allow)
		}
	}
	return all
}

// readable reports whether the bot may read a channel.
func (ss *session) readable(c *wireChannel) bool {
	need := uint64(mayView | mayHistory)
	if c.Type == typeVoice || c.Type == typeStage {
		need |= mayConnect
	}
	return ss.may(c)&need == need
}

// wanted reports whether a channel is to be read, as far as the settings go.
func (ss *session) wanted(c *wireChannel) bool {
	if !c.talks() && !c.threads() {
		return false
	}
	chosen := ss.s.set.List(optChannels)
	return len(chosen) == 0 || slices.ContainsFunc(chosen, func(name string) bool {
		name = strings.TrimPrefix(name, "#")
		return name == c.ID || name == c.ParentID || strings.EqualFold(name, c.Name) || strings.EqualFold(name, ss.Names[c.ParentID])
	})
}

// place is a channel or thread as the mapper wants it; nil where it hangs under nothing that is known.
func (ss *session) place(c *wireChannel) *discordwire.Place {
	p := &discordwire.Place{Guild: ss.guild.ID, ID: c.ID}
	in := c
	if c.isThread() {
		if in = ss.byID[c.ParentID]; in == nil {
			return nil
		}
		p.Thread, p.Title = c.ID, c.Name
	}
	p.Channel = connector.Channel{ExternalID: in.ID, Name: cmp.Or(in.Name, in.ID), Threadless: true}
	p.Channel.URL = p.Address(in.ID)
	return p
}

// conversation says what a thread is called, and whether it is a forum's post with a tag that says it is solved. When the
// tag was given is not told: it was at the last message, or later.
func (ss *session) conversation(c *wireChannel, told time.Time, out *connector.Sink) {
	p := ss.place(c)
	if p == nil || p.Thread == "" {
		return
	}
	v := connector.Conversation{Thread: p.Thread, Title: c.Name, URL: p.Address(c.ID), UpdatedAt: told}
	for _, tag := range ss.byID[c.ParentID].Available {
		if slices.Contains(c.Applied, tag.ID) && slices.ContainsFunc(ss.s.set.List(optSolved), func(name string) bool { return strings.EqualFold(name, tag.Name) }) {
			v.State, v.ResolvedAt = greenroom.StateResolved, made(cmp.Or(c.Last, c.ID))
		}
	}
	out.Conversation(v)
}

// meet tells somebody by what the server knows of them: nickname, roles, and when they joined. Who has left, and what
// posts by a webhook, is told by the account alone.
func (ss *session) meet(ctx context.Context, u *wireUser, m *wireMember, webhook bool, out *connector.Sink) error {
	if u == nil || u.ID == "" || ss.Knows(u.ID) {
		return nil
	}
	if m == nil && !webhook && !ss.whole && !u.System {
		var got wireMember
		_, err := ss.s.client.Into(ctx, "/guilds/"+ss.guild.ID+"/members/"+u.ID, nil, &got)
		switch {
		case err == nil:
			m = &got
		case !rest.Gone(err) && !rest.Refused(err):
			return err
		}
	}
	ss.tell(u, m, webhook, nil, out)
	return nil
}

// tell passes on an account. The raw payload, where there is none of the account's own, is that of the message.
func (ss *session) tell(u *wireUser, m *wireMember, webhook bool, raw []byte, out *connector.Sink) {
	if m != nil && m.Nick != "" {
		ss.nicks[u.ID] = m.Nick
	} else {
		delete(ss.nicks, u.ID)
	}
	var f discordwire.Facts
	ss.Person(ss.person(u, m, webhook), true, &f)
	for _, id := range f.Identities {
		if m != nil && !m.JoinedAt.IsZero() {
			id.JoinedAt = m.JoinedAt.UTC()
		}
		if raw != nil {
			id.Raw = out.Raw(raw)
		}
		out.Identity(id)
	}
}

// person brings an account into the form that exports have.
func (ss *session) person(u *wireUser, m *wireMember, webhook bool) *discordwire.Person {
	p := &discordwire.Person{
		ID: u.ID, Name: u.Username, Discriminator: u.Discriminator, Nickname: cmp.Or(u.GlobalName, u.Username), IsBot: u.Bot || u.System || webhook,
	}
	if u.Avatar != "" {
		p.AvatarURL = "https://cdn.discordapp.com/avatars/" + u.ID + "/" + u.Avatar + ".png"
	}
	if strings.HasPrefix(u.Username, "deleted_user_") {
		p.Name, p.Nickname = discordwire.DeletedUser, ""
	}
	if m == nil {
		return p
	}
	p.Nickname = cmp.Or(m.Nick, p.Nickname)
	if m.Avatar != "" {
		p.AvatarURL = "https://cdn.discordapp.com/guilds/" + ss.guild.ID + "/users/" + u.ID + "/avatars/" + m.Avatar + ".png"
	}
	for _, id := range m.Roles {
		if r, ok := ss.roles[id]; ok {
			p.Roles = append(p.Roles, discordwire.Role{Name: r.Name})
		}
	}
	return p
}

// message brings a message into the form that exports have. Reactions are filled in by who reads them.
func (ss *session) message(w *wireMessage) *discordwire.Message {
	m := &discordwire.Message{
		ID: w.ID, Type: []byte(strconv.Itoa(w.Type)), Timestamp: w.Timestamp, Edited: w.Edited, Content: w.Content, Embeds: w.Embeds,
	}
	if w.Author != nil {
		m.Author = ss.person(w.Author, w.Member, w.Webhook != "")
	}
	for i := range w.Mentions {
		p := ss.person(&w.Mentions[i], w.Mentions[i].Member, false)
		p.Nickname = cmp.Or(ss.nicks[p.ID], p.Nickname)
		m.Mentions = append(m.Mentions, *p)
	}
	for _, f := range w.Attachments {
		m.Attachments = append(m.Attachments, discordwire.Attachment{FileName: f.Name})
	}
	for _, st := range w.Stickers {
		m.Stickers = append(m.Stickers, discordwire.Sticker{Name: st.Name})
	}
	if r := w.Reference; r != nil && r.Type == 0 {
		m.Reference = &discordwire.Reference{MessageID: r.MessageID, ChannelID: r.ChannelID}
	}
	if len(w.Snapshots) > 0 {
		m.Forwarded = &discordwire.Forwarded{Content: w.Snapshots[0].Message.Content}
		for _, f := range w.Snapshots[0].Message.Attachments {
			m.Forwarded.Attachments = append(m.Forwarded.Attachments, discordwire.Attachment{FileName: f.Name})
		}
	}
	if w.Thread != nil { // the message changed when the thread was hung on it
		m.Thread = true
		created, err := time.Parse(time.RFC3339, w.Thread.Thread.CreatedAt)
		if edited, bad := time.Parse(time.RFC3339, w.Edited); err == nil && (bad != nil || created.After(edited)) {
			m.Edited = w.Thread.Thread.CreatedAt
		}
	}
	return m
}
