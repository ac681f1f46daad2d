// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"strings"

	"greenroom/connector"
)

// Describe says in one sentence what the rows are and which column is taken for what.
func (m *Mapper) Describe() string {
	var taken, custom, ignored []string
	for i, h := range m.Header {
		switch {
		case m.Fields[i] != "" && m.Fields[i] != h:
			taken = append(taken, h+" as "+m.Fields[i])
		case m.Fields[i] != "":
			taken = append(taken, h)
		case m.Custom(i):
			custom = append(custom, h)
		default:
			ignored = append(ignored, h)
		}
	}
	s := "The rows are " + m.Type + " with " + strings.Join(taken, ", ")
	if len(custom) > 0 {
		s += "; custom fields: " + strings.Join(custom, ", ")
	}
	if len(ignored) > 0 {
		s += "; not used: " + strings.Join(ignored, ", ")
	}
	return s + "."
}

// Counts compares how many rows a query has with what is stored of its source.
func (m *Mapper) Counts(rows int64) []connector.Count {
	of := map[string]string{TypeMembers: "identities", TypeActivities: "activities", TypeRecords: "records"}[m.Type]
	if of == "" {
		return nil // organizations are shared by sources
	}
	return []connector.Count{{What: "rows", Platform: rows, Of: of}}
}

// Unordered reports whether a column of text, rather than of a database's own times, holds dates whose order is not told.
func (m *Mapper) Unordered(isTime func(column int) bool) bool {
	if m.dates.order != orderUnknown {
		return false
	}
	for i, f := range m.Fields {
		if isDateField(f) && !isTime(i) {
			return true
		}
	}
	return false
}
