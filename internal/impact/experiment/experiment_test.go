// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package experiment_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"greenroom/internal/impact/experiment"
)

func near(t *testing.T, name string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within*max(1, math.Abs(want))) {
		t.Errorf("%s: %.12g, want %.12g", name, got, want)
	}
}

// TestShares has the examples of Newcombe, Interval Estimation for the Difference between Independent Proportions, Statistics
// in Medicine 17, 1998, table II, method 10: 56 of 70 and 48 of 80, 9 of 10 and 3 of 10, 10 of 10 and 0 of 20.
func TestShares(t *testing.T) {
	for _, tc := range []struct {
		hits1, n1, hits2, n2 int64
		low, high            float64
	}{{56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090}, {10, 10, 0, 20, 0.6791, 1}, {6, 7, 2, 7, 0.0582, 0.8062}} {
		c, err := experiment.Shares(tc.hits1, tc.n1, tc.hits2, tc.n2)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "low", c.Difference.Low, tc.low, 6e-5)
		near(t, "high", c.Difference.High, tc.high, 6e-5)
	}
	if _, err := experiment.Shares(1, 1, 0, 5); !errors.Is(err, experiment.ErrOneSided) {
		t.Errorf("one case: %v", err)
	}
}

// TestMeans is the sleep data of Student, The Probable Error of a Mean, 1908, as R's help of t.test has it: t = -1.8608, df =
// 17.776, p = 0.07939, interval -3.3654832 to 0.2054832 (R 4.2.2, t.test(extra ~ group, data = sleep)).
func TestMeans(t *testing.T) {
	c, err := experiment.Means([]float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}, []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "t", c.Difference.Value/c.Difference.Error, -1.8608134674869, 1e-9)
	near(t, "p", c.Difference.P, 0.0793941401874, 1e-9)
	near(t, "low", c.Difference.Low, -3.3654832307117, 1e-9)
	near(t, "high", c.Difference.High, 0.2054832307117, 1e-9)
}

// TestPower compares with R 4.2.2: power.prop.test(n = 200, p1 = .1, p2 = .18), power.prop.test(p1 = .5, p2 = .75, power = .9),
// power.prop.test(p1 = .1, n = 500, power = .8), power.t.test(n = 20, delta = 1, sd = 1), power.t.test(power = .9, delta = 1),
// power.t.test(n = 50, sd = 2, power = .8); the second, fourth and fifth are the examples of R's own help.
func TestPower(t *testing.T) {
	near(t, "power of shares", experiment.PowerShares(0.1, 200, 0.18, 200), 0.63604880114, 1e-9)
	near(t, "size for shares", experiment.SizeShares(0.5, 0.75, 0.9), 76.7069301141, 1e-7)
	near(t, "detectable share", experiment.DetectableShare(0.1, 500, 500, 0.8), 0.159466681134-0.1, 1e-8)
	near(t, "power of means", experiment.PowerMeans(1, 1, 20, 20), 0.868952801692, 1e-9)
	near(t, "size for means", experiment.SizeMeans(1, 1, 0.9), 22.0210955701, 1e-8)
	near(t, "detectable mean", experiment.DetectableMean(2, 50, 50, 0.8), 1.13176587016, 1e-8)
	if d := experiment.DetectableShare(0.99, 100, 100, 0.8); d > -0.05 {
		t.Errorf("from 99 %% only a fall can be seen: %v", d)
	}
	if got := experiment.Could(0.08, true); got != "With these numbers it could show effects of 8 points or more (in 4 of 5 cases)." {
		t.Error(got)
	}
	if got := experiment.Could(1.234, false); got != "With these numbers it could show effects of 1.2 or more (in 4 of 5 cases)." {
		t.Error(got)
	}
	near(t, "clusters of five", experiment.Inflated(100, 5, 0.1), 140, 1e-12)
}

// TestAssigned checks that taking it up changes nothing, and that what went wrong is told.
func TestAssigned(t *testing.T) {
	var all []experiment.Participant
	for i := range 200 {
		outcome := 0.0
		if i%4 == 0 || i < 60 && i%3 == 0 {
			outcome = 1
		}
		all = append(all, experiment.Participant{Offered: i < 100, Taken: i < 40 || i == 150, Known: i < 190, Outcome: outcome})
	}
	trial, err := experiment.Assigned(all, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	direct, err := experiment.Shares(40, 100, 23, 90)
	if err != nil {
		t.Fatal(err)
	}
	if trial.Difference != direct.Difference || trial.Takers != 40 || trial.Crossed != 1 || trial.Lost != 0.05 {
		t.Errorf("%+v, want %+v", trial, direct)
	}
	if trial.LostUneven > 0.01 || trial.SplitUneven != 1 {
		t.Errorf("lost uneven %v, split uneven %v", trial.LostUneven, trial.SplitUneven)
	}
	for i := range all {
		all[i].Cluster = 1 + i%10 + 10*(i/100)
	}
	grouped, err := experiment.Assigned(all, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "by cluster", grouped.Difference.Value, direct.Difference.Value, 1e-12)
	if grouped.Clusters != 20 || grouped.Difference.Error == direct.Difference.Error || grouped.SplitUneven > 1e-6 {
		t.Errorf("%+v", grouped)
	}
}

// TestSizeAndPower checks that so many as it takes have the power asked for.
func TestSizeAndPower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.05, 0.9).Draw(t, "p")
		q := rapid.Float64Range(0.05, 0.9).Draw(t, "q")
		power := rapid.Float64Range(0.5, 0.95).Draw(t, "power")
		if math.Abs(p-q) < 0.02 {
			return
		}
		n := int(math.Ceil(experiment.SizeShares(p, q, power)))
		if got := experiment.PowerShares(p, n, q, n); got < power-1e-9 {
			t.Fatalf("%d have a power of %v, want %v", n, got, power)
		}
		if d := experiment.DetectableShare(q, n, n, power); d > 0 && d > math.Abs(p-q)*2 && p > q {
			t.Fatalf("%d would show %v only", n, d)
		}
	})
}
