// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/store"
	"greenroom/internal/writeback"
)

// TestClaims adds actions whose items may be done once only: a claim is taken while its item is done or can be, and free when it
// failed or its action was ended before it.
func TestClaims(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		take(t, s, "crm", ledgers{func(out *connector.Sink) {
			out.Organization(connector.Organization{ExternalID: "701", Name: "Acme", Lifecycle: "customer"})
		}}, 1)
		add := func(key string, claims ...string) action.Action {
			t.Helper()
			var items []action.Item
			for _, c := range claims {
				items = append(items, action.Item{Target: "701", Account: 1, Name: "Acme", Claim: c, After: map[string]string{"task": c}})
			}
			a, _, err := s.AddAction(ctx, action.Action{Key: key, Kind: writeback.TasksKind, Source: "crm", Plan: []byte("{}"), State: action.Approved, CreatedBy: "ana"}, items)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		one := add("one", "a", "b", "c", "a")
		if one.Items != 3 {
			t.Errorf("the first has %d items; want 3, since a is in it twice", one.Items)
		}
		if again := add("two", "a", "b"); again.ID != 0 {
			t.Errorf("what is taken gives action %d; want none", again.ID)
		}
		if known, err := s.KeyedAction(ctx, "one"); err != nil || known.ID != one.ID {
			t.Errorf("by its key it is %+v, %v", known, err)
		}
		run := func(states ...action.ItemState) {
			t.Helper()
			if _, err := s.TakeAction(ctx, "me", clock().AddDate(1, 0, 0)); err != nil {
				t.Fatal(err)
			}
			items, err := s.SendItems(ctx, one.ID, "me", len(states), clock().AddDate(1, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			for i := range items {
				items[i].State, items[i].Result = states[i], "https://crm.example/"+items[i].Claim
			}
			if err := s.MarkItems(ctx, one.ID, "me", items, clock().AddDate(1, 0, 0)); err != nil {
				t.Fatal(err)
			}
			if err := s.EndAction(ctx, one.ID, "me", action.Failed, "no", clock()); err != nil {
				t.Fatal(err)
			}
		}
		run(action.ItemDone, action.ItemFailed) // and c still waits
		if next := add("three", "a", "b", "c"); next.Items != 2 {
			t.Errorf("the next has %d items; want b and c", next.Items)
		}
		made, err := s.AccountTasks(ctx, "crm")
		if err != nil {
			t.Fatal(err)
		}
		var claims []string
		for _, m := range made {
			claims = append(claims, m.Claim)
		}
		if diff := cmp.Diff([]string{"a", "b", "c"}, claims); diff != "" {
			t.Errorf("claims that are taken (-want +got):\n%s", diff)
		}
		if left, err := s.ActionItems(ctx, one.ID, "", 2, 1); err != nil || left[0].Claim != "" || left[0].State != action.ItemWaits {
			t.Errorf("what waits of the first is %+v, %v; want it without its claim", left, err)
		}
		all, err := s.AccountActions(ctx, 1, 10)
		if err != nil || len(all) != 5 || all[0].ID != 2 || all[4].Item.Result != "https://crm.example/a" || !all[0].Open() || all[4].Open() {
			t.Errorf("of the account there are %+v, %v; want five, the newest first", all, err)
		}
		if from, err := s.OrganizationSources(ctx, 1); err != nil || len(from) != 1 || from[0] != "crm" {
			t.Errorf("organization 1 is told of by %v, %v; want crm", from, err)
		}
	})
}
