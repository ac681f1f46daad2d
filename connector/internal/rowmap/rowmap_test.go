// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"math"
	"strings"
	"testing"
	"time"

	"greenroom"
)

func TestDates(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		in    string
		order dateOrder
		want  string // a problem where it is no date
	}{
		{"2025-12-31", 0, "2025-12-30T23:00:00Z"},
		{"2025-12-31T14:05:06Z", 0, "2025-12-31T14:05:06Z"},
		{"2025-12-31 14:05:06.5 +0200", 0, "2025-12-31T12:05:06Z"},
		{"2025-12-31T14:05:06+02:00", 0, "2025-12-31T12:05:06Z"},
		{"31.12.2025", 0, "2025-12-30T23:00:00Z"},
		{"01.02.2025, 14:05 Uhr", 0, "2025-02-01T14:05:00Z"},
		{"1.2.25", 0, "2025-01-31T23:00:00Z"},
		{"12/31/2025", 0, "2025-12-30T23:00:00Z"},
		{"31/12/2025", 0, "2025-12-30T23:00:00Z"},
		{"01/02/2025", 0, dateAmbiguous},
		{"01/02/2025", orderDayFirst, "2025-01-31T23:00:00Z"},
		{"01/02/2025", orderMonthFirst, "2025-01-01T23:00:00Z"},
		{"12/31/2025", orderDayFirst, "2025-12-30T23:00:00Z"},
		{"03/03/2025", 0, "2025-03-02T23:00:00Z"},
		{"2025/12/31 2:05 PM UTC", 0, "2025-12-31T14:05:00Z"},
		{"31/Dec/25 12:05 am GMT+2", 0, "2025-12-30T22:05:00Z"},
		{"Wed, 31 Dec 2025 14:05:06 GMT", 0, "2025-12-31T14:05:06Z"},
		{"December 31st, 2025 at 14:05 UTC", 0, "2025-12-31T14:05:00Z"},
		{"31 de diciembre de 2025", 0, "2025-12-30T23:00:00Z"},
		{"1. März 2025", 0, "2025-02-28T23:00:00Z"},
		{"14:05 31.12.2025", 0, "2025-12-31T13:05:00Z"},
		{"20251231", 0, "2025-12-31T00:00:00Z"},
		{"1767189906", 0, "2025-12-31T14:05:06Z"},
		{"1767189906000", 0, "2025-12-31T14:05:06Z"},
		{"31.02.2025", 0, dateBad},
		{"tomorrow", 0, dateBad},
		{"45000", 0, dateBad},
		{"2025-12-31 25:00", 0, dateBad},
		{"2025-13-31", 0, dateBad},
	} {
		got, problem := dates{order: tt.order, zone: berlin}.parse(tt.in)
		if problem == "" {
			problem = got.Truncate(time.Second).Format(time.RFC3339)
		}
		if problem != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, problem, tt.want)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, tt := range []struct {
		in       string
		comma    bool
		amount   float64
		currency string
		bad      bool
	}{
		{"1234.56", false, 1234.56, "", false},
		{"€ 1.234,56", false, 1234.56, "EUR", false},
		{"$1,234.56", true, 1234.56, "USD", false},
		{"1'234.50 CHF", false, 1234.5, "CHF", false},
		{"1 234,5 EUR", false, 1234.5, "EUR", false},
		{"(12.50)", false, -12.5, "", false},
		{"-12", false, -12, "", false},
		{"1.234,- €", false, 1234, "EUR", false},
		{"1,234", false, 1234, "", false},
		{"1.234", false, 1.234, "", false},
		{"1.234", true, 1234, "", false},
		{"0,125", false, 0.125, "", false},
		{"1.234.567", false, 1234567, "", false},
		{"12-15", false, 0, "", true},
		{"many", false, 0, "", true},
		{"1e5", false, 0, "", true},
		{"", false, 0, "", true},
	} {
		amount, currency, ok := ParseAmount(tt.in, tt.comma)
		if ok == tt.bad || amount != tt.amount || ok && currency != tt.currency {
			t.Errorf("%q: got %v %q %v, want %v %q", tt.in, amount, currency, ok, tt.amount, tt.currency)
		}
	}
}

func TestSizes(t *testing.T) {
	for in, want := range map[string]int64{"250": 250, "1,000+": 1000, "51-200": 51, "1.2k": 1200, "~ 10.000 employees": 10000, "?": -1, "many": -1} {
		got, ok := ParseSize(in)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %d, want %d", in, got, want)
		}
	}
}

func TestZones(t *testing.T) {
	c := cells{&Mapper{index: map[string]int{fTimeZone: 0}, zones: map[string]string{}}, []string{""}}
	for in, want := range map[string]string{"Europe/Berlin": "Europe/Berlin", "-0300": "-03:00", "UTC+2": "+02:00", "Local": "", "Mars": "", "": "", "GMT": "+00:00"} {
		c.values[0] = in
		for range 2 {
			if got := c.zone(); got != want {
				t.Errorf("%q: got %q, want %q", in, got, want)
			}
		}
	}
}

func TestGuesses(t *testing.T) {
	for header, want := range map[string]string{
		"email,name,created at":                              TypeMembers,
		"First Name,Last Name,Title,Email,Registration Date": TypeMembers,
		"Nombre,Correo electrónico,Empresa,País":             TypeMembers,
		"name":                                                TypeMembers,
		"Company,Website,Employees":                           TypeOrganizations,
		"timestamp,user,channel,message":                      TypeActivities,
		"Event,Date,Attendee,Email":                           TypeActivities,
		"Deal Name,Stage,Amount,Close Date":                   TypeRecords,
		"Ticket ID,Subject,Status,Requester,Created,Resolved": TypeRecords,
		"a,b,c": "",
	} {
		if got := guessType(strings.Split(header, ",")); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
}

func FuzzValues(f *testing.F) {
	for _, s := range []string{"31.12.2025 14:05", "12/31/25 2:05 PM", "1. März 2025", "€ 1.234,56", "Ada <a@b.c>; d@e.f", "https://x.y/z", "51-200", ":", "1767189906", "x=#1,y=\"a,b\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, order := range []dateOrder{orderUnknown, orderDayFirst, orderMonthFirst} {
			if got, problem := (dates{order: order, zone: time.UTC}).parse(s); problem == "" && (got.Year() < 1900 || got.Year() > 9999) {
				t.Errorf("%q gives %v", s, got)
			}
		}
		evidence(s)
		if n, currency, ok := ParseAmount(s, true); ok && (math.IsNaN(n) || math.IsInf(n, 0) || currency != "" && len(currency) != 3) {
			t.Errorf("%q gives %v %q", s, n, currency)
		}
		if n, ok := ParseSize(s); ok && n < 0 {
			t.Errorf("%q gives %d", s, n)
		}
		if d := Domain(s); strings.ContainsAny(d, " /@") {
			t.Errorf("%q gives the domain %q", s, d)
		}
		Emails(s)
		WebAddress(s)
		if _, err := ParseMapping(s); err != nil && greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Error(err)
		}
	})
}
