// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Origin says where a number comes from.
type Origin string

// The origins.
const (
	Timed    Origin = "timed"    // by the timer: median and quartiles
	Counted  Origin = "counted"  // from data
	Estimate Origin = "estimate" // somebody of the team said so
	Typical  Origin = "typical"  // of a template: to be replaced
)

// Origins lists all.
func Origins() []Origin { return []Origin{Timed, Counted, Estimate, Typical} }

// Label is the origin as people read it.
func (o Origin) Label() string {
	if o == Typical {
		return "typical, to be replaced"
	}
	return string(o)
}

// Basis says what the number of runs depends on.
type Basis string

// The bases.
const (
	PerMonth        Basis = "month"
	PerMember       Basis = "member"
	PerActive       Basis = "active_member"
	PerNew          Basis = "new_member"
	PerQuestion     Basis = "question"
	PerConversation Basis = "conversation"
	PerPost         Basis = "post"
	PerUnanswered   Basis = "unanswered"
	PerInbox        Basis = "inbox"
	PerEvent        Basis = "event"
	PerMetric       Basis = "metric"
)

// Bases lists all.
func Bases() []Basis {
	return []Basis{PerMonth, PerMember, PerActive, PerNew, PerQuestion, PerConversation, PerPost, PerUnanswered, PerInbox, PerEvent, PerMetric}
}

// Label says what a run is done for.
func (b Basis) Label() string {
	return map[Basis]string{
		PerMonth: "times a month", PerMember: "for each member", PerActive: "for each active member", PerNew: "for each new member", PerQuestion: "for each question",
		PerConversation: "for each conversation", PerPost: "for each post or other activity", PerUnanswered: "for each question without an answer", PerInbox: "for each item done in the inbox", PerEvent: "for each event of ours", PerMetric: "for each unit of a metric",
	}[b]
}

// metric is the metric that counts a basis; "" = none does.
func (r *Runs) metric() string {
	if r.Per == PerMetric {
		return r.Metric
	}
	return map[Basis]string{PerActive: "active_members", PerNew: "new_members", PerQuestion: "questions", PerConversation: "conversations", PerPost: "activities", PerUnanswered: "unanswered"}[r.Per]
}

// Runs says how often a process is done in a month.
type Runs struct {
	Per    Basis  `json:"per" doc:"What it is done for."`
	Each   Range  `json:"each" doc:"How often for each of it; with per = month, how often a month."`
	Metric string `json:"metric,omitempty" doc:"With per = metric: the metric."`
	Query  string `json:"query,omitempty" doc:"Narrows what is counted, in the query language."`
}

// Surface is a channel or platform on which a process is done.
type Surface struct {
	Name    string `json:"name" doc:"Such as Slack or the forum."`
	Query   string `json:"query,omitempty" doc:"What is counted of it, such as source:slack."`
	Minutes *Range `json:"minutes,omitempty" doc:"Minutes once, where they differ here."`
}

// Step is one thing to be done.
type Step struct {
	What    string  `json:"what" doc:"What is done."`
	Role    string  `json:"role,omitempty" doc:"Who does it, by role; empty = the role of the process."`
	Minutes float64 `json:"minutes,omitempty" doc:"How long it takes; shares out the hours of the process among roles."`
	Link    string  `json:"link,omitempty" doc:"Where it is described or done."`
}

// Automation is a workflow that does part of a process.
type Automation struct {
	Workflow int64 `json:"workflow" doc:"The workflow, by number."`
	Share    Range `json:"share" doc:"How much of a run's minutes each of its runs saves, from 0 to 1."`
}

// Draft is a process as somebody writes it.
type Draft struct {
	Name       string       `json:"name" doc:"One line."`
	Purpose    string       `json:"purpose,omitempty" doc:"What it is for."`
	Owner      string       `json:"owner,omitempty" doc:"Who answers for it: a mail address."`
	Doers      []string     `json:"doers,omitempty" doc:"Who does it: mail addresses. They share it evenly."`
	Role       string       `json:"role,omitempty" doc:"The role that does it."`
	Steps      []Step       `json:"steps,omitempty" doc:"The runbook."`
	Minutes    Range        `json:"minutes" doc:"Minutes once, until there are enough timings."`
	Origin     Origin       `json:"origin,omitempty" doc:"Where these minutes come from: estimate or typical."`
	Runs       Runs         `json:"runs" doc:"How often it is done."`
	Surfaces   []Surface    `json:"surfaces,omitempty" doc:"Where it is done; empty = in one place."`
	Automation []Automation `json:"automation,omitempty" doc:"What workflows do of it."`
	Template   string       `json:"template,omitempty" doc:"The template that it was made from."`
}

// Process is something that the team does again and again.
type Process struct {
	Draft
	ID        int64     `json:"id" doc:"The process's number."`
	Version   int64     `json:"version" doc:"Grows with every change."`
	Archived  bool      `json:"archived,omitempty" doc:"It is not done any more, and counts nowhere."`
	CreatedBy string    `json:"created_by" doc:"Who made it."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
}

// The most that a process holds.
const (
	maxName  = 200    // characters
	maxText  = 10_000 // characters
	maxList  = 100
	maxRange = 1e7
)

func bad(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}

func valid(r *Range, what string, most float64) error {
	if !r.Ordered() || r.High > most {
		return bad("%s is a range whose numbers are from 0 to %s and do not fall", what, Amount(most))
	}
	return nil
}

// Validate trims a draft and says what is wrong with it, as an error of CodeInvalid that names the place.
func (d *Draft) Validate() error {
	d.Name, d.Purpose, d.Owner, d.Role = strings.TrimSpace(d.Name), strings.TrimSpace(d.Purpose), strings.TrimSpace(d.Owner), strings.TrimSpace(d.Role)
	if d.Origin == "" {
		d.Origin = Estimate
	}
	switch {
	case d.Name == "" || utf8.RuneCountInString(d.Name) > maxName:
		return bad("a process needs a name of at most %d characters", maxName)
	case utf8.RuneCountInString(d.Purpose) > maxText || utf8.RuneCountInString(d.Role) > maxName:
		return bad("the purpose of a process has at most %d characters, and its role %d", maxText, maxName)
	case d.Origin != Estimate && d.Origin != Typical:
		return bad("minutes that are written down are an estimate or typical; the timer times them")
	case len(d.Steps) > maxList || len(d.Surfaces) > maxList || len(d.Doers) > maxList || len(d.Automation) > maxList:
		return bad("a process has at most %d steps, surfaces, people and workflows", maxList)
	}
	if err := valid(&d.Minutes, "how long it takes, in minutes,", maxRange); err != nil {
		return err
	}
	if err := d.Runs.validate(); err != nil {
		return err
	}
	for i := range d.Steps {
		if err := d.Steps[i].validate(i + 1); err != nil {
			return err
		}
	}
	return d.parts()
}

// parts checks surfaces and workflows.
func (d *Draft) parts() error {
	seen := make(map[string]bool)
	for i := range d.Surfaces {
		s := &d.Surfaces[i]
		s.Name, s.Query = strings.TrimSpace(s.Name), strings.TrimSpace(s.Query)
		if s.Name == "" || utf8.RuneCountInString(s.Name) > maxName || seen[s.Name] {
			return bad("surface %d needs a name of its own", i+1)
		}
		seen[s.Name] = true
		if s.Minutes != nil {
			if err := valid(s.Minutes, "how long it takes on "+s.Name, maxRange); err != nil {
				return err
			}
		}
	}
	flows := make(map[int64]bool)
	for i := range d.Automation {
		a := &d.Automation[i]
		if a.Workflow <= 0 || flows[a.Workflow] {
			return bad("workflow %d of the process is none, or named twice", i+1)
		}
		flows[a.Workflow] = true
		if err := valid(&a.Share, "what a workflow saves of a run", 1); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runs) validate() error {
	r.Metric, r.Query = strings.TrimSpace(r.Metric), strings.TrimSpace(r.Query)
	if r.Per == "" {
		r.Per = PerMonth
	}
	switch {
	case r.Per.Label() == "":
		return bad("a process cannot be counted per %q; choose %s", r.Per, greenroom.AnyOf(Bases()))
	case r.Per == PerMetric && r.Metric == "":
		return bad("say which metric counts the runs")
	case r.Per != PerMetric:
		r.Metric = ""
	}
	return valid(&r.Each, "how often it is done", maxRange)
}

func (s *Step) validate(n int) error {
	s.What, s.Role, s.Link = strings.TrimSpace(s.What), strings.TrimSpace(s.Role), strings.TrimSpace(s.Link)
	switch {
	case s.What == "" || utf8.RuneCountInString(s.What) > maxName*5:
		return bad("step %d says in at most %d characters what is done", n, maxName*5)
	case !(s.Minutes >= 0 && s.Minutes <= maxRange):
		return bad("step %d takes 0 minutes or more", n)
	}
	if s.Link == "" || strings.HasPrefix(s.Link, "/") && !strings.HasPrefix(s.Link, "//") {
		return nil
	}
	if u, err := url.Parse(s.Link); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return bad("the link of step %d is an address that begins with https://, or a path in Greenroom", n)
	}
	return nil
}

// Timing is one time that somebody did a process with the timer on.
type Timing struct {
	ID        int64     `json:"id" doc:"The timing's number."`
	ProcessID int64     `json:"process_id" doc:"The process."`
	Person    string    `json:"person" doc:"Who did it."`
	Runs      int       `json:"runs" doc:"How often it was done in this time."`
	StartedAt time.Time `json:"started_at" doc:"When it began."`
	StoppedAt time.Time `json:"stopped_at,omitzero" doc:"When it ended; left out while it runs."`
}

// Minutes is how long one run took.
func (t *Timing) Minutes() float64 { return t.StoppedAt.Sub(t.StartedAt).Minutes() / float64(t.Runs) }
