// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"slices"
	"time"

	"greenroom"
)

// span is a time in which something of an organization ran.
type span struct {
	from, to time.Time // to zero = it lasts
	origin   string
}

// LifecycleOf says when an organization was a prospect, tried, paid, and left.
//
// It paid while a subscription of it was paid for; where there are no subscriptions, from its first won deal on, until a deal
// that is called a renewal is lost. It tried while a subscription or a deal was on trial. It was a prospect from its first deal
// or trial to the first time it paid or tried, and again between. After it had paid and while nothing is paid, it has churned.
func LifecycleOf(organization int64, name, said string, subs []greenroom.Subscription, deals []greenroom.Deal, now time.Time) greenroom.Lifecycle {
	l := greenroom.Lifecycle{Organization: organization, Name: name}
	switch s := greenroom.LifecycleState(said); s {
	case greenroom.Prospect, greenroom.Trial, greenroom.Customer, greenroom.Churned:
		l.Said = s
	}
	paid, tried := subscriptionSpans(subs, now)
	if len(subs) == 0 {
		paid = dealSpans(deals)
	}
	tried = append(tried, trialSpans(deals, now)...)
	var known []time.Time
	for i := range deals {
		known = append(known, deals[i].Opened)
	}
	for _, s := range slices.Concat(paid, tried) {
		known = append(known, s.from, s.to)
	}
	known = slices.DeleteFunc(known, func(t time.Time) bool { return t.IsZero() || t.After(now) })
	slices.SortFunc(known, time.Time.Compare)
	known = slices.CompactFunc(known, time.Time.Equal)
	hasPaid := false
	for _, t := range known {
		state, origin := greenroom.Prospect, "deals"
		if s := covering(paid, t); s != nil {
			state, origin, hasPaid = greenroom.Customer, s.origin, true
		} else if s := covering(tried, t); s != nil {
			state, origin = greenroom.Trial, s.origin
		} else if hasPaid {
			state, origin = greenroom.Churned, "nothing is paid for any more"
		}
		if n := len(l.Phases); n > 0 {
			if l.Phases[n-1].State == state {
				continue
			}
			l.Phases[n-1].To = t
		}
		l.Phases = append(l.Phases, greenroom.Phase{State: state, From: t, Origin: origin})
	}
	if l.State = l.At(now); l.State == "" {
		l.State = l.Said
	}
	return l
}

func covering(spans []span, t time.Time) *span {
	for i := range spans {
		if s := &spans[i]; !t.Before(s.from) && (s.to.IsZero() || t.Before(s.to)) {
			return s
		}
	}
	return nil
}

func subscriptionSpans(subs []greenroom.Subscription, now time.Time) (paid, tried []span) {
	for i := range subs {
		s := &subs[i]
		origin := "subscription " + s.ExternalID
		if since := s.PaidSince(); !since.IsZero() && !since.After(now) && (s.End.IsZero() || s.End.After(since)) {
			paid = append(paid, span{since, s.End, origin})
		}
		if s.TrialStart.IsZero() {
			continue
		}
		to := s.TrialEnd
		if to.IsZero() || !s.End.IsZero() && s.End.Before(to) {
			to = s.End
		}
		if to.IsZero() || to.After(s.TrialStart) {
			tried = append(tried, span{s.TrialStart, to, origin})
		}
	}
	return paid, tried
}

// dealSpans are the times in which an organization without subscriptions was a customer, by its deals.
func dealSpans(deals []greenroom.Deal) []span {
	type event struct {
		at  time.Time
		won bool
		of  *greenroom.Deal
	}
	var events []event
	for i := range deals {
		d := &deals[i]
		switch {
		case d.Closed.IsZero():
		case d.State == greenroom.DealWon:
			events = append(events, event{d.Closed, true, d})
		case d.State == greenroom.DealLost && Renews(d):
			events = append(events, event{d.Closed, false, d})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	var all []span
	for _, e := range events {
		open := len(all) > 0 && all[len(all)-1].to.IsZero()
		switch {
		case e.won && !open:
			all = append(all, span{from: e.at, origin: "deal " + e.of.ExternalID})
		case !e.won && open:
			all[len(all)-1].to = e.at
		}
	}
	return all
}

// trialSpans are the times that deals spent in a stage of trial.
func trialSpans(deals []greenroom.Deal, now time.Time) []span {
	var all []span
	for i := range deals {
		d := &deals[i]
		if len(d.History) == 0 && isTrial(d.Stage) && !d.Opened.IsZero() {
			all = append(all, span{d.Opened, d.Closed, "deal " + d.ExternalID})
		}
		for n, step := range d.History {
			if !isTrial(step.Stage) || step.At.After(now) {
				continue
			}
			s := span{from: step.At, to: d.Closed, origin: "deal " + d.ExternalID}
			if n+1 < len(d.History) {
				s.to = d.History[n+1].At
			}
			all = append(all, s)
		}
	}
	return all
}

// Renews reports whether a deal renews a contract, by its type or its name.
func Renews(d *greenroom.Deal) bool {
	renewal := []string{"renewal", "renew", "renews", "verlängerung", "renouvellement", "renovación", "existing business renewal"}
	return names(d.Type, renewal) || names(d.Name, renewal)
}
