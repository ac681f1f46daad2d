// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
)

// byRule is the author of decisions that no person made.
const byRule = "rule"

type mergeRequest struct {
	into, from int64
	reason, by string
	at         int64
	version    int64
}

// merge makes the identities of one member another's, and records the decision with what is needed to undo it. The
// caller refreshes the member.
func (w *writer) merge(r mergeRequest) (decision int64, err error) {
	moved, err := w.ints("SELECT id FROM identity WHERE member_id = ? ORDER BY id", r.from)
	if err != nil {
		return 0, err
	}
	if err := w.moveIdentities(moved, r.into, r.reason, r.version); err != nil {
		return 0, err
	}
	if _, err := w.exec("UPDATE member SET merged_into = ? WHERE id = ? OR (merged_into > 0 AND merged_into = ?)", r.into, r.from, r.from); err != nil {
		return 0, err
	}
	if _, err := w.exec(`INSERT INTO member_tag (tag, member_id) SELECT tag, ? FROM member_tag WHERE member_id = ? ON CONFLICT DO NOTHING`, r.into, r.from); err != nil {
		return 0, err
	}
	if _, err := w.exec(`INSERT INTO member_field (member_id, name, value) SELECT ?, name, value FROM member_field WHERE member_id = ? ON CONFLICT DO NOTHING`, r.into, r.from); err != nil {
		return 0, err
	}
	if _, err := w.exec("DELETE FROM member_search WHERE rowid = ?", r.from); err != nil {
		return 0, err
	}
	if _, err := w.exec(`INSERT INTO organization_dirty (organization_id) SELECT organization_id FROM member WHERE id = ? AND organization_id > 0
		ON CONFLICT DO NOTHING`, r.from); err != nil {
		return 0, err
	}
	return w.decide("merge", r.into, r.from, moved, r.reason, r.by, r.at)
}

// moveIdentities points identities at another member and marks the conversations they took part in, since who answered
// whom has changed.
func (w *writer) moveIdentities(ids []int64, member int64, reason string, version int64) error {
	for _, id := range ids {
		if _, err := w.exec("UPDATE identity SET member_id = ?, match_reason = ?, version = ? WHERE id = ?", member, reason, version, id); err != nil {
			return err
		}
		if _, err := w.exec(`INSERT INTO conversation_dirty (conversation_id)
			SELECT DISTINCT conversation_id FROM activity WHERE identity_id = ? AND conversation_id > 0 ON CONFLICT DO NOTHING`, id); err != nil {
			return err
		}
	}
	return nil
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
