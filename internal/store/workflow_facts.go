// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/member"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/workflow"
)

func editOf(x *workflow.Edit) member.Edit {
	var e member.Edit
	if x.Tag != "" {
		e.AddTags = []string{x.Tag}
	}
	if x.Untag != "" {
		e.RemoveTags = []string{x.Untag}
	}
	if x.Field != "" {
		e.Fields = map[string]string{x.Field: x.Value}
	}
	return e
}

// wholeOf gives of members who they are now; those who are gone are left out.
func (s *Store) wholeOf(ctx context.Context, ids []int64) (map[int64]int64, error) {
	all := make(map[int64]int64, len(ids))
	err := inLists(ctx, s, "SELECT id, merged_into FROM member WHERE id IN (%IN%)", ids, func(row rowScanner) error {
		var id, into int64
		err := row.Scan(&id, &into)
		all[id] = id
		if into > 0 {
			all[id] = into
		}
		return err
	})
	return all, err
}

// WorkflowPeople knows members by the ids that they are asked by; those who are gone are left out.
func (s *Store) WorkflowPeople(ctx context.Context, ids []int64) (map[int64]workflow.Person, error) {
	whole, err := s.wholeOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var now []int64
	for _, id := range whole {
		now = append(now, id)
	}
	slices.Sort(now)
	now = slices.Compact(now)
	people := make(map[int64]*workflow.Person, len(now))
	if err := inLists(ctx, s, `SELECT m.id, m.name, coalesce(o.name, ''), coalesce(o.lifecycle, ''), m.country, m.staff + m.bot + m.hidden FROM member m
		LEFT JOIN organization o ON o.id = m.organization_id AND o.hidden = 0 WHERE m.id IN (%IN%)`, now, func(row rowScanner) error {
		var p workflow.Person
		var out int64
		err := row.Scan(&p.ID, &p.Name, &p.Organization, &p.Lifecycle, &p.Country, &out)
		p.Out = out > 0
		people[p.ID] = &p
		return err
	}); err != nil {
		return nil, err
	}
	if err := s.accountsFor(ctx, now, people); err != nil {
		return nil, err
	}
	if err := inLists(ctx, s, "SELECT member_id, name, value FROM member_field WHERE member_id IN (%IN%)", now, func(row rowScanner) error {
		var id int64
		var name, value string
		err := row.Scan(&id, &name, &value)
		if p := people[id]; p != nil {
			if p.Fields == nil {
				p.Fields = make(map[string]string)
			}
			p.Fields[name] = value
		}
		return err
	}); err != nil {
		return nil, err
	}
	all := make(map[int64]workflow.Person, len(ids))
	for id, is := range whole {
		if p := people[is]; p != nil {
			all[id] = *p
		}
	}
	return all, nil
}

// accountsFor reads accounts and mail addresses; a verified address comes before others.
func (s *Store) accountsFor(ctx context.Context, ids []int64, people map[int64]*workflow.Person) error {
	return inLists(ctx, s, `SELECT i.member_id, s.name, i.external_id, i.handle, i.profile FROM identity i JOIN source s ON s.id = i.source_id
		WHERE i.deleted = 0 AND i.member_id IN (%IN%) ORDER BY i.last_active DESC, i.id`, ids, func(row rowScanner) error {
		var id int64
		var a workflow.Account
		var profile string
		if err := row.Scan(&id, &a.Source, &a.External, &a.Handle, &profile); err != nil {
			return err
		}
		p := people[id]
		if p == nil {
			return nil
		}
		p.Accounts = append(p.Accounts, a)
		var known struct {
			Emails []greenroom.Email `json:"emails"`
		}
		if err := json.Unmarshal([]byte(profile), &known); err != nil {
			return nil //nolint:nilerr // a profile that cannot be read names no address
		}
		for _, e := range known.Emails {
			low := strings.ToLower(e.Address)
			switch at := slices.Index(p.Emails, low); {
			case low == "" || at >= 0 && !e.Verified:
			case e.Verified:
				if at >= 0 {
					p.Emails = slices.Delete(p.Emails, at, at+1)
				}
				p.Emails = append([]string{low}, p.Emails...)
			default:
				p.Emails = append(p.Emails, low)
			}
		}
		return nil
	})
}

// Begun knows activities; those that are gone are left out.
func (s *Store) Begun(ctx context.Context, ids []int64) (map[int64]workflow.Begun, error) {
	all := make(map[int64]workflow.Begun, len(ids))
	err := inLists(ctx, s, `SELECT a.id, coalesce(i.member_id, 0), a.occurred_at, s.name, coalesce(ch.name, ''), coalesce(ch.external_id, ''), a.external_id, a.conversation_id, coalesce(c.title, ''), a.url,
			coalesce(c.thread, r.external_id, a.external_id), CASE WHEN c.thread IS NULL THEN 0 ELSE 1 END, coalesce((SELECT min(t.name) FROM topic_activity x JOIN topic t ON t.id = x.topic_id WHERE x.activity_id = a.id AND t.hidden = 0), '')
		FROM activity a JOIN source s ON s.id = a.source_id LEFT JOIN channel ch ON ch.id = a.channel_id LEFT JOIN identity i ON i.id = a.identity_id
		LEFT JOIN conversation c ON c.id = a.conversation_id AND a.conversation_id > 0 LEFT JOIN activity r ON r.id = a.conversation_id AND a.conversation_id > 0
		WHERE a.id IN (%IN%)`, ids, func(row rowScanner) error {
		var b workflow.Begun
		var at, thread int64
		err := row.Scan(&b.ID, &b.MemberID, &at, &b.Source, &b.Channel, &b.ChannelID, &b.External, &b.Conversation, &b.Title, &b.URL, &b.Root, &thread, &b.Topic)
		b.At, b.Thread = fromMicros(at), thread != 0
		all[b.ID] = b
		return err
	})
	return all, err
}

// mostDeeds is how many activities of a span of time are looked at.
const mostDeeds = 2000

const deedColumns = `SELECT a.id, coalesce(i.member_id, 0), a.occurred_at, a.kind FROM activity a JOIN identity i ON i.id = a.identity_id WHERE a.deleted = 0 AND a.occurred_at > ? AND a.occurred_at <= ? AND `

func (s *Store) deeds(ctx context.Context, q string, args ...any) ([]workflow.Deed, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	var all []workflow.Deed
	err = scan(rows, func() error {
		var d workflow.Deed
		var at, kind int64
		err := rows.Scan(&d.ID, &d.Member, &at, &kind)
		d.At, d.Said = fromMicros(at), greenroom.Kind(kind).Info().Opens || greenroom.Kind(kind).Info().Answers
		all = append(all, d)
		return err
	})
	return all, err
}

// DeedsOf gives what a member did after a time and not after another, in order of time.
func (s *Store) DeedsOf(ctx context.Context, id int64, after, until time.Time) ([]workflow.Deed, error) {
	return s.deeds(ctx, deedColumns+fmt.Sprintf("i.member_id = ? ORDER BY a.occurred_at, a.id LIMIT %d", mostDeeds), micros(after), micros(until), id)
}

// DeedsIn gives what was done in a conversation after a time and not after another, in order of time. What bots did is
// left out.
func (s *Store) DeedsIn(ctx context.Context, id int64, after, until time.Time) ([]workflow.Deed, error) {
	return s.deeds(ctx, deedColumns+fmt.Sprintf(`a.conversation_id = ? AND a.conversation_id > 0 AND NOT EXISTS (SELECT 1 FROM member b WHERE b.id = i.member_id AND b.bot = 1)
		ORDER BY a.occurred_at, a.id LIMIT %d`, mostDeeds), micros(after), micros(until), id)
}

// Turned gives the first time in between at which a member entered a segment, or left it; the zero time = never.
func (s *Store) Turned(ctx context.Context, id int64, key string, entered bool, after, until time.Time) (time.Time, error) {
	var at int64
	err := s.queryRow(ctx, `SELECT coalesce(min(e.at), 0) FROM segment_event e JOIN segment g ON g.id = e.segment_id WHERE g.key = ? AND e.entered = ? AND e.at > ? AND e.at <= ?
		AND e.cause IN (`+personCauses()+`) AND e.member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)`, []any{key, flag(entered), micros(after), micros(until), id, id}, &at)
	return fromMicros(at), err
}

// NewTurns gives who entered and left segments behind an event, in order.
func (s *Store) NewTurns(ctx context.Context, after int64, limit int) ([]workflow.Turn, error) {
	events, err := s.SegmentEvents(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	return s.turnsOf(ctx, events)
}

// TurnsSince gives comings and goings of people in a segment since a time, in order.
func (s *Store) TurnsSince(ctx context.Context, key string, since time.Time, limit int) ([]workflow.Turn, error) {
	g, err := s.Segment(ctx, key)
	if err != nil {
		return nil, err
	}
	events, err := s.SegmentEventsOf(ctx, segment.Filter{Segment: g.ID, People: true, Past: true, Since: since, Limit: limit})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(events, func(a, b segment.Event) int { return a.At.Compare(b.At) })
	turns, err := s.turnsOf(ctx, events)
	for i := range turns {
		turns[i].Person = true
	}
	return turns, err
}

func (s *Store) turnsOf(ctx context.Context, events []segment.Event) ([]workflow.Turn, error) {
	ids := make([]int64, len(events))
	for i := range events {
		ids[i] = events[i].MemberID
	}
	whole, err := s.wholeOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	turns := make([]workflow.Turn, len(events))
	for i := range events {
		e := &events[i]
		turns[i] = workflow.Turn{ID: e.ID, Member: whole[e.MemberID], Segment: e.Segment, Entered: e.Entered, At: e.At, Person: e.Cause.Person() && whole[e.MemberID] > 0}
	}
	return turns, nil
}

// Doers tells of activities who did them, when, and in which conversation; those of nobody are left out.
func (s *Store) Doers(ctx context.Context, ids []int64) ([]workflow.Doer, error) {
	var all []workflow.Doer
	err := inLists(ctx, s, `SELECT a.id, m.id, a.conversation_id, a.occurred_at, m.staff + m.bot + m.hidden FROM activity a JOIN identity i ON i.id = a.identity_id JOIN member m ON m.id = i.member_id
		WHERE a.id IN (%IN%) ORDER BY a.id`, ids, func(row rowScanner) error {
		var d workflow.Doer
		var at, out int64
		err := row.Scan(&d.Activity, &d.Member, &d.Conversation, &at, &out)
		d.At, d.Out = fromMicros(at), out > 0
		all = append(all, d)
		return err
	})
	return all, err
}

// FitMembers gives the members whom a query fits now, in order; nil = all. Staff and bots are left out.
func (s *Store) FitMembers(ctx context.Context, q *query.Query) ([]int64, error) {
	var root query.Node
	if q != nil {
		root = q.Root
	}
	ids, err := s.SegmentFits(ctx, root, s.now())
	if err != nil {
		return nil, err
	}
	team := make(map[int64]bool)
	rows, err := s.query(ctx, "SELECT id FROM member WHERE staff + bot + hidden > 0")
	if err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		team[id] = true
		return err
	}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return team[id] }), nil
}

// Dates gives a date of members, of their organizations, or of their business records.
func (s *Store) Dates(ctx context.Context, of, field string) ([]workflow.Dated, error) {
	stamp := func(q string) ([]workflow.Dated, error) { // of a column of times
		rows, err := s.query(ctx, q)
		if err != nil {
			return nil, err
		}
		var all []workflow.Dated
		err = scan(rows, func() error {
			var d workflow.Dated
			var at int64
			err := rows.Scan(&d.Member, &at)
			d.Value = fromMicros(at).Format(time.RFC3339)
			all = append(all, d)
			return err
		})
		return all, err
	}
	switch of + " " + field {
	case "member first_active", "member last_active":
		return stamp("SELECT id, " + field + " FROM member WHERE merged_into = 0 AND " + field + " > 0 ORDER BY id")
	case "member joined":
		return stamp("SELECT id, joined_at FROM member WHERE merged_into = 0 AND joined_at > 0 ORDER BY id")
	case "record opened_at", "record closed_at":
		return stamp("SELECT m.id, b." + field + recordMembers + " AND b." + field + " > 0 ORDER BY m.id, b.id")
	}
	q := "SELECT member_id, value FROM member_field WHERE name = ? ORDER BY member_id"
	switch of {
	case "organization":
		q = "SELECT m.id, f.value FROM organization_field f JOIN member m ON m.organization_id = f.organization_id AND m.merged_into = 0 WHERE f.name = ? ORDER BY m.id"
	case "record":
		return s.recordDates(ctx, field)
	}
	rows, err := s.query(ctx, q, field)
	if err != nil {
		return nil, err
	}
	var all []workflow.Dated
	err = scan(rows, func() error {
		var d workflow.Dated
		err := rows.Scan(&d.Member, &d.Value)
		all = append(all, d)
		return err
	})
	return all, err
}

// recordMembers joins business records with their member, or with the members of their organization where they name none.
const recordMembers = ` FROM business_record b LEFT JOIN identity i ON i.id = b.identity_id AND b.identity_id > 0
	JOIN member m ON m.merged_into = 0 AND (m.id = i.member_id OR b.identity_id = 0 AND b.organization_id > 0 AND m.organization_id = b.organization_id) WHERE b.deleted = 0`

func (s *Store) recordDates(ctx context.Context, field string) ([]workflow.Dated, error) {
	rows, err := s.query(ctx, "SELECT m.id, b.fields"+recordMembers+" ORDER BY m.id, b.id")
	if err != nil {
		return nil, err
	}
	var all []workflow.Dated
	err = scan(rows, func() error {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		fields := make(map[string]string)
		if json.Unmarshal([]byte(text), &fields) == nil && fields[field] != "" {
			all = append(all, workflow.Dated{Member: id, Value: fields[field]})
		}
		return nil
	})
	return all, err
}

// Team is who is in the team and where it is told things.
func (s *Store) Team(ctx context.Context) (workflow.Team, error) {
	t := workflow.Team{Names: make(map[string]string), Destinations: make(map[int64]outbox.Destination)}
	users, err := s.Users(ctx)
	if err != nil {
		return t, err
	}
	for i := range users {
		t.Names[strings.ToLower(users[i].Email)] = users[i].Name
	}
	places, err := s.Destinations(ctx)
	for i := range places {
		t.Destinations[places[i].ID] = places[i]
	}
	return t, err
}

// ActivitiesSince gives activities that a query fits and that happened since a time, in order of time.
func (s *Store) ActivitiesSince(ctx context.Context, q *query.Query, since time.Time, limit int) ([]workflow.Doer, error) {
	f, err := s.filter(ctx, activityListing(), q)
	if err != nil {
		return nil, err
	}
	f.now = s.now()
	cond, args, err := f.where(ctx, 0)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, "SELECT a.id FROM "+activityListing().tables(cond)+" WHERE ("+cond+") AND a.occurred_at >= ? ORDER BY a.occurred_at, a.id LIMIT ?", append(args, micros(since), limit)...)
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil {
		return nil, err
	}
	all, err := s.Doers(ctx, ids)
	slices.SortStableFunc(all, func(a, b workflow.Doer) int { return a.At.Compare(b.At) })
	return all, err
}
