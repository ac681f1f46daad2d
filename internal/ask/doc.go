// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ask answers questions in plain SQL.
//
// What can be asked about is a list of views (Views) that is written down once, here: names, columns, meanings. The record
// store defines them over its tables, the documentation and the browser of the page are made of the same list, and a test
// sees that the three agree. Views leave out secrets, raw payloads, mail addresses, people who are hidden, and what members
// were written in person. A column that ends in _id leads to its record.
//
// How a statement is kept inside of the views is the store's affair and not that of a parser; see internal/store/ask.go.
// This package bounds time, rows and size (Limits), keeps questions that were saved, with their parameters, and says how
// an answer can be drawn (Draw).
package ask
