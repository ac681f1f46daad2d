// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
)

// SetOptions stores all options of a source as they are, secrets sealed. With fromStart the next read begins at the
// source's start instead of where the last one ended.
func (s *Store) SetOptions(ctx context.Context, sourceID int64, config map[string]string, fromStart bool) error {
	text, err := json.Marshal(config)
	if err != nil {
		return fmt.Errorf("encoding the options of source %d: %w", sourceID, err)
	}
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE source SET config = ? WHERE id = ?", string(text), sourceID)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no source %d", sourceID)
		}
		if !fromStart {
			return nil
		}
		if _, err := w.exec("UPDATE source SET next = '' WHERE id = ?", sourceID); err != nil {
			return err
		}
		_, err = w.exec("UPDATE run SET cursor = '' WHERE source_id = ? AND lane = ? AND state <> ?", sourceID, string(greenroom.LaneRead), string(greenroom.RunDone))
		return err
	})
}

// Disconnect notes that a source is neither read nor pushed to any more. Its options become config, which holds no
// secrets; what was pushed and is not facts yet is dropped, and what is repeated on its platform is stopped. What was stored of it stays.
func (s *Store) Disconnect(ctx context.Context, sourceID int64, config map[string]string) error {
	text, err := json.Marshal(config)
	if err != nil {
		return fmt.Errorf("encoding the options of source %d: %w", sourceID, err)
	}
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE source SET config = ?, disconnected_at = ?, due_at = 0, failures = 0 WHERE id = ?", string(text), micros(s.now()), sourceID)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no source %d", sourceID)
		}
		if _, err := w.exec("UPDATE action_schedule SET stopped_at = ?, next_at = 0 WHERE stopped_at = 0 AND source = (SELECT name FROM source WHERE id = ?)", micros(s.now()), sourceID); err != nil {
			return err
		}
		_, err = w.exec("DELETE FROM delivery WHERE source_id = ? AND state = 0", sourceID)
		return err
	})
}

// ReplaceOption stores one option of a source as it is, unless it has become another one than before meanwhile: then it
// stays as it has become.
func (s *Store) ReplaceOption(ctx context.Context, sourceID int64, option, before, after string) error {
	return s.write(ctx, func(w *writer) error {
		var text string
		if err := w.row("SELECT config FROM source WHERE id = ?", []any{sourceID}, &text); err != nil {
			return err
		}
		config := make(map[string]string)
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			return fmt.Errorf("decoding the options of source %d: %w", sourceID, err)
		}
		if config[option] != before {
			return nil
		}
		config[option] = after
		encoded, err := json.Marshal(config)
		if err != nil {
			return fmt.Errorf("encoding the options of source %d: %w", sourceID, err)
		}
		_, err = w.exec("UPDATE source SET config = ? WHERE id = ?", string(encoded), sourceID)
		return err
	})
}
