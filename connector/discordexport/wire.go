// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordexport

import "github.com/go-json-experiment/json/jsontext"

// guild is the server. Direct messages have the id "0".
type guild struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// channel is what the file was exported from. What is above a channel is its category, above a thread its channel.
type channel struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	ParentID   string `json:"categoryId"`
	ParentName string `json:"category"`
	Name       string `json:"name"`
}

// message is a message of the list.
type message struct {
	ID          string         `json:"id"`
	Type        jsontext.Value `json:"type"` // a name; a number for types newer than the exporter
	Timestamp   string         `json:"timestamp"`
	Edited      string         `json:"timestampEdited"`
	Content     string         `json:"content"`
	Author      *person        `json:"author"`
	Attachments []attachment   `json:"attachments"`
	Stickers    []sticker      `json:"stickers"`
	Embeds      jsontext.Value `json:"embeds"` // read where the content is empty
	Reactions   []reaction     `json:"reactions"`
	Mentions    []person       `json:"mentions"`
	Reference   *reference     `json:"reference"`
	Forwarded   *forwarded     `json:"forwardedMessage"`
}

// person is an author, or somebody mentioned or reacting; only authors carry roles in every version.
type person struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Discriminator string `json:"discriminator"` // "0000" or "0" since Discord gave it up
	Nickname      string `json:"nickname"`
	IsBot         bool   `json:"isBot"`
	Roles         []role `json:"roles"`
	AvatarURL     string `json:"avatarUrl"`
}

type role struct {
	Name string `json:"name"`
}

type attachment struct {
	FileName string `json:"fileName"`
}

type sticker struct {
	Name string `json:"name"`
}

type reaction struct {
	Emoji struct {
		ID   string `json:"id"` // of an emoji of the server's own
		Name string `json:"name"`
	} `json:"emoji"`
	Count int64    `json:"count"`
	Users []person `json:"users"` // newer exports only
}

type reference struct {
	MessageID string `json:"messageId"`
	ChannelID string `json:"channelId"`
}

type forwarded struct {
	Content     string       `json:"content"`
	Attachments []attachment `json:"attachments"`
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
