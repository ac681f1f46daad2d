// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"math"
	"slices"
	"strings"
)

// Options say how topics are found. The zero value is what suits most.
type Options struct {
	Topics int // how many; 0 = as many as the messages show
	Most   int // at most so many where the messages decide; 0 = 60
	Sample int // how many messages are looked at, evenly picked; 0 = 40,000
}

// The measures of fitting. They were found on titles of 20 tags of Stack Overflow, see docs/topics.md.
const (
	defaultMost   = 60
	defaultSample = 40_000
	choosing      = 5000 // messages by which the number of topics is chosen
	maxShare      = 0.2  // of the messages; a term that stands in more is about nothing
	perDirection  = 1.4  // topics for each direction
	focusRounds   = 2
	meansRounds   = 25
	restarts      = 6
	warmBonus     = 0.03 // by how much a grouping from nothing has to be better than the one that is there
	leastMessages = 12   // fewer show no topics
	leastSize     = 4    // messages; what is said less often is no topic
)

// Topic is one topic of a model.
type Topic struct {
	ID    int64
	Name  string
	Terms []Term // what it is called by, the most telling first
	Size  int    // messages of the sample
}

// Term is a word or a pair of words of a topic.
type Term struct {
	Text   string  // as members write it
	Folded string  // in lower case, without a plural's s
	Weight float64 // how telling it is: class-based TF-IDF
}

// Model knows topics, and which one a message is about. It does not change; it is safe for concurrent use through
// Readers of one goroutine each.
type Model struct {
	Topics []Topic
	NextID int64   // the number that the next new topic gets
	Fit    float64 // the simplified silhouette of the sample: -1 to 1

	v       *vocabulary
	turn    *dense // terms × directions: what a term adds, weight and focus included
	centers *dense // a row for each topic, of length 1
}

// Fit finds topics in messages. Where there are too few messages, or they share too few words, it has no topics.
func Fit(docs []string, o Options) *Model { return Refit(nil, docs, o) }

// Refit finds topics in messages again and keeps the numbers and names of those that were there before.
func Refit(before *Model, docs []string, o Options) *Model {
	docs = pick(once(docs), orDefault(o.Sample, defaultSample))
	next := int64(1)
	if before != nil {
		next = before.NextID
	}
	m := &Model{NextID: next, v: learn(docs)}
	if len(docs) < leastMessages || len(m.v.name) < 4 {
		m.v, m.turn, m.centers = newVocabulary(nil, 0), newDense(0, 1), newDense(0, 1)
		return m
	}
	a := m.v.matrix(docs)
	dims, k := chosen(a, o)
	best := fitted(a, dims, k, nil)
	if before != nil && len(before.Topics) > 0 && o.Topics == 0 {
		if warm := fitted(a, min(dims, a.terms), len(before.Topics), before.groups(docs)); warm.fit+warmBonus >= best.fit {
			best = warm
		}
	}
	m.turn, m.centers, m.Fit = best.turn, best.spread.centers, best.fit
	groups := best.spread.group
	m.dropSmall(groups)
	m.describe(docs, groups)
	m.number(before)
	return m
}

func orDefault(n, d int) int {
	if n > 0 {
		return n
	}
	return d
}

// once leaves out what was said before in the same words: a template is no topic.
func once(docs []string) []string {
	seen := make(map[string]bool, len(docs))
	out := make([]string, 0, len(docs))
	for _, d := range docs {
		if d = strings.TrimSpace(d); !seen[d] {
			seen[d] = true
			out = append(out, d)
		}
	}
	return out
}

// pick takes n of the messages, evenly.
func pick(docs []string, n int) []string {
	if len(docs) <= n {
		return docs
	}
	out := make([]string, n)
	for i := range out {
		out[i] = docs[i*len(docs)/n]
	}
	return out
}

// matrix has a row of TF-IDF weights for each message.
func (v *vocabulary) matrix(docs []string) *sparse {
	c := v.counter()
	a := &sparse{start: make([]int32, 1, len(docs)+1), terms: len(v.name)}
	for _, d := range docs {
		a.term = append(a.term, c.count(d)...)
		a.value = c.weigh(a.value)
		a.start = append(a.start, int32(len(a.term)))
	}
	return a
}

// fitting is one fit of a matrix.
type fitting struct {
	turn   *dense
	spread *spread
	fit    float64
}

// fitted groups rows: from nothing, or from the groups that are given.
func fitted(a *sparse, dims, k int, groups []int32) *fitting {
	f := &fitting{}
	b, weight := a, ones(a.terms)
	for round := range focusRounds + 1 {
		if groups != nil {
			weight = focus(a, groups, k)
			b = a.weighed(weight)
		}
		v := reduce(b, dims, 1)
		x := b.project(v)
		if groups == nil || round > 0 {
			f.spread = bestOf(x, k)
		} else {
			f.spread = from(x, k, groups)
		}
		groups = f.spread.group
		for t, w := range weight {
			for j := range v.row(t) {
				v.row(t)[j] *= w
			}
		}
		f.turn, f.fit = v, f.spread.silhouette(x)
	}
	return f
}

func ones(n int) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// bestOf is the best of several groupings.
func bestOf(x *dense, k int) *spread {
	var best *spread
	for seed := range restarts {
		if s := kmeans(x, seedCenters(x, k, uint64(seed)), meansRounds); best == nil || s.fit > best.fit {
			best = s
		}
	}
	return best
}

// from goes on from groups that are there. A group without rows begins where a dice says.
func from(x *dense, k int, groups []int32) *spread {
	s := &spread{centers: seedCenters(x, k, 1), group: groups}
	s.center(x)
	return kmeans(x, s.centers, meansRounds)
}

// weighed is the matrix with its columns weighed, and its rows of length 1 again.
func (a *sparse) weighed(weight []float32) *sparse {
	b := &sparse{start: a.start, term: a.term, terms: a.terms, value: slices.Clone(a.value)}
	for i := range b.rows() {
		terms, values := b.row(i)
		for k, t := range terms {
			values[k] *= weight[t]
		}
		unit(values)
	}
	return b
}

// project gives the rows' directions.
func (a *sparse) project(v *dense) *dense {
	x := newDense(a.rows(), v.w)
	a.times(v, x)
	for i := range x.rows() {
		unit(x.row(i))
	}
	return x
}

// focus says for each term how few groups it stands in: 0 = it is spread as all words are, 1 = it stands in one only. It
// is the divergence of the term's groups from all words' groups, and a term that is rare is taken to be spread.
func focus(a *sparse, groups []int32, k int) []float32 {
	const prior = 2
	n := newDense(a.terms, k)
	share := make([]float64, k)
	total := 0.0
	for i, g := range groups {
		if g < 0 {
			continue
		}
		terms, _ := a.row(i)
		for _, t := range terms {
			n.row(int(t))[g]++
		}
		share[g] += float64(len(terms))
		total += float64(len(terms))
	}
	weight := make([]float32, a.terms)
	for t := range weight {
		sum := 0.0
		for _, x := range n.row(t) {
			sum += float64(x)
		}
		far := 0.0
		for g, x := range n.row(t) {
			q := share[g] / max(total, 1)
			if p := (float64(x) + prior*q) / (sum + prior); p > 0 && q > 0 {
				far += p * math.Log(p/q)
			}
		}
		weight[t] = float32(max(far, 0) / math.Log(float64(max(k, 2))))
	}
	return weight
}

// chosen says in how many directions to look, and how many topics there are: the number of directions in which groups stand
// apart best is looked for roughly first, and then around it with words weighed, as the fit itself will do.
func chosen(a *sparse, o Options) (dims, k int) {
	if o.Topics > 0 {
		k = max(1, min(o.Topics, a.rows()))
		return max(1, min(int(math.Round(float64(k)/perDirection)), a.terms, a.rows())), k
	}
	most := min(orDefault(o.Most, defaultMost), max(2, min(a.rows()/6, a.terms/2)))
	groups := func(d int) int { return max(1, min(int(math.Round(float64(d)*perDirection)), most)) }
	part := a.sample(choosing)
	best, rough := -2.0, leastDirections(a.rows())
	for d := rough; float64(d)*perDirection <= float64(most); d = max(d+1, d*6/5) {
		v := reduce(part, d, 1)
		x := part.project(v)
		if fit := bestOf(x, groups(d)).silhouette(x); fit > best {
			best, rough = fit, d
		}
	}
	best, dims = -2.0, rough
	for _, d := range slices.Compact([]int{max(2, rough*6/7), rough, max(rough, rough*8/7), max(rough, rough*5/4)}) {
		if f := fitted(part, d, groups(d), nil); f.fit > best {
			best, dims = f.fit, d
		}
	}
	return dims, groups(dims)
}

// leastDirections is where looking begins. Two or three directions always look well apart, because they hold so little of
// what is said; a community that says much is about more than that.
func leastDirections(messages int) int {
	switch {
	case messages >= 500:
		return 8
	case messages >= 100:
		return 5
	default:
		return 2
	}
}

// sample takes n of the rows, evenly.
func (a *sparse) sample(n int) *sparse {
	if a.rows() <= n {
		return a
	}
	b := &sparse{start: []int32{0}, terms: a.terms}
	for i := range n {
		terms, values := a.row(i * a.rows() / n)
		b.term, b.value = append(b.term, terms...), append(b.value, values...)
		b.start = append(b.start, int32(len(b.term)))
	}
	return b
}

// dropSmall takes groups that hardly anything is in out of the model, and numbers the others anew.
func (m *Model) dropSmall(groups []int32) {
	n := make([]int, m.centers.rows())
	for _, g := range groups {
		if g >= 0 {
			n[g]++
		}
	}
	to := make([]int32, len(n))
	kept := newDense(0, m.centers.w)
	for g := range n {
		to[g] = -1
		if n[g] >= leastSize {
			to[g] = int32(len(m.Topics))
			m.Topics = append(m.Topics, Topic{Size: n[g]})
			kept.data = append(kept.data, m.centers.row(g)...)
		}
	}
	m.centers = kept
	for i, g := range groups {
		if g >= 0 {
			groups[i] = to[g]
		}
	}
}
