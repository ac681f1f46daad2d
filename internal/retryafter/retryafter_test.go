// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package retryafter_test

import (
	"net/http"
	"testing"
	"time"

	"greenroom/internal/retryafter"
)

func TestRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		after, date string
		now         time.Time
		want        time.Duration
		said        bool
	}{
		"nothing":                       {now: now},
		"seconds":                       {after: "120", now: now, want: 2 * time.Minute, said: true},
		"seconds with a space":          {after: " 7 ", now: now, want: 7 * time.Second, said: true},
		"a fraction":                    {after: "0.5", now: now, want: 500 * time.Millisecond, said: true},
		"nought":                        {after: "0", now: now, said: true},
		"a date":                        {after: "Sun, 01 Mar 2026 12:05:00 GMT", now: now, want: 5 * time.Minute, said: true},
		"a date by the server's clock":  {after: "Sun, 01 Mar 2026 13:05:00 GMT", date: "Sun, 01 Mar 2026 13:00:00 GMT", now: now, want: 5 * time.Minute, said: true},
		"a date that is over":           {after: "Sun, 01 Mar 2026 11:00:00 GMT", now: now, said: true},
		"a date and no clock":           {after: "Sun, 01 Mar 2026 12:05:00 GMT"},
		"a date, no clock but a Date":   {after: "Sun, 01 Mar 2026 12:05:00 GMT", date: "Sun, 01 Mar 2026 12:00:00 GMT", want: 5 * time.Minute, said: true},
		"less than nought":              {after: "-1", now: now},
		"no number":                     {after: "NaN", now: now},
		"more than can be meant":        {after: "1e300", now: now, want: retryafter.Longest, said: true},
		"more than a number can be":     {after: "1e999", now: now, want: retryafter.Longest, said: true},
		"a date further than is meant":  {after: "Sun, 01 Mar 2076 12:05:00 GMT", now: now, want: retryafter.Longest, said: true},
		"words":                         {after: "soon", now: now},
		"a date in no form of HTTP":     {after: "2026-03-01T12:05:00Z", now: now},
		"a Date that cannot be read":    {after: "Sun, 01 Mar 2026 12:05:00 GMT", date: "yesterday", now: now, want: 5 * time.Minute, said: true},
		"a date in the form of RFC 850": {after: "Sunday, 01-Mar-26 12:05:00 GMT", now: now, want: 5 * time.Minute, said: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			h.Set("Retry-After", c.after)
			h.Set("Date", c.date)
			if wait, said := retryafter.Read(h, c.now); wait != c.want || said != c.said {
				t.Errorf("Read = %v, %t; want %v, %t", wait, said, c.want, c.said)
			}
		})
	}
}
