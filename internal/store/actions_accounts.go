// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greenroom/internal/program"
	"greenroom/internal/writeback"
)

// AccountTallies counts who was active in organizations since a time, and names their champions: those who are enrolled in a
// program for champions. Staff, bots and hidden members are left out.
func (s *Store) AccountTallies(ctx context.Context, organizations []int64, since time.Time) (map[int64]writeback.AccountTally, error) {
	tallies := make(map[int64]writeback.AccountTally, len(organizations))
	of := make([]any, len(organizations))
	for i, id := range organizations {
		of[i] = id
	}
	err := s.eachOf(ctx, fmt.Sprintf("SELECT m.organization_id, count(DISTINCT m.id) FROM "+employed("m.organization_id > 0")+accountPeople+" WHERE a.occurred_at >= %d AND a.deleted = 0 AND a.kind NOT IN ("+inactiveKinds()+") AND "+accountMembers+
		then("a.occurred_at")+" AND m.organization_id IN (%%s) GROUP BY m.organization_id", micros(since)), of, func(rows rowScanner) error {
		var id int64
		var t writeback.AccountTally
		err := rows.Scan(&id, &t.Active)
		tallies[id] = t
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting who was active: %w", err)
	}
	err = s.eachOf(ctx, "SELECT DISTINCT m.organization_id, m.id, m.name FROM program_enrollment e JOIN program p ON p.id = e.program_id JOIN member x ON x.id = e.member_id JOIN member m ON m.id = CASE WHEN x.merged_into > 0 THEN x.merged_into ELSE x.id END"+
		" WHERE e.until = 0 AND p.kind = '"+string(program.Champions)+"' AND "+accountMembers+" AND m.organization_id IN (%s) ORDER BY m.organization_id, m.name, m.id", of, func(rows rowScanner) error {
		var id, member int64
		var name string
		err := rows.Scan(&id, &member, &name)
		t := tallies[id]
		t.Champions = append(t.Champions, name)
		tallies[id] = t
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for champions: %w", err)
	}
	return tallies, nil
}

// CompanyRefs lists what a source calls organizations by its own ids, in order.
func (s *Store) CompanyRefs(ctx context.Context, source string, organizations []int64) (map[int64][]string, error) {
	src, err := s.Source(ctx, source)
	if err != nil {
		return nil, err
	}
	of := make([]any, len(organizations))
	for i, id := range organizations {
		of[i] = id
	}
	refs := make(map[int64][]string)
	err = s.eachOf(ctx, fmt.Sprintf("SELECT organization_id, external_id FROM organization_ref WHERE source_id = %d AND hash <> 0 AND organization_id IN (%%s) ORDER BY organization_id, external_id", src.ID), of, func(rows rowScanner) error {
		var id int64
		var ref string
		err := rows.Scan(&id, &ref)
		refs[id] = append(refs[id], ref)
		return err
	})
	return refs, err
}

// OrganizationSources names the sources that tell of an organization by an id of theirs.
func (s *Store) OrganizationSources(ctx context.Context, organization int64) ([]string, error) {
	rows, err := s.query(ctx, "SELECT DISTINCT s.name FROM organization_ref r JOIN source s ON s.id = r.source_id WHERE r.organization_id = ? AND r.hash <> 0 ORDER BY s.name", organization)
	if err != nil {
		return nil, err
	}
	names := []string{}
	err = scan(rows, func() error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// accountItems takes a member's name out of what was written of accounts, where champions are named: what was sent keeps its
// outcome only, and what waits is not sent.
func (e *eraser) accountItems(member int64) error {
	var name string
	if err := e.row("SELECT name FROM member WHERE id = ?", []any{member}, &name); err != nil || strings.TrimSpace(name) == "" {
		return err
	}
	text, err := json.Marshal(name)
	if err != nil {
		return fmt.Errorf("encoding a name: %w", err)
	}
	like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.Trim(string(text), `"`)) + "%"
	kinds := "kind IN ('" + writeback.AccountsKind + "', '" + writeback.TasksKind + "')"
	const named = "(before LIKE ? ESCAPE '!' OR after LIKE ? ESCAPE '!' OR note LIKE ? ESCAPE '!')"
	if _, err := e.exec("UPDATE action SET failed = failed + (SELECT count(*) FROM action_item x WHERE x.action_id = action.id AND x.state IN ('waits', 'sent') AND "+named+") WHERE "+kinds, like, like, like); err != nil {
		return err
	}
	_, err = e.exec(`UPDATE action_item SET before = '', after = '', note = '', reason = CASE WHEN state IN ('waits', 'sent') THEN 'a member who is named in it was erased' ELSE reason END,
		state = CASE WHEN state IN ('waits', 'sent') THEN 'failed' ELSE state END WHERE action_id IN (SELECT id FROM action WHERE `+kinds+") AND "+named, like, like, like)
	return err
}
