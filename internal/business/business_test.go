// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/business"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestHealthWorkedExample is the example of docs/accounts.md.
func TestHealthWorkedExample(t *testing.T) {
	f := business.Facts{Organization: 7}
	for i := range 12 {
		f.Evidence.Activity[business.Weeks-16+i] = 5
	}
	f.Evidence.Activity[business.Weeks-1], f.Evidence.Activity[business.Weeks-3] = 2, 4
	f.Tickets = []greenroom.Ticket{{Priority: "urgent", Opened: now.AddDate(0, 0, -3)}}
	f.Subscriptions = []greenroom.Subscription{{Name: "Team", State: greenroom.SubscriptionActive, Renewal: now.AddDate(0, 0, 20)}}
	set := business.Usual()
	h := business.Look(&f, &set, now)
	var texts []string
	for _, r := range h.Reasons {
		texts = append(texts, r.Text)
	}
	want := []string{
		"6 activities in the last 4 weeks; 20 are usual here (12 weeks before): 70 % fewer", "1 urgent ticket is open",
		"Team renews in 20 days, on 12 Dec 2026: the sum of 38 counts × 1.5",
	}
	if diff := cmp.Diff(want, texts); diff != "" || h.Sum != 38 || h.Points != 57 || h.Level != business.AtRisk {
		t.Errorf("%d of %d, %s (-want +got):\n%s", h.Points, h.Sum, h.Level, diff)
	}
	f.Tickets, f.Evidence = nil, business.Evidence{}
	if h := business.Look(&f, &set, now); h.Level != business.Unknown || h.Points != 0 {
		t.Errorf("with a renewal alone and nobody here it is %s with %d points; want not known and 0", h.Level, h.Points)
	}
	// A fall from few to none may be chance.
	for i := range 12 {
		f.Evidence.Activity[business.Weeks-16+i] = i % 2
	}
	f.Evidence.Activity[business.Weeks-1] = 1
	if h := business.Look(&f, &set, now); h.Points != 0 {
		t.Errorf("two of usually two activities give %+v", h)
	}
}

// TestRecurringRevenue normalizes what billing systems tell.
func TestRecurringRevenue(t *testing.T) {
	for _, c := range []struct {
		amount float64
		fields map[string]string
		want   float64
		known  bool
	}{
		{1200, map[string]string{"interval": "year", "discount": "10%"}, 90, true}, // the example of docs/business-data.md
		{300, map[string]string{"Billing_Period": "quarterly"}, 100, true},
		{300, map[string]string{"interval": "month", "interval count": "3"}, 100, true},
		{600, map[string]string{"interval": "6 months", "discount": "60"}, 90, true},
		{12, map[string]string{"interval": "weekly"}, 52, true},
		{900, map[string]string{"mrr": "75", "interval": "year"}, 75, true},
		{0, map[string]string{"ARR": "1,200"}, 100, true},
		{900, nil, 0, false},
		{900, map[string]string{"interval": "fortnight"}, 0, false},
		{0, map[string]string{"interval": "month"}, 0, false},
	} {
		s := business.Subscription(&greenroom.BusinessRecord{Type: "subscription", Stage: "active", Amount: c.amount, Fields: c.fields}, now)
		if s.Known != c.known || s.MRR < c.want-1e-9 || s.MRR > c.want+1e-9 || s.Why == "" {
			t.Errorf("%v with %v is %v, %t (%s); want %v, %t", c.amount, c.fields, s.MRR, s.Known, s.Why, c.want, c.known)
		}
	}
	s := business.Subscription(&greenroom.BusinessRecord{Type: "subscription", Stage: "active", Amount: 240, OpenedAt: now.AddDate(-1, 0, 0), Fields: map[string]string{"interval": "month", "mrr_history": "100 2025-11-22; 240 2026-06-01"}}, now)
	if a, b := s.MRRAt(now.AddDate(0, -8, 0)), s.MRRAt(now); a != 100 || b != 240 {
		t.Errorf("the MRR was %v and is %v; want 100 and 240", a, b)
	}
}

// TestSuggest reads names of stages as HubSpot, Salesforce, Pipedrive and people call them.
func TestSuggest(t *testing.T) {
	half := 0.5
	for name, want := range map[string]string{
		"Closed Won": "won", "closedwon": "won", "Gewonnen": "won", "Closed - Lost": "lost", "Disqualified": "lost", "No decision": "lost", "Appointment Scheduled": "open", "Qualified To Buy": "open qualified",
		"Decision Maker Bought-In": "open qualified", "Contract Sent": "open qualified", "Prospecting": "open", "Negotiation/Review": "open qualified", "Qualification": "open", "Wonder": "open unsure",
	} {
		state, qualified, sure := business.Suggest(name, nil)
		got := string(state)
		if qualified && state == greenroom.DealOpen {
			got += " qualified"
		}
		if !sure {
			got += " unsure"
		}
		if got != want {
			t.Errorf("%q is taken for %s; want %s", name, got, want)
		}
	}
	if state, qualified, sure := business.Suggest("Phase 3", &half); state != greenroom.DealOpen || !qualified || !sure {
		t.Errorf("a stage with probability 0.5 is %s, %t, %t", state, qualified, sure)
	}
}

// TestReadRates reads both forms of files, and names the lines that cannot be read.
func TestReadRates(t *testing.T) {
	rates, problems, err := business.ReadRates(strings.NewReader("Date,USD,JPY,\n2026-01-02,1.0842,N/A,\n2026-01-01,x,163.1,\n"), "ECB")
	if err != nil || len(rates) != 2 || len(problems) != 1 || problems[0].Line != 3 || rates[1].Currency != "JPY" || rates[1].Base != "EUR" {
		t.Errorf("the ECB's file: %+v, %+v, %v", rates, problems, err)
	}
	rates, problems, err = business.ReadRates(strings.NewReader("base,currency,day,rate\nusd,eur,2026-01-02,0.92\nUSD,USD,2026-01-02,1\nUSD,EUR,soon,1\nUSD,EUR,2026-01-03,-1\n"), "me")
	if err != nil || len(rates) != 1 || rates[0].Base != "USD" || len(problems) != 3 {
		t.Errorf("a file of pairs: %+v, %+v, %v", rates, problems, err)
	}
	if _, _, err := business.ReadRates(strings.NewReader("a,b\n1,2\n"), "me"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("another file is %v; want it refused", err)
	}
}

// TestCompare names each deal that an export tells otherwise.
func TestCompare(t *testing.T) {
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	deals := []greenroom.Deal{
		{ID: 1, ExternalID: "a", Stage: "Proposal", Amount: 100, Currency: "EUR", Opened: day}, {ID: 2, ExternalID: "b", Stage: "Won", Amount: 50, Currency: "EUR", Opened: day}, {ID: 3, ExternalID: "c", Stage: "Won", Currency: "EUR", Opened: day},
	}
	told, problems, err := business.ReadExport(strings.NewReader("Record ID,Deal Stage,Amount,Create Date\na,proposal,100,2026-01-05\nb,Lost,\"1,050\",2026-01-05\nd,Won,7,2026-02-01\nb,Lost,x,\n"))
	if err != nil || len(problems) != 1 || problems[0].Line != 5 {
		t.Fatalf("%+v, %v", problems, err)
	}
	r := business.Compare("crm", deals, told)
	var got []string
	for _, d := range r.Differences {
		got = append(got, d.ExternalID+" "+d.Says)
	}
	want := []string{`b is in stage "Lost" there and "Won" here`, "b is worth 1050 there and 50 here", "d is in the export and not here", "c is here and not in the export"}
	if diff := cmp.Diff(want, got); diff != "" || r.Deals != 3 || r.Theirs != 3 {
		t.Errorf("%d and %d (-want +got):\n%s", r.Deals, r.Theirs, diff)
	}
}

func FuzzReadExport(f *testing.F) {
	f.Add("id,stage,amount,currency,created\n1,won,10,EUR,2026-01-02\n")
	f.Add("Record ID,Deal Stage\n0\"0,x\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		all, problems, err := business.ReadExport(strings.NewReader(text))
		if err == nil && len(all)+len(problems) > strings.Count(text, "\n")+1 {
			t.Errorf("%d deals and %d problems in %q", len(all), len(problems), text)
		}
	})
}

func FuzzReadRates(f *testing.F) {
	f.Add("Date,USD\n2026-01-02,1.08\n")
	f.Add("base,currency,day,rate\nUSD,EUR,2026-01-02,0.92\n")
	f.Add("Date,USD\n\"2026")
	f.Fuzz(func(t *testing.T, text string) {
		rates, _, _ := business.ReadRates(strings.NewReader(text), "fuzz")
		for i := range rates {
			if err := rates[i].Validate(); err != nil {
				t.Errorf("%+v was read: %v", rates[i], err)
			}
		}
	})
}
