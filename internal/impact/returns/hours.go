// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package returns

import (
	"fmt"
	"math"
)

// Chore is a process on a surface: welcoming new members in Slack, say.
type Chore struct {
	Process string
	Surface string
	Minutes float64 // for one run, by hand
	Members int     // whom it is run for
	Runs    float64 // runs for a member in a period; 0 = once
}

// Hours is how long chores take by hand in a period: the sum over processes and surfaces of minutes / 60 times runs, where runs are
// members times runs for a member. With one run for each member it is the community team's own rule of thumb.
func Hours(chores []Chore) float64 {
	sum := 0.0
	for _, c := range chores {
		runs := c.Runs
		if runs == 0 {
			runs = 1
		}
		sum += c.Minutes / 60 * float64(c.Members) * runs
	}
	return sum
}

// Automation is what it takes to have chores done by machine.
type Automation struct {
	Rate    float64 // loaded cost of an hour
	Cost    float64 // of the automation, for a period
	Share   float64 // of the hours that it takes over; 0 = all
	Growth  float64 // of members from period to period: 0.05 = 5 % more
	Periods int
}

// Period is what automation saves in a period.
type Period struct {
	Hours float64 `json:"hours"` // that are not spent
	Worth float64 `json:"worth"` // hours times rate
	Net   float64 `json:"net"`   // less the cost of the automation
	Total float64 `json:"total"` // net, summed up to here
}

// Forecast carries the hours on over periods.
func Forecast(chores []Chore, a Automation) ([]Period, error) {
	if a.Periods < 1 || a.Growth <= -1 || a.Rate < 0 || a.Share < 0 || a.Share > 1 {
		return nil, fmt.Errorf("forecast hours: %d periods, growth %v, rate %v, share %v: it takes a period, a growth above -1, a rate from 0, and a share up to 1",
			a.Periods, a.Growth, a.Rate, a.Share)
	}
	share := a.Share
	if share == 0 {
		share = 1
	}
	hours, total := Hours(chores)*share, 0.0
	out := make([]Period, a.Periods)
	for i := range out {
		h := hours * math.Pow(1+a.Growth, float64(i))
		p := Period{Hours: h, Worth: h * a.Rate, Net: h*a.Rate - a.Cost}
		total += p.Net
		p.Total = total
		out[i] = p
	}
	return out, nil
}

// Overlap says where members may be counted more than once: they are on several surfaces, and people is how many there are of
// them. It is "" where nothing is counted twice.
func Overlap(chores []Chore, people int) string {
	most := make(map[string]int)
	for _, c := range chores {
		most[c.Surface] = max(most[c.Surface], c.Members)
	}
	sum := 0
	for _, n := range most {
		sum += n
	}
	if sum <= people || len(most) < 2 {
		return ""
	}
	return fmt.Sprintf("The surfaces have %d members together, and there are %d people: who is on several is counted on each.", sum, people)
}
