// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package retryafter reads how long a server asks to be left alone: RFC 9110, section 10.2.3.
package retryafter

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Longest is longer than any wait that is meant. What is asked beyond it is taken for it.
const Longest = 10 * 365 * 24 * time.Hour

// Read gives the wait of an answer's Retry-After, never negative; said is false where there is none that can be read. A
// date is counted from the answer's own Date, so that two clocks that differ change nothing, and from now where it has
// none. A now of zero = a date without one is not read.
func Read(h http.Header, now time.Time) (wait time.Duration, said bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if wait, said = Seconds(value); said {
		return wait, true
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	if now.IsZero() {
		return 0, false
	}
	return min(max(0, until.Sub(now)), Longest), true
}

// Seconds reads a number of seconds that is not negative. Some platforms write a fraction, which the standard has not.
func Seconds(text string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(n) || n < 0 {
		return 0, false
	}
	if n >= Longest.Seconds() {
		return Longest, true
	}
	return time.Duration(n * float64(time.Second)), true
}
