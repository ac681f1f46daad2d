// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChanges(t *testing.T) {
	before := &Result{Clusters: [][]string{{"a", "b"}, {"c"}, {"d", "e", "f"}, {"g"}}}
	after := &Result{Clusters: [][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}}}
	want := []Change{
		{Before: [][]string{{"c"}, {"d", "e", "f"}}, After: [][]string{{"c", "d"}, {"e", "f"}}},
		{Before: [][]string{{"g"}, {"h"}}, After: [][]string{{"g", "h"}}},
	}
	if diff := cmp.Diff(want, Changes(before, after)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Changes(after, after); got != nil {
		t.Errorf("changes from a result to itself: %v", got)
	}
}
