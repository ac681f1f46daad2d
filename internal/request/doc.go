// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package request keeps what members ask for: ideas, with the messages that ask for them, the votes, what the team answers,
// and what became of them.
//
// # Where a request comes from
//
// The team makes one out of a message, or adds a message to one that says the same. Messages that internal/understand reads
// as the wish for something are offered for that, each with the requests whose words it shares. Members propose on the
// public board, if the team turned it on; what they propose is shown after they confirmed their address, and the team looked.
//
// # Who counts
//
// A vote is a member's, or that of a mail address by which no member is known; one each. Somebody who has a link of their
// own votes by it, everybody else gets a mail with a link that confirms the vote: the address and the request are sealed in
// the link, and nothing is stored of who never opens it. Whoever wrote one of the messages asks for it, too, and is counted
// once with their vote. Staff and bots are not counted.
//
// # What stays
//
// Ids are for good, since roadmaps link to them. A duplicate that was merged keeps its id and leads to the other one; its
// messages and votes are counted there by reading, not by moving them, so that merging can be taken back.
//
// # Hearing back
//
// When the state changes, everybody who asked or voted gets a message: a draft in the outbox unless the settings say
// otherwise, stored in the transaction that changes the state, with a key that holds the number of the change. It is the
// answer to what they asked for, so caps do not count it, and "do not contact" does.
package request
