// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/analytics/clickhouse"
	"greenroom/internal/analytics/duckdb"
	"greenroom/internal/query"
)

// generated is a feed that makes its rows up as they are asked for: 400 days of activities by a tenth as many accounts, and
// a fifth as many conversations.
type generated struct{ facts int64 }

var (
	generatedFrom = time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	generatedTo   = generatedFrom.AddDate(0, 0, 400)
)

const generatedChannels = 400

func (g generated) people() int64 { return g.facts / 10 }

// at spreads the n-th of so many things over the days, roughly in order.
func (g generated) at(n, of int64, rnd *rand.Rand) int64 {
	span := int64(400 * 24 * 3600)
	return (generatedFrom.Unix() + n*(span-3*24*3600)/of + rnd.Int64N(3*24*3600)) * 1e6
}

func (g generated) End(context.Context) (activity, version int64, err error) { return g.facts, 1, nil }

func (g generated) FactsAfter(_ context.Context, after int64, limit int, into *analytics.Facts) (int64, error) {
	rnd := rand.New(rand.NewPCG(uint64(after), 1))
	kinds := []greenroom.Kind{greenroom.KindMessage, greenroom.KindReply, greenroom.KindReply, greenroom.KindReaction, greenroom.KindReaction, greenroom.KindJoin, greenroom.KindCommit}
	to := min(g.facts, after+int64(limit))
	for id := after + 1; id <= to; id++ {
		channel := rnd.Int64N(generatedChannels) + 1
		who := int64(float64(g.people()) * rnd.Float64() * rnd.Float64())
		if err := into.Add(analytics.Fact{
			ID: id, At: g.at(id, g.facts, rnd), Identity: who + 1, Channel: channel, Source: channel%5 + 1, Kind: kinds[rnd.IntN(len(kinds))], Question: rnd.IntN(20) == 0,
		}); err != nil {
			return after, err
		}
	}
	return to, nil
}

func (g generated) ReadingsAfter(_ context.Context, after analytics.Mark, _ int) ([]analytics.Reading, analytics.Mark, error) {
	return nil, after, nil
}

func (g generated) ChangesAfter(_ context.Context, after int64, _ int) ([]int64, *analytics.Facts, int64, error) {
	return nil, nil, after, nil
}

func (g generated) IdentitiesAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Identity, analytics.Mark, error) {
	var all []analytics.Identity
	rnd := rand.New(rand.NewPCG(uint64(after.ID), 2))
	for id := after.ID + 1; id <= min(g.people(), after.ID+int64(limit)); id++ {
		i := analytics.Identity{ID: id, Member: id, Organization: rnd.Int64N(20_000), Country: []string{"DE", "US", "FR", "IN", ""}[rnd.IntN(5)], Staff: id%5000 == 7, Bot: id%20_000 == 9}
		if id > 10 && id%10 == 0 {
			i.Member = id / 3
		}
		all = append(all, i)
	}
	if len(all) == 0 {
		return nil, after, nil
	}
	return all, analytics.Mark{Version: 1, ID: all[len(all)-1].ID}, nil
}

func (g generated) ConversationsAfter(_ context.Context, after analytics.Mark, limit int) ([]analytics.Conversation, analytics.Mark, error) {
	var all []analytics.Conversation
	rnd := rand.New(rand.NewPCG(uint64(after.ID), 3))
	for id := after.ID + 1; id <= min(g.facts/5, after.ID+int64(limit)); id++ {
		c := analytics.Conversation{
			ID: id, Channel: id%generatedChannels + 1, Source: (id%generatedChannels+1)%5 + 1, Author: rnd.Int64N(g.people()) + 1,
			Kind: greenroom.KindMessage, Question: rnd.IntN(3) > 0, OpenedAt: g.at(id, g.facts/5, rnd), State: greenroom.StateOpen,
		}
		if rnd.IntN(4) > 0 {
			c.FirstResponse = c.OpenedAt + int64(rnd.ExpFloat64()*3600e6*8)
			c.FirstMember, c.State = c.FirstResponse, greenroom.StateAnswered
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, after, nil
	}
	return all, analytics.Mark{Version: 1, ID: all[len(all)-1].ID}, nil
}

func (generated) Erased(_ context.Context, known int64) (int64, []int64, error) {
	return known, nil, nil
}

func (generated) Places(_ context.Context, after int64) ([]analytics.Source, []analytics.Channel, error) {
	var sources []analytics.Source
	for i := range int64(5) {
		sources = append(sources, analytics.Source{ID: i + 1, Name: "source-" + strconv.FormatInt(i+1, 10)})
	}
	var channels []analytics.Channel
	for id := after + 1; id <= generatedChannels; id++ {
		channels = append(channels, analytics.Channel{ID: id, Source: id%5 + 1, Name: "channel-" + strconv.FormatInt(id, 10)})
	}
	return sources, channels, nil
}

// IdentitySet implements analytics.Members: every tenth account.
func (g generated) IdentitySet(context.Context, query.Node) ([]int64, error) {
	var all []int64
	for id := int64(3); id <= g.people(); id += 10 {
		all = append(all, id)
	}
	return all, nil
}

// heap is what the process holds, in MB.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 20
}

// TestLarge computes every metric of a large community by both engines. GREENROOM_TEST_ACTIVITIES says how large it is; with
// -v it tells what took how long.
func TestLarge(t *testing.T) {
	g := generated{200_000}
	if text := os.Getenv("GREENROOM_TEST_ACTIVITIES"); text != "" {
		var err error
		if g.facts, err = strconv.ParseInt(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	var configs []struct {
		name string
		c    clickhouse.Config
	}
	add := func(name string, c clickhouse.Config) {
		configs = append(configs, struct {
			name string
			c    clickhouse.Config
		}{name, c})
	}
	add("two shards of 18.16", clickhouse.Config{Hosts: shards(t), Cluster: "two"})
	if os.Getenv("GREENROOM_TEST_CHDB") != "" {
		add("one current server", current(t))
	}
	now := func() time.Time { return generatedTo }
	log := slog.New(slog.DiscardHandler)

	before, start := heap(), time.Now()
	cols := analytics.NewColumns()
	near, err := duckdb.Open(t.Context(), t.TempDir(), g, cols, log, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := near.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("embedded: %d activities projected in %v; the process holds %d MB", g.facts, time.Since(start).Round(time.Second), heap()-before)
	want, took := g.figures(t, analytics.NewEngine(cols, analytics.Answers{Members: g}, now))
	if err := near.Close(); err != nil {
		t.Fatal(err)
	}
	cols.Reset()
	for _, config := range configs {
		t.Run(config.name, func(t *testing.T) {
			before, start := heap(), time.Now()
			place := t.TempDir()
			far, cols, err := clickhouse.Open(t.Context(), in(config.c, place), place, g, log, now)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := far.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := far.Update(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d activities projected in %v; the process holds %d MB", g.facts, time.Since(start).Round(time.Second), heap()-before)
			got, tookFar := g.figures(t, analytics.NewEngine(cols, analytics.Answers{Members: g}, now))
			for _, name := range g.figureNames() {
				t.Logf("%-40s embedded %8v  ClickHouse %8v", name, took[name].Round(time.Millisecond), tookFar[name].Round(time.Millisecond))
				if diff := cmp.Diff(want[name], got[name], cmpopts.IgnoreFields(analytics.Result{}, "AsOf")); diff != "" {
					t.Errorf("%s (-embedded +ClickHouse): %s", name, diff)
				}
			}
		})
	}
}

// way is how a metric is asked.
type way struct {
	name     string
	segment  bool
	bySource bool
}

// ways are for everybody and, of a very large community for some metrics only, for a tenth of all accounts and by source.
func (g generated) ways(metric string) []way {
	all := []way{{}, {name: ", a tenth", segment: true}, {name: ", by source", bySource: true}}
	const veryLarge = 1_000_000
	if g.facts > veryLarge && !slices.Contains([]string{"active_members", "activities", "top_share", "time_to_first_response"}, metric) {
		return all[:1]
	}
	return all
}

func (g generated) figureNames() []string {
	var all []string
	for _, m := range analytics.Catalog() {
		for _, w := range g.ways(m.Name) {
			all = append(all, m.Name+w.name)
		}
	}
	return all
}

// figures computes every metric by week over a year.
func (g generated) figures(t *testing.T, engine *analytics.Engine) (all map[string]*analytics.Result, took map[string]time.Duration) {
	t.Helper()
	champions, err := query.Parse(query.NewSchema(query.Members, nil), "tag:champion")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	all, took = make(map[string]*analytics.Result), make(map[string]time.Duration)
	for _, m := range analytics.Catalog() {
		for _, w := range g.ways(m.Name) {
			req := analytics.Request{Metric: m.Name, From: generatedTo.AddDate(-1, 0, 0), To: generatedTo, Granularity: analytics.Week, Zone: berlin}
			if w.segment {
				req.Segment = champions
			}
			if w.bySource {
				req.Breakdown = analytics.BySource
			}
			start := time.Now()
			res, err := engine.Compute(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			all[m.Name+w.name], took[m.Name+w.name] = res, time.Since(start)
		}
	}
	return all, took
}
