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
// secrets; what was pushed and is not facts yet is dropped. What was stored of it stays.
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
		_, err = w.exec("DELETE FROM delivery WHERE source_id = ? AND state = 0", sourceID)
		return err
	})
}
