// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"
	"time"

	"greenroom"
)

func TestPace(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var p pace
	for _, c := range []struct {
		after      time.Duration // since the run began
		read, done int64         // as told then; 0 = nothing is told
		rate       float64
		left       time.Duration
	}{
		{0, 500, 10, 0, 0},                                                   // one word says nothing of a speed
		{500 * time.Millisecond, 600, 12, 0, 0},                              // nor do two in half a second
		{2 * time.Second, 900, 18, 200, 41 * time.Second / 2},                // 400 records and 8 of 100 parts in 2 s; 82 are left
		{4 * time.Second, 0, 0, 100, 41 * time.Second},                       // silence slows down
		{32 * time.Second, 3500, 70, 2600. / 30, 30 * 30 * time.Second / 52}, // what is older than half a minute is forgotten: 2,600 records and 52 parts since second 2
		{33 * time.Second, 3600, 100, 100, 0},                                // since second 32, and nothing is left
		{63 * time.Second, 9999, 100, 6399. / 30, 0},                         // since second 33
	} {
		now := at.Add(c.after)
		run := greenroom.Run{Read: c.read, Done: c.done, Total: 100}
		if c.read > 0 {
			p.add(now, &run)
		} else {
			run.Done = 18
		}
		rate, left := p.rate(now, &run)
		if diff := rate - c.rate; diff > .01 || diff < -.01 || (left-c.left).Abs() > time.Millisecond {
			t.Errorf("after %v: %v a second and %v left, want %v and %v", c.after, rate, left, c.rate, c.left)
		}
	}
}
