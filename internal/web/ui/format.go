// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	thin  = "\u202f" // narrow no-break space, between a figure and its unit
	minus = "−"
)

// None is what stands where there is no value.
const None = "–"

// Number writes a count with thousands separated: 1842 as "1,842", -3 as "−3".
func Number(n int) string {
	digits := strconv.FormatUint(uint64(max(n, -n)), 10)
	if n < 0 {
		return minus + group(digits)
	}
	return group(digits)
}

// Decimal writes a number with the given count of decimals and thousands separated; NaN and infinities as None.
func Decimal(x float64, decimals int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return None
	}
	text := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, rest, found := strings.Cut(text, ".")
	if text = group(whole); found {
		text += "." + rest
	}
	if x < 0 && strings.ContainsAny(text, "123456789") {
		return minus + text
	}
	return text
}

func group(digits string) string {
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// Percent writes a share, where 1 is all, with one decimal: 0.814 as "81.4 %".
func Percent(share float64) string {
	text := Decimal(share*100, 1)
	if text == None {
		return None
	}
	return text + thin + "%"
}

// Duration writes a time span in its two largest units: "3 h 12 m", "2 d 4 h", "45 s", "< 1 s".
func Duration(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = minus, -d
	}
	if d > 0 && d < time.Second {
		return sign + "< 1" + thin + "s"
	}
	switch {
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
		text := sign + group(strconv.FormatInt(int64(d/u.size), 10)) + thin + u.name
		if i+1 < len(units) {
			if rest := d % u.size / units[i+1].size; rest > 0 {
				text += " " + strconv.FormatInt(int64(rest), 10) + thin + units[i+1].name
			}
		}
		return text
	}
	return "0" + thin + "s"
}

// Bytes writes a size with decimal units: 1_540_000 as "1.5 MB".
func Bytes(n int64) string {
	size, unit := float64(n), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if size < 1000 {
			break
		}
		size, unit = size/1000, next
	}
	if unit == "B" {
		return Number(int(n)) + thin + unit
	}
	return Decimal(size, 1) + thin + unit
}

// Date writes a day as "18 Nov 2026", in the time's own location; the zero time as None.
func Date(t time.Time) string {
	if t.IsZero() {
		return None
	}
	return t.Format("2 Jan 2006")
}

// DateTime writes a moment as "18 Nov 2026, 09:12 CET", in the time's own location; the zero time as None.
func DateTime(t time.Time) string {
	if t.IsZero() {
		return None
	}
	return t.Format("2 Jan 2006, 15:04 MST")
}

// Ago says how long before now t was, or after: "just now", "4 min ago", "2 h ago", "yesterday 09:12", "12 Nov",
// "12 Nov 2024", "in 3 d"; the zero time gives "never". Days are those of t's location.
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	now = now.In(t.Location())
	d := now.Sub(t)
	if d < 0 {
		return ahead(now, t)
	}
	switch yesterday := now.AddDate(0, 0, -1); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + thin + "min ago"
	case d < 12*time.Hour || sameDay(now, t):
		return strconv.Itoa(int(d/time.Hour)) + thin + "h ago"
	case sameDay(yesterday, t):
		return "yesterday " + t.Format("15:04")
	case d < 7*24*time.Hour:
		return t.Format("Monday 15:04")
	default:
		return shortDate(now, t)
	}
}

func ahead(now, t time.Time) string {
	d := t.Sub(now)
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return "in " + strconv.Itoa(int(d/time.Minute)) + thin + "min"
	case d < 24*time.Hour:
		return "in " + strconv.Itoa(int(d/time.Hour)) + thin + "h"
	case d < 30*24*time.Hour:
		return "in " + strconv.Itoa(int(d/(24*time.Hour))) + thin + "d"
	default:
		return shortDate(now, t)
	}
}

func sameDay(a, b time.Time) bool {
	return a.YearDay() == b.YearDay() && a.Year() == b.Year()
}

func shortDate(now, t time.Time) string {
	if now.Year() == t.Year() {
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// Initials gives the one or two letters that an avatar shows: those of the first and the last word ("MK" for "Mina
// Kovač"), the first two of a single word ("JT" for "jtanaka"), or "?" where there are none.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	switch len(words) {
	case 0:
		return "?"
	case 1:
		word := []rune(words[0])
		return strings.ToUpper(string(word[:min(2, len(word))]))
	default:
		first, _ := utf8.DecodeRuneInString(words[0])
		last, _ := utf8.DecodeRuneInString(words[len(words)-1])
		return strings.ToUpper(string([]rune{first, last}))
	}
}

// hueCount is how many colors avatars have; the style sheet names them av-0 and so on.
const hueCount = 8

// hue chooses an avatar's color from a stable seed (FNV-1a).
func hue(seed string) int {
	hash := uint32(2166136261)
	for i := range len(seed) {
		hash = (hash ^ uint32(seed[i])) * 16777619
	}
	return int(hash % hueCount)
}
