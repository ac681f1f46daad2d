// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import "strings"

// Template is what a review can begin with.
type Template struct {
	Key      string `json:"key" doc:"Names it."`
	Title    string `json:"title" doc:"What is chosen with it."`
	Category string `json:"category" doc:"What kind of tool."`
	criteria string // a criterion a line: weight | name | what a good one looks like
}

// usual are criteria of every review.
const usual = `
15 | Cost over three years | Licenses, setting up, and the hours that it takes
10 | Data comes out again | Everything can be exported, in a format that others read
10 | Security and privacy | Where data lie, who sees them, single sign-on, erasing a person
10 | Connects with what we have | An API and webhooks that Greenroom and others can read
5 | Help when it breaks | Who answers, and how soon`

// Templates lists what reviews can begin with. Weights are where a talk begins, not where it ends.
func Templates() []Template {
	return []Template{
		{"platform", "Community platform", "platform", `
20 | Members like to be there | On a phone, with a keyboard, with a screen reader
15 | Answers are found | Search inside, and by search engines
10 | Moderation | Reports, roles, rules that act by themselves
5 | Looks like us | Our name, our domain, our colors` + usual},
		{"crm", "CRM", "crm", `
20 | Accounts and contacts as we see them | One person in several companies; companies in groups
15 | Community in it | Fields, tasks and timeline can be written to from outside
15 | Sales works in it already | Nobody has to type twice` + usual},
		{"analytics", "Analytics", "analytics", `
20 | Answers our questions | Ours, tried on our own data
15 | Figures can be opened | Who is behind a number, and how it is defined
10 | Many sources, one person | The same person on several platforms counts once
5 | Others can use it without a course |` + usual},
		{"events", "Events", "events", `
20 | Signing up is easy | Without an account, in the visitor's time zone
15 | Who came is known | On line and in a room, and it comes out as data
10 | Hosts can run it themselves | Chapters, templates, rights for each of them
5 | Reminders and follow-up |` + usual},
		{"surveys", "Surveys", "surveys", `
20 | People finish it | On a phone, in their language
15 | Questions that we need | Branches, scales, free text
15 | Answers belong to somebody | Known members or truly anonymous, as we say` + usual},
		{"support", "Support desk", "support", `
20 | Cases and conversations know each other | A question in the community becomes a case, and back
15 | Deflection can be counted | Who looked for an answer before opening a case
15 | Works for the people who answer |` + usual},
		{"automation", "Automation", "automation", `
20 | Does what we do by hand | Tried with our three longest processes
15 | Says what it did | A log, and what failed comes back to a person
15 | Asks before it writes to people |` + usual},
	}
}

// FindTemplate finds a template.
func FindTemplate(key string) (Template, error) {
	for _, t := range Templates() {
		if t.Key == key {
			return t, nil
		}
	}
	return Template{}, bad("there is no template %q of a review", key)
}

// Criteria are the criteria of a template.
func (t *Template) Criteria() []Criterion {
	all, err := ReadCriteria(t.criteria)
	if err != nil {
		return nil // ours are right; a test reads them all
	}
	return all
}

// ReadCriteria reads criteria as people write them, one a line: weight | name | what a good one looks like.
func ReadCriteria(text string) ([]Criterion, error) {
	var all []Criterion
	n := 0
	for row := range strings.Lines(text) {
		n++
		if row = strings.TrimSpace(row); row == "" {
			continue
		}
		parts := strings.SplitN(row, "|", 3)
		if len(parts) < 2 {
			return nil, bad("line %d of the criteria: write weight | name | what a good one looks like, such as 20 | Search | Answers are found", n)
		}
		weight, err := number(parts[0])
		if err != nil {
			return nil, bad("line %d of the criteria: %q is no weight; write a number from 0 to 100", n, strings.TrimSpace(parts[0]))
		}
		c := Criterion{Weight: weight, Name: strings.TrimSpace(parts[1])}
		if len(parts) == 3 {
			c.Help = strings.TrimSpace(parts[2])
		}
		all = append(all, c)
	}
	return all, nil
}

// ReadCandidates reads candidates as people write them, one a line: name | address | cost.
func ReadCandidates(text string) []Candidate {
	var all []Candidate
	for row := range strings.Lines(text) {
		if row = strings.TrimSpace(row); row == "" {
			continue
		}
		parts := append(strings.SplitN(row, "|", 3), "", "")
		all = append(all, Candidate{Name: strings.TrimSpace(parts[0]), URL: strings.TrimSpace(parts[1]), Cost: strings.TrimSpace(parts[2])})
	}
	return all
}

// Keep gives criteria and candidates the keys that those of the same name had, so that their scores stay.
func (d *ReviewDraft) Keep(before *ReviewDraft) {
	for i := range d.Criteria {
		for _, old := range before.Criteria {
			if d.Criteria[i].Key == "" && d.Criteria[i].Name == old.Name {
				d.Criteria[i].Key = old.Key
			}
		}
	}
	for i := range d.Candidates {
		for _, old := range before.Candidates {
			if d.Candidates[i].Key == "" && d.Candidates[i].Name == old.Name {
				d.Candidates[i].Key = old.Key
			}
		}
	}
}
