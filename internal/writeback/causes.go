// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How tasks are made.
const (
	tasksWithin    = 90 // days to a renewal
	tasksWithinMax = 366
	taskAgain      = 180           // days before there is another one of a reason that just goes on
	taskHour       = 9 * time.Hour // of the day that a task is due on, in the community's time zone

	riskDays    = 3 // that somebody has for a task
	chanceDays  = 7
	renewalDays = 30 // before a renewal, on which its task is due
)

// The reasons that tasks are made for.
const (
	causeRisk    = "risk"
	causeRenewal = "renewal"
	causeChance  = "opportunity"
	causeStep    = "next_step"
)

// TaskReason is a reason that tasks are made for.
type TaskReason struct {
	Name  string
	Label string
	Once  string // how often it gives a task
}

// TaskReasons are the reasons that tasks are made for.
func TaskReasons() []TaskReason {
	return []TaskReason{
		{causeRisk, "At risk", "one task, and another no sooner than half a year later"},
		{causeRenewal, "A renewal is ahead", "one task for each renewal"},
		{causeChance, "Could buy more", "one task, and another no sooner than half a year later"},
		{causeStep, "Next step", "one task for each step that the team decided on"},
	}
}

// cause is what an account gives cause for.
type cause struct {
	reason, subject, text string
	occasion              string // what it is made for once; "" = it just goes on
	due                   time.Time
}

// causesOf are what an account gives cause for, of the reasons that are asked for. now is a time where the community is.
func causesOf(a *Account, r *TaskRequest, now time.Time) (all []cause) {
	add := func(c cause) {
		if slices.Contains(r.Reasons, c.reason) {
			all = append(all, c)
		}
	}
	health := "Community health: " + a.Level
	if a.Points > 0 {
		health += fmt.Sprintf(", %d of 100 points against it", a.Points)
	}
	health = strings.Join(append([]string{health}, reasonTexts(a)...), "\n")
	if a.AtRisk {
		add(cause{causeRisk, a.Name + " is at risk", health, "", now.AddDate(0, 0, riskDays)})
	}
	if ahead := a.Renewal; !ahead.IsZero() && !ahead.Before(now) && !ahead.After(now.AddDate(0, 0, r.Within)) {
		y, m, d := ahead.UTC().Date() // business systems tell a day, which is kept as its midnight in UTC
		day := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
		due := later(day.AddDate(0, 0, -renewalDays), now.AddDate(0, 0, riskDays))
		if due.After(day) {
			due = day
		}
		add(cause{causeRenewal, a.Name + " renews on " + day.Format(dayForPeople), cmp.Or(a.RenewalOf, "The subscription") + " renews on " + day.Format(dayForPeople) + ".\n" + health, day.Format(time.DateOnly), due})
	}
	if len(a.Chances) > 0 && !a.AtRisk { // who may leave is not asked to buy
		lines := []string{"Signals that it could buy more:"}
		for _, x := range a.Chances {
			lines = append(lines, x.Text)
		}
		add(cause{causeChance, a.Name + " could buy more", strings.Join(lines, "\n"), "", now.AddDate(0, 0, chanceDays)})
	}
	if a.NextStep != "" {
		due := now.AddDate(0, 0, chanceDays)
		if day, err := time.ParseInLocation(time.DateOnly, a.FollowUp, now.Location()); err == nil {
			due = later(day, now)
		}
		hash := sha256.Sum256([]byte(a.NextStep + "\n" + a.FollowUp))
		add(cause{causeStep, a.Name + ": " + a.NextStep, health, hex.EncodeToString(hash[:6]), due})
	}
	return all
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
