// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"

	"greenroom/internal/analytics"
)

// reread changes what facts say, in place, and returns those that say something else now, as they were; nil where all is as
// it was. Facts that are not there come with what they say when they come.
func (d *database) reread(ctx context.Context, all []analytics.Reading) (*analytics.Reread, error) {
	if len(all) == 0 {
		return nil, nil //nolint:nilnil // nothing was read
	}
	if err := d.exec(ctx, "CREATE OR REPLACE TEMP TABLE reread (id BIGINT NOT NULL, said UTINYINT NOT NULL)"); err != nil {
		return nil, err
	}
	if err := d.add("temp", "reread", len(all), values(i64, pluck(all, func(r *analytics.Reading) int64 { return r.ID })),
		values(u8, pluck(all, func(r *analytics.Reading) uint8 { return uint8(r.Said) }))); err != nil {
		return nil, err
	}
	r := &analytics.Reread{Held: &analytics.Facts{}}
	if err := d.query(ctx, `SELECT f.id, f.occurred_at, f.identity_id, f.channel_id, f.source_id, f.kind, f.flags, f.said, n.said
		FROM fact f JOIN reread n ON n.id = f.id WHERE f.said <> n.said`, func(c chunk) error {
		readFacts(r.Held, c)
		for _, said := range column[uint8](c, 8) {
			r.Now = append(r.Now, analytics.Said(said))
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(r.Now) > 0 {
		if err := d.exec(ctx, "UPDATE fact SET said = n.said FROM reread n WHERE fact.id = n.id AND fact.said <> n.said"); err != nil {
			return nil, err
		}
	} else {
		r = nil
	}
	return r, d.exec(ctx, "DROP TABLE reread")
}
