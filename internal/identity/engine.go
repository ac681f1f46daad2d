// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Config sets what the engine may decide alone. The zero value is the
// shipped one.
type Config struct {
	// Auto is the least probability at which two identities are merged
	// without asking; 0 means DefaultAuto.
	Auto float64
	// Suggest is the least probability at which a pair is shown to a person;
	// 0 means DefaultSuggest.
	Suggest float64
	// Fixed keeps the shipped weights instead of learning from the records.
	Fixed bool
	// Workers is how many goroutines compare at a time; 0 means one for each
	// processor. The result does not depend on it.
	Workers int
}

// The shipped thresholds.
const (
	DefaultAuto    = 0.9
	DefaultSuggest = 0.1
)

// Engine resolves identities. It holds only configuration and words, never
// records, and may be used by several goroutines at once.
type Engine struct {
	cfg  Config
	dict *dictionary
	w    weights
}

// New returns an engine, or an error that names the setting that is off.
func New(cfg Config) (*Engine, error) {
	if cfg.Auto == 0 {
		cfg.Auto = DefaultAuto
	}
	if cfg.Suggest == 0 {
		cfg.Suggest = min(DefaultSuggest, cfg.Auto)
	}
	if cfg.Workers == 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if !(cfg.Auto > 0 && cfg.Auto < 1) {
		return nil, fmt.Errorf("identity: threshold for merging is %v, want between 0 and 1", cfg.Auto)
	}
	if !(cfg.Suggest > 0 && cfg.Suggest <= cfg.Auto) {
		return nil, fmt.Errorf("identity: threshold for suggesting is %v, want between 0 and %v", cfg.Suggest, cfg.Auto)
	}
	if cfg.Workers < 0 {
		return nil, fmt.Errorf("identity: %d workers, want 0 or more", cfg.Workers)
	}
	return &Engine{cfg: cfg, dict: newDictionary(), w: shippedWeights()}, nil
}

// Merge is a join of two clusters and the pair of identities that led to it.
type Merge struct {
	A, B        string
	Probability float64 // calibrated, after objections of other members
	Decided     bool    // by a Decision, not by the engine
}

// Suggestion is a pair of identities, of two clusters, for a person to judge.
// Its probability takes in what the rest of both clusters says, which that of
// Explain does not.
type Suggestion struct {
	A, B        string
	Probability float64
}

// Result is who is who at one moment. It answers questions about the records
// it was made of, from several goroutines if need be, and is not changed by
// later ones.
type Result struct {
	// Clusters lists every identity once, each cluster sorted, clusters in
	// order of their first identity.
	Clusters [][]string
	// Merges lists the joins in the order in which they were made.
	Merges []Merge
	// ExpectedWrong is how many of the engine's own merges are expected to be
	// wrong, by their probabilities.
	ExpectedWrong float64
	// Suggestions lists the pairs below the threshold for merging, the
	// likeliest first, at most one for two clusters.
	Suggestions []Suggestion

	engine    *Engine
	model     *model
	profiles  []profile
	ids       []string          // sorted but for the late ones
	late      map[string]uint32 // those that Live added
	mailboxes map[uint64]mailbox
	forest    *forest
	outdone   map[uint64]float32 // what rivals take off pairs
}

// Resolve decides who is who among the records. The result depends on the
// set of records and decisions alone: order and repetition make no
// difference. Decisions about unknown identities are ignored.
func (e *Engine) Resolve(records []Record, decisions []Decision) *Result {
	r := e.compile(uniteRecords(records))
	edges := r.compareAll(r.sharedKeys(e.cfg.Workers))
	if !e.cfg.Fixed {
		r.learn(edges, r.answers(decisions))
		r.rejudge(edges)
	}
	r.weighRivals(edges)
	r.cluster(edges, decisions)
	return r
}

// compile turns records into a model and profiles.
func (e *Engine) compile(records []*Record) *Result {
	r := &Result{engine: e, outdone: map[uint64]float32{}, profiles: make([]profile, len(records)), ids: make([]string, len(records))}
	v := newVocab(len(records) * 2)
	var scratch profile
	var kept pool
	var texts arena
	at := 0
	e.parseAll(records, func(raws []rawProfile) {
		for _, raw := range raws {
			scratch = compile(records[at], raw, v, e.dict, &scratch)
			r.profiles[at] = scratch
			kept.keep(&r.profiles[at])
			r.ids[at] = texts.keep(records[at].ID)
			at++
		}
	})
	r.mailboxes = findMailboxes(r.profiles, v)
	use := readHandles(r.profiles, v, e.dict)
	c := takeCensus(r.profiles, v)
	r.model = newModel(e.w, v, e.dict, c)
	r.model.use = use
	return r
}

// parseAll parses records on all workers but one and hands them on in order,
// a batch at a time.
func (e *Engine) parseAll(records []*Record, f func([]rawProfile)) {
	const batch = 4096
	parse := func(each func([]rawProfile)) {
		for start := 0; start < len(records); start += batch {
			part := records[start:min(start+batch, len(records))]
			raws := make([]rawProfile, len(part))
			parallel(len(part), e.cfg.Workers-1, func(_, i int) { raws[i] = e.dict.parse(part[i]) })
			each(raws)
		}
	}
	if e.cfg.Workers == 1 { // in the caller's goroutine, which may be bound to a thread of low priority
		parse(f)
		return
	}
	parsed := make(chan []rawProfile)
	go func() {
		defer close(parsed)
		parse(func(raws []rawProfile) { parsed <- raws })
	}()
	for raws := range parsed {
		f(raws)
	}
}

// parallel calls f for 0 to n-1 on a few goroutines, with the worker's
// number; which worker takes which index is not fixed.
func parallel(n, workers int, f func(worker, i int)) { parallelBy(64, n, workers, f) }

// parallelBy is parallel with so many at a time.
func parallelBy(step, n, workers int, f func(worker, i int)) {
	if workers <= 1 || n < 4*step {
		for i := range n {
			f(0, i)
		}
		return
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for w := range workers {
		wg.Go(func() {
			for {
				mu.Lock()
				lo := next
				next += step
				mu.Unlock()
				if lo >= n {
					return
				}
				for i := lo; i < min(lo+step, n); i++ {
					f(w, i)
				}
			}
		})
	}
	wg.Wait()
}

// compareAll judges every pair that shares a block and returns those that
// might be suggested or more.
func (r *Result) compareAll(blocks *blockList) []edge {
	cfg := r.engine.cfg
	member := blocks.invert(len(r.profiles))
	least := r.model.weightOf(cfg.Suggest) - 3
	n := len(r.profiles)
	workers := max(1, cfg.Workers)
	seen := make([][]uint32, workers)
	found := make([][]edge, workers)
	for w := range seen {
		seen[w] = make([]uint32, n)
	}
	parallel(n, workers, func(w, i int) {
		a, seen := &r.profiles[i], seen[w]
		for _, k := range member.of(i) {
			for _, other := range blocks.of(k>>1, k&1 != 0) {
				if seen[other] == uint32(i)+1 || int(other) == i {
					continue
				}
				seen[other] = uint32(i) + 1
				if int(other) < i {
					continue
				}
				v := r.model.judge(a, &r.profiles[other])
				if v.weight >= least {
					found[w] = append(found[w], newEdge(uint32(i), other, &v))
				}
			}
		}
	})
	return slices.Concat(found...)
}

// rejudge weighs edges again after the weights have moved.
func (r *Result) rejudge(edges []edge) {
	parallel(len(edges), r.engine.cfg.Workers, func(_, i int) {
		e := &edges[i]
		v := r.model.judge(&r.profiles[e.a], &r.profiles[e.b])
		*e = newEdge(e.a, e.b, &v)
	})
}

// weightOf is the weight at which the probability is p.
func (m *model) weightOf(p float64) float64 {
	return (math.Log(p/(1-p)) - m.w.offset) / m.w.slope
}

// cluster applies decisions and edges.
func (r *Result) cluster(edges []edge, decisions []Decision) {
	cfg := r.engine.cfg
	r.forest = newForest(r.profiles)
	r.forest.decide(decisions, r.find)
	for root, members := range r.forest.members {
		for _, m := range members {
			if m != root {
				r.Merges = append(r.Merges, Merge{A: r.ids[root], B: r.ids[m], Probability: 1, Decided: true})
			}
		}
	}
	slices.SortFunc(r.Merges, func(a, b Merge) int {
		if a.A != b.A {
			return strings.Compare(a.A, b.A)
		}
		return strings.Compare(a.B, b.B)
	})
	merged := func(e edge) {
		p := r.model.probability(float64(e.weight))
		r.Merges = append(r.Merges, Merge{A: r.ids[e.a], B: r.ids[e.b], Probability: p})
		r.ExpectedWrong += 1 - p
	}
	threshold := r.model.weightOf(cfg.Auto)
	left := r.forest.grow(r.model, edges, threshold, merged)
	for range rounds {
		again := r.reconsider(left)
		before := len(r.Merges)
		left = r.forest.grow(r.model, again, threshold, merged)
		if len(r.Merges) == before {
			break
		}
	}
	r.Suggestions = r.suggestions(left)
	r.collect()
}

// rounds bounds how often whole clusters are compared again.
const rounds = 3

// reconsider judges edges between clusters again with all that is known of
// both clusters: one identity may share the name and another the handle.
func (r *Result) reconsider(left []edge) []edge {
	out := make([]edge, 0, len(left))
	for _, e := range left {
		if r.forest.root(e.a) != r.forest.root(e.b) {
			out = append(out, e)
		}
	}
	parallel(len(out), r.engine.cfg.Workers, func(_, i int) {
		e := &out[i]
		a, b := r.forest.top(e.a), r.forest.top(e.b)
		if len(r.forest.of(a)) == 1 && len(r.forest.of(b)) == 1 {
			return
		}
		v := r.model.judge(r.forest.profile(a), r.forest.profile(b))
		v.weight -= float64(e.rivals)
		if float32(v.weight) > e.raw {
			rivals := e.rivals
			*e = newEdge(e.a, e.b, &v)
			e.rivals = rivals
		}
	})
	return out
}

// suggestions keeps the best remaining edge of each two clusters.
func (r *Result) suggestions(left []edge) []Suggestion {
	slices.SortFunc(left, edge.before)
	var out []Suggestion
	seen := map[uint64]bool{}
	for _, e := range left {
		p := r.stated(e)
		if p < r.engine.cfg.Suggest {
			break // the strongest come first
		}
		a, b := r.forest.root(e.a), r.forest.root(e.b)
		key := uint64(min(a, b))<<32 | uint64(max(a, b))
		if a == b || seen[key] || r.forest.separated(a, b) {
			continue
		}
		seen[key] = true
		out = append(out, Suggestion{A: r.ids[e.a], B: r.ids[e.b], Probability: p})
	}
	slices.SortStableFunc(out, func(x, y Suggestion) int { return cmp.Compare(y.Probability, x.Probability) })
	return out
}

// stated is the probability that is stated of an edge which nobody joined by. Below the threshold for joining, the pairs
// that are left over are right less often than their weight says: what joins is gone from among them. What is joined does
// not depend on it.
func (r *Result) stated(e edge) float64 {
	p := r.model.probability(float64(e.weight))
	if p >= r.engine.cfg.Auto {
		return p
	}
	return min(sigmoid(leftSlope*r.model.logOdds(float64(e.weight))+leftOffset), leftMost*r.engine.cfg.Auto)
}

// collect lists the clusters.
func (r *Result) collect() {
	at := make([]int32, len(r.ids))
	for i := range r.ids {
		root := r.forest.root(uint32(i))
		if root == uint32(i) {
			r.Clusters = append(r.Clusters, nil)
			at[i] = int32(len(r.Clusters) - 1)
		}
		k := at[root]
		r.Clusters[k] = append(r.Clusters[k], r.ids[i])
	}
}

// find returns the number of a record by its ID.
func (r *Result) find(id string) (uint32, bool) {
	sorted := r.ids[:len(r.ids)-len(r.late)]
	if i := sort.SearchStrings(sorted, id); i < len(sorted) && sorted[i] == id {
		return uint32(i), true
	}
	i, ok := r.late[id]
	return i, ok
}
