// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// domainOrganization is the organization of an e-mail domain, made when absent with the domain as its name.
func (a *appender) domainOrganization(domain string) (int64, error) {
	if domain == "" {
		return 0, nil
	}
	var id int64
	err := a.row("SELECT organization_id FROM organization_domain WHERE domain = ?", []any{domain}, &id)
	if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return id, err
	}
	if id, err = a.addOrganization(domain, "domain"); err != nil {
		return 0, err
	}
	_, err = a.exec("INSERT INTO organization_domain (domain, organization_id) VALUES (?, ?)", domain, id)
	return id, err
}

func (a *appender) addOrganization(name, from string) (int64, error) {
	last, err := a.lastID("organization")
	if err != nil {
		return 0, err
	}
	_, err = a.exec("INSERT INTO organization (id, name, name_from) VALUES (?, ?, ?)", last+1, name, from)
	return last + 1, err
}

// organizations stores the organizations that a source tells: found again by the source's own id, by one of their
// domains, or by their exact name, else made.
func (a *appender) organizations() error {
	for i := range a.p.Organizations {
		o := &a.p.Organizations[i]
		if o.ExternalID == "" {
			o.ExternalID = orgRef(o.Name)
		}
		if o.ExternalID == "" {
			continue
		}
		var id, hash int64
		err := a.row("SELECT organization_id, hash FROM organization_ref WHERE source_id = ? AND external_id = ?", []any{a.run.SourceID, o.ExternalID}, &id, &hash)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		if err == nil && hash == a.p.OrgHash[i] {
			a.unchanged++
			continue
		}
		if id == 0 {
			if id, err = a.findOrganization(o); err != nil {
				return err
			}
		}
		if err := a.writeOrganization(id, o, a.p.OrgHash[i]); err != nil {
			return fmt.Errorf("organization %q: %w", o.ExternalID, err)
		}
		a.stored++
	}
	return nil
}

// orgRef is how an organization without an id of the source is called: its name in lower case.
func orgRef(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

func (a *appender) findOrganization(o *connector.Organization) (int64, error) {
	for _, d := range o.Domains {
		var id int64
		err := a.row("SELECT organization_id FROM organization_domain WHERE domain = ?", []any{strings.ToLower(d)}, &id)
		if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return id, err
		}
	}
	name := o.Name
	if name == "" {
		name = o.ExternalID
	}
	var id int64
	err := a.row("SELECT organization_id FROM organization_ref WHERE external_id = ? ORDER BY organization_id LIMIT 1", []any{orgRef(name)}, &id)
	if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return id, err
	}
	return a.addOrganization(name, "record")
}

func (a *appender) writeOrganization(id int64, o *connector.Organization, hash int64) error {
	block, pos := a.raw(o.Raw)
	if _, err := a.exec(`UPDATE organization SET
		name = CASE WHEN ? <> '' AND name_from <> 'hand' THEN ? ELSE name END,
		name_from = CASE WHEN ? <> '' AND name_from <> 'hand' THEN 'record' ELSE name_from END,
		lifecycle = CASE WHEN ? <> '' THEN ? ELSE lifecycle END,
		size = CASE WHEN ? > 0 THEN ? ELSE size END,
		country = CASE WHEN ? <> '' THEN ? ELSE country END WHERE id = ?`,
		o.Name, o.Name, o.Name, o.Lifecycle, strings.ToLower(o.Lifecycle), o.Size, o.Size, o.Country, o.Country, id); err != nil {
		return err
	}
	refs := []string{o.ExternalID}
	if named := orgRef(o.Name); named != "" && named != o.ExternalID {
		refs = append(refs, named)
	}
	for i, ref := range refs {
		h := hash
		if i > 0 {
			h = 0 // only a way to find it
		}
		if _, err := a.exec(`INSERT INTO organization_ref (source_id, external_id, organization_id, hash, raw_block, raw_pos) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (source_id, external_id) DO UPDATE SET hash = excluded.hash, raw_block = excluded.raw_block, raw_pos = excluded.raw_pos`,
			a.run.SourceID, ref, id, h, block, pos); err != nil {
			return err
		}
	}
	for _, d := range o.Domains {
		if d = strings.ToLower(strings.TrimSpace(d)); d == "" {
			continue
		}
		if _, err := a.exec("INSERT INTO organization_domain (domain, organization_id) VALUES (?, ?) ON CONFLICT DO NOTHING", d, id); err != nil {
			return err
		}
	}
	for _, tag := range o.Tags {
		if _, err := a.exec("INSERT INTO organization_tag (tag, organization_id) VALUES (?, ?) ON CONFLICT DO NOTHING", strings.ToLower(tag), id); err != nil {
			return err
		}
	}
	for name, value := range o.Fields {
		if _, err := a.exec(`INSERT INTO organization_field (organization_id, name, value) VALUES (?, ?, ?)
			ON CONFLICT (organization_id, name) DO UPDATE SET value = excluded.value`, id, strings.ToLower(name), value); err != nil {
			return err
		}
	}
	return nil
}

// organizationNamed finds the organization that a fact names by the source's id, a domain or a name; where there is
// none it is made, so that a deal never stands without its company.
func (a *appender) organizationNamed(name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	var id int64
	for _, ref := range []string{name, orgRef(name)} {
		err := a.row("SELECT organization_id FROM organization_ref WHERE source_id = ? AND external_id = ?", []any{a.run.SourceID, ref}, &id)
		if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return id, err
		}
	}
	err := a.row("SELECT organization_id FROM organization_domain WHERE domain = ?", []any{strings.ToLower(name)}, &id)
	if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return id, err
	}
	err = a.row("SELECT organization_id FROM organization_ref WHERE external_id = ? ORDER BY organization_id LIMIT 1", []any{orgRef(name)}, &id)
	if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return id, err
	}
	if id, err = a.addOrganization(name, "record"); err != nil {
		return 0, err
	}
	_, err = a.exec("INSERT INTO organization_ref (source_id, external_id, organization_id, hash) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING", a.run.SourceID, orgRef(name), id)
	return id, err
}

// memberships stores which organization identities belong to; a business system's word wins over the e-mail domain.
func (a *appender) memberships() error {
	for i := range a.p.Memberships {
		m := &a.p.Memberships[i]
		who, ok := a.known.identities.get(m.Identity)
		if !ok {
			continue
		}
		org, err := a.organizationNamed(m.Organization)
		if err != nil {
			return err
		}
		n, err := a.exec("UPDATE identity SET organization_id = ? WHERE id = ? AND organization_id <> ?", org, who.id, org)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := a.exec("INSERT INTO identity_dirty (identity_id) VALUES (?) ON CONFLICT DO NOTHING", who.id); err != nil {
			return err
		}
	}
	return nil
}
