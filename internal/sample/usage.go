// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"strconv"
	"time"
)

// usageDays is how long the product's own log goes back.
const usageDays = 210

// usage is what the product tells of who uses it: people of customers, trials and of those that left, whom the CRM knows, week by week. Some customers
// do not use it yet, more of those whose people are not in the community; accounts that go quiet use it less, and those that left not at all.
func (w *world) usage() *table {
	t := &table{name: "usage.csv"}
	t.add("id", "date", "kind", "email", "title")
	for i, o := range w.organizations {
		d := w.origin.stream("usage", i)
		if o.lifecycle == prospect {
			continue
		}
		var users []*person
		for _, p := range w.people {
			if p.org == o && w.inCRM(p) {
				users = append(users, p)
			}
		}
		idle := 0.1
		if len(users) < 4 {
			idle = 0.3
		}
		if d.chance(idle) {
			continue
		}
		for _, p := range users {
			often := 0.4 + 0.5*d.Float64()
			for at := w.end.Add(-usageDays * day); at.Before(w.end.Add(-7 * day)); at = at.Add(7 * day) {
				when, runs := at.Add(d.span(0, 5*day)).Truncate(time.Second), d.chance(often)
				gone := !o.churned.IsZero() && when.After(o.churned)
				quiet := !o.quiet.IsZero() && when.After(o.quiet) && d.chance(0.6)
				if runs && !gone && !quiet && when.After(o.created) {
					t.add("U-"+strconv.Itoa(len(t.rows)), when.Format(time.RFC3339), "usage", p.emails[0], one(d, []string{"Ran a pipeline", "Opened the run history", "Changed a schedule", "Added a connection"}))
				}
			}
		}
	}
	return t
}
