// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"fmt"
	"math"
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
	r.profiles = slices.Grow(r.profiles, 1+len(r.profiles)/8) // a move takes long
	return &Live{
		r:     r,
		ix:    r.allKeys(r.engine.cfg.Workers),
		added: map[uint64][]entry{},
		stamp: make([]uint32, len(r.profiles)),
	}
}

// Index makes a Live without comparing anybody, as a store does that starts
// again: who is who comes in as decisions, among them those that the engine
// made before, and learned is what Result.Weights gave then, or nil for the
// shipped weights. It takes a fraction of the time and memory of Resolve. It
// fails when learned is from another version of the model.
func (e *Engine) Index(records []Record, decisions []Decision, learned Weights) (*Live, error) {
	w, err := learned.unpack(e.w)
	if err != nil {
		return nil, err
	}
	r := e.compile(uniteRecords(records))
	r.model.w = w
	r.cluster(nil, decisions)
	return r.Live(), nil
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
	l.count(&p)
	for i := range p.mails {
		if m := p.mails[i]; m.shared > mailboxOwn {
			l.r.mailboxes[m.addr] = m.shared
		}
	}
	edges := l.candidates(&p, nobodyKnown)
	self := uint32(len(l.r.profiles))
	for _, e := range edges {
		if e.rivals > 0 {
			l.r.outdone[pairKey(e.a, self)] = e.rivals
		}
	}
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
	p.markMailboxes(l.mailboxesOf(&p), m.vocab)
	p.readHandles(m.use, m.vocab, m.dict)
	m.extend()
	p.addLabels(m.census, m.vocab)
	return p
}

// Candidates returns the evidence about a newcomer and everybody it may be,
// the likeliest first, down to the threshold for suggestions. The newcomer is
// not added. Its ID may be one that is known, which is then left out.
func (l *Live) Candidates(rec Record) []Explanation {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.compile(&rec)
	m := l.r.model
	var out []Explanation
	known, ok := l.r.find(rec.ID)
	if !ok {
		known = nobodyKnown
		defer l.count(&p)()
	}
	for _, e := range l.candidates(&p, known) {
		if m.probability(float64(e.raw)) < l.r.engine.cfg.Suggest {
			continue
		}
		v := m.judge(&l.r.profiles[e.a], &p)
		if e.rivals > 0 {
			v.add(trait{kind: KindRivals, weight: -float64(e.rivals)})
		}
		x := m.explain(&v)
		x.A, x.B = l.r.ids[e.a], rec.ID
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y Explanation) int {
		if x.Probability != y.Probability {
			return cmp.Compare(y.Probability, x.Probability)
		}
		return cmp.Compare(x.A, y.A)
	})
	return out
}

// Explain returns the evidence about two identities, as Result.Explain does.
func (l *Live) Explain(a, b string) (Explanation, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Explain(a, b)
}

// nobodyKnown is no record's number.
const nobodyKnown = math.MaxUint32

// candidates judges a newcomer against everyone who shares a key, but for the
// record that has its ID already, if there is one.
func (l *Live) candidates(p *profile, known uint32) []edge {
	r := l.r
	self := uint32(len(r.profiles))
	edges := l.meet(p, self, known)
	r.profiles = append(r.profiles, *p)
	off := make([]float32, len(edges))
	if p.best() < nameInitial {
		l.setAgainst(self, edges, -1, func(k uint32, w float32) { off[k] = w })
	}
	least := float32(r.model.weightOf(r.engine.cfg.Suggest))
	for i, e := range edges {
		if e.raw < least || r.profiles[e.a].best() >= nameInitial {
			continue
		}
		others := append([]edge{e}, l.meet(&r.profiles[e.a], e.a, known)...)
		l.setAgainst(e.a, others, 0, func(_ uint32, w float32) { off[i] = max(off[i], w) })
	}
	for i, w := range off {
		edges[i].takeOff(w)
	}
	r.profiles = r.profiles[:self]
	return edges
}

// meet judges a profile against everyone who shares a key, but for two.
func (l *Live) meet(p *profile, self, known uint32) []edge {
	m := l.r.model
	least := m.weightOf(l.r.engine.cfg.Suggest) - 3
	l.turn++
	var edges []edge
	see := func(rec uint32) {
		if l.stamp[rec] == l.turn || rec == self || rec == known {
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

// setAgainst sets the candidates of one record against each other; see rivals.
func (l *Live) setAgainst(rec uint32, edges []edge, only int, take func(k uint32, w float32)) {
	if len(edges) < 2 {
		return
	}
	list := make([]uint32, len(edges))
	for i := range list {
		list[i] = uint32(i)
	}
	r := l.r
	r.rivals(rec, list, edges, only, func(a, b uint32) float64 {
		v := r.model.judge(&r.profiles[a], &r.profiles[b])
		return r.model.probability(v.weight)
	}, take)
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
