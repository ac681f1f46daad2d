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
	"slices"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rowmap"
)

// The options.
const (
	optPath      = "path"
	optDelimiter = "delimiter"

	valueAuto = "auto"
)

// What the rows of a file may be.
const (
	TypeAuto          = rowmap.TypeAuto
	TypeMembers       = rowmap.TypeMembers
	TypeOrganizations = rowmap.TypeOrganizations
	TypeActivities    = rowmap.TypeActivities
	TypeRecords       = rowmap.TypeRecords
)

// Field is one thing that a column can hold.
type Field = rowmap.Field

// Fields lists the fields of a type, in the order in which forms show them.
func Fields(typ string) []Field { return rowmap.Fields(typ) }

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
	shared := rowmap.Options()
	own := []connector.Option{
		{
			Name: optPath, Label: "File", Type: connector.Path, Required: true, Example: "/data/members.csv",
			Help: "The CSV file: UTF-8, UTF-16 or Windows-1252, with commas, semicolons, tabs or bars between the columns.",
		},
		{
			Name: optDelimiter, Label: "Between the columns", Type: connector.Choice, Default: valueAuto,
			Choices: []string{valueAuto, "comma", "semicolon", "tab", "pipe"},
			Help:    "The character between two columns; auto finds it out.",
		},
	}
	// The form asks how the file is written between what its columns are and what their values mean.
	return slices.Concat(own[:1], shared[:3], own[1:], shared[3:])
}

// settings are the options, checked.
type settings struct {
	*rowmap.Settings

	path       string
	askedDelim byte // 0 = find out
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
	shared, err := rowmap.ReadSettings(v)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says which option is wrong
	}
	s := &settings{Settings: shared, path: strings.TrimSpace(v[optPath])}
	for _, d := range delimiters() {
		if d.name == v[optDelimiter] {
			s.askedDelim = d.char
		}
	}
	if d := v[optDelimiter]; d != "" && d != valueAuto && s.askedDelim == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is one of auto, comma, semicolon, tab, pipe, not %q", optDelimiter, d)
	}
	return s, nil
}
