// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package alert tells the team the moment something happens that they asked to be told of: a message that a query fits, a
// conversation, member or organization that comes to fit one, a figure that moves, a source that stops.
//
// # What fires
//
// A message fires at once: [Service.Follow] goes over what is new by positions of its own, right after its member and
// conversation are known. Alerts that ask what a message says (category, sentiment ...) or what it is about (topic) wait
// until that was read, so there are three positions. A message fires only if it is recent and arrived after the alert was
// made, so that an import of ten years fires nothing.
//
// Conversations, members and organizations fire when they come to fit: who fits is remembered, who fitted when the alert
// was made is not news. Figures are looked at when a period is over, sources every minute.
//
// What the team and bots do fires nothing, unless the query says is:staff or is:bot.
//
// # From a match to a message
//
// [decide] is a pure function of what matched, what fired before and the clock. It groups (one message for a conversation
// within an hour, say), leaves out what was told already, and puts off what falls into quiet hours, into a digest's rhythm
// or above what a channel takes in an hour. What is put off is told together later; nothing is told twice.
//
// # Exactly once
//
// The position, the firings and their messages are one transaction (Store.CommitAlerts), and the next firing's id is part
// of its condition: a process that dies, or a second one that does the same work, leaves one of the two states and never
// half of one. Sending is the outbox's.
//
// # Whether it helps
//
// Each message asks "useful?". The answers make the alert's precision, and [suggest] looks for one term that would have
// kept the useful ones and dropped the others.
package alert
