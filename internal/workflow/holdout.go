// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"time"

	"greenroom/internal/impact/noise"
)

// HeldOut reports whether a member is among those who are held out of a workflow. It is a matter of chance, and always
// the same for a member and a workflow: who is held out once stays so.
func HeldOut(workflow, member int64, percent int) bool {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(workflow)) //nolint:gosec // its bits only
	binary.LittleEndian.PutUint64(b[8:], uint64(member))   //nolint:gosec // its bits only
	h := fnv.New64a()
	_, _ = h.Write(b[:])
	v := h.Sum64()
	// FNV's bits are not well mixed for such short inputs; this is the finalizer of MurmurHash3.
	v ^= v >> 33
	v *= 0xff51afd7ed558ccd
	v ^= v >> 33
	v *= 0xc4ceb9fe1a85ec53
	v ^= v >> 33
	return v%100 < uint64(max(0, percent)) //nolint:gosec // not negative
}

// Arm is one side of the comparison.
type Arm struct {
	Members int64 `json:"members"` // of whom the outcome is known
	Did     int64 `json:"did"`     // who did what was hoped for
}

// Share is the share of those who did, from 0 to 1.
func (a Arm) Share() float64 {
	if a.Members == 0 {
		return 0
	}
	return float64(a.Did) / float64(a.Members)
}

// Effect is the difference that a workflow makes: the share of those who did what was hoped for among all who entered, less
// that among those who were held out.
type Effect struct {
	With, Without Arm
	Known         bool    `json:"known"`      // there are people on both sides
	Difference    float64 `json:"difference"` // of the shares, -1 to 1
	Low, High     float64 // the interval that covers the true difference in 95 of 100 cases
	Smallest      float64 `json:"smallest"` // the smallest difference that these numbers would show in 8 of 10 cases; 0 = not known
	Open          int64   `json:"open"`     // members of whom the outcome is not known yet
}

// Clear reports whether there is a difference beyond chance.
func (e *Effect) Clear() bool { return e.Known && (e.Low > 0 || e.High < 0) }

// z of 80 % power, beside the 95 % of the interval.
const (
	z95 = 1.959964
	z80 = 0.841621
)

// Compare estimates the effect. The interval is Newcombe's hybrid score interval for the difference of two independent
// proportions (Statistics in Medicine 17, 1998, 873-890, method 10), made of two Wilson intervals, which keeps its promise
// also for small numbers and for shares near 0 and 1.
func Compare(with, without Arm) Effect {
	e := Effect{With: with, Without: without, Known: with.Members > 0 && without.Members > 0}
	if !e.Known {
		return e
	}
	p1, p2 := with.Share(), without.Share()
	e.Difference = p1 - p2
	e.Low, e.High = noise.Difference(with.Did, with.Members, without.Did, without.Members)
	// As if both shares were the pooled one, but not so near to 0 or 1 that it could not be told.
	n1, n2 := float64(with.Members), float64(without.Members)
	p := (float64(with.Did+without.Did) + 1) / (n1 + n2 + 2)
	e.Smallest = min(1, (z95+z80)*math.Sqrt(p*(1-p)*(1/n1+1/n2)))
	return e
}

// Words says what can be said of an effect, and no more.
func (e *Effect) Words() string {
	switch {
	case !e.Known:
		return "Nothing can be told yet: there must be members in both groups whose time is over."
	case !e.Clear():
		return fmt.Sprintf("No difference can be told yet. With so many members, one of %.0f points or more would mostly show.", math.Ceil(100*e.Smallest))
	case e.Difference > 0:
		return "Those who were in it did it more often than those who were held out, by more than chance explains."
	}
	return "Those who were in it did it less often than those who were held out, by more than chance explains."
}

// late is how long after the days of an outcome it is told: what was done in them may be heard of late.
const late = day

// measureEvery is how often outcomes are looked at.
const measureEvery = time.Hour

// measure notes for members whose time is over whether they did what was hoped for.
func (e *Engine) measure(ctx context.Context, live []running) error {
	now := e.now()
	if now.Sub(e.looked) < measureEvery && !now.Before(e.looked) {
		return nil
	}
	for _, r := range live {
		h := &r.plan.HoldOut
		if h.Percent == 0 || h.Outcome == "" {
			continue
		}
		within := time.Duration(h.Days) * day
		for ctx.Err() == nil {
			runs, err := e.store.Unmeasured(ctx, r.ID, now.Add(-within-late), atOnce)
			if err != nil {
				return fmt.Errorf("reading whose outcome can be told: %w", err)
			}
			if len(runs) == 0 {
				break
			}
			outcomes := make(map[int64]bool, len(runs))
			for i := range runs {
				at, err := e.did(ctx, runs[i].MemberID, h.Outcome, runs[i].EnteredAt, runs[i].EnteredAt.Add(within))
				if err != nil {
					e.log.Warn("the outcome of a workflow cannot be told", "workflow", r.Key, "error", err)
					return nil
				}
				outcomes[runs[i].ID] = !at.IsZero()
			}
			if err := e.store.SetOutcomes(ctx, outcomes); err != nil {
				return fmt.Errorf("storing outcomes: %w", err)
			}
		}
	}
	e.looked = now
	return nil
}
