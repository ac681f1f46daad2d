// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordwire

import "github.com/go-json-experiment/json/jsontext"

// Message is a message, as DiscordChatExporter writes it. The API's are turned into it.
type Message struct {
	ID          string         `json:"id"`
	Type        jsontext.Value `json:"type"` // a name; a number for types newer than the exporter
	Timestamp   string         `json:"timestamp"`
	Edited      string         `json:"timestampEdited"`
	Content     string         `json:"content"`
	Author      *Person        `json:"author"`
	Attachments []Attachment   `json:"attachments"`
	Stickers    []Sticker      `json:"stickers"`
	Embeds      jsontext.Value `json:"embeds"` // read where the content is empty
	Reactions   []Reaction     `json:"reactions"`
	Mentions    []Person       `json:"mentions"`
	Reference   *Reference     `json:"reference"`
	Forwarded   *Forwarded     `json:"forwardedMessage"`
	Thread      bool           `json:"-"` // a thread hangs on it
}

// Person is an author, or somebody mentioned or reacting; only authors carry roles in every version.
type Person struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Discriminator string `json:"discriminator"` // "0000" or "0" since Discord gave it up
	Nickname      string `json:"nickname"`
	IsBot         bool   `json:"isBot"`
	Roles         []Role `json:"roles"`
	AvatarURL     string `json:"avatarUrl"`
}

// Role is a role on the server.
type Role struct {
	Name string `json:"name"`
}

// Attachment is a file of a message.
type Attachment struct {
	FileName string `json:"fileName"`
}

// Sticker is a sticker of a message.
type Sticker struct {
	Name string `json:"name"`
}

// Emoji is what somebody reacts with.
type Emoji struct {
	ID   string `json:"id"` // of an emoji of the server's own
	Name string `json:"name"`
}

// Reaction is what people reacted with to a message.
type Reaction struct {
	Emoji Emoji    `json:"emoji"`
	Count int64    `json:"count"`
	Users []Person `json:"users"` // newer exports only
}

// Reference names the message that another one answers or passes on.
type Reference struct {
	MessageID string `json:"messageId"`
	ChannelID string `json:"channelId"`
}

// Forwarded is a message that another one passes on.
type Forwarded struct {
	Content     string       `json:"content"`
	Attachments []Attachment `json:"attachments"`
}

type embed struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	Description string `json:"description"`
	Fields      []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"fields"`
}
