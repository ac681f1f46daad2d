// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof_test

import (
	"slices"
	"testing"

	"greenroom/internal/impact/verdict"
	"greenroom/internal/proof"
)

// TestControls asks for what follows in each way, with a control that nothing moves and with one that a project moves, with which some come
// to be exposed: the latter is never better than weak.
func TestControls(t *testing.T) {
	for _, of := range []proof.Outcome{{Kind: proof.Acts, Days: madeGap}, {Kind: proof.Stays, Days: madeGap}, {Kind: proof.Monthly}} {
		quiet, _ := crowd{members: 2000, seen: 0.7, gain: 3}.asked(t, 3, of, proof.ByPropensity)
		moved, _ := crowd{members: 2000, seen: 0.5, project: 9, feels: 1}.asked(t, 3, of, proof.ByPropensity)
		for name, r := range map[string]*proof.Result{"quiet": quiet, "moved": moved} {
			i := slices.IndexFunc(r.Reasons, func(x proof.Reason) bool { return x.Rule == "control" })
			if r.Control == nil || r.Control.Value == nil || i < 0 {
				t.Fatalf("%s, %s: nothing is said of the control: %+v", of.Kind, name, r.Reasons)
			}
			if name == "quiet" && r.Reasons[i].Fits == verdict.Correlation || name == "moved" && r.Reasons[i].Fits != verdict.Correlation {
				t.Errorf("%s, %s: %s (%v to %v)", of.Kind, name, r.Reasons[i].Says, *r.Control.Low, *r.Control.High)
			}
		}
	}
}
