// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package team has who is on the community team: roles, working hours, absences and who answers for what. Who they are is
// said by who may sign in; a profile adds to it.
//
// While somebody is away, what is theirs goes to their stand-in: open tasks and conversations of the inbox change their owner
// as the absence begins, what is given to them later goes to the stand-in at once, and what they are told is told to the
// stand-in as well. Each thing that moved is a row that names the absence, so that what is still open goes back when it ends.
// Where the stand-in is away too, theirs takes over; where nobody is left, things stay where they are. What was done or given
// to somebody else meanwhile stays as it is.
package team
