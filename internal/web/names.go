// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	crew "greenroom/internal/team"
	"greenroom/internal/web/ui"
)

// teamNames are the names of the team's people, by mail address in lower case.
type teamNames map[string]string

// teamNames reads the names of the team's people.
func (s *Site) teamNames(r *http.Request) (teamNames, error) {
	if s.cfg.Crew == nil {
		return teamNames{}, nil
	}
	people, err := s.cfg.Crew.People(r.Context())
	return crewNames(people), err
}

func crewNames(people []crew.Person) teamNames {
	names := make(teamNames, len(people))
	for i := range people {
		names[strings.ToLower(people[i].Email)] = people[i].Label()
	}
	return names
}

// named gives people their names; what is no mail address of the team stays as it was written.
func named(names teamNames, all ...string) string {
	text, _ := names.who(all...)
	return text
}

// who is how people are shown: by their names, and as title by the mail addresses that stand behind them, where that is
// something else. What is no mail address of the team stays as it was written.
func (n teamNames) who(all ...string) (text, title string) {
	out := make([]string, 0, len(all))
	for _, x := range all {
		out = append(out, firstText(n[strings.ToLower(x)], x))
	}
	text, title = strings.Join(out, ", "), strings.Join(all, ", ")
	if strings.EqualFold(text, title) {
		title = ""
	}
	return text, title
}

// covered adds who stands in for somebody who is away.
func (n teamNames) covered(by string) string {
	if by == "" {
		return ""
	}
	return "covered by " + named(n, by)
}

// cell, fact and meta show people in a table, among facts, and below a row.
func (n teamNames) cell(all ...string) ui.Cell {
	text, title := n.who(all...)
	return ui.Cell{Text: text, Title: title}
}

func (n teamNames) fact(label, nobody string, all ...string) ui.Fact {
	text, title := n.who(all...)
	return ui.Fact{Label: label, Value: firstText(text, nobody), Title: title}
}

func (n teamNames) meta(nobody string, all ...string) ui.Meta {
	text, title := n.who(all...)
	return ui.Meta{Text: firstText(text, nobody), Title: title}
}
