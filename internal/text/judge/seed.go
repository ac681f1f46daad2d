// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"slices"
	"strings"

	"greenroom/internal/text"
	"greenroom/internal/text/judge/corpus"
)

// permissive are the licenses of what a model that ships may be trained on.
var permissive = []string{"Apache-2.0", "MIT", "CC0-1.0", "CC-BY-4.0", "BSD-2-Clause", "BSD-3-Clause", "ISC"}

// Permissive reports whether a model may ship that was trained on rows with a license.
func Permissive(license string) bool { return slices.Contains(permissive, license) }

// message makes a message of a row's text. The placeholder that one public set has for people's names is one of a mention.
func message(s string) text.Message {
	return text.Message{Body: strings.ReplaceAll(s, "[NAME]", "@someone")}
}

// wholeTicket begins the names of the files of tickets with forms and all.
const wholeTicket = "ticket_"

// Seed returns the rows of the corpus that we wrote, for all tasks. A message of the corpus teaches more than one: one
// that asks is a question, too, and a ticket has a category. The kind of ticket is learned from tickets only, since chat
// has another form; whole tickets (ticket_*) teach nothing else, because most of what stands in them is form.
func Seed() ([]Row, error) {
	list, err := corpus.Rows()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i := range list {
		c := &list[i]
		put := func(t Task, label string) {
			rows = append(rows, Row{Task: t, Text: c.Text, Label: label, Source: seedPrefix + c.File, License: corpus.License})
		}
		kind := c.Category
		if kind == "" {
			kind = c.Issue
		}
		if !strings.HasPrefix(c.File, wholeTicket) {
			put(TaskCategory, kind)
		}
		if c.Sentiment != "" {
			put(TaskSentiment, c.Sentiment)
		}
		if c.Issue != "" {
			put(TaskIssue, c.Issue)
		}
		switch {
		case c.Category == "question":
			put(TaskQuestion, "1")
		case c.Category != "" && !strings.Contains(c.Text, "?"):
			put(TaskQuestion, "0")
		}
	}
	return rows, nil
}
