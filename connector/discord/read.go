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

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/discordwire"
	"greenroom/connector/internal/jsonfile"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// memberRhythm is how often the list of members is read: Discord cannot say what changed in it.
const memberRhythm = 24 * time.Hour

// Read goes through the members, the channels, the active threads and the archived ones.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	ss, err := s.open(ctx)
	if err != nil {
		return err
	}
	if ss.app.Flags&flagContent == 0 {
		s.env.Meter.Warn("The bot's Message Content Intent is turned off, so Discord gives messages without their text. Turn it on, on the page Bot of the developer portal.")
	}
	var sections []walk.Section
	switch {
	case !s.set.On(optMembers):
	case ss.app.Flags&flagMembers == 0:
		s.env.Meter.Warn("The bot's Server Members Intent is turned off, so the list of members does not come in. Turn it on, on the page Bot of the developer portal.")
	default:
		sections = append(sections, ss.memberSection(out))
	}
	for i := range ss.channels {
		if c := &ss.channels[i]; c.talks() && ss.wanted(c) && ss.readable(c) {
			sections = append(sections, ss.channelSection(c, out))
		}
	}
	sections = append(sections, ss.activeSection(out))
	for i := range ss.channels {
		c := &ss.channels[i]
		if !c.threads() || !ss.wanted(c) || !ss.readable(c) {
			continue
		}
		sections = append(sections, ss.archivedSection(c, "public", out))
		if c.Type == typeText && ss.may(c)&mayThreads != 0 {
			sections = append(sections, ss.archivedSection(c, "private", out))
		}
	}
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

// memberSection tells the members, once a day.
func (ss *session) memberSection(out *connector.Sink) walk.Section {
	first := false
	return walk.Section{Name: "members", Read: func(ctx context.Context, at *walk.At) (string, error) {
		if at.Page == "" && !at.Since.IsZero() && ss.s.env.Now().Sub(at.Since.Add(walk.Overlap)) < memberRhythm {
			at.Leave(at.Mark)
			return "", nil
		}
		first = first || at.Page == ""
		q := url.Values{"limit": {strconv.Itoa(pageMembers)}}
		if at.Page != "" {
			q.Set("after", at.Page)
		}
		var list []jsontext.Value
		if _, err := ss.s.client.Into(ctx, "/guilds/"+ss.guild.ID+"/members", q, &list); err != nil {
			return "", err
		}
		next := ""
		for i, raw := range list {
			out.Read(1)
			var m wireMember
			if err := rest.Unmarshal(raw, &m); err != nil || m.User == nil || m.User.ID == "" {
				reject(out, "members", i, raw, err, "a member with a user and roles")
				continue
			}
			next = m.User.ID
			ss.Forget(next)
			ss.tell(m.User, &m, false, raw, out)
		}
		if len(list) < pageMembers {
			next = ""
		}
		ss.whole = first && next == ""
		return next, nil
	}}
}

// since is the id from which on a channel or thread is read that was never read before.
func (s *source) since() uint64 { return flakeAt(s.set.Since(optSince)) }

// window is how far back a read goes over what is known, to find edits and reactions.
func (s *source) window() time.Duration {
	return time.Duration(max(0, s.set.Number(optWindow)) * 24 * float64(time.Hour))
}

// channelSection reads the messages of a channel from the oldest to the newest.
func (ss *session) channelSection(c *wireChannel, out *connector.Sink) walk.Section {
	return walk.Section{Name: "channel/" + c.ID, Title: "#" + c.Name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		after, newest := flake(at.Page), max(flake(at.Mark), flake(at.Left()))
		if at.Page == "" {
			after = ss.s.since()
			if at.Mark != "" {
				after = max(after, min(flake(at.Mark), flakeAt(ss.s.env.Now().Add(-ss.s.window()))))
			}
		}
		p := ss.place(c)
		out.Channel(p.Channel)
		next, last, err := ss.page(ctx, p, after, c.Last, out)
		if rest.Gone(err) || rest.Refused(err) {
			ss.s.env.Meter.Warn("#" + c.Name + " cannot be read: " + greenroom.ErrorMessage(err) + ".")
			at.Leave(cmp.Or(at.Mark, "0"))
			return "", nil
		}
		if err != nil {
			return "", err
		}
		at.Leave(strconv.FormatUint(max(newest, last), 10))
		return next, nil
	}}
}

// page tells the messages of a channel or thread that follow an id, and returns the id that the next page follows, ""
// at the end, and that of the newest message.
func (ss *session) page(ctx context.Context, p *discordwire.Place, after uint64, newest string, out *connector.Sink) (next string, last uint64, _ error) {
	if newest == "" || flake(newest) <= after { // nothing is newer
		return "", after, nil
	}
	q := url.Values{"limit": {strconv.Itoa(pageMessages)}, "after": {strconv.FormatUint(after, 10)}}
	var list []jsontext.Value
	if _, err := ss.s.client.Into(ctx, "/channels/"+p.ID+"/messages", q, &list); err != nil {
		return "", 0, err
	}
	file := "#" + cmp.Or(p.Title, p.Channel.Name)
	last = after
	for i, raw := range slices.Backward(list) { // the newest stands first
		out.Read(1)
		var w wireMessage
		if err := rest.Unmarshal(raw, &w); err != nil || flake(w.ID) == 0 {
			reject(out, file, i, raw, err, "a message with id, type, timestamp and author")
			continue
		}
		last = max(last, flake(w.ID))
		if err := ss.post(ctx, p, &w, raw, file, i, true, out); err != nil {
			return "", 0, err
		}
	}
	if len(list) < pageMessages || last >= flake(newest) || last == after {
		return "", last, nil
	}
	return strconv.FormatUint(last, 10), last, nil
}

// post tells a message, who wrote it and whom it mentions, and, where they are asked for, who reacted.
func (ss *session) post(ctx context.Context, p *discordwire.Place, w *wireMessage, raw []byte, file string, i int, reactions bool, out *connector.Sink) error {
	if err := ss.meet(ctx, w.Author, w.Member, w.Webhook != "", out); err != nil {
		return err
	}
	for j := range w.Mentions {
		if err := ss.meet(ctx, &w.Mentions[j], w.Mentions[j].Member, false, out); err != nil {
			return err
		}
	}
	m := ss.message(w)
	if reactions {
		for j := range w.Reactions {
			r, err := ss.reaction(ctx, w, &w.Reactions[j])
			if err != nil {
				return err
			}
			m.Reactions = append(m.Reactions, r)
		}
	}
	ss.facts.Reset()
	if err := ss.Message(m, p, &ss.facts); err != nil {
		reject(out, file, i, raw, err, "a message with id, type, timestamp and author")
		return nil
	}
	ss.facts.Push(raw, out)
	return nil
}

// reaction is what people reacted with to a message. Discord lists people of usual reactions and of super reactions apart.
func (ss *session) reaction(ctx context.Context, w *wireMessage, r *wireReaction) (discordwire.Reaction, error) {
	all := discordwire.Reaction{Emoji: r.Emoji, Count: r.Count}
	if !ss.s.set.On(optReactions) {
		return all, nil
	}
	emoji := r.Emoji.Name
	if r.Emoji.ID != "" {
		emoji = cmp.Or(emoji, "_") + ":" + r.Emoji.ID
	}
	path := "/channels/" + w.ChannelID + "/messages/" + w.ID + "/reactions/" + url.PathEscape(emoji)
	kinds := []string{""} // the usual ones
	switch {
	case r.Details.Burst > 0 && r.Details.Normal > 0:
		kinds = []string{"", "1"}
	case r.Details.Burst > 0:
		kinds = []string{"1"}
	}
	for _, kind := range kinds {
		for after := ""; ; {
			q := url.Values{"limit": {strconv.Itoa(pageReactions)}}
			if kind != "" {
				q.Set("type", kind)
			}
			if after != "" {
				q.Set("after", after)
			}
			var some []wireUser
			_, err := ss.s.client.Into(ctx, path, q, &some)
			if rest.Gone(err) || rest.Refused(err) { // taken away meanwhile: the count is told without names
				return all, nil
			}
			if err != nil {
				return all, err
			}
			for j := range some {
				one := ss.person(&some[j], nil, false)
				one.Nickname = "" // the name on the server is told by the list of members
				all.Users = append(all.Users, *one)
			}
			if len(some) < pageReactions {
				break
			}
			after = some[len(some)-1].ID
		}
	}
	return all, nil
}

// spot is a place in the threads of a channel: the page of archived threads, the thread, and the message behind which
// reading goes on.
type spot struct{ before, thread, after string }

func parseSpot(page string) spot {
	parts := append(strings.SplitN(page, "|", 3), "", "", "")
	return spot{parts[0], parts[1], parts[2]}
}

func (p spot) String() string { return p.before + "|" + p.thread + "|" + p.after }

// activeSection reads the threads of all channels that are not archived.
func (ss *session) activeSection(out *connector.Sink) walk.Section {
	var list []wireChannel
	asked := false
	return walk.Section{Name: "active", Title: "active threads", Read: func(ctx context.Context, at *walk.At) (string, error) {
		if !asked {
			var page struct {
				Threads []wireChannel `json:"threads"`
			}
			if _, err := ss.s.client.Into(ctx, "/guilds/"+ss.guild.ID+"/threads/active", nil, &page); err != nil {
				return "", err
			}
			list, asked = ss.under(page.Threads, ""), true
		}
		sp := parseSpot(at.Page)
		i := max(0, slices.IndexFunc(list, func(c wireChannel) bool { return flake(c.ID) >= flake(sp.thread) }))
		return ss.threads(ctx, list[i:], sp, at, out)
	}}
}

// under keeps those threads that hang under a channel which is read, in the order of their ids; parent "" = under any.
func (ss *session) under(list []wireChannel, parent string) []wireChannel {
	var all []wireChannel
	for i := range list {
		c := &list[i]
		in := ss.byID[c.ParentID]
		if in == nil || parent != "" && in.ID != parent || parent == "" && (!ss.wanted(in) || !ss.readable(in)) {
			continue
		}
		ss.Names[c.ID] = c.Name
		all = append(all, *c)
	}
	if parent == "" {
		slices.SortFunc(all, func(a, b wireChannel) int { return cmp.Compare(flake(a.ID), flake(b.ID)) })
	}
	return all
}

// threads tells one page of the first thread in a list that has something new, and returns the spot that follows; "" where
// the list ends.
func (ss *session) threads(ctx context.Context, list []wireChannel, sp spot, at *walk.At, out *connector.Sink) (string, error) {
	from := ss.s.since()
	if !at.Since.IsZero() {
		from = max(from, flakeAt(at.Since.Add(-ss.s.window())))
	}
	for i := range list {
		c := &list[i]
		after := from
		if sp.after != "" && sp.thread == c.ID {
			after = flake(sp.after)
		}
		p := ss.place(c)
		if flake(c.Last) <= after && after > 0 {
			continue
		}
		out.Channel(p.Channel)
		ss.conversation(c, ss.s.env.Now(), out)
		next, _, err := ss.page(ctx, p, after, c.Last, out)
		switch {
		case rest.Gone(err), rest.Refused(err): // deleted meanwhile, or a private one
		case err != nil:
			return "", err
		case next != "":
			return spot{sp.before, c.ID, next}.String(), nil
		}
		if i+1 < len(list) {
			return spot{sp.before, list[i+1].ID, ""}.String(), nil
		}
	}
	return "", nil
}

// archivedPage is one page of the archived threads of a channel.
type archivedPage struct {
	key  string
	list []wireChannel
	next string // the time before which the next page's threads were archived; "" at the end
}

// archivedSection reads the archived threads of a channel, those first that were archived last: the next read ends at the
// first one that was archived before the last read, because whoever writes in an archived thread makes it active again.
func (ss *session) archivedSection(c *wireChannel, kind string, out *connector.Sink) walk.Section {
	name := "archived/" + kind + "/" + c.ID
	return walk.Section{Name: name, Title: "#" + c.Name + ": archived threads", Read: func(ctx context.Context, at *walk.At) (string, error) {
		sp := parseSpot(at.Page)
		page, err := ss.archivedThreads(ctx, c, kind, sp.before)
		if rest.Gone(err) || rest.Refused(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		list, next := page.list, page.next
		if old := slices.IndexFunc(list, func(t wireChannel) bool { return archivedAt(&t).Before(at.Since) }); old >= 0 && !at.Since.IsZero() {
			list, next = list[:old], ""
		}
		i := max(0, slices.IndexFunc(list, func(t wireChannel) bool { return t.ID == sp.thread }))
		following, err := ss.threads(ctx, list[i:], sp, at, out)
		if err != nil || following != "" || next == "" {
			return following, err
		}
		return spot{before: next}.String(), nil
	}}
}

func archivedAt(c *wireChannel) time.Time {
	at, err := time.Parse(time.RFC3339, c.Thread.ArchivedAt)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (ss *session) archivedThreads(ctx context.Context, c *wireChannel, kind, before string) (*archivedPage, error) {
	key := kind + c.ID + before
	if ss.archived.key == key {
		return &ss.archived, nil
	}
	q := url.Values{"limit": {strconv.Itoa(pageThreads)}}
	if before != "" {
		q.Set("before", before)
	}
	var page struct {
		Threads []wireChannel `json:"threads"`
		More    bool          `json:"has_more"`
	}
	if _, err := ss.s.client.Into(ctx, "/channels/"+c.ID+"/threads/archived/"+kind, q, &page); err != nil {
		return nil, err
	}
	ss.archived = archivedPage{key: key, list: ss.under(page.Threads, c.ID)}
	if n := len(page.Threads); page.More && n > 0 && page.Threads[n-1].Thread.ArchivedAt != before {
		ss.archived.next = page.Threads[n-1].Thread.ArchivedAt
	}
	return &ss.archived, nil
}

func reject(out *connector.Sink, file string, i int, raw []byte, err error, expected string) {
	reason := "the id is missing"
	if err != nil {
		reason = jsonfile.Reason(err)
	}
	out.Reject(greenroom.Reject{File: file, Line: int64(i) + 1, Reason: reason, Expected: expected, Excerpt: string(raw)})
}
