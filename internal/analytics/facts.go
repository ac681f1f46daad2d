// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"fmt"
	"math"
	"time"

	"greenroom"
)

// Facts is a batch of activities, column by column; all columns have the same length.
type Facts struct {
	ID       []int64  // activity ids
	At       []int64  // microseconds since 1970 UTC
	Identity []uint32 // 0 = the source does not say who
	Channel  []uint32 // 0 = none
	Source   []uint32
	Kind     []uint8 // greenroom.Kind
	Flags    []uint8 // FactQuestion, FactEdited
	Said     []uint8 // Said
}

// The flags of an activity.
const (
	FactQuestion = 1 << iota // reads as a question, or the platform says that it is one
	FactEdited               // was edited after it had been written
)

// Len is the number of activities.
func (f *Facts) Len() int {
	if f == nil {
		return 0
	}
	return len(f.At)
}

// Fact is one activity, for appending it to Facts.
type Fact struct {
	ID, At                    int64
	Identity, Channel, Source int64
	Kind                      greenroom.Kind
	Question, Edited          bool
	Said                      Said
}

// Add appends an activity. It fails where an id does not fit the columns, which hold 32 bits.
func (f *Facts) Add(a Fact) error {
	for _, id := range []int64{a.Identity, a.Channel, a.Source} {
		if id < 0 || id > math.MaxUint32 {
			return fmt.Errorf("activity %d: the id %d does not fit 32 bits", a.ID, id)
		}
	}
	var flags uint8
	if a.Question {
		flags |= FactQuestion
	}
	if a.Edited {
		flags |= FactEdited
	}
	f.ID, f.At = append(f.ID, a.ID), append(f.At, a.At)
	f.Identity, f.Channel, f.Source = append(f.Identity, uint32(a.Identity)), append(f.Channel, uint32(a.Channel)), append(f.Source, uint32(a.Source))
	f.Kind, f.Flags, f.Said = append(f.Kind, uint8(a.Kind)), append(f.Flags, flags), append(f.Said, uint8(a.Said))
	return nil
}

// Reset empties the batch and keeps its memory.
func (f *Facts) Reset() {
	f.ID, f.At, f.Identity, f.Channel = f.ID[:0], f.At[:0], f.Identity[:0], f.Channel[:0]
	f.Source, f.Kind, f.Flags, f.Said = f.Source[:0], f.Kind[:0], f.Flags[:0], f.Said[:0]
}

// Identity is what analytics knows of an account: the member it belongs to and what is true of that member.
type Identity struct {
	ID           int64
	Member       int64 // 0 = not matched yet
	Organization int64 // 0 = none
	Moves        Moves // where the member was when, if they have changed jobs; the last is Organization
	Country      string
	JoinedAt     int64 // microseconds, of the account; 0 = unknown
	Staff, Bot   bool
	Hidden       bool
	Contact      bool
}

// Conversation is what analytics knows of a conversation. Times are microseconds, 0 = has not happened.
type Conversation struct {
	ID            int64
	Source        int64
	Channel       int64 // 0 = none
	Author        int64 // identity
	Kind          greenroom.Kind
	State         greenroom.State
	Question      bool
	OpenedAt      int64 // 0 = does not count
	FirstResponse int64 // by somebody else than the author, bots left out
	FirstStaff    int64 // by the team
	FirstMember   int64 // by somebody who is not of the team
	ResolvedAt    int64
	Said          Said // what its opening message says
}

// Channel is a place inside a source.
type Channel struct {
	ID, Source int64
	Name       string
	Hidden     bool // left out of figures by the team
}

// Source is a connection to a platform.
type Source struct {
	ID             int64
	Name, Platform string
}

// Reading is what an activity says.
type Reading struct {
	ID   int64 // of the activity
	Said Said
}

// Tag is a tag that a member carries.
type Tag struct {
	Name   string
	Member int64
}

// seconds turns microseconds into the columns' time: whole seconds from 1970 to 2106. What lies outside is put at the
// nearer end.
func seconds(micros int64) uint32 {
	const perSecond = 1_000_000
	switch s := micros / perSecond; {
	case micros < 0:
		return 0
	case s >= math.MaxUint32:
		return math.MaxUint32 - 1
	default:
		return uint32(s)
	}
}

// boundary is the first second that lies at or after t.
func boundary(t time.Time) uint32 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return uint32(min(max(s, 0), math.MaxUint32))
}

// Mark is a place in a list that is ordered by version, and by id within a version.
type Mark struct{ Version, ID int64 }
