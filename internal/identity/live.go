// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"slices"
	"sync"
)

// Live answers, one identity at a time, who a newcomer is. It is made of a
// Result, knows the words and frequencies of that moment, and gives a
// provisional answer in a fraction of the time that resolving everybody
// takes; the next Resolve has the last word. It may be used by several
// goroutines at once.
type Live struct {
	mu    sync.Mutex
	r     *Result
	ix    *index
	added map[uint64][]entry // newcomers by key
	stamp []uint32           // last lookup that saw a record
	turn  uint32
}

// Placement is what Live makes of a newcomer.
type Placement struct {
	// Joined is the identity whose cluster the newcomer went to, empty when
	// it stands alone.
	Joined      string
	Probability float64
	// Cluster lists the identities of that cluster without the newcomer.
	Cluster []string
	// Suggestions lists further pairs for a person to judge, the likeliest
	// first, at most one for each cluster.
	Suggestions []Suggestion
}

// Live prepares to place newcomers among the records of the result, which
// it takes over: the result must not be used by itself after that.
func (r *Result) Live() *Live {
	if r.late == nil {
		r.late = map[string]uint32{}
	}
	return &Live{
		r:     r,
		ix:    r.allKeys(r.engine.cfg.Workers),
		added: map[uint64][]entry{},
		stamp: make([]uint32, len(r.profiles)),
	}
}

// Add places one more identity and remembers it. It fails when the ID is
// known already: what an identity changes to is for Resolve to judge.
func (l *Live) Add(rec Record) (Placement, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.r.find(rec.ID); ok {
		return Placement{}, fmt.Errorf("identity: add %q: it is there already", rec.ID)
	}
	p := l.compile(&rec)
	edges := l.candidates(&p)
	self := uint32(len(l.r.profiles))
	l.r.profiles = append(l.r.profiles, p)
	l.r.forest.profiles = l.r.profiles
	l.r.ids = append(l.r.ids, rec.ID)
	l.r.forest.parent = append(l.r.forest.parent, self)
	l.stamp = append(l.stamp, 0)
	l.r.late[rec.ID] = self
	l.r.model.keys(&p, func(key uint64, _ uint8, weak bool) { l.added[key] = append(l.added[key], newEntry(0, self, 0, weak)) })
	return l.place(self, edges), nil
}

// compile turns a newcomer into a profile, with words that may be new.
func (l *Live) compile(rec *Record) profile {
	m := l.r.model
	rec = settled(rec)
	p := compile(rec, m.dict.parse(rec), m.vocab, m.dict, &profile{})
	m.extend()
	p.markMailboxes(l.r.mailboxes, m.vocab)
	p.addLabels(m.census, m.vocab)
	return p
}

// Explain returns the evidence about two identities, as Result.Explain does.
func (l *Live) Explain(a, b string) (Explanation, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Explain(a, b)
}

// candidates judges the newcomer against everyone who shares a key.
func (l *Live) candidates(p *profile) []edge {
	m := l.r.model
	least := m.weightOf(l.r.engine.cfg.Suggest) - 3
	self := uint32(len(l.r.profiles))
	l.turn++
	var edges []edge
	see := func(rec uint32) {
		if l.stamp[rec] == l.turn {
			return
		}
		l.stamp[rec] = l.turn
		v := m.judge(&l.r.profiles[rec], p)
		if v.weight >= least {
			edges = append(edges, newEdge(rec, self, &v))
		}
	}
	l.ix.lookup(m, p, see)
	m.keys(p, func(key uint64, _ uint8, weak bool) {
		for _, e := range l.added[key][:min(len(l.added[key]), maxBlock)] {
			if !weak || !e.weak() {
				see(e.rec())
			}
		}
	})
	return edges
}

// place joins the newcomer to the best cluster that has no objection.
func (l *Live) place(self uint32, edges []edge) Placement {
	r := l.r
	var out Placement
	joined := func(e edge) {
		if out.Joined == "" {
			out.Joined, out.Probability = r.ids[e.a], r.model.probability(float64(e.weight))
			for _, m := range r.forest.of(r.forest.root(e.a)) {
				if m != self {
					out.Cluster = append(out.Cluster, r.ids[m])
				}
			}
			slices.Sort(out.Cluster)
		}
	}
	left := r.forest.placeOne(r.model, self, edges, r.model.weightOf(r.engine.cfg.Auto), joined)
	out.Suggestions = r.suggestions(left)
	return out
}
