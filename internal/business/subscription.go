// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// isTrial reports whether a stage's name says that the product is being tried.
func isTrial(stage string) bool {
	return names(stage, []string{"trial", "trialing", "trialling", "free trial", "testphase", "essai", "prueba"}) //nolint:misspell // as some write it
}

// trial fills in when the subscription was on trial from the stages that it went through.
func (s *subscription) trial() {
	for i, step := range s.History {
		if !isTrial(step.Name) {
			continue
		}
		if s.TrialStart.IsZero() {
			s.TrialStart = step.At
		}
		if s.TrialEnd.IsZero() && i+1 < len(s.History) {
			s.TrialEnd = s.History[i+1].At
		}
	}
	if s.TrialStart.IsZero() && (!s.TrialEnd.IsZero() || isTrial(s.Stage)) {
		s.TrialStart = s.Start
	}
}

// state says how a subscription stands at a time. What a source calls it counts; a date that has passed counts where it says
// nothing that is known.
func (s *subscription) state(now time.Time) greenroom.SubscriptionState {
	switch {
	case !s.End.IsZero() && !s.End.After(now), names(s.Stage, []string{"canceled", "cancelled", "ended", "expired", "churned", "terminated", "closed", "incomplete expired", "gekündigt", "beendet"}): //nolint:misspell // as some write it
		return greenroom.SubscriptionEnded
	case isTrial(s.Stage):
		return greenroom.SubscriptionTrial
	case names(s.Stage, []string{"past due", "unpaid", "overdue", "late"}):
		return greenroom.SubscriptionLate
	case names(s.Stage, []string{"paused", "on hold"}):
		return greenroom.SubscriptionPaused
	case names(s.Stage, []string{"incomplete", "pending", "draft", "new"}):
		return greenroom.SubscriptionPending
	case s.Stage == "" && s.TrialEnd.After(now):
		return greenroom.SubscriptionTrial
	}
	return greenroom.SubscriptionActive
}

// Months is how many months a billing interval has, in the words of billing systems: "year", "quarterly", "6 months", "weekly".
// A month is a twelfth of a year, a year 52 weeks or 365 days.
func Months(interval string) (months float64, ok bool) {
	words := strings.Fields(strings.ToLower(strings.NewReplacer("-", " ", "_", " ", "/", " ", "per ", "", "every ", "").Replace(interval)))
	if len(words) == 0 {
		return 0, false
	}
	count := 1.0
	if n, err := strconv.ParseFloat(words[0], 64); err == nil && n > 0 && n <= 1200 {
		count, words = n, words[1:]
	}
	if len(words) == 0 {
		return 0, false
	}
	switch strings.TrimSuffix(words[0], "s") {
	case "month", "monthly", "mo", "monat", "monatlich", "moi", "mes":
		return count, true
	case "quarter", "quarterly", "quartal":
		return 3 * count, true
	case "year", "yearly", "annual", "annually", "annum", "yr", "jahr", "jährlich":
		return 12 * count, true
	case "semiannual", "semiannually", "halfyear", "biannual":
		return 6 * count, true
	case "biennial":
		return 24 * count, true
	case "week", "weekly":
		return count * 12 / 52, true
	case "day", "daily":
		return count * 12 / 365, true
	}
	return 0, false
}

// discount is what a source tells to be taken off an amount: "10%" or an amount of the same period.
func discount(amount float64, f fields) (after float64, note string) {
	text := f.text("discount", "discount percent", "discount amount")
	v, ok := f.number("discount", "discount percent", "discount amount")
	switch {
	case !ok || v <= 0:
		return amount, ""
	case strings.HasSuffix(text, "%") || f["discount percent"] != "":
		return amount * (1 - min(v, 100)/100), fmt.Sprintf(", less %v %%", v)
	}
	return max(0, amount-v), fmt.Sprintf(", less %v", v)
}

// revenue fills in what the subscription brings a month, and since when.
func (s *subscription) revenue(f fields) {
	interval := f.text("interval", "billing period", "billing interval", "period", "billing frequency")
	if count, ok := f.number("interval count"); ok && count > 1 {
		interval = strconv.FormatFloat(count, 'f', -1, 64) + " " + interval
	}
	months, known := Months(interval)
	if known {
		s.Interval = months
	}
	if v, ok := f.number("mrr"); ok {
		s.MRR, s.Known, s.Why = v, true, "told as MRR"
	} else if v, ok := f.number("arr"); ok {
		s.MRR, s.Known, s.Why = v/12, true, "ARR / 12"
	} else {
		switch {
		case s.Amount == 0:
			s.Why = "the source tells no amount; what is billed by use has none"
		case !known && interval == "":
			s.Why = "the source does not tell what span of time the amount is for"
		case !known:
			s.Why = fmt.Sprintf("%q is no span of time that is known; month, quarter and year are", interval)
		default:
			after, note := discount(s.Amount, f)
			s.MRR, s.Known = after/months, true
			s.Why = fmt.Sprintf("%v%s / %v months", s.Amount, note, math.Round(months*100)/100)
		}
	}
	for value, at := range dated(f.text("mrr history")) {
		if v, err := strconv.ParseFloat(value, 64); err == nil && v >= 0 && v < 1e15 {
			s.Revenue = append(s.Revenue, greenroom.Recurring{At: at, MRR: v})
		}
	}
	slices.SortStableFunc(s.Revenue, func(a, b greenroom.Recurring) int { return a.At.Compare(b.At) })
}

// AddRevenue puts what was seen of a subscription's MRR over time to what its source tells of it; the source's word goes first.
func AddRevenue(s *greenroom.Subscription, seen []greenroom.Recurring) {
	if len(s.Revenue) > 0 {
		return
	}
	for _, r := range seen {
		if n := len(s.Revenue); n == 0 || s.Revenue[n-1].MRR != r.MRR {
			s.Revenue = append(s.Revenue, r)
		}
	}
	if n := len(s.Revenue); n > 0 && !s.Known && s.State == greenroom.SubscriptionEnded {
		s.MRR, s.Known, s.Why = s.Revenue[n-1].MRR, true, "as it was before it ended"
	}
}
