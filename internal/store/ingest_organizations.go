// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"greenroom"
	"greenroom/connector"
)

// companies finds or makes the organizations that the facts of the batch name, in the order in which they were told.
// Nothing else makes one, so that neither which there are nor their ids depend on where batches were cut.
func (a *appender) companies() error {
	placed := make(map[string]bool) // identities that belong to an organization already
	for i := range a.p.Companies {
		c := &a.p.Companies[i]
		var err error
		switch {
		case c.Organization > 0:
			err = a.companyTold(&a.p.Organizations[c.Organization-1])
		case c.Name != "":
			_, err = a.organizationNamed(c.Name)
			placed[c.Identity] = placed[c.Identity] || c.Identity != ""
		case a.p.CompanyAt[i] != "" && !placed[c.Identity]:
			placed[c.Identity] = true
			err = a.companyAt(c.Identity, a.p.CompanyAt[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// companyTold makes sure that an organization which a source tells is there, and is found by its id, name and domains.
func (a *appender) companyTold(o *connector.Organization) error {
	ref := o.ExternalID
	if ref == "" {
		ref = orgRef(o.Name)
	}
	if ref == "" {
		return nil
	}
	id, err := a.refOf(ref)
	if err != nil {
		return err
	}
	if id == 0 {
		if id, err = a.findOrganization(o, ref); err != nil {
			return err
		}
		if err := a.above(ref); err != nil {
			return err
		}
	}
	return a.findable(id, o, ref)
}

// companyAt makes the organization of an identity's e-mail domain, unless the identity belongs to one already.
func (a *appender) companyAt(identity, domain string) error {
	if id, err := a.domainOrganization(domain); err != nil || id > 0 {
		return err
	}
	belongs, err := a.belongsElsewhere(identity, domain)
	if err != nil || belongs {
		return err
	}
	id, err := a.addOrganization(domain, "domain")
	if err != nil {
		return err
	}
	return a.addDomain(domain, id)
}

// addDomain keeps of which organization a domain was first told.
func (a *appender) addDomain(domain string, organization int64) error {
	root, told, err := a.stands(organization)
	if err != nil {
		return err
	}
	var there int64
	if err := a.row("SELECT count(*) FROM organization_domain WHERE domain = ?", []any{domain}, &there); err != nil || there > 0 {
		return err
	}
	was, err := a.knownBy(root)
	if err != nil {
		return err
	}
	if _, err := a.exec("INSERT INTO organization_domain (domain, organization_id, organization_told) VALUES (?, ?, ?)", domain, root, told); err != nil {
		return err
	}
	if _, err := a.exec("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", root); err != nil {
		return err
	}
	return a.knownAnew(root, was)
}

// What is looked up here are organizations as they were told: which of them are one, people decide, and what is stored then
// says both (stands). So importing comes to the same whatever was merged before or is taken apart later.

// refOf is the organization that the source calls so, by its id or its name; 0 = none.
func (a *appender) refOf(ref string) (int64, error) {
	var id int64
	err := a.row("SELECT "+asTold+" FROM organization_ref WHERE source_id = ? AND external_id = ?", []any{a.run.SourceID, ref}, &id)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 0, nil
	}
	return id, err
}

// domainOrganization is the organization of an e-mail domain; 0 = none.
func (a *appender) domainOrganization(domain string) (int64, error) {
	if domain == "" {
		return 0, nil
	}
	var id int64
	err := a.row("SELECT "+asTold+" FROM organization_domain WHERE domain = ?", []any{domain}, &id)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 0, nil
	}
	return id, err
}

// namedOrganization is the organization that some source calls by a name; 0 = none. Ids of other sources are no names:
// what one calls 1 is not what another does.
func (a *appender) namedOrganization(name string) (int64, error) {
	if !isName(name) {
		return 0, nil
	}
	var id int64
	err := a.row("SELECT "+asTold+" AS t FROM organization_ref WHERE external_id = ? AND named = 1 ORDER BY t LIMIT 1", []any{orgRef(name)}, &id)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 0, nil
	}
	return id, err
}

// isName reports whether a text can be the name of a company rather than a number that a source gave it.
func isName(text string) bool { return strings.ContainsFunc(text, unicode.IsLetter) }

func (a *appender) addOrganization(name, from string) (int64, error) {
	last, err := a.lastID("organization")
	if err != nil {
		return 0, err
	}
	if _, err := a.exec("INSERT INTO organization (id, name, name_from) VALUES (?, ?, ?)", last+1, name, from); err != nil {
		return 0, err
	}
	_, err = a.exec("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", last+1)
	return last + 1, err
}

// organizations stores what a source tells of organizations, which companies has found again by the source's own id, by
// one of their domains, or by their exact name, or else made.
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
		var told string
		if err := a.row("SELECT "+asTold+", hash, told FROM organization_ref WHERE source_id = ? AND external_id = ?", []any{a.run.SourceID, o.ExternalID}, &id, &hash, &told); err != nil {
			return err
		}
		if hash == a.p.OrgHash[i] {
			a.unchanged++
			if told == "" { // it was stored before this was kept
				if err := a.tell(o); err != nil {
					return err
				}
			}
			continue
		}
		if err := a.writeOrganization(id, o, a.p.OrgHash[i]); err != nil {
			return fmt.Errorf("organization %q: %w", o.ExternalID, err)
		}
		a.stored++
	}
	if !a.parents {
		return nil
	}
	a.parents = false
	return a.settleParents()
}

// above notes whether an organization that the source calls by a new id is one that others were told to be below.
func (a *appender) above(ref string) error {
	var n int64
	err := a.row("SELECT count(*) FROM organization_ref WHERE source_id = ? AND parent <> '' AND parent = ?", []any{a.run.SourceID, ref}, &n)
	a.parents = a.parents || n > 0
	return err
}

// orgRef is how an organization without an id of the source is called: its name in lower case.
func orgRef(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

func (a *appender) findOrganization(o *connector.Organization, ref string) (int64, error) {
	for _, d := range o.Domains {
		if id, err := a.domainOrganization(strings.ToLower(strings.TrimSpace(d))); err != nil || id > 0 {
			return id, err
		}
	}
	if id, err := a.namedOrganization(o.Name); err != nil || id > 0 {
		return id, err
	}
	return a.addOrganization(cmp.Or(o.Name, ref), "record")
}

// findable keeps by what an organization is found again: the source's id, its name, its domains.
func (a *appender) findable(id int64, o *connector.Organization, ref string) error {
	if err := a.ref(ref, id, o.ExternalID == "" && isName(ref)); err != nil {
		return err
	}
	if named := orgRef(o.Name); isName(named) && (named != ref || o.ExternalID != "") {
		if err := a.ref(named, id, true); err != nil {
			return err
		}
	}
	for _, d := range o.Domains {
		if d = strings.ToLower(strings.TrimSpace(d)); d == "" {
			continue
		}
		if err := a.addDomain(d, id); err != nil {
			return err
		}
	}
	return nil
}

// ref keeps how the source calls an organization; what it called so first stays.
func (a *appender) ref(ref string, id int64, named bool) error {
	root, told, err := a.stands(id)
	if err != nil {
		return err
	}
	_, err = a.exec(`INSERT INTO organization_ref (source_id, external_id, organization_id, organization_told, hash, named) VALUES (?, ?, ?, ?, 0, ?)
		ON CONFLICT (source_id, external_id) DO UPDATE SET named = 1 WHERE excluded.named = 1 AND organization_ref.named = 0`, a.run.SourceID, ref, root, told, flag(named))
	return err
}

func (a *appender) writeOrganization(id int64, o *connector.Organization, hash int64) error {
	block, pos := a.raw(o.Raw)
	if _, err := a.exec("UPDATE organization_ref SET hash = ?, raw_block = ?, raw_pos = ? WHERE source_id = ? AND external_id = ?", hash, block, pos, a.run.SourceID, o.ExternalID); err != nil {
		return err
	}
	root, _, err := a.stands(id)
	if err != nil {
		return err
	}
	for _, tag := range o.Tags {
		if _, err := a.exec("INSERT INTO organization_tag_told (organization_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING", id, strings.ToLower(tag)); err != nil {
			return err
		}
		if _, err := a.exec("INSERT INTO organization_tag (tag, organization_id) VALUES (?, ?) ON CONFLICT DO NOTHING", strings.ToLower(tag), root); err != nil {
			return err
		}
	}
	if err := a.tell(o); err != nil {
		return err
	}
	if _, err := a.exec("UPDATE organization_ref SET told_at = ? WHERE source_id = ? AND external_id = ?", a.now, a.run.SourceID, o.ExternalID); err != nil {
		return err
	}
	return a.settleOrganization(id)
}

// tell keeps what the source says of an organization.
func (a *appender) tell(o *connector.Organization) error {
	text, err := toldText(o)
	if err != nil {
		return err
	}
	if _, err := a.exec("UPDATE organization_ref SET told = ? WHERE source_id = ? AND external_id = ?", text, a.run.SourceID, o.ExternalID); err != nil {
		return err
	}
	n, err := a.exec("UPDATE organization_ref SET parent = ? WHERE source_id = ? AND external_id = ? AND parent <> ?", o.Parent, a.run.SourceID, o.ExternalID, o.Parent)
	a.parents = a.parents || n > 0
	return err
}

// organizationNamed finds the organization that a fact names by the source's id, a domain or a name; where there is
// none it is made, so that a deal never stands without its company. What it finds first, the source goes on to call so.
func (a *appender) organizationNamed(name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	for _, ref := range []string{name, orgRef(name)} {
		if id, err := a.refOf(ref); err != nil || id > 0 {
			return id, err
		}
	}
	id, err := a.domainOrganization(strings.ToLower(name))
	if err == nil && id == 0 {
		id, err = a.namedOrganization(name)
	}
	if err == nil && id == 0 {
		id, err = a.addOrganization(name, "record")
	}
	if err == nil {
		err = a.above(name)
	}
	if err != nil {
		return 0, err
	}
	if err := a.ref(name, id, false); err != nil {
		return 0, err
	}
	if named := orgRef(name); isName(named) {
		return id, a.ref(named, id, true)
	}
	return id, nil
}
