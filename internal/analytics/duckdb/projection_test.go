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
	"greenroom/internal/analytics/duckdb"
)

// all is a figure of everything: how many activities and members the columns hold.
func all(t *testing.T, c *community) string {
	t.Helper()
	far := analytics.Request{From: time.Unix(0, 0), To: c.now, Granularity: analytics.Total, Options: analytics.Options{Staff: true, Bots: true}}
	var parts []string
	for _, m := range []string{"activities", "members", "conversations", "questions", "time_to_first_response"} {
		far.Metric = m
		parts = append(parts, row(c.ask(t, far, "")))
	}
	return strings.Join(parts, " ")
}

func TestReopen(t *testing.T) {
	f, dir := tableFeed(t), t.TempDir()
	c := openCommunity(t, f, dir)
	c.update(t)
	want := all(t, c)
	c.close(t)

	c = openCommunity(t, f, dir) // filled from the file, not from the feed
	if got := all(t, c); got != want {
		t.Errorf("reopened: %s, want %s", got, want)
	}
	if err := c.proj.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := all(t, c); got != want {
		t.Errorf("rebuilt: %s, want %s", got, want)
	}
	if !c.cols.AsOf().Equal(c.now) {
		t.Errorf("as of %s, want %s", c.cols.AsOf(), c.now)
	}
	c.close(t)

	if err := os.WriteFile(filepath.Join(dir, "analytics.duckdb"), []byte("not a database, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	c = openCommunity(t, f, dir)
	c.update(t)
	if got := all(t, c); got != want {
		t.Errorf("after the file was broken: %s, want %s", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "analytics.duckdb.unreadable")); err != nil {
		t.Errorf("the broken file was not kept: %v", err)
	}
	c.close(t)
}

// TestOtherStore opens the projection beside a record store that it does not belong to.
// TestWithoutColumns keeps the file current in a process that computes nothing, as an import does.
func TestWithoutColumns(t *testing.T) {
	f, dir := tableFeed(t), t.TempDir()
	c := openCommunity(t, f, t.TempDir())
	c.update(t)
	want := all(t, c)
	c.close(t)
	for range 2 { // the second time there is nothing to do
		p, err := duckdb.OpenFile(t.Context(), dir, f, slog.Default(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Update(t.Context()), p.Close()); err != nil {
			t.Fatal(err)
		}
		c = openCommunity(t, f, dir)
		if got := all(t, c); got != want {
			t.Errorf("after updating the file alone: %s, want %s", got, want)
		}
		c.close(t)
	}
}

func TestOtherStore(t *testing.T) {
	dir := t.TempDir()
	c := openCommunity(t, tableFeed(t), dir)
	c.update(t)
	c.close(t)
	other := newFeed()
	other.sources = []analytics.Source{{ID: 1, Name: "new"}}
	other.addFact(analytics.Fact{At: 1e15, Identity: 1, Source: 1, Kind: greenroom.KindMessage})
	other.put([]analytics.Identity{{ID: 1, Member: 1}})
	c = openCommunity(t, other, dir)
	c.update(t)
	if got := c.cols.Facts(); got != 1 {
		t.Errorf("%d activities, want those of the other store: 1", got)
	}
}

func TestPlacesAreRenamedAndHidden(t *testing.T) {
	f := tableFeed(t)
	c := openCommunity(t, f, t.TempDir())
	c.update(t)
	f.channels[1].Name = "watercooler"
	f.channels[0].Hidden = true
	c.now = c.now.Add(2 * time.Minute)
	c.update(t)
	if got, want := row(c.ask(t, analytics.Request{Metric: "activities", Breakdown: analytics.ByChannel}, "")),
		"acme/app: 0 3 2 0 0 watercooler: 1 0 1 2 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFeedError(t *testing.T) {
	f := tableFeed(t)
	c := openCommunity(t, f, t.TempDir())
	f.fail = errors.New("the network is down")
	if err := c.proj.Update(t.Context()); !errors.Is(err, f.fail) {
		t.Errorf("got %v", err)
	}
	f.fail = nil
	c.update(t)
	if c.cols.Facts() != len(f.facts) {
		t.Errorf("%d activities, want %d", c.cols.Facts(), len(f.facts))
	}
}

// TestOneUser opens the projection twice.
func TestOneUser(t *testing.T) {
	f, dir := tableFeed(t), t.TempDir()
	openCommunity(t, f, dir)
	_, err := duckdb.Open(t.Context(), dir, f, analytics.NewColumns(), slog.Default(), time.Now)
	if greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		t.Fatalf("got %v", err)
	}
	if want := fmt.Sprintf("in use by process %d", os.Getpid()); !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to say %q", err, want)
	}
}

// killFeed is a feed of many rows, the same in every process.
func killFeed() *feed {
	rnd := rand.New(rand.NewPCG(7, 7))
	f := newFeed()
	f.sources = []analytics.Source{{ID: 1, Name: "s"}}
	f.channels = []analytics.Channel{{ID: 1, Source: 1, Name: "c"}}
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for range 400_000 {
		f.addFact(analytics.Fact{
			At: start + rnd.Int64N(365*86400)*1e6, Identity: rnd.Int64N(60_000) + 1, Channel: 1, Source: 1, Kind: greenroom.KindMessage,
		})
	}
	for i := range int64(1000) {
		a := f.facts[i*300]
		a.At += 1e6
		f.changeFact(i*300+1, a)
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
		f.put(ids, convs...)
	}
	return f
}

// TestKilled kills a process that projects, at moments of chance, and goes on with what it left. The test binary runs
// itself as that process.
func TestKilled(t *testing.T) {
	const mark = "GREENROOM_TEST_PROJECT_INTO"
	if dir := os.Getenv(mark); dir != "" {
		c := openCommunity(t, killFeed(), dir)
		fmt.Println("projecting")
		c.update(t)
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
	killed := openCommunity(t, f, dir)
	killed.update(t)
	whole := openCommunity(t, f, t.TempDir())
	whole.update(t)
	if got, want := all(t, killed), all(t, whole); got != want {
		t.Errorf("after being killed: %s\nwithout:            %s", got, want)
	}
	killed.close(t)
	again := openCommunity(t, f, dir)
	if got, want := all(t, again), all(t, whole); got != want {
		t.Errorf("read again: %s\nwant:       %s", got, want)
	}
}

func TestFollowEndsWithItsContext(t *testing.T) {
	f := tableFeed(t)
	c := openCommunity(t, f, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	wake, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		c.proj.Follow(ctx, time.Hour, wake)
	}()
	wake <- struct{}{} // taken after the first update
	if c.cols.Facts() != len(f.facts) {
		t.Errorf("%d activities, want %d", c.cols.Facts(), len(f.facts))
	}
	cancel()
	<-done
}
