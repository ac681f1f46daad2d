// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/analytics"
	"greenroom/internal/reported"
	"greenroom/internal/store"
)

// TestReported keeps figures once, one without a value among them, and settings that somebody else changed stay.
func TestReported(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		from := time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC)
		to, v := from.AddDate(0, 0, 7), 0.1+0.2
		all := []reported.Figure{
			{Metric: "helpers", Version: 1, By: analytics.Week, Zone: "UTC", From: from, To: to, Value: &v, N: 3, At: to},
			{Metric: "answered_share", Version: 1, By: analytics.Week, Zone: "UTC", From: from, To: to, At: to},
		}
		if err := s.KeepReported(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		other := 7.0
		if err := s.KeepReported(t.Context(), []reported.Figure{{Metric: "helpers", Version: 1, By: analytics.Week, Zone: "UTC", From: from, To: to, Value: &other}}); err != nil {
			t.Fatal(err)
		}
		for i := range all {
			got, err := s.Reported(t.Context(), all[i].Metric, 1, analytics.Week, "UTC", from, to)
			if diff := cmp.Diff(all[i:i+1], got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		}
		if ok, err := s.IsReported(t.Context(), analytics.Month, "UTC", from); ok || err != nil {
			t.Errorf("a month is kept: %v", err)
		}
		if since, err := s.SinceReported(t.Context(), &all[0]); err != nil || since != (reported.Since{}) {
			t.Errorf("got %+v, %v", since, err)
		}
		if err := s.SetDigestSettings(t.Context(), "", "{}"); err != nil {
			t.Fatal(err)
		}
		if err := s.SetDigestSettings(t.Context(), "", "{}"); err == nil {
			t.Error("settings that somebody else changed were written over")
		}
	})
}
