// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package orbit

import (
	"maps"
	"math"
	"slices"
	"strings"

	"greenroom"
)

// Rule is how a model scores.
type Rule string

// The rules.
const (
	RuleV1     Rule = "orbit_v1" // love: activities fade by a tenth a calendar month
	RuleV2     Rule = "orbit_v2" // levels by weight or presence
	RulePoints Rule = "points"   // a sum of points, with a half-life or without
)

// Interval is how often members can fall to a lower level.
type Interval string

// The intervals.
const (
	Monthly   Interval = "month"
	Quarterly Interval = "quarter"
	Yearly    Interval = "year"
)

// Model is one version of a team's weights under a rule.
type Model struct {
	Name    string `json:"name"`    // what fields of queries go by: "love", "orbit" or "points"
	Version int    `json:"version"` // 0 = as Greenroom comes with it
	Rule    Rule   `json:"rule"`
	// Weights are by kind of activity, as queries write it; a kind that is not named weighs nothing.
	Weights map[string]float64 `json:"weights"`
	// Channels multiply what was done in a channel, by its name in lower case without #; not under RuleV2.
	Channels map[string]float64 `json:"channels,omitempty"`
	// HalfLife is after how many days points are worth half; 0 = they do not fade. RulePoints only.
	HalfLife int `json:"half_life_days,omitempty"`
	// LookBack is how many days count; 0 = all.
	LookBack int `json:"look_back_days,omitempty"`
	// Presence lets members reach levels by how often they are there; Interval is when they can fall. RuleV2 only.
	Presence bool     `json:"presence,omitempty"`
	Interval Interval `json:"interval,omitempty"`
	// Thresholds are the values from which a member is on level 1, 2 and 3; who has any value below is on level 4. Not
	// under RuleV2.
	Thresholds [3]float64 `json:"thresholds"`
}

// The names of the models that there are. Each field of the query language goes by one.
const (
	Love   = "love"
	Levels = "orbit"
	Points = "points"
)

// Defaults are the models as Greenroom comes with them, in the order in which they are explained.
func Defaults() []Model {
	return []Model{
		{Name: Levels, Rule: RuleV2, Weights: defaultPositions(), LookBack: 365, Presence: true, Interval: Monthly},
		{Name: Love, Rule: RuleV1, Weights: defaultLove(), Thresholds: [3]float64{60, 20, 5}},
		{Name: Points, Rule: RulePoints, Weights: defaultPoints(), LookBack: 365, HalfLife: 90, Thresholds: [3]float64{300, 100, 25}},
	}
}

// Default is one of the models as Greenroom comes with them.
func Default(name string) (Model, bool) {
	for _, m := range Defaults() {
		if m.Name == name {
			return m, true
		}
	}
	return Model{}, false
}

// defaultPositions are weights from 1 to 12 in the sense of version 2: how committed somebody is who does such a thing.
func defaultPositions() map[string]float64 {
	return map[string]float64{
		"follow": 1, "star": 1, "reaction": 1, "vote": 1,
		"message": 2, "question": 2, "fork": 2, "file": 2, "survey_answer": 3,
		"reply": 3, "comment": 3, "attendance": 4, "issue": 4, "discussion": 4, "reopen": 3, "close": 3,
		"answer": 5, "wiki": 5, "pull_request": 6, "review": 6, "accepted_answer": 6,
		"commit": 6, "push": 6, "branch": 6, "announcement": 7, "moderation": 7, "merge": 8, "release": 9,
	}
}

// defaultLove keeps to the suggestion of version 1: 1 for most things, up to 3 for the weighty ones.
func defaultLove() map[string]float64 {
	return map[string]float64{
		"message": 1, "reply": 1, "question": 1, "comment": 1, "answer": 2, "accepted_answer": 3, "reaction": 0.2, "vote": 0.2,
		"issue": 2, "discussion": 1, "pull_request": 3, "review": 2, "commit": 2, "merge": 2, "release": 3, "wiki": 2,
		"star": 0.5, "fork": 0.5, "follow": 0.5, "attendance": 2, "survey_answer": 1, "announcement": 2, "file": 1,
	}
}

// defaultPoints are the impact points that Common Room documents, by the kind that is nearest: a Discord message 6, a
// reply 5 and a reaction 2; a star 1, an issue 10, a pull request 10 and its merge 8, a commit 6, a fork 10, a discussion
// 8 and a comment 4; questions 10 and answers 8 as for forums. Kinds that it does not name weigh like their nearest.
func defaultPoints() map[string]float64 {
	return map[string]float64{
		"message": 6, "reply": 5, "question": 10, "answer": 8, "accepted_answer": 10, "comment": 4, "reaction": 2, "vote": 2,
		"issue": 10, "pull_request": 10, "merge": 8, "review": 4, "commit": 6, "star": 1, "fork": 10, "discussion": 8,
		"wiki": 6, "follow": 1, "attendance": 8, "survey_answer": 4, "announcement": 4, "file": 4, "release": 8,
	}
}

// Clone copies a model, so that it can be changed.
func (m *Model) Clone() Model {
	c := *m
	c.Weights, c.Channels = maps.Clone(m.Weights), maps.Clone(m.Channels)
	return c
}

// Validate checks a model that somebody has changed. Its errors have CodeInvalid.
func (m *Model) Validate() error {
	invalid := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	if base, ok := Default(m.Name); !ok || base.Rule != m.Rule {
		return invalid("there is no score %q with the rule %q; there are orbit (orbit_v2), love (orbit_v1) and points (points)", m.Name, m.Rule)
	}
	limit := 1000.0
	if m.Rule == RuleV2 {
		limit = float64(Inmost)
	}
	for _, kind := range slices.Sorted(maps.Keys(m.Weights)) {
		if _, err := greenroom.ParseKind(kind); err != nil {
			return err
		}
		if w := m.Weights[kind]; math.IsNaN(w) || w < 0 || w > limit {
			return invalid("the weight of %s must be from 0 to %g, not %g", kind, limit, w)
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(m.Channels)) {
		if f := m.Channels[channel]; math.IsNaN(f) || f < 0 || f > 100 {
			return invalid("what channel %s counts must be from 0 to 100 times, not %g", channel, f)
		}
	}
	switch {
	case m.Rule == RuleV2 && len(m.Channels) > 0:
		return invalid("levels of Orbit's version 2 go by what was done, not by where")
	case m.Rule == RuleV2 && m.Interval != Monthly && m.Interval != Quarterly && m.Interval != Yearly:
		return invalid("members can fall each month, quarter or year, not each %q", m.Interval)
	case m.HalfLife < 0 || m.HalfLife > 36500 || m.LookBack < 0 || m.LookBack > 36500:
		return invalid("days must be from 0 to 36500")
	case m.Rule != RuleV2 && !(m.Thresholds[0] > m.Thresholds[1] && m.Thresholds[1] > m.Thresholds[2] && m.Thresholds[2] > 0):
		return invalid("the values of the levels must fall from level 1 to level 3 and be above 0, not %g, %g, %g", m.Thresholds[0], m.Thresholds[1], m.Thresholds[2])
	}
	return nil
}

// LevelNames names the levels 1 to 4 of a model; index 0 is of nobody.
func (m *Model) LevelNames() [5]string {
	if m.Rule == RuleV2 {
		return LevelNamesV2()
	}
	return LevelNamesV1()
}

// channelFactor is by how much a channel multiplies.
func (m *Model) channelFactor(channel string) float64 {
	if len(m.Channels) == 0 {
		return 1
	}
	if f, ok := m.Channels[strings.ToLower(strings.TrimPrefix(channel, "#"))]; ok {
		return f
	}
	return 1
}

// level is the level of a value under thresholds.
func (m *Model) level(value float64) int {
	for i, from := range m.Thresholds {
		if value >= from {
			return i + 1
		}
	}
	if value > 0 {
		return levels
	}
	return 0
}
