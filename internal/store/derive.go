// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// deriver brings derived state up to date over one window of facts, in one transaction: who is one person, when members
// were active, what belongs to a conversation and what state it is in, the full-text index, sums of organizations.
//
// What it computes depends only on the facts and the decisions, not on where windows were cut or processes killed.
type deriver struct {
	*writer
	from, to int64 // activity ids: after from, up to and including to
	version  int64
	now      int64          // for the history only
	members  map[int64]bool // to be computed again from their identities
}

// inactiveKinds lists the kinds that do not make a member active, for SQL.
func inactiveKinds() string {
	var kinds []string
	for _, k := range greenroom.Kinds() {
		if !k.Info().Active {
			kinds = append(kinds, strconv.Itoa(int(k)))
		}
	}
	return strings.Join(kinds, ",")
}

// Derive brings derived state up to date over at most limit activities that have not been covered yet, and returns how
// many it covered and whether something is left to do.
func (s *Store) Derive(ctx context.Context, limit int) (covered int64, more bool, err error) {
	idle, err := s.derived(ctx)
	if err != nil || idle {
		return 0, false, err
	}
	err = s.writeAlong(ctx, func(w *writer) error {
		d := &deriver{writer: w, now: micros(s.now()), members: make(map[int64]bool)}
		if err := d.window(limit); err != nil {
			return err
		}
		for _, step := range []func() error{d.match, d.sums, d.refreshMembers, d.cutChat, d.refreshConversations, d.organizations, d.search, d.finish} {
			if err := step(); err != nil {
				return err
			}
		}
		covered = d.to - d.from
		return nil
	})
	if err != nil {
		return 0, false, fmt.Errorf("bringing derived state up to date: %w", err)
	}
	idle, err = s.derived(ctx)
	return covered, !idle, err
}

// derived reports whether derived state covers everything that is stored.
func (s *Store) derived(ctx context.Context) (bool, error) {
	var todo int64
	err := s.queryRow(ctx, `SELECT
		CASE WHEN coalesce((SELECT max(id) FROM activity), 0) > coalesce((SELECT value FROM follower WHERE name = 'derive'), 0)
		  OR coalesce((SELECT max(id) FROM identity), 0) > coalesce((SELECT value FROM follower WHERE name = 'members'), 0)
		  OR EXISTS (SELECT 1 FROM conversation_dirty) OR EXISTS (SELECT 1 FROM identity_dirty) OR EXISTS (SELECT 1 FROM organization_dirty)
		THEN 1 ELSE 0 END`, nil, &todo)
	return todo == 0, err
}

func (d *deriver) window(limit int) error {
	var err error
	if d.from, err = d.followed(followDerive); err != nil {
		return err
	}
	last, err := d.lastID("activity")
	if err != nil {
		return err
	}
	d.to = min(last, d.from+int64(limit))
	d.version, err = d.nextVersion()
	return err
}

func (d *deriver) finish() error {
	if err := d.setFollowed(followDerive, d.to); err != nil {
		return err
	}
	return d.setFollowed(followVersion, d.version)
}

// sums adds the window's activities to their identities, and counts again for identities whose activities changed.
func (d *deriver) sums() error {
	type sum struct{ id, member, org, first, last, n, moved, before int64 }
	var sums []sum
	var movers, sooner []any
	orgs := make(map[int64]bool)
	rows, err := d.query(`SELECT x.identity_id, coalesce(i.member_id, 0), coalesce(m.organization_id, 0), x.first, x.last, x.n, coalesce(m.moved, 0),
			CASE WHEN (m.identities > 1 OR m.moved = 1) AND i.organization_id > 0 THEN i.first_active ELSE 1 END
		FROM (SELECT identity_id, min(occurred_at) AS first, max(occurred_at) AS last, count(*) AS n FROM activity
			WHERE id > ? AND id <= ? AND identity_id > 0 AND deleted = 0 AND kind NOT IN (`+inactiveKinds()+`) GROUP BY identity_id) x
		LEFT JOIN identity i ON i.id = x.identity_id LEFT JOIN member m ON m.id = i.member_id ORDER BY x.identity_id`, d.from, d.to)
	if err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var s sum
		err := rows.Scan(&s.id, &s.member, &s.org, &s.first, &s.last, &s.n, &s.moved, &s.before)
		sums = append(sums, s)
		orgs[s.org] = true
		if s.moved != 0 {
			movers = append(movers, s.member)
		}
		if s.before == 0 || s.first < s.before { // where the member works may be known since another day
			if sooner = append(sooner, s.member); s.moved != 0 {
				d.members[s.member] = true
			}
		}
		return err
	}); err != nil {
		return err
	}
	g, l := d.d.greatest, d.d.least
	add := func(table string) string {
		return `UPDATE ` + table + ` SET first_active = CASE WHEN first_active = 0 THEN ? ELSE ` + l + `(first_active, ?) END,
			last_active = ` + g + `(last_active, ?), activities = activities + ? WHERE id = ?`
	}
	if err := d.bulk(add("identity"), len(sums), func(i int) []any {
		return []any{sums[i].first, sums[i].first, sums[i].last, sums[i].n, sums[i].id}
	}); err != nil {
		return err
	}
	if err := d.bulk(add("member"), len(sums), func(i int) []any {
		return []any{sums[i].first, sums[i].first, sums[i].last, sums[i].n, sums[i].member}
	}); err != nil {
		return err
	}
	delete(orgs, 0)
	if err := d.markMovers(movers, sooner, orgs); err != nil {
		return err
	}
	if err := d.markOrganizations(orgs); err != nil {
		return err
	}
	return d.recount()
}

// markOrganizations marks organizations whose sums have to be computed again.
func (d *deriver) markOrganizations(ids map[int64]bool) error {
	sorted := slices.Sorted(maps.Keys(ids))
	return d.bulk("INSERT INTO organization_dirty (organization_id) VALUES (?) ON CONFLICT DO NOTHING", len(sorted), func(i int) []any {
		return []any{sorted[i]}
	})
}

// recount counts the activities of changed identities again, up to the window's end.
func (d *deriver) recount() error {
	ids, err := d.ints("SELECT identity_id FROM identity_dirty ORDER BY identity_id")
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := d.exec(`UPDATE identity SET
			first_active = coalesce((SELECT min(occurred_at) FROM activity a WHERE a.identity_id = identity.id AND a.id <= ? AND a.deleted = 0 AND a.kind NOT IN (`+inactiveKinds()+`)), 0),
			last_active = coalesce((SELECT max(occurred_at) FROM activity a WHERE a.identity_id = identity.id AND a.id <= ? AND a.deleted = 0 AND a.kind NOT IN (`+inactiveKinds()+`)), 0),
			activities = (SELECT count(*) FROM activity a WHERE a.identity_id = identity.id AND a.id <= ? AND a.deleted = 0 AND a.kind NOT IN (`+inactiveKinds()+`)),
			version = ? WHERE id = ?`, d.to, d.to, d.to, d.version, id); err != nil {
			return err
		}
		var member int64
		if err := d.row("SELECT member_id FROM identity WHERE id = ?", []any{id}, &member); err != nil {
			if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
				continue // erased since it was marked
			}
			return err
		}
		d.members[member] = true
	}
	_, err = d.exec("DELETE FROM identity_dirty")
	return err
}

// search indexes the window's texts.
func (d *deriver) search() error {
	_, err := d.exec(d.d.searchPutActivities, d.from, d.to)
	return err
}

// markMovers adds the organizations that active movers have been with, and marks members whose accounts name several
// organizations and are known to be active earlier than before: that dates their moves.
func (d *deriver) markMovers(movers, sooner []any, orgs map[int64]bool) error {
	if err := d.eachIn("SELECT DISTINCT organization_id FROM member_stint WHERE member_id IN (%IN%)", nil, movers, func(r rowScanner) error {
		var id int64
		err := r.Scan(&id)
		orgs[id] = id > 0
		return err
	}); err != nil {
		return err
	}
	delete(orgs, 0)
	return d.eachIn("SELECT member_id FROM identity WHERE organization_id > 0 AND member_id IN (%IN%) GROUP BY member_id HAVING min(organization_id) <> max(organization_id)", nil, sooner, func(r rowScanner) error {
		var id int64
		err := r.Scan(&id)
		d.members[id] = true
		return err
	})
}

// organizations counts the members and activities of organizations that changed. What members who have moved did counts
// where they were then.
func (d *deriver) organizations() error {
	const own = "FROM member m WHERE m.organization_id = organization.id AND m.organization_id > 0 AND m.merged_into = 0 AND m.bot = 0 AND m.hidden = 0"
	if _, err := d.exec(`UPDATE organization SET
		members = (SELECT count(*) ` + own + `),
		activities = coalesce((SELECT sum(activities) ` + own + ` AND m.moved = 0), 0),
		first_active = coalesce((SELECT min(first_active) ` + own + ` AND m.moved = 0 AND m.first_active > 0), 0),
		last_active = coalesce((SELECT max(last_active) ` + own + ` AND m.moved = 0), 0)
		WHERE id IN (SELECT organization_id FROM organization_dirty)`); err != nil {
		return err
	}
	if err := d.addMovers(); err != nil {
		return err
	}
	if err := d.kinds(); err != nil {
		return err
	}
	if err := d.companyKeys(); err != nil {
		return err
	}
	_, err := d.exec("DELETE FROM organization_dirty")
	return err
}

// addMovers adds to the sums of organizations that changed what members did there who have moved. CROSS JOIN has SQLite begin with the
// organizations; it would go through all activities in the order of their ids.
func (d *deriver) addMovers() error {
	type sum struct{ id, n, first, last int64 }
	var sums []sum
	rows, err := d.query(`SELECT w.organization_id, count(*), min(a.occurred_at), max(a.occurred_at)
		FROM organization_dirty x CROSS JOIN member_stint w CROSS JOIN member m CROSS JOIN identity i CROSS JOIN activity a
		WHERE w.organization_id = x.organization_id AND w.organization_id > 0 AND m.id = w.member_id AND m.merged_into = 0 AND m.bot = 0 AND m.hidden = 0
			AND i.member_id = m.id AND a.identity_id = i.id AND a.occurred_at >= w.since AND a.occurred_at < w.until
			AND a.id <= ? AND a.deleted = 0 AND a.kind NOT IN (`+inactiveKinds()+`) GROUP BY w.organization_id ORDER BY w.organization_id`, d.to)
	if err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var s sum
		err := rows.Scan(&s.id, &s.n, &s.first, &s.last)
		sums = append(sums, s)
		return err
	}); err != nil {
		return err
	}
	return d.bulk(`UPDATE organization SET activities = activities + ?, first_active = CASE WHEN first_active = 0 THEN ? ELSE `+d.d.least+`(first_active, ?) END,
		last_active = `+d.d.greatest+`(last_active, ?) WHERE id = ?`, len(sums), func(i int) []any {
		return []any{sums[i].n, sums[i].first, sums[i].first, sums[i].last, sums[i].id}
	})
}

// ints reads one column of integers.
func (w *writer) ints(q string, args ...any) ([]int64, error) {
	rows, err := w.query(q, args...)
	if err != nil {
		return nil, err
	}
	var all []int64
	err = scan(rows, func() error {
		var v int64
		err := rows.Scan(&v)
		all = append(all, v)
		return err
	})
	return all, err
}
