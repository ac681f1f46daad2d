// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import "time"

// Activity is a dated fact: who did what, where and when, with the text and the link.
type Activity struct {
	ID             int64     `json:"id"`
	SourceID       int64     `json:"source_id"`
	Source         string    `json:"source"`      // the source's name
	ExternalID     string    `json:"external_id"` // unique within the source
	Kind           Kind      `json:"kind"`
	ChannelID      int64     `json:"channel_id,omitempty"`
	Channel        string    `json:"channel"`
	OccurredAt     time.Time `json:"occurred_at"`
	EditedAt       time.Time `json:"edited_at,omitzero"`
	IdentityID     int64     `json:"identity_id"` // 0 = the source does not say who
	MemberID       int64     `json:"member_id"`
	Member         string    `json:"member"`
	ConversationID int64     `json:"conversation_id"` // 0 = not part of a conversation
	ReplyTo        string    `json:"reply_to,omitempty"`
	Question       bool      `json:"question"` // reads as a question, or the platform says that it is one
	Title          string    `json:"title"`
	Body           string    `json:"body"` // plain text or Markdown
	URL            string    `json:"url"`
}

// State is the state of a conversation.
type State string

// The states of a conversation.
const (
	StateOpen     State = "open"     // nobody else has responded
	StateAnswered State = "answered" // somebody other than the author has responded
	StateResolved State = "resolved" // the source says that it is solved, accepted, merged or closed
	StateIgnored  State = "ignored"  // the team decided that it needs no response
)

// Conversation is a root activity and its replies.
type Conversation struct {
	ID                   int64     `json:"id"` // the id of the first activity that was stored of it
	SourceID             int64     `json:"source_id"`
	Source               string    `json:"source"`
	ChannelID            int64     `json:"channel_id,omitempty"`
	Channel              string    `json:"channel"`
	Title                string    `json:"title"`
	URL                  string    `json:"url"`
	Kind                 Kind      `json:"kind"` // of the opening activity
	State                State     `json:"state"`
	Question             bool      `json:"question"` // the opening activity asks something
	OpenedAt             time.Time `json:"opened_at"`
	LastActivityAt       time.Time `json:"last_activity_at"`
	FirstResponseAt      time.Time `json:"first_response_at,omitzero"`       // by somebody else than the author, bots left out
	FirstStaffResponseAt time.Time `json:"first_staff_response_at,omitzero"` // by the team
	ResolvedAt           time.Time `json:"resolved_at,omitzero"`
	AuthorIdentityID     int64     `json:"author_identity_id"`
	AuthorMemberID       int64     `json:"author_member_id"`
	Author               string    `json:"author"`
	Replies              int64     `json:"replies"`
	Participants         int64     `json:"participants"` // distinct members, the author included, bots left out
}
