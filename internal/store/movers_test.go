// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/analytics"
	"greenroom/internal/ingest"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// chatter takes in what people of a community wrote.
func chatter(t *testing.T, s *store.Store, facts ledgers) {
	t.Helper()
	spec := connector.Spec{Kind: "chat", Title: "Chat", Platform: "chat", New: func(connector.Env, connector.Values) (connector.Source, error) { return facts, nil }}
	if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), ingest.Request{Spec: spec, Name: "chat"}); err != nil {
		t.Fatal(err)
	}
	derive(t, s, 2)
}

func ofDay(day string) time.Time {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return at.Add(10 * time.Hour)
}

func wrote(who, id, day string) func(*connector.Sink) {
	return func(out *connector.Sink) {
		out.Activity(connector.Activity{ExternalID: id, Author: who, Channel: "c", Kind: greenroom.KindMessage, OccurredAt: ofDay(day), Body: "How do I rotate the keys?"})
	}
}

func account(id, name, address string) func(*connector.Sink) {
	return func(out *connector.Sink) {
		out.Identity(connector.Identity{ExternalID: id, Name: name, Emails: []greenroom.Email{{Address: address, Verified: true}}})
	}
}

func company(id, name, domain string) func(*connector.Sink) {
	return func(out *connector.Sink) {
		out.Organization(connector.Organization{ExternalID: id, Name: name, Domains: []string{domain}})
	}
}

func works(who, company string) func(*connector.Sink) {
	return func(out *connector.Sink) {
		out.Identity(connector.Identity{ExternalID: who})
		out.Membership(connector.Membership{Identity: who, Organization: company})
	}
}

// changers is Ann and Bob of Acme, who wrote in October and in November; on 15 November the CRM tells that Ann works for
// Globex now.
func changers(t *testing.T, s *store.Store, at *time.Time) {
	t.Helper()
	*at = ofDay("2026-10-01")
	chatter(t, s, ledgers{
		func(out *connector.Sink) { out.Channel(connector.Channel{ExternalID: "c", Name: "help"}) },
		account("ann", "Ann Lee", "ann@acme.io"), account("bob", "Bob Ray", "bob@acme.io"),
		wrote("ann", "1", "2026-10-02"), wrote("ann", "2", "2026-10-03"), wrote("ann", "3", "2026-10-04"), wrote("bob", "4", "2026-10-05"),
		wrote("ann", "5", "2026-11-20"), wrote("ann", "6", "2026-11-21"), wrote("bob", "7", "2026-11-22"),
	})
	crm := ledgers{company("A", "Acme", "acme.io"), company("G", "Globex", "globex.io"), account("c1", "Ann Lee", "ann@acme.io"), works("c1", "A")}
	take(t, s, "crm", crm, 100)
	*at = ofDay("2026-11-15")
	take(t, s, "crm", append(crm, works("c1", "G")), 100)
	*at = ofDay("2026-11-23")
}

// counts are how many activities, conversations and members queries list.
func (f *figures) counts(t *testing.T) map[string]int64 {
	t.Helper()
	all := make(map[string]int64)
	for _, q := range []string{"org:acme", "org:globex", "-org:acme", "org.domain:globex.io", "has:org", "org:acme or by:bob"} {
		all["activities "+q] = f.total(t, query.Activities, q)
		all["conversations "+q] = f.total(t, query.Conversations, q)
	}
	for _, q := range []string{"org:acme", "org:globex", "past_org:acme", "past_org:globex", "has:past_org"} {
		all["members "+q] = f.total(t, query.Members, q)
	}
	return all
}

// byOrganization computes a metric by month and organization.
func (f *figures) byOrganization(t *testing.T, metric string) map[string]int64 {
	t.Helper()
	r := analytics.Request{Metric: metric, From: ofDay("2026-10-01").Add(-10 * time.Hour), To: ofDay("2026-12-01").Add(-10 * time.Hour), Granularity: analytics.Month, Breakdown: analytics.ByOrganization}
	res, err := f.eng.Compute(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]int64)
	for _, p := range res.Series {
		all[p.Group+p.From.Format(" Jan")] = p.Count
	}
	return all
}

// What somebody did stays with the employer of then, in lists, figures, sums of organizations and the health of accounts;
// lists of members go by the employer of today. The CRM told of the move on 15 November, which is not when it happened but
// when it was read.
func TestMoversCountWhereTheyWere(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, at *time.Time) {
		changers(t, s, at)
		f := openFigures(t, s)
		f.update(t)
		ann := f.idOf(t, "name:ann")
		want := map[string]int64{
			"activities org:acme": 5, "activities org:globex": 2, "activities -org:acme": 2, "activities org.domain:globex.io": 2, "activities has:org": 7, "activities org:acme or by:bob": 5,
			"members org:acme": 1, "members org:globex": 1, "members past_org:acme": 1, "members past_org:globex": 0, "members has:past_org": 1,
		}
		moved := f.counts(t)
		for q, n := range want {
			if moved[q] != n {
				t.Errorf("%s: %d, want %d", q, moved[q], n)
			}
		}
		if diff := cmp.Diff(map[string]int64{"Acme Oct": 4, "Acme Nov": 1, "Globex Oct": 0, "Globex Nov": 2}, f.byOrganization(t, "activities")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]int64{"Acme Oct": 2, "Acme Nov": 1, "Globex Oct": 0, "Globex Nov": 1}, f.byOrganization(t, "active_members")); diff != "" {
			t.Error(diff)
		}
		stints, err := s.Stints(t.Context(), ann)
		if err != nil {
			t.Fatal(err)
		}
		if len(stints) != 2 || stints[0].Organization != "Globex" || stints[0].Dated != greenroom.DatedRead || !stints[0].Since.Equal(ofDay("2026-11-15").Add(-10*time.Hour)) || stints[1].Organization != "Acme" {
			t.Fatalf("Ann was %+v", stints)
		}
		acme, err := s.Organization(t.Context(), stints[1].OrganizationID)
		if err != nil || acme.Activities != 5 || acme.Members != 1 || !acme.LastActive.Equal(ofDay("2026-11-22")) {
			t.Errorf("Acme has %+v, %v", acme, err)
		}
		globex := stints[0].OrganizationID
		evidence, err := s.AccountEvidence(t.Context(), []int64{acme.ID, globex}, *at)
		if err != nil || evidence[acme.ID].Active != 2 || evidence[globex].Active != 1 || evidence[acme.ID].Members != 1 || !evidence[acme.ID].LastActive.Equal(ofDay("2026-11-22")) {
			t.Errorf("the accounts have %+v and %+v, %v", evidence[acme.ID], evidence[globex], err)
		}
		touches, err := s.DealTouches(t.Context(), []int64{globex}, *at)
		if err != nil || len(touches) != 2 || !touches[0].At.Equal(ofDay("2026-11-20")) {
			t.Errorf("Globex was touched %+v, %v", touches, err)
		}
		if former, err := s.FormerMembers(t.Context(), acme.ID); err != nil || len(former) != 1 || former[0].Member != "Ann Lee" {
			t.Errorf("former members of Acme are %+v, %v", former, err)
		}

		f.decides(t, ann, globex, moved)
	})
}

// decides walks what people can say, and that all of it can be undone; a rebuild changes nothing.
func (f *figures) decides(t *testing.T, ann, globex int64, moved map[string]int64) {
	t.Helper()
	said := func(p greenroom.Placement) int64 {
		t.Helper()
		p.MemberID, p.By = ann, "lead"
		id, err := f.PlaceMember(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		derive(t, f.Store, 100)
		f.update(t)
		return id
	}
	undo := func(id int64) {
		t.Helper()
		if _, err := f.UndoPlacement(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		derive(t, f.Store, 100)
		f.update(t)
		if diff := cmp.Diff(moved, f.counts(t)); diff != "" {
			t.Errorf("undone: %s", diff)
		}
	}
	expect := func(what string, ofAcme, ofGlobex int64) {
		t.Helper()
		if a, g := f.total(t, query.Activities, "org:acme"), f.total(t, query.Activities, "org:globex"); a != ofAcme || g != ofGlobex {
			t.Errorf("%s: Acme %d and Globex %d, want %d and %d", what, a, g, ofAcme, ofGlobex)
		}
		got := f.byOrganization(t, "activities")
		if a, g := got["Acme Oct"]+got["Acme Nov"], got["Globex Oct"]+got["Globex Nov"]; a != ofAcme || g != ofGlobex {
			t.Errorf("%s: the figures have %d and %d, want %d and %d", what, a, g, ofAcme, ofGlobex)
		}
	}
	never := said(greenroom.Placement{Kind: greenroom.PlacedNever, OrganizationID: globex})
	expect("never with Globex", 7, 0)
	undo(never)
	always := said(greenroom.Placement{Kind: greenroom.PlacedAlways, OrganizationID: globex})
	expect("always with Globex", 2, 5)
	undo(always)
	earlier := said(greenroom.Placement{Kind: greenroom.PlacedMoved, OrganizationID: globex, Since: ofDay("2026-10-03")})
	expect("moved on 3 October", 3, 4)
	if err := f.ForgetDerived(t.Context()); err != nil {
		t.Fatal(err)
	}
	derive(t, f.Store, 3)
	f.update(t)
	expect("rebuilt", 3, 4)
	var data bytes.Buffer
	if err := f.ExportMember(t.Context(), ann, &data); err != nil || !strings.Contains(data.String(), `"stints"`) || !strings.Contains(data.String(), `"organization": "Globex"`) {
		t.Errorf("her data do not tell where she works: %v", err)
	}
	undo(earlier)
	if err := f.EraseMember(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	if left, err := f.Placements(t.Context(), ann); err != nil || len(left) != 0 {
		t.Errorf("%d placements are left of who was erased, %v", len(left), err)
	}
}

// idOf is the one member that a query lists.
func (f *figures) idOf(t *testing.T, text string) int64 {
	t.Helper()
	ids, err := f.WhichFit(t.Context(), query.Members, parseQuery(t, query.Members, text), []int64{1, 2, 3, 4, 5, 6, 7, 8})
	if err != nil || len(ids) != 1 {
		t.Fatalf("%s lists %v, %v", text, ids, err)
	}
	return ids[0]
}
