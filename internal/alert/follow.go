// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"greenroom/internal/query"
)

// How new activities are followed.
const (
	recently  = 24 * time.Hour // what happened longer ago is history, however it came
	portion   = 1000           // activities at once
	keepEvery = 10 * time.Second
)

// live is an alert with its query.
type live struct {
	*Alert

	q     *query.Query
	lane  string
	muted bool // it fires nothing, and its position moves on all the same
}

// Follow has alerts fire on activities that are new. It is called right after their members and conversations are known,
// and mostly finds nothing to do.
func (s *Service) Follow(ctx context.Context) error {
	s.looking.Lock()
	defer s.looking.Unlock()
	at, err := s.store.AlertPositions(ctx)
	if err != nil {
		return fmt.Errorf("asking how far alerts have come: %w", err)
	}
	if !s.behind(&at) {
		return nil
	}
	all, err := s.store.Alerts(ctx)
	if err != nil {
		return fmt.Errorf("listing alerts: %w", err)
	}
	for _, lane := range Lanes() {
		var of []live
		for _, l := range s.onActivities(all) {
			if l.lane == lane {
				of = append(of, l)
			}
		}
		for more := true; more; {
			if more, err = s.followLane(ctx, lane, of, &at); err != nil {
				if errors.Is(err, ErrMoved) {
					clear(s.seen)
					return nil // somebody else does it
				}
				return err
			}
		}
	}
	return nil
}

// behind reports whether a lane may have something new.
func (s *Service) behind(at *Positions) bool {
	for _, lane := range Lanes() {
		if at.Until[lane] < s.seen[lane] { // derived state is built anew
			s.seen[lane] = at.At[lane]
		}
		if at.Until[lane] > max(at.At[lane], s.seen[lane]) {
			return true
		}
	}
	return false
}

// onActivities are the alerts on activities.
func (s *Service) onActivities(all []Alert) []live {
	var those []live
	for i := range all {
		a := &all[i]
		if a.Watch != Activities {
			continue
		}
		q, err := s.parse(&a.Draft)
		if err != nil {
			s.log.Warn("an alert's query cannot be read any more", "alert", a.ID, "error", err)
			continue
		}
		those = append(those, live{a, q, laneOf(q.Root), a.Muted(s.now())})
	}
	return those
}

// followLane looks at one portion, and reports whether there may be more.
func (s *Service) followLane(ctx context.Context, lane string, of []live, at *Positions) (more bool, err error) {
	from, until := max(at.At[lane], s.seen[lane]), at.Until[lane]
	if len(of) == 0 || from >= until {
		s.seen[lane] = max(from, until)
		return false, nil
	}
	first := of[0].From
	for _, l := range of {
		first = min(first, l.From)
	}
	now := s.now()
	ids, last, err := s.store.RecentActivities(ctx, max(from, first), until, now.Add(-recently), portion)
	if err != nil {
		return false, fmt.Errorf("reading new activities: %w", err)
	}
	c := &Commit{Follow: FollowName(lane), From: at.At[lane], To: last, First: at.Next, Problems: make(map[int64]string)}
	if err := s.fire(ctx, c, of, ids, now); err != nil {
		return false, err
	}
	s.seen[lane] = last
	if len(c.Firings)+len(c.Bumps)+len(c.Problems) == 0 && now.Sub(s.kept) < keepEvery {
		return last < until, nil // the position is kept now and then: going over it again fires nothing
	}
	if err := s.commit(ctx, c); err != nil {
		return false, err
	}
	at.At[lane], at.Next = last, at.Next+int64(len(c.Firings))
	s.kept = now
	return last < until, nil
}

// FollowName is what the position of a lane is called.
func FollowName(lane string) string { return "alerts " + lane }

// commit stores what follows from a look, and wakes who sends it.
func (s *Service) commit(ctx context.Context, c *Commit) error {
	if c.Empty() {
		return nil
	}
	if err := s.store.CommitAlerts(ctx, c); err != nil {
		if errors.Is(err, ErrMoved) {
			return ErrMoved
		}
		return fmt.Errorf("storing what fired: %w", err)
	}
	if len(c.Messages) > 0 {
		s.wake()
	}
	return nil
}

// fire finds what of some activities fits the alerts, and adds what follows.
func (s *Service) fire(ctx context.Context, c *Commit, of []live, ids []int64, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	fits := make([][]int64, len(of))
	var union []int64
	for i, l := range of {
		fresh := ids[firstAfter(ids, l.From):]
		if len(fresh) == 0 || l.muted {
			continue
		}
		fit, err := s.store.WhichFit(ctx, query.Activities, l.q, fresh)
		if err != nil {
			if ctx.Err() != nil {
				return err //nolint:wrapcheck // it was stopped
			}
			s.problem(c, l.Alert, err)
			continue
		}
		s.problem(c, l.Alert, nil)
		fits[i], union = fit, append(union, fit...)
	}
	if len(union) == 0 {
		return nil
	}
	slices.Sort(union)
	found, err := s.store.AlertSubjects(ctx, "activity", slices.Compact(union))
	if err != nil {
		return fmt.Errorf("reading what fired: %w", err)
	}
	to, err := s.where(ctx)
	if err != nil {
		return err
	}
	for i, l := range of {
		matches := slices.DeleteFunc(slices.Clone(found), func(m Match) bool {
			_, in := slices.BinarySearch(fits[i], m.Object.ID)
			return !in
		})
		if err := s.settle(ctx, c, l.Alert, matches, to, now); err != nil {
			return err
		}
	}
	return nil
}

func firstAfter(ids []int64, id int64) int {
	i, found := slices.BinarySearch(ids, id)
	if found {
		i++
	}
	return i
}

// problem notes why an alert could not be looked at, or that it could.
func (s *Service) problem(c *Commit, a *Alert, err error) {
	says := ""
	if err != nil {
		says = errorText(err)
		s.log.Warn("an alert could not be looked at", "alert", a.ID, "error", err)
	}
	if says != a.Problem {
		c.Problems[a.ID], a.Problem = says, says
	}
}

// settle decides about the matches of one alert, and adds the firings and their messages.
func (s *Service) settle(ctx context.Context, c *Commit, a *Alert, matches []Match, to *places, now time.Time) error {
	if len(matches) == 0 {
		return nil
	}
	var objects []Object
	var groups []string
	for i := range matches {
		objects = append(objects, matches[i].Object)
		if g := a.groupOf(&matches[i].Subject); g != "" {
			groups = append(groups, g)
		}
	}
	past, err := s.store.AlertPast(ctx, a, objects, groups, now)
	if err != nil {
		return fmt.Errorf("reading what alert %d fired before: %w", a.ID, err)
	}
	p := decide(a, matches, &past, now, s.zone())
	c.Bumps = append(c.Bumps, p.bumps...)
	for i := range p.firings {
		f := &p.firings[i]
		f.ID = c.First + int64(len(c.Firings))
		if f.State == Sent {
			f.Message = f.Key
			t, err := s.one(a, f, &p.matches[i].Subject)
			if err != nil {
				return err
			}
			messages, notices, err := s.letters(a, t, to, now)
			if err != nil {
				return err
			}
			c.Messages, c.Notices = append(c.Messages, messages...), append(c.Notices, notices...)
		}
		c.Firings = append(c.Firings, *f)
	}
	return nil
}
