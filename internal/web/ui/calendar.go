// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// Day is how much happened on one day, and where that opens to.
type Day struct {
	Date  time.Time // any moment of the day
	Count int
	Href  string
}

// Year is a calendar of about a year, a square a day. The picture has a text alternative: a table by month.
type Year struct {
	Label   string // of the whole, for screen readers: "312 activities on 71 days between …"
	From    time.Time
	To      time.Time
	Days    []Day                        // in any order; days without an entry count as zero
	Unit    string                       // what is counted: "activities"
	MonthOf func(month time.Time) string // address that a month opens to; may be nil
}

// YearText is a month's or weekday's name beside the squares.
type YearText struct {
	X, Y int
	Text string
}

// YearMonth is a line of the text alternative.
type YearMonth struct {
	Name  string
	Count int
	Days  int // days with anything
	Href  string
}

// Geometry of the picture, in SVG units: squares of yearSize every yearStep, room for names at the left and above.
const (
	yearStep = 13
	yearSize = 11
	yearLeft = 24
	yearTop  = 18
	dayFmt   = "2006-01-02"
)

// first is the Monday that the picture begins with.
func (y Year) first() time.Time {
	from := midnight(y.From)
	return from.AddDate(0, 0, -((int(from.Weekday()) + 6) % 7))
}

// midnight drops the hour and the location, so that adding days is exact.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func (y Year) byDay() (counts map[string]Day, top int) {
	counts = make(map[string]Day, len(y.Days))
	var busy []int
	for _, d := range y.Days {
		counts[d.Date.Format(dayFmt)] = d
		if d.Count > 0 {
			busy = append(busy, d.Count)
		}
	}
	if len(busy) == 0 {
		return counts, 0
	}
	slices.Sort(busy)
	return counts, busy[len(busy)*9/10] // one wild day does not pale all others
}

// Squares gives the squares as SVG, from From to To. They are written here and not by the template, which takes ten
// times as long for so many; all that comes from outside is escaped. An address has to be a path of this server.
func (y Year) Squares() template.HTML {
	counts, top := y.byDay()
	first, end := y.first(), midnight(y.To)
	unit := template.HTMLEscapeString(y.Unit)
	var out strings.Builder
	for day := midnight(y.From); !day.After(end); day = day.AddDate(0, 0, 1) {
		n := int(day.Sub(first).Hours() / 24)
		d := counts[day.Format(dayFmt)]
		href := ""
		if strings.HasPrefix(d.Href, "/") {
			href = ` data-href="` + template.HTMLEscapeString(d.Href) + `"`
		}
		fmt.Fprintf(
			&out, `<rect class="lv%d" x="%d" y="%d" width="%d" height="%d"%s><title>%s: %s %s</title></rect>`,
			level(d.Count, top), yearLeft+n/7*yearStep, yearTop+n%7*yearStep, yearSize, yearSize, href, day.Format("Mon 2 Jan 2006"), Number(d.Count), unit,
		)
	}
	return template.HTML(out.String()) //nolint:gosec // everything in it was escaped above
}

// level is the color step of a count: quarters of top, at least 1 for anything.
func level(count, top int) int {
	if count <= 0 {
		return 0
	}
	return min(4, max(1, (count*4+top-1)/max(top, 1)))
}

// Texts gives the names of the months above and of the weekdays at the left.
func (y Year) Texts() []YearText {
	var out []YearText
	for i, name := range []string{"M", "T", "W", "T", "F", "S", "S"} {
		out = append(out, YearText{X: 4, Y: yearTop + i*yearStep + 9, Text: name})
	}
	first, end, last := y.first(), midnight(y.To), -100
	for day := midnight(y.From); !day.After(end); day = day.AddDate(0, 0, 1) {
		if day.Day() != 1 {
			continue
		}
		x := yearLeft + int(day.Sub(first).Hours()/24)/7*yearStep
		if x-last >= 2*yearStep {
			out = append(out, YearText{X: x, Y: yearTop - 7, Text: day.Format("Jan")})
			last = x
		}
	}
	return out
}

// Width is the width of the picture, in SVG units.
func (y Year) Width() int {
	weeks := int(midnight(y.To).Sub(y.first()).Hours()/24)/7 + 1
	return yearLeft + weeks*yearStep
}

// Height is the height of the picture, in SVG units.
func (y Year) Height() int { return yearTop + 7*yearStep }

// Months gives the text alternative, newest first.
func (y Year) Months() []YearMonth {
	counts, _ := y.byDay()
	var out []YearMonth
	end := midnight(y.To)
	for day := midnight(y.From); !day.After(end); day = day.AddDate(0, 0, 1) {
		name := day.Format("January 2006")
		if len(out) == 0 || out[len(out)-1].Name != name {
			month := YearMonth{Name: name}
			if y.MonthOf != nil {
				month.Href = y.MonthOf(time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, y.From.Location()))
			}
			out = append(out, month)
		}
		if n := counts[day.Format(dayFmt)].Count; n > 0 {
			out[len(out)-1].Count += n
			out[len(out)-1].Days++
		}
	}
	slices.Reverse(out)
	return out
}
