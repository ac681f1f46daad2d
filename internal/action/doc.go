// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package action is the log of everything that Greenroom does to the outside world, and what carries it out.
//
// # An action and its items
//
// An action is one intent: who wanted what, where, and when, with a list of items, each of which is one effect, such as
// the new values of one contact. It is stored whole before anything happens. Its key is unique: whoever asks for the same
// thing twice, by a second click or a request that is sent again, gets the action that is there.
//
// Some actions wait for a person: they are proposed until somebody approves them. Approved ones are carried out in the
// background, in the order of approval.
//
// # Nothing twice, nothing lost
//
// The runner takes a batch of items, marks them as sent in a transaction of its own, has them carried out, and marks what
// became of each together with the action's counts. When the process dies in between, the items stand as sent: nobody
// knows whether they arrived. The next run gives them to the performer again with Item.Again, and the performer compares
// with what is there before it does anything. So an effect is repeated only where that is harmless.
//
// A lease says which process carries an action out. It is renewed with each batch, and ends by itself where the process is
// gone.
//
// # Failures
//
// An item that fails has its reason and does not hold up the others. A platform that is not there, or asks to be left
// alone, makes the action wait and go on later, at growing distances. A refusal of the credential ends the action as
// failed; its items stay, and approving it again goes on with those that wait.
package action
