// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"errors"
	"io"
	"slices"
	"strconv"

	"greenroom/connector"
)

// Table is what would come of a file.
type Table struct {
	Type      string   `json:"type"`      // what the rows are
	Encoding  string   `json:"encoding"`  // "utf-8", "utf-16le", "utf-16be", "windows-1252"
	Delimiter string   `json:"delimiter"` // "," ";" "\t" "|"
	Columns   []Column `json:"columns"`
	Rows      []Row    `json:"rows"`
	Problems  []string `json:"problems"` // of the file as a whole, for the user
}

// Column is a column of the file and what it is taken for.
type Column struct {
	Name    string   `json:"name"`
	Field   string   `json:"field"`   // one of Fields(Type); "" = none
	Custom  bool     `json:"custom"`  // becomes a custom field
	Samples []string `json:"samples"` // up to three different values
}

// Row is a row of the file as it would be stored.
type Row struct {
	Line     int64             `json:"line"`
	Values   map[string]string `json:"values"`             // by field; dates in RFC 3339, amounts as numbers
	Problem  string            `json:"problem,omitempty"`  // why the row would be rejected or left out
	Expected string            `json:"expected,omitempty"` // what was expected instead
}

// Preview reads the first n rows of a file as the options say, without storing anything. Of the options, path is not
// needed. An error says why nothing of the file can be read; where that is not the file but how its columns are taken,
// the table comes with it, with the columns and no rows.
func Preview(r io.Reader, values connector.Values, n int) (*Table, error) {
	s, err := readSettings(values)
	if err != nil {
		return nil, err
	}
	rows, p, err := s.start(r)
	if p == nil {
		return nil, err
	}
	t := &Table{Type: p.Type, Encoding: p.encoding, Delimiter: string(rune(p.delim)), Problems: append([]string{}, p.Problems...), Rows: []Row{}}
	for i, h := range p.Header {
		c := Column{Name: h}
		if i < len(p.Fields) {
			c.Field = p.Fields[i]
		}
		c.Custom = p.Custom(i)
		t.Columns = append(t.Columns, c)
	}
	if err != nil {
		return t, err
	}
	rejected := 0
	for len(t.Rows) < n {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		shown := p.preview(row)
		if shown.Problem != "" {
			rejected++
		}
		t.Rows = append(t.Rows, shown)
		for i := range t.Columns {
			if c := &t.Columns[i]; i < len(row.fields) && len(c.Samples) < 3 && row.fields[i] != "" && !slices.Contains(c.Samples, row.fields[i]) {
				c.Samples = append(c.Samples, row.fields[i])
			}
		}
	}
	if rejected > 0 {
		t.Problems = append(t.Problems, strconv.Itoa(rejected)+" of the first "+strconv.Itoa(len(t.Rows))+" rows would not be stored; see why beside each")
	}
	if len(t.Rows) == 0 && n > 0 {
		t.Problems = append(t.Problems, "the file has no rows below the names of its columns")
	}
	return t, nil
}

// preview shows a row as it would be stored.
func (m *plan) preview(r *row) Row {
	f, left, bad := m.check(r)
	out := Row{Line: r.line}
	switch {
	case bad != nil:
		out.Problem, out.Expected = bad.Reason, bad.Expected
	case left != "":
		out.Problem = left
	default:
		out.Values = m.Show(r.fields, &f)
		return out
	}
	out.Values = m.Show(r.fields, nil)
	return out
}
