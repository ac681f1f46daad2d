// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/jsonfile"
)

// body is the text of a message, with a line for what hangs on it. What somebody passed on is quoted.
func body(m *message, mentions *[]string) string {
	text := m.text(mentions)
	if len(m.Forwarded) > 0 {
		from := "a deleted account"
		if name := plain(m.Forwarded, nil); name != "" {
			from = name
		}
		*mentions = nil // somebody else's words
		lines := []string{"Forwarded from " + from + ":"}
		if text != "" {
			lines = append(lines, "> "+strings.ReplaceAll(text, "\n", "\n> "))
		}
		text = strings.Join(lines, "\n")
	}
	lines := []string{}
	if text != "" {
		lines = append(lines, text)
	}
	return jsonfile.Clean(strings.Join(append(lines, attached(m)...), "\n"))
}

// attached is a line for each thing that hangs on a message.
func attached(m *message) []string {
	var lines []string
	add := func(what, name string) {
		if name != "" {
			what += ": " + name
		}
		lines = append(lines, "["+what+"]")
	}
	switch {
	case m.Media == "sticker":
		add("sticker", m.Sticker)
	case m.Media == "voice_message" || m.Media == "video_message":
		add(strings.ReplaceAll(m.Media, "_", " "), "")
	case m.File != "" || m.FileName != "":
		name := m.FileName
		if base := m.File[strings.LastIndexByte(m.File, '/')+1:]; name == "" && !strings.HasPrefix(m.File, "(") {
			name = base
		}
		add("file", name)
	case m.Photo != "":
		add("photo", "")
	case m.Poll != nil:
		lines = append(lines, "Poll: "+plain(m.Poll.Question, nil))
		for _, a := range m.Poll.Answers {
			lines = append(lines, "- "+plain(a.Text, nil))
		}
	case m.ToDo != nil:
		lines = append(lines, "To do: "+plain(m.ToDo.Title, nil))
		for _, item := range m.ToDo.Items {
			lines = append(lines, "- "+plain(item.Text, nil))
		}
	case m.Game != "":
		add("game", m.Game)
	case len(m.Invoice) > 0:
		add("invoice", "")
	case len(m.Giveaway) > 0:
		add("giveaway", "")
	case len(m.Winners) > 0:
		add("winners of a giveaway", "")
	case m.Stars > 0:
		add("pictures to be paid for", "")
	case m.Place != "":
		add("place", m.Place)
	case len(m.Location) > 0:
		add("location", "")
	case len(m.Contact) > 0:
		add("contact", "")
	}
	return lines
}

// text is the text of a message as Markdown.
func (m *message) text(mentions *[]string) string {
	if len(m.Entities) == 0 {
		return strings.TrimSpace(plain(m.Text, mentions))
	}
	var b strings.Builder
	for i := range m.Entities {
		b.WriteString(m.Entities[i].markdown(mentions))
	}
	return strings.TrimSpace(b.String())
}

// plain is a text that is a text, or a list of texts and entities.
func plain(v jsontext.Value, mentions *[]string) string {
	switch v.Kind() {
	case '"':
		return unquote(v)
	case '[':
		var parts []jsontext.Value
		if jsonfile.Unmarshal(v, &parts) != nil {
			return ""
		}
		var b strings.Builder
		for _, part := range parts {
			var e entity
			switch {
			case part.Kind() == '"':
				b.WriteString(unquote(part))
			case jsonfile.Unmarshal(part, &e) == nil:
				b.WriteString(e.markdown(mentions))
			}
		}
		return b.String()
	default:
		return ""
	}
}

func unquote(v jsontext.Value) string {
	s, _ := jsontext.AppendUnquote(nil, v) // its only error is invalid UTF-8, which it replaces
	return string(s)
}

func (e *entity) markdown(mentions *[]string) string {
	switch e.Type {
	case "text_link":
		if bare := strings.TrimSuffix(e.Href, "/"); e.Href == "" || e.Text == e.Href || e.Text == bare || "https://"+e.Text == bare {
			return e.Text
		}
		return e.Text + " (" + e.Href + ")"
	case "pre":
		return "\n```" + e.Language + "\n" + strings.Trim(e.Text, "\n") + "\n```\n"
	case "code":
		if strings.Contains(e.Text, "`") {
			return e.Text
		}
		return "`" + e.Text + "`"
	case "blockquote":
		return "\n> " + strings.ReplaceAll(strings.Trim(e.Text, "\n"), "\n", "\n> ") + "\n"
	case "mention_name":
		if id := "user" + strconv.FormatInt(e.UserID, 10); mentions != nil && e.UserID != 0 && !slices.Contains(*mentions, id) {
			*mentions = append(*mentions, id)
		}
		return "@" + strings.TrimPrefix(e.Text, "@")
	default:
		return e.Text
	}
}
