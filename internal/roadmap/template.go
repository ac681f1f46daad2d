// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"strings"

	"greenroom/internal/schedule"
)

// Template is a plan to begin with.
type Template struct {
	Key    string
	Title  string
	Stage  string // of the community that it suits: new, growing, established or any
	Intent string
	tasks  string // a task a line: title | working days | what it waits for, by line | what it makes
}

// Templates lists what plans can begin with, by kind and by the community's stage.
func Templates() []Template {
	return []Template{
		{"retention", "Keep people past their first 30 days", "any", "People who get an answer and meet somebody in the first weeks stay. We find out who leaves and why, reach the next ones in time, and look at whether it helped.", `
Say who counts as leaving, and read the baseline | 2
Talk to five who left | 5 | 1
Write the check-in for day 3, day 10 and day 25 | 3 | 1
Let the check-in workflow run with a control group | 20 | 3 | workflow:trial
Survey at day 30 | 2 | 3 | survey:after-30-days
Begin a cohort program for newcomers | 5 | 2 | program:Nurture
Watch questions of newcomers that wait for an answer | 1 | 1 | alert:A question waits for a day
Look at topics, and at what newcomers write about | 2 | 2 | topics
First look with stakeholders | 0 | 4, 5, 8
Change what does not help | 5 | 9
Report what came out, with the interval | 2 | 10 | report:executive`},
		{"champions", "Champion program", "growing", "A few people help many. We find them, ask them, give them what they need, and thank them.", `
Say what champions do and what they get | 3
Find candidates among helpers | 2 | 1
Ask the first ten in person | 5 | 2
Write the handbook and the code of conduct | 5 | 1
Open a private channel | 1 | 3
Welcome call | 0 | 4, 5
First month: one task each | 20 | 6
Thank them in public | 1 | 7
Look at what changed and decide on the next round | 2 | 7`},
		{"meetups", "Meetup series", "growing", "People who have met come back. Three evenings show whether it carries.", `
Choose cities by where members are | 2
Find a host in each | 10 | 1
Book the venue | 5 | 2
Find speakers | 10 | 2
Announce | 2 | 3, 4
First meetup | 0 | 5
Follow up with everybody who came | 2 | 6
Second meetup | 1 | 7
Third meetup | 1 | 8
Look back and decide | 2 | 9`},
		{"launch", "Launch", "any", "What is new reaches those it is for, and what they say reaches those who built it.", `
Agree on the message with product | 3
Prepare answers to what will be asked | 3 | 1
Brief champions under embargo | 2 | 1
Write announcement and posts | 4 | 1
Launch day | 0 | 2, 3, 4
Watch questions and feelings for two weeks | 10 | 5
Report to product | 2 | 6`},
		{"beta", "Beta with members", "any", "Members try what is not finished, and what they find changes it.", `
Say what we want to learn | 2
Choose testers by a query, with a control group | 2 | 1
Invite and take consent | 3 | 2
Beta runs | 20 | 3
Weekly summary of feedback | 15 | 3
Survey | 3 | 4
Tell testers what changed because of them | 2 | 6`},
		{"content", "Content collaboration", "established", "Members write what others search for.", `
Find topics that are asked often and answered nowhere | 2
Ask members who know them | 5 | 1
Drafts | 10 | 2
Review | 5 | 3
Publish | 0 | 4
Measure use and repeat questions | 10 | 5`},
		{"vendor-review", "Vendor review", "established", "Tools that are not used cost twice. Three are compared by what we need.", `
List needs with weights | 3
Long list | 2 | 1
Demos of three | 8 | 2
Trial with real work | 10 | 3
Scorecard and cost over three years | 2 | 4
Security and legal review | 5 | 3
Decision | 0 | 5, 6`},
		{"first-months", "First months of a new community", "new", "Before it is large, a community is a few people who come back.", `
Talk to ten people it is for | 10
Say in one sentence why it exists | 1 | 1
Choose one place | 2 | 2
Invite the first twenty by name | 5 | 3
Answer everything within a day | 20 | 4
First event | 0 | 4
Ask who wants to help | 3 | 5
Look back: who came back, and why | 2 | 7`},
		{"empty", "Empty plan", "any", "", ""},
	}
}

// FindTemplate finds a template.
func FindTemplate(key string) (Template, error) {
	for _, t := range Templates() {
		if t.Key == key {
			return t, nil
		}
	}
	return Template{}, bad("there is no template %q", key)
}

// Tasks makes the tasks of a template, numbered below 0.
func (t *Template) Tasks() []Task {
	var all []Task
	for text := range strings.Lines(strings.TrimSpace(t.tasks)) {
		parts := strings.Split(strings.TrimSpace(text), "|")
		if len(parts) < 2 {
			continue
		}
		n := int64(len(all) + 1)
		task := Task{ID: -n, Place: n, Title: strings.TrimSpace(parts[0]), Days: number(parts[1])}
		if len(parts) > 3 {
			task.Makes = strings.TrimSpace(parts[3])
		}
		if len(parts) > 2 && strings.TrimSpace(parts[2]) != "" {
			for on := range strings.SplitSeq(parts[2], ",") {
				task.After = append(task.After, schedule.Dependency{On: -int64(number(on))})
			}
		}
		all = append(all, task)
	}
	return all
}

// number reads a number of a template, which is a constant; a test reads them all.
func number(text string) int {
	n := 0
	for _, r := range strings.TrimSpace(text) {
		n = n*10 + int(r-'0')
	}
	return n
}
