// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package slackwire turns Slack's own objects, users and messages, into facts. Exports and the API hold the same objects,
// so both connectors map them here: the same message has the same external id, text, thread and reactions wherever it
// was read, and an export and the live source describe a workspace alike.
//
// A message's external id is its channel's id and its ts, "C1:1742511304.974599"; a reaction's is that with
// ":reaction:NAME:USER" behind it. A thread's key is its root's id.
package slackwire
