// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/program"
	"greenroom/internal/store"
	"greenroom/internal/writeback"
)

// TestAccountsWrittenBack counts who was active in accounts, names champions and companies, and takes the name of a champion who is
// erased out of what was written of accounts.
func TestAccountsWrittenBack(t *testing.T) {
	inPrograms(t, func(t *testing.T, s *store.Store, now *time.Time) {
		ctx := t.Context()
		person := func(id, name, mail string, staff bool) func(*connector.Sink) {
			return func(out *connector.Sink) {
				out.Identity(connector.Identity{ExternalID: id, Name: name, Staff: staff, Emails: []greenroom.Email{{Address: mail, Verified: true}}})
				out.Activity(connector.Activity{ExternalID: "a" + id, Kind: greenroom.KindMessage, Author: id, OccurredAt: now.AddDate(0, 0, -3), Body: "Hello"})
			}
		}
		take(t, s, "crm", ledgers{
			func(out *connector.Sink) {
				out.Organization(connector.Organization{ExternalID: "701", Name: "Acme", Lifecycle: "customer", Domains: []string{"acme.io"}})
				out.Organization(connector.Organization{ExternalID: "702", Name: "Beta", Lifecycle: "customer"})
			},
			func(out *connector.Sink) {
				out.Record(connector.Record{Type: "deal", ExternalID: "d", Name: "One", Organization: "Acme", Stage: "open", OpenedAt: *now})
			},
		}, 1)
		tell(t, s, "forum", func(out *connector.Sink) {
			person("u1", "Ann Lee", "ann@acme.io", false)(out)
			person("u2", "Bo", "bo@acme.io", false)(out)
			person("u3", "Sam", "sam@acme.io", true)(out)
		})
		var org, ann int64
		acme, err := s.Lifecycles(ctx, greenroom.BusinessFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range acme {
			if l.Name == "Acme" {
				org = l.Organization
			}
		}
		for _, m := range members(t, s, "") {
			if m.Name == "Ann Lee" {
				ann = m.ID
			}
		}
		p := programs(s, func() time.Time { return *now })
		made, err := p.Add(ctx, program.Draft{Name: "Stars", Kind: program.Champions, Plan: program.Plan{Stages: []program.Stage{{Name: "In"}}}}, "ana")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Start(ctx, made.Key, "ana"); err != nil {
			t.Fatal(err)
		}
		if err := p.Enroll(ctx, made.Key, ann, "ana", ""); err != nil {
			t.Fatal(err)
		}
		tallies, err := s.AccountTallies(ctx, []int64{org}, now.AddDate(0, 0, -30))
		if diff := cmp.Diff(map[int64]writeback.AccountTally{org: {Active: 2, Champions: []string{"Ann Lee"}}}, tallies); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if later, err := s.AccountTallies(ctx, []int64{org}, *now); err != nil || later[org].Active != 0 {
			t.Errorf("from now on %+v are active, %v; want nobody", later, err)
		}
		refs, err := s.CompanyRefs(ctx, "crm", []int64{org})
		if diff := cmp.Diff(map[int64][]string{org: {"701"}}, refs); diff != "" || err != nil {
			t.Errorf("companies, %v (-want +got):\n%s", err, diff)
		}
		a, _, err := s.AddAction(ctx, action.Action{Key: "k", Kind: writeback.AccountsKind, Source: "crm", Plan: []byte("{}"), State: action.Approved, CreatedBy: "ana"}, []action.Item{
			{Target: "701", Name: "Acme", After: map[string]string{"champions": "Ann Lee, Zoe"}}, {Target: "702", Name: "Beta", After: map[string]string{"champions": "Joann Leeds, Ann Leeson"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		todo, _, err := s.AddAction(ctx, action.Action{Key: "t", Kind: writeback.TasksKind, Source: "crm", Plan: []byte("{}"), State: action.Approved, CreatedBy: "ana"}, []action.Item{
			{Target: "701", Account: org, Name: "Acme", Note: "Ask Ann Lee", Claim: "one", After: map[string]string{"task": "Acme renews"}}, {Target: "702", Name: "Beta", Note: "Ask Bo"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.EraseMember(ctx, ann); err != nil {
			t.Fatal(err)
		}
		items, err := s.ActionItems(ctx, a.ID, "", 0, 10)
		if err != nil || items[0].State != action.ItemFailed || items[0].After != nil || items[0].Name != "Acme" || items[1].State != action.ItemWaits || items[1].After == nil {
			t.Errorf("after erasing Ann the items are %+v, %v; want hers without values", items, err)
		}
		if items, err = s.ActionItems(ctx, todo.ID, "", 0, 10); err != nil || items[0].State != action.ItemFailed || items[0].Note != "" || items[1].Note != "Ask Bo" {
			t.Errorf("of tasks there are %+v, %v; want the one that names Ann without its words", items, err)
		}
		if a, err = s.Action(ctx, a.ID); err != nil || a.Failed != 1 {
			t.Errorf("the action counts %d as failed, %v; want one", a.Failed, err)
		}
	})
}
