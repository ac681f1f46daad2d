// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discord

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/discordwire"
)

// How many entries a page holds, as many as Discord gives.
const (
	pageMessages  = 100
	pageThreads   = 100
	pageReactions = 100
	pageMembers   = 1000
)

// The types of channels.
const (
	typeText          = 0
	typeVoice         = 2
	typeCategory      = 4
	typeNews          = 5
	typeNewsThread    = 10
	typePublicThread  = 11
	typePrivateThread = 12
	typeStage         = 13
	typeForum         = 15
	typeMedia         = 16
)

// The permissions that are looked at.
const (
	mayAdminister = 1 << 3
	mayView       = 1 << 10
	mayConnect    = 1 << 20
	mayHistory    = 1 << 16
	mayThreads    = 1 << 34
	mayAll        = 1<<63 - 1
)

// The flags of an application: which of the privileged intents it has, fully or as one in few servers.
const (
	flagMembers = 1<<14 | 1<<15
	flagContent = 1<<18 | 1<<19
)

type wireApplication struct {
	ID    string `json:"id"`
	Flags int64  `json:"flags"`
}

type wireUser struct {
	ID            string      `json:"id"`
	Username      string      `json:"username"`
	Discriminator string      `json:"discriminator"`
	GlobalName    string      `json:"global_name"`
	Avatar        string      `json:"avatar"`
	Bot           bool        `json:"bot"`
	System        bool        `json:"system"`
	Member        *wireMember `json:"member"` // in mentions of events
}

type wireMember struct {
	User     *wireUser `json:"user"`
	Nick     string    `json:"nick"`
	Avatar   string    `json:"avatar"`
	Roles    []string  `json:"roles"`
	JoinedAt time.Time `json:"joined_at"`
}

type wireGuild struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	OwnerID string     `json:"owner_id"`
	Roles   []wireRole `json:"roles"`
	Members int64      `json:"approximate_member_count"`
}

type wireRole struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions string `json:"permissions"`
}

// wireChannel is a channel, a category, a forum or a thread.
type wireChannel struct {
	ID         string `json:"id"`
	Type       int    `json:"type"`
	GuildID    string `json:"guild_id"`
	ParentID   string `json:"parent_id"`
	Name       string `json:"name"`
	Last       string `json:"last_message_id"`
	Messages   int64  `json:"total_message_sent"`
	Overwrites []struct {
		ID    string `json:"id"`
		Type  int    `json:"type"` // 0 = a role, 1 = a member
		Allow string `json:"allow"`
		Deny  string `json:"deny"`
	} `json:"permission_overwrites"`
	Available []struct { // of a forum: its tags
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"available_tags"`
	Applied []string `json:"applied_tags"` // of a forum's post
	Thread  struct {
		Archived   bool   `json:"archived"`
		ArchivedAt string `json:"archive_timestamp"`
		CreatedAt  string `json:"create_timestamp"`
	} `json:"thread_metadata"`
}

func (c *wireChannel) isThread() bool {
	return c.Type == typeNewsThread || c.Type == typePublicThread || c.Type == typePrivateThread
}

// talks reports whether messages stand in it; threads reports whether threads hang under it.
func (c *wireChannel) talks() bool {
	return c.Type == typeText || c.Type == typeNews || c.Type == typeVoice || c.Type == typeStage
}

func (c *wireChannel) threads() bool {
	return c.Type == typeText || c.Type == typeNews || c.Type == typeForum || c.Type == typeMedia
}

type wireMessage struct {
	ID          string         `json:"id"`
	ChannelID   string         `json:"channel_id"`
	GuildID     string         `json:"guild_id"` // in events only
	Type        int            `json:"type"`
	Content     string         `json:"content"`
	Timestamp   string         `json:"timestamp"`
	Edited      string         `json:"edited_timestamp"`
	Author      *wireUser      `json:"author"`
	Member      *wireMember    `json:"member"` // in events only
	Webhook     string         `json:"webhook_id"`
	Mentions    []wireUser     `json:"mentions"`
	Attachments []wireFile     `json:"attachments"`
	Stickers    []wireName     `json:"sticker_items"`
	Embeds      jsontext.Value `json:"embeds"`
	Reactions   []wireReaction `json:"reactions"`
	Reference   *struct {
		Type      int    `json:"type"` // 1 = it passes the message on
		MessageID string `json:"message_id"`
		ChannelID string `json:"channel_id"`
	} `json:"message_reference"`
	Snapshots []struct {
		Message struct {
			Content     string     `json:"content"`
			Attachments []wireFile `json:"attachments"`
		} `json:"message"`
	} `json:"message_snapshots"`
	Thread *wireChannel `json:"thread"` // that hangs on it
}

type wireFile struct {
	Name string `json:"filename"`
}

type wireName struct {
	Name string `json:"name"`
}

type wireReaction struct {
	Emoji   discordwire.Emoji `json:"emoji"`
	Count   int64             `json:"count"`
	Details struct {
		Burst  int64 `json:"burst"`
		Normal int64 `json:"normal"`
	} `json:"count_details"`
}

// epoch is when Discord's ids begin to count, in milliseconds of Unix time.
const epoch = 1_420_070_400_000

// flake is an id as a number; 0 where it is none. Ids grow with time.
func flake(id string) uint64 {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// flakeAt is the first id that a thing made at a time can have.
func flakeAt(at time.Time) uint64 {
	ms := at.UnixMilli() - epoch
	if ms <= 0 {
		return 0
	}
	return uint64(ms) << 22
}

// made is when the thing with an id was made.
func made(id string) time.Time {
	return time.UnixMilli(int64(flake(id)>>22) + epoch).UTC() //nolint:gosec // 42 bits
}
