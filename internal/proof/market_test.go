// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof_test

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/impact/resample"
	"greenroom/internal/impact/verdict"
	"greenroom/internal/proof"
	"greenroom/internal/query"
)

// The time of made accounts: a study of half a year, with two years before it and a year after.
const (
	marketFrom, marketTo, marketUntil = "2025-01-01", "2025-06-30", "2026-06-30"

	marketDays = 180 // within which a deal is won, or after which an account pays more
)

// market says how accounts are made. What an account pays drives whether somebody of it is in the community, and what becomes of it; what nobody
// measures, how well it likes the product, drives both by hidden. An account is here, or is not, for all of the time.
type market struct {
	of       proof.OutcomeKind
	accounts int
	hidden   float64
	gain     float64 // being here adds so much to the logarithm of the odds, or of the rate
}

// firm is an account.
type firm struct {
	here bool
	size int
	sub  greenroom.Subscription
	deal greenroom.Deal
	odds float64 // without the community: the logarithm of the odds of what happens once, or of a rate a day
}

// trade is a made market, as the store would tell of it.
type trade struct {
	proof.Business

	of    proof.OutcomeKind
	firms []firm
}

func (c market) make(random *rand.Rand) *trade {
	m := &trade{of: c.of}
	for i := range c.accounts {
		z, likes, size := random.NormFloat64(), random.NormFloat64(), random.NormFloat64()
		f := firm{size: int(math.Exp(3 + 0.7*size + 0.5*z)), here: random.Float64() < logistic(-0.2+0.8*z+c.hidden*likes)}
		f.odds = map[proof.OutcomeKind]float64{proof.Won: -0.3, proof.Closes: -5.3, proof.Renewed: 0.6, proof.Expanded: -6, proof.Leaves: -6}[c.of]
		sign := 1.0
		if c.of == proof.Leaves {
			sign = -1
		}
		f.odds += sign * (0.5*z + c.hidden*likes)
		id := int64(i + 1)
		f.sub = greenroom.Subscription{ID: id, Organization: id, State: greenroom.SubscriptionActive, Known: true, Currency: "EUR", Interval: 12, Start: on("2022-07-01").AddDate(0, 0, random.IntN(540))}
		f.history(random, z, c.hidden*likes)
		c.lives(random, &f)
		m.firms = append(m.firms, f)
	}
	return m
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// history is what an account paid before the study: it grows and shrinks, and more where it likes the product.
func (f *firm) history(random *rand.Rand, z, likes float64) {
	mrr := math.Exp(5 + 0.8*z)
	for at := on(marketFrom).AddDate(0, 0, -random.IntN(60)); at.After(f.sub.Start); at = at.AddDate(0, 0, -60) {
		f.sub.Revenue = append([]greenroom.Recurring{{At: at, MRR: mrr}}, f.sub.Revenue...)
		mrr *= math.Exp(-0.1*random.NormFloat64() - 0.06*likes)
	}
	f.sub.Revenue = append([]greenroom.Recurring{{At: f.sub.Start, MRR: mrr}}, f.sub.Revenue...)
	f.sub.MRR = f.sub.Revenue[len(f.sub.Revenue)-1].MRR
}

// lives is what becomes of an account.
func (c market) lives(random *rand.Rand, f *firm) {
	odds := f.odds
	if f.here {
		odds += c.gain
	}
	begin, luck := on(marketFrom), random.Float64()
	days := func(n float64) time.Duration { return time.Duration(n * 24 * float64(time.Hour)) }
	switch c.of {
	case proof.Won, proof.Closes:
		f.deal = greenroom.Deal{ID: f.sub.ID, Organization: f.sub.ID, State: greenroom.DealLost, Opened: begin.Add(days(180 * random.Float64()))}
		takes := random.ExpFloat64() / math.Exp(odds)
		if c.of == proof.Won {
			takes = 10 + 160*random.Float64()
		}
		f.deal.Closed = f.deal.Opened.Add(days(takes))
		if c.of == proof.Closes || luck < logistic(odds) {
			f.deal.State = greenroom.DealWon
		}
	case proof.Renewed:
		if luck >= logistic(odds) { // it ends with the first year that ends in the study
			f.sub.End = f.sub.Start
			for !f.sub.End.After(begin) {
				f.sub.End = f.sub.End.AddDate(1, 0, 0)
			}
			f.sub.State = greenroom.SubscriptionEnded
		}
	case proof.Expanded:
		for at := begin.Add(days(random.ExpFloat64() / math.Exp(odds))); at.Before(on(marketUntil)); at = at.Add(days(random.ExpFloat64() / math.Exp(odds))) {
			f.sub.MRR *= 1.05
			f.sub.Revenue = append(f.sub.Revenue, greenroom.Recurring{At: at, MRR: f.sub.MRR})
		}
	case proof.Leaves:
		if end := begin.Add(days(random.ExpFloat64() / math.Exp(odds))); end.Before(on(marketUntil)) {
			f.sub.End, f.sub.State = end, greenroom.SubscriptionEnded
		}
	default:
	}
}

// truth is what being here did for the accounts that were compared: of what happens once the difference of its chances, of durations the ratio.
func (c market) truth(m *trade, compared []proof.Compared) float64 {
	if c.of == proof.Closes || c.of == proof.Leaves {
		return math.Exp(c.gain)
	}
	chance := func(odds float64) float64 {
		if c.of == proof.Expanded {
			return 1 - math.Exp(-marketDays*math.Exp(odds))
		}
		return logistic(odds)
	}
	sum, n := 0.0, 0.0
	for _, u := range compared {
		if u.Exposed && u.Compared {
			f := &m.firms[u.Organization-1]
			sum, n = sum+chance(f.odds+c.gain)-chance(f.odds), n+1
		}
	}
	return sum / n
}

// Subscriptions has one for each.
func (m *trade) Subscriptions(context.Context, greenroom.BusinessFilter) (all []greenroom.Subscription, err error) {
	for i := range m.firms {
		all = append(all, m.firms[i].sub)
	}
	return all, nil
}

// Deals has one for each where deals are asked for.
func (m *trade) Deals(context.Context, greenroom.BusinessFilter) (all []greenroom.Deal, err error) {
	for i := range m.firms {
		if d := m.firms[i].deal; d.ID > 0 {
			all = append(all, d)
		}
	}
	return all, nil
}

// Rates has none.
func (*trade) Rates(context.Context) (*greenroom.Rates, error) {
	return greenroom.NewRates("EUR", nil), nil
}

// DealTouches has one every 20 days for those that are here.
func (m *trade) DealTouches(_ context.Context, _ []int64, until time.Time) (all []proof.Touch, err error) {
	for i := range m.firms {
		for at := on("2024-06-01"); m.firms[i].here && at.Before(until); at = at.AddDate(0, 0, 20) {
			all = append(all, proof.Touch{At: at, Organization: int64(i + 1), Community: true})
		}
	}
	return all, nil
}

// WhichFit finds all.
func (*trade) WhichFit(_ context.Context, _ query.Entity, _ *query.Query, ids []int64) ([]int64, error) {
	return ids, nil
}

// StudyAccounts has sizes.
func (m *trade) StudyAccounts(_ context.Context, ids []int64) (map[int64]proof.Account, error) {
	all := make(map[int64]proof.Account, len(ids))
	for _, id := range ids {
		all[id] = proof.Account{Size: m.firms[id-1].size}
	}
	return all, nil
}

// late is a store of which the data go up to the end of the market.
type late struct{ *made }

// StudyLatest is the last day.
func (late) StudyLatest(context.Context, time.Time) (time.Time, error) { return on(marketUntil), nil }

// asked makes accounts, asks the service a study of them and lets it be computed, as a page does.
func (c market) asked(t *testing.T, seed uint64, likes proof.Likes) (*proof.Result, float64) {
	t.Helper()
	m, kept := c.make(resample.Source(seed)), &shelf{}
	s := proof.New(proof.Parts{Studies: kept, Runs: kept, Facts: late{&made{}}, Audit: kept, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return on(marketUntil) }})
	s.UseBusiness(m, nil)
	d := proof.Draft{Title: "Made", Exposure: proof.Exposure{Kind: proof.ByCommunity}, Outcome: proof.Outcome{Kind: c.of}, Likes: likes, From: marketFrom, To: marketTo}
	if c.of == proof.Won || c.of == proof.Expanded {
		d.Outcome.Days = marketDays
	}
	x, err := s.Add(t.Context(), d, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ask(t.Context(), x.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := s.WorkOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept.run.State != proof.Done {
		t.Fatal(kept.run.State, kept.run.Problem)
	}
	return kept.run.Result, c.truth(m, kept.compared)
}

// TestStudiesOfMadeMarkets asks studies of accounts of which it is known what the community does for them, and why they come.
func TestStudiesOfMadeMarkets(t *testing.T) {
	kinds := []struct {
		of   proof.OutcomeKind
		gain float64
	}{{proof.Won, 0.7}, {proof.Closes, 0.4}, {proof.Renewed, 0.8}, {proof.Expanded, 0.5}, {proof.Leaves, -0.5}}
	for _, k := range kinds {
		for _, tc := range []struct {
			name   string
			c      market
			likes  proof.Likes
			covers float64 // how often the interval has to, at least
		}{
			{"", market{of: k.of, accounts: 800, gain: k.gain}, proof.ByPropensity, 0.9},
			{", null", market{of: k.of, accounts: 800}, proof.ByPropensity, 0.9},
			{", by bands", market{of: k.of, accounts: 800, gain: k.gain}, proof.ByBands, 0.9},
			{", unmeasured", market{of: k.of, accounts: 800, hidden: 0.8, gain: k.gain}, proof.ByPropensity, 0},
			{", unmeasured, null", market{of: k.of, accounts: 800, hidden: 0.8}, proof.ByPropensity, 0},
		} {
			if tc.likes == proof.ByBands && (k.of == proof.Closes || k.of == proof.Leaves) {
				continue // how long it takes is compared by propensity
			}
			t.Run(string(k.of)+tc.name, func(t *testing.T) { tc.c.measured(t, tc.likes, tc.covers) })
		}
	}
}

// measured counts over many markets.
func (c market) measured(t *testing.T, likes proof.Likes, least float64) {
	t.Helper()
	n := float64(communities(t))
	covered, plain, bias, effect, shown := 0.0, 0.0, 0.0, 0.0, 0.0
	lights := make(map[verdict.Light]float64)
	for seed := range communities(t) {
		r, truth := c.asked(t, uint64(seed)+1, likes)
		effect += truth / n
		covered += covers(&r.Effect, truth) / n
		plain += covers(r.Plain, truth) / n
		none := 0.0
		if r.Unit == proof.UnitRatio {
			none = 1
		}
		shown += (1 - covers(&r.Effect, none)) / n
		if r.Effect.Value != nil {
			bias += (*r.Effect.Value - truth) / n
		}
		lights[r.Light] += 1 / n
	}
	t.Logf("%4.0f markets: interval covers %5.1f %% (plain difference %5.1f %%), effect %.3f, bias %+.3f, shown %.1f %%; good %.1f %%, weak %.1f %%, correlation %.1f %%",
		n, 100*covered, 100*plain, effect, bias, 100*shown, 100*lights[verdict.Good], 100*lights[verdict.Weak], 100*lights[verdict.Correlation])
	slack := 3 * math.Sqrt(max(least*(1-least), 0.01)/n)
	if n >= 1000 {
		slack = 0
	}
	if covered < least-slack {
		t.Errorf("%.3f of the intervals cover the truth, want %v", covered, least)
	}
	if good := lights[verdict.Good] + lights[verdict.Experiment]; good > 0 {
		t.Errorf("%.3f are called good evidence, and accounts have no control", good)
	}
}
