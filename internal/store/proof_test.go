// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/proof"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// TestStudyFacts looks that the past ends before the moment, and that what follows begins with it.
func TestStudyFacts(t *testing.T) {
	inClub(t, func(c *club) {
		ctx, start := t.Context(), c.now.Add(-time.Minute) // posts are a minute old
		c.says("Ana", "Ben")
		c.later(40 * 24 * time.Hour)
		c.says("Ana")
		c.later(10 * 24 * time.Hour)
		c.says("Ana", "Ana")
		c.follow()
		ana, ben := c.id("Ana"), c.id("Ben")
		at := start.AddDate(0, 0, 50) // the moment of the last two posts: not of the past
		moments := []proof.Moment{{Member: ana, At: at, Since: at, Until: at.Add(time.Hour)}, {Member: ben, At: at, Since: at, Until: at.Add(time.Hour)}, {Member: ana, At: start, Since: start, Until: start.Add(24 * time.Hour)}}
		past, err := c.s.StudyPast(ctx, moments)
		if err != nil {
			t.Fatal(err)
		}
		for i := range past {
			past[i].Last = time.Time{}
		}
		if diff := cmp.Diff([]proof.Past{{Recent: 1, Quarter: 1, Days: 2, Said: 2, Sources: 1, Acts: 2, Says: 2}, {Quarter: 1, Days: 1, Said: 1, Sources: 1}, {Acts: 1, Says: 1}}, past); diff != "" {
			t.Errorf("the past (-want +got):\n%s", diff)
		}
		days, err := c.s.StudyDays(ctx, []proof.Moment{{Member: ana, Since: start.Add(time.Second), Until: c.now.Add(time.Second)}}, true)
		if err != nil || len(days[0]) != 2 || !days[0][0].Equal(start.AddDate(0, 0, 40)) {
			t.Errorf("days %v, %v", days, err)
		}
		periods, err := c.s.StudyPeriods(ctx, []int64{ana, ben}, start, 30*24*time.Hour, 2)
		if diff := cmp.Diff(map[int64][]float64{ana: {1, 3}, ben: {1, 0}}, periods); diff != "" || err != nil {
			t.Errorf("%v, by month (-want +got):\n%s", err, diff)
		}
		q, err := query.Parse(query.NewSchema(query.Activities, []string{"message"}), "kind:message")
		if err != nil {
			t.Fatal(err)
		}
		first, err := c.s.StudyExposed(ctx, proof.Exposure{Kind: proof.ByActivity}, q.Root, c.now.Add(time.Hour))
		if err != nil || len(first) != 2 || !first[0].At.Equal(start) || !first[1].At.Equal(start) {
			t.Errorf("first exposures %v, %v", first, err)
		}
		did, err := c.s.StudyDid(ctx, q.Root, start, at)
		if err != nil || len(did[ana]) != 2 || len(did[ben]) != 1 || !did[ana][0].Equal(start) || !did[ana][1].Equal(start.AddDate(0, 0, 40)) {
			t.Errorf("did in the time %v, %v", did, err)
		}
	})
}

// TestStudyStore keeps studies, runs and who was compared, and forgets who was erased.
func TestStudyStore(t *testing.T) {
	inClub(t, func(c *club) {
		ctx := t.Context()
		c.says("Ana", "Ben")
		c.follow()
		ana := c.id("Ana")
		x, err := c.s.AddStudy(ctx, proof.Study{Draft: proof.Draft{Title: "T"}, State: proof.Open, CreatedBy: "ana", CreatedAt: c.now})
		if err != nil {
			t.Fatal(err)
		}
		old := x
		x.Title = "Other"
		if x, err = c.s.ChangeStudy(ctx, x); err != nil || x.Version != 2 {
			t.Fatal(x, err)
		}
		if _, err := c.s.ChangeStudy(ctx, old); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a change from an old version: %v", err)
		}
		for range 4 {
			r, err := c.s.AddStudyRun(ctx, proof.Run{StudyID: x.ID, State: proof.Waiting, By: "ana", AskedAt: c.now, SeenAt: c.now})
			if err != nil {
				t.Fatal(err)
			}
			r.State, r.Result = proof.Done, &proof.Result{Says: "found"}
			if moved, err := c.s.MoveStudyRun(ctx, r, proof.Running); moved || err != nil {
				t.Errorf("a run that waits was taken for one that runs: %v", err)
			}
			if err := c.s.KeepCompared(ctx, r.ID, []proof.Compared{{MemberID: ana, Exposed: true, At: c.now, Outcome: 1}, {MemberID: c.id("Ben"), At: c.now}}); err != nil {
				t.Fatal(err)
			}
			if moved, err := c.s.MoveStudyRun(ctx, r, proof.Waiting); !moved || err != nil {
				t.Error(moved, err)
			}
		}
		for run, want := range map[int64]int{1: 0, 2: 2, 4: 2} {
			if got, err := c.s.StudyCompared(ctx, run, 10); err != nil || len(got) != want {
				t.Errorf("run %d keeps %v, %v; want %d", run, got, err, want)
			}
		}
		if err := c.s.EraseMember(ctx, ana); err != nil {
			t.Fatal(err)
		}
		if got, err := c.s.StudyCompared(ctx, 4, 10); err != nil || len(got) != 1 || got[0].Name != "Ben" {
			t.Errorf("after erasing: %v, %v", got, err)
		}
		costs, err := c.s.AddCosts(ctx, []proof.Cost{{Name: "Venue"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.s.ChangeCost(ctx, costs[0], true); err != nil {
			t.Fatal(err)
		}
		if _, err := c.s.ChangeCost(ctx, costs[0], true); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("removed twice: %v", err)
		}
		if _, err := c.s.SetProofInput(ctx, proof.Input{Key: "case.cost", Likely: 12}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.s.SetProofInput(ctx, proof.Input{Key: "case.cost", Likely: 13}); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("set twice from nothing: %v", err)
		}
		if _, err := c.s.ProofCrowd(ctx, c.now.AddDate(0, 0, -1), c.now.AddDate(0, 0, 1), []string{"he_lo"}, []string{"x"}); err != nil {
			t.Error(err)
		}
		if _, err := c.s.DealTouches(ctx, []int64{1, 2}, c.now); err != nil {
			t.Error(err)
		}
		if _, err := c.s.StudySubjects(ctx); err != nil {
			t.Error(err)
		}
		for _, k := range []proof.ExposureKind{proof.ByWorkflow, proof.ByProgram, proof.ByEvent, proof.BySurvey} {
			if got, err := c.s.StudyExposed(ctx, proof.Exposure{Kind: k, Ref: 9}, nil, c.now); err != nil || len(got) != 0 {
				t.Errorf("%s: %v, %v", k, got, err)
			}
		}
	})
}

// TestStudyOfAccounts finds organizations for studies, and keeps those that were compared by their names.
func TestStudyOfAccounts(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		ctx := t.Context()
		take(t, s, "crm", businessBooks(), 1)
		deals, err := s.Deals(ctx, greenroom.BusinessFilter{})
		if err != nil || len(deals) == 0 {
			t.Fatal(deals, err)
		}
		var acme, other int64
		for i := range deals {
			if deals[i].OrganizationName == "Acme" {
				acme = deals[i].Organization
			} else {
				other = deals[i].Organization
			}
		}
		if weeks, err := s.AccountWeeks(ctx, []int64{acme, other}, *clock); err != nil || len(weeks[acme]) > 0 {
			t.Errorf("nobody of an account is here, and it did %v, %v", weeks, err)
		}
		about, err := s.StudyAccounts(ctx, []int64{acme, other})
		if err != nil || len(about) != 2 || about[acme].Name != "Acme" {
			t.Errorf("accounts %+v, %v", about, err)
		}
		q, err := query.Parse(query.NewSchema(query.Organizations, nil), "lifecycle:customer")
		if err != nil {
			t.Fatal(err)
		}
		if fits, err := s.WhichFit(ctx, query.Organizations, q, []int64{acme, other}); err != nil || len(fits) != 1 || fits[0] != acme {
			t.Errorf("customers are %v, %v; want %d", fits, err, acme)
		}
		x, err := s.AddStudy(ctx, proof.Study{Draft: proof.Draft{Title: "T"}, State: proof.Open, CreatedAt: *clock})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.AddStudyRun(ctx, proof.Run{StudyID: x.ID, State: proof.Running, AskedAt: *clock, SeenAt: *clock})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.KeepCompared(ctx, r.ID, []proof.Compared{{Organization: acme, Exposed: true, At: *clock, Outcome: 1}}); err != nil {
			t.Fatal(err)
		}
		got, err := s.StudyCompared(ctx, r.ID, 10)
		if err != nil || len(got) != 1 || got[0].Organization != acme || got[0].MemberID != 0 || got[0].Name != "Acme" || got[0].Outcome != 1 {
			t.Errorf("an account that was compared: %+v, %v", got, err)
		}
	})
}
