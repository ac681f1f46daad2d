// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"greenroom/internal/impact/match"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/survival"
)

// The windows of a time: not more than mostWindows, and not shorter than leastWindow.
const (
	mostWindows = 12
	leastWindow = 7 * day
	year        = 365 * day
	quarter     = 90 * day
)

// mostOthers is how many others are looked at, at most; who they are is drawn by chance.
const mostOthers = 15_000

// window is a span in which somebody may be exposed for the first time.
type window struct{ from, to time.Time }

// candidate is somebody who could be compared.
type candidate struct {
	Moment

	organization int64 // of a study of accounts: which one it is

	exposed bool
	window  int
	crossed float64 // of those not exposed: the share of the time of the outcome in which they were, after all
}

// spans cuts the time into windows. An event has one: the day on which it was.
func (a *answerer) spans(all []Exposed) []window {
	if a.d.Exposure.Kind == ByEvent {
		for _, x := range all {
			if !x.At.Before(a.from) {
				return []window{{x.At, x.At.Add(day)}}
			}
		}
		return nil
	}
	end := a.to
	if a.asOf.Before(end) {
		end = a.asOf.Add(time.Microsecond)
	}
	length := max(leastWindow, end.Sub(a.from)/mostWindows)
	var out []window
	for at := a.from; at.Before(end); at = at.Add(length) {
		out = append(out, window{at, at.Add(length)})
	}
	return out
}

// windows compares those who were first exposed in a window with who had not been by its end. Of everybody one window is drawn in
// which they stand for those not exposed, whether or not they are exposed later.
func (a *answerer) windows(ctx context.Context, all []Exposed) error {
	a.unit()
	spans := a.spans(all)
	first := make(map[int64]time.Time, len(all))
	count := make([]int, len(spans))
	for _, x := range all {
		if _, there := first[x.Member]; !there {
			first[x.Member] = x.At
			for w, s := range spans {
				if !x.At.Before(s.from) && x.At.Before(s.to) {
					count[w]++
				}
			}
		}
	}
	ids := make([]int64, 0, len(a.crowd))
	for id := range a.crowd {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	people, err := a.s.facts.StudyPeople(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading members: %w", err)
	}
	random := rand.New(rand.NewPCG(uint64(a.r.Seed), 1)) //nolint:gosec // it has to be the same each time; its bits only
	var in, others []candidate
	late := 0
	for _, id := range ids {
		at, was := first[id]
		drawn := draw(random, spans, count, people[id].First)
		for w, s := range spans {
			c := candidate{Moment: Moment{id, s.from, s.to, a.until(s.to)}, window: w}
			switch {
			case count[w] == 0:
			case was && !at.Before(s.from) && at.Before(s.to):
				if !a.over(s.to) {
					late++
					continue
				}
				c.exposed = true
				in = append(in, c)
			case w == drawn && (!was || !at.Before(s.to)) && a.over(s.to):
				if was && at.Before(c.Until) {
					c.crossed = float64(c.Until.Sub(at)) / float64(c.Until.Sub(c.Since))
				}
				others = append(others, c)
			}
		}
	}
	a.waiting(late)
	random.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	if n := len(others) - mostOthers; n > 0 {
		a.leave(n, "not exposed, and left out by chance: so many likes are not needed")
		others = others[:mostOthers]
	}
	in = append(in, others...)
	slices.SortFunc(in, func(x, y candidate) int { return compareCandidates(&x, &y) })
	a.r.Assumes = append(a.r.Assumes, "Nothing that is not in the balance table drives both being exposed and what follows. That cannot be seen; the placebo and the E-value say how far to trust it.",
		fmt.Sprintf("The time is cut into %d windows. Who was first exposed in one is compared with who had not been by its end; what follows counts from there. %s", len(spans), a.later()))
	return a.likes(ctx, in, people, true)
}

// later says what becomes of those who are exposed later.
func (a *answerer) later() string {
	if k := a.d.Outcome.Kind; k == Stays || k == Next {
		return "Who is exposed later stays among the others, which brings the ratio nearer to 1."
	}
	return "Who is exposed later stays among the others; what that hides is given back, by the share of their time."
}

func compareCandidates(x, y *candidate) int {
	switch {
	case x.Member != y.Member:
		return int(x.Member - y.Member)
	default:
		return x.window - y.window
	}
}

// draw gives the window in which somebody stands for those not exposed, among those in which others were exposed and before which
// they were known; -1 where there is none.
func draw(random *rand.Rand, spans []window, count []int, known time.Time) int {
	pick := random.Float64() // always one, so that nobody's draw depends on another's
	var may []int
	for w, s := range spans {
		if count[w] > 0 && !known.IsZero() && known.Before(s.from) {
			may = append(may, w)
		}
	}
	if len(may) == 0 {
		return -1
	}
	return may[int(pick*float64(len(may)))]
}

// until is the end of the time in which an outcome that counts from at on counts.
func (a *answerer) until(at time.Time) time.Time {
	if k := a.d.Outcome.Kind; k == Stays || k == Next {
		return a.asOf
	}
	return at.Add(a.within())
}

// over reports whether the outcome that counts from at on is known; of durations it is enough that they have begun.
func (a *answerer) over(at time.Time) bool {
	if k := a.d.Outcome.Kind; k == Stays || k == Next {
		return at.Before(a.asOf)
	}
	return !at.Add(a.within()).After(a.asOf)
}

// answers compares those who were answered in time with likes who asked as well.
func (a *answerer) answers(ctx context.Context) error {
	a.unit()
	asked, err := a.s.facts.StudyAsked(ctx, a.from, a.to)
	if err != nil {
		return fmt.Errorf("reading questions: %w", err)
	}
	ids := make([]int64, 0, len(asked))
	for i := range asked {
		ids = append(ids, asked[i].Member)
	}
	people, err := a.s.facts.StudyPeople(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading members: %w", err)
	}
	in := make([]candidate, 0, len(asked))
	outside, late := 0, 0
	length := time.Duration(a.d.Exposure.Hours) * time.Hour
	for i := range asked {
		q := &asked[i]
		known := q.At.Add(length) // then it is known whether an answer came in time
		switch {
		case !a.crowd[q.Member]:
			outside++
			continue
		case !a.over(known):
			late++
			continue
		}
		came := q.Answered
		if a.d.Exposure.Kind == ByTeam {
			came = q.Team
		}
		in = append(in, candidate{Moment: Moment{q.Member, q.At, known, a.until(known)}, exposed: !came.IsZero() && !came.After(known)})
	}
	a.leave(outside, "asked, and are not in the population")
	a.waiting(late)
	a.r.Assumes = append(a.r.Assumes, "Nothing that is not in the balance table drives both being answered in time and what follows: easy questions may be answered sooner, and their askers need nothing more. What was asked is not matched on.")
	return a.likes(ctx, in, people, false)
}

// covariates are what is matched on.
var covariates = []string{
	"Acts in the last 30 days (logarithm)", "Acts 31 to 90 days ago (logarithm)", "Days with acts, of 90", "Posts and answers, of 90 days (logarithm)", "Questions, of 90 days (logarithm)",
	"Sources, of 90 days", "Days since the last act (logarithm)", "Days since the first act (logarithm)", "When (months)",
}

// memberBands are the covariates that make the cells where likes are found by bands: acts of the month and of the two before, posts, days since
// the first act, and when.
var memberBands = []int{0, 1, 3, 7, 8}

// likes matches candidates and compares what followed. Where active, only those who did something in the year before are looked at.
func (a *answerer) likes(ctx context.Context, in []candidate, people map[int64]Person, active bool) error {
	if err := a.step("Reading what they did before"); err != nil {
		return err
	}
	moments := make([]Moment, len(in))
	for i := range in {
		moments[i] = in[i].Moment
	}
	past, err := a.s.facts.StudyPast(ctx, moments)
	if err != nil {
		return fmt.Errorf("reading the past: %w", err)
	}
	q := study.Question{}
	kept := make([]int, 0, len(in))
	fresh, sides := 0, [2]int{}
	twice := make(map[int64]int)
	for i := range in {
		p := &past[i]
		if active && p.Recent+p.Quarter+p.Older == 0 {
			if in[i].exposed {
				fresh++
			}
			continue
		}
		kept = append(kept, i)
		sides[side(in[i].exposed)]++
		twice[in[i].Member]++
		q.Units = append(q.Units, match.Unit{Exposed: in[i].exposed, Before: a.before(&in[i], p, people[in[i].Member].First), Outcome: a.outcome(p)})
		q.Placebo = append(q.Placebo, math.Log1p(float64(p.Older)))
		q.Crossed = append(q.Crossed, in[i].crossed)
	}
	a.leave(fresh, "exposed without having done anything in the year before: nobody can be found who was like them")
	for n, i := range kept {
		switch m := in[i].Member; {
		case people[m].Organization > 0:
			q.Units[n].Cluster = int(people[m].Organization)
		case twice[m] > 1:
			q.Units[n].Cluster = 1<<40 + int(m)
		}
	}
	a.r.Exposed, a.r.Others = sides[1], sides[0]
	if sides[0] < 2 || sides[1] < 2 {
		return invalid("%d that were exposed and %d that were not can be compared; it takes some on both sides. Take a longer time, another outcome, or wait", sides[1], sides[0])
	}
	a.r.Unknown = append(a.r.Unknown, a.together(), "What happens outside the connected sources.")
	if err := a.step("Matching and computing"); err != nil {
		return err
	}
	q.Covariates = covariates
	if q.Control, err = a.controls(ctx, in, kept); err != nil {
		return err
	}
	a.banded(&q, memberBands)
	if k := a.d.Outcome.Kind; k == Stays || k == Next {
		return a.durations(ctx, q, in, kept)
	}
	f, err := study.Matched(q)
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	a.r.take(&f)
	return a.compared(q, in, kept, func(n int) float64 { return q.Units[n].Outcome })
}

// together says what nobody knows of what began with the exposure.
func (a *answerer) together() string {
	if a.d.Control != "" {
		return "What began together with the exposure and does not move the control: who comes because a project starts would have done more all the same. Only chance deciding is sure."
	}
	return "What began together with the exposure: who comes because a project starts would have done more all the same. Nothing in the past shows it; a control from the same time may, and chance deciding is sure."
}

// before are the covariates of a candidate, all from before the moment.
func (a *answerer) before(c *candidate, p *Past, first time.Time) []float64 {
	since := func(t time.Time, most time.Duration) float64 {
		if t.IsZero() || !t.Before(c.At) {
			return 0
		}
		return math.Log1p(min(c.At.Sub(t), most).Hours() / 24)
	}
	last := p.Last
	if last.IsZero() {
		last = c.At.Add(-year)
	}
	if p.Recent+p.Quarter+p.Older == 0 && !first.Before(c.At) {
		last = c.At // they are new
	}
	log := func(n int) float64 { return math.Log1p(float64(n)) }
	return []float64{log(p.Recent), log(p.Quarter), float64(p.Days), log(p.Said), log(p.Asked), float64(p.Sources), since(last, year), since(first, 10*year), c.At.Sub(a.from).Hours() / 24 / 30}
}

// durations compares how long something takes.
func (a *answerer) durations(ctx context.Context, q study.Question, in []candidate, kept []int) error {
	moments := make([]Moment, len(kept))
	for n, i := range kept {
		moments[n] = in[i].Moment
	}
	days, err := a.s.facts.StudyDays(ctx, moments, a.d.Outcome.Kind == Next)
	if err != nil {
		return fmt.Errorf("reading what followed: %w", err)
	}
	cases := make([]survival.Case, len(kept))
	for n := range cases {
		if a.d.Outcome.Kind == Stays {
			cases[n] = untilQuiet(moments[n].Since, a.asOf, days[n], a.within())
		} else {
			cases[n] = next(moments[n].Since, a.asOf, days[n])
		}
	}
	return a.lasted(q, cases, in, kept)
}

// lasted compares durations of likes.
func (a *answerer) lasted(q study.Question, cases []survival.Case, in []candidate, kept []int) error {
	last := 0.0
	for n := range cases {
		last = max(last, cases[n].Time)
	}
	f, lasting, err := study.Durations(q, cases)
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	a.r.take(&f)
	if lasting != nil {
		a.r.Steps = curves(lasting, last)
		if p := lasting.Proportional.P; len(p) > 0 && p[0] < 0.05 {
			a.r.Unknown = append(a.r.Unknown, "What the ratio is at a certain time: it is a mean of something that changes. Look at the curves instead.")
		}
	}
	a.r.Assumes = append(a.r.Assumes, "Those of whom nothing more is known on the last day of the data are no different from those who are watched on.")
	return a.compared(q, in, kept, func(n int) float64 { return cases[n].Time })
}

// untilQuiet is how long it takes from since until nothing was heard of somebody for a time.
func untilQuiet(since, asOf time.Time, days []time.Time, gap time.Duration) survival.Case {
	last := since
	for _, d := range days {
		if d.Sub(last) >= gap {
			break
		}
		last = d
	}
	end, event := last.Add(gap), true
	if end.After(asOf) {
		end, event = asOf, false
	}
	return survival.Case{Time: max(end.Sub(since).Hours()/24, 0.01), Event: event}
}

// next is how long it takes from since until something is done.
func next(since, asOf time.Time, days []time.Time) survival.Case {
	if len(days) > 0 {
		return survival.Case{Time: max(days[0].Sub(since).Hours()/24, 0.01), Event: true}
	}
	return survival.Case{Time: max(asOf.Sub(since).Hours()/24, 0.01)}
}

// compared notes who was compared. The matching is made again, since the statistics do not hand it on: it comes out the same.
func (a *answerer) compared(q study.Question, in []candidate, kept []int, outcome func(n int) float64) error {
	var m *match.Matching
	var err error
	if q.Method == study.Coarsened {
		m, err = match.Coarsened(q.Units, q.Cuts)
	} else {
		m, err = match.Nearest(q.Units, 1, match.Caliper)
	}
	if err != nil {
		m = nil // nobody has a like; who was looked at is kept all the same
	}
	var sums, weights [2]float64
	for n, i := range kept {
		u := Compared{MemberID: in[i].Member, Organization: in[i].organization, Exposed: in[i].exposed, At: in[i].Since, Outcome: outcome(n)}
		if m != nil && m.Weights[n] > 0 {
			u.Compared = true
			sums[side(u.Exposed)] += m.Weights[n] * u.Outcome
			weights[side(u.Exposed)] += m.Weights[n]
		}
		a.units = append(a.units, u)
	}
	if m != nil {
		a.r.Compared = m.Kept
		a.r.With, a.r.Without = known(sums[1]/weights[1]), known(sums[0]/weights[0])
	}
	return nil
}
