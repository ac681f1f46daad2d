// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"greenroom"
)

// pair is one pair of the mapping option.
type pair struct{ field, column string }

// parseMapping reads "field=column" pairs. A column may stand in quotation marks.
func parseMapping(s string) ([]pair, error) {
	var out []pair
	for rest := strings.TrimSpace(s); rest != ""; {
		field, after, ok := strings.Cut(rest, "=")
		field = strings.ToLower(strings.TrimSpace(field))
		if !ok || field == "" || strings.ContainsAny(field, ",\"") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the mapping %q is not made of pairs such as email=Mail,name=Full name", s)
		}
		after = strings.TrimSpace(after)
		var column string
		if strings.HasPrefix(after, `"`) {
			end := strings.IndexByte(after[1:], '"')
			if end < 0 {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "in the mapping %q a quotation mark has no partner", s)
			}
			column, after = after[1:end+1], strings.TrimSpace(after[end+2:])
			if after != "" && after[0] != ',' {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "in the mapping %q a comma is missing behind %q", s, column)
			}
			rest = strings.TrimPrefix(after, ",")
		} else {
			column, rest, _ = strings.Cut(after, ",")
		}
		out = append(out, pair{field: strings.ReplaceAll(field, "-", "_"), column: strings.TrimSpace(column)})
		rest = strings.TrimSpace(rest)
	}
	return out, nil
}

// maxZones is how many spellings of time zones are remembered.
const maxZones = 2000

// plan says how a file is read.
type plan struct {
	typ      string
	encoding string
	delim    byte
	skip     int      // bytes in front of the header
	header   []string // column names, made up where they are missing, each one once
	fields   []string // the field of each column, "" = none
	index    map[string]int
	dates    dates
	zones    map[string]string // time zones as written → as told; looking one up reads a file
	problems []string
}

// makePlan finds out how a file is written and which column holds what. An error that comes after the header was read
// comes with the plan as far as it got.
func (s *settings) makePlan(sample []byte, encoding string) (*plan, error) {
	p := &plan{encoding: encoding, typ: s.asked, delim: s.askedDelim, dates: dates{order: s.order, zone: s.zone}, zones: make(map[string]string)}
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
	p.header = columnNames(head)
	if p.typ == TypeAuto {
		typ, err := s.typeOf(p.header)
		if err != nil {
			return p, err
		}
		p.typ = typ
	}
	if p.fields, err = s.mapColumns(p); err != nil {
		return p, err
	}
	p.index = make(map[string]int, len(p.fields))
	for i, f := range p.fields {
		if f != "" {
			p.index[f] = i
		}
	}
	if len(p.index) == 0 {
		return p, greenroom.Errorf(greenroom.CodeInvalid, "none of the columns %s is known for %s; say with the mapping which column is which, such as email=Mail",
			strings.Join(quoteSome(p.header), ", "), p.typ)
	}
	if need := p.missing(); need != "" {
		return p, greenroom.Errorf(greenroom.CodeInvalid, "a file of %s needs a column for %s; say with the mapping which one it is (columns: %s)",
			p.typ, need, strings.Join(quoteSome(p.header), ", "))
	}
	rows.want = len(p.header)
	p.findOrder(rows)
	return p, nil
}

// typeOf tells what the rows are by the mapping and the header.
func (s *settings) typeOf(header []string) (string, error) {
	as := append([]string{}, header...)
	for i, h := range header {
		for _, m := range s.mapping {
			if strings.EqualFold(m.column, h) || m.column == "#"+strconv.Itoa(i+1) {
				as[i] = m.field // the field's own name is one of its headers
			}
		}
	}
	if typ := guessType(as); typ != "" {
		return typ, nil
	}
	return "", greenroom.Errorf(greenroom.CodeInvalid, "the columns %s do not tell what the file holds; set the option type, and the mapping (the first row has to be the names of the columns)",
		strings.Join(quoteSome(header), ", "))
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

// columnNames makes the names of a header whole and different from each other.
func columnNames(head []string) []string {
	for len(head) > 1 && head[len(head)-1] == "" { // a delimiter at the end of every line
		head = head[:len(head)-1]
	}
	seen := make(map[string]int)
	out := make([]string, len(head))
	for i, h := range head {
		h = strings.Join(strings.Fields(h), " ")
		if h == "" {
			h = "column " + strconv.Itoa(i+1)
		}
		seen[h]++
		if n := seen[h]; n > 1 {
			h = fmt.Sprintf("%s (%d)", h, n)
		}
		out[i] = h
	}
	return out
}

// mapColumns gives the columns their fields: first what the user says, then by name.
func (s *settings) mapColumns(p *plan) ([]string, error) {
	set := make(map[string]bool)
	out := make([]string, len(p.header))
	free := append([]string{}, p.header...)
	for _, m := range s.mapping {
		if !hasField(p.typ, m.field) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the mapping names the field %q, but %s have %s", m.field, p.typ, strings.Join(fieldNames(p.typ), ", "))
		}
		set[m.field] = true
		if m.column == "" {
			continue
		}
		col := findColumn(p.header, m.column)
		if col < 0 {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the mapping names the column %q, but the file has %s", m.column, strings.Join(quoteSome(p.header), ", "))
		}
		out[col], free[col] = m.field, ""
	}
	for i, f := range propose(p.typ, free) {
		if f != "" && !set[f] && out[i] == "" {
			out[i] = f
		}
	}
	return out, nil
}

func fieldNames(typ string) []string {
	var names []string
	for _, f := range Fields(typ) {
		names = append(names, f.Name)
	}
	return names
}

func findColumn(header []string, column string) int {
	if n, err := strconv.Atoi(strings.TrimPrefix(column, "#")); err == nil && column[0] == '#' && n >= 1 && n <= len(header) {
		return n - 1
	}
	for i, h := range header {
		if strings.EqualFold(h, column) {
			return i
		}
	}
	for i, h := range header {
		if fold(h) == fold(column) && fold(h) != "" {
			return i
		}
	}
	return -1
}

// missing names the columns without which no row of the type can be told.
func (p *plan) missing() string {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := p.index[n]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case p.typ == TypeMembers && !has(fEmail, fHandle, fName, fFirstName, fLastName, fID):
		return "email, handle, name or id"
	case p.typ == TypeOrganizations && !has(fName, fDomain, fID):
		return "name, domain or id"
	case p.typ == TypeActivities && !has(fWhen):
		return "when"
	case p.typ == TypeRecords && !has(fName, fID, fOrganization, fDomain):
		return "id, name or organization"
	}
	return ""
}

// dateFields are the fields that hold dates.
func isDateField(f string) bool { return f == fWhen || f == fJoined || f == fOpened || f == fClosed }

// findOrder settles by the sample how dates are meant.
func (p *plan) findOrder(rows *scanner) {
	if p.dates.order != orderUnknown {
		return
	}
	var seen [3]bool
	for {
		r, err := rows.next()
		if err != nil {
			break
		}
		for i, v := range r.fields {
			if i < len(p.fields) && isDateField(p.fields[i]) {
				seen[evidence(v)] = true
			}
		}
	}
	switch {
	case seen[orderDayFirst] && seen[orderMonthFirst]:
		p.problems = append(p.problems, "some dates have the day first and others the month: those that may be either are rejected unless the option date-order settles it")
	case seen[orderDayFirst]:
		p.dates.order = orderDayFirst
	case seen[orderMonthFirst]:
		p.dates.order = orderMonthFirst
	}
}

// quoteSome quotes the first names of a list.
func quoteSome(names []string) []string {
	const most = 12
	var out []string
	for i, n := range names {
		if i == most {
			return append(out, fmt.Sprintf("and %d more", len(names)-most))
		}
		out = append(out, strconv.Quote(n))
	}
	return out
}
