// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"greenroom"
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
		version, err := w.newVersion()
		if err != nil {
			return err
		}
		decision, err = w.merge(mergeRequest{into: into, from: from, reason: reason, by: by, at: micros(s.now()), version: version})
		if err != nil {
			return err
		}
		// Whoever joins them again overrules an earlier decision to keep them apart.
		if _, err := w.exec(`DELETE FROM apart WHERE a IN (SELECT id FROM identity WHERE member_id = ?) AND b IN (SELECT id FROM identity WHERE member_id = ?)`, into, into); err != nil {
			return err
		}
		return w.refreshMember(into, version)
	})
	return decision, err
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
		version, err := w.newVersion()
		if err != nil {
			return err
		}
		if newMember, err = w.memberFor(leaving, from); err != nil {
			return err
		}
		if err := w.moveIdentities(leaving, newMember, "", version); err != nil {
			return err
		}
		if decision, err = w.decide("split", from, newMember, leaving, reason, by, micros(s.now())); err != nil {
			return err
		}
		if err := w.keepApart(leaving, have, decision); err != nil {
			return err
		}
		if err := w.refreshMember(from, version); err != nil {
			return err
		}
		return w.refreshMember(newMember, version)
	})
	return decision, newMember, err
}

// memberFor finds or makes the member that identities form when they leave: the one that the first of them had before
// it was merged, where that is free, else a new one.
func (w *writer) memberFor(leaving []int64, from int64) (int64, error) {
	for _, id := range leaving {
		n, err := w.exec("UPDATE member SET merged_into = 0 WHERE id = ? AND merged_into = ?", id, from)
		if err != nil || n > 0 {
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

func (w *writer) keepApart(leaving, all []int64, decision int64) error {
	for _, a := range leaving {
		for _, b := range all {
			if slices.Contains(leaving, b) {
				continue
			}
			if _, err := w.exec("INSERT INTO apart (a, b, decision_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", min(a, b), max(a, b), decision); err != nil {
				return err
			}
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
		version, err := w.newVersion()
		if err != nil {
			return err
		}
		d.At, d.UndoneAt = fromMicros(at), s.now()
		if _, err := w.exec("UPDATE decision SET undone_at = ? WHERE id = ?", micros(d.UndoneAt), id); err != nil {
			return err
		}
		if d.Action == "split" {
			return w.undoSplit(&d, version)
		}
		return w.undoMerge(&d, version)
	})
	return d, err
}

func (w *writer) undoMerge(d *greenroom.Decision, version int64) error {
	all, err := w.ints("SELECT id FROM identity WHERE member_id = ? ORDER BY id", d.MemberID)
	if err != nil {
		return err
	}
	var back []int64
	for _, id := range d.Identities {
		if slices.Contains(all, id) {
			back = append(back, id)
		}
	}
	if len(back) == 0 || len(back) == len(all) {
		return greenroom.Errorf(greenroom.CodeConflict, "members %d and %d have changed since; split the member instead", d.MemberID, d.OtherID)
	}
	if _, err := w.exec("UPDATE member SET merged_into = 0 WHERE id = ?", d.OtherID); err != nil {
		return err
	}
	if err := w.moveIdentities(back, d.OtherID, "", version); err != nil {
		return err
	}
	if d.By == byRule {
		if err := w.keepApart(back, all, d.ID); err != nil {
			return err
		}
	}
	if err := w.refreshMember(d.MemberID, version); err != nil {
		return err
	}
	return w.refreshMember(d.OtherID, version)
}

func (w *writer) undoSplit(d *greenroom.Decision, version int64) error {
	if err := w.wholeMember(d.MemberID); err != nil {
		return err
	}
	if err := w.moveIdentities(d.Identities, d.MemberID, "", version); err != nil {
		return err
	}
	if _, err := w.exec("DELETE FROM apart WHERE decision_id = ?", d.ID); err != nil {
		return err
	}
	left, err := w.ints("SELECT id FROM identity WHERE member_id = ?", d.OtherID)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		if _, err := w.exec("UPDATE member SET merged_into = ? WHERE id = ?", d.MemberID, d.OtherID); err != nil {
			return err
		}
		if _, err := w.exec("DELETE FROM member_search WHERE rowid = ?", d.OtherID); err != nil {
			return err
		}
	} else if err := w.refreshMember(d.OtherID, version); err != nil {
		return err
	}
	return w.refreshMember(d.MemberID, version)
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
	return s.write(ctx, func(w *writer) error {
		if err := w.wholeMember(id); err != nil {
			return err
		}
		set := func(column string, v any) error {
			_, err := w.exec("UPDATE member SET "+column+" = ? WHERE id = ?", v, id)
			return err
		}
		var err error
		try := func(column string, given bool, v func() any) {
			if err == nil && given {
				err = set(column, v())
			}
		}
		try("name_set", e.Name != nil, func() any { return strings.TrimSpace(*e.Name) })
		try("staff_set", e.Staff != nil, func() any { return flag(*e.Staff) })
		try("bot_set", e.Bot != nil, func() any { return flag(*e.Bot) })
		try("hidden", e.Hidden != nil, func() any { return flag(*e.Hidden) })
		try("org_set", e.OrganizationID != nil, func() any { return *e.OrganizationID })
		try("country", e.Country != nil, func() any { return strings.ToUpper(*e.Country) })
		if err != nil {
			return err
		}
		for _, tag := range e.AddTags {
			if _, err := w.exec("INSERT INTO member_tag (tag, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING", strings.ToLower(strings.TrimSpace(tag)), id); err != nil {
				return err
			}
		}
		for _, tag := range e.RemoveTags {
			if _, err := w.exec("DELETE FROM member_tag WHERE tag = ? AND member_id = ?", strings.ToLower(strings.TrimSpace(tag)), id); err != nil {
				return err
			}
		}
		if err := w.setFields(id, e.Fields); err != nil {
			return err
		}
		version, err := w.newVersion()
		if err != nil {
			return err
		}
		return w.refreshMember(id, version)
	})
}

func (w *writer) setFields(id int64, fields map[string]string) error {
	for name, value := range fields {
		name = strings.ToLower(strings.TrimSpace(name))
		if value == "" {
			if _, err := w.exec("DELETE FROM member_field WHERE member_id = ? AND name = ?", id, name); err != nil {
				return err
			}
			continue
		}
		if _, err := w.exec(`INSERT INTO member_field (member_id, name, value) VALUES (?, ?, ?)
			ON CONFLICT (member_id, name) DO UPDATE SET value = excluded.value`, id, name, value); err != nil {
			return err
		}
	}
	return nil
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
