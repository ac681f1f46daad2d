// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand_test

import (
	"math"
	"testing"

	"greenroom"
	"greenroom/internal/understand"
)

// Worked by hand: of a four, two are right, one was taken for b and one left open; of b two, one is right and one was taken
// for a. So a has precision 2/3 and recall 1/2, b 1/2 and 1/2; F1 4/7 and 1/2; c does not occur.
func TestMeasure(t *testing.T) {
	f := understand.Measure([]string{"a", "b", "c"}, []understand.Judged{{Right: 0, Read: 0}, {Right: 0, Read: 0}, {Right: 0, Read: 1}, {Right: 0, Read: -1}, {Right: 1, Read: 1}, {Right: 1, Read: 0}})
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("accuracy", f.Accuracy, .5)
	near("precision of a", f.Classes[0].Precision, 2./3)
	near("recall of a", f.Classes[0].Recall, .5)
	near("F1 of a", f.Classes[0].F1, 4./7)
	near("F1 of b", f.Classes[1].F1, .5)
	near("macro F1", f.MacroF1, (4./7+.5)/2)
	if f.N != 6 || f.Unsure != 1 || f.Confusion[0][1] != 1 || f.Confusion[1][0] != 1 {
		t.Errorf("the figures are %+v", f)
	}
}

func TestSays(t *testing.T) {
	for _, tc := range []struct {
		text  understand.Text
		says  bool
		title string
	}{
		{understand.Text{Kind: greenroom.KindIssue, Title: "It crashes"}, true, "It crashes"},
		{understand.Text{Kind: greenroom.KindComment, Title: "It crashes", Body: "Here too"}, true, ""}, // the title is the issue's
		{understand.Text{Kind: greenroom.KindClose, Title: "It crashes"}, false, ""},
		{understand.Text{Kind: greenroom.KindCommit, Title: "Fix the crash"}, false, "Fix the crash"},
		{understand.Text{Kind: greenroom.KindMessage, Body: " \n"}, false, ""},
		{understand.Text{Kind: greenroom.KindMessage, Body: "Hello", Deleted: true}, false, ""},
	} {
		if m, ok := tc.text.Says(); ok != tc.says || m.Title != tc.title {
			t.Errorf("%+v says %+v, %v", tc.text, m, ok)
		}
	}
}
