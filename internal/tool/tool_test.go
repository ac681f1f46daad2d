// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/schedule"
)

func TestDraftRefuses(t *testing.T) {
	for _, x := range []struct {
		d    Draft
		want string
	}{
		{Draft{}, "needs a name"},
		{Draft{Name: "A", Category: "magic"}, "no category"},
		{Draft{Name: "A", State: "lost"}, "in_use, trial"},
		{Draft{Name: "A", Cost: 3}, "needs a currency"},
		{Draft{Name: "A", Cost: -3, Currency: "EUR"}, "costs nothing or more"},
		{Draft{Name: "A", Cost: math.NaN(), Currency: "EUR"}, "costs nothing or more"},
		{Draft{Name: "A", Currency: "EURO"}, "three letters"},
		{Draft{Name: "A", Every: "week"}, "each month"},
		{Draft{Name: "A", Renewal: "soon"}, "not a day"},
		{Draft{Name: "A", Contract: "javascript:alert(1)"}, "https://"},
		{Draft{Name: "A", Suits: []Stage{"old"}}, "no phase"},
	} {
		err := x.d.Validate()
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), x.want) {
			t.Errorf("%+v: %v, want %q", x.d, err, x.want)
		}
	}
}

func TestRenewal(t *testing.T) {
	today, err := schedule.ParseDate("2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		d    Draft
		want *Renewal
	}{
		{Draft{State: InUse, Renewal: "2026-12-31", Every: Yearly, Notice: 30}, &Renewal{Day: "2026-12-31", Until: "2026-12-01", Left: 9}},
		{Draft{State: InUse, Renewal: "2024-12-31", Every: Yearly, Notice: 60}, &Renewal{Day: "2026-12-31", Until: "2026-11-01", Left: -21, Missed: true}},
		{Draft{State: Trial, Renewal: "2026-08-31", Every: Monthly}, &Renewal{Day: "2026-11-30", Until: "2026-11-30", Left: 8}},
		{Draft{State: InUse, Renewal: "2024-02-29", Every: Yearly}, &Renewal{Day: "2027-02-28", Until: "2027-02-28", Left: 98}},
		{Draft{State: InUse, Renewal: "2026-01-01", Every: Once}, nil},
		{Draft{State: Retired, Renewal: "2026-12-31", Every: Yearly}, nil},
	} {
		if diff := cmp.Diff(x.want, x.d.next(today)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", x.d, diff)
		}
	}
}

func TestCosts(t *testing.T) {
	rates := greenroom.NewRates("EUR", []greenroom.Rate{{Base: "USD", Currency: "EUR", Day: "2026-01-01", Value: .9}, {Base: "EUR", Currency: "USD", Day: "2026-07-01", Value: 1.25}, {Base: "USD", Currency: "EUR", Day: "2027-01-01", Value: .1}})
	on := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	all := []Tool{
		{ID: 1, Draft: Draft{Category: "crm", Owner: "ana", State: InUse, Cost: 100, Currency: "USD", Every: Monthly}},
		{ID: 2, Draft: Draft{Category: "crm", State: Trial, Cost: 300, Currency: "EUR", Every: Quarterly}},
		{ID: 3, Draft: Draft{Category: "chat", Owner: "ana", State: InUse, Cost: 500, Currency: "EUR", Every: Once}},
		{ID: 4, Draft: Draft{Category: "chat", State: InUse, Cost: 9, Currency: "GBP", Every: Yearly}},
		{ID: 5, Draft: Draft{Category: "chat", State: Wanted, Cost: 9, Currency: "EUR", Every: Yearly}},
	}
	c := total(all, rates, on)
	want := &Costs{
		Currency: "EUR", Month: 180, Year: 2160, Once: 500, Paid: 3, NoRate: []int64{4},
		ByCategory: []Sum{{"crm", 2, 180, 2160}, {"chat", 1, 0, 0}}, ByOwner: []Sum{{"", 1, 100, 1200}, {"ana", 2, 80, 960}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Money{Currency: "EUR", Rates: []Rate{{"USD", "2026-07-01", .8}}}, money(all, rates, on)); diff != "" {
		t.Errorf("the rates that count (-want +got):\n%s", diff)
	}
	for _, bad := range []Money{{Currency: "E"}, {Currency: "EUR", Rates: []Rate{{"EUR", "2026-01-01", 1}}}, {Currency: "EUR", Rates: []Rate{{"USD", "now", 1}}}, {Currency: "EUR", Rates: []Rate{{"USD", "2026-01-01", 0}}}, {Currency: "EUR", Rates: []Rate{{"USD", "2026-01-01", 1}, {"USD", "2026-01-01", 2}}}} {
		if err := bad.validate(); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func TestMap(t *testing.T) {
	good := map[string]SourceHealth{"slack": {Name: "slack", Health: Good}, "forum": {Name: "forum", Health: Trouble}}
	m := draw([]Tool{
		{ID: 1, Draft: Draft{Name: "Chat", State: InUse, Sources: []string{"slack"}}},
		{ID: 2, Draft: Draft{Name: "Forum", State: InUse, Sources: []string{"forum"}, FromGR: true}},
		{ID: 3, Draft: Draft{Name: "Form", State: InUse, Feeds: []Feed{{To: 1, What: "answers"}, {To: 9}}}},
		{ID: 4, Draft: Draft{Name: "CRM", State: Trial, FromGR: true, Feeds: []Feed{{To: 5}}}},
		{ID: 5, Draft: Draft{Name: "Mail", State: InUse, Feeds: []Feed{{To: 4}}}},
		{ID: 6, Draft: Draft{Name: "Alone", State: InUse}},
		{ID: 7, Draft: Draft{Name: "Gone", State: Retired, Sources: []string{"slack"}}},
	}, good)
	columns := make(map[string]int)
	for _, n := range m.Nodes {
		columns[n.Name] = n.Column
	}
	if diff := cmp.Diff(map[string]int{"Form": -2, "Chat": -1, "Forum": -1, "Greenroom": 0, "CRM": 1, "Mail": 2}, columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{6}, m.Alone); diff != "" || len(m.Edges) != 7 {
		t.Errorf("%d edges, %s", len(m.Edges), diff)
	}
	if m.Edges[1].Health != Trouble {
		t.Errorf("the forum's connection is %q", m.Edges[1].Health)
	}
}

func TestNeeds(t *testing.T) {
	all := []Tool{{ID: 1, Draft: Draft{Category: "chat", State: InUse}}, {ID: 2, Draft: Draft{Category: "crm", State: Wanted}}, {ID: 3, Draft: Draft{Category: "email", State: InUse, Suits: []Stage{Impact}}}}
	for _, n := range missing(Seed, all) {
		switch {
		case n.Stage != Seed:
			t.Errorf("%s is needed for seed", n.What)
		case n.Category == "platform" && !cmp.Equal(n.By, []int64{1}):
			t.Errorf("a chat is no place: %+v", n)
		case n.Category == "email" && (len(n.By) > 0 || !cmp.Equal(n.Other, []int64{3})):
			t.Errorf("what suits another phase: %+v", n)
		}
	}
	if n := missing(Impact, all); len(n) != len(needs()) || n[0].Stage != Impact || n[0].Category != "crm" || len(n[0].By) > 0 {
		t.Errorf("%d needs, the first %+v", len(n), n[0])
	}
}

func TestSuggestions(t *testing.T) {
	got := suggest([]Tool{{Draft: Draft{Sources: []string{"slack"}}}}, []SourceHealth{{Name: "slack", Kind: "slack"}, {Name: "old", Kind: "mbox"}, {Name: "forum", Kind: "discourse", Platform: "Discourse"}}, map[string]bool{"old": true})
	if len(got) != 1 || got[0].Draft.Name != "Discourse" || got[0].Draft.Category != "platform" {
		t.Errorf("%+v", got)
	}
	for _, s := range got {
		if err := s.Draft.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestCSV(t *testing.T) {
	all := []Tool{
		{ID: 1, Draft: Draft{Name: "Forum", Category: "platform", State: InUse, Suits: []Stage{Seed, Grow}, Owner: "ana@x.example", Users: 3, Cost: 9.5, Currency: "EUR", Every: Monthly, Renewal: "2026-12-31", Notice: 30, Contract: "https://x.example", Data: []string{"a", "b"}, Personal: true, Region: "EU", Sources: []string{"forum"}, FromGR: true, Feeds: []Feed{{To: 2, What: "people"}}, Note: "=1+1"}},
		{ID: 2, Draft: Draft{Name: "CRM", Category: "crm", State: Retired}},
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, all); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), ",'=1+1") {
		t.Errorf("a spreadsheet would take the note for a formula:\n%s", b.String())
	}
	table, err := ReadCSV(&b)
	if err != nil || len(table) != 2 {
		t.Fatalf("%+v, %v", table, err)
	}
	var back Draft
	table[0].onto(&back)
	want := all[0].Draft
	want.Feeds = nil
	if diff := cmp.Diff(want, back); diff != "" || !cmp.Equal(table[0].Feeds, []string{"CRM: people"}) {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"":                          "begins with a line",
		"title\nA\n":                "no column",
		"owner\nA\n":                "needs the column name",
		"name,users\nA,1\nB,many\n": "line 3: \"many\" is no whole number",
		"name,personal\nA,maybe\n":  "line 2: personal is yes or no",
		"name\n\"A\n":               "cannot be read",
	} {
		if _, err := ReadCSV(strings.NewReader(text)); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("name,cost,currency\nA,1,EUR\n")
	f.Add("name,suits,feeds\n\"A\",seed; grow,\"B: x\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := ReadCSV(strings.NewReader(text))
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%v", err)
		}
		for i := range table {
			if table[i].Name == "" {
				t.Errorf("a tool without a name in line %d", table[i].Line)
			}
		}
	})
}
