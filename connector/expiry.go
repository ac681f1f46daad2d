// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import "time"

// Expiry says for how long a platform's terms let others keep what its members do and who they are. What is older is
// removed by whoever keeps the facts, and the connector leaves it out when it reads, so that it does not come again.
// A platform without such terms has none.
type Expiry struct {
	// Accounts is how the external ids of the accounts begin that it is about: accounts of people, not of the community's own
	// pages, whose words are its own.
	Accounts   string
	Activities time.Duration // from when something was done until it is removed
	Profiles   time.Duration // from when a name, headline or picture was told until it is forgotten
	Unless     string        // the Bool option by which people say that the platform has allowed them more
	Terms      string        // address of the terms
}

// expiryLead is how much earlier than has to be things are removed: whoever removes looks now and then only.
const expiryLead = 30 * time.Minute

// Holds reports whether it holds for a source with these options, as they were entered.
func (e *Expiry) Holds(values Values) bool {
	if e == nil {
		return false
	}
	more, _ := parseBool(values[e.Unless])
	return !more
}

// ActivitiesFrom is since when activities may be kept.
func (e *Expiry) ActivitiesFrom(now time.Time) time.Time { return now.Add(expiryLead - e.Activities) }

// ProfilesFrom is since when profiles may be kept.
func (e *Expiry) ProfilesFrom(now time.Time) time.Time { return now.Add(expiryLead - e.Profiles) }
