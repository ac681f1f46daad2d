// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package trend_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom/internal/text/trend"
)

// source draws counts.
type source struct{ *rand.Rand }

func (r source) poisson(mean float64) float64 {
	end, k, p := math.Exp(-mean), 0, 1.0
	for p > end {
		p *= r.Float64()
		k++
	}
	return float64(k - 1)
}

// gamma is after Marsaglia and Tsang.
func (r source) gamma(shape float64) float64 {
	if shape < 1 {
		return r.gamma(shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := (1 + c*x) * (1 + c*x) * (1 + c*x)
		if v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// count is of a negative binomial with that variance through mean.
func (r source) count(mean, dispersion float64) float64 {
	if dispersion <= 1 {
		return r.poisson(mean)
	}
	return r.poisson(r.gamma(mean/(dispersion-1)) * (dispersion - 1))
}

// week is how a community's week looks like.
var week = [7]float64{0.55, 1.2, 1.25, 1.2, 1.2, 1.1, 0.5}

func (r source) days(n int, mean, dispersion float64) []float64 {
	counts := make([]float64, n)
	for d := range counts {
		counts[d] = r.count(mean*week[d%7], dispersion)
	}
	return counts
}

// At one false alarm in a quarter, 90 % of threefold bursts are found within two days of the first, where at least some
// messages come in a day. docs/topics.md has the table.
func TestFalseAlarmsAndBursts(t *testing.T) {
	r := source{rand.New(rand.NewPCG(1, 2))}
	const series, days = 60, 182
	for _, dispersion := range []float64{1, 1.5} {
		found, all := 0, 0
		for _, mean := range []float64{4, 8, 16, 32} {
			alarms := 0
			for i := range series {
				counts := r.days(days, mean, dispersion)
				alarms += len(trend.Analyze(counts, trend.Options{}).Bursts)
				start := 120 + i%7
				for d := start; d < start+3; d++ {
					counts[d] = r.count(3*mean*week[d%7], dispersion)
				}
				for _, b := range trend.Analyze(counts[:start+3], trend.Options{}).Bursts {
					if b.Alarm >= start {
						found++
						break
					}
				}
				all++
			}
			if rate := float64(alarms) / series / days * 91.3; rate > 1.5 {
				t.Errorf("mean %g, dispersion %g: %.2f false alarms in a quarter, want about 1", mean, dispersion, rate)
			}
		}
		if share := float64(found) / float64(all); share < 0.9 {
			t.Errorf("dispersion %g: %.2f of threefold bursts found within two days, want 0.9", dispersion, share)
		}
	}
}

// Asking for fewer false alarms gives fewer bursts.
func TestRateCanBeSet(t *testing.T) {
	r := source{rand.New(rand.NewPCG(3, 4))}
	var n [2]int
	for range 60 {
		counts := r.days(182, 5, 1)
		for i, rate := range []float64{4, 0.1} {
			n[i] += len(trend.Analyze(counts, trend.Options{PerQuarter: rate}).Bursts)
		}
	}
	if n[0] < 10*max(n[1], 1) {
		t.Errorf("%d bursts at four false alarms in a quarter, %d at a tenth of one", n[0], n[1])
	}
}

func TestBurst(t *testing.T) {
	counts := make([]float64, 100)
	for d := range counts {
		counts[d] = float64(2 + d%3)
	}
	for d := 60; d < 65; d++ {
		counts[d] = 14
	}
	s := trend.Analyze(counts, trend.Options{PerQuarter: 0.1})
	if len(s.Bursts) != 1 {
		t.Fatalf("%d bursts, want 1: %+v", len(s.Bursts), s.Bursts)
	}
	b := s.Bursts[0]
	if diff := cmp.Diff([]int{60, 64}, []int{b.Start, b.End}); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	if b.Count != 70 || b.Times() < 3 || b.Open {
		t.Errorf("%+v", b)
	}
	open := trend.Analyze(counts[:63], trend.Options{PerQuarter: 0.1})
	if len(open.Bursts) != 1 || !open.Bursts[0].Open {
		t.Errorf("a burst that goes on: %+v", open.Bursts)
	}
}

// Whatever the counts are: bursts lie in them, in order, apart, and hold more than was expected.
func TestAnyCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 60), func(n int) float64 { return float64(n) }), 0, 120).Draw(t, "counts")
		s := trend.Analyze(counts, trend.Options{Weekday: rapid.IntRange(0, 6).Draw(t, "weekday")})
		if len(s.Expected) != len(counts) || s.Dispersion < 1 {
			t.Fatalf("%d expected of %d, dispersion %f", len(s.Expected), len(counts), s.Dispersion)
		}
		last := -1
		for _, b := range s.Bursts {
			if b.Start <= last || b.End < b.Start || b.End >= len(counts) || b.Alarm < b.Start || b.Count <= b.Expected {
				t.Fatalf("a burst %+v after day %d of %d", b, last, len(counts))
			}
			last = b.End
		}
	})
}

func TestCourse(t *testing.T) {
	flat := func(n int, v float64) []float64 {
		c := make([]float64, n)
		for i := range c {
			c[i] = v
		}
		return c
	}
	for _, c := range []struct {
		name   string
		counts []float64
		want   trend.Course
	}{
		{"steady", flat(90, 4), trend.Steady},
		{"too little is known", flat(20, 4), trend.Steady},
		{"new", append(flat(80, 0), flat(10, 2)...), trend.New},
		{"rising", append(flat(76, 3), flat(14, 6)...), trend.Rising},
		{"fading", append(flat(76, 6), flat(14, 2)...), trend.Fading},
		{"noise", append(flat(76, 0.1), flat(14, 0.2)...), trend.Steady},
	} {
		if got := trend.CourseOf(c.counts, 1); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMerge(t *testing.T) {
	e := func(name string, from, to int, score float64, messages ...int) trend.Event {
		return trend.Event{Burst: trend.Burst{Start: from, End: to, Score: score}, Name: name, Messages: messages}
	}
	got := trend.Merge([]trend.Event{
		e("page", 10, 12, 5, 1, 2, 9), e("checkout", 10, 13, 9, 1, 2, 3, 4), e("later", 40, 42, 7, 1, 2, 3), e("other", 11, 12, 6, 20, 21),
	})
	var names []string
	for _, x := range got {
		names = append(names, x.Name)
	}
	if diff := cmp.Diff([]string{"checkout", "later", "other"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func BenchmarkAnalyze(b *testing.B) {
	r := source{rand.New(rand.NewPCG(5, 6))}
	counts := r.days(182, 6, 1.5)
	for b.Loop() {
		trend.Analyze(counts, trend.Options{})
	}
}
