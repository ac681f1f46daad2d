// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package deliver hands the messages of package outbox over: to mail servers, to the incoming webhooks of chats, to webhooks
// of other systems, and by the credentials of sources to their platforms. Each way is a Sender of its own file, a twin of
// the others: it writes the message the channel's way, sends it once, and says by the code of its error whether trying
// again makes sense. None of them retries by itself; that is the runner's.
package deliver
