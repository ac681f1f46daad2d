// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"math"
	"strings"
)

// Evidence is one reason for or against two identities being one person.
type Evidence struct {
	Kind Kind
	// Weight is in bits: each bit doubles the odds, a negative one halves
	// them. Weights of one explanation add up to its total.
	Weight float64
	// Text says it in words, without a full stop.
	Text string
}

// Explanation is all evidence about a pair of identities.
type Explanation struct {
	A, B string
	// Probability is that the pair is one person, by its own evidence and what
	// others fit as well, without what the rest of their clusters says.
	Probability float64
	// Prior is the weight, in bits, before any evidence: how unlikely it is
	// that two identities picked blindly are one person.
	Prior    float64
	Evidence []Evidence
	// Together reports whether they are in one cluster, for whatever reason.
	Together bool
}

// Summary puts the explanation on one line.
func (x Explanation) Summary() string {
	parts := make([]string, len(x.Evidence))
	for i, e := range x.Evidence {
		parts[i] = fmt.Sprintf("%s (%+.1f)", e.Text, e.Weight)
	}
	return strings.Join(parts, "; ")
}

// Explain returns the evidence about two identities, the weightiest first,
// and false when one of them is not known.
func (r *Result) Explain(a, b string) (Explanation, bool) {
	i, okA := r.find(a)
	j, okB := r.find(b)
	if !okA || !okB {
		return Explanation{}, false
	}
	v := r.model.judge(&r.profiles[min(i, j)], &r.profiles[max(i, j)])
	if w := r.outdone[pairKey(i, j)]; w > 0 {
		v.add(trait{kind: KindRivals, weight: -float64(w)})
	}
	x := r.model.explain(&v)
	x.A, x.B = a, b
	x.Together = r.forest.top(i) == r.forest.top(j)
	return x, true
}

func (m *model) explain(v *verdict) Explanation {
	x := Explanation{Probability: m.probability(v.weight), Prior: math.Log2(m.w.duplicates / m.census.people)}
	for _, t := range v.traits[:v.n] {
		x.Evidence = append(x.Evidence, Evidence{Kind: t.kind, Weight: t.weight / math.Ln2, Text: m.describe(t)})
	}
	sortEvidence(x.Evidence)
	return x
}

func sortEvidence(e []Evidence) {
	for i := 1; i < len(e); i++ {
		for j := i; j > 0 && math.Abs(e[j].Weight) > math.Abs(e[j-1].Weight); j-- {
			e[j], e[j-1] = e[j-1], e[j]
		}
	}
}

// describe says a trait in words.
func (m *model) describe(t trait) string {
	a, b := m.vocab.text[t.a], m.vocab.text[t.b]
	switch t.kind {
	case KindAddress:
		if mailbox(t.level) != mailboxOwn {
			return "same address, which two different names use"
		}
		return "same address"
	case KindAccount:
		return describeAccount(t, a, b)
	case KindName:
		return m.describeName(t, a, b)
	case KindHandle:
		return describeHandle(t, a, b)
	case KindDerived:
		return m.describeDerived(t, a, b)
	case KindDomain:
		return "same mail domain"
	case KindMachine:
		return "same machine"
	case KindCompany:
		return "same employer"
	case KindLink:
		return [...]string{"both link to one page", "one profile links to the other", "the profiles link to each other"}[min(t.level, 2)]
	case KindAvatar:
		return [...]string{"same picture", "their pictures are named after one mail address"}[min(t.level, 1)]
	case KindLocation:
		return "same place"
	case KindZone:
		if t.weight > 0 {
			return "same time zone"
		}
		return "time zones far apart"
	case KindTime:
		return describeTime(t)
	case KindSource:
		return "two accounts on one source"
	case KindBot:
		return "one of them is an automaton"
	case KindInitial:
		return "a handle has the family name with another initial"
	case KindRivals:
		return "somebody else of another name fits as well"
	}
	return "unknown evidence"
}

func describeTime(t trait) string {
	switch {
	case t.level == 0 && t.weight > 0:
		return "active at the same time"
	case t.weight > 0:
		return "one began soon after the other"
	case t.level < 3:
		return "not active at the same time"
	}
	return "active years apart"
}

func describeAccount(t trait, a, b string) string {
	switch {
	case t.weight > 0:
		return "same account number"
	case a != "" && b != "":
		return fmt.Sprintf("different accounts on one system, %q and %q", a, b)
	}
	return "different account numbers on one system"
}

func (m *model) describeName(t trait, a, b string) string {
	words := strings.TrimSpace(a + " " + b)
	switch nameLevel(t.level) {
	case nameExact:
		return fmt.Sprintf("same name (%s), %s", words, m.rarity(t))
	case nameSubset:
		return fmt.Sprintf("same name but for a middle name (%s), %s", words, m.rarity(t))
	case nameSpelled:
		return fmt.Sprintf("same name, spelled differently (%s)", words)
	case nameNickname:
		return fmt.Sprintf("same name, one with a short form (%s)", words)
	case nameInitials:
		return fmt.Sprintf("same name, one with initials (%s)", words)
	case nameMiddle:
		return fmt.Sprintf("same first and last name, different middle names (%s)", words)
	case nameGiven:
		return fmt.Sprintf("different names that share only %q", a)
	case nameFamily:
		return fmt.Sprintf("different names that share only the family name %q", a)
	case nameOther:
		return "different full names"
	case nameUnknown, nameLevels:
	}
	return fmt.Sprintf("the name %q is not in the other's full name", a)
}

// rarity says how many strangers may be expected to agree as well.
func (m *model) rarity(t trait) string {
	strangers := m.w.name[t.level] * m.census.people / math.Exp(t.weight)
	switch {
	case strangers < 0.02:
		return "a rare one"
	case strangers < 0.3:
		return "not a common one"
	}
	return fmt.Sprintf("which about %.1f other people here may have", strangers)
}

func describeHandle(t trait, a, b string) string {
	switch handleLevel(t.level) {
	case handleEqual:
		if t.how >= formFirstIni {
			return fmt.Sprintf("same handle %q, as the name suggests", a)
		}
		return fmt.Sprintf("same handle %q", a)
	case handleDigits:
		return fmt.Sprintf("same handle but for its end, %q and %q", a, b)
	case handleNone:
		if t.how == formNone {
			return "names and handles have nothing in common"
		}
		return "each spells it the same way in a handle"
	case handleSerial:
		return fmt.Sprintf("on one domain, and apart in their numbers alone: %q and %q", a, b)
	case handleSimilar, handleLevels:
	}
	return fmt.Sprintf("similar handles, %q and %q", a, b)
}

func (m *model) describeDerived(t trait, a, b string) string {
	switch t.how {
	case formNone:
		return fmt.Sprintf("same name or handle %q", a)
	case formFull:
		return fmt.Sprintf("%q is the other's full name in one word", a)
	case formIniLast:
		return fmt.Sprintf("%q is an initial and the other's family name", a)
	case formFirstIni:
		return fmt.Sprintf("%q is the other's given name and an initial", a)
	case formLast:
		return fmt.Sprintf("%q is the other's family name", a)
	case formFirst:
		return fmt.Sprintf("%q is the other's given name", a)
	case formInitials:
		return fmt.Sprintf("%q is the other's initials", a)
	case formPart:
		return fmt.Sprintf("%q holds a part of the other's name", a)
	case formCount:
	}
	return fmt.Sprintf("%q goes with %q", a, b)
}
