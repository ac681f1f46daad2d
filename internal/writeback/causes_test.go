// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCauses says what an account gives cause for, when that is due, and when a reason that goes on gives another task.
func TestCauses(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a := &Account{
		Organization: 5, Name: "Acme", Level: "at risk", Points: 57, AtRisk: true, Reasons: []AccountReason{{"engagement", "70 % fewer activities"}}, Renewal: now.AddDate(0, 0, 20), RenewalOf: "Team",
		Chances: []AccountReason{{"seats", "9 of 10 seats are used"}}, NextStep: "Call them", FollowUp: "2026-11-01", Owner: "maya@acme.example",
	}
	r := &TaskRequest{Within: 90}
	for _, x := range TaskReasons() {
		r.Reasons = append(r.Reasons, x.Name)
	}
	tell := func(made ...MadeTask) (told []string) {
		all := causesOf(a, r, now)
		for i := range all {
			row, fresh := all[i].row(a, 3, made, now)
			told = append(told, fmt.Sprintf("%s, due %s: %s %v", row.Subject, row.Due, row.key, fresh))
		}
		return told
	}
	want := []string{
		"Acme is at risk, due 2026-11-25: [Greenroom account 5: risk 1] true",
		"Acme renews on 12 December 2026, due 2026-11-25: [Greenroom account 5: renewal 2026-12-12] true",
		"Acme: Call them, due 2026-11-22: [Greenroom account 5: next step 882e50cfbb5b] true",
	}
	if diff := cmp.Diff(want, tell()); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	got := tell(MadeTask{Claim: "task/3/5/risk/1", At: now.AddDate(0, 0, -179)}, MadeTask{Claim: "task/3/5/renewal/2026-12-12", At: now.AddDate(-1, 0, 0)})
	want[0], want[1] = ", due :  false", "Acme renews on 12 December 2026, due 2026-11-25: [Greenroom account 5: renewal 2026-12-12] false"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("later (-want +got):\n%s", diff)
	}
	a.AtRisk = false
	got = tell(MadeTask{Claim: "task/3/5/opportunity/1", At: now.AddDate(0, 0, -181)})
	if want := "Acme could buy more, due 2026-11-29: [Greenroom account 5: opportunity 2] true"; len(got) != 3 || got[1] != want {
		t.Errorf("of a chance that goes on it says %q; want %q", got, want)
	}
	a.Renewal, a.AtRisk, a.Chances, a.NextStep = now.AddDate(0, 0, 91), false, nil, ""
	if got := tell(); got != nil {
		t.Errorf("it gives cause for %q; want nothing: the renewal is far ahead", got)
	}
}

// TestRenewalDay says that a renewal is on the day that the business system tells, wherever the community is.
func TestRenewalDay(t *testing.T) {
	a := &Account{Organization: 5, Name: "Acme", Level: "healthy", Renewal: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, hours := range []int{-10, 0, 13} {
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("here", hours*3600))
		all := causesOf(a, &TaskRequest{Within: 90, Reasons: []string{causeRenewal}}, now)
		if len(all) != 1 || all[0].occasion != "2027-01-01" || all[0].subject != "Acme renews on 1 January 2027" || all[0].due.Format(time.DateOnly) != "2026-12-02" {
			t.Errorf("%d hours from UTC: %+v; want the first of January, due 30 days before", hours, all)
		}
	}
}
