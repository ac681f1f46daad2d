// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxRead is how much of a body is read, in bytes. What somebody wants stands before that, or not at all.
const maxRead = 8000

// Reader cuts messages into tokens. It is not safe for concurrent use; its zero value is ready.
type Reader struct {
	tokens []Token
	spans  []span
	low    []byte // lower-case text of all tokens of the message
	title  bool
}

// span is where in low a token's text is, until low is complete.
type span struct{ from, to int }

// Read returns the tokens of a message. They are valid until the next call.
func (r *Reader) Read(title, body string) []Token {
	r.tokens, r.spans, r.low = r.tokens[:0], r.spans[:0], r.low[:0]
	if title != "" {
		r.title = true
		r.inline(cut(title))
		r.end()
		r.title = false
	}
	r.lines(cut(body))
	low := string(r.low)
	for i := range r.tokens {
		r.tokens[i].Lower = low[r.spans[i].from:r.spans[i].to]
	}
	return r.tokens
}

// cut shortens a text to what is read, at the start of a rune.
func cut(s string) string {
	if len(s) <= maxRead {
		return s
	}
	end := maxRead
	for end > maxRead-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// lines reads a body line by line, because code blocks, quotes and traces are made of lines.
func (r *Reader) lines(body string) {
	var fence string
	comment, indented, blank := false, false, true
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, " \t\r\n")
		text := strings.TrimLeft(line, " \t")
		if fence != "" {
			if strings.HasPrefix(text, fence) {
				fence = ""
			} else if i := strings.LastIndex(text, fence); i >= 0 {
				fence = "" // closed at the end of a line of code, as chat does
				r.inline(text[i+3:])
			}
			continue
		}
		if comment {
			_, after, found := strings.Cut(text, "-->")
			if !found {
				continue
			}
			comment, text = false, strings.TrimLeft(after, " \t")
		}
		if text == "" {
			blank = true
			r.end()
			continue
		}
		indented = isIndented(line) && (blank || indented)
		blank = false
		switch {
		case strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~"):
			r.block(Block)
			if strings.Count(text, text[:3]) == 1 {
				fence = text[:3]
			} else if i := strings.LastIndex(text, text[:3]); i+3 < len(text) {
				r.inline(text[i+3:])
			}
		case text[0] == '>' || strings.HasPrefix(text, "&gt;"):
			r.block(Quote)
		case indented || isTrace(text):
			r.block(Block)
		default:
			fence, comment = r.line(text)
		}
	}
}

// line reads one line of prose and reports whether it opens a code block or a comment that its end does not close.
func (r *Reader) line(text string) (fence string, comment bool) {
	if head := strings.TrimLeft(text, "#"); len(head) < len(text) && (head == "" || head[0] == ' ') {
		r.title = true
		r.inline(head)
		r.title = false
		r.end()
		return "", false
	}
	if i := strings.Index(text, "```"); i >= 0 && strings.Count(text, "```") == 1 {
		r.inline(text[:i])
		r.block(Block)
		return "```", false
	}
	comment = r.inline(text)
	r.end()
	return "", comment
}

// isIndented reports whether a line is indented as code is, and is not an item of a list.
func isIndented(line string) bool {
	if !strings.HasPrefix(line, "    ") && !strings.HasPrefix(line, "\t") {
		return false
	}
	text := strings.TrimLeft(line, " \t")
	return text != "" && !strings.ContainsRune("-*+•0123456789", rune(text[0]))
}

// isTrace reports whether a line is part of a stack trace or a log rather than a sentence.
func isTrace(line string) bool {
	if strings.HasPrefix(line, "at ") && strings.ContainsAny(line, "(:") && strings.HasSuffix(line, ")") ||
		strings.HasPrefix(line, `File "`) || strings.HasPrefix(line, "Traceback (") || strings.HasPrefix(line, "goroutine ") {
		return true
	}
	if len(line) < 24 || strings.Contains(line, "://") {
		return false
	}
	letters, spaces, other := 0, 0, 0
	for i := range len(line) {
		switch c := line[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf || c == '\'' || c == ',' || c == '.':
			letters++
		case c == ' ':
			spaces++
		default:
			other++
		}
	}
	return other*4 > letters*3 && other > 8 || spaces == 0 && len(line) > 80
}

// block adds a token for lines that are not prose; lines that follow each other are one block.
func (r *Reader) block(k Kind) {
	if n := len(r.tokens); n > 0 && r.tokens[n-1].Kind == k {
		return
	}
	if n := len(r.tokens); n > 1 && r.tokens[n-1].Kind == Break && r.tokens[n-2].Kind == k {
		return
	}
	r.add(k, "")
	r.end()
}

// end ends a sentence.
func (r *Reader) end() {
	if n := len(r.tokens); n == 0 || r.tokens[n-1].Kind == Break {
		return
	}
	r.add(Break, "")
}

// add adds a token with its text in lower case.
func (r *Reader) add(k Kind, text string) {
	from := len(r.low)
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			r.low = append(r.low, c)
			i++
			continue
		}
		v, n := utf8.DecodeRuneInString(text[i:])
		i += n
		switch v {
		case '’', '‘':
			r.low = append(r.low, '\'')
		default:
			r.low = utf8.AppendRune(r.low, unicode.ToLower(v)) // a byte that is no UTF-8 becomes U+FFFD
		}
	}
	r.spans = append(r.spans, span{from, len(r.low)})
	r.tokens = append(r.tokens, Token{Kind: k, Title: r.title, Run: 1})
}
