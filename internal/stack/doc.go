// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stack says of every source whether it can be trusted: is it fresh, does its volume look as usual, what of the
// platform does it cover, and why do our counts differ from the platform's own.
//
// # State
//
// A source is judged against its own rhythm: one that is read every quarter of an hour is late after an hour, one that is
// read only when told to is never late. What went wrong last is said in the words of the run, with what to do about it.
//
// # Volume
//
// The activities of each day are compared with the same weekday of the eight weeks before, whose median is what is usual.
// A day without any activity where at least five are usual is a gap; a day below half of what is usual, and by more than
// three times its square root (the spread of a count that comes about by chance, Poisson), is low. Only days that are over
// are judged, and only once four such weekdays are known.
//
// # Reconciliation
//
// A platform that tells counts of its own is asked for them (connector.Survey). Each is set against the count of the query
// that the connector names, and the difference is explained item by item: what the connector knows of (accounts that the
// platform does not count), channels that are not covered, records that were rejected or left out, and what stays
// unexplained is shown as that. Nothing is rounded away.
package stack
