// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"math"

	"greenroom/internal/goal"
	"greenroom/internal/web/ui"
)

// What came of a goal, each figure with its interval.

// goalChange says by how much periods since the first day differ from those before.
func goalChange(u ui.Unit, c *goal.Shift) string {
	return fmt.Sprintf("%s a period since the first day (%d), %s before (%d): a difference of %s (95 %%: %s to %s), %s", goalMean(u, c.Since), c.PeriodsSince, goalMean(u, c.Before), c.PeriodsBefore, goalSigned(u, c.Difference), goalSigned(u, c.Low), goalSigned(u, c.High), c.Words())
}

// goalMean writes a mean; of small counts the first digit after the point says something.
func goalMean(u ui.Unit, v float64) string {
	if u == ui.UnitCount && math.Abs(v) < 100 {
		return ui.Decimal(v, 1)
	}
	return roundly(u, v)
}

// goalSigned writes a difference with its sign; that of shares is in points.
func goalSigned(u ui.Unit, v float64) string {
	switch {
	case u == ui.UnitShare:
		return points(v)
	case v < 0:
		return "−" + goalMean(u, -v)
	}
	return "+" + goalMean(u, v)
}

// goalOutcomes is what came of key results, each with the way to it.
func goalOutcomes(all []goal.Outcome) ui.Rows {
	rows := ui.Rows{Label: "What came of the key results"}
	for i := range all {
		x := &all[i]
		row := ui.Row{Title: x.Title, Href: goalHref(x.Goal), Badge: &ui.Pill{Text: x.Status.Label(), Tone: trackTone(x.Status)}}
		if x.At != nil {
			u := chartUnit(x.At.Unit)
			if x.At.Value != nil {
				row.Value = u.Format(*x.At.Value)
			}
			if x.At.Change != nil {
				row.Text = goalChange(u, x.At.Change) + "."
			}
		}
		rows.Items = append(rows.Items, row)
	}
	return rows
}

// goalEffects tells of the workflows that were made for a goal's plans and hold members out.
func goalEffects(all []goal.Trial) ui.Rows {
	rows := ui.Rows{Label: "With and without"}
	for i := range all {
		t := &all[i]
		rows.Items = append(rows.Items, ui.Row{
			Title: t.Title, Href: t.Path, Text: t.Says, Value: points(t.Difference),
			Meta: []ui.Meta{{Text: fmt.Sprintf("%.0f %% of %d who entered, %.0f %% of %d held out", 100*t.With.Share(), t.With.Members, 100*t.Without.Share(), t.Without.Members)}, {Text: "95 %: " + points(t.Low) + " to " + points(t.High)}},
		})
	}
	return rows
}
