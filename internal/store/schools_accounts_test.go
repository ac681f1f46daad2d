// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"slices"
	"testing"
	"time"

	"greenroom/connector"
	"greenroom/internal/business"
	"greenroom/internal/store"
)

// TestSchoolsAreNoSuggestedAccounts has three accounts with an urgent ticket: the company and the school that pays are at risk, the
// school that only tries is listed, but not pointed out.
func TestSchoolsAreNoSuggestedAccounts(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		set := business.Usual()
		set.AtRisk = 1
		if err := s.SetBusinessSettings(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		facts := ledgers{func(out *connector.Sink) {
			out.Record(connector.Record{Type: "deal", ExternalID: "d", Name: "Campus", Organization: "3", Stage: "won", Amount: 10, Currency: "EUR", ClosedAt: clock.AddDate(0, -1, 0), Fields: map[string]string{"state": "won"}})
		}}
		for id, o := range map[string]connector.Organization{
			"1": {Name: "Acme", Domains: []string{"acme.io"}, Lifecycle: "trial"}, "2": {Name: "Trying University", Domains: []string{"trying.edu"}, Lifecycle: "trial"}, "3": {Name: "Paying University", Domains: []string{"paying.ac.uk"}},
		} {
			o.ExternalID = id
			facts = append(facts, func(out *connector.Sink) {
				out.Organization(o)
				out.Record(connector.Record{Type: "case", ExternalID: "c" + id, Name: "Down", Organization: id, Stage: "open", OpenedAt: clock.AddDate(0, 0, -2), Fields: map[string]string{"priority": "urgent"}})
			})
		}
		take(t, s, "crm", facts, 0)
		svc := business.New(s, noAudit{}, func() time.Time { return *clock }, func() *time.Location { return time.UTC })
		for _, c := range []struct {
			list string
			want []string
		}{{business.ListAll, []string{"Acme", "Paying University", "Trying University"}}, {business.ListRisk, []string{"Acme", "Paying University"}}} {
			all, err := svc.List(t.Context(), business.Filter{List: c.list})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range all {
				got = append(got, all[i].Name)
			}
			if slices.Sort(got); !slices.Equal(got, c.want) {
				t.Errorf("%s are %v, want %v", c.list, got, c.want)
			}
		}
	})
}
