// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"log/slog"
	"testing"
	"time"

	"greenroom/internal/server"
)

// TestSampleInputs holds that the sample's assumptions are enough for each way to count what deflection saves.
func TestSampleInputs(t *testing.T) {
	app, err := server.Open(t.Context(), server.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	}()
	engine, err := app.Analytics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := app.Proof(engine)
	for _, in := range sampleInputs() {
		if _, err := s.SetInput(t.Context(), in, "sample"); err != nil {
			t.Errorf("%s: %v", in.Key, err)
		}
	}
	now := app.Now()
	for _, key := range []string{"deflection_explicit", "deflection_implicit", "deflection_survey", "deflection_views", "deflection_savings"} {
		f, err := s.Measure(t.Context(), key, now.AddDate(0, 0, -90), now)
		if err != nil || f.Value == nil || f.Low == nil || *f.Low > *f.Value || *f.Value > *f.High {
			t.Errorf("%s is %+v, %v", key, f, err)
		}
	}
}
