// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package orbit

import (
	"math"
	"math/bits"
	"time"

	"greenroom"
)

// Score is what a model makes of a member at a moment.
type Score struct {
	Value float64 // love, points; under RuleV2 the weightiest activity
	Level int     // 1 to 4; 0 = none
	Step  int     // 1 to 3 under RuleV2; else 0
	// Weight and Presence are the positions that each of the two gives under RuleV2, and Days what presence rests on.
	Weight, Presence Position
	Days             Presence
}

// Position is where on the curve of version 2 a score stands.
func (s *Score) Position() Position { return max(s.Weight, s.Presence) }

// Tally scores members at a moment by taking their activities one at a time, in any order. It holds a few numbers a
// member and, under RuleV2, a bit for each day of the look-back. It is not safe for use by several goroutines.
type Tally struct {
	model   Model
	zone    *time.Location
	from    time.Time
	until   time.Time
	weights [256]float64
	decay   []float64 // by day before the last
	days    int
	starts  []int64
	last    int // day of the activity before: the next is mostly of the same
	members map[int64]*member
}

type member struct {
	value float64
	seen  []uint64 // days
}

// NewTally scores by a model at a moment: activities after it do not count. Earliest is before which there are none.
func NewTally(m *Model, at, earliest time.Time, zone *time.Location) *Tally {
	t := &Tally{model: *m, zone: zone, until: at, members: make(map[int64]*member)}
	at = at.In(zone)
	anchor := startOfDay(at)
	if m.Rule == RuleV2 {
		anchor = m.Interval.Start(at)
	}
	t.from = startOfDay(earliest.In(zone))
	if m.LookBack > 0 {
		if back := anchor.AddDate(0, 0, 1-m.LookBack); back.After(t.from) {
			t.from = back
		}
	}
	if t.from.After(at) {
		t.from = startOfDay(at)
	}
	for _, k := range greenroom.Kinds() {
		t.weights[k] = m.Weights[k.String()]
	}
	for d := t.from; !d.After(at); d = d.AddDate(0, 0, 1) {
		t.starts = append(t.starts, d.Unix())
		switch {
		case m.Rule == RuleV1:
			t.decay = append(t.decay, math.Pow(DecayV1, float64(months(d, at))))
		case m.Rule == RulePoints && m.HalfLife > 0:
			t.decay = append(t.decay, math.Exp2(-startOfDay(at).Sub(d).Hours()/24/float64(m.HalfLife)))
		default:
			t.decay = append(t.decay, 1)
		}
	}
	t.days = len(t.starts)
	return t
}

// From is the first moment that counts.
func (t *Tally) From() time.Time { return t.from }

// Until is the moment at which members are scored.
func (t *Tally) Until() time.Time { return t.until }

// Factor is by how much the model multiplies what is done in a channel.
func (t *Tally) Factor(channel string) float64 { return t.model.channelFactor(channel) }

// Worth is what one activity adds to the value, or under RuleV2 its weight; 0 where it lies outside of the look-back.
func (t *Tally) Worth(kind greenroom.Kind, unix int64, factor float64) float64 {
	day := t.day(unix)
	if day < 0 {
		return 0
	}
	return t.weights[kind] * factor * t.decay[day]
}

// Add takes an activity: of a member, at a time in seconds since 1970. Factor is that of its channel.
func (t *Tally) Add(id int64, kind greenroom.Kind, unix int64, factor float64) {
	day := t.day(unix)
	if day < 0 || id == 0 {
		return
	}
	m := t.members[id]
	if m == nil {
		m = &member{}
		t.members[id] = m
	}
	worth := t.weights[kind] * factor * t.decay[day]
	if t.model.Rule != RuleV2 {
		m.value += worth
		return
	}
	m.value = max(m.value, worth)
	if t.model.Presence {
		if m.seen == nil {
			m.seen = make([]uint64, (t.days+63)/64)
		}
		m.seen[day>>6] |= 1 << (day & 63)
	}
}

// day is the number of the day of a moment; below 0 where it does not count.
func (t *Tally) day(unix int64) int {
	if t.days == 0 || unix < t.starts[0] || unix > t.until.Unix() {
		return -1
	}
	within := func(d int) bool {
		return d >= 0 && d < t.days && unix >= t.starts[d] && (d+1 == t.days || unix < t.starts[d+1])
	}
	if within(t.last) {
		return t.last
	}
	d := min(int((unix-t.starts[0])/86400), t.days-1)
	for !within(d) { // a clock that was put forward or back shifts it by one
		if unix < t.starts[d] {
			d--
		} else {
			d++
		}
	}
	t.last = d
	return d
}

// Score is what a member has come to; the zero Score for one without activities.
func (t *Tally) Score(id int64) Score {
	m := t.members[id]
	if m == nil {
		return Score{}
	}
	if t.model.Rule != RuleV2 {
		return Score{Value: m.value, Level: t.model.level(m.value)}
	}
	s := Score{Value: m.value, Weight: ByWeight(m.value)}
	if t.model.Presence {
		s.Days = t.presence(m.seen)
		s.Presence = ByPresence(s.Days)
	}
	s.Level, s.Step = s.Position().Level(), s.Position().Step()
	return s
}

// Each calls yield for every member with activities, in no order.
func (t *Tally) Each(yield func(id int64, s Score)) {
	for id := range t.members {
		yield(id, t.Score(id))
	}
}

// presence counts the periods in which the milestones were reached.
func (t *Tally) presence(seen []uint64) Presence {
	var p Presence
	var week, month, quarter [3]int // year, number, days
	count := func(period *[3]int, year, number, enough int, reached *int) {
		if period[0] != year || period[1] != number {
			*period = [3]int{year, number, 0}
		}
		if period[2]++; period[2] == enough {
			*reached++
		}
	}
	for w, word := range seen {
		for ; word != 0; word &= word - 1 {
			d := time.Unix(t.starts[w<<6|bits.TrailingZeros64(word)], 0).In(t.zone)
			year, number := d.ISOWeek()
			count(&week, year, number, weekDays, &p.Weeks)
			count(&month, d.Year(), int(d.Month()), monthDays, &p.Months)
			count(&quarter, d.Year(), (int(d.Month())-1)/3, quarterDays, &p.Quarters)
		}
	}
	return p
}

// Start is when the interval that holds a moment began.
func (i Interval) Start(at time.Time) time.Time {
	month := at.Month()
	switch i {
	case Quarterly:
		month = (month-1)/3*3 + 1
	case Yearly:
		month = time.January
	case Monthly:
	}
	return time.Date(at.Year(), month, 1, 0, 0, 0, 0, at.Location())
}

func startOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// months is how many calendar months lie between a day and the present one.
func months(day, now time.Time) int {
	return (now.Year()-day.Year())*12 + int(now.Month()) - int(day.Month())
}
