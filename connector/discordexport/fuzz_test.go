// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordexport

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"greenroom/connector"
	"greenroom/connector/internal/discordwire"
	"greenroom/connector/internal/jsonfile"
)

// FuzzFile reads any bytes as a file of the export.
func FuzzFile(f *testing.F) {
	names, err := filepath.Glob("testdata/export/*.json")
	if err != nil || len(names) == 0 {
		f.Fatal("no samples", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	path := filepath.Join(f.TempDir(), "x [1].json")
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
				if id := &b.Identities[i]; !text(id.Name) || !text(id.Handle) {
					t.Errorf("not text: %+v", id)
				}
			}
			return nil
		})
		r := &reader{Mapper: discordwire.New(nil), ctx: t.Context(), out: sink}
		if err := r.file(&jsonfile.Found{Name: "x [1].json", Path: path, Size: int64(len(data))}, 0); err != nil {
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}

func text(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// BenchmarkRead reads a channel of 50,000 messages.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	var s strings.Builder
	s.WriteString(`{"guild":{"id":"1","name":"Acme"},"channel":{"id":"2","type":"GuildTextChat","categoryId":"3","category":"Community","name":"general"},"messages":[`)
	for i := range 50_000 {
		if i > 0 {
			s.WriteByte(',')
		}
		fmt.Fprintf(&s, `{"id":"%d","type":"Default","timestamp":"2024-05-01T08:00:00.123+00:00","timestampEdited":null,"callEndedTimestamp":null,"isPinned":false,"content":"Message %d: does anybody know how to set this up? The docs do not say.","author":{"id":"%d","name":"user%d","discriminator":"0000","nickname":"User %d","color":null,"isBot":false,"roles":[{"id":"9","name":"Member","color":null,"position":1}],"avatarUrl":"https://cdn.example.com/%d.png"},"attachments":[],"embeds":[],"stickers":[],"reactions":[`, 1000+i, i, i%500, i%500, i%500, i%500)
		if i%3 == 0 {
			fmt.Fprintf(&s, `{"emoji":{"id":"","name":"👍","code":"thumbsup","isAnimated":false,"imageUrl":"https://cdn.example.com/t.svg"},"count":2,"users":[{"id":"%d","name":"user"},{"id":"%d","name":"user"}]}`, (i+1)%500, (i+2)%500)
		}
		s.WriteString(`],"mentions":[],"inlineEmojis":[]}`)
	}
	s.WriteString(`],"messageCount":50000}`)
	if err := os.WriteFile(filepath.Join(dir, "general.json"), []byte(s.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	var facts int64
	for b.Loop() {
		src, err := Spec().New(connector.Env{Log: slog.New(slog.DiscardHandler)}, connector.Values{optPath: dir})
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
