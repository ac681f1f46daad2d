// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/enrichment"
)

const settingEnrichment = "enrichment"

// EnrichmentSettings are the team's for looking members up; the zero value where nothing was set.
func (s *Store) EnrichmentSettings(ctx context.Context) (enrichment.Settings, error) {
	var set enrichment.Settings
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingEnrichment}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return set, nil
	}
	if err != nil {
		return set, err
	}
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return set, fmt.Errorf("decoding the settings of lookups: %w", err)
	}
	return set, nil
}

// SetEnrichmentSettings stores them.
func (s *Store) SetEnrichmentSettings(ctx context.Context, set *enrichment.Settings) error {
	return s.write(ctx, func(w *writer) error { return w.setSetting(settingEnrichment, set) })
}

// LookupsSince counts the lookups that were begun since a time.
func (s *Store) LookupsSince(ctx context.Context, since time.Time) (n int64, err error) {
	err = s.queryRow(ctx, "SELECT count(*) FROM enrichment_lookup WHERE at >= ?", []any{micros(since)}, &n)
	return n, err
}

// Lookups lists the last lookups, the newest first: of one member and those who have become part of them, or, where that is
// 0, of all.
func (s *Store) Lookups(ctx context.Context, member int64, limit int) ([]enrichment.Lookup, error) {
	rows, err := s.query(ctx, `SELECT id, at, member_id, provider, actor, addresses, links, outcome, fields, problem FROM enrichment_lookup
		WHERE ? = 0 OR member_id = ? OR member_id IN (SELECT id FROM member WHERE merged_into > 0 AND merged_into = ?) ORDER BY id DESC LIMIT ?`, member, member, member, limit)
	if err != nil {
		return nil, err
	}
	all := []enrichment.Lookup{}
	err = scan(rows, func() error {
		var l enrichment.Lookup
		var at int64
		var fields string
		err := rows.Scan(&l.ID, &at, &l.Member, &l.Provider, &l.By, &l.Addresses, &l.Links, &l.Outcome, &fields, &l.Problem)
		l.At, l.Fields = fromMicros(at), strings.Fields(fields)
		all = append(all, l)
		return err
	})
	return all, err
}

// LookedUp says of whom a service was asked since a time, as they are now.
func (s *Store) LookedUp(ctx context.Context, since time.Time) (map[int64]bool, error) {
	rows, err := s.query(ctx, `SELECT DISTINCT CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END FROM enrichment_lookup l
		JOIN member m ON m.id = l.member_id WHERE l.at >= ?`, micros(since))
	if err != nil {
		return nil, err
	}
	all := make(map[int64]bool)
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		all[id] = true
		return err
	})
	return all, err
}

// BeginLookup stores a lookup before it is sent, unless the month has none left.
func (s *Store) BeginLookup(ctx context.Context, l *enrichment.Lookup, since time.Time, most int64) (id int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		var used int64
		if err := w.row("SELECT count(*) FROM enrichment_lookup WHERE at >= ?", []any{micros(since)}, &used); err != nil {
			return err
		}
		if used >= most {
			return greenroom.Errorf(greenroom.CodeLimited, "the %d lookups of this month are used up; an owner can allow more", most)
		}
		last, err := w.lastID("enrichment_lookup")
		if err != nil {
			return err
		}
		id = last + 1
		_, err = w.exec("INSERT INTO enrichment_lookup (id, at, member_id, provider, actor, addresses, links, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			id, micros(l.At), l.Member, l.Provider, l.By, l.Addresses, l.Links, string(l.Outcome))
		return err
	})
	return id, err
}

// EndLookup stores what became of a lookup. What was found stands with the account that was asked for, in place of what was
// said of the member's accounts before; nil leaves that.
func (s *Store) EndLookup(ctx context.Context, l *enrichment.Lookup, account int64, found *enrichment.Outside) error {
	return s.write(ctx, func(w *writer) error {
		if _, err := w.exec("UPDATE enrichment_lookup SET outcome = ?, fields = ?, problem = ? WHERE id = ?", string(l.Outcome), strings.Join(l.Fields, " "), l.Problem, l.ID); err != nil {
			return err
		}
		if found == nil {
			return nil // nothing was learned
		}
		var member int64
		err := w.row("SELECT member_id FROM identity WHERE id = ?", []any{account}, &member)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return nil // erased meanwhile
		}
		if err != nil {
			return err
		}
		text := ""
		if len(found.Findings) > 0 {
			encoded, err := json.Marshal(found)
			if err != nil {
				return fmt.Errorf("encoding what was found: %w", err)
			}
			text = string(encoded)
		}
		if _, err := w.exec("UPDATE identity SET outside = CASE WHEN id = ? THEN ? ELSE '' END WHERE member_id = ?", account, text, member); err != nil {
			return err
		}
		return w.refreshAll([]int64{member})
	})
}

// refreshAll computes members again.
func (w *writer) refreshAll(members []int64) error {
	version, err := w.newVersion()
	if err != nil {
		return err
	}
	for _, id := range members {
		if err := w.refreshMember(id, version); err != nil {
			return err
		}
	}
	return nil
}

// ForgetOutside takes away everything that outside services said, and reports of how many accounts.
func (s *Store) ForgetOutside(ctx context.Context) (n int, err error) {
	err = s.write(ctx, func(w *writer) error {
		members, err := w.ints("SELECT DISTINCT member_id FROM identity WHERE outside <> '' ORDER BY member_id")
		if err != nil {
			return err
		}
		gone, err := w.exec("UPDATE identity SET outside = '' WHERE outside <> ''")
		if err != nil {
			return err
		}
		n = int(gone)
		return w.refreshAll(members)
	})
	return n, err
}

// OutsideKept counts the accounts of which something is kept that an outside service said.
func (s *Store) OutsideKept(ctx context.Context) (n int64, err error) {
	err = s.queryRow(ctx, "SELECT count(*) FROM identity WHERE outside <> ''", nil, &n)
	return n, err
}

// OutsideSaid lists what outside services said, by account, after one.
func (s *Store) OutsideSaid(ctx context.Context, after int64, limit int) ([]enrichment.Told, error) {
	rows, err := s.query(ctx, `SELECT i.id, i.member_id, m.name, i.outside FROM identity i JOIN member m ON m.id = i.member_id
		WHERE i.outside <> '' AND i.id > ? ORDER BY i.id LIMIT ?`, after, limit)
	if err != nil {
		return nil, err
	}
	all := []enrichment.Told{}
	err = scan(rows, func() error {
		var t enrichment.Told
		var text string
		if err := rows.Scan(&t.Account, &t.Member, &t.Name, &text); err != nil {
			return err
		}
		var o enrichment.Outside
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			return fmt.Errorf("decoding what was said of account %d: %w", t.Account, err)
		}
		t.Provider, t.At, t.Fields = o.Provider, o.At, make([]enrichment.Saying, 0, len(o.Findings))
		for _, f := range o.Findings {
			t.Fields = append(t.Fields, enrichment.Saying{Field: f.Field, Value: f.Value, Words: f.Words})
		}
		all = append(all, t)
		return nil
	})
	return all, err
}

// OutsideOf is what outside services said of the accounts of a member.
func (s *Store) OutsideOf(ctx context.Context, member int64) ([]enrichment.Outside, error) {
	rows, err := s.query(ctx, "SELECT outside FROM identity WHERE member_id = ? AND outside <> '' ORDER BY id", member)
	if err != nil {
		return nil, err
	}
	all := []enrichment.Outside{}
	err = scan(rows, func() error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var o enrichment.Outside
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			return fmt.Errorf("decoding what was said of member %d: %w", member, err)
		}
		all = append(all, o)
		return nil
	})
	return all, err
}
