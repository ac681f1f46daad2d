// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// currency is what an organization pays in.
func (o *organization) currency() string {
	switch o.country {
	case "US", "CA", "MX", "SG":
		return "USD"
	case "GB":
		return "GBP"
	}
	return "EUR"
}

// steps are the stages that a deal went through up to the one that it is in, spread evenly over its time.
func (w *world) steps(stage string, created, closed time.Time) string {
	way := []string{"discovery", "qualified", "proposal", "negotiation"}
	switch at := slices.Index(way, stage); {
	case at >= 0:
		way = way[:at+1]
	case stage == "trial":
		way = []string{"discovery", "trial"}
	case stage == "closed lost":
		way = []string{"discovery", "qualified", stage}
	default:
		way = []string{"discovery", "qualified", "proposal", stage}
	}
	until := closed
	if closed.IsZero() || !closed.Before(w.end) {
		until = created.Add(time.Duration(len(way)) * 12 * day)
		if until.After(w.end) {
			until = w.end
		}
	}
	all := make([]string, len(way))
	for i, name := range way {
		at := created
		if len(way) > 1 {
			at = created.Add(until.Sub(created) * time.Duration(i) / time.Duration(len(way)-1))
		}
		all[i] = name + " " + at.Format(time.DateOnly)
	}
	return strings.Join(all, "; ")
}

// subscriptions are what the billing system tells: who tries, who pays, how much a month over time, how many seats are used,
// and when it renews. The first customer has gone silent and renews soon, the second one uses nearly all that it pays for.
func (w *world) subscriptions() *table {
	t := &table{name: "subscriptions.csv"}
	t.add("id", "organization_domain", "name", "status", "amount", "currency", "started", "ended", "interval", "seats", "seats_used", "usage", "renews", "trial_start", "trial_end", "cancellation_reason", "mrr_history")
	customers := 0
	for i, o := range w.organizations {
		if o.tries.IsZero() {
			continue
		}
		d := w.origin.stream("subscription", i)
		amount, paid := o.contract(w.origin.stream("deal", i)) // as the first contract of deals
		seats := max(5, min(400, o.size/4))
		used := seats * d.between(45, 85) / 100
		usage := d.between(30, 70)
		status, ended, renews, why := "active", "", "", ""
		trialStart, trialEnd := o.tries, o.tries.Add(trialDays)
		history := []string{monthly(amount, paid)}
		switch o.lifecycle {
		case trial:
			status, paid, history, used = "trialing", trialStart, nil, min(seats, 2+used/8)
		case prospect: // who tried, and left
			status, paid, history, used = "canceled", trialStart, nil, 0
			ended, why = trialEnd.Format(time.DateOnly), one(d, []string{"did not get it to work", "no time to try it", "too expensive", "missing features", "nobody answered"})
		case churned:
			status, ended, why = "canceled", o.churned.Format(time.DateOnly), one(d, []string{"too expensive", "missing features", "switched product", "project ended"})
			used = 0
		default:
			if !paid.Before(w.end) {
				continue // the contract is not signed yet
			}
			customers++
			renewal := paid.AddDate(1, 0, 0)
			for !renewal.After(w.end) {
				history = append(history, monthly(amount*6/5, renewal))
				amount = amount * 6 / 5
				renewal = renewal.AddDate(1, 0, 0)
			}
			switch customers {
			case 1:
				renewal, used = w.end.Add(26*day), seats*3/10
			case 2:
				used, usage = seats*19/20, 92
			}
			renews = renewal.Format(time.DateOnly)
		}
		if status != "canceled" && status != "trialing" && customers > 4 && d.chance(0.05) {
			status = "past_due"
		}
		plan := "Team"
		if seats > 60 {
			plan = "Business"
		}
		t.add("S-"+strconv.Itoa(500+i), o.domain, plan, status, strconv.Itoa(amount), o.currency(), paid.Format(time.DateOnly), ended, "year", strconv.Itoa(seats), strconv.Itoa(used), strconv.Itoa(usage)+"%", renews,
			trialStart.Format(time.DateOnly), trialEnd.Format(time.DateOnly), why, strings.Join(history, "; "))
	}
	return t
}

// monthly is a yearly amount by month from a day on.
func monthly(amount int, from time.Time) string {
	return strconv.FormatFloat(float64(amount)/12, 'f', 2, 64) + " " + from.Format(time.DateOnly)
}
