// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
)

// stored is how a model is written.
type stored struct {
	Version int
	Topics  []Topic
	NextID  int64
	Fit     float64
	Terms   []string // folded, by number
	IDF     []float32
	Dims    int
	Turn    []float32
	Centers []float32
}

const storedVersion = 1

// Append writes the model so that Load can read it: about four bytes for each term and direction.
func (m *Model) Append(dst []byte) ([]byte, error) {
	s := stored{Version: storedVersion, Topics: m.Topics, NextID: m.NextID, Fit: m.Fit, Terms: make([]string, len(m.v.name)), IDF: m.v.idf, Dims: m.turn.w, Turn: m.turn.data, Centers: m.centers.data}
	for folded, id := range m.v.id {
		s.Terms[id] = folded
	}
	b := bytes.NewBuffer(dst)
	if err := gob.NewEncoder(b).Encode(&s); err != nil {
		return nil, fmt.Errorf("writing the topic model: %w", err)
	}
	return b.Bytes(), nil
}

// Load reads a model. One that was written by another version, or is damaged, is an error: topics are then found anew.
func Load(data []byte) (*Model, error) {
	var s stored
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&s); err != nil {
		return nil, fmt.Errorf("reading the topic model: %w", err)
	}
	if s.Version != storedVersion {
		return nil, fmt.Errorf("the topic model has version %d, this program knows %d", s.Version, storedVersion)
	}
	if s.Dims < 1 || len(s.IDF) != len(s.Terms) || len(s.Turn) != len(s.Terms)*s.Dims || len(s.Centers) != len(s.Topics)*s.Dims {
		return nil, errors.New("the topic model is damaged: its parts do not fit together")
	}
	m := &Model{Topics: s.Topics, NextID: s.NextID, Fit: s.Fit, turn: &dense{w: s.Dims, data: s.Turn}, centers: &dense{w: s.Dims, data: s.Centers}}
	m.v = &vocabulary{id: make(map[string]int32, len(s.Terms)), name: s.Terms, idf: s.IDF}
	for i, t := range s.Terms {
		m.v.id[t] = int32(i)
	}
	if len(m.v.id) != len(s.Terms) {
		return nil, errors.New("the topic model is damaged: a term stands in it twice")
	}
	return m, nil
}
