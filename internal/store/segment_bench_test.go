// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/store"
)

// BenchmarkSegmentFits finds the members of segments in the store that `greenroom bench --dir FOLDER` left:
//
//	GREENROOM_BENCH_DB=FOLDER/data/greenroom.db go test ./internal/store -run xxx -bench Segment
func BenchmarkSegmentFits(b *testing.B) {
	file := os.Getenv("GREENROOM_BENCH_DB")
	if file == "" {
		b.Skip("GREENROOM_BENCH_DB names no file")
	}
	now := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC) // when the benchmark's events end
	s, err := store.Open(b.Context(), file, slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, text := range []string{"is:new -is:staff -is:bot", "is:quiet activities:>=10 -is:staff -is:bot", "did:comment,review since:90d count:>=10 -is:staff", "last_active:<2000d"} {
		q, err := query.Parse(query.NewSchema(query.Members, []string{"comment", "review"}), text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			found := 0
			for b.Loop() {
				ids, err := s.SegmentFits(b.Context(), q.Root, now)
				if err != nil {
					b.Fatal(err)
				}
				found = len(ids)
			}
			b.ReportMetric(float64(found), "members")
		})
	}
	b.Run("follow", func(b *testing.B) { // all segments, of which nobody comes or goes
		g := segment.New(s, noAudit{}, slog.New(slog.DiscardHandler), func() time.Time { return now })
		for b.Loop() {
			if err := g.Evaluate(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
