// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
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

func TestLargeMessage(t *testing.T) {
	text := "From a@x Thu Jan  2 10:00:00 2025\nFrom: a@x.example\nDate: Thu, 2 Jan 2025 10:00:00 +0000\nMessage-ID: <1@x>\n\n" + strings.Repeat("0123456789\n", 5000) +
		"\nFrom a@x Thu Jan  2 10:00:00 2025\nFrom: a@x.example\nDate: Thu, 2 Jan 2025 10:00:00 +0000\nMessage-ID: <2@x>\n\nshort " + strings.Repeat("x", 300_000) + "\n"
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "people")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"2025-02.txt.gz": z.Bytes(), "2025-03.txt.gz": z.Bytes()[:z.Len()/2]} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	spec := Spec()
	open := spec.New
	spec.New = func(env connector.Env, v connector.Values) (connector.Source, error) {
		src, err := open(env, v)
		if s, ok := src.(*source); ok {
			s.limit = 20_000
		}
		return src, err
	}
	f := connectortest.Collect(t, spec, connector.Values{optPath: dir}, nil, "", 0)
	var reasons []string
	for i := range f.Rejects {
		reasons = append(reasons, f.Rejects[i].File+": "+f.Rejects[i].Reason)
	}
	want := []string{
		"2025-02.txt.gz: the message is larger than 32 MB", "2025-02.txt.gz: the message is larger than 32 MB",
		"2025-03.txt.gz: the rest of the file cannot be read: reading the mail archive: unexpected EOF",
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
}

func TestSeparators(t *testing.T) {
	for text, want := range map[string]int{
		"From a@x Thu Jan  2 10:00:00 2025\nSubject: a\n\nFrom b@x Thu, 02 Jan 2025 10:00:00 +0100\nSubject: b\n": 2,
		"From a@x 2025-01-02 10:00:00\nFrom: a\n\nb\nFrom c@x 2 Jan 2025 10:00\nFrom: c\n":                        2,
		"From -\nFrom: a\n\nFrom -\nnothing\n\nFrom Russia with love\nYear: 1963\n":                               1,
		"From -\r\nFrom: a\r\n\r\ntext\r\n\r\nFrom - Thu Jan 02 10:00:00 2025\r\nX-Mozilla-Status: 0\r\n":         2,
		"From a@x Thu Jan  2 10:00:00 2025\nFrom: a\n\nI wrote\nFrom b@x Thu Jan  2 10:00:00 2025\nto you\n":      1,
		"From a@x Thu Jan  2 10:00:00 2025\n\nFrom b@x Thu Jan  2 10:00:00 2025\n>From b@x\nFrom: b\n":            2,
		"\n\nFrom a@x Thu Jan  2 10:00:00 2025\nFrom: a\n":                                                        1,
		"From: a\nSubject: one message without a From line\n":                                                     0,
	} {
		s := newSplitter(strings.NewReader(text), 1000)
		got := 0
		for {
			m, err := s.read()
			if m != nil && !m.stray {
				got++
			}
			if err != nil || m == nil {
				break
			}
		}
		if got != want {
			t.Errorf("%q: got %d messages, want %d", text, got, want)
		}
	}
}

func TestListName(t *testing.T) {
	for in, want := range map[string]string{
		"/data/users.mbox": "users", "/data/users/2025-March.txt.gz": "users", "/data/users/2015q4.txt": "users", "/data/users-2025-03.mbox": "users",
		"/data/my_list_2016_april.mbox": "my_list", "/data/r-devel/Inbox": "Inbox",
	} {
		if got := listName(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestNotAnArchive(t *testing.T) {
	empty := t.TempDir()
	for _, v := range []connector.Values{
		{optPath: empty}, {optPath: filepath.Join(empty, "gone.mbox")}, {optPath: empty, optArchiveURL: "lists.example.org"},
	} {
		src, err := Spec().New(connectortest.Env(t, nil), v)
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		}
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%v: got %v, want an invalid error", v, err)
		}
	}
	if _, err := newSplitter(strings.NewReader(""), 100).read(); !errors.Is(err, io.EOF) {
		t.Errorf("an empty file gives %v", err)
	}
}

// TestDocs holds the options table of the documentation against the spec.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/mbox.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range Spec().Options {
		if row := "| `" + o.Name + "` | " + o.Help + " | " + o.Default + " |"; !strings.Contains(string(doc), row) {
			t.Errorf("docs/connectors/mbox.md lacks the row\n%s", row)
		}
	}
}
