// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/ingest"
)

// shapeLimit is how many fields are kept of one sort of record: a payload whose names are data would go on for ever.
const shapeLimit = 1000

// shapes adds what was seen of the batch's payloads to what is known.
func (a *appender) shapes() error {
	for i := range a.p.Shapes {
		if s := &a.p.Shapes[i]; s.Samples > 0 {
			if err := a.shape(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *appender) shape(s *ingest.Shape) error {
	if _, err := a.exec(`INSERT INTO shape (source_id, record, samples) VALUES (?, ?, ?)
		ON CONFLICT (source_id, record) DO UPDATE SET samples = shape.samples + excluded.samples`, a.run.SourceID, s.Record, s.Samples); err != nil {
		return err
	}
	var samples, known int64
	if err := a.row("SELECT samples, (SELECT count(*) FROM shape_field f WHERE f.source_id = shape.source_id AND f.record = shape.record) FROM shape WHERE source_id = ? AND record = ?",
		[]any{a.run.SourceID, s.Record}, &samples, &known); err != nil {
		return err
	}
	fields := slices.SortedFunc(maps.Keys(s.Fields), func(x, y ingest.Field) int {
		return strings.Compare(x.Path+"\x00"+x.Type, y.Path+"\x00"+y.Type)
	})
	for _, f := range fields {
		if known >= shapeLimit {
			_, err := a.exec("UPDATE shape_field SET last_sample = ?, seen = seen + ?, last_at = ? WHERE source_id = ? AND record = ? AND path = ? AND type = ?",
				samples, s.Fields[f], a.now, a.run.SourceID, s.Record, f.Path, f.Type)
			if err != nil {
				return err
			}
			continue
		}
		if _, err := a.exec(`INSERT INTO shape_field (source_id, record, path, type, first_sample, last_sample, seen, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (source_id, record, path, type) DO UPDATE SET last_sample = excluded.last_sample, seen = shape_field.seen + excluded.seen, last_at = excluded.last_at`,
			a.run.SourceID, s.Record, f.Path, f.Type, samples-s.Samples+1, samples, s.Fields[f], a.now, a.now); err != nil {
			return err
		}
	}
	return nil
}

// Fields returns what is known of the payloads of a source, by record, path and type.
func (s *Store) Fields(ctx context.Context, sourceID int64) ([]greenroom.PayloadField, error) {
	rows, err := s.query(ctx, `SELECT f.record, f.path, f.type, f.first_sample, f.last_sample, f.seen, f.first_at, f.last_at, s.samples
		FROM shape_field f JOIN shape s ON s.source_id = f.source_id AND s.record = f.record WHERE f.source_id = ? ORDER BY f.record, f.path, f.type`, sourceID)
	if err != nil {
		return nil, err
	}
	var all []greenroom.PayloadField
	err = scan(rows, func() error {
		var f greenroom.PayloadField
		var first, last int64
		err := rows.Scan(&f.Record, &f.Path, &f.Type, &f.FirstSample, &f.LastSample, &f.Seen, &first, &last, &f.Samples)
		f.FirstAt, f.LastAt = fromMicros(first), fromMicros(last)
		all = append(all, f)
		return err
	})
	return all, err
}
