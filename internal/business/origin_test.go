// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/business"
)

// TestOrigins has the newest telling count, field by field, what nobody else says stand, and what somebody chose go before,
// as long as the chosen source says something.
func TestOrigins(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	hubspot := business.OrganizationProfile{SourceID: 1, Source: "hubspot", ExternalID: "9", At: day(3), Name: "Acme", Lifecycle: "customer", Size: 250, Fields: map[string]string{"owner": "Kim"}}
	salesforce := business.OrganizationProfile{SourceID: 2, Source: "salesforce", ExternalID: "001A", At: day(5), Name: "Acme Inc.", Lifecycle: "prospect", Country: "DE", Fields: map[string]string{"owner": "Lee", "industry": "Ships"}}
	for _, x := range []struct {
		what     string
		profiles []business.OrganizationProfile
		chosen   []business.OriginChoice
		want     []string
	}{
		{"nobody says anything", nil, nil, nil},
		{"one source", []business.OrganizationProfile{hubspot}, nil, []string{"name=Acme", "lifecycle=customer", "size=250", "field.owner=Kim"}},
		{
			"the newest telling",
			[]business.OrganizationProfile{hubspot, salesforce},
			nil,
			[]string{"name=Acme Inc. of 2", "lifecycle=prospect of 2", "size=250", "country=DE", "field.industry=Ships", "field.owner=Lee of 2"},
		},
		{
			"somebody chose",
			[]business.OrganizationProfile{salesforce, hubspot},
			[]business.OriginChoice{{Field: "lifecycle", SourceID: 1, By: "kim", At: day(6)}, {Field: "country", SourceID: 1, By: "kim", At: day(6)}},
			[]string{"name=Acme Inc. of 2", "lifecycle=customer of 2, hubspot by kim", "size=250", "country=DE", "field.industry=Ships", "field.owner=Lee of 2"},
		},
	} {
		var got []string
		for _, o := range business.Origins(x.profiles, x.chosen) {
			line := o.Field + "=" + o.Value()
			if o.Differ {
				line += " of 2"
			}
			if o.Chosen != "" {
				line += ", " + o.Chosen + " by " + o.By
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.what, diff)
		}
	}
}
