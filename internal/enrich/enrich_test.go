// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package enrich_test

import (
	"testing"

	"greenroom/internal/enrich"
)

func values(p enrich.Profile) map[string]string {
	m := map[string]string{}
	for _, f := range enrich.Read(p) {
		m[f.Field] = f.Value
	}
	return m
}

func TestPlaces(t *testing.T) {
	for text, want := range map[string][2]string{
		"Berlin": {"DE", "Europe/Berlin"}, "Berlin, Germany": {"DE", "Europe/Berlin"}, "Berlin, DE": {"DE", "Europe/Berlin"}, "Berlin, CT": {"US", ""},
		"San Francisco, CA": {"US", "America/Los_Angeles"}, "Toronto, ON": {"CA", "America/Toronto"}, "Springfield, IL": {"", ""}, "Austin, Texas": {"US", "America/Chicago"},
		"Lisboa, Portugal": {"PT", "Europe/Lisbon"}, "London, UK": {"GB", "Europe/London"}, "london": {"GB", "Europe/London"}, "Bengaluru, Karnataka, India": {"IN", "Asia/Kolkata"},
		"🇳🇱": {"NL", "Europe/Amsterdam"}, "Remote 🇫🇷": {"FR", "Europe/Paris"}, "Earth": {"", ""}, "Georgia": {"", ""}, "Tbilisi, Georgia": {"GE", "Asia/Tbilisi"},
		"Berlin / Lisbon": {"", ""}, "": {"", ""}, "Czechia": {"CZ", "Europe/Prague"}, "Seoul, Republic of Korea": {"KR", "Asia/Seoul"}, "127.0.0.1": {"", ""},
		"New York, NY, USA": {"US", "America/New_York"}, "Köln": {"DE", ""},
	} {
		got := values(enrich.Profile{Location: text})
		if got[enrich.Country] != want[0] || got[enrich.TimeZone] != want[1] {
			t.Errorf("%q: %q %q, want %q %q", text, got[enrich.Country], got[enrich.TimeZone], want[0], want[1])
		}
	}
	if got := values(enrich.Profile{TimeZone: "Europe/Lisbon"})[enrich.Country]; got != "PT" {
		t.Errorf("by the time zone the country is %q, want PT", got)
	}
}

func TestOccupations(t *testing.T) {
	for _, c := range []struct{ title, bio, role, seniority string }{
		{"Senior Software Engineer", "", "engineer", "senior"},
		{"Co-Founder & CTO", "", "founder", "founder"},
		{"Engineering Manager, Payments", "", "manager", "manager"},
		{"VP of Engineering", "", "manager", "vp"},
		{"Staff SRE", "", "operations", "staff"},
		{"Head of Design", "", "designer", "director"},
		{"Sr. Data Scientist", "", "data", "senior"},
		{"", "Software engineer at Acme. I love designers.", "engineer", ""},
		{"", "PhD student in Lisbon", "student", ""},
		{"", "Ex-founder, now developer advocate @acme", "community", ""},
		{"", "I like the work of great engineers", "", ""},
		{"", "Cats, bread, long walks", "", ""},
		{"Student", "Senior engineer", "student", ""},
	} {
		got := values(enrich.Profile{JobTitle: c.title, Bio: c.bio})
		if got[enrich.Role] != c.role || got[enrich.Seniority] != c.seniority {
			t.Errorf("%q %q: %q %q, want %q %q", c.title, c.bio, got[enrich.Role], got[enrich.Seniority], c.role, c.seniority)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Berlin, DE", "Ex-founder, @acme", "Sr. Engineer", "Europe/Berlin")
	f.Add("🇩🇪, ,CA", "", "", "")
	f.Fuzz(func(t *testing.T, location, bio, title, zone string) {
		seen := map[string]bool{}
		for _, x := range enrich.Read(enrich.Profile{Location: location, Bio: bio, JobTitle: title, TimeZone: zone}) {
			if x.Value == "" || seen[x.Field] {
				t.Errorf("%s is %q, or was found twice", x.Field, x.Value)
			}
			seen[x.Field] = true
		}
	})
}
