// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package segment keeps segments: saved queries over members, with the history of who entered and who left.
//
// A segment is a query, and its members are whom the query fits. They are stored all the same, for two reasons. What was
// true last month cannot be asked of the facts of today: a tag may be gone, and "last active over 30 days ago" is true on
// some days only. And a stored set can be named: segment:NAME is a field of the query language like any other, in lists,
// figures and what is written to other systems.
//
// Evaluating a segment is one SQL statement, and a second one where somebody entered or left. The difference to the stored
// set becomes events, each with the reason in words: which conditions of the query hold now that did not before, or no
// longer hold (reason.go). For who left that is exact, because all conditions held before. For who entered it is inferred,
// since nobody keeps which conditions failed for all who are outside: a condition that already held at the last
// evaluation, with the facts that were known then, is not the reason.
//
// Members are accounts joined into people, and joins change. Who became part of another member and is in the segment as
// that one has not left it, and who was split off has not come in: such events have a cause of their own, so that figures
// and workflows can tell people from bookkeeping (see [Cause.Person]). Erasing a member erases their history.
//
// Segments may name segments. They are evaluated in that order, and a circle is refused with its names.
//
// When: after new facts, but no more often than a pace that adapts to how long it takes, and at least once an hour,
// because queries mention ages. While derived state is built anew, nothing is evaluated, or everybody would leave.
//
// A new segment would begin without a past. What its query says about activities can be asked of any day (past.go), so its
// last weeks are worked out from the facts of today, and marked as such.
package segment
