// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"

	"greenroom"
	"greenroom/internal/matching"
)

// fakeMatches has one pair to judge.
type fakeMatches struct{ *fake }

func (f fakeMatches) Suggestions(context.Context, matching.Query) ([]matching.Match, int64, error) {
	return []matching.Match{{A: 12, B: 340, Probability: .74, Evidence: []matching.Evidence{}, Left: matching.Side{Member: f.member, Identities: []greenroom.Identity{}}, Right: matching.Side{Member: f.member, Identities: []greenroom.Identity{}}}}, 1, f.err
}

func (f fakeMatches) Unchecked(context.Context, int) ([]matching.Match, error) { return nil, f.err }

func (f fakeMatches) Judge(context.Context, int64, int64, matching.Verdict, string) (int64, error) {
	return 7, f.err
}

func (f fakeMatches) Check(context.Context, int64, int64, bool, string) (int64, error) {
	return 8, f.err
}

func (f fakeMatches) Undo(context.Context, int64, string) error { return f.err }

func (f fakeMatches) Quality(context.Context) (matching.Quality, error) {
	return matching.Quality{High: 1}, f.err
}

func (f fakeMatches) MatchSettings(context.Context) (matching.Settings, matching.State, error) {
	return matching.Settings{Auto: .9, Suggest: .1, Model: 2}, matching.State{}, f.err
}

func (f fakeMatches) Apply(context.Context, float64, float64) error { return f.err }
