// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team

import (
	"fmt"
	"strings"
	"time"
)

var dayNames = [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// ParseDays reads hours as "Mon-Fri 9:00-17:00, Sat 10:00-12:30". "" = none.
func ParseDays(text string) (days [7]Span, err error) {
	for part := range strings.SplitSeq(strings.NewReplacer(";", ",", "\n", ",", "–", "-").Replace(text), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		names, hours, ok := strings.Cut(part, " ")
		first, last, span := strings.Cut(names, "-")
		if !span {
			last = first
		}
		a, okA := dayIn(first)
		b, okB := dayIn(last)
		s, okS := spanIn(strings.ReplaceAll(hours, " ", ""))
		if !ok || !okA || !okB || !okS {
			return days, bad("%q are no hours; they are written as Mon-Fri 9:00-17:00, Sat 10:00-12:30", part)
		}
		for d := a; ; d = (d + 1) % 7 {
			days[d] = s
			if d == b {
				break
			}
		}
	}
	return days, nil
}

func dayIn(text string) (time.Weekday, bool) {
	for i, n := range dayNames {
		if len(text) >= 3 && strings.HasPrefix(strings.ToLower(time.Weekday(i).String()), strings.ToLower(text)) || strings.EqualFold(text, n) {
			return time.Weekday(i), true
		}
	}
	return 0, false
}

func spanIn(text string) (Span, bool) {
	from, to, ok := strings.Cut(text, "-")
	a, okA := minuteIn(from)
	b, okB := minuteIn(to)
	return Span{a, b}, ok && okA && okB && a < b
}

func minuteIn(text string) (int, bool) {
	if text == "24:00" || text == "24" {
		return minutesOfDay, true
	}
	for _, layout := range []string{"15:04", "15"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Hour()*60 + t.Minute(), true
		}
	}
	return 0, false
}

// FormatDays writes hours so that ParseDays reads the same ones, from Monday on.
func FormatDays(days [7]Span) string {
	var parts []string
	clock := func(m int) string { return fmt.Sprintf("%d:%02d", m/60, m%60) }
	for i := 0; i < 7; {
		d := (i + 1) % 7
		n := 1
		for i+n < 7 && days[(i+n+1)%7] == days[d] {
			n++
		}
		if s := days[d]; s.To > s.From {
			name := dayNames[d]
			if n > 1 {
				name += "-" + dayNames[(i+n)%7]
			}
			parts = append(parts, name+" "+clock(s.From)+"-"+clock(s.To))
		}
		i += n
	}
	return strings.Join(parts, ", ")
}
