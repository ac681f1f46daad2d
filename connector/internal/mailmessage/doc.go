// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mailmessage turns e-mail into facts: an archive of a mailing list and the list's mailbox tell the same of the
// same message, with the same ids and threads.
//
// A first run over the headers (Survey) works out the threads, since a reply may come before the message that it answers;
// the name that each address used last; and which hidden addresses are ones that are shown elsewhere. The second run
// tells the messages (Mapper).
//
// # Why no mail library
//
// Mail in the wild is full of damage that a parser by the book stops at: parts without an end, encoded words with spaces,
// cut base64, charsets that do not exist. The parsers here work on bytes in memory and always give what can be read.
package mailmessage
