// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"slices"
	"strings"

	"greenroom/internal/text"
	"greenroom/internal/text/judge/corpus"
)

// permissive are the licenses with which a model that ships may be trained on anything.
var permissive = []string{"Apache-2.0", "MIT", "CC0-1.0", "CC-BY-4.0", "BSD-2-Clause", "BSD-3-Clause", "ISC"}

// unstated are the sources whose publishers put them out for classifiers to be trained on and state no license, and on
// which a model that ships may be trained all the same: docs/decisions/0006 says why these, and why no others.
var unstated = []string{
	"github_gold_msr20", "intention_gh_bootstrap", "intention_gh_docker", "intention_gh_tensorflow", "intention_gh_vscode", "jira_ortu",
	"nlbse24_issue", "bitcoin", "opencv", "react", "tensorflow", "vscode", // the last five are the projects of nlbse24_issue
}

// noLicense is what rows say whose source states none.
const noLicense = "none-stated"

// Trainable reports whether a model may ship that was trained on rows of a source with a license.
func Trainable(source, license string) bool {
	return slices.Contains(permissive, license) || license == noLicense && slices.Contains(unstated, source)
}

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
