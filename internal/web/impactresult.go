// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"math"
	"strconv"

	"greenroom/internal/proof"
	"greenroom/internal/web/ui"
)

// This file is how the result of a study is shown: what was found, its interval and why it is believed.

// effectText writes an effect in its unit.
func effectText(u proof.Unit, v *float64) string {
	switch {
	case v == nil:
		return "–"
	case u == proof.UnitShare:
		return strconv.FormatFloat(*v*100, 'f', 1, 64) + " points"
	}
	return strconv.FormatFloat(*v, 'f', 2, 64)
}

func effectRange(u proof.Unit, e *proof.Estimate) string {
	if e.Low == nil || e.High == nil {
		return "the interval has no bounds"
	}
	return "95 % interval " + effectText(u, e.Low) + " to " + effectText(u, e.High)
}

// found shows a result.
func (p *impactPages) found(run *proof.Run, body *impactBody) {
	f := run.Result
	body.Head.Pills = append(body.Head.Pills, lightPill(f.Light, f.Verdict))
	body.KPIs = []ui.KPI{{Label: "Effect", Value: effectText(f.Unit, f.Effect.Value), Note: effectRange(f.Unit, &f.Effect)}}
	if f.Plain != nil {
		body.KPIs = append(body.KPIs, ui.KPI{Label: "Plain difference (no effect)", Value: effectText(f.Unit, f.Plain.Value), Note: "nothing done about who takes part"})
	}
	if f.Placebo != nil {
		body.KPIs = append(body.KPIs, ui.KPI{Label: "Placebo (should be nothing)", Value: effectText(f.Unit, f.Placebo.Value), Note: effectRange(f.Unit, f.Placebo)})
	}
	people := studyHref(run.StudyID) + "/runs/" + idText(run.ID) + "/people"
	count := ui.KPI{Label: "Compared", Value: ui.Number(f.Compared) + " of " + ui.Number(f.Exposed), Note: ui.Number(f.Others) + " others", Href: people}
	if f.Asked.Outcome.Kind == proof.ByMetric {
		count = ui.KPI{Label: "Periods", Value: ui.Number(f.Exposed), Note: ui.Number(f.Others) + " before", Href: insightHref(f.Asked.Outcome.Metric, nil)}
	}
	body.KPIs = append(body.KPIs, count)
	main := impactCard{Title: "What was found", Note: "data up to " + ui.Date(f.AsOf.In(p.cfg.Zones.Zone())), Says: []string{f.Says}, Interval: intervalOf(f)}
	if f.Effect.Value != nil { // else there is no method, and what was found says the verdict already
		main.Note += " · " + f.Method
		main.Says = append(main.Says, f.Verdict)
	}
	if f.Power != "" {
		main.Says = append(main.Says, f.Power)
	}
	main.Says = append(main.Says, f.Why)
	main.Chart = stepsOf(f)
	body.Main = append(body.Main, main, reasonCard(f))
	if len(f.Balance) > 0 {
		body.Main = append(body.Main, balanceCard(f))
	}
	body.Main = append(body.Main, impactCard{Title: "What has to hold", Rows: sayRows("Assumptions", f.Assumes)}, impactCard{Title: "What is not known", Rows: sayRows("What is not known", f.Unknown)})
	if len(f.LeftOut) > 0 {
		c := impactCard{Title: "Who was not looked at", Rows: &ui.Rows{Label: "Left out"}}
		for _, l := range f.LeftOut {
			c.Rows.Items = append(c.Rows.Items, ui.Row{Title: title(l.Reason), Value: ui.Number(l.Count)})
		}
		body.Main = append(body.Main, c)
	}
}

// intervalOf draws the effect; ratios as percent more or less.
func intervalOf(f *proof.Result) *ui.Interval {
	e := f.Effect
	if e.Value == nil || e.Low == nil || e.High == nil {
		return nil
	}
	scale := func(v float64) float64 { return v }
	switch f.Unit { //nolint:exhaustive // others are drawn as they are
	case proof.UnitShare:
		scale = func(v float64) float64 { return 100 * v }
	case proof.UnitRatio:
		scale = func(v float64) float64 { return 100 * (v - 1) }
	}
	low, value, high := scale(*e.Low), scale(*e.Value), scale(*e.High)
	reach := max(math.Abs(low), math.Abs(high)) * 1.15
	if reach == 0 {
		return nil
	}
	step := math.Pow(10, math.Floor(math.Log10(reach)))
	if reach/step < 2 {
		step /= 2
	} else if reach/step > 5 {
		step *= 2
	}
	i := &ui.Interval{Low: low, Value: value, High: high, From: -reach, To: reach, Label: f.Says}
	for t := -math.Floor(reach/step) * step; t <= reach; t += step {
		i.Ticks = append(i.Ticks, t)
	}
	if low > 0 || high < 0 {
		i.Tone = ui.ToneGood
		if good := value > 0 != (f.Asked.Outcome.Kind == proof.Stays || f.Asked.Outcome.Kind == proof.Leaves); !good {
			i.Tone = ui.ToneBad
		}
	}
	return i
}

// stepsOf draws curves, months or the metric.
func stepsOf(f *proof.Result) *ui.Chart {
	if len(f.Steps) == 0 {
		return nil
	}
	c := &ui.Chart{Kind: ui.Lines}
	value, other := ui.Series{}, ui.Series{}
	for _, s := range f.Steps {
		c.Labels = append(c.Labels, s.Label)
		value.Values, value.Low, value.High = append(value.Values, impactOrNaN(s.Value)), append(value.Low, impactOrNaN(s.Low)), append(value.High, impactOrNaN(s.High))
		other.Values = append(other.Values, impactOrNaN(s.Other))
	}
	switch f.Asked.Outcome.Kind {
	case proof.Monthly:
		c.Title, c.Axis, value.Name = "By how much more those exposed changed, by month", "Month", "difference"
		c.Series = []ui.Series{value}
		c.Target = &ui.Target{Value: 0, Text: "no effect"}
	case proof.ByMetric:
		c.Title, c.Axis, value.Name, other.Name = "The figure, and the line before carried on", "Period", "as it was", "had it gone on"
		value.Low, value.High = nil, nil
		c.Series = []ui.Series{value, other}
		if f.Unit == proof.UnitShare {
			c.Unit = ui.UnitShare
		}
		c.Marks = launchMark(f)
	default:
		c.Title, c.Axis, c.Unit = "To how many it has not happened yet, by days", "Day", ui.UnitShare
		value.Name, other.Name = "those exposed", "their likes"
		c.Series = []ui.Series{value, other}
	}
	return c
}

func launchMark(f *proof.Result) []ui.Mark {
	for _, s := range f.Steps {
		if s.At == 0 {
			return []ui.Mark{{At: s.Label, Text: firstText(f.Asked.Exposure.Name, "launch")}}
		}
	}
	return nil
}

func impactOrNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

func reasonCard(f *proof.Result) impactCard {
	rows := &ui.Rows{Label: "Why this light"}
	for _, x := range f.Reasons {
		pill := lightPill(x.Fits, "the best light that this allows")
		rows.Items = append(rows.Items, ui.Row{Title: x.Says, Badge: &pill})
	}
	c := impactCard{Title: "Why this light", Note: "the light is the worst that any rule allows", Rows: rows}
	if f.EValue != nil {
		c.Note += fmt.Sprintf(" · E-value %.2f", *f.EValue)
		if f.ELimit != nil {
			c.Note += fmt.Sprintf(", of the limit %.2f", *f.ELimit)
		}
	}
	return c
}

func balanceCard(f *proof.Result) impactCard {
	t := &ui.Table{Caption: "Are they alike?", Columns: []ui.Column{{Label: "Before the exposure"}, {Label: "Exposed", Number: true}, {Label: "Others", Number: true}, {Label: "Apart", Number: true}, {Label: "Exposed, matched", Number: true}, {Label: "Likes", Number: true}, {Label: "Apart now", Number: true}}}
	two := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	for _, b := range f.Balance {
		row := ui.TableRow{Cells: []ui.Cell{{Text: b.Covariate}, {Text: two(b.Exposed)}, {Text: two(b.Others)}, {Text: effectText("", b.Difference)}, {Text: two(b.MatchedExposed)}, {Text: two(b.MatchedOthers)}, {Text: effectText("", b.MatchedDifference)}}}
		if d := b.MatchedDifference; d != nil {
			switch {
			case math.Abs(*d) > 0.25:
				row.Cells[6].Tone = ui.ToneBad
			case math.Abs(*d) > 0.1:
				row.Cells[6].Tone = ui.ToneWarn
			default:
				row.Cells[6].Tone = ui.ToneGood
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return impactCard{Title: "Are they alike?", Note: "apart in standard deviations: up to 0.1 is good, above 0.25 is not", Table: t}
}
