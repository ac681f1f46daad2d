// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linear_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"greenroom/internal/impact/linear"
)

// sample is a made table of 40 cases in 8 clusters; R makes the same one by
//
//	i <- 0:39; x1 <- ((i*7)%%13)/2; x2 <- ((i*i)%%11)/4; g <- i%/%5
//	y <- 1+.5*x1-.3*x2+((i*37)%%17)/8+(g%%3); t <- as.integer((i*29)%%40+4*x1 > 32)
func sample() (x [][]float64, y, weights []float64, clusters []int, happened []bool) {
	for i := range 40 {
		x1, x2, g := float64(i*7%13)/2, float64(i*i%11)/4, i/5
		x = append(x, []float64{1, x1, x2})
		y = append(y, 1+0.5*x1-0.3*x2+float64(i*37%17)/8+float64(g%3))
		weights = append(weights, float64(1+i%3))
		clusters = append(clusters, g)
		happened = append(happened, float64(i*29%40)+4*x1 > 32)
	}
	return x, y, weights, clusters, happened
}

func near(t *testing.T, name string, got, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-9*max(1, math.Abs(want[i]))) {
			t.Errorf("%s[%d]: %.12g, want %.12g", name, i, got[i], want[i])
		}
	}
}

func errorsOf(c linear.Covariance) []float64 {
	var out []float64
	for i := range c.Matrix {
		out = append(out, math.Sqrt(c.Matrix[i][i]))
	}
	return out
}

// TestLeast compares with R 4.2.2: lm(y ~ x1 + x2), and with sandwich 3.0-2: vcovHC(type = "HC1"), vcovCL(cluster = g,
// type = "HC1"), NeweyWest(lag = 3, prewhite = FALSE, adjust = TRUE), and lmtest 0.9-40: waldtest with the HC1 covariance.
func TestLeast(t *testing.T) {
	x, y, weights, clusters, _ := sample()
	f, err := linear.Least(x, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "coefficients", f.Coefficients, []float64{2.7234869442146, 0.58077315957527, -0.3959219729654})
	near(t, "R squared", []float64{f.RSquared}, []float64{0.54166230563674})
	near(t, "classic", errorsOf(f.Classic()), []float64{0.41956400746942, 0.092637705480297, 0.25093877476658})
	near(t, "HC1", errorsOf(f.Robust()), []float64{0.51009163398944, 0.098328692902659, 0.24558341676604})
	near(t, "CR1", errorsOf(f.Clustered(clusters)), []float64{0.64768726365343, 0.09687767465506, 0.17768562718137})
	near(t, "Newey-West", errorsOf(f.NeweyWest(3)), []float64{0.58773805932037, 0.086565841026758, 0.27508710925585})
	statistic, p, err := f.Robust().Wald(f, []int{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Wald", []float64{statistic, p}, []float64{21.460146943545, 6.4949536918827e-07})
	if got := f.Clustered(clusters).Freedom; got != 7 {
		t.Errorf("8 clusters have %v degrees of freedom", got)
	}
	w, err := linear.Least(x, y, weights)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "weighted", w.Coefficients, []float64{2.5956900595573, 0.6128800474182, -0.29803813334479})
	near(t, "weighted classic", errorsOf(w.Classic()), []float64{0.43715373042549, 0.094407550439024, 0.26049742321488})
	near(t, "weighted HC1", errorsOf(w.Robust()), []float64{0.53988518465807, 0.11383688955672, 0.26259523595713})
}

// TestLogistic compares with R 4.2.2: glm(t ~ x1 + x2, family = binomial, control = list(epsilon = 1e-14)).
func TestLogistic(t *testing.T) {
	x, _, _, _, happened := sample()
	o, err := linear.Logistic(x, happened)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "coefficients", o.Coefficients, []float64{-0.54283852565768, 0.41868164369349, -0.32932071501444})
	near(t, "errors", errorsOf(o.Covariance), []float64{0.79392159640486, 0.19341683799065, 0.48061305552967})
	near(t, "deviance", []float64{o.Deviance}, []float64{48.528441278156})
}

func TestWhatCannotBeFitted(t *testing.T) {
	x, y, _, _, happened := sample()
	var alias *linear.AliasError
	for i := range x {
		x[i] = append(x[i], x[i][1]-2*x[i][2])
	}
	if _, err := linear.Least(x, y, nil); !errors.As(err, &alias) || alias.Column != 3 {
		t.Errorf("a column that follows from others: %v", err)
	}
	if _, err := linear.Least(x[:4], y[:4], nil); !errors.Is(err, linear.ErrTooFew) {
		t.Errorf("four cases: %v", err)
	}
	if _, err := linear.Least(nil, nil, nil); !errors.Is(err, linear.ErrTooFew) {
		t.Errorf("no cases: %v", err)
	}
	y[7] = math.NaN()
	if _, err := linear.Least(x, y, nil); !errors.Is(err, linear.ErrNumber) || !strings.Contains(err.Error(), "row 8, outcome") {
		t.Errorf("an outcome that is not a number: %v", err)
	}
	var apart [][]float64
	for i, h := range happened {
		v := float64(i)
		if h {
			v += 100
		}
		apart = append(apart, []float64{1, v})
	}
	if _, err := linear.Logistic(apart, happened); !errors.Is(err, linear.ErrSeparated) {
		t.Errorf("separated: %v", err)
	}
	if _, err := linear.Inverse([][]float64{{1, 2}, {2, 4}}); !errors.Is(err, linear.ErrSingular) {
		t.Errorf("no inverse: %v", err)
	}
}
