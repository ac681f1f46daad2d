// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package proof says what the community does for the business, and how far that is known.
//
// A [Study] asks what would have happened without something: a workflow, a program, an event, a survey, an answer by the team, a
// launch. The method follows from the question and is not chosen for its outcome (see method.go):
//
//   - A workflow with a hold-out is an experiment, analyzed by intention to treat.
//   - A launch is read as an interrupted time series; with a query that says whom it concerned, as a difference-in-differences.
//   - An outcome by month compares changes (difference-in-differences).
//   - How long something takes is compared among likes by Kaplan and Meier and by Cox's model.
//   - Everything else compares likes, by what they did before.
//
// All statistics are those of internal/impact/study; this package gathers what they are given. What it has to get right is time.
// Nobody may count as exposed before they were, and nothing that is matched on may come from after it. So the time that a study
// looks at is cut into windows (landmarks.go): who was first exposed in a window is compared with who had not been by its end;
// covariates are from before the window begins, and outcomes count from its end on. Those who are exposed later stay among the
// others of earlier windows, since to leave them out would look into the future. Answers need no windows: everybody counts from
// their own question on, and outcomes from when it is known whether an answer came.
//
// A run of a study is computed in the background and then frozen: its result keeps the question, the day up to which the data went,
// and who was compared. Running it again adds a run; none is changed. The seed follows from the study, so that the same data
// give the same result.
//
// A [Measure] is credit or a count, never an effect: beside each stands the causal question, and the light of the study that
// answers it, or "correlation only". Figures have ranges and name the origin of every input.
package proof
