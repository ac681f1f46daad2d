// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// slowMembers is a record store that takes until it is told to go on.
type slowMembers struct {
	asked atomic.Int64
	goOn  chan struct{}
}

func (m *slowMembers) IdentitySet(ctx context.Context, _ query.Node) ([]int64, error) {
	m.asked.Add(1)
	select {
	case <-m.goOn:
		return []int64{1}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestTogether has many ask for the same figure while it is computed: it is computed once, for all who stay, also when who
// asked first leaves.
func TestTogether(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	members := &slowMembers{goOn: make(chan struct{})}
	e := analytics.NewEngine(analytics.NewColumns(), analytics.Answers{Members: members}, func() time.Time { return now })
	e.CacheResults(func() time.Duration { return time.Second }, nil)
	segment, err := query.Parse(query.NewSchema(query.Members, nil), "tag:champion")
	if err != nil {
		t.Fatal(err)
	}
	r := analytics.Request{Metric: "active_members", From: now.AddDate(0, -1, 0), To: now, Granularity: analytics.Day, Zone: time.UTC, Segment: segment}
	first, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := e.Compute(first, r)
		left <- err
	}()
	for members.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := e.Compute(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	leave()
	if err := <-left; err == nil {
		t.Error("who left was given a figure")
	}
	close(members.goOn)
	all.Wait()
	if n := members.asked.Load(); n != 1 {
		t.Errorf("it was computed %d times", n)
	}
}

// TestSettled has a figure given again for a minute while nothing changes, and computed at once when something does; one
// that the record store is asked for is as old as what it says of members at most.
func TestSettled(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	columns, members := analytics.NewColumns(), &slowMembers{goOn: make(chan struct{})}
	close(members.goOn)
	e := analytics.NewEngine(columns, analytics.Answers{Members: members}, func() time.Time { return now })
	lag := time.Duration(0)
	e.CacheResults(func() time.Duration { return lag }, nil)
	segment, err := query.Parse(query.NewSchema(query.Members, nil), "tag:champion")
	if err != nil {
		t.Fatal(err)
	}
	r := analytics.Request{Metric: "active_members", From: now.AddDate(0, -1, 0), To: now.AddDate(0, 1, 0), Granularity: analytics.Total, Zone: time.UTC}
	narrowed, byTag := r, r
	narrowed.Segment, byTag.Breakdown = segment, analytics.ByOrganization
	compute := func(r analytics.Request) *analytics.Result {
		t.Helper()
		res, err := e.Compute(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first, segmented, broken := compute(r), compute(narrowed), compute(byTag)
	now = now.Add(50 * time.Second)
	if compute(r) != first {
		t.Error("computed again although nothing has changed")
	}
	if compute(narrowed) == segmented {
		t.Error("a segment's figure was given again after 50 seconds")
	}
	if compute(byTag) == broken {
		t.Error("a figure with names from the record store was given again after 50 seconds")
	}
	if err := columns.Apply(&analytics.Delta{Identities: []analytics.Identity{{ID: 1, Member: 1}}}); err != nil {
		t.Fatal(err)
	}
	second := compute(r)
	if second == first {
		t.Error("given again although somebody has come")
	}
	now = now.Add(61 * time.Second)
	if compute(r) == second {
		t.Error("given again after a minute")
	}
}
