// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package duckdb keeps the columnar copy of the facts, the projection, in the file analytics.duckdb.
//
// The projection follows the record store: it asks a [Feed] for what is new since the positions that it stores beside
// the rows, in the same transaction. So a process that is killed at any moment repeats nothing and misses nothing, and
// the file can be thrown away at any time and is filled again from the start.
//
// The tables have no keys and no indexes: one writer appends, and rows that changed are deleted and appended again.
// Facts point at identities; which member that is stands in a small table of its own, so a merge rewrites no fact.
//
// The figures are not computed in SQL. What is read from the file, and then each change of it, goes to
// analytics.Columns, which answers in a tenth of the time. The file is what they are filled from when the process
// starts: ten million facts in a second or two, where reading them from the record store takes half a minute. It is
// also there for whoever wants to ask something in SQL of a copy of it.
//
// The rows go in and out through DuckDB's data chunks, 2048 rows at a time as plain arrays, and not through
// database/sql, which takes about a microsecond for each value.
package duckdb
