// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"greenroom"
	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/linear"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/survival"
	"greenroom/internal/query"
)

const day = 24 * time.Hour

// answerer answers one study.
type answerer struct {
	s        *Service
	d        Draft
	from, to time.Time // to is the first moment after the last day
	asOf     time.Time
	crowd    map[int64]bool // who belongs to the population; the team and bots do not
	r        *Result
	units    []Compared
	step     func(phase string) error // tells how far it is; fails where it was canceled
}

// steps is how many steps an answer has, at most.
const steps = 4

// answer computes a study as of now.
func (s *Service) answer(ctx context.Context, d Draft, version, seed int64, step func(string) error) (*Result, []Compared, error) {
	zone := s.now().Location()
	a := &answerer{s: s, d: d, r: &Result{Asked: d, Version: version, Seed: seed, Unit: UnitShare}, step: step}
	var err error
	if a.from, err = time.ParseInLocation(time.DateOnly, d.From, zone); err != nil {
		return nil, nil, fmt.Errorf("reading the first day: %w", err)
	}
	if a.to, err = time.ParseInLocation(time.DateOnly, d.To, zone); err != nil {
		return nil, nil, fmt.Errorf("reading the last day: %w", err)
	}
	a.to = a.to.AddDate(0, 0, 1)
	if a.asOf, err = s.facts.StudyLatest(ctx, s.now()); err != nil {
		return nil, nil, fmt.Errorf("looking up to when the data go: %w", err)
	}
	a.r.AsOf = a.asOf
	if a.asOf.Before(a.from) {
		return nil, nil, invalid("there are no data yet from %s on: they go up to %s", d.From, a.asOf.Format(time.DateOnly))
	}
	if err := a.choose(ctx); err != nil {
		return nil, nil, readable(err)
	}
	a.r.Says = a.r.headline()
	return a.r, a.units, nil
}

// readable turns what statistics cannot do into what people can do about it.
func readable(err error) error {
	var code greenroom.Code
	if code = greenroom.ErrorCode(err); code == greenroom.CodeInvalid || code == greenroom.CodeNotFound {
		return err
	}
	for _, known := range []error{survival.ErrNoEvents, survival.ErrDiverges, match.ErrOneSided, experiment.ErrOneSided, linear.ErrTooFew, linear.ErrSeparated} {
		if errors.Is(err, known) {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "there are too few people on one side to compare: take a longer time, or wait until more of them have come", Err: err}
		}
	}
	return err
}

// choose takes the method that the question asks for, the strongest first.
func (a *answerer) choose(ctx context.Context) error {
	e := &a.d.Exposure
	if e.Kind == ByLaunch && a.d.Outcome.Kind == ByMetric {
		a.r.Why = "A launch comes to everybody at once, so nobody is there to compare with: the line before is carried on, and what lies off it afterwards is taken for the effect."
		return a.launch(ctx)
	}
	if e.Kind == ByCommunity {
		a.r.Why = "Nobody decided by chance which accounts come to the community, so those that did are compared with others that were alike before: in stage, what they pay, size and age."
		return a.accounts(ctx)
	}
	if err := a.population(ctx); err != nil {
		return err
	}
	if e.Kind == ByLaunch {
		return a.concerned(ctx)
	}
	if e.Kind == ByTeam || e.Kind == ByAnswer {
		a.r.Why = "Nobody decided by chance who is answered in time, so those who were are compared with likes who asked as well: each from their own first question on, and outcomes from when it is known whether an answer came."
		return a.answers(ctx)
	}
	var root query.Node
	if e.Kind == ByActivity {
		q, err := a.s.parse(query.Activities, e.Query)
		if err != nil {
			return err
		}
		root = q.Root
	}
	exposed, err := a.s.facts.StudyExposed(ctx, *e, root, a.to)
	if err != nil {
		return fmt.Errorf("looking up who was exposed: %w", err)
	}
	mine := exposed[:0]
	outside, before := 0, 0
	for _, x := range exposed {
		switch {
		case !a.crowd[x.Member]:
			outside++
		case x.At.Before(a.from):
			before++
			mine = append(mine, x) // known to have been exposed, so nobody's like
		default:
			mine = append(mine, x)
		}
	}
	a.leave(outside, "exposed, and not in the population: the team, bots, or others than the query finds")
	a.leave(before, "exposed before the first day already")
	if randomized(mine, a.from) && a.d.Outcome.Kind != Monthly {
		a.r.Why = "Chance held some out of the workflow, so it is an experiment: all count where chance put them, whether or not they went through with it."
		return a.trial(ctx, mine)
	}
	if a.d.Outcome.Kind == Monthly {
		a.r.Why = "The outcome is known month by month, before and after, so it is compared how both changed: what always differed between them drops out."
		return a.changes(ctx, mine)
	}
	a.r.Why = "Nobody decided by chance who was exposed, so those who were are compared with others who did alike before."
	return a.windows(ctx, mine)
}

func (a *answerer) leave(n int, reason string) {
	if n > 0 {
		a.r.LeftOut = append(a.r.LeftOut, LeftOut{n, reason})
	}
}

// population finds among whom is looked.
func (a *answerer) population(ctx context.Context) error {
	if err := a.step("Finding the population"); err != nil {
		return err
	}
	var root query.Node
	if a.d.Population != "" {
		q, err := a.s.parse(query.Members, a.d.Population)
		if err != nil {
			return err
		}
		root = q.Root
		a.r.Assumes = append(a.r.Assumes, "The population is who fits “"+a.d.Population+"” on the day of the run. A query about something that the exposure changes would choose by the outcome.")
	}
	ids, err := a.s.facts.SegmentFits(ctx, root, a.s.now())
	if err != nil {
		return fmt.Errorf("finding the population: %w", err)
	}
	people, err := a.s.facts.StudyPeople(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading the population: %w", err)
	}
	a.crowd = make(map[int64]bool, len(ids))
	for _, id := range ids {
		if p, there := people[id]; there && !p.Out {
			a.crowd[id] = true
		}
	}
	if len(a.crowd) == 0 {
		return invalid("nobody is in the population")
	}
	return nil
}

// randomized reports whether chance decided for somebody within the time.
func randomized(all []Exposed, from time.Time) bool {
	for _, x := range all {
		if !x.At.Before(from) && x.Percent > 0 {
			return true
		}
	}
	return false
}

// within is the span in which an outcome counts.
func (a *answerer) within() time.Duration { return time.Duration(a.d.Outcome.Days) * day }

// trial answers by intention to treat.
func (a *answerer) trial(ctx context.Context, all []Exposed) error {
	if err := a.step("Reading what followed"); err != nil {
		return err
	}
	o := a.d.Outcome
	if o.Kind != Active && o.Kind != Says && o.Kind != Acts {
		return invalid("of an experiment ask for what members do within some days; how long it takes is compared for likes only")
	}
	a.unit()
	in, planned := a.entered(all)
	moments := make([]Moment, len(in))
	for i, x := range in {
		moments[i] = Moment{x.Member, x.At, x.At.Add(time.Microsecond), x.At.Add(a.within())}
	}
	past, err := a.s.facts.StudyPast(ctx, moments)
	if err != nil {
		return fmt.Errorf("reading what followed: %w", err)
	}
	if err := a.step("Computing"); err != nil {
		return err
	}
	people := make([]experiment.Participant, len(in))
	var sums, n [2]float64
	for i, x := range in {
		known := !moments[i].Until.After(a.asOf)
		out := a.outcome(&past[i])
		people[i] = experiment.Participant{Offered: !x.Held, Taken: x.Taken, Known: known, Outcome: out}
		a.units = append(a.units, Compared{MemberID: x.Member, Exposed: !x.Held, Compared: known, At: x.At, Outcome: out})
		if known {
			sums[side(!x.Held)] += out
			n[side(!x.Held)]++
		}
	}
	f, err := study.Trial(people, planned)
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	a.r.take(&f)
	a.r.Exposed, a.r.Others, a.r.Compared = f.Trial.OfferedTo, f.Trial.HeldOutOf, int(n[1])
	a.r.With, a.r.Without = known(sums[1]/n[1]), known(sums[0]/n[0])
	a.waiting(len(in) - int(n[0]+n[1]))
	a.r.Assumes = append(a.r.Assumes, "Nobody who was held out gets it all the same.", "What one member does not change what another does; members of one company who talk would weaken the difference.", "What follows is seen alike on both sides.")
	a.r.Unknown = append(a.r.Unknown, "Whether it would do the same for others than those who entered.", "What going through with it does, apart from being offered it.")
	return nil
}

// entered finds those of whom chance decided in the time, and the share to whom it was to be offered; where that was changed
// meanwhile it is no number.
func (a *answerer) entered(all []Exposed) (in []Exposed, planned float64) {
	percent := 0
	never, mixed := 0, 0
	for _, x := range all {
		switch {
		case x.At.Before(a.from):
			continue
		case x.Percent == 0:
			never++
			continue
		case percent == 0:
			percent = x.Percent
		case x.Percent != percent:
			mixed++
		}
		in = append(in, x)
	}
	a.leave(never, "entered while nobody was held out")
	planned = 1 - float64(percent)/100
	if mixed > 0 {
		planned = math.NaN()
	}
	return in, planned
}

// waiting says of how many the time is not over yet.
func (a *answerer) waiting(n int) {
	if n > 0 {
		a.r.Unknown = append(a.r.Unknown, fmt.Sprintf("The outcome of %d, whose time was not over on %s.", n, a.asOf.Format(time.DateOnly)))
	}
}

// unit is that of the outcome.
func (a *answerer) unit() {
	switch a.d.Outcome.Kind {
	case Active, Says:
		a.r.Unit = UnitShare
	case Stays, Next:
		a.r.Unit = UnitRatio
	default:
		a.r.Unit = UnitCount
	}
}

// outcome is what followed a moment.
func (a *answerer) outcome(p *Past) float64 {
	switch a.d.Outcome.Kind {
	case Active:
		return float64(min(p.Acts, 1))
	case Says:
		return float64(min(p.Says, 1))
	default:
		return float64(p.Acts)
	}
}

func side(exposed bool) int {
	if exposed {
		return 1
	}
	return 0
}

// evident is an estimate that verdicts can be given.
func evident(e *chance.Estimate) *chance.Estimate {
	if e == nil || math.IsNaN(e.Value) {
		return nil
	}
	return e
}
