// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// QueryTimes is how long a query took.
type QueryTimes struct {
	Name string  `json:"name"`
	P50  float64 `json:"p50_ms"`
	P95  float64 `json:"p95_ms"`
	Max  float64 `json:"max_ms"`
	CPU  float64 `json:"cpu_ms"` // of the process, on average; it tells the query's own work from waiting for a processor
	Rows int     `json:"rows"`   // that the last round gave
}

// ask answers a query for a round and says how many rows came.
type ask func(ctx context.Context, round int) (int, error)

// question is one line of the table of queries.
type question struct {
	name string
	ask  ask
}

// questions lists what is asked. Those of lists stand as the query language has them, with what a page asks for beside.
func (r *run) questions(known known) []question {
	st := r.app.Store
	all := make([]question, 0, 48)
	for _, q := range []struct{ name, text string }{
		{"members by last activity", ""},
		{"members by name", "sort:name"},
		{"members by activities", "sort:-activities"},
		{"members active lately, often", "last_active:<30d activities:>=5"},
		{"members with a tag", "tag:champion"},
		{"members of customers", "org.lifecycle:customer"},
		{"members of trials, active lately", "org.lifecycle:trial last_active:<90d"},
		{"members who asked lately", "did:issue since:30d"},
		{"members who commented often", "did:comment since:90d count:>=3"},
		{"members who did nothing in a channel", "did:comment in:" + known.channel + " count:0 is:active"},
		{"members active in a channel", "channel:" + known.channel},
		{"members who have gone quiet", "is:quiet -is:bot"},
		{"members by a word", "person"},
		{"members by a handle", "handle:" + known.handle},
		{"members that never match", "name:nobodyiscalledthis"},
		{"members by a custom field", "field.plan:gold"},
	} {
		all = append(all, question{"list " + q.name, listed(query.Members, q.text, st.ListMembers)})
	}
	for _, q := range []struct{ name, text string }{
		{"organizations by last activity", ""},
		{"organizations, customers with members", "lifecycle:customer members:>=2"},
	} {
		all = append(all, question{"list " + q.name, listed(query.Organizations, q.text, st.ListOrganizations)})
	}
	for _, q := range []struct{ name, text string }{
		{"activities by time", ""},
		{"activities of a channel", "channel:" + known.channel},
		{"activities of a quiet channel", "channel:" + known.quiet},
		{"activities of a kind", "kind:issue"},
		{"activities of a rare kind", "kind:merge"},
		{"activities of a month", "occurred:2026-03 kind:comment"},
		{"activities of an author", "by:" + known.handle},
		{"activities of tagged members", "tag:champion"},
		{"activities of customers", `org.lifecycle:customer kind:comment`},
		{"activities with a common word", commonWord},
		{"activities with a rare word", rareWord},
		{"activities with two common words", commonWord + " error"},
		{"activities with a phrase", `"to the"`},
		{"activities with a common word in a channel", commonWord + " channel:" + known.quiet},
		{"activities that ask", "is:question"},
	} {
		all = append(all, question{"list " + q.name, listed(query.Activities, q.text, st.ListActivities)})
	}
	for _, q := range []struct{ name, text string }{
		{"conversations by opening", ""},
		{"conversations waiting longest", "is:waiting sort:-waiting"},
		{"conversations waiting over a month", "waiting:>30d"},
		{"conversations waiting in a channel", "is:waiting channel:" + known.channel},
		{"conversations by last activity", "sort:-last_active"},
		{"conversations with many replies", "replies:>=10"},
		{"conversations with a common word", commonWord},
		{"conversations with a rare word", rareWord},
		{"conversations of customers that wait", "is:waiting org.lifecycle:customer"},
	} {
		all = append(all, question{"list " + q.name, listed(query.Conversations, q.text, st.ListConversations)})
	}
	return append(append(all, r.deep()...), r.objects(known)...)
}

// listed asks for the first page of a list, with its count.
func listed[T any](e query.Entity, text string, read func(context.Context, list.Request) (list.Page[T], error)) ask {
	return func(ctx context.Context, _ int) (int, error) {
		q, err := parse(e, text)
		if err != nil {
			return 0, err
		}
		p, err := read(ctx, list.Request{Query: q, Count: true})
		return len(p.Items), err
	}
}

func parse(e query.Entity, text string) (*query.Query, error) {
	kinds := make([]string, 0, 32)
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q, err := query.Parse(query.NewSchema(e, kinds), text)
	if err != nil {
		return nil, fmt.Errorf("the benchmark's query %q: %w", text, err)
	}
	return q, nil
}

// deep asks for pages far into a list: each round goes on where the one before it ended.
func (r *run) deep() []question {
	members, activities := "", ""
	return []question{
		{"page on and on through members", func(ctx context.Context, _ int) (int, error) {
			p, err := r.app.Store.ListMembers(ctx, list.Request{Cursor: members, Limit: list.MaxLimit})
			members = p.Next
			return len(p.Items), err
		}},
		{"page on and on through activities", func(ctx context.Context, _ int) (int, error) {
			p, err := r.app.Store.ListActivities(ctx, list.Request{Cursor: activities, Limit: list.MaxLimit})
			activities = p.Next
			return len(p.Items), err
		}},
		{"page far into the activities", func(ctx context.Context, round int) (int, error) {
			at := r.Until.AddDate(0, 0, -150-round).UnixMicro()
			cur := list.Cursor{Number: &at, ID: 1 << 40}
			p, err := r.app.Store.ListActivities(ctx, list.Request{Cursor: cur.String()})
			return len(p.Items), err
		}},
	}
}

// objects asks for what the pages of single things and the overview show.
func (r *run) objects(known known) []question {
	st := r.app.Store
	pick := func(ids []int64, round int) int64 { return ids[round%len(ids)] }
	return []question{
		{"member", func(ctx context.Context, round int) (int, error) {
			_, err := st.Member(ctx, pick(known.members, round))
			return 1, err
		}},
		{"member: accounts", func(ctx context.Context, round int) (int, error) {
			all, err := st.MemberIdentities(ctx, pick(known.members, round))
			return len(all), err
		}},
		{"member: year calendar of the busiest", func(ctx context.Context, round int) (int, error) {
			d, err := st.MemberDays(ctx, pick(known.busy, round), r.Until.AddDate(-1, 0, 0), time.UTC)
			return len(d), err
		}},
		{"member: timeline of the busiest", func(ctx context.Context, round int) (int, error) {
			return listed(query.Activities, fmt.Sprintf("member.id:%d", pick(known.busy, round)), st.ListActivities)(ctx, round)
		}},
		{"conversation", func(ctx context.Context, round int) (int, error) {
			_, err := st.Conversation(ctx, pick(known.conversations, round))
			return 1, err
		}},
		{"conversation: messages", func(ctx context.Context, round int) (int, error) {
			all, err := st.ConversationActivities(ctx, pick(known.conversations, round), 200)
			return len(all), err
		}},
		{"overview", func(ctx context.Context, _ int) (int, error) {
			_, err := st.Overview(ctx)
			return 1, err
		}},
		{"ledger of a source", func(ctx context.Context, _ int) (int, error) {
			_, err := st.Ledger(ctx, 1)
			return 1, err
		}},
		{"source: kinds", func(ctx context.Context, _ int) (int, error) {
			all, err := st.SourceKinds(ctx, 1)
			return len(all), err
		}},
		{"source: channels", func(ctx context.Context, _ int) (int, error) {
			all, _, err := st.SourceChannels(ctx, 1, 20)
			return len(all), err
		}},
		{"search a person", func(ctx context.Context, round int) (int, error) {
			f, err := st.Search(ctx, fmt.Sprintf("person %d", 100+round), 8)
			return len(f.Members), err
		}},
		{"search a common word, only begun", func(ctx context.Context, _ int) (int, error) {
			f, err := st.Search(ctx, "err", 8)
			return len(f.Conversations), err
		}},
		{"suggest channels", func(ctx context.Context, _ int) (int, error) {
			return r.suggest(ctx, query.Activities, "channel", "org-1")
		}},
		{"suggest organizations", func(ctx context.Context, _ int) (int, error) {
			return r.suggest(ctx, query.Members, "org", "firm 1")
		}},
	}
}

func (r *run) suggest(ctx context.Context, e query.Entity, field, prefix string) (int, error) {
	owner, attr := e, field
	if field == "org" {
		owner, attr = query.Organizations, "name"
	}
	values, err := r.app.Store.Lookup(ctx, &query.Field{Name: field, Owner: owner, Attr: attr}, prefix, 10)
	return len(values), err
}

// queries asks everything.
func (r *run) queries(ctx context.Context) error {
	r.Say("asking")
	resetPeak()
	known, err := r.learn(ctx)
	if err != nil {
		return fmt.Errorf("looking for what to ask about: %w", err)
	}
	for _, q := range r.questions(known) {
		times := make([]time.Duration, 0, r.Rounds)
		t, cpu := QueryTimes{Name: q.name}, cpuTime()
		for round := range r.Rounds {
			began := r.Now()
			if t.Rows, err = q.ask(ctx, round); err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			times = append(times, r.Now().Sub(began))
		}
		t.CPU = millis(cpuTime()-cpu) / float64(r.Rounds)
		slices.Sort(times)
		t.P50, t.P95, t.Max = millis(times[len(times)/2]), millis(times[len(times)*95/100]), millis(times[len(times)-1])
		r.rep.Queries = append(r.rep.Queries, t)
	}
	r.rep.QueryMemory = peakMemory() >> 20
	return nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// known is what the queries ask about.
type known struct {
	channel, quiet, handle       string
	members, busy, conversations []int64
}

// learn finds channels, people and conversations to ask about.
func (r *run) learn(ctx context.Context) (k known, err error) {
	st := r.app.Store
	channels, _, err := st.SourceChannels(ctx, 1, 200)
	if err != nil {
		return k, err
	}
	k.channel, k.quiet = channels[0].Name, channels[len(channels)-1].Name
	byActivities, err := parse(query.Members, "sort:-activities")
	if err != nil {
		return k, err
	}
	busy, err := st.ListMembers(ctx, list.Request{Query: byActivities, Limit: 20})
	if err != nil {
		return k, err
	}
	k.busy, k.handle = idsOf(busy.Items, func(m *greenroom.Member) int64 { return m.ID }), busy.Items[10].Identities[0].Handle
	some, err := st.ListMembers(ctx, list.Request{Limit: 200})
	if err != nil {
		return k, err
	}
	k.members = idsOf(some.Items, func(m *greenroom.Member) int64 { return m.ID })
	talks, err := st.ListConversations(ctx, list.Request{Limit: 200})
	k.conversations = idsOf(talks.Items, func(c *greenroom.Conversation) int64 { return c.ID })
	return k, err
}

func idsOf[T any](items []T, id func(*T) int64) []int64 {
	ids := make([]int64, len(items))
	for i := range items {
		ids[i] = id(&items[i])
	}
	return ids
}
