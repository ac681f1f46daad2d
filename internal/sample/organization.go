// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// vendorDomain is the domain of Lumen Labs, where staff have their addresses.
const vendorDomain = "lumenlabs.example"

// FreeMailDomains are the domains at which people of the sample have private addresses; they say nothing about an employer. They
// end in .example, so that no message can ever reach anybody.
func FreeMailDomains() []string {
	return []string{"freemail.example", "mailbox.example", "postmail.example"}
}

type lifecycle string

const (
	prospect lifecycle = "prospect"
	trial    lifecycle = "trial"
	customer lifecycle = "customer"
	churned  lifecycle = "churned"
)

// organization is an employer, as the CRM of Lumen Labs knows it.
type organization struct {
	name, domain string
	lifecycle    lifecycle
	size         int // people employed
	country      string
	owner        *person // of the staff
	created      time.Time
	churned      time.Time // zero unless the lifecycle is churned
	tries        time.Time // when its trial of the product began or will begin, for trialDays; zero if it never tries
	quiet        time.Time // when its people stop to be active; zero if they do not
	pattern      int       // how addresses are made from names
	weight       float64   // how many members work there, relative to others
}

// inventOrganizations makes the employers. The first ones are fixed in their fate so that each story is told at every scale:
// a customer that has gone silent before its renewal, two that went quiet and left, a trial, a prospect, a loyal customer.
func (w *world) inventOrganizations(n int) error {
	parts, err := readSections("companies.txt")
	if err != nil {
		return err
	}
	first, second := strings.Fields(parts["first"][0]), strings.Fields(parts["second"][0])
	story := []lifecycle{customer, churned, customer, trial, churned, prospect}
	stride := 7 // has no factor in common with len(second), so that all pairs come up
	for i := range n {
		d := w.origin.stream("organization", i)
		a, b := first[i%len(first)], second[(i*stride+i/len(first))%len(second)]
		o := &organization{
			name:      a + " " + b,
			domain:    strings.ToLower(a+b) + ".example",
			country:   one(d, w.cultures[d.index(cultureWeights(w.cultures))].places).country,
			size:      int(math.Round(d.around(8*24*time.Hour, 1.3).Hours())),
			created:   w.start.Add(d.span(-300*day, w.end.Sub(w.start)*4/5)),
			pattern:   d.index([]float64{5, 2, 2, 1}),
			weight:    3 / (1.5 + float64(i)*min(1, 64/float64(n))),
			lifecycle: []lifecycle{prospect, trial, customer, churned}[d.index([]float64{30, 15, 44, 11})],
		}
		if round := i / (len(first) * len(second)); round > 0 {
			o.name += " " + strconv.Itoa(round+1)
			o.domain = strings.ToLower(a+b) + strconv.Itoa(round+1) + ".example"
		}
		o.size = max(4, o.size)
		if i < len(story) {
			o.lifecycle = story[i]
		}
		o.fate(w, d, i)
		o.tryOut(w, i)
		w.organizations = append(w.organizations, o)
	}
	return nil
}

func (o *organization) fate(w *world, d dice, i int) {
	switch {
	case i == 0:
		o.quiet = w.end.Add(-38 * day)
		o.size = 420
		o.created = w.start.Add(-100 * day)
	case o.lifecycle == churned:
		length := w.end.Sub(w.start)
		o.churned = w.end.Add(-d.span(min(30*day, length/8), min(320*day, length/2)))
		o.quiet = o.churned.Add(-d.span(40*day, 75*day))
		o.created = o.quiet.Add(-d.span(120*day, 500*day))
	case o.lifecycle == trial:
		o.created = w.end.Add(-d.span(5*day, 40*day))
	}
}

// trialDays is how long a trial of the product lasts.
const trialDays = 30 * day

// contract is when the first contract of the i-th organization is signed, if one is, and for how much a year. d is the deal's
// stream from its beginning.
func (o *organization) contract(d dice) (amount int, signed time.Time) {
	amount = max(1200, o.size*d.between(6, 30)/100*100)
	return amount, o.created.Add(d.span(20*day, 90*day))
}

// tryOut says when the i-th organization tries the product. Who became a customer did so at the trial's end. Most others who
// came have tried as well, all over the time, and left when the 30 days were over; one prospect is there at every scale who has
// not begun.
func (o *organization) tryOut(w *world, i int) {
	d := w.origin.stream("trial", i)
	switch o.lifecycle {
	case customer, churned:
		_, signed := o.contract(w.origin.stream("deal", i))
		o.tries = signed.Add(-trialDays)
	case trial:
		o.tries = w.end.Add(-d.span(10*day, 27*day))
		o.created = o.tries.Add(-d.span(2*day, 15*day))
	case prospect:
		if i == 5 || !d.chance(0.85) {
			return
		}
		o.tries = w.start.Add(d.span(0, w.end.Sub(w.start)-trialDays-2*day))
		o.created = o.tries.Add(-d.span(3*day, 40*day))
	}
}

// triedAndLeft reports whether the organization tried the product and did not buy it.
func (o *organization) triedAndLeft() bool { return o.lifecycle == prospect && !o.tries.IsZero() }

// address makes the work address of a person.
func (o *organization) address(given, family string) string {
	switch o.pattern {
	case 1:
		return given[:1] + family + "@" + o.domain
	case 2:
		return given + "@" + o.domain
	case 3:
		return given + "_" + family + "@" + o.domain
	default:
		return given + "." + family + "@" + o.domain
	}
}
