// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"maps"
	"math"
	"slices"
)

// Bounds of learning. The shipped weights count as much as priorPairs pairs
// of one person that were looked at, so a small team hardly moves them.
const (
	learnSample   = 100_000 // pairs looked at, at most
	learnRounds   = 4
	priorPairs    = 400
	priorRecords  = 500 // the same for how many accounts people have
	decisionWorth = 4   // a decision counts as much as so many pairs

	offsetSpread = 0.7 // how far decisions move the calibration, in log odds
)

// tally counts, over pairs weighted by their probability, how often each
// level shows where it could have shown.
type tally struct {
	pairs   float64 // that are likelier one person than not
	name    [nameLevels]float64
	names   float64
	word    [formCount]float64
	words   float64
	handle  [handleLevels]float64
	derived [formCount]float64
	handles float64
	domain  float64
	domains float64
}

// answers are the decisions by pair of records, the latest for each.
type answers map[uint64]bool

func pairKey(a, b uint32) uint64 { return uint64(min(a, b))<<32 | uint64(max(a, b)) }

// answers looks up the records of decisions.
func (r *Result) answers(decisions []Decision) answers {
	out := answers{}
	for _, d := range sortDecisions(decisions) {
		a, okA := r.find(d.A)
		b, okB := r.find(d.B)
		if _, known := out[pairKey(a, b)]; okA && okB && a != b && !known {
			out[pairKey(a, b)] = d.Same
		}
	}
	return out
}

// learn re-estimates the m values by expectation maximization, without
// labels: judge pairs with the weights at hand, count how the pairs that are
// probably one person agree, and take those shares as the new weights.
// Decisions of people enter as pairs whose answer is known. The chances
// between strangers need no learning; they are counted (see census).
func (r *Result) learn(edges []edge, known answers) {
	sample := make([]uint64, 0, min(len(edges), learnSample)+len(known))
	keep := uint64(math.MaxUint64)
	if len(edges) > learnSample {
		keep = uint64(float64(math.MaxUint64) * (learnSample / float64(len(edges))))
	}
	for _, e := range edges {
		k := pairKey(e.a, e.b)
		if _, decided := known[k]; !decided && mix(k) <= keep {
			sample = append(sample, k)
		}
	}
	for k := range known {
		sample = append(sample, k)
	}
	slices.Sort(sample)
	shipped := r.model.w
	for range learnRounds {
		var t tally
		for _, k := range sample {
			a, b := &r.profiles[k>>32], &r.profiles[uint32(k)]
			v := r.model.judge(a, b)
			p := r.model.probability(v.weight)
			if same, ok := known[k]; ok {
				if p = 0; same {
					p = decisionWorth
				}
			}
			t.count(a, b, &v, p)
		}
		r.model.w = t.estimate(shipped)
		scale := float64(len(edges)+len(known)) / float64(max(1, len(sample)))
		r.model.w.duplicates = (shipped.duplicates*priorRecords + 2*t.pairs*scale) / (priorRecords + float64(len(r.profiles)))
	}
	r.calibrate(known)
}

// calibrate moves the offset of the calibration so that what people decided
// was as likely as was said, with the shipped offset as a prior of standard
// deviation offsetSpread (Newton's method on the log posterior).
func (r *Result) calibrate(known answers) {
	if len(known) == 0 {
		return
	}
	keys := slices.Sorted(maps.Keys(known))
	shipped := r.model.w.offset
	for range 8 {
		slope, curve := (shipped-r.model.w.offset)/(offsetSpread*offsetSpread), 1/(offsetSpread*offsetSpread)
		for _, k := range keys {
			v := r.model.judge(&r.profiles[k>>32], &r.profiles[uint32(k)])
			p := r.model.probability(v.weight)
			if known[k] {
				slope += 1 - p
			} else {
				slope -= p
			}
			curve += p * (1 - p)
		}
		r.model.w.offset += slope / curve
	}
}

// count adds one pair.
func (t *tally) count(a, b *profile, v *verdict, p float64) {
	if p < 0.01 || v.mailbox {
		return
	}
	if p > 0.5 {
		t.pairs += p
	}
	full := a.best() >= nameSplit && b.best() >= nameSplit
	word := !full && (a.best() >= nameWord && b.best() >= nameWord)
	if full {
		t.names += p
	}
	if word {
		t.words += p
	}
	if len(a.handles) > 0 && len(b.handles) > 0 && !v.address {
		t.handles += p
	}
	for _, x := range v.traits[:v.n] {
		switch {
		case x.kind == KindName && full:
			t.name[x.level] += p
		case x.kind == KindDerived && x.word && word:
			t.word[x.how] += p
		case x.kind == KindHandle && handleLevel(x.level) < handleLevels:
			t.handle[x.level] += p
		case x.kind == KindDerived && !x.word:
			t.derived[x.how] += p
		case x.kind == KindDomain:
			t.domain += p
		}
	}
	if a.ownDomain() && b.ownDomain() && !v.address {
		t.domains += p
	}
}

// ownDomain reports whether one of the addresses is not on an open service.
func (p *profile) ownDomain() bool {
	for i := range p.mails {
		if p.mails[i].domain != 0 && !p.mails[i].free {
			return true
		}
	}
	return false
}

// estimate moves the shipped weights towards the shares counted.
func (t *tally) estimate(shipped weights) weights {
	w := shipped
	blend := func(m, hits, chances float64) float64 {
		if m <= 0 {
			return m
		}
		return (m*priorPairs + hits) / (priorPairs + chances)
	}
	for l := nameExact; l <= nameMiddle; l++ {
		w.name[l] = blend(shipped.name[l], t.name[l], t.names)
	}
	for l := nameGiven; l < nameLevels; l++ {
		// Between strangers names nearly always differ, so the log odds of
		// a conflict are the share of it within one person.
		m := math.Exp(shipped.name[l])
		w.name[l] = math.Log(blend(m, t.name[l], t.names))
	}
	for f := formInitials; f < formCount; f++ {
		w.word[f] = blend(shipped.word[f], t.word[f], t.words)
		w.derived[f] = blend(shipped.derived[f], t.derived[f], t.handles)
	}
	for l := handleSimilar; l < handleLevels; l++ {
		w.handle[l] = blend(shipped.handle[l], t.handle[l], t.handles)
	}
	w.domain = blend(shipped.domain, t.domain, t.domains)
	return w
}
