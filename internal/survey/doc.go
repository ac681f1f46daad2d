// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package survey asks members, and says what came of it.
//
// # What a survey is
//
// A Definition says what is asked: pages with questions, in several languages. Logic goes forward only: a question is shown
// or not by answers on earlier pages, and a page leads to a later one. So whatever somebody answers, they come to the end,
// and a definition that could do otherwise is refused (Validate). Definitions have versions; an answer knows the version
// that it was given to, and a question keeps its id and type while it has answers.
//
// Settings say who is asked and how: an open link, personal links by mail or Slack, a share of a segment, how long nobody is
// asked again, how many answers are enough and until when.
//
// # Whom it knows
//
// A known survey stores whose answer it is. An anonymous one stores no member, no address and no time of day, and its
// invitations note only that they were used, so that nothing in the store leads from one to the other; whoever has come to
// the end cannot change the answers, since nothing says any more which were theirs. Figures of groups of fewer than five
// are not shown.
//
// # Asking rarely
//
// An invitation is a message of the outbox with the purpose survey: consent, caps and quiet hours hold as for all others.
// On top, nobody is asked who was asked by any survey in the last days (recontact). Invitation and message are stored in one
// transaction, and an invitation has a key, so that inviting twice asks once.
//
// # Answering
//
// Mail programs and scanners open links, so looking at a page stores nothing, also with an answer of the mail already
// chosen; sending the form does. Each page is stored when it is sent, so that who leaves half way has answered half.
//
// # What follows
//
// An answer that is complete becomes an activity of kind survey answer through the same ingest as everything else: Facts is
// a connector over the answers, with a cursor. So texts are read like any message, figures count it, and workflows see it.
package survey
