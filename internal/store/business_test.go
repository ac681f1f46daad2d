// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/business"
	"greenroom/internal/store"
)

func bookDay(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// books is a business system with two accounts: one that tried, bought, grew and renews, and one that left.
func businessBooks() ledgers {
	record := func(r connector.Record) func(*connector.Sink) {
		return func(out *connector.Sink) { out.Record(r) }
	}
	step := func(name string, at time.Time) connector.StageChange {
		return connector.StageChange{Stage: name, At: at}
	}
	return ledgers{
		func(out *connector.Sink) {
			out.Organization(connector.Organization{ExternalID: "1", Name: "Acme", Domains: []string{"acme.io"}, Lifecycle: "customer"})
			out.Organization(connector.Organization{ExternalID: "2", Name: "Beta Ltd", Lifecycle: "churned"})
			out.Identity(connector.Identity{ExternalID: "u1", Name: "Ann Lee", Emails: []greenroom.Email{{Address: "ann@acme.io"}}})
		},
		record(connector.Record{
			Type: "deal", ExternalID: "d1", Name: "First", Organization: "1", Identity: "u1", Stage: "Contract sent", Amount: 1200, Currency: "USD", OpenedAt: bookDay(2026, 1, 5), UpdatedAt: bookDay(2026, 2, 20),
			Fields: map[string]string{"state": "open", "probability": "0.9", "pipeline": "Sales", "expected close": "2026-12-24"},
			Stages: []connector.StageChange{step("Appointment scheduled", bookDay(2026, 1, 5)), step("Qualified to buy", bookDay(2026, 2, 1)), step("Contract sent", bookDay(2026, 2, 20))},
		}),
		record(connector.Record{Type: "deal", ExternalID: "d2", Name: "Renewal", Organization: "2", Stage: "Closed Lost", Amount: 500, Currency: "EUR", OpenedAt: bookDay(2026, 3, 1), ClosedAt: bookDay(2026, 5, 1)}),
		record(connector.Record{Type: "deal", ExternalID: "d0", Name: "First", Organization: "2", Stage: "Closed Won", Amount: 500, Currency: "EUR", OpenedAt: bookDay(2025, 3, 1), ClosedAt: bookDay(2025, 5, 1)}),
		record(connector.Record{
			Type: "case", ExternalID: "c1", Name: "Broken", Organization: "1", Identity: "u1", Stage: "solved", OpenedAt: bookDay(2026, 4, 1), ClosedAt: bookDay(2026, 4, 2),
			Fields: map[string]string{"priority": "High", "first reply minutes": "30", "satisfaction": "bad"},
		}),
		record(connector.Record{
			Type: "subscription", ExternalID: "s1", Name: "Team", Organization: "1", Stage: "active", Amount: 1200, Currency: "USD", OpenedAt: bookDay(2026, 3, 1), UpdatedAt: bookDay(2026, 3, 31),
			Fields: map[string]string{"interval": "year", "trial ends": "2026-03-31", "seats": "10", "discount": "10%", "renews": "2027-03-31"},
			Stages: []connector.StageChange{step("trialing", bookDay(2026, 3, 1)), step("active", bookDay(2026, 3, 31))},
		}),
		record(connector.Record{
			Type: "subscription", ExternalID: "s1", Name: "Team", Organization: "1", Stage: "active", Amount: 2400, Currency: "USD", OpenedAt: bookDay(2026, 3, 1), UpdatedAt: bookDay(2026, 6, 1),
			Fields: map[string]string{"interval": "year", "trial ends": "2026-03-31", "seats": "20", "discount": "10%", "renews": "2027-03-31"},
		}),
	}
}

// TestBusinessIsReadAsWhatItIs takes in what business systems tell and reads deals, tickets, subscriptions and lifecycles.
func TestBusinessIsReadAsWhatItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		take(t, s, "crm", businessBooks(), 1)
		deals, err := s.Deals(ctx, greenroom.BusinessFilter{})
		if err != nil || len(deals) != 3 {
			t.Fatalf("deals: %d, %v; want 3", len(deals), err)
		}
		d := deals[1]
		if d.ExternalID != "d1" || d.State != greenroom.DealOpen || d.StateFrom != greenroom.StateBySource || !d.QualifiedAt.Equal(bookDay(2026, 2, 1)) || d.Member == 0 || d.OrganizationName != "Acme" ||
			d.Pipeline != "Sales" || len(d.History) != 3 || !d.Expected.Equal(bookDay(2026, 12, 24)) || *d.Probability != 0.9 {
			t.Errorf("the open deal is %+v", d)
		}
		if l := deals[2]; l.State != greenroom.DealLost || l.StateFrom != greenroom.StateByName || l.Cycle() != 61*24*time.Hour {
			t.Errorf("the lost deal is %+v", l)
		}
		if err := s.SetStageRules(ctx, []business.StageRule{{SourceID: d.SourceID, Pipeline: "Sales", Stage: "contract sent", State: greenroom.DealWon, Position: 7, Qualified: true}}); err != nil {
			t.Fatal(err)
		}
		deals, err = s.Deals(ctx, greenroom.BusinessFilter{IDs: []int64{d.ID}})
		if err != nil || len(deals) != 1 || deals[0].State != greenroom.DealWon || deals[0].StateFrom != greenroom.StateByRule || deals[0].Position != 7 || !deals[0].Closed.Equal(bookDay(2026, 2, 20)) {
			t.Errorf("by the rule it is %+v, %v; want won on the day it came to its stage", deals, err)
		}
		tickets, err := s.Tickets(ctx, greenroom.BusinessFilter{Organizations: []int64{d.Organization}})
		if err != nil || len(tickets) != 1 || !tickets[0].Solved || !tickets[0].Urgent() || tickets[0].FirstReply != 30*time.Minute || tickets[0].Satisfaction != "bad" {
			t.Errorf("tickets: %+v, %v", tickets, err)
		}
		subs, err := s.Subscriptions(ctx, greenroom.BusinessFilter{})
		if err != nil || len(subs) != 1 {
			t.Fatalf("subscriptions: %+v, %v", subs, err)
		}
		sub := subs[0]
		got := []float64{sub.MRRAt(bookDay(2026, 3, 15)), sub.MRRAt(bookDay(2026, 4, 1)), sub.MRRAt(bookDay(2026, 6, 1)), sub.MRR, sub.Seats}
		if diff := cmp.Diff([]float64{0, 90, 180, 180, 20}, got); diff != "" {
			t.Errorf("MRR in trial, paid, grown, now, seats (-want +got):\n%s", diff)
		}
		lives, err := s.Lifecycles(ctx, greenroom.BusinessFilter{})
		if err != nil {
			t.Fatal(err)
		}
		var story []string
		for _, l := range lives {
			for _, p := range l.Phases {
				story = append(story, l.Name+" "+string(p.State)+" "+p.From.Format(time.DateOnly))
			}
		}
		want := []string{"Acme prospect 2026-01-05", "Acme trial 2026-03-01", "Acme customer 2026-03-31", "Beta Ltd prospect 2025-03-01", "Beta Ltd customer 2025-05-01", "Beta Ltd churned 2026-05-01"}
		if diff := cmp.Diff(want, story); diff != "" {
			t.Errorf("lifecycles (-want +got):\n%s", diff)
		}
	})
}

// TestRatesOfTheDay converts by the rate of the day or the last before, across a third currency, and names what is missing.
func TestRatesOfTheDay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		rate := func(currency, day string, v float64) greenroom.Rate {
			return greenroom.Rate{Base: "EUR", Currency: currency, Day: day, Value: v, Origin: "ECB"}
		}
		if err := s.SetCurrencyRates(ctx, []greenroom.Rate{rate("USD", "2026-01-02", 1.1), rate("USD", "2026-01-05", 1.25), rate("GBP", "2026-01-02", 0.8), rate("USD", "2026-01-05", 1.2)}); err != nil {
			t.Fatal(err)
		}
		set := business.Usual()
		set.Reporting = "USD"
		if err := s.SetBusinessSettings(ctx, set); err != nil {
			t.Fatal(err)
		}
		rates, err := s.Rates(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			m    greenroom.Money
			day  time.Time
			want float64
			err  string
		}{
			{greenroom.Money{Amount: 100, Currency: "EUR"}, bookDay(2026, 1, 4), 110, ""},
			{greenroom.Money{Amount: 100, Currency: "EUR"}, bookDay(2026, 1, 5), 120, ""},
			{greenroom.Money{Amount: 80, Currency: "GBP"}, bookDay(2026, 2, 1), 120, ""},
			{greenroom.Money{Amount: 7, Currency: "USD"}, bookDay(1999, 1, 1), 7, ""},
			{greenroom.Money{Amount: 7, Currency: "EUR"}, bookDay(2026, 1, 1), 0, "there is no rate from EUR to USD for 2026-01-01 or a day before it; add one under Business data"},
			{greenroom.Money{Amount: 7}, bookDay(2026, 1, 1), 0, "an amount has no currency; say in the source's settings which one is meant"},
			{greenroom.Money{}, bookDay(2026, 1, 1), 0, ""},
		} {
			got, err := rates.Convert(c.m, c.day)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if text != c.err || got < c.want-1e-9 || got > c.want+1e-9 {
				t.Errorf("%v on %s is %v, %q; want %v, %q", c.m, c.day.Format(time.DateOnly), got, text, c.want, c.err)
			}
		}
	})
}
