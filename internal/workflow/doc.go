// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package workflow does for members, one after the other and over days, what a team would else have to remember: welcome
// them, wait, look whether somebody answered, tell a colleague.
//
// # Definitions
//
// A [Definition] is data: what lets members in (Trigger, Where), the steps as a tree, what ends it early (Stop), and how it
// is told whether it helps (HoldOut). People edit a draft; turning it on, or publishing, makes a version of it, and a run
// goes on with the version that it began with unless somebody moves it.
//
// # Runs
//
// A [Run] is one member in one workflow. It stands at a step until a time, and whatever it does is one [Advance]: the run's
// next state, what is noted in its log, and its effects (messages for the outbox, tasks, notices, tags, fields). The store
// commits an advance whole or not at all, and only if the run is still as it was when the advance was computed; so a
// process may die anywhere, and each step happens once. What goes outside is the outbox's: its key is made of workflow,
// run and step.
//
// Computing an advance (move.go) reads the world through an interface and has no effects. The engine (engine.go) runs it
// against what is so now; a dry run (dryrun.go) runs the same code against the past, with a clock of its own.
//
// # What wakes a run
//
// Its time (DueAt), something that its member did or that was said in the conversation with which it began, what became of
// the message that it waits for, and somebody who entered or left a segment. Being woken means to look again, nothing
// else, so it does no harm to be woken twice or in vain.
//
// # Who enters
//
// The engine follows new activities and segment events by durable positions (follow.go). Each portion is looked at once:
// who enters and the new position commit together. Only what happened after the workflow was turned on counts, so that
// the past that an import brings lets nobody in. A member is in a workflow once at a time.
//
// # Does it help
//
// A share of those who would enter is held out at random (holdout.go), by a hash of member and workflow, before anything
// else is decided. They are compared by what they do within some days, with all who entered, whatever became of their run.
package workflow
