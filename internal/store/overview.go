// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom"
)

// Overview counts the whole. Large tables are counted by their last id, which is their size but for what was erased.
func (s *Store) Overview(ctx context.Context) (greenroom.Overview, error) {
	return cached(ctx, s, "overview", func(ctx context.Context) (greenroom.Overview, error) { return s.overview(ctx) })
}

func (s *Store) overview(ctx context.Context) (greenroom.Overview, error) {
	var o greenroom.Overview
	held, err := s.ready(ctx)
	if err != nil {
		return o, err
	}
	members := "SELECT count(*) FROM member WHERE merged_into = 0 AND staff = 0 AND bot = 0 AND hidden = 0 AND contact = 0"
	if held {
		members = "SELECT " + strconv.FormatInt(s.crowd.plain(), 10)
	}
	err = s.queryRow(ctx, "SELECT ("+members+`),
		(SELECT count(*) FROM organization WHERE hidden = 0 AND merged_into = 0),
		(SELECT count(*) FROM conversation WHERE question = 1 AND state = 'open'),
		(SELECT coalesce(max(id), 0) FROM activity),
		(SELECT count(*) FROM conversation WHERE opened_at > 0),
		(SELECT count(*) FROM source)`, nil, &o.Members, &o.Organizations, &o.Waiting, &o.Activities, &o.Conversations, &o.Sources)
	if err != nil {
		return o, fmt.Errorf("counting the whole: %w", err)
	}
	return o, nil
}

// Ledger explains the number of accounts of a source, 0 = of all sources together.
func (s *Store) Ledger(ctx context.Context, source int64) (greenroom.Ledger, error) {
	return cached(ctx, s, fmt.Sprintf("ledger %d", source), func(ctx context.Context) (greenroom.Ledger, error) { return s.ledger(ctx, source) })
}

func (s *Store) ledger(ctx context.Context, source int64) (greenroom.Ledger, error) {
	if ok, err := s.ready(ctx); ok || err != nil {
		return s.crowd.ledger(source), err
	}
	var l greenroom.Ledger
	of, beside, args := "", "", []any(nil)
	if source > 0 { // the plus keeps it off the index on sources
		of, beside, args = " AND i.source_id = ?", " AND +i.source_id = ?", []any{source, source, source}
	}
	// Nearly all accounts are a plain member's only one. So they are counted, and looked at is what is not so: members with
	// several accounts, and those that are something special.
	err := s.queryRow(ctx, `SELECT (SELECT count(*) FROM identity i WHERE 1=1`+of+`),
		(SELECT count(*) - count(DISTINCT m.id) FROM member m CROSS JOIN identity i WHERE m.identities > 1 AND i.member_id = m.id`+beside+`),
		coalesce(sum(y.hidden), 0),
		coalesce(sum(CASE WHEN y.hidden = 0 AND y.contact = 1 THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN y.hidden = 0 AND y.contact = 0 AND y.bot = 1 THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN y.hidden = 0 AND y.contact = 0 AND y.bot = 0 THEN 1 ELSE 0 END), 0)
		FROM (SELECT m.hidden, m.contact, m.bot FROM member m
			WHERE (m.hidden | m.contact | m.bot | m.staff) = 1 AND EXISTS (SELECT 1 FROM identity i WHERE i.member_id = m.id`+beside+`)) y`,
		args, &l.Accounts, &l.Merged, &l.Hidden, &l.Contacts, &l.Bots, &l.Staff)
	l.Members = l.Accounts - l.Merged - l.Hidden - l.Contacts - l.Bots - l.Staff
	return l, err
}

// SourceKinds counts the stored activities of a source by kind, deleted ones left out.
func (s *Store) SourceKinds(ctx context.Context, source int64) (map[greenroom.Kind]int64, error) {
	return cached(ctx, s, fmt.Sprintf("kinds %d", source), func(ctx context.Context) (map[greenroom.Kind]int64, error) {
		return s.sourceKinds(ctx, source)
	})
}

func (s *Store) sourceKinds(ctx context.Context, source int64) (map[greenroom.Kind]int64, error) {
	if f := s.counting(); f != nil {
		kinds, _ := f.SourceTally(source)
		return kinds, nil
	}
	// The plus leaves the index on kinds, which holds all that is asked for.
	rows, err := s.query(ctx, "SELECT kind, count(*) FROM activity WHERE +source_id = ? AND deleted = 0 GROUP BY kind", source)
	if err != nil {
		return nil, err
	}
	counts := make(map[greenroom.Kind]int64)
	err = scan(rows, func() error {
		var kind, n int64
		err := rows.Scan(&kind, &n)
		counts[greenroom.Kind(kind)] = n
		return err
	})
	return counts, err
}

// SourceChannels lists the channels of a source with how many activities each has, deleted ones left out, the busiest
// first.
func (s *Store) SourceChannels(ctx context.Context, source int64, limit int) ([]greenroom.Channel, []int64, error) {
	all, err := cached(ctx, s, fmt.Sprintf("channels %d %d", source, limit), func(ctx context.Context) ([]counted, error) {
		if f := s.counting(); f != nil {
			_, counts := f.SourceTally(source)
			if all, ok, err := s.busiestChannels(ctx, source, counts, limit); ok || err != nil {
				return all, err
			}
		}
		return s.sourceChannels(ctx, source, limit)
	})
	channels, counts := make([]greenroom.Channel, len(all)), make([]int64, len(all))
	for i := range all {
		channels[i], counts[i] = all[i].Channel, all[i].n
	}
	return channels, counts, err
}

func (s *Store) sourceChannels(ctx context.Context, source int64, limit int) ([]counted, error) {
	rows, err := s.query(ctx, `SELECT c.id, c.external_id, c.name, c.url, c.threadless, c.hidden,
			(SELECT count(*) FROM activity a WHERE a.channel_id = c.id) - coalesce(d.n, 0) AS n
		FROM channel c LEFT JOIN (SELECT channel_id, count(*) AS n FROM activity WHERE deleted = 1 GROUP BY channel_id) d ON d.channel_id = c.id
		WHERE c.source_id = ? ORDER BY n DESC, c.name, c.id LIMIT ?`, source, limit)
	if err != nil {
		return nil, err
	}
	var all []counted
	err = scan(rows, func() error {
		c, err := scanCounted(rows, source)
		all = append(all, c)
		return err
	})
	return all, err
}

// MemberDays counts a member's activities by day since a time. Days begin at midnight of the zone that the offset of
// each moment gives, so that a year with daylight saving is right.
func (s *Store) MemberDays(ctx context.Context, member int64, since time.Time, zone *time.Location) (map[string]int, error) {
	days := make(map[string]int)
	if f := s.counting(); f != nil { // in the tables, the rows of a member lie all over the file
		f.MemberTimes(member, since, func(at time.Time) { days[at.In(zone).Format(time.DateOnly)]++ })
		return days, nil
	}
	rows, err := s.query(ctx, `SELECT a.occurred_at FROM activity a JOIN identity i ON i.id = a.identity_id
		WHERE i.member_id = ? AND a.occurred_at >= ? AND a.deleted = 0 AND a.kind NOT IN (`+inactiveKinds()+`)`, member, micros(since))
	if err != nil {
		return nil, err
	}
	err = scan(rows, func() error {
		var at int64
		err := rows.Scan(&at)
		days[fromMicros(at).In(zone).Format(time.DateOnly)]++
		return err
	})
	return days, err
}

// OrganizationRecords lists the business records of an organization, the newest first.
func (s *Store) OrganizationRecords(ctx context.Context, organization int64) ([]greenroom.BusinessRecord, error) {
	rows, err := s.query(ctx, `SELECT r.id, r.source_id, s.name, r.external_id, r.type, r.name, r.stage, r.amount, r.currency, r.opened_at, r.closed_at, coalesce(i.member_id, 0)
		FROM business_record r JOIN source s ON s.id = r.source_id LEFT JOIN identity i ON i.id = r.identity_id
		WHERE r.organization_id = ? AND r.deleted = 0 ORDER BY r.opened_at DESC, r.id DESC LIMIT 200`, organization)
	if err != nil {
		return nil, err
	}
	all := []greenroom.BusinessRecord{}
	err = scan(rows, func() error {
		r := greenroom.BusinessRecord{OrganizationID: organization}
		var opened, closed int64
		err := rows.Scan(&r.ID, &r.SourceID, &r.Source, &r.ExternalID, &r.Type, &r.Name, &r.Stage, &r.Amount, &r.Currency, &opened, &closed, &r.MemberID)
		r.OpenedAt, r.ClosedAt = fromMicros(opened), fromMicros(closed)
		all = append(all, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, s.fillStages(ctx, all)
}

// fillStages adds the stages that records went through.
func (s *Store) fillStages(ctx context.Context, records []greenroom.BusinessRecord) error {
	byID := make(map[int64]*greenroom.BusinessRecord, len(records))
	for i := range records {
		byID[records[i].ID] = &records[i]
	}
	ids := idsOf(records, func(r *greenroom.BusinessRecord) int64 { return r.ID })
	return s.eachOf(ctx, "SELECT record_id, stage, at FROM record_stage WHERE record_id IN (%s) ORDER BY record_id, at", ids, func(rows rowScanner) error {
		var id, at int64
		var st greenroom.Stage
		if err := rows.Scan(&id, &st.Name, &at); err != nil {
			return err
		}
		st.At = fromMicros(at)
		byID[id].Stages = append(byID[id].Stages, st)
		return nil
	})
}
