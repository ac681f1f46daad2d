// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"

	"greenroom"
)

// Warehouse answers the questions about facts that all metrics are made of, where these facts are not held by this process.
// It knows no members and no definitions: who is who, and what a metric means, is applied to its answers.
type Warehouse interface {
	// Tally calls yield for each group of the activities that fit and that are in the spans, in any order unless it is
	// asked for. The row is only
	// valid until yield returns.
	Tally(ctx context.Context, q *Tally, yield func(r *TallyRow)) error
	// Conversations calls yield for the conversations that fit. A sign of -1 takes back one that comes, or came, with 1.
	Conversations(ctx context.Context, q *Opened, yield func(v *Conversation, sign int)) error
}

// Span is a stretch of time in seconds since 1970 UTC, from From up to but not including To.
type Span struct{ From, To uint32 }

// EndOfTime as the end of a span means that it has none.
const EndOfTime = endOfTime

// Place is a channel of a source; 0 is none.
type Place struct{ Source, Channel uint32 }

// Choice says which values fit: those in Of or, with Not, all others. Nil lets all fit.
type Choice[T any] struct {
	Of  []T
	Not bool
}

// Where says which activities or conversations fit: those that all of its parts let fit.
type Where struct {
	Kinds  *Choice[uint8] // see PackKind
	Places *Choice[Place]
	Said   *Choice[uint8]  // Said
	Who    *Choice[uint32] // identities
	Times  []Span          // nil = always
}

// Keys are what activities are grouped by, beside the span that they are in.
type Keys uint8

// The keys.
const (
	ByIdentity Keys = 1 << iota
	ByPlace
	ByKindByte
	BySaid
	ByMoment // the second; rows come in order of time
)

// Tally asks for activities in groups.
type Tally struct {
	Snapshot uint64 // the state that is asked, see Delta
	Where    Where
	Spans    []Span // ascending; none overlaps another
	By       Keys
	// Atoms are conditions, at most MaxAtoms: a row says which of them its activities fulfill.
	Atoms []Where
	// Exists asks for the groups only, and not for how many activities are in each.
	Exists bool
}

// MaxAtoms is how many atoms a Tally has at most.
const MaxAtoms = 64

// TallyRow is a group of activities. What is not asked for is 0.
type TallyRow struct {
	Span  int // index
	Who   uint32
	At    uint32 // seconds since 1970
	Place Place
	Kind  uint8
	Said  uint8
	Atoms uint64 // a bit for each atom
	N     int64  // above 0
}

// Opened asks for conversations by when they were opened; those of which that is not known are left out.
type Opened struct {
	Snapshot uint64
	Where    Where // without Times
	Span     Span
}

// PackKind makes one byte of the kind and the flags of an activity, UnpackKind takes it apart.
func PackKind(kind greenroom.Kind, flags uint8) uint8 { return kindByte(uint8(kind), flags) }

// UnpackKind takes apart what PackKind made.
func UnpackKind(b uint8) (kind greenroom.Kind, flags uint8) {
	if b&kindQuestion != 0 {
		flags |= FactQuestion
	}
	if b&kindEdited != 0 {
		flags |= FactEdited
	}
	return greenroom.Kind(b & kindMask), flags
}

// Seconds turns microseconds since 1970 UTC into the time that spans are in: whole seconds from 1970 to 2106, and for what
// lies outside the nearer end.
func Seconds(micros int64) uint32 { return seconds(micros) }
