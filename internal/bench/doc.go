// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bench measures the whole product on data that it makes itself: how fast activities come in, how that compares
// with the least that the same rows cost in the same database, how long queries take, and how much memory all this needs.
//
// # What is measured
//
//   - import: GH Archive files through the real connector, ingest and projector, to the end: parsed, raw payloads kept,
//     members, conversations and full text derived. Making the files is not counted.
//   - bare: the finished database's rows, put into a fresh database of the same schema by plain prepared statements in
//     transactions of 10,000 rows. Nothing can store these rows and be much faster, so the ratio of the two rates says
//     what ingest costs beyond SQLite itself. Reading the rows is not counted.
//   - queries: lists, objects, searches and figures, each asked several times (queries.go). Before that, organizations
//     and tagged contacts come in from two CSV files, so that there is something to ask about.
//
// # Why so
//
// Clocks on a machine that others use say little, so every phase also reports the CPU seconds that the process used, and
// both figures are given for each thousand activities. The peak of memory is the kernel's own count of resident pages,
// started anew for every phase where the kernel allows it (/proc; elsewhere these figures are 0).
//
// The data come from a seed and a fixed date, so two runs measure the same work. A query is a line in a table: add one
// where a page or a figure is added.
package bench
