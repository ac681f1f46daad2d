// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/assistant"
)

const settingAssistant = "assistant"

// AssistantSettings are the team's for the language model; the zero value where nothing was set.
func (s *Store) AssistantSettings(ctx context.Context) (assistant.Settings, error) {
	var set assistant.Settings
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingAssistant}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return set, nil
	}
	if err != nil {
		return set, err
	}
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return set, fmt.Errorf("decoding the settings of the language model: %w", err)
	}
	return set, nil
}

// SetAssistantSettings stores them.
func (s *Store) SetAssistantSettings(ctx context.Context, set *assistant.Settings) error {
	text, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encoding the settings of the language model: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingAssistant, string(text))
		return err
	})
}

// KeepUse notes a request to the language model.
func (s *Store) KeepUse(ctx context.Context, u *assistant.Use) error {
	return s.write(ctx, func(w *writer) error {
		last, err := w.lastID("llm_use")
		if err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO llm_use (id, at, purpose, model, input, output, cost, by, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			last+1, micros(u.At), string(u.Purpose), u.Model, u.Input, u.Output, u.Micros, u.By, string(u.Outcome))
		return err
	})
}

// Uses lists the last requests to the language model, the newest first.
func (s *Store) Uses(ctx context.Context, limit int) ([]assistant.Use, error) {
	rows, err := s.query(ctx, "SELECT id, at, purpose, model, input, output, cost, by, outcome FROM llm_use ORDER BY id DESC LIMIT ?", limit)
	if err != nil {
		return nil, err
	}
	all := []assistant.Use{}
	err = scan(rows, func() error {
		var u assistant.Use
		var at int64
		err := rows.Scan(&u.ID, &at, &u.Purpose, &u.Model, &u.Input, &u.Output, &u.Micros, &u.By, &u.Outcome)
		u.At = fromMicros(at)
		all = append(all, u)
		return err
	})
	return all, err
}

// UsedSince sums what the language model used; answers that were kept cost nothing and do not count.
func (s *Store) UsedSince(ctx context.Context, since time.Time) (assistant.Total, error) {
	var t assistant.Total
	err := s.queryRow(ctx, "SELECT count(*), coalesce(sum(input + output), 0), coalesce(sum(cost), 0) FROM llm_use WHERE at >= ? AND outcome <> ?", []any{micros(since), string(assistant.Kept)}, &t.Requests, &t.Tokens, &t.Micros)
	return t, err
}

// KeptAnswer is the answer to a request that was made before; "" where there is none that is still good.
func (s *Store) KeptAnswer(ctx context.Context, key string, now time.Time) (string, error) {
	var answer string
	err := s.queryRow(ctx, "SELECT answer FROM llm_cache WHERE hash = ? AND expires > ?", []any{key, micros(now)}, &answer)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return "", nil
	}
	return answer, err
}

// KeepAnswer keeps an answer, and drops those whose time is over.
func (s *Store) KeepAnswer(ctx context.Context, key, answer string, now, until time.Time) error {
	return s.write(ctx, func(w *writer) error {
		if _, err := w.exec("DELETE FROM llm_cache WHERE expires <= ?", micros(now)); err != nil {
			return err
		}
		_, err := w.exec("INSERT INTO llm_cache (hash, answer, expires) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET answer = excluded.answer, expires = excluded.expires", key, answer, micros(until))
		return err
	})
}
