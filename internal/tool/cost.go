// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"cmp"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/schedule"
)

// Rate says what a currency is worth in the one that everything is reported in, from a day on.
type Rate struct {
	Currency string  `json:"currency" doc:"Three letters, such as USD."`
	Day      string  `json:"day" doc:"From this day on."`
	Rate     float64 `json:"rate" doc:"How much of the reporting currency one of it is."`
}

// Money is how costs are put into one currency: by the reporting currency and the dated rates of business data, which there is one of.
type Money struct {
	Currency string `json:"currency" doc:"What everything is told in, such as EUR: the reporting currency of business data."`
	Rates    []Rate `json:"rates" doc:"What the currencies of the tools are worth: the rates of business data that count today. To set: rates to add there."`
}

// validate says what is wrong, and puts rates in order.
func (m *Money) validate() error {
	if !currency(m.Currency) {
		return bad("%q is no currency; write three letters, such as EUR", m.Currency)
	}
	for _, r := range m.Rates {
		switch {
		case !currency(r.Currency) || r.Currency == m.Currency:
			return bad("%q is no other currency than %s; write three letters, such as USD", r.Currency, m.Currency)
		case !(r.Rate > 0 && r.Rate < maxCost):
			return bad("one %s is worth more than nothing in %s", r.Currency, m.Currency)
		}
		if _, err := schedule.ParseDate(r.Day); err != nil {
			return err
		}
	}
	slices.SortFunc(m.Rates, func(a, b Rate) int { return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Day, b.Day)) })
	for i := 1; i < len(m.Rates); i++ {
		if m.Rates[i].Currency == m.Rates[i-1].Currency && m.Rates[i].Day == m.Rates[i-1].Day {
			return bad("there are two rates of %s from %s on", m.Rates[i].Currency, m.Rates[i].Day)
		}
	}
	return nil
}

// worth is what one of a currency is worth at a time in the one that everything is reported in.
func worth(rates *greenroom.Rates, code string, at time.Time) (greenroom.RateUsed, bool) {
	used, err := rates.Between(code, rates.Reporting, at)
	return used, err == nil // the only error is that there is no rate
}

// money is the view of the rates that count for tools at a time.
func money(all []Tool, rates *greenroom.Rates, at time.Time) Money {
	m := Money{Currency: rates.Reporting, Rates: []Rate{}}
	seen := map[string]bool{rates.Reporting: true}
	for i := range all {
		code := all[i].Currency
		if seen[code] {
			continue
		}
		seen[code] = true
		if used, known := worth(rates, code, at); known {
			m.Rates = append(m.Rates, Rate{code, used.Day, used.Value})
		}
	}
	slices.SortFunc(m.Rates, func(a, b Rate) int { return cmp.Compare(a.Currency, b.Currency) })
	return m
}

// Sum is what tools cost together.
type Sum struct {
	Key   string  `json:"key,omitempty" doc:"The category or the owner; left out = nobody."`
	Tools int     `json:"tools" doc:"How many."`
	Month float64 `json:"month" doc:"A month, in the reporting currency."`
	Year  float64 `json:"year" doc:"A year."`
}

// Costs is what the stack costs.
type Costs struct {
	Currency   string  `json:"currency" doc:"What everything is told in."`
	Month      float64 `json:"month" doc:"All tools in use or on trial, a month: a year by twelve."`
	Year       float64 `json:"year" doc:"The same, a year."`
	Once       float64 `json:"once" doc:"What was or is paid once; in neither of the two."`
	Paid       int     `json:"paid" doc:"How many tools cost something."`
	ByCategory []Sum   `json:"by_category" doc:"By what they are for, the dearest first."`
	ByOwner    []Sum   `json:"by_owner" doc:"By who answers for them."`
	NoRate     []int64 `json:"no_rate,omitempty" doc:"Tools whose currency has no rate; they are in no sum."`
}

// yearly is what a tool costs a year in its own currency; 0 for what is paid once.
func (d *Draft) yearly() float64 {
	if n := d.Every.months(); n > 0 {
		return d.Cost * 12 / float64(n)
	}
	return 0
}

// total adds up what tools cost by the rates of a time.
func total(all []Tool, rates *greenroom.Rates, at time.Time) *Costs {
	c := &Costs{Currency: rates.Reporting, ByCategory: []Sum{}, ByOwner: []Sum{}}
	category, owner := make(map[string]*Sum), make(map[string]*Sum)
	for i := range all {
		t := &all[i]
		if !t.State.Paid() || t.Cost == 0 {
			continue
		}
		used, known := worth(rates, t.Currency, at)
		if !known {
			c.NoRate = append(c.NoRate, t.ID)
			continue
		}
		c.Paid++
		year := t.yearly() * used.Value
		c.Year += year
		if t.Every == Once {
			c.Once += t.Cost * used.Value
		}
		add(category, t.Category, year)
		add(owner, t.Owner, year)
	}
	c.Month = c.Year / 12
	c.ByCategory, c.ByOwner = ordered(category), ordered(owner)
	return c
}

func add(into map[string]*Sum, key string, year float64) {
	s := into[key]
	if s == nil {
		s = &Sum{Key: key}
		into[key] = s
	}
	s.Tools++
	s.Year += year
	s.Month = s.Year / 12
}

func ordered(sums map[string]*Sum) []Sum {
	all := make([]Sum, 0, len(sums))
	for _, s := range sums {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Sum) int { return cmp.Or(cmp.Compare(b.Year, a.Year), cmp.Compare(a.Key, b.Key)) })
	return all
}

// Renewal is when a tool renews next.
type Renewal struct {
	Day    string `json:"day" doc:"The day."`
	Until  string `json:"notice_until" doc:"The last day on which notice can be given."`
	Left   int    `json:"days_left" doc:"Days until then; below 0 = it is too late for this one."`
	Missed bool   `json:"missed,omitempty" doc:"The last day for notice is over."`
}

// next is the next renewal from a day on; nil where there is none, or the tool is not paid for.
func (d *Draft) next(today schedule.Date) *Renewal {
	first, err := schedule.ParseDate(d.Renewal)
	if d.Renewal == "" || err != nil || !d.State.Paid() {
		return nil
	}
	day, begin := first, first.Begin(time.UTC)
	for n := 1; day < today; n++ {
		step := d.Every.months()
		if step == 0 {
			return nil
		}
		day = schedule.DateOf(addMonths(begin, n*step))
	}
	until := day - schedule.Date(d.Notice)
	return &Renewal{Day: day.String(), Until: until.String(), Left: int(until - today), Missed: until < today}
}

// addMonths goes to the same day of a later month, or to its last where it is shorter.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
