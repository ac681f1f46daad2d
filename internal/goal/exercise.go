// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import (
	"context"
	"math"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
)

// Aim is a business aim that the guided exercise knows a way from: to goals, metrics and a draft of a plan.
type Aim struct {
	Key      string
	Says     string // as the business says it
	Ask      string // what has to be known next: who it is about
	Who      string // a query over members that usually answers it; "" = everybody
	Company  string // the company goal that it becomes
	Goal     string // the community goal that serves it
	Why      string // why a community can do something about it
	Letter   Letter
	Audience Audience
	Plan     string                   // template of a plan that serves the goal
	entry    greenroom.LifecycleState // whose entry makes the cohorts of key results about who it is about; "" = they go by the query
	results  []aimed
}

// aimed is a key result that is proposed: a share of the way that is left, for shares, or of the baseline, for the rest.
type aimed struct {
	title  string
	metric string
	by     float64 // below 0: less is better
	whose  bool    // it is about the people that the aim is about
}

// Aims lists what the exercise begins with.
func Aims() []Aim {
	return []Aim{
		{
			Key: "trials", Says: "Trials leave after 30 days", Ask: "Which members are on trial?", Who: "org.lifecycle:trial",
			Company: "More trials become customers", Goal: "People on trial find help and company in their first 30 days",
			Why: "Who gets an answer and meets somebody in the first weeks has a reason to stay that no mail campaign gives.", Letter: "U", Audience: External, Plan: "retention", entry: greenroom.Trial,
			results: []aimed{
				{"More people are active in the month in which their trial begins", "active_members", .25, true},
				{"More questions are answered within a day", "response_within_target", .3, false},
				{"Fewer people go quiet in the month after", "gone_quiet", -.2, true},
			},
		},
		{
			Key: "churn", Says: "Customers leave", Ask: "Which members are customers?", Who: "org.lifecycle:customer",
			Company: "Customers stay", Goal: "Customers keep finding worth in the community", Why: "Customers who are active together leave less often; what changes that is what they find here.",
			Letter: "U", Audience: External, Plan: "champions",
			results: []aimed{{"More customers come back each month", "returning_members", .2, true}, {"Fewer customers go quiet", "gone_quiet", -.2, true}},
		},
		{
			Key: "support", Says: "Support costs too much", Ask: "Whose questions are meant?", Who: "",
			Company: "Support scales without more staff", Goal: "Members answer each other, and soon", Why: "An answer in public serves everybody who asks the same after.", Letter: "S", Audience: External, Plan: "champions",
			results: []aimed{
				{"Members give more of the first answers", "answered_by_members", .25, false},
				{"More questions are answered", "answered_share", .3, false},
				{"The first response comes sooner", "time_to_first_response", -.25, false},
			},
		},
		{
			Key: "newcomers", Says: "Too few people know us", Ask: "Whom do you want to reach?", Who: "",
			Company: "More people get to know us", Goal: "More people join, and stay for a second visit", Why: "People trust people who use a thing more than those who sell it.", Letter: "A", Audience: External, Plan: "meetups",
			results: []aimed{{"More people join each month", "new_members", .25, true}, {"More of them come back", "returning_members", .15, true}},
		},
		{
			Key: "product", Says: "We build without knowing what people need", Ask: "Whose feedback counts most?", Who: "org.lifecycle:customer",
			Company: "What we build is what people need", Goal: "Feedback reaches those who build, and those who gave it hear back", Why: "The community says every day what is missing; somebody has to carry it on.", Letter: "P", Audience: External, Plan: "beta",
			results: []aimed{{"More people contribute", "contributors", .2, true}, {"More conversations are resolved", "resolved_share", .25, false}},
		},
		{
			Key: "team", Says: "The team cannot keep up", Ask: "Whose questions are meant?", Who: "",
			Company: "The team does more of what only it can do", Goal: "Routine work takes less of the team's time", Why: "What is done by hand each day is what nobody has time to improve.", Letter: "E", Audience: Internal, Plan: "vendor-review",
			results: []aimed{{"Fewer questions stay unanswered", "unanswered", -.3, false}, {"Members write more of the posts", "member_share", .2, false}},
		},
	}
}

// FindAim finds an aim by its key.
func FindAim(key string) (Aim, error) {
	for _, a := range Aims() {
		if a.Key == key {
			return a, nil
		}
	}
	return Aim{}, greenroom.Errorf(greenroom.CodeInvalid, "choose one of the aims, or the one that is closest to yours")
}

// Answers are what was said in the exercise.
type Answers struct {
	Aim   string // key
	Words string // the aim in one's own words; "" = as it is known
	Who   string // query over members; "" = everybody
	Owner string
	From  string
	To    string
}

// Proposal is what the exercise makes of the answers, to be edited and then made.
type Proposal struct {
	Company   Draft
	Community Draft
	Results   []Result
	Plan      string // template
}

// Result is a proposed key result.
type Result struct {
	Draft
	Progress *Progress
	Problem  string // why it cannot be measured here; it is then left out unless somebody says a baseline
}

// Propose makes goals, key results with baselines from the data, and names a template of a plan, from answers.
func (s *Service) Propose(ctx context.Context, a Answers) (*Proposal, error) {
	aim, err := FindAim(a.Aim)
	if err != nil {
		return nil, err
	}
	base := Draft{Audience: aim.Audience, Letter: aim.Letter, Owner: a.Owner, From: a.From, To: a.To}
	p := &Proposal{Company: base, Community: base, Plan: aim.Plan}
	p.Company.Kind, p.Company.Title, p.Company.Why = Company, aim.Company, strings.TrimSpace(a.Words)
	if p.Company.Why == "" {
		p.Company.Why = aim.Says + "."
	}
	p.Community.Kind, p.Community.Title, p.Community.Why = Community, aim.Goal, aim.Why
	for _, d := range []*Draft{&p.Company, &p.Community} {
		if err := d.Validate(); err != nil {
			return nil, err
		}
	}
	for _, x := range aim.results {
		r := Result{Draft: base}
		r.Kind, r.Title = KeyResult, x.title
		r.Measure = &Measure{Metric: x.metric, How: Level, Every: string(analytics.Month)}
		if x.whose {
			r.Measure.Segment = strings.TrimSpace(a.Who)
			if err := s.goByEntry(ctx, r.Measure, aim.entry); err != nil {
				return nil, err
			}
		}
		meter, err := s.meter(&r.Draft)
		var from float64
		if err == nil {
			from, err = meter.baseline(ctx)
		}
		if err != nil {
			if greenroom.ErrorCode(err) == greenroom.CodeInternal {
				return nil, err
			}
			r.Problem = greenroom.ErrorMessage(err)
			p.Results = append(p.Results, r)
			continue
		}
		r.Measure.Baseline, r.Measure.Target = &from, aimFor(meter.metric, from, x.by)
		if from == r.Measure.Target {
			r.Problem = "its baseline is 0 already; say a target that is worth it, or leave it out"
		} else if r.Progress, err = meter.measure(ctx); err != nil {
			return nil, err
		}
		p.Results = append(p.Results, r)
	}
	return p, nil
}

// aimFor is a target that is some way from a baseline, rounded to what people say.
func aimFor(m *analytics.Metric, from, by float64) float64 {
	switch {
	case m.Unit == analytics.UnitShare && by > 0:
		return math.Round((from+by*(1-from))*100) / 100
	case m.Unit == analytics.UnitShare:
		return math.Round(from*(1+by)*100) / 100
	case m.Unit == analytics.UnitSeconds:
		return math.Round(from*(1+by)/60) * 60
	case by > 0:
		return math.Ceil(from * (1 + by))
	default:
		return math.Floor(from * (1 + by))
	}
}

// Make stores a proposal as it was edited: the company goal, the community goal below it, the key results below that.
// What cannot be made stops it before anything is stored.
func (s *Service) Make(ctx context.Context, p *Proposal, by string, mayApprove bool) (Goal, error) {
	for i := range p.Results {
		if err := s.check(ctx, 0, &p.Results[i].Draft); err != nil {
			return Goal{}, err
		}
	}
	if err := p.Community.Validate(); err != nil {
		return Goal{}, err
	}
	top, err := s.Add(ctx, p.Company, by, mayApprove)
	if err != nil {
		return top, err
	}
	p.Community.Parent = top.ID
	g, err := s.Add(ctx, p.Community, by, mayApprove)
	if err != nil {
		return g, err
	}
	for i := range p.Results {
		p.Results[i].Parent = g.ID
		if _, err := s.Add(ctx, p.Results[i].Draft, by, mayApprove); err != nil {
			return g, err
		}
	}
	return g, nil
}
