// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"strconv"
	"time"
)

// Show gives a row's values by field: as they would be stored where facts came of it, dates in RFC 3339 and amounts as
// numbers, else (f nil) as they are written.
func (m *Mapper) Show(values []string, f *Facts) map[string]string {
	out := make(map[string]string)
	c := cells{m, values}
	for field := range m.index {
		if v := c.get(field); v != "" {
			out[field] = v
		}
	}
	if f == nil {
		return out
	}
	date := func(field string, t time.Time) {
		if !t.IsZero() {
			out[field] = t.Format(time.RFC3339)
		}
	}
	switch m.Type {
	case TypeMembers:
		date(fJoined, f.Identity.JoinedAt)
	case TypeActivities:
		date(fWhen, f.Activity.OccurredAt)
		out[fKind] = f.Activity.Kind.String()
	case TypeRecords:
		date(fOpened, f.Record.OpenedAt)
		date(fClosed, f.Record.ClosedAt)
		if _, ok := out[fAmount]; ok {
			out[fAmount] = strconv.FormatFloat(f.Record.Amount, 'f', -1, 64)
		}
		out[fType] = f.Record.Type
		if f.Record.Currency != "" {
			out[fCurrency] = f.Record.Currency
		}
	case TypeOrganizations:
		if f.Organization.Lifecycle != "" {
			out[fLifecycle] = f.Organization.Lifecycle
		}
	}
	return out
}
