// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assumption_test

import (
	"errors"
	"math"
	"testing"

	"greenroom/internal/impact/assumption"
)

// TestRun is worked out by hand: 100 (50 to 200) visits that are worth 2 (1 to 3) each. Visits swing from 100 to 400, worth from
// 100 to 300.
func TestRun(t *testing.T) {
	inputs := []assumption.Input{
		{Name: "worth", Low: 1, Likely: 2, High: 3, Origin: "a guess"},
		{Name: "visits", Low: 50, Likely: 100, High: 200, Origin: "analytics"},
		assumption.Exactly("tax", 1, "", "law"),
	}
	product := func(v []float64) float64 { return v[0] * v[1] * v[2] }
	o, err := assumption.Run(inputs, assumption.Draws, 1, product)
	if err != nil {
		t.Fatal(err)
	}
	if o.Likely != 200 || o.Swings[0].Input.Name != "visits" || o.Swings[0].Low != 100 || o.Swings[0].High != 400 || o.Swings[1].Width != 200 || o.Swings[2].Rank != 0 {
		t.Errorf("%v %+v", o.Likely, o.Swings)
	}
	// The mean of a product of independent triangular inputs is the product of their means: 2 times 350/3.
	mean := 0.0
	for _, v := range o.Draws {
		mean += v / float64(len(o.Draws))
	}
	if math.Abs(mean-2*350.0/3) > 3 {
		t.Errorf("mean %v, want %v", mean, 2*350.0/3)
	}
	if o.Low < 50 || o.High > 600 || o.Low > o.Likely || o.High < o.Likely || math.Abs(o.Below(o.Low)-0.025) > 0.001 {
		t.Errorf("%v to %v", o.Low, o.High)
	}
	again, err := assumption.Run(inputs, assumption.Draws, 1, product)
	if err != nil || again.Low != o.Low || again.High != o.High {
		t.Errorf("%v to %v, and again %v to %v (%v)", o.Low, o.High, again.Low, again.High, err)
	}
	if got := o.Says(); got != "What matters most is “visits” (analytics)." {
		t.Error(got)
	}
}

// TestTriangle is the distribution from 0 over 1 to 4: below 1 with probability 1/4, below 2 with 1 - (4-2)^2/12 = 2/3.
func TestTriangle(t *testing.T) {
	in := assumption.Input{Low: 0, Likely: 1, High: 4}
	for u, want := range map[float64]float64{0: 0, 0.25: 1, 2.0 / 3: 2, 1: 4, 0.0625: 0.5} {
		if got := in.At(u); math.Abs(got-want) > 1e-12 {
			t.Errorf("at %v: %v, want %v", u, got, want)
		}
	}
}

// TestSpearman compares with scipy 1.17.1: stats.spearmanr([1,2,3,4,5,6], [2,1,4,3,3,9]).
func TestSpearman(t *testing.T) {
	if got := assumption.Spearman([]float64{1, 2, 3, 4, 5, 6}, []float64{2, 1, 4, 3, 3, 9}); math.Abs(got-0.753702346348183) > 1e-12 {
		t.Error(got)
	}
}

func TestBadInputs(t *testing.T) {
	for want, in := range map[error]assumption.Input{
		assumption.ErrRange:  {Name: "a", Low: 2, Likely: 1, High: 3, Origin: "x"},
		assumption.ErrOrigin: {Name: "b", Low: 1, Likely: 1, High: 1},
	} {
		if _, err := assumption.Run([]assumption.Input{in}, 10, 1, func([]float64) float64 { return 0 }); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}
