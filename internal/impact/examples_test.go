// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package impact_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/internal/impact/assumption"
	"greenroom/internal/impact/attribution"
	"greenroom/internal/impact/chance"
	"greenroom/internal/impact/deflection"
	"greenroom/internal/impact/did"
	"greenroom/internal/impact/experiment"
	"greenroom/internal/impact/match"
	"greenroom/internal/impact/resample"
	"greenroom/internal/impact/returns"
	"greenroom/internal/impact/sensitivity"
	"greenroom/internal/impact/series"
	"greenroom/internal/impact/study"
	"greenroom/internal/impact/survival"
	"greenroom/internal/impact/verdict"
)

// examples compute the blocks of docs/evidence.md, by name.
func examples() map[string]func(t *testing.T) string {
	return map[string]func(t *testing.T) string{
		"experiment": experimentExample, "power": powerExample, "means": meansExample, "matched": matchedExample, "balance": balanceExample,
		"changes": changesExample, "series": seriesExample, "kaplan-meier": kaplanMeierExample, "cox": coxExample, "e-value": eValueExample,
		"placebo": placeboExample, "verdict": verdictExample, "bootstrap": bootstrapExample, "sourced": sourcedExample, "models": modelsExample,
		"explicit": explicitExample, "implicit": implicitExample, "survey": surveyExample, "views": viewsExample, "savings": savingsExample,
		"answers": answersExample, "roi": roiExample, "hours": hoursExample,
	}
}

// money is an amount in whole units with commas.
func money(v float64) string {
	s := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func points(v float64) float64 { return 100 * v }

func experimentExample(t *testing.T) string {
	t.Helper()
	c, err := experiment.Shares(56, 70, 48, 80)
	check(t, err)
	d := c.Difference
	return lines(
		row("offered", "56 of 70 active a month later   %.1f %%", points(c.Offered.Value)),
		row("held out", "48 of 80                        %.1f %%", points(c.HeldOut.Value)),
		row("difference", "%.1f points, 95 %% interval %.1f to %.1f", points(d.Value), points(d.Low), points(d.High)),
		row("by chance", "p = %.4f (%s)", d.P, c.Test),
		row("ratio", "%.2f, 95 %% interval %.2f to %.2f", c.Ratio.Value, c.Ratio.Low, c.Ratio.High),
	)
}

func meansExample(t *testing.T) string {
	t.Helper()
	c, err := experiment.Means([]float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}, []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4})
	check(t, err)
	d := c.Difference
	return lines(row("first", "mean %.2f", c.Offered.Value), row("second", "mean %.2f", c.HeldOut.Value),
		row("difference", "%.2f, 95 %% interval %.4f to %.4f, p = %.5f", d.Value, d.Low, d.High, d.P))
}

func powerExample(*testing.T) string {
	rise := experiment.DetectableShare(0.2, 400, 400, experiment.Power)
	return lines(
		row("400 offered, 400 held out, of whom 20 % stay", "%s", experiment.Could(rise, true)),
		row("100 and 100", "%s", experiment.Could(experiment.DetectableShare(0.2, 100, 100, experiment.Power), true)),
		row("to show a rise from 20 % to 25 %", "%s in each group", money(math.Ceil(experiment.SizeShares(0.25, 0.2, experiment.Power)))),
		row("the same where 5 members of a company go together, correlation 0.1", "%s", money(math.Ceil(experiment.Inflated(experiment.SizeShares(0.25, 0.2, experiment.Power), 5, 0.1)))),
	)
}

// users are 100 members of a program and 100 others: the program has 80 heavy users, the others 20. Within light and heavy users
// its members wrote one message more.
func users() []match.Unit {
	var units []match.Unit
	add := func(n int, exposed bool, heavy, mean float64) {
		for i := range n {
			units = append(units, match.Unit{Exposed: exposed, Before: []float64{heavy}, Outcome: mean + float64(i%5-2)})
		}
	}
	add(20, true, 0, 4)
	add(80, true, 1, 9)
	add(80, false, 0, 3)
	add(20, false, 1, 8)
	return units
}

func matchedExample(t *testing.T) string {
	t.Helper()
	r, err := study.Matched(study.Question{Covariates: []string{"heavy user"}, Units: users(), Method: study.Coarsened})
	check(t, err)
	return lines(
		row("light users", "20 in the program write 4.0 on average, 80 others 3.0"),
		row("heavy users", "80 in the program write 9.0, 20 others 8.0"),
		row("plain difference", "%.1f  (8.0 less 4.0: most of it is who they are)", r.Plain.Value),
		row("effect on those in the program", "20/100 × 1.0 + 80/100 × 1.0 = %.1f, 95 %% interval %.2f to %.2f", r.Effect.Value, r.Effect.Low, r.Effect.High),
	)
}

func balanceExample(t *testing.T) string {
	t.Helper()
	units := users()
	cuts := [][]float64{{0.5}}
	m, err := match.Coarsened(units, cuts)
	check(t, err)
	b := match.Table([]string{"heavy user"}, units, m)[0]
	return lines(
		row("share of heavy users", "%.0f %% in the program, %.0f %% of the others", points(b.Exposed), points(b.Others)),
		row("difference", "%.2f standard deviations (up to 0.1 is good, above 0.25 is not)", b.Difference),
		row("L1 before", "(|0.2 - 0.8| + |0.8 - 0.2|) / 2 = %.1f", match.Imbalance(units, cuts, nil)),
		row("after matching", "%.0f %% and %.0f %%, difference %.2f, L1 %.1f", points(b.MatchedExposed), points(b.MatchedOthers), b.MatchedDifference, match.Imbalance(units, cuts, m)),
		row("overlap", "%.0f %% of those in the program have a like", points(m.Overlap())),
	)
}

func changesExample(t *testing.T) string {
	t.Helper()
	var units []did.Unit
	for i := range 60 {
		wobble := float64(i%3-1) / 2
		u := did.Unit{From: did.Never, Outcomes: []float64{7 + wobble, 8, 10 - wobble}}
		if i%2 == 0 {
			u = did.Unit{From: 2, Outcomes: []float64{9, 10 + wobble, 14}}
		}
		units = append(units, u)
	}
	r, err := did.Study(units)
	check(t, err)
	return lines(
		row("", "two months before   one before   after"),
		row("in the program", "       9.0              10.0      14.0"),
		row("others", "       7.0               8.0      10.0"),
		row("effect", "(14 - 10) - (10 - 8) = %.1f, 95 %% interval %.2f to %.2f", r.After.Value, r.After.Low, r.After.High),
		row("placebo", "(9 - 10) - (7 - 8) = %.1f, 95 %% interval %.2f to %.2f: they moved alike before", r.Before.Value+0, r.Before.Low, r.Before.High),
	)
}

func seriesExample(t *testing.T) string {
	t.Helper()
	var y []float64
	for i := range 24 {
		v := 100 + 5*float64(i) + []float64{0, 2, -2, 1, -1, 0}[i%6]
		if i >= 12 {
			v += 30
		}
		y = append(y, v)
	}
	r, err := series.Interrupted(y, series.Options{From: 12})
	check(t, err)
	return lines(
		row("before", "%.1f more each month", r.Trend.Value),
		row("in the last month", "%.0f came; had it gone on, %.0f", y[23], r.Expected[11]),
		row("jump at the launch", "%.1f, 95 %% interval %.1f to %.1f", r.Level.Value, r.Level.Low, r.Level.High),
		row("change of the gain a month", "%.2f, 95 %% interval %.2f to %.2f", r.Slope.Value, r.Slope.Low, r.Slope.High),
	)
}

func kaplanMeierExample(t *testing.T) string {
	t.Helper()
	var cases []survival.Case
	for _, c := range []struct {
		month float64
		left  bool
	}{{2, true}, {3, false}, {4, true}, {4, true}, {6, false}, {7, true}, {9, true}, {12, false}, {12, false}, {12, false}} {
		cases = append(cases, survival.Case{Time: c.month, Event: c.left})
	}
	curve, err := survival.KaplanMeier(cases)
	check(t, err)
	var b strings.Builder
	b.WriteString("ten accounts: left after 2, 4, 4, 7, 9 months; still here after 3, 6, 12, 12, 12\n")
	for _, p := range curve.Points {
		fmt.Fprintf(&b, "month %2.0f  %d of %2d left  still here %4.1f %%  95 %% interval %.1f to %.1f\n", p.Time, p.Events, p.Waiting, points(p.Share), points(p.Low), points(p.High))
	}
	at, low, high := curve.Median()
	until := "not reached"
	if !math.IsInf(high, 1) {
		until = fmt.Sprintf("%.0f", high)
	}
	fmt.Fprintf(&b, "median    month %.0f, 95 %% interval %.0f to %s\n", at, low, until)
	return b.String()
}

func coxExample(t *testing.T) string {
	t.Helper()
	var cases [2][]survival.Case
	for g, text := range []string{"9 13 13+ 18 23 28+ 31 34 45+ 48 161+", "5 5 8 8 12 16+ 23 27 30 33 43 45"} {
		for _, word := range strings.Fields(text) {
			number, still := strings.CutSuffix(word, "+")
			var v float64
			_, err := fmt.Sscan(number, &v)
			check(t, err)
			cases[g] = append(cases[g], survival.Case{Time: v, Event: !still})
		}
	}
	var x [][]float64
	for g := range cases {
		for range cases[g] {
			x = append(x, []float64{float64(g)})
		}
	}
	d, err := survival.LogRank(cases[0], cases[1])
	check(t, err)
	m, err := survival.Cox(slices.Concat(cases[0], cases[1]), x, survival.Efron)
	check(t, err)
	p, err := m.Proportional(survival.ByShare)
	check(t, err)
	h := m.Hazard(0)
	return lines(
		row("log-rank test", "chi-square %.4f, p = %.4f", d.ChiSquare, d.P),
		row("hazard ratio", "%.3f, 95 %% interval %.3f to %.3f", h.Value, h.Low, h.High),
		row("the same at all times?", "p = %.2f: nothing speaks against it", p.P[0]),
	)
}

func eValueExample(*testing.T) string {
	v := sensitivity.RiskRatio(chance.Estimate{Value: 3.9, Low: 1.8, High: 8.7})
	w := sensitivity.RiskDifference(chance.Estimate{Value: 0.08, Low: 0.02, High: 0.14}, 0.6)
	return lines(
		row("ratio of 3.9 (1.8 to 8.7)", "%.2f for the effect, %.2f for the limit: 3.9 + √(3.9 × 2.9) and 1.8 + √(1.8 × 0.8)", v.Value, v.Limit),
		row("8 points (2 to 14) on 60 %", "%.2f for the effect, %.2f for the limit: little would do", w.Value, w.Limit),
	)
}

func placeboExample(t *testing.T) string {
	t.Helper()
	values := []float64{1.2, 3.4, 2.2, 5.1, 2.0, 4.4, 6.1, 5.9, 7.2}
	p := resample.Permutation([]bool{true, true, true, true, false, false, false, false, false}, 0, nil, func(exposed []bool) float64 {
		var sum, n [2]float64
		for i, e := range exposed {
			side := 0
			if e {
				side = 1
			}
			sum[side] += values[i]
			n[side]++
		}
		return sum[1]/n[1] - sum[0]/n[0]
	})
	return lines(row("difference of the means", "%.3f", p.Value), row("ways to deal 4 of 9", "%d", len(p.Draws)),
		row("as far from 0", "%.0f of them: p = %.3f", math.Round(p.P*float64(len(p.Draws))), p.P))
}

func verdictExample(t *testing.T) string {
	t.Helper()
	units := users()
	// What they wrote in the year before that: the same in both groups.
	earlier := make([]float64, len(units))
	for i, u := range units {
		earlier[i] = 3 + 5*u.Before[0] + float64(i%7-3)/4
	}
	// What they wrote elsewhere in the same month: the same in both groups, too.
	elsewhere := make([]float64, len(units))
	for i, u := range units {
		elsewhere[i] = 2 + u.Before[0] + float64(i%5-2)/4
	}
	r, err := study.Matched(study.Question{Covariates: []string{"heavy user"}, Units: units, Placebo: earlier, Control: elsewhere, Method: study.Coarsened})
	check(t, err)
	var b strings.Builder
	b.WriteString(r.Verdict.Says + "\n")
	for _, f := range r.Verdict.Findings {
		fmt.Fprintf(&b, "%-9s %-17s %s\n", f.Rule, f.Fits, f.Says)
	}
	return b.String()
}

func bootstrapExample(t *testing.T) string {
	t.Helper()
	lsat := []float64{576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594}
	s, err := resample.Bootstrap(len(lsat), 2000, resample.Source(1), func(cases []int) float64 {
		sum := 0.0
		for _, i := range cases {
			sum += lsat[i]
		}
		return sum / float64(len(cases))
	})
	check(t, err)
	p, b := s.Percentile(), s.BCa()
	return lines(row("mean of 15", "%.1f, error %.1f", s.Value, s.Error), row("percentile interval", "%.1f to %.1f", p.Low, p.High), row("BCa interval", "%.1f to %.1f", b.Low, b.High))
}

func day(n int) time.Time { return time.Date(2026, 1, 1+n, 9, 0, 0, 0, time.UTC) }

func sourcedExample(*testing.T) string {
	d := attribution.Deal{ID: 1, Organization: 5, Contacts: []int64{7}, Created: day(50), Closed: day(90), Won: true, Amount: 1000, Source: "Community"}
	touches := []attribution.Touch{
		{At: day(10), Contact: 8, Organization: 5, Channel: "forum", Community: true},
		{At: day(20), Contact: 7, Organization: 5, Channel: "webinar"},
		{At: day(30), Contact: 7, Organization: 5, Channel: "forum", Community: true},
		{At: day(60), Contact: 7, Organization: 5, Channel: "forum", Community: true},
	}
	o := attribution.Sourced(d, touches, []string{"community"})
	v := attribution.Influenced(d, touches, 30*24*time.Hour, day(200))
	yes := map[bool]string{true: "yes", false: "no"}
	return lines(
		row("day 10", "a colleague, who is not on the deal, asks in the forum"),
		row("day 20", "the contact comes to a webinar"),
		row("day 30, 60", "the contact asks in the forum"),
		row("day 50, 90", "the deal is created, and won; the form says “Community”"),
		row("", ""),
		row("sourced, by contact", "%s: the contact's first touch was the webinar", yes[o.ByContact]),
		row("sourced, by organization", "%s: the organization's first was the forum", yes[o.ByOrganization]),
		row("sourced, by record", "%s: the buyer says so", yes[o.ByRecord]),
		row("influenced, 30 days", "pipeline %s (%d touch), revenue %s (%d touch)", yes[v.Creation > 0], v.Creation, yes[v.Close > 0], v.Close),
	)
}

func modelsExample(t *testing.T) string {
	t.Helper()
	j := attribution.Journey{Lead: day(7), Created: day(21), Closed: day(28)}
	for i, channel := range []string{"forum", "webinar", "mail", "forum", "sales"} {
		j.Touches = append(j.Touches, attribution.Touch{At: day(7 * i), Channel: channel})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-11s %7s %7s %7s %7s %7s\n", "", "forum", "webinar", "mail", "forum", "sales")
	for _, m := range attribution.Models() {
		shares, err := attribution.Split(j, m, attribution.HalfLife)
		check(t, err)
		fmt.Fprintf(&b, "%-11s", m)
		for _, s := range shares {
			fmt.Fprintf(&b, " %7.1f", points(s))
		}
		b.WriteString("\n")
	}
	j.Touches = j.Touches[:2]
	shares, err := attribution.Split(j, attribution.WShaped, attribution.HalfLife)
	check(t, err)
	fmt.Fprintf(&b, "two touches only, w-shaped: %.1f %.1f (the second made lead and deal; 30 and 60 of 90)\n", points(shares[0]), points(shares[1]))
	return b.String()
}

func explicitExample(t *testing.T) string {
	t.Helper()
	var sessions []deflection.Session
	for i := range 200 {
		s := deflection.Session{Viewed: i < 120, Submitted: i >= 50, CameBack: i < 12}
		sessions = append(sessions, s)
	}
	r, err := deflection.Explicit(sessions)
	check(t, err)
	return lines(row("sessions at the case form", "200"), row("looked at a suggestion, did not submit", "50"), row("of these, case within three days", "12"),
		row("deflected", "%d of %d = %.1f %%, 95 %% interval %.1f to %.1f", r.Hits, r.Of, points(r.Rate), points(r.Low), points(r.High)))
}

func implicitExample(t *testing.T) string {
	t.Helper()
	r, err := deflection.Implicit(103, 66, 4)
	check(t, err)
	return lines(row("searches", "103, 66 with a click, 4 of these went on to support"),
		row("deflected", "(66 - 4) / 103 = %.2f %%, 95 %% interval %.1f to %.1f", points(r.Rate), points(r.Low), points(r.High)))
}

func surveyExample(t *testing.T) string {
	t.Helper()
	var answers []deflection.Answer
	add := func(n int, a deflection.Answer) {
		for range n {
			answers = append(answers, a)
		}
	}
	add(570, deflection.Answer{Support: deflection.No})
	add(150, deflection.Answer{Support: deflection.Yes, Found: deflection.No})
	add(220, deflection.Answer{Support: deflection.Yes, Found: deflection.Yes, Instead: deflection.No})
	add(60, deflection.Answer{Support: deflection.Yes, Found: deflection.Yes, Instead: deflection.Yes})
	c, err := deflection.Survey(answers, 2000, resample.Source(1))
	check(t, err)
	return lines(
		row("came for support", "430 of 1,000  %.1f %%", points(c.Support.Rate)),
		row("of these, found it", "280 of 430    %.1f %%", points(c.Found.Rate)),
		row("of these, would have contacted support", "60 of 280     %.1f %%", points(c.Instead.Rate)),
		row("of 100,000 visits", "0.430 × 0.651 × 0.214 × 100,000 = %s cases, 95 %% interval %s to %s", money(1e5*c.Share.Value), money(1e5*c.Share.Low), money(1e5*c.Share.High)),
		row("Khoros's own line", "0.43 × 0.65 × 0.09 × 100,000 = %.1f", 0.43*0.65*0.09*100_000),
	)
}

func viewsExample(t *testing.T) string {
	t.Helper()
	answered, other := deflection.Priors()
	o, err := deflection.Views(120, 5000, 20_000, answered, other, 1)
	check(t, err)
	return lines(row("accepted answers", "120"), row("views of answered questions", "5,000 × 1/5  = 1,000"), row("other views", "20,000 × 1/20 = 1,000"),
		row("cases", "%s, range %s to %s", money(o.Likely), money(o.Low), money(o.High)))
}

func savingsExample(t *testing.T) string {
	t.Helper()
	s, err := deflection.Value(assumption.Exactly("visits", 100_000, "", "analytics"),
		assumption.Input{Name: "visits that saved a case", Low: 0.01, Likely: 0.025, High: 0.05, Origin: "survey of 1,000 visitors"},
		assumption.Input{Name: "cost of a case", Low: 10, Likely: 12, High: 15, Origin: "support ledger"}, 5000, 1)
	check(t, err)
	rows := [][2]string{
		row("cases", "100,000 × 2.5 %% = %s, range %s to %s", money(s.Cases.Likely), money(s.Cases.Low), money(s.Cases.High)),
		row("money", "2,500 × $12 = $%s, range $%s to $%s", money(s.Money.Likely), money(s.Money.Low), money(s.Money.High)),
		row("solved by the community", "2,500 of 2,500 + 5,000 tickets = %.0f %%", points(s.Solved.Likely)),
	}
	for _, w := range s.Money.Swings[:2] {
		rows = append(rows, row("with "+w.Input.Name+" alone", "$%s to $%s", money(w.Low), money(w.High)))
	}
	return lines(append(rows, row("", "%s", s.Money.Says()))...)
}

func answersExample(t *testing.T) string {
	t.Helper()
	a, err := deflection.Answers(assumption.Exactly("answers", 100, "", "forum"), assumption.Exactly("searches", 3100, "", "forum"),
		assumption.Input{Name: "value of an answer", Low: 20, Likely: 25, High: 30, Origin: "support ledger"},
		assumption.Input{Name: "part of an answer that a search is worth", Low: 0, Likely: 0.1, High: 1, Origin: "a guess"}, 1)
	check(t, err)
	return lines(row("a year", "12 × (100 + 3,100 × 0.1) × $25 = $%s, range $%s to $%s", money(a.Likely), money(a.Low), money(a.High)), row("", "%s", a.Says()))
}

func roiExample(t *testing.T) string {
	t.Helper()
	a, err := returns.Over(12, []returns.Cost{
		{Amount: assumption.Exactly("people", 10_000, "$", "payroll"), Rhythm: returns.Monthly},
		{Amount: assumption.Exactly("platform", 6_000, "$", "invoice"), Rhythm: returns.Yearly, Share: 0.5},
		{Amount: assumption.Exactly("launch", 5_000, "$", "invoice")},
	}, []returns.Value{
		{Amount: assumption.Input{Name: "saved cases", Low: 6_000, Likely: 8_000, High: 9_000, Origin: "experiment"}, Rhythm: returns.Monthly, About: "support", Light: verdict.Experiment},
		{Amount: assumption.Input{Name: "sourced revenue", Low: 0, Likely: 100_000, High: 300_000, Origin: "CRM"}, About: "revenue", Light: verdict.Correlation},
	}, 1)
	check(t, err)
	return lines(
		row("cost of a year", "12 × $10,000 + half of $6,000 + $5,000 = $%s", money(a.All.Cost.Likely)),
		row("value", "12 × $8,000 (experiment) + $100,000 (correlation only) = $%s", money(a.All.Value.Likely)),
		row("ROI, all", "(196 - 128) / 128 = %.0f %%, range %.0f to %.0f %%", points(a.All.ROI.Likely), points(a.All.ROI.Low), points(a.All.ROI.High)),
		row("ROI, what is known well", "(96 - 128) / 128 = %.0f %%, range %.0f to %.0f %%", points(a.Sure.ROI.Likely), points(a.Sure.ROI.Low), points(a.Sure.ROI.High)),
		row("", "%s", a.All.ROI.Says()),
	)
}

func hoursExample(t *testing.T) string {
	t.Helper()
	chores := []returns.Chore{
		{Process: "welcome", Surface: "Slack", Minutes: 5, Members: 120},
		{Process: "welcome", Surface: "forum", Minutes: 3, Members: 200, Runs: 2},
	}
	f, err := returns.Forecast(chores, returns.Automation{Rate: 60, Cost: 300, Growth: 0.1, Periods: 3})
	check(t, err)
	rows := [][2]string{row("hours a month", "5/60 × 120 × 1 + 3/60 × 200 × 2 = %.0f", returns.Hours(chores))}
	for i, p := range f {
		rows = append(rows, row(fmt.Sprintf("month %d", i+1), "%.1f hours, worth $%s at $60, less $300 for the automation: $%s; $%s in all", p.Hours, money(p.Worth), money(p.Net), money(p.Total)))
	}
	return lines(append(rows, row("", "%s", returns.Overlap(chores, 250)))...)
}
