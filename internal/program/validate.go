// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Draft is what people say about a program.
type Draft struct {
	Key     string `json:"key,omitempty"` // "" = made from the name; it cannot be changed later
	Name    string `json:"name"`
	Kind    Kind   `json:"kind,omitempty"`  // "" = other
	Owner   string `json:"owner,omitempty"` // "" = who makes it
	Sponsor string `json:"sponsor,omitempty"`
	Plan    Plan   `json:"plan"`
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

// check says what is wrong with a draft, and puts it in order: texts are trimmed, keys are made where there are none, and
// queries are written as Greenroom writes them.
func (d *Draft) check(schema func(query.Entity) *query.Schema) error {
	d.Name, d.Key, d.Owner, d.Sponsor = strings.TrimSpace(d.Name), strings.TrimSpace(d.Key), strings.TrimSpace(d.Owner), strings.TrimSpace(d.Sponsor)
	if d.Kind == "" {
		d.Kind = Other
	}
	switch {
	case d.Name == "" || utf8.RuneCountInString(d.Name) > maxName || strings.ContainsAny(d.Name, "\n\t@,\"/"):
		return invalid("a program needs a name of at most %d characters, without quotes, commas, slashes and @", maxName)
	case d.Key != "" && (len(d.Key) > maxKey || !keyForm.MatchString(d.Key)):
		return invalid("a key is lower-case letters and digits with hyphens between them, such as champions")
	case !slices.Contains(Kinds(), d.Kind):
		return invalid("there is no kind of program %q", d.Kind)
	}
	return d.Plan.check(schema)
}

func (p *Plan) check(schema func(query.Entity) *query.Schema) error {
	p.Purpose, p.Goal, p.Cohort, p.Currency = strings.TrimSpace(p.Purpose), strings.TrimSpace(p.Goal), strings.TrimSpace(p.Cohort), strings.ToUpper(strings.TrimSpace(p.Currency))
	if p.Currency == "" {
		p.Currency = "USD"
	}
	switch {
	case len(p.Purpose) > maxText || len(p.Goal) > maxText:
		return invalid("purpose and goal have at most %d characters each", maxText)
	case len(p.Stages) == 0:
		return invalid("a program needs a stage at least, such as Active")
	case p.Budget < 0:
		return invalid("the budget is 0 (none) or more")
	case p.Places < 0:
		return invalid("the places are 0 (any number) or more, not %d", p.Places)
	case !currencyForm.MatchString(p.Currency):
		return invalid("%q is no currency; expected three letters such as EUR", p.Currency)
	case len(p.Stages) > maxLines || len(p.Form) > maxLines || len(p.Perks) > maxLines || len(p.Runbook) > maxLines || len(p.Dates) > 4*maxLines || len(p.Targets) > maxLines:
		return invalid("a program has at most %d stages, questions, perks, steps of its runbook and targets", maxLines)
	}
	if p.Qualifies = strings.TrimSpace(p.Qualifies); p.Qualifies != "" {
		q, err := query.Parse(schema(query.Members), p.Qualifies)
		if err != nil {
			return fmt.Errorf("who qualifies: %w", err)
		}
		p.Qualifies = query.Format(q.Root)
	}
	for _, check := range []func() error{p.checkStages, p.checkForm, p.checkPerks, func() error { return p.checkTargets(schema) }, p.checkRest} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// keys makes sure that each thing of a list has a key of its own.
type keys map[string]bool

func (k keys) fill(key *string, name, what string) error {
	if *key == "" {
		base := keyOf(name, what)
		*key = base
		for n := 2; k[*key]; n++ {
			*key = fmt.Sprintf("%s-%d", base, n)
		}
	}
	if !keyForm.MatchString(*key) || len(*key) > maxKey || k[*key] {
		return invalid("the %s %q: the key %q is used twice or is no key; expected lower-case letters and digits with hyphens", what, name, *key)
	}
	k[*key] = true
	return nil
}

func (p *Plan) checkStages() error {
	all := keys{}
	for i := range p.Stages {
		s := &p.Stages[i]
		if s.Name = strings.TrimSpace(s.Name); s.Name == "" || utf8.RuneCountInString(s.Name) > maxName {
			return invalid("a stage needs a name of at most %d characters", maxName)
		}
		if err := all.fill(&s.Key, s.Name, "stage"); err != nil {
			return err
		}
		steps := keys{}
		for j := range s.Steps {
			x := &s.Steps[j]
			if x.Title = strings.TrimSpace(x.Title); x.Title == "" {
				return invalid("a step of the stage %s has no title", s.Name)
			}
			if err := steps.fill(&x.Key, x.Title, "step"); err != nil {
				return err
			}
			if err := checkLink(x.Link, "the step "+x.Title); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Plan) checkForm() error {
	all := keys{}
	for i := range p.Form {
		q := &p.Form[i]
		if q.Label = strings.TrimSpace(q.Label); q.Label == "" {
			return invalid("question %d of the form is empty", i+1)
		}
		if q.Type == "" {
			q.Type = Text
		}
		switch {
		case q.Type != Text && q.Type != Choice && q.Type != Link:
			return invalid("the question %q: there is no type %q; expected text, choice or link", q.Label, q.Type)
		case q.Type == Choice && len(q.Options) < 2:
			return invalid("the question %q needs two answers at least to choose from", q.Label)
		}
		if err := all.fill(&q.Key, q.Label, "question"); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) checkPerks() error {
	all := keys{}
	for i := range p.Perks {
		k := &p.Perks[i]
		if k.Name = strings.TrimSpace(k.Name); k.Name == "" || k.Cost < 0 {
			return invalid("perk %d needs a name and a cost that is not negative", i+1)
		}
		if _, ok := p.Stage(k.Stage); !ok && k.Stage != "" {
			return invalid("the perk %s is for the stage %q, which there is not", k.Name, k.Stage)
		}
		if err := all.fill(&k.Key, k.Name, "perk"); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) checkTargets(schema func(query.Entity) *query.Schema) error {
	for i := range p.Targets {
		t := &p.Targets[i]
		if t.Per == "" {
			t.Per = PerMonth
		}
		if t.Per != PerMonth && t.Per != PerQuarter {
			return invalid("a target is for a month or a quarter, not for a %q", t.Per)
		}
		if t.Metric == Enrolled {
			continue
		}
		m, err := analytics.Lookup(t.Metric)
		if err != nil {
			return fmt.Errorf("target %d: %w", i+1, err)
		}
		t.Metric = m.Name
		if t.Query = strings.TrimSpace(t.Query); t.Query != "" {
			q, err := query.Parse(schema(m.Entity), t.Query)
			if err != nil {
				return fmt.Errorf("target %d: %w", i+1, err)
			}
			t.Query = query.Format(q.Root)
		}
	}
	return nil
}

func (p *Plan) checkRest() error {
	for i := range p.Runbook {
		if s := &p.Runbook[i]; strings.TrimSpace(s.Title) == "" || s.Days < 0 || s.Days > 3650 {
			return invalid("step %d of the runbook needs a title, and a number of days from 0 to 3650", i+1)
		}
	}
	for i := range p.Dates {
		d := &p.Dates[i]
		if strings.TrimSpace(d.Title) == "" || d.At.IsZero() {
			return invalid("date %d needs a day and a title", i+1)
		}
		if err := checkLink(d.Link, "the date "+d.Title); err != nil {
			return err
		}
	}
	slices.SortStableFunc(p.Dates, func(a, b Date) int { return a.At.Compare(b.At) })
	return nil
}

// checkLink accepts "" and addresses of the web.
func checkLink(link, what string) error {
	if link == "" {
		return nil
	}
	if u, err := url.Parse(link); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return invalid("%s: %q is no link; expected an address that begins with https://", what, link)
	}
	return nil
}

// Answer checks what somebody answered to the form, and gives it in order. Unknown answers are left out.
func (p *Plan) Answer(answers map[string]string) (map[string]string, error) {
	out := make(map[string]string)
	for _, q := range p.Form {
		v := strings.TrimSpace(answers[q.Key])
		switch {
		case v == "" && q.Required:
			return nil, invalid("%s: an answer is needed", q.Label)
		case v == "":
			continue
		case len(v) > maxText:
			return nil, invalid("%s: an answer has at most %d characters", q.Label, maxText)
		case q.Type == Choice && !slices.Contains(q.Options, v):
			return nil, invalid("%s: choose one of %s", q.Label, strings.Join(q.Options, ", "))
		case q.Type == Link:
			if err := checkLink(v, q.Label); err != nil {
				return nil, err
			}
		}
		out[q.Key] = v
	}
	return out, nil
}

// day reads a day such as 2026-01-31 in a zone.
func day(text string, zone *time.Location) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(text), zone)
	if err != nil {
		return at, invalid("%q is no day; expected one such as 2026-01-31", text)
	}
	return at, nil
}
