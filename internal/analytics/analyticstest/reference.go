// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"maps"
	"math"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/text"
)

// figure is one figure of a series; its value is NaN where there is none.
type figure struct {
	value    float64
	count, n int64
}

// reference computes one figure of a metric, slowly, and straight from the metric's definition.
type reference func(q *question, p period) figure

// references are those of all metrics; that of retention is different, see retained. A new metric comes with a line here.
func references() map[string]reference {
	return map[string]reference{
		"members":                   known,
		"new_members":               newcomers,
		"active_members":            func(q *question, p period) figure { return number(len(q.active(p.from, p.to))) },
		"returning_members":         returning,
		"resurrected_members":       resurrected,
		"gone_quiet":                goneQuiet,
		"daily_active":              window(1),
		"weekly_active":             window(7),
		"monthly_active":            window(28),
		"stickiness":                stickiness,
		"activities":                func(q *question, p period) figure { return number(len(q.facts(p.from, p.to))) },
		"contributor_concentration": concentration,
		"top_share":                 topShare,
		"conversations":             conversations(func(*analytics.Conversation) bool { return true }),
		"questions":                 conversations(func(c *analytics.Conversation) bool { return c.Question }),
		"unanswered":                conversations(func(c *analytics.Conversation) bool { return c.Question && c.State == greenroom.StateOpen }),
		"answered_share":            questions(func(q *question, c *analytics.Conversation) (bool, bool) { return true, q.response(c) != 0 }),
		"resolved_share": questions(func(_ *question, c *analytics.Conversation) (bool, bool) {
			return true, c.State == greenroom.StateResolved
		}),
		"time_to_first_response":     waiting(0.5),
		"time_to_first_response_p90": waiting(0.9),
		"response_within_target":     questions(inTime),
		"contributors":               func(q *question, p period) figure { return number(len(q.active(p.from, p.to))) },
		"new_contributors":           newcomers,
		"occasional_contributors":    occasional,
		"helpers":                    func(q *question, p period) figure { return number(len(q.active(p.from, p.to))) },
		"elephant_factor":            elephant,
		"member_share":               memberShare,
		"answered_by_members": questions(func(_ *question, c *analytics.Conversation) (bool, bool) {
			return c.FirstResponse != 0, c.FirstMember == c.FirstResponse
		}),
		"time_to_resolution": untilResolved,
		"messages":           func(q *question, p period) figure { return number(len(q.facts(p.from, p.to))) },
		"praise":             func(q *question, p period) figure { return number(len(q.facts(p.from, p.to))) },
		"bug_reports":        conversations(func(*analytics.Conversation) bool { return true }),
		"feature_requests":   conversations(func(*analytics.Conversation) bool { return true }),
		"net_sentiment":      netSentiment,
		"unsure_share":       unsure,
	}
}

// scope is what a metric is about, beside what it computes; nil = everything.
type scope struct {
	fact func(w *world, f *analytics.Fact) bool
	conv func(w *world, c *analytics.Conversation) bool
}

// scopes are those of the metrics that are about a part of what happens only.
func scopes() map[string]scope {
	kinds := func(of ...greenroom.Kind) scope {
		return scope{fact: func(_ *world, f *analytics.Fact) bool { return slices.Contains(of, f.Kind) }}
	}
	read := func(so func(r reading) bool) scope {
		return scope{fact: func(w *world, f *analytics.Fact) bool { return w.says(f.Said, so) }}
	}
	opened := func(by text.Category) scope {
		return scope{conv: func(w *world, c *analytics.Conversation) bool { return w.category(c.Said, by) }}
	}
	contributions := kinds(greenroom.KindReply, greenroom.KindIssue, greenroom.KindCommit) // of the kinds that worlds have
	return map[string]scope{
		"contributors": contributions, "new_contributors": contributions, "occasional_contributors": contributions, "elephant_factor": contributions,
		"helpers":          kinds(greenroom.KindReply),
		"member_share":     kinds(greenroom.KindMessage, greenroom.KindReply, greenroom.KindIssue),
		"messages":         read(func(reading) bool { return true }),
		"praise":           read(func(r reading) bool { return r.category == text.CategoryPraise }),
		"net_sentiment":    read(func(r reading) bool { return r.sentiment != text.SentimentUnsure }),
		"unsure_share":     read(func(reading) bool { return true }),
		"bug_reports":      opened(text.CategoryBug),
		"feature_requests": opened(text.CategoryFeature),
	}
}

// within is the question about a scope alone.
func (q *question) within(s scope) *question {
	n := *q
	n.fact = func(f *analytics.Fact) bool { return q.fact(f) && (s.fact == nil || s.fact(q.world, f)) }
	n.conv = func(c *analytics.Conversation) bool { return q.conv(c) && (s.conv == nil || s.conv(q.world, c)) }
	return &n
}

// wholePeriods are the metrics whose range is widened to whole periods.
var wholePeriods = []string{"new_members", "returning_members", "resurrected_members", "gone_quiet", "retention", "new_contributors"}

func number(n int) figure { return figure{float64(n), int64(n), int64(n)} }

func share(hits, n int64) figure { return figure{float64(hits) / float64(n), hits, n} }

// beginning lies before everything.
func beginning() time.Time { return time.Unix(0, 0) }

// joinedBy reports whether there was a moment before the end at which somebody had the account and was whom the query asks for.
func (q *question) joinedBy(id int64, end time.Time) bool {
	i := q.Identities[id]
	moments := []int64{i.JoinedAt}
	for _, m := range i.Moves {
		moments = append(moments, max(m.Since, i.JoinedAt))
	}
	return slices.ContainsFunc(moments, func(at int64) bool { return time.UnixMicro(at).Before(end) && q.was(id, at) })
}

// known are the members with an activity or, where the query asks of people only, an account before the end.
func known(q *question, p period) figure {
	set := q.active(beginning(), p.to)
	for id, i := range q.Identities {
		if !q.narrow && i.JoinedAt != 0 && i.Member != 0 && q.counts(id) && q.joinedBy(id, p.to) {
			set[i.Member]++
		}
	}
	return number(len(set))
}

// those counts the members of a set for which keep holds.
func those(set map[int64]int64, keep func(m int64) bool) figure {
	n := 0
	for m := range set {
		if keep(m) {
			n++
		}
	}
	return number(n)
}

func newcomers(q *question, p period) figure {
	before := q.active(beginning(), p.from)
	return those(q.active(p.from, p.to), func(m int64) bool { return before[m] == 0 })
}

func returning(q *question, p period) figure {
	last := q.before(p)
	before := q.active(last.from, last.to)
	return those(q.active(p.from, p.to), func(m int64) bool { return before[m] > 0 })
}

func resurrected(q *question, p period) figure {
	last := q.before(p)
	before, long := q.active(last.from, last.to), q.active(beginning(), last.from)
	return those(q.active(p.from, p.to), func(m int64) bool { return before[m] == 0 && long[m] > 0 })
}

func goneQuiet(q *question, p period) figure {
	last := q.before(p)
	now := q.active(p.from, p.to)
	return those(q.active(last.from, last.to), func(m int64) bool { return now[m] == 0 })
}

// window counts who was active in the days that end with the last day of the period, or with today.
func window(days int) reference {
	return func(q *question, p period) figure {
		end := p.to
		if end.After(q.now) {
			end = q.now.Add(time.Microsecond)
		}
		return number(len(q.active(q.day(end.Add(-1), 1-days), end)))
	}
}

func stickiness(q *question, p period) figure {
	f := figure{}
	for day := q.day(p.from, 0); day.Before(p.to); day = q.day(day, 1) {
		end := q.day(day, 1)
		month := len(q.active(q.day(day, -27), end))
		if month == 0 || day.Before(p.from) || end.After(p.to) || end.After(q.now) {
			continue
		}
		f.value += float64(len(q.active(day, end))) / float64(month)
		f.n++
	}
	f.value /= float64(f.n)
	return f
}

// most lists the numbers of activities of members, the greatest first, and their sum.
func most(q *question, p period) (counts []int64, total int64) {
	for _, n := range q.active(p.from, p.to) {
		counts = append(counts, n)
		total += n
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	return counts, total
}

func concentration(q *question, p period) figure {
	counts, _ := most(q, p)
	return fewest(counts)
}

func topShare(q *question, p period) figure {
	counts, total := most(q, p)
	sum := int64(0)
	for _, n := range counts[:min(10, len(counts))] {
		sum += n
	}
	return share(sum, total)
}

// fewest is the number of the greatest counts that make half of their sum.
func fewest(counts []int64) figure {
	slices.Sort(counts)
	slices.Reverse(counts)
	total, sum := int64(0), int64(0)
	for _, n := range counts {
		total += n
	}
	for i, n := range counts {
		if sum += n; 2*sum >= total {
			return figure{float64(i + 1), int64(i + 1), int64(len(counts))}
		}
	}
	return figure{value: math.NaN()}
}

func elephant(q *question, p period) figure {
	made := make(map[int64]int64)
	for _, f := range q.facts(p.from, p.to) {
		if o := q.employer(f.Identity, f.At); o != 0 && q.Identities[f.Identity].Member != 0 {
			made[o]++
		}
	}
	return fewest(slices.Collect(maps.Values(made)))
}

func occasional(q *question, p period) figure {
	set := q.active(p.from, p.to)
	f := those(set, func(m int64) bool { return set[m] <= 3 })
	f.n = int64(len(set))
	return f
}

// memberShare is about members and the team, whatever the options say of who counts.
func memberShare(q *question, p period) figure {
	both := *q
	both.req.Options.Staff, both.req.Options.Bots = true, false
	var hits, n int64
	for _, f := range both.facts(p.from, p.to) {
		if f.Identity == 0 {
			continue
		}
		n++
		if !q.Identities[f.Identity].Staff {
			hits++
		}
	}
	return share(hits, n)
}

// netSentiment and unsure are about messages that were read, see scopes.
func netSentiment(q *question, p period) figure {
	var positive, negative, n int64
	for _, f := range q.facts(p.from, p.to) {
		n++
		switch q.meant[f.Said].sentiment {
		case text.SentimentPositive:
			positive++
		case text.SentimentNegative:
			negative++
		case text.SentimentUnsure, text.SentimentNeutral:
		}
	}
	return figure{float64(positive-negative) / float64(n), positive + negative, n}
}

func unsure(q *question, p period) figure {
	var hits, n int64
	for _, f := range q.facts(p.from, p.to) {
		n++
		if q.meant[f.Said].category == text.CategoryUnsure {
			hits++
		}
	}
	return share(hits, n)
}

func conversations(keep func(c *analytics.Conversation) bool) reference {
	return func(q *question, p period) figure {
		n := 0
		for _, c := range q.opened(p.from, p.to) {
			if keep(&c) {
				n++
			}
		}
		return number(n)
	}
}

// asked are the questions of a period that the team has not decided to ignore.
func asked(q *question, p period) []analytics.Conversation {
	return slices.DeleteFunc(q.opened(p.from, p.to), func(c analytics.Conversation) bool {
		return !c.Question || c.State == greenroom.StateIgnored
	})
}

// response is when the one whose response is asked for responded; 0 = has not.
func (q *question) response(c *analytics.Conversation) int64 {
	switch q.req.Options.By {
	case analytics.ByStaff:
		return c.FirstStaff
	case analytics.ByMember:
		return c.FirstMember
	default:
		return c.FirstResponse
	}
}

// questions is the share of those questions that are hits among those that count.
func questions(judge func(q *question, c *analytics.Conversation) (counts, hit bool)) reference {
	return func(q *question, p period) figure {
		var hits, n int64
		for _, c := range asked(q, p) {
			counts, hit := judge(q, &c)
			if counts {
				n++
			}
			if counts && hit {
				hits++
			}
		}
		return share(hits, n)
	}
}

func inTime(q *question, c *analytics.Conversation) (counts, hit bool) {
	target, at := q.req.Options.Target.Microseconds(), q.response(c)
	if at == 0 {
		return q.now.UnixMicro()-c.OpenedAt >= target, false
	}
	return true, at-c.OpenedAt <= target
}

// waiting is the time that a share of questions waits at most, by Kaplan and Meier, straight from the formula.
func waiting(quantile float64) reference {
	return func(q *question, p period) figure {
		var events, censored []int64
		for _, c := range asked(q, p) {
			switch at := q.response(&c); {
			case at != 0:
				events = append(events, max(0, at-c.OpenedAt))
			case c.State == greenroom.StateResolved && c.ResolvedAt > 0:
				censored = append(censored, max(0, min(c.ResolvedAt, q.now.UnixMicro())-c.OpenedAt))
			default:
				censored = append(censored, max(0, q.now.UnixMicro()-c.OpenedAt))
			}
		}
		return kaplanMeier(events, censored, quantile)
	}
}

// untilResolved is how long half of the questions take at most to be resolved; those of which it is not known when are
// left out.
func untilResolved(q *question, p period) figure {
	var events, censored []int64
	for _, c := range asked(q, p) {
		switch {
		case c.State == greenroom.StateResolved && c.ResolvedAt > 0:
			events = append(events, max(0, c.ResolvedAt-c.OpenedAt))
		case c.State != greenroom.StateResolved:
			censored = append(censored, max(0, q.now.UnixMicro()-c.OpenedAt))
		}
	}
	return kaplanMeier(events, censored, 0.5)
}

func kaplanMeier(events, censored []int64, quantile float64) figure {
	f := figure{math.NaN(), int64(len(events)), int64(len(events) + len(censored))}
	times := slices.Clone(events)
	slices.Sort(times)
	s := 1.0
	for _, t := range slices.Compact(times) {
		var ended, waits float64
		for _, e := range events {
			ended += one(e == t)
			waits += one(e >= t)
		}
		for _, c := range censored {
			waits += one(c >= t)
		}
		if s *= 1 - ended/waits; s <= 1-quantile+1e-9 {
			f.value = float64(t) / 1e6
			return f
		}
	}
	return f
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// retained is the share of those who were first active in one period that were active in another.
func retained(q *question, cohort, p period) figure {
	before := q.active(beginning(), cohort.from)
	now := q.active(p.from, p.to)
	var hits, n int64
	for m := range q.active(cohort.from, cohort.to) {
		if before[m] > 0 {
			continue
		}
		n++
		if now[m] > 0 {
			hits++
		}
	}
	return share(hits, n)
}
