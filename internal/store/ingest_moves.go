// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// A source says where an account works, and later that it works elsewhere. Both are facts: identity.organization_id is what
// it says now, and identity_move what it said before, and since when it says otherwise. Only a business system's word is
// a move when it comes without a day, and only when it was told on an earlier day: a product's users switch between
// workspaces, and one reading may tell two companies of a contact. So with addresses: what is told on one day is one telling,
// wherever batches are cut.

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
		if err := a.membership(who.id, org, m); err != nil {
			return err
		}
	}
	return nil
}

func (a *appender) membership(identity, org int64, m *connector.Membership) error {
	var have, told, joined int64
	if err := a.row("SELECT "+asTold+", organization_at, joined_at FROM identity WHERE id = ?", []any{identity}, &have, &told, &joined); err != nil {
		return err
	}
	today := dayOf(a.now)
	switch {
	case !m.Since.IsZero():
		changed, err := a.moved(identity, have, org, dayOf(micros(m.Since)), true)
		if err != nil || !changed {
			return err
		}
		if org, err = a.latest(identity); err != nil {
			return err
		}
	case have == org && told > 0:
		return nil
	case have != org && have > 0 && told > 0 && dayOf(told) < today && a.business:
		if _, err := a.moved(identity, have, org, today, false); err != nil {
			return err
		}
	case have != org:
		// What replaces what was told on the same day, or was only read off an address, is no move.
		root, told, err := a.stands(org)
		if err != nil {
			return err
		}
		if _, err := a.exec("UPDATE identity_move SET organization_id = ?, organization_told = ? WHERE identity_id = ? AND since = (SELECT max(since) FROM identity_move x WHERE x.identity_id = ?)", root, told, identity, identity); err != nil {
			return err
		}
	}
	root, kept, err := a.stands(org)
	if err != nil {
		return err
	}
	if _, err := a.exec("UPDATE identity SET organization_id = ?, organization_told = ?, organization_at = ? WHERE id = ?", root, kept, a.now, identity); err != nil || have == org && m.Since.IsZero() {
		return err
	}
	_, err = a.exec("INSERT INTO identity_dirty (identity_id) VALUES (?) ON CONFLICT DO NOTHING", identity)
	return err
}

// moved keeps that an identity belongs to an organization from a day on, and to the one of before until then. It reports
// whether that is news.
func (a *appender) moved(identity, before, org, since int64, day bool) (bool, error) {
	var known int64
	if err := a.row("SELECT count(*) FROM identity_move WHERE identity_id = ? AND since = ? AND "+asTold+" = ? AND told = ?", []any{identity, since, org, flag(day)}, &known); err != nil || known > 0 {
		return false, err
	}
	if before > 0 && since > 0 {
		root, told, err := a.stands(before)
		if err != nil {
			return false, err
		}
		if _, err := a.exec(`INSERT INTO identity_move (identity_id, since, organization_id, organization_told) SELECT ?, 0, ?, ?
			WHERE NOT EXISTS (SELECT 1 FROM identity_move WHERE identity_id = ?) ON CONFLICT DO NOTHING`, identity, root, told, identity); err != nil {
			return false, err
		}
	}
	root, told, err := a.stands(org)
	if err != nil {
		return false, err
	}
	_, err = a.exec(`INSERT INTO identity_move (identity_id, since, organization_id, organization_told, told) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (identity_id, since) DO UPDATE SET organization_id = excluded.organization_id, organization_told = excluded.organization_told, told = excluded.told`, identity, since, root, told, flag(day))
	return true, err
}

// latest is the organization that an identity belongs to by the last of its moves.
func (a *appender) latest(identity int64) (int64, error) {
	var org int64
	err := a.row("SELECT "+asTold+" FROM identity_move WHERE identity_id = ? ORDER BY since DESC LIMIT 1", []any{identity}, &org)
	return org, err
}

// belongsElsewhere reports whether an identity belongs to an organization that an e-mail domain which its source tells now
// changes nothing about: where a source named it, or the address is not news.
func (a *appender) belongsElsewhere(identity, domain string) (bool, error) {
	var org, told int64
	var text string
	err := a.row("SELECT organization_id, organization_at, profile FROM identity WHERE source_id = ? AND external_id = ?", []any{a.run.SourceID, identity}, &org, &told, &text)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		return false, nil
	case err != nil:
		return false, err
	case org == 0:
		return false, nil
	case told > 0 || dayOf(-told) >= dayOf(a.now):
		return true, nil
	}
	var p profile
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return false, fmt.Errorf("decoding the profile of identity %q: %w", identity, err)
	}
	return hasAddressAt(p.Emails, domain), nil
}

// readAt is when an organization was read off an address, as identity.organization_at says it.
func (a *appender) readAt(organization int64) int64 {
	if organization == 0 {
		return 0
	}
	return -a.now
}

// addressMoves is the organization that an identity belongs to from today on, because its source tells an address at
// another company than before; 0 = none.
func (a *appender) addressMoves(id, org, told int64, before []greenroom.Email, domain string) (int64, error) {
	if org == 0 || told > 0 || dayOf(-told) >= dayOf(a.now) || domain == "" || len(before) == 0 || hasAddressAt(before, domain) {
		return 0, nil
	}
	next, err := a.domainOrganization(domain)
	if err != nil || next == 0 || next == org {
		return 0, err
	}
	_, err = a.moved(id, org, next, dayOf(a.now), false)
	return next, err
}

// hasAddressAt reports whether one of some addresses is at a domain, or at one below it.
func hasAddressAt(emails []greenroom.Email, domain string) bool {
	return slices.ContainsFunc(emails, func(e greenroom.Email) bool {
		_, at, _ := strings.Cut(strings.ToLower(e.Address), "@")
		return at == domain || strings.HasSuffix(at, "."+domain)
	})
}
