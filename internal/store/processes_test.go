// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/process"
	"greenroom/internal/store"
)

func TestProcesses(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		want := process.Process{Draft: process.Draft{Name: "Wélcome", Minutes: process.Range{Low: 3, Likely: 5, High: 10}, Origin: process.Typical, Runs: process.Runs{Per: process.PerNew, Each: process.Exactly(1)}}, CreatedBy: "ana", CreatedAt: clock().UTC()}
		p, err := s.AddProcess(ctx, want)
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Version = 1, 1
		got, err := s.Process(ctx, p.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		p.Archived = true
		if _, err := s.ChangeProcess(ctx, p); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ChangeProcess(ctx, p); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a change from an old version: %v", err)
		}
		begin := clock().UTC()
		if _, err := s.StartTiming(ctx, process.Timing{ProcessID: 1, Person: "ana", Runs: 1, StartedAt: begin}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.StartTiming(ctx, process.Timing{ProcessID: 1, Person: "ana", Runs: 1, StartedAt: begin}); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a second timer: %v", err)
		}
		if _, err := s.StopTiming(ctx, 1, "ben", 1, begin); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("somebody else's timer: %v", err)
		}
		timing, err := s.StopTiming(ctx, 1, "ana", 3, begin.Add(12*time.Minute))
		if err != nil || timing.Minutes() != 4 {
			t.Errorf("stopped %+v, %v", timing, err)
		}
		if _, err := s.RemoveTiming(ctx, timing.ID); err != nil {
			t.Error(err)
		}
		if again, err := s.AddTiming(ctx, process.Timing{ProcessID: 1, Person: "ana", Runs: 1, StartedAt: begin, StoppedAt: begin}); err != nil || again.ID == timing.ID {
			t.Errorf("a number is given again: %+v, %v", again, err)
		}
		d, err := s.AddProcessDocument(ctx, process.Document{Kind: process.HiringCase, Title: "T", By: "ana", At: begin, Sections: []process.Section{{Title: "A", Rows: [][]string{{"x"}}}}})
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.ProcessDocument(ctx, d.ID)
		if diff := cmp.Diff(d, back); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if all, err := s.ProcessDocuments(ctx); err != nil || len(all) != 1 || all[0].Sections != nil {
			t.Errorf("documents %+v, %v", all, err)
		}
		for what, count := range map[string]func() (int64, error){
			"inbox":    func() (int64, error) { return s.InboxDone(ctx, begin, begin) },
			"events":   func() (int64, error) { return s.EventsHeld(ctx, begin, begin) },
			"workflow": func() (int64, error) { return s.WorkflowDone(ctx, 1, begin, begin) },
		} {
			if n, err := count(); n != 0 || err != nil {
				t.Errorf("%s: %d, %v", what, n, err)
			}
		}
		if names, err := s.WorkflowNames(ctx); err != nil || len(names) != 0 {
			t.Errorf("workflows %v, %v", names, err)
		}
	})
}
