// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package event keeps events, who registers and comes, and the content calendar: what is to be published when, by whom and
// where.
//
// # Events
//
// An [Event] has people: a [Registration] says that somebody means to come, came, or did not. It names a member, or a mail
// address of whom it is not known yet who that is: reading joins the two, by the same addresses that make members of
// accounts, so that nobody has to be matched by hand and a later import finds them too.
//
//	registered ──► attended ◄──► missed
//	  │  ▲   └───► canceled ──► registered
//	  │  └──────── waiting ──► canceled, attended
//
// Attendance comes in as a list from whatever the event took place on ([ReadAttendance]): the header is looked for below
// what such reports put above it, columns are known by many names, a person who came twice is one, and lines that cannot be
// read are counted and shown.
//
// # Attendance is activity
//
// What people do at events has to count like everything else they do. So the events are a source of their own ([Spec]): it
// is read by ingest like any connector, whole each time, and tells an announcement for each event that took place or was
// announced and an attendance for each person who came and has an address. What did not change is known by its hash. A
// correction is told as a deletion. The source has no options and is not in the gallery; the service reads it after each
// change.
//
// # Which got what
//
// Reach is counted from registrations. Conversation is what was written in the two weeks after an event that names its
// title or link: a query over activities, which opens. New members are those who came and had not been seen before.
//
// # Calendars
//
// One [Entry] is one thing on one day, of whichever kind; the month and the list show entries. Outwards they are an
// iCalendar feed (ical.go, RFC 5545) at an address that is sealed for the team or for a person, and stops working when it
// is renewed or the person leaves. Inwards, calendars of others are read every few hours and shown beside ours.
package event
