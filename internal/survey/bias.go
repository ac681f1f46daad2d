// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/impact/noise"
	"greenroom/internal/query"
)

// Dimension is a way to part members into groups: each is a query.
type Dimension struct {
	Name   string  `json:"name"`
	Label  string  `json:"label"`
	Groups []Group `json:"groups"`
}

// Group is a part of the members.
type Group struct {
	Label string `json:"label"`
	Query string `json:"query,omitempty"` // over members; "" = no query says it
}

// activity is the dimension that is no query: answering is an activity itself, so that everybody who answered would be
// active. What counts is what they did before they were asked.
const activity = "activity"

// activityDays are the ends of its groups.
func activityDays() []int { return []int{30, 90} }

// Dimensions lists the ways that are always there. Segments come on top, as the caller knows them.
func Dimensions() []Dimension {
	return []Dimension{
		{activity, "Activity before they were asked", []Group{{Label: "Active within 30 days before"}, {Label: "30 to 90 days before"}, {Label: "Longer ago, or never"}}},
		{"tenure", "Time in the community", []Group{{"New in the last 90 days", "first_active:<90d"}, {"Up to a year", "first_active:90d..365d"}, {"Longer", "first_active:>365d"}}},
		{"level", "Orbit level", []Group{{"1, leading", "level:1"}, {"2, contributing", "level:2"}, {"3, taking part", "level:3"}, {"4, exploring", "level:4"}}},
		{"lifecycle", "Organization", []Group{{"Prospect", "org.lifecycle:prospect"}, {"Trial", "org.lifecycle:trial"}, {"Customer", "org.lifecycle:customer"}, {"Churned", "org.lifecycle:churned"}, {"No organization", "-org:*"}}},
	}
}

// Share is a group among those who were asked and those who answered.
type Share struct {
	Group

	Asked    int64     `json:"asked"`
	Answered int64     `json:"answered"`
	Rate     *Interval `json:"rate,omitempty"` // nil where too few were asked to say
	// Among is the share of the group among those who were asked, and Of among those who answered.
	Among float64 `json:"share_of_asked"`
	Of    float64 `json:"share_of_answered"`
	Tells string  `json:"tells,omitempty"` // in words, where the group answered otherwise than the others
}

// Bias compares who answered with who was asked.
type Bias struct {
	Dimension Dimension `json:"dimension"`
	Asked     int64     `json:"asked"`
	Answered  int64     `json:"answered"`
	Groups    []Share   `json:"groups"`
	Biased    bool      `json:"biased"` // more than noise, all groups looked at together
}

// parted are members by group.
type parted struct{ holds map[int64][]bool }

// part parts members into groups.
func (s *Service) part(ctx context.Context, v *Survey, by *Dimension, ids []int64) (*parted, error) {
	if by.Name == activity {
		return s.partByActivity(ctx, v)
	}
	var conditions []query.Node
	for _, g := range by.Groups {
		q, err := query.Parse(s.schema, g.Query)
		if err != nil {
			return nil, err //nolint:wrapcheck // it says where
		}
		conditions = append(conditions, q.Root)
	}
	holds, err := s.Store.Holds(ctx, conditions, unique(ids), s.Now())
	if err != nil {
		return nil, fmt.Errorf("parting members into groups: %w", err)
	}
	return &parted{holds}, nil
}

// partByActivity parts members by when they were active last before they were asked.
func (s *Service) partByActivity(ctx context.Context, v *Survey) (*parted, error) {
	invited, err := s.Store.SurveyInvitations(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("reading who was asked: %w", err)
	}
	last, err := s.Store.ActiveBefore(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("reading when members were active: %w", err)
	}
	p := &parted{make(map[int64][]bool)}
	for i := range invited {
		group := len(activityDays())
		for g, days := range activityDays() {
			if at, ok := last[invited[i].ID]; ok && invited[i].At.Sub(at) < time.Duration(days)*24*time.Hour {
				group = g
				break
			}
		}
		p.holds[invited[i].MemberID] = make([]bool, len(activityDays())+1)
		p.holds[invited[i].MemberID][group] = true
	}
	return p, nil
}

func (p *parted) in(member int64, group int) bool {
	h := p.holds[member]
	return len(h) > group && h[group]
}

// Bias compares who answered with who was asked, by a dimension. Differences are tested against all others, and judged
// together (Holm), so that looking at many groups does not make one stand out by chance.
func (s *Service) Bias(ctx context.Context, key string, by Dimension) (*Bias, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	invited, err := s.Store.SurveyInvitations(ctx, v.ID)
	if err != nil {
		return nil, fmt.Errorf("reading who was asked: %w", err)
	}
	var ids []int64
	var real []Invitation
	for i := range invited {
		if asked(&invited[i]) {
			real = append(real, invited[i])
			ids = append(ids, invited[i].MemberID)
		}
	}
	p, err := s.part(ctx, &v, &by, ids)
	if err != nil {
		return nil, err
	}
	b := &Bias{Dimension: by, Asked: int64(len(real)), Groups: []Share{}}
	for i := range real {
		b.Answered += bit(real[i].Answered)
	}
	var verdicts []noise.Verdict
	for g := range by.Groups {
		share := Share{Group: by.Groups[g]}
		for i := range real {
			if p.in(real[i].MemberID, g) {
				share.Asked++
				share.Answered += bit(real[i].Answered)
			}
		}
		verdicts = append(verdicts, noise.Proportions(share.Answered, share.Asked, b.Answered-share.Answered, b.Asked-share.Asked))
		b.Groups = append(b.Groups, share)
	}
	verdicts = noise.Holm(verdicts)
	for g := range b.Groups {
		share := &b.Groups[g]
		if share.Asked < leastGroup {
			share.Answered = 0 // who of so few answered could be told
			continue
		}
		rate := ShareOf(share.Answered, share.Asked)
		share.Rate = &rate
		share.Among = ratio(share.Asked, b.Asked)
		share.Of = ratio(share.Answered, b.Answered)
		if verdicts[g].Real {
			b.Biased = true
			share.Tells = "answers less often than the others"
			if rate.Value > ratio(b.Answered-share.Answered, b.Asked-share.Asked) {
				share.Tells = "answers more often than the others"
			}
		}
	}
	return b, nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Part is what a group answered to a question.
type Part struct {
	Group

	N      int64   `json:"n"`
	Few    bool    `json:"few"` // too few to be shown
	Result *Result `json:"result,omitempty"`
}

// Breakdown parts the answers to a question by who gave them.
func (s *Service) Breakdown(ctx context.Context, key, question string, by Dimension) ([]Part, error) {
	v, responses, err := s.Answers(ctx, key)
	if err != nil {
		return nil, err
	}
	if v.Settings.Who == Anonymous {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the survey is anonymous: its answers cannot be told apart by who gave them")
	}
	q, ok := v.Definition.Question(question)
	if !ok {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "the survey has no question %q", question)
	}
	var ids []int64
	for i := range responses {
		ids = append(ids, responses[i].MemberID)
	}
	p, err := s.part(ctx, &v, &by, ids)
	if err != nil {
		return nil, err
	}
	all := []Part{}
	for g := range by.Groups {
		part := Part{Group: by.Groups[g]}
		var theirs []Response
		for i := range responses {
			if responses[i].State == Complete && p.in(responses[i].MemberID, g) {
				if value := responses[i].Answers[q.ID]; !value.empty() {
					theirs = append(theirs, responses[i])
				}
			}
		}
		if part.N = int64(len(theirs)); part.N < leastGroup {
			part.Few = part.N > 0
			part.N = 0
		} else {
			r := resultOf(&v, q, theirs, 0)
			r.Texts = nil
			part.Result = &r
		}
		all = append(all, part)
	}
	return all, nil
}

// Dimensions lists the ways to part members into groups.
func (s *Service) Dimensions(ctx context.Context) ([]Dimension, error) {
	all := Dimensions()
	if s.More == nil {
		return all, nil
	}
	more, err := s.More(ctx)
	return append(all, more...), err
}

// Dimension finds a dimension by its name; "q:..." is a query and its contrary.
func (s *Service) Dimension(ctx context.Context, name string) (Dimension, error) {
	if text := queryOf(name); text != "" {
		return Dimension{Name: name, Label: text, Groups: []Group{{text, text}, {"All others", "-(" + text + ")"}}}, nil
	}
	all, err := s.Dimensions(ctx)
	if err != nil {
		return Dimension{}, err
	}
	for _, d := range all {
		if d.Name == name {
			return d, nil
		}
	}
	return Dimension{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no dimension %s; expected activity, tenure, level, lifecycle, segment or q:QUERY", strconv.Quote(name))
}

func queryOf(name string) string {
	if len(name) > 2 && name[:2] == "q:" {
		return name[2:]
	}
	return ""
}
