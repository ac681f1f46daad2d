// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

// Ledger explains a count of accounts, item by item: the accounts of a source (or of all) are its members, the further
// accounts of members who have several, staff, bots, hidden members and contacts.
type Ledger struct {
	Accounts int64 `json:"accounts"` // identities
	Members  int64 `json:"members"`  // people of the community, as figures count them
	Merged   int64 `json:"merged"`   // further accounts of the same people
	Staff    int64 `json:"staff"`
	Bots     int64 `json:"bots"`
	Hidden   int64 `json:"hidden"`
	Contacts int64 `json:"contacts"` // known only from business systems
}

// Overview is what the navigation and the first page show of the whole.
type Overview struct {
	Members       int64 `json:"members"`
	Organizations int64 `json:"organizations"`
	Waiting       int64 `json:"waiting"` // questions that nobody else has responded to
	Activities    int64 `json:"activities"`
	Conversations int64 `json:"conversations"`
	Sources       int64 `json:"sources"`
}
