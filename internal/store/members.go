// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/identity/certain"
	"greenroom/internal/member"
)

// MergeMembers makes the identities of member from those of into.
func (s *Store) MergeMembers(ctx context.Context, into, from int64, reason, by string) (decision int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		for _, id := range []int64{into, from} {
			if err := w.wholeMember(id); err != nil {
				return err
			}
		}
		stay, err := w.identitiesOf(into)
		if err != nil {
			return err
		}
		moved, err := w.identitiesOf(from)
		if err != nil {
			return err
		}
		if decision, err = w.decide("merge", into, from, moved, reason, by, micros(s.now())); err != nil {
			return err
		}
		// Whoever joins them again overrules an earlier decision to keep them apart.
		for _, a := range slices.Concat(stay, moved) {
			if err := w.overrule("apart", decision, a, slices.Concat(stay, moved)); err != nil {
				return err
			}
		}
		a, err := w.standFor(into, stay)
		if err != nil {
			return err
		}
		b, err := w.standFor(from, moved)
		if err != nil {
			return err
		}
		if err := w.link(decision, a, b, into, reason); err != nil {
			return err
		}
		return w.resolveNow(slices.Concat(stay, moved))
	})
	return decision, err
}

// identitiesOf lists the identities of a member.
func (w *writer) identitiesOf(member int64) ([]int64, error) {
	return w.ints("SELECT id FROM identity WHERE member_id = ? ORDER BY id", member)
}

// anchor is the identity that stands for a member in a decision about it: the one it is called by, else the first.
func anchor(member int64, identities []int64) int64 {
	if slices.Contains(identities, member) {
		return member
	}
	return identities[0]
}

// standFor keeps which identity stands for a member, so that what people set of it goes where that identity goes. It is
// called when people decide something, never by a computation, so that it is the same however facts came in batches.
func (w *writer) standFor(member int64, identities []int64) (int64, error) {
	a := anchor(member, identities)
	_, err := w.exec("UPDATE member SET anchor = ? WHERE id = ?", a, member)
	return a, err
}

// link keeps that by a decision two identities are one member.
func (w *writer) link(decision, a, b, member int64, reason string) error {
	_, err := w.exec("INSERT INTO together (decision_id, a, b, member_id, reason) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", decision, a, b, member, reason)
	return err
}

// overrule makes a decision win over earlier ones that say the opposite of one identity and others.
func (w *writer) overrule(table string, decision, a int64, others []int64) error {
	for _, b := range others {
		if _, err := w.exec("UPDATE "+table+" SET overruled = ? WHERE overruled = 0 AND a = ? AND b = ? AND a <> b AND decision_id <> ?", decision, a, b, decision); err != nil {
			return err
		}
	}
	return nil
}

// resolveNow brings members to what was just decided, and computes them again.
func (w *writer) resolveNow(identities []int64) error {
	version, err := w.newVersion()
	if err != nil {
		return err
	}
	touched, err := w.resolve(resolution{seeds: identities, version: version})
	if err != nil {
		return err
	}
	for _, id := range touched {
		if err := w.refreshMember(id, version); err != nil {
			return err
		}
	}
	return nil
}

// wholeMember makes sure that a member is there and has not been merged into another.
func (w *writer) wholeMember(id int64) error {
	var merged int64
	err := w.row("SELECT merged_into FROM member WHERE id = ?", []any{id}, &merged)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no member %d", id)
	}
	if err == nil && merged != 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "member %d is part of member %d already", id, merged)
	}
	return err
}

// newVersion gives the version number for changes outside of derive.
func (w *writer) newVersion() (int64, error) {
	v, err := w.nextVersion()
	if err != nil {
		return 0, err
	}
	return v, w.setFollowed(followVersion, v)
}

// SplitMember makes some identities of a member a member of their own, and keeps them apart from the rest.
func (s *Store) SplitMember(ctx context.Context, from int64, identities []int64, reason, by string) (decision, newMember int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		if err := w.wholeMember(from); err != nil {
			return err
		}
		have, err := w.ints("SELECT id FROM identity WHERE member_id = ? ORDER BY id", from)
		if err != nil {
			return err
		}
		leaving := slices.Clone(identities)
		slices.Sort(leaving)
		leaving = slices.Compact(leaving)
		for _, id := range leaving {
			if !slices.Contains(have, id) {
				return greenroom.Errorf(greenroom.CodeInvalid, "identity %d does not belong to member %d", id, from)
			}
		}
		if len(leaving) == len(have) {
			return greenroom.Errorf(greenroom.CodeInvalid, "at least one identity has to stay with member %d", from)
		}
		staying := slices.DeleteFunc(slices.Clone(have), func(id int64) bool { return slices.Contains(leaving, id) })
		if newMember, err = w.memberFor(leaving, from); err != nil {
			return err
		}
		if decision, err = w.decide("split", from, newMember, leaving, reason, by, micros(s.now())); err != nil {
			return err
		}
		if err := w.part(decision, from, staying, newMember, leaving); err != nil {
			return err
		}
		return w.resolveNow(have)
	})
	return decision, newMember, err
}

// part keeps two sets of identities apart that were one member, and each of them in one piece.
func (w *writer) part(decision, member int64, staying []int64, other int64, leaving []int64) error {
	if err := w.keepApart(staying, leaving, decision); err != nil {
		return err
	}
	if err := w.pin(decision, member, staying); err != nil {
		return err
	}
	return w.pin(decision, other, leaving)
}

// pin keeps how the member of some identities is called, and adds the links without which they would not be one member,
// since what linked them was among those who are leaving.
func (w *writer) pin(decision, member int64, identities []int64) error {
	n, err := w.around(identities)
	if err != nil {
		return err
	}
	groups, _ := certain.Partition(identities, n.held, n.links, nil, n.matches)
	first, err := w.standFor(member, identities)
	if err != nil {
		return err
	}
	for _, g := range groups {
		b := g.Identities[0]
		if slices.Contains(g.Identities, first) {
			b = first
		}
		if err := w.link(decision, first, b, member, ""); err != nil {
			return err
		}
	}
	return nil
}

// memberFor finds or makes the member that identities form when they leave: the one that the first of them had before
// it was merged, where that is free, else a new one.
func (w *writer) memberFor(leaving []int64, from int64) (int64, error) {
	for _, id := range leaving {
		var free int64
		if err := w.row("SELECT count(*) FROM member WHERE id = ? AND merged_into = ?", []any{id, from}, &free); err != nil || free > 0 {
			return id, err
		}
	}
	last, err := w.lastPerson()
	if err != nil {
		return 0, err
	}
	id := last + 1
	_, err = w.exec("INSERT INTO member (id, name) VALUES (?, ?)", id, "?")
	return id, err
}

// lastPerson is the greatest id that an identity or a member has: a new identity's member takes the identity's id.
func (w *writer) lastPerson() (int64, error) {
	identity, err := w.lastID("identity")
	if err != nil {
		return 0, err
	}
	member, err := w.lastID("member")
	return max(identity, member), err
}

func (w *writer) keepApart(some, others []int64, decision int64) error {
	for _, a := range some {
		for _, b := range others {
			if _, err := w.exec(`INSERT INTO apart (a, b, decision_id) VALUES (?, ?, ?)
				ON CONFLICT (a, b) DO UPDATE SET decision_id = excluded.decision_id, overruled = 0`, min(a, b), max(a, b), decision); err != nil {
				return err
			}
		}
		if err := w.overrule("together", decision, a, others); err != nil {
			return err
		}
	}
	for _, b := range others {
		if err := w.overrule("together", decision, b, some); err != nil {
			return err
		}
	}
	return nil
}

// UndoDecision takes a merge or a split back. The undone merge of a rule keeps the two apart, since the rule would join
// them again.
func (s *Store) UndoDecision(ctx context.Context, id int64, by string) (greenroom.Decision, error) {
	var d greenroom.Decision
	err := s.write(ctx, func(w *writer) error {
		var text string
		var at, undone int64
		err := w.row("SELECT id, action, member_id, other_id, identities, reason, actor, at, undone_at FROM decision WHERE id = ?", []any{id},
			&d.ID, &d.Action, &d.MemberID, &d.OtherID, &text, &d.Reason, &d.By, &at, &undone)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no decision %d", id)
		}
		if err != nil {
			return err
		}
		if undone != 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "decision %d was undone already", id)
		}
		if err := json.Unmarshal([]byte(text), &d.Identities); err != nil {
			return fmt.Errorf("decoding decision %d: %w", id, err)
		}
		if d.Action == "split" && byNobody(d.By) {
			return greenroom.Errorf(greenroom.CodeConflict, "nobody decided this, so there is nothing to undo; merge members %d and %d instead", d.MemberID, d.OtherID)
		}
		d.At, d.UndoneAt = fromMicros(at), s.now()
		if _, err := w.exec("UPDATE decision SET undone_at = ? WHERE id = ?", micros(d.UndoneAt), id); err != nil {
			return err
		}
		for _, q := range []string{
			"DELETE FROM together WHERE decision_id = ?", "DELETE FROM apart WHERE decision_id = ?",
			"UPDATE together SET overruled = 0 WHERE overruled = ?", "UPDATE apart SET overruled = 0 WHERE overruled = ?",
		} {
			if _, err := w.exec(q, id); err != nil {
				return err
			}
		}
		switch d.Action {
		case "apart":
			return w.resolveNow(d.Identities)
		case "split":
			return w.undoSplit(&d)
		}
		return w.undoMerge(&d)
	})
	return d, err
}

func (w *writer) undoMerge(d *greenroom.Decision) error {
	all, err := w.identitiesOf(d.MemberID)
	if err != nil {
		return err
	}
	back, stay := divide(all, d.Identities)
	if len(back) == 0 || len(stay) == 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "members %d and %d have changed since; split the member instead", d.MemberID, d.OtherID)
	}
	if !byNobody(d.By) {
		if err := w.resolveNow(all); err != nil {
			return err
		}
		now, err := w.identitiesOf(d.MemberID)
		if err != nil {
			return err
		}
		if still, _ := divide(now, back); len(still) == 0 {
			return nil
		}
	}
	// A rule would join them again.
	if err := w.part(d.ID, d.MemberID, stay, d.OtherID, back); err != nil {
		return err
	}
	return w.resolveNow(all)
}

// KeepApart says that two members are not one person, whatever is found out about them later.
func (s *Store) KeepApart(ctx context.Context, one, other int64, reason, by string) (decision int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		for _, id := range []int64{one, other} {
			if err := w.wholeMember(id); err != nil {
				return err
			}
		}
		some, err := w.identitiesOf(one)
		if err != nil {
			return err
		}
		others, err := w.identitiesOf(other)
		if err != nil {
			return err
		}
		if decision, err = w.decide("apart", one, other, slices.Concat(some, others), reason, by, micros(s.now())); err != nil {
			return err
		}
		return w.keepApart(some, others, decision) // what was suggested about them stays, hidden, and is there again once this is undone
	})
	return decision, err
}

// divide divides identities into those that are among some, and the others.
func divide(all, some []int64) (in, out []int64) {
	for _, id := range all {
		if slices.Contains(some, id) {
			in = append(in, id)
		} else {
			out = append(out, id)
		}
	}
	return in, out
}

func (w *writer) undoSplit(d *greenroom.Decision) error {
	if err := w.wholeMember(d.MemberID); err != nil {
		return err
	}
	stayed, err := w.identitiesOf(d.MemberID)
	if err != nil {
		return err
	}
	if err := w.resolveNow(slices.Concat(stayed, d.Identities)); err != nil {
		return err
	}
	now, err := w.identitiesOf(d.MemberID)
	if err != nil {
		return err
	}
	back, _ := divide(now, d.Identities)
	if len(back) == len(d.Identities) {
		return nil
	}
	// What linked them is gone; that they are one member is what the person says now.
	for _, id := range d.Identities {
		if err := w.link(d.ID, anchor(d.MemberID, stayed), id, d.MemberID, ""); err != nil {
			return err
		}
	}
	return w.resolveNow(slices.Concat(stayed, d.Identities))
}

// Decisions lists the merges and splits that a member took part in, newest first.
func (s *Store) Decisions(ctx context.Context, id int64) ([]greenroom.Decision, error) {
	rows, err := s.query(ctx, `SELECT id, action, member_id, other_id, identities, reason, actor, at, undone_at FROM decision
		WHERE member_id = ? OR other_id = ? ORDER BY id DESC`, id, id)
	if err != nil {
		return nil, err
	}
	all := []greenroom.Decision{}
	err = scan(rows, func() error {
		var d greenroom.Decision
		var text string
		var at, undone int64
		if err := rows.Scan(&d.ID, &d.Action, &d.MemberID, &d.OtherID, &text, &d.Reason, &d.By, &at, &undone); err != nil {
			return err
		}
		d.At, d.UndoneAt = fromMicros(at), fromMicros(undone)
		if err := json.Unmarshal([]byte(text), &d.Identities); err != nil {
			return fmt.Errorf("decoding decision %d: %w", d.ID, err)
		}
		all = append(all, d)
		return nil
	})
	return all, err
}

// EditMember sets fields by hand.
func (s *Store) EditMember(ctx context.Context, id int64, e member.Edit) error {
	return s.write(ctx, func(w *writer) error { return w.editMember(id, e, micros(s.now())) })
}

// editMember is EditMember in the transaction of what wants it.
func (w *writer) editMember(id int64, e member.Edit, now int64) error {
	if err := w.wholeMember(id); err != nil {
		return err
	}
	identities, err := w.identitiesOf(id)
	if err != nil {
		return err
	}
	if _, err := w.standFor(id, identities); err != nil {
		return err
	}
	set := func(column string, v any) error {
		_, err := w.exec("UPDATE member SET "+column+" = ? WHERE id = ?", v, id)
		return err
	}
	try := func(column string, given bool, v func() any) {
		if err == nil && given {
			err = set(column, v())
		}
	}
	try("name_set", e.Name != nil, func() any { return strings.TrimSpace(*e.Name) })
	try("staff_set", e.Staff != nil, func() any { return flag(*e.Staff) })
	try("bot_set", e.Bot != nil, func() any { return flag(*e.Bot) })
	try("hidden", e.Hidden != nil, func() any { return flag(*e.Hidden) })
	try("country_set", e.Country != nil, func() any { return cmp.Or(strings.ToUpper(strings.TrimSpace(*e.Country)), nowhere) })
	if err != nil {
		return err
	}
	if e.OrganizationID != nil {
		if err := w.correctOrganization(id, *e.OrganizationID, e.By, now); err != nil {
			return err
		}
	}
	for present, tags := range [][]string{e.RemoveTags, e.AddTags} {
		for _, tag := range tags {
			if _, err := w.exec(`INSERT INTO member_tag_set (member_id, tag, present) VALUES (?, ?, ?)
				ON CONFLICT (member_id, tag) DO UPDATE SET present = excluded.present`, id, strings.ToLower(strings.TrimSpace(tag)), present); err != nil {
				return err
			}
		}
	}
	for name, value := range e.Fields {
		if _, err := w.exec(`INSERT INTO member_field_set (member_id, name, value) VALUES (?, ?, ?)
			ON CONFLICT (member_id, name) DO UPDATE SET value = excluded.value`, id, strings.ToLower(strings.TrimSpace(name)), value); err != nil {
			return err
		}
	}
	version, err := w.newVersion()
	if err != nil {
		return err
	}
	return w.refreshMember(id, version)
}

// IgnoreConversation says that a conversation needs no response, or that it does after all.
func (s *Store) IgnoreConversation(ctx context.Context, id int64, ignored bool) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE conversation SET ignored = ? WHERE id = ?", flag(ignored), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
		}
		_, err = w.exec("INSERT INTO conversation_dirty (conversation_id) VALUES (?) ON CONFLICT DO NOTHING", id)
		return err
	})
}
