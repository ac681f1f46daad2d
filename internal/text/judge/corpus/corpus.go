// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package corpus holds the messages that we wrote to train the judge with: what members of product communities say, each
// with its category and sentiment, and tickets as issue trackers have them (issue_*), some with the forms of trackers and
// all that stands in those (ticket_*).
//
// They are written by hand, each for itself, so that what is learned from them is how people ask, report, wish and
// praise, and not the words of one product. The license is that of the project.
package corpus

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed *.jsonl
var files embed.FS

// License is the SPDX identifier of the corpus.
const License = "Apache-2.0"

// Row is a message with what a reader would say of it. Fields that nobody judged are empty.
type Row struct {
	Text      string `json:"text"`
	Category  string `json:"category,omitempty"`  // as text.Category writes it
	Sentiment string `json:"sentiment,omitempty"` // as text.Sentiment writes it
	Urgency   string `json:"urgency,omitempty"`   // as text.Urgency writes it; empty = none
	Issue     string `json:"issue,omitempty"`     // bug, feature or question, of a ticket
	File      string `json:"-"`                   // the name of its file, without the ending
}

// Rows reads the whole corpus, in a fixed order.
func Rows() ([]Row, error) {
	names, err := fs.Glob(files, "*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("listing the corpus: %w", err)
	}
	var rows []Row
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the corpus: %w", err)
		}
		n := 0
		for line := range bytes.Lines(data) {
			n++
			row := Row{File: strings.TrimSuffix(path.Base(name), ".jsonl")}
			if err := json.Unmarshal(line, &row); err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", name, n, err)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
