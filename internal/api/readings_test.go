// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/text"
	"greenroom/internal/understand"
)

// fakeReader is the fake as who reads messages.
type fakeReader struct{ *fake }

func (f fakeReader) Readings(_ context.Context, ids []int64) (map[int64]understand.Reading, error) {
	all := make(map[int64]understand.Reading)
	for _, id := range ids {
		all[id] = understand.Reading{ActivityID: id, Category: text.CategoryBug, Correction: &understand.Correction{ID: 7, ActivityID: id, Category: text.CategoryBug, By: "ana", At: now}}
	}
	return all, f.err
}

func (f fakeReader) Correct(_ context.Context, id int64, c text.Category, s text.Sentiment, by string) (int64, error) {
	f.did = append(f.did, fmt.Sprintf("correct %d to %s, %s by %s", id, c, s, by))
	return 7, f.err
}

func (f fakeReader) Report(context.Context) (*understand.Report, error) {
	none := understand.Measure([]string{}, nil)
	return &understand.Report{Base: understand.Tasks{Category: none, Sentiment: none}, Coverage: understand.Coverage{Categories: map[string]int64{}, Sentiments: map[string]int64{}, Languages: []understand.Language{}}}, f.err
}

func (f fakeReader) Uncertain(context.Context, int) ([]int64, error) { return []int64{42}, f.err }

func (f fakeReader) Retrain(_ context.Context, by string) error {
	f.did = append(f.did, "retrain by "+by)
	return f.err
}

func (f fakeReader) Job() understand.Job { return understand.Job{Running: true, StartedAt: now} }

func (f fakeReader) Models(context.Context) ([]understand.Model, error) {
	none := understand.Measure([]string{}, nil)
	c := understand.Change{Before: none, After: none}
	return []understand.Model{{ID: 3, TrainedAt: now, Gain: understand.Gain{Category: c, Sentiment: c}}}, f.err
}

func (f fakeReader) Activate(_ context.Context, model int64, by string) error {
	if model > 3 && f.err == nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no text model %d", model)
	}
	f.did = append(f.did, fmt.Sprintf("activate %d by %s", model, by))
	return f.err
}

func (f fakeReader) UndoCorrection(_ context.Context, id int64, by string) (understand.Correction, error) {
	f.did = append(f.did, fmt.Sprintf("undo correction %d by %s", id, by))
	return understand.Correction{ID: id, ActivityID: 42}, f.err
}
