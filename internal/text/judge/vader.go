// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"math"

	"greenroom/internal/text/prose"
)

// The VADER algorithm (Hutto and Gilbert, 2014): words have a valence from a lexicon that people rated; words before them
// strengthen, weaken or turn it round; capitals and exclamation marks add to it; what stands after "but" counts more than
// what stands before. Its lexicon (MIT license) is put into the artifact when that is trained; the constants below are
// those of the paper.
const (
	boost           = 0.293
	capitals        = 0.733
	negationScalar  = -0.74
	butBefore       = 0.5
	butAfter        = 1.5
	exclamation     = 0.292
	normalizerAlpha = 15
)

// boosters strengthen (1) or weaken (-1) the word that follows.
var boosters = map[string]int8{
	"absolutely": 1, "amazingly": 1, "awfully": 1, "completely": 1, "considerably": 1, "decidedly": 1, "deeply": 1,
	"effing": 1, "enormously": 1, "entirely": 1, "especially": 1, "exceptionally": 1, "extremely": 1, "fabulously": 1,
	"fucking": 1, "fully": 1, "greatly": 1, "highly": 1, "hugely": 1, "incredibly": 1, "insanely": 1, "intensely": 1,
	"majorly": 1, "more": 1, "most": 1, "particularly": 1, "purely": 1, "quite": 1, "really": 1, "remarkably": 1, "so": 1,
	"substantially": 1, "super": 1, "thoroughly": 1, "totally": 1, "tremendously": 1, "unbelievably": 1, "unusually": 1,
	"utterly": 1, "very": 1, "too": 1, "freaking": 1, "friggin": 1, "damn": 1, "such": 1,
	"almost": -1, "barely": -1, "hardly": -1, "kinda": -1, "less": -1, "little": -1, "marginally": -1, "occasionally": -1,
	"partly": -1, "scarcely": -1, "slightly": -1, "somewhat": -1, "sorta": -1,
}

// negations turn round what follows.
var negations = []string{
	"aint", "ain't", "arent", "aren't", "cannot", "cant", "can't", "couldnt", "couldn't", "didnt", "didn't", "doesnt",
	"doesn't", "dont", "don't", "hadnt", "hadn't", "hasnt", "hasn't", "havent", "haven't", "isnt", "isn't", "mustn't",
	"neither", "never", "no", "none", "nope", "nor", "not", "nothing", "nowhere", "shouldnt", "shouldn't", "wasnt", "wasn't",
	"werent", "weren't", "without", "wont", "won't", "wouldnt", "wouldn't", "rarely", "seldom", "despite", "nobody",
	"hardly", "unable", "lacks", "lack", "lacking",
}

// words holds the words that the judge treats by themselves, by hash.
type words struct {
	booster  map[uint64]int8
	negation map[uint64]bool
	but      uint64
	declares map[uint64]int
}

func newWords() *words {
	w := &words{booster: map[uint64]int8{}, negation: map[uint64]bool{}, but: hashText(prose.Word, "but")}
	for s, v := range boosters {
		w.booster[hashText(prose.Word, s)] = v
	}
	w.declares = declarations()
	for _, s := range negations {
		w.negation[hashText(prose.Word, s)] = true
	}
	return w
}

// mood is what VADER says of a message.
type mood struct {
	compound float64 // -1 to 1
	positive float64 // sum of the valences that are
	negative float64 // likewise, below 0
	last     float64 // of the last sentence that has any
	hits     int
}

// felt gathers valences while the tokens of a message are read.
type felt struct {
	valences []float64
	back     [3]token // the words before, the nearest first
	buts     int      // where the last "but" stands among the valences; -1 = none
	marks    int
	shouted  bool // some words are capitals and others are not
	sentence float64
	last     float64
}

// token is a word that went before.
type token struct {
	hash uint64
	caps bool
	any  bool
}

func (f *felt) start(shouted bool) {
	*f = felt{valences: f.valences[:0], buts: -1, shouted: shouted}
}

// word takes the next word and its valence, 0 if it has none.
func (f *felt) word(w *words, h uint64, caps bool, valence float64) {
	if h == w.but {
		f.buts = len(f.valences)
	}
	if valence != 0 && w.booster[h] == 0 {
		f.valences = append(f.valences, f.colored(w, caps, valence))
		f.sentence += f.valences[len(f.valences)-1]
	}
	f.back[2], f.back[1] = f.back[1], f.back[0]
	f.back[0] = token{h, caps, true}
}

// colored is a valence as the words before it have it.
func (f *felt) colored(w *words, caps bool, valence float64) float64 {
	if caps && f.shouted {
		valence += math.Copysign(capitals, valence)
	}
	for i, t := range f.back {
		if !t.any {
			break
		}
		if b := w.booster[t.hash]; b != 0 {
			s := boost * float64(b)
			if t.caps && f.shouted {
				s += math.Copysign(capitals, s)
			}
			valence += math.Copysign(s, valence) * float64(b) * (1 - 0.05*float64(i))
		}
		if w.negation[t.hash] {
			valence *= negationScalar
		}
	}
	return valence
}

// stop ends a sentence: what is negated or strengthened does not reach over it.
func (f *felt) stop() {
	if f.sentence != 0 {
		f.last = f.sentence
	}
	f.sentence = 0
	f.back = [3]token{}
}

// sum is the mood of all that was taken.
func (f *felt) sum() mood {
	f.stop()
	var m mood
	var total float64
	for i, v := range f.valences {
		if f.buts >= 0 {
			if i < f.buts {
				v *= butBefore
			} else {
				v *= butAfter
			}
		}
		total += v
		if v > 0 {
			m.positive += v
		} else {
			m.negative += v
		}
		m.hits++
	}
	if total != 0 {
		total += math.Copysign(float64(min(f.marks, 4))*exclamation, total)
	}
	m.compound = total / math.Sqrt(total*total+normalizerAlpha)
	m.last = f.last / math.Sqrt(f.last*f.last+normalizerAlpha)
	return m
}
