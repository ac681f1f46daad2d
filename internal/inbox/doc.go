// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package inbox has what waits for the team: conversations that need an answer, in the order of their targets, with what
// people decided about each.
//
// # What is derived and what is decided
//
// Which conversations wait follows from the facts: those that one of the team's queries fits (Settings.Waits), of the last
// Settings.Days days. When each is due follows from the first rule that fits it (Settings.Rules). Nothing of that is stored;
// the board is computed when somebody looks, and kept as long as the store has not changed.
//
// What people say is a State: whose it is, until when it sleeps, that it is done, that it is the same as another. States
// are decisions, kept by the id of the conversation, which a rebuild gives again. Every change is an Event with the state
// before it, so that it can be taken back as long as nothing came after it.
//
// # One transaction for a change
//
// Keeper.ChangeItem reads the state, lets a function make the new one, and stores with it the event, the note, the notices
// to people and the messages to the outside. So a reply is in the outbox exactly if the item says that it was replied to,
// and a rule of escalation acts once on each conversation, however often it is looked at.
package inbox
