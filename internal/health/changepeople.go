// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// How many members a circle shows and its query lists.
const (
	circleShown  = 5
	circleListed = 100
)

// circles finds who to talk to.
func (s *Service) circles(ctx context.Context, c *Changes, crowd *analytics.Crowd) ([]Circle, error) {
	all := []Circle{}
	finders := []func(context.Context, *Changes, *analytics.Crowd) (*Circle, error){s.newHelpers, s.fellQuiet}
	if c.By == analytics.Week { // who waits, waits now, whatever the period
		finders = slices.Insert(finders, 0, s.unanswered)
	}
	for _, find := range finders {
		circle, err := find(ctx, c, crowd)
		if err != nil {
			return nil, err
		}
		if circle.Total > 0 {
			all = append(all, *circle)
		}
	}
	return all, nil
}

// unanswered are newcomers whom nobody has answered yet.
func (s *Service) unanswered(ctx context.Context, _ *Changes, _ *analytics.Crowd) (*Circle, error) {
	q, err := s.parse(query.Conversations, newcomersWaiting+" sort:-opened")
	if err != nil {
		return nil, err
	}
	page, err := s.ties.ListConversations(ctx, list.Request{Query: q, Limit: circleShown, Count: true})
	if err != nil {
		return nil, err
	}
	circle := &Circle{Kind: "newcomers_unanswered", Title: "Newcomers nobody has answered", Total: int(page.Total), Entity: query.Conversations, Query: newcomersWaiting + " sort:-opened"}
	for i := range page.Items {
		v := &page.Items[i]
		says := "Wrote on " + v.OpenedAt.In(s.zone()).Format("2 January")
		if v.Channel != "" {
			says += " in " + v.Channel
		}
		if v.Title != "" {
			says += ": " + v.Title
		}
		circle.People = append(circle.People, Person{Member: v.AuthorMemberID, Name: v.Author, Says: says, Conversation: v.ID})
	}
	return circle, nil
}

// newHelpers are members who answered somebody for the first time.
func (s *Service) newHelpers(ctx context.Context, c *Changes, crowd *analytics.Crowd) (*Circle, error) {
	circle := &Circle{Kind: "new_helpers", Title: "New helpers", Entity: query.Members}
	first, ok, err := crowd.First(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // the engine's words are for people
	}
	if !ok || !first.Before(c.Before) { // in a community's first days everybody is new
		return circle, nil
	}
	answers, earlier := make(map[int64]int), make(map[int64]bool)
	if err := crowd.Each(ctx, first, c.To, false, func(a analytics.Act) {
		switch {
		case !a.Kind.Info().Answers || crowd.Staff(a.Member):
		case a.At < c.From.Unix():
			earlier[a.Member] = true
		default:
			answers[a.Member]++
		}
	}); err != nil {
		return nil, err
	}
	var ids []int64
	for id := range answers {
		if !earlier[id] {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b int64) int { return cmp.Or(cmp.Compare(answers[b], answers[a]), cmp.Compare(a, b)) })
	return s.circle(ctx, circle, ids, func(id int64) string {
		return "Answered for the first time, " + times(answers[id]) + "."
	})
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

// fellQuiet are members whose silence became longer than is usual for them in the period, and goes on.
func (s *Service) fellQuiet(ctx context.Context, c *Changes, crowd *analytics.Crowd) (*Circle, error) {
	rhythms, err := s.rhythms(ctx, crowd, 0)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for id, b := range rhythms {
		if !b.until.Before(c.From) && b.until.Before(c.To) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b int64) int {
		return cmp.Or(cmp.Compare(rhythms[b].active, rhythms[a].active), cmp.Compare(a, b))
	})
	circle := &Circle{Kind: "gone_quiet", Title: "Fell silent for longer than is usual for them", Entity: query.Members}
	return s.circle(ctx, circle, ids, func(id int64) string { return silent(id, rhythms[id], s.here()).Says })
}

// circle fills a circle with members.
func (s *Service) circle(ctx context.Context, c *Circle, ids []int64, says func(id int64) string) (*Circle, error) {
	c.Total = len(ids)
	if c.Total == 0 {
		return c, nil
	}
	texts := make([]string, min(len(ids), circleListed))
	for i := range texts {
		texts[i] = strconv.FormatInt(ids[i], 10)
	}
	c.Query = "id:" + strings.Join(texts, ",")
	shown := ids[:min(len(ids), circleShown)]
	names, err := s.names(ctx, shown)
	for _, id := range shown {
		c.People = append(c.People, Person{Member: id, Name: names[id], Says: says(id)})
	}
	return c, err
}

// tasks says what to do, by rules: first for people who wait, then for what moved.
func tasks(c *Changes) []Task {
	all := []Task{}
	for i := range c.People {
		g := &c.People[i]
		says := ""
		switch g.Kind {
		case "newcomers_unanswered":
			says = "Answer " + several(g.Total, "newcomer's conversation", "newcomers' conversations") + " that nobody has answered."
		case "new_helpers":
			says = "Thank " + some(g) + " for their first answers."
		case "gone_quiet":
			says = "Ask " + some(g) + " how they are: they are silent for longer than is usual for them."
		}
		all = append(all, Task{Says: says, Entity: g.Entity, Query: g.Query})
	}
	for i := range c.Moved {
		if t, ok := task(&c.Moved[i]); ok {
			all = append(all, t)
		}
	}
	return all
}

// task is what a change asks for; false where it asks for nothing.
func task(v *Moved) (Task, bool) {
	up := *v.Value > *v.Previous
	t := Task{Entity: v.Entity, Query: v.Records}
	where := ""
	if len(v.Parts) > 0 && v.Parts[0].Records != "" {
		p := &v.Parts[0]
		where, t.Entity, t.Query = ", first those of "+p.Dimension+" "+p.Name, p.Entity, p.Records
	}
	switch {
	case v.Metric == "questions" && up:
		t.Says = "Read the new questions" + where + ": what many ask can be answered once for all."
	case v.Metric == "bug_reports" && up:
		t.Says = "Read the bug reports" + where + ", and tell the product team."
	case v.Metric == "feature_requests" && up:
		t.Says = "Read the requests" + where + ", and tell the product team."
	case v.Metric == "net_sentiment" && !up:
		t.Says = "Read what was said" + where + "."
	case v.Metric == "new_members" && up:
		t.Says = "Greet the new members" + where + "."
	case v.Metric == "active_members" && !up, v.Metric == "contributors" && !up, v.Metric == "gone_quiet" && up:
		t.Says, t.Entity, t.Query = "Look who is overdue, and write to those who are missed.", query.Members, "is:overdue"
	case v.Metric == "response_within_target" && !up, v.Metric == "time_to_first_response" && up:
		t.Says, t.Entity, t.Query = "Answer what waits, the longest first.", query.Conversations, "is:waiting sort:-waiting"
	default:
		return t, false
	}
	return t, t.Query != ""
}

func several(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return countText(int64(n)) + " " + more
}

// some names the first of a circle.
func some(g *Circle) string {
	if len(g.People) == 0 {
		return several(g.Total, "member", "members")
	}
	if g.Total == 1 {
		return g.People[0].Name
	}
	return g.People[0].Name + " and " + several(g.Total-1, "other", "others")
}
