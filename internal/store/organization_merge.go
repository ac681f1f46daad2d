// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"greenroom"
)

// Two organizations that are one: organization_merge has who said so, a forest of which organization is gone into which.
// organization.merged_into is the root of the tree that an organization stands in, and every row that names one has the root
// as organization_id, so that whoever reads counts for the root; where another was told, that is organization_told. All that
// follows can so be found again from what was told and what was decided: regroup does it for the part of a tree that moves.

// asTold is the organization that a row names as it was told.
const asTold = "CASE WHEN organization_told > 0 THEN organization_told ELSE organization_id END"

// told lists the tables whose rows name the organization that they were told of.
func told() []string {
	return []string{"organization_domain", "organization_ref", "identity", "identity_move", "business_record", "business_note", "member_organization_set"}
}

// stands gives the organization that stands for one which was told, and what is kept of that: 0 where they are the same.
func (w *writer) stands(organization int64) (root, told int64, err error) {
	if organization <= 0 {
		return organization, 0, nil
	}
	var into int64
	if err := w.row("SELECT merged_into FROM organization WHERE id = ?", []any{organization}, &into); err != nil {
		return 0, 0, err
	}
	if into > 0 {
		return into, organization, nil
	}
	return organization, 0, nil
}

// stands is that of a writer, with what is part of what read once.
func (a *appender) stands(organization int64) (root, told int64, err error) {
	if a.parts == nil {
		a.parts = make(map[int64]int64)
		rows, err := a.query("SELECT id, merged_into FROM organization WHERE merged_into > 0")
		if err != nil {
			return 0, 0, err
		}
		if err := scan(rows, func() error {
			var id, into int64
			err := rows.Scan(&id, &into)
			a.parts[id] = into
			return err
		}); err != nil {
			return 0, 0, err
		}
	}
	if into := a.parts[organization]; into > 0 {
		return into, organization, nil
	}
	return organization, 0, nil
}

// MergeOrganizations makes gone a part of kept, and returns the number of the decision. CodeConflict where one of them is part of
// another already.
func (s *Store) MergeOrganizations(ctx context.Context, kept, gone int64, reason, by string) (decision int64, err error) {
	if kept == gone {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "organization %d cannot be merged with itself", kept)
	}
	err = s.write(ctx, func(w *writer) error {
		for _, id := range []int64{kept, gone} {
			if err := w.wholeOrganization(id); err != nil {
				return err
			}
		}
		last, err := w.lastID("organization_merge")
		if err != nil {
			return err
		}
		decision = last + 1
		if _, err := w.exec("INSERT INTO organization_merge (id, gone, kept, reason, actor, at) VALUES (?, ?, ?, ?, ?, ?)", decision, gone, kept, reason, by, micros(s.now())); err != nil {
			return err
		}
		moving, err := w.ints("SELECT id FROM organization WHERE merged_into = ? AND merged_into > 0 ORDER BY id", gone)
		if err != nil {
			return err
		}
		return w.regroup(append([]int64{gone}, moving...), gone, kept)
	})
	return decision, err
}

// wholeOrganization makes sure that an organization is there and is no part of another.
func (w *writer) wholeOrganization(id int64) error {
	var into int64
	err := w.row("SELECT merged_into FROM organization WHERE id = ?", []any{id}, &into)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no organization %d", id)
	}
	if err == nil && into != 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "organization %d is part of organization %d already", id, into)
	}
	return err
}

// UndoOrganizationMerge takes a merge back: what is gone stands for itself again, with what was merged into it before.
func (s *Store) UndoOrganizationMerge(ctx context.Context, id int64) (greenroom.OrganizationMerge, error) {
	var m greenroom.OrganizationMerge
	err := s.write(ctx, func(w *writer) error {
		rows, err := w.query(merges+" WHERE x.id = ?", id)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error { return scanMerge(rows, &m) }); err != nil {
			return err
		}
		switch {
		case m.ID == 0:
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no merge of organizations %d", id)
		case !m.UndoneAt.IsZero():
			return greenroom.Errorf(greenroom.CodeConflict, "merge %d was undone already", id)
		}
		m.UndoneAt = s.now()
		if _, err := w.exec("UPDATE organization_merge SET undone_at = ? WHERE id = ?", micros(m.UndoneAt), id); err != nil {
			return err
		}
		root, _, err := w.stands(m.Gone)
		if err != nil {
			return err
		}
		moving, err := w.under(m.Gone)
		if err != nil {
			return err
		}
		return w.regroup(moving, root, m.Gone)
	})
	return m, err
}

// under lists an organization and all that was merged into it, by the merges that stand.
func (w *writer) under(id int64) ([]int64, error) {
	all := []int64{id}
	for i := 0; i < len(all); i++ {
		more, err := w.ints("SELECT gone FROM organization_merge WHERE kept = ? AND undone_at = 0 ORDER BY gone", all[i])
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// regroup brings everything to that some organizations, as they were told, have moved from the tree of one root into that of
// another, or become one of their own.
func (w *writer) regroup(moving []int64, before, after int64) error {
	people := make(map[int64]bool)
	for _, id := range moving {
		if err := w.peopleTold(before, id, people); err != nil {
			return err
		}
	}
	stays := before // the part of the larger tree that does not move
	if slices.Contains(moving, before) {
		stays = after
	}
	was, err := w.knownBy(stays)
	if err != nil {
		return err
	}
	for _, id := range moving {
		into, keep := after, id
		if id == after {
			into, keep = 0, 0
		}
		if _, err := w.exec("UPDATE organization SET merged_into = ? WHERE id = ?", into, id); err != nil {
			return err
		}
		for _, table := range told() {
			if _, err := w.exec("UPDATE "+table+" SET organization_id = ?, organization_told = ? WHERE organization_id > 0 AND organization_id = ? AND "+asTold+" = ?", after, keep, before, id); err != nil {
				return err
			}
		}
	}
	if is, err := w.knownBy(stays); err != nil || is != was {
		if err == nil {
			err = w.peopleTold(stays, 0, people)
		}
		if err != nil {
			return err
		}
	}
	if err := w.settleMoved(moving, before, after); err != nil {
		return err
	}
	return w.refreshAll(slices.Sorted(maps.Keys(people)))
}

// settleMoved settles what follows from which organizations are one, but for their members.
func (w *writer) settleMoved(moving []int64, before, after int64) error {
	roots := []int64{before, after}
	for _, id := range append(roots, moving...) {
		if err := w.settleGroup(id); err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", id); err != nil {
			return err
		}
	}
	for _, id := range roots {
		if err := w.groupTags(id); err != nil {
			return err
		}
	}
	return w.settleParents()
}

// peopleTold adds the members of whom somebody says, or said, that they are with an organization; told 0 = with any of those
// that a root stands for.
func (w *writer) peopleTold(root, told int64, into map[int64]bool) error {
	ids, err := w.ints(`SELECT i.member_id FROM identity i WHERE i.organization_id > 0 AND i.organization_id = ? AND (? = 0 OR `+asTold+` = ?)
		UNION SELECT i.member_id FROM (SELECT identity_id FROM identity_move WHERE organization_id > 0 AND organization_id = ? AND (? = 0 OR `+asTold+` = ?)) x JOIN identity i ON i.id = x.identity_id
		UNION SELECT CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END FROM (SELECT member_id FROM member_organization_set WHERE organization_id = ? AND (? = 0 OR `+asTold+` = ?)) s
			JOIN member m ON m.id = s.member_id`, root, told, told, root, told, told, root, told, told)
	for _, id := range ids {
		into[id] = true
	}
	return err
}

// groupTags gives an organization the tags of all that it stands for, and none where it is part of another.
func (w *writer) groupTags(id int64) error {
	if _, err := w.exec("DELETE FROM organization_tag WHERE organization_id = ? OR organization_id IN (SELECT x.id FROM organization x WHERE x.merged_into = ? AND x.merged_into > 0)", id, id); err != nil {
		return err
	}
	_, err := w.exec(`INSERT INTO organization_tag (tag, organization_id) SELECT DISTINCT t.tag, CASE WHEN o.merged_into > 0 THEN o.merged_into ELSE o.id END
		FROM organization o JOIN organization_tag_told t ON t.organization_id = o.id WHERE o.id = ? OR (o.merged_into > 0 AND o.merged_into = ?) ON CONFLICT DO NOTHING`, id, id)
	return err
}

const merges = `SELECT x.id, x.gone, coalesce(g.name, ''), x.kept, coalesce(k.name, ''), x.reason, x.actor, x.at, x.undone_at FROM organization_merge x
	LEFT JOIN organization g ON g.id = x.gone LEFT JOIN organization k ON k.id = x.kept`

func scanMerge(rows rowScanner, m *greenroom.OrganizationMerge) error {
	var at, undone int64
	err := rows.Scan(&m.ID, &m.Gone, &m.GoneName, &m.Kept, &m.KeptName, &m.Reason, &m.By, &at, &undone)
	m.At, m.UndoneAt = fromMicros(at), fromMicros(undone)
	return err
}

// OrganizationMerges lists the merges that an organization, and what is part of it, took part in, the newest first, also those
// that were undone.
func (s *Store) OrganizationMerges(ctx context.Context, organization int64) ([]greenroom.OrganizationMerge, error) {
	rows, err := s.query(ctx, merges+` WHERE x.gone = ? OR x.kept = ? OR x.kept IN (SELECT o.id FROM organization o WHERE o.merged_into = ? AND o.merged_into > 0)
		ORDER BY x.at DESC, x.id DESC`, organization, organization, organization)
	if err != nil {
		return nil, fmt.Errorf("reading the merges of organization %d: %w", organization, err)
	}
	all := []greenroom.OrganizationMerge{}
	err = scan(rows, func() error {
		var m greenroom.OrganizationMerge
		err := scanMerge(rows, &m)
		all = append(all, m)
		return err
	})
	return all, err
}
