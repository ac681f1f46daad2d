// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survival_test

import (
	"math"
	"testing"

	"greenroom/internal/impact/survival"
)

// leukemia is the trial of 6-mercaptopurine against a placebo of Freireich and others, Blood 21, 1963: weeks in remission. Cox worked
// it out in Regression Models and Life-Tables, 1972; it is the data set gehan of R's package MASS.
func leukemia() (treated, placebo []survival.Case) {
	treated = cases("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+")
	return treated, cases("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23")
}

// TestLeukemia compares with R 4.2.2, survival 3.5-3, MASS: coxph(Surv(time, cens) ~ (treat == "control"), gehan, eps = 1e-14) with
// ties "efron" and "breslow" (1.5092 and 0.4096, as textbooks have it), survfit of those treated, and survdiff, whose chi-square of 16.79
// is in every textbook. lifelines 0.30.3, CoxPHFitter, has 1.572125 and 0.412397.
func TestLeukemia(t *testing.T) {
	treated, placebo := leukemia()
	var x [][]float64
	for i := range 42 {
		x = append(x, []float64{float64(i / 21)})
	}
	all := append(append([]survival.Case{}, treated...), placebo...)
	for ties, want := range map[survival.Ties][4]float64{
		survival.Efron:   {1.57212514882907, 0.41239671770946, -93.18426999684773, -85.00842457737166},
		survival.Breslow: {1.50919141258588, 0.40956440636674, -93.98505047824518, -86.37962207114556},
	} {
		m, err := survival.Cox(all, x, ties)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "coefficient", m.Coefficients[0], want[0])
		near(t, "error", math.Sqrt(m.Covariance[0][0]), want[1])
		near(t, "null", m.NullLikelihood, want[2])
		near(t, "likelihood", m.LogLikelihood, want[3])
	}
	c, err := survival.KaplanMeier(treated)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][3]float64{
		{6, 0.85714285714286, 0.076360354832121},
		{7, 0.80672268907563, 0.086935285180057},
		{10, 0.75294117647059, 0.096349652994320},
		{13, 0.69019607843137, 0.106814707775010},
		{16, 0.62745098039216, 0.114053865256753},
		{22, 0.53781512605042, 0.128233751693034},
		{23, 0.44817927170868, 0.134591456755760},
	} {
		near(t, "time", c.Points[i].Time, want[0])
		near(t, "share", c.Points[i].Share, want[1])
		near(t, "error", c.Points[i].Error, want[2])
	}
	d, err := survival.LogRank(treated, placebo)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "chi-square", d.ChiSquare, 16.792940989217)
}
