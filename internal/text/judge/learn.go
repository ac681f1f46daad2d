// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"slices"

	"greenroom/internal/text"
)

// A team's model is the base and what the team's corrections add to its logits: a small softmax on the features of the
// corrected messages, fitted with the base's logits as offsets and its weights held to zero. So a few corrections move
// what they speak of, and leave the rest as the base says.

// teamWidth is the width of a row of a team's weights: the categories and the sentiments.
const teamWidth = 11

// team is what corrections taught.
type team struct {
	version string
	prints  []uint64
	table   table
	rows    []float32 // teamWidth for each feature
	bias    [teamWidth]float32
}

// add adds what the team taught to the base's logits.
func (t *team) add(feats []feature, l *logits) {
	for c, b := range t.bias {
		l[c] += b
	}
	for _, f := range feats {
		row, ok := t.table.find(fingerprint(f.hash))
		if !ok {
			continue
		}
		for c, v := range t.rows[int(row)*teamWidth : (int(row)+1)*teamWidth] {
			l[c] += v * f.value
		}
	}
}

// Report says what corrections changed.
type Report struct {
	Category, Sentiment Progress
}

// Progress compares a team's own right answers with those of the base and of the re-trained model. Each message is
// answered by a model that was not trained on it.
type Progress struct {
	N             int // corrections
	Before, After Figures
	Used          bool // what was learned is in the model; false where its answers would not have been more probable than the base's
}

// Settings of learning from corrections.
const (
	teamLambda = 1.5e-3
	teamSteps  = 40
	teamFolds  = 5
	teamLeast  = 5    // corrections, below which nothing is learned
	teamSlack  = 0.01 // how much smaller the share that is right may be by folds
)

// correction is a corrected message, read.
type correction struct {
	feats  []feature
	labels [2]int8 // category and sentiment, -1 = not corrected
	base   logits
}

// learnt are the tasks that corrections teach.
var learnt = [2]Task{TaskCategory, TaskSentiment}

// Learn returns a model of the base and a team's corrections, whatever the model has learned before.
func (m *Model) Learn(cs []text.Correction) (*Model, Report, error) {
	read := make([]correction, 0, len(cs))
	r := m.borrow()
	defer m.readers.Put(r)
	for i := range cs {
		c := &cs[i]
		if int(c.Category) > len(text.Categories()) || int(c.Sentiment) > len(text.Sentiments()) {
			return nil, Report{}, fmt.Errorf("correction %d: there is no category %d or no sentiment %d", i+1, c.Category, c.Sentiment)
		}
		r.read(c.Message)
		k := correction{feats: slices.Clone(r.feats), labels: [2]int8{int8(c.Category) - 1, int8(c.Sentiment) - 1}}
		k.base = m.base.sum(k.feats)
		read = append(read, k)
	}
	next := &Model{base: m.base, manifest: m.manifest, lexicon: m.lexicon, words: m.words, cues: m.cues, forms: m.forms}
	var parts [2]*delta
	var reports [2]Progress
	for i, task := range learnt {
		parts[i], reports[i] = learnTask(read, i, task)
	}
	next.team = mergeDeltas(parts)
	return next, Report{Category: reports[0], Sentiment: reports[1]}, nil
}

// delta is what is added to the logits of one task.
type delta struct {
	task    Task
	hashes  []uint64
	columns map[uint64]uint32
	weights []float64
}

// learnTask measures by folds what the corrections of a task are worth, and then learns from all of them.
func learnTask(read []correction, which int, task Task) (*delta, Progress) {
	var mine []*correction
	for i := range read {
		if read[i].labels[which] >= 0 {
			mine = append(mine, &read[i])
		}
	}
	p := Progress{N: len(mine)}
	right, before, after := make([]uint8, len(mine)), make([]uint8, len(mine)), make([]uint8, len(mine))
	folds := make([]*delta, teamFolds)
	if len(mine) >= teamLeast {
		for f := range folds {
			folds[f] = learnDelta(mine, which, task, func(i int) bool { return i%teamFolds != f })
		}
	}
	var gain float64 // in the logarithm of how probable the right answers are
	for i, c := range mine {
		right[i] = uint8(c.labels[which])
		l := slices.Clone(c.base.of(task))
		b, _ := top(l)
		before[i] = uint8(b)
		gain -= logProbability(l, right[i])
		if d := folds[i%teamFolds]; d != nil {
			d.add(c.feats, l)
		}
		b, _ = top(l)
		after[i] = uint8(b)
		gain += logProbability(l, right[i])
	}
	p.Before, p.After = figures(taskLabels[task], right, before), figures(taskLabels[task], right, after)
	// By probabilities, since the share that is right moves by chance where there are few corrections; but what is
	// shown as clearly worse is not taken.
	if len(mine) < teamLeast || gain <= 0 || p.After.Accuracy < p.Before.Accuracy-teamSlack {
		p.After = p.Before
		return nil, p
	}
	p.Used = true
	return learnDelta(mine, which, task, func(int) bool { return true }), p
}

// logProbability is the logarithm of how probable a label is.
func logProbability(logits []float32, label uint8) float64 {
	p := slices.Clone(logits)
	normalize(p)
	return math.Log(math.Max(float64(p[label]), 1e-12))
}

// learnDelta fits what is to be added to the base's logits.
func learnDelta(mine []*correction, which int, task Task, keep func(int) bool) *delta {
	d := &delta{task: task, columns: map[uint64]uint32{}}
	ex := &examples{classes: len(taskLabels[task])}
	var cols []uint32
	var vals []float32
	for i, c := range mine {
		if !keep(i) {
			continue
		}
		cols, vals = cols[:0], vals[:0]
		for _, f := range c.feats {
			col, ok := d.columns[f.hash]
			if !ok {
				col = uint32(len(d.hashes))
				d.columns[f.hash] = col
				d.hashes = append(d.hashes, f.hash)
			}
			cols, vals = append(cols, col), append(vals, f.value)
		}
		ex.add(cols, vals, uint8(c.labels[which]), 1, c.base.of(task))
	}
	ex.features = len(d.hashes)
	d.weights = fit(ex, teamLambda, teamSteps)
	return d
}

// add adds a delta to the logits of its task.
func (d *delta) add(feats []feature, l []float32) {
	k := len(l)
	for c, b := range d.weights[len(d.weights)-k:] {
		l[c] += float32(b)
	}
	for _, f := range feats {
		if col, ok := d.columns[f.hash]; ok {
			for c := range l {
				l[c] += float32(d.weights[int(col)*k+c]) * f.value
			}
		}
	}
}

// leastWeight is what a team's weights have to reach to be kept.
const leastWeight = 0.004

// mergeDeltas puts what was learned of both tasks into one table; nil if nothing was learned.
func mergeDeltas(parts [2]*delta) *team {
	rows := map[uint64]*[teamWidth]float32{}
	t := &team{}
	learned := false
	for _, d := range parts {
		if d == nil {
			continue
		}
		learned = true
		first, k := taskColumn[d.task], len(taskLabels[d.task])
		for col, h := range d.hashes {
			for c := range k {
				v := float32(d.weights[col*k+c])
				if v > -leastWeight && v < leastWeight {
					continue
				}
				p := fingerprint(h)
				if rows[p] == nil {
					rows[p] = &[teamWidth]float32{}
				}
				rows[p][first+c] = v
			}
		}
		for c := range k {
			t.bias[first+c] = float32(d.weights[len(d.weights)-k+c])
		}
	}
	if !learned {
		return nil
	}
	for p := range rows {
		t.prints = append(t.prints, p)
	}
	slices.Sort(t.prints)
	for _, p := range t.prints {
		t.rows = append(t.rows, rows[p][:]...)
	}
	t.finish()
	return t
}

// finish makes what follows from the weights: the table, and the version.
func (t *team) finish() {
	t.table = newTable(t.prints)
	h := fnv.New32a()
	h.Write(t.body())
	t.version = fmt.Sprintf("team-%08x", h.Sum32())
}

const teamMagic = "GRTEAM1\n"

// body is a team's weights as bytes.
func (t *team) body() []byte {
	out := binary.AppendUvarint(nil, uint64(len(t.prints)))
	var before uint64
	for _, p := range t.prints {
		out = binary.AppendUvarint(out, p-before)
		before = p
	}
	for _, list := range [][]float32{t.bias[:], t.rows} {
		for _, v := range list {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	return out
}

// Append appends what a model has learned from its team, for [Load]; of the base only the name is kept.
func (m *Model) Append(dst []byte) []byte {
	dst = append(dst, teamMagic...)
	dst = binary.AppendUvarint(dst, uint64(len(m.base.version)))
	dst = append(dst, m.base.version...)
	if m.team == nil {
		return dst
	}
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err == nil { // a buffer takes everything, and the level is a known one
		_, _ = z.Write(m.team.body())
		_ = z.Close()
	}
	return append(dst, packed.Bytes()...)
}

// ErrOtherBase is that a team's model was learned on another base: learn it again from the corrections.
var ErrOtherBase = errors.New("the team's text model belongs to another base model; it has to be trained again")

// Load reads what Append wrote on top of the same base.
func Load(base *Model, data []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(data, []byte(teamMagic))
	if !ok {
		return nil, errors.New("this is no text model of a team")
	}
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > uint64(len(rest)-size) {
		return nil, errCut
	}
	if string(rest[size:size+int(n)]) != base.base.version {
		return nil, ErrOtherBase
	}
	rest = rest[size+int(n):]
	next := &Model{base: base.base, manifest: base.manifest, lexicon: base.lexicon, words: base.words, cues: base.cues, forms: base.forms}
	if len(rest) == 0 {
		return next, nil
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(rest)), maxBody))
	if err != nil {
		return nil, fmt.Errorf("unpacking a team's text model: %w", err)
	}
	if next.team, err = readTeam(body); err != nil {
		return nil, err
	}
	return next, nil
}

// readTeam reads what body wrote.
func readTeam(body []byte) (*team, error) {
	n, size := binary.Uvarint(body)
	if size <= 0 || n > uint64(len(body)) {
		return nil, errCut
	}
	d := &decoder{rest: body[size:]}
	t := &team{prints: d.prints(int(n))}
	t.rows = make([]float32, int(n)*teamWidth)
	for _, list := range [][]float32{t.bias[:], t.rows} {
		for i := range list {
			b := d.bytes(4)
			if b == nil {
				return nil, errCut
			}
			v := math.Float32frombits(binary.LittleEndian.Uint32(b))
			if v != v || math.Abs(float64(v)) > 1e6 {
				return nil, errCut
			}
			list[i] = v
		}
	}
	if d.failed || len(d.rest) > 0 || !slices.IsSorted(t.prints) {
		return nil, errCut
	}
	t.finish()
	return t, nil
}
