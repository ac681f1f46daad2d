// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package roadmap has the team's plans: what is done for a goal, by whom, in which order and until when.
//
// # Dates
//
// People say how long a task takes, what it waits for, and what has happened; package schedule decides when it is done. No
// date is computed anywhere else. A baseline is what was promised, kept with the tasks when somebody says so; slippage is
// told against it, the task's own apart from what it inherited.
//
// # Two people, one plan
//
// A plan and each of its tasks have a version of their own, and every version is kept. A change names the version that it
// was made from. Where that is not the newest, Merge compares field by field: what only one of the two changed is taken from
// that one, and what both changed differently is a ConflictError, which shows both values and changes nothing. So nothing is
// lost, and nobody waits for a lock.
//
// # Undo
//
// Changes that were made together (a template, an import, a baseline) are one step of the plan's history. Undo puts back what
// was before the last step that is not undone, as new versions: history only grows.
package roadmap
