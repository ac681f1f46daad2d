// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package goal has what the organization aims at and how far it is: goals of the company, goals of the community that serve
// them, and key results, whose progress is computed from a metric and never typed in.
//
// # How a key result is measured
//
// A Measure names a metric of the catalog, the query that narrows it and, perhaps, whose activities count. A level is the
// metric's figure of the last whole week, month or quarter; a total is its figure over all the time since the goal began. The
// baseline is the level before the goal began, read from the same metric when the goal is made, unless somebody says
// another one. Progress is how much of the way from baseline to target has been gone.
//
// # The forecast
//
// It is deliberately simple, so that everybody can check it. Of a level: the straight line (least squares) through the whole
// periods since the goal began, drawn on to the goal's last whole period. Of a total: what there is, and for the time
// that is left as much a period as there was on average. The interval is the 95 % prediction interval that follows from how
// far the periods lay from the line, or from their mean, by Student's t. It knows no season, and nothing of what is planned.
// Below four whole periods nothing is said.
//
// # The status
//
// A rule, not an opinion: on track is a forecast that reaches the target; at risk one that does not, though its interval
// does; off track one whose whole interval misses it. After the end there is no forecast: the target was met or missed.
// What people think stands beside it, as confidence in check-ins. A goal is as well as the worst of what serves it.
package goal
