// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"greenroom/internal/identity/certain"
)

// byRule is the author of decisions that follow from keys, byModel begins the names of those who made them from evidence.
const (
	byRule  = certain.ByRule
	byModel = "model "
)

// byNobody reports whether no person made a decision.
func byNobody(by string) bool { return by == byRule || strings.HasPrefix(by, byModel) }

// resolution asks who is one member with the seeds.
type resolution struct {
	seeds   []int64
	why     map[int64]string // by identity: what changed, for the history
	version int64
	now     int64
	byRule  bool // nobody decided it, so that the history has to say what happened
}

// resolve finds out who is one member, of the seeds and of all that are linked to them, and brings identities and
// members to that. It returns the members that have gained or lost identities; the caller refreshes them.
//
// What it finds follows from facts and decisions alone (certain.Partition). Joins are not added to what was found
// before: when a key turns out to be shared by several people, what it joined falls apart here.
func (w *writer) resolve(r resolution) ([]int64, error) {
	if len(r.seeds) == 0 {
		return nil, nil
	}
	n, err := w.around(r.seeds)
	if err != nil {
		return nil, err
	}
	groups, reasons := certain.Partition(slices.Collect(maps.Keys(n.member)), n.held, n.links, n.apart, n.matches)
	moves := make(map[move][]int64)
	for _, g := range groups {
		for _, id := range g.Identities {
			if from := n.member[id]; from != g.Member {
				moves[move{from, g.Member}] = append(moves[move{from, g.Member}], id)
			} else if n.reason[id] != reasons[id].Text {
				if _, err := w.exec("UPDATE identity SET match_reason = ? WHERE id = ?", reasons[id].Text, id); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(moves) == 0 {
		return nil, nil
	}
	touched := make(map[int64]bool)
	for _, m := range slices.SortedFunc(maps.Keys(moves), func(x, y move) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to)) }) {
		if err := w.moveIdentities(moves[m], m.to, reasons, r.version); err != nil {
			return nil, err
		}
		touched[m.from], touched[m.to] = true, true
	}
	heads := make(map[int64]bool)
	for _, g := range groups {
		heads[g.Member] = true
	}
	if r.byRule {
		if err := w.tellMoves(moves, heads, reasons, &r); err != nil {
			return nil, err
		}
	}
	if err := w.placeMembers(touched, heads); err != nil {
		return nil, err
	}
	maps.DeleteFunc(touched, func(id int64, _ bool) bool { return !heads[id] })
	return slices.Sorted(maps.Keys(touched)), nil
}

// move is from which member to which other identities go.
type move struct{ from, to int64 }

// moveIdentities points identities at another member and marks the conversations they took part in, since who answered
// whom has changed.
func (w *writer) moveIdentities(ids []int64, member int64, reasons map[int64]certain.Reason, version int64) error {
	for _, id := range ids {
		if _, err := w.exec("UPDATE identity SET member_id = ?, match_reason = ?, version = ? WHERE id = ?", member, reasons[id].Text, version, id); err != nil {
			return err
		}
		if _, err := w.exec(`INSERT INTO conversation_dirty (conversation_id)
			SELECT DISTINCT conversation_id FROM activity WHERE identity_id = ? AND conversation_id > 0 ON CONFLICT DO NOTHING`, id); err != nil {
			return err
		}
	}
	return nil
}

// tellMoves writes into the history what no person did: a member that became part of another, or fell apart. A merge by
// rule that is taken back counts as undone.
func (w *writer) tellMoves(moves map[move][]int64, heads map[int64]bool, reasons map[int64]certain.Reason, r *resolution) error {
	for _, m := range slices.SortedFunc(maps.Keys(moves), func(x, y move) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to)) }) {
		ids := moves[m]
		if !heads[m.from] {
			why, at := reasons[ids[0]], int64(0)
			if strings.HasPrefix(why.By, byModel) {
				at = r.now // what follows from keys held all along
			}
			if _, err := w.decide("merge", m.to, m.from, ids, why.Text, cmp.Or(why.By, byRule), at); err != nil {
				return err
			}
			continue
		}
		reason := r.why[ids[0]]
		if reason == "" {
			reason = "what joined them holds no longer"
		}
		if _, err := w.exec("UPDATE decision SET undone_at = ? WHERE member_id = ? AND other_id = ? AND action = 'merge' AND (actor = ? OR actor LIKE ?) AND undone_at = 0",
			r.now, m.from, m.to, byRule, byModel+"%"); err != nil {
			return err
		}
		if _, err := w.decide("split", m.from, m.to, ids, reason, byRule, 0); err != nil {
			return err
		}
	}
	return nil
}

// placeMembers says of each member that a resolution is about whether it stands for itself, and if not, of which member
// it is part now: of the one that has the identity which stands for it. It adds to those that were touched the ones that
// gain or lose what people set of another.
func (w *writer) placeMembers(touched, heads map[int64]bool) error {
	var about []any
	for _, id := range slices.Sorted(maps.Keys(touched)) {
		about = append(about, id)
	}
	type row struct{ id, into, place int64 }
	rows := make(map[row]bool)
	read := func(r rowScanner) error {
		var x row
		err := r.Scan(&x.id, &x.into, &x.place)
		rows[x] = true
		return err
	}
	q := `SELECT m.id, m.merged_into, coalesce(i.member_id, 0) FROM member m
		LEFT JOIN identity i ON i.id = CASE WHEN m.anchor > 0 THEN m.anchor ELSE m.id END WHERE `
	for _, condition := range []string{"m.id IN (%IN%)", "m.merged_into > 0 AND m.merged_into IN (%IN%)"} {
		if err := w.eachIn(q+condition, nil, about, read); err != nil {
			return err
		}
	}
	for _, x := range slices.SortedFunc(maps.Keys(rows), func(x, y row) int { return cmp.Compare(x.id, y.id) }) {
		into := x.place
		if heads[x.id] {
			into = 0
		}
		if into == x.into {
			continue
		}
		if err := w.placeMember(x.id, into); err != nil {
			return err
		}
		for _, id := range []int64{into, x.into} {
			if id > 0 && !touched[id] {
				touched[id] = true
				heads[id] = true // it was no part of this resolution, and has identities that stay
			}
		}
	}
	return nil
}

func (w *writer) placeMember(id, into int64) error {
	if _, err := w.exec("UPDATE member SET merged_into = ? WHERE id = ?", into, id); err != nil || into == 0 {
		return err
	}
	if _, err := w.exec("DELETE FROM member_search WHERE rowid = ?", id); err != nil {
		return err
	}
	if err := w.setStints(id, nil); err != nil { // what it becomes part of has them
		return err
	}
	_, err := w.exec(`INSERT INTO organization_dirty (organization_id) SELECT organization_id FROM member WHERE id = ? AND organization_id > 0
		ON CONFLICT DO NOTHING`, id)
	return err
}

func (w *writer) decide(action string, member, other int64, identities []int64, reason, by string, at int64) (int64, error) {
	list, err := json.Marshal(identities)
	if err != nil {
		return 0, fmt.Errorf("encoding a decision: %w", err)
	}
	last, err := w.lastID("decision")
	if err != nil {
		return 0, err
	}
	_, err = w.exec("INSERT INTO decision (id, action, member_id, other_id, identities, reason, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		last+1, action, member, other, string(list), reason, by, at)
	return last + 1, err
}
