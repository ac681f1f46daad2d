// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/telegramexport"
)

// What Telegram Desktop writes stands in its source, in Telegram/SourceFiles/export: output/export_output_json.cpp says which
// fields there are, data/export_data_types.cpp and export_api_wrap.cpp what is in them.

// TestOlderNumbers reads an export from between October 2020 and April 2021, in which groups are numbers beyond 1<<32.
func TestOlderNumbers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result.json")
	export := `{"name": "Harbor Users", "type": "private_supergroup", "id": 5794967297, "messages": [
		{"id": 5, "type": "message", "date": "2021-01-05T09:05:00", "from": "Ben", "from_id": 12, "reply_to_message_id": 3, "reply_to_peer_id": 5794967298, "text": "About the news"},
		{"id": 6, "type": "message", "date": "2021-01-05T09:06:00", "from": "Ben", "from_id": 12, "reply_to_message_id": 5, "text": "More"}]}`
	if err := os.WriteFile(file, []byte(export), 0o600); err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, telegramexport.Spec(), connector.Values{"path": file}, nil, "", 0)
	var got []string
	for i := range f.Activities {
		a := &f.Activities[i]
		got = append(got, a.ExternalID+" by "+a.Author+" to "+a.ReplyTo+", "+a.URL)
	}
	want := []string{
		"channel5794967297/5 by user12 to channel5794967298/3, https://t.me/c/1500000001/5", "channel5794967297/6 by user12 to channel5794967297/5, https://t.me/c/1500000001/6",
	}
	if diff := cmp.Diff(want, got); diff != "" || len(f.Rejects) > 0 {
		t.Errorf("rejected %+v, activities (-want +got):\n%s", f.Rejects, diff)
	}
}

// TestWhatDesktopWrites reads messages that come in by other ways than people writing them.
func TestWhatDesktopWrites(t *testing.T) {
	const head = `"type": "message", "date": "2026-03-01T09:05:00", "date_unixtime": "1772352300", "from": "Ben", "from_id": "user12"`
	const service = `"type": "service", "date": "2026-03-01T09:05:00", "date_unixtime": "1772352300", "actor": "Ana", "actor_id": "user11"`
	const none = `"text": "", "text_entities": []`
	const chat, link = "channel1500000001/", "https://t.me/c/1500000001/"
	for name, c := range map[string]struct {
		message string
		want    []string // "id by author to reply: body, link"
		left    string
	}{
		"an emoji of somebody's own, where stickers were not exported": {
			message: `{"id": 5, ` + head + `, "text": "Hi", "text_entities": [{"type": "plain", "text": "Hi"}], "reactions": [
				{"type": "custom_emoji", "count": 2, "document_id": "", "recent": [{"from": "Ana", "from_id": "user11", "date": "2026-03-01T09:10:00"}]},
				{"type": "custom_emoji", "count": 3, "document_id": "", "recent": [{"from": "Ana", "from_id": "user11", "date": "2026-03-01T09:11:00"}]},
				{"type": "paid", "count": 1}]}`,
			want: []string{
				chat + "5 by user12: Hi, " + link + "5",
				chat + "5:reaction:paid:user11 by user11 to " + chat + "5: custom emoji, " + link + "5",
				chat + "5:reaction:paid:3 to " + chat + "5: custom emoji, " + link + "5",
				chat + "5:reaction:paid:user11:2 by user11 to " + chat + "5: custom emoji, " + link + "5",
				chat + "5:reaction:paid:4 to " + chat + "5: custom emoji, " + link + "5", chat + "5:reaction:paid:5 to " + chat + "5: custom emoji, " + link + "5",
				chat + "5:reaction:paid:6 to " + chat + "5: ⭐, " + link + "5",
			},
		},
		"one where they were, under the name that its file has in this export": {
			message: `{"id": 5, ` + head + `, "text": "Hi", "text_entities": [{"type": "plain", "text": "Hi"}], "reactions": [
				{"type": "custom_emoji", "count": 1, "document_id": "stickers/AnimatedSticker (7).tgs", "recent": [{"from": "Ana", "from_id": "user11", "date": "2026-03-01T09:10:00"}]}]}`,
			want: []string{chat + "5 by user12: Hi, " + link + "5", chat + "5:reaction:paid:user11 by user11 to " + chat + "5: custom emoji, " + link + "5"},
		},
		"a message that Telegram does not have any more": {
			message: `{"id": 6, "type": "message", "date": "1970-01-01T01:00:00", "date_unixtime": "0", ` + none + `}`, left: "empty messages, of which Telegram gives nothing but the number",
		},
		"one from before the group became large": {
			message: `{"id": -999999993, ` + head + `, "reply_to_message_id": -999999994, "text": "Old", "text_entities": [{"type": "plain", "text": "Old"}]}`,
			want:    []string{chat + "-999999993 by user12 to " + chat + "-999999994: Old, "},
		},
		"a pin of one of those": {
			message: `{"id": 7, ` + service + `, "action": "pin_message", "message_id": 7, "reply_to_peer_id": "chat400000001", ` + none + `}`,
			want:    []string{chat + "7 by user11 to " + chat + "-999999993: pin message, " + link + "7"},
		},
		"a topic that gets another name": {
			message: `{"id": 8, ` + service + `, "action": "topic_edit", "new_title": "Rollouts", "new_icon_emoji_id": 0, ` + none + `}`,
			want:    []string{chat + "8 by user11: topic edit Rollouts, " + link + "8"},
		},
		"a list of things to do": {
			message: `{"id": 9, ` + head + `, "todo_list": {"title": "Party", "others_can_append": false, "others_can_complete": true, "answers": [{"text": "Cake", "id": 1}, {"text": [{"type": "bold", "text": "Tea"}], "id": 2}]}, ` + none + `}`,
			want:    []string{chat + "9 by user12: To do: Party\n- Cake\n- Tea, " + link + "9"},
		},
		"a game":     {message: `{"id": 10, ` + head + `, "game_title": "Chess", "game_description": "", ` + none + `}`, want: []string{chat + "10 by user12: [game: Chess], " + link + "10"}},
		"an invoice": {message: `{"id": 11, ` + head + `, "invoice_information": "{\n}", ` + none + `}`, want: []string{chat + "11 by user12: [invoice], " + link + "11"}},
		"a giveaway": {message: `{"id": 12, ` + head + `, "giveaway_information": {"quantity": 5}, ` + none + `}`, want: []string{chat + "12 by user12: [giveaway], " + link + "12"}},
		"its winners": {
			message: `{"id": 13, ` + head + `, "giveaway_results": {"winners_count": 5}, ` + none + `}`, want: []string{chat + "13 by user12: [winners of a giveaway], " + link + "13"},
		},
		"pictures for stars": {message: `{"id": 14, ` + head + `, "paid_stars_amount": 5, ` + none + `}`, want: []string{chat + "14 by user12: [pictures to be paid for], " + link + "14"}},
		"somebody who came near": {
			message: `{"id": 16, "type": "service", "date": "2026-03-01T09:05:00", "date_unixtime": "1772352300", "action": "proximity_reached", "from": "Ben", "from_id": "user12", "to": "Ana", "to_id": "user11", "distance": 50, ` + none + `}`,
			want:    []string{chat + "16 by user12: proximity reached, " + link + "16"},
		},
		"what a web page sent, with two texts": {
			message: `{"id": 15, "type": "service", "date": "2026-03-01T09:05:00", "date_unixtime": "1772352300", "action": "send_webview_data", "text": "Order", ` + none + `}`,
			want:    []string{chat + "15: send webview data, " + link + "15"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "result.json")
			export := `{"name": "Harbor Users", "type": "private_supergroup", "id": 1500000001, "messages": [` + c.message + `]}`
			if err := os.WriteFile(file, []byte(export), 0o600); err != nil {
				t.Fatal(err)
			}
			f := connectortest.Collect(t, telegramexport.Spec(), connector.Values{"path": file}, nil, "", 0)
			var got []string
			for i := range f.Activities {
				a := &f.Activities[i]
				var b strings.Builder
				b.WriteString(a.ExternalID)
				if a.Author != "" {
					b.WriteString(" by " + a.Author)
				}
				if a.ReplyTo != "" {
					b.WriteString(" to " + a.ReplyTo)
				}
				got = append(got, fmt.Sprintf("%s: %s, %s", b.String(), a.Body, a.URL))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("activities (-want +got):\n%s", diff)
			}
			if len(f.Rejects) > 0 || c.left != "" && f.LeftOut[c.left] != 1 {
				t.Errorf("left out %v, rejected %+v; want %q left out", f.LeftOut, f.Rejects, c.left)
			}
		})
	}
}
