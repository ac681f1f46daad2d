// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestSchoolsBecomeCompanies has somebody at a company, later with an address at a university: that is a move once the university is
// known by a company's domain too, by a merge or as a source tells it, and none again when that is undone.
func TestSchoolsBecomeCompanies(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		chatter(t, s, ledgers{
			func(out *connector.Sink) { out.Channel(connector.Channel{ExternalID: "c", Name: "help"}) },
			account("a1", "Ann Lee", "ann@acme.io"), account("a2", "Ann Lee", "ann@cs.mit.edu"), account("z", "Zed Poe", "zed@spin.com"),
			func(out *connector.Sink) { out.Same(connector.Same{A: "a1", B: "a2", Reason: "one login"}) },
			wrote("a1", "1", "2026-10-02"), wrote("a2", "2", "2026-11-02"),
		})
		stints := func(when string, want int) {
			t.Helper()
			derive(t, s, 100)
			if all, err := s.Stints(t.Context(), members(t, s, "name:ann")[0].ID); err != nil || len(all) != want {
				t.Errorf("%s, Ann has %d stints, %v, want %d", when, len(all), err, want)
			}
		}
		stints("in the beginning", 0)
		all := organizationsOf(t, s)
		merge, err := s.MergeOrganizations(t.Context(), all["mit.edu"].ID, all["spin.com"].ID, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		stints("merged with a company", 2)
		if _, err := s.UndoOrganizationMerge(t.Context(), merge); err != nil {
			t.Fatal(err)
		}
		stints("undone", 0)
		take(t, s, "crm", ledgers{func(out *connector.Sink) {
			out.Organization(connector.Organization{ExternalID: "9", Name: "Institute", Domains: []string{"mit.edu", "institute.com"}})
		}}, 0)
		stints("with a company's domain told", 2)
		if err := s.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		stints("derived anew", 2)
	})
}

// TestParentsTold has the CRM tell which company is below which, in either order. What people say holds over it until that is taken
// back, what would make a circle is passed over, a merge moves it, and importing twice or another source's removal changes nothing.
func TestParentsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		company := func(id, name, parent string) func(*connector.Sink) {
			return func(out *connector.Sink) {
				out.Organization(connector.Organization{ExternalID: id, Name: name, Parent: parent})
			}
		}
		first := ledgers{company("1", "Acme Labs", "2"), company("3", "Acme Field", "1"), company("5", "Initech", "77")}
		take(t, s, "crm", first, 0)
		below := func(when string, want map[string]string) {
			t.Helper()
			got := make(map[string]string)
			for _, o := range listedOrganizations(t, s) {
				if o.ParentID > 0 {
					got[o.Name] = o.Parent
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		below("before the one above came", map[string]string{"Acme Field": "Acme Labs"})
		second := ledgers{company("2", "Acme", ""), company("4", "Globex", "")}
		take(t, s, "crm", second, 1)
		told := map[string]string{"Acme Field": "Acme Labs", "Acme Labs": "Acme"}
		below("with all told", told)
		take(t, s, "crm", append(first, second...), 2)
		below("told twice", told)

		all := organizationsOf(t, s)
		acme, labs, globex := all["Acme"].ID, all["Acme Labs"].ID, all["Globex"].ID
		if err := s.UndoOrganizationParent(t.Context(), labs); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("taking back what nobody said: %v", err)
		}
		if err := s.SetOrganizationParent(t.Context(), labs, globex, "kim"); err != nil {
			t.Fatal(err)
		}
		take(t, s, "crm", ledgers{company("2", "Acme", "3"), company("1", "Acme Labs", "2")}, 0) // a circle but for what Kim says
		below("said by hand", map[string]string{"Acme Field": "Acme Labs", "Acme Labs": "Globex", "Acme": "Acme Field"})
		said, err := s.OrganizationParents(t.Context(), labs)
		if err != nil || len(said) != 2 || !said[0].Counts || said[0].By != "kim" || said[0].ParentID != globex || said[1].Counts || said[1].Source != "crm" || said[1].Parent != "Acme" || said[1].ExternalID != "2" {
			t.Errorf("who says it: %+v, %v", said, err)
		}
		if unread, err := s.OrganizationParents(t.Context(), all["Initech"].ID); err != nil || len(unread) != 1 || unread[0].Counts || unread[0].ParentID != 0 || unread[0].ExternalID != "77" {
			t.Errorf("one that was not read: %+v, %v", unread, err)
		}
		take(t, s, "crm", ledgers{company("2", "Acme", "")}, 0)
		if err := s.UndoOrganizationParent(t.Context(), labs); err != nil {
			t.Fatal(err)
		}
		below("taken back", told)
		merge, err := s.MergeOrganizations(t.Context(), globex, labs, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		below("merged", map[string]string{"Acme Field": "Globex", "Globex": "Acme"})
		if _, err := s.UndoOrganizationMerge(t.Context(), merge); err != nil {
			t.Fatal(err)
		}
		below("undone", told)
		take(t, s, "other", ledgers{company("1", "Globex", "9"), company("9", "Acme", "")}, 0) // its 1 is not the CRM's
		below("told by another", map[string]string{"Acme Field": "Acme Labs", "Acme Labs": "Acme", "Globex": "Acme"})
		other, err := s.Source(t.Context(), "other")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveSource(t.Context(), other.ID); err != nil {
			t.Fatal(err)
		}
		below("without the other", told)
		if n := len(organizationsOf(t, s)); acme == 0 || n != 5 {
			t.Errorf("there are %d organizations, want 5", n)
		}
	})
}

// TestCompaniesOfProfiles places members by the company that their profile names, where exactly one organization is found by it and
// nothing better tells an employer, whichever comes first; an address, the CRM or a person takes its place.
func TestCompaniesOfProfiles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		profile := func(id, name, company string) func(*connector.Sink) {
			return func(out *connector.Sink) {
				out.Identity(connector.Identity{ExternalID: id, Name: name, Company: company})
			}
		}
		early := ledgers{profile("ann", "Ann Lee", "@acme"), profile("bob", "Bob Ray", "Freelance"), profile("cy", "Cy Fox", "Globex, Inc."), profile("di", "Di Poe", "Initech")}
		chatter(t, s, early)
		at := func(when string, want map[string]string) {
			t.Helper()
			derive(t, s, 100)
			got := make(map[string]string)
			for _, m := range members(t, s, "is:contact or -is:contact") {
				if m.OrganizationID > 0 {
					got[m.Name] = strings.TrimSpace(m.Organization + " " + m.OrganizationFrom)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		at("with no organization known", map[string]string{})
		company := func(id, name, domain string) func(*connector.Sink) {
			return func(out *connector.Sink) {
				out.Organization(connector.Organization{ExternalID: id, Name: name, Domains: strings.Fields(domain)})
			}
		}
		take(t, s, "crm", ledgers{company("1", "Acme Holding", "acme.com"), company("2", "Globex", ""), company("3", "Initech", "initech.com"), company("4", "Freelance", "")}, 0)
		told := map[string]string{"Ann Lee": "Acme Holding profile", "Cy Fox": "Globex profile", "Di Poe": "Initech profile"}
		at("after they came", told)
		chatter(t, s, append(early, profile("ed", "Ed Orr", "acme.com"), account("fay", "Fay Poe", "fay@globex.example")))
		told["Ed Orr"], told["Fay Poe"] = "Acme Holding profile", "globex.example"
		delete(told, "Cy Fox") // two are found by globex now
		at("one who came later", told)
		all := organizationsOf(t, s)
		merge, err := s.MergeOrganizations(t.Context(), all["Globex"].ID, all["globex.example"].ID, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		told["Cy Fox"], told["Fay Poe"] = "Globex profile", "Globex"
		at("the two are one", told)
		if err := s.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		at("derived anew", told)
		if _, err := s.UndoOrganizationMerge(t.Context(), merge); err != nil {
			t.Fatal(err)
		}
		told["Fay Poe"] = "globex.example"
		delete(told, "Cy Fox")
		at("two again", told)

		chatter(t, s, ledgers{func(out *connector.Sink) {
			out.Identity(connector.Identity{ExternalID: "ann", Name: "Ann Lee", Company: "@acme", Emails: []greenroom.Email{{Address: "ann@initech.com", Verified: true}}})
		}, profile("ed", "Ed Orr", "n/a")})
		told["Ann Lee"] = "Initech"
		delete(told, "Ed Orr")
		at("an address, and a profile that changed", told)
		di := members(t, s, "name:di")[0].ID
		id, err := s.PlaceMember(t.Context(), greenroom.Placement{MemberID: di, Kind: greenroom.PlacedNever, OrganizationID: all["Initech"].ID, By: "kim"})
		if err != nil {
			t.Fatal(err)
		}
		delete(told, "Di Poe")
		at("never there, somebody says", told)
		if _, err := s.UndoPlacement(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		told["Di Poe"] = "Initech profile"
		at("taken back", told)
		crm, err := s.Source(t.Context(), "crm")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveSource(t.Context(), crm.ID); err != nil {
			t.Fatal(err)
		}
		at("without the CRM", map[string]string{"Fay Poe": "globex.example", "Ann Lee": "Initech", "Cy Fox": "globex.example profile", "Di Poe": "Initech profile"})
	})
}

// TestRemovedOrganizations has a source removed that alone told of organizations which people merged, kept apart and put below one
// another: they are gone with what was said of them, and the one that is left stands as it did before.
func TestRemovedOrganizations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		chatter(t, s, ledgers{
			func(out *connector.Sink) { out.Channel(connector.Channel{ExternalID: "c", Name: "help"}) },
			account("ann", "Ann Lee", "ann@acme.io"), wrote("ann", "1", "2026-10-02"),
		})
		before := listedOrganizations(t, s)
		company := func(id, name string) func(*connector.Sink) {
			return func(out *connector.Sink) { out.Organization(connector.Organization{ExternalID: id, Name: name}) }
		}
		take(t, s, "crm", ledgers{company("1", "Acme Inc."), company("2", "Globex"), company("3", "Initech")}, 0)
		all := organizationsOf(t, s)
		acme, inc, globex, initech := all["acme.io"].ID, all["Acme Inc."].ID, all["Globex"].ID, all["Initech"].ID
		_, merging := s.MergeOrganizations(t.Context(), acme, inc, "", "kim")
		first, apart := s.KeepOrganizationsApart(t.Context(), acme, initech, "", "kim")
		again, twice := s.KeepOrganizationsApart(t.Context(), initech, acme, "", "kim")
		if err := errors.Join(merging, apart, twice, s.SetOrganizationParent(t.Context(), acme, globex, "kim"), s.SetOrganizationParent(t.Context(), globex, initech, "kim")); err != nil || first != again {
			t.Fatalf("said apart as %d and %d, %v", first, again, err)
		}
		sources, err := s.Sources(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range sources {
			if src.Name == "crm" {
				if err := s.RemoveSource(t.Context(), src.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		derive(t, s, 100)
		if diff := cmp.Diff(before, listedOrganizations(t, s)); diff != "" {
			t.Errorf("what is left is not as it was (-want +got):\n%s", diff)
		}
		merges, err := s.OrganizationMerges(t.Context(), acme)
		if err != nil || len(merges) > 0 {
			t.Errorf("merges are left: %+v, %v", merges, err)
		}
		if said, err := s.OrganizationsApart(t.Context()); err != nil || len(said) > 0 {
			t.Errorf("kept apart are still %+v, %v", said, err)
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

// TestSubsidiaries has Acme below Globex, and below none once the two are one; queries on a group find the people of all below it.
func TestSubsidiaries(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		chatter(t, s, ledgers{
			func(out *connector.Sink) { out.Channel(connector.Channel{ExternalID: "c", Name: "help"}) },
			account("ann", "Ann Lee", "ann@acme.io"), account("bob", "Bob Ray", "bob@globex.de"), account("cy", "Cy Fox", "cy@initech.com"), wrote("ann", "1", "2026-10-02"), wrote("bob", "2", "2026-10-03"),
		})
		all := organizationsOf(t, s)
		acme, globex, initech := all["acme.io"].ID, all["globex.de"].ID, all["initech.com"].ID
		below := func(organization, parent int64) error {
			return s.SetOrganizationParent(t.Context(), organization, parent, "kim")
		}
		if err := errors.Join(below(acme, globex), below(globex, initech)); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range [][2]int64{{acme, acme}, {initech, acme}, {globex, acme}} {
			if err := below(wrong[0], wrong[1]); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
				t.Errorf("%d below %d: %v", wrong[0], wrong[1], err)
			}
		}
		for text, want := range map[string]int{"group:initech": 3, "group:globex": 2, "group:acme": 1, "org.parent:globex": 1, "org.parent:initech": 1, "-group:globex": 1} {
			if n := len(members(t, s, text)); n != want {
				t.Errorf("%s lists %d members, want %d", text, n, want)
			}
		}
		for text, want := range map[string]int{"group:initech": 2, "group:globex": 2, "org.parent:initech": 1} {
			p, err := s.ListActivities(t.Context(), list.Request{Query: parseQuery(t, query.Activities, text), Limit: 10})
			if err != nil || len(p.Items) != want {
				t.Errorf("%s lists %d activities, %v, want %d", text, len(p.Items), err, want)
			}
		}
		if p, err := s.ListOrganizations(t.Context(), list.Request{Query: parseQuery(t, query.Organizations, "has:parent"), Limit: 10}); err != nil || len(p.Items) != 2 {
			t.Errorf("%d organizations are below others, %v", len(p.Items), err)
		}
		if subs, err := s.Subsidiaries(t.Context(), globex); err != nil || len(subs) != 1 || subs[0].ID != acme || subs[0].Parent != "globex.de" {
			t.Errorf("below Globex are %+v, %v", subs, err)
		}
		merge, err := s.MergeOrganizations(t.Context(), globex, acme, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		if o, err := s.Organization(t.Context(), acme); err != nil || o.ID != globex || o.ParentID != initech {
			t.Errorf("the two as one are %+v, %v", o, err)
		}
		if _, err := s.UndoOrganizationMerge(t.Context(), merge); err != nil {
			t.Fatal(err)
		}
		if o, err := s.Organization(t.Context(), acme); err != nil || o.ParentID != globex {
			t.Errorf("undone, Acme is %+v, %v", o, err)
		}
		if err := below(acme, 0); err != nil {
			t.Fatal(err)
		}
		if o, err := s.Organization(t.Context(), acme); err != nil || o.ParentID != 0 || o.Parent != "" {
			t.Errorf("below none, Acme is %+v, %v", o, err)
		}
	})
}
