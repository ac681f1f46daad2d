// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Model is how a deal is spread over its touches.
type Model string

// The models. Positions are the first touch, the one that made the lead, the one that made the deal, and the last one before it
// was closed; a touch may hold several and then gets the parts of all.
const (
	First    Model = "first"      // all to the first
	Last     Model = "last"       // all to the last
	Linear   Model = "linear"     // to all alike
	UShaped  Model = "u-shaped"   // 40 first, 40 lead, 20 to the others
	WShaped  Model = "w-shaped"   // 30 first, 30 lead, 30 deal, 10 to the others
	FullPath Model = "full path"  // 22.5 each to first, lead, deal and last, 10 to the others
	Decay    Model = "time decay" // half as much for each half-life before the close
)

// Models lists them.
func Models() []Model { return []Model{First, Last, Linear, UShaped, WShaped, FullPath, Decay} }

// Journey is a deal's way.
type Journey struct {
	Touches []Touch
	Lead    time.Time // when the first contact was recorded; zero = with the first touch
	Created time.Time // when the deal was made; zero = never
	Closed  time.Time // zero = with the last touch
	Amount  float64   // for [Credits]
}

// HalfLife is the usual half-life of [Decay].
const HalfLife = 7 * 24 * time.Hour

// Split gives each touch its share, in the order of [Journey.Touches]; the shares add up to 1. A position is held by the last
// touch up to its time. Where there are no others, what they would have had goes to the positions in proportion, and a position
// that nobody holds, because it has no time or no touch comes before, falls to the rest in the same way. Touches after the close
// get nothing. It is nil where nothing is left.
func Split(j Journey, model Model, halfLife time.Duration) ([]float64, error) {
	if model == Decay && halfLife <= 0 {
		return nil, fmt.Errorf("spread a deal by time decay: a half-life of %v makes no sense", halfLife)
	}
	shares := make([]float64, len(j.Touches))
	in := make([]bool, len(j.Touches))
	first, last := -1, -1
	for i, t := range j.Touches {
		if !j.Closed.IsZero() && t.At.After(j.Closed) {
			continue
		}
		in[i] = true
		if first < 0 || t.At.Before(j.Touches[first].At) {
			first = i
		}
		if last < 0 || !t.At.Before(j.Touches[last].At) {
			last = i
		}
	}
	if first < 0 {
		return nil, nil
	}
	lead := holder(j, in, j.Lead)
	if j.Lead.IsZero() {
		lead = first
	}
	deal := holder(j, in, j.Created)
	var parts []part
	rest := 0.0
	switch model {
	case First:
		parts = []part{{first, 1}}
	case Last:
		parts = []part{{last, 1}}
	case Linear:
		rest = 1
	case UShaped:
		parts, rest = []part{{first, 0.4}, {lead, 0.4}}, 0.2
	case WShaped:
		parts, rest = []part{{first, 0.3}, {lead, 0.3}, {deal, 0.3}}, 0.1
	case FullPath:
		parts, rest = []part{{first, 0.225}, {lead, 0.225}, {deal, 0.225}, {last, 0.225}}, 0.1
	case Decay:
		decay(j, in, last, halfLife, shares)
	default:
		return nil, fmt.Errorf("spread a deal: there is no model %q", model)
	}
	spread(parts, rest, in, shares)
	sum := 0.0
	for _, v := range shares {
		sum += v
	}
	for i := range shares {
		shares[i] /= sum
	}
	return shares, nil
}

type part struct {
	touch int // -1 = nobody holds it
	share float64
}

// holder is the last touch up to a time.
func holder(j Journey, in []bool, at time.Time) int {
	found := -1
	for i, t := range j.Touches {
		if in[i] && !at.IsZero() && !t.At.After(at) && (found < 0 || !t.At.Before(j.Touches[found].At)) {
			found = i
		}
	}
	return found
}

// spread gives positions their shares, and the rest to the others alike.
func spread(parts []part, rest float64, in []bool, shares []float64) {
	held := make(map[int]bool)
	for _, p := range parts {
		if p.touch >= 0 {
			shares[p.touch] += p.share
			held[p.touch] = true
		}
	}
	others := 0
	for i := range in {
		if in[i] && !held[i] {
			others++
		}
	}
	for i := range in {
		if in[i] && !held[i] && rest > 0 {
			shares[i] += rest / float64(others)
		}
	}
}

// decay halves for each half-life between a touch and the close.
func decay(j Journey, in []bool, last int, halfLife time.Duration, shares []float64) {
	end := j.Closed
	if end.IsZero() {
		end = j.Touches[last].At
	}
	// By the last touch rather than the close, so that nothing vanishes where all lies far back; the shares are the same.
	end = earlier(end, j.Touches[last].At)
	for i, t := range j.Touches {
		if in[i] {
			shares[i] = math.Exp2(-end.Sub(t.At).Hours() / halfLife.Hours())
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Credit is what a channel gets of all deals.
type Credit struct {
	Channel string  `json:"channel"`
	Deals   float64 `json:"deals"` // sum of shares
	Amount  float64 `json:"amount"`
}

// Credits spreads deals over channels, in the order of the channels' names.
func Credits(journeys []Journey, model Model, halfLife time.Duration) ([]Credit, error) {
	at := make(map[string]int)
	var out []Credit
	for _, j := range journeys {
		j.Touches = ordered(j.Touches)
		shares, err := Split(j, model, halfLife)
		if err != nil {
			return nil, err
		}
		for i, s := range shares {
			name := j.Touches[i].Channel
			c, known := at[name]
			if !known {
				c = len(out)
				at[name] = c
				out = append(out, Credit{Channel: name})
			}
			out[c].Deals += s
			out[c].Amount += s * j.Amount
		}
	}
	slices.SortFunc(out, func(a, b Credit) int { return cmp.Compare(a.Channel, b.Channel) })
	return out, nil
}
