// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package greenroom holds the vocabulary of Greenroom: the stored types, the closed list of activity kinds and the error
// codes. It imports nothing but the standard library, so that every other package can speak it.
//
// # The tour
//
// What flows through the house, from the outside world to a page:
//
//	source ──► ingest ──► record store ──► projection ──► analytics ──► metrics ──► pages · API · command line
//
// A connector (package connector and its subfolders, twins of each other) reads a source and emits facts: channels,
// identities, activities, organizations, business records, each with the raw payload it came from. internal/ingest
// stores payloads, facts and the connector's cursor in one transaction of the record store (internal/store on SQLite or
// PostgreSQL), so that a process killed at any moment loses nothing and repeats nothing.
//
// internal/projection follows the facts and keeps everything that can be computed from them: which identities are one
// member, when members were active, what belongs to a conversation and whether it waits for an answer, the full-text
// index, and the columnar copy in DuckDB (internal/analytics/duckdb). All of it can be thrown away and built again with
// `greenroom rebuild`.
//
// Three ideas carry the product. A query (internal/query) says who or what; a metric (internal/analytics) says how much;
// an action does something. Lists, figures, the API and the command line are made from them.
//
// The faces are internal/web (pages), internal/api (REST) and internal/cli; internal/server wires all together.
// internal/importtest holds the table of which package may import which.
//
// # Numbers and times
//
// Ids are positive integers given by the record store; 0 means none. Times are UTC, stored as integer microseconds.
package greenroom
