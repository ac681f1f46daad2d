// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"strings"
)

// tick reads inline code; s starts with a backtick.
func (r *Reader) tick(s string) int {
	run := 1
	for run < len(s) && s[run] == '`' {
		run++
	}
	if end := strings.Index(s[run:], s[:run]); end > 0 && end < 400 {
		r.add(Code, "")
		return run + end + run
	}
	return run
}

// image reads ![text](address).
func (r *Reader) image(s string) int {
	if mid := strings.Index(s, "]("); mid > 0 && mid < 200 {
		if end := strings.IndexByte(s[mid:], ')'); end > 0 {
			r.add(Image, "")
			return mid + end + 1
		}
	}
	return 2
}

// angle reads what stands in angle brackets: Slack's mentions, channels and links, tags and comments of HTML. open says
// that a comment begins that does not end here.
func (r *Reader) angle(s string) (n int, open bool) {
	if strings.HasPrefix(s, "<!--") {
		if end := strings.Index(s, "-->"); end >= 0 {
			return end + 3, false
		}
		return len(s), true
	}
	if e, n := emoticonAt(s, 0); n > 0 {
		r.add(Emoticon, e)
		return n, false
	}
	end := strings.IndexByte(s, '>')
	if end < 2 || end > 500 {
		return 1, false
	}
	inner := s[1:end]
	name, label, labeled := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(inner, "@") || strings.HasPrefix(inner, "!"):
		r.add(Mention, strings.Trim(name, "@!&"))
	case strings.HasPrefix(inner, "#"):
		if labeled {
			name = label
		}
		r.add(Channel, strings.TrimPrefix(name, "#"))
	case linkLen(name) > 0:
		r.add(Link, host(name))
		if labeled {
			r.inline(label)
		}
	case inner[0] == ':':
		if code, _, ok := strings.Cut(inner[1:], ":"); ok {
			r.add(Emoji, code) // Discord's own emoji: <:name:id>
		}
	case strings.HasPrefix(inner, "img"):
		r.add(Image, "")
	case inner[0] == '/' || isLetter(inner[0]) && (!strings.Contains(inner, " ") || strings.Contains(inner, "=")):
		if inner == "br" || inner == "br/" || inner[0] == '/' {
			r.end()
		}
	default:
		return 1, false
	}
	return end + 1, false
}

// linkLen is the length of an address of the web at the start of s, 0 if there is none.
func linkLen(s string) int {
	if s == "" {
		return 0
	}
	if c := s[0] | 0x20; c != 'h' && c != 'w' && c != 'f' && c != 'm' {
		return 0
	}
	start := 0
	for _, scheme := range [...]string{"https://", "http://", "www.", "ftp://", "mailto:"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			start = len(scheme)
			break
		}
	}
	if start == 0 {
		return 0
	}
	end, open := start, 0
	for end < len(s) && s[end] > ' ' && !strings.ContainsRune("<>\"|`", rune(s[end])) {
		switch s[end] {
		case '(':
			open++
		case ')':
			open--
		}
		if open < 0 {
			break // it closes what was opened before the address
		}
		end++
	}
	for end > start && strings.ContainsRune(".,;:!?'*_]", rune(s[end-1])) {
		end--
	}
	if end == start {
		return 0
	}
	return end
}

// host is the host of an address, without www.
func host(link string) string {
	if _, after, ok := strings.Cut(link, "://"); ok {
		link = after
	}
	link = strings.TrimPrefix(link, "mailto:")
	if i := strings.IndexAny(link, "/?#"); i >= 0 {
		link = link[:i]
	}
	return strings.TrimPrefix(strings.ToLower(link), "www.")
}

// isVersion reports whether a word is a version: v1, v1.2, 1.2.3-rc1, 2.x.
func isVersion(s string) bool {
	t := strings.TrimLeft(s, "vV")
	if len(s)-len(t) > 1 || t == "" || !isDigit(t[0]) {
		return false
	}
	dots, letters := 0, 0
	for i := range len(t) {
		switch c := t[i]; {
		case c == '.':
			dots++
		case isDigit(c):
		case c == '_' || c == '/':
			return false
		default:
			letters++
		}
	}
	if len(t) < len(s) {
		return dots > 0 && letters <= 6 || letters == 0
	}
	return dots > 1 && letters <= 6 || dots == 1 && letters == 1 && t[len(t)-1] == 'x'
}

// shortcodeLen is the length of a :shortcode: at the start of s, 0 if there is none.
func shortcodeLen(s string) int {
	for i := 1; i < len(s) && i < 40; i++ {
		c := s[i]
		if c == ':' {
			if i < 3 {
				return 0
			}
			return i + 1
		}
		if !isLetter(c) && !isDigit(c) && c != '_' && c != '-' && c != '+' {
			return 0
		}
	}
	return 0
}

// emoticons and their normal forms, the longer before the shorter.
var emoticons = [...][2]string{
	{":'-(", ":'("},
	{">:-(", ">:("},
	{":'(", ":'("},
	{">:(", ">:("},
	{":-)", ":)"},
	{":-(", ":("},
	{":-d", ":d"},
	{":-p", ":p"},
	{":-/", ":/"},
	{":-|", ":|"},
	{":-\\", ":/"},
	{":-o", ":o"},
	{";-)", ";)"},
	{"=)", ":)"},
	{"=(", ":("},
	{"=d", ":d"},
	{":)", ":)"},
	{":]", ":)"},
	{":(", ":("},
	{":[", ":("},
	{":d", ":d"},
	{":p", ":p"},
	{":/", ":/"},
	{":\\", ":/"},
	{":|", ":|"},
	{":o", ":o"},
	{";)", ";)"},
	{"</3", "</3"},
	{"<3", "<3"},
	{"^_^", "^^"},
	{"^^", "^^"},
	{"-_-", "-_-"},
	{"(:", ":)"},
	{"):", ":("},
	{"¯\\", ":/"},
}

// emoticonAt returns the normal form and the length of an emoticon at s[i], which stands apart from words.
func emoticonAt(s string, i int) (form string, n int) {
	switch s[i] {
	case ':', ';', '=', '<', '^', '-', '>', '(', ')':
	default:
		return "", 0
	}
	if i > 0 && (isLetter(s[i-1]) || isDigit(s[i-1])) {
		if s[i] != ':' && s[i] != ';' {
			return "", 0
		}
	}
	for k := range emoticons {
		e := emoticons[k][0]
		if len(s)-i < len(e) || s[i] != e[0] || !strings.EqualFold(s[i:i+len(e)], e) {
			continue
		}
		end := i + len(e)
		if last := e[len(e)-1]; isLetter(last) || last == '/' || last == '3' || last == '|' || last == '\\' {
			if end < len(s) && (isLetter(s[end]) || isDigit(s[end]) || s[end] == '/' || s[end] == '_') || i > 0 && (isLetter(s[i-1]) || isDigit(s[i-1])) {
				continue // C:/x, a:b
			}
		}
		return emoticons[k][1], len(e)
	}
	return "", 0
}

// letterEmoticon reads emoticons that begin with a letter.
func letterEmoticon(s string, i int) (form string, n int) {
	if c := s[i]; c != 'x' && c != 'X' && c != 'D' || i+1 >= len(s) || i > 0 && s[i-1] != ' ' {
		return "", 0
	}
	if s[i+1] != 'D' && s[i+1] != ':' || i+2 < len(s) && s[i+2] != ' ' && s[i+2] != '\n' || s[i] == 'D' && s[i+1] == 'D' {
		return "", 0
	}
	if s[i] == 'D' {
		return ":(", 2
	}
	if s[i+1] == ':' {
		return "", 0
	}
	return ":d", 2
}
