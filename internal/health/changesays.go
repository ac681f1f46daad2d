// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"math"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/analytics"
)

// valueText writes a figure with its unit.
func valueText(u analytics.Unit, v float64) string {
	switch u {
	case analytics.UnitShare:
		return strconv.FormatFloat(v*100, 'f', 1, 64) + " %"
	case analytics.UnitSeconds:
		return spanText(time.Duration(v * float64(time.Second)))
	default:
		return countText(int64(math.Round(v)))
	}
}

// differenceText writes how far apart two figures are, without a sign.
func differenceText(u analytics.Unit, d float64) string {
	if u == analytics.UnitShare {
		return strconv.FormatFloat(math.Abs(d)*100, 'f', 1, 64) + " points"
	}
	return valueText(u, math.Abs(d))
}

func countText(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func spanText(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strings.TrimSuffix(strconv.FormatFloat(d.Hours(), 'f', 1, 64), ".0") + " h"
	default:
		return strings.TrimSuffix(strconv.FormatFloat(d.Hours()/24, 'f', 1, 64), ".0") + " days"
	}
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 0, 64) + " %" }

// changeSays says a change as a sentence.
func changeSays(it *Item, by analytics.Granularity) string {
	switch {
	case it.Value == nil:
		return it.Label + ": no figure for this " + string(by) + "."
	case it.Previous == nil:
		return it.Label + ": " + valueText(it.Unit, *it.Value) + "; no figure for the " + string(by) + " before."
	}
	now, before := *it.Value, *it.Previous
	text := it.Label + ": " + valueText(it.Unit, now)
	if now == before {
		return text + ", as in the " + string(by) + " before."
	}
	way := "up"
	if now < before {
		way = "down"
	}
	text += ", " + way + " " + differenceText(it.Unit, now-before) + " from " + valueText(it.Unit, before)
	if it.Unit != analytics.UnitShare && before > 0 {
		sign := "+"
		if now < before {
			sign = "−"
		}
		text += " (" + sign + percent(math.Abs(now-before)/before) + ")"
	}
	return text + "."
}

func signed(u analytics.Unit, d float64) string {
	if d < 0 {
		return "−" + differenceText(u, d)
	}
	return "+" + differenceText(u, d)
}

// exactSays says what part of a count's change is a group's.
func exactSays(m *analytics.Metric, p *Part, whole float64) string {
	text := title(p.Dimension) + " " + p.Name + ": " + signed(m.Unit, p.Delta) + " of the " + signed(m.Unit, whole)
	if p.Share <= 1 {
		text += " (" + percent(p.Share) + ")"
	} else {
		text += "; all else together went the other way by " + differenceText(m.Unit, p.Delta-whole)
	}
	return text + ", from " + valueText(m.Unit, orZero(p.Before)) + " to " + valueText(m.Unit, orZero(p.Now)) + "."
}

// withoutSays says what a figure would have been without a group.
func withoutSays(m *analytics.Metric, p *Part, without [2]float64) string {
	if before, now := valueText(m.Unit, without[0]), valueText(m.Unit, without[1]); before == now {
		return title(p.Dimension) + " " + p.Name + ": without it, the figure would have stayed at " + now + "."
	}
	return title(p.Dimension) + " " + p.Name + ": without it, the figure would have gone from " + valueText(m.Unit, without[0]) + " to " + valueText(m.Unit, without[1]) + "."
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Nothing is what is said where no figure changed: what was looked at.
func (c *Changes) Nothing() string {
	var labels []string
	for i := range c.Looked {
		label := c.Looked[i].Label
		if i > 0 {
			label = strings.ToLower(label[:1]) + label[1:]
		}
		labels = append(labels, label)
	}
	return "Nothing beyond noise changed. Looked at: " + strings.Join(labels, ", ") + "."
}
