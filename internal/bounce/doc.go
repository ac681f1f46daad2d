// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bounce reads the mail that comes back. A mail server often takes a mail and finds out only later that it cannot
// be delivered; it then writes to whom the mail came from. Greenroom reads these reports from a mailbox that the team
// names, or takes them from a mail server that hands them to `greenroom mail bounce`, and keeps two things: that the
// message did not arrive, and that the address refuses mail. An address that refuses mail for good is not written to any
// more (package consent); one that is only full or slow is.
//
// Reports are RFC 3464, which nearly all servers write. What is no report (an answer, somebody's vacation) is left alone
// in the mailbox and only counted.
//
// The place in the mailbox is the last UID that was looked at, for one UIDVALIDITY; a report that is read twice changes
// nothing.
package bounce
