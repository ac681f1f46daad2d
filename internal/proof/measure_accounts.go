// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/quiet"
)

const forSuccess = "Customer success"

func accountMeasures() []Measure {
	causal := "Do organizations stay, or grow, because somebody of them is in the community?"
	who := " Organizations with a touch in the community in the 90 days before the time stand beside those without; the difference is no effect."
	return []Measure{
		{
			Key: "retention_logo", Label: "Logo retention", For: forSuccess, Asks: "Do customers stay, and grow?", Unit: UnitShare, Causal: causal, Example: "retention", Sources: cite(feverbee, cohorts),
			Definition: "Of the organizations that paid when the time began, the share that still pay when it ends." + who, Formula: "paying at both ends / paying at the beginning, with Wilson's interval", compute: retention(0),
		},
		{
			Key: "retention_gross", Label: "Gross revenue retention", For: forSuccess, Asks: "Do customers stay, and grow?", Unit: UnitShare, Causal: causal, Example: "retention", Sources: cite(feverbee, cohorts),
			Definition: "Of the recurring revenue of the organizations that paid when the time began, what they still pay when it ends; what they pay more does not count." + who, Formula: "sum of min(MRR then, MRR before) / sum of MRR before", compute: retention(1),
		},
		{
			Key: "retention_net", Label: "Net revenue retention", For: forSuccess, Asks: "Do customers stay, and grow?", Unit: UnitShare, Causal: causal, Example: "retention", Sources: cite(feverbee, cohorts),
			Definition: "Of the recurring revenue of the organizations that paid when the time began, what they pay when it ends, with what they pay more." + who, Formula: "sum of MRR then / sum of MRR before", compute: retention(2),
		},
		{
			Key: "expansion", Label: "Expansion", For: forSuccess, Asks: "Do customers stay, and grow?", Unit: UnitMoney, Causal: causal, Example: "retention", Sources: cite(feverbee, cohorts),
			Definition: "What organizations that paid when the time began and have a touch in the community in the 90 days before pay more a month when it ends.", Formula: "sum of max(0, MRR then − MRR before)", compute: expansion,
		},
		{
			Key: "at_risk", Label: "Renewals of accounts that fell quiet", For: forSuccess, Asks: "Where should somebody call?", Unit: UnitMoney, Example: "at-risk", Sources: cite(feverbee),
			Definition: "A month's revenue of subscriptions that renew or run out within 90 days after the time, or that are canceled, of organizations that fell quiet: with at least 30 % less activity in the last 4 weeks than usual in the 12 before, and less than chance explains. It is the rule by which Accounts counts engagement. A list to look at, no forecast; Accounts weighs sentiment, questions and tickets, too, and calls more of them at risk.", Formula: "sum of MRR where activities in 4 weeks ≤ 0.7 × a third of those in the 12 before, p < 0.05 (Poisson)", compute: atRisk,
		},
	}
}

// account is what an organization pays at both ends of the books.
type account struct {
	id            int64
	name          string
	before, after float64
	touched       bool
}

// accounts are the organizations that paid when the time began.
func (b *Books) accounts(problems map[string]bool) []account {
	known := make(map[int64]*account)
	for i := range b.Subs {
		s := &b.Subs[i]
		if s.Organization == 0 {
			if s.MRRAt(b.From) > 0 {
				problems["Some subscriptions belong to no organization; they are left out."] = true
			}
			continue
		}
		a := known[s.Organization]
		if a == nil {
			a = &account{id: s.Organization, name: s.OrganizationName}
			known[s.Organization] = a
		}
		a.before += b.money(greenroom.Money{Amount: s.MRRAt(b.From), Currency: s.Currency}, b.From, problems)
		// By one rate, so that a rate that moves is no growth.
		a.after += b.money(greenroom.Money{Amount: s.MRRAt(b.To), Currency: s.Currency}, b.From, problems)
		if !s.Known && s.State.Pays() {
			problems["What some subscriptions bring is not told by their source."] = true
		}
	}
	var all []account
	for _, a := range known {
		if a.before > 0 {
			a.touched = !b.lastTouch(a.id, b.From).IsZero()
			all = append(all, *a)
		}
	}
	slices.SortFunc(all, func(x, y account) int { return int(x.id - y.id) })
	return all
}

func retention(which int) func(*Books) (Figure, []Record, error) {
	return func(b *Books) (Figure, []Record, error) {
		problems := make(map[string]bool)
		var before, kept [3]float64 // of all, touched, others
		var n, stay [3]int64
		var records []Record
		for _, a := range b.accounts(problems) {
			keeps, note := a.after, "no touch in the 90 days before"
			if which == 1 {
				keeps = min(a.after, a.before)
			}
			sides := []int{0, 2}
			if a.touched {
				sides[1], note = 1, "in the community"
			}
			for _, k := range sides {
				before[k] += a.before
				kept[k] += keeps
				n[k]++
				if a.after > 0 {
					stay[k]++
				}
			}
			records = append(records, Record{Name: a.name, Organization: a.id, At: b.To, Value: a.after, Note: fmt.Sprintf("%s; %s a month before", note, decimal(a.before))})
		}
		f := Figure{Of: int(n[0]), Count: int(stay[0])}
		for k, label := range []string{"all", "in the community", "others"} {
			p := shareOf(label, stay[k], n[k])
			if which > 0 {
				p.Low, p.High, p.Value = nil, nil, nil
				if before[k] > 0 {
					v := kept[k] / before[k]
					p.Value = &v
				}
			}
			f.Parts = append(f.Parts, p)
		}
		f.Value, f.Low, f.High = f.Parts[0].Value, f.Parts[0].Low, f.Parts[0].High
		f.Parts = f.Parts[1:]
		f.Unknown = problemsOf(problems, "Which of them would have stayed all the same.")
		return f, records, nil
	}
}

func expansion(b *Books) (Figure, []Record, error) {
	problems := make(map[string]bool)
	var sum, rest float64
	var records []Record
	n := 0
	for _, a := range b.accounts(problems) {
		more := a.after - a.before
		switch {
		case more <= 0:
		case a.touched:
			sum += more
			n++
			records = append(records, Record{Name: a.name, Organization: a.id, At: b.To, Value: more, Note: "in the community"})
		default:
			rest += more
		}
	}
	return Figure{Value: &sum, Count: n, Parts: []Part{{Label: "in the community", Value: &sum, Unit: UnitMoney, Count: n}, {Label: "others", Value: &rest, Unit: UnitMoney}}, Unknown: problemsOf(problems, "Who would have bought more all the same.")}, records, nil
}

// soon is how long before a renewal somebody should look.
const soon = 90 * day

func atRisk(b *Books) (Figure, []Record, error) {
	problems := make(map[string]bool)
	sum, looked := 0.0, 0
	var records []Record
	for i := range b.Subs {
		s := &b.Subs[i]
		mrr := b.money(greenroom.Money{Amount: s.MRRAt(b.To), Currency: s.Currency}, b.To, problems)
		due := s.Cancels || !s.Renewal.IsZero() && !s.Renewal.Before(b.To) && s.Renewal.Before(b.To.Add(soon))
		if mrr <= 0 || s.Organization == 0 || !due {
			continue
		}
		looked++
		p := quiet.Look(b.Weeks[s.Organization])
		if !p.Fell {
			continue
		}
		sum += mrr
		note := fmt.Sprintf("%d activities in the last 4 weeks, %.0f usually; renews %s", p.Now, p.Usual, s.Renewal.Format(time.DateOnly))
		if s.Cancels {
			note += "; canceled"
		}
		records = append(records, Record{Name: s.OrganizationName, Organization: s.Organization, At: s.Renewal, Value: mrr, Note: note})
	}
	return Figure{Value: &sum, Count: len(records), Of: looked, Unknown: problemsOf(problems, "Accounts that never were in the community: their silence says nothing.", "How they feel, and what they asked support: look at each under Accounts.")}, records, nil
}
