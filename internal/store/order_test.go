// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/store"
)

// telling is what a platform says of a message at a time: its text, or that it was deleted.
type telling struct {
	ID      int
	At      int // minutes; 0 is when it was written
	Deleted bool
}

func (a telling) activity() connector.Activity {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	act := connector.Activity{ExternalID: fmt.Sprintf("m%d", a.ID), Kind: greenroom.KindMessage, OccurredAt: start, Author: "ana", Title: fmt.Sprintf("text %d", a.At)}
	if a.At > 0 {
		act.EditedAt = start.Add(time.Duration(a.At) * time.Minute)
	}
	if a.Deleted {
		act = connector.Activity{ExternalID: act.ExternalID, Deleted: true, EditedAt: act.EditedAt}
	}
	return act
}

// tellings is a source that says them one after the other.
type tellings []telling

func (all tellings) Read(_ context.Context, _ connector.Cursor, out *connector.Sink) error {
	for _, a := range all {
		out.Identity(connector.Identity{ExternalID: "ana"})
		out.Activity(a.activity())
		if err := out.Checkpoint("", connector.Progress{}); err != nil {
			return err
		}
	}
	return nil
}

// TestNewestTellingHolds tells of messages in an arbitrary order, some twice, in batches of any size: what is stored is what
// the platform's clock says is the newest.
func TestNewestTellingHolds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var all tellings
		newest := map[int]telling{}
		for id := range rapid.IntRange(1, 3).Draw(r, "messages") {
			times := rapid.SliceOfNDistinct(rapid.IntRange(1, 9), 0, 4, rapid.ID).Draw(r, "edits")
			slices.Sort(times)
			life := []telling{{ID: id}}
			for _, at := range times {
				life = append(life, telling{ID: id, At: at, Deleted: rapid.IntRange(0, 2).Draw(r, "deleted") == 0})
			}
			newest[id] = life[len(life)-1]
			all = append(all, life...)
		}
		all = append(all, rapid.SliceOfN(rapid.SampledFrom(all), 0, 4).Draw(r, "twice")...)
		all = rapid.Permutation(all).Draw(r, "order")
		s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "greenroom.db"), slog.New(slog.DiscardHandler), clock)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		spec := connector.Spec{Kind: "feed", Title: "Feed", Platform: "feed", New: func(connector.Env, connector.Values) (connector.Source, error) { return all, nil }}
		req := ingest.Request{Spec: spec, Name: "s", Batch: rapid.IntRange(1, 6).Draw(r, "batch")}
		if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 100)
		page, err := s.ListActivities(t.Context(), list.Request{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, n := range newest {
			if !n.Deleted {
				want = append(want, n.activity().ExternalID+" "+n.activity().Title)
			}
		}
		for i := range page.Items {
			got = append(got, page.Items[i].ExternalID+" "+page.Items[i].Title)
		}
		slices.Sort(want)
		slices.Sort(got)
		if strings.Join(want, "|") != strings.Join(got, "|") {
			r.Fatalf("stored %q, want %q", got, want)
		}
	})
}
