// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackexchange

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// cursor is the place behind a row.
type cursor struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Line   int64  `json:"line"` // of the offset, from 1
}

// reading is one read.
type reading struct {
	*Source
	*index
	out      *connector.Sink
	rows     *rows
	file     file
	stem     string // the cursor's text up to the offset
	progress connector.Progress
}

// Read pushes the rows of all files after the cursor into the sink.
func (s *Source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var at cursor
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil || at.Offset < 0 {
			return greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector's", string(from))
		}
	}
	r := reading{Source: s, index: &index{}, out: out, progress: connector.Progress{Unit: "bytes"}}
	for _, f := range s.files {
		r.progress.Total += f.size
		if f.table == posts {
			var err error
			if r.index, err = readIndex(ctx, f.path); err != nil {
				return err
			}
		}
	}
	skip := at.File != ""
	before := int64(0)
	for _, f := range s.files {
		start := cursor{Line: 1}
		if f.name == at.File {
			skip, start = false, at
		}
		if !skip {
			if err := r.read(f, start, before); err != nil {
				return err
			}
		}
		before += f.size
	}
	return nil
}

// read reads one file from a place on. What is wrong with the file as a whole is a reject; the next file is read then.
func (r *reading) read(f file, at cursor, before int64) error {
	r.file = f
	name, err := json.Marshal(f.name)
	if err != nil { // a string always marshals
		name = []byte(`""`)
	}
	r.stem = `{"file":` + string(name) + `,"offset":`
	if at.Offset > f.size { // it was read to its end
		return nil
	}
	r.progress.Phase = f.name
	in, err := os.Open(f.path)
	if err == nil {
		defer in.Close() //nolint:errcheck // nothing was written
		_, err = in.Seek(at.Offset, io.SeekStart)
	}
	if err != nil {
		r.reject(0, "the file cannot be read: "+err.Error(), "a file of an unpacked data dump", nil)
		return r.checkpoint(f.size+1, 1, before+f.size)
	}
	r.rows = newRows(in, at.Offset, at.Line)
	if r.rows.ahead(2) && at.Offset == 0 && (r.rows.has("\xff\xfe") || r.rows.has("\xfe\xff")) {
		r.reject(0, "the file is in UTF-16", "UTF-8, as Stack Exchange writes it; convert it first", nil)
		return r.checkpoint(f.size+1, 1, before+f.size)
	}
	r.out.Channel(connector.Channel{ExternalID: channelID, Name: r.name, URL: r.site})
	for r.rows.next() {
		r.out.Read(1)
		r.one()
		offset := r.rows.offset()
		if err := r.checkpoint(offset, r.rows.line, before+offset); err != nil {
			return err
		}
	}
	if err := r.rows.err; err != nil {
		r.reject(r.rows.line, "the file cannot be read further: "+err.Error(), "a file of an unpacked data dump", nil)
	}
	return r.checkpoint(f.size+1, r.rows.line, before+f.size)
}

// one passes on the row that was read.
func (r *reading) one() {
	if r.rows.bad != "" {
		r.bad(r.rows.bad, `<row Id="…" …/> with every value in quotes`)
		return
	}
	switch r.file.table {
	case users:
		r.user()
	case posts:
		r.post()
	case comments:
		r.comment()
	case votes:
		r.vote()
	case tables:
	}
}

func (r *reading) checkpoint(offset, line, done int64) error {
	r.progress.Done = done
	text := r.stem + strconv.FormatInt(offset, 10) + `,"line":` + strconv.FormatInt(line, 10) + "}"
	return r.out.Checkpoint(connector.Cursor(text), r.progress)
}

func (r *reading) bad(reason, expected string) { r.reject(r.rows.rowAt, reason, expected, r.rows.row) }

func (r *reading) reject(line int64, reason, expected string, row []byte) {
	excerpt := strings.ReplaceAll(string(bytes.ToValidUTF8(row[:min(len(row), 200)], []byte("\uFFFD"))), "\x00", "")
	r.out.Reject(greenroom.Reject{File: r.file.name, Line: line, Reason: reason, Expected: expected, Excerpt: excerpt})
}
