// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package writeback writes what the community knows of people to where sales looks: chosen fields of members become
// properties of their contacts in the CRM, with a note if wanted.
//
// # Who is written
//
// A plan has a query over members. Those of them who have a contact of the source among their identities are written: a
// member is the join between the community and the CRM, and who is one member with whom was decided elsewhere, by the same
// rules and people as everywhere. Members without a contact are counted and left alone; no contact is ever made.
//
// # How it is written
//
// A preview reads what the contacts have and shows what would change; it changes nothing. Sending makes an action (package
// action) with an item for each contact, whose values are those of that moment: what was approved is what is sent. The
// connector compares again before it sends, so that what is equal is left alone and an interrupted action can go on.
//
// # Warehouses
//
// Members can also be pushed into a table of a database (push.go), merged by id, a page of members an item.
package writeback
