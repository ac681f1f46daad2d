// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
)

// maxUnnamed bounds how many reactions without a person are taken over from one count.
const maxUnnamed = 100_000

// What is left out, as it is counted.
const (
	leftUnsupported = "messages that this version of Telegram Desktop could not export"
	leftEmpty       = "empty messages, of which Telegram gives nothing but the number"
	leftReactions   = "reactions with a count that cannot be right"
	leftTwice       = "messages that the file holds twice"
	leftDirect      = "direct chats, messages (option include-direct)"
	leftChats       = "direct chats (option include-direct)"
	leftFiles       = "files that are no result.json, such as pictures"
)

var (
	errNoID    = errors.New("the message has no id")
	errBadTime = errors.New("the date of the message is not a time")
)

// place is a chat.
type place struct {
	chat

	id      string // as accounts are called: "channel123", "chat123", "user123"
	channel connector.Channel
	direct  bool
	posts   bool // a channel, in which the place itself speaks
}

func newPlace(c chat) *place {
	p := &place{chat: c}
	number := strconv.FormatInt(c.ID, 10)
	switch c.Type {
	case "personal_chat", "bot_chat", "saved_messages", "replies", "verify_codes", "verification_codes", "":
		p.id, p.direct = "user"+number, c.Type != ""
	case "private_group":
		p.id = "chat" + number
	default:
		p.id, p.posts = "channel"+number, strings.HasSuffix(c.Type, "_channel")
	}
	name := jsonfile.Clean(c.Name)
	if name == "" {
		name = strings.ReplaceAll(c.Type, "_", " ") + " " + number
	}
	p.channel = connector.Channel{ExternalID: p.id, Name: name, Threadless: true}
	return p
}

// migrated is added to the numbers of messages from before a group became large.
const migrated = -1_000_000_000

func (p *place) message(id int64) string { return p.id + "/" + strconv.FormatInt(id, 10) }

// address is where Telegram shows a message to those who may see it. Groups that were never large have no addresses, nor
// have the messages that a group had before it became large: those have negative numbers (migrated). Exports with Unix times,
// which are dated, have the numbers of addresses.
func (p *place) address(id int64, dated bool) string {
	if !strings.HasPrefix(p.id, "channel") || id < 0 {
		return ""
	}
	chat := p.ID
	if chat > older && !dated {
		chat -= older
	}
	return "https://t.me/c/" + strconv.FormatInt(chat, 10) + "/" + strconv.FormatInt(id, 10)
}

// mapper turns messages into facts. What it learns on the way depends only on what it was given before.
type mapper struct {
	zone   *time.Location
	known  map[string]bool
	topics map[string]bool // messages that began a topic: what answers them answers nobody
}

// facts is what one message gave.
type facts struct {
	identities []connector.Identity
	activities []connector.Activity
	leftOut    []string
}

// message maps a message of a chat.
func (m *mapper) message(raw []byte, p *place, f *facts) error {
	var msg message
	if err := jsonfile.Unmarshal(raw, &msg); err != nil {
		return err
	}
	if msg.ID == 0 {
		return errNoID
	}
	if msg.Type == "unsupported" {
		f.leftOut = append(f.leftOut, leftUnsupported)
		return nil
	}
	if msg.empty() {
		f.leftOut = append(f.leftOut, leftEmpty)
		return nil
	}
	at, ok := m.time(msg.Unix, msg.Date)
	if !ok {
		return errBadTime
	}
	a := connector.Activity{
		ExternalID: p.message(msg.ID), Kind: greenroom.KindMessage, Channel: p.id, OccurredAt: at, URL: p.address(msg.ID, msg.Unix != ""),
	}
	if edited, ok := m.time(msg.EditedUnix, msg.Edited); ok && edited.After(at) {
		a.EditedAt = edited
	}
	if msg.Type == "service" {
		m.service(&msg, p, &a, f)
		return nil
	}
	a.Author = m.person(msg.FromID, msg.From, f)
	if p.posts {
		a.Kind = greenroom.KindAnnouncement
		if a.Author == "" {
			a.Author = m.named(p.id, p.channel.Name, f)
		}
	}
	if msg.ReplyTo != 0 {
		a.ReplyTo = p.message(msg.ReplyTo)
		if chat := chatOf(msg.ReplyPeer); chat != "" {
			a.ReplyTo = chat + "/" + strconv.FormatInt(msg.ReplyTo, 10)
		}
		switch {
		case m.topics[a.ReplyTo]:
			a.ReplyTo = ""
		case !p.posts:
			a.Kind = greenroom.KindReply
		}
	}
	a.Body = body(&msg, &a.Mentions)
	f.activities = append(f.activities, a)
	m.reactions(&msg, &a, f)
	return nil
}

// service maps what happened in a chat. Of people whom somebody else added or removed only the name is told, so those
// joins and leaves have no person.
func (m *mapper) service(msg *message, p *place, a *connector.Activity, f *facts) {
	a.Author = m.person(msg.ActorID, msg.Actor, f)
	if a.Author == "" { // of somebody who came near to somebody else, it is called as in messages
		a.Author = m.person(msg.FromID, msg.From, f)
	}
	words := strings.ReplaceAll(msg.Action, "_", " ")
	a.Body = jsonfile.Clean(strings.TrimSpace(words + " " + msg.Title))
	switch msg.Action {
	case "invite_members":
		m.moved(msg, greenroom.KindJoin, a, f)
		return
	case "remove_members":
		m.moved(msg, greenroom.KindLeave, a, f)
		return
	case "join_group_by_link", "join_group_by_request":
		a.Kind = greenroom.KindJoin
	case "topic_created":
		a.Kind, a.Title = greenroom.KindModeration, jsonfile.Clean(msg.Title)
		m.topics[a.ExternalID] = true
	case "pin_message":
		a.Kind = greenroom.KindModeration
		if msg.Pinned != 0 {
			a.ReplyTo = p.message(msg.Pinned)
			if strings.HasPrefix(chatOf(msg.ReplyPeer), "chat") && strings.HasPrefix(p.id, "channel") { // from before the group became large
				a.ReplyTo = p.message(msg.Pinned + migrated)
			}
		}
	case "topic_edit":
		a.Kind = greenroom.KindModeration
		a.Body = jsonfile.Clean(strings.TrimSpace(words + " " + msg.NewTitle))
	default:
		a.Kind = greenroom.KindModeration
		if msg.Information != "" {
			a.Body = jsonfile.Clean(msg.Information)
		}
	}
	f.activities = append(f.activities, *a)
}

// moved gives a join or leave for each member that a service message names.
func (m *mapper) moved(msg *message, kind greenroom.Kind, a *connector.Activity, f *facts) {
	verb := map[greenroom.Kind]string{greenroom.KindJoin: "was added", greenroom.KindLeave: "was removed"}[kind]
	actor := ""
	if msg.Actor != nil {
		actor = *msg.Actor
	}
	if len(msg.Members) == 0 {
		msg.Members = []*string{msg.Actor}
	}
	for i, name := range msg.Members {
		one := *a
		one.Kind = kind
		if i > 0 {
			one.ExternalID += ":" + strconv.Itoa(i+1)
		}
		switch {
		case name == nil || *name == "":
			one.Author, one.Body = "", "A deleted account "+verb
			if actor == "" { // by itself, as far as can be told
				one.Author = a.Author
			}
		case *name == actor:
			one.Body = actor + map[greenroom.Kind]string{greenroom.KindJoin: " joined", greenroom.KindLeave: " left"}[kind]
		default:
			one.Author, one.Body = "", *name+" "+verb
			if actor != "" {
				one.Body += " by " + actor
			}
		}
		one.Body = jsonfile.Clean(one.Body)
		f.activities = append(f.activities, one)
	}
}

// account is an account's id: "user123", or the number that older exports have.
func account(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		return jsonfile.Clean(unquote(v))
	case '0':
		return "user" + string(v)
	default:
		return ""
	}
}

// older is added to the numbers of groups and channels in exports from before April 2021.
const older = 1 << 32

// chatOf is the id of a chat in which an answered message stands.
func chatOf(v jsontext.Value) string {
	id := account(v)
	if number, err := strconv.ParseInt(strings.TrimPrefix(id, "user"), 10, 64); err == nil && number > older && v.Kind() == '0' {
		return "channel" + strconv.FormatInt(number, 10)
	}
	return id
}

// person introduces somebody who was not met before, and returns the external id.
func (m *mapper) person(v jsontext.Value, name *string, f *facts) string {
	id := account(v)
	if id == "" {
		return ""
	}
	if name != nil && *name != "" {
		return m.named(id, *name, f)
	}
	if !m.known[id] {
		m.known[id] = true
		f.identities = append(f.identities, connector.Identity{ExternalID: id, Deleted: strings.HasPrefix(id, "user")})
	}
	return id
}

func (m *mapper) named(id, name string, f *facts) string {
	if !m.known[id] {
		m.known[id] = true
		f.identities = append(f.identities, connector.Identity{ExternalID: id, Name: jsonfile.Clean(name)})
	}
	return id
}

// reactions maps each person's reaction to one activity, and what the count has beyond the named people to activities
// without a person. Several reactions of a message can have one key: those without a person are numbered after all the
// people of their key, so that the numbers do not depend on the order, which changes as reactions come.
func (m *mapper) reactions(msg *message, to *connector.Activity, f *facts) {
	used, last := map[string]bool{}, map[string]int64{}
	for i := range msg.Reactions {
		r := &msg.Reactions[i]
		_, key := r.sign()
		last[key] += int64(r.people())
	}
	for i := range msg.Reactions {
		r := &msg.Reactions[i]
		sign, key := r.sign()
		one := connector.Activity{
			Kind: greenroom.KindReaction, Channel: to.Channel, OccurredAt: to.OccurredAt, ReplyTo: to.ExternalID, Body: sign, URL: to.URL,
		}
		prefix := to.ExternalID + ":reaction:" + key + ":"
		named := map[string]bool{}
		for j := range r.Recent {
			who := &r.Recent[j]
			id := m.person(who.FromID, who.From, f)
			if id == "" || named[id] {
				continue
			}
			named[id] = true
			given := one
			given.ExternalID, given.Author = prefix+id, id
			for n := 2; used[given.ExternalID]; n++ {
				given.ExternalID = prefix + id + ":" + strconv.Itoa(n)
			}
			used[given.ExternalID] = true
			if at, ok := m.local(msg, who.Date); ok && at.After(to.OccurredAt) {
				given.OccurredAt = at
			}
			f.activities = append(f.activities, given)
		}
		if r.Count-int64(len(named)) > maxUnnamed {
			f.leftOut = append(f.leftOut, leftReactions)
			continue
		}
		for n := int64(len(named)) + 1; n <= r.Count; n++ {
			last[key]++
			one.ExternalID = prefix + strconv.FormatInt(last[key], 10)
			f.activities = append(f.activities, one)
		}
	}
}

// people is how many different people are named.
func (r *reaction) people() int {
	named := map[string]bool{}
	for i := range r.Recent {
		if id := account(r.Recent[i].FromID); id != "" {
			named[id] = true
		}
	}
	return len(named)
}

// sign is what a reaction looks like, and what it is told apart by. Emoji of somebody's own cannot be told apart: they have
// the path of a file where stickers were exported, which is another one in each export, and nothing otherwise. Their key
// is that of paid ones, as it was when they were taken for those: ids have to last.
func (r *reaction) sign() (sign, key string) {
	_, notNumber := strconv.ParseUint(r.Document, 10, 64)
	switch {
	case r.Emoji != "":
		return jsonfile.Clean(r.Emoji), jsonfile.Clean(r.Emoji)
	case r.Type != "custom_emoji" && r.Document == "":
		return "⭐", "paid"
	case notNumber == nil:
		return custom, r.Document
	}
	return custom, "paid"
}

const custom = "custom emoji"

// time reads a Unix time or, in older exports, one by the clock of the computer that made the export.
func (m *mapper) time(unix, local string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(unix, 10, 64); err == nil && seconds > 0 && seconds < 253_402_300_800 {
		return time.Unix(seconds, 0).UTC(), true
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", local, m.zone)
	if err != nil || at.Year() < 2000 || at.Year() > 9999 {
		return time.Time{}, false
	}
	return at.UTC(), true
}

// local reads a time for which the export gives no Unix time, by the distance that both have for its message.
func (m *mapper) local(msg *message, text string) (time.Time, bool) {
	seconds, err := strconv.ParseInt(msg.Unix, 10, 64)
	at, bad := time.Parse("2006-01-02T15:04:05", text)
	day, worse := time.Parse("2006-01-02T15:04:05", msg.Date)
	if err != nil || bad != nil || worse != nil {
		return m.time("", text)
	}
	at = at.Add(time.Unix(seconds, 0).Sub(day))
	return at.UTC(), at.Year() >= 2000 && at.Year() <= 9999
}
