// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// magic begins an artifact; its last character is the format.
const magic = "GRJUDGE1"

// Manifest says what is in an artifact and where it is from.
type Manifest struct {
	Version  string   `json:"version"`
	Features int      `json:"features"`
	Lexicon  int      `json:"lexicon"` // words with a valence
	Data     []Source `json:"data"`
}

// Source is a set of rows that a model was trained on.
type Source struct {
	Task    string `json:"task"`
	Name    string `json:"name"`
	License string `json:"license"`
	Rows    int    `json:"rows"`
}

// maxBody bounds what an artifact unpacks to, in bytes.
const maxBody = 64 << 20

// encode writes an artifact: the magic, the manifest with its length, and the rest compressed. Fingerprints are written
// as differences, and weights column by column with low and high bytes apart, since neighbors are alike then.
func encode(m *Manifest, w *weights, l *lexiconData) ([]byte, error) {
	var body bytes.Buffer
	putPrints := func(prints []uint64) {
		var before uint64
		var buf [binary.MaxVarintLen64]byte
		for _, p := range prints {
			body.Write(buf[:binary.PutUvarint(buf[:], p-before)])
			before = p
		}
	}
	putPrints(l.prints)
	for _, v := range l.valences {
		body.WriteByte(byte(v))
	}
	putPrints(w.prints)
	for _, list := range [][]float32{w.scale[:], w.heat[:], w.bias[:]} {
		for _, v := range list {
			body.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	for c := range width {
		for _, shift := range []int{0, 8} {
			for at := c; at < len(w.rows); at += width {
				body.WriteByte(byte(zigzag(w.rows[at]) >> shift))
			}
		}
	}
	head, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing a manifest: %w", err)
	}
	out := bytes.NewBuffer(binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(head))))
	out.Write(head)
	z, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compressing a model: %w", err)
	}
	if _, err := z.Write(body.Bytes()); err != nil {
		return nil, fmt.Errorf("compressing a model: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compressing a model: %w", err)
	}
	return out.Bytes(), nil
}

// zigzag makes small numbers of either sign small numbers without one.
func zigzag(v int16) uint16   { return uint16(v<<1) ^ uint16(v>>15) }
func unzigzag(v uint16) int16 { return int16(v>>1) ^ -int16(v&1) }

// errCut is what is wrong with most artifacts that cannot be read.
var errCut = errors.New("the artifact of the text model is cut short or damaged")

// ReadManifest reads what an artifact says of itself, and returns what follows.
func ReadManifest(data []byte) (m Manifest, rest []byte, err error) {
	if len(data) < len(magic)+4 || string(data[:len(magic)]) != magic {
		return m, nil, errors.New("this is no artifact of the text model, or one of another format")
	}
	n := int(binary.LittleEndian.Uint32(data[len(magic):]))
	data = data[len(magic)+4:]
	if n > len(data) {
		return m, nil, errCut
	}
	if err := json.Unmarshal(data[:n], &m); err != nil {
		return m, nil, fmt.Errorf("reading the manifest of the text model: %w", err)
	}
	if m.Features < 0 || m.Lexicon < 0 || m.Features > maxBody/width/2 || m.Lexicon > maxBody/8 {
		return m, nil, errCut
	}
	return m, data[n:], nil
}

// decode reads what encode wrote.
func decode(data []byte) (*Manifest, *weights, *lexicon, error) {
	m, rest, err := ReadManifest(data)
	if err != nil {
		return nil, nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(rest)), maxBody))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("unpacking the text model: %w", err)
	}
	d := &decoder{rest: body}
	l := &lexicon{table: newTable(d.prints(m.Lexicon))}
	for _, b := range d.bytes(m.Lexicon) {
		l.valences = append(l.valences, int8(b))
	}
	w := &weights{version: m.Version, prints: d.prints(m.Features)}
	for _, list := range [][]float32{w.scale[:], w.heat[:], w.bias[:]} {
		for i := range list {
			if b := d.bytes(4); b != nil {
				list[i] = math.Float32frombits(binary.LittleEndian.Uint32(b))
			}
		}
	}
	w.rows = make([]int16, m.Features*width)
	for c := range width {
		low, high := d.bytes(m.Features), d.bytes(m.Features)
		for i := range low {
			if high != nil {
				w.rows[i*width+c] = unzigzag(uint16(low[i]) | uint16(high[i])<<8)
			}
		}
	}
	if d.failed || len(d.rest) > 0 || slices.ContainsFunc(w.heat[:], func(h float32) bool { return !(h > 0) }) {
		return nil, nil, nil, errCut
	}
	w.table = newTable(w.prints)
	return &m, w, l, nil
}

// decoder takes pieces off the front of the body of an artifact.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) bytes(n int) []byte {
	if n > len(d.rest) {
		d.failed = true
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) prints(n int) []uint64 {
	prints := make([]uint64, 0, n)
	var p uint64
	for range n {
		diff, size := binary.Uvarint(d.rest)
		if size <= 0 {
			d.failed = true
			return nil
		}
		d.rest = d.rest[size:]
		p += diff
		prints = append(prints, p)
	}
	return prints
}

// lexiconData is a lexicon as it is written: in rising order.
type lexiconData struct {
	prints   []uint64
	valences []int8
}

// lexiconOf sorts the valences of hashes; of two that share a fingerprint the smaller hash is kept.
func lexiconOf(valences map[uint64]float64) *lexiconData {
	hashes := make([]uint64, 0, len(valences))
	for h := range valences {
		hashes = append(hashes, h)
	}
	slices.SortFunc(hashes, cmp.Compare[uint64])
	l := &lexiconData{}
	for _, h := range hashes {
		p := fingerprint(h)
		if n := len(l.prints); n > 0 && l.prints[n-1] == p {
			continue
		}
		l.prints = append(l.prints, p)
		l.valences = append(l.valences, int8(math.Round(10*valences[h])))
	}
	return l
}

// table makes a lexicon of the data.
func (l *lexiconData) lexicon() *lexicon {
	return &lexicon{table: newTable(l.prints), valences: l.valences}
}
