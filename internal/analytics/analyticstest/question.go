// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
	"greenroom/internal/text"
)

// question is a request with what it means: which activities and conversations count.
type question struct {
	*world
	req   analytics.Request
	fact  func(f *analytics.Fact) bool
	conv  func(c *analytics.Conversation) bool
	kinds bool // the query names kinds
	// who says whose doings count by what the query and the segment ask of people; narrow, that it asks for more.
	who    func(identity int64) bool
	narrow bool
	was    func(identity, at int64) bool // what depends on when they did it; see filter
}

// filter is a query with its meaning. Each field that it does not narrow is nil.
type filter struct {
	text   string
	fact   func(w *world, f *analytics.Fact) bool
	conv   func(w *world, c *analytics.Conversation) bool
	who    func(w *world, identity int64) bool
	was    func(w *world, identity, at int64) bool // who people were with at the time
	kinds  bool
	narrow bool
}

// activityFilters are queries about activities.
var activityFilters = []filter{
	{text: ""},
	{text: "channel:#help", narrow: true, fact: func(_ *world, f *analytics.Fact) bool { return f.Channel == 1 }},
	{text: "-channel:#help", narrow: true, fact: func(_ *world, f *analytics.Fact) bool { return f.Channel != 1 }},
	{text: "source:slack", narrow: true, fact: func(_ *world, f *analytics.Fact) bool { return f.Source == 1 }},
	{text: "kind:message,join", narrow: true, kinds: true, fact: func(_ *world, f *analytics.Fact) bool {
		return f.Kind == greenroom.KindMessage || f.Kind == greenroom.KindJoin
	}},
	{text: "tag:champion", who: func(w *world, id int64) bool { return w.champion(id) }},
	{text: `org:"Blue Harbor"`, was: (*world).harbor},
	{text: `-org:"Blue Harbor" tag:champion`, who: func(w *world, id int64) bool { return w.champion(id) }, was: func(w *world, id, at int64) bool { return !w.harbor(id, at) }},
	{text: `channel:#help or org:"Blue Harbor"`, narrow: true, fact: func(w *world, f *analytics.Fact) bool { return f.Channel == 1 || w.harbor(f.Identity, f.At) }},
	{text: "country:DE", who: func(w *world, id int64) bool { return w.Identities[id].Country == "DE" }},
	{text: "is:edited", narrow: true, fact: func(_ *world, f *analytics.Fact) bool { return f.Edited }},
	{text: "-tag:champion is:question", narrow: true, fact: func(w *world, f *analytics.Fact) bool { return !w.champion(f.Identity) && f.Question }},
	{text: "channel:#help or tag:champion", narrow: true, fact: func(w *world, f *analytics.Fact) bool { return f.Channel == 1 || w.champion(f.Identity) }},
	{text: "-(channel:#help tag:champion) (country:DE or is:question)", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return (f.Channel != 1 || !w.champion(f.Identity)) && (w.Identities[f.Identity].Country == "DE" || f.Question)
	}},
	{text: "occurred:2026-03-10..2026-03-29 or source:hub", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return f.Source == 2 || w.inMarch(f.At)
	}},
	{text: "occurred:2026-03-10..2026-03-29 -source:hub", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return f.Source != 2 && w.inMarch(f.At)
	}},
	{text: "category:bug,unsure", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return w.category(f.Said, text.CategoryBug, text.CategoryUnsure)
	}},
	{text: "-category:bug has:category sentiment:negative", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return w.says(f.Said, func(r reading) bool {
			return r.category != text.CategoryBug && r.category != text.CategoryUnsure && r.sentiment == text.SentimentNegative
		})
	}},
	{text: "-category:praise -source:hub", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return f.Source != 2 && !w.category(f.Said, text.CategoryPraise)
	}},
	{text: "urgency:now or channel:#help or tag:champion", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return w.urgent(f.Said) || f.Channel == 1 || w.champion(f.Identity)
	}},
	{text: "webhook category:feature,other", narrow: true, fact: func(w *world, f *analytics.Fact) bool {
		return found(f.ID) && w.category(f.Said, text.CategoryFeature, text.CategoryOther)
	}},
	{text: "webhook -is:question", narrow: true, fact: func(_ *world, f *analytics.Fact) bool { return found(f.ID) && !f.Question }},
}

// conversationFilters are queries about conversations.
var conversationFilters = []filter{
	{text: ""},
	{text: "channel:#help", conv: func(_ *world, c *analytics.Conversation) bool { return c.Channel == 1 }},
	{text: "kind:issue", conv: func(_ *world, c *analytics.Conversation) bool { return c.Kind == greenroom.KindIssue }},
	{text: "state:open,resolved", conv: func(_ *world, c *analytics.Conversation) bool {
		return c.State == greenroom.StateOpen || c.State == greenroom.StateResolved
	}},
	{text: "tag:champion", who: func(w *world, id int64) bool { return w.champion(id) }},
	{text: `org:"Blue Harbor"`, was: (*world).harbor},
	{text: `kind:issue or -org:"Blue Harbor"`, conv: func(w *world, c *analytics.Conversation) bool {
		return c.Kind == greenroom.KindIssue || !w.harbor(c.Author, c.OpenedAt)
	}},
	{text: "channel:#help or tag:champion or state:ignored", conv: func(w *world, c *analytics.Conversation) bool {
		return c.Channel == 1 || w.champion(c.Author) || c.State == greenroom.StateIgnored
	}},
	{text: "category:bug or -channel:#help", conv: func(w *world, c *analytics.Conversation) bool {
		return w.category(c.Said, text.CategoryBug) || c.Channel != 1
	}},
	{text: "-urgency:now", conv: func(w *world, c *analytics.Conversation) bool { return !w.urgent(c.Said) }},
	{text: "opened:2026-03-10..2026-03-29", conv: func(w *world, c *analytics.Conversation) bool { return w.inMarch(c.OpenedAt) }},
	{text: "webhook", conv: func(_ *world, c *analytics.Conversation) bool { return found(c.ID) }},
}

func (w *world) inMarch(micros int64) bool {
	at := time.UnixMicro(micros)
	return !at.Before(time.Date(2026, 3, 10, 0, 0, 0, 0, w.zone)) && at.Before(time.Date(2026, 3, 30, 0, 0, 0, 0, w.zone))
}

// ask makes a question of a request and one of the filters.
func (w *world) ask(req analytics.Request, f *filter) *question {
	return &question{
		world: w, req: req, kinds: f.kinds, narrow: f.narrow,
		fact: func(a *analytics.Fact) bool { return f.fact == nil || f.fact(w, a) },
		conv: func(c *analytics.Conversation) bool { return f.conv == nil || f.conv(w, c) },
		was:  func(id, at int64) bool { return f.was == nil || f.was(w, id, at) },
		who: func(id int64) bool {
			return (f.who == nil || f.who(w, id)) && (req.Segment == nil || w.champion(id))
		},
	}
}

// counts reports whether somebody's doings count.
func (q *question) counts(identity int64) bool {
	i := q.Identities[identity]
	return q.who(identity) && (!i.Staff || q.req.Options.Staff) && (!i.Bot || q.req.Options.Bots) && !i.Hidden && !i.Contact
}

// facts lists the activities that count, from from up to but not including to.
func (q *question) facts(from, to time.Time) []analytics.Fact {
	var all []analytics.Fact
	for _, f := range q.Facts {
		at := time.UnixMicro(f.At)
		if f.Source == 0 || f.Channel == hiddenChannel || at.Before(from) || !at.Before(to) || !q.counts(f.Identity) || !q.was(f.Identity, f.At) || !q.fact(&f) {
			continue
		}
		if f.Kind.Info().Active || q.kinds {
			all = append(all, f)
		}
	}
	return all
}

// active is who was active, each with the number of activities.
func (q *question) active(from, to time.Time) map[int64]int64 {
	set := make(map[int64]int64)
	for _, f := range q.facts(from, to) {
		if m := q.Identities[f.Identity].Member; m != 0 {
			set[m]++
		}
	}
	return set
}

// opened lists the conversations that count.
func (q *question) opened(from, to time.Time) []analytics.Conversation {
	var all []analytics.Conversation
	for _, v := range q.Conversations {
		at := time.UnixMicro(v.OpenedAt)
		c := v.Conversation
		if c.OpenedAt != 0 && c.Channel != hiddenChannel && !at.Before(from) && at.Before(to) && q.counts(c.Author) && q.was(c.Author, c.OpenedAt) && q.conv(&c) {
			all = append(all, c)
		}
	}
	return all
}

// period is a stretch of the calendar.
type period struct {
	from, to time.Time
	cut      bool
}

// day is midnight so many days after that of the day that holds t. In the zones of the worlds there always is one.
func (w *world) day(t time.Time, n int) time.Time {
	y, m, d := t.In(w.zone).Date()
	return time.Date(y, m, d+n, 0, 0, 0, 0, w.zone)
}

// begin is the beginning of the calendar's period that holds t, and next that of the one after it.
func (q *question) begin(t time.Time) time.Time {
	t = q.day(t, 0)
	switch q.req.Granularity {
	case analytics.Week:
		for t.Weekday() != time.Monday {
			t = q.day(t, -1)
		}
	case analytics.Month:
		t = q.day(t, 1-t.Day())
	case analytics.Quarter:
		for t = q.day(t, 1-t.Day()); (t.Month()-1)%3 != 0; {
			t = t.AddDate(0, -1, 0)
		}
	case analytics.Day, analytics.Total:
	}
	return t
}

func (q *question) next(t time.Time) time.Time {
	switch q.req.Granularity {
	case analytics.Week:
		return q.day(t, 7)
	case analytics.Month:
		return t.AddDate(0, 1, 0)
	case analytics.Quarter:
		return t.AddDate(0, 3, 0)
	default:
		return q.day(t, 1)
	}
}

func (q *question) before(p period) period {
	if q.req.Granularity == analytics.Total {
		return period{from: p.from.Add(-p.to.Sub(p.from)), to: p.from}
	}
	return period{from: q.begin(p.from.Add(-1)), to: p.from}
}

// periods are those of the request that have begun; with whole, those at the ends are not cut.
func (q *question) periods(whole bool) []period {
	if q.req.Granularity == analytics.Total {
		return []period{{from: q.req.From, to: q.req.To}}
	}
	var all []period
	for at := q.begin(q.req.From); at.Before(q.req.To) && !at.After(q.now); at = q.next(at) {
		p := period{from: at, to: q.next(at)}
		if !whole && p.from.Before(q.req.From) {
			p.from, p.cut = q.req.From, true
		}
		if !whole && p.to.After(q.req.To) {
			p.to, p.cut = q.req.To, true
		}
		if !p.from.After(q.now) {
			all = append(all, p)
		}
	}
	return all
}

// group is a value of a breakdown.
type group struct {
	name string
	id   int64
	size int
	rest bool // everything that is in none of the others
	fact func(f *analytics.Fact) bool
	conv func(c *analytics.Conversation) bool
}

// narrowed is the question about a group alone. As the engines do, it takes people by the account.
func (q *question) narrowed(g *group) *question {
	n := *q
	switch q.req.Breakdown {
	case analytics.ByOrganization:
		n.was = func(id, at int64) bool { return q.was(id, at) && g.fact(&analytics.Fact{Identity: id, At: at}) }
	case analytics.ByCountry, analytics.ByTag:
		n.who = func(id int64) bool { return q.who(id) && g.fact(&analytics.Fact{Identity: id}) }
	default:
		n.narrow = true
		n.fact = func(f *analytics.Fact) bool { return q.fact(f) && g.fact(f) }
		n.conv = func(c *analytics.Conversation) bool { return q.conv(c) && g.conv(c) }
	}
	return &n
}

// possible lists all groups that there could be, whether anything is in them or not.
func (q *question) possible() []*group {
	var all []*group
	add := func(name string, id int64, fact func(f *analytics.Fact) bool) {
		all = append(all, &group{name: name, id: id, fact: fact, conv: func(c *analytics.Conversation) bool {
			return fact(&analytics.Fact{Identity: c.Author, At: c.OpenedAt, Source: c.Source, Channel: c.Channel, Kind: c.Kind, Said: c.Said})
		}})
	}
	switch q.req.Breakdown {
	case analytics.BySource:
		for _, s := range q.Sources {
			add(s.Name, 0, func(f *analytics.Fact) bool { return f.Source == s.ID })
		}
	case analytics.ByChannel:
		for _, c := range q.Channels {
			add(c.Name, 0, func(f *analytics.Fact) bool { return f.Channel == c.ID })
		}
	case analytics.ByKind:
		for _, k := range greenroom.Kinds() {
			add(k.String(), 0, func(f *analytics.Fact) bool { return f.Kind == k })
		}
	case analytics.ByOrganization:
		for id, name := range map[int64]string{1: "Blue Harbor", 2: "Night Train"} {
			add(name, id, func(f *analytics.Fact) bool { return q.employer(f.Identity, f.At) == id })
		}
	case analytics.ByCountry:
		for _, country := range []string{"DE", "FR"} {
			add(country, 0, func(f *analytics.Fact) bool { return q.Identities[f.Identity].Country == country })
		}
	case analytics.ByTag:
		for _, tag := range []string{"champion", "speaker"} {
			add(tag, 0, func(f *analytics.Fact) bool { return tagged(q.Identities[f.Identity].Member, tag) })
		}
	case analytics.ByCategory:
		for _, c := range saidCategories() {
			add(c.String(), 0, func(f *analytics.Fact) bool { return q.category(f.Said, c) })
		}
	case analytics.BySentiment:
		for _, s := range saidSentiments() {
			add(s.String(), 0, func(f *analytics.Fact) bool { return q.says(f.Said, func(r reading) bool { return r.sentiment == s }) })
		}
	}
	return all
}

// groups lists the groups shown, the largest first, and that of all else where figures add up.
func (q *question) groups(m *analytics.Metric, ps []period) []*group {
	all := q.possible()
	from, to := ps[0].from, ps[len(ps)-1].to
	for _, g := range all {
		for _, f := range q.facts(from, to) {
			if m.Entity == query.Activities && g.fact(&f) {
				g.size++
			}
		}
		for _, c := range q.opened(from, to) {
			if m.Entity == query.Conversations && g.conv(&c) {
				g.size++
			}
		}
	}
	all = slices.DeleteFunc(all, func(g *group) bool { return g.size == 0 })
	slices.SortFunc(all, func(a, b *group) int {
		if q.req.Breakdown == analytics.ByOrganization { // it knows their names only afterwards
			return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.id, b.id))
		}
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.name, b.name))
	})
	if q.req.Breakdown == analytics.ByCategory || q.req.Breakdown == analytics.BySentiment { // these are few, and what was not read is in none
		return all
	}
	shown := all[:min(len(all), q.req.Options.Groups)]
	if len(shown) == 0 || !addsUp(m, q.req.Breakdown) {
		return shown
	}
	named := slices.Clone(shown)
	return append(named, &group{
		name: analytics.OtherGroup, rest: true,
		fact: func(f *analytics.Fact) bool {
			return !slices.ContainsFunc(named, func(g *group) bool { return g.fact(f) })
		},
		conv: func(c *analytics.Conversation) bool {
			return !slices.ContainsFunc(named, func(g *group) bool { return g.conv(c) })
		},
	})
}

// addsUp reports whether the figures of groups add up to the figure of all: numbers of things do where a thing is in one
// group, and numbers of members where a member is.
func addsUp(m *analytics.Metric, d analytics.Dimension) bool {
	switch {
	case d == analytics.ByTag || m.Name == "contributor_concentration":
		return false
	case m.Unit == analytics.UnitActivities || m.Unit == analytics.UnitConversations:
		return true
	default:
		return m.Unit == analytics.UnitMembers && (d == analytics.ByOrganization || d == analytics.ByCountry)
	}
}

// String says what is asked, for a test that fails.
func (q *question) String() string {
	return fmt.Sprintf("%s by %s from %s to %s in %s, breakdown %q, segment %v, %+v", q.req.Metric, q.req.Granularity,
		q.req.From.Format(time.DateTime), q.req.To.Format(time.DateTime), q.zone, q.req.Breakdown, q.req.Segment != nil, q.req.Options)
}
