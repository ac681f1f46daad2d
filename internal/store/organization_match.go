// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/employer"
)

// EmployerFacts is what tells which organizations may be one: all that stand for themselves, and how many members have accounts with
// both of two.
func (s *Store) EmployerFacts(ctx context.Context) ([]employer.Organization, map[employer.Pair]int, error) {
	var all []employer.Organization
	at, parents := make(map[int64]int), make(map[int64]int64)
	rows, err := s.query(ctx, "SELECT id, name, name_from, country, size, activities, parent_id FROM organization WHERE hidden = 0 AND merged_into = 0 ORDER BY id")
	if err == nil {
		err = scan(rows, func() error {
			var o employer.Organization
			var from string
			var parent int64
			err := rows.Scan(&o.ID, &o.Name, &from, &o.Country, &o.Size, &o.Activities, &parent)
			if parent > 0 {
				parents[o.ID] = parent
			}
			o.Named = from != "domain"
			at[o.ID] = len(all)
			all = append(all, o)
			return err
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading organizations: %w", err)
	}
	if rows, err = s.query(ctx, "SELECT organization_id, domain FROM organization_domain ORDER BY domain"); err == nil {
		err = scan(rows, func() error {
			var id int64
			var domain string
			err := rows.Scan(&id, &domain)
			if i, ok := at[id]; ok {
				all[i].Domains = append(all[i].Domains, domain)
			}
			return err
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading domains: %w", err)
	}
	if rows, err = s.query(ctx, "SELECT r.organization_id, s.name, r.external_id, r.told FROM organization_ref r JOIN source s ON s.id = r.source_id WHERE r.hash <> 0 ORDER BY r.source_id, r.external_id"); err == nil {
		err = scan(rows, func() error {
			var id int64
			var r employer.Record
			var text string
			if err := rows.Scan(&id, &r.Source, &r.ExternalID, &text); err != nil {
				return err
			}
			i, ok := at[id]
			if !ok {
				return nil
			}
			all[i].Records = append(all[i].Records, r)
			var t toldOrganization
			if text != "" {
				if err := json.Unmarshal([]byte(text), &t); err != nil {
					return fmt.Errorf("decoding what %s says of %s: %w", r.Source, r.ExternalID, err)
				}
			}
			all[i].Sites = append(all[i].Sites, t.Domains...)
			return nil
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading what sources say of organizations: %w", err)
	}
	for i := range all {
		for up := parents[all[i].ID]; up > 0; up = parents[up] {
			all[i].Family = up
		}
	}
	shared, err := s.sharedPeople(ctx)
	return all, shared, err
}

// sharedPeople counts, by pair of organizations, the members whose accounts are with both.
func (s *Store) sharedPeople(ctx context.Context) (map[employer.Pair]int, error) {
	shared := make(map[employer.Pair]int)
	rows, err := s.query(ctx, `SELECT DISTINCT i.member_id, i.organization_id FROM identity i JOIN (SELECT member_id FROM identity WHERE organization_id > 0 GROUP BY member_id HAVING min(organization_id) <> max(organization_id)) x
		ON x.member_id = i.member_id WHERE i.organization_id > 0 ORDER BY i.member_id, i.organization_id`)
	if err != nil {
		return nil, fmt.Errorf("reading who has accounts with several organizations: %w", err)
	}
	var member int64
	var with []int64
	err = scan(rows, func() error {
		var who, organization int64
		if err := rows.Scan(&who, &organization); err != nil {
			return err
		}
		if who != member {
			member, with = who, with[:0]
		}
		for _, other := range with {
			shared[employer.PairOf(other, organization)]++
		}
		with = append(with, organization)
		return nil
	})
	return shared, err
}

// OrganizationParts says of the organizations that are part of others of which.
func (s *Store) OrganizationParts(ctx context.Context) (map[int64]int64, error) {
	parts := make(map[int64]int64)
	rows, err := s.query(ctx, "SELECT id, merged_into FROM organization WHERE merged_into > 0")
	if err != nil {
		return nil, fmt.Errorf("reading which organizations are part of others: %w", err)
	}
	return parts, scan(rows, func() error {
		var id, into int64
		err := rows.Scan(&id, &into)
		parts[id] = into
		return err
	})
}

// KeepOrganizationsApart keeps that two organizations are not one, and returns the number of the decision, that of before where it
// was said already.
func (s *Store) KeepOrganizationsApart(ctx context.Context, a, b int64, reason, by string) (decision int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		for _, id := range []int64{a, b} {
			if err := w.wholeOrganization(id); err != nil {
				return err
			}
		}
		a, b = min(a, b), max(a, b)
		err := w.row("SELECT id FROM organization_apart WHERE a = ? AND b = ? AND undone_at = 0", []any{a, b}, &decision)
		if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err // it was said before
		}
		last, err := w.lastID("organization_apart")
		if err != nil {
			return err
		}
		decision = last + 1
		_, err = w.exec("INSERT INTO organization_apart (id, a, b, reason, actor, at) VALUES (?, ?, ?, ?, ?, ?)", decision, a, b, reason, by, micros(s.now()))
		return err
	})
	return decision, err
}

// UndoOrganizationsApart takes back that two organizations are not one, and returns what was said.
func (s *Store) UndoOrganizationsApart(ctx context.Context, id int64) (greenroom.OrganizationApart, error) {
	var p greenroom.OrganizationApart
	err := s.write(ctx, func(w *writer) error {
		var at, undone int64
		err := w.row("SELECT id, a, b, reason, actor, at, undone_at FROM organization_apart WHERE id = ?", []any{id}, &p.ID, &p.A, &p.B, &p.Reason, &p.By, &at, &undone)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
			return greenroom.Errorf(greenroom.CodeNotFound, "nobody said under the number %d that two organizations are not one", id)
		case err != nil:
			return err
		case undone != 0:
			return greenroom.Errorf(greenroom.CodeConflict, "that was undone already")
		}
		p.At, p.UndoneAt = fromMicros(at), s.now()
		_, err = w.exec("UPDATE organization_apart SET undone_at = ? WHERE id = ?", micros(p.UndoneAt), id)
		return err
	})
	return p, err
}

// OrganizationsApart lists the pairs of organizations that are not one, as people say, the newest first; what was taken back is
// left out.
func (s *Store) OrganizationsApart(ctx context.Context) ([]greenroom.OrganizationApart, error) {
	rows, err := s.query(ctx, `SELECT x.id, x.a, coalesce(a.name, ''), x.b, coalesce(b.name, ''), x.reason, x.actor, x.at FROM organization_apart x
		LEFT JOIN organization a ON a.id = x.a LEFT JOIN organization b ON b.id = x.b WHERE x.undone_at = 0 ORDER BY x.id DESC`)
	if err != nil {
		return nil, fmt.Errorf("reading which organizations are not one: %w", err)
	}
	all := []greenroom.OrganizationApart{}
	err = scan(rows, func() error {
		var p greenroom.OrganizationApart
		var at int64
		err := rows.Scan(&p.ID, &p.A, &p.AName, &p.B, &p.BName, &p.Reason, &p.By, &at)
		p.At = fromMicros(at)
		all = append(all, p)
		return err
	})
	return all, err
}
