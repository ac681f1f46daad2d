// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reply knows which earlier message a message answers, in chat that has no threads, and which later message
// answers a question.
//
// # Links
//
// A message is set beside each of the 60 before it and beside "it starts a conversation". What is seen in such a pair
// (traits.go) are about a hundred numbers: how near it is and how long ago, whether one addresses the other's author by
// name, who spoke since, whether it asks and nobody has taken it up, what words they have in common, and what
// conversation it belongs to by what was decided before. Small nets with one hidden layer (net.go) give each pair a
// score, and a softmax over all of a message's candidates makes probabilities of them. The most probable is the link.
//
// What is read off a message alone (turn.go) and what it sees of those before it are functions of messages that were
// stored before, within Reach: so it does not matter in how many portions messages come, or when the process was
// started again.
//
// # Answers
//
// Whether a question was answered needs more than the one link that is most probable: a reply to what the asker added is
// an answer too. Answers adds up the probabilities of all ways that lead from a later message back to the question.
// Where a source tells more (an accepted answer, reactions), Explain uses it and says why.
//
// # Training
//
// Train fits the nets on chat in which people marked what answers what (`greenroom text train-links`): first with the
// conversations that people marked, then with those that the first nets found, because that is what they see in use.
// docs/text-models.md has the figures.
package reply
