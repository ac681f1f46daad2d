// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"greenroom"
	"greenroom/internal/impact/attribution"
	"greenroom/internal/impact/noise"
)

const forSales = "Marketing and sales"

func dealMeasures() []Measure {
	sourced := "Would these deals have been opened without the community?"
	sum := "sum of the amounts of deals that were opened in the time, in the reporting currency by the rate of that day"
	beside := " The other two definitions stand beside it and are never added: they name mostly the same deals."
	return []Measure{
		{
			Key: "pipeline_sourced_contact", Label: "Pipeline sourced, by contact", For: forSales, Asks: "What does the community bring in?", Unit: UnitMoney, Causal: sourced, Example: "pipeline-sourced", Sources: cite(saasdash, petavue),
			Definition: "Deals of which the first known touch of the contact on the deal, before it was opened, was in the community." + beside, Formula: sum, compute: sourcedBy(0),
		},
		{
			Key: "pipeline_sourced_organization", Label: "Pipeline sourced, by organization", For: forSales, Asks: "What does the community bring in?", Unit: UnitMoney, Causal: sourced, Example: "pipeline-sourced", Sources: cite(saasdash, petavue),
			Definition: "Deals of which the first known touch of anybody of the organization, before it was opened, was in the community." + beside, Formula: sum, compute: sourcedBy(1),
		},
		{
			Key: "pipeline_sourced_record", Label: "Pipeline sourced, as the CRM says", For: forSales, Asks: "What does the community bring in?", Unit: UnitMoney, Causal: sourced, Example: "pipeline-sourced", Sources: cite(saasdash, petavue),
			Definition: "Deals whose origin in the CRM, or in what the buyer said, names the community." + beside, Formula: sum, compute: sourcedBy(2),
		},
		{
			Key: "pipeline_influenced", Label: "Pipeline influenced", For: forSales, Asks: "Where was the community part of it?", Unit: UnitMoney, Causal: sourced, Example: "influenced", Sources: cite(saasdash, hubspot),
			Definition: "Deals opened in the time with a touch of their organization in the community in the 90 days before. Sourced deals are mostly among them, so the two are never added.", Formula: sum, compute: influencedPipeline,
		},
		{
			Key: "revenue_influenced", Label: "Revenue influenced", For: forSales, Asks: "Where was the community part of it?", Unit: UnitMoney, Causal: "Would these deals have been won without the community?", Example: "influenced", Sources: cite(saasdash, hubspot),
			Definition: "Deals won in the time with a touch of their organization in the community in the 90 days before they were won.", Formula: "sum of the amounts, by the rate of the day on which they were won", compute: influencedRevenue,
		},
		{
			Key: "leads_qualified", Label: "Community-qualified deals", For: forSales, Asks: "What does the community bring in?", Unit: UnitCount, Causal: "Would they have been qualified without the community?", Example: "leads-qualified", Sources: cite(saasdash),
			Definition: "Deals that reached a stage that counts as qualified in the time, with a touch of their organization in the community in the 90 days before.", Formula: "number of deals", compute: qualifiedLeads,
		},
		{
			Key: "win_rate", Label: "Win rate, touched and untouched", For: forSales, Asks: "Where was the community part of it?", Unit: UnitShare, Causal: "Is a deal won more often because somebody of the organization is in the community?", Example: "win-rate", Sources: cite(saasdash, feverbee),
			Definition: "Of the deals with a touch in the community in the 90 days before they were closed, the share that was won. Those without stand beside it; the difference is no effect.", Formula: "won / (won + lost), with Wilson's interval", compute: winRate,
		},
		{
			Key: "sales_cycle", Label: "Sales cycle, touched and untouched", For: forSales, Asks: "Where was the community part of it?", Unit: UnitDays, Causal: "Does a deal close sooner because of the community?", Example: "sales-cycle", Sources: cite(saasdash, feverbee),
			Definition: "The median time from opening to winning of deals won in the time that were touched by the community before they were closed. Those that were not stand beside it.", Formula: "median of days, with the interval that order statistics give", compute: salesCycle,
		},
	}
}

// dealOf is a deal as attribution takes it.
func (b *Books) dealOf(d *greenroom.Deal, problems map[string]bool) attribution.Deal {
	out := attribution.Deal{ID: d.ID, Organization: d.Organization, Created: d.Opened, Closed: d.Closed, Won: d.State == greenroom.DealWon, Source: b.Said[d.ID]}
	if d.Member > 0 {
		out.Contacts = []int64{d.Member}
	}
	at := d.Opened
	if out.Won && !d.Closed.IsZero() {
		at = d.Closed
	}
	out.Amount = b.money(d.Money(), at, problems)
	return out
}

// lastTouch is the newest touch in the community in the window before a time.
func (b *Books) lastTouch(organization int64, before time.Time) time.Time {
	var last time.Time
	for _, t := range b.of(organization) {
		if t.Community && t.At.Before(before) && !t.At.Before(before.Add(-b.Window)) && t.At.After(last) {
			last = t.At
		}
	}
	return last
}

func dealRecord(d *greenroom.Deal, at time.Time, value float64, note string) Record {
	return Record{Name: d.Name, Organization: d.Organization, Member: d.Member, At: at, Value: value, Note: note}
}

func problemsOf(problems map[string]bool, more ...string) []string {
	out := more
	var found []string
	for p := range problems {
		found = append(found, p)
	}
	sort.Strings(found)
	return append(out, found...)
}

// sourcedBy computes all three definitions, and gives the one as the figure.
func sourcedBy(which int) func(*Books) (Figure, []Record, error) {
	return func(b *Books) (Figure, []Record, error) {
		problems := make(map[string]bool)
		var sums [3]float64
		var counts [3]int
		var records []Record
		opened, silent, unnamed := 0, 0, 0
		for i := range b.Deals {
			d := &b.Deals[i]
			if !b.in(d.Opened) {
				continue
			}
			opened++
			x := b.dealOf(d, problems)
			o := attribution.Sourced(x, b.of(d.Organization), b.Names)
			if !o.Touched {
				silent++
			}
			if b.Said[d.ID] == "" {
				unnamed++
			}
			for k, is := range []bool{o.ByContact, o.ByOrganization, o.ByRecord} {
				if !is {
					continue
				}
				sums[k] += x.Amount
				counts[k]++
				if k == which {
					note := "first touch " + firstTouch(b.of(d.Organization)).Format(time.DateOnly)
					if k == 2 {
						note = "the CRM says “" + b.Said[d.ID] + "”"
					}
					records = append(records, dealRecord(d, d.Opened, x.Amount, note))
				}
			}
		}
		f := Figure{Value: &sums[which], Count: counts[which], Of: opened}
		for k, label := range []string{"by contact", "by organization", "as the CRM says"} {
			f.Parts = append(f.Parts, Part{Label: label, Value: &sums[k], Unit: UnitMoney, Count: counts[k]})
		}
		f.Unknown = problemsOf(problems, fmt.Sprintf("Of %d of %d deals no touch of any kind is known before: nobody can say.", silent, opened))
		if which == 2 && unnamed > 0 {
			f.Unknown = append(f.Unknown, fmt.Sprintf("Of %d of %d deals the CRM says nothing of the origin.", unnamed, opened))
		}
		return f, records, nil
	}
}

func firstTouch(all []Touch) time.Time {
	var first time.Time
	for _, t := range all {
		if first.IsZero() || t.At.Before(first) {
			first = t.At
		}
	}
	return first
}

// touchedBefore sums over deals with a touch in the window before a time of theirs.
func (b *Books) touchedBefore(when func(*greenroom.Deal) time.Time) (Figure, []Record) {
	problems := make(map[string]bool)
	f := Figure{}
	sum, rest, untouched := 0.0, 0.0, 0
	var records []Record
	for i := range b.Deals {
		d := &b.Deals[i]
		at := when(d)
		if !b.in(at) {
			continue
		}
		f.Of++
		x := b.dealOf(d, problems)
		last := b.lastTouch(d.Organization, at)
		if last.IsZero() {
			rest += x.Amount
			untouched++
			continue
		}
		sum += x.Amount
		f.Count++
		records = append(records, dealRecord(d, at, x.Amount, "last touch "+last.Format(time.DateOnly)))
	}
	f.Value = &sum
	f.Parts = []Part{{Label: "touched", Value: &sum, Unit: UnitMoney, Count: f.Count}, {Label: "not touched", Value: &rest, Unit: UnitMoney, Count: untouched}}
	f.Unknown = problemsOf(problems, "Whether the touch had anything to do with the deal.")
	return f, records
}

func influencedPipeline(b *Books) (Figure, []Record, error) {
	f, r := b.touchedBefore(func(d *greenroom.Deal) time.Time { return d.Opened })
	return f, r, nil
}

func wonAt(d *greenroom.Deal) time.Time {
	if d.State != greenroom.DealWon {
		return time.Time{}
	}
	return d.Closed
}

func influencedRevenue(b *Books) (Figure, []Record, error) {
	f, r := b.touchedBefore(wonAt)
	return f, r, nil
}

func qualifiedLeads(b *Books) (Figure, []Record, error) {
	f, r := b.touchedBefore(func(d *greenroom.Deal) time.Time { return d.QualifiedAt })
	n := float64(f.Count)
	f.Value = &n
	undated := 0
	for i := range b.Deals {
		if b.Deals[i].Qualified && b.Deals[i].QualifiedAt.IsZero() {
			undated++
		}
	}
	if undated > 0 {
		f.Unknown = append(f.Unknown, fmt.Sprintf("When %d deals were qualified: their source does not tell. They are not counted.", undated))
	}
	return f, r, nil
}

func winRate(b *Books) (Figure, []Record, error) {
	var won, closed [2]int64
	var records []Record
	for i := range b.Deals {
		d := &b.Deals[i]
		if d.State == greenroom.DealOpen || !b.in(d.Closed) {
			continue
		}
		k, note := 0, "not touched"
		if last := b.lastTouch(d.Organization, d.Closed); !last.IsZero() {
			k, note = 1, "last touch "+last.Format(time.DateOnly)
		}
		closed[k]++
		value := 0.0
		if d.State == greenroom.DealWon {
			won[k]++
			value = 1
		}
		records = append(records, dealRecord(d, d.Closed, value, string(d.State)+", "+note))
	}
	f := Figure{Count: int(won[1]), Of: int(closed[1]), Parts: []Part{shareOf("touched", won[1], closed[1]), shareOf("not touched", won[0], closed[0])}}
	f.Value, f.Low, f.High = f.Parts[0].Value, f.Parts[0].Low, f.Parts[0].High
	f.Unknown = []string{"Which deals would have been won all the same: who is about to buy looks around in the community more."}
	return f, records, nil
}

func shareOf(label string, hits, n int64) Part {
	p := Part{Label: label, Unit: UnitShare, Count: int(n)}
	if n > 0 {
		v := float64(hits) / float64(n)
		low, high := noise.Wilson(hits, n)
		p.Value, p.Low, p.High = &v, &low, &high
	}
	return p
}

func salesCycle(b *Books) (Figure, []Record, error) {
	var days [2][]float64
	var records []Record
	undated := 0
	for i := range b.Deals {
		d := &b.Deals[i]
		if d.State != greenroom.DealWon || !b.in(d.Closed) {
			continue
		}
		if d.Cycle() == 0 {
			undated++
			continue
		}
		k, note := 0, "not touched"
		for _, t := range b.of(d.Organization) {
			if t.Community && t.At.Before(d.Closed) {
				k, note = 1, "touched before it was closed"
			}
		}
		n := d.Cycle().Hours() / 24
		days[k] = append(days[k], n)
		records = append(records, dealRecord(d, d.Closed, n, note))
	}
	f := Figure{Count: len(days[1]), Of: len(days[0]) + len(days[1]), Parts: []Part{medianOf("touched", days[1]), medianOf("not touched", days[0])}}
	f.Value, f.Low, f.High = f.Parts[0].Value, f.Parts[0].Low, f.Parts[0].High
	f.Unknown = []string{"Larger deals take longer, and larger organizations are touched more often: compare deals of one size.", "Deals that are still open are not in it, which makes both look shorter."}
	if undated > 0 {
		f.Unknown = append(f.Unknown, fmt.Sprintf("How long %d won deals took: their source does not tell both dates.", undated))
	}
	return f, records, nil
}

// medianOf is a median with the interval of order statistics: the greatest ranks that cover it in 95 of 100 cases at least.
func medianOf(label string, values []float64) Part {
	p := Part{Label: label, Unit: UnitDays, Count: len(values)}
	n := len(values)
	if n == 0 {
		return p
	}
	slices.Sort(values)
	m := (values[(n-1)/2] + values[n/2]) / 2
	p.Value = &m
	// The number below the median is binomial with 1/2.
	tail, term := 0.0, 1.0
	for range n {
		term /= 2
	}
	for k := range n / 2 {
		if tail+term > 0.025 {
			break
		}
		tail += term
		term *= float64(n-k) / float64(k+1)
		low, high := values[k], values[n-1-k]
		p.Low, p.High = &low, &high
	}
	return p
}
