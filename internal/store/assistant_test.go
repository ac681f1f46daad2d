// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/assistant"
	"greenroom/internal/store"
)

func TestAssistantKeeps(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, at := t.Context(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		if got, err := s.AssistantSettings(ctx); err != nil || got.On {
			t.Errorf("at first: %+v %v", got, err)
		}
		set := assistant.Settings{On: true, Address: "https://x.example/v1", Model: "m", Key: "sealed", Allowed: []assistant.Purpose{assistant.Draft}, MonthTokens: 5, MonthCost: 1.5}
		if err := s.SetAssistantSettings(ctx, &set); err != nil {
			t.Fatal(err)
		}
		got, err := s.AssistantSettings(ctx)
		if diff := cmp.Diff(set, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		for i, outcome := range []assistant.Outcome{assistant.Answered, assistant.Kept, assistant.Refused} {
			if err := s.KeepUse(ctx, &assistant.Use{At: at.Add(time.Duration(i-1) * time.Hour), Purpose: assistant.Draft, Model: "m", Input: 10, Output: 1, Micros: 7, By: "ana", Outcome: outcome}); err != nil {
				t.Fatal(err)
			}
		}
		if total, err := s.UsedSince(ctx, at); err != nil || total != (assistant.Total{Requests: 1, Tokens: 11, Micros: 7}) {
			t.Errorf("used %+v, %v", total, err)
		}
		if all, err := s.Uses(ctx, 2); err != nil || len(all) != 2 || all[0].ID != 3 || all[0].Outcome != assistant.Refused || !all[1].At.Equal(at) {
			t.Errorf("uses %+v, %v", all, err)
		}
		for now, want := range map[time.Time]string{at: "answer", at.Add(time.Hour): ""} {
			if err := s.KeepAnswer(ctx, "k", "answer", at, at.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if got, err := s.KeptAnswer(ctx, "k", now); err != nil || got != want {
				t.Errorf("kept %q, want %q, %v", got, want, err)
			}
		}
	})
}
