// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package assistant asks a language model for help with words: a summary of a conversation, a draft of a reply, a query
// for a question in plain words, a name for a topic. It is off until an owner switches it on, nothing else in Greenroom
// depends on it, and each purpose has a switch of its own, because each lets something else leave the machine.
//
// What leaves is a [Request], and nothing but it. It is made here and can be looked at before it is sent
// ([Service.Preview] and its siblings give the same bytes). Before a text goes into one, [Redactor] takes out what says
// who somebody is: names, handles and addresses of those who took part become "Person 1", other addresses, mentions and
// phone numbers become stable tokens, and what looks like a key becomes "[secret]". In the answer the names are put
// back, except for secrets, which are forgotten.
//
// An answer is text of a stranger. Messages go out as quoted data, so that one which says "ignore your instructions"
// is a sentence to be summarized; but no model can be trusted to hold to that, so nothing follows from an answer by itself.
// A summary has to name the messages that each of its lines rests on, and one that names none, or one that does not exist,
// is refused. A query is parsed by package query, goes back once with the error where it does not parse, and is then a
// link that a person follows. A draft is shown for copying; nothing here can send it.
//
// Every request is noted with its tokens and cost. Before one is sent, what it can cost at most is set against what the
// month has left; requests under way count. Answers are kept for a month under the hash of the whole request, so that
// asking the same again is free.
package assistant
