// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import "time"

// Score is what a model of scores makes of a member: a level, love, points, or a rhythm.
type Score struct {
	Model  string    `json:"model"` // orbit, love, points or rhythm
	Member int64     `json:"member"`
	Value  float64   `json:"value"`          // love, points; of a rhythm the usual days between two active ones
	Level  int       `json:"level"`          // 1 (innermost) to 4; 0 = none
	Step   int       `json:"step,omitempty"` // 1 to 3 within the level, where the model has steps
	Due    time.Time `json:"due,omitzero"`   // of a rhythm: from then on the silence is longer than usual
}

// ScoreVersion is one version of a model of scores as the team has saved it.
type ScoreVersion struct {
	Name    string    `json:"name"`
	Version int       `json:"version"`
	Spec    string    `json:"-"`
	Note    string    `json:"note"` // why
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Tie says how often a member answered another in conversations that the other had begun.
type Tie struct {
	From, To int64 // members: who answered, and whom
	Count    int64
	Last     time.Time
}
