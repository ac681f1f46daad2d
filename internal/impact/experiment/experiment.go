// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package experiment answers what something did where chance decided who gets it: a workflow that holds out a random group.
//
// Those who were assigned to it are compared with those who were held out, whether or not they took it up ("intention to
// treat"): chance made the groups alike, and everything that people chose afterwards does not. So the answer is what offering
// it does. Leaving out those who did not take it up would compare the eager with everybody, and is not offered here.
//
//   - [Shares] compares shares of cases: the interval is Newcombe's hybrid score interval (1998, method 10), which holds with
//     few cases and with shares near 0 and 1 (package noise); the ratio's is Katz's (1978).
//   - [Means] compares means, by Welch (1947), who lets the groups vary differently.
//   - [Assigned] takes what is known of each participant, chooses between the two, lets members of one cluster go together,
//     and tests whether the groups are as large as they should be.
//   - [PowerShares], [DetectableShare], [SizeShares] and the same for means say what an experiment of so many can show, and
//     how many it takes.
package experiment

import (
	"errors"
	"fmt"
	"math"

	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/linear"
	"greenroom/internal/impact/noise"
)

// The reasons for which nothing can be compared.
var (
	ErrOneSided = errors.New("it takes two cases at least in each group")
	ErrHits     = errors.New("there cannot be more hits than cases, or fewer than none")
)

// Comparison is the offered against the held out.
type Comparison struct {
	Offered    chance.Estimate `json:"offered"`  // share or mean of those it was offered to
	HeldOut    chance.Estimate `json:"held_out"` //
	Difference chance.Estimate `json:"difference"`
	Ratio      chance.Estimate `json:"ratio"` // of the shares; of means NaN
	Test       string          `json:"test"`
}

// Shares compares hits of n cases each, the offered first.
func Shares(hits1, n1, hits2, n2 int64) (Comparison, error) {
	if n1 < 2 || n2 < 2 {
		return Comparison{}, fmt.Errorf("compare shares: %w", ErrOneSided)
	}
	if hits1 < 0 || hits2 < 0 || hits1 > n1 || hits2 > n2 {
		return Comparison{}, fmt.Errorf("compare shares, %d of %d with %d of %d: %w", hits1, n1, hits2, n2, ErrHits)
	}
	share := func(hits, n int64) chance.Estimate {
		e := chance.Estimate{Value: float64(hits) / float64(n), Error: math.NaN(), P: math.NaN()}
		e.Low, e.High = noise.Wilson(hits, n)
		return e
	}
	v := noise.Proportions(hits1, n1, hits2, n2)
	c := Comparison{Offered: share(hits1, n1), HeldOut: share(hits2, n2), Test: v.Test}
	p1, p2 := c.Offered.Value, c.HeldOut.Value
	c.Difference = chance.Estimate{
		Value: p1 - p2, P: v.P,
		Error: math.Sqrt(p1*(1-p1)/float64(n1) + p2*(1-p2)/float64(n2)),
	}
	c.Difference.Low, c.Difference.High = noise.Difference(hits1, n1, hits2, n2)
	c.Ratio = RatioOfShares(hits1, n1, hits2, n2)
	return c, nil
}

// RatioOfShares is the ratio of two shares with Katz's interval of its logarithm. Where nobody is hit on a side, half a case is
// added to each cell.
func RatioOfShares(hits1, n1, hits2, n2 int64) chance.Estimate {
	a, m, b, n := float64(hits1), float64(n1), float64(hits2), float64(n2)
	if hits1 == 0 || hits2 == 0 {
		a, m, b, n = a+0.5, m+1, b+0.5, n+1
	}
	return chance.Large(math.Log(a/m)-math.Log(b/n), math.Sqrt(1/a-1/m+1/b-1/n)).Exp()
}

// Means compares the means of two lists, the offered first.
func Means(a, b []float64) (Comparison, error) {
	if len(a) < 2 || len(b) < 2 {
		return Comparison{}, fmt.Errorf("compare means: %w", ErrOneSided)
	}
	ma, va := moments(a)
	mb, vb := moments(b)
	return Welch(ma, math.Sqrt(va), len(a), mb, math.Sqrt(vb), len(b)), nil
}

// Welch compares means with their standard deviations and numbers of cases.
func Welch(mean1, deviation1 float64, n1 int, mean2, deviation2 float64, n2 int) Comparison {
	v1, v2 := deviation1*deviation1/float64(n1), deviation2*deviation2/float64(n2)
	freedom := (v1 + v2) * (v1 + v2) / (v1*v1/float64(n1-1) + v2*v2/float64(n2-1))
	c := Comparison{
		Offered: chance.Small(mean1, math.Sqrt(v1), float64(n1-1)), HeldOut: chance.Small(mean2, math.Sqrt(v2), float64(n2-1)),
		Ratio: chance.Unknown(),
		Test:  "Welch's t test",
	}
	if v1+v2 == 0 {
		d := mean1 - mean2
		c.Difference = chance.Estimate{Value: d, Low: d, High: d, P: math.NaN()}
		return c
	}
	c.Difference = chance.Small(mean1-mean2, math.Sqrt(v1+v2), freedom)
	return c
}

func moments(values []float64) (mean, variance float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / (n - 1)
	}
	return mean, variance
}

// Participant is somebody for whom chance decided.
type Participant struct {
	Offered bool    // what chance decided
	Taken   bool    // whether they took it up, which is reported and changes nothing
	Known   bool    // whether the outcome is known
	Outcome float64 // 1 or 0 for what happens or does not
	Cluster int     // participants of one cluster go together; where chance decided by cluster, this has to be given
}

// Trial is what an experiment showed.
type Trial struct {
	Comparison
	OfferedTo   int          `json:"offered_to"`
	HeldOutOf   int          `json:"held_out_of"`
	Takers      int          `json:"takers"`       // of those it was offered to
	Crossed     int          `json:"crossed"`      // of those held out, who got it all the same
	Lost        float64      `json:"lost"`         // share of all whose outcome is not known
	LostUneven  float64      `json:"lost_uneven"`  // p of the test that as many are lost on both sides
	SplitUneven chance.Maybe `json:"split_uneven"` // p of the test that the groups are as large as planned; below 0.001 something is wrong; NaN = nothing was planned
	Clusters    int          `json:"clusters"`     // 0 = everybody on their own
}

// Assigned analyzes by intention to treat. planned is the share that was to be offered it. Those whose outcome is not known are
// left out; where more are lost on one side, the groups are no longer alike, and LostUneven says so.
func Assigned(participants []Participant, planned float64) (Trial, error) {
	var t Trial
	var outcomes [2][]float64
	var n, lost, hits [2]int64
	binary, grouped := true, false
	groups := make(map[int]bool)
	for _, p := range participants {
		side := 0
		if p.Offered {
			side = 1
			if p.Taken {
				t.Takers++
			}
		} else if p.Taken {
			t.Crossed++
		}
		n[side]++
		grouped = grouped || p.Cluster != 0
		groups[p.Cluster] = true
		if !p.Known {
			lost[side]++
			continue
		}
		outcomes[side] = append(outcomes[side], p.Outcome)
		binary = binary && (p.Outcome == 0 || p.Outcome == 1)
		if p.Outcome == 1 {
			hits[side]++
		}
	}
	t.OfferedTo, t.HeldOutOf = int(n[1]), int(n[0])
	all := n[0] + n[1]
	t.Lost = float64(lost[0]+lost[1]) / float64(max(all, 1))
	t.LostUneven = noise.Proportions(lost[1], n[1], lost[0], n[0]).P
	t.SplitUneven = chance.Maybe(math.NaN())
	if planned > 0 && planned < 1 && all > 0 {
		z := (float64(n[1]) - planned*float64(all)) / math.Sqrt(planned*(1-planned)*float64(all))
		t.SplitUneven = chance.Maybe(chance.Beyond(z))
	}
	var err error
	if binary {
		t.Comparison, err = Shares(hits[1], int64(len(outcomes[1])), hits[0], int64(len(outcomes[0])))
	} else {
		t.Comparison, err = Means(outcomes[1], outcomes[0])
	}
	if err != nil {
		return t, fmt.Errorf("analyze an experiment: %w", err)
	}
	if grouped {
		t.Clusters = len(groups)
		t.Difference, err = clustered(participants)
		t.Test = "least squares, errors by cluster"
	}
	return t, err
}

// clustered is the difference of the means with errors by cluster.
func clustered(participants []Participant) (chance.Estimate, error) {
	var rows [][]float64
	var y []float64
	var clusters []int
	for i, p := range participants {
		if !p.Known {
			continue
		}
		offered := 0.0
		if p.Offered {
			offered = 1
		}
		rows = append(rows, []float64{1, offered})
		y = append(y, p.Outcome)
		if p.Cluster == 0 {
			clusters = append(clusters, -1-i)
		} else {
			clusters = append(clusters, p.Cluster)
		}
	}
	f, err := linear.Least(rows, y, nil)
	if err != nil {
		return chance.Estimate{}, fmt.Errorf("analyze an experiment by cluster: %w", err)
	}
	return f.Clustered(clusters).Estimate(f, 1), nil
}
