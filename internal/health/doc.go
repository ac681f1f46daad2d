// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package health says how a community is: who is at which level, who drifts away, who helps whom, what moves, and
// whether that is more than noise.
//
// # What is in it
//
// [Service.Board] is a page of figures by the six purposes of SPACES, each with its change and a verdict. [Service.Orbit]
// counts levels and how members move between them. [Service.Network] is who answers whom. [Service.Funnel] and
// [Service.Paths] follow members from one step to the next. [Service.Compare] sets groups side by side. [Service.Quiet]
// lists who is silent for longer than is usual for them. [Service.Preview] says who would move if a score were changed.
//
// # How it works
//
// Figures of the catalog come from the analytics engine as everywhere else. What goes by single members over time is
// computed from analytics.Crowd in one pass over the activities of a year; that takes a tenth of a second for a million,
// so levels of past months are computed again each time instead of being kept: a merge, late data or new weights restate
// them. Only the scores of today are stored ([Service.Refresh]), so that lists can be filtered and sorted by them.
package health
