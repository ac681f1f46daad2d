// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"
)

// commentOn writes what follows from a block's data, by rule: a figure's change only where it is more than noise, what moved
// it, whether goals are on track. "" where nothing does.
func commentOn(b *Filled) string {
	switch b.Block.Kind {
	case Metric, Chart:
		return figureComment(b)
	case Goal:
		return goalComment(b)
	case Breakdown:
		return breakdownComment(b)
	case Changes:
		if b.Problem == "" && len(b.Lines) == 0 {
			return "Nothing beyond noise changed against the period before."
		}
	case Proof:
		if b.Figure != nil && b.Figure.Verdict != "" {
			return b.Figure.Label + ", how well it is known: " + b.Figure.Verdict + "."
		}
	case Text, Quotes, Program, Unknown:
	}
	return ""
}

func figureComment(b *Filled) string {
	f := b.Figure
	if f == nil {
		return ""
	}
	if f.Value == nil {
		return "There are too few cases in this period for a figure."
	}
	if f.Previous == nil {
		return f.Label + ": " + ValueText(f.Unit, f.Value) + ". There is nothing to compare it with yet."
	}
	up, good := *f.Value > *f.Previous, ""
	switch {
	case *f.Value == *f.Previous:
		return fmt.Sprintf("%s stayed at %s.", f.Label, ValueText(f.Unit, f.Value))
	case !f.Real:
		return fmt.Sprintf("%s: %s after %s. The difference is within what chance makes.", f.Label, ValueText(f.Unit, f.Value), ValueText(f.Unit, f.Previous))
	case up == f.Lower:
		good = " This is for the worse."
	}
	word := "fell"
	if up {
		word = "rose"
	}
	text := fmt.Sprintf("%s %s from %s to %s (%s), which is more than noise.%s", f.Label, word, ValueText(f.Unit, f.Previous), ValueText(f.Unit, f.Value), ChangeText(f.Unit, f.Value, f.Previous), good)
	var causes []string
	for i := range b.Lines {
		causes = append(causes, strings.TrimSuffix(b.Lines[i].Text, "."))
	}
	if len(causes) > 0 {
		text += " Where it moved: " + strings.Join(causes, "; ") + "."
	}
	return text
}

func goalComment(b *Filled) string {
	if b.Table == nil || len(b.Table.Rows) == 0 {
		return ""
	}
	n := make(map[string]int)
	var bad, risky []string
	for i := range b.Table.Rows {
		r := &b.Table.Rows[i]
		n[r.Cells[1]]++
		switch r.Cells[1] {
		case "off track":
			bad = append(bad, r.Cells[0]+" (off track)")
		case "at risk":
			risky = append(risky, r.Cells[0]+" (at risk)")
		}
	}
	bad = append(bad, risky...)
	var parts []string
	for _, s := range []string{"met", "on track", "at risk", "off track", "missed", "cannot be told yet"} {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	if one := b.Table.Rows; len(one) == 1 {
		return one[0].Cells[0] + ": " + one[0].Cells[1] + "."
	}
	text := fmt.Sprintf("Of %d goals: %s.", len(b.Table.Rows), strings.Join(parts, ", "))
	if most := 3; len(bad) > most {
		bad = append(bad[:most], fmt.Sprintf("%d more", len(bad)-most))
	}
	if len(bad) > 0 {
		text += " To look at: " + strings.Join(bad, "; ") + "."
	}
	return text
}

func breakdownComment(b *Filled) string {
	if b.Table == nil || len(b.Table.Rows) < 2 {
		return ""
	}
	first, sum := 0.0, 0.0
	for i := range b.Table.Rows {
		if v := b.Table.Rows[i].Values[1]; v != nil {
			if sum += *v; i == 0 {
				first = *v
			}
		}
	}
	if first <= 0 || sum <= 0 {
		return ""
	}
	return fmt.Sprintf("The largest is %s with %s.", b.Table.Rows[0].Cells[0], b.Table.Rows[0].Cells[1])
}

// summaries writes texts that nobody has begun: what moved by more than noise in the figures below, and how goals are.
func summaries(all []Filled) {
	for i := range all {
		b := &all[i]
		if b.Block.Kind != Text || b.Block.Text != "" {
			continue
		}
		var moved []string
		figures := 0
		told := make(map[string]bool)
		for j := range all {
			f := all[j].Figure
			if f == nil || f.Value == nil || f.Previous == nil || told[f.Label] {
				continue
			}
			told[f.Label] = true
			if figures++; f.Real && *f.Value != *f.Previous {
				moved = append(moved, fmt.Sprintf("%s: %s, %s after %s", f.Label, ValueText(f.Unit, f.Value), ChangeText(f.Unit, f.Value, f.Previous), ValueText(f.Unit, f.Previous)))
			}
		}
		switch {
		case len(moved) > 0:
			b.Comment.Rule = fmt.Sprintf("More than noise, of %d figures:\n\n- %s", figures, strings.Join(moved, "\n- "))
		case figures > 0:
			b.Comment.Rule = fmt.Sprintf("None of the %d figures below changed by more than chance makes.", figures)
		}
		b.Comment.Text = b.Comment.Rule
	}
}

// unknowns writes what is not known, from what the other blocks lack.
func (c *filling) unknowns(all []Filled) {
	for i := range all {
		u := &all[i]
		if u.Block.Kind != Unknown {
			continue
		}
		if u.Block.Title == "" {
			u.Title = Unknown.Label()
		}
		figures, within := 0, 0
		for j := range all {
			b := &all[j]
			switch {
			case b.Problem != "" && b.Block.Kind != Quotes && b.Block.Kind != Goal && b.Block.Kind != Program:
				u.Lines = append(u.Lines, Line{Text: b.Title + ": " + b.Problem + "."})
			case b.Figure != nil && b.Figure.Value == nil:
				u.Lines = append(u.Lines, Line{Text: b.Title + ": too few cases for a figure."})
			case b.Figure != nil && b.Figure.Previous != nil && (b.Block.Kind == Metric || b.Block.Kind == Chart):
				if figures++; !b.Figure.Real {
					within++
				}
			}
			if b.Block.Kind == Proof && b.Problem == "" {
				for _, l := range b.Lines {
					if after, ok := strings.CutPrefix(l.Text, unknownMark); ok {
						u.Lines = append(u.Lines, Line{Text: b.Title + ": " + after})
					}
				}
			}
		}
		if within > 0 {
			u.Lines = append(u.Lines, Line{Text: fmt.Sprintf("Of %d figures, %d changed by no more than chance makes; whether anything is behind them cannot be told from one period.", figures, within)})
		}
		u.Lines = append(u.Lines, Line{Text: "A rise beside something we did does not say that we made it. What would have happened without is known only where an experiment or a comparison says so."})
		if !c.asOf.IsZero() && c.asOf.Before(c.period.To) {
			u.Lines = append(u.Lines, Line{Text: "Not all of the period was read when this was computed: nothing after " + c.asOf.In(c.zone).Format("2 January 2006, 15:04") + "."})
		}
	}
}
