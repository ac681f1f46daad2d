// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestDecodeWords(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                               "plain",
		"=?UTF-8?Q?J=C3=B6rg?= Wei":           "Jörg Wei",
		"=?UTF-8?Q?J=C3?= =?utf-8?Q?=B6rg?=":  "Jörg",
		"=?UTF-8?Q?J=C3=B6rg Wei?=":           "Jörg Wei",
		"=?UTF-8?B?SsO2cmc?=":                 "Jörg",
		"=?iso-8859-1*de?Q?J=F6rg?=":          "Jörg",
		"=?UTF-8?Q?J=C3=B6rg <j@x>":           "Jörg <j@x>",
		"=?gb2312?B?xOO6ww==?=":               "你好",
		"=?ISO-2022-JP?B?GyRCJDMbKEI=?=":      "こ",
		"=?x-none?Q?J=F6rg?=":                 "Jörg",
		"a =? b ?= c":                         "a =? b ?= c",
		"J\xf6rg":                             "Jörg",
		"=?UTF-8?Q?a?==?UTF-8?Q?b?=":          "ab",
		"=?UTF-8?Q?a?= and =?UTF-8?X?b?=":     "a and =?UTF-8?X?b?=",
		"folded\t =?us-ascii?q?into_one?= ok": "folded into one ok",
	} {
		if got := decodeWords([]byte(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestParseMailbox(t *testing.T) {
	for in, want := range map[string]mailbox{
		"Ada Park <Ada@Example.com>":                        {id: "ada@example.com", email: "ada@example.com", name: "Ada Park"},
		"ada at example.com (Ada Park)":                     {id: "ada@example.com", email: "ada@example.com", name: "Ada Park"},
		`"Park, Ada" <ada@example.com>, ben@example.com`:    {id: "ada@example.com", email: "ada@example.com", name: "Park, Ada"},
		"ada [at] example [dot] com":                        {id: "ada@example.com", email: "ada@example.com"},
		"ada (at) example (dot) com":                        {id: "ada@example.com", email: "ada@example.com"},
		"ada@example.com (ada@example.com)":                 {id: "ada@example.com", email: "ada@example.com"},
		"<ada@example.com>":                                 {id: "ada@example.com", email: "ada@example.com"},
		"edd @end|ng |rom deb|@n@org (Ed D)":                {id: "edd @end|ng |rom deb|@n@org", name: "Ed D", veil: veiled1},
		"iuke m@iii@g oii uiow@@edu (L)":                    {id: "iuke m@iii@g oii uiow@@edu", name: "L", veil: veiled2},
		"jo...@example.com":                                 {id: "jo...@example.com", veil: truncated},
		"Jo Oz <jo...@example.com>":                         {id: "jo oz <jo...@example.com>", name: "Jo Oz", veil: truncated},
		"":                                                  {},
		"Jane at Acme":                                      {id: "jane at acme"},
		"Jane at Acme <jane at acme.example>":               {id: "jane@acme.example", email: "jane@acme.example", name: "Jane at Acme"},
		`"unbalanced <jane@acme.example>`:                   {id: "jane@acme.example", email: "jane@acme.example", name: "unbalanced"},
		"=?UTF-8?Q?J=C3=B6rg_=3Cx=3E?= <joerg@example.com>": {id: "joerg@example.com", email: "joerg@example.com", name: "Jörg <x>"},
	} {
		if got := parseMailbox(in); got != want {
			t.Errorf("%q: got %+v, want %+v", in, got, want)
		}
	}
	for v, want := range map[veil]string{veiled1: "edd @end|ng |rom deb|@n@org", veiled2: "edd m@iii@g oii debi@@@org"} {
		if got := v.hide("edd@debian.org"); got != want {
			t.Errorf("hidden: got %q, want %q", got, want)
		}
	}
}

// TestAuthor finds who wrote a message of a list that puts its own address into From. The headers are as Mailman's
// mailman/handlers/dmarc.py (munged_headers), Google Groups and b4's relay write them.
func TestAuthor(t *testing.T) {
	const mailman = "List-Id: Users <users.lists.example.org>\nList-Post: <mailto:users@lists.example.org>\n"
	const google = "List-ID: <widgets.googlegroups.com>\nList-Post: <https://groups.google.com/group/widgets/post>, <mailto:widgets@googlegroups.com>\n"
	ada := mailbox{id: "ada@example.com", email: "ada@example.com", name: "Ada Park"}
	for name, tt := range map[string]struct {
		header string
		want   mailbox
	}{
		"not rewritten":           {mailman + "From: Ada Park <ada@example.com>\nReply-To: other@example.com\n", ada},
		"Mailman":                 {mailman + "From: Ada Park via Users <users@lists.example.org>\nReply-To: Ada Park <ada@example.com>\n", ada},
		"Mailman, own Reply-To":   {mailman + "From: Ada Park via Users <users@lists.example.org>\nReply-To: office@example.com, Ada Park <ada@example.com>\n", ada},
		"Mailman, replies to it":  {mailman + "From: Ada Park via Users <users@lists.example.org>\nReply-To: Users <users@lists.example.org>\nCc: Ben <ben@example.com>, \"Ada Park\" <ada@example.com>\n", ada},
		"Mailman, only others":    {mailman + "From: Ada Park via Users <users@lists.example.org>\nCc: Ben <ben@example.com>\n", mailbox{id: "ada park <users@lists.example.org>", name: "Ada Park"}},
		"Google Groups":           {google + "From: \"'Ada Park' via widgets\" <widgets@googlegroups.com>\nX-Original-From: Ada Park <ada@example.com>\nReply-To: Ada Park <ada@example.com>\n", ada},
		"Google Groups, no field": {google + "From: \"'Ada Park' via widgets\" <widgets@googlegroups.com>\n", mailbox{id: "ada park <widgets@googlegroups.com>", name: "Ada Park"}},
		"no List-Post":            {"List-ID: <widgets.googlegroups.com>\nFrom: \"'Ada Park' via widgets\" <widgets@googlegroups.com>\nReply-To: Ada Park <ada@example.com>\n", ada},
		"a relay":                 {"From: Ada Park via B4 Relay <devnull+ada.example.com@kernel.org>\nX-Original-From: Ada Park <ada@example.com>\nReply-To: ada@example.com\n", ada},
		"only looks so":           {"From: Ada Park via Phone <ada@example.com>\nReply-To: office@example.com\n", mailbox{id: "ada@example.com", email: "ada@example.com", name: "Ada Park via Phone"}},
		"the list itself":         {mailman + "From: Users <users@lists.example.org>\n", mailbox{id: "users <users@lists.example.org>", name: "Users"}},
	} {
		h, _ := ParseHeader([]byte(tt.header + "\n"))
		if got := author(h); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"Fri, 23 Aug 2002 2:32:53 -0400":        "2002-08-23T06:32:53Z",
		"Thu Oct  1 02:00:05 2015":              "2015-10-01T02:00:05Z",
		"Fri Sep 26 17:19:25 +0000 2025":        "2025-09-26T17:19:25Z",
		"Fri, 3 Jan 25 10:00 EST":               "2025-01-03T15:00:00Z",
		"3 Jan 1999 10:00:60 GMT (summer (or))": "1999-01-03T10:00:59Z",
		"2015-10-01 12:00:00 +02:00":            "2015-10-01T10:00:00Z",
		"2015-10-01T12:00:00.5+02:00":           "2015-10-01T10:00:00Z",
		"1-Oct-2015 12:00:00 PDT":               "2015-10-01T19:00:00Z",
		"Wed, 05 Jan 100 12:00:00 +0000":        "2000-01-05T12:00:00Z",
		"Thu, 1 Oct 2015 12:00:00 Nowhere/Time": "2015-10-01T12:00:00Z",
		"Thu, 31 Feb 2015 12:00:00 +0000":       "",
		"yesterday":                             "",
		"":                                      "",
		"Thu, 1 Oct 1015 12:00:00 +0000":        "",
		"Thu, 1 Oct 2015 25:00:00 +0000":        "",
	} {
		got, ok := parseDate(in)
		if text := got.Format(time.RFC3339); (ok || want != "") && text != want {
			t.Errorf("%q: got %s, %v; want %s", in, text, ok, want)
		}
	}
}

// TestThreadsInAnyOrder puts the messages of two threads into any order: each gets the same thread key.
func TestThreadsInAnyOrder(t *testing.T) {
	type msg struct {
		id   string
		refs []string
	}
	all := []msg{
		{"a", nil},
		{"b", []string{"a"}},
		{"c", []string{"b"}}, // as with In-Reply-To only
		{"d", []string{"a", "lost", "c"}},
		{"e", []string{"lost"}},
		{"x", []string{"gone"}},
		{"y", []string{"gone", "x"}},
	}
	want := map[string]string{"a": "a", "b": "a", "c": "a", "d": "a", "e": "a", "x": "gone", "y": "gone"}
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation(all).Draw(rt, "order")
		th := newThreads()
		for i, m := range order {
			th.see(int32(i), m.id, m.refs, "", false, time.Time{})
		}
		th.settle()
		for i, m := range order {
			if got, double := th.of(int32(i), m.id, m.refs); got != want[m.id] || double {
				rt.Errorf("%s is in thread %q (double: %v), want %q", m.id, got, double, want[m.id])
			}
		}
	})
}

func TestThreadsBounds(t *testing.T) {
	th := newThreads()
	th.see(0, "a", []string{"b"}, "", false, time.Time{})
	th.see(1, "b", []string{"a"}, "", false, time.Time{}) // a circle
	th.see(2, "a", nil, "", false, time.Time{})           // a double
	th.limit = 2
	th.see(3, "c", []string{"z", "a"}, "", false, time.Time{}) // no room
	th.settle()
	if _, double := th.of(2, "a", nil); !double {
		t.Error("the double of a was not noticed")
	}
	a, _ := th.of(0, "a", nil)
	b, _ := th.of(1, "b", nil)
	c, _ := th.of(3, "c", []string{"z", "a"})
	if d, _ := th.of(4, "d", []string{"z"}); a != b || c != a || d != "z" {
		t.Errorf("threads are %q %q %q %q, want one for the first three and z", a, b, c, d)
	}
}

func isClean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func FuzzHeader(f *testing.F) {
	f.Add([]byte("From: =?UTF-8?Q?J=C3?= =?utf-8?B?tnJn?= <j (at) x.y>\n folded\nReferences: <a@b> <c\n\nbody"))
	f.Add([]byte("=?x?q??=?=?"))
	f.Add([]byte("a@b (c) \"d <e@f> (g"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, _ := ParseHeader(data)
		for i := range h {
			if s := decodeWords(h[i].value); !isClean(s) {
				t.Errorf("not clean: %q", s)
			}
			m := parseMailbox(string(h[i].value))
			if m.email != "" && (strings.Count(m.email, "@") != 1 || strings.ToLower(m.email) != m.email) || !isClean(m.id+m.name) {
				t.Errorf("bad mailbox %+v", m)
			}
			for _, id := range messageIDs(string(h[i].value)) {
				if !isClean(id) || id == "" {
					t.Errorf("bad id %q", id)
				}
			}
		}
		if s := decodeWords(data); !isClean(s) {
			t.Errorf("not clean: %q", s)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Fri, 23 Aug 2002 2:32:53 -0400", "Thu Oct  1 02:00:05 2015", "2015-10-01T12:00:00Z", "1-Oct-15 1:2 (x", "-", "3 4 5 6"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseDate(s)
		if ok && (got.Year() < 1970 || got.Year() > 9999 || got.Location() != time.UTC) {
			t.Errorf("%q gives %v", s, got)
		}
		SeparatorTime(s)
	})
}
