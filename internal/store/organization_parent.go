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
				return w.circle(organization, parent)
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

// circle refuses to put an organization below one that is below it, or itself.
func (w *writer) circle(organization, parent int64) error {
	var name, above string
	if err := w.row("SELECT o.name, p.name FROM organization o, organization p WHERE o.id = ? AND p.id = ?", []any{organization, parent}, &name, &above); err != nil {
		return err
	}
	if organization == parent {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be part of itself", name)
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be part of %s, which is part of %s", name, above, name)
}

// UndoOrganizationParent takes back what people said of which organization another is below, so that what sources tell counts.
// CodeConflict where nobody said anything.
func (s *Store) UndoOrganizationParent(ctx context.Context, organization int64) error {
	return s.write(ctx, func(w *writer) error {
		if err := w.wholeOrganization(organization); err != nil {
			return err
		}
		n, err := w.exec(`DELETE FROM organization_parent WHERE organization_id = ?
			OR organization_id IN (SELECT o.id FROM organization o WHERE o.merged_into = ? AND o.merged_into > 0)`, organization, organization)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "nobody said by hand what organization %d is part of; what sources tell counts already", organization)
		}
		return w.settleParents()
	})
}

// parentsSaid is who says of which organizations, by those that stand for them, that they are below which. What counts comes first:
// what people say before what sources tell, what is said of an organization itself before what is said of its parts, and of tellings
// the newest. Of what a source tells, parent is 0 where it has not told of that organization.
const parentsSaid = `SELECT y.child, y.parent, y.told, y.above, y.actor, y.at, coalesce(o.name, ''), coalesce(s.name, '') FROM (
	SELECT CASE WHEN o.merged_into > 0 THEN o.merged_into ELSE o.id END AS child, coalesce(CASE WHEN p.merged_into > 0 THEN p.merged_into ELSE p.id END, 0) AS parent,
		0 AS told, CASE WHEN o.merged_into > 0 THEN 1 ELSE 0 END AS part, o.id, 0 AS source_id, '' AS above, x.actor, x.at, '' AS ref
	FROM organization_parent x JOIN organization o ON o.id = x.organization_id LEFT JOIN organization p ON p.id = x.parent_id
	UNION ALL SELECT r.organization_id, coalesce(p.organization_id, 0), 1, CASE WHEN r.organization_told > 0 THEN 1 ELSE 0 END,
		CASE WHEN r.organization_told > 0 THEN r.organization_told ELSE r.organization_id END, r.source_id, r.parent, '', r.told_at, r.external_id
	FROM organization_ref r LEFT JOIN organization_ref p ON p.source_id = r.source_id AND p.external_id = r.parent WHERE r.parent <> ''
	) y LEFT JOIN organization o ON o.id = y.parent LEFT JOIN source s ON s.id = y.source_id%s
	ORDER BY y.told, y.part, y.id, y.at DESC, y.source_id DESC, y.ref DESC`

// parentSaid is one line of it.
type parentSaid struct {
	greenroom.OrganizationParent
	child, told int64
}

func scanParentSaid(rows rowScanner) (p parentSaid, err error) {
	var at int64
	err = rows.Scan(&p.child, &p.ParentID, &p.told, &p.ExternalID, &p.By, &at, &p.Parent, &p.Source)
	p.At = fromMicros(at)
	return p, err
}

// settleParents has organization.parent_id follow from what people said, from what sources tell, and from merges. What would make a
// circle, since a merge or another source put one under itself, is passed over.
func (w *writer) settleParents() error {
	rows, err := w.query(fmt.Sprintf(parentsSaid, ""))
	if err != nil {
		return err
	}
	parents := make(map[int64]int64)
	if err := scan(rows, func() error {
		x, err := scanParentSaid(rows)
		if _, said := parents[x.child]; said || err != nil || x.told != 0 && x.ParentID == 0 {
			return err
		}
		for at := x.ParentID; at > 0; at = parents[at] {
			if at == x.child {
				return nil
			}
		}
		parents[x.child] = x.ParentID
		return nil
	}); err != nil {
		return err
	}
	if rows, err = w.query("SELECT id, parent_id FROM organization WHERE parent_id > 0"); err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var id, parent int64
		err := rows.Scan(&id, &parent)
		switch parents[id] {
		case parent:
			delete(parents, id)
		case 0:
			parents[id] = 0
		}
		return err
	}); err != nil {
		return err
	}
	for id, parent := range parents {
		if _, err := w.exec("UPDATE organization SET parent_id = ? WHERE id = ?", parent, id); err != nil {
			return err
		}
	}
	return nil
}

// OrganizationParents lists who says of an organization below which it is, and which of them counts.
func (s *Store) OrganizationParents(ctx context.Context, organization int64) ([]greenroom.OrganizationParent, error) {
	var counts int64
	if err := s.queryRow(ctx, "SELECT parent_id FROM organization WHERE id = ?", []any{organization}, &counts); err != nil {
		return nil, fmt.Errorf("reading what organization %d is below: %w", organization, err)
	}
	rows, err := s.query(ctx, fmt.Sprintf(parentsSaid, " WHERE y.child = ?"), organization)
	if err != nil {
		return nil, fmt.Errorf("reading who says what organization %d is below: %w", organization, err)
	}
	all, found := []greenroom.OrganizationParent{}, false
	err = scan(rows, func() error {
		p, err := scanParentSaid(rows)
		p.Counts = !found && p.ParentID == counts && (counts > 0 || p.told == 0)
		found = found || p.Counts
		all = append(all, p.OrganizationParent)
		return err
	})
	return all, err
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
