// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survival_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"greenroom/internal/impact/linear"
	"greenroom/internal/impact/survival"
)

// aml is the table of acute myelogenous leukemia of Miller, Survival Analysis, 1981, page 49: weeks until it comes back,
// with and without maintained chemotherapy. It is also the data set aml of R's package survival.
func aml() (maintained, not []survival.Case) {
	maintained = cases("9 13 13+ 18 23 28+ 31 34 45+ 48 161+")
	return maintained, cases("5 5 8 8 12 16+ 23 27 30 33 43 45")
}

// ovarian is the table of ovarian cancer of Edmonson and others, Cancer Treatment Reports 63, 1979, the data set ovarian of
// R's package survival: time, whether it happened, age, ECOG status, treatment.
const ovarian = `59 1 72.3315 1 1; 115 1 74.4932 1 1; 156 1 66.4658 2 1; 421 0 53.3644 1 2; 431 1 50.3397 1 1; 448 0 56.4301 2 1;
464 1 56.937 2 2; 475 1 59.8548 2 2; 477 0 64.1753 1 1; 563 1 55.1781 2 2; 638 1 56.7562 2 1; 744 0 50.1096 1 2; 769 0 59.6301 2 2;
770 0 57.0521 1 2; 803 0 39.2712 1 1; 855 0 43.1233 2 1; 1040 0 38.8932 2 1; 1106 0 44.6 1 1; 1129 0 53.9068 1 2; 1206 0 44.2055 1 2;
1227 0 59.589 2 2; 268 1 74.5041 2 1; 329 1 43.137 1 1; 353 1 63.2192 2 2; 365 1 64.4247 1 2; 377 0 58.3096 1 2`

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-8*max(1, math.Abs(want))) && !(math.IsInf(want, 1) && math.IsInf(got, 1)) {
		t.Errorf("%s: %.12g, want %.12g", name, got, want)
	}
}

// TestKaplanMeier compares with R 4.2.2, survival 3.5-3: survfit(Surv(time, status) ~ x, data = aml, conf.type =
// "log-log"). The shares and their errors are also those of summary(survfit) as published at
// https://rstudio-pubs-static.s3.amazonaws.com/610133_9d2b480275e04433aae84c8c4c4a7527.html.
func TestKaplanMeier(t *testing.T) {
	maintained, not := aml()
	a, err := survival.KaplanMeier(maintained)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []survival.Point{
		{9, 11, 1, 0.90909090909091, 0.086678417204145, 0.50808020576993, 0.98667382266782},
		{13, 10, 1, 0.81818181818182, 0.11629129983033, 0.44742861468218, 0.95116222858249},
		{18, 8, 1, 0.71590909090909, 0.13966497055723, 0.35019038590794, 0.89902397419105},
		{23, 7, 1, 0.61363636363636, 0.15263233102731, 0.26575204000129, 0.83529924325022},
		{31, 5, 1, 0.49090909090909, 0.16419326722114, 0.16733090977685, 0.75339979037081},
		{34, 4, 1, 0.36818181818182, 0.16266888582709, 0.092829574936985, 0.65704083239816},
		{48, 2, 1, 0.18409090909091, 0.15349274578629, 0.01173848012319, 0.52501484272664},
	} {
		got := a.Points[i]
		if got.Time != want.Time || got.Waiting != want.Waiting || got.Events != want.Events {
			t.Errorf("point %d: %v, want %v", i, got, want)
		}
		near(t, "share", got.Share, want.Share)
		near(t, "error", got.Error, want.Error)
		near(t, "low", got.Low, want.Low)
		near(t, "high", got.High, want.High)
	}
	at, low, high := a.Median()
	near(t, "median", at, 31)
	near(t, "low", low, 13)
	near(t, "high", high, math.Inf(1))
	b, err := survival.KaplanMeier(not)
	if err != nil {
		t.Fatal(err)
	}
	at, low, high = b.Median()
	near(t, "median", at, 23)
	near(t, "low", low, 5)
	near(t, "high", high, 33)
	near(t, "after 30 weeks", b.At(31).Share, 0.29166666666667)
	near(t, "in the end", b.At(100).Share, 0)
	near(t, "at first", b.At(4).Share, 1)
}

// TestLogRank compares with survdiff(Surv(time, status) ~ x, data = aml) of survival 3.5-3, whose chi-square of 3.4 and p of
// 0.0653 are in every course.
func TestLogRank(t *testing.T) {
	d, err := survival.LogRank(aml())
	if err != nil {
		t.Fatal(err)
	}
	near(t, "chi-square", d.ChiSquare, 3.3963886989776)
	near(t, "p", d.P, 0.065339322040505)
	near(t, "expected", d.Expected[0], 10.689335992301)
	near(t, "expected", d.Expected[1], 7.3106640076993)
	if d.Observed[0] != 7 || d.Observed[1] != 11 {
		t.Errorf("observed %v", d.Observed)
	}
}

// TestCox compares with survival 3.5-3: coxph(..., eps = 1e-14) and cox.zph with transform "km" and "identity", over aml with
// both ways with ties, and over ovarian, also with delayed entry: start <- pmin((1:26)*7, futime-1).
func TestCox(t *testing.T) {
	maintained, not := aml()
	all := append(append([]survival.Case{}, maintained...), not...)
	var x, patient [][]float64
	for i := range all {
		v := 0.0
		if i >= len(maintained) {
			v = 1
		}
		x = append(x, []float64{v})
	}
	var women, late []survival.Case
	var two [][]float64
	for i, row := range rows(ovarian) {
		c := survival.Case{Time: row[0], Event: row[1] == 1}
		women = append(women, c)
		c.Start = min(float64(i+1)*7, c.Time-1)
		late = append(late, c)
		patient = append(patient, row[2:])
		two = append(two, []float64{row[2], row[4]})
	}
	for _, tc := range []struct {
		name             string
		cases            []survival.Case
		x                [][]float64
		ties             survival.Ties
		b, se            []float64
		null, likelihood float64
		share, time      []float64 // chi-square of cox.zph by column, then global
	}{
		{
			"aml, Efron", all, x, survival.Efron,
			[]float64{0.91553257501477},
			[]float64{0.51193427517201},
			-42.72483926276, -41.032615596458,
			[]float64{0.00787507772332503, 0.00787507772332503},
			[]float64{0.202175139483866, 0.202175139483866},
		},
		{
			"aml, Breslow", all, x, survival.Breslow,
			[]float64{0.90421972368621},
			[]float64{0.51224790730419},
			-42.898123897174, -41.250114350069,
			nil, nil,
		},
		{
			"ovarian", women, patient, survival.Efron,
			[]float64{0.1469892562119, 0.10317960212761, -0.81458476400813},
			[]float64{0.046302048036904, 0.60637710473806, 0.63416102489611},
			-34.984940371163, -27.027358325754,
			[]float64{0.223036544224485, 2.671698731601826, 0.777931087166447, 3.930440843668205},
			[]float64{0.465422521454758, 2.438575427441363, 0.460650661546424, 3.649382349376307},
		},
		{
			"delayed entry", late, two, survival.Efron,
			[]float64{0.14674383309244, -0.71615409953383},
			[]float64{0.046833405819705, 0.64791657334573},
			-33.113138194261, -25.817606598886,
			nil,
			[]float64{0.468127273375186, 0.215393210967707, 0.610085686926152},
		},
	} {
		m, err := survival.Cox(tc.cases, tc.x, tc.ties)
		if err != nil {
			t.Fatal(tc.name, err)
		}
		for i := range tc.b {
			near(t, tc.name+" coefficient", m.Coefficients[i], tc.b[i])
			near(t, tc.name+" error", math.Sqrt(m.Covariance[i][i]), tc.se[i])
		}
		near(t, tc.name+" null", m.NullLikelihood, tc.null)
		near(t, tc.name+" likelihood", m.LogLikelihood, tc.likelihood)
		for clock, want := range map[survival.Clock][]float64{survival.ByShare: tc.share, survival.ByTime: tc.time} {
			if want == nil {
				continue
			}
			c, err := m.Proportional(clock)
			if err != nil {
				t.Fatal(tc.name, err)
			}
			for i, got := range append(c.ChiSquare, c.Global) {
				near(t, tc.name+" proportional", got, want[i])
			}
		}
	}
	// summary(coxph(Surv(futime, fustat) ~ age, data = ovarian))
	var age [][]float64
	for _, row := range patient {
		age = append(age, row[:1])
	}
	m, err := survival.Cox(women, age, survival.Efron)
	if err != nil {
		t.Fatal(err)
	}
	hazard := m.Hazard(0)
	near(t, "hazard ratio", hazard.Value, 1.1754133317091)
	near(t, "low", hazard.Low, 1.06623207113036)
	near(t, "high", hazard.High, 1.29577466086)
	_, p := m.Better()
	near(t, "likelihood ratio", p, 0.00015639686)
}

// TestRobust compares with survival 3.5-3: coxph(Surv(time, status) ~ x + cluster(1:23%/%3), data = aml), which has ties, and
// coxph(Surv(futime, fustat) ~ age + rx + cluster(1:26%/%2), data = ovarian).
func TestRobust(t *testing.T) {
	maintained, not := aml()
	var x, two [][]float64
	var clusters, pairs []int
	for i := range 23 {
		v := 0.0
		if i >= len(maintained) {
			v = 1
		}
		x, clusters = append(x, []float64{v}), append(clusters, (i+1)/3)
	}
	m, err := survival.Cox(append(append([]survival.Case{}, maintained...), not...), x, survival.Efron)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "aml", m.Log(0, m.Robust(clusters)).Error, 0.7058587285327)
	var women []survival.Case
	for i, row := range rows(ovarian) {
		women = append(women, survival.Case{Time: row[0], Event: row[1] == 1})
		two, pairs = append(two, []float64{row[2], row[4]}), append(pairs, (i+1)/2)
	}
	if m, err = survival.Cox(women, two, survival.Efron); err != nil {
		t.Fatal(err)
	}
	near(t, "age", m.Coefficients[0], 0.14732659546911)
	near(t, "age, error", m.Log(0, m.Robust(pairs)).Error, 0.05118782230982)
	near(t, "treatment, error", m.Log(1, m.Robust(pairs)).Error, 0.71552504799257)
	for i := range women { // with delayed entry, as in TestCox
		women[i].Start = min(float64(i+1)*7, women[i].Time-1)
	}
	if m, err = survival.Cox(women, two, survival.Efron); err != nil {
		t.Fatal(err)
	}
	near(t, "delayed, age, error", m.Log(0, m.Robust(pairs)).Error, 0.047099255933786)
	near(t, "delayed, treatment, error", m.Log(1, m.Robust(pairs)).Error, 0.7563175045555)
}

// TestDelayedEntry compares with survfit(Surv(start, futime, fustat) ~ 1, conf.type = "log-log") over the same.
func TestDelayedEntry(t *testing.T) {
	var late []survival.Case
	for i, row := range rows(ovarian) {
		late = append(late, survival.Case{Start: min(float64(i+1)*7, row[0]-1), Time: row[0], Event: row[1] == 1})
	}
	c, err := survival.KaplanMeier(late)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "first", c.Points[0].Share, 0.875)
	near(t, "first low", c.Points[0].Low, 0.38700001403203)
	near(t, "sixth", c.Points[5].Share, 0.67463768115942)
	near(t, "last", c.Points[11].Share, 0.43564838495785)
	near(t, "last low", c.Points[11].Low, 0.21955710177034)
}

func TestWhatHasNoModel(t *testing.T) {
	apart := cases("1 2 3 4 5 6 7 8 9 10")
	x := [][]float64{{1}, {1}, {1}, {1}, {1}, {0}, {0}, {0}, {0}, {0}}
	if _, err := survival.Cox(apart, x, survival.Efron); !errors.Is(err, survival.ErrDiverges) {
		t.Errorf("all of one group first: %v", err)
	}
	if _, err := survival.Cox(cases("1+ 2+ 3+"), x[:3], survival.Efron); !errors.Is(err, survival.ErrNoEvents) {
		t.Errorf("no events: %v", err)
	}
	var alias *linear.AliasError
	if _, err := survival.Cox(cases("1 2 3 4 5"), [][]float64{{1, 1}, {0, 1}, {1, 1}, {0, 1}, {2, 1}}, survival.Efron); !errors.As(err, &alias) || alias.Column != 1 {
		t.Errorf("a constant: %v", err)
	}
	if _, err := survival.KaplanMeier([]survival.Case{{Start: 5, Time: 5}}); !errors.Is(err, survival.ErrCases) {
		t.Errorf("a case without time: %v", err)
	}
}

// TestNobodyLeft checks against counting where nobody is censored, and that curves fall.
func TestNobodyLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.IntRange(1, 12), 1, 60).Draw(t, "times")
		var all []survival.Case
		for _, v := range times {
			all = append(all, survival.Case{Time: float64(v), Event: true})
		}
		c, err := survival.KaplanMeier(all)
		if err != nil {
			t.Fatal(err)
		}
		before := 1.0
		for _, p := range c.Points {
			n := 0
			for _, v := range times {
				if float64(v) > p.Time {
					n++
				}
			}
			if want := float64(n) / float64(len(times)); p.Share != want {
				t.Fatalf("after %v: %v, want %v", p.Time, p.Share, want)
			}
			if p.Share > before || p.Low > p.Share || p.High < p.Share {
				t.Fatalf("%v after %v", p, before)
			}
			before = p.Share
		}
	})
}
