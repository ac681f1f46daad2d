// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package csv reads members, organizations, activities or business records from one CSV file.
//
// How a file is written is found out from its first megabyte: the encoding, the delimiter, what the rows are and which
// column holds what, by headers in several languages, and whether 02/03 is in February or March. Each of these can be
// set by an option; Preview shows what would come of it before anything is stored.
//
// A row becomes facts as a whole or is rejected with its line. What cannot be told for certain, such as a date that may
// be two, is rejected with the option that settles it, rather than guessed.
package csv

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// The options.
const (
	optPath       = "path"
	optType       = "type"
	optMapping    = "mapping"
	optUnmapped   = "unmapped"
	optDelimiter  = "delimiter"
	optDateOrder  = "date-order"
	optTimeZone   = "time-zone"
	optBusiness   = "business"
	optVerified   = "verified"
	optKind       = "kind"
	optRecordType = "record-type"
	optCurrency   = "currency"

	valueAuto     = "auto"
	valueField    = "field"
	valueIgnore   = "ignore"
	valueDayFirst = "day-month"
	valueMonFirst = "month-day"
)

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:     "csv",
		Title:    "CSV file",
		Platform: "csv",
		Summary:  "Members, organizations, activities or business records from a CSV file, with a mapping of its columns.",
		Help: `Any program that shows a table can save it as CSV. The first row has to hold the names of the columns.

- **Excel:** File → Save as → **CSV UTF-8**.
- **Google Sheets:** File → Download → **Comma-separated values**.
- **CRM and event tools:** look for **Export**, one file for each kind of thing: people, companies, deals.

Columns are recognized by their names, in several languages; look at the preview and correct it with the mapping.
Give every file its own source, and a later export of the same file to the same source.`,
		Primary: optPath,
		Options: options(),
		New:     newSource,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{
			Name: optPath, Label: "File", Type: connector.Path, Required: true, Example: "/data/members.csv",
			Help: "The CSV file: UTF-8, UTF-16 or Windows-1252, with commas, semicolons, tabs or bars between the columns.",
		},
		{
			Name: optType, Label: "What the rows are", Type: connector.Choice, Default: TypeAuto,
			Choices: []string{TypeAuto, TypeMembers, TypeOrganizations, TypeActivities, TypeRecords},
			Help:    "Members, organizations, activities, or records (deals, cases, subscriptions); auto tells by the column names.",
		},
		{
			Name: optMapping, Label: "Mapping of the columns", Type: connector.Mapping, Example: `email=Mail,name=Full name,joined=#4`,
			Help: "Pairs field=column, with commas between them. A column is given by its name, in quotation marks if it holds a comma, or its number such as #4; nothing behind = leaves the field empty. Other columns are found by their names.",
		},
		{
			Name: optUnmapped, Label: "Other columns", Type: connector.Choice, Default: valueField, Choices: []string{valueField, valueIgnore},
			Help: "Whether the columns without a field become custom fields or are ignored. Activities have none.",
		},
		{
			Name: optDelimiter, Label: "Between the columns", Type: connector.Choice, Default: valueAuto,
			Choices: []string{valueAuto, "comma", "semicolon", "tab", "pipe"},
			Help:    "The character between two columns; auto finds it out.",
		},
		{
			Name: optDateOrder, Label: "Order of dates", Type: connector.Choice, Default: valueAuto,
			Choices: []string{valueAuto, valueDayFirst, valueMonFirst},
			Help:    "How 02/03/2025 is meant; auto goes by the dates in the file that can mean only one thing.",
		},
		{
			Name: optTimeZone, Label: "Time zone", Type: connector.Text, Default: "UTC", Example: "Europe/Berlin",
			Help: "The time zone of times that do not say theirs.",
		},
		{
			Name: optVerified, Label: "Addresses are verified", Type: connector.Bool, Default: "false",
			Help: "Whether the file comes from a system that has confirmed that people own their e-mail addresses. It is shown as the reason where an address joins two accounts.",
		},
		{
			Name: optBusiness, Label: "From a business system", Type: connector.Bool, Default: "false",
			Help: "Whether the people in the file are contacts, known from a CRM or a ticketing system, and become members only when they act in the community.",
		},
		{
			Name: optKind, Label: "Kind of the activities", Type: connector.Text, Default: "message", Example: "attendance",
			Help: "The kind of activities whose row does not say it.",
		},
		{
			Name: optRecordType, Label: "Type of the records", Type: connector.Choice, Default: "deal", Choices: []string{"deal", "case", "subscription"},
			Help: "What a business record is whose row does not say it.",
		},
		{
			Name: optCurrency, Label: "Currency", Type: connector.Text, Example: "EUR",
			Help: "The currency of amounts that do not name theirs, as a code of three letters.",
		},
	}
}

// settings are the options, checked.
type settings struct {
	path       string
	asked      string // the type of rows, or auto
	mapping    []pair
	unmapped   bool // into custom fields
	askedDelim byte // 0 = find out
	order      dateOrder
	zone       *time.Location
	verified   bool
	kind       greenroom.Kind
	recordType string
	currency   string
}

// source is one configured file.
type source struct{ settings }

func newSource(_ connector.Env, v connector.Values) (connector.Source, error) {
	s, err := readSettings(v)
	if err != nil {
		return nil, err
	}
	if s.path == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "say where the CSV file is")
	}
	st, err := os.Stat(s.path)
	if err != nil || st.IsDir() {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "there is no readable file " + s.path + "; give a CSV file"}
	}
	if abs, err := filepath.Abs(s.path); err == nil {
		s.path = abs
	}
	return &source{settings: *s}, nil
}

// readSettings checks all options but the path.
func readSettings(v connector.Values) (*settings, error) {
	s := &settings{
		path: strings.TrimSpace(v[optPath]), asked: TypeAuto, unmapped: true, zone: time.UTC, kind: greenroom.KindMessage, recordType: "deal",
		currency: strings.ToUpper(strings.TrimSpace(v[optCurrency])),
	}
	all := options()
	for i := range all {
		if o := &all[i]; len(o.Choices) > 0 && v[o.Name] != "" && !isOneOf(o.Choices, v[o.Name]) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is one of %s, not %q", o.Name, strings.Join(o.Choices, ", "), v[o.Name])
		}
	}
	if v[optType] != "" {
		s.asked = v[optType]
	}
	s.unmapped = v[optUnmapped] != valueIgnore
	for _, d := range delimiters() {
		if d.name == v[optDelimiter] {
			s.askedDelim = d.char
		}
	}
	switch v[optDateOrder] {
	case valueDayFirst:
		s.order = orderDayFirst
	case valueMonFirst:
		s.order = orderMonthFirst
	}
	var err error
	if z := strings.TrimSpace(v[optTimeZone]); z != "" {
		if s.zone, err = time.LoadLocation(z); err != nil || z == "Local" {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no time zone %q; give one such as Europe/Berlin or UTC", z)
		}
	}
	switch v[optVerified] {
	case "", "false":
	case "true":
		s.verified = true
	default:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is true or false, not %q", optVerified, v[optVerified])
	}
	if k := strings.TrimSpace(v[optKind]); k != "" {
		if s.kind = parseKind(k); s.kind == greenroom.KindUnknown {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no activity kind %q; give one such as message, attendance or usage", k)
		}
	}
	if v[optRecordType] != "" {
		s.recordType = v[optRecordType]
	}
	if _, ok := currencyCode(s.currency); !ok || s.currency != "" && len(s.currency) != 3 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the currency is a code of three letters such as EUR, not %q", s.currency)
	}
	s.mapping, err = parseMapping(v[optMapping])
	return s, err
}

func isOneOf(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
