// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"context"
	"errors"
	"fmt"
	"io"

	"greenroom/connector/internal/mailmessage"
)

// Bounds of what the first run keeps.
const (
	maxLists = 1000 // lists of one file
)

// survey is what the first run over the archive found.
type survey struct {
	*mailmessage.Survey

	counts []int32            // messages by file
	lists  []mailmessage.List // the list of most messages, by file
}

// run reads the headers of all files.
func (s *source) survey(ctx context.Context, files []file) (*survey, error) {
	v := &survey{Survey: mailmessage.NewSurvey()}
	ordinal := int32(0)
	for i := range files {
		lists := make(map[mailmessage.List]int)
		n, err := s.eachMessage(ctx, &files[i], func(m *message) error {
			h, body := mailmessage.ParseHeader(m.data)
			v.See(ordinal, h, body, m.noted)
			if l := h.List(); l.ID != "" && (len(lists) < maxLists || lists[l] > 0) {
				lists[l]++
			}
			ordinal++
			return nil
		})
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reading was stopped: %w", ctx.Err())
		}
		_ = err // the second run meets the same error at the same place and lists it
		v.counts = append(v.counts, n)
		v.lists = append(v.lists, mostOf(lists, int(n)))
	}
	v.Settle()
	return v, nil
}

// eachMessage calls fn for each message of a file, stray text left out, and returns how many there were.
func (s *source) eachMessage(ctx context.Context, f *file, fn func(*message) error) (n int32, err error) {
	o, err := f.open()
	if err != nil {
		return 0, err
	}
	defer o.close()
	split := newSplitter(o, s.limit)
	for {
		m, err := split.read()
		switch {
		case errors.Is(err, io.EOF) && m == nil:
			return n, nil
		case m == nil:
			return n, err
		case m.stray:
			continue
		}
		if fnErr := fn(m); fnErr != nil {
			return n, fnErr
		}
		if n++; n%256 == 0 && ctx.Err() != nil {
			return n, ctx.Err() //nolint:wrapcheck // the caller asks ctx itself
		}
		if err != nil {
			return n, err
		}
	}
}

// mostOf is the list of at least half of the messages, if there is one.
func mostOf(lists map[mailmessage.List]int, n int) mailmessage.List {
	for l, c := range lists {
		if c*2 > n {
			return l
		}
	}
	return mailmessage.List{}
}
