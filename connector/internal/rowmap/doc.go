// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rowmap turns rows of a table into facts: members, organizations, activities or business records. A CSV file and
// the answer of a database's query are read alike, with the same fields, the same words for them and the same mapping.
//
// Which column holds what is told by the columns' names, in several languages, and corrected by a mapping. Values are
// read as people and programs write them: dates, amounts, lists of addresses. What cannot be told for certain, such as a
// date that may be two, is a problem of the row, which says what settles it, rather than guessed.
package rowmap
