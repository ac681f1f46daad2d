// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package language

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// An artifact is a header and, compressed, for each script that needs a model: the number of languages and of n-grams,
// what a step of a weight is worth, a bias for each language, the n-grams in order (the bytes that each has in common
// with the one before, and the rest), and the weights, all of one language after another.
const header = "greenroom language 1\n"

// maxGrams is more than a model has: a damaged artifact shall not take all memory.
const maxGrams = 1 << 20

var errArtifact = errors.New("the language model is damaged")

// packed is a table as it is stored.
type packed struct {
	names []string
	steps [][]int8 // by language
	scale float64
	bias  []float64
}

func encode(tables [modeled]packed) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(header)
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack the language model: %w", err)
	}
	var b []byte
	for s := latin; s < modeled; s++ {
		t := &tables[s]
		b = binary.AppendUvarint(b, uint64(len(t.bias)))
		b = binary.AppendUvarint(b, uint64(len(t.names)))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(t.scale))
		for _, v := range t.bias {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		before := ""
		for _, name := range t.names {
			same := 0
			for same < len(name) && same < len(before) && name[same] == before[same] {
				same++
			}
			b = binary.AppendUvarint(b, uint64(same)) //nolint:gosec // not negative
			b = binary.AppendUvarint(b, uint64(len(name)-same))
			b = append(b, name[same:]...)
			before = name
		}
		for _, column := range t.steps {
			for _, v := range column {
				b = append(b, byte(v))
			}
		}
	}
	if _, err := z.Write(b); err != nil {
		return nil, fmt.Errorf("pack the language model: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the language model: %w", err)
	}
	return out.Bytes(), nil
}

// Load makes a model of an artifact that Train made.
func Load(artifact []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(artifact, []byte(header))
	if !ok {
		return nil, errArtifact
	}
	r := bufio.NewReader(flate.NewReader(bytes.NewReader(rest)))
	m := &Model{}
	for s := latin; s < modeled; s++ {
		if err := m.tables[s].read(r, len(members[s])); err != nil {
			return nil, fmt.Errorf("%w: %w", errArtifact, err)
		}
	}
	return m, nil
}

func (t *table) read(r *bufio.Reader, columns int) error {
	var head [2]uint64
	for i := range head {
		var err error
		if head[i], err = binary.ReadUvarint(r); err != nil {
			return err
		}
	}
	if head[0] != uint64(columns) || head[1] > maxGrams {
		return fmt.Errorf("%d languages and %d n-grams, %d languages expected", head[0], head[1], columns)
	}
	rows := int(head[1]) //nolint:gosec // not above maxGrams
	numbers := make([]float64, 1+columns)
	if err := binary.Read(r, binary.LittleEndian, numbers); err != nil {
		return err
	}
	t.scale, t.bias, t.stride = numbers[0], numbers[1:], (columns+7)/8
	size := 1 << bits.Len(uint(2*rows))
	t.keys, t.rows = make([]uint64, size), make([]uint32, size)
	if err := t.readNames(r, rows); err != nil {
		return err
	}
	t.weights = make([]uint64, rows*t.stride)
	for i := range t.weights {
		t.weights[i] = 0x8080808080808080
	}
	column := make([]byte, rows)
	for c := range columns {
		if _, err := io.ReadFull(r, column); err != nil {
			return err
		}
		for row, step := range column {
			t.weights[row*t.stride+c/8] ^= uint64(step) << (8 * (c % 8)) // 128 plus a step is the step with its sign turned
		}
	}
	return nil
}

func (t *table) readNames(r *bufio.Reader, rows int) error {
	var name []byte
	for row := range rows {
		same, err := binary.ReadUvarint(r)
		if err != nil {
			return err
		}
		more, err := binary.ReadUvarint(r)
		if err != nil {
			return err
		}
		if same > uint64(len(name)) || more > 4*maxWord {
			return fmt.Errorf("n-gram %d of %d bytes after %d", row, more, same)
		}
		from := int(same) //nolint:gosec // not above the length of the name
		name = append(name[:from], make([]byte, more)...)
		if _, err := io.ReadFull(r, name[from:]); err != nil {
			return err
		}
		key := keyOf(string(name))
		if key == 0 || t.find(key) >= 0 {
			return fmt.Errorf("n-gram %q has the key of another", name)
		}
		t.insert(key, row)
	}
	return nil
}
