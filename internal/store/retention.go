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

const settingRawRetention = "raw_retention_days"

// RawRetention is for how many days raw payloads are kept; 0 = for good.
func (s *Store) RawRetention(ctx context.Context) (int, error) {
	return s.daysKept(ctx, settingRawRetention, 0)
}

// SetRawRetention sets for how many days raw payloads are kept; 0 = for good.
func (s *Store) SetRawRetention(ctx context.Context, days int) error {
	if days < 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "raw payloads are kept for a number of days, or 0 for good; not %d", days)
	}
	return s.setDaysKept(ctx, settingRawRetention, days)
}

// daysKept reads for how many days something is kept; usual where nobody said.
func (s *Store) daysKept(ctx context.Context, setting string, usual int) (int, error) {
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{setting}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return usual, nil
	}
	if err != nil {
		return 0, err
	}
	days, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("reading the setting %s: %w", setting, err)
	}
	return days, nil
}

func (s *Store) setDaysKept(ctx context.Context, setting string, days int) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", setting, strconv.Itoa(days))
		return err
	})
}

// ForgetOldPayloads removes raw payloads that are older than the setting says, and returns how many blocks that were.
func (s *Store) ForgetOldPayloads(ctx context.Context) (int64, error) {
	days, err := s.RawRetention(ctx)
	if err != nil || days == 0 {
		return 0, err
	}
	return s.ForgetPayloads(ctx, micros(s.now().Add(-time.Duration(days)*24*time.Hour)))
}
