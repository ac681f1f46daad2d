// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"greenroom/internal/action"
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

// accountItems takes a member's name, and the names of those who became part of them, out of what was written of accounts, where
// champions are named: what was sent keeps its outcome only, and what waits is not sent.
func (e *eraser) accountItems(member int64) error {
	rows, err := e.query("SELECT DISTINCT name FROM member WHERE id = ? OR merged_into > 0 AND merged_into = ? ORDER BY name", member, member)
	if err != nil {
		return err
	}
	var names []string
	if err := scan(rows, func() error {
		var name string
		err := rows.Scan(&name)
		names = append(names, strings.TrimSpace(name))
		return err
	}); err != nil {
		return err
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		items, err := e.accountItemsNaming(name)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := e.clearAccountItem(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// namingItem is an item of an action on accounts in which somebody is named.
type namingItem struct {
	action, seq int64
	open        bool // nothing is known of what became of it
}

// accountItemsNaming lists the items that have a name as words of their own: whoever erases Al does not mean Alice.
func (e *eraser) accountItemsNaming(name string) ([]namingItem, error) {
	text, err := json.Marshal(name)
	if err != nil {
		return nil, fmt.Errorf("encoding a name: %w", err)
	}
	like := func(text string) string {
		return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
	}
	inJSON := like(strings.TrimSuffix(strings.TrimPrefix(string(text), `"`), `"`))
	rows, err := e.query("SELECT action_id, "+itemColumns+" FROM action_item WHERE action_id IN (SELECT id FROM action WHERE kind IN (?, ?)) AND (before LIKE ? ESCAPE '!' OR after LIKE ? ESCAPE '!' OR note LIKE ? ESCAPE '!') ORDER BY action_id, seq",
		writeback.AccountsKind, writeback.TasksKind, inJSON, inJSON, like(name))
	if err != nil {
		return nil, err
	}
	var found []namingItem
	err = scan(rows, func() error {
		var at int64
		it, err := scanItem(prefixed{rows, &at})
		if err != nil {
			return err
		}
		says := namesWhole(it.Note, name)
		for _, values := range []map[string]string{it.Before, it.After} {
			for _, v := range values {
				says = says || namesWhole(v, name)
			}
		}
		if says {
			found = append(found, namingItem{at, it.Seq, it.State == action.ItemWaits || it.State == action.ItemSent})
		}
		return nil
	})
	return found, err
}

// prefixed is a row with a column before those that are scanned.
type prefixed struct {
	rowScanner

	first *int64
}

// Scan scans the first column, too.
func (p prefixed) Scan(to ...any) error {
	return p.rowScanner.Scan(append([]any{p.first}, to...)...)
}

// namesWhole reports whether a text has a name that neither begins nor ends within a word.
func namesWhole(text, name string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		begin, end := from+at, from+at+len(name)
		before, _ := utf8.DecodeLastRuneInString(text[:begin])
		after, width := utf8.DecodeRuneInString(text[end:])
		if !wordRune(before) && (width == 0 || !wordRune(after)) {
			return true
		}
		_, width = utf8.DecodeRuneInString(text[begin:])
		from = begin + width
	}
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// clearAccountItem takes the words out of an item.
func (e *eraser) clearAccountItem(it namingItem) error {
	q := "UPDATE action_item SET before = '', after = '', note = '' WHERE action_id = ? AND seq = ?"
	if it.open {
		if _, err := e.exec("UPDATE action SET failed = failed + 1 WHERE id = ?", it.action); err != nil {
			return err
		}
		q = "UPDATE action_item SET before = '', after = '', note = '', reason = 'a member who is named in it was erased', state = 'failed' WHERE action_id = ? AND seq = ?"
	}
	_, err := e.exec(q, it.action, it.seq)
	return err
}
