// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package outbox keeps every message that Greenroom sends, to members and to the team, from the moment at which somebody or
// something wants it sent until it is known what became of it. Workflows, alerts, surveys, programs and the inbox write
// into it; nothing else talks to mail servers and chat platforms.
//
// # What a message goes through
//
//	draft ──approve──► queued ──► sending ──► sent
//	  └──skip──► skipped   ▲          ├──► queued    it passes: tried again later, at growing distances
//	                       │          ├──► failed    refused, or tried too often: the dead letters
//	                       │          ├──► uncertain nobody knows whether it arrived
//	                       │          └──► skipped   consent, caps or its time say no
//	                       └── "send again" ── failed, uncertain
//
// A message is stored whole before anything happens, in the transaction of whatever wants it sent: a workflow's run goes to
// its next step and its message is queued, or neither. Its key is unique, so that wanting the same thing twice, by a second
// click or after a crash, sends it once.
//
// # Once
//
// The runner marks messages as sending in a transaction of its own, hands them to the channels, and marks what became of
// them. When the process dies in between, they stand as sending. The next run asks the channel whether sending the same
// message again is harmless (a webhook whose receiver knows the key, in the header Idempotency-Key). If so, it is sent
// again; if not, it is marked as uncertain, and a person decides: a member would rather miss a welcome than get it twice.
//
// # Whether a member may be written to
//
// is judged by package consent twice: by whoever writes the message, who can then do something else, and here just before
// it goes out, where it counts. At most one message to a member is being sent at a time, so that two workflows that fire at
// once are judged one after the other.
//
// # Lanes
//
// Messages to the same place (a webhook, a workspace, a mail server) share a lane: few at a time, and none while the place
// asks to be left alone. A place that is down holds up only its own lane.
package outbox
