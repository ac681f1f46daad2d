// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"bytes"
	"errors"
	"io"

	"greenroom"
	"greenroom/connector/internal/rowmap"
)

// plan says how a file is read.
type plan struct {
	*rowmap.Mapper

	encoding string
	delim    byte
	skip     int // bytes in front of the header
}

// makePlan finds out how a file is written and which column holds what. An error that comes after the header was read
// comes with the plan as far as it got.
func (s *settings) makePlan(sample []byte, encoding string) (*plan, error) {
	p := &plan{encoding: encoding, delim: s.askedDelim}
	sep, n := sepLine(sample)
	if p.skip = n; n > 0 && p.delim == 0 {
		p.delim = sep
	}
	if p.delim == 0 {
		p.delim = guessDelimiter(sample[n:])
	}
	rows := newScanner(bytes.NewReader(sample[n:]), p.delim)
	head, err := firstRow(rows)
	if err != nil {
		return nil, err
	}
	p.Mapper, err = s.NewMapper(head, p.delim == ';')
	if err != nil {
		return p, err //nolint:wrapcheck // it says what is wrong with the columns
	}
	rows.want = len(p.Header)
	p.FindOrder(func(yield func([]string) bool) {
		for {
			if r, err := rows.next(); err != nil || !yield(r.fields) {
				return
			}
		}
	})
	return p, nil
}

// firstRow finds the header.
func firstRow(rows *scanner) ([]string, error) {
	for {
		r, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the file is empty; its first row has to hold the names of the columns")
		}
		if err != nil {
			return nil, err
		}
		if r.bad != "" {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the first row, which has to hold the names of the columns, cannot be read: %s", r.bad)
		}
		if !isEmptyRow(r.fields) {
			return r.fields, nil
		}
	}
}

func isEmptyRow(fields []string) bool {
	for _, f := range fields {
		if f != "" {
			return false
		}
	}
	return true
}
