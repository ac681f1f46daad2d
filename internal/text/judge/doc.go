// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package judge says what a message is for, how it feels, whether it asks something, and how urgent it is.
//
// One pass over the tokens of package prose makes features: words, pairs of words, words at the edges, negated words,
// phrases that say what somebody wants ("would be nice", "stopped working"), what the message looks like, and the scores
// of VADER. Each is a 64-bit hash; a table finds its row of weights, and the sums of rows are the logits of all tasks at
// once: category, sentiment, kind of issue, question. Urgency is a rule over the phrases.
//
// A linear model was chosen because it reads twenty thousand messages a second on one core, is about a megabyte, learns
// from four hundred corrections in seconds, and answers the same on every machine. What it costs is context: irony and
// long arguments are beyond it, and it says so by low probabilities.
//
// [Default] opens the artifact that ships. [Trainer] makes one, from the corpus that we wrote (package corpus) and from
// rows with permissive licenses; docs/text-models.md says which, and how well they do. [Model.Learn] puts a team's
// corrections on top of the base.
package judge
