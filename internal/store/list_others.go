// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

func organizationListing() *listing {
	return &listing{
		entity:  query.Organizations,
		columns: "o.id, o.name, o.kind, o.parent_id, o.lifecycle, o.size, o.country, o.members, o.activities, o.first_active, o.last_active",
		table:   "organization o",
		id:      "o.id",
		sorts: map[string]string{
			"name": "text:o.name", "lifecycle": "text:o.lifecycle", "members": "o.members", "activities": "o.activities", "last_active": "o.last_active",
			"first_active": "o.first_active", "size": "o.size", "country": "text:o.country",
		},
		first:  query.Order{Field: &query.Field{Name: "last_active"}, Desc: true},
		always: "o.hidden = 0 AND o.merged_into = 0",
	}
}

// ListOrganizations gives one page of organizations.
func (s *Store) ListOrganizations(ctx context.Context, req list.Request) (list.Page[greenroom.Organization], error) {
	return cachedPage(ctx, s, query.Organizations, req, func(ctx context.Context) (list.Page[greenroom.Organization], error) {
		return s.listOrganizations(ctx, req)
	})
}

func (s *Store) listOrganizations(ctx context.Context, req list.Request) (list.Page[greenroom.Organization], error) {
	p, err := page(ctx, s, organizationListing(), req, scanOrganization)
	if err != nil {
		return p, fmt.Errorf("listing organizations: %w", err)
	}
	return p, s.fillOrganizations(ctx, p.Items)
}

func scanOrganization(rows *sql.Rows, more ...any) (greenroom.Organization, int64, error) {
	var o greenroom.Organization
	var first, last int64
	err := rows.Scan(append([]any{&o.ID, &o.Name, &o.Kind, &o.ParentID, &o.Lifecycle, &o.Size, &o.Country, &o.Members, &o.Activities, &first, &last}, more...)...)
	o.FirstActive, o.LastActive = fromMicros(first), fromMicros(last)
	o.Domains, o.Tags = []string{}, []string{}
	return o, o.ID, err
}

func (s *Store) fillOrganizations(ctx context.Context, all []greenroom.Organization) error {
	byID := make(map[int64]*greenroom.Organization, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	ids := idsOf(all, func(o *greenroom.Organization) int64 { return o.ID })
	if err := s.eachOf(ctx, "SELECT o.id, p.name FROM organization o JOIN organization p ON p.id = o.parent_id WHERE o.parent_id > 0 AND o.id IN (%s)", ids, func(rows rowScanner) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		byID[id].Parent = name
		return err
	}); err != nil {
		return err
	}
	if err := s.eachOf(ctx, "SELECT organization_id, domain FROM organization_domain WHERE organization_id IN (%s) ORDER BY domain", ids, func(rows rowScanner) error {
		var id int64
		var text string
		err := rows.Scan(&id, &text)
		byID[id].Domains = append(byID[id].Domains, text)
		return err
	}); err != nil {
		return err
	}
	if err := s.eachOf(ctx, "SELECT organization_id, tag FROM organization_tag WHERE organization_id IN (%s) ORDER BY tag", ids, func(rows rowScanner) error {
		var id int64
		var text string
		err := rows.Scan(&id, &text)
		byID[id].Tags = append(byID[id].Tags, text)
		return err
	}); err != nil {
		return err
	}
	return s.eachOf(ctx, "SELECT organization_id, name, value FROM organization_field WHERE organization_id IN (%s) ORDER BY name", ids, func(rows rowScanner) error {
		var id int64
		var name, value string
		err := rows.Scan(&id, &name, &value)
		if byID[id].Fields == nil {
			byID[id].Fields = make(map[string]string)
		}
		byID[id].Fields[name] = value
		return err
	})
}

// Organization returns one organization; the number of one that is part of another gives that other.
func (s *Store) Organization(ctx context.Context, id int64) (greenroom.Organization, error) {
	l := organizationListing()
	rows, err := s.query(ctx, "SELECT "+l.columns+" FROM "+l.whole()+" WHERE o.id = (SELECT CASE WHEN merged_into > 0 THEN merged_into ELSE id END FROM organization WHERE id = ?)", id)
	if err != nil {
		return greenroom.Organization{}, err
	}
	var found []greenroom.Organization
	if err := scan(rows, func() error {
		o, _, err := scanOrganization(rows)
		found = append(found, o)
		return err
	}); err != nil {
		return greenroom.Organization{}, fmt.Errorf("organization %d: %w", id, err)
	}
	if len(found) == 0 {
		return greenroom.Organization{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no organization %d", id)
	}
	return found[0], s.fillOrganizations(ctx, found)
}

func activityListing() *listing {
	return &listing{
		entity: query.Activities,
		columns: `a.id, a.source_id, s.name, a.external_id, a.kind, a.channel_id, coalesce(ch.name, ''), a.occurred_at, a.edited_at, a.identity_id,
			coalesce(i.member_id, 0), coalesce(m.name, ''), a.conversation_id, a.reply_to, a.question, a.title, a.body, a.url`,
		table: "activity a",
		joins: []join{
			{"s", "LEFT JOIN source s ON s.id = a.source_id"},
			{"ch", "LEFT JOIN channel ch ON ch.id = a.channel_id"},
			{"i", "LEFT JOIN identity i ON i.id = a.identity_id"},
			{"m", "LEFT JOIN member m ON m.id = i.member_id"},
		},
		id:     "a.id",
		sorts:  map[string]string{"occurred": "a.occurred_at", "kind": "a.kind"},
		first:  query.Order{Field: &query.Field{Name: "occurred"}, Desc: true},
		author: "a.identity_id", channel: "a.channel_id", deleted: "a",
		recent: &recent{
			table: "activity", column: "occurred_at", join: "activity a ON a.id = f.rowid",
			minID: "SELECT coalesce(min(+id), 0) FROM activity WHERE occurred_at", // the plus keeps it off the ids' own order
		},
	}
}

// ListActivities gives one page of activities, newest first. Deleted ones are left out unless the query names them.
func (s *Store) ListActivities(ctx context.Context, req list.Request) (list.Page[greenroom.Activity], error) {
	return cachedPage(ctx, s, query.Activities, req, func(ctx context.Context) (list.Page[greenroom.Activity], error) { return s.listActivities(ctx, req) })
}

func (s *Store) listActivities(ctx context.Context, req list.Request) (list.Page[greenroom.Activity], error) {
	p, err := page(ctx, s, activityListing(), req, scanActivity)
	if err != nil {
		return p, fmt.Errorf("listing activities: %w", err)
	}
	return p, nil
}

func scanActivity(rows *sql.Rows, more ...any) (greenroom.Activity, int64, error) {
	var a greenroom.Activity
	var kind, at, edited, question int64
	err := rows.Scan(append([]any{
		&a.ID, &a.SourceID, &a.Source, &a.ExternalID, &kind, &a.ChannelID, &a.Channel, &at, &edited, &a.IdentityID,
		&a.MemberID, &a.Member, &a.ConversationID, &a.ReplyTo, &question, &a.Title, &a.Body, &a.URL,
	}, more...)...)
	a.Kind, a.OccurredAt, a.EditedAt, a.Question = greenroom.Kind(kind), fromMicros(at), fromMicros(edited), question != 0
	return a, a.ID, err
}

// Activity returns one activity.
func (s *Store) Activity(ctx context.Context, id int64) (greenroom.Activity, error) {
	found, err := s.activitiesWhere(ctx, "a.id = ?", id)
	if err != nil {
		return greenroom.Activity{}, fmt.Errorf("activity %d: %w", id, err)
	}
	if len(found) == 0 {
		return greenroom.Activity{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no activity %d", id)
	}
	return found[0], nil
}

// ConversationActivities gives what belongs to a conversation in order of time, at most limit activities.
func (s *Store) ConversationActivities(ctx context.Context, id int64, limit int) ([]greenroom.Activity, error) {
	return s.activitiesWhere(ctx, "a.conversation_id = ? AND a.conversation_id > 0 AND a.deleted = 0 ORDER BY a.occurred_at, a.id LIMIT ?", id, limit)
}

func (s *Store) activitiesWhere(ctx context.Context, where string, args ...any) ([]greenroom.Activity, error) {
	l := activityListing()
	rows, err := s.query(ctx, "SELECT "+l.columns+" FROM "+l.whole()+" WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	var found []greenroom.Activity
	err = scan(rows, func() error {
		a, _, err := scanActivity(rows)
		found = append(found, a)
		return err
	})
	return found, err
}

func conversationListing() *listing {
	return &listing{
		entity: query.Conversations,
		columns: `c.id, c.source_id, s.name, c.channel_id, coalesce(ch.name, ''), c.title, c.url, c.kind, c.state, c.question, c.opened_at, c.last_activity,
			c.first_response, c.first_staff, c.resolved_at, c.author_id, coalesce(i.member_id, 0), coalesce(m.name, ''), c.replies, c.participants`,
		table: "conversation c",
		joins: []join{
			{"s", "LEFT JOIN source s ON s.id = c.source_id"},
			{"ch", "LEFT JOIN channel ch ON ch.id = c.channel_id"},
			{"i", "LEFT JOIN identity i ON i.id = c.author_id"},
			{"m", "LEFT JOIN member m ON m.id = i.member_id"},
		},
		id: "c.id",
		sorts: map[string]string{
			"opened": "c.opened_at", "last_active": "c.last_activity", "replies": "c.replies", "participants": "c.participants", "kind": "c.kind",
			"title": "text:c.title", "state": "text:c.state", "waiting": "(-c.opened_at)",
			"first_response": "(CASE WHEN c.first_response = 0 THEN -1 ELSE c.first_response - c.opened_at END)",
		},
		first:  query.Order{Field: &query.Field{Name: "opened"}, Desc: true},
		always: "c.opened_at > 0",
		author: "c.author_id", channel: "c.channel_id",
		recent: &recent{
			table: "conversation", column: "opened_at",
			join: "activity x ON x.id = f.rowid AND x.conversation_id > 0 CROSS JOIN conversation c ON c.id = x.conversation_id",
			minID: `SELECT coalesce(min(x.id), 0) FROM conversation w CROSS JOIN activity x ON x.conversation_id = w.id AND x.conversation_id > 0
				WHERE w.opened_at`,
		},
	}
}

// ListConversations gives one page of conversations.
func (s *Store) ListConversations(ctx context.Context, req list.Request) (list.Page[greenroom.Conversation], error) {
	return cachedPage(ctx, s, query.Conversations, req, func(ctx context.Context) (list.Page[greenroom.Conversation], error) {
		return s.listConversations(ctx, req)
	})
}

func (s *Store) listConversations(ctx context.Context, req list.Request) (list.Page[greenroom.Conversation], error) {
	p, err := page(ctx, s, conversationListing(), req, scanConversation)
	if err != nil {
		return p, fmt.Errorf("listing conversations: %w", err)
	}
	return p, nil
}

func scanConversation(rows *sql.Rows, more ...any) (greenroom.Conversation, int64, error) {
	var c greenroom.Conversation
	var kind, question, opened, last, response, staff, resolved int64
	var state string
	err := rows.Scan(append([]any{
		&c.ID, &c.SourceID, &c.Source, &c.ChannelID, &c.Channel, &c.Title, &c.URL, &kind, &state, &question, &opened, &last,
		&response, &staff, &resolved, &c.AuthorIdentityID, &c.AuthorMemberID, &c.Author, &c.Replies, &c.Participants,
	}, more...)...)
	c.Kind, c.State, c.Question = greenroom.Kind(kind), greenroom.State(state), question != 0
	c.OpenedAt, c.LastActivityAt, c.FirstResponseAt = fromMicros(opened), fromMicros(last), fromMicros(response)
	c.FirstStaffResponseAt, c.ResolvedAt = fromMicros(staff), fromMicros(resolved)
	return c, c.ID, err
}

// Conversation returns one conversation.
func (s *Store) Conversation(ctx context.Context, id int64) (greenroom.Conversation, error) {
	l := conversationListing()
	rows, err := s.query(ctx, "SELECT "+l.columns+" FROM "+l.whole()+" WHERE c.id = ?", id)
	if err != nil {
		return greenroom.Conversation{}, err
	}
	var found []greenroom.Conversation
	if err := scan(rows, func() error {
		c, _, err := scanConversation(rows)
		found = append(found, c)
		return err
	}); err != nil {
		return greenroom.Conversation{}, fmt.Errorf("conversation %d: %w", id, err)
	}
	if len(found) == 0 {
		return greenroom.Conversation{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
	}
	return found[0], nil
}
