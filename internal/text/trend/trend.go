// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package trend finds what rises: days on which more was said of something than the season explains.
//
// # What is usual
//
// The expected count of a day is a slow level (the mean of the three weeks on both sides, as far as they are known, drawn
// a little to the mean of all) times a factor for the day of the week. Days of a burst are left out, so that a burst does
// not become usual while it lasts. Counts of messages vary more than chance alone would have it; by how much is
// measured, and the counts are taken as negative binomial.
//
// # What is a burst
//
// Two states, usual and burst, as Kleinberg (2002) has them, where in a burst the count is 2.2 times the usual one. The
// days' evidence for the burst, log-likelihood ratios, adds up as in Page's CUSUM: below 0 it begins anew; above a
// threshold it is an alarm. The threshold is not a matter of taste: it is computed, by a Markov chain after Brook and
// Evans (1972), so that a series without bursts gives the number of false alarms that [Options] ask for, by default one
// each quarter of a year. A burst begins where the sum last was 0 and ends where it was greatest.
//
// All of this is a function of the counts.
package trend

import (
	"cmp"
	"math"
	"slices"
)

// Options say how much is a burst.
type Options struct {
	PerQuarter float64 // false alarms in a quarter of a year without bursts; 0 = 1
	Weekday    int     // day of the week of the first count, 0 to 6; which day is 0 does not matter
}

// Burst is a run of days with more than usual. Days are indexes of the counts.
type Burst struct {
	Start, End int     // both belong to it
	Alarm      int     // the day on which it was certain
	Count      float64 // on these days
	Expected   float64 // on these days, if they had been usual
	Score      float64 // evidence: the log-likelihood ratio
	Open       bool    // it may go on after the last count
}

// Times is how many times the usual a burst is.
func (b *Burst) Times() float64 { return b.Count / max(b.Expected, 0.1) }

// Series is what is known of a series of counts.
type Series struct {
	Expected   []float64 // of each day
	Dispersion float64   // variance through mean: 1 = chance alone
	Bursts     []Burst
}

const (
	times      = 2.2  // the usual, in a burst
	window     = 21   // days on each side that make the level
	quarter    = 91.3 // days
	rounds     = 4
	leastCount = 3   // messages in a burst
	longest    = 28  // days; what lasts longer is a new level
	mostOut    = 0.2 // of the days can be left out of what is usual
	least      = 0.5 // of the mean of all days is usual on any day: where messages are rare, they are no bursts for that
	sure       = 12  // evidence of a burst that is beyond doubt
)

// Analyze finds what is usual and the bursts of daily counts.
func Analyze(counts []float64, o Options) Series {
	s := Series{Expected: make([]float64, len(counts)), Dispersion: 1}
	if len(counts) == 0 {
		return s
	}
	out := make([]bool, len(counts))
	for round := range rounds {
		s.usual(counts, out, o.Weekday, round == 0)
		s.disperse(counts)
		s.Bursts = s.bursts(counts, o)
		again := s.set(len(counts))
		if slices.Equal(out, again) && round > 0 {
			break
		}
		out = again
	}
	return s
}

// set says which days are left out of what is usual: those of bursts, the surest first, as long as most days are left.
func (s *Series) set(days int) []bool {
	out := make([]bool, days)
	order := slices.Clone(s.Bursts)
	slices.SortStableFunc(order, func(a, b Burst) int { return cmp.Compare(b.Score, a.Score) })
	left := int(float64(days) * mostOut)
	for _, b := range order {
		if n := b.End - b.Start + 1; n <= left {
			left -= n
			for d := b.Start; d <= b.End; d++ {
				out[d] = true
			}
		}
	}
	return out
}

// usual computes what is expected of each day, from the days that are not out.
func (s *Series) usual(counts []float64, out []bool, weekday int, trim bool) {
	cut := math.Inf(1)
	if trim { // nothing is known to be a burst yet, so the greatest counts have no say
		sorted := slices.Clone(counts)
		slices.Sort(sorted)
		cut = max(sorted[len(sorted)*19/20], 2)
	}
	total, n, whole := 0.0, 0.0, 0.0
	for d, c := range counts {
		whole += c / float64(len(counts))
		if !out[d] {
			total += min(c, cut)
			n++
		}
	}
	mean := total / max(n, 1)
	factor := weekdays(counts, out, weekday, cut)
	for d := range counts {
		const pull = 7
		sum, days := pull*mean, float64(pull)
		for e := max(0, d-window); e <= min(len(counts)-1, d+window); e++ {
			if !out[e] {
				sum += min(counts[e], cut)
				days += factor[(e+weekday)%7]
			}
		}
		s.Expected[d] = max(sum/days, least*whole, 0.02) * factor[(d+weekday)%7]
	}
}

// disperse measures by how much counts vary more than by chance. Days of bursts that are beyond doubt have no say; those of
// others do, since the greatest counts of usual days look like bursts.
func (s *Series) disperse(counts []float64) {
	const most = 12
	skip := make([]bool, len(counts))
	for _, b := range s.Bursts {
		for d := b.Start; d <= b.End && b.Score > sure; d++ {
			skip[d] = true
		}
	}
	chi, n := 0.0, 0.0
	for d, c := range counts {
		if !skip[d] {
			chi += min((c-s.Expected[d])*(c-s.Expected[d])/s.Expected[d], most)
			n++
		}
	}
	s.Dispersion = min(max(chi/max(n-6, 1), 1), 8)
}

// weekdays are factors around 1, drawn to 1 where there are few messages.
func weekdays(counts []float64, out []bool, weekday int, cut float64) [7]float64 {
	var sum, days [7]float64
	total, n := 0.0, 0.0
	for d, c := range counts {
		if !out[d] {
			sum[(d+weekday)%7] += min(c, cut)
			days[(d+weekday)%7]++
			total += min(c, cut)
			n++
		}
	}
	f := [7]float64{1, 1, 1, 1, 1, 1, 1}
	if n < 28 || total == 0 {
		return f
	}
	const prior = 8 // messages
	for w := range f {
		f[w] = (sum[w] + prior) / (total/n*days[w] + prior)
	}
	return f
}

// bursts runs the sum over the days.
func (s *Series) bursts(counts []float64, o Options) []Burst {
	mean := 0.0
	for _, e := range s.Expected {
		mean += e / float64(len(counts))
	}
	rate := o.PerQuarter
	if rate <= 0 {
		rate = 1
	}
	h := threshold(mean, s.Dispersion, quarter/rate)
	var found []Burst
	for d := 0; d < len(counts); {
		b, next := s.run(counts, d, h)
		if b != nil {
			found = append(found, *b)
		}
		d = next
	}
	return found
}

// run follows the sum from a day on at which it is 0, until it is 0 again or a burst has ended.
func (s *Series) run(counts []float64, start int, h float64) (*Burst, int) {
	sum, best, end, alarm := 0.0, 0.0, start, -1
	d := start
	for ; d < len(counts); d++ {
		sum += evidence(counts[d], s.Expected[d], s.Dispersion)
		if sum > best {
			best, end = sum, d
		}
		if alarm < 0 && best >= h {
			alarm = d
		}
		if sum <= 0 || alarm >= 0 && (sum < best-h || d-end >= 7) || d-start >= longest {
			break
		}
	}
	if alarm < 0 {
		return nil, min(d, len(counts)-1) + 1
	}
	b := &Burst{Start: start, End: end, Alarm: alarm, Score: best, Open: end == len(counts)-1}
	for e := start; e <= end; e++ {
		b.Count += counts[e]
		b.Expected += s.Expected[e]
	}
	if b.Count < leastCount {
		return nil, end + 1
	}
	return b, end + 1
}

// evidence is the log-likelihood ratio of a count under burst and usual.
func evidence(count, usual, dispersion float64) float64 {
	if dispersion < 1.02 {
		return count*math.Log(times) - (times-1)*usual
	}
	r := usual / (dispersion - 1) // the size of a negative binomial of that variance
	high := times * usual
	return count*(math.Log(high/(high+r))-math.Log(usual/(usual+r))) - r*math.Log((high+r)/(usual+r))
}
