// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"greenroom/internal/enrich"
	"greenroom/internal/enrichment"
)

// indexNewMembers makes the members of new identities findable by name, handle and e-mail.
func (d *deriver) indexNewMembers(from, to int64) error {
	for from < to {
		last := min(to, from+newMembersAtOnce)
		if err := d.indexSomeMembers(from, last); err != nil {
			return err
		}
		from = last
	}
	return nil
}

// newMembersAtOnce is how many new members are held in memory to be indexed.
const newMembersAtOnce = 5000

func (d *deriver) indexSomeMembers(from, to int64) error {
	rows, err := d.query(`SELECT m.id, m.organization_id, i.external_id, i.handle, i.name, i.profile FROM member m JOIN identity i ON i.id = m.id
		WHERE m.id > ? AND m.id <= ? AND m.merged_into = 0 ORDER BY m.id`, from, to)
	if err != nil {
		return err
	}
	type words struct {
		id   int64
		text string
	}
	var all []words
	orgs := make(map[int64]bool)
	if err := scan(rows, func() error {
		var id, org int64
		var part memberPart
		var text string
		if err := rows.Scan(&id, &org, &part.external, &part.handle, &part.name, &text); err != nil {
			return err
		}
		if d.members[id] {
			return nil // refreshMembers does it
		}
		if err := json.Unmarshal([]byte(text), &part.profile); err != nil {
			return fmt.Errorf("decoding the profile of identity %d: %w", id, err)
		}
		if org > 0 {
			orgs[org] = true
		}
		all = append(all, words{id, memberWords([]memberPart{part})})
		return nil
	}); err != nil {
		return err
	}
	if err := d.bulk(d.d.searchPutMember, len(all), func(i int) []any { return []any{all[i].id, all[i].text} }); err != nil {
		return err
	}
	return d.markOrganizations(orgs)
}

// memberPart is an identity as far as its member is made from it.
type memberPart struct {
	id, organization               int64
	source, external, handle, name string
	bot, staff, business           bool
	joined, first, last, number    int64
	told                           int64 // when the source told the organization; 0 = it was read off an address
	profile                        profile
	company                        string           // as identity.company
	outside                        []enrich.Finding // what an outside service said
}

func memberWords(parts []memberPart) string {
	var sb strings.Builder
	for i := range parts {
		p := &parts[i]
		sb.WriteString(p.name + " " + p.handle + " ")
		if p.name == "" && p.handle == "" {
			sb.WriteString(p.external + " ")
		}
		for _, e := range p.profile.Emails {
			sb.WriteString(e.Address + " ")
		}
		sb.WriteString(p.profile.Company + " " + p.profile.JobTitle + " ")
	}
	return sb.String()
}

// refreshMembers computes members again from their identities and from what was set by hand.
func (d *deriver) refreshMembers() error {
	ids := make([]int64, 0, len(d.members))
	for id := range d.members {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	for _, id := range ids {
		if err := d.refreshMember(id, d.version); err != nil {
			return fmt.Errorf("member %d: %w", id, err)
		}
	}
	return nil
}

const memberPartColumns = "id, (SELECT s.name FROM source s WHERE s.id = identity.source_id), external_id, handle, name, bot, staff, business, joined_at, organization_id, organization_at, first_active, last_active, activities, profile, company, outside"

func scanMemberPart(rows rowScanner) (memberPart, error) {
	var p memberPart
	var bot, staff, business int64
	var text, outside string
	if err := rows.Scan(&p.id, &p.source, &p.external, &p.handle, &p.name, &bot, &staff, &business, &p.joined, &p.organization, &p.told, &p.first, &p.last, &p.number, &text, &p.company, &outside); err != nil {
		return p, err
	}
	if outside != "" {
		var o enrichment.Outside
		if err := json.Unmarshal([]byte(outside), &o); err != nil {
			return p, fmt.Errorf("decoding what was said of identity %d: %w", p.id, err)
		}
		p.outside = o.Findings
	}
	p.bot, p.staff, p.business = bot != 0, staff != 0, business != 0
	if err := json.Unmarshal([]byte(text), &p.profile); err != nil {
		return p, fmt.Errorf("decoding the profile of identity %d: %w", p.id, err)
	}
	return p, nil
}
