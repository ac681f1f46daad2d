// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/text"
)

// world is a small community as plain lists, and the naive way to compute its figures.
type world struct {
	repliesOnly bool
	facts       map[int64]analytics.Fact
	ids         map[int64]analytics.Identity
	convs       map[int64]analytics.Conversation
	channels    map[int64]analytics.Channel
	sources     map[int64]analytics.Source
	said        map[int64]said // by activity; one that was not read is not there
	zone        *time.Location
	now         time.Time
}

// champion reports whether the condition tag:champion finds an identity.
func (w *world) champion(identity int64) bool {
	_, known := w.ids[identity]
	return known && identity%3 == 1
}

// IdentitySet implements analytics.Members.
func (w *world) IdentitySet(context.Context, query.Node) ([]int64, error) {
	var all []int64
	for id := range w.ids {
		if w.champion(id) {
			all = append(all, id)
		}
	}
	return all, nil
}

// filters are queries with their meaning.
var filters = []struct {
	text string
	fits func(w *world, f analytics.Fact) bool
	// kinds: the query names kinds.
	kinds bool
}{
	{"", func(*world, analytics.Fact) bool { return true }, false},
	{"channel:#help", func(_ *world, f analytics.Fact) bool { return f.Channel == 1 }, false},
	{"-channel:#help", func(_ *world, f analytics.Fact) bool { return f.Channel != 1 }, false},
	{"source:slack", func(_ *world, f analytics.Fact) bool { return f.Source == 1 }, false},
	{"kind:message,join", func(_ *world, f analytics.Fact) bool {
		return f.Kind == greenroom.KindMessage || f.Kind == greenroom.KindJoin
	}, true},
	{"tag:champion", func(w *world, f analytics.Fact) bool { return w.champion(f.Identity) }, false},
	{"-tag:champion is:question", func(w *world, f analytics.Fact) bool { return !w.champion(f.Identity) && f.Question }, false},
	{"channel:#help or tag:champion", func(w *world, f analytics.Fact) bool { return f.Channel == 1 || w.champion(f.Identity) }, false},
	{"-(channel:#help tag:champion) (country:DE or is:question)", func(w *world, f analytics.Fact) bool {
		return (f.Channel != 1 || !w.champion(f.Identity)) && (w.ids[f.Identity].Country == "DE" || f.Question)
	}, false},
	{"category:bug,unsure", func(w *world, f analytics.Fact) bool {
		s, read := w.said[f.ID]
		return read && (s.category == text.CategoryBug || s.category == text.CategoryUnsure)
	}, false},
	{"-sentiment:negative (urgency:now or channel:#help or category:*)", func(w *world, f analytics.Fact) bool {
		s, read := w.said[f.ID]
		return (!read || s.sentiment != text.SentimentNegative) && (read && s.urgency == text.UrgencyNow || f.Channel == 1 || read && s.category != text.CategoryUnsure)
	}, false},
	{"occurred:2026-03-10..2026-03-29 or source:hub", func(w *world, f analytics.Fact) bool {
		at := time.UnixMicro(f.At)
		return f.Source == 2 || !at.Before(time.Date(2026, 3, 10, 0, 0, 0, 0, w.zone)) && at.Before(time.Date(2026, 3, 30, 0, 0, 0, 0, w.zone))
	}, false},
}

var zones = []string{"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"}

func drawWorld(t *rapid.T) *world {
	zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		facts: map[int64]analytics.Fact{}, ids: map[int64]analytics.Identity{}, convs: map[int64]analytics.Conversation{}, said: map[int64]said{},
		channels: map[int64]analytics.Channel{
			1: {ID: 1, Source: 1, Name: "Help"}, 2: {ID: 2, Source: 2, Name: "app"}, 3: {ID: 3, Source: 1, Name: "secret", Hidden: true},
		},
		sources: map[int64]analytics.Source{1: {ID: 1, Name: "slack"}, 2: {ID: 2, Name: "Hub", Platform: "github"}},
		zone:    zone,
		now:     time.Date(2026, 4, 15, 7, 0, 0, 0, time.UTC),
	}
	return w
}

var worldStart = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func drawTime(t *rapid.T) int64 {
	return worldStart.Add(time.Duration(rapid.IntRange(0, 73*24*4).Draw(t, "quarter")) * 15 * time.Minute).UnixMicro()
}

func drawFact(t *rapid.T, id int64) analytics.Fact {
	f := analytics.Fact{
		ID: id, At: drawTime(t), Identity: int64(rapid.IntRange(0, 9).Draw(t, "identity")), Channel: int64(rapid.IntRange(0, 3).Draw(t, "channel")),
		Kind: rapid.SampledFrom([]greenroom.Kind{greenroom.KindMessage, greenroom.KindReply, greenroom.KindJoin}).Draw(t, "kind"), Question: rapid.Bool().Draw(t, "question"),
	}
	f.Source = []int64{1, 1, 2, 1}[f.Channel]
	return f
}

func drawConversation(t *rapid.T, id int64) analytics.Conversation {
	c := analytics.Conversation{
		ID: id, Source: 1, Channel: int64(rapid.SampledFrom([]int{1, 3}).Draw(t, "channel")), Author: int64(rapid.IntRange(0, 9).Draw(t, "author")),
		Kind: greenroom.KindMessage, Question: rapid.Bool().Draw(t, "question"), OpenedAt: drawTime(t),
		State: rapid.SampledFrom([]greenroom.State{greenroom.StateOpen, greenroom.StateAnswered, greenroom.StateResolved, greenroom.StateIgnored}).Draw(t, "state"),
	}
	if rapid.Bool().Draw(t, "responded") {
		c.FirstResponse = c.OpenedAt + int64(rapid.IntRange(0, 96).Draw(t, "hours"))*3600e6
		if rapid.Bool().Draw(t, "by a member") {
			c.FirstMember = c.FirstResponse
		} else {
			c.FirstStaff, c.FirstMember = c.FirstResponse, c.FirstResponse+3600e6
		}
	}
	if c.State == greenroom.StateResolved {
		c.ResolvedAt = c.OpenedAt + int64(rapid.IntRange(0, 96).Draw(t, "resolved after"))*3600e6
	}
	return c
}

// change draws a change, applies it to the world and returns it.
func (w *world) change(t *rapid.T) *analytics.Delta {
	d := &analytics.Delta{Added: &analytics.Facts{}, Removed: &analytics.Facts{}}
	add := func(to *analytics.Facts, f analytics.Fact) {
		if err := to.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "removed") {
		if ids := sorted(w.facts); len(ids) > 0 {
			id := rapid.SampledFrom(ids).Draw(t, "remove")
			add(d.Removed, w.facts[id])
			delete(w.facts, id)
		}
	}
	for range rapid.IntRange(0, 25).Draw(t, "added") {
		f := drawFact(t, int64(rapid.IntRange(1, 1e6).Draw(t, "id")))
		if _, ok := w.facts[f.ID]; !ok {
			f.Said = w.say(t, f.ID)
			w.facts[f.ID] = f
			add(d.Added, f)
		}
	}
	for range rapid.IntRange(0, 6).Draw(t, "identities") {
		i := analytics.Identity{
			Organization: int64(rapid.IntRange(0, 2).Draw(t, "organization")),
			ID:           int64(rapid.IntRange(1, 9).Draw(t, "identity")), Member: int64(rapid.IntRange(0, 6).Draw(t, "member")),
			Country: rapid.SampledFrom([]string{"", "DE", "FR"}).Draw(t, "country"),
		}
		switch rapid.IntRange(0, 12).Draw(t, "flag") {
		case 0:
			i.Staff = true
		case 1:
			i.Bot = true
		case 2:
			i.Hidden = true
		case 3:
			i.Contact = true
		case 4:
			i.JoinedAt = drawTime(t)
		}
		w.ids[i.ID] = i
		d.Identities = append(d.Identities, i)
	}
	for range rapid.IntRange(0, 6).Draw(t, "conversations") {
		c := drawConversation(t, int64(rapid.IntRange(1, 40).Draw(t, "conversation")))
		w.convs[c.ID] = c
		d.Conversations = append(d.Conversations, c)
	}
	d.Reread = w.reread(t)
	return d
}

func sorted[V any](m map[int64]V) []int64 {
	var keys []int64
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// counted reports whether somebody's activities count.
func (w *world) counted(identity int64) bool {
	i := w.ids[identity]
	return !i.Staff && !i.Bot && !i.Hidden && !i.Contact
}

// active is who was active from from up to but not including to, with how many activities.
func (w *world) active(filter int, from, to time.Time) map[int64]int64 {
	set := make(map[int64]int64)
	w.each(filter, from, to, func(f analytics.Fact) {
		if w.counted(f.Identity) && (!w.repliesOnly || f.Kind == greenroom.KindReply) {
			set[w.ids[f.Identity].Member]++
		}
	})
	return set
}

// each calls do for the activities that count, whoever did them.
func (w *world) each(filter int, from, to time.Time, do func(f analytics.Fact)) {
	for _, f := range w.facts {
		at := time.UnixMicro(f.At)
		if at.Before(from) || !at.Before(to) || f.Channel == 3 || !filters[filter].fits(w, f) {
			continue
		}
		if f.Kind.Info().Active || filters[filter].kinds {
			do(f)
		}
	}
}

// replies is the naive value over replies alone: the one kind that the worlds have of those that contribute.
func (w *world) replies(metric string, filter int, from time.Time) float64 {
	only := *w
	only.repliesOnly = true
	to := w.day(from, 7)
	byOrg, members, posts := make(map[int64]int64), 0.0, 0.0
	w.each(filter, from, to, func(f analytics.Fact) {
		i := w.ids[f.Identity]
		if w.counted(f.Identity) && f.Kind == greenroom.KindReply && i.Organization != 0 && i.Member != 0 {
			byOrg[i.Organization]++
		}
		if f.Kind != greenroom.KindJoin && f.Identity != 0 && !i.Bot && !i.Hidden && !i.Contact {
			posts++
			members += bit(!i.Staff)
		}
	})
	few := 0.0
	for _, n := range without(only.active(filter, from, to)) {
		few += bit(n <= 3)
	}
	switch metric {
	case "contributors", "helpers":
		return only.week("active_members", filter, from)
	case "new_contributors":
		return only.week("new_members", filter, from)
	case "occasional_contributors":
		return few
	case "elephant_factor":
		return concentration("contributor_concentration", byOrg)
	case "member_share":
		return members / posts
	}
	panic(metric)
}

func without(set map[int64]int64) map[int64]int64 {
	delete(set, 0)
	return set
}

func (w *world) day(t time.Time, n int) time.Time {
	y, m, d := t.In(w.zone).Date()
	return time.Date(y, m, d+n, 0, 0, 0, 0, w.zone)
}

// week is the naive value of a metric over a week; NaN for none.
func (w *world) week(metric string, filter int, from time.Time) float64 {
	to, prev := w.day(from, 7), w.day(from, -7)
	now, last := without(w.active(filter, from, to)), without(w.active(filter, prev, from))
	before := without(w.active(filter, time.Time{}, from))
	long := without(w.active(filter, time.Time{}, prev))
	count := func(keep func(m int64) bool, sets ...map[int64]int64) float64 {
		n := 0.0
		for m := range sets[0] {
			if keep(m) {
				n++
			}
		}
		return n
	}
	in := func(set map[int64]int64, m int64) bool { return set[m] > 0 }
	switch metric {
	case "active_members", "weekly_active":
		return float64(len(now))
	case "new_members":
		return count(func(m int64) bool { return !in(before, m) }, now)
	case "returning_members":
		return count(func(m int64) bool { return in(last, m) }, now)
	case "resurrected_members":
		return count(func(m int64) bool { return !in(last, m) && in(long, m) }, now)
	case "gone_quiet":
		return count(func(m int64) bool { return !in(now, m) }, last)
	case "daily_active":
		return float64(len(without(w.active(filter, w.day(from, 6), to))))
	case "monthly_active":
		return float64(len(without(w.active(filter, w.day(from, -21), to))))
	case "activities":
		n := int64(0)
		for _, c := range w.active(filter, from, to) {
			n += c
		}
		return float64(n)
	case "members":
		known := without(w.active(filter, time.Time{}, to))
		for id, i := range w.ids {
			if filters[filter].text == "" && w.counted(id) && i.Member != 0 && i.JoinedAt != 0 && i.JoinedAt < to.UnixMicro() {
				known[i.Member]++
			}
			if filters[filter].text == "tag:champion" && w.champion(id) && w.counted(id) && i.Member != 0 && i.JoinedAt != 0 && i.JoinedAt < to.UnixMicro() {
				known[i.Member]++
			}
		}
		return float64(len(known))
	case "stickiness":
		sum, n := 0.0, 0.0
		for d := range 7 {
			day, end := w.day(from, d), w.day(from, d+1)
			month := len(without(w.active(filter, w.day(from, d-27), end)))
			if month > 0 && !end.After(w.now) {
				sum += float64(len(without(w.active(filter, day, end)))) / float64(month)
				n++
			}
		}
		return sum / n
	case "contributor_concentration", "top_share":
		return concentration(metric, now)
	}
	return w.replies(metric, filter, from)
}

func concentration(metric string, now map[int64]int64) float64 {
	var counts []int64
	total := int64(0)
	for _, c := range now {
		counts = append(counts, c)
		total += c
	}
	if total == 0 {
		return math.NaN()
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	if metric == "top_share" {
		sum := int64(0)
		for _, c := range counts[:min(10, len(counts))] {
			sum += c
		}
		return float64(sum) / float64(total)
	}
	sum := int64(0)
	for i, c := range counts {
		if sum += c; 2*sum >= total {
			return float64(i + 1)
		}
	}
	return math.NaN()
}

// questions is the naive value of a metric over the questions opened in a week.
func (w *world) questions(metric string, from time.Time) float64 {
	to := w.day(from, 7)
	var n, hits float64
	var events, waits, resolved, open []int64
	for _, c := range w.convs {
		at := time.UnixMicro(c.OpenedAt)
		if at.Before(from) || !at.Before(to) || !w.counted(c.Author) || c.Channel == 3 || !c.Question || c.State == greenroom.StateIgnored {
			continue
		}
		if c.State == greenroom.StateResolved {
			resolved = append(resolved, c.ResolvedAt-c.OpenedAt)
		} else {
			open = append(open, w.now.UnixMicro()-c.OpenedAt)
		}
		wait := c.FirstResponse - c.OpenedAt
		switch {
		case c.FirstResponse != 0:
			events = append(events, wait)
		case c.State == greenroom.StateResolved:
			waits = append(waits, min(c.ResolvedAt, w.now.UnixMicro())-c.OpenedAt)
		default:
			waits = append(waits, w.now.UnixMicro()-c.OpenedAt)
		}
		switch metric {
		case "answered_share":
			n++
			hits += bit(c.FirstResponse != 0)
		case "response_within_target":
			if c.FirstResponse != 0 || w.now.UnixMicro()-c.OpenedAt >= 24*3600e6 {
				n++
				hits += bit(c.FirstResponse != 0 && wait <= 24*3600e6)
			}
		case "answered_by_members":
			n += bit(c.FirstResponse != 0)
			hits += bit(c.FirstResponse != 0 && c.FirstMember == c.FirstResponse)
		case "resolved_share":
			n++
			hits += bit(c.State == greenroom.StateResolved)
		}
	}
	switch metric {
	case "time_to_first_response":
		return median(events, waits)
	case "time_to_resolution":
		return median(resolved, open)
	}
	return hits / n
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// median is Kaplan and Meier's, straight from the formula.
func median(events, waits []int64) float64 {
	times := slices.Clone(events)
	slices.Sort(times)
	s := 1.0
	for _, t := range slices.Compact(times) {
		ended, waiting := 0.0, 0.0
		for _, e := range events {
			ended += bit(e == t)
			waiting += bit(e >= t)
		}
		for _, v := range waits {
			waiting += bit(v >= t)
		}
		if s *= 1 - ended/waiting; s <= 0.5+1e-9 {
			return float64(t) / 1e6
		}
	}
	return math.NaN()
}

// TestEngineIsExact compares the engine with the naive way after each of a few random changes, merges and splits among
// them, which come in any order of time.
func TestEngineIsExact(t *testing.T) {
	schemas := map[query.Entity]*query.Schema{}
	for _, e := range query.Entities() {
		var kinds []string
		for _, k := range greenroom.Kinds() {
			kinds = append(kinds, k.String())
		}
		schemas[e] = query.NewSchema(e, kinds)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		cols := analytics.NewColumns()
		eng := analytics.NewEngine(cols, analytics.Answers{Members: w}, func() time.Time { return w.now })
		d := &analytics.Delta{}
		for _, id := range sorted(w.sources) {
			d.Sources = append(d.Sources, w.sources[id])
		}
		for _, id := range sorted(w.channels) {
			d.Channels = append(d.Channels, w.channels[id])
		}
		if err := cols.Apply(d); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 5).Draw(t, "changes") {
			if err := cols.Apply(w.change(t)); err != nil {
				t.Fatal(err)
			}
			w.now = w.now.Add(10 * time.Second) // past the cache of sets
			w.compare(t, eng, schemas)
		}
	})
}

func (w *world) compare(t *rapid.T, eng *analytics.Engine, schemas map[query.Entity]*query.Schema) {
	from := time.Date(2026, 2, 16, 0, 0, 0, 0, w.zone)
	filter := rapid.IntRange(0, len(filters)-1).Draw(t, "filter")
	for _, m := range analytics.Catalog() {
		req := analytics.Request{Metric: m.Name, From: from, To: w.day(from, 42), Granularity: analytics.Week, Zone: w.zone}
		naive := func(from time.Time) float64 { return w.questions(m.Name, from) }
		switch {
		case m.Name == "retention":
			continue // see compareRetention
		case m.Entity == query.Conversations:
			if !slices.Contains([]string{"answered_share", "response_within_target", "resolved_share", "time_to_first_response", "answered_by_members", "time_to_resolution"}, m.Name) {
				continue
			}
		default:
			var err error
			if req.Query, err = query.Parse(schemas[m.Entity], filters[filter].text); err != nil {
				t.Fatal(err)
			}
			naive = func(from time.Time) float64 { return w.week(m.Name, filter, from) }
			if slices.Contains([]string{"messages", "praise", "net_sentiment", "unsure_share"}, m.Name) {
				naive = func(from time.Time) float64 { return w.spoken(m.Name, filter, from) }
			}
		}
		res, err := eng.Compute(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []float64
		for i, p := range res.Series {
			got, want = append(got, math.NaN()), append(want, naive(w.day(from, 7*i)))
			if p.Value != nil {
				got[i] = *p.Value
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Fatalf("%s, %q, in %s (-naive +engine):\n%s", m.Name, filters[filter].text, w.zone, diff)
		}
	}
	w.compareRetention(t, eng, from)
	compareCrowd(t, eng.Crowd(), from)
}

// compareCrowd wants what is asked for one member to be theirs among all.
func compareCrowd(t *rapid.T, crowd *analytics.Crowd, from time.Time) {
	all := make(map[int64][]analytics.Act)
	if err := crowd.Each(context.Background(), from, time.Now().AddDate(100, 0, 0), false, func(a analytics.Act) { all[a.Member] = append(all[a.Member], a) }); err != nil {
		t.Fatal(err)
	}
	for member, want := range all {
		var got []analytics.Act
		if err := crowd.Of(context.Background(), member, from, func(a analytics.Act) { got = append(got, a) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("activities of member %d (-among all +alone):\n%s", member, diff)
		}
	}
}

func (w *world) compareRetention(t *rapid.T, eng *analytics.Engine, from time.Time) {
	res, err := eng.Compute(context.Background(), analytics.Request{Metric: "retention", From: from, To: w.day(from, 42), Granularity: analytics.Week, Zone: w.zone})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, p := range res.Series {
		got = append(got, fmt.Sprint(p.From.Format(time.DateOnly), *p.Offset, p.Count, p.N))
	}
	for c := range 6 {
		start := w.day(from, 7*c)
		before := w.active(0, time.Time{}, start)
		cohort := without(w.active(0, start, w.day(start, 7)))
		for m := range before {
			delete(cohort, m)
		}
		for n := range 6 - c {
			active, hits := w.active(0, w.day(start, 7*n), w.day(start, 7*n+7)), 0
			for m := range cohort {
				hits += int(bit(active[m] > 0))
			}
			want = append(want, fmt.Sprint(start.Format(time.DateOnly), n, hits, len(cohort)))
		}
	}
	sort.Strings(got)
	sort.Strings(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("retention (-naive +engine):\n%s", diff)
	}
}
