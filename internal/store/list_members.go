// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sort"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

func memberListing() *listing {
	return &listing{
		entity: query.Members,
		columns: `m.id, m.name, m.organization_id, coalesce(mo.name, ''), m.organization_from, m.title, m.location, m.country, m.avatar_url, m.staff, m.bot, m.hidden, m.contact,
			m.joined_at, m.first_active, m.last_active, m.activities`,
		table: "member m",
		joins: []join{
			{"mo", "LEFT JOIN organization mo ON mo.id = m.organization_id"},
			{"score_orbit", "LEFT JOIN member_score score_orbit ON score_orbit.model = 'orbit' AND score_orbit.member_id = m.id"},
			{"score_love", "LEFT JOIN member_score score_love ON score_love.model = 'love' AND score_love.member_id = m.id"},
			{"score_points", "LEFT JOIN member_score score_points ON score_points.model = 'points' AND score_points.member_id = m.id"},
		},
		id: "m.id",
		sorts: map[string]string{
			"name": "text:m.name", "last_active": "m.last_active", "first_active": "m.first_active", "joined": "m.joined_at",
			"activities": "m.activities", "identities": "m.identities", "country": "text:m.country",
			"level": "coalesce(nullif(score_orbit.level, 0) * 10 + score_orbit.step, 99)", "love": "coalesce(score_love.value, 0)", "points": "coalesce(score_points.value, 0)",
		},
		first:  query.Order{Field: &query.Field{Name: "last_active"}, Desc: true},
		always: "m.merged_into = 0",
		unless: map[string]string{"hidden": "m.hidden = 0", "contact": "m.contact = 0"},
	}
}

// ListMembers gives one page of members. Hidden ones and contacts are left out unless the query names them.
func (s *Store) ListMembers(ctx context.Context, req list.Request) (list.Page[greenroom.Member], error) {
	return cachedPage(ctx, s, query.Members, req, func(ctx context.Context) (list.Page[greenroom.Member], error) { return s.listMembers(ctx, req) })
}

func (s *Store) listMembers(ctx context.Context, req list.Request) (list.Page[greenroom.Member], error) {
	p, err := page(ctx, s, memberListing(), req, scanMember)
	if err != nil {
		return p, fmt.Errorf("listing members: %w", err)
	}
	return p, s.fillMembers(ctx, p.Items)
}

func scanMember(rows *sql.Rows, more ...any) (greenroom.Member, int64, error) {
	var m greenroom.Member
	var staff, bot, hidden, contact, joined, first, last int64
	err := rows.Scan(append([]any{
		&m.ID, &m.Name, &m.OrganizationID, &m.Organization, &m.OrganizationFrom, &m.Title, &m.Location, &m.Country, &m.AvatarURL,
		&staff, &bot, &hidden, &contact, &joined, &first, &last, &m.Activities,
	}, more...)...)
	m.Staff, m.Bot, m.Hidden, m.Contact = staff != 0, bot != 0, hidden != 0, contact != 0
	m.JoinedAt, m.FirstActive, m.LastActive = fromMicros(joined), fromMicros(first), fromMicros(last)
	m.Emails, m.Tags, m.Identities = []string{}, []string{}, []greenroom.IdentityRef{}
	return m, m.ID, err
}

// fillMembers adds identities, e-mails, tags and custom fields.
func (s *Store) fillMembers(ctx context.Context, members []greenroom.Member) error {
	byID := make(map[int64]*greenroom.Member, len(members))
	for i := range members {
		byID[members[i].ID] = &members[i]
	}
	ids := idsOf(members, func(m *greenroom.Member) int64 { return m.ID })
	if err := s.eachOf(ctx, `SELECT i.member_id, i.id, s.name, s.platform, i.external_id, i.handle, i.name, i.match_reason, i.profile
		FROM identity i JOIN source s ON s.id = i.source_id WHERE i.member_id IN (%s) ORDER BY i.id`, ids, func(rows rowScanner) error {
		var member int64
		var ref greenroom.IdentityRef
		var text string
		if err := rows.Scan(&member, &ref.ID, &ref.Source, &ref.Platform, &ref.ExternalID, &ref.Handle, &ref.Name, &ref.Reason, &text); err != nil {
			return err
		}
		var p profile
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return fmt.Errorf("decoding the profile of identity %d: %w", ref.ID, err)
		}
		m := byID[member]
		m.Identities = append(m.Identities, ref)
		for _, e := range p.Emails {
			if !containsText(m.Emails, e.Address) {
				m.Emails = append(m.Emails, e.Address)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for i := range members {
		sort.Strings(members[i].Emails)
	}
	if err := s.eachOf(ctx, "SELECT member_id, tag FROM member_tag WHERE member_id IN (%s) ORDER BY tag", ids, func(rows rowScanner) error {
		var member int64
		var tag string
		err := rows.Scan(&member, &tag)
		byID[member].Tags = append(byID[member].Tags, tag)
		return err
	}); err != nil {
		return err
	}
	return s.eachOf(ctx, "SELECT member_id, name, value FROM member_field WHERE member_id IN (%s) ORDER BY name", ids, func(rows rowScanner) error {
		var member int64
		var name, value string
		err := rows.Scan(&member, &name, &value)
		m := byID[member]
		if m.Fields == nil {
			m.Fields = make(map[string]string)
		}
		m.Fields[name] = value
		return err
	})
}

func containsText(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// Member returns one member; the id of one that was merged gives the member that it is part of now.
func (s *Store) Member(ctx context.Context, id int64) (greenroom.Member, error) {
	l := memberListing()
	rows, err := s.query(ctx, "SELECT "+l.columns+" FROM "+l.whole()+` WHERE m.id = (SELECT CASE WHEN merged_into > 0 THEN merged_into ELSE id END FROM member WHERE id = ?)`, id)
	if err != nil {
		return greenroom.Member{}, err
	}
	var found []greenroom.Member
	if err := scan(rows, func() error {
		m, _, err := scanMember(rows)
		found = append(found, m)
		return err
	}); err != nil {
		return greenroom.Member{}, fmt.Errorf("member %d: %w", id, err)
	}
	if len(found) == 0 {
		return greenroom.Member{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no member %d", id)
	}
	return found[0], s.fillMembers(ctx, found)
}

// MemberIdentities lists the identities of a member with all that is known of each.
func (s *Store) MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error) {
	rows, err := s.query(ctx, `SELECT i.id, i.source_id, s.name, i.external_id, i.member_id, i.handle, i.name, i.bot, i.staff, i.deleted,
		i.joined_at, i.first_active, i.last_active, i.activities, i.match_reason, i.profile,
		coalesce((SELECT b.stored_at FROM raw_block b WHERE b.id = i.raw_block), 0)
		FROM identity i JOIN source s ON s.id = i.source_id WHERE i.member_id = ? ORDER BY i.id`, member)
	if err != nil {
		return nil, err
	}
	var all []greenroom.Identity
	err = scan(rows, func() error {
		var id greenroom.Identity
		var bot, staff, deleted, joined, first, last, told int64
		var text string
		if err := rows.Scan(&id.ID, &id.SourceID, &id.Source, &id.ExternalID, &id.MemberID, &id.Handle, &id.Name, &bot, &staff, &deleted,
			&joined, &first, &last, &id.Activities, &id.MatchReason, &text, &told); err != nil {
			return err
		}
		id.Bot, id.Staff, id.Deleted = bot != 0, staff != 0, deleted != 0
		id.JoinedAt, id.FirstActive, id.LastActive, id.ToldAt = fromMicros(joined), fromMicros(first), fromMicros(last), fromMicros(told)
		var p profile
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return fmt.Errorf("decoding the profile of identity %d: %w", id.ID, err)
		}
		id.Emails, id.Links, id.AvatarURL, id.ProfileURL, id.Bio = p.Emails, p.Links, p.AvatarURL, p.ProfileURL, p.Bio
		id.Location, id.TimeZone, id.Company, id.JobTitle = p.Location, p.TimeZone, p.Company, p.JobTitle
		all = append(all, id)
		return nil
	})
	return all, err
}
