// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deflection_test

import (
	"errors"
	"math"
	"testing"

	"greenroom/internal/impact/assumption"
	"greenroom/internal/impact/deflection"
	"greenroom/internal/impact/resample"
)

func TestRates(t *testing.T) {
	// The example of community.searchunify.com/hc/en-us/articles/9408933597725: (66 - 4) / 103 = 60.19 %.
	r, err := deflection.Implicit(103, 66, 4)
	if err != nil || math.Abs(r.Rate-0.6019) > 5e-5 || r.Low > r.Rate || r.High < r.Rate {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := deflection.Implicit(10, 12, 0); err == nil {
		t.Error("more clicks than searches are taken")
	}
	sessions := []deflection.Session{{Viewed: true}, {Viewed: true, Submitted: true}, {Viewed: true, CameBack: true}, {}, {Viewed: true}}
	e, err := deflection.Explicit(sessions)
	if err != nil || e.Hits != 2 || e.Rate != 0.4 {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := deflection.Explicit(nil); !errors.Is(err, deflection.ErrNobody) {
		t.Error(err)
	}
}

// TestKhoros has the worked line of community.khoros.com/t5/Strategy/m-p/541266: 43 %, 65 % and 9 % of 100,000 visits make 2,515,
// and shows why the questions are nested: the same answers in which those who found it are also those who would have called.
func TestKhoros(t *testing.T) {
	if got := 0.43 * 0.65 * 0.09 * 100_000; math.Abs(got-2515.5) > 1e-9 {
		t.Error(got)
	}
	var answers []deflection.Answer
	add := func(n int, a deflection.Answer) {
		for range n {
			answers = append(answers, a)
		}
	}
	// Of 1,000, 430 come for support, of these 280 find it, of these 60 would have called.
	add(570, deflection.Answer{Support: deflection.No})
	add(150, deflection.Answer{Support: deflection.Yes, Found: deflection.No})
	add(220, deflection.Answer{Support: deflection.Yes, Found: deflection.Yes, Instead: deflection.No})
	add(60, deflection.Answer{Support: deflection.Yes, Found: deflection.Yes, Instead: deflection.Yes})
	c, err := deflection.Survey(answers, 2000, resample.Source(1))
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(c.Share.Value-0.06) > 1e-12 || c.Found.Of != 430 || c.Instead.Of != 280 {
		t.Errorf("%+v", c)
	}
	// Where all are asked in a chain the product is the share of 60 in 1,000, of which the interval is known: 0.0470 to 0.0765.
	if math.Abs(c.Share.Low-0.047) > 0.003 || math.Abs(c.Share.High-0.0765) > 0.003 {
		t.Errorf("%v to %v", c.Share.Low, c.Share.High)
	}
	// Some do not answer the last question: the shares before keep them.
	add(1000, deflection.Answer{Support: deflection.Yes})
	c, err = deflection.Survey(answers, 200, resample.Source(1))
	if err != nil {
		t.Fatal(err)
	}
	if want := 1430.0 / 2000 * 280 / 430 * 60 / 280; math.Abs(c.Share.Value-want) > 1e-12 {
		t.Errorf("%v, want %v", c.Share.Value, want)
	}
	if _, err := deflection.Survey([]deflection.Answer{{Support: deflection.No}}, 10, resample.Source(1)); !errors.Is(err, deflection.ErrNobody) {
		t.Errorf("nobody came for support: %v", err)
	}
}

func TestValue(t *testing.T) {
	answered, other := deflection.Priors()
	// 120 accepted answers, 5,000 views of them and 20,000 others: 120 + 1,000 + 1,000.
	o, err := deflection.Views(120, 5000, 20_000, answered, other, 1)
	if err != nil || math.Abs(o.Likely-2120) > 1e-9 || o.Low >= o.Likely || o.High <= o.Likely {
		t.Errorf("%v, %v to %v: %v", o.Likely, o.Low, o.High, err)
	}
	share := assumption.Input{Name: "share", Low: 0.01, Likely: 0.025, High: 0.05, Origin: "survey"}
	cost := assumption.Input{Name: "cost", Low: 10, Likely: 12, High: 15, Origin: "support ledger"}
	s, err := deflection.Value(assumption.Exactly("visits", 100_000, "", "analytics"), share, cost, 5000, 1)
	if err != nil {
		t.Fatal(err)
	}
	if s.Cases.Likely != 2500 || s.Money.Likely != 30_000 || math.Abs(s.Solved.Likely-2500.0/7500) > 1e-12 || s.Money.Swings[0].Input.Name != "share" {
		t.Errorf("%v %v %v %+v", s.Cases.Likely, s.Money.Likely, s.Solved.Likely, s.Money.Swings)
	}
	// 31 searches for each answer: what a search is worth decides.
	a, err := deflection.Answers(assumption.Exactly("answers", 100, "", "x"), assumption.Exactly("searches", 3100, "", "x"),
		assumption.Input{Name: "value", Low: 20, Likely: 25, High: 30, Origin: "x"}, assumption.Input{Name: "search", Low: 0, Likely: 0.1, High: 1, Origin: "a guess"}, 1)
	if err != nil || math.Abs(a.Likely-12*(100+310)*25) > 1e-6 || a.Swings[0].Input.Name != "search" {
		t.Errorf("%v %+v %v", a.Likely, a.Swings, err)
	}
}
