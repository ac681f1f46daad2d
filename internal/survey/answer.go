// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is the answer to one question. What is set goes by the question's type.
type Value struct {
	Number  *int              `json:"number,omitempty"`  // scales
	Choices []string          `json:"choices,omitempty"` // ids
	Text    string            `json:"text,omitempty"`
	Rows    map[string]string `json:"rows,omitempty"` // matrix: row → choice
}

// Answers are the answers by question.
type Answers map[string]Value

// maxWords is the size of a text that somebody writes, in characters.
const maxWords = 5000

// empty reports whether nothing was answered.
func (v *Value) empty() bool {
	return v.Number == nil && len(v.Choices) == 0 && v.Text == "" && len(v.Rows) == 0
}

// Texts writes the value as texts: a number, the ids of choices, the words, row=choice.
func (v *Value) Texts() []string {
	switch {
	case v.Number != nil:
		return []string{strconv.Itoa(*v.Number)}
	case len(v.Choices) > 0:
		return v.Choices
	case v.Text != "":
		return []string{v.Text}
	}
	var all []string
	for _, row := range slices.Sorted(maps.Keys(v.Rows)) {
		all = append(all, row+"="+v.Rows[row])
	}
	return all
}

// Problem is what is wrong with an answer.
type Problem string

// The problems; pages say them in the member's language.
const (
	Missing Problem = "missing" // it has to be answered
	Unknown Problem = "unknown" // it cannot be answered so
	TooLong Problem = "too long"
)

// Read takes the answer to a question from a form; get gives the values of a field. Fields are named by Field.
func (q *Question) Read(get func(field string) []string) (v Value, problem Problem) {
	first := func(field string) string {
		if all := get(field); len(all) > 0 {
			return strings.TrimSpace(all[0])
		}
		return ""
	}
	switch q.Type {
	case NPS, CSAT, CES, Rating:
		if text := first(q.Field("")); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return v, Unknown
			}
			v.Number = &n
		}
	case Single:
		if text := first(q.Field("")); text != "" {
			v.Choices = []string{text}
		}
	case Multiple:
		for _, c := range get(q.Field("")) {
			if c != "" && !slices.Contains(v.Choices, c) {
				v.Choices = append(v.Choices, c)
			}
		}
	case Text:
		v.Text = strings.ToValidUTF8(strings.ReplaceAll(first(q.Field("")), "\x00", ""), "")
	case Matrix:
		for i := range q.Rows {
			if c := first(q.Field(q.Rows[i].ID)); c != "" {
				if v.Rows == nil {
					v.Rows = make(map[string]string)
				}
				v.Rows[q.Rows[i].ID] = c
			}
		}
	}
	return v, q.Check(&v)
}

// Field names the form field of a question; row is that of a matrix, "" elsewhere.
func (q *Question) Field(row string) string {
	if row == "" {
		return "q." + q.ID
	}
	return "q." + q.ID + "." + row
}

// Check says what is wrong with an answer; "" = nothing.
func (q *Question) Check(v *Value) Problem {
	if v.empty() {
		if q.Required {
			return Missing
		}
		return ""
	}
	known := func(id string) bool { return slices.ContainsFunc(q.Choices, func(c Choice) bool { return c.ID == id }) }
	low, high, scaled := q.Scale()
	switch {
	case scaled:
		if v.Number == nil || *v.Number < low || *v.Number > high {
			return Unknown
		}
	case q.Type == Single || q.Type == Multiple:
		if len(v.Choices) == 0 || q.Type == Single && len(v.Choices) > 1 || slices.ContainsFunc(v.Choices, func(c string) bool { return !known(c) }) {
			return Unknown
		}
	case q.Type == Text:
		if utf8.RuneCountInString(v.Text) > maxWords {
			return TooLong
		}
	case q.Type == Matrix:
		for row, c := range v.Rows {
			if !known(c) || !slices.ContainsFunc(q.Rows, func(r Choice) bool { return r.ID == row }) {
				return Unknown
			}
		}
		if q.Required && len(v.Rows) < len(q.Rows) {
			return Missing
		}
	}
	return ""
}
