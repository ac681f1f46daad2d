// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"maps"
	"slices"

	"greenroom"
)

// Profiles name companies: "@acme", "Acme Inc.". Where nothing better tells an employer, that is one if exactly one organization is
// found by it. identity.company and organization_key hold by what they are found, so that either may come first.

// profileEmployer is the organization that the profiles of a member name; 0 where they name none that is known, or several.
func (w *writer) profileEmployer(parts []memberPart, set []placed) (int64, error) {
	found := make(map[int64]bool)
	for i := range parts {
		p := &parts[i]
		key := w.firms.Key(p.profile.Company)
		if key != p.company { // it was stored before this was kept
			if _, err := w.exec("UPDATE identity SET company = ? WHERE id = ?", key, p.id); err != nil {
				return 0, err
			}
		}
		if key == "" {
			continue
		}
		ids, err := w.ints("SELECT organization_id FROM organization_key WHERE key = ? LIMIT 2", key)
		if err != nil {
			return 0, err
		}
		if len(ids) == 1 {
			found[ids[0]] = true
		}
	}
	if len(found) != 1 {
		return 0, nil
	}
	organization := slices.Collect(maps.Keys(found))[0]
	if slices.ContainsFunc(set, func(p placed) bool {
		return p.kind == greenroom.PlacedNever && p.organization == organization
	}) {
		return 0, nil
	}
	return organization, nil
}

// companyKeys brings to what organizations that changed are found by, and has the members derived again whose profiles name one that
// is found otherwise now.
func (d *deriver) companyKeys() error {
	type one struct {
		names, domains []string
		have           map[string]bool
	}
	all := make(map[int64]*one)
	read := func(q string, add func(o *one, text string)) error {
		rows, err := d.query(q)
		if err != nil {
			return err
		}
		return scan(rows, func() error {
			var id int64
			var text string
			if err := rows.Scan(&id, &text); err != nil {
				return err
			}
			if all[id] == nil {
				all[id] = &one{have: make(map[string]bool)}
			}
			add(all[id], text)
			return nil
		})
	}
	const named = "CASE WHEN o.name_from = 'domain' THEN '' ELSE o.name END"
	questions := map[string]func(o *one, text string){
		"SELECT c.organization_id, " + named + " FROM organization_dirty c JOIN organization o ON o.id = c.organization_id WHERE o.merged_into = 0 AND o.hidden = 0 UNION ALL SELECT c.organization_id, " + named +
			" FROM organization_dirty c JOIN organization o ON o.merged_into = c.organization_id WHERE o.merged_into > 0": func(o *one, text string) { o.names = append(o.names, text) },
		"SELECT c.organization_id, x.domain FROM organization_dirty c JOIN organization_domain x ON x.organization_id = c.organization_id": func(o *one, text string) { o.domains = append(o.domains, text) },
		"SELECT c.organization_id, k.key FROM organization_dirty c JOIN organization_key k ON k.organization_id = c.organization_id":       func(o *one, text string) { o.have[text] = true },
	}
	for q, add := range questions {
		if err := read(q, add); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		o := all[id]
		if err := d.setCompanyKeys(id, o.have, d.firms.Keys(o.names, o.domains)); err != nil {
			return err
		}
	}
	return nil
}

func (d *deriver) setCompanyKeys(organization int64, have, want map[string]bool) error {
	change := func(q, key string) error {
		if _, err := d.exec(q, organization, key); err != nil {
			return err
		}
		_, err := d.exec("INSERT INTO identity_dirty (identity_id) SELECT id FROM identity WHERE company <> '' AND company = ? ON CONFLICT DO NOTHING", key)
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if want[key] {
			continue
		}
		if err := change("DELETE FROM organization_key WHERE organization_id = ? AND key = ?", key); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if have[key] {
			continue
		}
		if err := change("INSERT INTO organization_key (organization_id, key) VALUES (?, ?)", key); err != nil {
			return err
		}
	}
	return nil
}
