// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"greenroom/connector"
)

func seeds(f *testing.F) {
	f.Helper()
	for _, name := range []string{"2025-January.txt", "users.mbox"} {
		data, err := os.ReadFile(filepath.Join("testdata", "lists", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func isClean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// FuzzArchive reads an archive whole: no message gets lost between the two runs, and all text is clean.
func FuzzArchive(f *testing.F) {
	seeds(f)
	f.Add([]byte("From \nFrom: a@b\nDate: 1 Jan 99 1:1\n\nFrom a Thu Jan 2 10:00:00 2025\n"))
	f.Add([]byte("From - Thu Jan  2 10:00:00 2025\nContent-Type: multipart/mixed; boundary=a\nDate: 2 Jan 2025 0:0 +1\n\n--a\nContent-Type: multipart/alternative; boundary=\"\n\n--a--"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "a.mbox")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &source{path: path, limit: 1 << 16}
		out := connector.NewSink(t.Context(), 50, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				a := &b.Activities[i]
				if !isClean(a.ExternalID+a.Title+a.Body+a.Author+a.Thread) || a.OccurredAt.Year() < 1970 {
					t.Errorf("not clean: %+v", a)
				}
			}
			for i := range b.Identities {
				for _, e := range b.Identities[i].Emails {
					if strings.Count(e.Address, "@") != 1 || e.Address != strings.ToLower(e.Address) {
						t.Errorf("bad address %q", e.Address)
					}
				}
			}
			if n := int64(len(b.Activities)+len(b.Rejects)) + b.LeftOut[leftDoubles]; n < b.Read {
				t.Errorf("%d records read, only %d accounted for", b.Read, n)
			}
			return nil
		})
		if err := s.Read(t.Context(), "", out); err != nil {
			t.Fatal(err)
		}
		if err := out.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newSplitter(bytes.NewReader(data), 1000)
		for n := 0; ; n++ {
			m, err := s.read()
			if m != nil && len(m.data) > 1000 {
				t.Fatalf("a message of %d bytes", len(m.data))
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || n > len(data) {
				t.Fatal(n, err)
			}
		}
	})
}

// archive makes an mbox file of n messages like those of a list.
func archive(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "From p%d at example.com  Thu Jan  2 10:00:00 2025\nFrom: p%d at example.com (Person %d)\n", i%499, i%499, i%499)
		fmt.Fprintf(&b, "Date: Thu, 2 Jan 2025 %02d:%02d:%02d +0100\nSubject: [list] Topic %d\nMessage-ID: <m%d@example.com>\n", i/3600%24, i/60%60, i%60, i/5, i)
		if i%5 > 0 {
			fmt.Fprintf(&b, "In-Reply-To: <m%d@example.com>\nReferences: <m%d@example.com>\n", i-1, i-i%5)
		}
		b.WriteString("\n" + strings.Repeat("A line as people write them to a list, of some sixty letters.\n> and a quoted one\n", 12) + "\n")
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	const messages = 20000
	data := archive(messages)
	path := filepath.Join(b.TempDir(), "list.mbox")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	s := &source{path: path, limit: maxMessage}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		out := connector.NewSink(b.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		if err := s.Read(b.Context(), "", out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(messages*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}
