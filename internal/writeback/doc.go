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
// # Accounts
//
// What is reckoned of accounts goes to the companies of a CRM in the same way (account.go, accounts.go). Which company is
// which account was decided when the companies were taken in. Where the platform allows it, properties that the team has none
// for are made. An item of such an action is of no one member; where champions are named in it, erasing one of them takes its
// values out.
//
// # Tasks
//
// What an account gives cause for (it is at risk, a renewal is ahead, it could buy more, the team decided on a next step) becomes a
// task beside its company, of whoever looks after it (tasks.go). Each is made once: its item has a claim (action.Item) that names
// source, account, reason and occasion, and the same stands in the task, where it is looked for before one is made. So a task that
// was done or removed in the CRM is not made again.
//
// # Warehouses
//
// Members can also be pushed into a table of a database (push.go), merged by id, a page of members an item. Which members'
// rows stand there is known, so that the next push deletes the rows of those who were erased or merged since. Figures of
// metrics go into a table of their own (pushmetrics.go), merged by what was measured, of whom and when.
//
// # Again and again
//
// Each of these can be repeated in a rhythm (repeat.go, action.Schedule). What is repeated is the request: each time it is
// made from what is known then.
package writeback
