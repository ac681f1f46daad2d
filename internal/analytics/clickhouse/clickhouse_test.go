// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/analytics/analyticstest"
	"greenroom/internal/analytics/clickhouse"
)

// shards are the addresses of a cluster of two, or none.
func shards(tb testing.TB) []string {
	tb.Helper()
	hosts := os.Getenv("GREENROOM_TEST_CLICKHOUSE")
	if hosts == "" {
		tb.Skip("GREENROOM_TEST_CLICKHOUSE names no servers; tools/with-clickhouse starts some")
	}
	return strings.Split(hosts, ",")
}

// engineOf is the engine over a ClickHouse, for the conformance suite. Each folder has a database of its own.
func engineOf(c clickhouse.Config) analyticstest.Engine {
	return analyticstest.Engine{
		Place: testing.TB.TempDir,
		Open: func(tb testing.TB, place string, f *analyticstest.Feed, log *slog.Logger, now func() time.Time) (analyticstest.Projection, *analytics.Columns, error) {
			tb.Helper()
			p, cols, err := clickhouse.Open(tb.Context(), in(c, place), place, f, log, now)
			if err != nil {
				return nil, nil, err
			}
			return p, cols, nil
		},
	}
}

// in is the configuration with the database that belongs to a folder.
func in(c clickhouse.Config, place string) clickhouse.Config {
	h := fnv.New64()
	_, _ = h.Write([]byte(place))
	c.Database = fmt.Sprintf("test_%x", h.Sum64())
	return c
}

// engines are ClickHouse as it can be set up: each by name.
func engines(tb testing.TB) map[string]clickhouse.Config {
	tb.Helper()
	hosts := shards(tb)
	all := map[string]clickhouse.Config{
		"one server":             {Hosts: hosts[:1], User: "team", Password: "pass:word@home"},
		"two shards":             {Hosts: hosts, Cluster: "two", User: "default"},
		"two shards, replicated": {Hosts: hosts[:1], Cluster: "two", Replicated: true},
	}
	return all
}

// current is the current engine, which is one server.
func current(tb testing.TB) clickhouse.Config {
	tb.Helper()
	host := os.Getenv("GREENROOM_TEST_CHDB")
	if host == "" {
		tb.Skip("GREENROOM_TEST_CHDB names no server; tools/with-clickhouse starts one where tools/chdb is installed (npm install)")
	}
	return clickhouse.Config{Hosts: []string{host}}
}

func TestConformance(t *testing.T) {
	for name, c := range engines(t) {
		t.Run(name, func(t *testing.T) { engineOf(c).Run(t) })
	}
}

// TestConformanceCurrent is TestConformance on a current ClickHouse.
func TestConformanceCurrent(t *testing.T) { engineOf(current(t)).Run(t) }

// TestExact compares figures with the reference on two shards. Each community is a chain of its own in one database.
func TestExact(t *testing.T) {
	few(t)
	engineOf(clickhouse.Config{Hosts: shards(t), Cluster: "two"}).RunExact(t)
}

// TestExactCurrent is TestExact on a current ClickHouse.
func TestExactCurrent(t *testing.T) {
	few(t)
	engineOf(current(t)).RunExact(t)
}

// few lets rapid draw fewer communities than it does elsewhere, unless it is told how many: each takes seconds.
func few(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks == nil || checks.Value.String() != checks.DefValue {
		return
	}
	if err := flag.Set("rapid.checks", "12"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", checks.DefValue) })
}
