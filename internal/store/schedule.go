// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Schedule notes how a read of a source went: when it is read next by itself (zero = only when told to), and how many
// reads in a row have failed.
func (s *Store) Schedule(ctx context.Context, sourceID int64, due time.Time, failures int64) error {
	return s.writeAlong(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE source SET due_at = ?, failures = ? WHERE id = ?", micros(due), failures, sourceID)
		return err
	})
}

// SetRhythm sets how often a source is read by itself, in seconds: 0 = as its connector does, -1 = only when told to; and
// when it is due next.
func (s *Store) SetRhythm(ctx context.Context, sourceID, seconds int64, due time.Time) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE source SET rhythm = ?, due_at = ? WHERE id = ?", seconds, micros(due), sourceID)
		if err == nil && n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no source %d", sourceID)
		}
		return err
	})
}

// SetOption stores one option of a source as it is, sealed where it is a secret.
func (s *Store) SetOption(ctx context.Context, name, option, value string) error {
	return s.write(ctx, func(w *writer) error {
		var text string
		var id int64
		if err := w.row("SELECT id, config FROM source WHERE name = ?", []any{name}, &id, &text); err != nil {
			return err
		}
		config := make(map[string]string)
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			return fmt.Errorf("decoding the options of source %q: %w", name, err)
		}
		config[option] = value
		encoded, err := json.Marshal(config)
		if err != nil {
			return fmt.Errorf("encoding the options of source %q: %w", name, err)
		}
		_, err = w.exec("UPDATE source SET config = ? WHERE id = ?", string(encoded), id)
		return err
	})
}

// KeepSurvey stores what a platform said of itself.
func (s *Store) KeepSurvey(ctx context.Context, sourceID int64, v connector.Survey) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding a survey: %w", err)
	}
	return s.writeAlong(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE source SET survey = ?, surveyed_at = ? WHERE id = ?", string(text), micros(s.now()), sourceID)
		return err
	})
}

// Survey returns what a platform last said of itself, and when; the zero time where it never did.
func (s *Store) Survey(ctx context.Context, sourceID int64) (connector.Survey, time.Time, error) {
	var v connector.Survey
	var text string
	var at int64
	if err := s.queryRow(ctx, "SELECT survey, surveyed_at FROM source WHERE id = ?", []any{sourceID}, &text, &at); err != nil || text == "" {
		return v, time.Time{}, err
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, time.Time{}, fmt.Errorf("decoding the survey of source %d: %w", sourceID, err)
	}
	return v, fromMicros(at), nil
}
