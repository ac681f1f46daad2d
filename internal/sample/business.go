// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// table is a CSV file that is being filled.
type table struct {
	name string
	rows [][]string
}

func (t *table) add(row ...string) { t.rows = append(t.rows, row) }

// writeBusiness writes what the CRM and the ticketing system of Lumen Labs would export.
func (w *world) writeBusiness(out folder, sum *Summary) error {
	organizations := &table{name: "organizations.csv"}
	organizations.add("name", "domain", "lifecycle", "size", "country", "owner", "trial_started", "trial_ends")
	for _, o := range w.organizations {
		tries, ends := "", ""
		if !o.tries.IsZero() && o.tries.Before(w.end) {
			tries, ends = o.tries.Format(time.DateOnly), o.tries.Add(trialDays).Format(time.DateOnly)
		}
		organizations.add(o.name, o.domain, string(o.lifecycle), strconv.Itoa(o.size), o.country, o.owner.emails[0], tries, ends)
	}
	members, deals, tickets, subscriptions := w.contacts(), w.deals(), w.tickets(), w.subscriptions()
	sum.Organizations, sum.Contacts = len(w.organizations), len(members.rows)-1
	sum.Deals, sum.Tickets = len(deals.rows)-1, len(tickets.rows)-1
	sum.Subscriptions = len(subscriptions.rows) - 1
	usage := w.usage()
	sum.Usage = len(usage.rows) - 1
	for _, t := range []*table{organizations, members, deals, tickets, subscriptions, usage} {
		err := out.create(t.name, func(to io.Writer) error {
			return csv.NewWriter(to).WriteAll(t.rows)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inCRM reports whether the CRM knows somebody of the community.
func (w *world) inCRM(p *person) bool {
	d := w.origin.stream("contact", p.id)
	return p.kind == member && p.org != nil && d.chance(0.55)
}

// contacts are the people the CRM knows: most who work for an organization, and buyers who never come to the community.
func (w *world) contacts() *table {
	t := &table{name: "members.csv"}
	t.add("email", "name", "title", "organization")
	for _, p := range w.people {
		if w.inCRM(p) {
			t.add(p.emails[0], p.name, p.title, p.org.name)
		}
	}
	for i, o := range w.organizations {
		d := w.origin.stream("buyer", i)
		for n := range 1 + d.count(1.2) {
			var p person
			p.naming(w, d, &w.cultures[d.index(cultureWeights(w.cultures))])
			title := one(d, []string{"Head of Purchasing", "CTO", "Head of Data", "VP Engineering", "Project Manager"})
			t.add(w.unique(o.address(p.given, p.family)), p.name, title, o.name)
			if n > 3 {
				break
			}
		}
	}
	return t
}

// deals tell how each organization came and went. An open deal has no closing date.
func (w *world) deals() *table {
	t := &table{name: "deals.csv"}
	t.add("id", "organization_domain", "name", "stage", "amount", "currency", "created", "closed", "stage_history", "contact_email", "lead_source")
	first := map[*organization]*person{} // who of it came to the community first
	for _, p := range w.people {
		if f := first[p.org]; p.kind == member && p.org != nil && (f == nil || p.joined.Before(f.joined)) {
			first[p.org] = p
		}
	}
	row := func(o *organization, name, stage string, amount int, created, closed time.Time) {
		if created.After(w.end) {
			return
		}
		until := ""
		switch {
		case !closed.IsZero() && closed.Before(w.end):
			until = closed.Format(time.DateOnly)
		case strings.HasPrefix(stage, "closed"):
			stage = "negotiation" // it will be closed, and nobody knows it yet
		}
		steps := w.steps(stage, created, closed)
		if o.triedAndLeft() {
			steps = "discovery " + created.Format(time.DateOnly) + "; trial " + o.tries.Format(time.DateOnly) + "; " + stage + " " + closed.Format(time.DateOnly)
		}
		contact, origin := w.dealContact(len(t.rows), first[o], created)
		t.add("D-"+strconv.Itoa(1000+len(t.rows)), o.domain, name, stage, strconv.Itoa(amount), o.currency(), created.Format(time.DateOnly), until, steps, contact, origin)
	}
	for i, o := range w.organizations {
		d := w.origin.stream("deal", i)
		amount, closed := o.contract(d)
		switch o.lifecycle {
		case prospect:
			if o.triedAndLeft() {
				row(o, "First contract", "closed lost", amount, o.created, o.tries.Add(trialDays))
				continue
			}
			stage := one(d, []string{"discovery", "qualified", "proposal", "closed lost"})
			if stage != "closed lost" {
				closed = time.Time{}
			}
			row(o, "First contract", stage, amount, o.created, closed)
		case trial:
			row(o, "First contract", "trial", amount, o.created, time.Time{})
		case churned:
			row(o, "First contract", "closed won", amount, o.created, closed)
			row(o, "Renewal", "closed lost", amount, o.churned.Add(-80*day), o.churned)
		case customer:
			row(o, "First contract", "closed won", amount, o.created, closed)
			if i == 0 {
				row(o, "Renewal", "negotiation", amount, w.end.Add(-30*day), time.Time{})
			} else if closed.Add(300 * day).Before(w.end) {
				row(o, "Renewal", one(d, []string{"closed won", "closed won", "negotiation"}), amount*6/5, closed.Add(300*day), closed.Add(d.span(330*day, 370*day)))
			}
		}
	}
	return t
}

// dealContact says whom sales talked to, and what they wrote down as the origin of the n-th deal. Of many nobody knows either.
func (w *world) dealContact(n int, first *person, created time.Time) (email, origin string) {
	d := w.origin.stream("deal contact", n)
	origin = one(d, []string{"", "", "Web search", "Referral", "Trade fair", "Outbound"})
	if first == nil || !d.chance(0.6) {
		return "", origin
	}
	if first.joined.Before(created) && d.chance(0.45) {
		origin = "Community"
	}
	return first.emails[0], origin
}

// tickets are support cases of those who pay or try, more of them after the bad release.
func (w *world) tickets() *table {
	t := &table{name: "tickets.csv"}
	t.add("id", "organization_domain", "requester_email", "subject", "status", "priority", "created", "solved")
	staffOf := map[*organization][]*person{}
	for _, p := range w.people {
		if p.kind == member && p.org != nil {
			staffOf[p.org] = append(staffOf[p.org], p)
		}
	}
	type ticket struct {
		at  time.Time
		row []string
	}
	var list []ticket
	calendar := w.calendar(0.1)
	for i, o := range w.organizations {
		d := w.origin.stream("tickets", i)
		if o.lifecycle == prospect || len(staffOf[o]) == 0 {
			continue
		}
		for range d.count(0.35 * float64(w.opts.Months)) {
			at := calendar.draw(d).Add(d.span(7*time.Hour, 18*time.Hour)).Truncate(time.Second)
			if at.Before(o.created) || !o.quiet.IsZero() && at.After(o.quiet.Add(15*day)) || !at.Before(w.end) {
				continue
			}
			by := one(d, staffOf[o])
			sc := w.newScene(d, seed{at: at, author: by})
			subject := sc.say("generic", "ticket")
			if d.chance(w.spike(at) * 0.7) {
				subject = sc.say("importer", "title")
			}
			solved := at.Add(d.around(30*time.Hour, 1.2))
			status, until := "solved", solved.Format(time.RFC3339)
			if !solved.Before(w.end) {
				status, until = one(d, []string{"open", "pending", "new"}), ""
			}
			priority := one(d, []string{"low", "normal", "normal", "normal", "high", "urgent"})
			list = append(list, ticket{at, []string{o.domain, by.emails[0], subject, status, priority, at.Format(time.RFC3339), until}})
		}
	}
	slices.SortStableFunc(list, func(a, b ticket) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.row[0], b.row[0])) })
	for i, x := range list {
		t.add(append([]string{"T-" + strconv.Itoa(20001+i)}, x.row...)...)
	}
	return t
}
