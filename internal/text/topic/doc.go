// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package topic finds what messages are about, without a list of topics that somebody would have to write first.
//
// # How
//
// The words of the messages' prose (code, quotes and addresses left out) become rows of TF-IDF weights. A truncated
// singular value decomposition brings these to a few dozen directions, in which words that stand in the same messages
// lie together, and spherical k-means groups them there. That is done three times: once a first grouping is there,
// each word is weighed by how few of the groups it stands in ([focus]), so that words such as "file" and "list", which
// are neither frequent nor about anything, lose their say. This step matters most; see docs/topics.md for figures.
//
// How many topics there are follows from the messages, unless it is given: that number of directions is taken in which
// the groups are farthest apart for their width (the simplified silhouette), and a quarter more groups than directions,
// since a group too many splits a topic, which a person can merge, and one too few mixes two, which nobody can part.
//
// A topic is called by the phrases that stand in its messages much more often than elsewhere (class-based TF-IDF), the
// way members write them.
//
// # Stable
//
// A topic has a number for good. [Refit] begins with the topics that are there and takes a grouping from nothing only
// where that is clearly better; then old and new topics are matched by the words they share, best in all (the Hungarian
// method), and who is matched keeps number and name. What cannot be matched gets a number that was never used.
//
// # The same again
//
// Everything is a function of the messages, their order, the options and the model before: the dice have a fixed seed,
// and no result depends on the order of a map. Memory is bounded: at most [Options].Sample messages are held as rows,
// evenly picked, and at most 30,000 terms.
package topic
