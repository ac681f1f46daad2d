// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/brand"
)

const settingBrand = "public_pages"

// Brand is how the pages that members see look.
func (s *Store) Brand(ctx context.Context) (brand.Brand, error) {
	b := brand.Usual()
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingBrand}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return b, fmt.Errorf("decoding how public pages look: %w", err)
	}
	return b, nil
}

// SetBrand sets it.
func (s *Store) SetBrand(ctx context.Context, b brand.Brand) error {
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encoding how public pages look: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingBrand, string(text))
		return err
	})
}
