// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package query is Greenroom's one language for saying who or what: members,
// organizations, activities and conversations.
//
//	is:question -is:answered channel:#help org.lifecycle:trial,customer
//	did:question in:#help since:30d count:>=3 last_active:<30d
//
// Lists, segments, alerts, workflows, metrics, the API and the command line
// all take such a text. docs/query-language.md explains it to its users; this
// comment is for those who work with the parsed form.
//
// # From text to tree
//
// [NewSchema] lists the fields of one [Entity]. [Parse] reads a text against a
// schema and returns a [Query]: a tree of [Node], the order to sort by, and the
// text as it was typed. Every name is resolved to its [Field] and every value
// is read as the field's [Type] asks, so whoever walks the tree meets no
// unknown field, no misspelled flag and no number that is not one.
//
// The tree has six kinds of node: [*And], [*Or], [*Not], [*Term], [*Text] and
// [*Did]. It is normal: an And holds no And, an Or no Or, a Not no Not, and
// both And and Or hold at least two nodes. Sugar is gone: has:email is the term
// email with [Has], and since:30d on activities is a term on occurred.
//
// # Walking it
//
// A compiler is one switch over the six nodes and, inside a term, one over
// Field.Owner and Field.Attr: org.lifecycle from members, activities and
// conversations is the same (Organizations, "lifecycle"). [Term.Intervals] and
// [Term.Bounds] turn dates, ages, numbers and durations into plain limits, so
// that what "<30d" or "<=2026-01" means is decided here and nowhere else.
//
// # Text again
//
// [Query.String] prints the canonical text. Parsing that gives the same tree,
// which is what makes a query a link, and what makes two texts comparable.
// [Suggest] completes what is being typed, also where it does not parse yet.
//
// The parser is written by hand, by recursive descent, because the errors are
// half of the language: each [Error] points at the characters it is about and,
// where it can, carries the text to put there. Length and depth are limited
// ([MaxLength], [MaxDepth]), so that hostile input costs a message and no more.
//
// Nothing here reads a clock, a store or a file: what is relative to now is
// resolved when the caller says what now is, and names that only the store
// knows (channels, tags) are handed to Suggest by its caller.
package query
