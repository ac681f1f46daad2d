// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/text/trend"
)

// The time that topics are looked at in, and for how long what was counted is given again.
const (
	lookBack  = 182 // days; half of them are shown
	shown     = 91
	period    = 28 // days that are compared with those before
	keepCount = 30 * time.Second

	// alarms is how many false ones a topic has in a quarter, where there are dozens of topics on a page.
	alarms = 0.25
)

// Report is what is known of a topic.
type Report struct {
	Topic
	Parts  []Topic      `json:"parts,omitempty"`  // topics under it
	Merged []Topic      `json:"merged,omitempty"` // topics that were merged into it
	Count  int64        `json:"messages"`         // of the last 28 days
	Before int64        `json:"messages_before"`  // of the 28 days before
	Total  int64        `json:"messages_all"`     // of the last 26 weeks
	Course trend.Course `json:"course"`           // new, rising, fading, or "" for steady
	From   time.Time    `json:"from"`             // the first day of Days
	Days   []float64    `json:"days"`             // messages of each of the last 91 days
	Usual  []float64    `json:"usual"`            // what the season explains
	Bursts []Burst      `json:"bursts"`
	Mix    *Mix         `json:"mix,omitempty"` // of Days, where one topic is asked for
}

// Burst is a time in which more was said of a topic than usual.
type Burst struct {
	From     time.Time `json:"from"`  // its first day
	To       time.Time `json:"to"`    // the day after its last
	Count    float64   `json:"count"` // messages
	Expected float64   `json:"expected"`
	Open     bool      `json:"open"` // it may go on
}

// Times is how many times the usual it is.
func (b *Burst) Times() float64 { return b.Count / max(b.Expected, 0.1) }

// counted is what was counted last.
type counted struct {
	at    time.Time
	first time.Time // the day of the first count
	all   []Report
}

func (s *Service) forgetCounts() {
	s.mu.Lock()
	s.counted = nil
	s.mu.Unlock()
}

// Reports tells of every topic, the most talked about first; merged topics are part of what they are now, hidden ones are
// left out unless asked for.
func (s *Service) Reports(ctx context.Context, hidden bool) ([]Report, error) {
	c, err := s.count(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(c.all)
	if !hidden {
		all = slices.DeleteFunc(all, func(r Report) bool { return r.Hidden })
	}
	return all, nil
}

// Report tells of one topic.
func (s *Service) Report(ctx context.Context, key string) (*Report, error) {
	t, err := s.Topic(ctx, key)
	if err != nil {
		return nil, err
	}
	if t.MergedInto != 0 {
		if t, err = s.Topic(ctx, strconv.FormatInt(t.MergedInto, 10)); err != nil {
			return nil, err
		}
	}
	c, err := s.count(ctx)
	if err != nil {
		return nil, err
	}
	for i := range c.all {
		if c.all[i].ID == t.ID {
			r := c.all[i]
			mix, err := s.store.Mix(ctx, r.ids(), r.From, s.now().Add(time.Second))
			if err != nil {
				return nil, fmt.Errorf("counting what a topic's messages were read as: %w", err)
			}
			r.Mix = &mix
			return &r, nil
		}
	}
	return &Report{Topic: t, From: c.first, Days: []float64{}, Usual: []float64{}, Bursts: []Burst{}}, nil
}

// ids are the topic, its parts and what was merged into it.
func (r *Report) ids() []int64 {
	ids := []int64{r.ID}
	for _, more := range [][]Topic{r.Parts, r.Merged} {
		for i := range more {
			ids = append(ids, more[i].ID)
		}
	}
	return ids
}

// Behind are the people and organizations behind a topic in a time, the most active first.
func (s *Service) Behind(ctx context.Context, r *Report, from, to time.Time, limit int) (people, organizations []Doer, err error) {
	return s.store.Those(ctx, r.ids(), from, to, limit) //nolint:wrapcheck // the store says what it read
}

// count counts messages by topic and day.
func (s *Service) count(ctx context.Context) (*counted, error) {
	now := s.now()
	s.mu.Lock()
	c := s.counted
	s.mu.Unlock()
	if c != nil && now.Sub(c.at) < keepCount && now.Sub(c.at) >= 0 {
		return c, nil
	}
	topics, err := s.store.Topics(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the topics: %w", err)
	}
	zone := s.zone()
	local := now.In(zone)
	first := time.Date(local.Year(), local.Month(), local.Day()-lookBack+1, 0, 0, 0, 0, zone)
	moments, err := s.store.Moments(ctx, first, now.Add(time.Second))
	if err != nil {
		return nil, fmt.Errorf("counting messages by topic: %w", err)
	}
	days := daysOf(topics, moments, first, zone)
	begin := lookBack // before that nobody said anything, so that it says nothing of what is usual
	for _, counts := range days {
		if d := slices.IndexFunc(counts, func(n float64) bool { return n > 0 }); d >= 0 {
			begin = min(begin, d)
		}
	}
	c = &counted{at: now, first: first}
	for i := range topics {
		if t := &topics[i]; t.MergedInto == 0 && (days[t.ID] != nil || !t.Gone) {
			c.all = append(c.all, report(t, topics, days[t.ID], first, begin))
		}
	}
	slices.SortStableFunc(c.all, func(a, b Report) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Total, a.Total), strings.Compare(a.Name, b.Name))
	})
	s.mu.Lock()
	s.counted = c
	s.mu.Unlock()
	return c, nil
}

// daysOf counts by topic and day; what is part of a topic counts for that, too.
func daysOf(topics []Topic, moments []Moment, first time.Time, zone *time.Location) map[int64][]float64 {
	parent := make(map[int64]int64)
	for i := range topics {
		parent[topics[i].ID] = topics[i].Parent
	}
	days := make(map[int64][]float64)
	begin := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
	for _, m := range moments {
		at := m.At.In(zone)
		d := int(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC).Sub(begin) / (24 * time.Hour))
		if d < 0 || d >= lookBack {
			continue
		}
		for _, id := range []int64{m.Topic, parent[m.Topic]} {
			if id == 0 {
				continue
			}
			if days[id] == nil {
				days[id] = make([]float64, lookBack)
			}
			days[id][d]++
		}
	}
	return days
}

func report(t *Topic, topics []Topic, days []float64, first time.Time, begin int) Report {
	if days == nil {
		days = make([]float64, lookBack)
	}
	r := Report{Topic: *t, From: first.AddDate(0, 0, lookBack-shown), Bursts: []Burst{}}
	for i := range topics {
		switch o := &topics[i]; t.ID {
		case o.Parent:
			r.Parts = append(r.Parts, *o)
		case o.MergedInto:
			r.Merged = append(r.Merged, *o)
		}
	}
	sum := func(from, to int) (n int64) {
		for _, c := range days[from:to] {
			n += int64(c)
		}
		return n
	}
	r.Count, r.Before, r.Total = sum(lookBack-period, lookBack), sum(lookBack-2*period, lookBack-period), sum(0, lookBack)
	s := trend.Analyze(days[begin:], trend.Options{PerQuarter: alarms, Weekday: int(first.Weekday()) + begin})
	usual := append(make([]float64, begin), s.Expected...)
	r.Days, r.Usual = days[lookBack-shown:], usual[lookBack-shown:]
	r.Course = trend.CourseOf(days[begin:], s.Dispersion)
	for _, b := range s.Bursts {
		if b.End+begin >= lookBack-shown {
			r.Bursts = append(r.Bursts, Burst{From: first.AddDate(0, 0, b.Start+begin), To: first.AddDate(0, 0, b.End+begin+1), Count: b.Count, Expected: b.Expected, Open: b.Open})
		}
	}
	return r
}
