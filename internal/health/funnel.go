// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/impact/noise"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// FunnelRequest asks how far members come.
type FunnelRequest struct {
	Steps    []string  `json:"steps"` // see Service.Funnel; none = DefaultSteps
	From, To time.Time // when members took the first step; zero = the last twelve months
	// Within is in how many days of the first step the others have to be taken; 0 = any time. Members who have not had
	// that many days yet are left out then.
	Within int
	By     string // "month", "source", "channel", "country" or "organization"; "" = all together
	At     int    // list the members who got to this step and no further; 0 = none
}

// DefaultSteps are those from joining to helping others.
func DefaultSteps() []string {
	return []string{"joined", "did:*", "is:question", "is:reply", "level:1..2"}
}

// Funnel is how far members come.
type Funnel struct {
	From   time.Time     `json:"from"`
	To     time.Time     `json:"to"`
	Within int           `json:"within_days"`
	Steps  []FunnelStep  `json:"steps"`
	Groups []FunnelGroup `json:"groups,omitempty"` // with By: the largest first, or by month
	At     int           `json:"at,omitempty"`
	Stuck  []FunnelStay  `json:"members,omitempty"` // with At: the latest first, stuckShown at most
}

// FunnelStep is one step of a funnel.
type FunnelStep struct {
	Step    string   `json:"step"`
	Members int64    `json:"members"`    // who got here
	Here    int64    `json:"no_further"` // and no further
	Share   *float64 `json:"share"`      // of those at the step before
	Low     *float64 `json:"low"`        // Wilson, 95 %
	High    *float64 `json:"high"`
	OfFirst *float64 `json:"share_of_first"`
	Median  *float64 `json:"median_days"` // from the step before, of those who took it; nil where the step has no time
	State   bool     `json:"state"`       // it is a state of today and has no time
}

// FunnelGroup is a funnel of some of the members.
type FunnelGroup struct {
	Name  string       `json:"name"`
	Steps []FunnelStep `json:"steps"`
}

// FunnelStay is a member at a step.
type FunnelStay struct {
	Member int64     `json:"member"`
	Name   string    `json:"name"`
	Since  time.Time `json:"since"` // when they took their last step that has a time
}

const (
	stepsMost   = 8
	withinMost  = 3650
	groupsShown = 12
	stuckShown  = 100
)

// step is a condition that a member fulfills at some time.
type step struct {
	text   string
	joined bool
	fits   func(a *analytics.Act) bool // nil = none of activities
	times  int                         // how many activities it takes
	state  map[int64]bool              // who fulfills it today; nil = it is no state
}

// walker is a member on the way through a funnel.
type walker struct {
	joined int64
	acts   []mark
	place  uint32 // of the first activity
	first  int64
}

// mark is an activity with the steps that it fits, a bit each.
type mark struct {
	at   uint32
	bits uint8
}

// Funnel counts how many members take one step after the other. A step is
//
//   - "joined": the first account was made, or the first activity happened where that came before;
//   - a query about activities by kind, channel, source, is:question and is:reply, such as "kind:issue channel:#help";
//   - "did:" with count: for so many activities, such as "did:reply count:>=5", but without since and until;
//   - any other query about members, such as "tag:champion" or "level:1..2": a state of today, which has no time.
//
// A step counts when it is taken at or after the one before it.
func (s *Service) Funnel(ctx context.Context, r FunnelRequest) (*Funnel, error) {
	steps, err := s.funnelSteps(ctx, r.Steps)
	if err != nil {
		return nil, err
	}
	now := s.here()
	f := &Funnel{From: r.From, To: r.To, Within: r.Within, At: r.At}
	if f.To.IsZero() {
		f.To = analytics.Day.Step(analytics.Day.Start(now), 1)
	}
	if f.From.IsZero() {
		f.From = f.To.AddDate(-1, 0, 0)
	}
	switch {
	case r.Within < 0 || r.Within > withinMost:
		return nil, greenroom.FieldErrorf("within", "the days within which members take all steps are from 0 (any time) to %d, not %d", withinMost, r.Within)
	case r.At < 0 || r.At > len(steps):
		return nil, greenroom.FieldErrorf("at", "this funnel has the steps 1 to %d, and no step %d", len(steps), r.At)
	}
	crowd := s.figures.Crowd()
	group, err := groupBy(crowd, r.By, s.zone())
	if err != nil {
		return nil, err
	}
	walkers, err := s.walkers(ctx, crowd, steps)
	if err != nil {
		return nil, err
	}
	all, groups := newCount(steps), make(map[string]*funnelCount)
	var stuck []FunnelStay
	for id, w := range walkers {
		slices.SortFunc(w.acts, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
		times := w.walk(id, steps, r.Within)
		if len(times) == 0 || times[0] < f.From.Unix() || times[0] >= f.To.Unix() {
			continue
		}
		if r.Within > 0 && times[0] > now.AddDate(0, 0, -r.Within).Unix() {
			continue
		}
		all.add(times)
		if r.By != "" {
			name := group(id, w, times[0])
			if groups[name] == nil {
				groups[name] = newCount(steps)
			}
			groups[name].add(times)
		}
		if len(times) == r.At {
			stuck = append(stuck, FunnelStay{Member: id, Since: time.Unix(latest(times), 0).In(s.zone())})
		}
	}
	f.Steps = all.steps()
	f.Groups, err = s.groupsOf(ctx, groups, r.By)
	if err != nil {
		return nil, err
	}
	f.Stuck, err = s.stay(ctx, stuck)
	return f, err
}

func latest(times []int64) (last int64) {
	for _, t := range times {
		last = max(last, t)
	}
	return last
}

func (s *Service) stay(ctx context.Context, stuck []FunnelStay) ([]FunnelStay, error) {
	slices.SortFunc(stuck, func(a, b FunnelStay) int { return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Member, b.Member)) })
	stuck = stuck[:min(len(stuck), stuckShown)]
	ids := make([]int64, len(stuck))
	for i := range stuck {
		ids[i] = stuck[i].Member
	}
	names, err := s.names(ctx, ids)
	for i := range stuck {
		stuck[i].Name = names[stuck[i].Member]
	}
	return stuck, err
}

// funnelSteps reads the steps.
func (s *Service) funnelSteps(ctx context.Context, texts []string) ([]step, error) {
	if len(texts) == 0 {
		texts = DefaultSteps()
	}
	if len(texts) < 2 || len(texts) > stepsMost {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a funnel has 2 to %d steps, not %d", stepsMost, len(texts))
	}
	steps := make([]step, len(texts))
	for i, text := range texts {
		st, err := s.funnelStep(ctx, strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
		steps[i] = st
	}
	if steps[0].state != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a funnel begins with something that happened, not with the state %q", texts[0])
	}
	return steps, nil
}

func (s *Service) funnelStep(ctx context.Context, text string) (step, error) {
	st := step{text: text, times: 1}
	if text == "joined" {
		st.joined = true
		return st, nil
	}
	if q, err := query.Parse(s.schemas[query.Activities], text); err == nil && q.Root != nil {
		if fits, ok := actTest(q.Root); ok {
			st.fits = s.onPlaces(fits)
			return st, nil
		}
	}
	q, err := s.parse(query.Members, text)
	if err != nil {
		return st, err
	}
	if q == nil || q.Root == nil {
		return st, greenroom.Errorf(greenroom.CodeInvalid, "a step is empty; write joined, is:question, did:reply or tag:champion")
	}
	if did, ok := q.Root.(*query.Did); ok {
		if did.Since.Form != query.FormNone || did.Until.Form != query.FormNone || did.Min < 1 || did.Max != query.Unlimited {
			return st, greenroom.Errorf(greenroom.CodeInvalid, "a step takes did: without since and until, and with a least count at most")
		}
		st.times = did.Min
		st.fits = s.onPlaces(didTest(did))
		return st, nil
	}
	st.state = make(map[int64]bool)
	for cursor := ""; ; {
		page, err := s.store.ListMembers(ctx, list.Request{Query: q, Limit: list.MaxLimit, Cursor: cursor})
		if err != nil {
			return st, err
		}
		for i := range page.Items {
			st.state[page.Items[i].ID] = true
		}
		if cursor = page.Next; cursor == "" {
			return st, nil
		}
	}
}

// walkers collects what members did that any step asks for, the team left out.
func (s *Service) walkers(ctx context.Context, crowd *analytics.Crowd, steps []step) (map[int64]*walker, error) {
	all := make(map[int64]*walker)
	get := func(id int64) *walker {
		w := all[id]
		if w == nil {
			w = &walker{}
			all[id] = w
		}
		return w
	}
	crowd.Joined(func(id, at int64) {
		if !crowd.Staff(id) {
			get(id).joined = at
		}
	})
	err := crowd.Each(ctx, time.Time{}, s.here().Add(time.Second), true, func(a analytics.Act) {
		if crowd.Staff(a.Member) {
			return
		}
		w := get(a.Member)
		if w.first == 0 || a.At < w.first {
			w.first, w.place = a.At, a.Place
		}
		var bits uint8
		for i := range steps {
			if steps[i].fits != nil && steps[i].fits(&a) {
				bits |= 1 << i
			}
		}
		if bits != 0 {
			w.acts = append(w.acts, mark{uint32(a.At), bits}) //nolint:gosec // the columns hold 32 bits
		}
	})
	return all, err
}

// walk gives when each step was taken, as far as the member got; 0 is a state.
func (w *walker) walk(id int64, steps []step, within int) []int64 {
	var times []int64
	last, limit := int64(0), int64(0)
	for i := range steps {
		st, at := &steps[i], int64(0)
		switch {
		case st.state != nil:
			if !st.state[id] {
				return times
			}
			times = append(times, 0)
			continue
		case st.joined:
			at = w.joined
			if at == 0 || w.first != 0 && w.first < at {
				at = w.first
			}
			if at == 0 || at < last {
				return times
			}
		default:
			left := st.times
			for _, a := range w.acts {
				if int64(a.at) >= last && a.bits>>i&1 == 1 {
					if left--; left == 0 {
						at = int64(a.at)
						break
					}
				}
			}
			if at == 0 {
				return times
			}
		}
		if i == 0 && within > 0 {
			limit = at + int64(within)*86400
		}
		if limit > 0 && at > limit {
			return times
		}
		times, last = append(times, at), at
	}
	return times
}

// funnelCount counts walkers.
type funnelCount struct {
	of      []step
	members []int64
	waits   [][]float64 // days from the step before
}

func newCount(steps []step) *funnelCount {
	return &funnelCount{of: steps, members: make([]int64, len(steps)), waits: make([][]float64, len(steps))}
}

func (c *funnelCount) add(times []int64) {
	for i, at := range times {
		c.members[i]++
		if i > 0 && at > 0 && times[i-1] > 0 {
			c.waits[i] = append(c.waits[i], float64(at-times[i-1])/86400)
		}
	}
}

func (c *funnelCount) steps() []FunnelStep {
	out := make([]FunnelStep, len(c.of))
	for i := range c.of {
		st := &out[i]
		st.Step, st.Members, st.Here, st.State = c.of[i].text, c.members[i], c.members[i], c.of[i].state != nil
		if i+1 < len(c.of) {
			st.Here -= c.members[i+1]
		}
		if i == 0 {
			continue
		}
		if n := c.members[i-1]; n > 0 {
			share := float64(st.Members) / float64(n)
			low, high := noise.Wilson(st.Members, n)
			st.Share, st.Low, st.High = &share, &low, &high
		}
		if n := c.members[0]; n > 0 {
			share := float64(st.Members) / float64(n)
			st.OfFirst = &share
		}
		if w := c.waits[i]; len(w) > 0 {
			slices.Sort(w)
			median := quantile(w, 0.5)
			st.Median = &median
		}
	}
	return out
}

// groupBy says to which group a member belongs.
func groupBy(crowd *analytics.Crowd, by string, zone *time.Location) (func(id int64, w *walker, first int64) string, error) {
	place := func(w *walker, which int) string {
		if w.first == 0 {
			return "none yet"
		}
		source, channel := crowd.Place(w.place)
		return cmp.Or([]string{source, channel}[which], "none")
	}
	switch by {
	case "":
		return nil, nil //nolint:nilnil // all are one group
	case "month":
		return func(_ int64, _ *walker, first int64) string { return time.Unix(first, 0).In(zone).Format("2006-01") }, nil
	case "source":
		return func(_ int64, w *walker, _ int64) string { return place(w, 0) }, nil
	case "channel":
		return func(_ int64, w *walker, _ int64) string { return place(w, 1) }, nil
	case "country":
		return func(id int64, _ *walker, _ int64) string { return cmp.Or(crowd.Country(id), "unknown") }, nil
	case "organization":
		return func(id int64, _ *walker, _ int64) string { return strconv.FormatInt(crowd.Organization(id), 10) }, nil
	}
	return nil, greenroom.Errorf(greenroom.CodeInvalid, "a funnel is cut by month, source, channel, country or organization, not by %q", by)
}

func (s *Service) groupsOf(ctx context.Context, groups map[string]*funnelCount, by string) ([]FunnelGroup, error) {
	var all []FunnelGroup
	for name, c := range groups {
		all = append(all, FunnelGroup{Name: name, Steps: c.steps()})
	}
	sort.Slice(all, func(i, j int) bool {
		if by == "month" {
			return all[i].Name > all[j].Name
		}
		return cmp.Or(cmp.Compare(all[j].Steps[0].Members, all[i].Steps[0].Members), cmp.Compare(all[i].Name, all[j].Name)) < 0
	})
	all = all[:min(len(all), groupsShown)]
	if by != "organization" {
		return all, nil
	}
	for i := range all {
		if all[i].Name == "0" {
			all[i].Name = "no organization"
			continue
		}
		q, err := s.parse(query.Members, "org.id:"+all[i].Name)
		if err != nil {
			return nil, err
		}
		page, err := s.store.ListMembers(ctx, list.Request{Query: q, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(page.Items) > 0 {
			all[i].Name = cmp.Or(page.Items[0].Organization, all[i].Name)
		}
	}
	return all, nil
}
