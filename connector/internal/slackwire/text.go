// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackwire

import (
	"html"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/jsonfile"
)

// speaker turns Slack's markup into plain text. It knows the names of people and channels.
type speaker struct {
	People   map[string]string // user id → the name that is shown
	Channels map[string]string // channel id → name
}

// At writes a person's name with an @ in front; label is what the text itself says.
func (s *speaker) At(id, label string) string {
	if name := s.People[id]; name != "" {
		return "@" + name
	}
	if label != "" {
		return "@" + strings.TrimPrefix(label, "@")
	}
	return "@" + id
}

func (s *speaker) channel(id, label string) string {
	if label != "" {
		return "#" + strings.TrimPrefix(label, "#")
	}
	if name := s.Channels[id]; name != "" {
		return "#" + name
	}
	return "#" + id
}

// mrkdwn turns a text with <…> references and &…; escapes into plain text, and adds who is mentioned to mentions.
func (s *speaker) mrkdwn(text string, mentions *[]string) string {
	if strings.IndexByte(text, '<') < 0 {
		return fenced(unescape(text))
	}
	var b strings.Builder
	b.Grow(len(text))
	for {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			break
		}
		end := strings.IndexByte(text[open:], '>')
		if end < 0 {
			break
		}
		b.WriteString(unescape(text[:open]))
		b.WriteString(s.reference(text[open+1:open+end], mentions))
		text = text[open+end+1:]
	}
	b.WriteString(unescape(text))
	return fenced(b.String())
}

// fenced gives the fences of code blocks lines of their own. Slack lets them stand in the middle of a line, where they
// are no fences to anything else.
func fenced(text string) string {
	parts := strings.Split(text, "```")
	if len(parts) < 3 || len(parts)%2 == 0 { // none, or one that is never closed
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 2*len(parts))
	for i, part := range parts {
		if i > 0 {
			b.WriteString("```")
			if part != "" && part[0] != '\n' {
				b.WriteByte('\n')
			}
		}
		b.WriteString(part)
		if i < len(parts)-1 && part != "" && part[len(part)-1] != '\n' {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// reference turns the inside of <…> into text.
func (s *speaker) reference(ref string, mentions *[]string) string {
	target, label, _ := strings.Cut(ref, "|")
	label = unescape(label)
	if target == "" {
		return label
	}
	switch target[0] {
	case '@':
		id := target[1:]
		if id != "" && !slices.Contains(*mentions, id) {
			*mentions = append(*mentions, id)
		}
		return s.At(id, label)
	case '#':
		return s.channel(target[1:], label)
	case '!':
		return special(target[1:], label)
	}
	return link(unescape(target), label)
}

// special is a reference to a group or a date: <!here>, <!subteam^S1|@team>, <!date^1700000000^{date}|fallback>.
func special(target, label string) string {
	name, rest, _ := strings.Cut(target, "^")
	switch {
	case label != "" && name == "subteam":
		return "@" + strings.TrimPrefix(label, "@")
	case name == "subteam":
		return "@" + rest
	case name == "date":
		return label
	default:
		return "@" + name
	}
}

// link writes a link as its text and, where that says something else, its address.
func link(target, label string) string {
	shown := strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:")
	bare := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(shown, "https://"), "http://"), "/")
	if label == "" || label == shown || label == bare || label == strings.TrimSuffix(shown, "/") {
		return shown
	}
	return label + " (" + shown + ")"
}

func unescape(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return html.UnescapeString(s)
}

// body is the text of a message, with a line for each file. Where the text is empty, as bots' often is, it is taken
// from the blocks and attachments.
func (s *speaker) body(msg *message, rest func() *extra, mentions *[]string) string {
	text := msg.Text
	out := s.mrkdwn(text, mentions)
	if strings.TrimSpace(text) == "" {
		if x := rest(); x != nil {
			out = s.blocks(x, mentions)
			if out == "" {
				out = s.attachments(x, mentions)
			}
		}
	}
	for _, f := range msg.Files {
		line := "[file]"
		if name := fileName(f); name != "" {
			line = "[file: " + name + "]"
		} else if text != "" {
			continue
		}
		if out != "" {
			out += "\n"
		}
		out += line
	}
	return jsonfile.Clean(out)
}

func fileName(f file) string {
	if f.Name != "" {
		return f.Name
	}
	return f.Title
}

func (s *speaker) attachments(x *extra, mentions *[]string) string {
	var all []attachment
	if jsonfile.Unmarshal(x.Attachments, &all) != nil { // bots write what they like: the raw payload keeps it
		return ""
	}
	var parts []string
	for _, a := range all {
		lines := []string{s.mrkdwn(a.Pretext, mentions), s.mrkdwn(a.Title, mentions), s.mrkdwn(a.Text, mentions)}
		if a.Title != "" && a.TitleLink != "" {
			lines[1] = link(unescape(a.TitleLink), lines[1])
		}
		if a.Title == "" && a.Text == "" && a.Pretext == "" {
			lines[2] = s.mrkdwn(a.Fallback, mentions)
		}
		lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
		if len(lines) > 0 {
			parts = append(parts, strings.Join(lines, "\n"))
		}
	}
	return strings.Join(parts, "\n\n")
}

func (s *speaker) blocks(x *extra, mentions *[]string) string {
	var all []block
	if jsonfile.Unmarshal(x.Blocks, &all) != nil {
		return ""
	}
	var parts []string
	for i := range all {
		if text := strings.TrimSpace(s.block(&all[i], mentions)); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n")
}

func (s *speaker) block(b *block, mentions *[]string) string {
	inside := func(sep string) string {
		parts := make([]string, 0, len(b.Elements))
		for i := range b.Elements {
			if text := s.block(&b.Elements[i], mentions); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, sep)
	}
	switch b.Type {
	case "rich_text":
		return inside("\n")
	case "rich_text_section":
		return inside("")
	case "rich_text_preformatted":
		return "```\n" + inside("") + "\n```"
	case "rich_text_quote":
		return "> " + strings.ReplaceAll(inside(""), "\n", "\n> ")
	case "rich_text_list":
		return strings.Repeat("  ", min(max(b.Indent, 0), 8)) + "- " + inside("\n"+strings.Repeat("  ", min(max(b.Indent, 0), 8))+"- ")
	case "text":
		return objectText(b)
	case "link":
		return link(b.URL, objectText(b))
	case "emoji":
		return ":" + b.Name + ":"
	case "user":
		return s.reference("@"+b.UserID, mentions)
	case "channel":
		return s.channel(b.Channel, "")
	case "broadcast":
		return "@" + b.Range
	case "date":
		return b.Fallback
	case "mrkdwn", "section", "header", "plain_text", "context":
		return s.section(b, inside, mentions)
	default:
		return "" // buttons, images, dividers
	}
}

func (s *speaker) section(b *block, inside func(string) string, mentions *[]string) string {
	lines := []string{s.mrkdwn(objectText(b), mentions)}
	for _, f := range b.Fields {
		lines = append(lines, s.mrkdwn(f.Text, mentions))
	}
	lines = append(lines, inside(" "))
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
}

// objectText is the text of a block, which is a plain text in some and an object in others.
func objectText(b *block) string {
	if b.Text.Kind() == '"' {
		plain, _ := jsontext.AppendUnquote(nil, b.Text) // its only error is invalid UTF-8, which it replaces
		return string(plain)
	}
	var object textObject
	if len(b.Text) > 0 && jsonfile.Unmarshal(b.Text, &object) == nil {
		return object.Text
	}
	return ""
}
