// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package orbit scores members: the Orbit model in both of its published versions, and scores that a team makes itself.
//
// # What is in it
//
// The Orbit model (orbitmodel.com, MIT) exists in two generations whose figures do not compare, so each function says
// which one it belongs to. Version 1 (2019 to 2021, v1.go) adds up activities that fade by a tenth a calendar month to
// a member's love, multiplies by reach, and calls the sum over all members gravity. Version 2 (2022, v2.go) places a
// member on one of twelve positions, four levels of three steps, by the weightiest thing they did or by how often they
// were there, and calls gravity how much the weighted commitment of the community changes. Reach (reach.go) is that of
// version 2: the strengths of a member's connections.
//
// A [Model] is a version of a team's own weights under one of these rules. A [Tally] takes activities one at a time and
// gives each member's [Score] at a moment; it holds a few dozen bytes a member, however many activities there are.
//
// # Choices where the published texts leave one
//
//   - Presence milestones need not be in a row: "for 2 weeks" is two weeks of the look-back in which the milestone was
//     reached. Weeks are ISO weeks, months and quarters those of the calendar, all in the team's time zone.
//   - Upgrades hold at once; downgrades only happen at the start of an interval. So the look-back reaches back from the
//     start of the interval, and nothing falls out of it until the next one begins.
//   - Gravity's n is the number of members at the start of the period. Members who come or go in the period change the
//     weighted commitment too, and are reported apart ([Gravity]).
//   - The application placed members on levels of version 1 by rank among all, with percentiles that were never
//     published. Here thresholds on love do, so that a member's level does not depend on the others.
package orbit
