// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package auth decides who may use Greenroom and what they may do: users and their roles, sign-in, sessions, invitations,
// API tokens, and the log of who did what.
//
// A user is somebody of the team who works with Greenroom; the people of the community are members and have nothing to do
// with this package. A user has one of four roles, and a role has permissions (see Can). Whoever makes a request is a
// Caller: a user who came with a session or with an API token, or the command line, which may do everything because
// whoever runs it can read the data folder anyway. Each method that changes something takes the Caller and checks it, so
// a forgotten check in a face opens nothing.
//
// What proves somebody is a secret: 256 random bits, handed out once. The store keeps only its SHA-256, which is enough
// for a secret that nobody can guess, and a stolen database opens nothing. Passwords can be guessed, so they go through
// argon2id, and guessing is slowed down per user and per address. Secrets in memory are of type Secret, which prints as
// "[secret]", so none ends in a log.
//
// Every change is written together with its line in the audit log, in one transaction. What is only a trace (when a
// session or a token was last seen) is written behind the request's back by Run, since the record store has one writer
// and no page should wait for an import.
//
// The HTTP side, with cookies and headers, is in the package authhttp.
package auth
