// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackwire

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
)

// maxUnnamed bounds how many reactions without a person are taken over from one count.
const maxUnnamed = 100_000

// What is left out, as it is counted.
const (
	leftNotMessage = "records that are not messages"
	leftNotice     = "notices that a thread has changed"
	leftAgain      = "members that were already listed, in users.json and org_users.json"
	leftReactions  = "reactions with a count that cannot be right"
)

// Place is a channel of Slack, or the folder of an export that belongs to it.
type Place struct {
	ID      string // the channel's id; the folder's name where an export's lists do not know it
	Name    string // without "#"
	Private bool
	Linked  bool // ID is Slack's own, so that links can be made
}

// How well a person is known. A better description replaces a lesser one, and nothing else does.
const (
	knownBare    = 1 // by id only
	knownProfile = 2 // by the profile in a message
	knownListed  = 3 // by the list of users
)

// Mapper turns wire types into facts. What it learns on the way (names, who is known) depends only on what it was given
// before, so that giving it the same records again brings it to the same state. It is used by one goroutine.
type Mapper struct {
	speaker
	Workspace string // "https://acme.slack.com", for links; "" makes none
	Home      string // the team that most people belong to; the others are guests from other workspaces

	known map[string]uint8
	bots  map[string]bool
}

// NewMapper returns a mapper that knows nobody but Slackbot.
func NewMapper(workspace string) *Mapper {
	return &Mapper{
		speaker:   speaker{People: map[string]string{}, Channels: map[string]string{}},
		Workspace: workspace,
		known:     map[string]uint8{},
		bots:      map[string]bool{Slackbot: true},
	}
}

// Facts is what one record gave.
type Facts struct {
	Identities []connector.Identity
	Activities []connector.Activity
	LeftOut    []string // reasons, one for each record that is not wanted
}

func (f *Facts) leave(reason string) { f.LeftOut = append(f.LeftOut, reason) }

// Reset empties the facts and keeps their room.
func (f *Facts) Reset() {
	*f = Facts{Identities: f.Identities[:0], Activities: f.Activities[:0], LeftOut: f.LeftOut[:0]}
}

// Push tells a sink what a record gave.
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

var (
	// ErrNoID is returned for a record that has to have an id and has none.
	ErrNoID = errors.New("the record has no id")

	errNoTS      = errors.New("the message has no ts")
	errBadTS     = errors.New("the ts of the message is not a time")
	errNoMessage = errors.New("the edited message is missing")
)

// User maps a record of the list of users. One that was listed before is left out.
func (m *Mapper) User(raw []byte, f *Facts) error {
	u, err := ReadUser(raw)
	if err != nil {
		return err
	}
	if m.known[u.ID] == knownListed {
		f.leave(leftAgain)
		return nil
	}
	m.Listed(u, f)
	return nil
}

// ReadUser decodes a record of the list of users.
func ReadUser(raw []byte) (*User, error) {
	var u User
	if err := jsonfile.Unmarshal(raw, &u); err != nil {
		return nil, err
	}
	if u.ID == "" {
		return nil, ErrNoID
	}
	return &u, nil
}

// Knows reports whether the mapper was told who an account is.
func (m *Mapper) Knows(id string) bool { return m.known[id] == knownListed }

// Listed maps an account, whether it is known already or not.
func (m *Mapper) Listed(u *User, f *Facts) {
	m.known[u.ID] = knownListed
	p := &u.Profile
	bot := u.IsBot || u.IsWorkflowBot || u.ID == Slackbot
	m.bots[u.ID] = bot
	m.People[u.ID] = jsonfile.Clean(first(p.DisplayName, p.RealName, u.RealName, u.Name))
	p.IsRestricted, p.IsUltra = u.IsRestricted, u.IsUltra
	p.Team = first(u.TeamID, p.Team)
	id := m.identity(u.ID, p)
	id.Handle = jsonfile.Clean(u.Name)
	id.Name = jsonfile.Clean(first(p.RealName, u.RealName, p.DisplayName))
	id.TimeZone = jsonfile.Clean(u.TZ)
	id.Bot, id.Deleted = bot, u.Deleted
	confirmed := !bot && (u.EmailConfirmed == nil || *u.EmailConfirmed)
	if address := strings.ToLower(strings.TrimSpace(jsonfile.Clean(p.Email))); strings.Count(address, "@") == 1 {
		id.Emails = []greenroom.Email{{Address: address, Verified: confirmed}}
	}
	f.Identities = append(f.Identities, id)
}

// identity maps what the profiles of users.json and of messages have in common.
func (m *Mapper) identity(id string, p *Profile) connector.Identity {
	out := connector.Identity{
		ExternalID: id,
		Handle:     jsonfile.Clean(p.Name),
		Name:       jsonfile.Clean(first(p.RealName, p.DisplayName, p.Name)),
		AvatarURL:  jsonfile.Clean(first(p.Image192, p.ImageOriginal, p.Image72)),
		JobTitle:   jsonfile.Clean(p.Title),
	}
	if m.Workspace != "" {
		out.ProfileURL = m.Workspace + "/team/" + id
	}
	set := func(key, value string) {
		if out.Fields == nil {
			out.Fields = map[string]string{}
		}
		out.Fields[key] = jsonfile.Clean(value)
	}
	if p.Team != "" && m.Home != "" && p.Team != m.Home {
		set("slack_workspace", p.Team)
	}
	switch {
	case p.IsUltra:
		set("slack_guest", "single-channel")
	case p.IsRestricted:
		set("slack_guest", "multi-channel")
	}
	if p.Pronouns != "" {
		set("pronouns", p.Pronouns)
	}
	out.Links = links(p)
	return out
}

// links finds the custom fields of a profile that are addresses, in the order of the export.
func links(p *Profile) []string {
	if len(p.Fields) == 0 || p.Fields.Kind() != '{' {
		return nil
	}
	var fields map[string]field
	if jsonfile.Unmarshal(p.Fields, &fields) != nil { // of another shape: the raw payload keeps it
		return nil
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		v := strings.TrimSpace(jsonfile.Clean(fields[key].Value))
		if strings.HasPrefix(v, "https://") || strings.HasPrefix(v, "http://") {
			out = append(out, v)
		}
	}
	return out
}

// Message maps a message of p, as an export or the API has it. A deletion comes without the time at which it was made.
func (m *Mapper) Message(raw []byte, p *Place, f *Facts) error {
	var msg message
	if err := jsonfile.Unmarshal(raw, &msg); err != nil {
		return err
	}
	if msg.Type != "message" && msg.Type != "" {
		f.leave(leftNotMessage)
		return nil
	}
	switch msg.Subtype {
	case "message_replied":
		f.leave(leftNotice)
		return nil
	case "message_changed":
		var x extra
		if err := jsonfile.Unmarshal(raw, &x); err != nil || len(x.Message) == 0 || x.Message.Kind() != '{' {
			return errNoMessage
		}
		msg = message{}
		if err := jsonfile.Unmarshal(x.Message, &msg); err != nil || msg.Subtype == "message_changed" {
			return errNoMessage
		}
		return m.post(x.Message, &msg, p, f)
	case "message_deleted":
		if msg.DeletedTS != "" {
			msg.TS = msg.DeletedTS
		}
		msg.Subtype = "tombstone"
	}
	return m.post(raw, &msg, p, f)
}

// post maps a message, or the one that an edit or a deletion speaks of.
func (m *Mapper) post(raw []byte, msg *message, p *Place, f *Facts) error {
	if msg.TS == "" {
		return errNoTS
	}
	at, ok := ParseTS(msg.TS)
	if !ok {
		return errBadTS
	}
	a := connector.Activity{ExternalID: p.ID + ":" + msg.TS, Channel: p.ID, OccurredAt: at, URL: m.url(p, msg)}
	if msg.ThreadTS != "" {
		a.Thread = p.ID + ":" + msg.ThreadTS
	}
	reply := msg.ThreadTS != "" && msg.ThreadTS != msg.TS
	if reply {
		a.ReplyTo = a.Thread
	}
	a.Kind = kindOf(msg.Subtype, reply)
	if msg.Subtype == "tombstone" {
		a.Deleted = true
		f.Activities = append(f.Activities, a)
		return nil
	}
	var x *extra
	rest := func() *extra {
		if x == nil {
			x = &extra{}
			if jsonfile.Unmarshal(raw, x) != nil { // an odd shape where little depends on it
				x = &extra{}
			}
		}
		return x
	}
	if msg.Subtype == "file_comment" {
		fileComment(msg, rest())
	}
	a.Author = m.author(msg, rest, f)
	if msg.Edited != nil {
		a.EditedAt, _ = ParseTS(msg.Edited.TS)
	}
	a.Body = m.body(msg, rest, &a.Mentions)
	if a.Kind == greenroom.KindJoin || a.Kind == greenroom.KindLeave {
		a.Mentions = nil // "@ana has joined" speaks of ana, not to her
	}
	f.Activities = append(f.Activities, a)
	m.reactions(msg, &a, f)
	return nil
}

// kindOf sorts the subtypes. Only those that carry what somebody said are messages; a subtype that is not known here is
// one of Slack's many notices.
func kindOf(subtype string, reply bool) greenroom.Kind {
	switch subtype {
	case "", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment", "file_mention",
		"bot_message", "slackbot_response", "assistant_app_thread", "tombstone":
		if reply {
			return greenroom.KindReply
		}
		return greenroom.KindMessage
	case "channel_join", "group_join":
		return greenroom.KindJoin
	case "channel_leave", "group_leave":
		return greenroom.KindLeave
	default:
		return greenroom.KindModeration
	}
}

// fileComment takes the comment on a file out of its envelope, as exports before 2018 have it.
func fileComment(msg *message, x *extra) {
	var c struct {
		User    string `json:"user"`
		Comment string `json:"comment"`
	}
	if len(x.Comment) > 0 && jsonfile.Unmarshal(x.Comment, &c) == nil && c.Comment != "" {
		msg.User, msg.Text = first(c.User, msg.User), c.Comment
	}
}

// author tells whose message it is, and introduces whoever is not known yet. What an app posts in the name of a person
// is the app's: the person did not write it.
func (m *Mapper) author(msg *message, rest func() *extra, f *Facts) string {
	said := kindOf(msg.Subtype, false) == greenroom.KindMessage
	switch {
	case msg.User != "" && (msg.BotID == "" || !said || m.bots[msg.User]):
		m.person(msg.User, false, rest, f)
		return msg.User
	case msg.User != "" && m.known[msg.User] != knownListed: // a bot's own account, of which users.json knows nothing
		m.person(msg.User, true, rest, f)
		return msg.User
	case msg.BotID != "":
		m.bot(msg.BotID, msg, rest, f)
		return msg.BotID
	case msg.Username != "":
		id := "bot:" + jsonfile.Clean(msg.Username)
		m.bot(id, msg, rest, f)
		return id
	default:
		return ""
	}
}

// person introduces a user who is not in users.json.
func (m *Mapper) person(id string, bot bool, rest func() *extra, f *Facts) {
	if m.known[id] >= knownProfile {
		return
	}
	if id == Slackbot {
		m.known[id] = knownListed
		m.People[id] = "Slackbot"
		f.Identities = append(f.Identities, connector.Identity{ExternalID: id, Handle: "slackbot", Name: "Slackbot", Bot: true})
		return
	}
	x := rest()
	switch {
	case x.UserProfile != nil:
		p := x.UserProfile
		p.Team = first(p.Team, x.Team)
		m.known[id] = knownProfile
		m.People[id] = jsonfile.Clean(first(p.DisplayName, p.RealName, p.Name))
		who := m.identity(id, p)
		who.Bot = bot
		f.Identities = append(f.Identities, who)
	case bot && x.BotProfile != nil:
		m.known[id] = knownProfile
		m.People[id] = jsonfile.Clean(x.BotProfile.Name)
		f.Identities = append(f.Identities, connector.Identity{
			ExternalID: id, Name: m.People[id], AvatarURL: jsonfile.Clean(x.BotProfile.Icons.Image72), Bot: true,
		})
	default:
		m.bare(id, bot, f)
	}
}

// bare introduces somebody of whom only the id is known.
func (m *Mapper) bare(id string, bot bool, f *Facts) {
	if m.known[id] == 0 {
		m.known[id] = knownBare
		f.Identities = append(f.Identities, connector.Identity{ExternalID: id, Bot: bot || id == Slackbot})
	}
}

// bot introduces an integration that posts without an account of its own.
func (m *Mapper) bot(id string, msg *message, rest func() *extra, f *Facts) {
	if m.known[id] >= knownProfile {
		return
	}
	// What it is called in a message may differ from one to the next; the name is the app's own.
	who := connector.Identity{ExternalID: id, Handle: jsonfile.Clean(msg.Username), Bot: true}
	level := uint8(knownBare)
	if b := rest().BotProfile; b != nil && b.Name != "" {
		who.Name, who.AvatarURL = jsonfile.Clean(b.Name), jsonfile.Clean(b.Icons.Image72)
		level = knownProfile
	}
	if m.known[id] < level {
		m.known[id] = level
		f.Identities = append(f.Identities, who)
	}
}

// Reaction is one person's reaction to the message with the given ts, as an event tells it. An event does not say whether
// the message is part of a thread.
func (m *Mapper) Reaction(p *Place, ts, name, user string, at time.Time) connector.Activity {
	to := p.ID + ":" + ts
	return connector.Activity{
		ExternalID: to + ":reaction:" + jsonfile.Clean(name) + ":" + user, Kind: greenroom.KindReaction, Channel: p.ID, Author: user,
		OccurredAt: at, ReplyTo: to, Body: jsonfile.Clean(":" + name + ":"), URL: m.url(p, &message{TS: ts}),
	}
}

// reactions maps each person's reaction to one activity, and what the count has beyond the named people to activities
// without a person.
func (m *Mapper) reactions(msg *message, to *connector.Activity, f *Facts) {
	for i := range msg.Reactions {
		r := &msg.Reactions[i]
		one := connector.Activity{
			Kind: greenroom.KindReaction, Channel: to.Channel, OccurredAt: to.OccurredAt, Thread: to.Thread,
			ReplyTo: to.ExternalID, Body: jsonfile.Clean(":" + r.Name + ":"), URL: to.URL,
		}
		prefix := to.ExternalID + ":reaction:" + jsonfile.Clean(r.Name) + ":"
		named := make(map[string]bool, len(r.Users))
		for _, u := range r.Users {
			if u == "" || named[u] {
				continue
			}
			named[u] = true
			m.bare(u, false, f)
			one.ExternalID, one.Author = prefix+u, u
			f.Activities = append(f.Activities, one)
		}
		if r.Count-len(named) > maxUnnamed {
			f.leave(leftReactions)
			continue
		}
		one.Author = ""
		for n := len(named) + 1; n <= r.Count; n++ {
			one.ExternalID = prefix + strconv.Itoa(n)
			f.Activities = append(f.Activities, one)
		}
	}
}

// PlaceURL is where Slack shows the place, "" where that is not known.
func (m *Mapper) PlaceURL(p *Place) string {
	if m.Workspace == "" || !p.Linked {
		return ""
	}
	return m.Workspace + "/archives/" + p.ID
}

// url is where Slack shows the message.
func (m *Mapper) url(p *Place, msg *message) string {
	if m.Workspace == "" || !p.Linked {
		return ""
	}
	u := m.Workspace + "/archives/" + p.ID + "/p" + strings.Replace(msg.TS, ".", "", 1)
	if msg.ThreadTS != "" && msg.ThreadTS != msg.TS {
		u += "?thread_ts=" + msg.ThreadTS + "&cid=" + p.ID
	}
	return u
}

// ParseTS reads Slack's time, "1742511304.974599": seconds and microseconds, which is a message's id as well.
func ParseTS(ts string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds <= 0 || seconds > 253_402_300_799 || len(fraction) > 9 { // up to the year 9999
		return time.Time{}, false
	}
	nanos, err := strconv.ParseUint((fraction + "000000000")[:9], 10, 32)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, int64(nanos)).UTC().Truncate(time.Microsecond), true
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
