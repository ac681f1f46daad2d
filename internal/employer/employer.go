// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package employer tells which organizations may be one: Acme Inc. of the CRM and acme.com of the addresses, acme.com and
// acme.io. It only says so, with the reasons in words and a probability; whether they are one, a person decides.
//
// Pairs are found by what they share: a name without its legal form, the label of a domain, a website, people. What speaks for and
// against is added up by the weights below, which are natural logarithms of odds set by hand, not learned: few communities have
// enough organizations to learn them from. A pair that shares a name or a label begins at even odds against (-1), one that shares
// only people much lower, since whoever changes jobs has accounts with both.
package employer

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Record is how one source calls an organization by a number of its own.
type Record struct {
	Source     string
	ExternalID string
}

// Organization is what is known of one.
type Organization struct {
	ID         int64
	Name       string
	Named      bool     // a source or a person gave the name; false = it is called by its domain
	Domains    []string // by which members are found
	Sites      []string // domains that sources tell of it, also those that are another organization's
	Country    string
	Size       int64 // employees; 0 = not known
	Activities int64
	Records    []Record
	Family     int64 // the organization at the top that it is below; 0 = none. Within a family nothing is suggested
}

// Pair is two organizations, the lower number first.
type Pair [2]int64

// PairOf orders two numbers.
func PairOf(a, b int64) Pair { return Pair{min(a, b), max(a, b)} }

// Evidence is one reason.
type Evidence struct {
	Text   string  // in words, such as "both are called acme, but for the legal form"
	Weight float64 // natural logarithm of odds; below 0 = against
}

// Match is two organizations that may be one.
type Match struct {
	A, B        int64 // A is the one to keep: the one with a name of its own, then the one with more activities
	Probability float64
	Activities  int64 // of the one with fewer, which is what a wrong answer would misplace
	Evidence    []Evidence
}

// The weights.
const (
	startNamed  = -1.0 // a name or a label is shared
	startPeople = -2.2 // only people are

	weightSite       = 4.0
	weightName       = 2.5
	weightLongName   = 0.6  // more, for a name of at least ten letters
	weightLabelName  = 2.2  // a domain's label is the other's name
	weightLabel      = 1.6  // one label under several suffixes
	weightShort      = -1.2 // the name or label has at most three letters
	weightMany       = -0.7 // for each time that the number of organizations with it doubles beyond two
	weightOneSource  = -1.5 // one source has a record for each
	weightCountry    = -0.8
	weightSize       = -0.7 // one has ten times as many employees
	weightOnePerson  = 0.7
	weightMorePeople = 0.6 // for each further one, up to three more

	// Least is the probability from which on a pair is worth a look.
	Least = 0.3
	// most is how many organizations may share a key before it says nothing.
	most = 25
)

// Suggest finds the pairs that may be one, the most likely first; shared says how many people are with both. It also says how many
// names and labels were passed over because too many organizations share them.
func Suggest(all []Organization, shared map[Pair]int) (matches []Match, passed int) {
	n := NewNamer()
	f := finder{byID: make(map[int64]*profile, len(all)), keys: make(map[string][]int64), shared: shared}
	for i := range all {
		p := n.read(&all[i])
		f.byID[all[i].ID] = p
		for key := range p.keys {
			f.keys[key] = append(f.keys[key], all[i].ID)
		}
	}
	pairs := make(map[Pair]bool)
	for _, key := range slices.Sorted(maps.Keys(f.keys)) {
		ids := f.keys[key]
		if len(ids) > most {
			passed++
			continue
		}
		for i := range ids {
			for _, other := range ids[i+1:] {
				pairs[PairOf(ids[i], other)] = true
			}
		}
	}
	for p, n := range shared {
		if n > 1 {
			pairs[p] = true
		}
	}
	for p := range pairs {
		if m, ok := f.weigh(p); ok {
			matches = append(matches, m)
		}
	}
	slices.SortFunc(matches, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Probability, a.Probability), cmp.Compare(b.Activities, a.Activities), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return matches, passed
}

// profile is an organization with what it is found by.
type profile struct {
	*Organization
	core   string          // of its name; "" = it is called by its domain
	labels map[string]bool // of its domains
	sites  map[string]bool
	keys   map[string]bool
}

func (n *Namer) read(o *Organization) *profile {
	p := &profile{Organization: o, labels: make(map[string]bool), sites: make(map[string]bool), keys: make(map[string]bool)}
	if o.Named {
		p.core = n.Core(o.Name)
		if strings.Contains(o.Name, ".") && !strings.ContainsAny(o.Name, " ,") { // a source may call it by its domain
			if label := Label(o.Name); label != "" {
				p.core = label
			}
		}
	}
	if p.core != "" {
		p.keys["name "+p.core] = true
	}
	for _, d := range o.Domains {
		if label := Label(d); label != "" {
			p.labels[label], p.keys["name "+label] = true, true
		}
		p.sites[d], p.keys["site "+d] = true, true
	}
	for _, d := range o.Sites {
		p.sites[d], p.keys["site "+d] = true, true
	}
	return p
}

type finder struct {
	byID   map[int64]*profile
	keys   map[string][]int64
	shared map[Pair]int
}

// weigh adds up what speaks for and against two being one.
func (f *finder) weigh(pair Pair) (Match, bool) {
	a, b := f.byID[pair[0]], f.byID[pair[1]]
	if a == nil || b == nil || a.Family != 0 && a.Family == b.Family || a.Family == b.ID || b.Family == a.ID {
		return Match{}, false
	}
	m := Match{Evidence: f.named(a, b)}
	start := startPeople
	if len(m.Evidence) > 0 {
		start = startNamed
	}
	add := func(weight float64, text string) { m.Evidence = append(m.Evidence, Evidence{text, weight}) }
	if n := f.shared[pair]; n > 0 {
		add(weightOnePerson+weightMorePeople*float64(min(n-1, 3)), countOf(n, "member has", "members have")+" accounts with both")
	}
	if source := sameSource(a.Records, b.Records); source != "" {
		add(weightOneSource, source+" has a record for each")
	}
	if a.Country != "" && b.Country != "" && !strings.EqualFold(a.Country, b.Country) {
		add(weightCountry, "one is in "+a.Country+", the other in "+b.Country)
	}
	if small, large := min(a.Size, b.Size), max(a.Size, b.Size); small > 0 && large >= 10*small {
		add(weightSize, fmt.Sprintf("one has %d employees, the other %d", small, large))
	}
	sum := start
	for _, e := range m.Evidence {
		sum += e.Weight
	}
	m.Probability = math.Round(1000/(1+math.Exp(-sum))) / 1000
	if b.Named && !a.Named || a.Named == b.Named && (b.Activities > a.Activities || b.Activities == a.Activities && b.ID < a.ID) {
		a, b = b, a
	}
	m.A, m.B, m.Activities = a.ID, b.ID, min(a.Activities, b.Activities)
	return m, m.Probability >= Least
}

// named is what names, domains and websites say.
func (f *finder) named(a, b *profile) []Evidence {
	var all []Evidence
	for _, d := range slices.Sorted(maps.Keys(a.sites)) {
		if b.sites[d] {
			all = append(all, Evidence{"sources tell the domain " + d + " of both", weightSite})
			break
		}
	}
	say := func(key string, weight float64, text string) {
		if len([]rune(key)) <= 3 {
			weight += weightShort
		}
		if n := len(f.keys["name "+key]); n > 2 {
			weight += weightMany * math.Log2(float64(n)/2)
			text += "; " + countOf(n-2, "other is", "others are") + " called so, too"
		}
		all = append(all, Evidence{text, weight})
	}
	switch {
	case a.core != "" && a.core == b.core:
		weight := weightName
		if len([]rune(a.core)) >= 10 {
			weight += weightLongName
		}
		text := "both are called " + a.Name
		if a.Name != b.Name {
			text = a.Name + " and " + b.Name + " differ in writing or legal form only"
		}
		say(a.core, weight, text)
	case a.core != "" && b.labels[a.core]:
		say(a.core, weightLabelName, "the domain "+domainWith(b, a.core)+" is named like "+a.Name)
	case b.core != "" && a.labels[b.core]:
		say(b.core, weightLabelName, "the domain "+domainWith(a, b.core)+" is named like "+b.Name)
	default:
		for _, label := range slices.Sorted(maps.Keys(a.labels)) {
			if b.labels[label] {
				say(label, weightLabel, "the domains "+domainWith(a, label)+" and "+domainWith(b, label)+" differ in their endings only")
				break
			}
		}
	}
	return all
}

// domainWith is the domain of an organization that has a label.
func domainWith(p *profile, label string) string {
	for _, d := range p.Domains {
		if Label(d) == label {
			return d
		}
	}
	return label
}

// sameSource is a source that has a record for each of two organizations; "" = there is none.
func sameSource(a, b []Record) string {
	for _, x := range a {
		for _, y := range b {
			if x.Source == y.Source && x.ExternalID != y.ExternalID {
				return x.Source
			}
		}
	}
	return ""
}

func countOf(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
