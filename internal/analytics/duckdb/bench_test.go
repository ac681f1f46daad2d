// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package duckdb_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/analytics/duckdb"
)

// generated is a feed that makes its rows up as they are asked for.
type generated struct {
	facts, identities, conversations int64
}

func (g generated) End(context.Context) (activity, version int64, err error) { return g.facts, 1, nil }

func (g generated) FactsAfter(_ context.Context, after int64, limit int, into *analytics.Facts) (int64, error) {
	rnd := rand.New(rand.NewPCG(uint64(after), 1))
	to := min(g.facts, after+int64(limit))
	for id := after + 1; id <= to; id++ {
		if err := into.Add(analytics.Fact{
			ID: id, At: 1.7e15 + id*3e6 + rnd.Int64N(1e12), Identity: rnd.Int64N(g.identities) + 1, Channel: rnd.Int64N(400) + 1, Source: 1,
			Kind: greenroom.KindReply,
		}); err != nil {
			return after, err
		}
	}
	return to, nil
}

func (g generated) ReadingsAfter(_ context.Context, after analytics.Mark, _ int) ([]analytics.Reading, analytics.Mark, error) {
	return nil, after, nil
}

func (g generated) ChangesAfter(context.Context, int64, int) ([]int64, *analytics.Facts, int64, error) {
	return nil, nil, 0, nil
}

func (g generated) IdentitiesAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Identity, analytics.Mark, error) {
	var all []analytics.Identity
	for id := after.ID + 1; id <= min(g.identities, after.ID+int64(limit)); id++ {
		all = append(all, analytics.Identity{ID: id, Member: id, Country: "DE"})
	}
	if len(all) == 0 {
		return nil, after, nil
	}
	return all, analytics.Mark{Version: 1, ID: all[len(all)-1].ID}, nil
}

func (g generated) ConversationsAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Conversation, analytics.Mark, error) {
	var all []analytics.Conversation
	for id := after.ID + 1; id <= min(g.conversations, after.ID+int64(limit)); id++ {
		all = append(all, analytics.Conversation{ID: id, Source: 1, Channel: 1, Author: id%g.identities + 1, State: greenroom.StateOpen, OpenedAt: 1.7e15 + id})
	}
	if len(all) == 0 {
		return nil, after, nil
	}
	return all, analytics.Mark{Version: 1, ID: all[len(all)-1].ID}, nil
}

func (g generated) Erased(context.Context, int64) (int64, []int64, error) { return 0, nil, nil }

func (g generated) Places(_ context.Context, after int64) ([]analytics.Source, []analytics.Channel, error) {
	var all []analytics.Channel
	for id := after + 1; id <= 400; id++ {
		all = append(all, analytics.Channel{ID: id, Source: 1, Name: "c"})
	}
	return []analytics.Source{{ID: 1, Name: "s"}}, all, nil
}

// BenchmarkProjection fills a projection of ten million activities, and opens it again.
func BenchmarkProjection(b *testing.B) {
	if testing.Short() {
		b.Skip("projects ten million activities")
	}
	g := generated{facts: 10_000_000, identities: 1_000_000, conversations: 1_000_000}
	dir := b.TempDir()
	open := func() *duckdb.Projection {
		p, err := duckdb.Open(b.Context(), dir, g, analytics.NewColumns(), slog.New(slog.DiscardHandler), time.Now)
		if err != nil {
			b.Fatal(err)
		}
		return p
	}
	b.Run("fill", func(b *testing.B) {
		defer reportCPU(b)()
		for b.Loop() {
			p := open()
			if err := p.Rebuild(b.Context()); err != nil {
				b.Fatal(err)
			}
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(g.facts)*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
		if info, err := os.Stat(filepath.Join(dir, "analytics.duckdb")); err == nil {
			b.ReportMetric(float64(info.Size())/float64(g.facts), "bytes/fact")
		}
	})
	b.Run("open", func(b *testing.B) {
		defer reportCPU(b)()
		for b.Loop() {
			if err := open().Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// reportCPU reports, when what it returns is called, the processor time since then, in all threads: unlike the time on
// the clock it does not depend on what else the machine does.
func reportCPU(b *testing.B) func() {
	b.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start := used()
	return func() { b.ReportMetric((used()-start).Seconds()/float64(b.N), "cpu-s/op") }
}
