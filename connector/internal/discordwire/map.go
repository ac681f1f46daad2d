// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordwire

import (
	"errors"
	"slices"
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
	leftStarter   = "copies of the message that a thread was started from"
	leftReactions = "reactions with a count that cannot be right"
)

// DeletedUser is the name that Discord shows for every account that was closed.
const DeletedUser = "Deleted User"

var (
	errNoID    = errors.New("the message has no id")
	errBadTime = errors.New("the timestamp of the message is not a time")
)

// Place is a channel or thread.
type Place struct {
	Guild, ID     string            // as Discord's addresses have them
	Channel       connector.Channel // a thread's is the one that it hangs under
	Thread, Title string            // "" where it is no thread
}

// Address is where Discord shows a channel or message, "" where the file does not say which server it is from.
func (p *Place) Address(parts ...string) string {
	guild := p.Guild
	switch guild {
	case "":
		return ""
	case "0":
		guild = "@me"
	}
	return "https://discord.com/channels/" + guild + "/" + strings.Join(parts, "/")
}

// How well a person is known.
const (
	knownNamed  = 1 // by a mention or reaction
	knownAuthor = 2 // by a message, with roles
)

// Mapper turns messages into facts. What it learns on the way depends only on what it was given before. It is used by one
// goroutine.
type Mapper struct {
	Staff   map[string]bool   // names of the team's roles, in lower case
	Threads map[string]bool   // the threads that an export holds
	Names   map[string]string // of channels and roles by id, for texts that name them by id; nil = none are known

	known map[string]uint8
}

// New returns a mapper that knows nobody.
func New(staff map[string]bool) *Mapper {
	return &Mapper{Staff: staff, Threads: map[string]bool{}, known: map[string]uint8{}}
}

// Knows reports whether somebody was told by what a message or a list of members says.
func (m *Mapper) Knows(id string) bool { return m.known[id] >= knownAuthor }

// Forget makes what is told next of somebody count as new.
func (m *Mapper) Forget(id string) { delete(m.known, id) }

// Facts is what one message gave.
type Facts struct {
	Identities []connector.Identity
	Activities []connector.Activity
	LeftOut    []string // reasons
}

// Reset empties the facts and keeps their room.
func (f *Facts) Reset() {
	*f = Facts{Identities: f.Identities[:0], Activities: f.Activities[:0], LeftOut: f.LeftOut[:0]}
}

// Push tells a sink what a message gave.
func (f *Facts) Push(raw []byte, out *connector.Sink) {
	var ref connector.RawRef
	if len(f.Identities)+len(f.Activities) > 0 {
		ref = out.Raw(raw)
	}
	for _, id := range f.Identities {
		id.Raw = ref
		out.Identity(id)
	}
	for _, a := range f.Activities {
		a.Raw = ref
		out.Activity(a)
	}
	for _, reason := range f.LeftOut {
		out.LeftOut(reason, 1)
	}
}

// Decode maps a message as an export has it.
func (m *Mapper) Decode(raw []byte, p *Place, f *Facts) error {
	var msg Message
	if err := jsonfile.Unmarshal(raw, &msg); err != nil {
		return err
	}
	return m.Message(&msg, p, f)
}

// Message maps a message of p.
func (m *Mapper) Message(msg *Message, p *Place, f *Facts) error {
	if msg.ID = jsonfile.Clean(msg.ID); msg.ID == "" {
		return errNoID
	}
	at, err := parseTime(msg.Timestamp)
	if err != nil {
		return errBadTime
	}
	kind, ok := kindOf(typeName(msg.Type))
	if !ok {
		f.LeftOut = append(f.LeftOut, leftStarter)
		return nil
	}
	a := connector.Activity{
		ExternalID: msg.ID, Kind: kind, Channel: p.Channel.ExternalID, OccurredAt: at, Thread: p.Thread,
		URL: p.Address(p.ID, msg.ID),
	}
	if msg.Edited != "" {
		a.EditedAt, _ = parseTime(msg.Edited) // not a time: not known
	}
	if msg.Author != nil {
		a.Author = m.Person(msg.Author, true, f)
	}
	for i := range msg.Mentions {
		if id := m.Person(&msg.Mentions[i], false, f); id != "" && !slices.Contains(a.Mentions, id) {
			a.Mentions = append(a.Mentions, id)
		}
	}
	a.Body = m.body(msg)
	m.relate(msg, p, &a)
	f.Activities = append(f.Activities, a)
	m.reactions(msg, &a, f)
	return nil
}

// relate finds what a message answers, and whom a join or leave is about.
func (m *Mapper) relate(msg *Message, p *Place, a *connector.Activity) {
	if p.Thread == "" && (msg.Thread || m.Threads[msg.ID]) { // a thread hangs on this message
		a.Thread = msg.ID
	}
	root := p.Thread != "" && msg.ID == p.Thread
	if r := msg.Reference; a.Kind == greenroom.KindMessage && r != nil && r.MessageID != "" && r.ChannelID == p.ID && msg.Forwarded == nil {
		a.Kind = greenroom.KindReply // as older exports write a reply
	}
	switch a.Kind {
	case greenroom.KindReply:
		if msg.Reference != nil {
			a.ReplyTo = jsonfile.Clean(msg.Reference.MessageID)
		}
	case greenroom.KindJoin, greenroom.KindLeave:
		if len(a.Mentions) > 0 { // somebody added or removed somebody else
			a.Author = a.Mentions[0]
		}
		a.Mentions = nil
	default:
	}
	switch {
	case root:
		a.Title = p.Title
	case p.Thread != "" && a.Kind == greenroom.KindMessage:
		a.Kind = greenroom.KindReply
	}
	if a.Kind == greenroom.KindReply && a.ReplyTo == "" && !root {
		a.ReplyTo = p.Thread
	}
}

// typeName is the type as the exporter wrote it: a name, or a number that it had no name for.
func typeName(v jsontext.Value) string {
	if v.Kind() == '"' {
		name, _ := jsontext.AppendUnquote(nil, v) // its only error is invalid UTF-8
		return string(name)
	}
	return string(v)
}

// kindOf sorts the types. It reports false for the copy of a message that a thread's file begins with. A type that is
// not known here is one of Discord's notices.
func kindOf(name string) (greenroom.Kind, bool) {
	switch name {
	case "Default", "0", "", "ChatInputCommand", "20", "ContextMenuCommand", "23":
		return greenroom.KindMessage, true
	case "Reply", "19":
		return greenroom.KindReply, true
	case "GuildMemberJoin", "7", "RecipientAdd", "1":
		return greenroom.KindJoin, true
	case "RecipientRemove", "2":
		return greenroom.KindLeave, true
	case "ThreadStarterMessage", "21":
		return greenroom.KindUnknown, false
	default: // pins, renames, boosts, calls, new threads, …
		return greenroom.KindModeration, true
	}
}

// Person introduces somebody where that says more than what is known, and returns the external id.
func (m *Mapper) Person(p *Person, author bool, f *Facts) string {
	id := jsonfile.Clean(p.ID)
	level := uint8(knownNamed)
	if author {
		level = knownAuthor
	}
	if id == "" || m.known[id] >= level {
		return id
	}
	m.known[id] = level
	who := connector.Identity{
		ExternalID: id, Handle: jsonfile.Clean(p.Name), Name: jsonfile.Clean(p.Nickname),
		Bot: p.IsBot, Deleted: p.Name == DeletedUser,
	}
	if author && who.Name == "" { // not for others: they come without the nickname that a message may have
		who.Name = who.Handle
	}
	if d := strings.Trim(p.Discriminator, "0"); d != "" {
		who.Handle += "#" + jsonfile.Clean(p.Discriminator)
	}
	if strings.HasPrefix(p.AvatarURL, "https://") || strings.HasPrefix(p.AvatarURL, "http://") { // else a downloaded file
		who.AvatarURL = jsonfile.Clean(p.AvatarURL)
	}
	for _, r := range p.Roles {
		name := jsonfile.Clean(strings.TrimSpace(r.Name))
		if name == "" || name == "@everyone" {
			continue
		}
		if !slices.Contains(who.Tags, name) {
			who.Tags = append(who.Tags, name)
		}
		who.Staff = who.Staff || m.Staff[strings.ToLower(name)]
	}
	f.Identities = append(f.Identities, who)
	return id
}

// body is the text of a message, with a line for each file and sticker. Where there is no text, as in what bots post,
// it is that of the embeds.
func (m *Mapper) body(msg *Message) string {
	var lines []string
	if text := m.readable(msg.Content, msg.Mentions); text != "" {
		lines = append(lines, text)
	}
	if w := msg.Forwarded; w != nil {
		if w.Content != "" {
			lines = append(lines, "> "+strings.ReplaceAll(m.readable(w.Content, nil), "\n", "\n> "))
		}
		msg.Attachments = append(msg.Attachments, w.Attachments...)
	}
	if len(lines) == 0 && msg.Embeds.Kind() == '[' {
		lines = embeds(msg.Embeds)
	}
	for _, f := range msg.Attachments {
		lines = append(lines, "[file: "+f.FileName+"]")
	}
	for _, s := range msg.Stickers {
		lines = append(lines, "[sticker: "+s.Name+"]")
	}
	return jsonfile.Clean(strings.Join(lines, "\n"))
}

func embeds(raw jsontext.Value) []string {
	var all []embed
	if jsonfile.Unmarshal(raw, &all) != nil { // of another shape: the raw payload keeps it
		return nil
	}
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	for _, e := range all {
		switch {
		case e.Title != "" && e.URL != "":
			add(e.Title + " (" + e.URL + ")")
		default:
			add(first(e.Title, e.URL))
		}
		add(e.Description)
		for _, f := range e.Fields {
			add(f.Name + ": " + f.Value)
		}
	}
	return lines
}

// readable replaces what Discord writes for mentions and emoji, which exports made without Markdown processing still
// have: <@123>, <@!123>, <#123>, <@&123>, <:name:123>, <a:name:123>, <t:123:R>.
func (m *Mapper) readable(s string, mentions []Person) string {
	if strings.IndexByte(s, '<') < 0 {
		return s
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		end := strings.IndexByte(s[open:], '>')
		if end < 0 {
			break
		}
		b.WriteString(s[:open])
		inside := s[open+1 : open+end]
		b.WriteString(m.token(inside, mentions))
		s = s[open+end+1:]
	}
	b.WriteString(s)
	return b.String()
}

func (m *Mapper) token(inside string, mentions []Person) string {
	whole := "<" + inside + ">"
	id := strings.TrimLeft(inside, "@!&#")
	switch {
	case strings.HasPrefix(inside, "@") && Digits(id):
		for i := range mentions {
			if mentions[i].ID == id {
				return "@" + first(mentions[i].Nickname, mentions[i].Name)
			}
		}
		return "@" + first(m.Names[id], id)
	case strings.HasPrefix(inside, "#") && Digits(id):
		return "#" + first(m.Names[id], id)
	case strings.HasPrefix(inside, "https://") || strings.HasPrefix(inside, "http://"): // a link without a preview
		return inside
	}
	parts := strings.Split(inside, ":")
	switch {
	case len(parts) == 3 && (parts[0] == "" || parts[0] == "a") && parts[1] != "" && Digits(parts[2]):
		return ":" + parts[1] + ":"
	case len(parts) >= 2 && parts[0] == "t" && Digits(parts[1]):
		if seconds, err := strconv.ParseInt(parts[1], 10, 64); err == nil && seconds < 253_402_300_800 {
			return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04 UTC")
		}
	}
	return whole
}

// Digits reports whether a text is nothing but digits, as ids are.
func Digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// reactionID is the external id of somebody's reaction.
func reactionID(message string, e *Emoji, user string) string {
	return message + ":reaction:" + first(jsonfile.Clean(e.ID), jsonfile.Clean(e.Name)) + ":" + user
}

// Reaction is one person's reaction to a message of p, as an event tells it.
func (m *Mapper) Reaction(p *Place, message string, e *Emoji, user string, at time.Time) connector.Activity {
	a := connector.Activity{
		ExternalID: reactionID(message, e, user), Kind: greenroom.KindReaction, Channel: p.Channel.ExternalID, Author: user,
		OccurredAt: at, Thread: p.Thread, ReplyTo: message, Body: jsonfile.Clean(e.Name), URL: p.Address(p.ID, message),
	}
	if e.ID != "" {
		a.Body = ":" + a.Body + ":"
	}
	return a
}

// reactions maps each person's reaction to one activity, and what the count has beyond the named people, in older
// exports all of it, to activities without a person.
func (m *Mapper) reactions(msg *Message, to *connector.Activity, f *Facts) {
	for i := range msg.Reactions {
		r := &msg.Reactions[i]
		name := jsonfile.Clean(r.Emoji.Name)
		one := connector.Activity{
			Kind: greenroom.KindReaction, Channel: to.Channel, OccurredAt: to.OccurredAt, Thread: to.Thread,
			ReplyTo: to.ExternalID, Body: name, URL: to.URL,
		}
		if r.Emoji.ID != "" {
			one.Body = ":" + name + ":"
		}
		prefix := reactionID(to.ExternalID, &r.Emoji, "")
		named := make(map[string]bool, len(r.Users))
		for j := range r.Users {
			id := m.Person(&r.Users[j], false, f)
			if id == "" || named[id] {
				continue
			}
			named[id] = true
			one.ExternalID, one.Author = prefix+id, id
			f.Activities = append(f.Activities, one)
		}
		if r.Count-int64(len(named)) > maxUnnamed {
			f.LeftOut = append(f.LeftOut, leftReactions)
			continue
		}
		one.Author = ""
		for n := int64(len(named)) + 1; n <= r.Count; n++ {
			one.ExternalID = prefix + strconv.FormatInt(n, 10)
			f.Activities = append(f.Activities, one)
		}
	}
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

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
