// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/survival"
	"greenroom/internal/query"
)

// The times of studies of accounts.
const (
	usualSpan = 90       // days before the moment in which somebody of an account was in the community, where nothing else is said
	ahead     = 30 * day // so long before a renewal its account is looked at
	grace     = 30 * day // so long after a renewal it has to pay still
	growth    = 180 * day

	accountsEach = 5 // accounts on the smaller side for each covariate: with fewer, those that were here can be told from the others by chance
)

// Account is what studies need of an organization beside deals and subscriptions.
type Account struct {
	Name string
	Size int // people; 0 = not told
}

// OfAccounts reports whether an outcome is one of accounts.
func (k OutcomeKind) OfAccounts() bool {
	return k == Won || k == Closes || k == Renewed || k == Expanded || k == Leaves
}

// lasts reports whether an outcome is a duration.
func (k OutcomeKind) lasts() bool { return k == Stays || k == Next || k == Closes || k == Leaves }

// accountCase is an account at the moment from which on it is watched.
type accountCase struct {
	org     int64
	at      time.Time
	exposed bool
	before  []float64
	growth  float64
	outcome float64
	lasts   survival.Case
}

// accountCovariates are what accounts are matched on, all from before the time in which somebody could be in the community; the first count
// most, and are the ones that are left where there are few accounts.
var accountCovariates = []string{
	"Stage: pays", "MRR (logarithm)", "Days as an account (logarithm)", "Size, people (logarithm)", "Stage: tries", "Deals before", "Deals won before", "When (months)",
}

// accountBands are the covariates that make the cells where likes are found by bands; the regression takes the others.
var accountBands = []int{0, 1, 2, 3, 4}

// accountsOf gathers what is known of accounts, by organization.
type accountsOf struct {
	books    Books
	about    map[int64]Account
	deals    map[int64][]*greenroom.Deal
	subs     map[int64][]*greenroom.Subscription
	ids      []int64
	problems map[string]bool
}

// accounts compares accounts of which somebody was in the community with accounts of which nobody was.
func (a *answerer) accounts(ctx context.Context) error {
	a.r.Unit = UnitShare
	if a.d.Outcome.Kind.lasts() {
		a.r.Unit = UnitRatio
	}
	if err := a.step("Reading accounts"); err != nil {
		return err
	}
	o, err := a.s.accountsOf(ctx, a.asOf, a.d.Population)
	if err != nil {
		return err
	}
	span := time.Duration(a.d.Exposure.Days) * day
	random := rand.New(rand.NewPCG(uint64(a.r.Seed), 2)) //nolint:gosec // it has to be the same each time; its bits only
	var cases []accountCase
	late := 0
	for _, id := range o.ids {
		x, in, over := a.moment(o, id, random.Float64())
		switch {
		case !in:
			continue
		case !over:
			late++
			continue
		}
		x.org, x.exposed = id, o.touched(id, x.at.Add(-span), x.at)
		x.before = append(o.before(id, x.at.Add(-span)), x.at.Sub(a.from).Hours()/24/30)
		x.growth = math.Log1p(o.mrr(id, x.at.Add(-span), x.at)) - math.Log1p(o.mrr(id, x.at.Add(-span-growth), x.at))
		cases = append(cases, x)
	}
	a.waiting(late)
	a.r.Assumes = append(a.r.Assumes,
		fmt.Sprintf("Somebody of the account did something in the community in the %d days before: the days before a deal was opened, before a renewal less %d days, or before a moment that chance drew.", a.d.Exposure.Days, int(ahead/day)),
		"Nothing that is not in the balance table drives both being in the community and what follows: who likes the product comes here, too.")
	a.r.Unknown = append(a.r.Unknown, "What a deal's amount was on its first day: sources tell today's, so it is not matched on.", "What sales and customer success did for these accounts meanwhile.")
	a.r.Unknown = problemsOf(o.problems, a.r.Unknown...)
	return a.alike(cases)
}

// accountsOf reads accounts, with what they did up to a time. among is a query over organizations; empty = all.
func (s *Service) accountsOf(ctx context.Context, until time.Time, among string) (*accountsOf, error) {
	if s.business == nil {
		return nil, invalid("there are no business data to ask")
	}
	o := &accountsOf{deals: make(map[int64][]*greenroom.Deal), subs: make(map[int64][]*greenroom.Subscription), problems: make(map[string]bool)}
	var err error
	if o.books.Deals, err = s.business.Deals(ctx, greenroom.BusinessFilter{}); err != nil {
		return nil, fmt.Errorf("reading deals: %w", err)
	}
	if o.books.Subs, err = s.business.Subscriptions(ctx, greenroom.BusinessFilter{}); err != nil {
		return nil, fmt.Errorf("reading subscriptions: %w", err)
	}
	if o.books.Rates, err = s.business.Rates(ctx); err != nil {
		return nil, fmt.Errorf("reading rates: %w", err)
	}
	o.ids = concerned(&o.books)
	if among != "" {
		q, err := s.parse(query.Organizations, among)
		if err != nil {
			return nil, err
		}
		if o.ids, err = s.business.WhichFit(ctx, query.Organizations, q, o.ids); err != nil {
			return nil, fmt.Errorf("finding the population: %w", err)
		}
	}
	if o.books.Touches, err = s.business.DealTouches(ctx, o.ids, until); err != nil {
		return nil, fmt.Errorf("reading touches: %w", err)
	}
	if o.about, err = s.business.StudyAccounts(ctx, o.ids); err != nil {
		return nil, fmt.Errorf("reading organizations: %w", err)
	}
	for i := range o.books.Deals {
		d := &o.books.Deals[i]
		o.deals[d.Organization] = append(o.deals[d.Organization], d)
	}
	for i := range o.books.Subs {
		x := &o.books.Subs[i]
		o.subs[x.Organization] = append(o.subs[x.Organization], x)
	}
	return o, nil
}

// touched reports whether somebody was in the community in [from, to).
func (o *accountsOf) touched(id int64, from, to time.Time) bool {
	return slices.ContainsFunc(o.books.of(id), func(t Touch) bool { return t.Community && !t.At.Before(from) && t.At.Before(to) })
}

// mrr is what an account pays a month at a time, by the rates of another: a rate that moves is no growth.
func (o *accountsOf) mrr(id int64, at, rate time.Time) float64 {
	sum := 0.0
	for _, s := range o.subs[id] {
		if v := s.MRRAt(at); v > 0 {
			sum += o.books.money(greenroom.Money{Amount: v, Currency: s.Currency}, rate, o.problems)
		}
	}
	return sum
}

// before are the covariates of an account at a time, but for the last.
func (o *accountsOf) before(id int64, at time.Time) []float64 {
	tries, first := 0.0, at
	for _, s := range o.subs[id] {
		if !s.TrialStart.IsZero() && s.TrialStart.Before(at) && at.Before(s.TrialEnd) {
			tries = 1
		}
		if !s.Start.IsZero() && s.Start.Before(first) {
			first = s.Start
		}
	}
	opened, won := 0.0, 0.0
	for _, d := range o.deals[id] {
		if d.Opened.IsZero() || !d.Opened.Before(at) {
			continue
		}
		opened++
		if d.Opened.Before(first) {
			first = d.Opened
		}
		if w := wonAt(d); !w.IsZero() && w.Before(at) {
			won++
		}
	}
	mrr := o.mrr(id, at, at)
	return []float64{min(math.Ceil(mrr), 1), math.Log1p(mrr), math.Log1p(at.Sub(first).Hours() / 24), math.Log1p(float64(o.about[id].Size)), tries, opened, won}
}

// moment is from when on an account is watched, and what followed; in is false where there is no such moment, over where its time is not
// over yet. pick is from chance.
func (a *answerer) moment(o *accountsOf, id int64, pick float64) (x accountCase, in, over bool) {
	switch a.d.Outcome.Kind {
	case Won, Closes:
		return a.opened(o.deals[id])
	case Renewed:
		return a.renewal(o, id)
	default:
		return a.paying(o, id, pick)
	}
}

// opened watches an account from its first deal of the time on.
func (a *answerer) opened(deals []*greenroom.Deal) (x accountCase, in, over bool) {
	var first *greenroom.Deal
	for _, d := range deals {
		undated := d.State == greenroom.DealWon && d.Closed.Before(d.Opened)
		if a.timely(d.Opened) && !undated && (first == nil || d.Opened.Before(first.Opened)) {
			first = d
		}
	}
	if first == nil {
		return x, false, false
	}
	x.at = first.Opened
	won := wonAt(first)
	if a.d.Outcome.Kind == Won {
		until := x.at.Add(a.within())
		x.outcome = float64(happened(!won.IsZero() && !won.After(until)))
		return x, true, !until.After(a.asOf)
	}
	x.lasts = lasting(x.at, won, a.asOf)
	return x, true, x.at.Before(a.asOf)
}

// timely reports whether a moment lies in the time of the study.
func (a *answerer) timely(t time.Time) bool {
	return !t.IsZero() && !t.Before(a.from) && t.Before(a.to)
}

// lasting is a duration from a time to an event, if it came up to the last day of the data.
func lasting(from, event, asOf time.Time) survival.Case {
	if event.IsZero() || event.After(asOf) {
		return survival.Case{Time: max(asOf.Sub(from).Hours()/24, 0.01)}
	}
	return survival.Case{Time: max(event.Sub(from).Hours()/24, 0.01), Event: true}
}

// renewal watches an account from some days before its first renewal of the time on, if it pays then.
func (a *answerer) renewal(o *accountsOf, id int64) (x accountCase, in, over bool) {
	var due time.Time
	for _, s := range o.subs[id] {
		for _, r := range renewals(s, a.to) {
			if a.timely(r) && s.MRRAt(r.Add(-ahead)) > 0 && (due.IsZero() || r.Before(due)) {
				due = r
			}
		}
	}
	if due.IsZero() {
		return x, false, false
	}
	x.at = due.Add(-ahead)
	x.outcome = float64(happened(o.mrr(id, due.Add(grace), x.at) > 0))
	return x, true, !due.Add(grace).After(a.asOf)
}

// renewals are the days on which a subscription renewed, or ended, up to a time. One of which the source does not tell for how long it is paid
// has none but its next.
func renewals(s *greenroom.Subscription, until time.Time) []time.Time {
	since, months := s.PaidSince(), int(math.Round(s.Interval))
	if since.IsZero() {
		return nil
	}
	var all []time.Time
	if months > 0 {
		for k := 1; ; k++ {
			r := since.AddDate(0, k*months, 0)
			if !r.Before(until) || !s.End.IsZero() && r.After(s.End) {
				break
			}
			all = append(all, r)
		}
	}
	if !s.Renewal.IsZero() && s.Renewal.Before(until) {
		all = append(all, s.Renewal)
	}
	return all
}

// paying watches an account that pays from the beginning of a window on that chance drew among those at whose beginning it paid.
func (a *answerer) paying(o *accountsOf, id int64, pick float64) (x accountCase, in, over bool) {
	var may []time.Time
	for _, w := range a.spans(nil) {
		if o.mrr(id, w.from, w.from) > 0 && w.from.Before(a.asOf) {
			may = append(may, w.from)
		}
	}
	if len(may) == 0 {
		return x, false, false
	}
	x.at = may[int(pick*float64(len(may)))]
	if a.d.Outcome.Kind == Expanded {
		until := x.at.Add(a.within())
		now := o.mrr(id, x.at, x.at)
		x.outcome = float64(happened(o.mrr(id, until, x.at) > now*1.001)) // what is told is rounded
		return x, true, !until.After(a.asOf)
	}
	x.lasts = lasting(x.at, o.left(id, x.at), a.asOf)
	return x, true, true
}

// left is when an account that pays at a time stopped paying; zero where it did not.
func (o *accountsOf) left(id int64, at time.Time) time.Time {
	var ends []time.Time
	for _, s := range o.subs[id] {
		if !s.End.IsZero() && s.End.After(at) {
			ends = append(ends, s.End)
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	for _, e := range ends {
		if o.mrr(id, e, at) == 0 {
			return e
		}
	}
	return time.Time{}
}

func happened(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// alike matches accounts and compares what followed.
func (a *answerer) alike(cases []accountCase) error {
	q, in, kept := study.Question{}, make([]candidate, len(cases)), make([]int, len(cases))
	lasts, sides := make([]survival.Case, len(cases)), [2]int{}
	varies := false
	for i := range cases {
		x := &cases[i]
		in[i], kept[i], lasts[i] = candidate{Moment: Moment{At: x.at, Since: x.at}, organization: x.org, exposed: x.exposed}, i, x.lasts
		sides[side(x.exposed)]++
		q.Units = append(q.Units, match.Unit{Exposed: x.exposed, Before: x.before, Outcome: x.outcome})
		q.Placebo = append(q.Placebo, x.growth)
		varies = varies || x.growth != cases[0].growth
	}
	if !varies {
		q.Placebo = nil
	}
	a.r.Exposed, a.r.Others = sides[1], sides[0]
	if sides[0] < 2 || sides[1] < 2 {
		return invalid("%d accounts with somebody in the community and %d without can be compared; it takes some on both sides. Take a longer time, other days before, or wait", sides[1], sides[0])
	}
	if err := a.step("Matching and computing"); err != nil {
		return err
	}
	a.banded(&q, accountBands)
	q.Covariates = distinct(accountCovariates, &q)
	if most := max(2, min(sides[0], sides[1])/accountsEach); len(q.Covariates) > most {
		a.r.Unknown = append(a.r.Unknown, "Whether they were alike in "+strings.Join(q.Covariates[most:], ", ")+": there are too few accounts to match on so much.")
		q.Covariates = q.Covariates[:most]
		for i := range q.Units {
			q.Units[i].Before = q.Units[i].Before[:most]
		}
		q.Cuts = q.Cuts[:min(most, len(q.Cuts))]
	}
	if a.d.Outcome.Kind.lasts() {
		return a.lasted(q, lasts, in, kept)
	}
	f, err := study.Matched(q)
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	a.r.take(&f)
	return a.compared(q, in, kept, func(n int) float64 { return q.Units[n].Outcome })
}

// distinct takes covariates out that are the same for all, or say what one before them says; cuts go with them.
func distinct(names []string, q *study.Question) []string {
	var keep []int
	for j := range names {
		if !slices.ContainsFunc(keep, func(k int) bool { return follows(q.Units, k, j) }) && !follows(q.Units, -1, j) {
			keep = append(keep, j)
		}
	}
	of := make([]string, len(keep))
	cuts := make([][]float64, len(keep))
	for n, j := range keep {
		of[n] = names[j]
		if q.Cuts != nil {
			cuts[n] = q.Cuts[j]
		}
	}
	if q.Cuts != nil {
		q.Cuts = cuts
	}
	for i := range q.Units {
		row := make([]float64, len(keep))
		for n, j := range keep {
			row[n] = q.Units[i].Before[j]
		}
		q.Units[i].Before = row
	}
	return of
}

// follows reports whether column j is a line over column k, or over nothing.
func follows(units []match.Unit, k, j int) bool {
	x := func(i int) float64 {
		if k < 0 {
			return 0
		}
		return units[i].Before[k]
	}
	n := float64(len(units))
	var sx, sy, sxx, sxy, syy float64
	for i := range units {
		sx, sy = sx+x(i)/n, sy+units[i].Before[j]/n
	}
	for i := range units {
		dx, dy := x(i)-sx, units[i].Before[j]-sy
		sxx, sxy, syy = sxx+dx*dx, sxy+dx*dy, syy+dy*dy
	}
	if sxx == 0 {
		return syy < 1e-12*n
	}
	return syy-sxy*sxy/sxx < 1e-6*syy
}

// banded cuts some of the covariates into three bands of as many units each, where likes are to be found by bands; the others are left to the
// regression, since cells of all would be empty.
func (a *answerer) banded(q *study.Question, of []int) {
	if a.d.Likes != ByBands {
		return
	}
	q.Method, q.Cuts = study.Coarsened, make([][]float64, len(q.Units[0].Before))
	for _, j := range of {
		values := make([]float64, len(q.Units))
		for i := range q.Units {
			values[i] = q.Units[i].Before[j]
		}
		slices.Sort(values)
		cuts := []float64{values[len(values)/3], values[2*len(values)/3]}
		cuts = slices.DeleteFunc(slices.Compact(cuts), func(c float64) bool { return c == values[0] })
		if len(cuts) == 0 && values[0] < values[len(values)-1] { // most are the same: those and the others
			i, _ := slices.BinarySearch(values, math.Nextafter(values[0], math.Inf(1)))
			cuts = []float64{values[i]}
		}
		q.Cuts[j] = cuts
	}
}
