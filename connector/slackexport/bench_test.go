// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackexport_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"greenroom/connector"
	"greenroom/connector/slackexport"
)

// BenchmarkRead reads 100 days of 400 messages with the bulk that Slack's own have: blocks that repeat the text and the
// profile of the author.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	var size int64
	write := func(name string, data []byte) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			b.Fatal(err)
		}
		size += int64(len(data))
	}
	write("channels.json", []byte(`[{"id":"C1","name":"general"}]`))
	var users bytes.Buffer
	for i := range 500 {
		fmt.Fprintf(&users, `,{"id":"U%05d","name":"user%d","team_id":"T1","profile":{"real_name":"User %d","email":"u%d@example.com"}}`, i, i, i, i)
	}
	write("users.json", append(append([]byte("["), users.Bytes()[1:]...), ']'))
	for day := range 100 {
		write(fmt.Sprintf("general/2024-%02d-%02d.json", day/28+1, day%28+1), generateDay(day, 400))
	}
	var facts int64
	for b.Loop() {
		src, err := slackexport.Spec().New(connector.Env{Log: slog.New(slog.DiscardHandler)}, connector.Values{"path": dir})
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
	b.SetBytes(size)
	b.ReportMetric(float64(facts)/b.Elapsed().Seconds(), "facts/s")
}

func generateDay(day, messages int) []byte {
	var buf bytes.Buffer
	buf.WriteByte('[')
	for i := range messages {
		if i > 0 {
			buf.WriteByte(',')
		}
		text := fmt.Sprintf(`Message %d of day %d: does <@U%05d> know how to set this up? See <https:\/\/example.com\/docs|the docs> &amp; the rest.`, i, day, (i*7)%500)
		fmt.Fprintf(&buf, `{"user":"U%05d","type":"message","ts":"%d.%06d","client_msg_id":"0c1f6c1e-0000-4000-8000-%012d","text":"%s","team":"T1",`, i%500, 1704067200+day*86400+i*200, i, i, text)
		fmt.Fprintf(&buf, `"user_team":"T1","source_team":"T1","user_profile":{"avatar_hash":"0123456789ab","image_72":"https:\/\/avatars.example.com\/%d.png","first_name":"User","real_name":"User %d","display_name":"","team":"T1","name":"user%d"},`, i, i, i)
		if i%4 != 0 {
			fmt.Fprintf(&buf, `"thread_ts":"%d.%06d","parent_user_id":"U00001",`, 1704067200+day*86400+(i-i%4)*200, i-i%4)
		}
		if i%3 == 0 {
			fmt.Fprintf(&buf, `"reactions":[{"name":"eyes","users":["U%05d","U%05d"],"count":2}],`, (i+1)%500, (i+2)%500)
		}
		fmt.Fprintf(&buf, `"blocks":[{"type":"rich_text","block_id":"x%d","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"%s"}]}]}]}`, i, text)
	}
	buf.WriteByte(']')
	return buf.Bytes()
}
