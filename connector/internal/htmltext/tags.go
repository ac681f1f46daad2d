// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package htmltext

import (
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"
)

// tag is an opening tag with those of its attributes that matter.
type tag struct {
	name                                     atom.Atom
	class, href, src, alt, id, onebox, title string
}

func (t *tag) has(class string) bool {
	for c := range strings.FieldsSeq(t.class) {
		if c == class {
			return true
		}
	}
	return false
}

func (c *converter) readTag() tag {
	name, more := c.z.TagName()
	t := tag{name: atom.Lookup(name)}
	for more {
		var key, val []byte
		key, val, more = c.z.TagAttr()
		switch string(key) {
		case "class":
			t.class = string(val)
		case "href":
			t.href = clean(val)
		case "src":
			t.src = clean(val)
		case "alt":
			t.alt = clean(val)
		case "title":
			t.title = clean(val)
		case "data-onebox-src":
			t.onebox = clean(val)
		case "data-youtube-id":
			t.id = clean(val)
		}
	}
	return t
}

func clean(b []byte) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", ""))
}

func (c *converter) start() {
	t := c.readTag()
	if c.skip.depth > 0 {
		c.startSkipped(&t)
		return
	}
	if c.drop(&t) {
		return
	}
	switch t.name {
	case atom.Br:
		c.lines++
		c.space = false
	case atom.P, atom.Details, atom.Table, atom.Ul, atom.Ol, atom.Dl:
		c.block(&t)
	case atom.Div, atom.Section, atom.Article, atom.Summary, atom.Dt, atom.Dd, atom.Figure, atom.Figcaption:
		c.brk(1)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		c.brk(2)
		c.write(strings.Repeat("#", int(t.name.String()[1]-'0')))
		c.space = true
	case atom.Blockquote, atom.Aside:
		c.quote(&t)
	case atom.Li:
		c.item()
	case atom.Pre:
		c.fence()
	case atom.Code:
		c.code(&t)
	case atom.A:
		c.closeLinks()
		c.link = &openLink{Link: Link{Href: t.href, Class: t.class, Quoted: c.depth > 0}, from: -1}
		c.openLink()
	case atom.Img:
		c.image(&t)
	case atom.Tr:
		c.brk(1)
		c.cells = 0
	case atom.Td, atom.Th:
		c.cell()
	case atom.Hr:
		c.brk(2)
		c.write("---")
		c.brk(2)
	default: // tags that only mark up what stands in them
	}
}

// drop begins to skip what is not the author's words. It reports whether the tag was of that kind.
func (c *converter) drop(t *tag) bool {
	want := false
	switch {
	case t.name == atom.Script || t.name == atom.Style || t.name == atom.Svg || t.name == atom.Template || t.name == atom.Noscript:
	case t.name == atom.Aside && t.has("onebox"):
		want = true
		if t.onebox != "" {
			c.brk(1)
			c.write(t.onebox)
			c.brk(1)
			want = false
		}
	case t.name == atom.Div && (t.has("meta") || t.has("quote-controls") || t.has("onebox-metadata")):
	case t.name == atom.Div && t.id != "":
		c.brk(1)
		c.write("https://www.youtube.com/watch?v=" + t.id)
		c.brk(1)
	case t.name == atom.Iframe:
		c.brk(1)
		c.write(t.src)
		c.brk(1)
	default:
		return false
	}
	c.skip = skipping{tag: t.name, depth: 1, want: want}
	return true
}

func (c *converter) startSkipped(t *tag) {
	if t.name == c.skip.tag {
		c.skip.depth++
	}
	if c.skip.want && t.name == atom.A && t.href != "" {
		c.skip.want = false
		c.brk(1)
		c.write(t.href)
		c.brk(1)
		c.links = append(c.links, Link{Href: t.href, Class: t.class, Quoted: c.depth > 0})
	}
}

func (c *converter) block(t *tag) {
	switch t.name {
	case atom.Ul, atom.Ol:
		if len(c.lists) == 0 {
			c.brk(2)
		}
		c.lists = append(c.lists, list{ordered: t.name == atom.Ol, next: 1})
	case atom.P:
		if !c.fresh {
			c.brk(2)
		}
	default:
		c.brk(2)
	}
}

// quote begins a quote. A forum's aside around a quotation is one with the blockquote in it: its title says whom it
// quotes. An aside of another kind indents nothing.
func (c *converter) quote(t *tag) {
	n := len(c.quotes)
	around := t.name == atom.Blockquote && n > 0 && c.quotes[n-1] == quote{atom.Aside, true}
	if around || t.name == atom.Aside && !t.has("quote") {
		c.brk(1)
		c.quotes = append(c.quotes, quote{tag: t.name})
		c.fresh = true
		return
	}
	if c.out.Len() > 0 && c.fresh { // a quote that begins a quote
		c.brk(1)
	} else if c.out.Len() > 0 { // the break before the quote carries the marks of what stands around it, the last one its own
		c.brk(2)
		for ; c.lines > 1; c.lines-- {
			c.newline()
		}
	}
	c.quotes = append(c.quotes, quote{tag: t.name, indents: true})
	c.depth++
	c.fresh = true
}

// unquote ends a quote, and those inside it that were never ended.
func (c *converter) unquote(name atom.Atom) {
	for n := len(c.quotes) - 1; n >= 0; n-- {
		if c.quotes[n].tag != name {
			continue
		}
		for _, q := range c.quotes[n:] {
			if q.indents {
				c.depth--
			}
		}
		c.brk(1)
		if c.quotes[n].indents {
			c.brk(2)
		}
		c.quotes = c.quotes[:n]
		return
	}
}

func (c *converter) item() {
	c.brk(1)
	n := len(c.lists)
	if n == 0 {
		c.write("-")
		c.space, c.fresh = true, true
		return
	}
	mark := "-"
	if l := &c.lists[n-1]; l.ordered {
		mark = strconv.Itoa(l.next) + "."
		l.next++
	}
	c.write(strings.Repeat("  ", min(n, maxDepth)-1) + mark)
	c.space, c.fresh = true, true
}

func (c *converter) fence() {
	c.pre++
	if c.pre == 1 {
		c.brk(2)
		c.write("```")
		c.lines, c.fenced = 1, true
	}
}

func (c *converter) code(t *tag) {
	if c.pre == 0 {
		c.write("`")
		return
	}
	for class := range strings.FieldsSeq(t.class) {
		lang, ok := strings.CutPrefix(class, "lang-")
		if ok && lang != "auto" && lang != "nohighlight" && lang != "plaintext" && c.fenced {
			c.lines = 0
			c.write(lang)
			c.lines = 1
		}
	}
}

func (c *converter) image(t *tag) {
	alt := t.alt
	switch {
	case t.has("emoji"):
		if alt == "" {
			alt = t.title
		}
		c.write(alt)
	case t.has("avatar") || t.has("site-icon") || t.has("thumbnail") || t.has("onebox-avatar") || t.has("onebox-avatar-inline"):
	case alt != "":
		c.write("[image: " + alt + "]")
	default:
		c.write("[image]")
	}
}

func (c *converter) cell() {
	if c.cells > 0 {
		c.space = true
		c.write("|")
		c.space = true
	}
	c.cells++
	c.lines = 0
	if c.cells == 1 {
		c.lines = 1
	}
}

func (c *converter) end(name atom.Atom) {
	if c.skip.depth > 0 {
		if name == c.skip.tag {
			c.skip.depth--
		}
		return
	}
	switch name {
	case atom.P:
		c.brk(2 - min(len(c.lists), 1))
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Details:
		c.brk(2)
	case atom.Div, atom.Section, atom.Article, atom.Summary, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Figcaption:
		c.brk(1)
	case atom.Ul, atom.Ol:
		if n := len(c.lists); n > 0 {
			c.lists = c.lists[:n-1]
		}
		c.brk(2 - min(len(c.lists), 1))
	case atom.Blockquote, atom.Aside:
		c.unquote(name)
	case atom.Pre:
		c.unfence()
	case atom.Code:
		if c.pre == 0 {
			c.space = false
			c.write("`")
		}
	case atom.A:
		c.closeLinks()
	default:
	}
}

func (c *converter) unfence() {
	if c.pre == 0 {
		return
	}
	c.pre--
	if c.pre == 0 {
		c.lines, c.fenced, c.space = 1, false, false
		c.write("```")
		c.brk(2)
	}
}

// openLink notes where the text of a link begins, once the breaks before it are written.
func (c *converter) openLink() {
	if c.lines == 0 && c.space && c.midline {
		c.out.WriteByte(' ')
		c.space = false
	}
	c.link.from = c.out.Len()
}

// closeLinks ends the open link: its address follows its text where that says something else.
func (c *converter) closeLinks() {
	l := c.link
	if l == nil {
		return
	}
	c.link = nil
	l.Text = strings.TrimSpace(strings.TrimLeft(c.out.String()[min(l.from, c.out.Len()):], "\n> "))
	c.links = append(c.links, l.Link)
	t := tag{class: l.Class}
	switch {
	case l.Href == "" || strings.HasPrefix(l.Href, "#") || t.has("mention") || t.has("mention-group") || t.has("hashtag") ||
		t.has("hashtag-cooked") || t.has("lightbox") || t.has("badge-wrapper"):
	case same(l.Text, l.Href):
	case l.Text == "":
		c.write(c.whole(l.Href))
	default:
		c.space = true
		c.write("(" + strings.TrimPrefix(c.whole(l.Href), "mailto:") + ")")
	}
}

// whole makes a whole address of one within the site.
func (c *converter) whole(href string) string {
	if strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "//") {
		return c.base + href
	}
	return href
}

// same reports whether the text of a link says no less than its address.
func same(text, href string) bool {
	bare := func(s string) string {
		for _, prefix := range []string{"mailto:", "https://", "http://", "www."} {
			s = strings.TrimPrefix(s, prefix)
		}
		return strings.TrimSuffix(s, "/")
	}
	return bare(text) == bare(href)
}
