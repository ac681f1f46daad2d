// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/enrich"
	"greenroom/internal/identity/certain"
)

// profile is what an identity tells of its person, kept as one JSON text: it is read one identity at a time.
type profile struct {
	Emails     []greenroom.Email `json:"emails,omitempty"`
	Links      []string          `json:"links,omitempty"`
	AvatarURL  string            `json:"avatar_url,omitempty"`
	ProfileURL string            `json:"profile_url,omitempty"`
	Bio        string            `json:"bio,omitempty"`
	Location   string            `json:"location,omitempty"`
	TimeZone   string            `json:"time_zone,omitempty"`
	Company    string            `json:"company,omitempty"`
	JobTitle   string            `json:"job_title,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Fields     map[string]string `json:"fields,omitempty"`
}

func sortByID(threads []string, ids map[string]int64) {
	sort.Slice(threads, func(i, j int) bool { return ids[threads[i]] < ids[threads[j]] })
}

// identities stores the identities of the batch and makes sure that every author and every account that a fact names is
// known, at the least by its external id.
func (a *appender) identities() error {
	if err := a.findIdentities(); err != nil {
		return err
	}
	last, err := a.lastPerson()
	if err != nil {
		return err
	}
	if a.version, err = a.nextVersion(); err != nil {
		return err
	}
	add := func(id *connector.Identity, hash int64, domain string) error {
		last++
		org, err := a.domainOrganization(domain)
		if err != nil {
			return fmt.Errorf("identity %q: %w", id.ExternalID, err)
		}
		a.fresh = append(a.fresh, freshIdentity{Identity: id, id: last, organization: org, hash: hash})
		a.known.identities.put(id.ExternalID, knownIdentity{id: last, told: hash})
		return nil
	}
	for i := range a.p.Identities {
		id, hash := &a.p.Identities[i], a.p.IdentityHash[i]
		have, ok := a.known.identities.get(id.ExternalID)
		switch {
		case !ok:
			err = add(id, hash, a.p.Domain[i])
		case have.told != hash:
			if err = a.insertIdentities(); err != nil { // it may be among them
				return err
			}
			if err = a.changeIdentity(have.id, id, hash, a.p.Domain[i]); err == nil {
				a.known.identities.put(id.ExternalID, knownIdentity{id: have.id, told: hash})
			}
		}
		if err != nil {
			return err
		}
	}
	for _, name := range a.named() {
		if _, ok := a.known.identities.get(name); !ok {
			if err := add(&connector.Identity{ExternalID: name}, 0, ""); err != nil {
				return err
			}
		}
	}
	return a.insertIdentities()
}

// freshIdentity is an identity that is about to be inserted, with a member of its own.
type freshIdentity struct {
	*connector.Identity
	id, organization, hash int64
	told                   int64 // as identity.organization_told
}

// placeFresh puts the organizations that stand for them in the place of those that were told.
func (a *appender) placeFresh() error {
	for i := range a.fresh {
		t := &a.fresh[i]
		var err error
		if t.organization, t.told, err = a.stands(t.organization); err != nil {
			return err
		}
	}
	return nil
}

// named lists the identities that facts of the batch name, in the order they are met.
func (a *appender) named() []string {
	var names []string
	for i := range a.p.Activities {
		if n := a.p.Activities[i].Author; n != "" {
			names = append(names, n)
		}
	}
	for i := range a.p.Records {
		if n := a.p.Records[i].Identity; n != "" {
			names = append(names, n)
		}
	}
	for i := range a.p.Memberships {
		names = append(names, a.p.Memberships[i].Identity)
	}
	return names
}

func (a *appender) findIdentities() error {
	asked := make(map[string]bool)
	var missing []any
	ask := func(name string) {
		if name == "" || asked[name] {
			return
		}
		asked[name] = true
		if _, ok := a.known.identities.get(name); !ok {
			missing = append(missing, name)
		}
	}
	for i := range a.p.Identities {
		ask(a.p.Identities[i].ExternalID)
	}
	for _, n := range a.named() {
		ask(n)
	}
	for i := range a.p.Sames {
		ask(a.p.Sames[i].A)
	}
	return a.eachIn("SELECT external_id, id, hash FROM identity WHERE source_id = ? AND external_id IN (%IN%)", []any{a.run.SourceID}, missing,
		func(rows rowScanner) error {
			var name string
			var k knownIdentity
			err := rows.Scan(&name, &k.id, &k.told)
			a.known.identities.put(name, k)
			return err
		})
}

// insertIdentities inserts the identities that were found to be new.
func (a *appender) insertIdentities() error {
	profiles, read := make([]string, len(a.fresh)), make([]map[string]string, len(a.fresh))
	for i := range a.fresh {
		text, err := json.Marshal(profileOf(a.fresh[i].Identity))
		if err != nil {
			return fmt.Errorf("encoding the profile of %q: %w", a.fresh[i].ExternalID, err)
		}
		profiles[i], read[i] = string(text), readProfile(a.fresh[i].Identity)
	}
	if err := a.placeFresh(); err != nil {
		return err
	}
	if err := a.bulk(`INSERT INTO identity (id, source_id, external_id, member_id, organization_id, organization_told, organization_at, handle, name, bot, staff, deleted, business, joined_at,
		version, hash, raw_block, raw_pos, profile, company) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(a.fresh), func(i int) []any {
		t := &a.fresh[i]
		block, pos := a.raw(t.Raw)
		return []any{
			t.id, a.run.SourceID, t.ExternalID, t.id, t.organization, t.told, a.readAt(t.organization), t.Handle, t.Name, flag(t.Bot), flag(t.Staff), flag(t.Deleted), flag(a.business),
			micros(t.JoinedAt), a.version, t.hash, block, pos, profiles[i], a.firms.Key(t.Company),
		}
	}); err != nil {
		return err
	}
	if err := a.bulk(`INSERT INTO member (id, name, organization_id, staff, bot, contact, joined_at, title, location, avatar_url, country)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(a.fresh), func(i int) []any {
		t := &a.fresh[i]
		return []any{
			t.id, displayName(t.Identity), t.organization, flag(t.Staff), flag(t.Bot), flag(a.business), micros(t.JoinedAt), t.JobTitle, t.Location, t.AvatarURL, read[i][enrich.Country],
		}
	}); err != nil {
		return err
	}
	for i := range a.fresh {
		if err := a.about(a.fresh[i].id, a.fresh[i].id, a.fresh[i].Identity); err != nil {
			return err
		}
		if err := a.readOff(a.fresh[i].id, read[i]); err != nil {
			return err
		}
		if a.fresh[i].organization == 0 && a.fresh[i].Company != "" { // else it follows once there is an organization of that name
			if _, err := a.exec(`INSERT INTO identity_dirty (identity_id) SELECT i.id FROM identity i WHERE i.id = ? AND i.company <> ''
				AND EXISTS (SELECT 1 FROM organization_key k WHERE k.key = i.company) ON CONFLICT DO NOTHING`, a.fresh[i].id); err != nil {
				return err
			}
		}
	}
	a.fresh = a.fresh[:0]
	return nil
}

// changeIdentity brings a stored identity up to date with what the source tells now, if that says anything new.
func (a *appender) changeIdentity(id int64, told *connector.Identity, hash int64, domain string) error {
	var have connector.Identity
	var text string
	var member, org, toldAt, bot, staff, deleted, joined int64
	if err := a.row("SELECT member_id, "+asTold+", organization_at, handle, name, bot, staff, deleted, joined_at, profile FROM identity WHERE id = ?", []any{id},
		&member, &org, &toldAt, &have.Handle, &have.Name, &bot, &staff, &deleted, &joined, &text); err != nil {
		return err
	}
	var p profile
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return fmt.Errorf("decoding the profile of identity %d: %w", id, err)
	}
	p.fill(&have)
	have.Bot, have.Staff, have.Deleted, have.JoinedAt = bot != 0, staff != 0, deleted != 0, fromMicros(joined)
	merged := have
	merged.Emails = append([]greenroom.Email(nil), have.Emails...)
	merged.Fields = cloneFields(have.Fields)
	merged.Merge(*told)
	after, err := json.Marshal(profileOf(&merged))
	if err != nil {
		return fmt.Errorf("encoding the profile of identity %d: %w", id, err)
	}
	newOrg := org
	if org == 0 {
		newOrg, err = a.domainOrganization(domain)
	} else if moved, merr := a.addressMoves(id, org, toldAt, have.Emails, domain); moved > 0 || merr != nil {
		newOrg, err = moved, merr
	}
	if err != nil {
		return err
	}
	if newOrg != org {
		toldAt = a.readAt(newOrg)
	}
	if string(after) == text && merged.Handle == have.Handle && merged.Name == have.Name && merged.Bot == have.Bot &&
		merged.Staff == have.Staff && merged.Deleted == have.Deleted && merged.JoinedAt.Equal(have.JoinedAt) && newOrg == org {
		return nil
	}
	root, toldOrg, err := a.stands(newOrg)
	if err != nil {
		return err
	}
	block, pos := a.raw(told.Raw)
	if _, err := a.exec(`UPDATE identity SET handle = ?, name = ?, bot = ?, staff = ?, deleted = ?, joined_at = ?, organization_id = ?, organization_told = ?, organization_at = ?, hash = ?,
		raw_block = CASE WHEN ? = 0 THEN raw_block ELSE ? END, raw_pos = CASE WHEN ? = 0 THEN raw_pos ELSE ? END, profile = ?, company = ? WHERE id = ?`,
		merged.Handle, merged.Name, flag(merged.Bot), flag(merged.Staff), flag(merged.Deleted), micros(merged.JoinedAt), root, toldOrg, toldAt, hash,
		block, block, block, pos, string(after), a.firms.Key(merged.Company), id); err != nil {
		return err
	}
	if _, err := a.exec("INSERT INTO identity_dirty (identity_id) VALUES (?) ON CONFLICT DO NOTHING", id); err != nil {
		return err
	}
	if merged.ProfileURL != have.ProfileURL {
		if err := a.dropProfile(id, have.ProfileURL); err != nil {
			return err
		}
	}
	return a.about(id, member, &merged)
}

// dropProfile forgets an address that is no longer an account's own: somebody else may have it now. Who shared it with
// the account is matched again.
func (a *appender) dropProfile(id int64, address string) error {
	value := certain.Profile(address)
	if value == "" {
		return nil
	}
	if _, err := a.exec("INSERT INTO identity_dirty (identity_id) SELECT DISTINCT identity_id FROM identity_key WHERE kind IN ('url', 'claim') AND value = ? ON CONFLICT DO NOTHING", value); err != nil {
		return err
	}
	_, err := a.exec("DELETE FROM identity_key WHERE kind = 'url' AND value = ? AND identity_id = ? AND reason = 'own profile'", value, id)
	return err
}

// about stores what an identity can be recognized by, and the tags and custom fields that it brings to its member.
func (a *appender) about(id, member int64, t *connector.Identity) error {
	keys := certain.Keys(t.Emails, t.ProfileURL, t.Links)
	if err := a.bulk(insertKey, len(keys), func(i int) []any {
		return []any{keys[i].Kind, keys[i].Value, id, keys[i].Reason}
	}); err != nil {
		return err
	}
	for _, tag := range t.Tags {
		if _, err := a.exec("INSERT INTO member_tag (tag, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING", strings.ToLower(tag), member); err != nil {
			return err
		}
	}
	for name, value := range t.Fields {
		if _, err := a.exec(`INSERT INTO member_field (member_id, name, value) VALUES (?, ?, ?)
			ON CONFLICT (member_id, name) DO UPDATE SET value = excluded.value`, member, strings.ToLower(name), value); err != nil {
			return err
		}
	}
	return nil
}

// readOff stores what was read off a profile, where the source does not tell it itself.
func (a *appender) readOff(member int64, read map[string]string) error {
	for name, value := range read {
		if name == enrich.Country {
			continue
		}
		if _, err := a.exec("INSERT INTO member_field (member_id, name, value) VALUES (?, ?, ?) ON CONFLICT (member_id, name) DO NOTHING", member, name, value); err != nil {
			return err
		}
	}
	return nil
}

// insertKey stores what an identity can be recognized by. An address may be verified only later; of several reasons the
// last by its letters is kept, whichever came first.
const insertKey = `INSERT INTO identity_key (kind, value, identity_id, reason) VALUES (?, ?, ?, ?)
	ON CONFLICT (kind, value, identity_id) DO UPDATE SET reason = excluded.reason WHERE excluded.reason > identity_key.reason`

func (a *appender) key(id int64, kind, value, reason string) error {
	_, err := a.exec(insertKey, kind, value, id, reason)
	return err
}

// sames stores what the source says of accounts that are certainly one person: both sides get one key.
func (a *appender) sames() error {
	for i := range a.p.Sames {
		s := &a.p.Sames[i]
		for _, name := range []string{s.A, s.B} {
			who, ok := a.known.identities.get(name)
			if name == "" || !ok {
				continue
			}
			kind, value := "same", fmt.Sprintf("%d:%s", a.run.SourceID, s.B)
			if s.BKey != "" {
				kind, value, _ = strings.Cut(s.BKey, ":")
			}
			if err := a.key(who.id, kind, value, s.Reason); err != nil {
				return err
			}
			if _, err := a.exec("INSERT INTO identity_dirty (identity_id) VALUES (?) ON CONFLICT DO NOTHING", who.id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) nextVersion() (int64, error) {
	v, err := w.followed(followVersion)
	return v + 1, err
}

func displayName(t *connector.Identity) string {
	for _, s := range []string{t.Name, t.Handle, t.ExternalID} {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return "?"
}

func profileOf(t *connector.Identity) profile {
	return profile{
		Emails: t.Emails, Links: t.Links, AvatarURL: t.AvatarURL, ProfileURL: t.ProfileURL, Bio: t.Bio, Location: t.Location,
		TimeZone: t.TimeZone, Company: t.Company, JobTitle: t.JobTitle, Tags: t.Tags, Fields: t.Fields,
	}
}

func (p *profile) fill(t *connector.Identity) {
	t.Emails, t.Links, t.AvatarURL, t.ProfileURL, t.Bio, t.Location = p.Emails, p.Links, p.AvatarURL, p.ProfileURL, p.Bio, p.Location
	t.TimeZone, t.Company, t.JobTitle, t.Tags, t.Fields = p.TimeZone, p.Company, p.JobTitle, p.Tags, p.Fields
}

func cloneFields(m map[string]string) map[string]string {
	if m == nil {
		return nil
	}
	c := make(map[string]string, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
