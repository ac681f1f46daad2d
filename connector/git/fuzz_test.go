// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"greenroom/connector"
)

func FuzzMailmap(f *testing.F) {
	f.Add("Ada Park <ada@example.com> ada <ada@old.example.net>\n<a@b> <c@d>\n# note\nx", "ada", "ADA@old.example.net")
	f.Add("A <s@x> a <s@x>\nB <s@x> b <s@x>\nC <> <>\n", "a", "s@x")
	f.Add("<a> b <c", "", "")
	f.Fuzz(func(t *testing.T, text, name, email string) {
		m, rejects := parseMailmap("m", text)
		for i := range rejects {
			if rejects[i].Line < 1 || rejects[i].Reason == "" {
				t.Errorf("a reject without line or reason: %+v", rejects[i])
			}
		}
		w := m.resolve(name, email)
		if w.id == "" && (strings.TrimSpace(name) != "" || email != "") {
			t.Errorf("%q <%s> has no id: %+v", name, email, w)
		}
		if w.proper == w.id && w.id != "" {
			t.Errorf("%q is the same as itself", w.id)
		}
	})
}

func FuzzLog(f *testing.F) {
	f.Add([]byte("aa\x00bb cc\x00Ada\x00ada@example.com\x001735689600 +0200\x00Ada\x00ada@example.com\x001735689600 +0200\x00Title\n\nCo-authored-by: B <b@x>\n\x00"))
	f.Add([]byte("aa\x00\x00\xff\x00<\x00x\x00\x00\x00-1 +9999\x00co-authored-by:<\x00"))
	f.Fuzz(func(t *testing.T, log []byte) {
		mm, _ := parseMailmap("m", "P <p@x> <b@x>")
		m := &mapper{mailmap: mm, coAuthors: true, repo: repository{commit: "https://example.org/commit/"}}
		p := newPeople(mm)
		err := readLog(bytes.NewReader(log), func(c *commit) error {
			p.see(c.author, true)
			for _, co := range c.coAuthors() {
				p.see(co, false)
			}
			facts, reason := m.activities(c)
			if (len(facts) == 0) == (reason == "") {
				t.Errorf("%d facts and reason %q", len(facts), reason)
			}
			for i := range facts {
				if a := &facts[i]; !utf8.ValidString(a.Title+a.Body) || a.Author != "" && p.accounts[a.Author] == nil {
					t.Errorf("bad activity %+v", a)
				}
			}
			return nil
		})
		if err != nil && !strings.Contains(err.Error(), "EOF") {
			t.Error(err)
		}
		for _, a := range p.accounts {
			for _, e := range a.identity().Emails {
				if strings.Count(e.Address, "@") != 1 || e.Address != strings.ToLower(e.Address) {
					t.Errorf("bad address %q", e.Address)
				}
			}
		}
	})
}

func BenchmarkMap(b *testing.B) {
	const commits = 20000
	var log bytes.Buffer
	for i := range commits {
		fmt.Fprintf(&log, "%040x\x00%040x\x00Person %d\x00p%d@example.com\x00%d +0200\x00GitHub\x00noreply@github.com\x00%d +0200\x00Change number %d\n\n%s\n\x00",
			i, i-1, i%997, i%997, 1600000000+i*60, 1600000000+i*60, i, strings.Repeat("It says a few words about the change. ", 8))
	}
	mm, _ := parseMailmap("m", "")
	b.SetBytes(int64(log.Len()))
	b.ReportAllocs()
	for b.Loop() {
		out := connector.NewSink(b.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		r := &reader{out: out, history: &history{people: newPeople(mm), commits: commits, print: "x"}, mapper: mapper{mailmap: mm, coAuthors: true}}
		if err := readLog(bytes.NewReader(log.Bytes()), r.tellCommit); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(commits)*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}
