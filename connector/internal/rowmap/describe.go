// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"strings"

	"greenroom/connector"
)

// Describe says in one sentence what the rows are and which column is taken for what.
func (p *Mapper) Describe() string {
	var taken, custom, ignored []string
	for i, h := range p.Header {
		switch {
		case p.Fields[i] != "" && p.Fields[i] != h:
			taken = append(taken, h+" as "+p.Fields[i])
		case p.Fields[i] != "":
			taken = append(taken, h)
		case p.Custom(i):
			custom = append(custom, h)
		default:
			ignored = append(ignored, h)
		}
	}
	s := "The rows are " + p.Type + " with " + strings.Join(taken, ", ")
	if len(custom) > 0 {
		s += "; custom fields: " + strings.Join(custom, ", ")
	}
	if len(ignored) > 0 {
		s += "; not used: " + strings.Join(ignored, ", ")
	}
	return s + "."
}

// Counts compares how many rows a query has with what is stored of its source.
func (p *Mapper) Counts(rows int64) []connector.Count {
	of := map[string]string{TypeMembers: "identities", TypeActivities: "activities", TypeRecords: "records"}[p.Type]
	if of == "" {
		return nil // organizations are shared by sources
	}
	return []connector.Count{{What: "rows", Platform: rows, Of: of}}
}

// Unordered reports whether a column of text, rather than of a database's own times, holds dates whose order is not told.
func (p *Mapper) Unordered(isTime func(column int) bool) bool {
	if p.dates.order != orderUnknown {
		return false
	}
	for i, f := range p.Fields {
		if isDateField(f) && !isTime(i) {
			return true
		}
	}
	return false
}
