// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"time"
)

// Record is what is known of one identity: an account on a source, or one
// (name, address) pair of a history. Every field but ID may be empty; an
// empty field is no evidence, neither for nor against.
type Record struct {
	// ID is unique among the records of one team. Records that share an ID
	// are one identity seen more than once; their fields are united.
	ID string
	// Source names the system the identity lives on ("github", "slack:T01").
	// Two accounts on one source are seldom one person. Empty where an
	// identity is not an account of its own, as in a commit history.
	Source string
	// Names holds display names as the source gave them.
	Names []string
	// Emails holds addresses as the source gave them.
	Emails []Email
	// Handles holds login names without a leading @.
	Handles []string
	// Accounts holds identifiers that a system guarantees to be unique to one
	// person, written "system:value" ("github:583231", "crm:0035e00001").
	// Equal ones are near certain; different ones of one system speak against.
	Accounts []string
	// Links holds addresses of profiles and pages that the profile names.
	Links []string
	// URL is the address of the identity's own profile page; another
	// identity's Links may point at it.
	URL string
	// Avatar is a 64-bit perceptual hash of the profile picture, 0 when
	// unknown or when the picture is the platform's default.
	Avatar uint64
	// AddressHashes holds hashes of mail addresses that the account is known
	// to have, where the address itself may not be: pictures at Gravatar are
	// named after one. Equal ones say about as much as an equal address.
	AddressHashes []string
	// Company and Location are free text from the profile.
	Company, Location string
	// TimeZone is the usual UTC offset as "+hhmm" or "-hhmm". "+0000" is
	// read as unknown, because servers write it for everybody.
	TimeZone string
	// FirstSeen and LastSeen bound the dated activities; zero when unknown.
	FirstSeen, LastSeen time.Time
	// Activities counts them; it only orders the review queue.
	Activities int
	// Bot marks an automaton, which is nobody's account.
	Bot bool
}

// Email is one address and whether the source has checked that it is theirs.
type Email struct {
	Address  string
	Verified bool
}

// Decision is what a person or a rule of the team said about two identities.
// Decisions bind: the engine never separates a Same nor joins a NotSame,
// directly or through others. Where both are given for one pair, or a NotSame
// contradicts a chain of Sames, the later one holds; at equal times NotSame.
type Decision struct {
	A, B string
	Same bool
	Time time.Time
}

// uniteRecords returns the records in order of ID and unites those that share
// one, so that what follows depends on the set alone and not on order or
// repetition.
func uniteRecords(in []Record) []*Record {
	out := make([]*Record, len(in))
	for i := range in {
		out[i] = &in[i]
	}
	slices.SortFunc(out, func(a, b *Record) int { return strings.Compare(a.ID, b.ID) })
	w := 0
	for _, r := range out {
		if w > 0 && out[w-1].ID == r.ID {
			u := unite(*out[w-1], *r)
			out[w-1] = &u
			continue
		}
		out[w] = r
		w++
	}
	for i, r := range out[:w] {
		out[i] = settled(r)
	}
	return out[:w]
}

// settled returns a record whose lists are sorted and without repetition,
// which is r itself as a rule.
func settled(r *Record) *Record {
	sorted := slices.IsSortedFunc(r.Emails, compareEmails)
	for _, list := range [][]string{r.Names, r.Handles, r.Accounts, r.Links, r.AddressHashes} {
		sorted = sorted && slices.IsSorted(list)
	}
	if sorted {
		return r
	}
	u := unite(*r, *r)
	return &u
}

func compareEmails(a, b Email) int { return strings.Compare(a.Address, b.Address) }

// unite joins two sightings of one identity. Every step is commutative and
// associative: sets are united, and single values take the larger.
func unite(a, b Record) Record {
	u := a
	u.Source = max(a.Source, b.Source)
	u.Names = unionSorted(a.Names, b.Names)
	u.Handles = unionSorted(a.Handles, b.Handles)
	u.Accounts = unionSorted(a.Accounts, b.Accounts)
	u.Links = unionSorted(a.Links, b.Links)
	u.URL = max(a.URL, b.URL)
	u.Avatar = max(a.Avatar, b.Avatar)
	u.AddressHashes = unionSorted(a.AddressHashes, b.AddressHashes)
	u.Company = max(a.Company, b.Company)
	u.Location = max(a.Location, b.Location)
	u.TimeZone = max(a.TimeZone, b.TimeZone)
	u.Activities = max(a.Activities, b.Activities)
	u.Bot = a.Bot || b.Bot
	if a.FirstSeen.IsZero() || (!b.FirstSeen.IsZero() && b.FirstSeen.Before(a.FirstSeen)) {
		u.FirstSeen = b.FirstSeen
	}
	if b.LastSeen.After(a.LastSeen) {
		u.LastSeen = b.LastSeen
	}
	mails := map[string]bool{}
	for _, e := range slices.Concat(a.Emails, b.Emails) {
		mails[e.Address] = mails[e.Address] || e.Verified
	}
	u.Emails = nil
	for addr, verified := range mails {
		u.Emails = append(u.Emails, Email{Address: addr, Verified: verified})
	}
	slices.SortFunc(u.Emails, compareEmails)
	return u
}

func unionSorted(a, b []string) []string {
	u := slices.Concat(a, b)
	slices.Sort(u)
	return slices.Compact(u)
}
