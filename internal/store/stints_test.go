// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
)

func TestStintsWithHand(t *testing.T) {
	day := func(text string) int64 {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return micros(at)
	}
	const acme, globex, initech = 1, 2, 3
	told := []evidence{{organization: acme, at: day("2024-05-01")}, {organization: globex, at: day("2026-03-01"), business: true}}
	type stint struct{ organization, at int64 }
	for name, test := range map[string]struct {
		set  []placed
		want []stint
	}{
		"as the sources say": {nil, []stint{{acme, day("2024-05-01")}, {globex, day("2026-03-01")}}},
		"a move by hand goes before what was known": {
			[]placed{{kind: greenroom.PlacedMoved, organization: initech, since: day("2025-06-01"), at: day("2026-04-01")}},
			[]stint{{acme, day("2024-05-01")}, {initech, day("2025-06-01")}},
		},
		"and what sources tell for a later day goes on": {
			[]placed{{kind: greenroom.PlacedMoved, organization: initech, since: day("2025-06-01"), at: day("2025-07-01")}},
			[]stint{{acme, day("2024-05-01")}, {initech, day("2025-06-01")}, {globex, day("2026-03-01")}},
		},
		"a correction holds for all time": {
			[]placed{{kind: greenroom.PlacedAlways, organization: acme, at: day("2026-04-01")}},
			[]stint{{acme, 0}},
		},
		"a move after a correction": {
			[]placed{{kind: greenroom.PlacedAlways, organization: acme, at: day("2026-04-01")}, {kind: greenroom.PlacedMoved, organization: globex, since: day("2026-02-01"), at: day("2026-04-02")}},
			[]stint{{acme, 0}, {globex, day("2026-02-01")}},
		},
		"never with one of them": {
			[]placed{{kind: greenroom.PlacedNever, organization: globex, at: day("2026-04-01")}},
			[]stint{{acme, day("2024-05-01")}},
		},
		"a move to where they are is none": {
			[]placed{{kind: greenroom.PlacedMoved, organization: acme, since: day("2025-06-01"), at: day("2025-07-01")}, {kind: greenroom.PlacedNever, organization: globex, at: day("2025-07-01")}},
			[]stint{{acme, day("2024-05-01")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []stint
			for _, e := range joinStints(withHand(without(append([]evidence(nil), told...), test.set), test.set)) {
				got = append(got, stint{e.organization, e.at})
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(stint{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
