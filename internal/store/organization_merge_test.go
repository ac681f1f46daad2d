// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/business"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// organizationsOf is what the list of organizations has, by name.
func organizationsOf(t *testing.T, s *store.Store) map[string]greenroom.Organization {
	t.Helper()
	all := make(map[string]greenroom.Organization)
	for _, o := range listedOrganizations(t, s) {
		all[o.Name] = o
	}
	return all
}

// TestMergeOrganizations has acme.io, known by addresses, and Acme Inc., known by the CRM without a domain, as one: people, values,
// domains, tags, deals, notes and figures count for it, and all of it comes apart again.
func TestMergeOrganizations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		chatter(t, s, ledgers{
			func(out *connector.Sink) { out.Channel(connector.Channel{ExternalID: "c", Name: "help"}) },
			account("ann", "Ann Lee", "ann@acme.io"), account("bob", "Bob Ray", "bob@acme.com"), wrote("ann", "1", "2026-10-02"), wrote("bob", "2", "2026-10-03"),
		})
		crm := ledgers{
			func(out *connector.Sink) {
				out.Organization(connector.Organization{ExternalID: "9", Name: "Acme Inc.", Lifecycle: "customer", Size: 250, Tags: []string{"gold"}, Fields: map[string]string{"owner": "Kim"}})
			},
			account("c1", "Cy Fox", "cy@gmail.com"), works("c1", "9"),
			func(out *connector.Sink) {
				out.Record(connector.Record{Type: "deal", ExternalID: "d1", Name: "Renewal", Organization: "9", Amount: 10})
			},
		}
		take(t, s, "crm", crm, 0)
		before := organizationsOf(t, s)
		io, com, inc := before["acme.io"].ID, before["acme.com"].ID, before["Acme Inc."].ID
		if len(before) != 3 || io*com*inc == 0 {
			t.Fatalf("there are %v", before)
		}
		if _, err := s.AddAccountNote(t.Context(), business.Note{Organization: inc, By: "kim", Text: "Call them", At: clock()}); err != nil {
			t.Fatal(err)
		}
		first, err := s.MergeOrganizations(t.Context(), io, inc, "their site says so", "kim")
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.MergeOrganizations(t.Context(), com, io, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range [][2]int64{{io, inc}, {com, io}, {com, com}, {io, com}, {com, 999}} {
			if _, err := s.MergeOrganizations(t.Context(), wrong[0], wrong[1], "", "kim"); err == nil {
				t.Errorf("merging %d into %d went well", wrong[1], wrong[0])
			}
		}
		derive(t, s, 100)
		all := organizationsOf(t, s)
		one := all["Acme Inc."]
		if len(all) != 1 || one.ID != com {
			t.Fatalf("there are %+v", all)
		}
		want := greenroom.Organization{
			ID: com, Name: "Acme Inc.", Lifecycle: "customer", Size: 250, Domains: []string{"acme.com", "acme.io"}, Tags: []string{"gold"}, Fields: map[string]string{"owner": "Kim"},
			Members: 3, Activities: 2, FirstActive: ofDay("2026-10-02"), LastActive: ofDay("2026-10-03"),
		}
		if diff := cmp.Diff(want, one); diff != "" {
			t.Errorf("they are one organization (-want +got):\n%s", diff)
		}
		for _, id := range []int64{io, inc} {
			if o, err := s.Organization(t.Context(), id); err != nil || o.ID != com {
				t.Errorf("organization %d leads to %d, %v", id, o.ID, err)
			}
			if n := countOf(t, s, query.Members, "org.id:"+strconv.FormatInt(id, 10)); n != 2 { // the third is a contact
				t.Errorf("%d members are listed by the number of a part", n)
			}
		}
		if deals, err := s.Deals(t.Context(), greenroom.BusinessFilter{Organizations: []int64{com}}); err != nil || len(deals) != 1 {
			t.Errorf("it has %d deals, %v", len(deals), err)
		}
		if notes, err := s.AccountNotes(t.Context(), com); err != nil || len(notes) != 1 {
			t.Errorf("it has %d notes, %v", len(notes), err)
		}
		take(t, s, "crm", append(crm, account("c2", "Di Poe", "di@gmail.com"), works("c2", "9"), account("c3", "Ed Orr", "ed@acme.io")), 0)
		if n := organizationsOf(t, s)["Acme Inc."].Members; n != 5 {
			t.Errorf("after two more came it has %d people, want 5", n)
		}
		if m, err := s.UndoOrganizationMerge(t.Context(), second); err != nil || m.Gone != io || m.Kept != com {
			t.Fatalf("undone is %+v, %v", m, err)
		}
		if _, err := s.UndoOrganizationMerge(t.Context(), second); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("undoing it twice: %v", err)
		}
		derive(t, s, 100)
		now := organizationsOf(t, s)
		if now["acme.com"].Members != 1 || now["Acme Inc."].ID != io || now["Acme Inc."].Members != 4 || !slices.Equal(now["Acme Inc."].Domains, []string{"acme.io"}) {
			t.Errorf("with the second merge undone there are %+v", now)
		}
		if _, err := s.UndoOrganizationMerge(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 100)
		now = organizationsOf(t, s)
		if diff := cmp.Diff(before["acme.com"], now["acme.com"]); diff != "" || now["acme.io"].Members != 2 || now["Acme Inc."].Members != 2 || now["acme.io"].Lifecycle != "" || len(now["acme.io"].Tags) > 0 {
			t.Errorf("with both undone there are %+v", now)
		}
		history, err := s.OrganizationMerges(t.Context(), io)
		if err != nil || len(history) != 2 || history[0].UndoneAt.IsZero() || history[1].Reason != "their site says so" {
			t.Errorf("the history is %+v, %v", history, err)
		}
	})
}

func countOf(t *testing.T, s *store.Store, of query.Entity, text string) int64 {
	t.Helper()
	p, err := s.ListMembers(t.Context(), list.Request{Query: parseQuery(t, of, text), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return int64(len(p.Items))
}

// TestMergedOrganizationsAreNoMove has Ann at Acme, and later by the CRM at Acme Holding: that is a move until the two are one, and
// one again when they are not.
func TestMergedOrganizationsAreNoMove(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, at *time.Time) {
		changers(t, s, at)
		all := organizationsOf(t, s)
		ann := members(t, s, "name:ann")[0].ID
		stints := func() int {
			t.Helper()
			derive(t, s, 100)
			found, err := s.Stints(t.Context(), ann)
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		if n := stints(); n != 2 {
			t.Fatalf("she has %d stints", n)
		}
		id, err := s.MergeOrganizations(t.Context(), all["Acme"].ID, all["Globex"].ID, "", "kim")
		if err != nil {
			t.Fatal(err)
		}
		if n := stints(); n != 0 {
			t.Errorf("with the two being one she has %d stints", n)
		}
		if one := organizationsOf(t, s)["Acme"]; one.ID != all["Acme"].ID || one.Activities != 7 || one.Members != 2 {
			t.Errorf("it is %+v", one)
		}
		if _, err := s.UndoOrganizationMerge(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if n := stints(); n != 2 {
			t.Errorf("undone, she has %d stints", n)
		}
	})
}

// merging is that somebody merges organizations, or takes the last merge but some back.
type merging struct {
	Undo       bool
	Kept, Gone int // of the organizations that stand for themselves then
	Nth        int // of the merges that stand
}

// do merges, and keeps which merges stand by the numbers of the organizations.
func (m merging) do(t *testing.T, r rapid.TB, s *store.Store, stand [][3]int64) [][3]int64 {
	t.Helper()
	if m.Undo {
		if len(stand) == 0 {
			return stand
		}
		i := m.Nth % len(stand)
		if _, err := s.UndoOrganizationMerge(t.Context(), stand[i][0]); err != nil {
			r.Fatal(err)
		}
		return slices.Delete(slices.Clone(stand), i, i+1)
	}
	there := listedOrganizations(t, s)
	if len(there) < 2 {
		return stand
	}
	kept, gone := there[m.Kept%len(there)].ID, there[m.Gone%len(there)].ID
	id, err := s.MergeOrganizations(t.Context(), kept, gone, "", "test")
	if kept == gone {
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			r.Fatalf("merging one with itself: %v", err)
		}
		return stand
	}
	if err != nil {
		r.Fatal(err)
	}
	return append(stand, [3]int64{id, kept, gone})
}

// TestMergesComeToTheSame brings business facts into a store while organizations are merged and taken apart, and wants what comes of
// only those merges that stand in the end, made before the later facts came; a rebuild changes nothing.
func TestMergesComeToTheSame(t *testing.T) {
	const worlds = 40
	done := 0
	eachWorld(t, func(t *testing.T, r *rapid.T, open func() *store.Store) {
		if done++; done > worlds {
			return
		}
		facts := []ledgers{drawBusiness(r), drawBusiness(r), drawBusiness(r)}
		var deeds [3][]merging
		for i := range deeds {
			for range rapid.IntRange(0, 4).Draw(r, "deeds") {
				deeds[i] = append(deeds[i], merging{Undo: rapid.Bool().Draw(r, "undo"), Kept: rapid.IntRange(0, 5).Draw(r, "kept"), Gone: rapid.IntRange(0, 5).Draw(r, "gone"), Nth: rapid.IntRange(0, 3).Draw(r, "nth")})
			}
		}
		lived, straight := open(), open()
		var stand [][3]int64
		for i, name := range []string{"crm", "desk", "crm"} {
			take(t, lived, name, facts[i], rapid.IntRange(0, 3).Draw(r, "batch"))
			for _, d := range deeds[i] {
				stand = d.do(t, r, lived, stand)
			}
		}
		derive(t, lived, 1000)
		take(t, straight, "crm", facts[0], 0)
		have := organizationIDs(t, straight)
		late := slices.Clone(stand)
		merge := func() { // those whose organizations are there, in order, since each was whole when it was merged
			for len(late) > 0 && have[late[0][1]] && have[late[0][2]] {
				if _, err := straight.MergeOrganizations(t.Context(), late[0][1], late[0][2], "", "test"); err != nil {
					r.Fatal(err)
				}
				late = late[1:]
			}
		}
		merge()
		for i, name := range []string{"desk", "crm"} {
			take(t, straight, name, facts[i+1], 0)
			have = allOrganizations(t, straight, have)
			merge()
		}
		derive(t, straight, 1000)
		if len(late) > 0 {
			r.Fatalf("organizations of %v are not there", late)
		}
		differ(r, everything(t, straight)+businessOf(t, straight), everything(t, lived)+businessOf(t, lived))
		if err := lived.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		derive(t, lived, 3)
		differ(r, everything(t, straight)+businessOf(t, straight), everything(t, lived)+businessOf(t, lived))
	})
}

func organizationIDs(t *testing.T, s *store.Store) map[int64]bool {
	t.Helper()
	return allOrganizations(t, s, make(map[int64]bool))
}

func allOrganizations(t *testing.T, s *store.Store, have map[int64]bool) map[int64]bool {
	t.Helper()
	for _, o := range listedOrganizations(t, s) {
		have[o.ID] = true
	}
	return have
}

func listedOrganizations(t *testing.T, s *store.Store) []greenroom.Organization {
	t.Helper()
	p, err := s.ListOrganizations(t.Context(), list.Request{Query: parseQuery(t, query.Organizations, "sort:name"), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return p.Items
}

// business is what the store has of organizations besides what lists show.
func businessOf(t *testing.T, s *store.Store) string {
	t.Helper()
	var b strings.Builder
	write := func(v any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(string(text) + "\n")
	}
	for _, o := range listedOrganizations(t, s) {
		profiles, _, err := s.OrganizationProfiles(t.Context(), o.ID)
		write(profiles, err)
		write(s.OrganizationRecords(t.Context(), o.ID))
		write(s.FormerMembers(t.Context(), o.ID))
	}
	for _, m := range members(t, s, "is:contact or -is:contact") {
		write(s.Stints(t.Context(), m.ID))
	}
	return b.String()
}
