// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package tool keeps the team's tech stack: which tools it has, what they cost and when they renew, what they hold, and what
// feeds what; and it compares tools before one is chosen.
//
// # What is typed, and what is computed
//
// A tool is a decision, kept with a version; a change names the version that it was made from. Costs by month and year, the
// next renewal and the last day on which notice can be given, the map and what is missing for a stage are computed whenever
// they are looked at. How a tool's connections are comes from the sources that are read from it; nothing of that is typed.
//
// # Exactly once
//
// Watch writes the reminder of a renewal with a key of the tool and the day, in one transaction with the notice to its owner,
// so however often it runs, each renewal is said once. What a source's failing makes of a tool's history is one incident from
// when it was first seen to when it was over.
//
// # Reviews
//
// Several people give scores of 0 to 5 by weighted criteria. A candidate's total is Σ weight·mean / Σ weight, in percent of the
// best there could be. Since both totals are divided by the same sum, the weight of one criterion at which the winner is
// overtaken is w − D/d, where D is the winner's lead in weighted points and d its lead in that criterion. A criterion that
// nobody gave a score counts nowhere in the comparison of two candidates, and the total says between what it could be.
package tool
