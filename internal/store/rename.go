// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"greenroom"
)

// Former returns the source that had a name before it was renamed.
func (s *Store) Former(ctx context.Context, name string) (greenroom.Source, error) {
	var now string
	if err := s.queryRow(ctx, "SELECT s.name FROM source_alias a JOIN source s ON s.id = a.source_id WHERE a.name = ?", []any{name}, &now); err != nil {
		return greenroom.Source{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no source %q", name)
	}
	return s.Source(ctx, now)
}

// RenameSource calls a source by another name: also in what is repeated on it and in the log of actions. Before are its
// options as they were read and after what they become, since secrets are sealed for a name; where they changed meanwhile,
// nothing is done, with CodeConflict. The former name goes on to lead to it (Former).
func (s *Store) RenameSource(ctx context.Context, sourceID int64, to string, before, after map[string]string) error {
	texts := make([]string, 2)
	for i, config := range []map[string]string{before, after} {
		text, err := json.Marshal(config)
		if err != nil {
			return fmt.Errorf("encoding the options of source %d: %w", sourceID, err)
		}
		texts[i] = string(text)
	}
	err := s.write(ctx, func(w *writer) error {
		var from string
		if err := w.row("SELECT name FROM source WHERE id = ?", []any{sourceID}, &from); err != nil {
			return err
		}
		if err := w.freeName(to, sourceID); err != nil {
			return err
		}
		n, err := w.exec("UPDATE source SET name = ?, config = ? WHERE id = ? AND config = ?", to, texts[1], sourceID, texts[0])
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "the options of %s have changed meanwhile; rename it again", from)
		}
		if err != nil {
			return err
		}
		for _, q := range []struct {
			text string
			args []any
		}{
			{"DELETE FROM source_alias WHERE name = ?", []any{to}},
			{"INSERT INTO source_alias (name, source_id) VALUES (?, ?) ON CONFLICT DO NOTHING", []any{from, sourceID}},
			{"UPDATE action SET source = ? WHERE source = ?", []any{to, from}},
			{"UPDATE action_schedule SET source = ? WHERE source = ?", []any{to, from}},
		} {
			if _, err := w.exec(q.text, q.args...); err != nil {
				return err
			}
		}
		return errors.Join(w.renamePlans("action", to, "state IN ('proposed', 'approved', 'running', 'failed') AND "), w.renamePlans("action_schedule", to, ""))
	})
	if err != nil {
		return err
	}
	s.wmu.Lock()
	s.known.forget()
	s.wmu.Unlock()
	return nil
}

// freeName makes sure that a name is no other source's, nor was.
func (w *writer) freeName(name string, except int64) error {
	var owner string
	err := w.row("SELECT name FROM source WHERE name = ? AND id <> ? UNION ALL SELECT s.name FROM source_alias a JOIN source s ON s.id = a.source_id WHERE a.name = ? AND a.source_id <> ?",
		[]any{name, except, name, except}, &owner)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		return nil
	case err != nil:
		return err
	case owner != name:
		return greenroom.Errorf(greenroom.CodeConflict, "%s was called %q before, and what is pushed to that name still goes there; choose another name", owner, name)
	}
	return greenroom.Errorf(greenroom.CodeConflict, "there is a source %q already; choose another name", name)
}

// renamePlans puts a source's name into the plans of actions that may still be carried out.
func (w *writer) renamePlans(table, to, condition string) error {
	rows, err := w.query("SELECT id, plan FROM "+table+" WHERE "+condition+"source = ?", to)
	if err != nil {
		return err
	}
	plans := make(map[int64]string)
	if err := scan(rows, func() error {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		plan := make(map[string]json.RawMessage)
		if err := json.Unmarshal([]byte(text), &plan); err != nil {
			return fmt.Errorf("decoding the plan of %s %d: %w", table, id, err)
		}
		name, err := json.Marshal(to)
		if err != nil {
			return fmt.Errorf("encoding a name: %w", err)
		}
		plan["source"] = name
		again, err := json.Marshal(plan)
		plans[id] = string(again)
		return err
	}); err != nil {
		return err
	}
	for id, plan := range plans {
		if _, err := w.exec("UPDATE "+table+" SET plan = ? WHERE id = ?", plan, id); err != nil {
			return err
		}
	}
	return nil
}
