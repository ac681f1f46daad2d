// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package impact is the door to the statistics that say what the community does, and how well that is known. It holds nothing
// itself; docs/evidence.md tells it to the community team, and its test computes every example there.
//
//	what would have happened without?   study: matched, compared changes, randomized; each with its verdict
//	  how is it known?                   verdict: experiment, good evidence, weak evidence, correlation only
//	  who is alike?                      match: propensity score, coarsened exact matching, balance
//	  who changed more?                  did: event study, trend before
//	  what did chance decide?            experiment: intention to treat, power
//	  what could explain it away?        sensitivity: E-value, Rosenbaum's bounds
//	how long does it take?               survival: Kaplan-Meier, log-rank, Cox
//	did the line bend?                   series: interrupted time series
//	is it more than noise?               noise
//	who gets credit?                     attribution: sourced, influenced, touch models
//	how many cases were saved?           deflection
//	is it worth it?                      returns, assumption
//	what they stand on                   chance (distributions), linear (regressions), resample (bootstrap, permutation)
//
// Everything below is pure: no I/O, no clock, random numbers from a seed, so that the same question has the same answer.
package impact
