// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof_test

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/proof"
	"greenroom/internal/query"
)

// shop are 100 small accounts, of which 20 have somebody in the community, and 100 large ones, of which 80 have: the worked example of
// docs/impact.md. All pay since January 15, 2025, by the year.
type shop struct {
	proof.Business

	late  bool // who had nobody in the community has somebody after the moment
	slow  bool // who does not renew leaves some weeks earlier or later
	grows bool // who would renew pays twice as much from February 25 on
}

// each goes over accounts: of the small ones 16 of the 20 and 48 of the 80 go well, of the large ones 76 of the 80 and 15 of the 20.
func (shop) each(f func(id int64, mrr float64, here, well bool)) {
	id := int64(0)
	for _, g := range []struct {
		mrr     float64
		here    bool
		n, well int
	}{{100, true, 20, 16}, {100, false, 80, 48}, {1000, true, 80, 76}, {1000, false, 20, 15}} {
		for i := range g.n {
			id++
			f(id, g.mrr, g.here, i*7%g.n < g.well)
		}
	}
}

// Subscriptions has one for each account.
func (s shop) Subscriptions(context.Context, greenroom.BusinessFilter) (all []greenroom.Subscription, err error) {
	s.each(func(id int64, mrr float64, _, well bool) {
		x := greenroom.Subscription{ID: id, Organization: id, State: greenroom.SubscriptionActive, Known: true, Currency: "EUR", MRR: mrr, Interval: 12, Start: on("2025-01-15"), Revenue: []greenroom.Recurring{{At: on("2025-01-15"), MRR: mrr}}}
		switch {
		case !well && !s.grows:
			x.State, x.End = greenroom.SubscriptionEnded, on("2026-01-15")
			if s.slow {
				x.End = on("2026-01-20").AddDate(0, 0, int(id*7%80))
			}
		case well && s.grows:
			x.Revenue = append(x.Revenue, greenroom.Recurring{At: on("2026-02-25"), MRR: 2 * mrr})
		}
		all = append(all, x)
	})
	return all, nil
}

// Deals has one for each account, opened on January 10, 2026.
func (s shop) Deals(context.Context, greenroom.BusinessFilter) (all []greenroom.Deal, err error) {
	s.each(func(id int64, _ float64, _, well bool) {
		d := greenroom.Deal{ID: id, Organization: id, State: greenroom.DealLost, Opened: on("2026-01-10"), Closed: on("2026-02-01").AddDate(0, 0, int(id%29))}
		if well {
			d.State = greenroom.DealWon
		}
		all = append(all, d)
	})
	return all, nil
}

// Rates has none.
func (shop) Rates(context.Context) (*greenroom.Rates, error) {
	return greenroom.NewRates("EUR", nil), nil
}

// DealTouches has one for each account that has somebody here.
func (s shop) DealTouches(_ context.Context, ids []int64, _ time.Time) (all []proof.Touch, err error) {
	if len(ids) != 200 {
		return nil, greenroom.Errorf(greenroom.CodeInternal, "%d accounts", len(ids))
	}
	s.each(func(id int64, _ float64, here, _ bool) {
		all = append(all, proof.Touch{At: on("2025-12-01"), Organization: id, Community: here}) // of the others by mail
		if s.late {
			all = append(all, proof.Touch{At: on("2026-01-20"), Organization: id, Community: true})
		}
	})
	return all, nil
}

// WhichFit finds all.
func (shop) WhichFit(_ context.Context, _ query.Entity, _ *query.Query, ids []int64) ([]int64, error) {
	return ids, nil
}

// StudyAccounts has no sizes.
func (shop) StudyAccounts(context.Context, []int64) (map[int64]proof.Account, error) {
	return map[int64]proof.Account{}, nil
}

func (s shop) ask(t *testing.T, of proof.Outcome, likes proof.Likes) (*proof.Result, []proof.Compared) {
	t.Helper()
	m, kept := &made{begin: on("2025-01-06")}, &shelf{}
	service := proof.New(proof.Parts{Studies: kept, Runs: kept, Facts: m, Audit: kept, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return m.at(madeDays) }})
	service.UseBusiness(s, nil)
	x, err := service.Add(t.Context(), proof.Draft{Title: "Accounts", Exposure: proof.Exposure{Kind: proof.ByCommunity}, Outcome: of, Likes: likes, Population: "country:US", From: "2026-01-01", To: "2026-02-28"}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Ask(t.Context(), x.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := service.WorkOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept.run.State != proof.Done {
		t.Fatal(of.Kind, kept.run.State, kept.run.Problem)
	}
	return kept.run.Result, kept.compared
}

// TestAccountsWorkedExample has the example of docs/impact.md: 92 of 100 and 63 of 100 are 29 points apart, and of their likes
// 20/100 × (80 % - 60 %) + 80/100 × (95 % - 75 %) = 20 points. That somebody comes after the moment makes nobody exposed.
func TestAccountsWorkedExample(t *testing.T) {
	for _, of := range []proof.Outcome{{Kind: proof.Renewed}, {Kind: proof.Won, Days: 60}} {
		r, compared := shop{late: true}.ask(t, of, proof.ByBands)
		if r.Effect.Value == nil || math.Abs(*r.Effect.Value-0.2) > 1e-9 || math.Abs(*r.Plain.Value-0.29) > 1e-9 {
			t.Fatalf("%s: effect %v, plain difference %v", of.Kind, r.Effect.Value, r.Plain.Value)
		}
		if r.Exposed != 100 || r.Others != 100 || r.Compared != 100 || len(r.Balance) != 1 || r.Balance[0].Covariate != "MRR (logarithm)" {
			t.Errorf("%s: %d exposed, %d others, balance %+v", of.Kind, r.Exposed, r.Others, r.Balance)
		}
		if r.Light == "good evidence" || !strings.Contains(r.Says, "Accounts with somebody in the community") || !strings.Contains(r.Says, "20.0 points more") {
			t.Errorf("%s: %s: %s", of.Kind, r.Light, r.Says)
		}
		if len(compared) != 200 || compared[0].Organization != 1 || compared[0].MemberID != 0 {
			t.Errorf("%s: compared %+v", of.Kind, compared[0])
		}
	}
}

// TestAccountsOverTime looks at who pays more, who leaves and how long deals take: chance draws the moment, so figures are near.
func TestAccountsOverTime(t *testing.T) {
	r, _ := shop{grows: true}.ask(t, proof.Outcome{Kind: proof.Expanded, Days: 60}, proof.ByPropensity)
	if v := *r.Effect.Value; v < 0.05 || v > 0.4 {
		t.Errorf("pays more: %v", v)
	}
	if r, _ = (shop{slow: true}).ask(t, proof.Outcome{Kind: proof.Leaves}, proof.ByPropensity); r.Unit != proof.UnitRatio || *r.Effect.Value >= 1 || len(r.Steps) == 0 {
		t.Errorf("leaves: %v, %s", *r.Effect.Value, r.Says)
	}
	if r, _ = (shop{}).ask(t, proof.Outcome{Kind: proof.Closes}, proof.ByPropensity); *r.Effect.Value <= 1 || !strings.Contains(r.Says, "winning the deal was") {
		t.Errorf("closes: %v, %s", *r.Effect.Value, r.Says)
	}
}

// TestAccountsAskedWrongly names what does not go together.
func TestAccountsAskedWrongly(t *testing.T) {
	for want, d := range map[string]proof.Draft{
		"ask for won, closes":    {Exposure: proof.Exposure{Kind: proof.ByCommunity}, Outcome: proof.Outcome{Kind: proof.Active, Days: 30}},
		"of accounts only":       {Exposure: proof.Exposure{Kind: proof.ByProgram, Ref: 1}, Outcome: proof.Outcome{Kind: proof.Renewed}},
		"from 1 to 730, not 0":   {Exposure: proof.Exposure{Kind: proof.ByCommunity}, Outcome: proof.Outcome{Kind: proof.Won}},
		"compared by propensity": {Exposure: proof.Exposure{Kind: proof.ByCommunity}, Outcome: proof.Outcome{Kind: proof.Leaves}, Likes: proof.ByBands},
		"of accounts and of met": {Exposure: proof.Exposure{Kind: proof.ByCommunity}, Outcome: proof.Outcome{Kind: proof.Renewed}, Control: "kind:comment"},
		"what the exposure itse": {Exposure: proof.Exposure{Kind: proof.ByActivity, Query: "kind:comment"}, Outcome: proof.Outcome{Kind: proof.Active, Days: 9}, Control: "kind:comment"},
		"not by":                 {Exposure: proof.Exposure{Kind: proof.ByCommunity}, Outcome: proof.Outcome{Kind: proof.Renewed}, Likes: "x"},
	} {
		d.Title, d.From, d.To = "T", "2026-01-01", "2026-02-01"
		if err := d.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
