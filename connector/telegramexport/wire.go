// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport

import "github.com/go-json-experiment/json/jsontext"

// chat is the head of a chat; its messages are read one by one.
type chat struct {
	Name string
	Type string // public_supergroup, private_group, public_channel, personal_chat, …
	ID   int64
}

// message is a message or a service message. Exports from before 2022 have times without a zone, and accounts as numbers.
type message struct {
	ID          int64          `json:"id"`
	Type        string         `json:"type"` // message, service, unsupported
	Date        string         `json:"date"` // by the clock of the computer that made the export
	Unix        string         `json:"date_unixtime"`
	Edited      string         `json:"edited"`
	EditedUnix  string         `json:"edited_unixtime"`
	From        *string        `json:"from"` // null for accounts that were deleted
	FromID      jsontext.Value `json:"from_id"`
	Actor       *string        `json:"actor"` // of a service message
	ActorID     jsontext.Value `json:"actor_id"`
	Action      string         `json:"action"`
	Title       string         `json:"title"`
	NewTitle    string         `json:"new_title"` // of a topic that was renamed
	Members     []*string      `json:"members"`   // names only
	Pinned      int64          `json:"message_id"`
	ReplyTo     int64          `json:"reply_to_message_id"`
	ReplyPeer   jsontext.Value `json:"reply_to_peer_id"` // where the answered message stands in another chat; a number until April 2021
	Forwarded   jsontext.Value `json:"forwarded_from"`   // a name; null for accounts that were deleted
	Text        jsontext.Value `json:"text"`             // a text, or a list of texts and entities
	Entities    []entity       `json:"text_entities"`
	Reactions   []reaction     `json:"reactions"`
	Photo       string         `json:"photo"`
	File        string         `json:"file"`
	FileName    string         `json:"file_name"`
	Media       string         `json:"media_type"`
	Sticker     string         `json:"sticker_emoji"`
	Place       string         `json:"place_name"`
	Location    jsontext.Value `json:"location_information"`
	Contact     jsontext.Value `json:"contact_information"`
	Information string         `json:"information_text"`
	Game        string         `json:"game_title"`
	Invoice     jsontext.Value `json:"invoice_information"` // a text that holds an object
	Giveaway    jsontext.Value `json:"giveaway_information"`
	Winners     jsontext.Value `json:"giveaway_results"`
	Stars       int64          `json:"paid_stars_amount"` // for pictures that have to be paid for
	ToDo        *struct {
		Title jsontext.Value `json:"title"`
		Items []struct {
			Text jsontext.Value `json:"text"`
		} `json:"answers"`
	} `json:"todo_list"`
	Poll *struct {
		Question jsontext.Value `json:"question"`
		Answers  []struct {
			Text jsontext.Value `json:"text"`
		} `json:"answers"`
	} `json:"poll"`
}

// empty reports whether it is what Telegram gives in place of a message that it does not have: a number, no author and the
// time 0.
func (m *message) empty() bool {
	return m.Type == "message" && m.Unix == "0" && len(m.FromID) == 0 && len(m.Entities) == 0
}

// entity is a part of a text.
type entity struct {
	Type     string `json:"type"` // plain, link, text_link, bold, pre, mention_name, …
	Text     string `json:"text"`
	Href     string `json:"href"`
	Language string `json:"language"`
	UserID   int64  `json:"user_id"`
}

type reaction struct {
	Type     string `json:"type"` // emoji, custom_emoji, paid
	Count    int64  `json:"count"`
	Emoji    string `json:"emoji"`
	Document string `json:"document_id"` // of an emoji of somebody's own: a file's path in this export; "" where stickers were not exported
	Recent   []struct {
		From   *string        `json:"from"`
		FromID jsontext.Value `json:"from_id"`
		Date   string         `json:"date"`
	} `json:"recent"` // the last ones, not all where there are many
}
