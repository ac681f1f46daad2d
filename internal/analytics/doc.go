// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analytics says how much: the catalog of metrics, and the engine that computes them.
//
// # What is in it
//
// [Catalog] lists the metrics, each with its definition, formula and source. [Engine] answers a [Request] for one of
// them with a [Result]: a series of points over time, each with its limits of confidence where it has any, how many
// cases it rests on, and who was left out. [Engine.Records] turns a point into the query that lists what was counted.
//
// # How it works
//
// Plain SQL takes seconds for distinct members by week over ten million activities. So the facts stand in memory,
// column by column and sorted by time ([Columns]): 13 bytes an activity, 130 MB for ten million. A metric is one linear
// pass that sets one bit for each account that was active in a period; everything about people (who they are, whether
// they are staff, whether a segment holds them) is applied afterwards to the bits, once for each active account instead
// of once for each activity. New, returning, gone quiet, retention and rolling windows are then algebra on bit sets.
//
// An activity points at an account, never at a member. Which member an account belongs to is one array, so a merge or a
// split changes a few entries of it and rewrites no activity, and every figure is right at once, also of the past.
//
// # Facts elsewhere
//
// What the algebra needs of the facts is little: which identities were active in each of some spans, how many activities
// each had, how many there were of a kind or in a place, and the conversations opened in a span. That is the interface
// scanner. Its one implementation, near, goes through the columns in memory; the other, far, asks a [Warehouse] that holds
// the facts in another process, for a memory that does not grow with them ([NewColumnsOver]). A warehouse knows neither
// members nor metrics: it answers with identities and signs, and all that is said here about people is applied to that.
//
// # Who sees what
//
// One writer calls [Columns.Apply]. It builds the next image out of the parts of the last one that did not change and
// publishes it with one pointer; readers keep the image that they began with, so nobody waits and nobody sees half of a
// change. Activities come roughly in order of time: each batch becomes a small sorted run, and runs of like size are
// merged, so that there are never more than a few.
//
// # Whom it leaves out
//
// Staff, bots, members hidden by the team and contacts (known only from business systems) are left out unless asked
// for, and the result says how many these were. Channels hidden by the team and deleted activities never count. Only
// activities of kinds that make a member active count (greenroom.KindInfo.Active), unless the query names kinds.
package analytics
