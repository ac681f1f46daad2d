// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// An artifact is a header, the numbers of nets, of traits and of hidden places, and for each net its parameters: the
// greatest of a kind, and each as a share of it in sixteen bits.
const header = "greenroom links 1\n"

const maxNets = 16

var errArtifact = errors.New("the model of links is damaged")

func (m *Model) encode() []byte {
	b := []byte(header)
	b = append(b, byte(len(m.nets)), inputs, byte(m.nets[0].hidden)) //nolint:gosec // few
	for _, n := range m.nets {
		for _, w := range n.params() {
			most := float32(1e-9)
			for _, v := range w {
				most = max(most, v, -v)
			}
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(most))
			for _, v := range w {
				b = binary.LittleEndian.AppendUint16(b, uint16(int16(math.Round(float64(v/most)*math.MaxInt16)))) //nolint:gosec // at most MaxInt16
			}
		}
	}
	return b
}

// Load makes a model of an artifact that Train made.
func Load(artifact []byte) (*Model, error) {
	b, ok := bytes.CutPrefix(artifact, []byte(header))
	if !ok || len(b) < 3 {
		return nil, errArtifact
	}
	nets, traits, hidden := int(b[0]), int(b[1]), int(b[2])
	if nets == 0 || nets > maxNets || traits != inputs || hidden == 0 || hidden > widest {
		return nil, fmt.Errorf("%w: %d nets of %d traits, %d expected", errArtifact, nets, traits, inputs)
	}
	b = b[3:]
	m := &Model{}
	for range nets {
		n := newNet(hidden)
		for _, w := range n.params() {
			if len(b) < 4+2*len(w) {
				return nil, fmt.Errorf("%w: it ends too early", errArtifact)
			}
			most := math.Float32frombits(binary.LittleEndian.Uint32(b))
			for i := range w {
				w[i] = float32(int16(binary.LittleEndian.Uint16(b[4+2*i:]))) / math.MaxInt16 * most //nolint:gosec // as it was written
			}
			b = b[4+2*len(w):]
		}
		m.nets = append(m.nets, n)
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", errArtifact, len(b))
	}
	return m, nil
}
