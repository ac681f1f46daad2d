// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package understand reads every message: what it is for, how it feels, how urgent it is, in which language it is. It
// follows the facts, keeps what people corrected, trains a model on that, and says how well Greenroom reads.
//
// # Following
//
// Readings are derived state: a function of the text, of the model and of the corrections. They follow behind the facts
// in portions, each written in one transaction with the position after it, so that reading can be stopped and killed at
// any moment. It has three positions: up to which activity everything was read; up to which change (an edit, a deletion)
// was looked at again; and, after another model was chosen, down to which activity the readings are still the old
// model's. New messages come first, then changes, then old messages from the newest down, because the newest are the
// ones that people look at. While an import runs, reading leaves nearly all of the machine to it.
//
// # Corrections
//
// A correction is a decision: the last one of a message that was not undone holds, before whatever any model reads, at
// once and everywhere. Readings carry both, what was read and what holds, so that queries and figures look at one column
// and the report can compare. Corrections go only with the message that they are about.
//
// # Training
//
// Training takes all corrections, the newest [MaxCorrections] at most, and makes a model from the base model and these.
// Its report compares both on the corrections themselves by cross-validation: each message is judged by a model that was
// trained without it. The new model becomes the active one and reads everything again in the background. Older models are
// kept and can be taken back, and so can the base model.
package understand
