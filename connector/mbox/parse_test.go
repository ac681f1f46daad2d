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

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

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
