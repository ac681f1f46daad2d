// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"greenroom"
)

// Pair is one pair of the mapping option.
type Pair struct{ Field, Column string }

// ParseMapping reads "field=column" pairs. A column may stand in quotation marks.
func ParseMapping(s string) ([]Pair, error) {
	var out []Pair
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
		out = append(out, Pair{Field: strings.ReplaceAll(field, "-", "_"), Column: strings.TrimSpace(column)})
		rest = strings.TrimSpace(rest)
	}
	return out, nil
}

// maxZones is how many spellings of time zones are remembered.
const maxZones = 2000

// Mapper turns the rows of one table into facts. It is used by one goroutine.
type Mapper struct {
	Type     string   // what the rows are
	Header   []string // column names, made up where they are missing, each one once
	Fields   []string // the field of each column, "" = none
	Problems []string // of the table as a whole, for the user

	set   *Settings
	comma bool // decimals are written with a comma
	index map[string]int
	dates dates
	zones map[string]string // time zones as written → as told; looking one up reads a file
}

// NewMapper finds out which column of a table holds what. comma says that decimals have a comma in it. An error, with
// CodeInvalid, comes with the mapper as far as it got.
func (s *Settings) NewMapper(header []string, comma bool) (*Mapper, error) {
	p := &Mapper{Type: s.Asked, Header: columnNames(header), set: s, comma: comma, dates: dates{order: s.order, zone: s.zone}, zones: make(map[string]string)}
	if p.Type == TypeAuto {
		typ, err := s.typeOf(p.Header)
		if err != nil {
			return p, err
		}
		p.Type = typ
	}
	var err error
	if p.Fields, err = s.mapColumns(p); err != nil {
		return p, err
	}
	p.index = make(map[string]int, len(p.Fields))
	for i, f := range p.Fields {
		if f != "" {
			p.index[f] = i
		}
	}
	if len(p.index) == 0 {
		return p, greenroom.Errorf(greenroom.CodeInvalid, "none of the columns %s is known for %s; say with the mapping which column is which, such as email=Mail",
			strings.Join(quoteSome(p.Header), ", "), p.Type)
	}
	if need := p.missing(); need != "" {
		return p, greenroom.Errorf(greenroom.CodeInvalid, "%s need a column for %s; say with the mapping which one it is (columns: %s)",
			p.Type, need, strings.Join(quoteSome(p.Header), ", "))
	}
	return p, nil
}

// Custom reports whether a column becomes a custom field.
func (m *Mapper) Custom(column int) bool {
	return (column >= len(m.Fields) || m.Fields[column] == "") && m.set.Unmapped && m.Type != TypeActivities
}

// typeOf tells what the rows are by the mapping and the header.
func (s *Settings) typeOf(header []string) (string, error) {
	as := append([]string{}, header...)
	for i, h := range header {
		for _, m := range s.Mapping {
			if strings.EqualFold(m.Column, h) || m.Column == "#"+strconv.Itoa(i+1) {
				as[i] = m.Field // the field's own name is one of its headers
			}
		}
	}
	if typ := guessType(as); typ != "" {
		return typ, nil
	}
	return "", greenroom.Errorf(greenroom.CodeInvalid, "the columns %s do not tell what the file holds; set the option type, and the mapping (the first row has to be the names of the columns)",
		strings.Join(quoteSome(header), ", "))
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
func (s *Settings) mapColumns(p *Mapper) ([]string, error) {
	set := make(map[string]bool)
	out := make([]string, len(p.Header))
	free := append([]string{}, p.Header...)
	for _, m := range s.Mapping {
		if !hasField(p.Type, m.Field) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the mapping names the field %q, but %s have %s", m.Field, p.Type, strings.Join(FieldNames(p.Type), ", "))
		}
		set[m.Field] = true
		if m.Column == "" {
			continue
		}
		col := findColumn(p.Header, m.Column)
		if col < 0 {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the mapping names the column %q, but there are %s", m.Column, strings.Join(quoteSome(p.Header), ", "))
		}
		out[col], free[col] = m.Field, ""
	}
	for i, f := range propose(p.Type, free) {
		if f != "" && !set[f] && out[i] == "" {
			out[i] = f
		}
	}
	return out, nil
}

// FieldNames lists the names of a type's fields.
func FieldNames(typ string) []string {
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
func (m *Mapper) missing() string {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := m.index[n]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case m.Type == TypeMembers && !has(fEmail, fHandle, fName, fFirstName, fLastName, fID):
		return "email, handle, name or id"
	case m.Type == TypeOrganizations && !has(fName, fDomain, fID):
		return "name, domain or id"
	case m.Type == TypeActivities && !has(fWhen):
		return "when"
	case m.Type == TypeRecords && !has(fName, fID, fOrganization, fDomain):
		return "id, name or organization"
	}
	return ""
}

// dateFields are the fields that hold dates.
func isDateField(f string) bool { return f == fWhen || f == fJoined || f == fOpened || f == fClosed }

// FindOrder settles by some rows how dates are meant, where the options do not say.
func (m *Mapper) FindOrder(rows iter.Seq[[]string]) {
	if m.dates.order != orderUnknown {
		return
	}
	var seen [3]bool
	for values := range rows {
		for i, v := range values {
			if i < len(m.Fields) && isDateField(m.Fields[i]) {
				seen[evidence(v)] = true
			}
		}
	}
	switch {
	case seen[orderDayFirst] && seen[orderMonthFirst]:
		m.Problems = append(m.Problems, "some dates have the day first and others the month: those that may be either are rejected unless the option date-order settles it")
	case seen[orderDayFirst]:
		m.dates.order = orderDayFirst
	case seen[orderMonthFirst]:
		m.dates.order = orderMonthFirst
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
