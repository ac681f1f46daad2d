// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/impact/noise"
	"greenroom/internal/priority"
	"greenroom/internal/query"
)

// Changes says what changed in the last whole period against the one before, why, who is behind it, and what to do.
type Changes struct {
	By     analytics.Granularity `json:"by"`
	From   time.Time             `json:"from"`
	To     time.Time             `json:"to"`
	Before time.Time             `json:"before"` // from then to From is what it is compared with
	Looked []Look                `json:"looked_at"`
	Moved  []Moved               `json:"moved"` // by more than noise, the surest first
	People []Circle              `json:"people"`
	Next   []Task                `json:"next"`
}

// Look is a figure that was looked at.
type Look struct {
	Metric string        `json:"metric"`
	Label  string        `json:"label"`
	Says   string        `json:"says"`
	Noise  noise.Verdict `json:"noise"`
}

// Moved is a figure whose change is more than noise.
type Moved struct {
	Item

	Small   bool     `json:"small"` // it rests on fewer than ten cases
	Says    string   `json:"says"`
	Season  string   `json:"a_year_ago,omitempty"` // the same period a year ago, as a sentence; "" = there is no such history
	Parts   []Part   `json:"parts"`                // what moved it, the most surprising first
	Spread  string   `json:"spread,omitempty"`     // said where no part stands out
	YearAgo *float64 `json:"year_ago,omitempty"`
}

// Part is a group that moved a figure.
type Part struct {
	Dimension string       `json:"dimension"` // source, channel, kind, organization, category, topic or segment
	Name      string       `json:"name"`
	Now       *float64     `json:"value"`
	Before    *float64     `json:"previous"`
	Delta     float64      `json:"moved"` // the figure's change that is this group's
	Share     float64      `json:"share"` // of the whole change; above 1 where others went the other way
	Exact     bool         `json:"exact"` // the parts of a dimension add up; otherwise the change less the change without the group
	Says      string       `json:"says"`
	Entity    query.Entity `json:"entity,omitempty"`
	Records   string       `json:"records,omitempty"`
	surprise  float64
}

// Circle is members to talk to.
type Circle struct {
	Kind   string       `json:"kind"` // new_helpers, gone_quiet or newcomers_unanswered
	Title  string       `json:"title"`
	Total  int          `json:"total"`
	People []Person     `json:"people"` // the first of them
	Entity query.Entity `json:"entity"`
	Query  string       `json:"query"` // lists them
}

// Person is one of them.
type Person struct {
	Member       int64  `json:"member"`
	Name         string `json:"name"`
	Says         string `json:"says"`
	Conversation int64  `json:"conversation,omitempty"`
}

// Task is something to do, with the list to do it in.
type Task struct {
	Says   string       `json:"says"`
	Entity query.Entity `json:"entity"`
	Query  string       `json:"query"`
}

// Cut is a set of records that the query language names by a field, topic or segment. Cuts may overlap.
type Cut struct {
	Dimension, Name, Value string
}

// UseCuts sets where topics and segments are listed. It is called before the service is used.
func (s *Service) UseCuts(list func(ctx context.Context) ([]Cut, error)) { s.cuts = list }

// watched are the figures that are looked at. Shares of what is known by now, such as answered questions, are not among
// them: the newer period has had less time, and would always seem worse. Response within the target is that figure
// without the fault.
func watched() []string {
	return []string{
		"activities", "active_members", "new_members", "returning_members", "gone_quiet", "contributors", "new_contributors", "helpers",
		"conversations", "questions", "response_within_target", "time_to_first_response", "answered_by_members",
		"bug_reports", "feature_requests", "praise", "net_sentiment",
	}
}

// smallCases is below how many cases a figure is called small.
const smallCases = 10

// Changes looks at the last whole week or month. Of the figures together, one is called changed by chance one time in
// twenty at most (Holm's correction).
func (s *Service) Changes(ctx context.Context, by analytics.Granularity) (*Changes, error) {
	if by == "" {
		by = analytics.Week
	}
	if by != analytics.Week && by != analytics.Month {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "what changed is said of a week or a month, not of %q", by)
	}
	to := by.Start(s.here())
	crowd := s.figures.Crowd()
	key := fmt.Sprintf("%s %d %d %s", by, to.Unix(), crowd.Version(), analytics.Day.Start(s.here()).Format(time.DateOnly))
	return s.changes.do(ctx, key, func(ctx context.Context) (*Changes, error) {
		c, err := s.change(ctx, by, to, crowd)
		if err == nil {
			s.recent.put(string(by), c)
		}
		return c, err
	})
}

func (s *Service) change(ctx context.Context, by analytics.Granularity, to time.Time, crowd *analytics.Crowd) (*Changes, error) {
	c := &Changes{By: by, From: by.Step(to, -1), To: to, Before: by.Step(to, -2), Looked: []Look{}, Moved: []Moved{}, Next: []Task{}}
	if err := s.look(ctx, c); err != nil {
		return nil, err
	}
	for i := range c.Moved {
		if err := s.why(ctx, c, &c.Moved[i]); err != nil {
			return nil, fmt.Errorf("explaining %s: %w", c.Moved[i].Metric, err)
		}
	}
	var err error
	if c.People, err = s.circles(ctx, c, crowd); err != nil {
		return nil, err
	}
	c.Next = tasks(c)
	return c, nil
}

// RecentChanges gives what Changes found last for the same period, and has it looked at again in the background where
// more is known by now: for pages, which do not wait for it. Nil while the first look goes on.
func (s *Service) RecentChanges(ctx context.Context, by analytics.Granularity) (*Changes, error) {
	if s.background == nil {
		return s.Changes(ctx, by)
	}
	s.background(func() { s.lookForChanges(priority.Background(context.WithoutCancel(ctx))) })
	if c, ok := s.recent.get(string(by)); ok && c.To.Equal(by.Start(s.here())) {
		return c, nil
	}
	return nil, nil //nolint:nilnil // it is not known yet
}

// lookForChanges looks for what changed in the last week and month, unless it did so a moment ago.
func (s *Service) lookForChanges(ctx context.Context) {
	for _, by := range []analytics.Granularity{analytics.Week, analytics.Month} {
		start := s.now()
		if start.Before(s.rested(by)) {
			continue
		}
		if _, err := s.Changes(ctx, by); err != nil {
			s.log.Warn("looking for what changed", "error", err)
		}
		end := s.now()
		s.rest(by, end.Add(min(max(changesRest*end.Sub(start), changesLeast), changesMost)))
	}
}

// How long after a look for what changed the next one begins for a page: so many times as long as the look took.
const (
	changesRest  = 20
	changesLeast = 5 * time.Second
	changesMost  = 10 * time.Minute
)

func (s *Service) rested(by analytics.Granularity) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looked[by]
}

func (s *Service) rest(by analytics.Granularity, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked == nil {
		s.looked = make(map[analytics.Granularity]time.Time)
	}
	s.looked[by] = until
}

// Background has what pages do not wait for done by do, which may drop it.
func (s *Service) Background(do func(func())) { s.background = do }

// look computes the figures and keeps those that moved.
func (s *Service) look(ctx context.Context, c *Changes) error {
	var items []Item
	for _, name := range watched() {
		item, err := s.item(ctx, line{metric: name}, c.By, c.To)
		if err != nil {
			return err
		}
		items = append(items, *item)
	}
	correct(items)
	for i := range items {
		it := &items[i]
		says := changeSays(it, c.By)
		c.Looked = append(c.Looked, Look{Metric: it.Metric, Label: it.Label, Says: says, Noise: it.Noise})
		if it.Noise.Real && it.Value != nil && it.Previous != nil && *it.Value != *it.Previous {
			c.Moved = append(c.Moved, Moved{Item: *it, Says: says, Parts: []Part{}})
		}
	}
	sortMoved(c.Moved)
	return nil
}
