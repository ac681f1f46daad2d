// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/analytics"
)

// None is what stands where there is no value.
const None = "–"

// narrow is a no-break space between a figure and its unit.
const narrow = "\u00a0"

// The units of proofs beside those of metrics. Money is followed by its currency where that is known: "money EUR".
const (
	UnitRatio analytics.Unit = "ratio" // 1 = no difference
	UnitDays  analytics.Unit = "days"
	UnitHours analytics.Unit = "hours"
	UnitMoney analytics.Unit = "money"
)

// moneyText writes an amount; of great ones, nobody wants the cents.
func moneyText(v float64) string {
	if math.Abs(v) >= 1000 || v == math.Trunc(v) {
		return decimal(v, 0)
	}
	return decimal(v, 2)
}

// ValueText writes a figure with its unit as the pages do; nil as None.
func ValueText(u analytics.Unit, v *float64) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return None
	}
	if currency, ok := strings.CutPrefix(string(u), string(UnitMoney)+" "); ok {
		return moneyText(*v) + narrow + currency
	}
	switch u {
	case UnitDays, UnitHours:
		return decimal(*v, 1) + narrow + string(u)
	case UnitMoney:
		return moneyText(*v)
	case UnitRatio:
		return decimal(*v, 2)
	case analytics.UnitShare:
		return decimal(*v*100, 1) + narrow + "%"
	case analytics.UnitSeconds:
		return spanText(time.Duration(*v * float64(time.Second)))
	default:
		if *v == math.Trunc(*v) {
			return decimal(*v, 0)
		}
		return decimal(*v, 1)
	}
}

// ChangeText writes the change of a figure: counts and times as a share of what they were, shares in points. "" where there
// is none.
func ChangeText(u analytics.Unit, now, before *float64) string {
	if now == nil || before == nil {
		return ""
	}
	d := *now - *before
	sign := "+"
	if d < 0 {
		sign = "−"
	}
	switch {
	case d == 0:
		return "±0"
	case u == analytics.UnitShare:
		return sign + decimal(math.Abs(d)*100, 1) + narrow + "points"
	case *before == 0:
		return sign + ValueText(u, ptr(math.Abs(d)))
	default:
		return sign + decimal(math.Abs(d / *before)*100, 1) + narrow + "%"
	}
}

// DifferenceText writes a difference of two figures: that of shares in points.
func DifferenceText(u analytics.Unit, v *float64) string {
	if u == analytics.UnitShare && v != nil {
		return decimal(*v*100, 1) + narrow + "points"
	}
	return ValueText(u, v)
}

func ptr(v float64) *float64 { return &v }

func decimal(x float64, decimals int) string {
	whole, rest, found := strings.Cut(strconv.FormatFloat(math.Abs(x), 'f', decimals, 64), ".")
	var b strings.Builder
	if x < 0 && (strings.Trim(whole, "0") != "" || strings.Trim(rest, "0") != "") {
		b.WriteString("−")
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if found {
		b.WriteString("." + rest)
	}
	return b.String()
}

// spanText writes a time span in its two largest units, such as 3 h 12 m.
func spanText(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "−", -d
	}
	switch {
	case d > 0 && d < time.Second:
		return sign + "< 1" + narrow + "s"
	case d < time.Hour:
		d = d.Round(time.Second)
	case d < 24*time.Hour:
		d = d.Round(time.Minute)
	default:
		d = d.Round(time.Hour)
	}
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}}
	for i, u := range units {
		if d < u.size {
			continue
		}
		text := sign + decimal(float64(d/u.size), 0) + narrow + u.name
		if i+1 < len(units) {
			if rest := d % u.size / units[i+1].size; rest > 0 {
				text += " " + strconv.FormatInt(int64(rest), 10) + narrow + units[i+1].name
			}
		}
		return text
	}
	return "0" + narrow + "s"
}
