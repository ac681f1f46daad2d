// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rowmap"
)

// Bounds of what is remembered of earlier rows.
const (
	maxSeen  = 2_000_000 // rows that a second one is compared with
	maxTold  = 500_000   // people and organizations that are told once only
	maxAlike = 1000      // activities without ids that agree in all that is known of them
)

// Reasons for leaving rows out.
const (
	leftEmpty   = "empty rows"
	leftDoubles = "rows that the file holds twice"
)

// place is a place in a file: rows that were told, the header left out.
type place struct {
	Rows int64 `json:"rows"`
}

// reader is one read of a file.
type reader struct {
	*plan

	out  *connector.Sink
	name string
	seed maphash.Seed
	seen map[uint64]uint64 // key of a row → its contents
	told map[string]bool   // people and organizations
	raw  []byte
}

// Read pushes the file's facts after the cursor into the sink.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var at place
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the stored position in the file cannot be read; import it from the start"}
		}
	}
	f, err := os.Open(s.path)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the file " + s.path + " cannot be read"}
	}
	defer f.Close() //nolint:errcheck // only read
	st, err := f.Stat()
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the file " + s.path + " cannot be read"}
	}
	count := &counter{r: f}
	rows, p, err := s.start(count)
	if err != nil {
		return err
	}
	r := &reader{
		plan: p, out: out, name: filepath.Base(s.path), seed: maphash.MakeSeed(),
		seen: make(map[uint64]uint64), told: make(map[string]bool),
	}
	for n := int64(1); ; n++ {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			return r.checkpoint(n-1, st.Size(), st.Size())
		}
		if err != nil {
			return err
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err() //nolint:wrapcheck // the contract asks for it as it is
		}
		// A row that was told already is read again, since whether a later one is its double depends on it.
		r.row(row, n > at.Rows)
		if n > at.Rows {
			if err := r.checkpoint(n, min(count.n, st.Size()), st.Size()); err != nil {
				return err
			}
		}
	}
}

// start finds out how a file is written and reads past its header. An error that comes after the header was read comes
// with the plan as far as it got.
func (s *settings) start(r io.Reader) (*scanner, *plan, error) {
	text, sample, encoding, err := open(r)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.makePlan(sample, encoding)
	if err != nil {
		return nil, p, err
	}
	if _, err := text.Discard(p.skip); err != nil {
		return nil, nil, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the file ends before its first row"}
	}
	rows := newScanner(text, p.delim)
	if p.skip > 0 {
		rows.line++
	}
	if _, err := firstRow(rows); err != nil {
		return nil, nil, err
	}
	rows.want = len(p.Header)
	return rows, p, nil
}

// counter counts what is read from a file.
type counter struct {
	r io.Reader
	n int64
}

// Read reads and counts.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err //nolint:wrapcheck // a reader hands on what it gets, io.EOF above all
}

// check turns a row into facts. left is the reason why it is left out.
func (m *plan) check(r *row) (f rowmap.Facts, left string, p *rowmap.Problem) {
	if r.bad != "" {
		return f, "", &rowmap.Problem{Reason: r.bad, Expected: "quotation marks in pairs, doubled inside of a text"}
	}
	for len(r.fields) > len(m.Header) && r.fields[len(r.fields)-1] == "" {
		r.fields = r.fields[:len(r.fields)-1]
	}
	if isEmptyRow(r.fields) {
		return f, leftEmpty, nil
	}
	if len(r.fields) != len(m.Header) {
		return f, "", &rowmap.Problem{
			Reason:   "the row has " + strconv.Itoa(len(r.fields)) + " columns",
			Expected: "as many as the first row, which has " + strconv.Itoa(len(m.Header)) + "; a text that holds the delimiter stands in quotation marks",
		}
	}
	f, p = m.Row(r.fields)
	return f, "", p
}

// row tells one row; with tell off it only remembers it.
func (r *reader) row(row *row, tell bool) {
	f, left, p := r.check(row)
	if p == nil && left == "" {
		left, p = r.double(f.Key, row)
		// Two activities without ids may agree in all that is known of them, and differ in other columns.
		for n := 2; p != nil && f.Activity != nil && strings.HasPrefix(f.Key, rowmap.MadeUp) && n <= maxAlike; n++ {
			f.Activity.ExternalID = f.Key + ":" + strconv.Itoa(n)
			left, p = r.double(f.Activity.ExternalID, row)
		}
	}
	if tell {
		r.out.Read(1)
	}
	switch {
	case p != nil:
		if tell {
			r.out.Reject(greenroom.Reject{File: r.name, Line: row.line, Reason: p.Reason, Expected: p.Expected, Excerpt: decode(row.raw[:min(len(row.raw), 200)])})
		}
	case left != "":
		if tell {
			r.out.LeftOut(left, 1)
		}
	default:
		r.tell(&f, row, tell)
	}
}

// double compares a row with an earlier one of the same key.
func (r *reader) double(key string, row *row) (left string, p *rowmap.Problem) {
	k, contents := maphash.String(r.seed, key), maphash.String(r.seed, strings.Join(row.fields, "\x00"))
	have, ok := r.seen[k]
	switch {
	case !ok:
		if len(r.seen) < maxSeen {
			r.seen[k] = contents
		}
		return "", nil
	case have == contents:
		return leftDoubles, nil
	}
	return "", &rowmap.Problem{Reason: "an earlier row has the same id (" + key + ") and says something else", Expected: "one row for each; if the column of ids is not one, leave it out in the mapping with id="}
}

// tell pushes the facts of a row.
func (r *reader) tell(f *rowmap.Facts, row *row, tell bool) {
	person := f.Identity != nil && (r.Type == TypeMembers || r.first("identity "+f.Identity.ExternalID))
	org := f.Organization != nil && (r.Type == TypeOrganizations || r.first("organization "+f.Organization.ExternalID))
	membership := f.Membership != nil && r.first("membership "+f.Membership.Identity+"\x00"+f.Membership.Organization)
	if !tell {
		return
	}
	ref := r.out.Raw(r.payload(row))
	if f.Channel != nil {
		r.out.Channel(*f.Channel)
	}
	if org {
		f.Organization.Raw = ref
		r.out.Organization(*f.Organization)
	}
	if person {
		f.Identity.Raw = ref
		r.out.Identity(*f.Identity)
	}
	if membership {
		r.out.Membership(*f.Membership)
	}
	if f.Activity != nil {
		f.Activity.Raw = ref
		r.out.Activity(*f.Activity)
	}
	if f.Record != nil {
		f.Record.Raw = ref
		r.out.Record(*f.Record)
	}
}

// first reports whether something comes for the first time, and remembers it.
func (r *reader) first(what string) bool {
	if r.told[what] {
		return false
	}
	if len(r.told) < maxTold {
		r.told[what] = true
	}
	return true
}

// payload is the row as it is kept: a JSON object, which holds the names of the columns too.
func (r *reader) payload(row *row) []byte {
	r.raw = rowmap.AppendObject(r.raw[:0], r.Header, row.fields)
	return r.raw
}

func (r *reader) checkpoint(rows, done, total int64) error {
	b := append(make([]byte, 0, 32), `{"rows":`...)
	b = append(strconv.AppendInt(b, rows, 10), '}')
	return r.out.Checkpoint(connector.Cursor(b), connector.Progress{Done: done, Total: total, Unit: "bytes", Phase: r.name})
}
