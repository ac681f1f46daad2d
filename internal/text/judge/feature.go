// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"math"

	"greenroom/internal/text"
	"greenroom/internal/text/prose"
)

// feature is something that a message has, and how much of it.
type feature struct {
	hash  uint64
	value float32
}

// reader turns messages into features. It keeps its buffers, and is not safe for concurrent use.
type reader struct {
	words *words
	cues  *cues
	forms *forms
	moods *lexicon

	prose  prose.Reader
	felt   felt
	hashes []uint64 // of the tokens, Break and others included
	feats  []feature
	seen   hashSet
	counts counted                      // of a ticket's body
	note   func(h uint64, is [3]uint64) // training keeps names by it; nil otherwise

	found     [cueEnd]uint16 // how often each cue was found
	lead      [cueEnd]bool   // found in the first sentence or the title
	mood      mood
	count     int // words
	content   int // words, emoji and emoticons
	questions int // question marks
	shouts    bool
}

// fullWords is how many words of a message are features; of what stands further down only cues count.
const fullWords = 400

// Features per word are scaled so that a long message does not outweigh its cues.
func scaleOf(words int) float32 { return float32(1 / math.Sqrt(1+float64(words)/12)) }

// read sets feats, found, lead and mood for a message.
func (r *reader) read(msg text.Message) {
	tokens := r.prose.Read(msg.Title, msg.Body)
	r.feats, r.hashes = r.feats[:0], r.hashes[:0]
	r.found, r.lead = [cueEnd]uint16{}, [cueEnd]bool{}
	r.seen.reset(len(tokens)*9 + 4*int(cueEnd) + 64)
	caps, words := 0, 0
	r.content = 0
	for i := range tokens {
		t := &tokens[i]
		if hasContent(t.Kind) {
			r.content++
		}
		switch t.Kind {
		case prose.Word:
			words++
			if t.Caps {
				caps++
			}
			r.hashes = append(r.hashes, hashText(t.Kind, t.Lower))
		case prose.Mark, prose.Emoji, prose.Emoticon:
			r.hashes = append(r.hashes, hashText(t.Kind, t.Lower))
		default:
			r.hashes = append(r.hashes, hashText(t.Kind, "")) // what it is, not which
		}
	}
	r.count = words
	r.felt.start(caps > 0 && caps < words)
	r.wordFeatures(tokens, scaleOf(words))
	r.mood = r.felt.sum()
	r.cueFeatures()
	r.shapeFeatures(tokens, msg, caps)
	r.moodFeatures()
}

// put adds a feature once.
func (r *reader) put(salt, a, b uint64, value float32) {
	h := join(salt, a, b)
	if !r.seen.add(h) {
		return
	}
	r.feats = append(r.feats, feature{h, value})
	if r.note != nil {
		r.note(h, [3]uint64{salt, a, b})
	}
}

// wordFeatures walks the tokens once: words alone and in pairs, at the edges, negated, in the first sentence; their
// valences; and the cues that begin at each.
func (r *reader) wordFeatures(tokens []prose.Token, scale float32) {
	var prev, prev2, first, last uint64
	negated, sentence, n := 0, 0, 0
	lead := true
	declared := declaration{words: r.words}
	for i := range tokens {
		t, h := &tokens[i], r.hashes[i]
		if t.Kind == prose.Break {
			if prev != 0 {
				r.put(saltPair, prev, h, scale/2)
			}
			prev, prev2, negated, first = 0, 0, 0, 0
			r.felt.stop()
			if sentence > 0 && (!t.Title || n > 2) {
				lead = false
			}
			sentence = 0
			continue
		}
		inLead := lead || t.Title
		if d := declared.next(t, h); d > 0 {
			r.shape(shapeDeclared, uint64(d), 1)
		}
		r.cues.match(r.hashes[i:], func(c cue) {
			r.found[c]++
			if inLead {
				r.lead[c] = true
			}
			if first == 0 {
				r.put(saltCueFirst, uint64(c), 0, 0.7)
			}
		})
		if hasContent(t.Kind) {
			r.felt.word(r.words, h, t.Caps, r.moods.valence(h))
		}
		if t.Kind == prose.Mark && t.Lower == "!" {
			r.felt.marks += int(t.Run)
		}
		sentence++
		if n++; n > fullWords {
			prev2, prev, first = prev, h, h
			continue
		}
		r.put(saltWord, h, 0, scale)
		if prev != 0 {
			r.put(saltPair, prev, h, scale)
		} else {
			r.put(saltFirst, h, 0, scale)
		}
		if prev2 != 0 {
			r.put(saltSkip, prev2, h, scale/2)
		}
		if first == prev && prev != 0 && prev2 == 0 {
			r.put(saltFirstPair, prev, h, scale)
		}
		if t.Kind == prose.Word {
			if stem := stemOf(t.Lower); len(stem) < len(t.Lower) {
				r.put(saltStem, hashText(t.Kind, stem), 0, scale)
			}
			if negated > 0 {
				r.put(saltNegated, h, 0, scale)
				negated--
			}
			if r.words.negation[h] {
				negated = 3
			}
		}
		if inLead && n <= 40 {
			r.put(saltLead, h, 0, scale)
		}
		if first == 0 {
			first = h
		}
		prev2, prev, last = prev, h, h
	}
	if last != 0 {
		r.put(saltLast, last, 0, scale)
	}
}

// cueFeatures adds what cues were found.
func (r *reader) cueFeatures() {
	for c, n := range r.found {
		if n == 0 {
			continue
		}
		r.put(saltCue, uint64(c), 0, 1)
		if n > 1 {
			r.put(saltCue, uint64(c), 2, 0.7)
		}
		if r.lead[c] {
			r.put(saltCueLead, uint64(c), 0, 0.8)
		}
	}
}

// Shapes, by number; never renumber, add at the end, since trained models know them.
const (
	shapeLength = iota
	shapeQuestion
	shapeAsks
	shapeExclaim
	shapeBlock
	shapeLink
	shapeImage
	shapeMention
	shapeMentionFirst
	shapeCaps
	shapeReply
	shapeTitle
	shapeSentences
	shapeQuestionLast
	shapeQuestionLead
	shapeVersion
	shapeAddressed
	shapeHeadings
	shapeNames
	shapeNumbers
	shapeNoFault
	shapeQuestionShare
	shapeDeclared
)

func (r *reader) shape(kind int, value uint64, v float32) { r.put(saltShape, uint64(kind), value, v) }

// shapeFeatures adds what a message looks like.
func (r *reader) shapeFeatures(tokens []prose.Token, msg text.Message, caps int) {
	var count [prose.Break + 1]int
	questions, exclaims, sentences, titled := 0, 0, 0, 0
	questionLead := false
	lastMark := ""
	for i := range tokens {
		t := &tokens[i]
		count[t.Kind]++
		switch t.Kind {
		case prose.Break:
			sentences++
		case prose.Mark:
			switch t.Lower {
			case "?":
				if questions++; sentences == 0 || t.Title {
					questionLead = true
				}
			case "!":
				exclaims++
			}
		default:
		}
		if t.Kind != prose.Break {
			if lastMark = ""; t.Kind == prose.Mark {
				lastMark = t.Lower
			}
		}
		if t.Title && t.Kind == prose.Break {
			titled++
		}
	}
	r.questions = questions
	r.shouts = caps >= 3 && 2*caps > r.count
	r.shape(shapeLength, uint64(bucket(r.count)), 1)
	r.shape(shapeSentences, uint64(bucket(sentences)), 0.7)
	if questions > 0 {
		r.shape(shapeQuestion, uint64(min(questions, 3)), 1)
		r.shape(shapeQuestionShare, uint64(4*questions/max(sentences, 1)), 1)
		if questionLead {
			r.shape(shapeQuestionLead, 0, 1)
		}
		if lastMark == "?" {
			r.shape(shapeQuestionLast, 0, 1)
		}
	}
	if exclaims > 0 {
		r.shape(shapeExclaim, uint64(min(exclaims, 3)), 1)
	}
	for _, s := range [...]struct {
		shape int
		n     int
	}{
		{shapeBlock, count[prose.Block] + count[prose.Quote]},
		{shapeLink, count[prose.Link]},
		{shapeImage, count[prose.Image]},
		{shapeMention, count[prose.Mention]},
		{shapeVersion, count[prose.Version]},
		{shapeHeadings, titled},
		{shapeNames, count[prose.Name] + count[prose.Code]},
		{shapeNumbers, count[prose.Number]},
	} {
		if s.n > 0 {
			r.shape(s.shape, uint64(bucket(s.n)), 0.7)
		}
	}
	if len(tokens) > 1 && tokens[0].Kind == prose.Mention {
		r.shape(shapeMentionFirst, 0, 1)
	}
	if len(tokens) > 2 && tokens[1].Kind == prose.Mark && tokens[1].Lower == ":" && (tokens[0].Kind == prose.Word || tokens[0].Kind == prose.Name) {
		r.shape(shapeAddressed, 0, 0.7)
	}
	if tag := max(r.words.tagged(msg.Title), r.words.tagged(msg.Body)); tag > declareNone {
		r.shape(shapeDeclared, uint64(tag), 1)
	}
	if caps > 1 {
		r.shape(shapeCaps, uint64(4*caps/max(r.count, 1)), 0.7)
	}
	if r.found[cueFault] == 0 && r.found[cueFaultWord] == 0 {
		r.shape(shapeNoFault, 0, 0.7)
	}
}

// bucket is 0, 1, 2, 3, and then a number for each half of an octave.
func bucket(n int) int {
	if n <= 3 {
		return n
	}
	return int(2*math.Log2(float64(n))) + 1
}

// moodFeatures adds what VADER says, as numbers and in steps.
func (r *reader) moodFeatures() {
	m := &r.mood
	number := func(id uint64, v float64) {
		if v != 0 {
			r.put(saltNumber, id, 0, float32(v))
		}
	}
	number(0, m.compound)
	number(1, m.positive/(m.positive+4))
	number(2, m.negative/(4-m.negative))
	number(3, m.last)
	number(4, math.Abs(m.compound))
	r.put(saltNumber, 5, uint64(int(math.Round(m.compound*5))+5), 0.7)
	r.put(saltNumber, 6, uint64(min(m.hits, 4)), 0.5)
	if m.positive > 0 && m.negative < 0 {
		r.put(saltNumber, 7, 0, 0.7)
	}
}

// stemOf takes common endings off an English word; what is left is no word, but the same for its forms.
func stemOf(w string) string {
	if len(w) < 5 {
		return w
	}
	for _, end := range [...]string{"ing", "edly", "ed", "ies", "ers", "er", "es", "ly", "s", "e"} {
		if n := len(w) - len(end); n >= 4 && w[n:] == end {
			if w[n-1] == w[n-2] && n > 4 {
				n--
			}
			return w[:n]
		}
	}
	return w
}

// hashSet is a set of hashes that is emptied cheaply.
type hashSet struct {
	keys  []uint64
	stamp []uint32
	now   uint32
	n     int
}

// reset empties the set and makes room for about n hashes; it grows where there are more.
func (s *hashSet) reset(n int) {
	size := 256
	for size < 2*n {
		size *= 2
	}
	s.n = 0
	if len(s.keys) < size {
		s.keys, s.stamp, s.now = make([]uint64, size), make([]uint32, size), 0
	}
	if s.now++; s.now == 0 {
		clear(s.stamp)
		s.now = 1
	}
}

// add puts a hash in and reports whether it was not there yet.
func (s *hashSet) add(h uint64) bool {
	if 2*s.n >= len(s.keys) {
		s.grow()
	}
	mask := uint64(len(s.keys) - 1)
	i := h & mask
	for s.stamp[i] == s.now {
		if s.keys[i] == h {
			return false
		}
		i = (i + 1) & mask
	}
	s.keys[i], s.stamp[i] = h, s.now
	s.n++
	return true
}

// grow doubles the room.
func (s *hashSet) grow() {
	old := *s
	s.reset(len(old.keys))
	for i, h := range old.keys {
		if old.stamp[i] == old.now {
			s.add(h)
		}
	}
}
