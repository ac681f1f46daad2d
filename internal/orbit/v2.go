// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package orbit

// Position is a place on the commitment curve of version 2: 1 is Exploring III, 12 is Leading I, and 0 is none. The
// weight of an activity and the position that it places a member on are the same number.
type Position uint8

// The ends of the curve.
const (
	Nowhere Position = 0
	Outmost Position = 1
	Inmost  Position = 12
	steps            = 3
	levels           = 4
)

// Level is the orbit level, 4 (Exploring) to 1 (Leading): levels count down inward. It is 0 for nobody.
func (p Position) Level() int {
	if p == Nowhere {
		return 0
	}
	return levels - (int(min(p, Inmost))-1)/steps
}

// Step is the step within the level, 3 (new to it) to 1; 0 for nobody.
func (p Position) Step() int {
	if p == Nowhere {
		return 0
	}
	return steps - (int(min(p, Inmost))-1)%steps
}

// String is "Contributing II"; "none" for nobody.
func (p Position) String() string {
	if p == Nowhere {
		return "none"
	}
	return LevelNamesV2()[p.Level()] + " " + [steps + 1]string{"", "I", "II", "III"}[p.Step()]
}

// LevelNamesV2 names the levels 1 to 4 of version 2; index 0 is of nobody.
func LevelNamesV2() [5]string {
	return [5]string{"none", "Leading", "Contributing", "Participating", "Exploring"}
}

// ByWeight is the position that the weightiest activity of the look-back places a member on. Weights are 1 to 12; a
// weight below 1 places nobody.
func ByWeight(weight float64) Position {
	if weight < float64(Outmost) {
		return Nowhere
	}
	return Position(min(weight, float64(Inmost)))
}

// Presence is in how many periods of the look-back a member reached each milestone.
type Presence struct {
	Weeks    int `json:"weeks"`    // with 2 active days or more
	Months   int `json:"months"`   // with 7 or more
	Quarters int `json:"quarters"` // with 30 or more
}

// The milestones of version 2: active days in a week, a month and a quarter.
const (
	weekDays    = 2
	monthDays   = 7
	quarterDays = 30
)

// ByPresence is the position that a member's presence places them on: reaching a milestone once gives the level, twice
// and three times its next steps.
func ByPresence(p Presence) Position {
	at := func(first Position, times int) Position {
		if times <= 0 {
			return Nowhere
		}
		return first - 1 + Position(min(times, steps))
	}
	return max(at(4, p.Weeks), at(7, p.Months), at(10, p.Quarters))
}

// levelWeights are the weights of the levels in weighted commitment, by level.
func levelWeight(level int) float64 {
	return [levels + 1]float64{0, 10, 7, 4, 1}[level]
}

// Count is how many members are on each level; index 0 is of nobody and not counted.
type Count [levels + 1]int64

// Members is how many there are.
func (c Count) Members() int64 { return c[1] + c[2] + c[3] + c[4] }

// Commitment is the weighted commitment of version 2: over the levels, weight(level)² × members.
func (c Count) Commitment() float64 {
	sum := 0.0
	for level := 1; level <= levels; level++ {
		w := levelWeight(level)
		sum += w * w * float64(c[level])
	}
	return sum
}

// Gravity is how much a community pulls its members inward over a period, in version 2.
type Gravity struct {
	Before       float64 `json:"commitment_before"` // weighted commitment at the start
	After        float64 `json:"commitment_after"`  // and at the end
	Members      int64   `json:"members"`           // at the start of the period: what the change is divided by
	Joined       int64   `json:"joined"`            // who came onto a level from none
	Left         int64   `json:"left"`              // who fell off all levels
	JoinedChange float64 `json:"joined_change"`     // what those who came add to the change
	LeftChange   float64 `json:"left_change"`       // what those who left take from it, below zero
}

// Value is the change in weighted commitment for each member that there was; ok is false where there was none.
func (g Gravity) Value() (v float64, ok bool) {
	if g.Members == 0 {
		return 0, false
	}
	return (g.After - g.Before) / float64(g.Members), true
}

// Stayed is gravity over those alone who were on a level at both ends; ok is false where there is nobody.
func (g Gravity) Stayed() (v float64, ok bool) {
	n := g.Members - g.Left
	if n <= 0 {
		return 0, false
	}
	return (g.After - g.Before - g.JoinedChange - g.LeftChange) / float64(n), true
}

// GravityOf is the gravity between two counts when nothing is known of who moved.
func GravityOf(before, after Count) Gravity {
	return Gravity{Before: before.Commitment(), After: after.Commitment(), Members: before.Members()}
}

// Flow says where the members of each level went in a period. Index is the level at the start; 0 are those who came.
type Flow struct {
	Start   Count   `json:"start"` // members on each level, from 1 to 4; index 0 is unused
	End     Count   `json:"end"`   // the same at the end
	Up      Count   `json:"up"`    // of those who were on each level at the start, who moved inward
	Held    Count   `json:"held"`  // who stayed on the level
	Down    Count   `json:"down"`  // who moved outward or fell off all levels
	Joined  int64   `json:"joined"`
	Left    int64   `json:"left"`
	Gravity Gravity `json:"commitment"` // what the moves make of weighted commitment
}

// Move adds a member who was on one position and is on another.
func (f *Flow) Move(before, after Position) {
	from, to := before.Level(), after.Level()
	if from > 0 {
		f.Start[from]++
	}
	if to > 0 {
		f.End[to]++
	}
	square := func(level int) float64 { w := levelWeight(level); return w * w }
	switch {
	case from == 0 && to == 0:
		return
	case from == 0:
		f.Joined++
		f.Gravity.JoinedChange += square(to)
	case to == 0:
		f.Left++
		f.Down[from]++
		f.Gravity.LeftChange -= square(from)
	case to < from:
		f.Up[from]++
	case to > from:
		f.Down[from]++
	default:
		f.Held[from]++
	}
	f.Gravity.Before, f.Gravity.After = f.Start.Commitment(), f.End.Commitment()
	f.Gravity.Members, f.Gravity.Joined, f.Gravity.Left = f.Start.Members(), f.Joined, f.Left
}
