// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"

	"greenroom"
)

// school reports whether an organization is a school or university: it has domains, and all of them are schools'.
func (w *writer) school(organization int64) (bool, error) {
	domains, err := w.texts("SELECT domain FROM organization_domain WHERE organization_id = ?", organization)
	return w.allSchools(domains), err
}

func (w *writer) allSchools(domains []string) bool {
	return len(domains) > 0 && !slices.ContainsFunc(domains, func(d string) bool { return !w.schools.Has(d) })
}

// texts reads one column of texts.
func (w *writer) texts(q string, args ...any) ([]string, error) {
	rows, err := w.query(q, args...)
	if err != nil {
		return nil, err
	}
	var all []string
	err = scan(rows, func() error {
		var v string
		err := rows.Scan(&v)
		all = append(all, v)
		return err
	})
	return all, err
}

// kinds says of organizations that changed which are schools.
func (d *deriver) kinds() error {
	type one struct {
		kind    string
		domains []string
	}
	all := make(map[int64]*one)
	rows, err := d.query(`SELECT o.id, o.kind, coalesce(x.domain, '') FROM organization_dirty c JOIN organization o ON o.id = c.organization_id LEFT JOIN organization_domain x ON x.organization_id = o.id`)
	if err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var id int64
		var kind, domain string
		if err := rows.Scan(&id, &kind, &domain); err != nil {
			return err
		}
		if all[id] == nil {
			all[id] = &one{kind: kind}
		}
		if domain != "" {
			all[id].domains = append(all[id].domains, domain)
		}
		return nil
	}); err != nil {
		return err
	}
	for id, o := range all {
		kind := string(greenroom.KindCompany)
		if d.allSchools(o.domains) {
			kind = string(greenroom.KindEducation)
		}
		if kind == o.kind {
			continue
		}
		if _, err := d.exec("UPDATE organization SET kind = ? WHERE id = ?", kind, id); err != nil {
			return err
		}
	}
	return nil
}
