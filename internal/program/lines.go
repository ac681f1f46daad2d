// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// Lines are the lists of a plan as people write them: a line for each thing, with bars between its parts. A form of many
// fields for each would be longer to fill in, and could not be pasted from last year's document.
type Lines struct {
	Targets string // active_members | 20 | month | kind:answer
	Form    string // Why do you want to join? *   or   Which area? [docs / help]   or   Your blog [link]
	Stages  string // Active: Members who help   and below it   - Read the handbook https://...
	Perks   string // T-shirt | 25.00 | Active
	Runbook string // Invite them | ana@acme.example | 3
	Dates   string // 2026-12-01 | Kick-off | https://...
}

// each calls f for every line that is not empty, and says in which line something is wrong.
func each(what, text string, f func(line string) error) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := f(line); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("%s, line %d: %s", what, n, greenroom.ErrorMessage(err)), Err: err}
		}
	}
	return nil
}

// parts cuts a line at its bars into exactly n parts; those that are not there are "".
func parts(line string, n int) ([]string, error) {
	all := strings.Split(line, "|")
	if len(all) > n {
		return nil, invalid("%d parts with bars between; expected at most %d", len(all), n)
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	for len(all) < n {
		all = append(all, "")
	}
	return all, nil
}

// Fill puts the lists that people wrote into a plan. Stages and questions that keep their names keep their keys, which
// what is stored goes by.
func (l *Lines) Fill(p *Plan, zone *time.Location) error {
	old := *p
	p.Targets, p.Form, p.Stages, p.Perks, p.Runbook, p.Dates = nil, nil, nil, nil, nil, nil
	for _, list := range []struct {
		what, text string
		f          func(string) error
	}{
		{"Targets", l.Targets, p.addTarget},
		{"Questions", l.Form, func(line string) error { return p.addQuestion(line, old.Form) }},
		{"Stages", l.Stages, func(line string) error { return p.addStage(line, old.Stages) }},
		{"Perks", l.Perks, func(line string) error { return p.addPerk(line, old.Perks) }},
		{"Runbook", l.Runbook, p.addRunStep},
		{"Dates", l.Dates, func(line string) error { return p.addDate(line, zone) }},
	} {
		if err := each(list.what, list.text, list.f); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) addTarget(line string) error {
	x, err := parts(line, 4)
	if err != nil {
		return err
	}
	v, err := strconv.ParseFloat(x[1], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return invalid("%q is no number; expected a line such as: helpers | 20 | month", x[1])
	}
	p.Targets = append(p.Targets, Target{Metric: x[0], Value: v, Per: Per(x[2]), Query: x[3]})
	return nil
}

func (p *Plan) addQuestion(line string, old []Question) error {
	q := Question{Label: line, Type: Text}
	if rest, ok := strings.CutSuffix(q.Label, "]"); ok {
		at := strings.LastIndexByte(rest, '[')
		if at < 0 {
			return invalid("the bracket ] has no beginning; expected answers such as [docs / help], or [link]")
		}
		q.Label = strings.TrimSpace(rest[:at])
		if inner := strings.TrimSpace(rest[at+1:]); inner == Link {
			q.Type = Link
		} else {
			q.Type = Choice
			for o := range strings.SplitSeq(inner, "/") {
				if o = strings.TrimSpace(o); o != "" {
					q.Options = append(q.Options, o)
				}
			}
		}
	}
	if rest, ok := strings.CutSuffix(q.Label, "*"); ok {
		q.Label, q.Required = strings.TrimSpace(rest), true
	}
	for _, o := range old {
		if o.Label == q.Label {
			q.Key = o.Key
		}
	}
	p.Form = append(p.Form, q)
	return nil
}

func (p *Plan) addStage(line string, old []Stage) error {
	step, is := strings.CutPrefix(line, "- ")
	if is && len(p.Stages) == 0 {
		return invalid("a step stands below its stage; begin with the name of a stage")
	}
	if is {
		s := &p.Stages[len(p.Stages)-1]
		x := Step{Title: strings.TrimSpace(step)}
		if at := strings.LastIndexByte(x.Title, ' '); at > 0 && (strings.HasPrefix(x.Title[at+1:], "https://") || strings.HasPrefix(x.Title[at+1:], "http://")) {
			x.Title, x.Link = strings.TrimSpace(x.Title[:at]), x.Title[at+1:]
		}
		for i := range old {
			for _, o := range old[i].Steps {
				if old[i].Key == s.Key && o.Title == x.Title {
					x.Key = o.Key
				}
			}
		}
		s.Steps = append(s.Steps, x)
		return nil
	}
	name, text, _ := strings.Cut(line, ":")
	s := Stage{Name: strings.TrimSpace(name), Text: strings.TrimSpace(text)}
	for i := range old {
		if strings.EqualFold(old[i].Name, s.Name) {
			s.Key = old[i].Key
		}
	}
	p.Stages = append(p.Stages, s)
	return nil
}

func (p *Plan) addPerk(line string, old []Perk) error {
	x, err := parts(line, 3)
	if err != nil {
		return err
	}
	k := Perk{Name: x[0]}
	if k.Cost, err = Cents(x[1]); err != nil {
		return err
	}
	for i := range p.Stages {
		if x[2] != "" && (strings.EqualFold(p.Stages[i].Name, x[2]) || p.Stages[i].Key == x[2]) {
			if p.Stages[i].Key == "" {
				p.Stages[i].Key = keyOf(p.Stages[i].Name, "stage")
			}
			k.Stage = p.Stages[i].Key
		}
	}
	if x[2] != "" && k.Stage == "" {
		return invalid("there is no stage %q", x[2])
	}
	for _, o := range old {
		if o.Name == k.Name {
			k.Key = o.Key
		}
	}
	p.Perks = append(p.Perks, k)
	return nil
}

func (p *Plan) addRunStep(line string) error {
	x, err := parts(line, 3)
	if err != nil {
		return err
	}
	s := RunStep{Title: x[0], Owner: x[1]}
	if x[2] != "" {
		if s.Days, err = strconv.Atoi(x[2]); err != nil {
			return invalid("%q is no number of days; expected a line such as: Write the invitation | ana@acme.example | 3", x[2])
		}
	}
	p.Runbook = append(p.Runbook, s)
	return nil
}

func (p *Plan) addDate(line string, zone *time.Location) error {
	x, err := parts(line, 3)
	if err != nil {
		return err
	}
	at, err := day(x[0], zone)
	if err != nil {
		return err
	}
	p.Dates = append(p.Dates, Date{At: at, Title: x[1], Link: x[2]})
	return nil
}

// maxMoney keeps sums of money far from overflowing, in hundredths.
const maxMoney = 1_000_000_000_00

// Cents reads an amount such as 25, 25.5 or 25.50 in hundredths; "" is 0.
func Cents(text string) (int64, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	whole, part, cut := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	frac := int64(0)
	if err == nil && cut {
		part += strings.Repeat("0", max(0, 2-len(part)))
		frac, err = strconv.ParseInt(part, 10, 64)
	}
	if err != nil || n < 0 || n > maxMoney/100 || len(part) > 2 || frac < 0 || strings.ContainsAny(text, "+-") {
		return 0, invalid("%q is no amount of money; expected one such as 25 or 25.50", text)
	}
	return n*100 + frac, nil
}

// Money writes hundredths as an amount, without a currency.
func Money(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%02d", sign, v/100, v%100)
}

// Written gives the lists of a plan as people write them.
func Written(p *Plan, zone *time.Location) Lines {
	var l Lines
	line := func(to *string, bits ...string) {
		for len(bits) > 1 && bits[len(bits)-1] == "" {
			bits = bits[:len(bits)-1]
		}
		*to += strings.Join(bits, " | ") + "\n"
	}
	for _, t := range p.Targets {
		line(&l.Targets, t.Metric, strconv.FormatFloat(t.Value, 'f', -1, 64), string(t.Per), t.Query)
	}
	for _, q := range p.Form {
		text := q.Label
		if q.Required {
			text += " *"
		}
		switch q.Type {
		case Choice:
			text += " [" + strings.Join(q.Options, " / ") + "]"
		case Link:
			text += " [link]"
		}
		line(&l.Form, text)
	}
	for _, s := range p.Stages {
		name := s.Name
		if s.Text != "" {
			name += ": " + strings.Join(strings.Fields(s.Text), " ")
		}
		line(&l.Stages, name)
		for _, x := range s.Steps {
			line(&l.Stages, strings.TrimSpace("- "+x.Title+" "+x.Link))
		}
	}
	for _, k := range p.Perks {
		s, _ := p.Stage(k.Stage)
		cost := ""
		if k.Cost > 0 || s.Name != "" {
			cost = Money(k.Cost)
		}
		line(&l.Perks, k.Name, cost, s.Name)
	}
	for _, r := range p.Runbook {
		days := ""
		if r.Days > 0 {
			days = strconv.Itoa(r.Days)
		}
		line(&l.Runbook, r.Title, r.Owner, days)
	}
	for _, d := range p.Dates {
		line(&l.Dates, d.At.In(zone).Format(time.DateOnly), d.Title, d.Link)
	}
	return l
}
