// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package enrich reads off a profile what it says in words: the country and the time zone of the place it names, what its
// person does and how senior they are.
//
// It is pure and needs no vendor: places are looked up in a gazetteer of 249 countries and some 500 cities (places.tsv),
// roles in lists of words. What could mean two things is left out: "Georgia" is a country and a state, "Berlin, CT" no
// German town. Each finding says what it was read off, so that a page can show where a field comes from.
//
// A finding is never stronger than what a source tells as a field of its own, nor than what a person set.
//
// # Outside providers
//
// Another service may know more. Provider is what it has to do; it is asked by address or profile link and answers with
// findings, which count after those that were read off the profile itself. Package enrichment asks it. None is shipped.
package enrich

import (
	"context"
	"time"
)

// The fields that are filled.
const (
	Country   = "country"   // ISO 3166-1 alpha-2, such as "PT"
	TimeZone  = "time_zone" // a name of the tz database, such as "Europe/Lisbon"
	Role      = "role"      // such as "engineer", "designer" or "student"; see work.go
	Seniority = "seniority" // such as "senior" or "director"
)

// Profile is what an account tells of its person, in the words of the source.
type Profile struct {
	Location, Bio, JobTitle, TimeZone string
}

// Finding is a value of a field and what it was read off.
type Finding struct {
	Field string
	Value string
	From  string // "location", "job title", "bio", "time zone", or a provider's name
	Words string // the words that say so
}

// Provider is an outside service that knows more about a person than their profiles say. Lookup is given addresses and
// profile links of one person, in lower case, and answers with what it knows and when it learned that, with no findings
// when it knows nobody. It may be called by several goroutines, has to give up when the context ends, and must not keep
// what it was asked. Fields it brings may have other names than those above, in lower case without dots.
type Provider interface {
	// Name is one word that is shown as the origin of a field.
	Name() string
	Lookup(ctx context.Context, addresses, links []string) (findings []Finding, at time.Time, err error)
}

// Read returns what a profile says, at most one finding for a field, in the order country, time zone, role, seniority.
func Read(p Profile) []Finding {
	var found []Finding
	add := func(field, value, from, words string) {
		if value != "" {
			found = append(found, Finding{Field: field, Value: value, From: from, Words: words})
		}
	}
	country, zone, words := locate(p.Location)
	from := "location"
	if country == "" {
		if country = countryOfZone(p.TimeZone); country != "" {
			from, words = "time zone", p.TimeZone
		}
	}
	add(Country, country, from, words)
	if p.TimeZone == "" { // what the source tells is not said again
		add(TimeZone, zone, "location", words)
	}
	for _, text := range [2]struct{ from, words string }{{"job title", p.JobTitle}, {"bio", p.Bio}} {
		role, seniority := occupation(text.words, text.from == "bio")
		if role == "" && seniority == "" {
			continue
		}
		add(Role, role, text.from, text.words)
		add(Seniority, seniority, text.from, text.words)
		break
	}
	return found
}
