// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import "greenroom/internal/outbox"

// Filter says which runs are listed. The zero Filter is all of them.
type Filter struct {
	Workflow int64
	State    RunState
	Version  int64  // that are in this version; 0 = any
	Step     string // that did this step
	At       string // that are at this step
	Member   int64
	Outcome  *bool
	Below    int64 // runs with a smaller id, for the next page
	Limit    int   // 0 = 100
}

// Tally sums up the runs of a workflow.
type Tally struct {
	States        map[RunState]int64
	Passed        map[string]int64 // by step: runs that did it
	At            map[string]int64 // by step: runs that are at it
	Messages      outbox.Counts    // to members
	With, Without Arm              // members in it, and held out, of whom the outcome is known
	Open          int64            // members of whom it is not
}

// Entered is how many came in, those held out not counted.
func (t *Tally) Entered() int64 {
	if t == nil {
		return 0
	}
	return t.States[Waiting] + t.States[Stuck] + t.States[Done] + t.States[Stopped]
}

// Effect estimates what the workflow brings about.
func (t *Tally) Effect() Effect {
	if t == nil {
		return Effect{}
	}
	e := Compare(t.With, t.Without)
	e.Open = t.Open
	return e
}
