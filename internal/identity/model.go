// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

// model is what a comparison needs to know: the team's words and how often
// they occur, and the weights. It is read-only once built.
type model struct {
	w      weights
	vocab  *vocab
	dict   *dictionary
	census *census
	shares []float32 // chance that a stranger's name holds a word
	logins []float32 // chance that a stranger has a handle
	use    *wordUse  // where names have which words
}

// newModel computes the chances of every word once.
func newModel(w weights, v *vocab, d *dictionary, c *census) *model {
	m := &model{w: w, vocab: v, dict: d, census: c}
	m.shares = make([]float32, 0, len(v.text))
	m.logins = make([]float32, 0, len(v.text))
	m.extend()
	return m
}

// extend computes the chances of words that came after the census. Nobody
// was seen with them then.
func (m *model) extend() {
	v := m.vocab
	for i := len(v.surprise); i < len(v.text); i++ {
		v.nameCount = append(v.nameCount, 0)
		v.givenCount = append(v.givenCount, 0)
		v.handleCount = append(v.handleCount, 0)
		v.seriesCount = append(v.seriesCount, 0)
		v.surprise = append(v.surprise, float32(m.census.spelling.logChance(v.text[i])))
	}
	for i := len(m.shares); i < len(v.text); i++ {
		m.shares = append(m.shares, float32(m.census.wordShare(uint32(i), v, m.dict)))
		m.logins = append(m.logins, float32(m.census.handleShare(uint32(i), v, m.dict)))
	}
}

func (m *model) share(w uint32) float64       { return float64(m.shares[w]) }
func (m *model) handleShare(h uint32) float64 { return float64(m.logins[h]) }

// probability turns a weight into a calibrated probability.
func (m *model) probability(weight float64) float64 {
	return sigmoid(m.logOdds(weight))
}

func (m *model) logOdds(weight float64) float64 { return m.w.slope*weight + m.w.offset }
