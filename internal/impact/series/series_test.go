// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package series_test

import (
	"errors"
	"math"
	"testing"

	"greenroom/internal/impact/series"
)

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", name, got, want)
	}
}

// TestInterrupted compares with R 4.2.2, sandwich 3.0-2, over a made series with a season of four:
//
//	n <- 0:35; after <- as.integer(n>=22)
//	y <- 50 + .7*n + ((n*29)%%13)/2 + ifelse(n>=22, 6+.4*(n-22), 0) + c(0,1,3,-2)[n%%4+1]
//	lm(y ~ n + after + I(after*(n-22))), also with factor(n%%4); NeweyWest(f, lag = 3 or 2, prewhite = FALSE, adjust = TRUE)
func TestInterrupted(t *testing.T) {
	var y []float64
	for n := range 36 {
		v := 50 + 0.7*float64(n) + float64(n*29%13)/2 + []float64{0, 1, 3, -2}[n%4]
		if n >= 22 {
			v += 6 + 0.4*float64(n-22)
		}
		y = append(y, v)
	}
	r, err := series.Interrupted(y, series.Options{From: 22, Lag: series.Lag(36)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Lag != 3 {
		t.Errorf("lag %d", r.Lag)
	}
	near(t, "trend", r.Trend.Value, 0.754206662902)
	near(t, "trend, error", r.Trend.Error, 0.0521613020205)
	near(t, "level", r.Level.Value, 4.74545454545)
	near(t, "level, error", r.Level.Error, 0.99519151096)
	near(t, "slope", r.Slope.Value, 0.408430699735)
	near(t, "slope, error", r.Slope.Error, 0.114878299422)
	near(t, "mean", r.Mean.Value, 7.40025409373)
	near(t, "mean, error", r.Mean.Error, 1.00163852643)
	near(t, "mean, high", r.Mean.High, 7.40025409373+2.03693334346*1.00163852643)
	near(t, "expected", r.Expected[0], 52.976284585+22*0.754206662902)

	// With a memory: gls(y ~ n + after + I(after*(n-22)), correlation = corAR1(form = ~n), method = "REML", control =
	// glsControl(tolerance = 1e-12, msTol = 1e-14)) of nlme 3.1-162 over
	//
	//	e <- c(0,1.2,1.9,1.1,.3,-.8,-1.6,-.9,-.2,.9,1.5,2.1,1.4,.2,-.6,-1.9,-2.2,-1,.1,.6)[n%%20+1] + ((n*7)%%5)/4
	//	y <- 20 + .5*n + 4*after + .1*after*(n-22) + e
	var kept []float64
	wave := []float64{0, 1.2, 1.9, 1.1, 0.3, -0.8, -1.6, -0.9, -0.2, 0.9, 1.5, 2.1, 1.4, 0.2, -0.6, -1.9, -2.2, -1, 0.1, 0.6}
	for n := range 36 {
		v := 20 + 0.5*float64(n) + wave[n%20] + float64(n*7%5)/4
		if n >= 22 {
			v += 4 + 0.1*float64(n-22)
		}
		kept = append(kept, v)
	}
	m, err := series.Interrupted(kept, series.Options{From: 22})
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]float64{
		"memory": {m.Memory, 0.818097732698}, "trend": {m.Trend.Value, 0.528259230214}, "trend, error": {m.Trend.Error, 0.128698066576},
		"level": {m.Level.Value, 5.22510155798}, "level, error": {m.Level.Error, 1.23891860924},
		"slope": {m.Slope.Value, -0.193356181437}, "slope, error": {m.Slope.Error, 0.280709349939},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6 {
			t.Errorf("with a memory, %s: %.10f, want %.10f", name, pair[0], pair[1])
		}
	}

	r, err = series.Interrupted(y, series.Options{From: 22, Season: 4, Lag: 2})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "level with season", r.Level.Value, 4.42773326174)
	near(t, "level with season, error", r.Level.Error, 0.981236528807)
	near(t, "slope with season", r.Slope.Value, 0.437630023799)
	near(t, "slope with season, error", r.Slope.Error, 0.102912418745)
	near(t, "Durbin-Watson", float64(r.DurbinWatson), 1.95886807267)

	if _, err := series.Interrupted(y, series.Options{From: 5}); !errors.Is(err, series.ErrShort) {
		t.Errorf("five periods before: %v", err)
	}
	if _, err := series.Interrupted(y, series.Options{From: 10, Season: 12}); !errors.Is(err, series.ErrShort) {
		t.Errorf("less than a season before: %v", err)
	}
}
