// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/orbit"
	"greenroom/internal/query"
)

// Ties is what the package needs of the record store for the network.
type Ties interface {
	// Ties lists who answered whom since a time; FirstResponders counts first responses by member.
	Ties(ctx context.Context, since time.Time) ([]greenroom.Tie, error)
	FirstResponders(ctx context.Context, since time.Time) (map[int64]int64, error)
	ListConversations(ctx context.Context, req list.Request) (list.Page[greenroom.Conversation], error)
}

// Network is who answered whom in the last year.
type Network struct {
	Since       time.Time                `json:"since"`
	Members     int                      `json:"members"`     // who answered or were answered
	Connections int                      `json:"connections"` // pairs of them, in either direction
	Density     float64                  `json:"density"`     // share of possible connections that there are
	Reciprocity float64                  `json:"reciprocity"` // share of connections in which each has answered the other
	Reach       float64                  `json:"total_reach"` // strengths of all connections together
	Helpers     []Helper                 `json:"helpers"`
	Bridges     []Bridge                 `json:"bridges"`
	Between     []Between                `json:"between"`         // the most pairs first
	Sampled     int                      `json:"between_sampled"` // Between was estimated from the ways of so many members; 0 = from all
	Unanswered  []greenroom.Conversation `json:"unanswered_newcomers"`
	Waiting     int64                    `json:"unanswered_total"`
	Query       string                   `json:"unanswered_query"` // lists them
}

// Helper is a member who answers others.
type Helper struct {
	Member  int64     `json:"member"`
	Name    string    `json:"name"`
	Staff   bool      `json:"staff"`
	Answers int64     `json:"answers"`         // to others
	Helped  int       `json:"helped"`          // how many others
	First   int64     `json:"first_responses"` // to questions
	Degree  int       `json:"degree"`          // to how many they are connected in either direction
	Reach   float64   `json:"reach"`           // Orbit version 2: the strengths of their connections
	Last    time.Time `json:"last"`
}

// Bridge is a member who is active in channels that few others connect.
type Bridge struct {
	Member   int64    `json:"member"`
	Name     string   `json:"name"`
	Value    float64  `json:"value"` // over the pairs of their channels, 1 / members who are active in both
	Channels []string `json:"channels"`
	Alone    []string `json:"only_link"` // pairs of channels that nobody else connects
}

// The sizes of what a network shows.
const (
	helpersShown    = 25
	bridgesShown    = 15
	unansweredShown = 20
	bridgeChannels  = 200 // the channels in which most is written
	bridgeLeast     = 3   // activities of a year that make somebody active in a channel
)

// newcomersWaiting finds what new members wrote and nobody answered.
const newcomersWaiting = "opened:<60d participants:1 replies:0 state:open member.is:new -is:staff -is:bot"

// graph is the network as it is walked.
type graph struct {
	at    time.Time
	ties  []greenroom.Tie
	links map[int64]map[int64]link

	once    sync.Once
	pairs   map[int64]float64 // betweenness, once asked for
	sampled int
}

// link is a connection in both directions.
type link struct {
	out, in int64 // how often the one answered the other, and was answered
	last    time.Time
}

// strength is the connection's strength as in version 2 of the Orbit model: ten for each answer, a tenth less for each
// month without one.
func (l link) strength(now time.Time) float64 {
	months := int(now.Sub(l.last).Hours() / 24 / 30.4375)
	return orbit.Strength(orbit.Direct*float64(l.out+l.in), months)
}

// graphOf reads the network, or takes the one of a moment ago.
func (s *Service) graphOf(ctx context.Context) (*graph, error) {
	now := s.here()
	key := fmt.Sprintf("%d %s", s.figures.Crowd().Version(), now.Format("2006-01-02 15"))
	return s.graphs.do(ctx, key, func(ctx context.Context) (*graph, error) { return s.tied(ctx, now) })
}

func (s *Service) tied(ctx context.Context, now time.Time) (*graph, error) {
	ties, err := s.ties.Ties(ctx, now.AddDate(-1, 0, 0))
	if err != nil {
		return nil, err
	}
	g := &graph{at: now, ties: ties, links: make(map[int64]map[int64]link)}
	add := func(a, b, out, in int64, last time.Time) {
		if g.links[a] == nil {
			g.links[a] = make(map[int64]link)
		}
		l := g.links[a][b]
		l.out, l.in = l.out+out, l.in+in
		if last.After(l.last) {
			l.last = last
		}
		g.links[a][b] = l
	}
	for _, t := range ties {
		add(t.From, t.To, t.Count, 0, t.Last)
		add(t.To, t.From, 0, t.Count, t.Last)
	}
	return g, nil
}

// Network says who answers whom, who bridges channels and which newcomers nobody answered.
func (s *Service) Network(ctx context.Context) (*Network, error) {
	g, err := s.graphOf(ctx)
	if err != nil {
		return nil, err
	}
	crowd := s.figures.Crowd()
	n := &Network{Since: g.at.AddDate(-1, 0, 0), Members: len(g.links), Query: newcomersWaiting}
	mutual := 0
	for a, others := range g.links {
		for b, l := range others {
			if a > b {
				continue
			}
			n.Connections++
			n.Reach += l.strength(g.at)
			if l.out > 0 && l.in > 0 {
				mutual++
			}
		}
	}
	n.Density = orbit.Density(n.Members, n.Connections)
	if n.Connections > 0 {
		n.Reciprocity = float64(mutual) / float64(n.Connections)
	}
	if n.Helpers, err = s.helpers(ctx, g, crowd); err != nil {
		return nil, err
	}
	if n.Bridges, err = s.bridges(ctx, crowd, g.at); err != nil {
		return nil, err
	}
	if n.Between, n.Sampled, err = s.between(ctx, g, crowd); err != nil {
		return nil, err
	}
	q, err := s.parse(query.Conversations, newcomersWaiting+" sort:-opened")
	if err != nil {
		return nil, err
	}
	page, err := s.ties.ListConversations(ctx, list.Request{Query: q, Limit: unansweredShown, Count: true})
	n.Unanswered, n.Waiting = page.Items, page.Total
	return n, err
}

func (s *Service) helpers(ctx context.Context, g *graph, crowd *analytics.Crowd) ([]Helper, error) {
	first, err := s.ties.FirstResponders(ctx, g.at.AddDate(-1, 0, 0))
	if err != nil {
		return nil, err
	}
	all := []Helper{}
	for id, others := range g.links {
		h := Helper{Member: id, Staff: crowd.Staff(id), First: first[id], Degree: len(others)}
		for _, l := range others {
			h.Answers += l.out
			h.Reach += l.strength(g.at)
			if l.out > 0 {
				h.Helped++
				if l.last.After(h.Last) {
					h.Last = l.last
				}
			}
		}
		if h.Answers > 0 {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, func(a, b Helper) int {
		return cmp.Or(cmp.Compare(b.Answers, a.Answers), cmp.Compare(a.Member, b.Member))
	})
	all = all[:min(len(all), helpersShown)]
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].Member
	}
	names, err := s.names(ctx, ids)
	for i := range all {
		all[i].Name = names[all[i].Member]
	}
	return all, err
}

// bridges finds members who are active in channels that few others connect. Channels of the same name in one source are
// one channel.
func (s *Service) bridges(ctx context.Context, crowd *analytics.Crowd, now time.Time) ([]Bridge, error) {
	type place struct{ member, channel uint32 }
	counts, volume := make(map[place]int), make(map[uint32]int)
	if err := crowd.Each(ctx, now.AddDate(-1, 0, 0), now.Add(time.Second), false, func(a analytics.Act) {
		if a.Kind.Info().Opens || a.Kind.Info().Answers {
			counts[place{uint32(a.Member), a.Place}]++ //nolint:gosec // ids fit 32 bits, see analytics.Facts
			volume[a.Place]++
		}
	}); err != nil {
		return nil, err
	}
	busy := make([]uint32, 0, len(volume))
	for p := range volume {
		if _, channel := crowd.Place(p); channel != "" {
			busy = append(busy, p)
		}
	}
	slices.SortFunc(busy, func(a, b uint32) int { return cmp.Or(cmp.Compare(volume[b], volume[a]), cmp.Compare(a, b)) })
	busy = busy[:min(len(busy), bridgeChannels)]
	among := make(map[int64][]uint32)
	for _, p := range busy {
		volume[p] = -1 // is among them
	}
	for at, n := range counts {
		if n >= bridgeLeast && volume[at.channel] == -1 && !crowd.Staff(int64(at.member)) {
			among[int64(at.member)] = append(among[int64(at.member)], at.channel)
		}
	}
	type pair [2]uint32
	both := make(map[pair]int)
	eachPair := func(channels []uint32, do func(p pair)) {
		for i, a := range channels {
			for _, b := range channels[i+1:] {
				do(pair{a, b})
			}
		}
	}
	for _, channels := range among {
		slices.Sort(channels)
		eachPair(channels, func(p pair) { both[p]++ })
	}
	name := func(p uint32) string {
		_, channel := crowd.Place(p)
		return channel
	}
	all := []Bridge{}
	for id, channels := range among {
		b := Bridge{Member: id, Alone: []string{}}
		eachPair(channels, func(p pair) {
			b.Value += 1 / float64(both[p])
			if both[p] == 1 {
				b.Alone = append(b.Alone, name(p[0])+" – "+name(p[1]))
			}
		})
		if b.Value == 0 {
			continue
		}
		for _, c := range channels {
			b.Channels = append(b.Channels, name(c))
		}
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b Bridge) int { return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Member, b.Member)) })
	all = all[:min(len(all), bridgesShown)]
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].Member
	}
	names, err := s.names(ctx, ids)
	for i := range all {
		all[i].Name = names[all[i].Member]
	}
	return all, err
}

// Step is one on the way from a member to another.
type Step struct {
	Member   int64     `json:"member"`
	Name     string    `json:"name"`
	Strength float64   `json:"strength"` // of the connection to the one before; 0 of the first
	Times    int64     `json:"times"`    // how often the two have answered each other
	Last     time.Time `json:"last,omitzero"`
}

// pathMost is how many connections a way may have at most: beyond it nobody introduces anybody.
const pathMost = 5

// Introduce finds who can introduce one member to another: the way between them whose connections are the strongest. Each
// connection costs 1 / strength, and a little more for each person asked. It is empty where there is none.
func (s *Service) Introduce(ctx context.Context, from, to int64) ([]Step, error) {
	if from == to {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "name two different members")
	}
	g, err := s.graphOf(ctx)
	if err != nil {
		return nil, err
	}
	steps := g.way(from, to)
	ids := make([]int64, len(steps))
	for i := range steps {
		ids[i] = steps[i].Member
	}
	names, err := s.names(ctx, ids)
	for i := range steps {
		steps[i].Name = names[steps[i].Member]
	}
	return steps, err
}

// asking is what it costs to ask one more person, in units of 1 / strength: as much as a connection of one answer of today.
const asking = 1 / orbit.Direct

// spot is where the search stands.
type spot struct {
	member int64
	cost   float64
	hops   int
}

// frontier is the spots that come next, the cheapest first.
type frontier []spot

func (f frontier) Len() int           { return len(f) }
func (f frontier) Less(i, j int) bool { return f[i].cost < f[j].cost }
func (f frontier) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any) {
	if s, ok := x.(spot); ok {
		*f = append(*f, s)
	}
}

func (f *frontier) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// way is Dijkstra's, among ways of at most pathMost connections.
func (g *graph) way(from, to int64) []Step {
	type node struct {
		member int64
		hops   int
	}
	best, before := map[node]float64{{from, 0}: 0}, make(map[node]int64)
	next := &frontier{{member: from}}
	for next.Len() > 0 {
		s, ok := heap.Pop(next).(spot)
		if !ok {
			break
		}
		if s.member == to {
			var steps []Step
			for at, hops := to, s.hops; ; hops-- {
				step := Step{Member: at}
				if hops > 0 {
					prev := before[node{at, hops}]
					l := g.links[prev][at]
					step.Strength, step.Times, step.Last = l.strength(g.at), l.out+l.in, l.last
					steps = append(steps, step)
					at = prev
					continue
				}
				steps = append(steps, step)
				slices.Reverse(steps)
				return steps
			}
		}
		if s.hops == pathMost || s.cost > best[node{s.member, s.hops}] {
			continue
		}
		for other, l := range g.links[s.member] {
			cost, at := s.cost+1/math.Max(l.strength(g.at), 1e-9)+asking, node{other, s.hops + 1}
			if old, seen := best[at]; seen && (old < cost || old == cost && before[at] <= s.member) {
				continue
			}
			best[at], before[at] = cost, s.member
			heap.Push(next, spot{other, cost, s.hops + 1})
		}
	}
	return []Step{}
}
