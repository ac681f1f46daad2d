// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
)

// This file removes a source with everything that came of it. That is done in portions, each in one transaction that
// also notes how far it is, so that it can be stopped at any moment and goes on: what was removed is not there to be
// removed again.

// removedAtOnce is how many rows one portion removes: few enough that others who write do not wait.
const removedAtOnce = 500

// AskRemoval disconnects a source, whose options become config without secrets, and notes that it is to be removed with
// its data. Asking again changes nothing.
func (s *Store) AskRemoval(ctx context.Context, sourceID int64, config map[string]string, by string) error {
	if err := s.Disconnect(ctx, sourceID, config); err != nil {
		return err
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec(`INSERT INTO source_removal (source_id, asked_at, asked_by, total) VALUES (?, ?, ?,
			(SELECT count(*) FROM activity WHERE source_id = ?) + (SELECT count(*) FROM identity WHERE source_id = ?)) ON CONFLICT DO NOTHING`,
			sourceID, micros(s.now()), by, sourceID, sourceID)
		return err
	})
}

// Removals lists the sources that are being removed, the first that was asked for first.
func (s *Store) Removals(ctx context.Context) ([]greenroom.Removal, error) {
	rows, err := s.query(ctx, "SELECT r.source_id, s.name, r.asked_at, r.asked_by, r.total, r.done FROM source_removal r JOIN source s ON s.id = r.source_id ORDER BY r.asked_at, r.source_id")
	if err != nil {
		return nil, err
	}
	all := []greenroom.Removal{}
	err = scan(rows, func() error {
		var r greenroom.Removal
		var at int64
		err := rows.Scan(&r.SourceID, &r.Source, &at, &r.AskedBy, &r.Total, &r.Done)
		r.AskedAt = fromMicros(at)
		all = append(all, r)
		return err
	})
	return all, err
}

// RemoveSource removes a source that AskRemoval has noted, from where it is on, until it is done or ctx ends. Nobody else
// may be at it, nor read the source: that is CodeConflict.
func (s *Store) RemoveSource(ctx context.Context, sourceID int64) error {
	for _, lane := range []greenroom.Lane{greenroom.LaneRead, greenroom.LanePush} {
		unlock, err := s.LockSource(ctx, sourceID, lane)
		if err != nil {
			return err
		}
		defer unlock()
	}
	if err := s.overwrite(ctx); err != nil {
		return err
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("removing source %d: %w", sourceID, err)
		}
		var err error
		if more, err = s.removePortion(ctx, sourceID, removedAtOnce); err != nil {
			return fmt.Errorf("removing source %d: %w", sourceID, err)
		}
	}
	return s.scrub(ctx)
}

func (s *Store) removePortion(ctx context.Context, sourceID int64, size int) (more bool, err error) {
	err = s.write(ctx, func(w *writer) error {
		r := &remover{eraser: &eraser{writer: w, at: micros(s.now())}, source: sourceID, size: size}
		more, err = r.portion()
		return err
	})
	return more, err
}

// remover removes a portion of a source inside one transaction.
type remover struct {
	*eraser
	source int64
	size   int // how many rows at most
}

// portion removes what comes next, and reports whether something may be left.
func (r *remover) portion() (more bool, err error) {
	for _, step := range []func() (int64, error){r.activities, r.conversations, r.records, r.accounts, r.payloadBlocks} {
		n, err := step()
		if err != nil {
			return false, err
		}
		if n > 0 {
			_, err := r.exec("UPDATE source_removal SET done = done + ? WHERE source_id = ?", n, r.source)
			return true, err
		}
	}
	return false, r.rest()
}

func (r *remover) some(table string) ([]int64, error) {
	return r.ints("SELECT id FROM "+table+" WHERE source_id = ? ORDER BY external_id LIMIT ?", r.source, r.size)
}

func (r *remover) activities() (int64, error) {
	ids, err := r.some("activity")
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := r.mark("activity"); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := r.activity(id); err != nil {
			return 0, err
		}
	}
	return int64(len(ids)), nil
}

// conversations removes conversations, and leaves for those who follow them that they are gone.
func (r *remover) conversations() (int64, error) {
	ids, err := r.ints("SELECT id FROM conversation WHERE source_id = ? LIMIT ?", r.source, r.size)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	version, err := r.newVersion()
	if err != nil {
		return 0, err
	}
	if err := r.mark("inbox_event"); err != nil {
		return 0, err
	}
	for _, id := range ids {
		for _, q := range []string{"DELETE FROM conversation WHERE id = ?", "DELETE FROM conversation_dirty WHERE conversation_id = ?", "DELETE FROM inbox_item WHERE conversation_id = ?", "DELETE FROM inbox_event WHERE conversation_id = ?"} {
			if _, err := r.exec(q, id); err != nil {
				return 0, err
			}
		}
		if _, err := r.exec("INSERT INTO conversation_gone (id, version) VALUES (?, ?) ON CONFLICT DO NOTHING", id, version); err != nil {
			return 0, err
		}
	}
	_, err = r.exec("UPDATE source_removal SET total = total + ? WHERE source_id = ?", len(ids), r.source)
	return int64(len(ids)), err
}

func (r *remover) records() (int64, error) {
	ids, err := r.ints("SELECT id FROM business_record WHERE source_id = ? LIMIT ?", r.source, r.size)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := r.mark("business_record"); err != nil {
		return 0, err
	}
	for _, id := range ids {
		for _, q := range []string{"DELETE FROM record_stage WHERE record_id = ?", "DELETE FROM record_revenue WHERE record_id = ?", "DELETE FROM business_record WHERE id = ?"} {
			if _, err := r.exec(q, id); err != nil {
				return 0, err
			}
		}
	}
	_, err = r.exec("UPDATE source_removal SET total = total + ? WHERE source_id = ?", len(ids), r.source)
	return int64(len(ids)), err
}

// accounts removes accounts, and the members who have no other. Those who have are found again from what is left.
func (r *remover) accounts() (int64, error) {
	ids, err := r.some("identity")
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := r.mark("identity"); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := r.removeAccount(id); err != nil {
			return 0, fmt.Errorf("account %d: %w", id, err)
		}
	}
	var left int64
	if err := r.row("SELECT count(*) FROM (SELECT 1 FROM identity WHERE source_id = ? LIMIT 1) x", []any{r.source}, &left); err != nil || left > 0 {
		return int64(len(ids)), err
	}
	removed, err := r.followed("removed") // those who follow look for the missing ones now
	if err != nil {
		return 0, err
	}
	return int64(len(ids)), r.setFollowed("removed", removed+1)
}

func (r *remover) removeAccount(id int64) error {
	var member, org int64
	if err := r.row("SELECT i.member_id, m.organization_id FROM identity i JOIN member m ON m.id = i.member_id WHERE i.id = ?", []any{id}, &member, &org); err != nil {
		return err
	}
	others, err := r.ints("SELECT id FROM identity WHERE member_id = ? AND id <> ? ORDER BY id", member, id)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		if err := r.handOver(id, others[0]); err != nil {
			return err
		}
		// They are found again, counted again and, where the member was called by this one, called by another.
		if err := r.bulk("INSERT INTO identity_dirty (identity_id) VALUES (?) ON CONFLICT DO NOTHING", len(others), func(i int) []any { return []any{others[i]} }); err != nil {
			return err
		}
	}
	if err := r.account(id); err != nil {
		return err
	}
	if org > 0 {
		if _, err := r.exec("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", org); err != nil {
			return err
		}
	}
	if len(others) > 0 {
		return nil
	}
	return r.person(member)
}

// handOver lets another account of the same member stand for what people decided of one that goes: what was set of the
// member, and that others are one member.
func (r *remover) handOver(from, to int64) error {
	if _, err := r.exec("UPDATE member SET anchor = ? WHERE anchor = ? OR anchor = 0 AND id = ?", to, from, from); err != nil {
		return err
	}
	rows, err := r.query("SELECT decision_id, a, b, member_id, reason, overruled FROM together WHERE a = ? OR b = ? ORDER BY decision_id, a, b", from, from)
	if err != nil {
		return err
	}
	type link struct {
		decision, a, b, member, overruled int64
		reason                            string
	}
	var links []link
	if err := scan(rows, func() error {
		var l link
		err := rows.Scan(&l.decision, &l.a, &l.b, &l.member, &l.reason, &l.overruled)
		links = append(links, l)
		return err
	}); err != nil {
		return err
	}
	for _, l := range links {
		for _, end := range []*int64{&l.a, &l.b} {
			if *end == from {
				*end = to
			}
		}
		if _, err := r.exec("INSERT INTO together (decision_id, a, b, member_id, reason, overruled) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			l.decision, l.a, l.b, l.member, l.reason, l.overruled); err != nil {
			return err
		}
	}
	return nil
}

func (r *remover) payloadBlocks() (int64, error) {
	if err := r.mark("raw_block"); err != nil {
		return 0, err
	}
	n, err := r.exec("DELETE FROM raw_block WHERE id IN (SELECT id FROM raw_block WHERE source_id = ? LIMIT ?)", r.source, max(1, r.size/10))
	if err != nil || n == 0 {
		return 0, err
	}
	_, err = r.exec("UPDATE source_removal SET total = total + ? WHERE source_id = ?", n, r.source)
	return n, err
}

// rest removes what there is little of, and the source itself.
func (r *remover) rest() error {
	for _, table := range []string{"channel", "run", "delivery", "source"} {
		if err := r.mark(table); err != nil {
			return err
		}
	}
	for _, q := range []string{
		"DELETE FROM run_reject WHERE run_id IN (SELECT id FROM run WHERE source_id = ?)", "DELETE FROM run_left_out WHERE run_id IN (SELECT id FROM run WHERE source_id = ?)",
		"DELETE FROM run WHERE source_id = ?", "DELETE FROM channel WHERE source_id = ?", "DELETE FROM thread WHERE source_id = ?", "DELETE FROM tombstone WHERE source_id = ?",
		"DELETE FROM delivery WHERE source_id = ?", "DELETE FROM shape WHERE source_id = ?", "DELETE FROM shape_field WHERE source_id = ?", "DELETE FROM pushed_member WHERE source_id = ?",
		"DELETE FROM action_schedule WHERE source = (SELECT name FROM source WHERE id = ?)", "DELETE FROM source_alias WHERE source_id = ?",
		"DELETE FROM expired WHERE source_id = ?",
	} {
		if _, err := r.exec(q, r.source); err != nil {
			return err
		}
	}
	if err := r.organizations(); err != nil {
		return err
	}
	// Who was erased earlier is counted on, so that the number of erased accounts never goes down.
	var erased int64
	if err := r.row("SELECT count(*) FROM erased WHERE source_id = ?", []any{r.source}, &erased); err != nil {
		return err
	}
	removed, err := r.followed("removed")
	if err != nil {
		return err
	}
	if err := r.setFollowed("removed", removed+erased); err != nil {
		return err
	}
	for _, q := range []string{"DELETE FROM erased WHERE source_id = ?", "DELETE FROM source_removal WHERE source_id = ?", "DELETE FROM source WHERE id = ?"} {
		if _, err := r.exec(q, r.source); err != nil {
			return err
		}
	}
	return nil
}

// organizations removes those that only this source told of. Members belong to one by an account or by hand; those whose
// account has just gone are computed again afterwards.
func (r *remover) organizations() error {
	if err := r.unsettle(); err != nil {
		return err
	}
	for _, table := range []string{"organization", "organization_merge", "organization_apart"} {
		if err := r.mark(table); err != nil {
			return err
		}
	}
	conds := []string{"o.name_from <> 'hand' AND o.hidden = 0 AND NOT EXISTS (SELECT 1 FROM organization_merge x WHERE x.kept = o.id AND x.undone_at = 0)"}
	for _, table := range []string{"organization_ref", "identity", "business_record", "member_organization_set", "identity_move"} {
		conds = append(conds, "NOT EXISTS (SELECT 1 FROM "+table+" x WHERE x.organization_id > 0 AND x.organization_id = CASE WHEN o.merged_into > 0 THEN o.merged_into ELSE o.id END AND "+asTold+" = o.id)")
	}
	for { // what others are part of goes after them
		ids, err := r.ints("SELECT o.id FROM organization o WHERE " + strings.Join(conds, " AND ") + " ORDER BY o.id")
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return r.settleParents()
		}
		for _, id := range ids {
			if err := r.organization(id); err != nil {
				return err
			}
		}
	}
}

// organization removes one of which nothing is told any more, and what people said of it.
func (r *remover) organization(id int64) error {
	root, told, err := r.stands(id)
	if err != nil {
		return err
	}
	was, err := r.knownBy(root)
	if err != nil {
		return err
	}
	if _, err := r.exec("DELETE FROM organization_domain WHERE organization_id = ? AND "+asTold+" = ?", root, id); err != nil {
		return err
	}
	if told > 0 {
		if err := r.knownAnew(root, was); err != nil {
			return err
		}
	}
	if _, err := r.exec(`INSERT INTO identity_dirty (identity_id) SELECT i.id FROM organization_key k JOIN identity i ON i.company = k.key AND i.company <> ''
		WHERE k.organization_id = ? ON CONFLICT DO NOTHING`, id); err != nil {
		return err
	}
	for _, table := range []string{"organization_key", "organization_tag", "organization_tag_told", "organization_field", "organization_dirty", "organization_origin"} {
		if _, err := r.exec("DELETE FROM "+table+" WHERE organization_id = ?", id); err != nil {
			return err
		}
	}
	for _, q := range []string{
		"DELETE FROM organization_merge WHERE gone = ? OR kept = ?", "DELETE FROM organization_apart WHERE a = ? OR b = ?",
		"DELETE FROM organization_parent WHERE organization_id = ? OR parent_id = ?",
	} {
		if _, err := r.exec(q, id, id); err != nil {
			return err
		}
	}
	if _, err := r.exec("DELETE FROM organization WHERE id = ?", id); err != nil || told == 0 {
		return err
	}
	if err := r.settleGroup(root); err != nil {
		return err
	}
	return r.groupTags(root)
}
