// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
)

// FuzzFile reads any bytes as a file of the export.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"result.json", "channel/result.json", "old/result.json", "account/result.json", "result_odd.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", "export", filepath.FromSlash(name)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	path := filepath.Join(f.TempDir(), "result.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				if a := &b.Activities[i]; a.ExternalID == "" || a.Kind == 0 || !text(a.Body) || !text(a.Title) {
					t.Errorf("not whole: %+v", a)
				}
			}
			for i := range b.Identities {
				if id := &b.Identities[i]; !text(id.Name) {
					t.Errorf("not text: %+v", id)
				}
			}
			return nil
		})
		r := newReader(t.Context(), time.UTC, true, sink)
		if err := r.file(&jsonfile.Found{Name: "result.json", Path: path, Size: int64(len(data))}, 0); err != nil {
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}

func text(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// FuzzRepair checks that a file keeps its length, and is the same however it is read.
func FuzzRepair(f *testing.F) {
	for _, s := range []string{`"a\x1Fb"`, `"\\x1F"`, `"\x"`, `\x1`, `\\\x00\`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, err := io.ReadAll(&repaired{file: io.NopCloser(bytes.NewReader(data))})
		if err != nil || len(whole) != len(data) {
			t.Fatalf("%q became %q, %v", data, whole, err)
		}
		single, err := io.ReadAll(&repaired{file: io.NopCloser(iotest.OneByteReader(bytes.NewReader(data)))})
		if err != nil || !bytes.Equal(whole, single) {
			t.Errorf("%q became %q at once and %q byte by byte", data, whole, single)
		}
	})
}

// BenchmarkRead reads a group of 50,000 messages.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	var s strings.Builder
	s.WriteString(`{"name":"Harbor","type":"public_supergroup","id":1500000001,"messages":[`)
	for i := range 50_000 {
		if i > 0 {
			s.WriteByte(',')
		}
		line := fmt.Sprintf("Message %d: does anybody know how to set this up? The docs do not say.", i)
		fmt.Fprintf(&s, "\n  {\n   \"id\": %d,\n   \"type\": \"message\",\n   \"date\": \"2026-03-01T09:05:00\",\n   \"date_unixtime\": \"%d\",\n   \"from\": \"Person %d\",\n   \"from_id\": \"user%d\",\n   \"text\": \"%s\",\n   \"text_entities\": [\n    {\n     \"type\": \"plain\",\n     \"text\": \"%s\"\n    }\n   ]", i+1, 1772352300+i*60, i%500, i%500, line, line)
		if i%3 == 0 {
			fmt.Fprintf(&s, `,"reactions":[{"type":"emoji","count":2,"emoji":"👍","recent":[{"from":"P","from_id":"user%d","date":"2026-03-01T10:05:00"},{"from":"P","from_id":"user%d","date":"2026-03-01T10:05:00"}]}]`, (i+1)%500, (i+2)%500)
		}
		s.WriteString("\n  }")
	}
	s.WriteString("]}")
	if err := os.WriteFile(filepath.Join(dir, "result.json"), []byte(s.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	var facts int64
	for b.Loop() {
		src, err := Spec().New(connector.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now}, connector.Values{optPath: dir})
		if err != nil {
			b.Fatal(err)
		}
		sink := connector.NewSink(b.Context(), 0, func(_ context.Context, batch *connector.Batch) error {
			facts += int64(batch.Size())
			return nil
		})
		if err := src.Read(b.Context(), "", sink); err != nil {
			b.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(s.Len()))
	b.ReportMetric(float64(facts)/b.Elapsed().Seconds(), "facts/s")
}
