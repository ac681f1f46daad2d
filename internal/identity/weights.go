// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"math"
)

// Kind names a kind of evidence.
type Kind uint8

// The kinds of evidence. Kinds of one group say much the same thing twice;
// of each group only the strongest counts.
const (
	KindAddress  Kind = iota // the same e-mail address
	KindAccount              // the same or another account number on one system
	KindName                 // how the names relate
	KindHandle               // the same or a similar login, local part or nickname
	KindDerived              // a login that follows from the other's name
	KindDomain               // the same mail domain
	KindMachine              // the same machine as mail host
	KindCompany              // the same employer
	KindLink                 // profile links
	KindAvatar               // the same picture, or one named after the same address
	KindLocation             // the same place
	KindZone                 // time zones
	KindTime                 // when they were active
	KindSource               // two accounts on one source
	KindBot                  // one of them is an automaton
	KindRivals               // somebody else fits as well
	KindInitial              // a handle with another's initial
)

// String returns a short name that stays the same across versions.
func (k Kind) String() string {
	switch k {
	case KindAddress:
		return "address"
	case KindAccount:
		return "account"
	case KindName:
		return "name"
	case KindHandle:
		return "handle"
	case KindDerived:
		return "derived"
	case KindDomain:
		return "domain"
	case KindMachine:
		return "machine"
	case KindCompany:
		return "company"
	case KindLink:
		return "link"
	case KindAvatar:
		return "avatar"
	case KindLocation:
		return "location"
	case KindZone:
		return "zone"
	case KindTime:
		return "time"
	case KindSource:
		return "source"
	case KindBot:
		return "bot"
	case KindRivals:
		return "rivals"
	case KindInitial:
		return "initial"
	}
	return "unknown"
}

// handleLevel says how two handles relate.
type handleLevel uint8

const (
	handleNone    handleLevel = iota
	handleSimilar             // one slip apart, or one starts the other
	handleDigits              // the same but for digits at the ends
	handleEqual
	handleLevels
	handleSerial // not learned: on one domain, and apart in their numbers alone
)

// weights holds the model. The m values are the chances that a level shows
// between two identities of one person; the chance between strangers comes
// from the census, value by value.
type weights struct {
	name    [nameLevels]float64   // m of agreement; log odds of conflict levels
	word    [formCount]float64    // m of a one-word name that follows from a full name
	handle  [handleLevels]float64 // m of the best pair of handles
	derived [formCount]float64    // m of a handle that follows from the other's full name
	domain  float64               // m of a shared domain
	form    [formCount]float64    // share of people whose handle has a form: the chance that namesakes come to one handle

	duplicates float64 // identities a person has besides the one at hand, on average
	slope      float64 // calibration: log odds = slope*weight + offset
	offset     float64
}

// Fixed strengths, in natural log odds or expected strangers.
const (
	floorAddress   = 1e-4 // strangers expected behind one address that is nobody else's
	floorContested = 3e-3 // the same where two names disagree
	floorDisputed  = 2e-2 // and where these have nothing to do with each other or the address
	floorPictured  = 0.3  // strangers expected behind one hash of an address that goes with two names
	floorName      = 4e-3 // strangers that have even the rarest full name
	floorHandle    = 2e-2 // strangers that have even the rarest handle
	nameKinship    = 4    // names go together: communities share cultures
	commonKinship  = 2.5  // all the more where all their words are common ones

	asideShare  = 0.2  // of words in brackets that match: teams write their employer there
	givenHandle = 0.25 // of handles that match by a given name: the namesakes have them, too
	labelShare  = 0.05 // of handles that match a domain: most domains are named after something else

	sameNumber       = 11.0  // the same account number
	otherNumber      = -6.0  // another account number of one system
	otherLogin       = -1.5  // another login of one system
	sameSource       = -4.0  // two accounts on one source
	botWeight        = -40.0 // an automaton and somebody who is none
	linkOneWay       = 7.0
	linkBothWays     = 11.0
	twoSpellings     = -2.5  // names a letter apart, each in its own handle too
	nicknameWeight   = 1.5   // a handle made of the name as the other writes it
	initialConflict  = -3.0  // a handle with the family name and another's initial
	readShare        = 0.8   // of a conflict with a name that was read off a handle
	wordConflict     = -1.0  // a given name that the other's full name lacks
	serialConflict   = -12.0 // on one domain, and apart in their numbers alone
	differentHandles = -1.2  // each has a handle or name, and they have nothing in common
	maxDomainWeight  = 5.0
	maxPlaceWeight   = 1.5
)

// The calibration of what is left over below the threshold for joining, on top of that of the weights (docs/identity.md).
const (
	leftSlope  = 0.8
	leftOffset = -0.45
	leftMost   = 0.999 // of the threshold for joining
)

// shippedWeights is the cold start: rounded values that held on recorded
// histories, from which a team's own data and decisions may move it.
func shippedWeights() weights {
	w := weights{domain: 0.3, duplicates: 0.6, slope: 0.95, offset: 2.5}
	w.name = [nameLevels]float64{
		nameExact: 0.6, nameSubset: 0.08, nameSpelled: 0.05, nameNickname: 0.06, nameInitials: 0.1,
		nameMiddle: 0.02, nameGiven: -4, nameFamily: -3.5, nameOther: -4,
	}
	w.word = [formCount]float64{
		formInitials: 0.03, formFirst: 0.02, formLast: 0.1, formPart: 0.05, formFirstIni: 0.1, formIniLast: 0.25, formFull: 0.25,
	}
	w.handle = [handleLevels]float64{handleSimilar: 0.05, handleDigits: 0.08, handleEqual: 0.35}
	w.derived = [formCount]float64{
		formInitials: 0.05, formFirst: 0.04, formLast: 0.2, formPart: 0.1, formFirstIni: 0.12, formIniLast: 0.3, formFull: 0.3,
	}
	w.form = [formCount]float64{
		formInitials: 0.06, formFirst: 0.12, formLast: 0.1, formPart: 0.03, formFirstIni: 0.06, formIniLast: 0.15, formFull: 0.2,
	}
	return w
}

// zoneWeight is the log odds of two offsets so many minutes apart, where near
// is the share of identities here whose offset is as near to one of the two.
func zoneWeight(minutes int, near float64) float64 {
	switch {
	case minutes <= 60:
		return min(2, max(0.2, math.Log(0.75/near)))
	case minutes <= 120:
		return -0.4
	case minutes <= 240:
		return -0.6
	}
	return -1.2
}

// Weights are what the engine learned from one team's records and decisions,
// in an order that stays the same within a ModelVersion. The first number is
// the version.
type Weights []float64

// Weights returns what was learned, for a store to keep and give to
// Engine.Index.
func (r *Result) Weights() Weights {
	out := Weights{ModelVersion}
	for _, p := range r.model.w.learned() {
		out = append(out, *p)
	}
	return out
}

// unpack returns the weights w with what was learned put in.
func (l Weights) unpack(w weights) (weights, error) {
	if l == nil {
		return w, nil
	}
	fields := w.learned()
	if len(l) != 1+len(fields) || l[0] != ModelVersion {
		return w, fmt.Errorf("identity: weights are of another version, want %d numbers that begin with %d", 1+len(fields), ModelVersion)
	}
	for i, p := range fields {
		*p = l[1+i]
	}
	return w, nil
}

// learned lists the weights that learning moves.
func (w *weights) learned() []*float64 {
	fields := []*float64{&w.domain, &w.duplicates, &w.offset}
	for _, list := range [][]float64{w.name[:], w.word[:], w.handle[:], w.derived[:]} {
		for i := range list {
			fields = append(fields, &list[i])
		}
	}
	return fields
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
