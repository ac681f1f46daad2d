// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package recognition finds who deserves to be thanked, and what members said that others may hear.
//
// # Thanks
//
// An answer counts as help where it was accepted, or was the first reply of a community member to a question. Help went
// without thanks where after it nobody but the helper reacted to it, and nobody in the conversation appreciated anything: by
// what internal/understand made of the messages, the category praise from anybody, or a positive message of whoever asked.
// The team thanks by a draft in the outbox, or marks the help as thanked; either is a decision and is kept.
//
// # Milestones
//
// A first answer, the hundredth, a year with us: they follow from the facts, each with the activity by which it was reached,
// and are computed for the weeks that are looked at. Only that somebody has seen to one is stored.
//
// # Testimonials
//
// Appreciation that names the product is a candidate. Before anything of it is used, its author is asked by a message with
// a signed link, and says on a page of their own whether, in which words and under which name.
//
//	candidate ──ask──► asked ──yes──► granted ──withdraw──► withdrawn
//	    │                │ ├──no───► declined                   │
//	    └─dismiss        │ └──nothing for 60 days──► expired    │
//	                     └◄──────── changing one's mind, by the same link, at any time
//
// Every step is an event with its time, the digest of the link by which it came, and the exact words: the proof of consent,
// to which is only ever added. Where a testimonial is used is noted beside it, so that withdrawing tells the team what to
// take down: in the transaction that withdraws, a task is made.
package recognition
