// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/orbit"
	"greenroom/internal/query"
)

// Orbit is the Orbit model of a community, in both versions.
type Orbit struct {
	Model   orbit.Model           `json:"model"` // of the levels
	By      analytics.Granularity `json:"by"`
	Now     orbit.Count           `json:"now"`  // members on levels 1 to 4 today; index 0 is unused
	Team    orbit.Count           `json:"team"` // the same of the team, who are in none of the other figures
	Periods []OrbitPeriod         `json:"periods"`
	V1      OrbitV1               `json:"version_1"`
}

// OrbitPeriod is what became of the levels in a period.
type OrbitPeriod struct {
	From    time.Time   `json:"from"`
	To      time.Time   `json:"to"`
	Partial bool        `json:"partial,omitempty"`
	Count   orbit.Count `json:"count"` // at its end
	Flow    orbit.Flow  `json:"flow"`
	Gravity *float64    `json:"gravity"` // nil: nobody was there at its start
	Stayed  *float64    `json:"gravity_of_those_who_stayed"`
}

// OrbitV1 is version 1 of the model.
type OrbitV1 struct {
	Model   orbit.Model `json:"model"`
	Love    float64     `json:"love"` // of all members together
	Gravity float64     `json:"gravity"`
	Reached int         `json:"members_with_reach"` // of how many the team has said their reach
	Now     orbit.Count `json:"now"`
}

// orbitPeriods is how many periods are followed.
const orbitPeriods = 12

// reachField is the member field in which a team says somebody's reach in the sense of version 1; it is 1 where nothing is said.
const reachField = "reach"

// Orbit places everybody at the end of each of the last periods, month or quarter, and says who moved.
func (s *Service) Orbit(ctx context.Context, by analytics.Granularity) (*Orbit, error) {
	if by == "" {
		by = analytics.Month
	}
	if by != analytics.Month && by != analytics.Quarter {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "levels are followed by month or quarter, not by %q", by)
	}
	m, err := s.Model(ctx, orbit.Levels, 0)
	if err != nil {
		return nil, err
	}
	crowd, now := s.figures.Crowd(), s.here()
	key := fmt.Sprintf("%d %d %s %s", crowd.Version(), m.Version, by, now.Format(time.DateOnly))
	o, err := s.orbits.do(ctx, key, func(ctx context.Context) (*Orbit, error) { return s.levels(ctx, crowd, &m, by, now) })
	if err != nil {
		return nil, err
	}
	out := *o
	out.V1, err = s.version1(ctx, crowd, now)
	return &out, err
}

func (s *Service) levels(ctx context.Context, crowd *analytics.Crowd, m *orbit.Model, by analytics.Granularity, now time.Time) (*Orbit, error) {
	o := &Orbit{Model: *m, By: by}
	current := by.Start(now)
	var last *orbit.Tally
	for n := -orbitPeriods; n <= 0; n++ {
		p := OrbitPeriod{From: by.Step(current, n), To: by.Step(current, n+1)}
		end := p.To.Add(-time.Second)
		if p.Partial = end.After(now); p.Partial {
			end = now
		}
		t, err := s.tally(ctx, crowd, m, end)
		if err != nil {
			return nil, err
		}
		if last != nil {
			p.follow(crowd, last, t)
			o.Periods = append(o.Periods, p)
		}
		last = t
	}
	last.Each(func(id int64, sc orbit.Score) {
		if crowd.Staff(id) {
			o.Team[sc.Level]++
		} else {
			o.Now[sc.Level]++
		}
	})
	o.Now[0], o.Team[0] = 0, 0
	return o, nil
}

// follow moves everybody from where they were to where they are.
func (p *OrbitPeriod) follow(crowd *analytics.Crowd, before, after *orbit.Tally) {
	seen := make(map[int64]bool)
	for _, t := range []*orbit.Tally{before, after} {
		t.Each(func(id int64, _ orbit.Score) {
			if seen[id] || crowd.Staff(id) {
				return
			}
			seen[id] = true
			a, b := before.Score(id), after.Score(id)
			p.Flow.Move(a.Position(), b.Position())
		})
	}
	p.Count = p.Flow.End
	if v, ok := p.Flow.Gravity.Value(); ok {
		p.Gravity = &v
	}
	if v, ok := p.Flow.Gravity.Stayed(); ok {
		p.Stayed = &v
	}
}

func (s *Service) version1(ctx context.Context, crowd *analytics.Crowd, now time.Time) (OrbitV1, error) {
	m, err := s.Model(ctx, orbit.Love, 0)
	if err != nil {
		return OrbitV1{}, err
	}
	v := OrbitV1{Model: m}
	reach, err := s.reach(ctx)
	if err != nil {
		return v, err
	}
	t, err := s.tally(ctx, crowd, &m, now)
	if err != nil {
		return v, err
	}
	var members []orbit.MemberV1
	t.Each(func(id int64, sc orbit.Score) {
		if crowd.Staff(id) {
			return
		}
		r, said := reach[id]
		if !said {
			r = 1
		} else {
			v.Reached++
		}
		v.Love += sc.Value
		v.Now[sc.Level]++
		members = append(members, orbit.MemberV1{Love: sc.Value, Reach: r})
	})
	v.Now[0] = 0
	v.Gravity = orbit.GravityV1(members)
	return v, nil
}

// reach reads the reach that the team has said of members.
func (s *Service) reach(ctx context.Context) (map[int64]float64, error) {
	q, err := s.parse(query.Members, "field."+reachField+":>=0")
	if err != nil {
		return nil, err
	}
	all := make(map[int64]float64)
	for cursor := ""; ; {
		page, err := s.store.ListMembers(ctx, list.Request{Query: q, Limit: list.MaxLimit, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if v, err := strconv.ParseFloat(page.Items[i].Fields[reachField], 64); err == nil && v >= 0 {
				all[page.Items[i].ID] = v
			}
		}
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}
