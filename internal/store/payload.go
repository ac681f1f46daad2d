// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"greenroom"
	"greenroom/internal/ingest"
)

// ActivityPayload returns what the source said of an activity, as it said it.
func (s *Store) ActivityPayload(ctx context.Context, id int64) ([]byte, error) {
	var block, pos int64
	if err := s.queryRow(ctx, "SELECT raw_block, raw_pos FROM activity WHERE id = ?", []any{id}, &block, &pos); err != nil {
		return nil, fmt.Errorf("activity %d: %w", id, err)
	}
	var data []byte
	err := s.queryRow(ctx, "SELECT data FROM raw_block WHERE id = ?", []any{block}, &data)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "the raw payload of activity %d is not kept any more", id)
	}
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("preparing decompression: %w", err)
	}
	defer dec.Close()
	return ingest.Payload(dec, data, int(pos))
}

// SourcePeople counts the identities of a source and the members that they belong to.
func (s *Store) SourcePeople(ctx context.Context, source int64) (identities, members int64, err error) {
	err = s.queryRow(ctx, "SELECT count(*), count(DISTINCT member_id) FROM identity WHERE source_id = ?", []any{source}, &identities, &members)
	return identities, members, err
}

// ForgetDerived throws away what is computed from the facts, so that the projector computes it again. Which identities
// are one member stays until then, and is found again from what they share and what people decided.
func (s *Store) ForgetDerived(ctx context.Context) error {
	return s.write(ctx, func(w *writer) error {
		for _, q := range []string{
			"UPDATE identity SET first_active = 0, last_active = 0, activities = 0",
			"UPDATE member SET first_active = 0, last_active = 0, activities = 0",
			"DELETE FROM activity_search",
			"DELETE FROM member_search",
			"DELETE FROM member_score",
			"UPDATE activity SET conversation_id = 0 WHERE conversation_id IN (SELECT id FROM conversation WHERE thread IS NULL)",
			"DELETE FROM conversation WHERE thread IS NULL AND ignored = 0", // what the team decided stays; the cutting gives the same ids again
			"DELETE FROM reading",
			"DELETE FROM conversation_dirty",
			"DELETE FROM identity_dirty",
			"INSERT INTO organization_dirty (organization_id) SELECT id FROM organization WHERE id > 0 ON CONFLICT DO NOTHING",
			"DELETE FROM topic_activity WHERE origin <> 'hand'",
			"DELETE FROM follower WHERE name IN ('derive', 'members', '" + followReading + "', '" + followChanges + "', '" + followAgain + "', '" + followJudge + "', 'topics')",
			"DELETE FROM setting WHERE key = '" + settingMatchingState + "'",
		} {
			if err := w.execOnce(q); err != nil {
				return err
			}
		}
		return nil
	})
}
