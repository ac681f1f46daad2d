// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"greenroom/internal/outbox"
)

// addMessageFiles stores the files of new messages. What several of them carry is stored once.
func (w *writer) addMessageFiles(all []*outbox.Message) error {
	for _, m := range all {
		for i := range m.Files {
			f := &m.Files[i]
			sum := sha256.Sum256(f.Data)
			digest := hex.EncodeToString(sum[:])
			if _, err := w.exec("INSERT INTO outbox_blob (digest, data) VALUES (?, ?) ON CONFLICT DO NOTHING", digest, f.Data); err != nil {
				return err
			}
			if _, err := w.exec("INSERT INTO outbox_file (message_id, place, name, type, inline_id, digest) VALUES (?, ?, ?, ?, ?, ?)", m.ID, i, f.Name, f.Type, f.Inline, digest); err != nil {
				return err
			}
		}
	}
	return nil
}

// MessageFiles reads what a message carries, in order.
func (s *Store) MessageFiles(ctx context.Context, message int64) ([]outbox.File, error) {
	rows, err := s.query(ctx, "SELECT f.name, f.type, f.inline_id, b.data FROM outbox_file f JOIN outbox_blob b ON b.digest = f.digest WHERE f.message_id = ? ORDER BY f.place", message)
	if err != nil {
		return nil, err
	}
	var all []outbox.File
	err = scan(rows, func() error {
		var f outbox.File
		err := rows.Scan(&f.Name, &f.Type, &f.Inline, &f.Data)
		all = append(all, f)
		return err
	})
	return all, err
}

// forgetBlobs removes files that no message carries any more.
func (w *writer) forgetBlobs() error {
	_, err := w.exec("DELETE FROM outbox_blob WHERE digest NOT IN (SELECT digest FROM outbox_file)")
	return err
}
