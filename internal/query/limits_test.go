// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"greenroom/internal/query"
)

// term parses a text that is one term.
func term(t *testing.T, e query.Entity, text string) *query.Term {
	t.Helper()
	q, err := query.Parse(query.NewSchema(e, kinds()), text)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := q.Root.(*query.Term)
	if !ok {
		t.Fatalf("Parse(%q) = %s, want one term", text, dump(q.Root))
	}
	return n
}

func TestIntervals(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// The last Sunday of March 2026, on which Berlin's clocks went forward.
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, berlin)
	tests := []struct{ text, want string }{
		// Ages: from then on, or before then.
		{"occurred:<30d", "2026-02-27T12:00+01 .. -"},
		{"occurred:<=30d", "2026-02-27T12:00+01 .. -"},
		{"occurred:>30d", "- .. 2026-02-27T12:00+01"},
		{"occurred:<1mo", "2026-02-28T12:00+01 .. -"},
		{"occurred:<1y", "2025-03-29T12:00+01 .. -"},
		{"occurred:<24h", "2026-03-28T11:00+01 .. -"},
		{"occurred:<1d", "2026-03-28T12:00+01 .. -"},
		{"since:2w", "2026-03-15T12:00+01 .. -"},
		{"until:90min", "- .. 2026-03-29T10:30+02"},
		{"occurred:30d..180d", "2025-09-30T12:00+02 .. 2026-02-27T12:00+01"},
		{"occurred:180d..30d", "2025-09-30T12:00+02 .. 2026-02-27T12:00+01"},
		{"occurred:7d..yesterday", "2026-03-22T12:00+01 .. 2026-03-29T00:00+01"},
		// Dates: a day, a month, a year, a minute.
		{"occurred:today", "2026-03-29T00:00+01 .. 2026-03-30T00:00+02"},
		{"occurred:yesterday", "2026-03-28T00:00+01 .. 2026-03-29T00:00+01"},
		{"occurred:2026-02", "2026-02-01T00:00+01 .. 2026-03-01T00:00+01"},
		{"occurred:2024-12,2025", "2024-12-01T00:00+01 .. 2025-01-01T00:00+01 | 2025-01-01T00:00+01 .. 2026-01-01T00:00+01"},
		{"occurred:2026-01-31T10:00", "2026-01-31T10:00+01 .. 2026-01-31T10:01+01"},
		{"occurred:2026-01-31T10:00Z", "2026-01-31T10:00Z .. 2026-01-31T10:01Z"},
		{"occurred:<2026-02", "- .. 2026-02-01T00:00+01"},
		{"occurred:<=2026-02", "- .. 2026-03-01T00:00+01"},
		{"occurred:>2026-02", "2026-03-01T00:00+01 .. -"},
		{"occurred:>=2026-02", "2026-02-01T00:00+01 .. -"},
		{"until:2026-02-28", "- .. 2026-03-01T00:00+01"},
		{"occurred:2026-01-01..2026-03", "2026-01-01T00:00+01 .. 2026-04-01T00:00+02"},
		{"occurred:2026..", "2026-01-01T00:00+01 .. -"},
		{"occurred:..2025-12-31", "- .. 2026-01-01T00:00+01"},
		{"occurred:*", ""},
		{"title:x", ""},
	}
	for _, tt := range tests {
		var got []string
		for _, i := range term(t, query.Activities, tt.text).Intervals(now) {
			got = append(got, moment(i.From)+" .. "+moment(i.To))
		}
		if got := strings.Join(got, " | "); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02T15:04Z07")
}

// A month back from its 31st day ends on the last day there is.
func TestSpanBefore(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tt := range []struct {
		span     query.Span
		at, want string
	}{
		{query.Span{N: 1, Unit: query.Month}, "2026-03-31", "2026-02-28"},
		{query.Span{N: 1, Unit: query.Month}, "2026-07-31", "2026-06-30"},
		{query.Span{N: 1, Unit: query.Year}, "2024-02-29", "2023-02-28"},
		{query.Span{N: 13, Unit: query.Month}, "2026-03-15", "2025-02-15"},
		{query.Span{N: 0, Unit: query.Day}, "2026-03-31", "2026-03-31"},
	} {
		if got := tt.span.Before(day(tt.at)); !got.Equal(day(tt.want)) {
			t.Errorf("%s before %s is %s, want %s", tt.span, tt.at, got.Format(time.DateOnly), tt.want)
		}
	}
}

func TestDidInterval(t *testing.T) {
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	q, err := query.Parse(query.NewSchema(query.Members, kinds()), "did:star since:30d until:2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	did, ok := q.Root.(*query.Did)
	if !ok {
		t.Fatalf("got %s", dump(q.Root))
	}
	i := did.Interval(now)
	if got, want := moment(i.From)+" "+moment(i.To), "2026-02-27T12:00Z 2026-03-02T00:00Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBounds(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		entity query.Entity
		text   string
		want   []query.Bounds
	}{
		{query.Members, "activities:3,5", []query.Bounds{{Low: 3, High: 3}, {Low: 5, High: 5}}},
		{query.Members, "activities:>3", []query.Bounds{{Low: 3, High: inf, LowOut: true}}},
		{query.Members, "activities:>=3", []query.Bounds{{Low: 3, High: inf}}},
		{query.Members, "activities:<3", []query.Bounds{{Low: -inf, High: 3, HighOut: true}}},
		{query.Members, "activities:..3", []query.Bounds{{Low: -inf, High: 3}}},
		{query.Members, "activities:3..", []query.Bounds{{Low: 3, High: inf}}},
		{query.Members, "activities:*", nil},
		{query.Members, "field.size:10..20", []query.Bounds{{Low: 10, High: 20}}},
		{query.Members, "field.size:10", nil}, // text
		{query.Members, "field.day:>2026-01-01", nil},
		{query.Conversations, "first_response:<=90m", []query.Bounds{{Low: -inf, High: 5400}}},
		{query.Conversations, "waiting:1d..1mo", []query.Bounds{{Low: 86400, High: 2592000}}},
	}
	for _, tt := range tests {
		got := term(t, tt.entity, tt.text).Bounds()
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v, want %v", tt.text, got, tt.want)
			continue
		}
		for i, b := range got {
			if b != tt.want[i] {
				t.Errorf("%s: %v, want %v", tt.text, got, tt.want)
			}
		}
	}
	b := query.Bounds{Low: 1, High: 2, LowOut: true}
	for x, want := range map[float64]bool{0.5: false, 1: false, 1.5: true, 2: true, 2.5: false} {
		if b.Contains(x) != want {
			t.Errorf("%v contains %g: %v", b, x, !want)
		}
	}
}
