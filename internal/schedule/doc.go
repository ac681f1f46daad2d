// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package schedule says when the tasks of a plan are done: the earliest each can be, which of them must not be late for the
// plan to end in time (the critical path), how much room the others have, and how far things have slipped from what was
// promised. It is the critical path method (Kelley and Walker 1959) over difference constraints.
//
// # Days
//
// Plans are made in days, not in hours: a task lasts so many working days, from the morning of the first to the evening of
// the last. A Date is a day of the calendar without hours and without a zone, so neither daylight saving nor where somebody
// sits changes a plan; only where a day has to become a moment (an iCal feed, a reminder) does a zone come in, with
// Date.Begin. Working days are numbered one after the other (Calendar), and all arithmetic is done on these numbers.
//
// # Dependencies
//
// A task begins when what it depends on allows it: after another has ended (FinishStart, the usual one), or has begun, and
// so many days later (Lag, which may be negative). Dependencies must not go round in a circle; one that does is refused,
// with its tasks named.
//
// # What has happened
//
// A task that has begun stays where it began, and one that is done where it ended. What has not begun cannot begin in the
// past, and what is not done cannot have ended: so a plan that is late moves on from today, and what depends on it moves
// with it. Nobody has to drag it there.
//
// # Slippage
//
// A Baseline is what was promised. Of a task that ends later than that, the days it slipped are told apart: those that it
// inherited, because what it depends on allowed no earlier beginning, and its own.
package schedule
