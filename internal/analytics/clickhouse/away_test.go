// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/analytics/analyticstest"
	"greenroom/internal/analytics/clickhouse"
)

// largeFeed is a feed of many rows, the same in every process, with edits, merges and conversations that change.
func largeFeed() *analyticstest.Feed {
	const facts, people = 350_000, 40_000
	rnd := rand.New(rand.NewPCG(7, 7))
	f := analyticstest.NewFeed()
	f.Sources = []analytics.Source{{ID: 1, Name: "s"}}
	f.Channels = []analytics.Channel{{ID: 1, Source: 1, Name: "c"}}
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for range facts {
		f.AddFact(analytics.Fact{
			At: start + rnd.Int64N(365*86400)*1e6, Identity: rnd.Int64N(people) + 1, Channel: 1, Source: 1, Kind: greenroom.KindMessage,
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
		for i := range int64(people) {
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
	c := clickhouse.Config{Hosts: shards(t), Cluster: "two"}
	if dir := os.Getenv(mark); dir != "" {
		p := engineOf(c).Community(t, largeFeed(), dir)
		fmt.Println("projecting")
		p.Update(t)
		return
	}
	f, dir := largeFeed(), t.TempDir()
	for round := range 6 {
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
		time.Sleep(time.Duration(100+rand.IntN(300)*(round+1)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Log("round", round, "was done before it was killed")
		}
	}
	want := whole(t, f)
	killed := engineOf(c).Community(t, f, dir)
	killed.Update(t)
	if got := killed.All(t); got != want {
		t.Errorf("after being killed: %s\nwithout:            %s", got, want)
	}
	killed.Close(t)
	if got := engineOf(c).Community(t, f, dir).All(t); got != want {
		t.Errorf("read again: %s\nwant:       %s", got, want)
	}
}

// whole is the figure of everything in a feed, computed in one go on one server.
func whole(t *testing.T, f *analyticstest.Feed) string {
	t.Helper()
	c := engineOf(clickhouse.Config{Hosts: shards(t)[:1]}).Community(t, f, t.TempDir())
	c.Update(t)
	return c.All(t)
}

// shard is the second shard of the cluster, to be stopped.
type shard struct{ path string }

func secondShard(t *testing.T) *shard {
	t.Helper()
	dir := os.Getenv("GREENROOM_TEST_CLICKHOUSE_FOLDER")
	if dir == "" {
		t.Skip("GREENROOM_TEST_CLICKHOUSE_FOLDER names no folder; tools/with-clickhouse makes one")
	}
	s := &shard{filepath.Join(dir, "shard2")}
	t.Cleanup(func() { s.start(t) })
	return s
}

func (s *shard) stop(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(s.path+".down", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.path + ".pid")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func (s *shard) start(t *testing.T) {
	t.Helper()
	if err := os.Remove(s.path + ".down"); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}

// TestShardAway stops a shard in the middle of projecting: the projection waits, and then ends with all there is.
func TestShardAway(t *testing.T) {
	s := secondShard(t)
	f := largeFeed()
	want := whole(t, f)
	c := engineOf(clickhouse.Config{Hosts: shards(t), Cluster: "two"}).Community(t, f, t.TempDir())
	p, ok := c.Proj.(*clickhouse.Projection)
	if !ok {
		t.Fatal("another projection")
	}
	time.AfterFunc(1500*time.Millisecond, func() { s.stop(t) })
	var err error
	for range 100 { // it may take longer to stop than to project: then once more from the beginning
		if err = c.Proj.Update(t.Context()); err == nil {
			err = c.Proj.Rebuild(t.Context())
		}
		if err != nil {
			break
		}
	}
	who, since := p.Waiting()
	if greenroom.ErrorCode(err) != greenroom.CodeUnavailable || since.IsZero() || !strings.HasPrefix(who, "127.0.0.1:") {
		t.Fatalf("it does not wait: %v; for %q since %v", err, who, since)
	}
	if !strings.Contains(greenroom.ErrorMessage(err), "analytics waits for shard "+who+" since 2026-04-08 10:00:00 UTC") {
		t.Errorf("got %q", greenroom.ErrorMessage(err))
	}
	c.Now = c.Now.Add(time.Hour)
	if err := p.Follow(t.Context()); err != nil {
		t.Errorf("waiting is no error to who follows: %v", err)
	}
	if _, again := p.Waiting(); !again.Equal(since) {
		t.Errorf("waits since %v, and then since %v", since, again)
	}
	s.start(t)
	for range 300 {
		if err = c.Proj.Update(t.Context()); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if _, since := p.Waiting(); err != nil || !since.IsZero() {
		t.Fatalf("it waits still: %v", err)
	}
	c.Now = c.Now.Add(-time.Hour)
	if got := c.All(t); got != want {
		t.Errorf("after the shard was away: %s\nwithout:                   %s", got, want)
	}
}
