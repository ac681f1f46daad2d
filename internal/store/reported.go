// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/reported"
)

// Reported lists figures of a metric as they were reported, in order of time.
func (s *Store) Reported(ctx context.Context, metric string, version int, by analytics.Granularity, zone string, from, to time.Time) ([]reported.Figure, error) {
	rows, err := s.query(ctx, "SELECT from_at, to_at, value, n, at, activity, decision FROM reported_figure WHERE metric = ? AND version = ? AND by = ? AND zone = ? AND from_at >= ? AND from_at < ? ORDER BY from_at",
		metric, version, string(by), zone, micros(by.Start(from)), micros(to))
	if err != nil {
		return nil, err
	}
	var all []reported.Figure
	err = scan(rows, func() error {
		f := reported.Figure{Metric: metric, Version: version, By: by, Zone: zone}
		var start, end, at int64
		var value string
		if err := rows.Scan(&start, &end, &value, &f.N, &at, &f.Activity, &f.Decision); err != nil {
			return fmt.Errorf("reading a figure: %w", err)
		}
		f.From, f.To, f.At = fromMicros(start), fromMicros(end), fromMicros(at)
		if value != "" {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return fmt.Errorf("reading a figure: %w", err)
			}
			f.Value = &v
		}
		all = append(all, f)
		return nil
	})
	return all, err
}

// IsReported tells whether any figure of a period is kept.
func (s *Store) IsReported(ctx context.Context, by analytics.Granularity, zone string, from time.Time) (bool, error) {
	var n int64
	err := s.queryRow(ctx, "SELECT count(*) FROM reported_figure WHERE by = ? AND zone = ? AND from_at = ?", []any{string(by), zone, micros(from)}, &n)
	return n > 0, err
}

// KeepReported stores figures with what they rest on.
func (s *Store) KeepReported(ctx context.Context, all []reported.Figure) error {
	return s.write(ctx, func(w *writer) error {
		var activity, decision int64
		if err := w.row("SELECT coalesce((SELECT max(id) FROM activity), 0), coalesce((SELECT max(id) FROM decision), 0)", nil, &activity, &decision); err != nil {
			return err
		}
		for i := range all {
			f := &all[i]
			value := ""
			if f.Value != nil {
				value = strconv.FormatFloat(*f.Value, 'g', -1, 64)
			}
			if _, err := w.exec("INSERT INTO reported_figure (metric, version, by, zone, from_at, to_at, value, n, at, activity, decision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
				f.Metric, f.Version, string(f.By), f.Zone, micros(f.From), micros(f.To), value, f.N, micros(f.At), activity, decision); err != nil {
				return err
			}
		}
		return nil
	})
}

// SinceReported counts what came after a figure was kept.
func (s *Store) SinceReported(ctx context.Context, f *reported.Figure) (since reported.Since, err error) {
	err = s.queryRow(ctx, "SELECT (SELECT count(*) FROM activity WHERE id > ? AND occurred_at >= ? AND occurred_at < ?), (SELECT count(*) FROM decision WHERE id > ?)",
		[]any{f.Activity, micros(f.From), micros(f.To), f.Decision}, &since.Late, &since.Decisions)
	return since, err
}
