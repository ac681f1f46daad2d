// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"greenroom/connector"
	"greenroom/internal/enrich"
)

// nowhere is kept in place of a country that somebody took away by hand.
const nowhere = "-"

// findings are what an account's profile says in words.
func (p *profile) findings() []enrich.Finding {
	if p.Location == "" && p.Bio == "" && p.JobTitle == "" && p.TimeZone == "" {
		return nil
	}
	return enrich.Read(enrich.Profile{Location: p.Location, Bio: p.Bio, JobTitle: p.JobTitle, TimeZone: p.TimeZone})
}

// readProfiles gives the findings of a member by field, of the first account that has one, and then those of an outside
// service, for fields that no profile says.
func readProfiles(parts []memberPart) map[string]string {
	found := make(map[string]string)
	for i := range parts {
		if parts[i].bot {
			continue
		}
		for _, f := range parts[i].profile.findings() {
			if found[f.Field] == "" {
				found[f.Field] = f.Value
			}
		}
	}
	for i := range parts {
		for _, f := range parts[i].outside {
			if found[f.Field] == "" {
				found[f.Field] = f.Value
			}
		}
	}
	return found
}

// readProfile is the same for one account that is new.
func readProfile(t *connector.Identity) map[string]string {
	return readProfiles([]memberPart{{bot: t.Bot, profile: profileOf(t)}})
}
