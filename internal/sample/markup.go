// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"html"
	"regexp"
	"strings"
)

// inline finds what is marked up inside a paragraph: `code`, **bold** and addresses of pages.
var inline = regexp.MustCompile("`[^`\n]+`|\\*\\*[^*\n]+\\*\\*|https?://[^\\s<>]*[^\\s<>.,;)]")

// render replaces the marked up parts of a paragraph by mark, and passes the rest through plain.
func render(text string, plain func(string) string, mark func(kind byte, inner string) string) string {
	var b strings.Builder
	for {
		at := inline.FindStringIndex(text)
		if at == nil {
			b.WriteString(plain(text))
			return b.String()
		}
		b.WriteString(plain(text[:at[0]]))
		part := text[at[0]:at[1]]
		switch part[0] {
		case '`':
			b.WriteString(mark('`', part[1:len(part)-1]))
		case '*':
			b.WriteString(mark('*', part[2:len(part)-2]))
		default:
			b.WriteString(mark('h', part))
		}
		text = text[at[1]:]
	}
}

// asHTML is the body as Discourse and Stack Exchange cook it. before goes into the first paragraph as it is.
func asHTML(body []block, before string) string {
	var b strings.Builder
	for i, part := range body {
		if i > 0 {
			b.WriteByte('\n')
		}
		if part.code {
			b.WriteString("<pre><code>" + html.EscapeString(part.text) + "\n</code></pre>")
			continue
		}
		b.WriteString("<p>")
		if i == 0 {
			b.WriteString(before)
		}
		escape := func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\n") }
		b.WriteString(render(part.text, escape, func(kind byte, inner string) string {
			inner = html.EscapeString(inner)
			switch kind {
			case '`':
				return "<code>" + inner + "</code>"
			case '*':
				return "<strong>" + inner + "</strong>"
			default:
				return `<a href="` + inner + `" rel="noopener nofollow ugc">` + inner + `</a>`
			}
		}))
		b.WriteString("</p>")
	}
	return b.String()
}

// asMarkdown is the body for GitHub and Discord.
func asMarkdown(body []block, before string) string {
	parts := make([]string, len(body))
	for i, part := range body {
		parts[i] = part.text
		if part.code {
			parts[i] = "```\n" + part.text + "\n```"
		}
	}
	return before + strings.Join(parts, "\n\n")
}

// asSlack is the body in Slack's own markup, where only three characters are escaped.
func asSlack(body []block, before string) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	var b strings.Builder
	b.WriteString(before)
	for i, part := range body {
		if i > 0 {
			b.WriteByte('\n')
		}
		if part.code {
			b.WriteString("```" + escape.Replace(part.text) + "```")
			continue
		}
		b.WriteString(render(part.text, escape.Replace, func(kind byte, inner string) string {
			switch kind {
			case '`':
				return "`" + escape.Replace(inner) + "`"
			case '*':
				return "*" + escape.Replace(inner) + "*"
			default:
				return "<" + inner + ">"
			}
		}))
	}
	return b.String()
}

// asText is the body of a mail, wrapped at 72 characters, code indented.
func asText(body []block) string {
	var b strings.Builder
	for i, part := range body {
		if i > 0 {
			b.WriteString("\n")
		}
		for line := range strings.SplitSeq(part.text, "\n") {
			if part.code {
				b.WriteString("    " + line + "\n")
				continue
			}
			width := 0
			for n, word := range strings.Fields(line) {
				switch {
				case n > 0 && width+1+len(word) > 72:
					b.WriteByte('\n')
					width = 0
				case n > 0:
					b.WriteByte(' ')
					width++
				}
				b.WriteString(word)
				width += len(word)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
