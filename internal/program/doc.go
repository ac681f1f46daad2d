// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package program keeps programs: lasting initiatives with members enrolled in them, such as champions, nurture, beta
// testers, speakers, chapters, subject experts and content collaborators.
//
// All of these are one object, because they differ in their words and not in what is done with them. A [Program] has a
// [Plan]: what it is for, what it should move, who qualifies, what applicants are asked, through which stages members go and
// what they do in each, what they get and what that costs, and what the team does in which order. A template fills a plan in;
// nothing in the code asks which template that was.
//
// # Who is in it
//
//	qualifies ──► proposed ──┐
//	                         ├──► application: open ──► waiting ──► accepted ──► enrollment: stage ──► stage ──► left
//	form, team ──────────────┘           └───────┴──► declined, withdrawn
//
// Whoever fits the query "qualifies" and is neither in the program nor turned down is proposed, ranked, with reasons in
// words. An application is decided with a reason; accepting enrolls in the same transaction. An [Enrollment] is an interval,
// cut into stays of one stage each: so program:KEY, program:KEY/STAGE and, with @ and a day, who was in it then, are fields
// of the query language, and figures about the enrolled are those of everything else. Nobody is enrolled twice at a time,
// also when two members turn out to be one person: reading counts the person.
//
// Everything that happens to a person in a program is kept with when, by whom and why (program_event), because a program is
// answered for: to those who were declined, and to those who pay.
//
// # What came of it
//
// Targets are metrics, computed over those who were enrolled at the end of each period (figures.go). Beside them stands what
// each member did as long before they came as since. People are invited when they are at their most active, so a fall
// afterwards is to be expected and a rise proves little; the page says so. A decision to scale, fix or retire a program is
// stored with the figures as they were at that moment.
package program
