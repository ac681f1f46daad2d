// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Stream is chat of one channel in which people marked what answers what.
type Stream struct {
	Messages []Message         // in order
	Links    map[int64][]int64 // by message, what it answers; itself = it starts a conversation
}

// How the nets are fitted.
const (
	hiddens  = 24
	ensemble = 2
	epochs   = 8
	batch    = 16
	rate     = 0.003
	decay    = 0.001
)

// Train makes the artifact of a model. It is the same for the same streams. say is told how it comes along.
func Train(streams []Stream, say func(string)) ([]byte, error) {
	m := fit(streams, say)
	if m == nil {
		return nil, errors.New("no message has a link to learn from")
	}
	return m.encode(), nil
}

// fit fits twice: among the conversations that people marked, and among those that the first nets find.
func fit(streams []Stream, say func(string)) *Model {
	rooms := make([]map[int64]int64, len(streams))
	for i := range streams {
		rooms[i] = streams[i].marked()
	}
	var m *Model
	for phase := range 2 {
		var all []example
		for i := range streams {
			all = append(all, streams[i].examples(rooms[i])...)
			all = append(all, streams[i].stretched(0).examples(rooms[i])...)
			for k, q := range quiet {
				few := streams[i].thinned(q.share, rand.New(rand.NewPCG(uint64(i), uint64(k)))).stretched(q.slower) //nolint:gosec // the same numbers each time are wanted
				of := few.marked()
				if phase > 0 {
					of = few.found(m)
				}
				all = append(all, few.examples(of)...)
			}
		}
		if len(all) == 0 {
			return nil
		}
		m = &Model{}
		for n := range 1 + phase*(ensemble-1) {
			m.nets = append(m.nets, train(all, rand.New(rand.NewPCG(uint64(n), 7)))) //nolint:gosec // the same numbers each time are wanted
			say(fmt.Sprintf("round %d, net %d of %d examples", phase+1, n+1, len(all)))
		}
		for i := range streams {
			rooms[i] = streams[i].found(m)
		}
	}
	return m
}

// marked are the conversations that follow from the links.
func (s *Stream) marked() map[int64]int64 {
	rooms := make(map[int64]int64, len(s.Messages))
	for _, m := range s.Messages {
		rooms[m.ID] = m.ID
		if to := s.Links[m.ID]; len(to) > 0 && rooms[to[0]] != 0 {
			rooms[m.ID] = rooms[to[0]]
		}
	}
	return rooms
}

// found are the conversations that a model finds.
func (s *Stream) found(m *Model) map[int64]int64 {
	rooms := make(map[int64]int64, len(s.Messages))
	l := NewLinker(m)
	for _, m := range s.Messages {
		rooms[m.ID] = l.Next(m)[0].Conversation
	}
	return rooms
}

// quiet says how streams are made quieter, because the chat that people marked is busier than most.
var quiet = []struct {
	share  float64 // of its conversations
	slower float64 // times
}{{0.5, 3}, {0.25, 12}, {0.12, 40}}

// thinned is the stream with only some of its conversations.
func (s *Stream) thinned(share float64, r *rand.Rand) *Stream {
	few := &Stream{Links: s.Links}
	rooms := s.marked()
	keep := make(map[int64]bool)
	for _, m := range s.Messages {
		room := rooms[m.ID]
		if room == m.ID {
			keep[room] = r.Float64() < share && len(s.Links[m.ID]) > 0
		}
		if keep[room] {
			few.Messages = append(few.Messages, m)
		}
	}
	return few
}

// stretched is the stream with its times that much further apart; 0 = without times.
func (s *Stream) stretched(slower float64) *Stream {
	slow := &Stream{Links: s.Links, Messages: slices.Clone(s.Messages)}
	for i := 0; i < len(s.Messages); {
		end := i + 1 // times are known to the minute: they are spread over it
		for end < len(s.Messages) && s.Messages[end].At.Equal(s.Messages[i].At) {
			end++
		}
		for k := i; k < end; k++ {
			since := s.Messages[i].At.Sub(s.Messages[0].At) + time.Minute*time.Duration(k-i)/time.Duration(end-i)
			slow.Messages[k].At = s.Messages[0].At.Add(time.Duration(slower * float64(since)))
			if slower == 0 {
				slow.Messages[k].At = time.Time{}
			}
		}
		i = end
	}
	return slow
}

// examples are the messages of which a link in sight is known.
func (s *Stream) examples(rooms map[int64]int64) []example {
	var all []example
	l := NewLinker(nil)
	for _, m := range s.Messages {
		m.Conversation = rooms[m.ID]
		t := look(&m)
		if to := s.Links[m.ID]; len(to) > 0 {
			if e, ok := exampleOf(newScene(&t, l.sightOf(&t)), to); ok {
				all = append(all, e)
			}
		}
		l.push(&t)
	}
	return all
}

// example is a message with its candidates, of which some are right.
type example struct {
	base  traits
	own   []traits // those of each candidate alone
	right []bool
}

func exampleOf(s *scene, to []int64) (e example, known bool) {
	e = example{base: s.base, own: make([]traits, len(s.before)+1), right: make([]bool, len(s.before)+1)}
	e.own[0][isStart] = 1
	for i := range e.own {
		id := s.m.id
		if i > 0 {
			s.pair(i-1, &e.own[i])
			id = s.before[i-1].id
		}
		for _, right := range to {
			if right == id {
				e.right[i], known = true, true
			}
		}
	}
	return e, known
}

func (n *net) params() [][]float32 { return [][]float32{n.w1, n.b1, n.w2, n.direct} }

// train fits a net by Adam, with steps that get smaller to the end.
func train(examples []example, r *rand.Rand) *net {
	n := newNet(hiddens)
	for _, w := range [][]float32{n.w1, n.w2} {
		for i := range w {
			w[i] = float32(r.NormFloat64()) * 0.25
		}
	}
	a := adam{net: n, slope: newNet(hiddens), mean: newNet(hiddens), square: newNet(hiddens)}
	a.steps = epochs * (len(examples)/batch + 1)
	order := r.Perm(len(examples))
	for range epochs {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for k, e := range order {
			n.gradient(&examples[e], a.slope)
			if (k+1)%batch == 0 || k == len(order)-1 {
				a.move()
			}
		}
	}
	return n
}

// adam moves the parameters of a net down the slope.
type adam struct {
	net, slope, mean, square *net
	step, steps              int
}

func (a *adam) move() {
	a.step++
	size := rate * float32(1-float64(a.step)/float64(a.steps+1))
	ofMean, ofSquare := float32(1-math.Pow(0.9, float64(a.step))), float32(1-math.Pow(0.999, float64(a.step)))
	for p, w := range a.net.params() {
		slope, mean, square := a.slope.params()[p], a.mean.params()[p], a.square.params()[p]
		for i := range w {
			d := slope[i] / batch
			slope[i] = 0
			mean[i] = 0.9*mean[i] + 0.1*d
			square[i] = 0.999*square[i] + 0.001*d*d
			w[i] -= size * (mean[i]/ofMean/(float32(math.Sqrt(float64(square[i]/ofSquare)))+1e-7) + decay*w[i])
		}
	}
}

// gradient adds to g how the probability of what is right would grow.
func (n *net) gradient(e *example, g *net) {
	z := make([]float32, len(e.own))
	hs := make([]float32, len(z)*n.hidden)
	ground := make([]float32, n.hidden)
	n.ground(&e.base, ground)
	for i := range z {
		z[i] = n.score(ground, &e.own[i], hs[i*n.hidden:(i+1)*n.hidden])
	}
	softmax(z)
	all := make([]float32, n.hidden) // the ground's share
	sum := float32(1e-9)
	for i, ok := range e.right {
		if ok {
			sum += z[i]
		}
	}
	for i := range z {
		d := z[i]
		if e.right[i] {
			d -= z[i] / sum
		}
		if d < 1e-4 && d > -1e-4 {
			continue
		}
		h := hs[i*n.hidden : (i+1)*n.hidden]
		back := make([]float32, n.hidden)
		for j, v := range h {
			if v > 0 {
				g.w2[j] += d * v
				back[j] = d * n.w2[j]
				g.b1[j] += back[j]
				all[j] += back[j]
			}
		}
		for k, x := range e.own[i] {
			if x != 0 {
				g.direct[k] += d * x
				row := g.w1[k*n.hidden : (k+1)*n.hidden]
				for j := range row {
					row[j] += x * back[j]
				}
			}
		}
	}
	for k, x := range e.base {
		if x != 0 {
			row := g.w1[k*n.hidden : (k+1)*n.hidden]
			for j := range row {
				row[j] += x * all[j]
			}
		}
	}
}
