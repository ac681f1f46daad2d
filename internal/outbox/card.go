// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Card is a message to the team in parts, which each channel draws its own way: as blocks in Slack, as an Adaptive Card in
// Teams, as an embed in Discord, as a page in a mail. All texts are plain: what members wrote must not become mark-up.
type Card struct {
	Title string     `json:"title"`
	URL   string     `json:"url,omitempty"`  // where the title leads
	Tone  CardTone   `json:"tone,omitempty"` // how much it asks for attention
	Text  string     `json:"text,omitempty"` // a sentence or two
	Quote string     `json:"quote,omitempty"`
	Facts []CardFact `json:"facts,omitempty"`
	Items []CardItem `json:"items,omitempty"` // of a message that sums several things up
	Do    string     `json:"do,omitempty"`    // what to do
	Links []CardLink `json:"links,omitempty"`
	Foot  string     `json:"foot,omitempty"` // why it was sent
}

// CardTone is how much a card asks for attention.
type CardTone string

// The tones.
const (
	CardPlain  CardTone = ""
	CardWarn   CardTone = "warning"
	CardUrgent CardTone = "urgent"
)

// CardFact is a labeled value.
type CardFact struct {
	Label string `json:"label"`
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

// CardItem is a line of a card that sums up.
type CardItem struct {
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	URL   string `json:"url,omitempty"`
}

// CardLink is a button.
type CardLink struct {
	Label   string `json:"label"`
	URL     string `json:"url"`
	Primary bool   `json:"primary,omitempty"`
}

// carried is how a message holds a card in its Data.
type carried struct {
	Card *Card `json:"greenroom_card"`
}

// Data is the card as a message carries it.
func (c *Card) Data() (json.RawMessage, error) {
	data, err := json.Marshal(carried{c})
	if err != nil {
		return nil, fmt.Errorf("encoding a card: %w", err)
	}
	return data, nil
}

// Card is the card that a message carries; nil = it carries none.
func (m *Message) Card() *Card {
	var c carried
	if len(m.Data) == 0 || json.Unmarshal(m.Data, &c) != nil {
		return nil
	}
	return c.Card
}

// Markdown is the card as text, for channels that draw none.
func (c *Card) Markdown() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if c.Text != "" {
		line("%s\n", c.Text)
	}
	if c.Quote != "" {
		line("> %s\n", strings.ReplaceAll(c.Quote, "\n", "\n> "))
	}
	for _, f := range c.Facts {
		line("- %s: %s", f.Label, f.Value)
	}
	for _, i := range c.Items {
		line("- %s%s%s", i.Title, lead(" – ", i.Text), lead(" ", i.URL))
	}
	if c.Do != "" {
		line("\nWhat to do: %s", c.Do)
	}
	if len(c.Links) > 0 {
		line("")
	}
	for _, l := range c.Links {
		line("- %s: %s", l.Label, l.URL)
	}
	if c.Foot != "" {
		line("\n%s", c.Foot)
	}
	return strings.TrimSpace(b.String())
}

func lead(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
