// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package discordwire turns Discord's messages and people into facts, for exports and for the API alike: the same message
// has the same external id, text, thread and reactions wherever it was read.
//
// A message's external id is its own; a reaction's is the message's with ":reaction:EMOJI:USER" behind it, where EMOJI is
// the id of an emoji of the server and the sign itself of any other. A thread's key is the thread's id, which is that of
// the message it was started from.
package discordwire
