// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"greenroom"
)

// SetOrganizationParent says below which organization another is; 0 = below none. CodeInvalid where it would be below itself.
func (s *Store) SetOrganizationParent(ctx context.Context, organization, parent int64, by string) error {
	return s.write(ctx, func(w *writer) error {
		if err := w.wholeOrganization(organization); err != nil {
			return err
		}
		for at := parent; at > 0; {
			if at == organization {
				return greenroom.Errorf(greenroom.CodeInvalid, "organization %d cannot be below organization %d: that is below it, or the same", organization, parent)
			}
			if err := w.wholeOrganization(at); err != nil {
				return err
			}
			if err := w.row("SELECT parent_id FROM organization WHERE id = ?", []any{at}, &at); err != nil {
				return err
			}
		}
		if _, err := w.exec(`INSERT INTO organization_parent (organization_id, parent_id, actor, at) VALUES (?, ?, ?, ?)
			ON CONFLICT (organization_id) DO UPDATE SET parent_id = excluded.parent_id, actor = excluded.actor, at = excluded.at`, organization, parent, by, micros(s.now())); err != nil {
			return err
		}
		return w.settleParents()
	})
}

// settleParents has organization.parent_id follow from what people said and from merges. What was said of an organization itself
// holds over what was said of its parts, and of these the first; what would make a circle, since a merge put one under itself, is
// passed over.
func (w *writer) settleParents() error {
	rows, err := w.query(`SELECT CASE WHEN o.merged_into > 0 THEN o.merged_into ELSE o.id END, coalesce(CASE WHEN p.merged_into > 0 THEN p.merged_into ELSE p.id END, 0)
		FROM organization_parent x JOIN organization o ON o.id = x.organization_id LEFT JOIN organization p ON p.id = x.parent_id
		ORDER BY CASE WHEN o.merged_into > 0 THEN 1 ELSE 0 END, o.id`)
	if err != nil {
		return err
	}
	parents := make(map[int64]int64)
	if err := scan(rows, func() error {
		var id, parent int64
		if err := rows.Scan(&id, &parent); err != nil {
			return err
		}
		if _, said := parents[id]; said {
			return nil
		}
		for at := parent; at > 0; at = parents[at] {
			if at == id {
				return nil
			}
		}
		parents[id] = parent
		return nil
	}); err != nil {
		return err
	}
	if _, err := w.exec("UPDATE organization SET parent_id = 0 WHERE parent_id > 0"); err != nil {
		return err
	}
	for id, parent := range parents {
		if parent == 0 {
			continue
		}
		if _, err := w.exec("UPDATE organization SET parent_id = ? WHERE id = ?", parent, id); err != nil {
			return err
		}
	}
	return nil
}

// Subsidiaries lists the organizations right below one, by name.
func (s *Store) Subsidiaries(ctx context.Context, organization int64) ([]greenroom.Organization, error) {
	l := organizationListing()
	rows, err := s.query(ctx, "SELECT "+l.columns+" FROM "+l.whole()+" WHERE o.parent_id = ? AND o.parent_id > 0 AND o.hidden = 0 ORDER BY o.name, o.id", organization)
	if err != nil {
		return nil, fmt.Errorf("reading what is below organization %d: %w", organization, err)
	}
	all := []greenroom.Organization{}
	if err := scan(rows, func() error {
		o, _, err := scanOrganization(rows)
		all = append(all, o)
		return err
	}); err != nil {
		return nil, err
	}
	return all, s.fillOrganizations(ctx, all)
}
