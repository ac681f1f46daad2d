// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
)

// FuzzAnswer reads any JSON as a saved answer.
func FuzzAnswer(f *testing.F) {
	for _, pattern := range []string{"testdata/forum/*.json", "testdata/forum/*/*.json", "testdata/odd/*.json", "testdata/odd/*/*.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !jsontext.Value(data).IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) {
			return
		}
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				a := &b.Activities[i]
				if a.ExternalID == "" || a.Kind == 0 || !text(a.Body) || !text(a.Title) {
					t.Errorf("not whole: %+v", a)
				}
			}
			for i := range b.Identities {
				if id := &b.Identities[i]; !text(id.Name) || !text(id.Bio) || !text(id.Handle) {
					t.Errorf("not text: %+v", id)
				}
			}
			return nil
		})
		r := &folderReader{mapper: newMapper(&source{base: "https://forum.example.com"}, sink), ctx: t.Context()}
		r.seen = roaring64.New()
		r.reject = func([]byte, error, string) {}
		r.value(data, shapeOf(data))
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
	})
}

func text(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// BenchmarkFolder reads 100 saved topics of 100 posts.
func BenchmarkFolder(b *testing.B) {
	dir := b.TempDir()
	var size int64
	cooked := strings.Repeat(`<p>Did you try <code>make</code> as <a href=\"https://example.com/docs\" rel=\"nofollow\">the docs</a> say? It works on my machine.</p>\n`, 5) +
		`<pre><code class=\"lang-sh\">make all\n./run</code></pre>`
	for topic := range 100 {
		var s strings.Builder
		s.WriteString(`{"post_stream":{"posts":[`)
		for n := 1; n <= 100; n++ {
			if n > 1 {
				s.WriteByte(',')
			}
			id := strconv.Itoa(topic*1000 + n)
			s.WriteString(`{"id":` + id + `,"name":"User","username":"user` + strconv.Itoa(n%50) + `","avatar_template":"/user_avatar/f/user/{size}/1_2.png","created_at":"2024-05-01T08:00:00.000Z","cooked":"` + cooked +
				`","post_number":` + strconv.Itoa(n) + `,"post_type":1,"updated_at":"2024-05-01T08:00:00.000Z","reply_count":0,"reply_to_post_number":null,"quote_count":0,"reads":10,"score":2.2,"topic_id":` + strconv.Itoa(topic+1) +
				`,"topic_slug":"a-topic","version":1,"can_edit":false,"link_counts":[{"url":"https://example.com/docs","internal":false,"clicks":2}],"actions_summary":[{"id":2,"count":` + strconv.Itoa(n%3) + `}],"moderator":false,"admin":false,"staff":false,"user_id":` + strconv.Itoa(n%50+1) + `,"hidden":false,"trust_level":1,"deleted_at":null,"user_deleted":false,"accepted_answer":false}`)
		}
		s.WriteString(`],"stream":[]},"id":` + strconv.Itoa(topic+1) + `,"title":"A topic","slug":"a-topic","category_id":1,"posts_count":100}`)
		size += int64(s.Len())
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(topic)+".json"), []byte(s.String()), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	var facts int64
	for b.Loop() {
		src, err := Spec().New(connector.Env{Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Time{} }}, connector.Values{optForum: dir})
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
