// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package htmltext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector/internal/htmltext"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"paragraphs", "<p>One\n two.</p>\n<p>Three<br>four &amp; five</p>", "One two.\n\nThree\nfour & five"},
		{"plain text", "no markup", "no markup"},
		{"emphasis", "<p>an <strong>old</strong> <em>trick</em>.</p>", "an old trick."},
		{"code block", "<p>Try:</p>\n<pre><code class=\"lang-cpp\">if (a &lt; b) {\n\n    go();\n}\n</code></pre>\n<p>ok</p>", "Try:\n\n```cpp\nif (a < b) {\n\n    go();\n}\n```\n\nok"},
		{"code without language", "<pre><code class=\"lang-auto\">\nx</code></pre>", "```\nx\n```"},
		{"inline code", "<p>call <code>a  b()</code>.</p>", "call `a b()`."},
		{"links", `<p><a href="https://a.example/x">here</a>, <a href="https://a.example/">a.example</a>, <a href="mailto:a@b.example">a@b.example</a>, <a href="#top">up</a></p>`, "here (https://a.example/x), a.example, a@b.example, up"},
		{"mention", `<p>Hi <a class="mention" href="/u/ana">@ana</a>!</p>`, "Hi @ana!"},
		{"lists", "<p>Do:</p><ul><li>one</li><li><p>two</p><ol><li>a</li><li>b</li></ol></li></ul><p>done</p>", "Do:\n\n- one\n- two\n  1. a\n  2. b\n\ndone"},
		{"quote", "<p>He said</p><blockquote><p>a</p><p>b</p></blockquote><p>and left</p>", "He said\n\n> a\n> \n> b\n\nand left"},
		{"quote first", "<blockquote><p>a</p></blockquote>b", "> a\n\nb"},
		{"forum quote", `<aside class="quote no-group" data-username="ana" data-post="2"><div class="title"><div class="quote-controls"></div><img class="avatar" src="x"> ana:</div><blockquote><p>first</p><blockquote><p>inner</p></blockquote></blockquote></aside><p>Yes.</p>`, "> ana:\n> first\n> \n> > inner\n\nYes."},
		{"link preview", `<p>See</p><aside class="onebox githubblob"><header class="source"><a href="https://git.example/a.c">git.example</a></header><article><h4><a href="https://git.example/a.c">a.c</a></h4><pre><code>int main;</code></pre></article></aside><p>there</p>`, "See\n\nhttps://git.example/a.c\n\nthere"},
		{"picture", `<div class="lightbox-wrapper"><a class="lightbox" href="https://c.example/a.png"><img src="a.png" alt="screen"><div class="meta"><svg></svg><span class="filename">a</span><span>9 kB</span></div></a></div>`, "[image: screen]"},
		{"emoji", `<p>nice <img class="emoji" alt=":tada:" title=":tada:" src="x"></p>`, "nice :tada:"},
		{"table", "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>", "a | b\n1 | 2"},
		{"heading and rule", "<h2>Title</h2><p>x</p><hr><p>y</p>", "## Title\n\nx\n\n---\n\ny"},
		{"script", "<p>a<script>alert('<p>')</script>b</p>", "ab"},
		{"video", `<div class="lazyYT" data-youtube-id="abc"></div>`, "https://www.youtube.com/watch?v=abc"},
		{"unclosed", "<blockquote><p>a <b>b <a href='https://x.example'>c", "> a b c (https://x.example)"},
		{"code in a quote", "<blockquote><pre><code>a\nb</code></pre></blockquote>", "> ```\n> a\n> b\n> ```"},
		{"NUL and broken UTF-8", "a\x00b\xff", "ab\uFFFD"},
		{"wrong nesting", "</blockquote></ul></pre><li>a</blockquote></aside>", "- a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, htmltext.Text(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	got := htmltext.Convert(`<p><a class="mention" href="/u/ana">@ana</a> <a href="https://x.example">x</a></p><blockquote><a class="mention" href="/u/ben">@ben</a></blockquote>`, "").Links
	want := []htmltext.Link{{Href: "/u/ana", Text: "@ana", Class: "mention"}, {Href: "https://x.example", Text: "x"}, {Href: "/u/ben", Text: "@ben", Class: "mention", Quoted: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBase(t *testing.T) {
	got := htmltext.Convert(`<a href="/t/12">that topic</a>`, "https://forum.example.com/").Text
	if want := "that topic (https://forum.example.com/t/12)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzConvert(f *testing.F) {
	for _, s := range []string{
		"<p>a<br>b", "<pre><code class=lang-c>x\n</pre>", `<aside class="quote"><div class="title">a:</div><blockquote>b`,
		`<aside class="onebox"><a href=x>y`, "<ul><li><ol><li>a", "<table><tr><td>1<td>2", "<a href=x><a href=y>z", "<blockquote></p></aside>\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := htmltext.Text(s)
		if !utf8.ValidString(got) || strings.ContainsRune(got, 0) {
			t.Errorf("not text: %q", got)
		}
	})
}

func BenchmarkConvert(b *testing.B) {
	s := strings.Repeat(`<p>Some text with a <a href="https://example.com/x" rel="nofollow">link</a> and <code>code</code>.</p><pre><code class="lang-go">func main() {}
</code></pre><blockquote><p>quoted</p></blockquote>`, 20)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		htmltext.Text(s)
	}
}
