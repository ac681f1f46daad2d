// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// written shows tokens as one line: kinds that have no text by their name.
func written(tokens []Token) string {
	names := map[Kind]string{
		Code: "CODE", Block: "BLOCK", Quote: "QUOTE", Image: "IMAGE", Break: "|",
		Name: "name:", Number: "number:", Version: "version:", Link: "link:", Mention: "@", Channel: "#", Emoji: "emoji:",
	}
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(names[t.Kind] + t.Lower)
		if t.Run > 1 {
			fmt.Fprintf(&b, "×%d", t.Run)
		}
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ title, body, want string }{
		{"", "Hello, World! It doesn’t work...", "hello world ! | it doesn't work …×3 |"},
		{"Rotate keys", "How?", "rotate keys | how ? |"},
		{"", "run `go test ./...` first", "run CODE first |"},
		{"", "Before\n```go\nx := 1 // why?\n```\nAfter", "before | BLOCK | after |"},
		{"", "> you said?\nNo.", "QUOTE | no |"},
		{"", "see https://www.Example.org/a?b=c, then ask", "see link:example.org then ask |"},
		{"", "Thanks @ana_b and <@U02AB|kim>! <#C01|general> :tada: 🎉👍🏽 :-) <3", "thanks @ana_b and @u02ab ! | #general emoji:tada emoji:🎉 emoji:👍 :) <3 |"},
		{"", "since v1.2.3 and 4.0.1, port 8080, in 2.x", "since version:1.2.3 and version:4.0.1 port number:8080 in version:2.x |"},
		{"", "readLoop in src/main.go, foo_bar.baz() and either/or", "name:readloop in name:src/main.go name:foo_bar.baz and either or |"},
		{"", "<!-- fill in\nthe form --> It <b>fails</b><br>always", "it fails | always |"},
		{"", "What?!?! no!!!", "what ?×4 | no !×3 |"},
		{"", "    at Foo.bar(Foo.java:12)\n    at Main.main(Main.java:3)\nHelp", "BLOCK | help |"},
		{"", "# Steps\n- one\n- two", "steps | one | two |"},
		{"", "![shot](https://x.y/z.png) broken", "IMAGE broken |"},
		{"", "Cómo estás？ Ça va", "cómo estás ? | ça va |"},
		{"", "", ""},
	} {
		var r Reader
		if got := written(r.Read(c.title, c.body)); got != c.want {
			t.Errorf("Read(%q, %q)\n got %s\nwant %s", c.title, c.body, got, c.want)
		}
	}
}

func TestReadMarks(t *testing.T) {
	var r Reader
	tokens := r.Read("", "## STEPS to take\nPLEASE help")
	if !tokens[0].Title || !tokens[0].Caps || tokens[1].Caps {
		t.Errorf("a heading in capitals: %+v", tokens[:2])
	}
	if last := tokens[len(tokens)-3]; last.Title || !last.Caps {
		t.Errorf("a word in capitals below it: %+v", last)
	}
}

func TestFind(t *testing.T) {
	got := Find("Hi @ana, <@U1|kim>: since v2.1.0 `keys rotate` fails in Keyring Pro, see https://example.org/a (or http://b.example). Not mail@example.org\n"+
		"```\n@nobody v9.9.9\n```\n@ana again", []string{"keyring pro", "Ring", "Vault"})
	want := Found{
		Mentions: []string{"ana", "U1"},
		Links:    []string{"https://example.org/a", "http://b.example"},
		Versions: []string{"2.1.0"},
		Code:     []string{"keys rotate"},
		Products: []string{"keyring pro"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Title", "a `b` ```c\nd```\n> e <!-- f --> <@U|x> :smile: ?!")
	f.Add("", "v1.2 \xff http://\xc3( ![x](y) 👩‍👩‍👧 ’s x/y/z ¯\\")
	f.Fuzz(func(t *testing.T, title, body string) {
		var r Reader
		tokens := r.Read(title, body)
		first := written(tokens)
		for i := range tokens {
			if !utf8.ValidString(tokens[i].Lower) {
				t.Errorf("token %d is %q, which is no UTF-8", i, tokens[i].Lower)
			}
		}
		if again := written(r.Read(title, body)); again != first {
			t.Errorf("not the same twice:\n%s\n%s", first, again)
		}
		for _, list := range [][]string{Find(body, []string{title}).Mentions, Find(body, nil).Links} {
			for _, s := range list {
				if !utf8.ValidString(s) {
					t.Errorf("found %q, which is no UTF-8", s)
				}
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var r Reader
	const body = "Hi @ana, since v2.1.0 `keys rotate` doesn't work here. Does anyone know why? See https://example.org/a for the log."
	for b.Loop() {
		r.Read("Rotating keys", body)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}
