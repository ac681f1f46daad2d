// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"greenroom"
)

const settingZone = "zone"

// Zone is the name of the time zone in which the team's days begin, such as Europe/Lisbon; "" where none was set.
func (s *Store) Zone(ctx context.Context) (string, error) {
	var name string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingZone}, &name)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return "", nil
	}
	return name, err
}

// SetZone sets the time zone in which the team's days begin; "" leaves it to whoever starts Greenroom. The name is stored
// as it is: whoever calls has looked it up. Nothing that is stored depends on it.
func (s *Store) SetZone(ctx context.Context, name string) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingZone, name)
		return err
	})
}
