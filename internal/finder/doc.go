// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package finder finds members to talk to: "ten admins in Europe who use feature X and complained about Y, for an interview".
//
// A Study says who is looked for: a query over members, and queries over what they did and said, which are the evidence. Find
// lists who fits all of them, the strongest evidence first, and says of everybody who fits and is left out why: no
// consent, or asked too lately or too often. Among those whose evidence is alike, who was never asked comes first,
// and then an order that is random but fixed for the study, so that another study meets others.
//
// Inviting writes drafts into the outbox, of purpose consent.Research, in the transaction that notes who was asked. What
// came of it is noted by people. Asks of all studies count for everybody's frequency.
package finder
