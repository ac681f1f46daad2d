// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file is what a live connector can write. A Source that can has the methods; whoever wants to write looks for them
// with a type assertion. Nothing is written by reading, and nothing is written but by a logged action.

// PropertyType says which values a property of a contact takes.
type PropertyType string

// The property types that can be written, with the text that stands for a value.
const (
	PropertyText   PropertyType = "text"
	PropertyNumber PropertyType = "number" // decimal, with a point
	PropertyDay    PropertyType = "day"    // 2006-01-02, UTC
	PropertyTime   PropertyType = "time"   // RFC 3339, UTC, seconds
)

// Property is something of a contact or a company that can be written.
type Property struct {
	Name   string       `json:"name"`  // as the platform's API calls it
	Label  string       `json:"label"` // as people see it there
	Type   PropertyType `json:"type"`
	Max    int          `json:"max,omitempty"`    // characters that a text can have; 0 = not told
	Custom bool         `json:"custom,omitempty"` // made by the account rather than by the platform
	New    bool         `json:"new,omitempty"`    // it is not there yet, and is made before it is written
}

// ContactChange is what is to become of one contact, or of one company where companies are written.
type ContactChange struct {
	Contact string            // its external id
	Set     map[string]string // values by the property's name, as PropertyType says; "" empties it
	Note    *ContactNote      // nil = none
	// Again says that this change was sent before and nobody knows whether it arrived, so that what is not harmless to
	// repeat has to be looked for first.
	Again bool
}

// ContactNote is a note that is put beside a contact.
type ContactNote struct {
	Key  string // unique in all of Greenroom; it stands in the note, so that the note is found again
	Text string
	Link string // "" = none
	At   time.Time
}

// Outcome says what became of a change.
type Outcome string

// The outcomes.
const (
	OutcomeDone      Outcome = "done"
	OutcomeUnchanged Outcome = "unchanged" // the contact had the values already
	OutcomeFailed    Outcome = "failed"
)

// Written is what became of one change.
type Written struct {
	Contact string
	Before  map[string]string // the values that it had, of the properties that were to be set
	Outcome Outcome
	Reason  string // why it failed
	Link    string // where what was made is seen, or what it stands beside; "" = not known
}

// Writer is a source whose platform's contacts can be written.
type Writer interface {
	Source
	Fields
}

// Fields is one kind of things of a platform whose properties can be written: its contacts, or its companies. What is said
// of contacts here holds for companies, too; those have no notes.
type Fields interface {
	// Writes reports whether an external id of the source is that of a contact that can be written.
	Writes(externalID string) bool
	// Properties lists what can be written, in the order of a form. The error has CodeForbidden where the credential may
	// not write, with what it lacks.
	Properties(ctx context.Context) ([]Property, error)
	// Present reads values of contacts, by external id and property. Contacts that are gone are left out.
	Present(ctx context.Context, contacts []string, properties []Property) (map[string]map[string]string, error)
	// Write reads what the contacts have, sends what differs, and tells of each change what became of it, in the order of
	// changes. Repeating it is harmless. An error means that nothing further can be written now; changes that were sent
	// may have arrived.
	Write(ctx context.Context, changes []ContactChange, properties []Property) ([]Written, error)
}

// PropertyMaker is Fields to which properties can be added.
type PropertyMaker interface {
	// MakeProperties makes properties by name, label and type. Those that are there already are left as they are. The error
	// has CodeForbidden where the credential may not, with what it lacks.
	MakeProperties(ctx context.Context, properties []Property) error
}

// AccountWriter is a source whose platform's companies can be written, and can be given tasks.
type AccountWriter interface {
	Source
	// Accounts are the companies.
	Accounts() Fields
	// AddTasks puts tasks beside companies, those whose keys stand in no task there yet, and tells of each what became of it, in
	// their order. Repeating it is harmless. An error means that nothing further can be added now; tasks that were sent may have
	// arrived.
	AddTasks(ctx context.Context, tasks []AccountTask) ([]Written, error)
}

// AccountTask is a task for whoever looks after a company.
type AccountTask struct {
	Account string // the company's external id
	Key     string // unique in all of Greenroom; it stands in the task, so that the task is found again
	Subject string
	Text    string
	Link    string // "" = none
	Due     time.Time
	Owner   string // the e-mail address of whose it is; where that is "" or nobody there, it is the company's owner's
}

// SortProperties puts properties into the order of a form: those that the account made first, each by what people see.
func SortProperties(list []Property) {
	slices.SortStableFunc(list, func(a, b Property) int {
		if a.Custom != b.Custom {
			if a.Custom {
				return -1
			}
			return 1
		}
		return cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
}

// Same reports whether two texts stand for one value of the property, however the platform writes it.
func (p *Property) Same(a, b string) bool { return p.canonical(a) == p.canonical(b) }

func (p *Property) canonical(v string) string {
	v = strings.TrimSpace(v)
	if v == "" {
		return ""
	}
	switch p.Type {
	case PropertyNumber:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
	case PropertyDay:
		if at, ok := moment(v); ok {
			return at.Format(time.DateOnly)
		}
	case PropertyTime:
		if at, ok := moment(v); ok {
			return at.Format(time.RFC3339)
		}
	case PropertyText:
		return strings.ReplaceAll(v, "\r\n", "\n")
	}
	return v
}

// moment reads a time in the ways in which CRMs write one: ISO 8601, a day, or milliseconds.
func moment(v string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.000-0700", time.DateOnly} {
		if at, err := time.Parse(layout, v); err == nil {
			return at.UTC().Truncate(time.Second), true
		}
	}
	if ms, err := strconv.ParseInt(v, 10, 64); err == nil && ms > 1e10 {
		return time.UnixMilli(ms).UTC().Truncate(time.Second), true
	}
	return time.Time{}, false
}

// ColumnType says what a column of a table holds.
type ColumnType string

// The column types, with the text that stands for a value; "" is none.
const (
	ColumnText    ColumnType = "text"
	ColumnInteger ColumnType = "integer"
	ColumnNumber  ColumnType = "number" // decimal, with a point
	ColumnTime    ColumnType = "time"   // RFC 3339
)

// Table is a table that rows are written to. Its first column is the key, which every row has.
type Table struct {
	Name    string // lower case letters, digits and underscores, as the columns' names
	Columns []TableColumn
}

// TableColumn is a column of a table.
type TableColumn struct {
	Name string
	Type ColumnType
}

// Loader is a source of whose database tables can be written.
type Loader interface {
	Source
	// Loads names the schema that tables are written to; "" = it is not allowed to.
	Loads() string
	// Load makes the table where there is none, adds rows and replaces those that have the same key. Each row has a text
	// for each column, and no two have one key. It returns how many rows were new or differed. Repeating it is harmless.
	Load(ctx context.Context, t Table, rows [][]string) (changed int64, err error)
	// Delete deletes the rows that have the keys, and returns how many there were. It makes the table where there is none.
	// Repeating it is harmless.
	Delete(ctx context.Context, t Table, keys []string) (deleted int64, err error)
}
