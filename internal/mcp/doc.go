// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mcp serves Greenroom to language models by the Model Context Protocol, over HTTP and over standard input and
// output.
//
// A tool is an operation of the API, called inside the process with the caller of the session: what a token may not see or
// do by the API, it may not by a tool, and no rule on that is written twice. Tools whose operation is not served are not
// offered.
//
// What a model reads are words of people whom nobody has checked, and any of them may be written to mislead it. So every
// answer keeps them apart in data_from_people, with a note that they are data; and no tool changes anything. The two that
// write make a proposal, which a person has to approve on its page: a draft in the outbox, and a task. They are offered only
// to who may write. A model that obeys a message can therefore propose nonsense, and neither send it nor read more than
// its token.
package mcp
