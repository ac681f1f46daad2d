// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package noise says whether a difference between two figures is more than chance would make.
//
// Each test is a textbook one and is named in its verdict, because a number of which nobody knows how it came about
// convinces nobody:
//
//   - [Proportions]: two shares of independent cases. The z test with pooled variance or, where few cases are expected
//     in a cell (Cochran's five), Fisher's exact test; the interval of the difference is Newcombe's (1998, method 10).
//   - [Rates]: two counts over lengths of time. The exact conditional test (Przyborowski and Wilenski, 1940), or a
//     normal one whose variance is widened by the dispersion seen in the past: what members do comes in bursts, and a
//     plain Poisson test takes every burst for news.
//   - [Past]: one figure against the same figure of earlier periods, by Student's t for one new observation. It serves
//     figures that are no counts, such as medians. It knows no trend and no season.
//   - [RateSteps], [ShareSteps] and [SeasonPast]: the same three where earlier seasons are known. They ask whether a figure
//     changed otherwise than it did at the same point of those.
//   - [Permutation]: two lists of figures, unit by unit; exact where there are few, else over 9,999 fixed shuffles.
//
// Where many differences are looked at together, [Holm] keeps the chance of calling any of them wrongly at the level.
package noise

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"

	"greenroom/internal/impact/chance"
)

// Level is below which p a difference is called more than noise.
const Level = 0.05

// The names of the tests.
const (
	TestNone        = ""
	TestZ           = "two proportions"
	TestFisher      = "Fisher's exact test"
	TestRates       = "two rates, exact"
	TestDispersed   = "two rates, dispersed"
	TestPast        = "against its own past"
	TestPermutation = "permutation test"
)

// Verdict is what a test says.
type Verdict struct {
	Test string  `json:"test"` // its name; "" = there is too little to test
	P    float64 `json:"p"`    // how often chance alone makes such a difference or a greater one
	Real bool    `json:"more_than_noise"`
	Says string  `json:"says"` // the same as a sentence
}

// none is the verdict where nothing can be tested.
func none(why string) Verdict { return Verdict{P: 1, Says: "Too little to tell: " + why + "."} }

func verdict(test string, p float64) Verdict {
	p = min(max(p, 0), 1)
	v := Verdict{Test: test, P: p, Real: p < Level}
	switch {
	case v.Real && Seasonal(test):
		v.Says = "More than noise and season: beside the season, chance does this "
	case v.Real:
		v.Says = "More than noise: chance alone does this "
	case Seasonal(test):
		v.Says = "Within noise and season: beside the season, chance does this "
	default:
		v.Says = "Within noise: chance alone does this "
	}
	v.Says += often(p) + " (" + test + ")."
	return v
}

// often says a probability as one time in so many.
func often(p float64) string {
	switch {
	case p >= 0.5:
		return "more often than not"
	case p < 0.0001:
		return "less than 1 time in 10,000"
	case p < 0.001:
		return "about 1 time in " + strconv.Itoa(int(math.Round(1/p/100)*100))
	default:
		return "about 1 time in " + strconv.Itoa(int(math.Round(1/p)))
	}
}

// Proportions tests two shares of independent cases: hits of n each.
func Proportions(hits1, n1, hits2, n2 int64) Verdict {
	if n1 <= 0 || n2 <= 0 {
		return none("one of the two has no cases")
	}
	n, hits := float64(n1+n2), float64(hits1+hits2)
	if hits == 0 || hits == n {
		return verdict(TestFisher, 1)
	}
	least := min(float64(n1), float64(n2)) * min(hits, n-hits) / n
	if least < 5 {
		return verdict(TestFisher, fisher(hits1, n1, hits2, n2))
	}
	p := hits / n
	z := (float64(hits1)/float64(n1) - float64(hits2)/float64(n2)) / math.Sqrt(p*(1-p)*(1/float64(n1)+1/float64(n2)))
	return verdict(TestZ, chance.Beyond(z))
}

// Difference is the 95 % interval of a difference of shares, the first less the second (Newcombe, method 10).
func Difference(hits1, n1, hits2, n2 int64) (low, high float64) {
	if n1 <= 0 || n2 <= 0 {
		return -1, 1
	}
	p1, p2 := float64(hits1)/float64(n1), float64(hits2)/float64(n2)
	l1, u1 := Wilson(hits1, n1)
	l2, u2 := Wilson(hits2, n2)
	return p1 - p2 - math.Hypot(p1-l1, u2-p2), p1 - p2 + math.Hypot(u1-p1, p2-l2)
}

// z95 is the normal quantile of a two-sided 95 % interval.
const z95 = chance.Z95

// Wilson is the 95 % score interval of a share of hits in n cases (Wilson, Probable Inference, the Law of Succession,
// and Statistical Inference, 1927). It is 0 to 1 where there are no cases.
func Wilson(hits, n int64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	p, m := float64(hits)/float64(n), float64(n)
	z2 := z95 * z95
	mid := (p + z2/(2*m)) / (1 + z2/m)
	half := z95 / (1 + z2/m) * math.Sqrt(p*(1-p)/m+z2/(4*m*m))
	low, high = max(0, mid-half), min(1, mid+half)
	if hits == 0 {
		low = 0
	}
	if hits == n {
		high = 1
	}
	return low, high
}

// fisher is the two-sided p of Fisher's exact test: the tables as likely as this one, or less, together.
func fisher(hits1, n1, hits2, n2 int64) float64 {
	hits := hits1 + hits2
	log := func(k int64) float64 { return choose(n1, k) + choose(n2, hits-k) - choose(n1+n2, hits) }
	mine, sum := log(hits1), 0.0
	for k := max(0, hits-n2); k <= min(n1, hits); k++ {
		if l := log(k); l <= mine+1e-7 {
			sum += math.Exp(l)
		}
	}
	return sum
}

// choose is the logarithm of the number of ways to choose k of n.
func choose(n, k int64) float64 {
	f := func(x int64) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	return f(n) - f(k) - f(n-k)
}

// Rates tests two counts over lengths of time, in any unit. Dispersion is by how much the variance of such counts is
// greater than their mean, see [Dispersion]; 1 or less is Poisson's.
func Rates(count1 int64, time1 float64, count2 int64, time2, dispersion float64) Verdict {
	n := count1 + count2
	if time1 <= 0 || time2 <= 0 || n == 0 {
		return none("nothing was counted")
	}
	share := time1 / (time1 + time2)
	if dispersion <= 1 && n <= 20_000 {
		return verdict(TestRates, binomial(count1, n, share))
	}
	test := TestRates
	if dispersion > 1 {
		test = TestDispersed
	}
	sd := math.Sqrt(max(dispersion, 1) * float64(n) * share * (1 - share))
	return verdict(test, chance.Beyond((float64(count1)-float64(n)*share)/sd))
}

// binomial is the two-sided p of k hits in n: the outcomes as likely as this one, or less, together.
func binomial(k, n int64, p float64) float64 {
	log := func(i int64) float64 {
		return choose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p)
	}
	mine, sum := log(k), 0.0
	for i := range n + 1 {
		if l := log(i); l <= mine+1e-7 {
			sum += math.Exp(l)
		}
	}
	return sum
}

// RateInterval is the 95 % interval of a count (Garwood's exact one by the chi-square approximation of Wilson and
// Hilferty, good to a hundredth from 1 on).
func RateInterval(count int64) (low, high float64) {
	c := float64(count)
	if count > 0 {
		low = c * math.Pow(1-1/(9*c)-z95/(3*math.Sqrt(c)), 3)
	}
	d := c + 1
	return max(low, 0), d * math.Pow(1-1/(9*d)+z95/(3*math.Sqrt(d)), 3)
}

// Dispersion is by how much the counts of earlier periods vary more than Poisson's would: their variance over their mean,
// 1 at least. Steady growth is no burst: it goes by the differences between neighbors.
func Dispersion(history []float64) float64 {
	if len(history) < 4 {
		return 1
	}
	sum, squares := 0.0, 0.0
	for i, v := range history {
		sum += v
		if i > 0 {
			squares += (v - history[i-1]) * (v - history[i-1])
		}
	}
	mean := sum / float64(len(history))
	if mean <= 0 {
		return 1
	}
	return max(1, squares/(2*float64(len(history)-1))/mean)
}

// pastLeast is how many earlier periods it takes to say what is usual.
const pastLeast = 5

// Past tests a figure against those of earlier periods.
func Past(history []float64, now float64) Verdict {
	history = slices.DeleteFunc(slices.Clone(history), math.IsNaN)
	if len(history) < pastLeast || math.IsNaN(now) {
		return none("it takes " + strconv.Itoa(pastLeast) + " earlier periods with a figure")
	}
	n, mean := float64(len(history)), 0.0
	for _, v := range history {
		mean += v / n
	}
	squares := 0.0
	for _, v := range history {
		squares += (v - mean) * (v - mean)
	}
	sd := math.Sqrt(squares / (n - 1))
	if sd <= 1e-12*max(1, math.Abs(mean)) {
		if math.Abs(now-mean) <= 1e-9*max(1, math.Abs(mean)) {
			return verdict(TestPast, 1)
		}
		return none("it has never changed before")
	}
	return verdict(TestPast, chance.StudentBeyond((now-mean)/(sd*math.Sqrt(1+1/n)), n-1))
}

// The sizes of permutation tests.
const (
	exactMost = 20_000
	shuffles  = 9_999
)

// Permutation tests the difference of the means of two lists of figures, one figure a unit, such as a week or a member.
func Permutation(a, b []float64) Verdict {
	a, b = slices.DeleteFunc(slices.Clone(a), math.IsNaN), slices.DeleteFunc(slices.Clone(b), math.IsNaN)
	if len(a) < 3 || len(b) < 3 {
		return none("it takes three figures on each side")
	}
	all := slices.Concat(a, b)
	total := 0.0
	for _, v := range all {
		total += v
	}
	na, nb := float64(len(a)), float64(len(b))
	away := func(sum float64) float64 { return math.Abs(sum/na - (total-sum)/nb) }
	mine := 0.0
	for _, v := range a {
		mine += v
	}
	least := away(mine) - 1e-9*max(1, away(mine))
	ways := new(big.Int).Binomial(int64(len(all)), int64(len(a)))
	if ways.IsInt64() && ways.Int64() <= exactMost {
		hits := 0
		choices(all, len(a), 0, func(sum float64) {
			if away(sum) >= least {
				hits++
			}
		})
		return verdict(TestPermutation, float64(hits)/float64(ways.Int64()))
	}
	random := rand.New(rand.NewPCG(1, uint64(len(all)))) //nolint:gosec // the same answer every time is what is wanted
	hits := 1
	for range shuffles {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		sum := 0.0
		for _, v := range all[:len(a)] {
			sum += v
		}
		if away(sum) >= least {
			hits++
		}
	}
	return verdict(TestPermutation, float64(hits)/(shuffles+1))
}

// choices calls yield with the sum of each choice of k of the values.
func choices(values []float64, k int, sum float64, yield func(sum float64)) {
	if k == 0 {
		yield(sum)
		return
	}
	for i := 0; i+k <= len(values); i++ {
		choices(values[i+1:], k-1, sum+values[i], yield)
	}
}

// Holm corrects verdicts that are looked at together (Holm, 1979): each p grows with how many there are. Those where
// nothing could be tested stay as they are.
func Holm(all []Verdict) []Verdict {
	out := slices.Clone(all)
	var order []int
	for i := range out {
		if out[i].Test != TestNone {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case all[a].P < all[b].P:
			return -1
		case all[a].P > all[b].P:
			return 1
		}
		return 0
	})
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, all[i].P*float64(len(order)-rank)))
		out[i] = verdict(all[i].Test, least)
	}
	return out
}
