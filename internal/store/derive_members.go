// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"greenroom"
)

// pair is two identities that share something that only one person has.
type pair struct {
	a, b   int64 // a > b
	kind   string
	value  string
	reason string
}

// match joins identities that are certainly one person into one member: those that are new and those that have changed.
func (d *deriver) match() error {
	done, err := d.followed(followMembers)
	if err != nil {
		return err
	}
	last, err := d.lastID("identity")
	if err != nil {
		return err
	}
	pairs, err := d.pairs("mine.identity_id > ? AND mine.identity_id <= ?", done, last)
	if err != nil {
		return err
	}
	changed, err := d.pairs("mine.identity_id IN (SELECT identity_id FROM identity_dirty)")
	if err != nil {
		return err
	}
	pairs = append(pairs, changed...)
	sort.Slice(pairs, func(i, j int) bool {
		p, q := &pairs[i], &pairs[j]
		switch {
		case p.a != q.a:
			return p.a < q.a
		case p.b != q.b:
			return p.b < q.b
		default:
			return p.kind+p.value < q.kind+q.value
		}
	})
	shared := make(map[string]bool)
	for i := range pairs {
		if err := d.join(&pairs[i], shared); err != nil {
			return err
		}
	}
	if err := d.indexNewMembers(done, last); err != nil {
		return err
	}
	return d.setFollowed(followMembers, last)
}

// pairs finds the identities that share a key with those that the condition names. A profile's own address also joins
// with claims on it.
func (d *deriver) pairs(condition string, args ...any) ([]pair, error) {
	rows, err := d.query(`SELECT mine.identity_id, k.identity_id, k.kind, k.value,
			CASE WHEN mine.kind = 'claim' OR mine.reason LIKE '%verified%' OR mine.kind = 'same' THEN mine.reason ELSE k.reason END
		FROM identity_key mine JOIN identity_key k ON k.value = mine.value AND k.identity_id <> mine.identity_id AND k.kind = mine.kind
		WHERE mine.kind IN ('email', 'claim', 'same') AND `+condition+`
		UNION ALL
		SELECT mine.identity_id, k.identity_id, k.kind, k.value, k.reason
		FROM identity_key mine JOIN identity_key k ON k.value = mine.value AND k.identity_id <> mine.identity_id AND k.kind = 'claim'
		WHERE mine.kind = 'url' AND `+condition+`
		UNION ALL
		SELECT mine.identity_id, k.identity_id, k.kind, k.value, mine.reason
		FROM identity_key mine JOIN identity_key k ON k.value = mine.value AND k.identity_id <> mine.identity_id AND k.kind = 'url'
		WHERE mine.kind = 'claim' AND `+condition, append(append(append([]any{}, args...), args...), args...)...)
	if err != nil {
		return nil, err
	}
	var pairs []pair
	err = scan(rows, func() error {
		var p pair
		if err := rows.Scan(&p.a, &p.b, &p.kind, &p.value, &p.reason); err != nil {
			return err
		}
		if p.a < p.b {
			p.a, p.b = p.b, p.a
		}
		pairs = append(pairs, p)
		return nil
	})
	return pairs, err
}

// sharedNames is how many disagreeing full names make an address a shared mailbox rather than a person's.
const sharedNames = 3

// join makes two identities one member, unless a person kept them apart or what they share is a shared mailbox.
func (d *deriver) join(p *pair, shared map[string]bool) error {
	key := p.kind + "\x00" + p.value
	isShared, known := shared[key]
	if !known {
		var err error
		if isShared, err = d.sharedKey(p.kind, p.value); err != nil {
			return err
		}
		shared[key] = isShared
	}
	if isShared {
		return nil
	}
	var a, b int64
	if err := d.row("SELECT member_id FROM identity WHERE id = ?", []any{p.a}, &a); err != nil {
		return err
	}
	if err := d.row("SELECT member_id FROM identity WHERE id = ?", []any{p.b}, &b); err != nil {
		return err
	}
	if a == b {
		return nil
	}
	into, from := min(a, b), max(a, b)
	apart, err := d.keptApart(into, from)
	if err != nil || apart {
		return err
	}
	_, err = d.merge(mergeRequest{into: into, from: from, reason: p.reason, by: byRule, at: 0, version: d.version})
	d.members[into] = true
	return err
}

func (d *deriver) sharedKey(kind, value string) (bool, error) {
	if kind == "same" {
		return false, nil
	}
	rows, err := d.query("SELECT i.name FROM identity_key k JOIN identity i ON i.id = k.identity_id WHERE k.kind = ? AND k.value = ?", kind, value)
	if err != nil {
		return false, err
	}
	names := make(map[string]bool)
	err = scan(rows, func() error {
		var name string
		err := rows.Scan(&name)
		words := strings.Fields(strings.ToLower(name))
		if len(words) >= 2 {
			sort.Strings(words)
			names[strings.Join(words, " ")] = true
		}
		return err
	})
	return len(names) >= sharedNames, err
}

// keptApart reports whether a person decided that an identity of one member and one of the other are not the same.
func (w *writer) keptApart(a, b int64) (bool, error) {
	var n int64
	err := w.row(`SELECT count(*) FROM apart x JOIN identity i ON i.id = x.a JOIN identity j ON j.id = x.b
		WHERE (i.member_id = ? AND j.member_id = ?) OR (i.member_id = ? AND j.member_id = ?)`, []any{a, b, b, a}, &n)
	return n > 0, err
}

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
	id, organization            int64
	external, handle, name      string
	bot, staff, business        bool
	joined, first, last, number int64
	profile                     profile
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

const memberPartColumns = "id, external_id, handle, name, bot, staff, business, joined_at, organization_id, first_active, last_active, activities, profile"

func scanMemberPart(rows rowScanner) (memberPart, error) {
	var p memberPart
	var bot, staff, business int64
	var text string
	if err := rows.Scan(&p.id, &p.external, &p.handle, &p.name, &bot, &staff, &business, &p.joined, &p.organization, &p.first, &p.last, &p.number, &text); err != nil {
		return p, err
	}
	p.bot, p.staff, p.business = bot != 0, staff != 0, business != 0
	if err := json.Unmarshal([]byte(text), &p.profile); err != nil {
		return p, fmt.Errorf("decoding the profile of identity %d: %w", p.id, err)
	}
	return p, nil
}

func (w *writer) refreshMember(id, version int64) error {
	rows, err := w.query("SELECT "+memberPartColumns+" FROM identity WHERE member_id = ? ORDER BY id", id)
	if err != nil {
		return err
	}
	var parts []memberPart
	if err := scan(rows, func() error {
		p, err := scanMemberPart(rows)
		parts = append(parts, p)
		return err
	}); err != nil {
		return err
	}
	if len(parts) == 0 {
		return nil
	}
	var nameSet string
	var staffSet, botSet, orgSet, oldOrg, oldStaff, oldBot int64
	if err := w.row("SELECT name_set, staff_set, bot_set, org_set, organization_id, staff, bot FROM member WHERE id = ?", []any{id},
		&nameSet, &staffSet, &botSet, &orgSet, &oldOrg, &oldStaff, &oldBot); err != nil {
		return err
	}
	m := combine(parts)
	domains, err := w.teamDomains()
	if err != nil {
		return err
	}
	for i := range parts {
		m.Staff = m.Staff || ofTeam(parts[i].profile.Emails, domains)
	}
	if nameSet != "" {
		m.Name = nameSet
	}
	if staffSet >= 0 {
		m.Staff = staffSet == 1
	}
	if botSet >= 0 {
		m.Bot = botSet == 1
	}
	if orgSet >= 0 {
		m.OrganizationID = orgSet
	}
	if _, err := w.exec(`UPDATE member SET name = ?, organization_id = ?, title = ?, location = ?, avatar_url = ?, staff = ?, bot = ?, contact = ?,
		identities = ?, joined_at = ?, first_active = ?, last_active = ?, activities = ? WHERE id = ?`,
		m.Name, m.OrganizationID, m.Title, m.Location, m.AvatarURL, flag(m.Staff), flag(m.Bot), flag(m.Contact),
		len(parts), micros(m.JoinedAt), micros(m.FirstActive), micros(m.LastActive), m.Activities, id); err != nil {
		return err
	}
	if _, err := w.exec("UPDATE identity SET version = ? WHERE member_id = ?", version, id); err != nil {
		return err
	}
	if oldStaff != flag(m.Staff) || oldBot != flag(m.Bot) { // who counts as a response, and as whose, has changed
		if _, err := w.exec(`INSERT INTO conversation_dirty (conversation_id) SELECT DISTINCT conversation_id FROM activity
			WHERE identity_id IN (SELECT id FROM identity WHERE member_id = ?) AND conversation_id > 0 ON CONFLICT DO NOTHING`, id); err != nil {
			return err
		}
	}
	for _, org := range []int64{oldOrg, m.OrganizationID} {
		if org == 0 {
			continue
		}
		if _, err := w.exec("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", org); err != nil {
			return err
		}
	}
	if _, err := w.exec("DELETE FROM member_search WHERE rowid = ?", id); err != nil {
		return err
	}
	_, err = w.exec(w.d.searchPutMember, id, memberWords(parts)+" "+m.Name)
	return err
}

// combine makes one member of its identities: the fullest name, the first of what only one can be, sums of the rest.
func combine(parts []memberPart) greenroom.Member {
	var m greenroom.Member
	m.Contact = true
	best := -1
	for i := range parts {
		p := &parts[i]
		for name, weight := range map[string]int{p.name: 2, p.handle: 1, p.external: 0} {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			score := weight*10 + min(len(strings.Fields(name)), 3)
			if score > best || score == best && (len(name) > len(m.Name) || len(name) == len(m.Name) && name < m.Name) {
				best, m.Name = score, name
			}
		}
		set := func(dst *string, v string) {
			if *dst == "" {
				*dst = v
			}
		}
		set(&m.Title, p.profile.JobTitle)
		set(&m.Location, p.profile.Location)
		set(&m.AvatarURL, p.profile.AvatarURL)
		if m.OrganizationID == 0 || p.business && p.organization != 0 {
			m.OrganizationID = p.organization
		}
		m.Staff, m.Bot, m.Contact = m.Staff || p.staff, m.Bot || p.bot, m.Contact && p.business
		m.Activities += p.number
		earliest := func(dst *int64, v int64) {
			if v != 0 && (*dst == 0 || v < *dst) {
				*dst = v
			}
		}
		joined, first := micros(m.JoinedAt), micros(m.FirstActive)
		earliest(&joined, p.joined)
		earliest(&first, p.first)
		m.JoinedAt, m.FirstActive = fromMicros(joined), fromMicros(first)
		if p.last > micros(m.LastActive) {
			m.LastActive = fromMicros(p.last)
		}
	}
	return m
}
