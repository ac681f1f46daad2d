// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/enrich"
)

// refreshMember computes a member again from its identities and from what people set by hand.
func (w *writer) refreshMember(id, version int64) error {
	parts, err := w.memberParts(id)
	if err != nil || len(parts) == 0 {
		return err
	}
	set, err := w.setByHand(id)
	if err != nil {
		return err
	}
	m := combine(parts)
	read := readProfiles(parts)
	m.Country = read[enrich.Country]
	domains, err := w.teamDomains()
	if err != nil {
		return err
	}
	for i := range parts {
		m.Staff = m.Staff || ofTeam(parts[i].profile.Emails, domains)
	}
	set.apply(&m)
	placed, err := w.placedBy(id)
	if err != nil {
		return err
	}
	stints, err := w.stintsOf(parts, placed)
	if err != nil {
		return err
	}
	if len(stints) > 0 {
		m.OrganizationID = stints[len(stints)-1].organization
	} else if m.OrganizationID, err = w.profileEmployer(parts, placed); err != nil {
		return err
	} else if m.OrganizationID > 0 {
		m.OrganizationFrom = string(greenroom.StintProfile)
	}
	var oldOrg, oldStaff, oldBot int64
	if err := w.row("SELECT organization_id, staff, bot FROM member WHERE id = ?", []any{id}, &oldOrg, &oldStaff, &oldBot); err != nil {
		return err
	}
	if _, err := w.exec(`UPDATE member SET name = ?, organization_id = ?, organization_from = ?, title = ?, location = ?, avatar_url = ?, country = ?, staff = ?, bot = ?, contact = ?,
		identities = ?, joined_at = ?, first_active = ?, last_active = ?, activities = ? WHERE id = ?`,
		m.Name, m.OrganizationID, m.OrganizationFrom, m.Title, m.Location, m.AvatarURL, m.Country, flag(m.Staff), flag(m.Bot), flag(m.Contact),
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
	if err := w.setStints(id, stints); err != nil {
		return err
	}
	if err := w.writeTags(id, parts, read); err != nil {
		return err
	}
	if _, err := w.exec("DELETE FROM member_search WHERE rowid = ?", id); err != nil {
		return err
	}
	_, err = w.exec(w.d.searchPutMember, id, memberWords(parts)+" "+m.Name)
	return err
}

// memberParts reads the identities of a member, in an order that does not depend on what was imported first.
func (w *writer) memberParts(id int64) ([]memberPart, error) {
	rows, err := w.query("SELECT "+memberPartColumns+" FROM identity WHERE member_id = ? ORDER BY id", id)
	if err != nil {
		return nil, err
	}
	var parts []memberPart
	err = scan(rows, func() error {
		p, err := scanMemberPart(rows)
		parts = append(parts, p)
		return err
	})
	slices.SortFunc(parts, func(x, y memberPart) int {
		return cmp.Or(strings.Compare(x.source, y.source), strings.Compare(x.external, y.external), cmp.Compare(x.id, y.id))
	})
	return parts, err
}

// byHand is what people set of a member.
type byHand struct {
	name, country string
	staff, bot    int64 // -1 = nothing
}

// setByHand reads what people set of a member, or else of one that has become part of it, the oldest first.
func (w *writer) setByHand(id int64) (byHand, error) {
	set := byHand{staff: -1, bot: -1}
	rows, err := w.query(`SELECT name_set, country_set, staff_set, bot_set FROM member WHERE id = ? UNION ALL
		SELECT name_set, country_set, staff_set, bot_set FROM (SELECT * FROM member WHERE merged_into > 0 AND merged_into = ? ORDER BY id) x`, id, id)
	if err != nil {
		return set, err
	}
	err = scan(rows, func() error {
		var b byHand
		err := rows.Scan(&b.name, &b.country, &b.staff, &b.bot)
		set.name, set.country = cmp.Or(set.name, b.name), cmp.Or(set.country, b.country)
		for _, x := range []struct{ have, more *int64 }{{&set.staff, &b.staff}, {&set.bot, &b.bot}} {
			if *x.have < 0 {
				*x.have = *x.more
			}
		}
		return err
	})
	return set, err
}

func (b *byHand) apply(m *greenroom.Member) {
	if b.name != "" {
		m.Name = b.name
	}
	if b.country != "" {
		m.Country = strings.TrimPrefix(b.country, nowhere)
	}
	if b.staff >= 0 {
		m.Staff = b.staff == 1
	}
	if b.bot >= 0 {
		m.Bot = b.bot == 1
	}
}

// writeTags computes the tags and custom fields of a member: what sources tell of its identities, then what people set,
// last of all of the member itself. Where identities disagree on a field, the first that has it wins. What was read off
// profiles stands where no source tells a field of that name.
func (w *writer) writeTags(id int64, parts []memberPart, read map[string]string) error {
	tags, fields := make(map[string]string), make(map[string]string)
	for i := range parts {
		for _, tag := range parts[i].profile.Tags {
			tags[strings.ToLower(tag)] = "1"
		}
		for name, value := range parts[i].profile.Fields {
			if name = strings.ToLower(name); fields[name] == "" {
				fields[name] = value
			}
		}
	}
	for name, value := range read {
		if name != enrich.Country && fields[name] == "" {
			fields[name] = value
		}
	}
	for _, set := range []struct {
		q    string
		into map[string]string
	}{
		{"SELECT s.tag, CASE WHEN s.present = 1 THEN '1' ELSE '' END FROM member_tag_set s", tags},
		{"SELECT s.name, s.value FROM member_field_set s", fields},
	} {
		rows, err := w.query(set.q+` JOIN member m ON m.id = s.member_id WHERE m.id = ? OR (m.merged_into > 0 AND m.merged_into = ?)
			ORDER BY CASE WHEN m.id = ? THEN 1 ELSE 0 END, m.id DESC`, id, id, id)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error {
			var name, value string
			err := rows.Scan(&name, &value)
			set.into[name] = value
			return err
		}); err != nil {
			return err
		}
	}
	gone := func(_, value string) bool { return value == "" }
	maps.DeleteFunc(tags, gone)
	maps.DeleteFunc(fields, gone)
	if err := w.replace("member_tag", "tag", "'1'", id, tags, "INSERT INTO member_tag (tag, member_id) VALUES (?, ?)"); err != nil {
		return err
	}
	return w.replace("member_field", "name", "value", id, fields, "INSERT INTO member_field (name, member_id, value) VALUES (?, ?, ?)")
}

// replace makes a member's rows in a table those that are wanted, if they are not already.
func (w *writer) replace(table, name, value string, id int64, want map[string]string, insert string) error {
	have := make(map[string]string)
	rows, err := w.query("SELECT "+name+", "+value+" FROM "+table+" WHERE member_id = ?", id)
	if err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var n, v string
		err := rows.Scan(&n, &v)
		have[n] = v
		return err
	}); err != nil || maps.Equal(have, want) {
		return err
	}
	if _, err := w.exec("DELETE FROM "+table+" WHERE member_id = ?", id); err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(want)) {
		args := []any{n, id}
		if table == "member_field" {
			args = append(args, want[n])
		}
		if _, err := w.exec(insert, args...); err != nil {
			return err
		}
	}
	return nil
}

// combine makes one member of its identities: the fullest name, the first of what only one can be, sums of the rest; where
// they work is found by stintsOf. The identities are in an order that does not depend on what came first.
func combine(parts []memberPart) greenroom.Member {
	m := greenroom.Member{Contact: true, Name: fullestName(parts)}
	for i := range parts {
		p := &parts[i]
		m.Title = cmp.Or(m.Title, p.profile.JobTitle)
		m.Location = cmp.Or(m.Location, p.profile.Location)
		m.AvatarURL = cmp.Or(m.AvatarURL, p.profile.AvatarURL)
		m.Staff, m.Bot, m.Contact = m.Staff || p.staff, m.Bot || p.bot, m.Contact && p.business
		m.Activities += p.number
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

func earliest(dst *int64, v int64) {
	if v != 0 && (*dst == 0 || v < *dst) {
		*dst = v
	}
}

// fullestName chooses by what name a member goes: a name rather than a handle, one of more words, the longer one.
func fullestName(parts []memberPart) string {
	best, chosen := -1, ""
	for i := range parts {
		p := &parts[i]
		for weight, name := range []string{p.external, p.handle, p.name} {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			score := weight*10 + min(len(strings.Fields(name)), 3)
			if score > best || score == best && (len(name) > len(chosen) || len(name) == len(chosen) && name < chosen) {
				best, chosen = score, name
			}
		}
	}
	return chosen
}
