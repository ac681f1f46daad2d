// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"greenroom"
)

const settingDigest = "digest"

// DigestSettings is how the digest is sent, as JSON; "" where nothing was set. Secrets in it are sealed.
func (s *Store) DigestSettings(ctx context.Context) (string, error) {
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingDigest}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return "", nil
	}
	return text, err
}

// SetDigestSettings stores how the digest is sent, unless it is not what it was, which it says with CodeConflict.
func (s *Store) SetDigestSettings(ctx context.Context, before, after string) error {
	return s.write(ctx, func(w *writer) error {
		var text string
		err := w.row("SELECT value FROM setting WHERE key = ?", []any{settingDigest}, &text)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		if text != before {
			return greenroom.Errorf(greenroom.CodeConflict, "somebody else changed the digest's settings meanwhile; look at them and try again")
		}
		_, err = w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingDigest, after)
		return err
	})
}
