// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package report puts figures, charts, tables and words together for a stakeholder, and delivers them in a rhythm.
//
// # Report and edition
//
// A [Report] is the recipe: blocks in order, for whom, how often, to whom it goes. It is a decision: JSON with a version, and a
// change names the version that it was made from. An [Edition] is what was made of it for one whole period, such as October
// 2026. There is one edition for a report and a period at most, which is what makes delivery happen once.
//
// An edition is drafted, edited and delivered. Drafting computes every block ([Filler]) and writes a comment beside it by rule
// ([commentOn]): what rose or fell by more than noise, what moved it, whether a goal is on track. People edit comments; Refresh
// computes everything anew and keeps what they wrote. Delivering freezes the edition with its data: nothing of it changes any
// more, but for quotes that are withdrawn and members who are erased. Restate computes the same arguments again and sets both
// values side by side.
//
// # What is shown
//
// Content holds values and no markup. Package paper writes it as HTML, PDF, CSV and PNG, so that all of these say the same.
// A figure is what the API gives for the same arguments, and carries the query that lists what it counts.
//
// # Once
//
// Mail and cards are messages of the outbox, whose keys name report, period and recipient; they are stored in the transaction
// that freezes the edition. A second click, a second server or a start anew finds the edition delivered.
package report
