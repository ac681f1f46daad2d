// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"greenroom/connector"
	"greenroom/internal/member"
	"greenroom/internal/store"
)

// TestProfilesAreRead wants what profiles say to be found by queries, and never to stand over what a source or a person says.
func TestProfilesAreRead(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		tell(t, s, "chat", func(out *connector.Sink) {
			out.Identity(connector.Identity{ExternalID: "ana", Name: "Ana Torres", Location: "Lisboa, Portugal", JobTitle: "Senior Software Engineer"})
			out.Identity(connector.Identity{ExternalID: "bob", Name: "Bob Roe", Location: "Berlin", Bio: "Student of many things", Fields: map[string]string{"role": "champion"}})
			out.Identity(connector.Identity{ExternalID: "cy", Name: "Cy Poe", Location: "somewhere"})
		})
		want := func(q string, n int) {
			t.Helper()
			if got := members(t, s, q); len(got) != n {
				t.Errorf("%s: %d members, want %d: %v", q, len(got), n, got)
			}
		}
		want("country:PT", 1)
		want("country:PT field.role:engineer field.seniority:senior field.time_zone:Europe/Lisbon", 1)
		want("country:DE field.role:champion", 1)
		ana := members(t, s, "country:PT")[0]
		none, spain := "", "es"
		for _, set := range []struct {
			country *string
			q       string
		}{{&spain, "country:ES"}, {&none, "-has:country name:ana"}} {
			if err := s.EditMember(t.Context(), ana.ID, member.Edit{Country: set.country, Fields: map[string]string{"role": "designer"}}); err != nil {
				t.Fatal(err)
			}
			want(set.q, 1)
			want("field.role:designer", 1)
		}
		tell(t, s, "chat", func(out *connector.Sink) {
			out.Identity(connector.Identity{ExternalID: "ana", Location: "Porto, Portugal"})
			out.Identity(connector.Identity{ExternalID: "cy", Location: "Madrid, Spain"})
		})
		want("country:ES name:cy", 1)
		want("country:PT", 0)
	})
}
