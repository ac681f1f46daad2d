// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Mapper turns messages into facts.
type Mapper struct {
	Survey     *Survey
	List       string // the name of the one channel, where the user gave it
	MessageURL string // with {id} for the message's id; "" = none
}

// Mail is a message as facts.
type Mail struct {
	Channel  connector.Channel
	Author   connector.Identity // without an external id where nobody is named
	Activity connector.Activity
}

// Message is one message on its way to facts.
type Message struct {
	Header  Header
	Body    []byte
	Ordinal int32             // as the survey saw it
	Noted   func() time.Time  // when the archive or the server noted it; nil = not told
	Usual   List              // the list of most messages around it
	Place   connector.Channel // where it is found, for messages of no list
}

// Facts gives the facts of a message. reason says why there are none; double that an earlier one has its id.
func (m *Mapper) Facts(msg *Message) (out Mail, double bool, reason string) {
	h, body := msg.Header, msg.Body
	id, refs := identify(h, body)
	thread, double := m.Survey.threads.of(msg.Ordinal, id, refs)
	if double {
		return out, true, ""
	}
	if len(h) == 0 {
		return out, false, "the message has no header"
	}
	at, ok := messageTime(h, msg.Noted)
	if !ok {
		return out, false, "the message has no date that can be read"
	}
	out.Channel = m.channel(h.List(), msg)
	out.Activity = connector.Activity{
		ExternalID: id, Kind: greenroom.KindReply, Channel: out.Channel.ExternalID, OccurredAt: at, Thread: thread,
		Title: h.text("subject"), Body: bodyText(h, body), URL: m.address(id, h),
	}
	switch {
	case thread == id:
		out.Activity.Kind = greenroom.KindMessage
	case len(refs) > 0:
		out.Activity.ReplyTo = refs[len(refs)-1]
	default:
		out.Activity.ReplyTo = thread // by its subject
	}
	out.Author = m.identity(m.Survey.reveal(author(h)))
	out.Activity.Author = out.Author.ExternalID
	return out, false, ""
}

func (m *Mapper) identity(from mailbox) connector.Identity {
	if from.id == "" {
		return connector.Identity{}
	}
	id := connector.Identity{ExternalID: from.id, Name: from.name, Bot: isRobot(from)}
	if name := m.Survey.names[from.id]; name != "" {
		id.Name = name
	}
	if from.email != "" {
		id.Emails = []greenroom.Email{{Address: from.email}}
	}
	return id
}

// isRobot knows the addresses of programs that write to lists.
func isRobot(from mailbox) bool {
	local, _, _ := strings.Cut(from.email, "@")
	switch local {
	case "mailer-daemon", "noreply", "no-reply", "donotreply", "do-not-reply", "notifications", "jenkins", "buildbot", "bugzilla-daemon", "bugzilla",
		"jira", "git", "hudson", "nobody", "www-data", "gitbot":
		return true
	}
	return strings.HasSuffix(local, "-bot") || strings.HasSuffix(local, "-noreply") || strings.HasSuffix(strings.ToLower(from.name), "[bot]")
}

// channel is the list that a message is on: the one the user named, the one the message names, the one that most around
// it name, or the place where it is found.
func (m *Mapper) channel(l List, msg *Message) connector.Channel {
	if m.List != "" {
		return connector.Channel{ExternalID: "list", Name: m.List}
	}
	if l.ID == "" {
		l = msg.Usual
	}
	if l.ID != "" {
		return connector.Channel{ExternalID: "list:" + l.ID, Name: l.Name}
	}
	return msg.Place
}

// address is where a message can be seen.
func (m *Mapper) address(id string, h Header) string {
	if m.MessageURL != "" {
		return strings.ReplaceAll(m.MessageURL, "{id}", url.PathEscape(id))
	}
	return WebAddress(strings.Trim(strings.TrimSpace(h.Get("archived-at")), "<>"))
}

// WebAddress returns s if it is a whole web address, else "".
func WebAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || ValidText(s) != s {
		return ""
	}
	return s
}

// messageTime is when a message was sent: its Date, else what the archive or the last server noted.
func messageTime(h Header, noted func() time.Time) (time.Time, bool) {
	if v := h.Get("date"); v != "" {
		if t, ok := parseDate(v); ok {
			return t, true
		}
	}
	if noted != nil {
		if t := noted(); !t.IsZero() {
			return t, true
		}
	}
	v := h.Get("received")
	if i := strings.LastIndexByte(v, ';'); i >= 0 {
		return parseDate(v[i+1:])
	}
	return time.Time{}, false
}

// author is who wrote a message. Where a list has put its own address into From ("Ada via Users"), the author's stands
// in another field.
func author(h Header) mailbox {
	from := parseMailbox(h.Get("from"))
	if from.id == "" {
		from = parseMailbox(h.Get("sender"))
	}
	post := strings.Trim(strings.TrimSpace(h.Get("list-post")), "<>")
	if from.email == "" || post == "" || !strings.EqualFold(strings.TrimPrefix(post, "mailto:"), from.email) {
		return from
	}
	name := from.name
	if i := strings.LastIndex(strings.ToLower(name), " via "); i > 0 {
		name = strings.Trim(name[:i], " '\"")
	}
	for _, field := range []string{"x-original-from", "x-google-original-from", "reply-to"} {
		real := parseMailbox(h.Get(field))
		if real.id != "" && real.email != from.email {
			if real.name == "" {
				real.name = name
			}
			return real
		}
	}
	// Nobody's own address is known: the name tells people apart.
	return mailbox{id: strings.ToLower(name + " <" + from.email + ">"), name: name}
}
