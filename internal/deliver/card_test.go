// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"greenroom/internal/deliver"
	"greenroom/internal/outbox"
)

// catcher is a chat: it keeps what was posted.
type catcher struct{ body []byte }

func (c *catcher) Do(r *http.Request) (*http.Response, error) {
	var err error
	c.body, err = io.ReadAll(r.Body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("ok"))}, err
}

func (c *catcher) Address(_ context.Context, id int64) (outbox.Destination, string, error) {
	return outbox.Destination{ID: id, Name: "#team"}, "https://chat.example/hook", nil
}

// hostile is what a member may write: mark-up of all chats, mentions, links, a script.
const hostile = "<!channel> @everyone [click](https://evil.example) *bold* `code` <script>alert(1)</script> </div>\n> quote & <https://evil.example|here>"

func card(long int) *outbox.Card {
	c := &outbox.Card{
		Title: "Ana asks in #help", URL: "https://g.example/conversations/1", Tone: outbox.CardUrgent, Text: hostile, Quote: hostile + strings.Repeat("é", long), Do: hostile, Foot: hostile,
		Facts: []outbox.CardFact{{Label: "Who", Value: hostile}}, Links: []outbox.CardLink{{Label: "Open", URL: "https://g.example/conversations/1?a=1&b=2", Primary: true}, {Label: "Not useful", URL: "https://g.example/a?t=x"}},
	}
	for range long / 10 {
		c.Facts = append(c.Facts, outbox.CardFact{Label: "More", Value: hostile})
		c.Items = append(c.Items, outbox.CardItem{Title: hostile, Text: hostile, URL: "https://g.example/1"})
	}
	return c
}

func sent(t *testing.T, make func(deliver.Addresses, deliver.Poster) *deliver.Chat, c *outbox.Card) string {
	t.Helper()
	data, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	to := &catcher{}
	if _, err := make(to, to).Send(t.Context(), &outbox.Message{Destination: 1, Data: data, Text: "plain"}); err != nil {
		t.Fatal(err)
	}
	return string(to.body)
}

// Each chat gets a card its own way, within what it takes, and what members wrote stays text: it mentions nobody and makes no link.
func TestCards(t *testing.T) {
	for _, long := range []int{0, 5000} {
		var slack struct {
			Text   string
			Blocks []struct {
				Type     string
				Text     struct{ Type, Text string }
				Fields   []struct{ Text string }
				Elements []json.RawMessage
			}
		}
		text := sent(t, deliver.NewSlackHook, card(long))
		if err := json.Unmarshal([]byte(text), &slack); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, b := range slack.Blocks {
			kinds = append(kinds, b.Type)
			if n := utf8.RuneCountInString(b.Text.Text); n > 3000 || len(b.Fields) > 10 {
				t.Errorf("a block of Slack has %d characters and %d fields", n, len(b.Fields))
			}
			if b.Text.Type == "mrkdwn" && (strings.Contains(b.Text.Text, "<!") || strings.Contains(b.Text.Text, "<https://evil")) {
				t.Errorf("Slack would read %s", b.Text.Text)
			}
		}
		if want := "header section rich_text section section actions context"; long == 0 && strings.Join(kinds, " ") != want || len(slack.Blocks) > 50 || strings.Contains(slack.Text, "<!") {
			t.Errorf("blocks %v; want %s", kinds, want)
		}

		var discord struct {
			Embeds []struct {
				Title, Description, URL string
				Fields                  []struct{ Name, Value string }
				Footer                  struct{ Text string }
			}
			Mentions struct{ Parse []string } `json:"allowed_mentions"`
		}
		text = sent(t, deliver.NewDiscordHook, card(long))
		if err := json.Unmarshal([]byte(text), &discord); err != nil {
			t.Fatal(err)
		}
		e := discord.Embeds[0]
		whole := []string{e.Title, e.Description, e.Footer.Text}
		for _, f := range e.Fields {
			whole = append(whole, f.Name, f.Value)
			if utf8.RuneCountInString(f.Value) > 1024 {
				t.Error("a field of Discord is too long")
			}
		}
		if n := utf8.RuneCountInString(strings.Join(whole, "")); n > 6000 || utf8.RuneCountInString(e.Description) > 4096 || len(e.Fields) > 25 || utf8.RuneCountInString(e.Footer.Text) > 2048 {
			t.Errorf("the embed has %d characters and %d fields", n, len(e.Fields))
		}
		if discord.Mentions.Parse == nil || strings.Contains(e.Description, "[click](") || !strings.Contains(e.Description, "[Open](https://g.example/conversations/1?a=1&b=2)") {
			t.Errorf("Discord would read %s", e.Description)
		}

		text = sent(t, deliver.NewTeamsHook, card(long))
		if !strings.Contains(text, `"contentType":"application/vnd.microsoft.card.adaptive"`) || !strings.Contains(text, `"type":"Action.OpenUrl"`) || strings.Contains(text, `[click](`) || len(text) > 28<<10 {
			t.Errorf("Teams gets %d bytes: %.500s", len(text), text)
		}

		data, err := card(long).Data()
		if err != nil {
			t.Fatal(err)
		}
		page, err := deliver.Letter(&outbox.Message{Subject: "Ana asks", Data: data, Text: "plain"})
		if err != nil || strings.Contains(page, "<script>") || strings.Contains(page, "</div>\n&gt;") || !strings.Contains(page, `href="https://g.example/conversations/1?a=1&amp;b=2"`) {
			t.Errorf("the mail is %.300s, %v", page, err)
		}
	}
}
