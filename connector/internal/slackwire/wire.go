// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackwire

import "github.com/go-json-experiment/json/jsontext"

// Slackbot is the id of the bot that every workspace has and lists of users lack.
const Slackbot = "USLACKBOT"

// User is an account, as users.json of an export and users.list have it.
type User struct {
	ID             string  `json:"id"`
	TeamID         string  `json:"team_id"`
	Name           string  `json:"name"`
	RealName       string  `json:"real_name"`
	Deleted        bool    `json:"deleted"`
	Updated        int64   `json:"updated"` // Unix seconds
	TZ             string  `json:"tz"`
	IsBot          bool    `json:"is_bot"`
	IsWorkflowBot  bool    `json:"is_workflow_bot"`
	IsRestricted   bool    `json:"is_restricted"`
	IsUltra        bool    `json:"is_ultra_restricted"`
	EmailConfirmed *bool   `json:"is_email_confirmed"`
	Profile        Profile `json:"profile"`
}

// Profile is a person's profile, whole in lists of users and short in messages.
type Profile struct {
	RealName      string         `json:"real_name"`
	DisplayName   string         `json:"display_name"`
	Name          string         `json:"name"` // in messages only: the handle
	Email         string         `json:"email"`
	Title         string         `json:"title"`
	Pronouns      string         `json:"pronouns"`
	Team          string         `json:"team"`
	Image72       string         `json:"image_72"`
	Image192      string         `json:"image_192"`
	ImageOriginal string         `json:"image_original"`
	IsRestricted  bool           `json:"is_restricted"`
	IsUltra       bool           `json:"is_ultra_restricted"`
	Fields        jsontext.Value `json:"fields"` // an object of custom fields; [] where there are none
}

// field is a custom field of a profile. The export does not say what the field is called.
type field struct {
	Value string `json:"value"`
}

// message is what every message of a day file needs. What only some need is read from the record a second time, into
// extra, because most of a message's bytes are blocks and profiles that repeat what is known.
type message struct {
	Type      string     `json:"type"`
	Subtype   string     `json:"subtype"`
	TS        string     `json:"ts"`
	ThreadTS  string     `json:"thread_ts"`
	DeletedTS string     `json:"deleted_ts"`
	User      string     `json:"user"`
	BotID     string     `json:"bot_id"`
	Username  string     `json:"username"`
	Text      string     `json:"text"`
	Edited    *edited    `json:"edited"`
	Reactions []reaction `json:"reactions"`
	Files     []file     `json:"files"`
}

type edited struct {
	TS string `json:"ts"`
}

type reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

type file struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Mode  string `json:"mode"`
}

// extra is the rest of a message, read where it is needed.
type extra struct {
	UserProfile *Profile       `json:"user_profile"`
	BotProfile  *botProfile    `json:"bot_profile"`
	Team        string         `json:"user_team"`
	Blocks      jsontext.Value `json:"blocks"`
	Attachments jsontext.Value `json:"attachments"`
	Message     jsontext.Value `json:"message"` // of message_changed: the message as it is now
	Comment     jsontext.Value `json:"comment"` // of file_comment
}

type botProfile struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Icons struct {
		Image72 string `json:"image_72"`
	} `json:"icons"`
}

type attachment struct {
	Pretext   string `json:"pretext"`
	Title     string `json:"title"`
	TitleLink string `json:"title_link"`
	Text      string `json:"text"`
	Fallback  string `json:"fallback"`
}

// block is a block of a message or an element of one; Slack nests them.
type block struct {
	Type     string         `json:"type"`
	Style    jsontext.Value `json:"style"` // a text for lists, an object for texts
	Text     jsontext.Value `json:"text"`  // a text, or an object with one
	URL      string         `json:"url"`
	Name     string         `json:"name"`
	UserID   string         `json:"user_id"`
	Channel  string         `json:"channel_id"`
	Range    string         `json:"range"`
	Fallback string         `json:"fallback"`
	Indent   int            `json:"indent"`
	Fields   []textObject   `json:"fields"`
	Elements []block        `json:"elements"`
}

type textObject struct {
	Text string `json:"text"`
}
