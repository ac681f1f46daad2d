// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/consent"
)

// Channel is a way on which messages go out.
type Channel string

// The channels. To a member: email, Slack, Discord and Discourse as direct messages, GitHub as a comment. To the team:
// email, webhook, and the incoming webhooks of Slack, Teams and Discord as destinations.
const (
	Email     Channel = "email"
	Slack     Channel = "slack"
	Teams     Channel = "teams"
	Discord   Channel = "discord"
	Discourse Channel = "discourse"
	GitHub    Channel = "github"
	Webhook   Channel = "webhook"
)

// Channels lists all.
func Channels() []Channel { return []Channel{Email, Slack, Teams, Discord, Discourse, GitHub, Webhook} }

// Label is the channel's name for people.
func (c Channel) Label() string {
	switch c {
	case Email:
		return "E-mail"
	case Slack:
		return "Slack"
	case Teams:
		return "Microsoft Teams"
	case Discord:
		return "Discord"
	case Discourse:
		return "Discourse"
	case GitHub:
		return "GitHub"
	case Webhook:
		return "Webhook"
	}
	return string(c)
}

// State says how far a message is.
type State string

// The states.
const (
	Draft     State = "draft"     // waits for a person
	Queued    State = "queued"    // goes out when its time has come
	Sending   State = "sending"   // was handed to the channel
	Sent      State = "sent"      // the channel took it
	Failed    State = "failed"    // was refused, or could not be handed over for too long
	Uncertain State = "uncertain" // nobody knows whether it arrived
	Skipped   State = "skipped"   // is not sent; Reason says why
)

// States lists all.
func States() []State { return []State{Draft, Queued, Sending, Sent, Failed, Uncertain, Skipped} }

// Over reports whether nothing more happens by itself.
func (s State) Over() bool { return s == Sent || s == Failed || s == Uncertain || s == Skipped }

// Origin is what wanted a message sent.
type Origin struct {
	Kind string `json:"kind"`           // "workflow", "alert", "survey", "program", "inbox", "event", "person"
	ID   int64  `json:"id,omitempty"`   // of the workflow, alert, ...
	Run  int64  `json:"run,omitempty"`  // of the workflow's run, the survey's invitation, ...
	Step string `json:"step,omitempty"` // where in it
}

// Message is one message and how it went.
type Message struct {
	ID          int64           `json:"id"`
	Key         string          `json:"key"` // unique; queueing again with it changes nothing
	Channel     Channel         `json:"channel"`
	Purpose     consent.Purpose `json:"purpose,omitempty"` // why a member is written to; "" = it goes to the team or a system
	Origin      Origin          `json:"origin"`
	MemberID    int64           `json:"member_id,omitempty"` // to whom; 0 = the team or a system
	Member      string          `json:"member,omitempty"`    // their name, when it is read
	To          string          `json:"to,omitempty"`        // address on the channel: mail address, user or channel id, login, topic; "" with a destination
	Destination int64           `json:"destination_id,omitempty"`
	Source      string          `json:"source,omitempty"`   // the source whose credential sends it; "" = none is needed
	Thread      string          `json:"thread,omitempty"`   // external id of what it replies to
	Sender      string          `json:"sender,omitempty"`   // mail address of the person of the team in whose name it goes
	ReplyTo     string          `json:"reply_to,omitempty"` // mail address that answers go to
	Owner       string          `json:"owner,omitempty"`    // of a draft: mail address of whose word it waits for; where nobody is named, Sender, else ReplyTo
	Subject     string          `json:"subject,omitempty"`
	Text        string          `json:"text"`                  // Markdown; each channel writes it its own way
	HTML        string          `json:"html,omitempty"`        // of a mail; "" = made of Text
	Data        json.RawMessage `json:"data,omitempty"`        // what the channel sends beside or instead: the body of a webhook, the blocks of a chat message
	Unsubscribe string          `json:"unsubscribe,omitempty"` // link of one click, for mail to members
	Files       []File          `json:"-"`                     // that a mail carries; stored with it, and read by who sends it
	State       State           `json:"state"`
	Reason      string          `json:"reason,omitempty"` // why it failed, waits or is not sent
	Attempts    int64           `json:"attempts"`
	CreatedAt   time.Time       `json:"created_at"`
	NextAt      time.Time       `json:"next_at,omitzero"`   // not before
	NotAfter    time.Time       `json:"not_after,omitzero"` // of no use later; zero = always of use
	ApprovedBy  string          `json:"approved_by,omitempty"`
	ApprovedAt  time.Time       `json:"approved_at,omitzero"`
	SentAt      time.Time       `json:"sent_at,omitzero"`
	Receipt     string          `json:"receipt,omitempty"` // the channel's id of it
	URL         string          `json:"url,omitempty"`     // where it can be seen
	Edited      bool            `json:"edited,omitempty"`  // a person changed the draft
	Again       bool            `json:"-"`                 // it was handed over before, and what became of that is not known
}

// The most that a message holds.
const (
	maxSubject = 300
	maxText    = 100_000
	maxKey     = 300
	maxFiles   = 40
	maxBytes   = 15 << 20 // of its files together; mail servers mostly take 20 MB or more, written a third longer
)

// Validate says what is wrong with a message that is to be stored, as an error of CodeInvalid.
func (m *Message) Validate() error {
	switch {
	case m.Key == "" || len(m.Key) > maxKey:
		return greenroom.Errorf(greenroom.CodeInvalid, "a message needs a key of at most %d bytes", maxKey)
	case !slices.Contains(Channels(), m.Channel):
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no channel %q", m.Channel)
	case m.MemberID > 0 && !m.Purpose.Valid():
		return greenroom.Errorf(greenroom.CodeInvalid, "a message to a member needs a purpose, such as %q", consent.Care)
	case m.To == "" && m.Destination == 0 && m.State != Skipped:
		return greenroom.Errorf(greenroom.CodeInvalid, "the message goes to nobody")
	case strings.TrimSpace(m.Text) == "" && len(m.Data) == 0:
		return greenroom.Errorf(greenroom.CodeInvalid, "the message is empty")
	case utf8.RuneCountInString(m.Subject) > maxSubject || strings.ContainsAny(m.Subject, "\r\n"):
		return greenroom.Errorf(greenroom.CodeInvalid, "a subject is one line of at most %d characters", maxSubject)
	case !m.filesFit():
		return greenroom.Errorf(greenroom.CodeInvalid, "a message carries at most %d files of %d MB together, and only by mail", maxFiles, maxBytes>>20)
	case len(m.Text) > maxText:
		return greenroom.Errorf(greenroom.CodeInvalid, "the message has %d bytes; at most %d are sent", len(m.Text), maxText)
	}
	return nil
}

// Lane is the place that the message goes to, as far as limits go.
func (m *Message) Lane() string {
	if m.Destination > 0 {
		return "destination " + strconv.FormatInt(m.Destination, 10)
	}
	return string(m.Channel) + " " + cmp.Or(m.Source, host(m.To))
}

// host is where mail to an address goes to on its way: all of it takes the team's mail server.
func host(to string) string {
	if strings.Contains(to, "://") {
		if _, rest, ok := strings.Cut(to, "://"); ok {
			name, _, _ := strings.Cut(rest, "/")
			return name
		}
	}
	return ""
}

// Receipt is what a channel says of a message that it took.
type Receipt struct {
	ID  string // the channel's id of it
	URL string // where it can be seen
}

// Filter says which messages are listed. The zero Filter is all of them.
type Filter struct {
	States  []State
	Origin  string // kind of it
	ID      int64  // of the origin
	Run     int64
	Member  int64
	Channel Channel
	Sender  string // mail address of who it goes out in the name of
	Owner   string // mail address of whose word it waits for
	Below   int64  // messages with a smaller id, for the next page
	Limit   int    // 0 = 100
}

// Counts says how many messages are in each state.
type Counts map[State]int64
