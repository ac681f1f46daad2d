// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package htmltext turns the HTML of a forum post into plain text that reads well and can be searched.
//
// Code blocks become fences, quotes lines with "> ", lists lines with "- ", links their text followed by the address
// where that says something else. What is not the author's words goes: scripts, pictures' markup, the preview that a
// forum adds to a link, the avatar and buttons around a quote. Emphasis goes too, since the text is read by people and
// by rules alike.
//
// The input is read as a stream of tags, in time that grows with its length only, however deep its tags are nested.
package htmltext

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth bounds how deep quotes and lists are indented; deeper ones stay at that depth.
const maxDepth = 12

// Link is a link of the text.
type Link struct {
	Href, Text, Class string
	Quoted            bool // it stands in a quote
}

// Result is a converted text.
type Result struct {
	Text  string
	Links []Link // in order, those of previews and quotes included
}

// Convert turns HTML into text. base, which may be empty, is the site that links like "/t/12" are of.
func Convert(src, base string) Result {
	c := converter{z: html.NewTokenizer(strings.NewReader(src)), base: strings.TrimSuffix(base, "/")}
	c.out.Grow(len(src))
	for {
		switch c.z.Next() {
		case html.ErrorToken: // the end: reading from a text has no other errors
			c.closeLinks()
			return Result{Text: strings.TrimRight(c.out.String(), " \n"), Links: c.links}
		case html.TextToken:
			c.text(string(c.z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			c.start()
		case html.EndTagToken:
			name, _ := c.z.TagName()
			c.end(atom.Lookup(name))
		default:
		}
	}
}

// Text turns HTML into text and forgets the links.
func Text(src string) string { return Convert(src, "").Text }

type converter struct {
	z       *html.Tokenizer
	base    string
	out     strings.Builder
	lines   int  // line breaks that are due before the next text
	space   bool // a space is due before the next text
	midline bool // the current line holds text
	fresh   bool // a list item or quote has begun and holds nothing yet
	skip    skipping
	quotes  []quote
	depth   int // quotes that indent
	lists   []list
	pre     int
	fenced  bool // a fence has begun and holds nothing yet
	link    *openLink
	cells   int // cells in the current table row
	links   []Link
}

// quote is an open blockquote or aside.
type quote struct {
	tag     atom.Atom
	indents bool
}

type list struct {
	ordered bool
	next    int
}

type openLink struct {
	Link
	from int
}

// skipping counts the open tags of one name until the outermost that is skipped is closed.
type skipping struct {
	tag   atom.Atom
	depth int
	want  bool // the address of the first link inside stands for all of it
}

// text writes text between tags.
func (c *converter) text(s string) {
	if c.skip.depth > 0 {
		return
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if c.pre > 0 {
		for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
			if i > 0 {
				c.lines++
			}
			if c.fenced && line != "" { // an empty line at the start of the code is no part of it
				c.fenced, c.lines = false, 1
			}
			c.write(line)
		}
		return
	}
	from := 0
	for i := range len(s) {
		if !isSpace(s[i]) {
			continue
		}
		c.write(s[from:i])
		c.space = true
		from = i + 1
	}
	c.write(s[from:])
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// write puts text on the current line, after the line breaks, marks and space that are due.
func (c *converter) write(s string) {
	if s == "" {
		return
	}
	if c.out.Len() == 0 {
		c.lines, c.space = 0, false
		c.mark()
	}
	for ; c.lines > 0; c.lines-- {
		c.newline()
	}
	if c.space && c.midline {
		c.out.WriteByte(' ')
	}
	c.space = false
	c.out.WriteString(s)
	c.midline, c.fresh = true, false
}

// newline ends the line and begins the next one with the marks of the quotes it is in.
func (c *converter) newline() {
	c.out.WriteByte('\n')
	c.midline, c.space = false, false
	c.mark()
}

func (c *converter) mark() {
	for range min(c.depth, maxDepth) {
		c.out.WriteString("> ")
	}
}

// brk asks for at least n line breaks before the next text.
func (c *converter) brk(n int) {
	c.lines = max(c.lines, n)
	c.space = false
}
