// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/maturity"
	"greenroom/internal/store"
	"greenroom/internal/task"
	"greenroom/internal/tool"
)

func TestTools(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		want := tool.Tool{Draft: tool.Draft{Name: "Förum", Category: "platform", State: tool.InUse, Cost: 99.5, Currency: "EUR", Every: tool.Monthly, Suits: []tool.Stage{tool.Grow}}, CreatedBy: "ana", CreatedAt: clock().UTC()}
		kept, err := s.KeepTools(ctx, []tool.Tool{want, {Draft: tool.Draft{Name: "Chat"}}})
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Version = 1, 1
		all, err := s.Tools(ctx)
		if err != nil || len(all) != 2 || all[0].Name != "Chat" {
			t.Fatalf("%+v, %v", all, err)
		}
		if diff := cmp.Diff(want, all[1]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		late := kept[0]
		kept[0].Name = "Forum"
		if _, err := s.KeepTools(ctx, kept[:1]); err != nil {
			t.Fatal(err)
		}
		taken := kept[1]
		taken.Name = "FORUM"
		for what, all := range map[string][]tool.Tool{"an old version": {{Draft: tool.Draft{Name: "New"}}, late}, "a taken name": {taken}} {
			if _, err := s.KeepTools(ctx, all); greenroom.ErrorCode(err) != greenroom.CodeConflict {
				t.Errorf("%s: %v", what, err)
			}
		}
		if all, err = s.Tools(ctx); err != nil || len(all) != 2 || all[1].Name != "Forum" || all[1].Version != 2 {
			t.Errorf("after conflicts %+v, %v", all, err)
		}

		if err := s.SetToolMoney(ctx, "CHF", []greenroom.Rate{{Base: "USD", Currency: "CHF", Day: "2026-01-01", Value: .9, Origin: "typed by ana"}}); err != nil {
			t.Fatal(err)
		}
		if set, err := s.BusinessSettings(ctx); err != nil || set.Reporting != "CHF" || set.AtRisk != business.Usual().AtRisk {
			t.Errorf("business data report %+v, %v", set, err)
		}
		rates, err := s.Rates(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := rates.Convert(greenroom.Money{Amount: 100, Currency: "USD"}, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)); err != nil || got != 90 {
			t.Errorf("100 USD are %v, %v", got, err)
		}

		for want := range 2 { // new once, then known
			n, err := s.RemindTools(ctx, []task.Task{{Key: "tool 1 renewal", Title: "x"}}, []task.Notice{{Key: "tool 1 renewal", Person: "ana", Kind: "tool", Title: "x"}})
			if err != nil || n != 1-want {
				t.Errorf("reminded %d, %v", n, err)
			}
		}
		if told, err := s.Notices(ctx, "ana", false, 0, 9); err != nil || len(told) != 1 {
			t.Errorf("told %+v, %v", told, err)
		}
		if err := s.DeclineTool(ctx, "slack", "ana"); err != nil {
			t.Fatal(err)
		}
		if no, err := s.DeclinedTools(ctx); err != nil || !no["slack"] || len(no) != 1 {
			t.Errorf("declined %v, %v", no, err)
		}
	})
}

func TestToolIncidents(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		hand, err := s.AddToolIncident(ctx, tool.Incident{ToolID: 1, From: clock(), Note: "by hand", By: "ana"})
		if err != nil {
			t.Fatal(err)
		}
		failing := []tool.Incident{{ToolID: 1, Source: "slack", From: clock(), Note: "late", By: "stack"}}
		for range 3 {
			if err := s.SourceIncidents(ctx, failing, clock()); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := s.ToolIncidents(ctx, 1); err != nil || len(all) != 2 {
			t.Errorf("%+v, %v", all, err)
		}
		for range 2 {
			if err := s.SourceIncidents(ctx, nil, clock().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		all, err := s.ToolIncidents(ctx, 0)
		if err != nil || len(all) != 2 || !all[0].To.Equal(clock().Add(time.Hour)) || !all[1].To.IsZero() {
			t.Errorf("over: %+v, %v", all, err)
		}
		if err := s.EndToolIncident(ctx, hand.ID, clock()); err != nil {
			t.Error(err)
		}
		if err := s.EndToolIncident(ctx, hand.ID, clock()); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("ended twice: %v", err)
		}
	})
}

func TestToolReviews(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		r, err := s.KeepToolReview(ctx, tool.Review{ReviewDraft: tool.ReviewDraft{Title: "CRM", Criteria: []tool.Criterion{{Key: "a", Name: "A", Weight: 10}}, Candidates: []tool.Candidate{{Key: "x", Name: "X"}}}, CreatedBy: "ana", CreatedAt: clock().UTC()})
		if err != nil || r.ID != 1 || r.Version != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		late := r
		r.Verdict = &tool.Verdict{Candidate: "x", Why: "best", By: "ana", At: clock().UTC()}
		if r, err = s.KeepToolReview(ctx, r); err != nil {
			t.Fatal(err)
		}
		if _, err := s.KeepToolReview(ctx, late); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("an old version: %v", err)
		}
		if got, err := s.ToolReview(ctx, 1); err != nil || cmp.Diff(r, got) != "" {
			t.Errorf("%+v, %v", got, err)
		}
		give := func(person string, score int) {
			t.Helper()
			if err := s.KeepToolScores(ctx, 1, []tool.Score{{Candidate: "x", Criterion: "a", Person: person, Score: score, Note: "n", At: clock()}}); err != nil {
				t.Fatal(err)
			}
		}
		give("ana", 3)
		give("ana", 4)
		give("ben", 1)
		give("ben", -1)
		if all, err := s.ToolScores(ctx, 1); err != nil || len(all) != 1 || all[0].Score != 4 {
			t.Errorf("scores %+v, %v", all, err)
		}
	})
}

func TestMaturity(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for _, level := range []int{2, 3} {
			if err := s.KeepMaturityAnswers(ctx, []maturity.Answer{{Question: "why", Person: "ana", Level: level, At: clock()}, {Question: "goals", Person: "ana", Level: 3 - level, At: clock()}}); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := s.MaturityAnswers(ctx); err != nil || len(all) != 1 || all[0].Level != 3 {
			t.Errorf("%+v, %v", all, err)
		}
		level := 2.5
		a := maturity.Assessment{At: clock().UTC(), By: "ana", Stage: maturity.Grow, People: 1, Levels: []maturity.Level{{Competency: "strategy", Level: &level, Low: 2, High: 3}}}
		for i := range 2 {
			a.At = clock().UTC().AddDate(0, i, 0)
			var err error
			if a, err = s.AddAssessment(ctx, a); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := s.Assessments(ctx); err != nil || len(all) != 2 || cmp.Diff(a, all[0]) != "" {
			t.Errorf("%+v, %v", all, err)
		}
		v, err := s.MaturitySettings(ctx)
		if err != nil || v.Months != maturity.UsualMonths {
			t.Errorf("%+v, %v", v, err)
		}
		v.Stage = maturity.Impact
		if err := s.SetMaturitySettings(ctx, v); err != nil {
			t.Fatal(err)
		}
		if got, err := s.MaturitySettings(ctx); err != nil || got != v {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
