// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackexport

import "github.com/go-json-experiment/json/jsontext"

// The lists at the top of an export.
const (
	fileUsers    = "users.json"
	fileOrgUsers = "org_users.json" // Enterprise Grid: people of the whole organization
	fileChannels = "channels.json"
	fileGroups   = "groups.json" // private channels
	fileMPIMs    = "mpims.json"  // direct messages between several people
	fileDMs      = "dms.json"    // direct messages between two people
)

// slackbot is the id of the bot that every workspace has and users.json lacks.
const slackbot = "USLACKBOT"

// user is a record of users.json.
type user struct {
	ID             string  `json:"id"`
	TeamID         string  `json:"team_id"`
	Name           string  `json:"name"`
	RealName       string  `json:"real_name"`
	Deleted        bool    `json:"deleted"`
	TZ             string  `json:"tz"`
	IsBot          bool    `json:"is_bot"`
	IsWorkflowBot  bool    `json:"is_workflow_bot"`
	IsRestricted   bool    `json:"is_restricted"`
	IsUltra        bool    `json:"is_ultra_restricted"`
	EmailConfirmed *bool   `json:"is_email_confirmed"`
	Profile        profile `json:"profile"`
}

// profile is a person's profile, whole in users.json and short in messages.
type profile struct {
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

// channel is a record of channels.json, groups.json, mpims.json or dms.json.
type channel struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	IsPrivate bool     `json:"is_private"`
	Members   []string `json:"members"`
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
	UserProfile *profile       `json:"user_profile"`
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
