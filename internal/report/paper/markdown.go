// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"bytes"
	"html/template"
	"net/url"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// parse reads Markdown. Pictures become their description: one that is loaded from elsewhere tells who reads.
func parse(source []byte) ast.Node {
	doc := goldmark.New(goldmark.WithExtensions(extension.Linkify)).Parser().Parse(text.NewReader(source))
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if i, ok := n.(*ast.Image); ok && entering {
			pictures = append(pictures, i)
		}
		return ast.WalkContinue, nil
	})
	for _, i := range pictures {
		i.Parent().ReplaceChild(i.Parent(), i, ast.NewString([]byte(plain(i, source))))
	}
	return doc
}

// plain is the text of a node without marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// Markdown writes people's text as HTML. HTML in it, pictures and dangerous links are left out.
func Markdown(source string) template.HTML {
	var out bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.Linkify))
	if err := md.Renderer().Render(&out, []byte(source), parse([]byte(source))); err != nil {
		return template.HTML(template.HTMLEscapeString(source)) //nolint:gosec // it is escaped
	}
	return template.HTML(out.String()) //nolint:gosec // goldmark leaves raw HTML and dangerous links out
}

// run is a piece of text in one style.
type run struct {
	text  string
	style string // "", "B" or "I"
	link  string
}

// paragraph is a block of runs.
type paragraph struct {
	runs    []run
	heading int
	bullet  string // before the first line
	indent  int
	quote   bool
}

// paragraphs takes Markdown apart for places that know no HTML.
func paragraphs(source string) []paragraph {
	data := []byte(source)
	var all []paragraph
	collect(parse(data), data, paragraph{}, &all)
	return all
}

func collect(n ast.Node, source []byte, as paragraph, all *[]paragraph) {
	switch n := n.(type) {
	case *ast.Heading:
		as.heading = n.Level
		as.runs = inline(n, source, run{style: "B"}, nil)
		*all = append(*all, as)
		return
	case *ast.Paragraph, *ast.TextBlock:
		as.runs = inline(n, source, run{}, nil)
		*all = append(*all, as)
		return
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		var b strings.Builder
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			b.Write(line.Value(source))
		}
		as.runs = []run{{text: strings.TrimRight(b.String(), "\n")}}
		*all = append(*all, as)
		return
	case *ast.HTMLBlock:
		return
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			mark := "•"
			if n.IsOrdered() {
				mark = itoa(number) + "."
				number++
			}
			inner := as
			inner.indent++
			first := len(*all)
			for c := item.FirstChild(); c != nil; c = c.NextSibling() {
				collect(c, source, inner, all)
			}
			if len(*all) > first {
				(*all)[first].bullet = mark
			}
		}
		return
	case *ast.Blockquote:
		as.quote = true
		as.indent++
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		collect(c, source, as, all)
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func inline(n ast.Node, source []byte, style run, all []run) []run {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		at := style
		switch c := c.(type) {
		case *ast.Text:
			at.text = string(c.Segment.Value(source))
			if c.SoftLineBreak() {
				at.text += " "
			}
			if c.HardLineBreak() {
				at.text += "\n"
			}
			all = append(all, at)
			continue
		case *ast.String:
			at.text = string(c.Value)
			all = append(all, at)
			continue
		case *ast.Emphasis:
			if at.style = "I"; c.Level > 1 {
				at.style = "B"
			}
		case *ast.Link:
			at.link = safeLink(string(c.Destination))
		case *ast.AutoLink:
			at.text, at.link = string(c.Label(source)), safeLink(string(c.URL(source)))
			all = append(all, at)
			continue
		case *ast.RawHTML:
			continue
		}
		all = inline(c, source, at, all)
	}
	return all
}

// safeLink is an address that a reader may open; "" for all but the web and mail.
func safeLink(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" {
		return ""
	}
	return address
}
