// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"math"
	"slices"

	"greenroom"
)

// Members change jobs. What each of them did stays with the organization that they were with then: member_stint says, for
// those who have moved, where they were when. It is derived, from what sources told and what people say, and everybody
// without stints was always with member.organization_id.
//
// What sources tell of a member is put in order of when it is first known of. The first says where they were from the
// beginning, and each later one that names another organization is a move on that day. What a business system says is not
// overruled by an e-mail address; where it names an organization of which no domain is known, it may be another name of
// what the address says, and then it holds from the beginning. An address at a school that comes after an employer's is no
// move. What people say comes last (byHand.place).

// evidence is that an organization is where a member works, from a moment on.
type evidence struct {
	organization int64
	at           int64 // microseconds; 0 = nobody knows since when
	business     bool  // a business system says so
	origin       greenroom.StintOrigin
	dated        greenroom.StintDating
	decision     int64
}

// forever is the end of what has none.
const forever = math.MaxInt64

// placed is what a person said of where a member works.
type placed struct {
	id, organization, since, at int64
	kind                        greenroom.PlacementKind
}

// stintsOf finds where a member was when, of all its identities. The answer covers all of time; it has one stint, or none,
// where the member has not moved.
func (w *writer) stintsOf(parts []memberPart, set []placed) ([]evidence, error) {
	all, err := w.evidence(parts)
	if err != nil {
		return nil, err
	}
	line, err := w.inLine(without(all, set))
	if err != nil {
		return nil, err
	}
	return joinStints(withHand(line, set)), nil
}

// evidence lists what the sources say, the earliest first, and of the same day in the order of the identities.
func (w *writer) evidence(parts []memberPart) ([]evidence, error) {
	var all []evidence
	told, err := w.toldBy(parts)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		all = append(all, evidenceOf(&parts[i], told[parts[i].id])...)
	}
	slices.SortStableFunc(all, func(a, b evidence) int { return cmp.Compare(a.at, b.at) })
	return all, nil
}

// toldMove is that the source of an identity told another organization, from a day on.
type toldMove struct {
	since, organization int64
	day                 bool // the source gave the day
}

// toldBy reads the moves that the sources of identities of a member told, the earliest first, by identity.
func (w *writer) toldBy(parts []memberPart) (map[int64][]toldMove, error) {
	if !slices.ContainsFunc(parts, func(p memberPart) bool { return p.told > 0 || p.organization > 0 }) {
		return nil, nil
	}
	all := make(map[int64][]toldMove)
	rows, err := w.query(`SELECT x.identity_id, x.since, x.organization_id, x.told FROM identity i JOIN identity_move x ON x.identity_id = i.id
		WHERE i.member_id = (SELECT member_id FROM identity WHERE id = ?) ORDER BY x.identity_id, x.since`, parts[0].id)
	if err != nil {
		return nil, err
	}
	return all, scan(rows, func() error {
		var t toldMove
		var id, day int64
		err := rows.Scan(&id, &t.since, &t.organization, &day)
		t.day = day != 0
		all[id] = append(all[id], t)
		return err
	})
}

// evidenceOf is what the source of an identity says of where its person works.
func evidenceOf(p *memberPart, told []toldMove) []evidence {
	first := evidence{organization: p.organization, business: p.business, origin: greenroom.StintEmail}
	switch {
	case p.first > 0:
		first.at, first.dated = dayOf(p.first), greenroom.DatedActive
	case p.joined > 0:
		first.at, first.dated = dayOf(p.joined), greenroom.DatedAccount
	}
	switch {
	case p.business:
		first.origin = greenroom.StintBusiness
	case p.told > 0:
		first.origin = greenroom.StintSource
	}
	var all []evidence
	for _, t := range told {
		e := first
		e.organization = t.organization
		switch {
		case t.since > 0 && t.day:
			e.at, e.dated = t.since, greenroom.DatedTold
		case t.since > 0:
			e.at, e.dated = t.since, greenroom.DatedRead
		}
		all = append(all, e)
	}
	if len(all) == 0 && p.organization > 0 {
		all = append(all, first)
	}
	return all
}

// dayOf is the beginning of the day, in UTC, that a moment is in.
func dayOf(at int64) int64 { return at - at%microsADay }

// without leaves out what people say was never so, and everything where they say how it always was.
func without(all []evidence, set []placed) []evidence {
	return slices.DeleteFunc(all, func(e evidence) bool {
		return slices.ContainsFunc(set, func(p placed) bool {
			return p.kind == greenroom.PlacedAlways || p.kind == greenroom.PlacedNever && p.organization == e.organization
		})
	})
}

// inLine makes moves of evidence.
func (w *writer) inLine(all []evidence) ([]evidence, error) {
	var line []evidence
	for _, e := range all {
		last := len(line) - 1
		switch {
		case last < 0:
			line = append(line, e)
		case e.organization == line[last].organization:
			line[last].business = line[last].business || e.business
		case line[last].business && !e.business: // an address does not overrule a business system
		case e.origin == greenroom.StintEmail && e.at > line[last].at: // who has an address at a school besides, or studies again, need not have left
			studies, err := w.besides(line[last].organization, e.organization)
			if err != nil {
				return nil, err
			}
			if !studies {
				line = append(line, e)
			}
		case e.business && !line[last].business:
			is, err := w.knownBy(e.organization)
			if err != nil {
				return nil, err
			}
			if !is.domain || e.at == line[last].at {
				line = line[:0]
			}
			line = append(line, e)
		case e.at > line[last].at:
			line = append(line, e)
		}
	}
	return line, nil
}

// besides reports whether somebody of an organization that is no school has to do with one that is.
func (w *writer) besides(employer, school int64) (bool, error) {
	if is, err := w.knownBy(school); err != nil || !is.school {
		return false, err
	}
	is, err := w.knownBy(employer)
	return !is.school && employer > 0, err
}

// withHand puts what people say over what sources tell: how it always was, and each move by hand. A move by hand takes the
// place of what was known when it was entered; what a source tells for a later day goes on to hold.
func withHand(line []evidence, set []placed) []evidence {
	for _, p := range set {
		if p.kind == greenroom.PlacedAlways {
			line = []evidence{{organization: p.organization, origin: greenroom.StintHand, dated: greenroom.DatedHand, decision: p.id}}
		}
	}
	moves := slices.DeleteFunc(slices.Clone(set), func(p placed) bool { return p.kind != greenroom.PlacedMoved })
	slices.SortStableFunc(moves, func(a, b placed) int { return cmp.Compare(a.since, b.since) })
	for _, p := range moves {
		line = slices.DeleteFunc(line, func(e evidence) bool { return e.origin != greenroom.StintHand && e.at >= p.since && e.at <= p.at })
		e := evidence{organization: p.organization, at: p.since, origin: greenroom.StintHand, dated: greenroom.DatedHand, decision: p.id}
		line = slices.DeleteFunc(line, func(x evidence) bool { return x.at == p.since && x.at > 0 })
		line = append(line, e)
	}
	slices.SortStableFunc(line, func(a, b evidence) int { return cmp.Compare(a.at, b.at) })
	return line
}

// joinStints joins neighbors that say the same.
func joinStints(line []evidence) []evidence {
	return slices.CompactFunc(line, func(a, b evidence) bool { return a.organization == b.organization })
}

// setStints stores where a member was when, and reports whether that has changed.
func (w *writer) setStints(id int64, line []evidence) error {
	old, err := w.ints("SELECT organization_id FROM member_stint WHERE member_id = ? AND organization_id > 0", id)
	if err != nil {
		return err
	}
	if len(line) < 2 && len(old) == 0 {
		_, err := w.exec("UPDATE member SET moved = 0 WHERE id = ? AND moved <> 0", id)
		return err
	}
	if _, err := w.exec("DELETE FROM member_stint WHERE member_id = ?", id); err != nil {
		return err
	}
	if len(line) < 2 {
		line = nil
	}
	for i, e := range line {
		since, until := e.at, int64(forever)
		if i == 0 {
			since = 0
		}
		if i+1 < len(line) {
			until = line[i+1].at
		}
		if _, err := w.exec("INSERT INTO member_stint (member_id, since, until, organization_id, seen, origin, dated, decision_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			id, since, until, e.organization, e.at, string(e.origin), string(e.dated), e.decision); err != nil {
			return err
		}
		if e.organization > 0 {
			old = append(old, e.organization)
		}
	}
	for _, org := range old {
		if _, err := w.exec("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", org); err != nil {
			return err
		}
	}
	_, err = w.exec("UPDATE member SET moved = ? WHERE id = ?", flag(len(line) > 1), id)
	return err
}

// placedBy lists what people say of where a member works, also of those that have become part of it, the oldest first,
// without what a later word takes out of account.
func (w *writer) placedBy(id int64) ([]placed, error) {
	rows, err := w.query(`SELECT s.id, s.kind, s.organization_id, s.since, s.at FROM member_organization_set s JOIN member m ON m.id = s.member_id
		WHERE s.undone_at = 0 AND (m.id = ? OR (m.merged_into > 0 AND m.merged_into = ?)) ORDER BY s.at, s.id`, id, id)
	if err != nil {
		return nil, err
	}
	var all []placed
	err = scan(rows, func() error {
		var p placed
		var kind string
		err := rows.Scan(&p.id, &kind, &p.organization, &p.since, &p.at)
		p.kind = greenroom.PlacementKind(kind)
		if p.kind == greenroom.PlacedAlways || p.kind == greenroom.PlacedSources {
			all = all[:0]
		}
		if p.kind != greenroom.PlacedSources {
			all = append(all, p)
		}
		return err
	})
	return all, err
}
