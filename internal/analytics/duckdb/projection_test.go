// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/analytics/analyticstest"
	"greenroom/internal/analytics/duckdb"
)

// engine is this package's, for the conformance suite.
var engine = analyticstest.Engine{
	Place: testing.TB.TempDir,
	Open: func(tb testing.TB, place string, f *analyticstest.Feed, log *slog.Logger, now func() time.Time) (analyticstest.Projection, *analytics.Columns, error) {
		tb.Helper()
		cols := analytics.NewColumns()
		p, err := duckdb.Open(tb.Context(), place, f, cols, log, now)
		return p, cols, err
	},
}

func TestConformance(t *testing.T) { engine.Run(t) }

func TestExact(t *testing.T) { engine.RunExact(t) }

// TestBrokenFile opens a file that is none of DuckDB's.
func TestBrokenFile(t *testing.T) {
	f, dir := analyticstest.TableFeed(t), t.TempDir()
	c := engine.Community(t, f, dir)
	c.Update(t)
	want := c.All(t)
	c.Close(t)
	if err := os.WriteFile(filepath.Join(dir, "analytics.duckdb"), []byte("not a database, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	c = engine.Community(t, f, dir)
	c.Update(t)
	if got := c.All(t); got != want {
		t.Errorf("after the file was broken: %s, want %s", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "analytics.duckdb.unreadable")); err != nil {
		t.Errorf("the broken file was not kept: %v", err)
	}
	c.Close(t)
}

// TestWithoutColumns keeps the file current in a process that computes nothing, as an import does.
func TestWithoutColumns(t *testing.T) {
	f, dir := analyticstest.TableFeed(t), t.TempDir()
	c := engine.Community(t, f, t.TempDir())
	c.Update(t)
	want := c.All(t)
	c.Close(t)
	for range 2 { // the second time there is nothing to do
		p, err := duckdb.OpenFile(t.Context(), dir, f, slog.Default(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Update(t.Context()), p.Close()); err != nil {
			t.Fatal(err)
		}
		c = engine.Community(t, f, dir)
		if got := c.All(t); got != want {
			t.Errorf("after updating the file alone: %s, want %s", got, want)
		}
		c.Close(t)
	}
}

func TestFeedError(t *testing.T) {
	f := analyticstest.TableFeed(t)
	c := engine.Community(t, f, t.TempDir())
	f.Fail = errors.New("the network is down")
	if err := c.Proj.Update(t.Context()); !errors.Is(err, f.Fail) {
		t.Errorf("got %v", err)
	}
	f.Fail = nil
	c.Update(t)
	if c.Cols.Facts() != len(f.Facts) {
		t.Errorf("%d activities, want %d", c.Cols.Facts(), len(f.Facts))
	}
}

// TestOneUser opens the projection twice.
func TestOneUser(t *testing.T) {
	f, dir := analyticstest.TableFeed(t), t.TempDir()
	engine.Community(t, f, dir)
	_, err := duckdb.Open(t.Context(), dir, f, analytics.NewColumns(), slog.Default(), time.Now)
	if greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		t.Fatalf("got %v", err)
	}
	if want := fmt.Sprintf("in use by process %d", os.Getpid()); !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to say %q", err, want)
	}
}

// killFeed is a feed of many rows, the same in every process.
func killFeed() *analyticstest.Feed {
	rnd := rand.New(rand.NewPCG(7, 7))
	f := analyticstest.NewFeed()
	f.Sources = []analytics.Source{{ID: 1, Name: "s"}}
	f.Channels = []analytics.Channel{{ID: 1, Source: 1, Name: "c"}}
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for range 400_000 {
		f.AddFact(analytics.Fact{
			At: start + rnd.Int64N(365*86400)*1e6, Identity: rnd.Int64N(60_000) + 1, Channel: 1, Source: 1, Kind: greenroom.KindMessage,
		})
	}
	for i := range int64(1000) {
		a := f.Facts[i*300]
		a.At += 1e6
		f.ChangeFact(i*300+1, a)
	}
	for part := range int64(3) {
		var ids []analytics.Identity
		var convs []analytics.Conversation
		for i := range int64(60_000) {
			if part == 0 || i%7 == part {
				ids = append(ids, analytics.Identity{ID: i + 1, Member: max(1, (i+1)-part*(i%3))})
				convs = append(convs, analytics.Conversation{ID: i*3 + 1, Author: i + 1, Source: 1, Channel: 1, Question: true, OpenedAt: start + i, FirstResponse: start + i + part*1e9})
			}
		}
		f.Put(ids, convs...)
	}
	return f
}

// TestKilled kills a process that projects, at moments of chance, and goes on with what it left. The test binary runs
// itself as that process.
func TestKilled(t *testing.T) {
	const mark = "GREENROOM_TEST_PROJECT_INTO"
	if dir := os.Getenv(mark); dir != "" {
		c := engine.Community(t, killFeed(), dir)
		fmt.Println("projecting")
		c.Update(t)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	f, dir := killFeed(), t.TempDir()
	for round := range 5 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$", "-test.v")
		cmd.Env = append(os.Environ(), mark+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "projecting"; {
		}
		time.Sleep(time.Duration(20+rand.IntN(60)*(round+1)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Log("round", round, "was done before it was killed")
		}
	}
	killed := engine.Community(t, f, dir)
	killed.Update(t)
	whole := engine.Community(t, f, t.TempDir())
	whole.Update(t)
	if got, want := killed.All(t), whole.All(t); got != want {
		t.Errorf("after being killed: %s\nwithout:            %s", got, want)
	}
	killed.Close(t)
	again := engine.Community(t, f, dir)
	if got, want := again.All(t), whole.All(t); got != want {
		t.Errorf("read again: %s\nwant:       %s", got, want)
	}
}

func TestFollowEndsWithItsContext(t *testing.T) {
	f := analyticstest.TableFeed(t)
	c := engine.Community(t, f, t.TempDir())
	p, ok := c.Proj.(*duckdb.Projection)
	if !ok {
		t.Fatal("another projection")
	}
	ctx, cancel := context.WithCancel(t.Context())
	wake, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		p.Follow(ctx, time.Hour, wake)
	}()
	wake <- struct{}{} // taken after the first update
	if c.Cols.Facts() != len(f.Facts) {
		t.Errorf("%d activities, want %d", c.Cols.Facts(), len(f.Facts))
	}
	cancel()
	<-done
}

// TestInterrupted stops updates at moments of chance, the commit among them, and goes on in the same process: nothing is
// there twice.
func TestInterrupted(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 60 {
		f, dir := analyticstest.TableFeed(t), t.TempDir()
		p, err := duckdb.OpenFile(t.Context(), dir, f, slog.New(slog.DiscardHandler), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rnd.Int64N(int64(12*time.Millisecond))))
		_ = p.Update(ctx) // interrupted, or not
		cancel()
		if err := errors.Join(p.Update(t.Context()), p.Close()); err != nil {
			t.Fatal(err)
		}
		c := engine.Community(t, f, dir)
		if c.Cols.Facts() != len(f.Facts) {
			t.Fatalf("%d activities, want %d", c.Cols.Facts(), len(f.Facts))
		}
		c.Close(t)
	}
}
