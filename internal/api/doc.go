// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package api is the REST interface of Greenroom, /api/v1: what the pages and the command line can do, for programs.
//
// # One table
//
// Everything about an operation stands in one place, an op: method and path, the words that describe it, what it takes,
// what it answers, which permission it needs, and the function that does it. From the same table come the routing, the
// checking of parameters, the OpenAPI 3.1 document at /api/v1/openapi.json and the readable page at /api/v1/docs, so none
// of them can say something that another does not do. A golden test fails when the document changes, and the tests check
// every answer they get against it.
//
// The table is our own and not a framework's. Huma was tried first: its problem document lacks type and code and is
// changed only by replacing a global variable of its package, its arrays are documented as nullable unless another
// global says otherwise, fields of the vocabulary stay without descriptions since these come from tags of its own, and
// enumerations that are numbers in Go (the kinds of activity) are lost. Working against five defaults took as much code
// as the 500 lines that turn our types into schemas and our table into a document.
//
// # The way of a request
//
// Identity comes from the context: whoever mounts the handler puts an auth.Caller there. On the network authhttp.Guard
// does, which also keeps out what other sites' pages send; on a socket of the command line auth.CommandLine() is the
// caller, who may do everything. Then, in this order: the operation's permission,
// its parameters, its key against repetition, its function. The function returns an answer or an error and never writes
// by itself; one place writes answers, with their ETag, and one place turns errors into problem documents (RFC 9457).
//
// # Repeating a request
//
// A POST that changes something honors the header Idempotency-Key: the answer of the first one that worked is kept for
// 24 hours in memory, at most 10,000 of them, and given again. Memory is enough: what such a request does a second time
// after a restart is refused as a conflict (a merge, a split, an undo) or changes nothing (an import, a rebuild).
//
// # Positions
//
// Positions in queries are counted in characters (Unicode code points) from 0, since other languages than Go do not
// count in bytes.
package api
