// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/quiet"
)

// Level is how an account does.
type Level string

// The levels. Whoever neither was here nor tells anything is not healthy, but not known.
const (
	Healthy Level = "healthy"
	Watch   Level = "watch"
	AtRisk  Level = "at risk"
	Unknown Level = "not known"
)

// Reason is one thing that counts for or against an account, with its numbers and what they are counted from.
type Reason struct {
	Kind   string `json:"kind"`   // engagement, usage, sentiment, questions, tickets, payment, cancellation, seats, renewal; or of a chance
	Points int    `json:"points"` // what it adds; 0 for what only multiplies
	Text   string `json:"text"`   // a sentence with the numbers
	Href   string `json:"href"`   // the records behind it
}

// Health is the sum of its reasons: points from 0, all is well, to 100.
//
// It is computed by rule. Engagement, usage, sentiment, questions, tickets, payment, seats and a cancellation each give points
// up to a limit of their own; a renewal within 90 days multiplies the sum by 1.25, one within 30 days by 1.5, because what is wrong then
// matters more. A renewal alone gives none.
type Health struct {
	Level   Level    `json:"level"`
	Points  int      `json:"points"`
	Sum     int      `json:"sum"`    // before the renewal
	Factor  float64  `json:"factor"` // of the renewal
	Reasons []Reason `json:"reasons"`
}

// Facts is what an account's health is reckoned from.
type Facts struct {
	Organization  int64
	Evidence      Evidence
	Tickets       []greenroom.Ticket
	Subscriptions []greenroom.Subscription
	Lifecycle     greenroom.Lifecycle
}

// Look reckons an account's health at a time.
func Look(f *Facts, set *Settings, now time.Time) Health {
	h := Health{Factor: 1, Reasons: []Reason{}}
	for _, r := range []*Reason{f.engagement(), f.usage(), f.sentiment(), f.questions(), f.tickets(now), f.payment(), f.cancellation(now), f.seats()} {
		if r != nil && r.Points > 0 {
			h.Reasons = append(h.Reasons, *r)
			h.Sum += r.Points
		}
	}
	slices.SortStableFunc(h.Reasons, func(a, b Reason) int { return b.Points - a.Points })
	if at, of := Renewal(f.Subscriptions, now); !at.IsZero() {
		days := int(math.Ceil(at.Sub(now).Hours() / 24))
		switch {
		case days <= 30:
			h.Factor = 1.5
		case days <= 90:
			h.Factor = 1.25
		}
		if h.Factor > 1 && h.Sum > 0 {
			h.Reasons = append(h.Reasons, Reason{Kind: "renewal", Text: fmt.Sprintf("%s renews in %d days, on %s: the sum of %d counts × %v", of, days, at.Format("2 Jan 2006"), h.Sum, h.Factor), Href: f.records()})
		}
	}
	h.Points = min(100, int(math.Round(float64(h.Sum)*h.Factor)))
	switch {
	case h.Points >= set.AtRisk:
		h.Level = AtRisk
	case h.Points >= (set.AtRisk+1)/2:
		h.Level = Watch
	case len(h.Reasons) == 0 && f.Evidence.Active+f.Evidence.Before == 0 && len(f.Tickets) == 0 && sum(f.Evidence.Usage[:]) == 0:
		h.Level = Unknown
	default:
		h.Level = Healthy
	}
	return h
}

// Renewal is the next renewal of the subscriptions that run, and whose it is.
func Renewal(subs []greenroom.Subscription, now time.Time) (at time.Time, of string) {
	for i := range subs {
		s := &subs[i]
		if s.State.Pays() && s.Renewal.After(now) && (at.IsZero() || s.Renewal.Before(at)) {
			at, of = s.Renewal, orName(s.Name, s.ExternalID)
		}
	}
	return at, of
}

func orName(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

func sum(all []int) (n int) {
	for _, v := range all {
		n += v
	}
	return n
}

func (f *Facts) query(entity, q string) string {
	return "/" + entity + "?q=" + url.QueryEscape("org.id:"+strconv.FormatInt(f.Organization, 10)+" "+q)
}

// records is where the records of the account stand.
func (f *Facts) records() string {
	return "/accounts/" + strconv.FormatInt(f.Organization, 10) + "#records"
}

// scaled is a share of at most so many points: none at low, all at high.
func scaled(points int, v, low, high float64) int {
	return int(math.Round(float64(points) * min(1, max(0, (v-low)/(high-low)))))
}

func (f *Facts) engagement() *Reason {
	p := quiet.Look(f.Evidence.Activity[:])
	if !p.Fell {
		return nil
	}
	return &Reason{
		Kind: "engagement", Points: 10 + scaled(30, p.Fall, 0.3, 0.9), Href: f.query("activities", "occurred:<28d"),
		Text: fmt.Sprintf("%s in the last 4 weeks; %.0f are usual here (12 weeks before): %.0f %% fewer", plural(p.Now, "activity", "activities"), p.Usual, p.Fall*100),
	}
}

func (f *Facts) usage() *Reason {
	p := quiet.Look(f.Evidence.Usage[:])
	if !p.Fell {
		return nil
	}
	return &Reason{
		Kind: "usage", Points: 5 + scaled(20, p.Fall, 0.3, 0.9), Href: f.query("activities", "kind:usage occurred:<28d"),
		Text: fmt.Sprintf("The product was used %d times in the last 4 weeks; %.0f are usual: %.0f %% fewer", p.Now, p.Usual, p.Fall*100),
	}
}

func (f *Facts) sentiment() *Reason {
	e := &f.Evidence
	if e.Messages < 5 {
		return nil
	}
	share := float64(e.Negative) / float64(e.Messages)
	return &Reason{
		Kind: "sentiment", Points: scaled(20, share, 0.2, 0.6), Href: f.query("activities", "sentiment:negative occurred:<60d"),
		Text: fmt.Sprintf("%d of %d messages of the last 60 days are negative (%.0f %%)", e.Negative, e.Messages, share*100),
	}
}

func (f *Facts) questions() *Reason {
	if n := f.Evidence.Unanswered; n > 0 {
		return &Reason{
			Kind: "questions", Points: min(10, 4*n), Href: f.query("conversations", "is:question is:waiting opened:>3d"),
			Text: plural(n, "question has", "questions have") + " waited longer than 3 days for an answer",
		}
	}
	return nil
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}

// tickets counts what is open and urgent, what was rated bad, and more cases than usual.
func (f *Facts) tickets(now time.Time) *Reason {
	var urgent, bad, recent, year int
	for i := range f.Tickets {
		t := &f.Tickets[i]
		age := now.Sub(t.Opened)
		switch {
		case t.Opened.IsZero() || age < 0:
			continue
		case age <= 30*24*time.Hour:
			recent++
		case age <= 395*24*time.Hour:
			year++
		}
		if !t.Solved && t.Urgent() {
			urgent++
		}
		if t.Satisfaction == "bad" && age <= 90*24*time.Hour {
			bad++
		}
	}
	var parts []string
	points := 0
	if urgent > 0 {
		points += 8 * urgent
		parts = append(parts, plural(urgent, "urgent ticket is open", "urgent tickets are open"))
	}
	if bad > 0 {
		points += 6 * bad
		parts = append(parts, fmt.Sprintf("%d rated bad in 90 days", bad))
	}
	if usual := float64(year) * 30 / 365; recent >= 3 && float64(recent) >= 2*usual {
		points += 8
		parts = append(parts, fmt.Sprintf("%d opened in 30 days, twice what is usual or more", recent))
	}
	if points == 0 {
		return nil
	}
	return &Reason{Kind: "tickets", Points: min(25, points), Text: strings.Join(parts, "; "), Href: f.records()}
}

func (f *Facts) payment() *Reason {
	for i := range f.Subscriptions {
		if s := &f.Subscriptions[i]; s.State == greenroom.SubscriptionLate {
			return &Reason{Kind: "payment", Points: 20, Text: orName(s.Name, s.ExternalID) + " is past due", Href: f.records()}
		}
	}
	return nil
}

func (f *Facts) cancellation(now time.Time) *Reason {
	for i := range f.Subscriptions {
		s := &f.Subscriptions[i]
		if !s.Cancels || !s.State.Pays() {
			continue
		}
		text := orName(s.Name, s.ExternalID) + " will not be renewed"
		if s.Renewal.After(now) {
			text += "; it runs until " + s.Renewal.Format("2 Jan 2006")
		}
		if s.Reason != "" {
			text += " (" + s.Reason + ")"
		}
		return &Reason{Kind: "cancellation", Points: 60, Text: text, Href: f.records()}
	}
	return nil
}

func (f *Facts) seats() *Reason {
	for i := range f.Subscriptions {
		if s := &f.Subscriptions[i]; s.State.Pays() && s.Seats >= 5 && s.SeatsUsed > 0 && s.SeatsUsed < 0.4*s.Seats {
			return &Reason{Kind: "seats", Points: 10, Text: fmt.Sprintf("%v of %v seats are used", s.SeatsUsed, s.Seats), Href: f.records()}
		}
	}
	return nil
}

// Chances are the signals that an account could buy more, each with its points; of those who pay or try.
func Chances(f *Facts, set *Settings, now time.Time) (all []Reason, points int) {
	if s := f.Lifecycle.State; s != greenroom.Customer && s != greenroom.Trial {
		return []Reason{}, 0
	}
	add := func(kind string, points int, href, format string, args ...any) {
		all = append(all, Reason{Kind: kind, Points: points, Text: fmt.Sprintf(format, args...), Href: href})
	}
	for i := range f.Subscriptions {
		s := &f.Subscriptions[i]
		if !s.State.Pays() {
			continue
		}
		if s.Seats > 0 && s.SeatsUsed >= 0.9*s.Seats {
			add("seats", 35, f.records(), "%v of %v seats of %s are used", s.SeatsUsed, s.Seats, orName(s.Name, s.ExternalID))
		}
		if s.Usage >= 0.8 {
			add("limits", 30, f.records(), "%.0f %% of what %s allows is used", s.Usage*100, orName(s.Name, s.ExternalID))
		}
		if grown := seatsGrown(s, now); grown > 0 {
			add("growth of the contract", 15, f.records(), "%s brings %.0f %% more than 180 days ago", orName(s.Name, s.ExternalID), grown*100)
		}
	}
	e := &f.Evidence
	if more := e.Active - e.Before; more >= 3 && float64(e.Active) >= 1.5*float64(e.Before) {
		add("growth", 25, f.query("members", "last_active:<90d"), "%d people were active in the last 90 days, %d in the 90 days before", e.Active, e.Before)
	}
	if e.New >= 3 {
		add("new people", 15, f.query("members", "joined:<90d"), "%d people came in the last 90 days", e.New)
	}
	if asked, words := f.paid(set, now); asked > 0 {
		add("paid features", min(30, 10+10*asked), f.query("activities", "is:question occurred:<90d"), "%s in 90 days about what is paid for: %s", plural(asked, "question", "questions"), strings.Join(words, ", "))
	}
	slices.SortStableFunc(all, func(a, b Reason) int { return b.Points - a.Points })
	for _, r := range all {
		points += r.Points
	}
	if all == nil {
		all = []Reason{}
	}
	return all, min(100, points)
}

// seatsGrown is by how much a subscription brings more than half a year ago.
func seatsGrown(s *greenroom.Subscription, now time.Time) float64 {
	before := s.MRRAt(now.Add(-180 * 24 * time.Hour))
	if before <= 0 || s.MRR < 1.1*before {
		return 0
	}
	return s.MRR/before - 1
}

// paid counts the questions that name something that is paid for, and says what.
func (f *Facts) paid(set *Settings, now time.Time) (asked int, words []string) {
	for i := range f.Evidence.Asked {
		q := &f.Evidence.Asked[i]
		if now.Sub(q.At) > 90*24*time.Hour {
			continue
		}
		found := false
		for _, w := range set.PaidTopics {
			if names(q.Title+" "+q.Body, []string{strings.ToLower(w)}) {
				found = true
				if !slices.Contains(words, w) {
					words = append(words, w)
				}
			}
		}
		if found {
			asked++
		}
	}
	slices.Sort(words)
	return asked, words
}
