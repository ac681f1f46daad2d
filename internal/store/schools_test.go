// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// TestSchools has an address at a university that comes after an employer's be no move, and one at an employer after the university's
// be one; merged with a company, the university is none any more.
func TestSchools(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, _ *time.Time) {
		same := func(a, b string) func(*connector.Sink) {
			return func(out *connector.Sink) { out.Same(connector.Same{A: a, B: b, Reason: "one login"}) }
		}
		chatter(t, s, ledgers{
			func(out *connector.Sink) { out.Channel(connector.Channel{ExternalID: "c", Name: "help"}) },
			account("a1", "Ann Lee", "ann@acme.io"), account("a2", "Ann Lee", "ann@cs.mit.edu"), same("a1", "a2"),
			account("b1", "Bob Ray", "bob@tu-berlin.de"), account("b2", "Bob Ray", "bob@acme.io"), same("b1", "b2"),
			wrote("a1", "1", "2026-10-02"), wrote("b1", "2", "2026-10-03"), wrote("a2", "3", "2026-11-02"), wrote("b2", "4", "2026-11-03"),
		})
		now := func() (annStints, bobStints int) {
			t.Helper()
			derive(t, s, 100)
			for _, m := range members(t, s, "") {
				all, err := s.Stints(t.Context(), m.ID)
				if err != nil {
					t.Fatal(err)
				}
				if m.Name == "Ann Lee" {
					annStints = len(all)
				} else {
					bobStints = len(all)
				}
			}
			return annStints, bobStints
		}
		if ann, bob := now(); ann != 0 || bob != 2 {
			t.Errorf("Ann has %d stints and Bob %d, want none and 2", ann, bob)
		}
		all := organizationsOf(t, s)
		if all["mit.edu"].Kind != greenroom.KindEducation || all["tu-berlin.de"].Kind != greenroom.KindEducation || all["acme.io"].Kind != greenroom.KindCompany {
			t.Errorf("the organizations are %+v", all)
		}
		if n := len(members(t, s, "org.is:education")); n != 0 {
			t.Errorf("%d members are at schools today, want none", n)
		}
		p, err := s.ListOrganizations(t.Context(), list.Request{Query: parseQuery(t, query.Organizations, "is:education sort:name"), Limit: 10})
		if err != nil || len(p.Items) != 2 || p.Items[0].Name != "mit.edu" {
			t.Errorf("schools are %+v, %v", p.Items, err)
		}
		merge, err := s.MergeOrganizations(t.Context(), all["tu-berlin.de"].ID, all["acme.io"].ID, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		if ann, bob := now(); ann != 0 || bob != 0 {
			t.Errorf("with the two being one Ann has %d stints and Bob %d", ann, bob)
		}
		if one := organizationsOf(t, s)["tu-berlin.de"]; one.Kind != greenroom.KindCompany {
			t.Errorf("what has a company's domain, too, is %+v", one)
		}
		if _, err := s.UndoOrganizationMerge(t.Context(), merge); err != nil {
			t.Fatal(err)
		}
		if ann, bob := now(); ann != 0 || bob != 2 || organizationsOf(t, s)["tu-berlin.de"].Kind != greenroom.KindEducation {
			t.Errorf("undone, Ann has %d stints and Bob %d", ann, bob)
		}
	})
}

// TestEmployerFacts gives what tells which organizations may be one, also a domain that was another's before.
func TestEmployerFacts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		take(t, s, "crm", ledgers{
			account("u1", "Ann Lee", "ann@acme.io"),
			func(out *connector.Sink) {
				out.Organization(connector.Organization{ExternalID: "9", Name: "Northwind", Country: "DE", Size: 7})
			},
			works("u2", "9"),
			func(out *connector.Sink) { out.Same(connector.Same{A: "u1", B: "u2", Reason: "one login"}) },
		}, 0)
		take(t, s, "crm", ledgers{func(out *connector.Sink) {
			out.Organization(connector.Organization{ExternalID: "9", Name: "Northwind", Country: "DE", Size: 7, Domains: []string{" ACME.io "}})
		}}, 0)
		all, shared, err := s.EmployerFacts(t.Context())
		if err != nil || len(all) != 2 {
			t.Fatalf("there are %+v, %v", all, err)
		}
		acme, northwind := all[0], all[1]
		if acme.Named || len(acme.Domains) != 1 || acme.Domains[0] != "acme.io" || len(acme.Records) != 0 {
			t.Errorf("the one of the addresses is %+v", acme)
		}
		if !northwind.Named || northwind.Size != 7 || len(northwind.Sites) != 1 || northwind.Sites[0] != "acme.io" || len(northwind.Records) != 1 || northwind.Records[0].ExternalID != "9" {
			t.Errorf("the one of the CRM is %+v", northwind)
		}
		if n := shared[[2]int64{acme.ID, northwind.ID}]; n != 1 {
			t.Errorf("%d members are with both, want 1", n)
		}
		id, err := s.KeepOrganizationsApart(t.Context(), northwind.ID, acme.ID, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		if said, err := s.OrganizationsApart(t.Context()); err != nil || len(said) != 1 || said[0].A != acme.ID || said[0].BName != "Northwind" {
			t.Errorf("kept apart are %+v, %v", said, err)
		}
		if _, err := s.UndoOrganizationsApart(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := s.UndoOrganizationsApart(t.Context(), id); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("taking it back twice: %v", err)
		}
		if said, err := s.OrganizationsApart(t.Context()); err != nil || len(said) != 0 {
			t.Errorf("kept apart are still %+v, %v", said, err)
		}
	})
}
