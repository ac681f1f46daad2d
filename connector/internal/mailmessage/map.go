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

// author is who wrote a message. Where a list has put its own address into From, so that the mail of senders whose domain
// forbids forwarding (DMARC) arrives, the author's stands in another field: Google Groups writes X-Original-From and
// Reply-To, Mailman Reply-To, or Cc for lists whose replies go to the list (munged_headers in mailman/handlers/dmarc.py).
func author(h Header) mailbox {
	from := parseMailbox(h.Get("from"))
	if from.id == "" {
		from = parseMailbox(h.Get("sender"))
	}
	name := from.name
	i := strings.LastIndex(strings.ToLower(name), " via ")
	if i > 0 {
		name = strings.Trim(name[:i], " '\"")
	}
	lists := from.email != "" && (h.posts(from.email) || i > 0 && h.listed(from.email))
	if !lists && i <= 0 {
		return from
	}
	for _, field := range []string{"x-original-from", "x-google-original-from", "reply-to", "cc"} {
		if !lists && !strings.HasPrefix(field, "x-") {
			break // an address that the list made for this author alone
		}
		if real, ok := original(parseMailboxes(h.Get(field)), name, field == "cc", h); ok {
			if real.name == "" {
				real.name = name
			}
			return real
		}
	}
	if !lists {
		return from
	}
	// Nobody's own address is known: the name tells people apart.
	return mailbox{id: strings.ToLower(name + " <" + from.email + ">"), name: name}
}

// original finds the author among the mailboxes of a field: the one of the name, else the last one that is not the list's,
// since it is put behind those that stand there.
func original(all []mailbox, name string, named bool, h Header) (found mailbox, ok bool) {
	for _, m := range all {
		switch {
		case m.id == "" || h.posts(m.email) || h.listed(m.email):
		case m.name != "" && strings.EqualFold(strings.Trim(m.name, " '\""), name):
			return m, true
		case !named:
			found, ok = m, true
		}
	}
	return found, ok
}

// posts reports whether an address is the one that mail to the list goes to, by its List-Post (RFC 2369), in which a web
// address may stand too.
func (h Header) posts(address string) bool {
	for post := range strings.SplitSeq(h.Get("list-post"), ",") {
		post = strings.ToLower(strings.Trim(strings.TrimSpace(post), "<>"))
		post, _, _ = strings.Cut(post, "?")
		if post != "" && strings.TrimPrefix(post, "mailto:") == address {
			return true
		}
	}
	return false
}

// listed reports whether an address looks as the list's own by its List-Id.
func (h Header) listed(address string) bool {
	id := h.List().ID
	return id != "" && id == strings.Replace(address, "@", ".", 1)
}
