// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package certain

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Held is a key and the identity that has it.
type Held struct {
	Identity            int64
	Kind, Value, Reason string
}

// Class is the sort of key as far as sharing it goes: an account's own profile and a claim on it are one sort. It is ""
// for keys that join nobody.
func Class(kind string) string {
	switch kind {
	case Email, Same:
		return kind
	case URL, Claim:
		return Profiles
	}
	return ""
}

// Profiles is the class of URL and Claim.
const Profiles = "profile"

// Link is what a person decided: two identities are one member, and it is called Member. With A and B equal it says only
// how the member of that identity is called. Where links disagree about that, the latest decision wins.
type Link struct {
	Decision, A, B, Member int64
	Reason                 string
}

// Match is what a model found: two identities are one person, as far as it can tell. Reason says why, in words, and By which
// model it was.
type Match struct {
	A, B        int64
	Probability float64
	Reason, By  string
}

// Reason is why an identity came to its member, and whose work that is: ByRule, a model's name, or "" for a person's.
type Reason struct{ Text, By string }

// ByRule is the author of what follows from keys.
const ByRule = "rule"

// Group is the identities of one member, in order.
type Group struct {
	Member     int64
	Identities []int64
}

// Partition says which identities are one member and how it is called: by its smallest identity, unless a person decided
// otherwise. Links hold in any case; after them come shared keys in the order of the identities, and last what a model
// found, the likeliest first, but nothing that would bring two identities together that are kept apart. The result depends
// on nothing else: not on the order of the arguments, nor on what was known when. Keys that are Shared must not be among
// them.
//
// Reasons tell why an identity came to its member, for those that were not its first.
func Partition(ids []int64, held []Held, links []Link, apart [][2]int64, matches []Match) (groups []Group, reasons map[int64]Reason) {
	p := newPartition(ids, apart)
	links = slices.Clone(links)
	slices.SortFunc(links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(x.Decision, y.Decision), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	for _, l := range links {
		if a, b := p.find(l.A), p.find(l.B); a != b && a != 0 && b != 0 {
			p.union(a, b, Reason{Text: l.Reason})
		}
	}
	byID := make(map[int64][]Held)
	byKey := make(map[string][]Held)
	for _, h := range held {
		byID[h.Identity] = append(byID[h.Identity], h)
		key := Class(h.Kind) + " " + h.Value
		byKey[key] = append(byKey[key], h)
	}
	for _, id := range p.ids {
		p.joinByKeys(candidates(byID[id], byKey))
	}
	p.joinMatches(matches)
	return p.groups(links), p.reasons
}

// Shared reports whether a key is used by several people, judged by the names of those who have it: three or more full
// names that disagree.
func Shared(names []string) bool {
	full := make(map[string]bool)
	for _, name := range names {
		words := strings.Fields(strings.ToLower(name))
		if len(words) >= 2 {
			sort.Strings(words)
			full[strings.Join(words, " ")] = true
		}
	}
	return len(full) >= sharedNames
}

// sharedNames is how many disagreeing full names make an address a shared mailbox rather than a person's.
const sharedNames = 3

// candidate is an earlier identity that an identity shares a key with.
type candidate struct {
	a, b                 int64
	class, value, reason string
}

// candidates lists who had the keys of an identity before it, in a fixed order.
func candidates(mine []Held, byKey map[string][]Held) []candidate {
	var all []candidate
	for _, m := range mine {
		for _, o := range byKey[Class(m.Kind)+" "+m.Value] {
			if o.Identity < m.Identity && (m.Kind != URL || o.Kind != URL) {
				all = append(all, candidate{m.Identity, o.Identity, Class(m.Kind), m.Value, why(m, o)})
			}
		}
	}
	slices.SortFunc(all, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.b, y.b), cmp.Compare(x.class, y.class), cmp.Compare(x.value, y.value), cmp.Compare(x.reason, y.reason))
	})
	return all
}

// why is the reason of the key that says more: a claim rather than one's own profile, a verified address rather than one
// that is not.
func why(later, earlier Held) string {
	if later.Kind == URL || strings.Contains(earlier.Reason, "verified") {
		return earlier.Reason
	}
	return later.Reason
}

// partition is a union-find that knows what must not be joined.
type partition struct {
	ids     []int64
	root    map[int64]int64
	members map[int64][]int64 // by root
	least   map[int64]int64   // smallest identity, by root
	apart   map[int64][]int64
	reasons map[int64]Reason
}

func newPartition(ids []int64, apart [][2]int64) *partition {
	p := &partition{
		ids: slices.Clone(ids), root: make(map[int64]int64, len(ids)), members: make(map[int64][]int64, len(ids)), least: make(map[int64]int64, len(ids)),
		apart: make(map[int64][]int64), reasons: make(map[int64]Reason),
	}
	slices.Sort(p.ids)
	p.ids = slices.Compact(p.ids)
	for _, id := range p.ids {
		p.root[id], p.members[id], p.least[id] = id, []int64{id}, id
	}
	for _, x := range apart {
		p.apart[x[0]] = append(p.apart[x[0]], x[1])
		p.apart[x[1]] = append(p.apart[x[1]], x[0])
	}
	return p
}

// find returns the group of an identity, 0 for one that is not there.
func (p *partition) find(id int64) int64 { return p.root[id] }

// union brings the group of b to that of a.
func (p *partition) union(a, b int64, reason Reason) {
	for _, id := range p.members[b] {
		if p.reasons[id] = reason; reason.Text == "" {
			delete(p.reasons, id)
		}
	}
	into, from := a, b
	if len(p.members[into]) < len(p.members[from]) {
		into, from = from, into
	}
	for _, id := range p.members[from] {
		p.root[id] = into
	}
	p.members[into] = append(p.members[into], p.members[from]...)
	p.least[into] = min(p.least[into], p.least[from])
	delete(p.members, from)
	delete(p.least, from)
}

func (p *partition) joinByKeys(all []candidate) {
	for _, c := range all {
		a, b := p.find(c.a), p.find(c.b)
		if a == b || a == 0 || b == 0 || p.keptApart(a, b) {
			continue
		}
		if p.least[a] > p.least[b] {
			a, b = b, a
		}
		p.union(a, b, Reason{c.reason, ByRule})
	}
}

// joinMatches joins what a model found, the likeliest first.
func (p *partition) joinMatches(matches []Match) {
	matches = slices.Clone(matches)
	slices.SortFunc(matches, func(x, y Match) int {
		return cmp.Or(cmp.Compare(y.Probability, x.Probability), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	for _, m := range matches {
		a, b := p.find(m.A), p.find(m.B)
		if a == b || a == 0 || b == 0 || p.keptApart(a, b) {
			continue
		}
		if p.least[a] > p.least[b] {
			a, b = b, a
		}
		p.union(a, b, Reason{m.Reason, m.By})
	}
}

func (p *partition) keptApart(a, b int64) bool {
	if len(p.apart) == 0 {
		return false
	}
	if len(p.members[a]) > len(p.members[b]) {
		a, b = b, a
	}
	for _, id := range p.members[a] {
		for _, other := range p.apart[id] {
			if p.find(other) == b {
				return true
			}
		}
	}
	return false
}

// groups names the groups. What people decided comes first, the latest of it before the rest; a group of which nothing
// was decided is called by its smallest identity, and where another took that name, by what the other would be called.
func (p *partition) groups(links []Link) []Group {
	named := make(map[int64]int64) // by root
	taken := make(map[int64]int64) // root by name
	for i := len(links) - 1; i >= 0; i-- {
		r := p.find(links[i].A)
		if r != 0 && named[r] == 0 && taken[links[i].Member] == 0 {
			named[r], taken[links[i].Member] = links[i].Member, r
		}
	}
	var all []Group
	for r, members := range p.members {
		slices.Sort(members)
		name := named[r]
		if name == 0 {
			name = p.least[r]
			for taken[name] != 0 {
				name = p.least[taken[name]]
			}
		}
		all = append(all, Group{Member: name, Identities: members})
	}
	slices.SortFunc(all, func(x, y Group) int { return cmp.Compare(x.Identities[0], y.Identities[0]) })
	return all
}
