// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pictures looks at members' profile pictures, so that two accounts with one picture can be told to be one person.
//
// Pictures are read from where the platforms keep them, once each, and nothing is kept of them but 64 bits that say what they
// look like (package avatar). That leaves the machine for addresses which sources gave, so it is off until an owner turns it
// on. A host is asked for a few pictures a second, one at a time; one that wants to be left alone, or fails three times in a
// row, is. What cannot be read is kept with the reason and tried again later.
package pictures

import (
	"context"
	"time"

	"greenroom"
)

// Settings are the team's.
type Settings struct {
	On bool `json:"on" doc:"Whether profile pictures are looked at."`
}

// State is what is known of an account's picture.
type State string

// The states.
const (
	Told   State = "told"   // it can tell people apart
	Plain  State = "plain"  // a letter, a pattern or a silhouette, as strangers have it, too
	None   State = "none"   // there is none where the source says there is one, or said so before
	Failed State = "failed" // it could not be read
)

// Seen is what was seen of one picture.
type Seen struct {
	Account int64     `json:"account" doc:"The account's id."`
	Address string    `json:"address" doc:"Where the picture is."`
	At      time.Time `json:"at" doc:"When it was looked at."`
	State   State     `json:"state" doc:"told: it can tell people apart; plain: drawn by a program, as strangers have it, too; none: there is none; failed: it could not be read."`
	Problem string    `json:"problem,omitempty" doc:"Why it could not be read."`
	Hash    string    `json:"hash,omitempty" doc:"What it looks like: pHash, 64 bits in hexadecimal. Those of one picture differ in few bits."`
	Again   time.Time `json:"again" doc:"When it will be looked at again."`
}

// Listed is what was seen of a picture, with whose it is.
type Listed struct {
	Seen

	Source string `json:"source" doc:"The account's source."`
	Member int64  `json:"member" doc:"Whose account it is."`
	Name   string `json:"name" doc:"The member's name."`
}

// Status is how things stand.
type Status struct {
	Settings Settings `json:"settings" doc:"What the team has set."`
	Accounts int64    `json:"accounts" doc:"Accounts whose source names a picture; counted up to 100,000."`
	Told     int64    `json:"told" doc:"Pictures that can tell people apart."`
	Plain    int64    `json:"plain" doc:"Pictures that a program drew, as strangers have them, too."`
	None     int64    `json:"none" doc:"Accounts that have no picture where their source says so."`
	Failed   int64    `json:"failed" doc:"Pictures that could not be read; they are tried again."`
}

// Seen is how many pictures were looked at.
func (s *Status) Seen() int64 { return s.Told + s.Plain + s.None + s.Failed }

// MostCounted is up to how many accounts with pictures are counted.
const MostCounted = 100_000

// Due is a picture to be looked at.
type Due struct {
	Account int64
	Address string // "" where there is none any more
}

// Place is how far accounts have been gone through, in order of their latest change.
type Place struct{ Version, Account int64 }

// Keeper stores settings and what was seen.
type Keeper interface {
	PictureSettings(ctx context.Context) (Settings, error)
	SetPictureSettings(ctx context.Context, s Settings) error
	// PicturesDue goes through so many accounts that changed after a place, and gives those whose picture was not looked
	// at, has another address now, or is to be looked at again; and how far it came, which is the place itself at the end.
	PicturesDue(ctx context.Context, after Place, limit int, now time.Time) ([]Due, Place, error)
	// KeepPictures stores what was seen of accounts that are still there.
	KeepPictures(ctx context.Context, all []Seen) error
	// PictureStatus counts, and Pictures lists those of one state, or of all where that is empty, by account, after one.
	PictureStatus(ctx context.Context) (Status, error)
	Pictures(ctx context.Context, state State, after int64, limit int) ([]Listed, error)
	// ForgetPictures takes away everything that was seen, and reports of how many accounts.
	ForgetPictures(ctx context.Context) (int, error)
}

// ParseState reads a state; "" is all. CodeInvalid where there is no such state.
func ParseState(text string) (State, error) {
	switch s := State(text); s {
	case "", Told, Plain, None, Failed:
		return s, nil
	}
	return "", greenroom.Errorf(greenroom.CodeInvalid, "there is no state %q of a picture; there are told, plain, none and failed", text)
}
