// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"

	"greenroom"
)

// toldByDomains is what the domains of an organization say of the people that it is told of (inLine): whether an address tells where they
// work, and whether it is a school or university, all of whose domains are schools'.
type toldByDomains struct{ domain, school bool }

func (w *writer) knownBy(organization int64) (toldByDomains, error) {
	domains, err := w.texts("SELECT domain FROM organization_domain WHERE organization_id = ?", organization)
	return w.byDomains(domains), err
}

func (w *writer) byDomains(domains []string) toldByDomains {
	return toldByDomains{domain: len(domains) > 0, school: len(domains) > 0 && !slices.ContainsFunc(domains, func(d string) bool { return !w.schools.Has(d) })}
}

// knownAnew has the people that an organization is told of derived again, where its domains say something else of them than before.
func (w *writer) knownAnew(organization int64, was toldByDomains) error {
	if is, err := w.knownBy(organization); err != nil || is == was {
		return err
	}
	_, err := w.exec(`INSERT INTO identity_dirty (identity_id) SELECT id FROM identity WHERE organization_id > 0 AND organization_id = ?
		UNION SELECT identity_id FROM identity_move WHERE organization_id > 0 AND organization_id = ? ON CONFLICT DO NOTHING`, organization, organization)
	return err
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
		if d.byDomains(o.domains).school {
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
