// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// Money is an amount of a currency.
type Money struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency"` // ISO 4217
}

// Rate says what one unit of a currency was worth in another on a day: 1 Base = Value Currency.
type Rate struct {
	Base     string  `json:"base"`
	Currency string  `json:"currency"`
	Day      string  `json:"day"`    // YYYY-MM-DD
	Value    float64 `json:"value"`  // above 0
	Origin   string  `json:"origin"` // who says so, such as "ECB" or "typed by ana@example.com"
}

// Validate says what is wrong with a rate, as CodeInvalid.
func (r *Rate) Validate() error {
	_, err := time.Parse(time.DateOnly, r.Day)
	switch {
	case CurrencyCode(r.Base) != r.Base || r.Base == "" || CurrencyCode(r.Currency) != r.Currency || r.Currency == "":
		return Errorf(CodeInvalid, "%q and %q: a currency is a code of three letters such as EUR", r.Base, r.Currency)
	case r.Base == r.Currency:
		return Errorf(CodeInvalid, "%s to itself is 1; a rate is between two currencies", r.Base)
	case err != nil:
		return Errorf(CodeInvalid, "%q is no day; expected one such as 2026-01-31", r.Day)
	case !(r.Value > 0 && r.Value < 1e12): // so that what is no number fails
		return Errorf(CodeInvalid, "a rate is a number above 0, not %v", r.Value)
	}
	return nil
}

// MissingRateError says that there is no rate between two currencies on a day or before it. It is never taken for zero.
type MissingRateError struct {
	From, To string
	Day      string
}

// Error names what is missing.
func (e *MissingRateError) Error() string {
	if e.From == "" {
		return "an amount has no currency; say in the source's settings which one is meant"
	}
	return fmt.Sprintf("there is no rate from %s to %s for %s or a day before it; add one under Business data", e.From, e.To, e.Day)
}

// RateUsed is a rate between two currencies as it was applied.
type RateUsed struct {
	Value float64 // what one unit of the first is worth in the second
	Day   string  // the day of the older rate that was used; "" = both currencies are one
	Via   string  // the currency in between, "" = none
}

// Rates are the dated rates, and the currency that everything is reported in.
type Rates struct {
	Reporting string // ISO 4217
	pairs     map[[2]string][]Rate
	pivots    []string
}

// NewRates makes rates of a list in any order; what is not valid is left out.
func NewRates(reporting string, all []Rate) *Rates {
	r := &Rates{Reporting: reporting, pairs: make(map[[2]string][]Rate)}
	for i := range all {
		if all[i].Validate() != nil {
			continue
		}
		k := [2]string{all[i].Base, all[i].Currency}
		r.pairs[k] = append(r.pairs[k], all[i])
	}
	for k := range r.pairs {
		slices.SortStableFunc(r.pairs[k], func(a, b Rate) int {
			switch {
			case a.Day < b.Day:
				return -1
			case a.Day > b.Day:
				return 1
			}
			return 0
		})
		r.pivots = append(r.pivots, k[0], k[1])
	}
	slices.Sort(r.pivots)
	r.pivots = slices.Compact(r.pivots)
	return r
}

// leg is the rate of a day or the last before, told in either direction; the newer of both counts.
func (r *Rates) leg(from, to, day string) (value float64, on string, ok bool) {
	if from == to {
		return 1, day, true
	}
	if v := lastBefore(r.pairs[[2]string{from, to}], day); v != nil {
		value, on, ok = v.Value, v.Day, true
	}
	if v := lastBefore(r.pairs[[2]string{to, from}], day); v != nil && v.Day > on {
		value, on, ok = 1/v.Value, v.Day, true
	}
	return value, on, ok
}

func lastBefore(rates []Rate, day string) *Rate {
	n := sort.Search(len(rates), func(i int) bool { return rates[i].Day > day })
	if n == 0 {
		return nil
	}
	return &rates[n-1]
}

// Between finds the rate of a day, or the last before it: directly, or by a third currency that both have rates with.
func (r *Rates) Between(from, to string, at time.Time) (RateUsed, error) {
	day := at.UTC().Format(time.DateOnly)
	switch {
	case from == "" || to == "":
		return RateUsed{}, &MissingRateError{From: from, To: to, Day: day}
	case from == to:
		return RateUsed{Value: 1}, nil
	}
	if v, on, ok := r.leg(from, to, day); ok {
		return RateUsed{Value: v, Day: on}, nil
	}
	best := RateUsed{}
	for _, via := range r.pivots {
		a, first, ok := r.leg(from, via, day)
		b, second, also := r.leg(via, to, day)
		if on := min(first, second); ok && also && on > best.Day {
			best = RateUsed{Value: a * b, Day: on, Via: via}
		}
	}
	if best.Day == "" {
		return best, &MissingRateError{From: from, To: to, Day: day}
	}
	return best, nil
}

// Convert says what money was worth on a day in the currency that everything is reported in. Nothing is nothing in any
// currency; else a missing rate is a *MissingRateError.
func (r *Rates) Convert(m Money, at time.Time) (float64, error) {
	if m.Amount == 0 {
		return 0, nil
	}
	used, err := r.Between(m.Currency, r.Reporting, at)
	return m.Amount * used.Value, err
}
