// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// mapper turns messages into facts.
type mapper struct {
	survey     *survey
	list       string // the name of the one channel, where the user gave it
	messageURL string
}

// mail is a message as facts.
type mail struct {
	channel  connector.Channel
	author   connector.Identity // without an external id where nobody is named
	activity connector.Activity
}

// message gives the facts of a message. reason says why there are none.
func (m *mapper) message(msg *message, h header, body []byte, ordinal int32, fileNo int, f *file) (out mail, double bool, reason string) {
	id, refs := identify(h, body)
	thread, double := m.survey.threads.of(ordinal, id, refs)
	if double {
		return out, true, ""
	}
	if len(h) == 0 {
		return out, false, "the message has no header"
	}
	at, ok := messageTime(h, msg.from)
	if !ok {
		return out, false, "the message has no date that can be read"
	}
	out.channel = m.channel(messageList(h), fileNo, f)
	out.activity = connector.Activity{
		ExternalID: id, Kind: greenroom.KindReply, Channel: out.channel.ExternalID, OccurredAt: at, Thread: thread,
		Title: h.text("subject"), Body: bodyText(h, body), URL: m.address(id, h),
	}
	switch {
	case thread == id:
		out.activity.Kind = greenroom.KindMessage
	case len(refs) > 0:
		out.activity.ReplyTo = refs[len(refs)-1]
	default:
		out.activity.ReplyTo = thread // by its subject
	}
	out.author = m.identity(m.survey.reveal(author(h)))
	out.activity.Author = out.author.ExternalID
	return out, false, ""
}

func (m *mapper) identity(from mailbox) connector.Identity {
	if from.id == "" {
		return connector.Identity{}
	}
	id := connector.Identity{ExternalID: from.id, Name: from.name, Bot: isRobot(from)}
	if name := m.survey.names[from.id]; name != "" {
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

// channel is the list that a message is on: the one the user named, the one the message names, the one most of its file
// names, or the file itself.
func (m *mapper) channel(l listID, fileNo int, f *file) connector.Channel {
	if m.list != "" {
		return connector.Channel{ExternalID: "list", Name: m.list}
	}
	if l.id == "" {
		l = m.survey.lists[fileNo]
	}
	if l.id != "" {
		return connector.Channel{ExternalID: "list:" + l.id, Name: l.name}
	}
	name := validText(listName(f.path))
	return connector.Channel{ExternalID: "file:" + name, Name: name}
}

// address is where a message can be seen.
func (m *mapper) address(id string, h header) string {
	if m.messageURL != "" {
		return strings.ReplaceAll(m.messageURL, "{id}", url.PathEscape(id))
	}
	return absoluteURL(strings.Trim(strings.TrimSpace(h.get("archived-at")), "<>"))
}

// absoluteURL returns s if it is a whole web address, else "".
func absoluteURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || validText(s) != s {
		return ""
	}
	return s
}

// messageTime is when a message was sent: its Date, else what the archive or the last server noted.
func messageTime(h header, from []byte) (time.Time, bool) {
	if v := h.get("date"); v != "" {
		if t, ok := parseDate(v); ok {
			return t, true
		}
	}
	if t, _ := separatorTime(string(from)); !t.IsZero() {
		return t, true
	}
	v := h.get("received")
	if i := strings.LastIndexByte(v, ';'); i >= 0 {
		return parseDate(v[i+1:])
	}
	return time.Time{}, false
}

// author is who wrote a message. Where a list has put its own address into From ("Ada via Users"), the author's stands
// in another field.
func author(h header) mailbox {
	from := parseMailbox(h.get("from"))
	if from.id == "" {
		from = parseMailbox(h.get("sender"))
	}
	post := strings.Trim(strings.TrimSpace(h.get("list-post")), "<>")
	if from.email == "" || post == "" || !strings.EqualFold(strings.TrimPrefix(post, "mailto:"), from.email) {
		return from
	}
	name := from.name
	if i := strings.LastIndex(strings.ToLower(name), " via "); i > 0 {
		name = strings.Trim(name[:i], " '\"")
	}
	for _, field := range []string{"x-original-from", "x-google-original-from", "reply-to"} {
		real := parseMailbox(h.get(field))
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
