// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// beat is a member's rhythm with where they are in it.
type beat struct {
	rhythm

	last   time.Time // the last active day
	until  time.Time // from then on the silence is longer than usual
	active int       // active days of the last two years
}

// rhythms works out the rhythm of everybody who has one, the team left out; or of one member alone.
func (s *Service) rhythms(ctx context.Context, crowd *analytics.Crowd, only int64) (map[int64]beat, error) {
	now := s.here()
	today := analytics.Day.Start(now)
	start := today.AddDate(-rhythmYears, 0, 0)
	var starts []int64
	for d := start; !d.After(now); d = d.AddDate(0, 0, 1) {
		starts = append(starts, d.Unix())
	}
	dayOf := func(at int64) int {
		n := min(int((at-starts[0])/86400), len(starts)-1)
		for n > 0 && at < starts[n] {
			n--
		}
		for n+1 < len(starts) && at >= starts[n+1] {
			n++
		}
		return n
	}
	days := make(map[int64][]uint64)
	each := func(yield func(a analytics.Act)) error {
		return crowd.Each(ctx, start, now.Add(time.Second), false, yield)
	}
	if only > 0 {
		each = func(yield func(a analytics.Act)) error { return crowd.Of(ctx, only, start, yield) }
	}
	if err := each(func(a analytics.Act) {
		set := days[a.Member]
		if set == nil {
			set = make([]uint64, (len(starts)+63)/64)
			days[a.Member] = set
		}
		d := dayOf(a.At)
		set[d>>6] |= 1 << (d & 63)
	}); err != nil {
		return nil, err
	}
	all := make(map[int64]beat)
	for id, set := range days {
		if crowd.Staff(id) {
			continue
		}
		var list []int
		for d := range starts {
			if set[d>>6]>>(d&63)&1 == 1 {
				list = append(list, d)
			}
		}
		if r, ok := rhythmOf(list); ok {
			last := start.AddDate(0, 0, list[len(list)-1])
			all[id] = beat{rhythm: r, last: last, until: r.due(last), active: len(list)}
		}
	}
	return all, nil
}

// Silent is a member who is silent for longer than is usual for them.
type Silent struct {
	Member       int64     `json:"member"`
	Name         string    `json:"name"`
	Organization string    `json:"organization,omitempty"`
	Usual        float64   `json:"usual_days"` // median days between active days
	Long         float64   `json:"long_days"`  // nine in ten of their gaps were no longer
	Silent       int       `json:"silent_days"`
	ActiveDays   int       `json:"active_days"` // in the last two years
	Last         time.Time `json:"last_active"`
	Value        float64   `json:"value"` // by which the list is ordered: active days × how overdue
	Says         string    `json:"says"`
}

// Quiet lists who is silent for longer than is usual for them, those first of whom most is lost: active days of the last
// two years times how many times longer than their long gap the silence is, three at most, so that those who left for
// good long ago do not come before those who might still be asked.
func (s *Service) Quiet(ctx context.Context, limit int) ([]Silent, int, error) {
	rhythms, err := s.rhythms(ctx, s.figures.Crowd(), 0)
	if err != nil {
		return nil, 0, err
	}
	now := s.here()
	all := []Silent{}
	for id, b := range rhythms {
		if now.Before(b.until) {
			continue
		}
		q := silent(id, b, now)
		if q.Silent > goneDays {
			continue
		}
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b Silent) int { return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Member, b.Member)) })
	total := len(all)
	all = all[:min(total, limit)]
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].Member
	}
	people, err := s.people(ctx, ids)
	for i := range all {
		if m, ok := people[all[i].Member]; ok {
			all[i].Name, all[i].Organization = m.Name, m.Organization
		}
	}
	return all, total, err
}

// goneDays is after how many days somebody has gone, and is no longer merely overdue.
const goneDays = 365

// overdueMost bounds how much a long silence weighs.
const overdueMost = 3

func silent(id int64, b beat, now time.Time) Silent {
	q := Silent{Member: id, Usual: b.usual, Long: b.long, ActiveDays: b.active, Last: b.last}
	q.Silent = daysBetween(b.last, now)
	q.Value = float64(b.active) * min(float64(q.Silent)/b.long, overdueMost)
	q.Says = "Usually every " + dayText(b.usual) + ", silent for " + dayText(float64(q.Silent)) + "."
	return q
}

// Silence says of one member how long they have been silent against what is usual for them; nil where that is not known.
func (s *Service) Silence(ctx context.Context, member int64) (*Silent, error) {
	rhythms, err := s.rhythms(ctx, s.figures.Crowd(), member)
	if err != nil {
		return nil, err
	}
	b, ok := rhythms[member]
	if !ok {
		return nil, nil //nolint:nilnil // no rhythm is known
	}
	q := silent(member, b, s.here())
	return &q, nil
}

func daysBetween(from, to time.Time) int {
	y, m, d := to.Date()
	a, b, c := from.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(a, b, c, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

func dayText(days float64) string {
	if days == 1 {
		return "day"
	}
	return strconv.FormatFloat(days, 'f', -1, 64) + " days"
}

// people reads members by id.
func (s *Service) people(ctx context.Context, ids []int64) (map[int64]*greenroom.Member, error) {
	found := make(map[int64]*greenroom.Member, len(ids))
	for part := range slices.Chunk(ids, list.MaxLimit) {
		values := make([]query.Value, len(part))
		for i, id := range part {
			values[i] = query.Value{Form: query.FormText, Text: strconv.FormatInt(id, 10)}
		}
		f, ok := s.schemas[query.Members].Field("id")
		if !ok {
			continue
		}
		page, err := s.store.ListMembers(ctx, list.Request{Query: &query.Query{Root: &query.Term{Field: f, Op: query.Equal, Values: values}}, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			found[page.Items[i].ID] = &page.Items[i]
		}
	}
	return found, nil
}

func (s *Service) names(ctx context.Context, ids []int64) (map[int64]string, error) {
	people, err := s.people(ctx, ids)
	names := make(map[int64]string, len(people))
	for id, m := range people {
		names[id] = m.Name
	}
	return names, err
}
